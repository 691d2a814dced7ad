//! Heartbeats that are handed in by RPC: the true one is recorded, every other is refused.

use crate::node::{directory, until, Node, Setup};
use codec::{Decode, Encode};
use pallet_heartbeat::{OpenPeriod, Status};
use serde_json::{json, Value};
use sp_core::{bytes::from_hex, ed25519, Pair};
use vigil_heartbeat::bls::SecretKey;
use vigil_heartbeat_primitives::{heartbeat_message, Bitmap, Signature};

/// The staker of the development chain, whose node has another key this time.
fn alice() -> SecretKey {
	let (_, seed) = ed25519::Pair::from_string_with_seed("//Alice", None).expect("a derivation");
	SecretKey::generate(&seed.expect("a hard one"))
}

fn hex(bytes: &[u8]) -> String {
	sp_core::bytes::to_hex(bytes, false)
}

fn state_call<T: Decode>(node: &Node, query: &str, args: impl Encode) -> T {
	let method = format!("HeartbeatApi_{query}");
	let answer = node.call("state_call", json!([method, hex(&args.encode())]));
	let bytes = from_hex(answer.as_str().expect("text")).expect("hexadecimal");
	T::decode(&mut &bytes[..]).expect("is what the runtime says")
}

/// The newest period whose checkpoint is final.
fn final_period(node: &Node) -> Option<OpenPeriod<u32>> {
	let status: Option<Status<u32>> = state_call(node, "status", ());
	let (reached, _) = node.last_final();
	let open = status?.windows.into_iter().map(|window| window.open);
	let mut open = open.filter(|open| u64::from(open.checkpoint_number) <= reached);
	open.rfind(|open| open.checkpoint.is_some())
}

fn submit(node: &Node, index: u32, period: u64, signature: &[u8]) -> Value {
	let params = json!([index, period, hex(signature)]);
	node.ask("heartbeat_submit", params).expect("an answer")
}

#[track_caller]
fn assert_refused(answer: &Value, code: u32) {
	assert_eq!(answer["error"]["code"], code, "{answer}");
}

#[test]
fn a_staker_without_a_node_is_recorded_by_rpc() {
	let dir = directory();
	let node = Setup::new(dir.path(), &["--chain", "dev", "--alice"])
		.identity(1)
		.args(&["--force-authoring", "--heartbeat-suri", "//Nobody"])
		.start();
	let genesis = node.hash(0);
	let genesis = from_hex(genesis.as_str().expect("a hash")).expect("hexadecimal");
	let genesis = <[u8; 32]>::try_from(genesis).expect("32 bytes");

	let open = until(|| "a final checkpoint".into(), || final_period(&node));
	let checkpoint = open.checkpoint.expect("is final");
	let message = heartbeat_message(&genesis, open.period, &checkpoint);
	let Signature(signature) = alice().sign(&message);

	// For another index, for another period, by another key, of another block, cut short.
	assert_refused(&submit(&node, 7, open.period, &signature), 9_102);
	assert_refused(&submit(&node, 0, open.period + 1_000, &signature), 9_100);
	let stranger = SecretKey::generate(&[7; 32]).sign(&message);
	assert_refused(&submit(&node, 0, open.period, &stranger.0), 9_103);
	let other_block = heartbeat_message(&genesis, open.period, &[7; 32]);
	let other_block = alice().sign(&other_block);
	assert_refused(&submit(&node, 0, open.period, &other_block.0), 9_103);
	let too_short = submit(&node, 0, open.period, &signature[..95]);
	assert_eq!(too_short["error"]["code"], -32_602, "{too_short}");

	// The true one, twice: once more does no harm.
	for _ in 0..2 {
		let answer = submit(&node, 0, open.period, &signature);
		assert!(answer["error"].is_null(), "{answer}");
	}
	until(
		|| format!("a recorded heartbeat in\n{}", node.log()),
		|| {
			let recorded: Vec<Bitmap> = state_call(&node, "recorded", (open.period, 0u32, 1u32));
			recorded.first()?.get(0).then_some(())
		},
	);
}
