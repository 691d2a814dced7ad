//! What the first block finds.

use crate::{mock::*, Role};
use sp_core::Pair;

#[test]
fn each_consensus_pallet_gets_its_own_role_in_its_own_order() {
	ExtBuilder::default()
		.producers(&[4, 1])
		.witnesses(&[6, 4, 2])
		.build_and_execute(|| {
			assert_eq!(aura_authorities(), vec![aura_key(4), aura_key(1)]);
			assert_eq!(grandpa_authorities(), [6, 4, 2].map(grandpa_key));
			assert_eq!(Roles::producers(), vec![4, 1]);
			assert_eq!(Roles::witnesses(), vec![6, 4, 2]);
		});
}

#[test]
fn the_session_carries_the_union_producers_first() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Session::validators(), vec![1, 2, 3, 4, 5, 6]);
		assert_eq!(pallet_session::QueuedKeys::<Test>::get().len(), 6);
	});
}

#[test]
fn rosters_of_the_first_session_are_kept() {
	ExtBuilder::default().build_and_execute(|| {
		let roster = Roles::roster(0, Role::Witness);
		assert_eq!(roster.len(), 4);
		assert_eq!(
			(roster[0].account, roster[0].key),
			(3, grandpa_pair(3).public().0)
		);
	});
}

#[test]
#[should_panic(expected = "both roles need members, each account once")]
fn a_genesis_without_witnesses_is_not_built() {
	let _ = ExtBuilder::default().witnesses(&[]).build();
}

#[test]
#[should_panic(expected = "both roles need members, each account once")]
fn a_genesis_that_names_a_producer_twice_is_not_built() {
	let _ = ExtBuilder::default().producers(&[1, 2, 1]).build();
}

#[test]
#[should_panic(expected = "at most 5 producers and 7 witnesses")]
fn a_genesis_with_too_many_producers_is_not_built() {
	let _ = ExtBuilder::default().producers(&[1, 2, 3, 4, 5, 6]).build();
}

#[test]
#[should_panic(expected = "2 accounts have the role Witness, but 1 of them have session keys")]
fn a_genesis_that_gives_a_role_to_somebody_without_keys_is_not_built() {
	let _ = ExtBuilder::default().witnesses(&[3, 77]).build();
}
