//! Whatever bytes come, nothing here panics, and `w3f-bls` says of them what `blst` says.

use ark_bls12_381::{Fq, Fr, G1Projective};
use ark_ec::PrimeGroup;
use ark_ff::{BigInteger, PrimeField};
use ark_serialize::CanonicalSerialize;
use blst::{min_pk, BLST_ERROR};
use codec::{DecodeAll, Encode};
use proptest::{array::uniform32, collection::vec, prelude::*, sample::Index};
use vigil_heartbeat_primitives::{
	verify, AggregatePart, Bitmap, HeartbeatAggregate, IetfBls, KeySum, Parts, PointFault,
	PublicKey, Refusal, Signature, StoredKey, MAX_PARTS,
};
use w3f_bls::{Message, SecretKeyVT};

/// The tag of heartbeats.
const TAG: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/// The three flags of a compressed point.
const FLAGS: u8 = 0b1110_0000;

const MESSAGE: &[u8] = b"message";

fn compressed(value: &impl CanonicalSerialize) -> Vec<u8> {
	let mut bytes = Vec::new();
	value
		.serialize_compressed(&mut bytes)
		.expect("a vector has room");
	bytes
}

fn array<const LENGTH: usize>(bytes: &[u8]) -> [u8; LENGTH] {
	bytes.try_into().expect("the length is right")
}

fn key(secret: u64) -> Vec<u8> {
	compressed(&(G1Projective::generator() * Fr::from(secret)))
}

fn signature(secret: u64) -> Vec<u8> {
	let secret = SecretKeyVT::<IetfBls>(secret.into());
	compressed(&secret.sign(&Message::new_assuming_pop(b"", MESSAGE)).0)
}

/// What `blst` thinks of a key that this crate may take.
fn key_by_blst(bytes: &[u8]) -> Result<min_pk::PublicKey, PointFault> {
	min_pk::PublicKey::key_validate(bytes).map_err(fault)
}

/// What `blst` thinks of a signature.
fn signature_by_blst(bytes: &[u8]) -> Result<min_pk::Signature, PointFault> {
	min_pk::Signature::sig_validate(bytes, true).map_err(fault)
}

fn fault(error: BLST_ERROR) -> PointFault {
	match error {
		BLST_ERROR::BLST_PK_IS_INFINITY => PointFault::Identity,
		BLST_ERROR::BLST_POINT_NOT_IN_GROUP => PointFault::OutsideSubgroup,
		_ => PointFault::NotCanonical,
	}
}

/// A number of the field or just beyond: the modulus, with a little added or taken away.
fn near_modulus() -> impl Strategy<Value = Vec<u8>> {
	any::<(u16, bool)>().prop_map(|(distance, add)| {
		let (mut number, distance) = (Fq::MODULUS, u64::from(distance).into());
		let carry = match add {
			true => number.add_with_carry(&distance),
			false => number.sub_with_borrow(&distance),
		};
		assert!(!carry, "the modulus is far from both ends");
		number.to_bytes_be()
	})
}

/// A small number: every second one is the x-coordinate of some point, in the subgroup or not.
fn small() -> impl Strategy<Value = Vec<u8>> {
	any::<u16>().prop_map(|number| [vec![0; 46], number.to_be_bytes().to_vec()].concat())
}

/// A coordinate of any sort.
fn coordinate() -> impl Strategy<Value = Vec<u8>> {
	prop_oneof![vec(any::<u8>(), 48), near_modulus(), small()]
}

/// A flag more or less, or none.
fn with_flags(bytes: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
	let usual = prop_oneof![Just(0b1000_0000), Just(0b1010_0000), Just(0b1100_0000)];
	(bytes, prop_oneof![3 => usual, 1 => any::<u8>()]).prop_map(|(mut bytes, flags)| {
		bytes[0] = (bytes[0] & !FLAGS) | (flags & FLAGS);
		bytes
	})
}

/// Bytes of which none to three have changed.
fn mutated(bytes: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
	let bit = (0u32..8).prop_map(|bit| 1 << bit);
	let change = (any::<Index>(), prop_oneof![bit, any::<u8>()]);
	// The flags are in the first byte: change it more often than chance would.
	let flag = (5u32..8).prop_map(|bit| 1 << bit);
	let flags = prop_oneof![2 => Just(0), 1 => flag];
	(bytes, vec(change, 0..3), flags).prop_map(|(mut bytes, changes, flags)| {
		for (place, bits) in changes {
			let place = place.index(bytes.len());
			bytes[place] ^= bits;
		}
		bytes[0] ^= flags;
		bytes
	})
}

fn identity(length: usize) -> Vec<u8> {
	let mut bytes = vec![0; length];
	bytes[0] = 0b1100_0000;
	bytes
}

fn key_bytes() -> impl Strategy<Value = [u8; 48]> {
	let bytes = prop_oneof![
		vec(any::<u8>(), 48),
		with_flags(coordinate()),
		mutated((1..u64::MAX).prop_map(key)),
		mutated(Just(identity(48))),
	];
	bytes.prop_map(|bytes| array(&bytes))
}

/// A secret and what may be its signature.
fn signature_bytes() -> impl Strategy<Value = (u64, [u8; 96])> {
	let pair = (coordinate(), coordinate()).prop_map(|(first, second)| [first, second].concat());
	let bytes = prop_oneof![
		vec(any::<u8>(), 96),
		with_flags(pair),
		mutated(Just(identity(96))),
		mutated((1..u64::MAX).prop_map(signature)),
	];
	let any_signer = (1..u64::MAX, bytes);
	let the_signer = (1..u64::MAX).prop_flat_map(|secret| {
		let bytes = Just(signature(secret));
		(Just(secret), mutated(bytes))
	});
	prop_oneof![2 => any_signer, 1 => the_signer]
		.prop_map(|(secret, bytes)| (secret, array(&bytes)))
}

fn bitmap() -> impl Strategy<Value = Bitmap> {
	let any_bits = vec(any::<u8>(), 128).prop_map(|bytes| Bitmap(array(&bytes)));
	let few_bits = vec(0u32..1_024, 0..3).prop_map(Bitmap::from_iter);
	prop_oneof![any_bits, few_bits]
}

fn aggregate() -> impl Strategy<Value = HeartbeatAggregate> {
	let part = |buckets| {
		(buckets, bitmap()).prop_map(|(bucket, present)| AggregatePart { bucket, present })
	};
	let parts = prop_oneof![
		vec(part(0..u32::MAX), 0..6),
		vec(part(0..4), 0..6),
		vec(part(0..u32::MAX), 0..6).prop_map(|mut parts| {
			parts.sort_by_key(|part| part.bucket);
			parts
		}),
	];
	let signature = vec(any::<u8>(), 96).prop_map(|bytes| Signature(array(&bytes)));
	(any::<u64>(), parts, signature).prop_map(|(period, parts, signature)| HeartbeatAggregate {
		period,
		parts: Parts::truncate_from(parts),
		signature,
	})
}

/// Whatever decodes is written in the one way there is, and can be looked at without harm.
fn decode(bytes: &[u8]) -> Result<(), TestCaseError> {
	let Ok(aggregate) = HeartbeatAggregate::decode_all(&mut &bytes[..]) else {
		return Ok(());
	};
	prop_assert_eq!(aggregate.encode(), bytes);
	prop_assert!(aggregate.parts.len() <= MAX_PARTS as usize);
	let _ = aggregate.check_form();
	let _ = aggregate.digest(aggregate.effort().keys);
	Ok(())
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(4_096))]

	#[test]
	fn keys_are_taken_if_and_only_if_blst_takes_them(bytes in key_bytes()) {
		let ours = PublicKey(bytes).check();
		let theirs = key_by_blst(&bytes);
		match (ours, theirs) {
			(Ok(stored), Ok(key)) => {
				prop_assert_eq!(stored.0, key.serialize());
				prop_assert_eq!(stored.compress(), Some(PublicKey(bytes)));
			}
			(ours, theirs) => {
				prop_assert_eq!(ours.err(), theirs.err().map(Refusal::BadKey));
			}
		}
	}

	#[test]
	fn stored_bytes_never_panic(bytes in vec(any::<u8>(), 96), clear in any::<bool>()) {
		let mut stored = StoredKey(array(&bytes));
		if clear {
			stored.0[0] &= !FLAGS;
		}
		let mut sum = KeySum::new();
		let _ = stored.compress();
		let added = sum.add(&stored);
		prop_assert_eq!(added, sum.subtract(&stored));
		prop_assert!(added || sum.to_stored() == StoredKey::IDENTITY);
	}

	#[test]
	fn random_bytes_are_no_aggregate_or_exactly_one(
		period in any::<u64>(),
		count in 0u8..5,
		tail in vec(any::<u8>(), 0..600),
	) {
		decode(&tail)?;
		decode(&[&period.to_le_bytes()[..], &[count << 2], &tail].concat())?;
	}

	#[test]
	fn changed_bytes_are_no_aggregate_or_exactly_one(
		bytes in mutated(aggregate().prop_map(|aggregate| aggregate.encode())),
		count in any::<[u8; 4]>(),
		cut in any::<Index>(),
		more in uniform32(any::<u8>()),
	) {
		decode(&bytes)?;
		decode(&bytes[..cut.index(bytes.len())])?;
		decode(&[&bytes[..], &more].concat())?;
		// Another number of parts, in every mode in which a number can be written.
		decode(&[&bytes[..8], &count, &bytes[9..]].concat())?;
	}

	#[test]
	fn an_aggregate_has_one_form(aggregate in aggregate()) {
		let encoded = aggregate.encode();
		let decoded = HeartbeatAggregate::decode_all(&mut &encoded[..]);
		prop_assert_eq!(decoded.as_ref(), Ok(&aggregate));
		let parts = &aggregate.parts;
		let ascending = parts.windows(2).all(|pair| pair[0].bucket < pair[1].bucket);
		let nobody = parts.iter().any(|part| part.present.count() == 0);
		let good = !parts.is_empty() && ascending && !nobody;
		prop_assert_eq!(aggregate.check_form().is_ok(), good);
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(1_024))]

	#[test]
	fn signatures_are_taken_if_and_only_if_blst_takes_them((secret, bytes) in signature_bytes()) {
		let key = PublicKey(array(&key(secret)));
		let mut sum = KeySum::new();
		prop_assert!(key.check().is_ok_and(|stored| sum.add(&stored)));
		let ours = verify(&sum, MESSAGE, &Signature(bytes));

		let key = key_by_blst(&key.0).expect("the key is fit");
		let theirs = signature_by_blst(&bytes).map_err(Refusal::BadSignature);
		let theirs = theirs.and_then(|signature| {
			match signature.verify(false, MESSAGE, TAG, &[], &key, false) {
				BLST_ERROR::BLST_SUCCESS => Ok(()),
				_ => Err(Refusal::WrongSignature),
			}
		});
		prop_assert_eq!(ours, theirs);
	}
}
