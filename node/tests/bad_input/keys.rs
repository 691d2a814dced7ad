//! Keys that are missing.

use crate::node::{directory, Setup};

#[test]
fn a_producer_without_keys_is_told_how_to_get_them() {
	let dir = directory();
	let node = Setup::new(dir.path(), &["--chain", "local", "--validator"])
		.identity(1)
		.start();
	let said = node.says(&["The keystore holds no aura and no grandpa key"]);
	assert!(said.contains("author_rotateKeysWithOwner"), "{said}");
	assert!(said.contains("session.setKeys"), "{said}");
	assert!(said.contains("key insert"), "{said}");
}

#[test]
fn an_authority_without_a_network_key_is_told_how_to_make_one() {
	let dir = directory();
	let said = Setup::new(dir.path(), &["--chain", "local", "--validator"]).refused();
	assert!(said.contains("secret_ed25519"), "{said}");
	assert!(said.contains("vigil-node key generate-node-key"), "{said}");
}
