//! Many heartbeats as one.

use crate::{
	cost::Effort, keys::Signature, AggregateDigest, Bitmap, BucketIndex, PeriodIndex, MAX_PARTS,
};
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The stakers of one bucket that signed.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct AggregatePart {
	/// The bucket.
	pub bucket: BucketIndex,
	/// Their positions in it.
	pub present: Bitmap,
}

/// At most [`MAX_PARTS`] parts.
pub type Parts = BoundedVec<AggregatePart, ConstU32<MAX_PARTS>>;

/// One signature for everybody that the parts name.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct HeartbeatAggregate {
	/// The period.
	pub period: PeriodIndex,
	/// Who signed: buckets ascending, none twice, none empty.
	pub parts: Parts,
	/// The sum of their signatures.
	pub signature: Signature,
}

/// Why the form of an aggregate is refused, before anything in it is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum BadForm {
	/// There are no parts.
	NoParts,
	/// A part names nobody.
	EmptyPart,
	/// The buckets are not in ascending order, or one comes twice.
	NotAscending,
}

impl HeartbeatAggregate {
	/// Check that there is only one way to write this aggregate, and that this is it.
	pub fn check_form(&self) -> Result<(), BadForm> {
		if self.parts.is_empty() {
			return Err(BadForm::NoParts);
		}
		if self.parts.iter().any(|part| part.present.is_empty()) {
			return Err(BadForm::EmptyPart);
		}
		if !self.parts.is_sorted_by(|a, b| a.bucket < b.bucket) {
			return Err(BadForm::NotAscending);
		}
		Ok(())
	}

	/// The most that verifying this can cost.
	pub fn effort(&self) -> Effort {
		Effort::of(self.parts.iter().map(|part| &part.present))
	}

	/// What the header says of this aggregate when `recorded` of its stakers were new.
	pub fn digest(&self, recorded: u32) -> AggregateDigest {
		AggregateDigest {
			period: self.period,
			recorded,
			aggregate: sp_crypto_hashing::blake2_256(&self.encode()),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn aggregate(parts: &[(u32, &[u32])]) -> HeartbeatAggregate {
		let parts = parts.iter().map(|(bucket, present)| AggregatePart {
			bucket: *bucket,
			present: present.iter().copied().collect(),
		});
		HeartbeatAggregate {
			period: 1,
			parts: Parts::truncate_from(parts.collect()),
			signature: Signature([0; 96]),
		}
	}

	#[test]
	fn there_is_one_way_to_write_an_aggregate() {
		assert_eq!(aggregate(&[(1, &[5]), (2, &[0])]).check_form(), Ok(()));
		assert_eq!(aggregate(&[]).check_form(), Err(BadForm::NoParts));
		let empty = aggregate(&[(1, &[5]), (2, &[])]);
		assert_eq!(empty.check_form(), Err(BadForm::EmptyPart));
		for (first, second) in [(2, 1), (1, 1)] {
			let wrong = aggregate(&[(first, &[0]), (second, &[0])]);
			assert_eq!(wrong.check_form(), Err(BadForm::NotAscending));
		}
	}

	#[test]
	fn more_parts_than_allowed_do_not_decode() {
		let part = AggregatePart {
			bucket: 0,
			present: Bitmap::EMPTY,
		};
		let parts = vec![part; MAX_PARTS as usize + 1];
		let encoded = (1u64, parts, Signature([0; 96])).encode();
		assert!(HeartbeatAggregate::decode(&mut &encoded[..]).is_err());
	}
}
