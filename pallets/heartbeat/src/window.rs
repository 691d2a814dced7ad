//! The arithmetic of windows, shares and thresholds. Touches no storage.

use crate::types::TotalStake;
use pallet_timeline::{Clock, Lengths};
use sp_consensus_slots::Slot;
use vigil_heartbeat_primitives::PeriodIndex;

/// When heartbeats of a period are accepted: in the period and the one after it, but never across
/// an edge, because what is recorded in an epoch is settled in the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotWindow {
	/// First slot of the period.
	pub first: Slot,
	/// First slot behind the window.
	pub end: Slot,
}

impl SlotWindow {
	/// The window of `period`, which must belong to the epoch of `clock`.
	pub fn of(period: PeriodIndex, clock: &Clock, lengths: &Lengths) -> Self {
		let length = u64::from(lengths.period_slots);
		let before = period.saturating_sub(clock.base_period);
		let first = (*clock.base_slot).saturating_add(before.saturating_mul(length));
		let end = first.saturating_add(length.saturating_mul(2));
		Self {
			first: first.into(),
			end: end.min(*clock.end(lengths)).into(),
		}
	}

	/// Whether heartbeats are accepted in `slot`.
	pub fn contains(&self, slot: Slot) -> bool {
		self.first <= slot && slot < self.end
	}

	/// First slot of the window's last quarter.
	pub fn last_quarter(&self) -> Slot {
		let length = (*self.end).saturating_sub(*self.first);
		let last = length.checked_div(4).unwrap_or(0);
		(*self.end).saturating_sub(last).into()
	}
}

/// New heartbeats that an aggregate must bring when `active` stakers exist: a 64th of them, so that
/// no author can use up a period's aggregates, of which there are at least as many, before everybody
/// is recorded; one in the last quarter.
pub fn min_new(active: u32, last_quarter: bool) -> u32 {
	if last_quarter {
		1
	} else {
		active.checked_div(64).unwrap_or(0).max(1)
	}
}

/// Whether so little stake was recorded that the period counts for nobody: less than a third, or
/// there was none.
pub fn is_void(recorded: TotalStake, total: TotalStake) -> bool {
	total == 0 || recorded.saturating_mul(3) < total
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const LENGTHS: Lengths = Lengths {
		period_slots: 21,
		epoch_periods: 6,
	};

	fn clock() -> Clock {
		Clock {
			base_slot: 1_000.into(),
			base_period: 60,
			epoch: 10,
		}
	}

	fn window(period: PeriodIndex) -> (u64, u64) {
		let window = SlotWindow::of(period, &clock(), &LENGTHS);
		(*window.first, *window.end)
	}

	#[test]
	fn a_window_is_two_periods_long() {
		assert_eq!(window(60), (1_000, 1_042));
		assert_eq!(window(64), (1_084, 1_126));
	}

	#[test]
	fn the_window_of_the_last_period_closes_at_the_edge() {
		assert_eq!(window(65), (1_105, 1_126));
	}

	#[test]
	fn the_last_quarter_is_the_last_quarter() {
		let window = SlotWindow::of(60, &clock(), &LENGTHS);
		assert_eq!(*window.last_quarter(), 1_032);
	}

	#[test]
	fn an_aggregate_brings_a_64th_but_one_at_least() {
		assert_eq!(min_new(0, false), 1);
		assert_eq!(min_new(127, false), 1);
		assert_eq!(min_new(100_000, false), 1_562);
		assert_eq!(min_new(100_000, true), 1);
	}

	#[test]
	fn a_third_of_the_stake_makes_a_period_count() {
		assert!(is_void(0, 0));
		assert!(is_void(33, 100));
		assert!(!is_void(34, 100));
		assert!(!is_void(1, 3));
	}

	proptest! {
		#[test]
		fn every_slot_lies_in_the_windows_of_its_period_and_of_the_one_before(
			period_slots in 5u32..50, epoch_periods in 2u32..20, offset in 0u64..1_000,
		) {
			let lengths = Lengths { period_slots, epoch_periods };
			let clock = clock();
			let slot = Slot::from(*clock.base_slot + offset % lengths.epoch_slots());
			let period = clock.period_at(slot, &lengths);
			for candidate in clock.base_period..clock.base_period + u64::from(epoch_periods) {
				let open = SlotWindow::of(candidate, &clock, &lengths).contains(slot);
				prop_assert_eq!(open, candidate == period || candidate + 1 == period);
			}
		}
	}
}
