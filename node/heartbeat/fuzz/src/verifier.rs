//! Aggregates, judged as the runtime does, as the node does, and by arithmetic.

use crate::{
	points::{self, LARGER},
	signatures::secret,
	tape::Tape,
};
use ark_bls12_381::Fr;
use ark_ff::{BigInteger, PrimeField, Zero};
use codec::{DecodeAll, Encode};
use rand::{rngs::StdRng, SeedableRng};
use std::sync::OnceLock;
use vigil_heartbeat::bls::{
	aggregate as sum_of, verify_aggregate, verify_batch, Key, Point, SecretKey,
};
use vigil_heartbeat_primitives::{
	heartbeat_message, testing, verify, AggregatePart, Bitmap, HeartbeatAggregate, KeySum, Parts,
	PointFault, Refusal, Side, Signature, StoredKey, BUCKET_SIZE,
};

const BUCKETS: u32 = 2;
/// The staker whose key is the negative sum of the first three: together they are nobody.
const COUNTERWEIGHT: u32 = BUCKETS * BUCKET_SIZE - 1;
/// Positions of each bucket from here up to the last but one have no staker.
const UNUSED_FROM: u32 = 1_000;

/// Why an aggregate is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
	/// It does not decode.
	Undecodable,
	/// It is not written in the one way.
	BadForm,
	/// It names somebody who is not active.
	NotActive,
	/// The sum of the keys is the identity.
	NoKeys,
	/// The signature is not fit.
	BadSignature,
	/// The signature is of something else or by somebody else.
	WrongSignature,
}

impl From<Refusal> for Why {
	fn from(refusal: Refusal) -> Self {
		match refusal {
			Refusal::BadKey(PointFault::Identity) => Self::NoKeys,
			Refusal::BadKey(fault) => panic!("the keys are fit: {fault:?}"),
			Refusal::BadSignature(_) => Self::BadSignature,
			Refusal::WrongSignature => Self::WrongSignature,
		}
	}
}

/// The chain's stakers.
struct Registry {
	stored: Vec<StoredKey>,
	keys: Vec<Key>,
	active: [Bitmap; BUCKETS as usize],
	sums: [StoredKey; BUCKETS as usize],
}

fn registry() -> &'static Registry {
	static REGISTRY: OnceLock<Registry> = OnceLock::new();
	REGISTRY.get_or_init(|| {
		let mut stored = testing::stored_keys(0..BUCKETS * BUCKET_SIZE);
		stored[COUNTERWEIGHT as usize] = signer(scalar(COUNTERWEIGHT)).map_or_else(
			|| panic!("the counterweight is not zero"),
			|secret| secret.stored(),
		);
		let key = |stored| Key::from_stored(stored).expect("a registered key is a key");
		let used = |position: &u32| *position < UNUSED_FROM || *position == BUCKET_SIZE - 1;
		let active = [(0..BUCKET_SIZE).filter(used).collect::<Bitmap>(); BUCKETS as usize];
		let sums = [0, 1].map(|bucket: usize| {
			let mut sum = KeySum::new();
			for position in active[bucket].positions() {
				assert!(sum.add(&stored[bucket * BUCKET_SIZE as usize + position as usize]));
			}
			sum.to_stored()
		});
		Registry {
			keys: stored.iter().map(key).collect(),
			stored,
			active,
			sums,
		}
	})
}

/// A staker's secret, as a number.
fn scalar(index: u32) -> Fr {
	match index {
		COUNTERWEIGHT => -(scalar(0) + scalar(1) + scalar(2)),
		_ => Fr::from(u64::from(index) + 1),
	}
}

/// Who signs with this number. Nobody has zero.
fn signer(scalar: Fr) -> Option<SecretKey> {
	let bytes = scalar.into_bigint().to_bytes_be();
	SecretKey::from_bytes(&bytes.try_into().expect("a scalar has 32 bytes"))
}

/// A signed aggregate, changed in any of its parts. The runtime, which adds or subtracts stored
/// keys, the node, which adds points of `blst`, and arithmetic with the secrets, which are known,
/// come to the same: it is taken if and only if it names active stakers in the one form and its
/// signature is theirs, of this message.
pub fn aggregate_verifier(input: &[u8]) -> Result<(), Why> {
	let mut tape = Tape::new(input);
	let (genesis, checkpoint) = ([1; 32], [2; 32]);
	let mut aggregate = some_aggregate(&mut tape);
	let signers: Fr = named(&aggregate).map(scalar).sum();
	let message = heartbeat_message(&genesis, aggregate.period, &checkpoint);
	if let Some(signer) = signer(signers) {
		aggregate.signature = signer.sign(&message);
	}
	for _ in 0..tape.below(3) {
		change(&mut aggregate, &mut tape);
	}
	let mut bytes = aggregate.encode();
	if tape.flag() {
		tape.bend(&mut bytes);
	}

	let aggregate =
		HeartbeatAggregate::decode_all(&mut &bytes[..]).map_err(|_| Why::Undecodable)?;
	aggregate.check_form().map_err(|_| Why::BadForm)?;
	if !all_active(&aggregate) {
		return Err(Why::NotActive);
	}
	let message = heartbeat_message(&genesis, aggregate.period, &checkpoint);
	let runtime = verify(&summed(&aggregate), &message, &aggregate.signature);
	let keys = named(&aggregate).map(|index| &registry().keys[index as usize]);
	let node = verify_aggregate(keys, &message, &aggregate.signature);
	assert_eq!(runtime, node);
	let secrets: Fr = named(&aggregate).map(scalar).sum();
	let right = signer(secrets).map(|signer| signer.sign(&message));
	assert_eq!(runtime.is_ok(), right == Some(aggregate.signature));
	assert_eq!(
		runtime == Err(Refusal::BadKey(PointFault::Identity)),
		secrets.is_zero()
	);
	runtime.map_err(Why::from)
}

/// An aggregate of active stakers, not signed yet.
fn some_aggregate(tape: &mut Tape<'_>) -> HeartbeatAggregate {
	let active = &registry().active;
	let period = u64::from(tape.byte());
	let mut parts = Vec::new();
	for bucket in 0..BUCKETS {
		let active = active[bucket as usize];
		let present = match tape.below(8) {
			0 | 1 => some_positions(tape),
			2 => active.without(&some_positions(tape)),
			3 => Bitmap([tape.byte(); 128]),
			4 => Bitmap(tape.array()),
			// The counterweight and those that it outweighs.
			5 if bucket == 0 => (0..3).collect(),
			5 => [BUCKET_SIZE - 1].into_iter().collect(),
			_ => Bitmap::EMPTY,
		};
		let present = present & active;
		if !present.is_empty() {
			parts.push(AggregatePart { bucket, present });
		}
	}
	HeartbeatAggregate {
		period,
		parts: Parts::truncate_from(parts),
		signature: Signature([0; 96]),
	}
}

fn some_positions(tape: &mut Tape<'_>) -> Bitmap {
	let more = tape.below(8);
	let position = |_| u32::from(tape.short()) % BUCKET_SIZE;
	(0..=more).map(position).collect()
}

/// One change of what was signed, or of the signature.
fn change(aggregate: &mut HeartbeatAggregate, tape: &mut Tape<'_>) {
	let Signature(signature) = &mut aggregate.signature;
	let mut parts = core::mem::take(&mut aggregate.parts).into_inner();
	match tape.below(10) {
		0 => aggregate.period ^= u64::from(tape.byte()),
		1 => {
			tape.bend(signature);
		}
		2 => signature[0] ^= LARGER,
		3 => {
			let base = Point::decode(&Signature(*signature)).unwrap_or(entries().points[0]);
			*signature = points::signature(tape, |_| base.encode().0).bytes;
		}
		// A stranger's signature on top, or somebody's a second time.
		4 => {
			let message = heartbeat_message(&[1; 32], aggregate.period, &[2; 32]);
			let other = secret(u32::from(tape.short()) % COUNTERWEIGHT).sign(&message);
			let points = [Signature(*signature), other].map(|one| Point::decode(&one).ok());
			if let Some(Signature(sum)) = sum_of(points.iter().flatten()) {
				*signature = sum;
			}
		}
		5 => parts.reverse(),
		6 => parts.extend(parts.first().copied()),
		7 => {
			if let Some(part) = parts.last_mut() {
				part.bucket = part.bucket.wrapping_add(u32::from(tape.byte()));
			}
		}
		// One more or one less, active or not.
		_ => {
			let position = u32::from(tape.short()) % BUCKET_SIZE;
			if let Some(part) = parts.first_mut() {
				let set = part.present.get(position);
				part.present.assign(position, !set);
			}
		}
	}
	aggregate.parts = Parts::truncate_from(parts);
}

/// The indices that an aggregate names.
fn named(aggregate: &HeartbeatAggregate) -> impl Iterator<Item = u32> + '_ {
	aggregate.parts.iter().flat_map(|part| {
		let first = part.bucket * BUCKET_SIZE;
		let positions: Vec<_> = part.present.positions().collect();
		positions.into_iter().map(move |position| first + position)
	})
}

fn all_active(aggregate: &HeartbeatAggregate) -> bool {
	aggregate.parts.iter().all(|part| {
		let active = registry().active.get(part.bucket as usize);
		active.is_some_and(|active| part.present.is_subset_of(active))
	})
}

/// The sum of the keys, as the runtime makes it: by way of whoever is fewer.
fn summed(aggregate: &HeartbeatAggregate) -> KeySum {
	let registry = registry();
	let mut sum = KeySum::new();
	for part in &aggregate.parts {
		let bucket = part.bucket as usize;
		let side = Side::of(part.present, &registry.active[bucket]);
		if matches!(side, Side::Subtract(_)) {
			assert!(sum.add(&registry.sums[bucket]));
		}
		for position in side.positions().positions() {
			let key = &registry.stored[bucket * BUCKET_SIZE as usize + position as usize];
			assert!(match side {
				Side::Add(_) => sum.add(key),
				Side::Subtract(_) => sum.subtract(key),
			});
		}
	}
	sum
}

const ENTRIES: u32 = 16;

struct Entries {
	keys: Vec<Key>,
	points: Vec<Point>,
}

fn entries() -> &'static Entries {
	static KNOWN: OnceLock<Entries> = OnceLock::new();
	KNOWN.get_or_init(|| {
		let point = |index| Point::decode(&secret(index).sign(b"message"));
		Entries {
			keys: registry().keys[..ENTRIES as usize].to_vec(),
			points: (0..ENTRIES)
				.map(|index| point(index).expect("a signature is a point"))
				.collect(),
		}
	})
}

/// A batch in which signatures are exchanged, so that errors cancel in a plain sum: with work
/// enough exactly the bad ones are found, and with less none is accused or cleared wrongly. Returns
/// how many were bad and how many stayed undecided.
pub fn batch_verifier(input: &[u8]) -> (usize, usize) {
	let mut tape = Tape::new(input);
	let (seed, work) = (tape.byte(), tape.byte());
	let allowed = if work < 64 { u32::from(work) } else { u32::MAX };
	let pairs: Vec<_> = (0..tape.below(24))
		.map(|_| {
			let byte = tape.byte();
			let signer = usize::from(byte >> 4);
			// Half of them sign with their own key.
			let key = if byte & 8 == 0 {
				signer
			} else {
				usize::from(byte & 15)
			};
			(key, signer)
		})
		.collect();
	let known = entries();
	let batch: Vec<_> = pairs
		.iter()
		.map(|(key, signer)| (known.keys[*key], known.points[*signer]))
		.collect();
	let mut rng = StdRng::from_seed([seed; 32]);
	let verdict = verify_batch(&batch, b"message", allowed, &mut rng);

	let is_bad = |at: &usize| pairs[*at].0 != pairs[*at].1;
	let bad: Vec<_> = (0..pairs.len()).filter(is_bad).collect();
	assert!(verdict.checks <= allowed.min(2 * pairs.len() as u32));
	assert!(verdict.bad.is_sorted_by(|a, b| a < b));
	assert!(verdict.undecided.is_sorted_by(|a, b| a < b));
	for at in 0..pairs.len() {
		let accused = verdict.bad.contains(&at);
		let undecided = verdict.undecided.contains(&at);
		assert!(!(accused && undecided));
		assert!(undecided || accused == is_bad(&at));
	}
	if allowed == u32::MAX {
		assert_eq!((&verdict.bad, verdict.undecided.len()), (&bad, 0));
	}
	(bad.len(), verdict.undecided.len())
}
