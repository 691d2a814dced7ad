//! The arithmetic of slots, periods and epochs. Touches no storage.

use crate::types::{Clock, Lengths, PeriodIndex};
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
