//! Keys that anybody can recompute: for tests, benchmarks and load tools, never for value.
//!
//! The secret of key `i` is `i + 1`. A million public keys then cost a million additions, and the
//! aggregate signature of any number of them costs one multiplication, by the sum of the secrets.

use crate::{
	engine::IetfBls,
	keys::{PublicKey, Signature, StoredKey},
	message::{possession_message, Hash},
};
use alloc::vec::Vec;
use ark_bls12_381::{Fr, G1Projective};
use ark_ec::{CurveGroup, PrimeGroup};
use ark_serialize::CanonicalSerialize;
use w3f_bls::{Message, SecretKeyVT};

/// A key whose secret everybody knows.
#[derive(Clone)]
pub struct TestKey(SecretKeyVT<IetfBls>);

// Arithmetic in the field and on the curve neither overflows nor panics.
#[allow(clippy::arithmetic_side_effects)]
impl TestKey {
	/// The key of a staker.
	pub fn new(index: u32) -> Self {
		Self(SecretKeyVT(secret(index)))
	}

	/// The key that signs as all these stakers together.
	pub fn sum(indices: impl IntoIterator<Item = u32>) -> Self {
		Self(SecretKeyVT(indices.into_iter().map(secret).sum()))
	}

	/// Its public key.
	pub fn public(&self) -> PublicKey {
		PublicKey(compressed(&self.0.to_public().0))
	}

	/// Its public key, as stored.
	pub fn stored(&self) -> StoredKey {
		stored(&self.0.to_public().0.into_affine())
	}

	/// The secret as `blst` and EIP-2335 write it: 32 bytes, big-endian.
	pub fn secret_bytes(&self) -> [u8; 32] {
		let mut bytes: [u8; 32] = compressed(&self.0 .0);
		bytes.reverse();
		bytes
	}

	/// Sign a heartbeat's message.
	pub fn sign(&self, message: &[u8]) -> Signature {
		self.sign_as(&Message::new_assuming_pop(b"", message))
	}

	/// Show that `owner` has the secret.
	pub fn prove(&self, genesis: &Hash, owner: &[u8; 32]) -> Signature {
		let message = possession_message(genesis, &self.public(), owner);
		self.sign_as(&Message::new_pop_message(b"", &message))
	}

	fn sign_as(&self, message: &Message) -> Signature {
		Signature(compressed(&self.0.sign(message).0))
	}
}

/// The stored keys of all stakers in `indices`, in order, by one addition each.
#[allow(clippy::arithmetic_side_effects)]
pub fn stored_keys(indices: core::ops::Range<u32>) -> Vec<StoredKey> {
	let generator = G1Projective::generator();
	let mut next = generator * secret(indices.start);
	let points: Vec<_> = indices
		.map(|_| {
			let point = next;
			next += generator;
			point
		})
		.collect();
	G1Projective::normalize_batch(&points)
		.iter()
		.map(stored)
		.collect()
}

#[allow(clippy::arithmetic_side_effects)]
fn secret(index: u32) -> Fr {
	Fr::from(u64::from(index) + 1)
}

fn stored(point: &ark_bls12_381::G1Affine) -> StoredKey {
	let mut bytes = [0; 96];
	let written = point.serialize_uncompressed(&mut bytes[..]);
	debug_assert!(written.is_ok());
	StoredKey(bytes)
}

fn compressed<const LENGTH: usize>(value: &impl CanonicalSerialize) -> [u8; LENGTH] {
	let mut bytes = [0; LENGTH];
	let written = value.serialize_compressed(&mut bytes[..]);
	debug_assert!(written.is_ok());
	bytes
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{verify, verify_possession, KeySum, Refusal};

	fn sum_of(keys: impl IntoIterator<Item = StoredKey>) -> KeySum {
		let mut sum = KeySum::new();
		for key in keys {
			assert!(sum.add(&key));
		}
		sum
	}

	#[test]
	fn an_aggregate_verifies_under_the_sum_of_its_keys() {
		let keys = sum_of(stored_keys(3..20));
		let signature = TestKey::sum(3..20).sign(b"message");
		assert_eq!(verify(&keys, b"message", &signature), Ok(()));
		assert_eq!(
			verify(&keys, b"another", &signature),
			Err(Refusal::WrongSignature)
		);
		let fewer = sum_of(stored_keys(3..19));
		assert_eq!(
			verify(&fewer, b"message", &signature),
			Err(Refusal::WrongSignature)
		);
	}

	#[test]
	fn keys_in_a_row_are_the_keys_one_by_one() {
		let one_by_one: Vec<_> = (5..9).map(|index| TestKey::new(index).stored()).collect();
		assert_eq!(stored_keys(5..9), one_by_one);
	}

	#[test]
	fn a_proof_is_for_one_owner_on_one_chain() {
		let key = TestKey::new(1);
		let proof = key.prove(&[1; 32], &[2; 32]);
		let check = |genesis: u8, owner: u8| {
			verify_possession(&[genesis; 32], &key.public(), &[owner; 32], &proof)
		};
		assert_eq!(check(1, 2), Ok(key.stored()));
		assert_eq!(check(1, 3), Err(Refusal::WrongSignature));
		assert_eq!(check(2, 2), Err(Refusal::WrongSignature));
	}

	#[test]
	fn a_heartbeat_is_no_proof() {
		let key = TestKey::new(1);
		let message = possession_message(&[1; 32], &key.public(), &[2; 32]);
		let heartbeat = key.sign(&message);
		assert_eq!(
			verify_possession(&[1; 32], &key.public(), &[2; 32], &heartbeat),
			Err(Refusal::WrongSignature)
		);
	}
}
