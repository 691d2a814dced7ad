//! How much work an aggregate is, known before it is done.

use crate::{Bitmap, BUCKET_SIZE, PAGES};

/// Which keys to read in order to know the sum of those present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
	/// Add the keys at these positions.
	Add(Bitmap),
	/// Take the keys at these positions out of the sum of all that are active.
	Subtract(Bitmap),
}

impl Side {
	/// The side with fewer keys. `present` must be a subset of `active`.
	pub fn of(present: Bitmap, active: &Bitmap) -> Self {
		let absent = active.without(&present);
		if absent.count() < present.count() {
			Self::Subtract(absent)
		} else {
			Self::Add(present)
		}
	}

	/// The positions to read.
	pub fn positions(&self) -> &Bitmap {
		match self {
			Self::Add(positions) | Self::Subtract(positions) => positions,
		}
	}
}

/// The most that parts can cost, told from their bitmaps alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
	/// Parts.
	pub parts: u32,
	/// Pages of keys to read.
	pub pages: u32,
	/// Keys to add or subtract.
	pub keys: u32,
}

impl Effort {
	/// The effort for these bitmaps, one for each part. However many stakers of a bucket are
	/// active, the fewer of those present and those absent are read: at most
	/// `min(present, 1024 - present)`.
	pub fn of<'a>(bitmaps: impl IntoIterator<Item = &'a Bitmap>) -> Self {
		bitmaps
			.into_iter()
			.fold(Self::default(), |effort, present| {
				let present = present.count();
				let keys = present.min(BUCKET_SIZE.saturating_sub(present));
				Self {
					parts: effort.parts.saturating_add(1),
					pages: effort.pages.saturating_add(keys.min(PAGES)),
					keys: effort.keys.saturating_add(keys),
				}
			})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::{collection::vec, prelude::*};

	/// Sparse, dense and everything between.
	fn any_bitmap() -> impl Strategy<Value = Bitmap> {
		let positions = 0..BUCKET_SIZE;
		let sparse = vec(positions.clone(), 0..20).prop_map(Bitmap::from_iter);
		let dense = sparse
			.clone()
			.prop_map(|absent| Bitmap([255; 128]).without(&absent));
		let mixed = vec(positions, 0..1_500).prop_map(Bitmap::from_iter);
		prop_oneof![sparse, dense, mixed]
	}

	proptest! {
		#[test]
		fn the_side_taken_never_exceeds_the_effort_told(a in any_bitmap(), b in any_bitmap()) {
			let (present, active) = (a & b, a | b);
			let side = Side::of(present, &active);
			let effort = Effort::of([&present]);
			prop_assert!(side.positions().count() <= effort.keys);
			prop_assert!(side.positions().pages() <= effort.pages);
			match side {
				Side::Add(positions) => prop_assert_eq!(positions, present),
				Side::Subtract(positions) => {
					prop_assert_eq!(active.without(&positions), present);
				}
			}
		}
	}
}
