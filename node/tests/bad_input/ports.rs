//! Ports that somebody else uses. The SDK takes another port, or none, and says nothing.

use crate::node::{directory, free_port, Setup};
use std::net::{Ipv4Addr, TcpListener};

/// What a node says that wants a taken port, which `want` tells it.
fn refused(want: impl FnOnce(Setup, u16) -> Setup) -> (u16, String) {
	let dir = directory();
	let port = free_port();
	let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("is free");
	let setup = Setup::new(dir.path(), &["--dev"]);
	(port, want(setup, port).refused())
}

fn assert_explained((port, said): (u16, String), purpose: &str, flag: &str) {
	let expected = format!("port {port} of 127.0.0.1 is wanted for {purpose}");
	assert!(said.contains(&expected), "{said}");
	assert!(said.contains("another program listens there"), "{said}");
	assert!(said.contains(flag), "{said}");
}

#[test]
fn a_taken_rpc_port_is_an_error_that_names_port_and_flag() {
	let refused = refused(|setup, port| setup.rpc_port(port));
	assert_explained(refused, "RPC", "--rpc-port");
}

#[test]
fn a_taken_network_port_is_an_error_that_names_port_and_flag() {
	let refused = refused(|setup, port| setup.p2p_port(port));
	assert_explained(refused, "the network", "--listen-addr");
}

#[test]
fn a_taken_prometheus_port_is_an_error_that_names_port_and_flag() {
	let refused = refused(|setup, port| setup.args(&["--prometheus-port", &port.to_string()]));
	assert_explained(refused, "Prometheus", "--prometheus-port");
}

#[test]
fn a_second_node_on_the_same_ports_leaves_the_first_alone() {
	let (first, second) = (directory(), directory());
	let running = Setup::new(first.path(), &["--dev"]).start();
	let (rpc, p2p) = (running.rpc_port(), running.p2p_port());
	let said = Setup::new(second.path(), &["--dev"])
		.rpc_port(rpc)
		.p2p_port(p2p)
		.refused();
	assert!(said.contains("Is the node already running?"), "{said}");
	running.goes_on(2);
}
