//! What a network needs before its first node starts: a directory, a chain spec, a leash.

use crate::{clients::cache, STAKERS};
use anyhow::{ensure, Context, Result};
use serde_json::Value;
use std::{
	collections::BTreeMap,
	env, fs,
	os::unix::fs::PermissionsExt,
	path::{Path, PathBuf},
	process::Command,
};

/// The description of the network `local`, see there.
const LOCAL: &str = include_str!("../networks/local.toml");

/// The directory of one story: everything its network writes, logs included.
pub(crate) struct StoryDir(PathBuf);

impl StoryDir {
	/// A fresh directory for `story` under the system's directory for temporary files.
	pub(crate) fn create(story: &str) -> Result<Self> {
		let dir = env::temp_dir().join(format!("vigil-story-{story}-{}", std::process::id()));
		fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
		Ok(Self(dir))
	}

	pub(crate) fn path(&self) -> &Path {
		&self.0
	}

	/// The raw chain spec of the story's network.
	pub(crate) fn chain_spec(&self) -> PathBuf {
		self.0.join("local.raw.json")
	}

	/// The command that zombienet runs as a node, see [`write_leash`].
	fn leash(&self) -> PathBuf {
		self.0.join("vigil-node")
	}

	/// Forgets the story: it went well and nobody will read the logs.
	pub(crate) fn delete(&self) {
		// A directory left behind is untidy, not a failed story.
		let _ = fs::remove_dir_all(&self.0);
	}
}

/// What a story may set about the nodes of its network.
#[derive(Clone)]
pub(crate) struct NodeSettings {
	/// Authoring stops when more blocks than this are not final.
	pub(crate) max_unfinalized: u32,
	/// `--state-pruning`: a number of blocks, or `archive`.
	pub(crate) state_pruning: String,
	/// Periods of an epoch, where the story cannot wait for those of the network.
	pub(crate) epoch_periods: Option<u32>,
	/// Nodes that lie, and how: see `vigil-adversary`.
	pub(crate) liars: BTreeMap<String, String>,
}

/// Prepares `dir` and gives the description of the network, all tokens filled in.
pub(crate) fn prepare(dir: &StoryDir, settings: &NodeSettings) -> Result<String> {
	let node = node_binary()?;
	match settings.epoch_periods {
		None => export_raw_spec(&node, "local", &dir.chain_spec())?,
		Some(periods) => {
			let plain = dir.path().join("local.json");
			export_spec(&node, &["--chain", "local"], &plain)?;
			set_epoch_periods(&plain, periods)?;
			export_raw_spec(&node, &plain.display().to_string(), &dir.chain_spec())?;
		}
	}
	write_leash(&node, &dir.leash())?;
	let mut tokens = vec![
		(
			"BASE_DIR".to_string(),
			dir.path().join("nodes").display().to_string(),
		),
		(
			"CHAIN_SPEC".to_string(),
			dir.chain_spec().display().to_string(),
		),
		("VIGIL_NODE".to_string(), dir.leash().display().to_string()),
		(
			"MAX_UNFINALIZED".to_string(),
			settings.max_unfinalized.to_string(),
		),
		("STATE_PRUNING".to_string(), settings.state_pruning.clone()),
	];
	tokens.extend(STAKERS.iter().map(|node| {
		let conduct = settings.liars.get(*node).cloned();
		let token = format!("CONDUCT_{}", node.to_uppercase());
		(token, conduct.unwrap_or_default())
	}));
	Ok(tokens
		.iter()
		.fold(LOCAL.to_string(), |toml, (token, value)| {
			toml.replace(&format!("{{{{{token}}}}}"), value)
		}))
}

/// The node under test: `VIGIL_NODE`, else the release build in the target directory.
fn node_binary() -> Result<PathBuf> {
	let node = match env::var_os("VIGIL_NODE") {
		Some(node) => PathBuf::from(node),
		None => {
			let given = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
			let target = given.map_or_else(|| cache().map(|cache| cache.join("target")), Ok)?;
			// The stories themselves may have been built in a directory of their own in there.
			let target = target
				.ancestors()
				.find(|dir| !dir.ends_with("zombienet"))
				.unwrap_or(&target);
			target.join("release/vigil-node")
		}
	};
	ensure!(
		node.is_file(),
		"no node at {}: build it (`cargo build --release`) or name it in VIGIL_NODE",
		node.display()
	);
	Ok(node)
}

/// Asks the node for the raw spec of `chain`: zombienet leaves raw specs as they are.
fn export_raw_spec(node: &Path, chain: &str, spec: &Path) -> Result<()> {
	export_spec(node, &["--raw", "--chain", chain], spec)
}

fn export_spec(node: &Path, args: &[&str], spec: &Path) -> Result<()> {
	let output = Command::new(node)
		.arg("export-chain-spec")
		.args(args)
		.arg("--output")
		.arg(spec)
		.output()
		.with_context(|| format!("cannot run {}", node.display()))?;
	ensure!(
		output.status.success(),
		"{} export-chain-spec: {}",
		node.display(),
		String::from_utf8_lossy(&output.stderr)
	);
	Ok(())
}

/// Changes the length of an epoch in a plain chain spec.
fn set_epoch_periods(plain: &Path, periods: u32) -> Result<()> {
	let mut spec: Value = serde_json::from_slice(&fs::read(plain)?)?;
	let genesis = &mut spec["genesis"]["runtimeGenesis"]["patch"];
	let length = genesis.pointer_mut("/timeline/lengths/epochPeriods");
	*length.context("the plain spec has no length of an epoch")? = periods.into();
	fs::write(plain, serde_json::to_vec(&spec)?)?;
	Ok(())
}

/// Writes the command that runs a node on a leash: the kernel kills it together with the thread
/// that started it. Stories run on one thread, so their nodes outlive neither a panic nor a signal
/// to the story, which is more than a destructor can promise.
///
/// It also drops the address with port 0 that zombienet passes on beside the one it made of it:
/// nobody needs a second listener, and its random port may be one that is kept for another node. And
/// it adds the heartbeat key that the network's description names: arguments of one node would replace
/// those of all. A node with a conduct is no node but its liar of a twin.
fn write_leash(node: &Path, leash: &Path) -> Result<()> {
	let adversary = node.with_file_name("vigil-adversary");
	let script = LEASH
		.replace("{{NODE}}", &node.display().to_string())
		.replace("{{ADVERSARY}}", &adversary.display().to_string());
	fs::write(leash, script)?;
	fs::set_permissions(leash, fs::Permissions::from_mode(0o755))?;
	Ok(())
}

const LEASH: &str = r#"#!/bin/sh
flag=
for argument do
	shift
	case "$flag$argument" in
		--listen-addr) flag=--listen-addr; continue ;;
		--listen-addr*/tcp/0 | --listen-addr*/tcp/0/ws) ;;
		--listen-addr*) set -- "$@" "$flag" "$argument" ;;
		*) set -- "$@" "$argument" ;;
	esac
	flag=
done
[ -z "$HEARTBEAT_SURI" ] || set -- "$@" --heartbeat-suri "$HEARTBEAT_SURI"
node='{{NODE}}'
[ -z "$VIGIL_CONDUCT" ] || node='{{ADVERSARY}}'
exec setpriv --pdeathsig KILL -- "$node" "$@"
"#;
