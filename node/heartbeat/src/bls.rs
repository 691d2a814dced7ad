//! BLS12-381 in the node, by `blst`: what `vigil-heartbeat-primitives` does in the runtime.
//!
//! Accepts and refuses exactly what the runtime does. A [`Point`] or a [`Key`] exists only once
//! it was checked: canonical, in the prime-order subgroup, not the identity.

use blst::{
	min_pk::{AggregatePublicKey, AggregateSignature, PublicKey as RawKey, Signature as RawPoint},
	BLST_ERROR,
};
use rand::RngCore;
use std::collections::BTreeSet;
use vigil_heartbeat_primitives::{
	possession_message, Hash, PointFault, PublicKey, Refusal, Signature, StoredKey,
};
use zeroize::Zeroizing;

const SIGNATURE_SUITE: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
const POSSESSION_SUITE: &[u8] = b"BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/// Bits of one random weight: a batch with a bad signature in it passes once in 2^64 batches.
const WEIGHT_BITS: usize = 64;
const WEIGHT_BYTES: usize = WEIGHT_BITS / 8;

/// The bit that marks the identity in the first byte of a compressed point.
const INFINITY: u8 = 0x40;

/// A staker's secret. Overwritten when dropped; never printed.
pub struct SecretKey(blst::min_pk::SecretKey);

impl core::fmt::Debug for SecretKey {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		f.write_str("SecretKey(..)")
	}
}

impl SecretKey {
	/// A new key from 32 bytes of randomness, by the IETF draft's `KeyGen`. The same bytes make
	/// the same key.
	pub fn generate(randomness: &[u8; 32]) -> Self {
		let key = blst::min_pk::SecretKey::key_gen(randomness, &[])
			.expect("KeyGen refuses less than 32 bytes only; qed");
		Self(key)
	}

	/// The key of these 32 bytes, big-endian. `None` for zero and from the group's order up.
	pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
		blst::min_pk::SecretKey::from_bytes(bytes).ok().map(Self)
	}

	/// The key as 32 bytes, big-endian, to be kept in a safe place.
	pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
		Zeroizing::new(self.0.to_bytes())
	}

	/// Its public key.
	pub fn public(&self) -> PublicKey {
		PublicKey(self.0.sk_to_pk().compress())
	}

	/// Its public key as the chain stores it.
	pub fn stored(&self) -> StoredKey {
		StoredKey(self.0.sk_to_pk().serialize())
	}

	/// Sign a heartbeat's message.
	pub fn sign(&self, message: &[u8]) -> Signature {
		Signature(self.0.sign(message, SIGNATURE_SUITE, &[]).compress())
	}

	/// Show, once, that `owner` has this secret on the chain of this genesis.
	pub fn prove(&self, genesis: &Hash, owner: &[u8; 32]) -> Signature {
		let message = possession_message(genesis, &self.public(), owner);
		Signature(self.0.sign(&message, POSSESSION_SUITE, &[]).compress())
	}
}

/// A checked key, ready for use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(RawKey);

impl Key {
	/// Check a key as users write it.
	pub fn decode(key: &PublicKey) -> Result<Self, PointFault> {
		let point = RawKey::uncompress(&key.0).map_err(fault)?;
		point.validate().map_err(fault)?;
		Ok(Self(point))
	}

	/// Read a key as the chain stores it. Its subgroup is not checked again: it was checked when
	/// it was registered. `None` for bytes that are no point, and for the identity.
	pub fn from_stored(key: &StoredKey) -> Option<Self> {
		let point = RawKey::deserialize(&key.0).ok()?;
		let identity = key.0 == StoredKey::IDENTITY.0;
		(!identity).then_some(Self(point))
	}

	/// As the chain stores it.
	pub fn to_stored(&self) -> StoredKey {
		StoredKey(self.0.serialize())
	}
}

/// A checked signature, ready for use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point(RawPoint);

impl Point {
	/// Check the form of a signature; by whom and of what it is, [`verify`] tells.
	pub fn decode(signature: &Signature) -> Result<Self, PointFault> {
		let point = RawPoint::uncompress(&signature.0).map_err(fault)?;
		point.validate(true).map_err(fault)?;
		Ok(Self(point))
	}

	/// As it travels.
	pub fn encode(&self) -> Signature {
		Signature(self.0.compress())
	}
}

fn fault(error: BLST_ERROR) -> PointFault {
	match error {
		BLST_ERROR::BLST_PK_IS_INFINITY => PointFault::Identity,
		BLST_ERROR::BLST_POINT_NOT_IN_GROUP => PointFault::OutsideSubgroup,
		_ => PointFault::NotCanonical,
	}
}

/// A running sum of signatures.
#[derive(Clone, Copy, Debug, Default)]
pub struct PointSum(Option<AggregateSignature>);

impl PointSum {
	/// Add one signature.
	pub fn add(&mut self, point: &Point) {
		match &mut self.0 {
			None => self.0 = Some(AggregateSignature::from_signature(&point.0)),
			Some(sum) => sum
				.add_signature(&point.0, false)
				.expect("adding fails only in the check that is not asked for; qed"),
		}
	}

	/// Add another sum.
	pub fn join(&mut self, other: &Self) {
		match (&mut self.0, &other.0) {
			(Some(sum), Some(other)) => sum.add_aggregate(other),
			(None, Some(other)) => self.0 = Some(*other),
			(_, None) => {}
		}
	}

	/// The sum as a point. It is in the subgroup like those it is made of. `None` for the sum of none,
	/// and for the identity.
	pub(crate) fn to_point(self) -> Option<Point> {
		let point = self.0?.to_signature();
		let is_identity = point
			.compress()
			.first()
			.is_some_and(|flags| flags & INFINITY != 0);
		(!is_identity).then_some(Point(point))
	}

	/// The sum as it travels. `None` for the sum of none, and for the identity.
	pub fn to_signature(&self) -> Option<Signature> {
		let point = self.0.as_ref()?.to_signature();
		point.validate(true).ok()?;
		Some(Signature(point.compress()))
	}
}

/// The sum of these signatures. `None` if there are none.
pub fn aggregate<'a>(points: impl IntoIterator<Item = &'a Point>) -> Option<Signature> {
	let mut sum = PointSum::default();
	points.into_iter().for_each(|point| sum.add(point));
	sum.to_signature()
}

/// Check that the holder of `key` signed `message`.
pub fn verify(key: &Key, message: &[u8], signature: &Signature) -> Result<Point, Refusal> {
	let point = Point::decode(signature).map_err(Refusal::BadSignature)?;
	if !holds(&key.0, message, &point.0) {
		return Err(Refusal::WrongSignature);
	}
	Ok(point)
}

/// Check that the holders of all these keys signed `message`.
pub fn verify_aggregate<'a>(
	keys: impl IntoIterator<Item = &'a Key>,
	message: &[u8],
	signature: &Signature,
) -> Result<(), Refusal> {
	let keys: Vec<&RawKey> = keys.into_iter().map(|key| &key.0).collect();
	let identity = Refusal::BadKey(PointFault::Identity);
	let sum = AggregatePublicKey::aggregate(&keys, false).map_err(|_| identity)?;
	let sum = sum.to_public_key();
	sum.validate()
		.map_err(|error| Refusal::BadKey(fault(error)))?;
	verify(&Key(sum), message, signature).map(drop)
}

fn holds(key: &RawKey, message: &[u8], point: &RawPoint) -> bool {
	point.verify(false, message, SIGNATURE_SUITE, &[], key, false) == BLST_ERROR::BLST_SUCCESS
}

/// What a batch turned out to be. An entry in neither list is good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
	/// Places of the entries whose signature is wrong, ascending.
	pub bad: Vec<usize>,
	/// Places of the entries that the work allowed was not enough to tell, ascending.
	pub undecided: Vec<usize>,
	/// Pairing checks that were made.
	pub checks: u32,
}

/// Check that each key signed `message`, all at once.
///
/// Each entry gets a weight of 64 bits from `rng`, on both sides of one pairing equation, so that
/// the errors of several signatures cannot cancel unless somebody foresees the weights. When the
/// equation fails, halves are tried: in turn of the largest range, so that good entries are told
/// apart early, and of the smallest, so that some bad ones are found however many there are.
///
/// Work: at most `checks` equations of two pairings each. One costs about a millisecond and a
/// multiplication by 64 bits for every entry it covers. `bad` bad entries in `n` need about
/// `2 · bad · log2(n)` equations, and never more than `2 · n`; what is not told then comes back as
/// undecided.
pub fn verify_batch(
	entries: &[(Key, Point)],
	message: &[u8],
	checks: u32,
	rng: &mut impl RngCore,
) -> Verdict {
	Batch::new(entries, message, rng).bisect(checks)
}

struct Batch<'a> {
	message: &'a [u8],
	keys: Vec<RawKey>,
	points: Vec<RawPoint>,
	weights: Vec<u8>,
}

impl<'a> Batch<'a> {
	fn new(entries: &[(Key, Point)], message: &'a [u8], rng: &mut impl RngCore) -> Self {
		let mut weights = vec![0; entries.len() * WEIGHT_BYTES];
		rng.fill_bytes(&mut weights);
		Self {
			message,
			keys: entries.iter().map(|(key, _)| key.0).collect(),
			points: entries.iter().map(|(_, point)| point.0).collect(),
			weights,
		}
	}

	/// Whether all entries from `start` up to `end` are good.
	fn holds(&self, start: usize, end: usize) -> bool {
		let (keys, points) = (&self.keys[start..end], &self.points[start..end]);
		if let ([key], [point]) = (keys, points) {
			return holds(key, self.message, point);
		}
		let weights = &self.weights[start * WEIGHT_BYTES..end * WEIGHT_BYTES];
		let sums = (
			AggregatePublicKey::aggregate_with_randomness(keys, weights, WEIGHT_BITS, false),
			AggregateSignature::aggregate_with_randomness(points, weights, WEIGHT_BITS, false),
		);
		match sums {
			(Ok(key), Ok(point)) => {
				holds(&key.to_public_key(), self.message, &point.to_signature())
			}
			_ => false,
		}
	}

	fn bisect(&self, allowed: u32) -> Verdict {
		let mut verdict = Verdict::default();
		// Ranges that are known to hold something bad, by length.
		let mut spoilt = BTreeSet::new();
		let look = |start: usize, end: usize, verdict: &mut Verdict| {
			if start == end {
				return Some(true);
			}
			if verdict.checks >= allowed {
				verdict.undecided.extend(start..end);
				return None;
			}
			verdict.checks += 1;
			Some(self.holds(start, end))
		};
		if look(0, self.keys.len(), &mut verdict) == Some(false) {
			spoilt.insert((self.keys.len(), 0));
		}
		let mut deep = false;
		while let Some((length, start)) = match deep {
			true => spoilt.pop_first(),
			false => spoilt.pop_last(),
		} {
			let (middle, end) = (start + length / 2, start + length);
			if length == 1 {
				verdict.bad.push(start);
				continue;
			}
			deep = !deep;
			match look(start, middle, &mut verdict) {
				// Then the other half is bad: no need to look.
				Some(true) => {
					spoilt.insert((end - middle, middle));
				}
				Some(false) => {
					spoilt.insert((middle - start, start));
					if look(middle, end, &mut verdict) == Some(false) {
						spoilt.insert((end - middle, middle));
					}
				}
				None => verdict.undecided.extend(middle..end),
			}
		}
		verdict.bad.sort_unstable();
		verdict.undecided.sort_unstable();
		verdict
	}
}
