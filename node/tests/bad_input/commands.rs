//! Commands that look at a database or make a specification, and what they say to nonsense.

use crate::node::{directory, vigil, Node};
use serde_json::Value;
use std::path::Path;

/// What a command on the database in `dir` prints, and whether it succeeded.
fn on_database(dir: &Path, args: &[&str]) -> (bool, String) {
	let (command, rest) = args.split_first().expect("a command");
	let ended = vigil()
		.args([command, "--chain", "dev", "--base-path"])
		.arg(dir)
		.args(rest)
		.output()
		.expect("the node runs");
	let said = [&ended.stdout[..], &ended.stderr[..]].concat();
	(
		ended.status.success(),
		String::from_utf8_lossy(&said).into_owned(),
	)
}

#[test]
fn blocks_of_a_database_are_checked_again_and_those_that_are_not_there_named() {
	let dir = directory();
	let node = Node::dev(dir.path(), &["--state-pruning", "archive"]);
	let (number, hash) = node.finalises(3);
	node.stop();

	let (well, said) = on_database(dir.path(), &["check-block", "2"]);
	assert!(well, "{said}");
	for wrong in ["999999", "two"] {
		let (well, said) = on_database(dir.path(), &["check-block", wrong]);
		assert!(!well && !said.contains("panicked"), "{said}");
		assert!(!said.contains("purge-chain"), "{said}");
	}
	let (well, said) = on_database(dir.path(), &["chain-info"]);
	assert!(well && said.contains(&hash[2..]), "{said}");

	// Nothing of it was lost.
	Node::dev(dir.path(), &["--state-pruning", "archive"]).finalises(number + 1);
}

#[test]
fn both_commands_for_specifications_make_the_same() {
	let dir = directory();
	// The older one would add this machine to the nodes that others look for first.
	let commands = [
		&["build-spec", "--disable-default-bootnode"][..],
		&["export-chain-spec"],
	];
	let made = commands.map(|command| {
		let output = vigil()
			.args(command)
			.args(["--raw", "--chain", "local"])
			.current_dir(&dir)
			.output();
		let output = output.expect("the node runs");
		assert!(output.status.success(), "{output:?}");
		serde_json::from_slice::<Value>(&output.stdout).expect("is JSON")
	});
	assert_eq!(made[0]["id"], "vigil_local");
	assert!(made[0] == made[1]);
}
