//! What is signed, byte for byte, and what comes of it.

use super::{
	counting,
	points::{bytes, key, secret, secret_bytes, sign, PROVE, SIGN},
};
use crate::format::{HeartbeatMessage, Hex, PossessionMessage, Signing};
use ark_bls12_381::Fr;

/// The chain of nearly all cases.
pub(crate) const GENESIS: u8 = 0x00;
/// Another chain.
pub(crate) const OTHER_GENESIS: u8 = 0x20;
/// The checkpoint of nearly all cases.
pub(crate) const CHECKPOINT: u8 = 0x40;
/// Another checkpoint.
pub(crate) const OTHER_CHECKPOINT: u8 = 0x60;
/// The account that owns the key.
pub(crate) const OWNER: u8 = 0x80;
/// Another account.
pub(crate) const OTHER_OWNER: u8 = 0xa0;
/// The period of nearly all cases: each of its bytes is another one. It stays below 2^53, so that
/// every language reads it from JSON unharmed.
pub(crate) const PERIOD: u64 = 0x0001_0203_0405_0607;

/// `"vigil/heartbeat/1" ‖ genesis ‖ period ‖ checkpoint`. Written out here, not taken from the
/// crate, so that the crate cannot change it unnoticed.
pub(crate) fn heartbeat(genesis: u8, period: u64, checkpoint: u8) -> Vec<u8> {
	let period = period.to_le_bytes();
	[
		b"vigil/heartbeat/1".as_slice(),
		&counting(genesis),
		&period,
		&counting(checkpoint),
	]
	.concat()
}

/// `genesis ‖ public key ‖ owner`. The key may be any bytes.
pub(crate) fn possession(genesis: u8, key: &Hex, owner: u8) -> Vec<u8> {
	[&counting(genesis), key.0.as_slice(), &counting(owner)].concat()
}

/// The messages of heartbeats.
pub(crate) fn heartbeats() -> Vec<HeartbeatMessage> {
	let case = |name: &str, genesis, period, checkpoint| HeartbeatMessage {
		name: name.into(),
		genesis: Hex(counting(genesis).to_vec()),
		period,
		checkpoint: Hex(counting(checkpoint).to_vec()),
		message: Hex(heartbeat(genesis, period, checkpoint)),
	};
	vec![
		case("a message", GENESIS, PERIOD, CHECKPOINT),
		case("another chain", OTHER_GENESIS, PERIOD, CHECKPOINT),
		case("another checkpoint", GENESIS, PERIOD, OTHER_CHECKPOINT),
		case("the first period", GENESIS, 0, CHECKPOINT),
		case("a period of one byte", GENESIS, 0xff, CHECKPOINT),
		case("a period of two bytes", GENESIS, 0x0100, CHECKPOINT),
		case(
			"the largest number of JSON",
			GENESIS,
			(1 << 53) - 1,
			CHECKPOINT,
		),
	]
}

/// The messages of proofs.
pub(crate) fn possessions() -> Vec<PossessionMessage> {
	let case = |name: &str, genesis, number, owner| {
		let public_key = bytes(key(secret(number)));
		PossessionMessage {
			name: name.into(),
			genesis: Hex(counting(genesis).to_vec()),
			owner: Hex(counting(owner).to_vec()),
			message: Hex(possession(genesis, &public_key, owner)),
			public_key,
		}
	};
	vec![
		case("a message", GENESIS, 0, OWNER),
		case("another chain", OTHER_GENESIS, 0, OWNER),
		case("another key", GENESIS, 1, OWNER),
		case("another owner", GENESIS, 0, OTHER_OWNER),
	]
}

/// What some secrets produce.
pub(crate) fn signing() -> Vec<Signing> {
	let case = |name: &str, secret: Fr| {
		let public_key = bytes(key(secret));
		let message = heartbeat(GENESIS, PERIOD, CHECKPOINT);
		let proof = possession(GENESIS, &public_key, OWNER);
		Signing {
			name: name.into(),
			secret: secret_bytes(secret),
			public_key,
			genesis: Hex(counting(GENESIS).to_vec()),
			period: PERIOD,
			checkpoint: Hex(counting(CHECKPOINT).to_vec()),
			signature: bytes(sign(secret, SIGN, &message)),
			owner: Hex(counting(OWNER).to_vec()),
			proof: bytes(sign(secret, PROVE, &proof)),
		}
	};
	vec![
		case("a secret", secret(0)),
		case("another secret", secret(1)),
		case("the smallest secret", 1.into()),
		case("the largest secret", -Fr::from(1u64)),
	]
}
