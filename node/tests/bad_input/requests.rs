//! Requests that are no requests, and transactions that no block can hold.

use crate::{
	node::{directory, Node},
	pool::{remark, submit},
	web,
};
use serde_json::{json, Value};

#[test]
fn malformed_requests_get_errors_and_the_node_goes_on() {
	let dir = directory();
	let node = Node::dev(dir.path(), &[]);
	let deep = "[".repeat(100_000);
	let deep_parameters = format!(
		r#"{{"jsonrpc":"2.0","id":1,"method":"chain_getBlockHash","params":{}{}}}"#,
		"[".repeat(100_000),
		"]".repeat(100_000),
	);
	let call = |method: &str, params: &str| {
		format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#).into_bytes()
	};
	// Codes of JSON-RPC: no JSON, no request, no such method, wrong parameters.
	let (parse, request, method, parameters) = (-32700, -32600, -32601, -32602);
	let cases: [(Vec<u8>, &[i64]); 12] = [
		("".into(), &[parse]),
		("this is not JSON".into(), &[parse]),
		(r#"{"jsonrpc":"2.0","id":1,"meth"#.into(), &[parse]),
		(vec![b'{', 0xff, 0xfe, b'}'], &[parse]),
		(deep.into(), &[parse]),
		(deep_parameters.into(), &[parse, parameters]),
		("42".into(), &[parse, request]),
		("[]".into(), &[request]),
		(r#"{"id":1}"#.into(), &[parse, request]),
		(call("chain_noSuchThing", "[]"), &[method]),
		(call("chain_getBlockHash", r#"[{"a":1}]"#), &[parameters]),
		(call("author_submitExtrinsic", r#"["0xzz"]"#), &[parameters]),
	];
	for (body, codes) in cases {
		let start = String::from_utf8_lossy(&body[..body.len().min(60)]);
		let answer = web::post(node.rpc_port(), &body, &[]).expect("an answer");
		let error: Value = serde_json::from_str(&answer.body)
			.unwrap_or_else(|_| panic!("`{start}` is answered with {answer:?}"));
		let code = error["error"]["code"].as_i64();
		assert!(
			code.is_some_and(|code| codes.contains(&code)),
			"`{start}`: {error}"
		);
		let message = error["error"]["message"].as_str();
		assert!(
			message.is_some_and(|text| !text.is_empty()),
			"`{start}`: {error}"
		);
	}
	node.goes_on(2);
}

#[test]
fn a_body_beyond_the_limit_is_refused_and_the_node_goes_on() {
	let dir = directory();
	let node = Node::dev(dir.path(), &["--rpc-max-request-size", "2"]);
	let huge = vec![b' '; 3 << 20];
	let answer = web::post(node.rpc_port(), &huge, &[]).expect("an answer");
	assert_eq!(answer.status, 413, "{answer:?}");
	assert!(answer.body.to_lowercase().contains("too"), "{answer:?}");
	node.goes_on(2);
}

#[test]
fn transactions_that_cannot_be_are_refused_with_the_reason_and_the_node_goes_on() {
	let dir = directory();
	let node = Node::dev(dir.path(), &[]);
	let oversized = submit(&node, &remark(&node, 0, 6 << 20));
	let error = oversized["error"].to_string();
	assert!(
		error.contains("exhaust") || error.contains("too large"),
		"{error}"
	);

	let nonsense = submit(&node, "0x0123456789");
	let error = nonsense["error"].to_string();
	assert!(
		error.contains("decode") || error.contains("format"),
		"{error}"
	);

	let mut forged = remark(&node, 0, 10);
	let last = forged.pop().expect("has digits");
	forged.push(if last == '0' { '1' } else { '0' });
	let error = submit(&node, &forged)["error"].to_string();
	assert!(error.contains("bad signature"), "{error}");

	// The account can still be used.
	let answer = submit(&node, &remark(&node, 0, 10));
	assert!(answer.get("result").is_some(), "{answer}");
	node.goes_on(2);
}

#[test]
fn a_batch_with_nonsense_in_it_answers_the_rest() {
	let dir = directory();
	let node = Node::dev(dir.path(), &[]);
	let batch = json!([
		{ "jsonrpc": "2.0", "id": 1, "method": "system_chain", "params": [] },
		42,
		{ "jsonrpc": "2.0", "id": 2, "method": "system_nonsense", "params": [] },
	]);
	let answer = web::post(node.rpc_port(), batch.to_string().as_bytes(), &[]).expect("an answer");
	let answers: Value = serde_json::from_str(&answer.body).expect("JSON");
	assert_eq!(answers[0]["result"], "Vigil Development", "{answers}");
	assert!(
		answers[1]["error"].is_object() && answers[2]["error"].is_object(),
		"{answers}"
	);
}
