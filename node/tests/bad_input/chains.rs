//! Chains that are not there, and specifications that are not whole.

use crate::node::{changed_spec, directory, vigil, Node, Setup};
use std::{fs::File, os::unix::fs::PermissionsExt, path::Path, process::Command};

/// What a node says to `--chain` with this.
fn refused(chain: &str) -> String {
	let dir = directory();
	Setup::new(dir.path(), &["--chain", chain]).refused()
}

fn text(path: &Path) -> &str {
	path.to_str().expect("utf-8")
}

#[test]
fn an_unknown_chain_is_refused_with_the_names_of_the_known() {
	let said = refused("moon");
	assert!(said.contains("unknown chain `moon`"), "{said}");
	assert!(said.contains("dev, local, staging"), "{said}");
	assert!(said.contains("Check the spelling"), "{said}");
}

#[test]
fn a_specification_that_cannot_be_read_is_refused_with_the_reason() {
	let dir = directory();
	let said = refused(text(dir.path()));
	assert!(said.contains("is a directory"), "{said}");

	let path = dir.path().join("secret.json");
	std::fs::write(&path, "{}").expect("written");
	std::fs::set_permissions(&path, PermissionsExt::from_mode(0o000)).expect("changed");
	let mut node = vigil();
	if std::fs::read(&path).is_ok() {
		// The superuser reads whatever there is, nobody does not.
		node = nobody(node, dir.path());
	}
	let ended = node.args(["--chain", text(&path)]).output().expect("runs");
	let said = String::from_utf8_lossy(&ended.stderr);
	assert!(said.contains("Permission denied"), "{said}");
	assert_eq!(ended.status.code(), Some(1), "{said}");
}

/// The same program for a user who may do nothing but look for files in `dir`. Opened here, because
/// nobody may be kept out of the directory where the program lies.
fn nobody(program: Command, dir: &Path) -> Command {
	std::fs::set_permissions(dir, PermissionsExt::from_mode(0o711)).expect("changed");
	let binary = File::open(program.get_program()).expect("is there");
	let mut command = Command::new("setpriv");
	let user = ["--reuid=65534", "--regid=65534", "--clear-groups"];
	command.args(user).arg("/proc/self/fd/0").stdin(binary);
	command
}

#[test]
fn a_truncated_specification_is_refused_with_the_place_where_it_ends() {
	let dir = directory();
	let path = changed_spec(dir.path(), "local", |_| ());
	let whole = std::fs::read(&path).expect("is there");
	std::fs::write(&path, &whole[..whole.len() / 2]).expect("written");
	let said = refused(&path);
	assert!(said.contains("cannot be read"), "{said}");
	assert!(said.contains("at line 1 column"), "{said}");
	assert!(said.contains("Is the file complete"), "{said}");
}

#[test]
fn a_genesis_that_cannot_be_built_is_refused_and_leaves_nothing_behind() {
	let dir = directory();
	let base = directory();
	let broken = [
		("/code", "\"0xdeadbeef\""),
		("/code", "\"0xnonsense\""),
		("/patch/balances/balances", "\"none\""),
	];
	for (place, value) in broken {
		let path = changed_spec(dir.path(), "dev", |spec| {
			let place = format!("/genesis/runtimeGenesis{place}");
			*spec.pointer_mut(&place).expect("is there") = value.parse().expect("JSON");
		});
		let said = Setup::new(base.path(), &["--chain", &path]).refused();
		assert!(
			said.contains("has a genesis that cannot be built"),
			"{said}"
		);
		assert!(said.contains("export-chain-spec"), "{said}");
		assert!(
			!said.contains("purge-chain"),
			"there is nothing to purge: {said}"
		);
	}
	// The same directory serves once the specification is right.
	Node::dev(base.path(), &[]).finalises(1);
}
