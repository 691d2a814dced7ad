//! Changing how long periods and epochs are.

use crate::{mock::*, Error, Event, Lengths};
use frame_support::{assert_noop, assert_ok};
use frame_system::RawOrigin;
use sp_runtime::DispatchError;

const LONGER: Lengths = Lengths {
	period_slots: 30,
	epoch_periods: 2,
};

#[test]
fn takes_effect_at_the_edge_with_the_next_unused_number() {
	ExtBuilder::default().build_and_execute(|| {
		blocks_in(100..=115);
		assert_ok!(Timeline::set_lengths(RawOrigin::Root.into(), LONGER));
		assert_eq!(events(), vec![Event::LengthsChanging { lengths: LONGER }]);
		blocks_in(116..=139);
		assert_eq!(
			(now().period.index, now().pending_lengths),
			(3, Some(LONGER))
		);
		blocks_in(140..=169);
		assert_eq!(
			(now().epoch, now().period.index, now().lengths),
			(1, 4, LONGER)
		);
		assert_eq!(
			(now().pending_lengths, now().next_epoch_slot),
			(None, 200.into())
		);
		block_in_slot(170);
		assert_eq!(now().period.index, 5);
	});
}

#[test]
fn an_edge_late_by_several_of_the_new_periods_is_anchored_anew() {
	ExtBuilder::default()
		.lengths(1_000, 2)
		.build_and_execute(|| {
			block_in_slot(0);
			let short = Lengths {
				period_slots: 5,
				epoch_periods: 2,
			};
			assert_ok!(Timeline::set_lengths(RawOrigin::Root.into(), short));
			block_in_slot(2_500);
			assert_eq!((now().epoch, now().period.index), (1, 2));
			assert_eq!(now().next_epoch_slot, 2_510u64);
		});
}

#[test]
fn naming_the_lengths_in_force_takes_a_change_back() {
	ExtBuilder::default().build_and_execute(|| {
		block_in_slot(100);
		assert_ok!(Timeline::set_lengths(RawOrigin::Root.into(), LONGER));
		assert_ok!(Timeline::set_lengths(RawOrigin::Root.into(), now().lengths));
		assert_eq!(now().pending_lengths, None);
	});
}

#[test]
fn lengths_out_of_range_are_refused() {
	ExtBuilder::default().build_and_execute(|| {
		let refused = |period_slots, epoch_periods, error: Error<Test>| {
			let lengths = Lengths {
				period_slots,
				epoch_periods,
			};
			assert_noop!(
				Timeline::set_lengths(RawOrigin::Root.into(), lengths),
				error
			);
		};
		refused(0, 6, Error::PeriodSlotsOutOfRange);
		refused(4, 6, Error::PeriodSlotsOutOfRange);
		refused(14_401, 6, Error::PeriodSlotsOutOfRange);
		refused(21, 0, Error::EpochPeriodsOutOfRange);
		refused(21, 1, Error::EpochPeriodsOutOfRange);
		refused(21, 1_009, Error::EpochPeriodsOutOfRange);
	});
}

#[test]
fn a_signed_account_may_not_change_them() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Timeline::set_lengths(RawOrigin::Signed(1).into(), LONGER),
			DispatchError::BadOrigin
		);
	});
}

#[test]
#[should_panic(expected = "EpochPeriodsOutOfRange")]
fn a_genesis_with_an_endless_epoch_is_not_built() {
	ExtBuilder::default()
		.lengths(21, 100_000)
		.build_and_execute(|| ());
}
