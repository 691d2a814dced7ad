//! The bytes that are signed.

use crate::{keys::PublicKey, PeriodIndex};

/// A hash of the chain.
pub type Hash = [u8; 32];

/// Says what a signature is meant for, and in which version.
const HEARTBEAT_CONTEXT: [u8; 17] = *b"vigil/heartbeat/1";

/// Bytes of a heartbeat's message.
const HEARTBEAT_LENGTH: usize = 17 + 32 + 8 + 32;

/// Bytes of a proof's message.
const POSSESSION_LENGTH: usize = 32 + 48 + 32;

/// What every staker signs in `period`: alive, and saw `checkpoint` final.
///
/// `"vigil/heartbeat/1" ‖ genesis hash ‖ period (u64, little-endian) ‖ checkpoint hash`, 89 bytes.
/// It is the same for all, so one pairing check covers everybody.
pub fn heartbeat_message(
	genesis: &Hash,
	period: PeriodIndex,
	checkpoint: &Hash,
) -> [u8; HEARTBEAT_LENGTH] {
	concat(&[
		&HEARTBEAT_CONTEXT,
		genesis,
		&period.to_le_bytes(),
		checkpoint,
	])
}

/// What the owner of a key signs, once, to show that it has the secret: on this chain, for this
/// account. `genesis hash ‖ public key ‖ owner account`, 112 bytes.
pub fn possession_message(
	genesis: &Hash,
	key: &PublicKey,
	owner: &[u8; 32],
) -> [u8; POSSESSION_LENGTH] {
	concat(&[genesis, &key.0, owner])
}

/// The parts one after the other. What does not fit is cut off; what is missing is zero.
fn concat<const LENGTH: usize>(parts: &[&[u8]]) -> [u8; LENGTH] {
	let mut message = [0; LENGTH];
	let bytes = parts.iter().flat_map(|part| part.iter());
	for (place, byte) in message.iter_mut().zip(bytes) {
		*place = *byte;
	}
	message
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_heartbeat_names_purpose_chain_period_and_checkpoint() {
		let message = heartbeat_message(&[1; 32], 0x0102_0304, &[2; 32]);
		let mut expected = b"vigil/heartbeat/1".to_vec();
		expected.extend([1; 32]);
		expected.extend([4, 3, 2, 1, 0, 0, 0, 0]);
		expected.extend([2; 32]);
		assert_eq!(message.to_vec(), expected);
	}

	#[test]
	fn a_proof_names_chain_key_and_owner() {
		let message = possession_message(&[1; 32], &PublicKey([2; 48]), &[3; 32]);
		let expected = [[1; 32].as_slice(), &[2; 48], &[3; 32]].concat();
		assert_eq!(message.to_vec(), expected);
	}
}
