//! Verification, as the runtime does it.

use crate::{
	engine::IetfBls,
	keys::{KeySum, PublicKey, Signature, StoredKey},
	message::{possession_message, Hash},
};
use ark_ec::AffineRepr;
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use w3f_bls::{EngineBLS, Message};

/// Why a key or a signature is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum Refusal {
	/// The key is not fit for use.
	BadKey(PointFault),
	/// The signature is not fit for use.
	BadSignature(PointFault),
	/// The signature is of another message or by other keys.
	WrongSignature,
}

/// What is wrong with a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum PointFault {
	/// Not a point of the curve, or not written in the one allowed way.
	NotCanonical,
	/// A point outside the prime-order subgroup.
	OutsideSubgroup,
	/// The identity, which would sign everything for nobody.
	Identity,
}

/// Check that the holders of all keys in `keys` signed `message`.
///
/// The keys must have been checked and proven when they were registered. Costs one decoding with
/// a subgroup check, one hash to the curve and one check of two pairings, however many keys.
pub fn verify(keys: &KeySum, message: &[u8], signature: &Signature) -> Result<(), Refusal> {
	check(keys, &Message::new_assuming_pop(b"", message), signature)
}

/// Check a key once and for all: fit for use, and `owner` has its secret. Returns it as stored.
pub fn verify_possession(
	genesis: &Hash,
	key: &PublicKey,
	owner: &[u8; 32],
	proof: &Signature,
) -> Result<StoredKey, Refusal> {
	let stored = key.check()?;
	let mut keys = KeySum::new();
	if !keys.add(&stored) {
		return Err(Refusal::BadKey(PointFault::NotCanonical));
	}
	let message = possession_message(genesis, key, owner);
	check(&keys, &Message::new_pop_message(b"", &message), proof)?;
	Ok(stored)
}

fn check(keys: &KeySum, message: &Message, signature: &Signature) -> Result<(), Refusal> {
	let key = keys.point();
	if key.is_zero() {
		return Err(Refusal::BadKey(PointFault::Identity));
	}
	let signature = IetfBls::prepare_signature(signature.check()?);
	let hash = IetfBls::prepare_signature(message.hash_to_signature_curve::<IetfBls>());
	let pair = (IetfBls::prepare_public_key(key), hash);
	if !IetfBls::verify_prepared(signature, &[pair]) {
		return Err(Refusal::WrongSignature);
	}
	Ok(())
}
