//! The JavaScript clients in `clients/`, run as programs.

use anyhow::{ensure, Context, Result};
use serde_json::Value;
use std::{
	env, fs,
	hash::{DefaultHasher, Hash, Hasher},
	os::unix::fs::symlink,
	path::{Path, PathBuf},
	process::Stdio,
	time::Duration,
};
use tokio::{process::Command, time::timeout};

/// Runs `clients/<check>.mjs` with `args` and gives the report it prints. Fails when that takes
/// more than `seconds`, the installation of the clients not counted.
pub async fn client(check: &str, args: &[&str], seconds: u64) -> Result<Value> {
	let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
	install(&clients).await?;
	// On the same leash as the nodes.
	let running = Command::new("setpriv")
		.args(["--pdeathsig", "KILL", "--", "node"])
		.arg(clients.join(format!("{check}.mjs")))
		.args(args)
		.stdin(Stdio::null())
		.kill_on_drop(true)
		.output();
	let output = timeout(Duration::from_secs(seconds), running)
		.await
		.with_context(|| format!("{check} did not finish within {seconds} s"))?
		.context("cannot run node: is Node.js 20 or newer installed?")?;
	let errors = String::from_utf8_lossy(&output.stderr);
	ensure!(output.status.success(), "{check} failed:\n{errors}");
	// Clients have loggers of their own that write to the same place.
	let said = String::from_utf8_lossy(&output.stdout);
	let report = said.lines().find_map(|line| line.strip_prefix("report: "));
	let report = report.with_context(|| format!("{check} reports nothing:\n{said}\n{errors}"))?;
	serde_json::from_str(report).with_context(|| format!("{check} reports {report}"))
}

/// Installs what `clients/package-lock.json` lists, once for every version of that file, beside the
/// other caches of this project rather than in the clone; `clients/node_modules` leads there.
async fn install(clients: &Path) -> Result<()> {
	let lockfile = fs::read(clients.join("package-lock.json"))?;
	let mut hasher = DefaultHasher::new();
	lockfile.hash(&mut hasher);
	let store = cache()?.join(format!("clients-{:016x}", hasher.finish()));

	if !store.exists() {
		// Under another name until it is complete.
		let unfinished = store.with_extension(std::process::id().to_string());
		let installed = fetch(clients, &unfinished).await;
		if installed.is_err() || fs::rename(&unfinished, &store).is_err() {
			fs::remove_dir_all(&unfinished)?;
		}
		installed?;
	}

	let modules = clients.join("node_modules");
	let wanted = store.join("node_modules");
	if fs::read_link(&modules).is_ok_and(|link| link == wanted)
		|| modules.is_dir() && !modules.is_symlink()
	{
		return Ok(());
	}
	let _ = fs::remove_file(&modules);
	symlink(&wanted, &modules).with_context(|| format!("cannot link {}", modules.display()))
}

/// Installs the locked packages in `store`. Not by `npm ci`: it insists on the binaries of every
/// platform, which not every registry mirror has, and none is needed here.
async fn fetch(clients: &Path, store: &Path) -> Result<()> {
	fs::create_dir_all(store)?;
	for file in ["package.json", "package-lock.json", ".npmrc"] {
		fs::copy(clients.join(file), store.join(file))?;
	}
	eprintln!("installing the JavaScript clients in {}", store.display());
	let output = Command::new("npm")
		.args(["install", "--omit=optional"])
		.current_dir(store)
		.stdin(Stdio::null())
		.output()
		.await
		.context("cannot run npm: is Node.js 20 or newer installed?")?;
	let errors = String::from_utf8_lossy(&output.stderr);
	ensure!(output.status.success(), "npm install failed:\n{errors}");
	Ok(())
}

/// The directory of the project's caches on this machine: the one that the scripts use.
pub(crate) fn cache() -> Result<PathBuf> {
	if let Some(cache) = env::var_os("VIGIL_CACHE") {
		return Ok(cache.into());
	}
	let home = env::var_os("HOME").context("neither VIGIL_CACHE nor HOME is set")?;
	Ok(Path::new(&home).join(".cache/vigil"))
}
