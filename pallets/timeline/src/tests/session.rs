//! What the session pallet is told.

use crate::mock::*;
use frame_support::traits::EstimateNextSessionRotation;
use pallet_session::ShouldEndSession;
use sp_runtime::Permill;

#[test]
fn a_session_ends_in_the_first_block_of_an_epoch_and_in_no_other() {
	ExtBuilder::default().build_and_execute(|| {
		let mut ended = vec![];
		// Block 1 starts epoch 0: there is no session to end. The slots of two edges stay empty.
		for slot in (100..=139).chain(142..=179).chain(260..=300) {
			block_in_slot(slot);
			if Timeline::should_end_session(System::block_number()) {
				ended.push(slot);
			}
		}
		assert_eq!(ended, vec![142, 260, 300]);
	});
}

#[test]
fn the_next_rotation_is_estimated_from_the_slots_left() {
	ExtBuilder::default().build_and_execute(|| {
		blocks_in(100..=109);
		assert_eq!(Timeline::average_session_length(), 40);
		assert_eq!(
			Timeline::estimate_next_session_rotation(10).0,
			Some(10 + 31)
		);
		assert_eq!(
			Timeline::estimate_current_session_progress(10).0,
			Some(Permill::from_percent(25))
		);
		blocks_in(110..=139);
		assert_eq!(Timeline::estimate_next_session_rotation(40).0, Some(41));
		assert_eq!(
			Timeline::estimate_current_session_progress(40).0,
			Some(Permill::one())
		);
	});
}
