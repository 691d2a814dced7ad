//! Witnesses that could vote twice.

use crate::{
	databases::{copy, purge},
	node::{changed_spec, directory, until, vigil, Node, Setup},
};
use serde_json::json;
use std::{
	fs,
	path::{Path, PathBuf},
};

/// What a chain keeps, below the base path.
const CHAIN: &str = "chains/vigil_dev";
const DATABASE: &str = "paritydb/full";
const REFUSAL: &str = "This node does not vote with the key";

/// Alice alone, on a network that is not for tests.
fn witness(base: &Path, spec: &str) -> Setup {
	let flags = ["--chain", spec, "--alice", "--force-authoring"];
	Setup::new(base, &flags).identity(1)
}

/// A network of Alice alone that is not for tests, and where she lives.
fn live(dir: &Path) -> (String, PathBuf) {
	let live = |spec: &mut serde_json::Value| spec["chainType"] = json!("Live");
	let spec = changed_spec(dir, "dev", live);
	let base = dir.join("node");
	fs::create_dir(&base).expect("made");
	(spec, base)
}

/// Blocks are made, and nothing becomes final.
fn makes_blocks_only(node: &Node) {
	let last_final = node.last_final().0;
	let number = last_final + 8;
	until(
		|| format!("block {number}"),
		|| node.hash(number).as_str().map(drop),
	);
	assert_eq!(node.last_final().0, last_final, "{}", node.log());
}

fn assert_silent(node: &Node) {
	let said = node.says(&[REFUSAL]);
	assert!(said.contains("rotate the session keys"), "{said}");
	assert!(said.contains("witness-record"), "{said}");
	makes_blocks_only(node);
}

#[test]
fn a_witness_votes_only_with_the_database_that_knows_its_votes() {
	let dir = directory();
	let (spec, base) = live(dir.path());
	let chain = base.join(CHAIN);

	for _ in 0..2 {
		let node = witness(&base, &spec).start();
		node.goes_on(3);
		node.stop();
	}
	let old = dir.path().join("old");
	copy(&chain.join(DATABASE), &old);
	purge(&base, &spec);
	let record = chain.join("keystore/witness-record");
	assert!(record.exists(), "the record outlives the database");
	for _ in 0..2 {
		let node = witness(&base, &spec).start();
		assert_silent(&node);
		node.stop();
	}

	// The old one, moved away after its last run, knows all votes.
	fs::remove_dir_all(chain.join(DATABASE)).expect("removed");
	fs::rename(&old, chain.join(DATABASE)).expect("put back");
	let node = witness(&base, &spec).start();
	node.goes_on(3);
	assert!(!node.log().contains(REFUSAL), "{}", node.log());
	node.stop();

	// Nobody knows what a damaged record said.
	let whole = fs::read(&record).expect("is there");
	fs::write(&record, &whole[..whole.len() / 2]).expect("written");
	let node = witness(&base, &spec).start();
	let said = node.says(&["does not vote", "is damaged"]);
	assert!(said.contains("Rotate the session keys"), "{said}");
	node.stop();

	// The operator may know better.
	fs::remove_file(&record).expect("removed");
	witness(&base, &spec).start().goes_on(3);
}

#[test]
fn a_database_that_was_reverted_has_forgotten_its_votes() {
	let dir = directory();
	let (spec, base) = live(dir.path());
	let revert = || {
		let reverted = vigil()
			.args(["revert", "4", "--chain", &spec, "--base-path"])
			.arg(&base)
			.output()
			.expect("the node runs");
		assert!(reverted.status.success(), "{reverted:?}");
	};
	let node = witness(&base, &spec).start();
	node.goes_on(3);
	node.stop();
	let node = witness(&base, &spec).args(&["--no-grandpa"]).start();
	makes_blocks_only(&node);
	node.stop();
	revert();
	let node = witness(&base, &spec).start();
	assert_silent(&node);
	node.stop();
}

#[test]
fn a_witness_that_shall_not_vote_does_not() {
	let dir = directory();
	let flags = ["--chain", "dev", "--alice", "--force-authoring"];
	let silent = [&flags[..], &["--no-grandpa"]].concat();
	let node = Setup::new(dir.path(), &silent).identity(1).start();
	makes_blocks_only(&node);
	node.stop();
	Setup::new(dir.path(), &flags)
		.identity(1)
		.start()
		.goes_on(3);
}

#[test]
fn a_producer_that_shall_not_vote_follows_those_who_do() {
	let dir = directory();
	let flags = ["--chain", "dev", "--alice", "--force-authoring"];
	let alice = Setup::new(dir.path(), &flags).identity(1).start();
	let address = alice.address();
	let dir = directory();
	let flags = [
		"--chain",
		"dev",
		"--bob",
		"--no-grandpa",
		"--bootnodes",
		&address,
	];
	let bob = Setup::new(dir.path(), &flags).identity(2).start();
	bob.finalises(10);
}
