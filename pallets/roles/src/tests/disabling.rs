//! Switching members off in one role without touching the other.

use crate::{mock::*, Disabled, DisabledProducers, Event, Role};
use frame_support::traits::DisabledValidators;
use sp_consensus_aura::{ConsensusLog as AuraLog, AURA_ENGINE_ID};

#[test]
fn a_disabled_witness_does_not_keep_a_producer_from_its_slot() {
	// 5 has index 4 in the union and index 2 among the witnesses; index 2 among producers is 3.
	ExtBuilder::default().build_and_execute(|| {
		assert!(Roles::disable(Role::Witness, &5));
		assert_eq!(
			DisabledProducers::<Test>::disabled_validators(),
			Vec::<u32>::new()
		);
		[1, 2, 3, 4].into_iter().for_each(block_by);
	});
}

#[test]
fn a_member_guilty_in_one_role_goes_on_in_the_other() {
	ExtBuilder::default().build_and_execute(|| {
		assert!(Roles::disable(Role::Witness, &3));
		block_by(3);
		assert_eq!(Authorship::author(), Some(3));
		new_session();
		assert_eq!(Roles::witnesses(), vec![4, 5, 6]);
		assert_eq!(Roles::producers(), vec![1, 2, 3, 4]);
	});
}

#[test]
#[should_panic(expected = "Validator with index 2 is disabled")]
fn a_block_of_a_disabled_producer_is_refused_at_once() {
	ExtBuilder::default().build_and_execute(|| {
		assert!(Roles::disable(Role::Producer, &3));
		block_by(3);
	});
}

#[test]
fn the_header_names_the_index_of_the_role() {
	ExtBuilder::default()
		.producers(&[5, 6])
		.witnesses(&[1, 2, 3, 4])
		.build_and_execute(|| {
			assert!(Roles::disable(Role::Producer, &6));
			let logs = consensus_logs(AURA_ENGINE_ID);
			let expected = AuraLog::<sp_consensus_aura::sr25519::AuthorityId>::OnDisabled(1);
			assert_eq!(logs, vec![codec::Encode::encode(&expected)]);
			let event = Event::MemberDisabled {
				role: Role::Producer,
				account: 6,
			};
			System::assert_last_event(event.into());
		});
}

#[test]
fn disabling_by_the_index_of_the_union_reaches_both_roles_of_the_account() {
	ExtBuilder::default()
		.producers(&[1, 2])
		.witnesses(&[3, 4, 5, 2])
		.build_and_execute(|| {
			// Index 1 of the union is 2: producer 1 and witness 3.
			assert!(Session::disable_index(1));
			assert_eq!(DisabledProducers::<Test>::disabled_validators(), vec![1]);
			assert_eq!(Disabled::<Test>::get(Role::Witness).into_inner(), vec![2]);
			// Index 4 of the union is a witness only.
			assert!(Session::disable_index(4));
			assert_eq!(DisabledProducers::<Test>::disabled_validators(), vec![1]);
			block_by(1);
		});
}

#[test]
fn the_last_producer_that_works_is_never_switched_off() {
	ExtBuilder::default()
		.producers(&[1, 2])
		.build_and_execute(|| {
			assert!(Roles::disable(Role::Producer, &1));
			assert!(!Roles::disable(Role::Producer, &2));
			block_by(2);
		});
}

#[test]
fn a_disabled_producer_is_out_from_the_next_session_on_and_gets_no_slots() {
	ExtBuilder::default().build_and_execute(|| {
		assert!(Roles::disable(Role::Producer, &2));
		block_by(3);
		new_session();
		assert_eq!(Roles::producers(), vec![1, 3, 4]);
		assert_eq!(aura_authorities(), [1, 3, 4].map(aura_key));
		[1, 3, 4].into_iter().for_each(block_by);
	});
}

#[test]
fn three_witnesses_stay_whatever_they_did() {
	ExtBuilder::default().build_and_execute(|| {
		for account in 3..=6 {
			Roles::disable(Role::Witness, &account);
		}
		new_session();
		assert_eq!(Roles::witnesses().len(), 3);
	});
}

#[test]
fn a_disabled_producer_works_again_when_it_is_the_only_one_with_keys() {
	ExtBuilder::default()
		.producers(&[1, 2])
		.build_and_execute(|| {
			assert!(Roles::disable(Role::Producer, &2));
			pallet_session::NextKeys::<Test>::remove(1);
			block_by(1);
			EndSession::set(true);
			block_by(1);
			EndSession::set(true);
			block_by(1);
			assert_eq!(Roles::producers(), vec![2]);
			block_by(2);
		});
}

#[test]
fn it_is_forgotten_when_the_member_leaves() {
	ExtBuilder::default().build_and_execute(|| {
		assert!(Roles::disable(Role::Producer, &2));
		choose(&[1, 3, 4], &[3, 4, 5, 6]);
		block_by(3);
		(0..3).for_each(|_| new_session());
		assert_eq!(
			Disabled::<Test>::get(Role::Producer).into_inner(),
			Vec::<u64>::new()
		);
		choose(&[1, 2, 3, 4], &[3, 4, 5, 6]);
		(0..2).for_each(|_| new_session());
		block_by(2);
	});
}

#[test]
fn strangers_cannot_be_disabled() {
	ExtBuilder::default().build_and_execute(|| {
		assert!(!Roles::disable(Role::Producer, &5));
		assert!(!Roles::disable(Role::Witness, &1));
		assert!(!Roles::disable(Role::Witness, &77));
	});
}
