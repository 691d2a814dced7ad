//! Who collects a bucket, when to sign, to turn to whom and to record. Numbers only.

use rand::Rng;
use vigil_heartbeat_primitives::{BucketIndex, PeriodIndex};

/// Number of a slot.
pub type Slot = u64;

/// How often a heartbeat is sent at most, each time to another collector.
pub const ATTEMPTS: u8 = 3;

/// The producer that collects `bucket` of `period` at `attempt`: its place among `producers`.
/// `None` without producers. With fewer producers than attempts, some attempts name the same one.
pub fn collector(
	bucket: BucketIndex,
	period: PeriodIndex,
	attempt: u8,
	producers: u32,
) -> Option<u32> {
	let place = u128::from(bucket) + u128::from(period) + u128::from(attempt);
	let place = place.checked_rem(u128::from(producers))?;
	u32::try_from(place).ok()
}

/// The producers that may collect `bucket` of `period` at attempts 0 to `last`: none twice.
pub fn collectors(
	bucket: BucketIndex,
	period: PeriodIndex,
	last: u8,
	producers: u32,
) -> impl Iterator<Item = u32> {
	let distinct = u32::from(last.min(ATTEMPTS - 1)).min(producers.saturating_sub(1)) as u8;
	(0..=distinct).filter_map(move |attempt| collector(bucket, period, attempt, producers))
}

/// The attempt that is due at `slot`: the first from the start, the second from half of the
/// period, the third from three quarters to the end of the window.
pub fn attempt_at(first_slot: Slot, period_slots: u32, slot: Slot) -> u8 {
	let quarters = u128::from(slot.saturating_sub(first_slot)) * 4;
	let slots = u128::from(period_slots);
	if quarters < slots * 2 {
		0
	} else if quarters < slots * 3 {
		1
	} else {
		2
	}
}

/// Slots of the first quarter of a period, in which heartbeats are signed: at least one.
pub fn signing_slots(period_slots: u32) -> u32 {
	(period_slots / 4).max(1)
}

/// From when on collectors record what they have, whoever may still be missing: once everybody has
/// signed, and a sixteenth of the period later, for the way. There are three sixteenths left until
/// stakers who are not recorded turn to the next collector.
pub fn recording_slot(first_slot: Slot, period_slots: u32) -> Slot {
	let wait = signing_slots(period_slots).saturating_add(period_slots / 16);
	first_slot.saturating_add(wait.into())
}

/// Whether `slot` lies in the last quarter of the slots from `first` to `end`, or after them.
pub fn is_last_quarter(first: Slot, end: Slot, slot: Slot) -> bool {
	let window = u128::from(end.saturating_sub(first)) + 1;
	u128::from(slot.saturating_sub(first)) * 4 >= window * 3
}

/// When to sign, drawn once the checkpoint is known to be final, at `now`: any slot from `now` to
/// the end of the period's first quarter. If that is over, because finality was late, any slot of
/// as many from `now` on, so that late heartbeats do not come all at once.
pub fn signing_slot(first_slot: Slot, period_slots: u32, now: Slot, rng: &mut impl Rng) -> Slot {
	let quarter = u64::from(signing_slots(period_slots));
	let start = now.max(first_slot);
	let end = first_slot.saturating_add(quarter);
	let room = match end.saturating_sub(start) {
		0 => quarter,
		left => left,
	};
	start.saturating_add(rng.gen_range(0..room))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};
	use std::collections::BTreeSet;

	proptest! {
		#[test]
		fn a_bucket_has_as_many_collectors_as_there_are_attempts_and_producers(
			bucket: u32, period: u64, producers in 0u32..100,
		) {
			let all: Vec<_> = collectors(bucket, period, 2, producers).collect();
			let distinct: BTreeSet<_> = all.iter().copied().collect();
			let expected: BTreeSet<_> = (0..ATTEMPTS)
				.filter_map(|attempt| collector(bucket, period, attempt, producers))
				.collect();
			prop_assert_eq!(all.len(), distinct.len());
			prop_assert_eq!(all.len() as u32, producers.min(3));
			prop_assert_eq!(distinct, expected);
			prop_assert!(all.iter().all(|place| *place < producers));
		}

		#[test]
		fn neighbouring_buckets_fall_to_neighbouring_producers(
			bucket in 0u32..1_000_000, period in 0u64..1_000_000, producers in 1u32..100,
		) {
			let expected = (u64::from(bucket) + period) % u64::from(producers);
			prop_assert_eq!(collector(bucket, period, 0, producers), Some(expected as u32));
			prop_assert_eq!(
				collector(bucket, period, 1, producers),
				collector(bucket + 1, period, 0, producers)
			);
		}

		#[test]
		fn attempts_follow_each_other_at_half_and_at_three_quarters(
			first in 0u64..u64::MAX / 2, slots in 5u32..14_400, passed in 0u64..40_000,
		) {
			let attempt = attempt_at(first, slots, first + passed);
			let (passed, slots) = (passed as f64, f64::from(slots));
			let expected = u8::from(passed >= slots / 2.0) + u8::from(passed >= slots * 0.75);
			prop_assert_eq!(attempt, expected);
		}

		#[test]
		fn recording_begins_between_signing_and_the_second_attempt(
			first in 0u64..u64::MAX / 2, slots in 5u32..14_400,
		) {
			let slot = recording_slot(first, slots);
			prop_assert!(slot >= first + u64::from(signing_slots(slots)));
			prop_assert_eq!(attempt_at(first, slots, slot), 0);
		}

		#[test]
		fn a_last_quarter_is_a_quarter(first in 0u64..u64::MAX / 2, quarter in 1u64..10_000) {
			let end = first + 4 * quarter - 1;
			let begins = first + 3 * quarter;
			prop_assert!(!is_last_quarter(first, end, begins - 1));
			prop_assert!(is_last_quarter(first, end, begins));
			prop_assert!(is_last_quarter(first, end, end + 1));
		}

		#[test]
		fn signing_waits_for_finality_and_spreads(
			first in 0u64..1_000_000, slots in 5u32..14_400, late in 0u64..20_000, seed: u64,
		) {
			let now = first + late;
			let quarter = u64::from(signing_slots(slots));
			let mut rng = ChaCha20Rng::seed_from_u64(seed);
			let slot = signing_slot(first, slots, now, &mut rng);
			prop_assert!(slot >= now);
			let end = if late < quarter { first + quarter } else { now + quarter };
			prop_assert!(slot < end);
		}
	}

	#[test]
	fn before_the_period_the_first_attempt_is_due() {
		assert_eq!(attempt_at(100, 20, 50), 0);
	}
}
