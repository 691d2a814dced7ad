//! How the sets change, and when they do not.

use crate::{mock::*, Disabled, Planned, Role, Rosters};
use frame_support::traits::Hooks;
use sp_consensus_aura::AURA_ENGINE_ID;
use sp_consensus_grandpa::GRANDPA_ENGINE_ID;
use sp_runtime::traits::OpaqueKeys;

/// Give `account` other session keys: those of account `keys_of`.
fn rotate_keys(account: u64, keys_of: u64) {
	let keys = session_keys(keys_of);
	for id in SessionKeys::key_ids() {
		pallet_session::KeyOwner::<Test>::insert((*id, keys.get_raw(*id).to_vec()), account);
	}
	pallet_session::NextKeys::<Test>::insert(account, keys);
}

#[test]
fn nothing_changes_without_a_reason() {
	ExtBuilder::default().build_and_execute(|| {
		for _ in 0..3 {
			new_session();
			assert_eq!(consensus_logs(AURA_ENGINE_ID), Vec::<Vec<u8>>::new());
			assert!(pallet_grandpa::PendingChange::<Test>::get().is_none());
			assert_eq!(Grandpa::current_set_id(), 0);
			assert!(!pallet_session::QueuedChanged::<Test>::get());
		}
		// The session of the set moves on all the same: proofs are bounded by it.
		assert_eq!(Grandpa::session_for_set(0), Some(3));
	});
}

#[test]
fn what_is_chosen_in_one_session_is_planned_at_its_end_and_in_force_two_later() {
	ExtBuilder::default().build_and_execute(|| {
		choose(&[2, 3, 7], &[3, 4, 5, 6]);
		new_session();
		assert_eq!(Roles::producers(), vec![1, 2, 3, 4]);
		assert_eq!(Roles::planned_members(2, Role::Producer), vec![2, 3, 7]);
		new_session();
		assert_eq!(Roles::producers(), vec![2, 3, 7]);
		assert_eq!(aura_authorities(), [2, 3, 7].map(aura_key));
		block_by(7);
		assert_eq!(Authorship::author(), Some(7));
	});
}

#[test]
fn a_change_of_producers_does_not_touch_the_witnesses() {
	ExtBuilder::default().build_and_execute(|| {
		choose(&[1, 2], &[3, 4, 5, 6]);
		new_session();
		new_session();
		assert_eq!(consensus_logs(AURA_ENGINE_ID).len(), 1);
		assert!(pallet_grandpa::PendingChange::<Test>::get().is_none());
		assert_eq!(Grandpa::current_set_id(), 0);
	});
}

#[test]
fn a_change_of_witnesses_does_not_touch_the_producers() {
	ExtBuilder::default().build_and_execute(|| {
		choose(&[1, 2, 3, 4], &[3, 4, 5, 7]);
		new_session();
		new_session();
		assert_eq!(consensus_logs(AURA_ENGINE_ID), Vec::<Vec<u8>>::new());
		assert_eq!(grandpa_authorities(), [3, 4, 5, 7].map(grandpa_key));
		assert_eq!(Grandpa::current_set_id(), 1);
		// GRANDPA says so in the header when the block is finished.
		Grandpa::on_finalize(System::block_number());
		assert_eq!(consensus_logs(GRANDPA_ENGINE_ID).len(), 1);
	});
}

#[test]
fn an_account_that_only_swaps_roles_is_seen() {
	// The union stays {1, 2, 3, 4, 5, 6} in the same order: the session pallet sees no change.
	ExtBuilder::default().build_and_execute(|| {
		choose(&[1, 2, 3, 4], &[2, 4, 5, 6]);
		new_session();
		choose(&[1, 2, 3, 4], &[1, 4, 5, 6]);
		new_session();
		new_session();
		assert_eq!(Session::validators()[..4], [1, 2, 3, 4]);
		assert_eq!(Roles::witnesses(), vec![1, 4, 5, 6]);
		assert_eq!(grandpa_authorities(), [1, 4, 5, 6].map(grandpa_key));
		assert_eq!(Grandpa::current_set_id(), 2);
	});
}

#[test]
fn witnesses_that_leave_stay_in_the_session_for_one_more() {
	ExtBuilder::default().build_and_execute(|| {
		choose(&[1, 2, 3, 4], &[3, 4, 5, 7]);
		new_session();
		new_session();
		assert!(
			Session::validators().contains(&6),
			"it left in this session"
		);
		assert!(!Roles::witnesses().contains(&6));
		new_session();
		assert!(!Session::validators().contains(&6));
	});
}

#[test]
fn new_keys_are_used_two_sessions_later_and_by_their_role_only() {
	ExtBuilder::default().build_and_execute(|| {
		// 5 is a witness and no producer: its new Aura key means nothing.
		rotate_keys(5, 105);
		new_session();
		assert_eq!(grandpa_authorities()[2], grandpa_key(5));
		new_session();
		assert_eq!(grandpa_authorities(), [3, 4, 105, 6].map(grandpa_key));
		assert_eq!(consensus_logs(AURA_ENGINE_ID), Vec::<Vec<u8>>::new());
		assert_eq!(Grandpa::current_set_id(), 1);
	});
}

#[test]
fn a_member_without_keys_is_left_out_and_comes_back_with_them() {
	ExtBuilder::default().build_and_execute(|| {
		let keys = pallet_session::NextKeys::<Test>::take(2).expect("has keys");
		new_session();
		new_session();
		assert_eq!(Roles::producers(), vec![1, 3, 4]);
		assert_eq!(Roles::witnesses(), vec![3, 4, 5, 6]);
		pallet_session::NextKeys::<Test>::insert(2, keys);
		new_session();
		new_session();
		assert_eq!(Roles::producers(), vec![1, 2, 3, 4]);
	});
}

#[test]
fn a_role_that_lost_all_its_keys_keeps_its_last_roster() {
	ExtBuilder::default()
		.producers(&[1, 2])
		.build_and_execute(|| {
			(3..=6).for_each(pallet_session::NextKeys::<Test>::remove);
			(0..5).for_each(|_| new_session());
			assert_eq!(Roles::witnesses(), vec![3, 4, 5, 6]);
			assert_eq!(grandpa_authorities(), [3, 4, 5, 6].map(grandpa_key));
			assert_eq!(Grandpa::current_set_id(), 0);
		});
}

#[test]
fn sets_that_could_not_run_a_chain_are_refused() {
	for (producers, witnesses) in [
		(&[][..], &[3, 4][..]),
		(&[1], &[]),
		(&[1, 1], &[3, 4]),
		(&[1], &[4, 4]),
	] {
		ExtBuilder::default().build_and_execute(|| {
			choose(producers, witnesses);
			(0..3).for_each(|_| new_session());
			assert_eq!(Roles::producers(), vec![1, 2, 3, 4]);
			assert_eq!(Roles::witnesses(), vec![3, 4, 5, 6]);
		});
	}
}

#[test]
fn old_plans_and_rosters_are_removed() {
	ExtBuilder::default().build_and_execute(|| {
		(0..9).for_each(|_| new_session());
		let mut planned: Vec<_> = Planned::<Test>::iter_keys().collect();
		planned.sort_unstable();
		assert_eq!(planned, vec![9, 10]);
		let mut kept: Vec<_> = Rosters::<Test>::iter_keys()
			.map(|(session, _)| session)
			.collect();
		kept.sort_unstable();
		assert_eq!(kept, vec![6, 6, 7, 7, 8, 8, 9, 9]);
		assert!(Disabled::<Test>::iter_keys().all(|role| Disabled::<Test>::get(role).is_empty()));
	});
}
