//! Makes the aggregate that an author puts into its block.

use crate::{bls::PointSum, held::Held, view::Bitmaps};
use std::collections::BTreeMap;
use vigil_heartbeat_primitives::{
	AggregatePart, Bitmap, BucketIndex, Effort, HeartbeatAggregate, Parts, PeriodIndex, MAX_PARTS,
};

/// What an aggregate is made from.
#[derive(Clone, Copy, Debug)]
pub struct Ingredients<'a> {
	/// The period.
	pub period: PeriodIndex,
	/// Verified signatures.
	pub held: &'a BTreeMap<BucketIndex, Held>,
	/// Who is recorded already.
	pub recorded: &'a Bitmaps,
	/// Who is active: nobody else may appear.
	pub active: &'a Bitmaps,
	/// The fewest new stakers that the chain demands.
	pub minimum_new: u32,
}

/// The aggregate that records the most for its cost, from the buckets that are `wanted`, as far as
/// it `fits`. `None` if it would record too few.
///
/// Whole buckets come first, those with most new stakers per cost before the others; one that does
/// not fit whole then fills the rest. Stakers that are recorded already appear only where that is
/// cheaper: a bucket that is nearly full is verified by subtracting the few that are absent.
///
/// `fits` must not say yes to more after it said no to less.
pub fn build(
	from: &Ingredients<'_>,
	wanted: impl Fn(BucketIndex) -> bool,
	fits: impl Fn(&Effort) -> bool,
) -> Option<HeartbeatAggregate> {
	let mut choices: Vec<Choice> = from
		.held
		.iter()
		.filter(|(bucket, _)| wanted(**bucket))
		.filter_map(|(bucket, held)| Choice::of(*bucket, held, from))
		.collect();
	choices.sort_by(|a, b| a.compare(b));

	let mut taken: Vec<Choice> = Vec::new();
	let mut left_out = Vec::new();
	let mut effort = Effort::default();
	for choice in choices {
		let with = add(&effort, &choice.effort());
		if taken.len() < MAX_PARTS as usize && fits(&with) {
			effort = with;
			taken.push(choice);
		} else {
			left_out.push(choice);
		}
	}
	if taken.len() < MAX_PARTS as usize {
		let filler = left_out
			.iter()
			.find_map(|choice| choice.cut(|part| fits(&add(&effort, part))));
		taken.extend(filler);
	}

	let new: u32 = taken.iter().map(|choice| choice.new.count()).sum();
	if new < from.minimum_new.max(1) {
		return None;
	}
	taken.sort_by_key(|choice| choice.bucket);
	let mut sum = PointSum::default();
	for choice in &taken {
		sum.join(&from.held.get(&choice.bucket)?.sum_of(&choice.present));
	}
	let parts = taken
		.into_iter()
		.map(
			|Choice {
			     bucket, present, ..
			 }| AggregatePart { bucket, present },
		)
		.collect();
	Some(HeartbeatAggregate {
		period: from.period,
		parts: Parts::truncate_from(parts),
		signature: sum.to_signature()?,
	})
}

/// One bucket's part, if it is taken.
struct Choice {
	bucket: BucketIndex,
	present: Bitmap,
	new: Bitmap,
}

impl Choice {
	fn of(bucket: BucketIndex, held: &Held, from: &Ingredients<'_>) -> Option<Self> {
		let bits = |bitmaps: &Bitmaps| bitmaps.get(&bucket).copied().unwrap_or_default();
		let all = held.present() & bits(from.active);
		let new = all.without(&bits(from.recorded));
		if new.is_empty() {
			return None;
		}
		let cheaper = price(&Effort::of([&all])) < price(&Effort::of([&new]));
		let present = if cheaper { all } else { new };
		Some(Self {
			bucket,
			present,
			new,
		})
	}

	fn effort(&self) -> Effort {
		Effort::of([&self.present])
	}

	/// More new stakers per cost first.
	fn compare(&self, other: &Self) -> core::cmp::Ordering {
		let worth = |a: &Self, b: &Self| u64::from(a.new.count()) * price(&b.effort());
		worth(other, self)
			.cmp(&worth(self, other))
			.then(self.bucket.cmp(&other.bucket))
	}

	/// As many of the new ones as fit, without the others. Up to half a bucket, more cost more.
	fn cut(&self, fits: impl Fn(&Effort) -> bool) -> Option<Self> {
		let first = |count: u32| {
			self.new
				.positions()
				.take(count as usize)
				.collect::<Bitmap>()
		};
		let (mut some, mut too_many) = (0, self.new.count().min(512) + 1);
		while too_many - some > 1 {
			let middle = some + (too_many - some) / 2;
			if fits(&Effort::of([&first(middle)])) {
				some = middle;
			} else {
				too_many = middle;
			}
		}
		let new = first(some);
		(some > 0).then_some(Self {
			bucket: self.bucket,
			present: new,
			new,
		})
	}
}

/// What a part costs, in microseconds, roughly: good enough to put parts in order, while
/// `fits` knows the real weights.
fn price(effort: &Effort) -> u64 {
	const PART: u64 = 100;
	const PAGE: u64 = 20;
	const KEY: u64 = 4;
	u64::from(effort.parts) * PART + u64::from(effort.pages) * PAGE + u64::from(effort.keys) * KEY
}

fn add(a: &Effort, b: &Effort) -> Effort {
	Effort {
		parts: a.parts.saturating_add(b.parts),
		pages: a.pages.saturating_add(b.pages),
		keys: a.keys.saturating_add(b.keys),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::bls::{Point, SecretKey};
	use proptest::{collection::btree_set, prelude::*};
	use std::{collections::BTreeSet, sync::OnceLock};
	use vigil_heartbeat_primitives::{position, testing::TestKey, BUCKET_SIZE};

	/// Signatures of two buckets.
	fn points() -> &'static [Point] {
		static POINTS: OnceLock<Vec<Point>> = OnceLock::new();
		POINTS.get_or_init(|| {
			(0..2 * BUCKET_SIZE)
				.map(|index| {
					let secret = SecretKey::from_bytes(&TestKey::new(index).secret_bytes());
					Point::decode(&secret.unwrap().sign(b"m")).unwrap()
				})
				.collect()
		})
	}

	fn bitmaps(indices: impl IntoIterator<Item = u32>) -> Bitmaps {
		let mut bitmaps = Bitmaps::new();
		for index in indices {
			let (bucket, place) = position(index);
			bitmaps.entry(bucket).or_default().assign(place, true);
		}
		bitmaps
	}

	fn built(
		held: impl IntoIterator<Item = u32>,
		recorded: impl IntoIterator<Item = u32>,
		minimum_new: u32,
		fits: impl Fn(&Effort) -> bool,
	) -> Option<HeartbeatAggregate> {
		let mut store: BTreeMap<BucketIndex, Held> = BTreeMap::new();
		for index in held {
			let (bucket, place) = position(index);
			store
				.entry(bucket)
				.or_default()
				.insert(place, points()[index as usize]);
		}
		let from = Ingredients {
			period: 3,
			held: &store,
			recorded: &bitmaps(recorded),
			active: &bitmaps(0..2 * BUCKET_SIZE - 1),
			minimum_new,
		};
		build(&from, |_| true, fits)
	}

	fn indices(aggregate: &HeartbeatAggregate) -> BTreeSet<u32> {
		let parts = aggregate.parts.iter();
		parts
			.flat_map(|part| {
				let first = part.bucket * BUCKET_SIZE;
				let positions: Vec<_> = part.present.positions().collect();
				positions.into_iter().map(move |position| first + position)
			})
			.collect()
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(60))]

		#[test]
		fn what_is_built_is_well_formed_fits_and_is_signed_by_those_it_names(
			held in btree_set(0..2 * BUCKET_SIZE - 1, 0..150),
			recorded in btree_set(0..2 * BUCKET_SIZE - 1, 0..600),
			keys in 0u32..200,
			minimum in 0u32..20,
		) {
			let fits = |effort: &Effort| effort.keys <= keys;
			let new: BTreeSet<_> = held.difference(&recorded).copied().collect();
			match built(held.clone(), recorded.clone(), minimum, fits) {
				Some(aggregate) => {
					prop_assert_eq!(aggregate.check_form(), Ok(()));
					prop_assert!(fits(&aggregate.effort()));
					let named = indices(&aggregate);
					prop_assert!(named.is_subset(&held));
					let recorded_now = named.intersection(&new).count() as u32;
					prop_assert!(recorded_now >= minimum.max(1));
					prop_assert!(recorded_now >= keys.min(new.len() as u32));
					prop_assert_eq!(aggregate.signature, TestKey::sum(named).sign(b"m"));
				}
				None => prop_assert!(keys.min(new.len() as u32) < minimum.max(1)),
			}
		}
	}

	#[test]
	fn recorded_stakers_appear_where_subtracting_is_cheaper() {
		let held = (0..BUCKET_SIZE).filter(|index| *index != 7);
		let aggregate = built(held, 0..700, 1, |_| true).unwrap();
		assert_eq!(
			aggregate.effort(),
			Effort {
				parts: 1,
				pages: 1,
				keys: 1
			}
		);
		assert_eq!(indices(&aggregate).len(), 1_023);
	}

	#[test]
	fn recorded_stakers_stay_out_where_they_only_cost() {
		let aggregate = built(0..100, 0..90, 1, |_| true).unwrap();
		assert_eq!(indices(&aggregate), (90..100).collect());
	}

	#[test]
	fn the_bucket_that_records_most_for_its_cost_comes_first() {
		let held = (0..40).chain(BUCKET_SIZE..2 * BUCKET_SIZE - 1);
		let one = |effort: &Effort| effort.parts <= 1;
		let aggregate = built(held, [], 1, one).unwrap();
		assert_eq!(aggregate.parts[0].bucket, 1);
	}

	#[test]
	fn a_bucket_too_dear_as_a_whole_is_cut() {
		let aggregate = built(0..300, [], 1, |effort| effort.keys <= 100).unwrap();
		assert_eq!(indices(&aggregate), (0..100).collect());
	}

	#[test]
	fn too_few_new_stakers_make_no_aggregate() {
		assert!(built(0..10, 0..6, 5, |_| true).is_none());
		assert!(built(0..10, 0..5, 5, |_| true).is_some());
		assert!(built(0..10, 0..10, 0, |_| true).is_none());
		assert!(built(0..10, [], 1, |_| false).is_none());
	}

	#[test]
	fn whoever_is_not_active_stays_out() {
		assert!(built([2 * BUCKET_SIZE - 1], [], 1, |_| true).is_none());
	}
}
