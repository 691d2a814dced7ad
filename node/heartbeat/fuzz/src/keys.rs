//! Keys, as users write them and as the chain stores them.

use crate::{
	points::{self, FLAGS, LARGER},
	tape::Tape,
};
use ark_bls12_381::G1Affine;
use ark_serialize::CanonicalDeserialize;
use vigil_heartbeat::bls::Key;
use vigil_heartbeat_primitives::{
	testing::TestKey, KeySum, PointFault, PublicKey, Refusal, StoredKey,
};

/// Bytes of a key: the runtime and the node say the same of them, the same as is known of them,
/// and what they take they store alike and write back as it came.
pub fn public_keys(input: &[u8]) -> Result<(), PointFault> {
	let mut tape = Tape::new(input);
	let made = points::key(&mut tape, |tape| TestKey::new(tape.word()).public().0);
	let key = PublicKey(made.bytes);
	let runtime = key.check();
	let node = Key::decode(&key);
	let verdict = node.map(drop);
	assert_eq!(runtime.map(drop), verdict.map_err(Refusal::BadKey));
	if let Some(known) = made.known {
		assert_eq!(verdict, known);
	}
	let (stored, node) = (runtime.ok(), node?);
	assert_eq!(stored, Some(node.to_stored()));
	let stored = node.to_stored();
	assert_eq!(stored.compress(), Some(key));
	assert_eq!(Key::from_stored(&stored), Some(node));
	opposite(&key, &stored);
	Ok(())
}

/// The negative of a fit key is fit, has the same x-coordinate, and takes the key back out.
fn opposite(key: &PublicKey, stored: &StoredKey) {
	let mut negative = *key;
	negative.0[0] ^= LARGER;
	assert_eq!(negative.x(), key.x());
	let negative = negative.check().expect("the negative of a fit key is fit");
	assert_ne!(negative, *stored);
	let mut sum = KeySum::new();
	assert!(sum.add(stored) && sum.add(&negative));
	assert_eq!(sum.to_stored(), StoredKey::IDENTITY);
	assert!(sum.subtract(&negative));
	assert_eq!(sum.to_stored(), *stored);
}

/// Bytes of a stored key, which nobody but the chain writes: nothing panics; what the node takes
/// the runtime takes as the same point; and the node takes exactly the points of the curve that
/// are written in the one way and are not the identity.
pub fn stored_keys(input: &[u8]) -> bool {
	let mut tape = Tape::new(input);
	let mut key = match tape.below(4) {
		0 => TestKey::new(tape.word()).stored(),
		1 => StoredKey::IDENTITY,
		2 => StoredKey(tape.array()),
		_ => {
			let mut key = StoredKey(tape.array());
			key.0[0] &= !FLAGS;
			key
		}
	};
	tape.bend(&mut key.0);

	let mut sum = KeySum::new();
	let added = sum.add(&key);
	let read = added.then(|| sum.to_stored());
	assert_eq!(key.compress().is_some(), added);
	let point = G1Affine::deserialize_uncompressed_unchecked(&key.0[..]).ok();
	assert_eq!(point.is_some(), added);
	let on_curve = point.is_some_and(|point| point.is_on_curve());
	let node = Key::from_stored(&key);
	let fit = on_curve && read == Some(key) && key != StoredKey::IDENTITY;
	assert_eq!(node.is_some(), fit);
	if let Some(node) = node {
		assert_eq!(node.to_stored(), key);
	}

	let before = sum.to_stored();
	assert_eq!(sum.subtract(&key), added);
	if on_curve || !added {
		assert_eq!(sum.to_stored(), StoredKey::IDENTITY);
	}
	// Additions are for points of the curve. Of others they make nonsense, and no harm.
	let mut other = KeySum::default();
	assert!(other.add(&TestKey::new(tape.word()).stored()));
	let alone = other.to_stored();
	assert_eq!(other.add(&key), added);
	assert_eq!(other.subtract(&key), added);
	if on_curve || !added {
		assert_eq!(other.to_stored(), alone);
	}
	assert!(added || before == StoredKey::IDENTITY);
	node.is_some()
}
