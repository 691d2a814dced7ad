//! The arithmetic of the clock, over all lengths and outages.

use crate::types::{Clock, Lengths};
use proptest::prelude::*;
use sp_consensus_slots::Slot;

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
				prop_assert!(next.clock.epoch == before.epoch + 1);
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
