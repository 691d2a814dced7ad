//! Who owned a key in a session.

use crate::{mock::*, Offender, Role, RosterProof};
use frame_support::traits::KeyOwnerProofSystem;
use sp_core::crypto::KeyTypeId;
use sp_runtime::key_types::{AURA, AUTHORITY_DISCOVERY, GRANDPA};

fn check(key_type: KeyTypeId, key: impl AsRef<[u8]>, proof: RosterProof) -> Option<Offender<u64>> {
	Roles::check_proof((key_type, key), proof)
}

#[test]
fn a_proof_leads_to_the_account_and_the_role() {
	ExtBuilder::default().build_and_execute(|| {
		let proof = Roles::prove((GRANDPA, grandpa_key(5))).expect("5 is a witness");
		assert_eq!(
			proof,
			RosterProof {
				session: 0,
				member_count: 4
			}
		);
		assert_eq!(
			check(GRANDPA, grandpa_key(5), proof),
			Some(Offender {
				role: Role::Witness,
				account: 5
			})
		);
		let proof = Roles::prove((AURA, aura_key(1))).expect("1 is a producer");
		assert_eq!(
			check(AURA, aura_key(1), proof),
			Some(Offender {
				role: Role::Producer,
				account: 1
			})
		);
	});
}

#[test]
fn being_in_the_union_is_not_being_in_the_role() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Roles::prove((GRANDPA, grandpa_key(1))), None);
		assert_eq!(Roles::prove((AURA, aura_key(6))), None);
		let proof = RosterProof {
			session: 0,
			member_count: 4,
		};
		assert_eq!(check(GRANDPA, grandpa_key(1), proof), None);
		assert_eq!(check(AURA, aura_key(6), proof), None);
		// The right account with the key of its other role.
		assert_eq!(check(GRANDPA, aura_key(3), proof), None);
	});
}

#[test]
fn the_number_of_members_must_be_that_of_the_role() {
	ExtBuilder::default()
		.producers(&[1, 2])
		.build_and_execute(|| {
			for wrong in [0, 2, 3, 5, 6] {
				let proof = RosterProof {
					session: 0,
					member_count: wrong,
				};
				assert_eq!(check(GRANDPA, grandpa_key(5), proof), None, "{wrong}");
			}
		});
}

#[test]
fn a_key_is_proven_for_the_sessions_in_which_it_was_used() {
	ExtBuilder::default().build_and_execute(|| {
		choose(&[1, 2, 3, 4], &[3, 4, 6]);
		new_session();
		new_session();
		assert_eq!(Roles::prove((GRANDPA, grandpa_key(5))), None);
		let proof = Roles::prove_in(1, GRANDPA, grandpa_key(5).as_ref()).expect("was a witness");
		assert!(check(GRANDPA, grandpa_key(5), proof).is_some());
		let later = RosterProof {
			session: 2,
			member_count: 3,
		};
		assert_eq!(check(GRANDPA, grandpa_key(5), later), None);
	});
}

#[test]
fn rotating_keys_does_not_hide_the_owner_of_the_old_one() {
	ExtBuilder::default().build_and_execute(|| {
		pallet_session::NextKeys::<Test>::insert(5, session_keys(105));
		(0..2).for_each(|_| new_session());
		let proof = Roles::prove_in(1, GRANDPA, grandpa_key(5).as_ref()).expect("was its key");
		assert_eq!(
			check(GRANDPA, grandpa_key(5), proof).map(|o| o.account),
			Some(5)
		);
		let proof = Roles::prove((GRANDPA, grandpa_key(105))).expect("is its key");
		assert_eq!(
			check(GRANDPA, grandpa_key(105), proof).map(|o| o.account),
			Some(5)
		);
	});
}

#[test]
fn what_is_too_old_cannot_be_proven() {
	ExtBuilder::default().build_and_execute(|| {
		let proof = Roles::prove((GRANDPA, grandpa_key(5))).expect("is a witness");
		(0..3).for_each(|_| new_session());
		assert!(check(GRANDPA, grandpa_key(5), proof).is_some());
		new_session();
		assert_eq!(check(GRANDPA, grandpa_key(5), proof), None);
	});
}

#[test]
fn keys_of_no_role_prove_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Roles::prove((AUTHORITY_DISCOVERY, aura_key(1))), None);
	});
}
