//! The verified signatures of one bucket.

use crate::bls::{Point, PointSum};
use std::collections::BTreeMap;
use vigil_heartbeat_primitives::Bitmap;

/// Verified signatures of a bucket by position, with their sum at hand: an author has no time to
/// add up tens of thousands.
#[derive(Clone, Debug, Default)]
pub struct Held {
	present: Bitmap,
	sum: PointSum,
	points: BTreeMap<u32, Point>,
}

impl Held {
	/// Keep a verified signature. False, and nothing changed, if there is one already.
	pub fn insert(&mut self, position: u32, point: Point) -> bool {
		if self.present.get(position) {
			return false;
		}
		self.present.assign(position, true);
		self.sum.add(&point);
		self.points.insert(position, point);
		true
	}

	/// Whose signatures are here.
	pub fn present(&self) -> Bitmap {
		self.present
	}

	/// The signature at a position.
	pub fn get(&self, position: u32) -> Option<&Point> {
		self.points.get(&position)
	}

	/// The sum of the signatures at these positions; those that are not here are left out.
	pub fn sum_of(&self, wanted: &Bitmap) -> PointSum {
		if self.present.is_subset_of(wanted) {
			return self.sum;
		}
		let mut sum = PointSum::default();
		wanted
			.positions()
			.filter_map(|position| self.points.get(&position))
			.for_each(|point| sum.add(point));
		sum
	}

	/// Let go of the signatures at these positions.
	pub fn forget(&mut self, gone: &Bitmap) {
		self.points.retain(|position, _| !gone.get(*position));
		self.present = self.present.without(gone);
		self.sum = PointSum::default();
		self.points.values().for_each(|point| self.sum.add(point));
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use vigil_heartbeat_primitives::testing::TestKey;

	fn point(position: u32) -> Point {
		Point::decode(&TestKey::new(position).sign(b"m")).unwrap()
	}

	#[test]
	fn a_sum_is_of_those_that_are_wanted_and_here() {
		let mut held = Held::default();
		for position in [3, 5, 900] {
			assert!(held.insert(position, point(position)));
		}
		assert!(!held.insert(5, point(6)));
		let sum = |held: &Held, wanted: &[u32]| {
			held.sum_of(&wanted.iter().copied().collect())
				.to_signature()
		};
		let expected = |wanted: &[u32]| Some(TestKey::sum(wanted.iter().copied()).sign(b"m"));
		assert_eq!(sum(&held, &[3, 900]), expected(&[3, 900]));
		assert_eq!(sum(&held, &[3, 4, 5, 900]), expected(&[3, 5, 900]));
		assert_eq!(sum(&held, &[4]), None);
		held.forget(&[3, 4].into_iter().collect());
		assert_eq!(held.present().count(), 2);
		assert_eq!(sum(&held, &[3, 5, 900]), expected(&[5, 900]));
	}
}
