//! How slots become periods and epochs while the chain runs.

use crate::{mock::*, Event};

#[test]
fn nothing_is_known_before_the_first_block() {
	ExtBuilder::default().build_and_execute(|| assert_eq!(Timeline::now(), None));
}

#[test]
fn block_one_starts_period_zero_of_epoch_zero_at_its_own_slot() {
	ExtBuilder::default().build_and_execute(|| {
		block_in_slot(1_003);
		let now = now();
		assert_eq!(
			(now.epoch, now.period.index, now.period.checkpoint),
			(0, 0, 1)
		);
		assert_eq!(now.next_epoch_slot, 1_043u64);
		assert_eq!(
			events(),
			vec![
				Event::EpochStarted {
					epoch: 0,
					base_slot: 1_003.into(),
					after_outage: false
				},
				Event::PeriodStarted {
					period: 0,
					skipped: 0
				},
			]
		);
	});
}

#[test]
fn a_period_lasts_its_slots_and_its_checkpoint_is_its_first_block() {
	ExtBuilder::default().build_and_execute(|| {
		blocks_in(100..=109);
		assert_eq!((now().period.index, now().period.checkpoint), (0, 1));
		// The first slot of period 1 is empty: its second one holds the checkpoint.
		block_in_slot(111);
		assert_eq!((now().period.index, now().period.checkpoint), (1, 11));
		block_in_slot(119);
		assert_eq!((now().period.index, now().period.checkpoint), (1, 11));
	});
}

#[test]
fn an_epoch_lasts_its_periods() {
	ExtBuilder::default().build_and_execute(|| {
		blocks_in(100..=139);
		assert_eq!((now().epoch, now().period.index), (0, 3));
		block_in_slot(140);
		assert_eq!((now().epoch, now().period.index), (1, 4));
		assert_eq!((now().epoch_first_period, now().epoch_first_block), (4, 41));
		assert!(events().contains(&Event::EpochStarted {
			epoch: 1,
			base_slot: 140.into(),
			after_outage: false
		}));
	});
}

#[test]
fn a_block_inside_a_period_says_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		blocks_in(100..=101);
		assert_eq!(events(), vec![]);
	});
}
