//! Web pages that want to use the node of their reader.

use crate::{
	node::{directory, Node, Setup},
	web::{self, Connection},
};

/// A call that only the node's own operator may make.
const UNSAFE: &str =
	r#"{"jsonrpc":"2.0","id":1,"method":"author_hasKey","params":["0x00","aura"]}"#;
const EVIL: &str = "Origin: https://evil.example";
const GOOD: [&str; 4] = [
	"Origin: https://polkadot.js.org",
	"Origin: http://localhost:3000",
	"Origin: http://127.0.0.1:8080",
	"Origin: http://localhost",
];

/// The node answers the call by its content, so the call was let through.
fn reached(answer: &str) -> bool {
	assert!(answer.contains("jsonrpc"), "{answer}");
	!answer.contains("unsafe to be called externally")
}

fn assert_refused(answer: &web::Answer) {
	assert_eq!(answer.status, 403, "{answer:?}");
	assert!(answer.body.contains("https://evil.example"), "{answer:?}");
	assert!(answer.body.contains("--rpc-cors"), "{answer:?}");
	assert!(!answer.body.contains("jsonrpc"), "{answer:?}");
}

#[test]
fn unsafe_calls_are_refused_by_default_wherever_they_come_from() {
	let dir = directory();
	let node = Node::dev(dir.path(), &[]);
	let port = node.rpc_port();
	for headers in [&[][..], &[GOOD[0]], &[GOOD[1]]] {
		let answer = web::post(port, UNSAFE.as_bytes(), headers).expect("an answer");
		assert!(!reached(&answer.body), "{answer:?}");
		let mut socket = web::socket(port, headers).expect("opens");
		let answer = socket.exchange(UNSAFE);
		assert!(!reached(&answer), "{answer}");
	}
	assert_refused(&web::post(port, UNSAFE.as_bytes(), &[EVIL]).expect("an answer"));
	assert_refused(&web::socket(port, &[EVIL]).err().expect("is refused"));
	node.says(&["Refused", "https://evil.example", "--rpc-cors"]);
	node.says(&["--rpc-methods unsafe"]);
}

#[test]
fn pages_of_strangers_do_not_reach_unsafe_calls_that_were_asked_for() {
	let dir = directory();
	let node = Node::dev(dir.path(), &["--rpc-methods", "unsafe"]);
	let port = node.rpc_port();
	// Programs and known pages do.
	for headers in [&[][..], &[GOOD[0]], &[GOOD[1]], &[GOOD[2]], &[GOOD[3]]] {
		let answer = web::post(port, UNSAFE.as_bytes(), headers).expect("an answer");
		assert!(reached(&answer.body), "{headers:?}: {answer:?}");
		let mut socket = web::socket(port, headers).expect("opens");
		assert!(reached(&socket.exchange(UNSAFE)), "{headers:?}");
	}
	for origin in [
		EVIL,
		"Origin: https://evil.example, http://localhost",
		"oRIGIN:https://evil.example",
	] {
		assert_refused(&web::post(port, UNSAFE.as_bytes(), &[origin]).expect("an answer"));
		assert_refused(&web::socket(port, &[origin]).err().expect("is refused"));
	}
	let sandboxed = web::socket(port, &["Origin: null"])
		.err()
		.expect("is refused");
	assert_eq!(sandboxed.status, 403);
	node.goes_on(2);
}

#[test]
fn a_stranger_cannot_use_a_connection_that_was_opened_for_another_page() {
	let dir = directory();
	let node = Node::dev(dir.path(), &["--rpc-methods", "unsafe"]);
	let mut connection = Connection::open(node.rpc_port()).expect("opens");
	for _ in 0..3 {
		let answer = connection
			.post(UNSAFE.as_bytes(), &[GOOD[0]])
			.expect("an answer");
		assert!(reached(&answer.body), "{answer:?}");
	}
	assert_refused(
		&connection
			.post(UNSAFE.as_bytes(), &[EVIL])
			.expect("an answer"),
	);
	assert!(
		connection.post(UNSAFE.as_bytes(), &[GOOD[0]]).is_err(),
		"is closed"
	);
}

#[test]
fn a_stranger_does_not_get_past_the_gate_by_the_address_behind_it() {
	let dir = directory();
	let node = Node::dev(dir.path(), &["--rpc-methods", "unsafe"]);
	// A browser writes the address it calls into `Host`, and a page cannot change that.
	let answer = web::get_from([127, 86, 71, 1], node.rpc_port(), &[EVIL]);
	assert_eq!(answer.status, 403, "{answer:?}");
}

/// A node with this endpoint instead of `--rpc-port`, which cannot be given with it.
fn with_endpoint(dir: &std::path::Path, address: &str, more: &str) -> Node {
	let port = crate::node::free_port();
	let endpoint = format!("listen-addr={address}:{port}{more}");
	Setup::new(dir, &["--dev", "--experimental-rpc-endpoint", &endpoint])
		.named_endpoint(port)
		.start()
}

#[test]
fn endpoints_of_the_experimental_flag_are_no_more_open_than_others() {
	let dir = directory();
	let node = with_endpoint(dir.path(), "127.0.0.1", "");
	let answer = web::post(node.rpc_port(), UNSAFE.as_bytes(), &[]).expect("an answer");
	assert!(!reached(&answer.body), "{answer:?}");
	assert_refused(&web::post(node.rpc_port(), UNSAFE.as_bytes(), &[EVIL]).expect("an answer"));
	node.says(&["Refused", "https://evil.example"]);
}

#[test]
fn endpoints_for_other_machines_take_safe_calls_from_everywhere() {
	for (address, more) in [("0.0.0.0", ""), ("127.0.0.1", ",cors=*")] {
		let dir = directory();
		let node = with_endpoint(dir.path(), address, more);
		let answer = web::post(node.rpc_port(), UNSAFE.as_bytes(), &[EVIL]).expect("an answer");
		assert_eq!(answer.status, 200, "{answer:?}");
		assert!(!reached(&answer.body), "{answer:?}");
	}
}

#[test]
fn origins_are_the_operators_to_choose() {
	let dir = directory();
	let arguments = [
		"--rpc-methods",
		"unsafe",
		"--rpc-cors",
		"https://evil.example",
	];
	let node = Node::dev(dir.path(), &arguments);
	let mut socket = web::socket(node.rpc_port(), &[EVIL]).expect("opens");
	assert!(reached(&socket.exchange(UNSAFE)));
	assert!(
		web::socket(node.rpc_port(), &[GOOD[0]]).is_err(),
		"the list replaces ours"
	);
	drop(node);

	let node = Node::dev(dir.path(), &["--rpc-cors", "all"]);
	assert!(web::socket(node.rpc_port(), &[EVIL]).is_ok());
}
