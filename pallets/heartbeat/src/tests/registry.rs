//! Opening, rotating, retiring, and when it takes effect.

use crate::{mock::*, pallet::*, traits::Registry, types::Totals};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchResult;
use vigil_heartbeat_primitives::{testing::TestKey, PublicKey, Signature};

/// Open with test key `key` for its owner.
fn force_open(key: u32) -> DispatchResult {
	let (public, proof) = proven(key);
	Heartbeat::force_open(RuntimeOrigin::root(), owner(key), public, proof, STAKE)
}

fn proven(key: u32) -> (PublicKey, Signature) {
	let (owner, key) = (owner(key), TestKey::new(key));
	let proof = key.prove(&Heartbeat::genesis_hash(), &owner.into());
	(key.public(), proof)
}

mod open {
	use super::*;

	#[test]
	fn a_staker_is_active_from_the_next_epoch_on() {
		ExtBuilder::default().stakers(2).build_and_execute(|| {
			assert_ok!(force_open(2));
			let opened = Event::StakerOpened {
				index: 2,
				key: TestKey::new(2).public(),
			};
			assert_eq!(events(), [opened]);
			assert_eq!(Heartbeat::active(0, 1), [bits(0..2)]);
			run_to_period(4);
			assert_eq!(Heartbeat::active(0, 1), [bits(0..3)]);
			assert_eq!(
				status().total,
				Totals {
					stakers: 3,
					stake: 3_000
				}
			);
			assert_ok!(record_next(4, 0..3));
		});
	}

	#[test]
	fn a_key_that_is_taken_is_refused_and_so_is_its_negative() {
		ExtBuilder::default().stakers(2).build_and_execute(|| {
			assert_noop!(force_open(1), Error::<Test>::KeyTaken);
			let (mut negative, proof) = proven(1);
			negative.0[0] ^= 0b0010_0000;
			let refused =
				Heartbeat::force_open(RuntimeOrigin::root(), owner(1), negative, proof, STAKE);
			assert_noop!(refused, Error::<Test>::KeyTaken);
		});
	}

	#[test]
	fn a_proof_for_another_owner_chain_or_key_is_refused() {
		ExtBuilder::default().stakers(2).build_and_execute(|| {
			let (key, proof) = proven(5);
			let open = |owner, key, proof| {
				Heartbeat::force_open(RuntimeOrigin::root(), owner, key, proof, STAKE)
			};
			assert_noop!(open(owner(6), key, proof), Error::<Test>::BadProof);
			let elsewhere = TestKey::new(5).prove(&[9; 32], &owner(5).into());
			assert_noop!(open(owner(5), key, elsewhere), Error::<Test>::BadProof);
			let another = TestKey::new(6).public();
			assert_noop!(open(owner(5), another, proof), Error::<Test>::BadProof);
			let no_point = PublicKey([0; 48]);
			assert_noop!(open(owner(5), no_point, proof), Error::<Test>::BadKey);
		});
	}

	#[test]
	fn a_full_registry_takes_nobody_in() {
		ExtBuilder::default().stakers(2).build_and_execute(|| {
			MaxStakers::set(3);
			assert_ok!(force_open(2));
			assert_noop!(force_open(3), Error::<Test>::Full);
		});
	}
}

mod retire {
	use super::*;

	#[test]
	fn a_staker_stays_until_the_edge() {
		ExtBuilder::default().stakers(3).build_and_execute(|| {
			assert_ok!(Heartbeat::force_retire(RuntimeOrigin::root(), 1));
			assert_ok!(record_next(0, 0..3));
			run_to_period(4);
			assert_eq!(status().total.stakers, 2);
			next_block();
			let with_it = heartbeats(4, 0..3);
			assert_noop!(record(with_it), Error::<Test>::NotActive);
			assert_ok!(record(heartbeats(4, [0, 2])));
		});
	}

	#[test]
	fn nobody_retires_twice() {
		ExtBuilder::default().stakers(3).build_and_execute(|| {
			let retire = |index| Heartbeat::force_retire(RuntimeOrigin::root(), index);
			assert_ok!(retire(1));
			assert_noop!(retire(1), Error::<Test>::NoSuchStaker);
			assert_noop!(retire(3), Error::<Test>::NoSuchStaker);
		});
	}

	#[test]
	fn an_index_is_given_away_when_its_last_epoch_is_settled() {
		ExtBuilder::default().stakers(3).build_and_execute(|| {
			assert_ok!(Heartbeat::force_retire(RuntimeOrigin::root(), 1));
			run_to_period(4);
			assert_ok!(force_open(10));
			assert_eq!(NextIndex::<Test>::get(), 4);
			run_to_period(8);
			assert_ok!(force_open(11));
			let record = Heartbeat::find(TestKey::new(11).public()).expect("is registered");
			assert_eq!((record.index, record.from), (1, 3));
			assert_eq!(NextIndex::<Test>::get(), 4);
			run_to_period(12);
			assert_eq!(Heartbeat::active(0, 1), [bits(0..4)]);
		});
	}

	#[test]
	fn its_key_is_never_registered_again() {
		ExtBuilder::default().stakers(3).build_and_execute(|| {
			assert_ok!(Heartbeat::force_retire(RuntimeOrigin::root(), 1));
			run_to_period(12);
			assert_noop!(force_open(1), Error::<Test>::KeyTaken);
			let record = Heartbeat::find(TestKey::new(1).public()).expect("is kept");
			assert_eq!(record.until, Some(0));
		});
	}
}

mod rotate {
	use super::*;

	fn force_rotate(index: u32, key: u32) -> DispatchResult {
		let (public, proof) = proven(key);
		Heartbeat::force_rotate(RuntimeOrigin::root(), index, owner(key), public, proof)
	}

	#[test]
	fn the_old_key_signs_until_the_edge_and_the_new_one_after() {
		ExtBuilder::default().stakers(3).build_and_execute(|| {
			assert_ok!(force_rotate(1, 7));
			assert_ok!(record_next(0, 0..3));
			run_to_period(4);
			next_block();
			let by_old = heartbeats(4, 0..3);
			assert_noop!(record(by_old.clone()), Error::<Test>::WrongSignature);
			let mut by_new = by_old;
			let message = vigil_heartbeat_primitives::heartbeat_message(
				&Heartbeat::genesis_hash(),
				4,
				&open(4).checkpoint.expect("is known"),
			);
			by_new.signature = TestKey::sum([0, 7, 2]).sign(&message);
			assert_ok!(record(by_new));
		});
	}

	#[test]
	fn both_keys_lead_to_the_same_index() {
		ExtBuilder::default().stakers(3).build_and_execute(|| {
			assert_ok!(force_rotate(1, 7));
			let record = |key| Heartbeat::find(TestKey::new(key).public()).expect("is kept");
			assert_eq!((record(1).index, record(7).index), (1, 1));
			assert!(record(1).covers(0) && !record(1).covers(1));
			assert!(!record(7).covers(0) && record(7).covers(1));
		});
	}

	#[test]
	fn nobody_rotates_to_a_key_that_is_taken() {
		ExtBuilder::default().stakers(3).build_and_execute(|| {
			assert_noop!(force_rotate(1, 2), Error::<Test>::KeyTaken);
			assert_noop!(force_rotate(9, 20), Error::<Test>::NoSuchStaker);
		});
	}
}

#[test]
fn a_change_of_stake_counts_from_the_next_epoch_on() {
	ExtBuilder::default().stakers(3).build_and_execute(|| {
		assert_ok!(<Heartbeat as Registry<_>>::set_stake(1, 5_000));
		assert_ok!(record_next(0, 0..3));
		assert_eq!(open(0).stake, 3_000);
		run_to_period(4);
		assert_ok!(record_next(4, [1]));
		assert_eq!(open(4).stake, 5_000);
		assert_eq!(status().total.stake, 7_000);
	});
}

#[test]
fn only_the_origin_of_the_registry_may_fill_it() {
	ExtBuilder::default().stakers(3).build_and_execute(|| {
		let user = RuntimeOrigin::signed(owner(0));
		let retire = Heartbeat::force_retire(user.clone(), 0);
		assert_noop!(retire, sp_runtime::traits::BadOrigin);
		let set = Heartbeat::set_max_aggregates(user, 5);
		assert_noop!(set, sp_runtime::traits::BadOrigin);
	});
}
