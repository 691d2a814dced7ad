//! Keys, signatures, and points that are neither.

use crate::format::Hex;
use ark_bls12_381::{Fq, Fq2, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, PrimeGroup};
use ark_ff::{BigInteger, MontFp, PrimeField};
use ark_serialize::CanonicalSerialize;
use sha2::{Digest, Sha256};
use vigil_heartbeat_primitives::IetfBls;
use w3f_bls::EngineBLS;

/// The tag of heartbeats.
pub(crate) const SIGN: &str = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
/// The tag of proofs of possession.
pub(crate) const PROVE: &str = "BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
/// The tag of the basic scheme, which knows no proofs of possession.
pub(crate) const BASIC: &str = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_";
/// The tag of the scheme that signs the key along with the message.
pub(crate) const AUGMENTED: &str = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_AUG_";

/// The flag of a compressed point, in its first byte.
pub(crate) const COMPRESSED: u8 = 0b1000_0000;
/// The flag of the identity.
pub(crate) const IDENTITY: u8 = 0b0100_0000;
/// The flag of the larger of the two y-coordinates.
pub(crate) const LARGER: u8 = 0b0010_0000;

/// The secret of a number: everybody can compute it.
pub(crate) fn secret(number: u64) -> Fr {
	let digest = Sha256::digest(format!("vigil heartbeat vector {number}"));
	Fr::from_be_bytes_mod_order(&digest)
}

/// A secret as `blst` and EIP-2335 write it.
pub(crate) fn secret_bytes(secret: Fr) -> Hex {
	Hex(secret.into_bigint().to_bytes_be())
}

/// The key of a secret.
pub(crate) fn key(secret: Fr) -> G1Projective {
	G1Projective::generator() * secret
}

/// The signature under a tag.
pub(crate) fn sign(secret: Fr, tag: &str, message: &[u8]) -> G2Projective {
	// The engine takes the tag in front of the message, as the library puts it there.
	IetfBls::hash_to_signature_curve([tag.as_bytes(), message].concat()) * secret
}

/// A point, compressed.
pub(crate) fn bytes(point: impl CurveGroup) -> Hex {
	written(point.into_affine())
}

/// A point, compressed. It need not be in the subgroup.
pub(crate) fn written(point: impl CanonicalSerialize) -> Hex {
	let mut bytes = Vec::new();
	point
		.serialize_compressed(&mut bytes)
		.expect("a vector has room");
	Hex(bytes)
}

/// A point, uncompressed: twice as many bytes.
pub(crate) fn uncompressed(point: impl CurveGroup) -> Hex {
	let mut bytes = Vec::new();
	point
		.into_affine()
		.serialize_uncompressed(&mut bytes)
		.expect("a vector has room");
	Hex(bytes)
}

/// The field's modulus, which is no number of the field: 48 bytes.
pub(crate) fn modulus() -> Vec<u8> {
	Fq::MODULUS.to_bytes_be()
}

/// `number` plus the modulus: the same number of the field, if 48 bytes can hold it and leave room
/// for `flags` bits.
pub(crate) fn plus_modulus(number: &[u8], flags: u32) -> Option<Vec<u8>> {
	let mut sum = vec![0; 48];
	let mut carry = 0;
	for ((place, a), b) in sum.iter_mut().zip(number).zip(modulus()).rev() {
		let total = u16::from(*a) + u16::from(b) + carry;
		*place = total as u8;
		carry = total >> 8;
	}
	(carry == 0 && sum[0].leading_zeros() >= flags).then_some(sum)
}

/// A valid key whose x-coordinate has a second way to be written, and that way.
pub(crate) fn key_written_twice() -> (Fr, Hex) {
	let two_ways = |secret| {
		let Hex(mut bytes) = bytes(key(secret));
		let flags = bytes[0] & (COMPRESSED | LARGER);
		bytes[0] ^= flags;
		let mut other = plus_modulus(&bytes, 3)?;
		other[0] |= flags;
		Some((secret, Hex(other)))
	};
	(0..)
		.map(secret)
		.find_map(two_ways)
		.expect("a fifth of the keys are such")
}

/// The first secret whose key has the larger y-coordinate, or the smaller.
pub(crate) fn secret_of_sign(larger: bool) -> Fr {
	let fits = |secret: &Fr| (bytes(key(*secret)).0[0] & LARGER != 0) == larger;
	(0..).map(secret).find(fits).expect("half of them are")
}

/// The candidates for points of the first curve by ascending x-coordinate: no point, or a point.
fn first_curve() -> impl Iterator<Item = (Fq, Option<G1Affine>)> {
	(1u64..).map(|x| {
		let x = Fq::from(x);
		(x, G1Affine::get_point_from_x_unchecked(x, false))
	})
}

/// The same for the second curve.
fn second_curve() -> impl Iterator<Item = (Fq2, Option<G2Affine>)> {
	(1u64..).map(|x| {
		let x = Fq2::new(Fq::from(x), Fq::from(1u64));
		(x, G2Affine::get_point_from_x_unchecked(x, false))
	})
}

/// Bytes that name an x-coordinate no point of the first curve has.
pub(crate) fn no_key() -> Hex {
	let (x, _) = first_curve()
		.find(|(_, point)| point.is_none())
		.expect("half of them are");
	let mut bytes = x.into_bigint().to_bytes_be();
	bytes[0] |= COMPRESSED;
	Hex(bytes)
}

/// Bytes that name an x-coordinate no point of the second curve has.
pub(crate) fn no_signature() -> Hex {
	let (x, _) = second_curve()
		.find(|(_, point)| point.is_none())
		.expect("half of them are");
	let mut bytes = [x.c1, x.c0].map(|part| part.into_bigint().to_bytes_be());
	bytes[0][0] |= COMPRESSED;
	Hex(bytes.concat())
}

/// A point of the first curve outside the subgroup.
pub(crate) fn stray_key() -> G1Affine {
	first_curve()
		.filter_map(|(_, point)| point)
		.find(|point| !point.is_in_correct_subgroup_assuming_on_curve())
		.expect("nearly all are")
}

/// A point of the second curve outside the subgroup.
pub(crate) fn stray_signature() -> G2Affine {
	second_curve()
		.filter_map(|(_, point)| point)
		.find(|point| !point.is_in_correct_subgroup_assuming_on_curve())
		.expect("nearly all are")
}

/// A point of order three. Pairings do not see it: added to a key, it changes the key's bytes and
/// not what the key verifies.
pub(crate) fn order_three() -> G1Affine {
	let point = G1Affine::new_unchecked(Fq::from(0u64), MontFp!("2"));
	assert!(point.is_on_curve() && (point.into_group() + point + point).into_affine().is_zero());
	point
}

/// A point of the second curve whose order divides the cofactor: nothing of it is in the subgroup.
pub(crate) fn cofactor_signature() -> G2Projective {
	let point = stray_signature().mul_bigint(Fr::MODULUS);
	assert!(!point.into_affine().is_zero());
	point
}
