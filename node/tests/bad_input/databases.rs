//! Databases that are damaged, and nodes that end without warning.

use crate::node::{directory, until, vigil, Node, Setup};
use std::{
	fs::{self, OpenOptions},
	io::{Read, Seek, SeekFrom, Write},
	path::{Path, PathBuf},
	process::Command,
};

/// Where `--dev` keeps it, below the base path.
const DATABASE: &str = "chains/vigil_dev/paritydb/full";
const ADVICE: &str = "restore a backup, or remove the database with `vigil-node purge-chain`";

/// Copy `from` to `to`, holes included: most of a young database is holes.
pub(crate) fn copy(from: &Path, to: &Path) {
	let copied = Command::new("cp")
		.args(["-r", "--sparse=always"])
		.arg(from)
		.arg(to)
		.status();
	assert!(copied.expect("cp runs").success());
}

/// Remove the database of `chain`, as an operator does.
pub(crate) fn purge(base: &Path, chain: &str) {
	let purged = vigil()
		.args(["purge-chain", "--chain", chain, "-y", "--base-path"])
		.arg(base)
		.output()
		.expect("the node runs");
	assert!(purged.status.success(), "{purged:?}");
}

/// The files of a database whose names begin so.
fn files(base: &Path, prefix: &str) -> Vec<PathBuf> {
	let entries = fs::read_dir(base.join(DATABASE)).expect("is there");
	entries
		.map(|entry| entry.expect("is there").path())
		.filter(|path| {
			let name = path.file_name().expect("has a name");
			name.to_string_lossy().starts_with(prefix)
		})
		.collect()
}

/// Overwrite what a file holds beyond its head.
fn scramble(path: &Path) {
	const HEAD: u64 = 32;
	let mut file = OpenOptions::new()
		.read(true)
		.write(true)
		.open(path)
		.expect("opens");
	let mut bytes = vec![0; 60_000];
	file.seek(SeekFrom::Start(HEAD)).expect("is longer");
	let read = file.read(&mut bytes).expect("is read");
	bytes[..read].iter_mut().for_each(|byte| *byte ^= 0x5a);
	file.seek(SeekFrom::Start(HEAD)).expect("is longer");
	file.write_all(&bytes[..read]).expect("is written");
}

/// Every hash up to the last final block.
fn final_hashes(node: &Node) -> Vec<String> {
	let (last, _) = node.last_final();
	(0..=last)
		.map(|number| node.hash(number).as_str().expect("a hash").into())
		.collect()
}

fn assert_kept(node: &Node, hashes: &[String]) {
	let last = hashes.len() as u64 - 1;
	node.finalises(last);
	let now = final_hashes(node);
	assert_eq!(now[..hashes.len()], *hashes, "final blocks were replaced");
}

/// A supervisor starts a node again that ended. What an attempt to open the database removed must
/// not make it a new one.
fn refused_twice(base: &Path, what: &str) {
	for _ in 0..2 {
		let said = Setup::new(base, &["--dev"]).refused();
		assert!(said.contains(ADVICE), "{what}: {said}");
		assert!(!said.contains("Initializing Genesis"), "{what}: {said}");
	}
}

#[test]
fn a_damaged_database_is_refused_and_its_copy_has_all_that_was_final() {
	let whole = directory();
	let base = whole.path().join("node");
	fs::create_dir(&base).expect("made");
	let node = Node::dev(&base, &[]);
	node.finalises(6);
	let hashes = final_hashes(&node);
	node.stop();
	assert_ne!(files(&base, "table_04_"), [] as [PathBuf; 0]);
	let backup = whole.path().join("backup");
	copy(&base, &backup);

	type Damage = fn(&Path);
	let damages: [(&str, Damage); 7] = [
		("metadata cut off", |base| {
			let path = base.join(DATABASE).join("metadata");
			let file = OpenOptions::new().write(true).open(path).expect("opens");
			file.set_len(100).expect("is cut");
		}),
		("metadata overwritten", |base| {
			fs::write(base.join(DATABASE).join("metadata"), [0xff; 900]).expect("written");
		}),
		("metadata gone", |base| {
			fs::remove_file(base.join(DATABASE).join("metadata")).expect("removed");
		}),
		("indices emptied", |base| {
			files(base, "index_")
				.iter()
				.for_each(|path| fs::write(path, "").expect("written"));
		}),
		("tables cut off", |base| {
			for path in files(base, "table_") {
				let file = OpenOptions::new().write(true).open(path).expect("opens");
				file.set_len(1_000).expect("is cut");
			}
		}),
		("state overwritten", |base| {
			files(base, "table_01").iter().for_each(|it| scramble(it))
		}),
		("all tables overwritten", |base| {
			files(base, "table_").iter().for_each(|it| scramble(it))
		}),
	];
	for (what, damage) in damages {
		let dir = directory();
		let damaged = dir.path().join("node");
		copy(&backup, &damaged);
		damage(&damaged);
		refused_twice(&damaged, what);
	}

	let restored = Node::dev(&backup, &[]);
	assert_kept(&restored, &hashes);
	restored.goes_on(2);
}

#[test]
fn a_database_that_is_in_its_log_only_is_not_begun_anew() {
	type Damage = fn(&Path);
	let damages: [(&str, Damage); 2] = [
		("metadata gone", |base| {
			fs::remove_file(base.join(DATABASE).join("metadata")).expect("removed");
		}),
		("log overwritten", |base| {
			files(base, "log").iter().for_each(|it| scramble(it))
		}),
	];
	for (what, damage) in damages {
		let dir = directory();
		let node = Node::dev(dir.path(), &[]);
		node.finalises(2);
		node.kill();
		assert!(
			files(dir.path(), "table_04_").is_empty(),
			"{what}: not in tables yet"
		);
		damage(dir.path());
		refused_twice(dir.path(), what);
	}
}

/// The SDK's RPC ends in the background, and took the database along unfinished.
#[test]
fn a_node_that_is_stopped_closes_its_database() {
	let dir = directory();
	for round in 0..6 {
		let node = Node::dev(dir.path(), &[]);
		node.goes_on(1);
		node.stop();
		assert_eq!(files(dir.path(), "log"), [] as [PathBuf; 0], "{round}");
	}
}

#[test]
fn what_is_final_outlives_a_kill() {
	let dir = directory();
	let mut hashes = Vec::new();
	for _ in 0..3 {
		let node = Node::dev(dir.path(), &[]);
		if !hashes.is_empty() {
			assert_kept(&node, &hashes);
		}
		node.goes_on(4);
		hashes = final_hashes(&node);
		node.kill();
	}
	assert_kept(&Node::dev(dir.path(), &[]), &hashes);
}

#[test]
fn a_database_in_use_is_refused_and_its_user_goes_on() {
	let dir = directory();
	let node = Node::dev(dir.path(), &[]);
	let said = Setup::new(dir.path(), &["--dev"]).refused();
	assert!(said.contains("Another node uses this database"), "{said}");
	assert!(!said.contains("is not closed"), "it is not ours: {said}");
	assert!(said.contains("--base-path"), "{said}");
	node.goes_on(2);
}

#[test]
fn an_interrupted_first_start_can_be_repeated() {
	let dir = directory();
	let node = Setup::new(dir.path(), &["--dev"]).spawn();
	let metadata = dir.path().join(DATABASE).join("metadata");
	until(|| "a database".into(), || metadata.exists().then_some(()));
	node.kill();
	// Either the genesis was written in time, or the node says how to begin again.
	let mut node = Setup::new(dir.path(), &["--dev"]).spawn();
	let started = until(
		|| format!("a decision: {}", node.log()),
		|| {
			let log = node.log();
			let refused = log.contains(ADVICE);
			(refused || log.contains("Imported #1")).then_some(!refused)
		},
	);
	if started {
		return;
	}
	node.ended();
	purge(dir.path(), "dev");
	Node::dev(dir.path(), &[]).finalises(1);
}
