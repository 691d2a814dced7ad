//! A transaction pool that is full.

use crate::node::{directory, Node, Setup};
use codec::Encode;
use serde_json::{json, Value};
use sp_keyring::Sr25519Keyring::{self, *};
use vigil_runtime::{transactions::extension, RuntimeCall, SignedPayload, UncheckedExtrinsic};

/// A remark of so many bytes, signed by Alice with this nonce, in hexadecimal.
pub(crate) fn remark(node: &Node, nonce: u32, bytes: usize) -> String {
	signed(node, Alice, nonce, bytes, 0)
}

fn signed(node: &Node, who: Sr25519Keyring, nonce: u32, bytes: usize, tip: u128) -> String {
	let version = node.call("state_getRuntimeVersion", json!([]));
	let number = |key: &str| version[key].as_u64().expect("a number") as u32;
	let genesis = node.hash(0);
	let genesis = genesis.as_str().expect("a hash").parse().expect("a hash");
	let extension = extension(nonce, tip);
	let implicit = (
		(),
		(),
		number("specVersion"),
		number("transactionVersion"),
		genesis,
		genesis,
		(),
		(),
		(),
		None,
		(),
	);
	let call = RuntimeCall::System(frame_system::Call::remark {
		remark: vec![0; bytes],
	});
	let payload = SignedPayload::from_raw(call, extension, implicit);
	let signature = payload.using_encoded(|bytes| who.sign(bytes));
	let (call, extension, _) = payload.deconstruct();
	let account = who.to_account_id().into();
	let transaction = UncheckedExtrinsic::new_signed(call, account, signature.into(), extension);
	sp_core::bytes::to_hex(&transaction.encode(), false)
}

pub(crate) fn submit(node: &Node, transaction: &str) -> Value {
	let answer = node.ask("author_submitExtrinsic", json!([transaction]));
	answer.expect("an answer")
}

/// A node that makes no blocks, so that nothing leaves its pool.
fn idle(limit: &str) -> (tempfile::TempDir, Node) {
	let dir = directory();
	let node = Setup::new(dir.path(), &["--chain", "local", "--pool-limit", limit]).start();
	(dir, node)
}

/// What waits in the pool, in an order that can be compared.
fn pending(node: &Node) -> Vec<String> {
	let pending = node.call("author_pendingExtrinsics", json!([]));
	let mut pending: Vec<String> = serde_json::from_value(pending).expect("a list");
	pending.sort();
	pending
}

#[test]
fn a_full_pool_refuses_who_pays_no_more_and_keeps_what_it_has() {
	let (_dir, node) = idle("6");
	let mut sent: Vec<_> = [Alice, Bob, Charlie, Dave, Eve, Ferdie]
		.map(|who| signed(&node, who, 0, 10, 1_000_000))
		.into();
	for transaction in &sent {
		let answer = submit(&node, transaction);
		assert!(answer.get("result").is_some(), "{answer}");
	}
	sent.sort();
	assert_eq!(pending(&node), sent);

	for who in [AliceStash, BobStash] {
		let error = submit(&node, &signed(&node, who, 0, 10, 0))["error"].to_string();
		assert!(
			error.contains("couldn't enter the pool because of the limit"),
			"{error}"
		);
	}
	assert_eq!(pending(&node), sent);

	// The way in, for those in a hurry.
	let urgent = signed(&node, CharlieStash, 0, 10, 1_000_000_000);
	let answer = submit(&node, &urgent);
	assert!(answer.get("result").is_some(), "{answer}");
	assert!(pending(&node).contains(&urgent) && pending(&node).len() == 6);
}

#[test]
fn transactions_of_the_future_do_not_fill_the_pool() {
	let (_dir, node) = idle("20");
	for nonce in 100..160 {
		let answer = submit(&node, &remark(&node, nonce, 10));
		if let Some(error) = answer.get("error") {
			let error = error.to_string();
			assert!(error.contains("because of the limit"), "{error}");
		}
	}
	let present = remark(&node, 0, 10);
	let answer = submit(&node, &present);
	assert!(answer.get("result").is_some(), "{answer}");
	assert_eq!(pending(&node), [present]);
}
