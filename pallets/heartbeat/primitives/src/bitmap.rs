//! One bit for each index of a bucket.

use crate::{BUCKET_SIZE, PAGE_SIZE};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::ops::{BitAnd, BitOr};
use scale_info::TypeInfo;

/// Bytes of a bitmap.
const LENGTH: usize = 128;
const _: () = assert!(LENGTH * 8 == BUCKET_SIZE as usize);
/// Bytes that cover a page.
const PAGE_BYTES: usize = (PAGE_SIZE / 8) as usize;
const _: () = assert!(LENGTH.is_multiple_of(PAGE_BYTES));

/// 1,024 bits: position `i` is bit `i % 8`, counted from the lowest, of byte `i / 8`.
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
pub struct Bitmap(pub [u8; LENGTH]);

impl Default for Bitmap {
	fn default() -> Self {
		Self::EMPTY
	}
}

impl Bitmap {
	/// No bit is set.
	pub const EMPTY: Self = Self([0; LENGTH]);

	/// Whether the bit at `position` is set. False beyond the end.
	pub fn get(&self, position: u32) -> bool {
		self.0
			.get((position >> 3) as usize)
			.is_some_and(|byte| byte & Self::mask(position) != 0)
	}

	/// Set the bit at `position`, or clear it. Nothing happens beyond the end.
	pub fn assign(&mut self, position: u32, value: bool) {
		if let Some(byte) = self.0.get_mut((position >> 3) as usize) {
			if value {
				*byte |= Self::mask(position);
			} else {
				*byte &= !Self::mask(position);
			}
		}
	}

	/// How many bits are set: at most 1,024.
	pub fn count(&self) -> u32 {
		self.0.iter().map(|byte| byte.count_ones()).sum()
	}

	/// Whether no bit is set.
	pub fn is_empty(&self) -> bool {
		*self == Self::EMPTY
	}

	/// The positions that are set, ascending.
	pub fn positions(&self) -> impl Iterator<Item = u32> + '_ {
		(0u32..)
			.step_by(8)
			.zip(self.0)
			.filter(|(_, byte)| *byte != 0)
			.flat_map(|(first, byte)| {
				(0..8)
					.filter(move |bit| byte & (1 << bit) != 0)
					.map(move |bit| first | bit)
			})
	}

	/// The bits that are set here and not in `other`.
	pub fn without(&self, other: &Self) -> Self {
		self.combine(other, |ours, theirs| ours & !theirs)
	}

	/// Whether every bit that is set here is set in `other` too.
	pub fn is_subset_of(&self, other: &Self) -> bool {
		self.without(other).is_empty()
	}

	/// Pages that hold at least one position that is set.
	pub fn pages(&self) -> u32 {
		self.0
			.chunks(PAGE_BYTES)
			.filter(|page| page.iter().any(|byte| *byte != 0))
			.map(|_| 1)
			.sum()
	}

	fn mask(position: u32) -> u8 {
		1 << (position & 7)
	}

	fn combine(&self, other: &Self, operation: impl Fn(u8, u8) -> u8) -> Self {
		let mut result = *self;
		for (ours, theirs) in result.0.iter_mut().zip(other.0) {
			*ours = operation(*ours, theirs);
		}
		result
	}
}

impl BitOr for Bitmap {
	type Output = Self;

	fn bitor(self, other: Self) -> Self {
		self.combine(&other, |ours, theirs| ours | theirs)
	}
}

impl BitAnd for Bitmap {
	type Output = Self;

	fn bitand(self, other: Self) -> Self {
		self.combine(&other, |ours, theirs| ours & theirs)
	}
}

impl FromIterator<u32> for Bitmap {
	fn from_iter<I: IntoIterator<Item = u32>>(positions: I) -> Self {
		let mut bitmap = Self::EMPTY;
		for position in positions {
			bitmap.assign(position, true);
		}
		bitmap
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::{collection::btree_set, prelude::*};
	use std::collections::BTreeSet;

	fn positions() -> impl Strategy<Value = BTreeSet<u32>> {
		btree_set(0..BUCKET_SIZE, 0..200)
	}

	fn bitmap(set: &BTreeSet<u32>) -> Bitmap {
		set.iter().copied().collect()
	}

	proptest! {
		#[test]
		fn a_bitmap_is_a_set(a in positions(), b in positions()) {
			let (left, right) = (bitmap(&a), bitmap(&b));
			prop_assert_eq!(left.positions().collect::<BTreeSet<_>>(), a.clone());
			prop_assert_eq!(left.count() as usize, a.len());
			prop_assert_eq!(left | right, bitmap(&(&a | &b)));
			prop_assert_eq!(left & right, bitmap(&(&a & &b)));
			prop_assert_eq!(left.without(&right), bitmap(&(&a - &b)));
			prop_assert_eq!(left.is_subset_of(&right), a.is_subset(&b));
			let pages: BTreeSet<_> = a.iter().map(|position| position / PAGE_SIZE).collect();
			prop_assert_eq!(left.pages() as usize, pages.len());
		}
	}

	#[test]
	fn positions_beyond_the_end_do_not_exist() {
		let mut bitmap = Bitmap([255; LENGTH]);
		assert!(!bitmap.get(BUCKET_SIZE));
		bitmap.assign(u32::MAX, false);
		assert_eq!(bitmap.count(), BUCKET_SIZE);
	}

	#[test]
	fn the_first_index_is_the_lowest_bit_of_the_first_byte() {
		let bitmap: Bitmap = [0, 9].into_iter().collect();
		assert_eq!(bitmap.0[..2], [1, 2]);
	}
}
