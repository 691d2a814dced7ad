//! What happens when slots stay empty.

use crate::{mock::*, Event};

#[test]
fn periods_without_a_block_are_counted_not_walked() {
	ExtBuilder::default()
		.lengths(10, 1_000)
		.build_and_execute(|| {
			block_in_slot(100);
			block_in_slot(100 + 10 * 900 + 3);
			assert_eq!(now().period.index, 900);
			assert_eq!(
				events(),
				vec![Event::PeriodStarted {
					period: 900,
					skipped: 899
				}]
			);
		});
}

#[test]
fn a_week_of_silence_costs_one_epoch_only() {
	ExtBuilder::default().build_and_execute(|| {
		blocks_in(100..=105);
		let week = 7 * 24 * 3_600 * 2;
		block_in_slot(100 + week);
		// Anchored at its own slot, with the numbers right after those of epoch 0.
		assert_eq!((now().epoch, now().period.index), (1, 4));
		assert_eq!(now().next_epoch_slot, 100 + week + 40);
		assert_eq!(
			events(),
			vec![
				Event::EpochStarted {
					epoch: 1,
					base_slot: (100 + week).into(),
					after_outage: true
				},
				Event::PeriodStarted {
					period: 4,
					skipped: 3
				},
			]
		);
		blocks_in(101 + week..=139 + week);
		assert_eq!(now().epoch, 1);
		block_in_slot(140 + week);
		assert_eq!(now().epoch, 2);
	});
}

#[test]
fn an_edge_that_is_up_to_a_period_late_keeps_the_rhythm() {
	ExtBuilder::default().build_and_execute(|| {
		block_in_slot(100);
		block_in_slot(147);
		assert_eq!((now().epoch, now().period.index), (1, 4));
		assert_eq!(now().next_epoch_slot, 180u64);
	});
}

#[test]
fn an_edge_exactly_one_period_late_skips_that_period() {
	ExtBuilder::default().build_and_execute(|| {
		block_in_slot(139);
		block_in_slot(179 + 10);
		assert_eq!((now().epoch, now().period.index), (1, 5));
		assert!(events().contains(&Event::PeriodStarted {
			period: 5,
			skipped: 4
		}));
	});
}
