//! Windows, attestations and what counts.

use crate::{mock::*, pallet::*, types::Participation};
use frame_support::assert_ok;

fn participation(index: u32, epoch: u64) -> (u32, u32) {
	let Participation { recorded, valid } =
		Heartbeat::participation(index, epoch).expect("is kept");
	(recorded, valid)
}

#[test]
fn the_checkpoint_is_the_first_block_of_the_period() {
	ExtBuilder::default().stakers(3).build_and_execute(|| {
		run_to_period(1);
		let checkpoint = System::block_number();
		assert_eq!(open(1).checkpoint_number, checkpoint);
		assert_eq!(open(1).checkpoint, None);
		next_block();
		assert_eq!(open(1).checkpoint, Some(block_hash(checkpoint).into()));
	});
}

#[test]
fn a_closed_period_says_how_much_stake_saw_its_checkpoint() {
	ExtBuilder::default().stakers(10).build_and_execute(|| {
		assert_ok!(record_next(0, 0..6));
		run_to_period(2);
		let attestation = Heartbeat::attestation(0).expect("is kept");
		assert_eq!(attestation.checkpoint, Some(block_hash(1).into()));
		assert_eq!((attestation.recorded, attestation.stake), (6, 6_000));
		assert_eq!(attestation.total.stake, 10_000);
		assert!(!attestation.void);
		let closed = Event::PeriodClosed {
			period: 0,
			recorded: 6,
			void: false,
		};
		assert!(events().contains(&closed));
		assert_eq!(Heartbeat::attestation(1), None);
	});
}

#[test]
fn a_period_with_less_than_a_third_of_the_stake_counts_for_nobody() {
	ExtBuilder::default().stakers(10).build_and_execute(|| {
		assert_ok!(record_next(0, 0..3));
		run_to_period(1);
		assert_ok!(record_next(1, 0..4));
		run_to_period(3);
		assert!(Heartbeat::attestation(0).expect("is kept").void);
		assert!(!Heartbeat::attestation(1).expect("is kept").void);
		// Recorded twice, but only one period counts: whoever takes min(recorded, valid) is right.
		assert_eq!(participation(0, 0), (2, 1));
		assert_eq!(participation(9, 0), (0, 1));
	});
}

#[test]
fn the_window_of_the_last_period_closes_at_the_edge() {
	ExtBuilder::default().stakers(10).build_and_execute(|| {
		run_to_period(3);
		next_block();
		let late = heartbeats(3, 0..9);
		run_to_period(4);
		assert_eq!(Heartbeat::open_period_of(3), None);
		assert!(Heartbeat::attestation(3).expect("is kept").void);
		next_block();
		assert!(record(late).is_err());
		assert_eq!(Heartbeat::epoch_summary(0).expect("is kept").void, 4);
	});
}

#[test]
fn an_outage_makes_no_period_count_and_takes_nothing_from_anybody() {
	ExtBuilder::default().stakers(10).build_and_execute(|| {
		assert_ok!(record_next(0, 0..10));
		// Nothing for a period and a half; the chain goes on in the same epoch.
		block_in_slot(FIRST_SLOT + 2 * PERIOD + 3);
		assert_ok!(record_next(2, 0..10));
		run_to_period(4);
		let summary = Heartbeat::epoch_summary(0).expect("is kept");
		assert_eq!((summary.valid, summary.void), (2, 1));
		assert_eq!(Heartbeat::attestation(1), None);
		assert_eq!(participation(0, 0), (2, 2));
	});
}

#[test]
fn counters_of_the_last_epoch_stay_while_the_next_runs() {
	ExtBuilder::default().stakers(10).build_and_execute(|| {
		for period in 0..3 {
			run_to_period(period);
			assert_ok!(record_next(period, 0..5));
		}
		run_to_period(5);
		assert_ok!(record_next(5, 0..5));
		assert_eq!(participation(0, 0), (3, 3));
		assert_eq!(participation(0, 1).0, 1);
		assert_eq!(participation(9, 1).0, 0);
		run_to_period(8);
		assert_eq!(Heartbeat::participation(0, 0), None);
	});
}

#[test]
fn without_stakers_no_period_counts() {
	ExtBuilder::default().build_and_execute(|| {
		run_to_period(3);
		assert_eq!(Heartbeat::epoch_summary(0).expect("is kept").valid, 0);
	});
}

#[test]
fn the_cap_on_aggregates_changes_at_the_edge() {
	ExtBuilder::default().stakers(3).build_and_execute(|| {
		let set = |max| Heartbeat::set_max_aggregates(RuntimeOrigin::root(), max);
		assert_eq!(set(63), Err(Error::<Test>::MaxAggregatesOutOfRange.into()));
		assert_eq!(
			set(1_001),
			Err(Error::<Test>::MaxAggregatesOutOfRange.into())
		);
		assert_ok!(set(70));
		assert_eq!(status().max_aggregates, 100);
		run_to_period(4);
		assert_eq!(status().max_aggregates, 70);
	});
}
