//! Who made a block.

use crate::mock::*;

#[test]
fn the_author_is_found_by_its_place_among_the_producers_not_in_the_union() {
	// In the union 6 would stand third, among the producers it stands first.
	ExtBuilder::default()
		.producers(&[6, 2])
		.witnesses(&[3, 4, 5])
		.build_and_execute(|| {
			block_by(2);
			assert_eq!(Authorship::author(), Some(2));
			block_by(6);
			assert_eq!(Authorship::author(), Some(6));
		});
}

#[test]
fn the_author_of_the_block_that_hands_over_is_one_of_the_old_producers() {
	ExtBuilder::default()
		.producers(&[1, 2, 3])
		.build_and_execute(|| {
			choose(&[4, 5, 6], &[3, 4, 5, 6]);
			new_session();
			new_session();
			// Aura's list is new already, but the block was made by one of the old.
			assert_eq!(Roles::producers(), vec![4, 5, 6]);
			assert!([1, 2, 3].contains(&Authorship::author().expect("has an author")));
			block_by(5);
			assert_eq!(Authorship::author(), Some(5));
		});
}

#[test]
fn the_author_keeps_its_account_when_it_rotates_its_keys() {
	// The session pallet forgets the owner of the old key at once; the roster does not.
	ExtBuilder::default().build_and_execute(|| {
		let _ = pallet_session::KeyOwner::<Test>::clear(u32::MAX, None);
		block_by(3);
		assert_eq!(Authorship::author(), Some(3));
	});
}

mod a_block_is_refused {
	use super::*;
	use codec::Encode;
	use sp_consensus_aura::AURA_ENGINE_ID;
	use sp_runtime::DigestItem;

	/// Start a block whose header names these slots, as raw bytes.
	fn naming(slots: &[&[u8]]) {
		ExtBuilder::default().build_and_execute(|| {
			let item = |slot: &&[u8]| DigestItem::PreRuntime(AURA_ENGINE_ID, slot.to_vec());
			start_block(slots.iter().map(item).collect());
		});
	}

	const FAR: u64 = 7_201;
	const NEAR: u64 = 9;

	#[test]
	#[should_panic(expected = "a header must name its slot exactly once")]
	fn when_the_slot_for_the_runtime_hides_before_the_one_for_clients() {
		naming(&[&(FAR, 0u8).encode(), &NEAR.encode()]);
	}

	#[test]
	#[should_panic(expected = "a header must name its slot exactly once")]
	fn when_it_names_two_slots() {
		naming(&[&NEAR.encode(), &(FAR, 0u8).encode()]);
	}

	#[test]
	#[should_panic(expected = "a header must name its slot exactly once")]
	fn when_the_first_slot_is_too_short_to_be_read() {
		naming(&[&[7], &NEAR.encode()]);
	}

	#[test]
	#[should_panic(expected = "a header must name its slot exactly once")]
	fn when_it_names_none() {
		naming(&[]);
	}
}
