//! Peers of another network.

use crate::node::{changed_spec, directory, Node, Setup};

/// A node of the fork with this name meets one of another chain.
fn meets_a_stranger(fork: Option<&str>) {
	let (ours, theirs) = (directory(), directory());
	let spec = changed_spec(ours.path(), "dev", |spec| {
		if let Some(fork) = fork {
			spec["forkId"] = fork.into();
		}
		let accounts = "/genesis/runtimeGenesis/patch/balances/balances";
		let accounts = spec.pointer_mut(accounts).and_then(|it| it.as_array_mut());
		accounts.expect("there are accounts").pop();
	});
	let theirs = Node::dev(theirs.path(), &[]);
	let address = theirs.address();
	let ours = Setup::new(ours.path(), &["--chain", &spec, "--alice"])
		.args(&["--force-authoring", "--bootnodes", &address])
		.identity(7)
		.start();

	let peer = address
		.rsplit('/')
		.next()
		.expect("ends in the peer's identity");
	let said = ours.says(&[peer, "is on a different chain"]);
	for node in [&ours, &theirs] {
		let genesis = node.hash(0);
		assert!(said.contains(genesis.as_str().expect("a hash")), "{said}");
	}
	assert!(said.contains("Compare the chain specifications"), "{said}");
	ours.goes_on(2);
	theirs.goes_on(2);
}

#[test]
fn a_peer_on_another_chain_is_named_with_both_genesis_hashes_and_the_node_goes_on() {
	meets_a_stranger(None);
}

#[test]
fn a_node_of_a_named_fork_names_such_a_peer_too() {
	meets_a_stranger(Some("b"));
}

/// The older network back end speaks with the default one.
#[test]
fn a_node_with_the_other_network_backend_follows() {
	let (ours, theirs) = (directory(), directory());
	let theirs = Node::dev(theirs.path(), &[]);
	theirs.says(&["Running litep2p network backend"]);
	let address = theirs.address();
	let ours = Setup::new(ours.path(), &["--chain", "dev", "--bootnodes", &address])
		.args(&["--network-backend", "libp2p"])
		.start();
	ours.says(&["Running libp2p network backend"]);
	let (number, hash) = ours.finalises(5);
	assert_eq!(theirs.hash(number), hash.as_str());
}
