//! What travels between nodes: heartbeats of one period, many in one message.

use codec::{Decode, Encode};
use vigil_heartbeat_primitives::{PeriodIndex, Signature, StakerIndex};

/// Version of the format: the first byte of every message.
pub const VERSION: u8 = 1;

/// Most heartbeats in one message.
pub const MAX_HEARTBEATS: usize = 256;

/// Most nodes between the one that sends first and the collector.
pub const MAX_HOPS: u8 = 2;

/// Bytes of one heartbeat in a message: index and signature.
pub const HEARTBEAT_BYTES: usize = 4 + 96;

/// Bytes of the longest message: version, period, hops, length (two bytes from 64 up), heartbeats.
pub const MAX_BYTES: usize = 1 + 8 + 1 + 2 + MAX_HEARTBEATS * HEARTBEAT_BYTES;

/// Heartbeats of one period, as SCALE behind the byte of the version.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Batch {
	/// The period.
	pub period: PeriodIndex,
	/// Nodes that passed these heartbeats on so far: at most [`MAX_HOPS`].
	pub hops: u8,
	/// Who, and their signatures: 1 to [`MAX_HEARTBEATS`], indices ascending, none twice.
	pub heartbeats: Vec<(StakerIndex, Signature)>,
}

/// Why a message is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
	/// Longer than [`MAX_BYTES`].
	TooLong,
	/// Of a version that this node does not speak.
	UnknownVersion,
	/// Not a batch, or with bytes after it.
	NotABatch,
	/// More than [`MAX_HOPS`] hops.
	TooManyHops,
	/// No heartbeat, or more than [`MAX_HEARTBEATS`].
	WrongCount,
	/// Indices that do not ascend.
	NotAscending,
}

impl Batch {
	/// As it travels.
	pub fn to_bytes(&self) -> Vec<u8> {
		let mut bytes = Vec::with_capacity(MAX_BYTES.min(16 + self.size()));
		bytes.push(VERSION);
		self.encode_to(&mut bytes);
		bytes
	}

	/// Read what travelled. There is one way to write a batch; everything else is refused.
	pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
		if bytes.len() > MAX_BYTES {
			return Err(Malformed::TooLong);
		}
		let Some((&VERSION, mut rest)) = bytes.split_first() else {
			return Err(Malformed::UnknownVersion);
		};
		let batch = Self::decode(&mut rest).map_err(|_| Malformed::NotABatch)?;
		if !rest.is_empty() {
			return Err(Malformed::NotABatch);
		}
		if batch.hops > MAX_HOPS {
			return Err(Malformed::TooManyHops);
		}
		if batch.heartbeats.is_empty() || batch.heartbeats.len() > MAX_HEARTBEATS {
			return Err(Malformed::WrongCount);
		}
		if !batch.heartbeats.is_sorted_by(|(a, _), (b, _)| a < b) {
			return Err(Malformed::NotAscending);
		}
		Ok(batch)
	}

	fn size(&self) -> usize {
		self.heartbeats.len() * HEARTBEAT_BYTES
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::{collection::btree_map, prelude::*};

	fn batch(hops: u8, indices: &[u32]) -> Batch {
		Batch {
			period: 7,
			hops,
			heartbeats: indices
				.iter()
				.map(|index| (*index, Signature([*index as u8; 96])))
				.collect(),
		}
	}

	proptest! {
		#[test]
		fn a_batch_arrives_as_it_was_sent(
			period: u64,
			hops in 0..=MAX_HOPS,
			heartbeats in btree_map(any::<u32>(), any::<u8>(), 1..=MAX_HEARTBEATS),
		) {
			let heartbeats = heartbeats
				.into_iter()
				.map(|(index, byte)| (index, Signature([byte; 96])))
				.collect();
			let batch = Batch { period, hops, heartbeats };
			let bytes = batch.to_bytes();
			prop_assert!(bytes.len() <= MAX_BYTES);
			prop_assert_eq!(Batch::from_bytes(&bytes), Ok(batch));
		}

		#[test]
		fn there_is_one_way_to_write_a_batch(
			at in 0..320usize,
			change: u8,
			cut in 0..4usize,
		) {
			let mut bytes = batch(1, &[1, 2, 3]).to_bytes();
			let length = bytes.len();
			bytes[at % length] ^= change;
			bytes.truncate(length - cut);
			if let Ok(read) = Batch::from_bytes(&bytes) {
				prop_assert_eq!(read.to_bytes(), bytes);
			}
		}
	}

	#[test]
	fn the_longest_batch_is_as_long_as_stated() {
		let indices: Vec<_> = (0..MAX_HEARTBEATS as u32).collect();
		assert_eq!(batch(0, &indices).to_bytes().len(), MAX_BYTES);
	}

	#[test]
	fn what_is_not_a_batch_is_refused() {
		let good = batch(2, &[1, 5]).to_bytes();
		let with = |at: usize, value: u8| {
			let mut bytes = good.clone();
			bytes[at] = value;
			Batch::from_bytes(&bytes)
		};
		assert_eq!(Batch::from_bytes(&[]), Err(Malformed::UnknownVersion));
		assert_eq!(with(0, 2), Err(Malformed::UnknownVersion));
		assert_eq!(with(9, 3), Err(Malformed::TooManyHops));
		assert_eq!(with(10, 1 << 2), Err(Malformed::NotABatch));
		assert_eq!(with(10, 3 << 2), Err(Malformed::NotABatch));
		assert_eq!(with(11, 5), Err(Malformed::NotAscending));
		let longer = [good.as_slice(), &[0]].concat();
		assert_eq!(Batch::from_bytes(&longer), Err(Malformed::NotABatch));
		let none = batch(0, &[]).to_bytes();
		assert_eq!(Batch::from_bytes(&none), Err(Malformed::WrongCount));
		let endless = vec![VERSION; MAX_BYTES + 1];
		assert_eq!(Batch::from_bytes(&endless), Err(Malformed::TooLong));
	}

	/// A length that is a lie reserves no memory worth mentioning.
	#[test]
	fn a_length_beyond_the_bytes_is_refused() {
		let mut bytes = vec![VERSION];
		(7u64, 0u8, codec::Compact(u32::MAX)).encode_to(&mut bytes);
		assert_eq!(Batch::from_bytes(&bytes), Err(Malformed::NotABatch));
	}
}
