//! Points as bytes, and sums of keys.

use crate::bls::{PointFault, Refusal};
use ark_bls12_381::{G1Affine, G1Projective, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::Zero;
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A point as bytes, in the format that Zcash defined and the IETF draft uses.
macro_rules! point {
	($(#[$doc:meta])* $name:ident, $length:literal) => {
		$(#[$doc])*
		#[derive(
			Clone,
			Copy,
			Debug,
			PartialEq,
			Eq,
			PartialOrd,
			Ord,
			Hash,
			Encode,
			Decode,
			DecodeWithMemTracking,
			MaxEncodedLen,
			TypeInfo,
		)]
		pub struct $name(pub [u8; $length]);
	};
}

point!(
	/// A public key as users see it: a point of G1, compressed, 48 bytes. Any bytes until checked.
	PublicKey, 48
);

point!(
	/// A signature: a point of G2, compressed, 96 bytes. Any bytes until checked.
	Signature, 96
);

point!(
	/// A checked key, or a sum of checked keys, as it is stored: a point of G1, uncompressed,
	/// 96 bytes, so that nobody computes its square root again.
	StoredKey, 96
);

/// The flags of a compressed point, in its first byte.
const FLAGS: u8 = 0b1110_0000;

impl PublicKey {
	/// Check the key: canonical, in the prime-order subgroup, not the identity.
	pub fn check(&self) -> Result<StoredKey, Refusal> {
		let point = G1Affine::deserialize_compressed_unchecked(&self.0[..])
			.map_err(|_| Refusal::BadKey(PointFault::NotCanonical))?;
		check_point(&point, &self.0).map_err(Refusal::BadKey)?;
		Ok(store(point))
	}

	/// The x-coordinate, big-endian. A key and its negative share it, and count as one.
	pub fn x(&self) -> [u8; 48] {
		let mut x = self.0;
		if let Some(first) = x.first_mut() {
			*first &= !FLAGS;
		}
		x
	}
}

impl Signature {
	/// Check the signature: canonical, in the prime-order subgroup, not the identity.
	pub(crate) fn check(&self) -> Result<G2Affine, Refusal> {
		let point = G2Affine::deserialize_compressed_unchecked(&self.0[..])
			.map_err(|_| Refusal::BadSignature(PointFault::NotCanonical))?;
		check_point(&point, &self.0).map_err(Refusal::BadSignature)?;
		Ok(point)
	}
}

impl StoredKey {
	/// The sum of no keys.
	pub const IDENTITY: Self = {
		let mut bytes = [0; 96];
		bytes[0] = 0b0100_0000;
		Self(bytes)
	};

	/// The compressed form of a key that was checked.
	pub fn compress(&self) -> Option<PublicKey> {
		let mut bytes = [0; 48];
		self.point()?.serialize_compressed(&mut bytes[..]).ok()?;
		Some(PublicKey(bytes))
	}

	/// The point. Not checked again: what is stored was checked, or is a sum of such.
	fn point(&self) -> Option<G1Affine> {
		G1Affine::deserialize_uncompressed_unchecked(&self.0[..]).ok()
	}
}

impl Default for StoredKey {
	fn default() -> Self {
		Self::IDENTITY
	}
}

/// A running sum of checked keys.
#[derive(Clone, Copy, Debug)]
pub struct KeySum(G1Projective);

impl Default for KeySum {
	fn default() -> Self {
		Self::new()
	}
}

// The addition of points neither overflows nor panics.
#[allow(clippy::arithmetic_side_effects)]
impl KeySum {
	/// The sum of no keys.
	pub fn new() -> Self {
		Self(G1Projective::zero())
	}

	/// Add a key, or a sum. False, and nothing changed, if the bytes are no point.
	#[must_use]
	pub fn add(&mut self, key: &StoredKey) -> bool {
		key.point().map(|point| self.0 += point).is_some()
	}

	/// Take a key out, or a sum. False, and nothing changed, if the bytes are no point.
	#[must_use]
	pub fn subtract(&mut self, key: &StoredKey) -> bool {
		key.point().map(|point| self.0 -= point).is_some()
	}

	/// As it is stored.
	pub fn to_stored(&self) -> StoredKey {
		store(self.point())
	}

	/// As the pairing needs it.
	pub(crate) fn point(&self) -> G1Affine {
		self.0.into_affine()
	}
}

/// Whether a point that was decoded from `bytes` is fit for use.
fn check_point<P: AffineRepr>(point: &P, bytes: &[u8]) -> Result<(), PointFault> {
	if point.is_zero() {
		return Err(PointFault::Identity);
	}
	if !writes_as(point, bytes) {
		return Err(PointFault::NotCanonical);
	}
	point.check().map_err(|_| PointFault::OutsideSubgroup)
}

/// Whether the compressed form of `point` is exactly `bytes`.
fn writes_as<P: AffineRepr>(point: &P, bytes: &[u8]) -> bool {
	let mut written = [0; 96];
	written
		.get_mut(..bytes.len())
		.is_some_and(|place| point.serialize_compressed(&mut *place).is_ok() && place == bytes)
}

fn store(point: G1Affine) -> StoredKey {
	let mut bytes = [0; 96];
	// An uncompressed point of G1 has 96 bytes.
	match point.serialize_uncompressed(&mut bytes[..]) {
		Ok(()) => StoredKey(bytes),
		Err(_) => StoredKey::IDENTITY,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::testing::TestKey;

	#[test]
	fn a_sum_forgets_what_is_taken_out() {
		let [a, b] = [1, 2].map(|index| TestKey::new(index).stored());
		let mut sum = KeySum::new();
		assert!(sum.add(&a) && sum.add(&b) && sum.subtract(&a));
		assert_eq!(sum.to_stored(), b);
		assert!(sum.subtract(&b));
		assert_eq!(sum.to_stored(), StoredKey::IDENTITY);
	}

	#[test]
	fn bytes_that_are_no_point_change_nothing() {
		let mut sum = KeySum::new();
		assert!(!sum.add(&StoredKey([255; 96])));
		assert_eq!(sum.to_stored(), StoredKey::IDENTITY);
	}

	#[test]
	fn a_key_survives_being_stored() {
		let key = TestKey::new(7);
		assert_eq!(
			key.public().check().map(|k| k.compress()),
			Ok(Some(key.public()))
		);
	}

	#[test]
	fn a_key_and_its_negative_share_x() {
		let key = TestKey::new(7).public();
		let mut negative = key;
		negative.0[0] ^= 0b0010_0000;
		assert!(negative.check().is_ok());
		assert_eq!(key.x(), negative.x());
	}
}
