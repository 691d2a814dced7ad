//! BLS12-381 as the library has it, hashing as the IETF says.
//!
//! `w3f-bls` puts the ciphersuite in front of the message and hashes under a tag of its own; the
//! standard, `blst` and every other chain hash the message alone under the ciphersuite as tag.

use ark_bls12_381::{g2, G2Projective};
use ark_ec::{
	hashing::{curve_maps::wb::WBMap, map_to_curve_hasher::MapToCurveBasedHasher, HashToCurve},
	pairing::{MillerLoopOutput, Pairing},
	AffineRepr, CurveGroup,
};
use ark_ff::field_hashers::DefaultFieldHasher;
use core::borrow::Borrow;
use sha2::Sha256;
use w3f_bls::{EngineBLS, ZBLS};

/// Bytes of a ciphersuite's name, which the library puts in front of what it hashes.
const SUITE_LENGTH: usize = 43;

/// The two names that are known: of signatures, and of proofs of possession.
#[cfg(test)]
pub(crate) const SUITES: [&[u8; SUITE_LENGTH]; 2] = [
	b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_",
	b"BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_",
];

type FieldHasher = DefaultFieldHasher<Sha256, 128>;
type CurveMap = WBMap<g2::Config>;
type Hasher = MapToCurveBasedHasher<G2Projective, FieldHasher, CurveMap>;

/// Keys of 48 bytes in G1, signatures of 96 bytes in G2, ciphersuite
/// `BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_`, as on the Ethereum beacon chain.
#[derive(Clone, Copy, Debug)]
pub struct IetfBls;

impl EngineBLS for IetfBls {
	type Engine = <ZBLS as EngineBLS>::Engine;
	type Scalar = <ZBLS as EngineBLS>::Scalar;
	type PublicKeyGroupBaseField = <ZBLS as EngineBLS>::PublicKeyGroupBaseField;
	type PublicKeyGroupAffine = <ZBLS as EngineBLS>::PublicKeyGroupAffine;
	type PublicKeyGroup = <ZBLS as EngineBLS>::PublicKeyGroup;
	type PublicKeyPrepared = <ZBLS as EngineBLS>::PublicKeyPrepared;
	type SignatureGroupBaseField = <ZBLS as EngineBLS>::SignatureGroupBaseField;
	type SignatureGroupAffine = <ZBLS as EngineBLS>::SignatureGroupAffine;
	type SignatureGroup = <ZBLS as EngineBLS>::SignatureGroup;
	type SignaturePrepared = <ZBLS as EngineBLS>::SignaturePrepared;
	type HashToSignatureField = FieldHasher;
	type MapToSignatureCurve = CurveMap;

	const PUBLICKEY_SERIALIZED_SIZE: usize = ZBLS::PUBLICKEY_SERIALIZED_SIZE;
	const SECRET_KEY_SIZE: usize = ZBLS::SECRET_KEY_SIZE;
	const CURVE_NAME: &'static [u8] = ZBLS::CURVE_NAME;
	const SIG_GROUP_NAME: &'static [u8] = ZBLS::SIG_GROUP_NAME;
	const CIPHER_SUIT_DOMAIN_SEPARATION: &'static [u8] = ZBLS::CIPHER_SUIT_DOMAIN_SEPARATION;
	const SIGNATURE_SERIALIZED_SIZE: usize = ZBLS::SIGNATURE_SERIALIZED_SIZE;

	fn hash_to_curve_map() -> Hasher {
		ZBLS::hash_to_curve_map()
	}

	/// Takes what the library gives: the name of the ciphersuite, then the message.
	fn hash_to_signature_curve<M: Borrow<[u8]>>(message: M) -> G2Projective {
		let (suite, message) = message
			.borrow()
			.split_at_checked(SUITE_LENGTH)
			.unwrap_or_default();
		// Neither step can fail for this curve. The identity, if one did, verifies nothing: it is
		// refused as a signature.
		Hasher::new(suite)
			.and_then(|hasher| hasher.hash(message))
			.map(AffineRepr::into_group)
			.unwrap_or_default()
	}

	fn miller_loop<'a, I>(pairs: I) -> MillerLoopOutput<Self::Engine>
	where
		I: IntoIterator<Item = &'a (Self::PublicKeyPrepared, Self::SignaturePrepared)>,
	{
		ZBLS::miller_loop(pairs)
	}

	fn pairing<G1, G2>(key: G1, signature: G2) -> <Self::Engine as Pairing>::TargetField
	where
		G1: Into<<Self::PublicKeyGroup as CurveGroup>::Affine>,
		G2: Into<<Self::SignatureGroup as CurveGroup>::Affine>,
	{
		ZBLS::pairing(key, signature)
	}

	fn minus_generator_of_public_key_group_prepared() -> Self::PublicKeyPrepared {
		ZBLS::minus_generator_of_public_key_group_prepared()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use ark_serialize::CanonicalSerialize;
	use w3f_bls::Message;

	/// What the library prefixes is what this engine splits off.
	#[test]
	fn both_suites_become_the_tag() {
		let messages = [
			Message::new_assuming_pop(b"", b"vigil"),
			Message::new_pop_message(b"", b"vigil"),
		];
		for (suite, message) in SUITES.into_iter().zip(messages) {
			let expected = Hasher::new(suite).and_then(|hasher| hasher.hash(b"vigil"));
			let hashed = message.hash_to_signature_curve::<IetfBls>().into_affine();
			assert_eq!(expected.ok(), Some(hashed));
			assert_eq!(hashed.compressed_size(), 96);
		}
	}
}
