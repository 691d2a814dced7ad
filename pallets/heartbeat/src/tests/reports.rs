//! Stakers that sign two checkpoints of one period.

use crate::{mock::*, pallet::*, types::DoubleCheckpoint};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchResultWithPostInfo, Pays},
};
use vigil_heartbeat_primitives::{heartbeat_message, testing::TestKey, Hash, PeriodIndex};

const OTHER: Hash = [9; 32];

/// Evidence against the holder of test key `key`.
fn evidence(key: u32, period: PeriodIndex, checkpoint: &Hash) -> DoubleCheckpoint {
	let key = TestKey::new(key);
	let sign = |hash| key.sign(&heartbeat_message(&Heartbeat::genesis_hash(), period, hash));
	DoubleCheckpoint {
		key: key.public(),
		period,
		recorded_signature: sign(checkpoint),
		other: OTHER,
		other_signature: sign(&OTHER),
	}
}

fn true_evidence(key: u32) -> DoubleCheckpoint {
	evidence(key, 0, &open(0).checkpoint.expect("is known"))
}

fn report(evidence: DoubleCheckpoint) -> DispatchResultWithPostInfo {
	Heartbeat::report_double_checkpoint(RuntimeOrigin::signed(owner(50)), evidence)
}

#[test]
fn the_guilty_is_taken_out_and_the_reporter_pays_nothing() {
	ExtBuilder::default().stakers(5).build_and_execute(|| {
		next_block();
		let info = report(true_evidence(3)).expect("is true");
		assert_eq!(info.pays_fee, Pays::No);
		assert_eq!(Guilty::get(), [(3, 0, owner(50))]);
		run_to_period(4);
		assert_eq!(Heartbeat::active(0, 1), [bits([0, 1, 2, 4])]);
		// Nobody gets the index while what it staked is locked.
		assert_eq!(FreeQueue::<Test>::get(), (0, 0));
	});
}

#[test]
fn a_period_that_is_closed_is_not_forgotten() {
	ExtBuilder::default().stakers(5).build_and_execute(|| {
		next_block();
		let evidence = true_evidence(3);
		run_to_period(5);
		assert_ok!(report(evidence));
	});
}

#[test]
fn one_report_is_enough() {
	ExtBuilder::default().stakers(5).build_and_execute(|| {
		next_block();
		assert_ok!(report(true_evidence(3)));
		assert_noop!(report(true_evidence(3)), Error::<Test>::AlreadyReported);
	});
}

#[test]
fn leaving_does_not_help() {
	ExtBuilder::default().stakers(5).build_and_execute(|| {
		next_block();
		assert_ok!(Heartbeat::force_retire(RuntimeOrigin::root(), 3));
		assert_ok!(report(true_evidence(3)));
		assert_eq!(Guilty::get(), [(3, 0, owner(50))]);
	});
}

#[test]
fn whoever_has_the_index_later_is_not_to_blame() {
	ExtBuilder::default().stakers(5).build_and_execute(|| {
		next_block();
		let evidence = true_evidence(3);
		assert_ok!(Heartbeat::force_retire(RuntimeOrigin::root(), 3));
		run_to_period(8);
		let key = TestKey::new(9);
		let proof = key.prove(&Heartbeat::genesis_hash(), &owner(9).into());
		let root = RuntimeOrigin::root();
		assert_ok!(Heartbeat::force_open(
			root,
			owner(9),
			key.public(),
			proof,
			STAKE
		));
		assert_eq!(
			Heartbeat::find(key.public()).map(|record| record.index),
			Some(3)
		);
		assert_ok!(report(evidence));
		run_to_period(12);
		assert_eq!(Heartbeat::active(0, 1), [bits(0..5)]);
	});
}

#[test]
fn a_rotated_key_still_leads_to_its_owner() {
	ExtBuilder::default().stakers(5).build_and_execute(|| {
		next_block();
		let evidence = true_evidence(3);
		let key = TestKey::new(9);
		let proof = key.prove(&Heartbeat::genesis_hash(), &owner(9).into());
		let root = RuntimeOrigin::root();
		assert_ok!(Heartbeat::force_rotate(
			root,
			3,
			owner(9),
			key.public(),
			proof
		));
		run_to_period(5);
		assert_ok!(report(evidence));
		run_to_period(8);
		assert_eq!(Heartbeat::active(0, 1), [bits([0, 1, 2, 4])]);
	});
}

#[test]
fn evidence_that_proves_nothing_is_refused() {
	ExtBuilder::default().stakers(5).build_and_execute(|| {
		next_block();
		let good = true_evidence(3);
		let wrong = |change: &dyn Fn(&mut DoubleCheckpoint)| {
			let mut evidence = good.clone();
			change(&mut evidence);
			report(evidence).expect_err("proves nothing").error
		};
		let checkpoint = open(0).checkpoint.expect("is known");
		assert_eq!(
			wrong(&|evidence| evidence.key = TestKey::new(77).public()),
			Error::<Test>::NoSuchStaker.into()
		);
		assert_eq!(
			wrong(&|evidence| evidence.key = TestKey::new(2).public()),
			Error::<Test>::WrongSignature.into()
		);
		assert_eq!(
			wrong(&|evidence| evidence.period = 1),
			Error::<Test>::NoSuchCheckpoint.into()
		);
		assert_eq!(
			wrong(&|evidence| evidence.other = checkpoint),
			Error::<Test>::SameCheckpoint.into()
		);
		assert_eq!(
			wrong(&|evidence| evidence.other_signature = evidence.recorded_signature),
			Error::<Test>::WrongSignature.into()
		);
		assert_eq!(Guilty::get(), []);
	});
}

#[test]
fn a_key_is_not_blamed_for_periods_before_its_time() {
	ExtBuilder::default().stakers(5).build_and_execute(|| {
		next_block();
		let key = TestKey::new(9);
		let proof = key.prove(&Heartbeat::genesis_hash(), &owner(9).into());
		let root = RuntimeOrigin::root();
		assert_ok!(Heartbeat::force_rotate(
			root,
			3,
			owner(9),
			key.public(),
			proof
		));
		assert_noop!(report(true_evidence(9)), Error::<Test>::KeyNotInPeriod);
		// The old key is still to blame in this epoch.
		assert_ok!(report(true_evidence(3)));
	});
}
