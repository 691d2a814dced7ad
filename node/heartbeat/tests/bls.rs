//! The node's BLS and the runtime's must agree on every byte.

use proptest::{collection::vec, prelude::*};
use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};
use vigil_heartbeat::bls::{
	aggregate, verify, verify_aggregate, verify_batch, Key, Point, SecretKey, Verdict,
};
use vigil_heartbeat_primitives::{
	self as primitives, testing::TestKey, KeySum, PointFault, PublicKey, Refusal, Signature,
	StoredKey,
};

const MESSAGE: &[u8] = b"message";

fn secret(index: u32) -> SecretKey {
	SecretKey::from_bytes(&TestKey::new(index).secret_bytes()).expect("a test key is a key")
}

fn key(index: u32) -> Key {
	Key::from_stored(&TestKey::new(index).stored()).expect("a test key is a key")
}

fn entry(index: u32) -> (Key, Point) {
	let signature = secret(index).sign(MESSAGE);
	(
		key(index),
		Point::decode(&signature).expect("a signature is a point"),
	)
}

fn batch(entries: &[(Key, Point)], checks: u32) -> Verdict {
	verify_batch(entries, MESSAGE, checks, &mut ChaCha20Rng::seed_from_u64(1))
}

fn runtime_verifies(index: u32, signature: &Signature) -> Result<(), Refusal> {
	let mut sum = KeySum::new();
	assert!(sum.add(&TestKey::new(index).stored()));
	primitives::verify(&sum, MESSAGE, signature)
}

/// Bytes near valid ones, and bytes that are points outside the subgroup about half of the time.
fn bent<const LENGTH: usize>(valid: [u8; LENGTH]) -> impl Strategy<Value = [u8; LENGTH]> {
	let flipped = (0..LENGTH, any::<u8>()).prop_map(move |(at, change)| {
		let mut bytes = valid;
		bytes[at] ^= change;
		bytes
	});
	let flags = any::<u8>().prop_map(move |first| {
		let mut bytes = valid;
		bytes[0] = first;
		bytes
	});
	let infinity = (0..LENGTH, any::<u8>(), any::<u8>()).prop_map(|(at, value, first)| {
		let mut bytes = [0; LENGTH];
		bytes[at] = value;
		bytes[0] = first | 0xc0;
		bytes
	});
	let random = vec(any::<u8>(), LENGTH).prop_map(|bytes| {
		let mut bytes: [u8; LENGTH] = bytes.try_into().expect("the length is given");
		bytes[0] = bytes[0] & 0x1f | 0x80;
		bytes
	});
	prop_oneof![flipped, flags, infinity, random]
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(300))]

	#[test]
	fn a_key_is_accepted_if_and_only_if_the_runtime_accepts_it(
		bytes in bent(TestKey::new(5).public().0),
	) {
		let key = PublicKey(bytes);
		let ours = Key::decode(&key).ok().map(|key| key.to_stored());
		prop_assert_eq!(ours, key.check().ok());
	}

	#[test]
	fn a_signature_is_accepted_if_and_only_if_the_runtime_accepts_it(
		bytes in bent(TestKey::new(5).sign(MESSAGE).0),
	) {
		let signature = Signature(bytes);
		let ours = Point::decode(&signature);
		let form_is_good = !matches!(
			runtime_verifies(5, &signature),
			Err(Refusal::BadSignature(_))
		);
		prop_assert_eq!(ours.is_ok(), form_is_good);
		if let Ok(point) = ours {
			prop_assert_eq!(point.encode(), signature);
		}
		prop_assert_eq!(
			verify(&key(5), MESSAGE, &signature).is_ok(),
			runtime_verifies(5, &signature).is_ok()
		);
	}

	#[test]
	fn bisecting_finds_the_bad_ones_and_no_others(
		spoilt in proptest::collection::btree_set(0..40usize, 0..12),
		length in 1..40usize,
	) {
		let good = good_entries();
		let mut entries = good[..length].to_vec();
		for at in spoilt.iter().filter(|at| **at < length) {
			entries[*at].1 = good[at + 40].1;
		}
		let verdict = batch(&entries, u32::MAX);
		let expected: Vec<_> = spoilt.into_iter().filter(|at| *at < length).collect();
		prop_assert_eq!(verdict.bad, expected);
		prop_assert_eq!(verdict.undecided, Vec::<usize>::new());
		prop_assert!(verdict.checks <= 2 * length as u32);
	}
}

fn good_entries() -> &'static [(Key, Point)] {
	static ENTRIES: std::sync::OnceLock<Vec<(Key, Point)>> = std::sync::OnceLock::new();
	ENTRIES.get_or_init(|| (0..80).map(entry).collect())
}

#[test]
fn both_sides_make_the_same_keys_signatures_and_proofs() {
	let (ours, theirs) = (secret(7), TestKey::new(7));
	assert_eq!(ours.public(), theirs.public());
	assert_eq!(ours.stored(), theirs.stored());
	assert_eq!(ours.sign(MESSAGE), theirs.sign(MESSAGE));
	assert_eq!(
		ours.prove(&[1; 32], &[2; 32]),
		theirs.prove(&[1; 32], &[2; 32])
	);
	assert_eq!(*ours.to_bytes(), theirs.secret_bytes());
}

#[test]
fn a_new_key_comes_from_its_randomness_and_is_not_printed() {
	let (one, same, other) = ([1, 1, 2])
		.map(|byte| SecretKey::generate(&[byte; 32]))
		.into();
	assert_eq!(one.public(), same.public());
	assert_ne!(one.public(), other.public());
	assert_eq!(format!("{one:?}"), "SecretKey(..)");
	assert!(one.public().check().is_ok());
}

#[test]
fn zero_and_the_order_of_the_group_are_no_secrets() {
	assert!(SecretKey::from_bytes(&[0; 32]).is_none());
	assert!(SecretKey::from_bytes(&[255; 32]).is_none());
}

#[test]
fn the_identity_is_neither_key_nor_signature() {
	let mut bytes = [0; 96];
	bytes[0] = 0xc0;
	assert_eq!(Point::decode(&Signature(bytes)), Err(PointFault::Identity));
	let mut bytes = [0; 48];
	bytes[0] = 0xc0;
	assert_eq!(Key::decode(&PublicKey(bytes)), Err(PointFault::Identity));
	assert_eq!(Key::from_stored(&StoredKey::IDENTITY), None);
	assert_eq!(Key::from_stored(&StoredKey([255; 96])), None);
}

#[test]
fn an_aggregate_of_ours_convinces_the_runtime() {
	let points: Vec<_> = (3..20).map(|index| entry(index).1).collect();
	let keys: Vec<_> = (3..20).map(key).collect();
	let signature = aggregate(&points).expect("there are some");
	assert_eq!(signature, TestKey::sum(3..20).sign(MESSAGE));
	assert_eq!(verify_aggregate(&keys, MESSAGE, &signature), Ok(()));
	assert_eq!(
		verify_aggregate(&keys[1..], MESSAGE, &signature),
		Err(Refusal::WrongSignature)
	);
	assert_eq!(
		verify_aggregate([], MESSAGE, &signature),
		Err(Refusal::BadKey(PointFault::Identity))
	);
	assert_eq!(aggregate([]), None);
}

/// The errors of two signatures, exchanged, leave the plain sum as it was.
#[test]
fn errors_that_cancel_in_a_plain_sum_do_not_pass_a_batch() {
	let mut entries = good_entries()[..16].to_vec();
	let (first, second) = (entries[3].1, entries[11].1);
	entries[3].1 = second;
	entries[11].1 = first;
	let sum = aggregate(entries.iter().map(|(_, point)| point)).expect("there are some");
	let keys = entries.iter().map(|(key, _)| key);
	assert_eq!(verify_aggregate(keys, MESSAGE, &sum), Ok(()));
	assert_eq!(batch(&entries, u32::MAX).bad, [3, 11]);
}

#[test]
fn what_the_work_allowed_cannot_tell_stays_undecided() {
	let good = good_entries();
	let mut entries = good[..16].to_vec();
	entries[0].1 = good[20].1;
	assert_eq!(batch(&entries, 0).undecided.len(), 16);
	let verdict = batch(&entries, 3);
	assert_eq!(verdict.bad, Vec::<usize>::new());
	assert_eq!(verdict.undecided, [0, 1, 2, 3, 4, 5, 6, 7]);
	assert_eq!(batch(&entries, 9).bad, [0]);
	assert_eq!(
		batch(&good[..16], 1),
		Verdict {
			checks: 1,
			..Default::default()
		}
	);
}

/// Otherwise a peer that sends nothing but junk would never be caught.
#[test]
fn some_bad_ones_are_found_however_many_there_are() {
	let good = good_entries();
	let junk: Vec<_> = (0..40).map(|at| (good[at].0, good[at + 40].1)).collect();
	let verdict = batch(&junk, 30);
	assert_eq!(verdict.checks, 30);
	assert!(verdict.bad.len() >= 6, "{verdict:?}");
	assert_eq!(verdict.bad.len() + verdict.undecided.len(), 40);
}

#[test]
fn a_batch_of_nothing_costs_nothing() {
	assert_eq!(batch(&[], 5), Verdict::default());
}
