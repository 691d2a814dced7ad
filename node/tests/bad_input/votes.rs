//! Witnesses that could vote twice.

use crate::{
	databases::{copy, purge},
	node::{changed_spec, directory, until, Node, Setup},
};
use serde_json::json;
use std::{fs, path::Path};

/// What a chain keeps, below the base path.
const CHAIN: &str = "chains/vigil_dev";
const DATABASE: &str = "paritydb/full";
const REFUSAL: &str = "This node does not vote with the key";

/// Alice alone, on a network that is not for tests.
fn witness(base: &Path, spec: &str) -> Setup {
	let flags = ["--chain", spec, "--alice", "--force-authoring"];
	Setup::new(base, &flags).identity(1)
}

/// Blocks are made, and nothing becomes final.
fn assert_silent(node: &Node) {
	let said = node.says(&[REFUSAL]);
	assert!(said.contains("rotate the session keys"), "{said}");
	assert!(said.contains("witness-record"), "{said}");
	until(|| "block 8".into(), || node.hash(8).as_str().map(drop));
	assert_eq!(node.last_final().0, 0, "{}", node.log());
}

#[test]
fn a_witness_votes_only_with_the_database_that_knows_its_votes() {
	let dir = directory();
	let live = |spec: &mut serde_json::Value| spec["chainType"] = json!("Live");
	let spec = changed_spec(dir.path(), "dev", live);
	let base = dir.path().join("node");
	fs::create_dir(&base).expect("made");
	let chain = base.join(CHAIN);

	for _ in 0..2 {
		let node = witness(&base, &spec).start();
		node.goes_on(3);
		node.stop();
	}
	let old = dir.path().join("old");
	copy(&chain.join(DATABASE), &old);
	purge(&base, &spec);
	let record = chain.join("witness-record");
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
