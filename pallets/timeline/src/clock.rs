//! The arithmetic of slots, periods and epochs. Touches no storage.

use crate::types::{Clock, EpochIndex, Lengths, PeriodIndex};
use sp_consensus_slots::Slot;

impl Clock {
	/// The clock of a chain whose block 1 lies in `slot`.
	pub fn starting_at(slot: Slot) -> Self {
		Self {
			base_slot: slot,
			base_period: 0,
			epoch: 0,
		}
	}

	/// Number of the period that `slot` lies in. Slots before the epoch count as its first.
	pub fn period_at(&self, slot: Slot, lengths: &Lengths) -> PeriodIndex {
		let elapsed = (*slot).saturating_sub(*self.base_slot);
		// Valid lengths are never zero; zero would make every slot of the epoch its first period.
		let periods = elapsed
			.checked_div(u64::from(lengths.period_slots))
			.unwrap_or(0);
		self.base_period.saturating_add(periods)
	}

	/// First slot behind the epoch.
	pub fn end(&self, lengths: &Lengths) -> Slot {
		(*self.base_slot)
			.saturating_add(lengths.epoch_slots())
			.into()
	}

	/// The clock of the next epoch if `slot` lies behind this one, which ran with `lengths`.
	///
	/// Exactly one epoch begins, however long the chain stood still. If `slot` is more than one of
	/// the new periods late, the new epoch begins at `slot` itself, so that an outage uses up no
	/// part of it; otherwise it begins where the old one ended. Its first period takes the next
	/// number that the old epoch did not own.
	pub fn next(&self, slot: Slot, lengths: &Lengths, new_lengths: &Lengths) -> Option<NextEpoch> {
		let end = self.end(lengths);
		if slot < end {
			return None;
		}
		let late = (*slot).saturating_sub(*end);
		let after_outage = late > u64::from(new_lengths.period_slots);
		Some(NextEpoch {
			clock: Clock {
				base_slot: if after_outage { slot } else { end },
				base_period: self
					.base_period
					.saturating_add(u64::from(lengths.epoch_periods)),
				epoch: self.epoch.saturating_add(1),
			},
			after_outage,
		})
	}
}

/// The epoch that a block starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextEpoch {
	/// Its clock.
	pub clock: Clock,
	/// Whether it was anchored anew because the chain stood still.
	pub after_outage: bool,
}

/// Periods between `last` and `current` in which no block was made.
pub fn skipped(last: PeriodIndex, current: PeriodIndex) -> u64 {
	current.saturating_sub(last).saturating_sub(1)
}

/// Slots left until `end`, at least one: the block that asks is inside the epoch.
pub fn slots_left(slot: Slot, end: Slot) -> u64 {
	(*end).saturating_sub(*slot).max(1)
}

/// Whether an epoch number follows another.
pub fn follows(next: EpochIndex, previous: EpochIndex) -> bool {
	previous.checked_add(1) == Some(next)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn any_lengths() -> impl Strategy<Value = Lengths> {
		(Lengths::PERIOD_SLOTS, Lengths::EPOCH_PERIODS).prop_map(|(period_slots, epoch_periods)| {
			Lengths {
				period_slots,
				epoch_periods,
			}
		})
	}

	/// Gaps between blocks: mostly none, sometimes an outage of up to months.
	fn gaps() -> impl Strategy<Value = Vec<u64>> {
		let gap = prop_oneof![8 => 1u64..3, 2 => 1u64..20_000, 1 => 1u64..20_000_000];
		proptest::collection::vec(gap, 1..200)
	}

	proptest! {
		#[test]
		fn periods_never_decrease_and_never_leave_their_epoch(
			start in 0u64..u64::from(u32::MAX),
			gaps in gaps(),
			changes in proptest::collection::vec(any_lengths(), 1..8),
		) {
			let mut changes = changes.into_iter().cycle();
			let mut lengths = Lengths::default();
			let mut slot = Slot::from(start);
			let mut clock = Clock::starting_at(slot);
			let mut last = clock.period_at(slot, &lengths);
			for gap in gaps {
				slot = slot + gap;
				let new = changes.next().expect("a cycle has no end");
				let before = clock;
				if let Some(next) = clock.next(slot, &lengths, &new) {
					prop_assert!(follows(next.clock.epoch, before.epoch));
					prop_assert!(next.clock.base_slot <= slot);
					prop_assert!(next.clock.base_slot >= before.end(&lengths));
					prop_assert!(next.clock.base_period > last);
					prop_assert!(slot - next.clock.base_slot <= Slot::from(u64::from(new.period_slots)));
					clock = next.clock;
					lengths = new;
				}
				let period = clock.period_at(slot, &lengths);
				prop_assert!(period >= last);
				prop_assert!(period < clock.base_period + u64::from(lengths.epoch_periods));
				prop_assert!(slot < clock.end(&lengths));
				last = period;
			}
		}

		#[test]
		fn without_a_gap_every_period_has_its_full_length(lengths in any_lengths(), offset in 0u64..10_000) {
			let clock = Clock { base_slot: 77.into(), base_period: 5, epoch: 3 };
			let in_epoch = offset % lengths.epoch_slots();
			let period = clock.period_at((77 + in_epoch).into(), &lengths);
			prop_assert_eq!(period, 5 + in_epoch / u64::from(lengths.period_slots));
		}
	}

	#[test]
	fn one_period_late_is_not_yet_an_outage() {
		let lengths = Lengths {
			period_slots: 10,
			epoch_periods: 4,
		};
		let clock = Clock::starting_at(100.into());
		let next = clock
			.next(150.into(), &lengths, &lengths)
			.expect("the epoch ended at 140");
		assert_eq!(
			(next.clock.base_slot, next.after_outage),
			(140.into(), false)
		);
		assert_eq!(next.clock.period_at(150.into(), &lengths), 5);
		let next = clock
			.next(151.into(), &lengths, &lengths)
			.expect("the epoch ended at 140");
		assert_eq!(
			(next.clock.base_slot, next.after_outage),
			(151.into(), true)
		);
		assert_eq!(next.clock.period_at(151.into(), &lengths), 4);
	}

	#[test]
	fn the_last_numbers_do_not_overflow() {
		let lengths = Lengths {
			period_slots: 14_400,
			epoch_periods: 1_008,
		};
		let clock = Clock {
			base_slot: u64::MAX.into(),
			base_period: u64::MAX,
			epoch: u64::MAX,
		};
		assert_eq!(clock.period_at(u64::MAX.into(), &lengths), u64::MAX);
		assert!(clock.next(u64::MAX.into(), &lengths, &lengths).is_some());
	}
}
