//! The chain specifications in `chain-specs/` are what this tree makes, but for the wasm.
//!
//! Two compilers make two different wasms of the same runtime, so the code in the files is compared
//! with nothing: the rest of genesis is, and the files must agree with each other.
//!
//! `UPDATE_CHAIN_SPECS=1 scripts/test chain_specs` writes the files anew, when a change was meant.

use codec::Decode;
use sc_chain_spec::{construct_genesis_block, GenericChainSpec};
use serde_json::Value;
use sp_core::storage::well_known_keys::CODE;
use sp_runtime::{
	traits::{BlakeTwo256, Hash},
	BuildStorage, StateVersion,
};
use sp_trie::{LayoutV1, TrieConfiguration};
use sp_version::RuntimeVersion;
use std::{
	collections::BTreeSet,
	path::{Path, PathBuf},
	process::Command,
};
use vigil_runtime::opaque::Block;

/// Networks and what they are for.
const NETWORKS: [(&str, &str); 3] = [
	("dev", "One node that does everything: `vigil-node --dev`"),
	(
		"local",
		"The six nodes of `scripts/run`: four producers, four witnesses, two of them both",
	),
	(
		"staging",
		"The lengths of a live network, for rehearsals: periods of ten minutes, epochs of a day",
	),
];

fn folder(network: &str) -> PathBuf {
	Path::new(env!("CARGO_MANIFEST_DIR"))
		.join("../chain-specs")
		.join(network)
}

/// What `vigil-node export-chain-spec` writes.
fn export(chain: &str, raw: bool) -> Value {
	let mut command = Command::new(env!("CARGO_BIN_EXE_vigil-node"));
	command.args(["export-chain-spec", "--chain", chain]);
	if raw {
		command.arg("--raw");
	}
	let output = command.output().expect("the node runs");
	assert!(
		output.status.success(),
		"{}",
		String::from_utf8_lossy(&output.stderr)
	);
	serde_json::from_slice(&output.stdout).expect("the node writes JSON")
}

fn read(path: &Path) -> String {
	std::fs::read_to_string(path).unwrap_or_else(|error| {
		let path = path.display();
		panic!("{path}: {error}. Write it with UPDATE_CHAIN_SPECS=1 scripts/test chain_specs")
	})
}

fn read_json(path: &Path) -> Value {
	serde_json::from_str(&read(path)).expect("a chain specification is JSON")
}

/// Take the code out of a specification, plain or raw.
fn take_code(spec: &mut Value) -> Value {
	let genesis = &mut spec["genesis"];
	if let Some(plain) = genesis.get_mut("runtimeGenesis") {
		return plain["code"].take();
	}
	let key = format!("0x{}", hex(CODE));
	genesis["raw"]["top"]
		.as_object_mut()
		.expect("is raw")
		.remove(&key)
		.expect("has code")
}

fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Genesis hash and wasm hash of a raw specification.
fn hashes(raw: &Value) -> (String, String) {
	let bytes = serde_json::to_vec(raw).expect("serializes");
	let spec: GenericChainSpec = GenericChainSpec::from_json_bytes(bytes).expect("reads");
	let storage = spec.build_storage().expect("is raw");
	let code = BlakeTwo256::hash(&storage.top[CODE]);
	let root = LayoutV1::<BlakeTwo256>::trie_root(storage.top);
	let block = construct_genesis_block::<Block>(root, StateVersion::V1);
	(
		format!("{:?}", block.header.hash()),
		format!("0x{}", hex(code.as_bytes())),
	)
}

fn readme(network: &str, purpose: &str, (genesis, wasm): (String, String)) -> String {
	format!(
		"# {network}\n\n\
		 {purpose}.\n\n\
		 Made by `UPDATE_CHAIN_SPECS=1 scripts/test chain_specs`, which runs\n\
		 `vigil-node export-chain-spec --chain {network}` for `plain.json`, and the same with `--raw` for `raw.json`.\n\
		 Accounts and keys are the well-known ones of the SDK's keyring: anybody can sign for them, nothing here has value.\n\n\
		 Another version of the compiler makes another wasm, and so another genesis: who joins a network uses its `raw.json`,\n\
		 not `--chain {network}` of a node built elsewhere.\n\n\
		 | What | blake2-256 |\n\
		 | --- | --- |\n\
		 | genesis block | `{genesis}` |\n\
		 | wasm in it | `{wasm}` |\n"
	)
}

/// Write the files of a network as this tree makes them.
fn update(network: &str, purpose: &str) {
	let folder = folder(network);
	std::fs::create_dir_all(&folder).expect("can be made");
	let write = |name: &str, text: String| {
		std::fs::write(folder.join(name), text).expect("can be written");
	};
	let pretty = |spec: &Value| serde_json::to_string_pretty(spec).expect("serializes") + "\n";
	write("plain.json", pretty(&export(network, false)));
	let raw = export(folder.join("plain.json").to_str().expect("utf-8"), true);
	write("raw.json", pretty(&raw));
	write("README.md", readme(network, purpose, hashes(&raw)));
}

/// Fails with the places that differ, not with a megabyte of JSON.
fn assert_same(network: &str, what: &str, stored: &Value, made: &Value) {
	let mut found = Vec::new();
	differences("", stored, made, &mut found);
	assert!(
		found.is_empty(),
		"chain-specs/{network}/{what} is not what this tree makes: {found:#?}\n\
		 If the change was meant, write it anew with UPDATE_CHAIN_SPECS=1 scripts/test chain_specs"
	);
}

fn differences(path: &str, left: &Value, right: &Value, found: &mut Vec<String>) {
	match (left, right) {
		(Value::Object(left), Value::Object(right)) => {
			let keys: BTreeSet<_> = left.keys().chain(right.keys()).collect();
			for key in keys {
				let (left, right) = (left.get(key), right.get(key));
				let (left, right) = (left.unwrap_or(&Value::Null), right.unwrap_or(&Value::Null));
				differences(&format!("{path}/{key}"), left, right, found);
			}
		}
		_ if left == right => (),
		_ => found.push(path.to_owned()),
	}
}

/// Whether the files are to be written anew. One test does it; the others would read half of them.
fn updating() -> bool {
	std::env::var_os("UPDATE_CHAIN_SPECS").is_some()
}

#[test]
fn chain_specs_are_what_this_tree_makes() {
	for (network, purpose) in NETWORKS {
		if updating() {
			update(network, purpose);
		}
		for (name, is_raw) in [("plain.json", false), ("raw.json", true)] {
			let mut stored = read_json(&folder(network).join(name));
			let mut made = export(network, is_raw);
			take_code(&mut stored);
			take_code(&mut made);
			assert_same(network, name, &stored, &made);
		}
	}
}

#[test]
fn chain_specs_agree_with_themselves_and_their_readmes() {
	if updating() {
		return;
	}
	for (network, purpose) in NETWORKS {
		let folder = folder(network);
		let raw = read_json(&folder.join("raw.json"));
		let again = export(folder.join("plain.json").to_str().expect("utf-8"), true);
		assert_same(network, "raw.json", &raw, &again);
		assert_eq!(
			read(&folder.join("README.md")),
			readme(network, purpose, hashes(&raw)),
			"chain-specs/{network}/README.md does not name the hashes of raw.json"
		);
	}
}

#[test]
fn chain_specs_hold_this_version_of_the_runtime() {
	if updating() {
		return;
	}
	for (network, _) in NETWORKS {
		let mut plain = read_json(&folder(network).join("plain.json"));
		let code = take_code(&mut plain);
		let code = sp_core::bytes::from_hex(code.as_str().expect("hex")).expect("hex");
		let wasm = sp_maybe_compressed_blob::decompress(&code, 64 << 20).expect("unpacks");
		let version = embedded_version(&wasm).expect("has a version");
		assert_eq!(
			version.spec_version,
			vigil_runtime::VERSION.spec_version,
			"chain-specs/{network} holds another version: UPDATE_CHAIN_SPECS=1 scripts/test chain_specs"
		);
	}
}

/// The version in the custom section of that name. The name stands elsewhere in the wasm too, but
/// not before a version of Vigil.
fn embedded_version(wasm: &[u8]) -> Option<RuntimeVersion> {
	let name = b"runtime_version";
	let behind = |at| wasm.get(at + name.len()..);
	let named = wasm
		.windows(name.len())
		.enumerate()
		.filter(|(_, window)| window == name);
	named
		.filter_map(|(at, _)| RuntimeVersion::decode(&mut behind(at)?).ok())
		.find(|version| version.spec_name == "vigil")
}
