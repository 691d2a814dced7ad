//! Keys, in pages.
//!
//! A verifier reads a page for the sake of a few of its keys, so a page must not grow because one of
//! them is about to change. Therefore a page has two places. Its bucket says which of them is in
//! force; a key that changes at the edge is written to the other one, and the bucket of the next
//! epoch points there:
//!
//! ```text
//! epoch 5   bucket.copies = ..0   page 0: ▶ place 0 [A B C]     place 1 [     ]
//!           B becomes D
//! epoch 5   bucket.copies = ..0   page 0: ▶ place 0 [A B C]     place 1 [A D C]
//! epoch 6   bucket.copies = ..1   page 0:   place 0 [A B C]   ▶ place 1 [A D C]
//! ```
//!
//! What is left in the place behind is overwritten by the next change.

use crate::{
	pallet::*,
	types::{Bucket, Page},
};
use alloc::{vec, vec::Vec};
use codec::{Compact, Decode, MaxEncodedLen};
use vigil_heartbeat_primitives::{
	position, BucketIndex, EpochIndex, StakerIndex, StoredKey, PAGES, PAGE_SIZE,
};

const _: () = assert!(PAGES <= u8::BITS, "a bucket has one bit for each page");

/// The bit of a page in [`Bucket::copies`].
fn bit(page: u32) -> u8 {
	1u8.checked_shl(page).unwrap_or(0)
}

/// Where a page is, by what its bucket says.
fn place(page: u32, copies: u8) -> u32 {
	let second = copies & bit(page) != 0;
	page.saturating_mul(2).saturating_add(second.into())
}

/// The page of an index in its bucket, and the position in that page.
fn in_page(index: StakerIndex) -> (BucketIndex, u32, u32) {
	let (bucket, position) = position(index);
	let page = position.checked_div(PAGE_SIZE).unwrap_or(0);
	(bucket, page, position.checked_rem(PAGE_SIZE).unwrap_or(0))
}

/// Reads pages, one after the other, into the same memory, and decodes nothing but the keys that are asked
/// for: decoding a page would take longer than to add those.
pub(crate) struct PageReader(Vec<u8>);

impl PageReader {
	/// A reader of pages of any size.
	pub(crate) fn new() -> Self {
		Self(vec![0; Page::max_encoded_len()])
	}

	/// A page of the bucket with this number, as `bucket` has it: the bytes of its keys. None if there
	/// is none, or it cannot be read.
	pub(crate) fn read<T: Config>(
		&mut self,
		number: BucketIndex,
		bucket: &Bucket,
		page: u32,
	) -> Option<&[u8]> {
		let key = KeyPages::<T>::hashed_key_for(number, place(page, bucket.copies));
		let length = sp_io::storage::read(&key, &mut self.0, 0)?;
		let mut keys = self.0.get(..length as usize)?;
		let size = Compact::<u32>::decode(&mut keys).ok()?;
		(size.0 as usize == keys.len()).then_some(keys)
	}
}

impl<T: Config> Pallet<T> {
	/// A page of the bucket with this number, as `bucket` has it.
	pub(crate) fn page(number: BucketIndex, bucket: &Bucket, page: u32) -> Page {
		KeyPages::<T>::get(number, place(page, bucket.copies))
	}

	/// The key of `index`, as `bucket` has it.
	pub(crate) fn key_in(bucket: &Bucket, index: StakerIndex) -> Option<StoredKey> {
		let (number, page, position) = in_page(index);
		Self::page(number, bucket, page).get(position)
	}

	/// Write a key in this epoch and the next: of an index that is not active in this one, so that
	/// nobody looks at it.
	pub(crate) fn write_key_always(index: StakerIndex, key: &StoredKey, now: EpochIndex) {
		let (number, page, position) = in_page(index);
		let bucket = Buckets::<T>::get(number);
		let places = [now, now.saturating_add(1)].map(|at| place(page, bucket.at(at).copies));
		let [this, next] = places;
		KeyPages::<T>::mutate(number, this, |keys| keys.assign(position, key));
		if next != this {
			KeyPages::<T>::mutate(number, next, |keys| keys.assign(position, key));
		}
	}

	/// Write a key from the next epoch on.
	pub(crate) fn write_key_next(index: StakerIndex, key: &StoredKey, now: EpochIndex) {
		let (number, page, position) = in_page(index);
		Buckets::<T>::mutate(number, |bucket| {
			let this = place(page, bucket.at(now).copies);
			let next = bucket.edit_next(now);
			let mut keys = KeyPages::<T>::get(number, place(page, next.copies));
			keys.assign(position, key);
			if place(page, next.copies) == this {
				next.copies ^= bit(page);
			}
			KeyPages::<T>::insert(number, place(page, next.copies), keys);
		});
	}
}
