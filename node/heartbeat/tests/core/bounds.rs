//! Rooms that are full.

use super::*;

/// What waits was let in while there was room for it; each alone, but not all together.
#[test]
fn no_more_is_held_than_there_is_room_for() {
	let limits = Limits {
		held: 3,
		..Limits::default()
	};
	let mut core = node_with(&[], &[("a", &[]), ("b", &[])], limits);
	core.on_batch(&"a", &good(0, &[1, 2]));
	core.on_batch(&"b", &good(0, &[3, 4, 5]));
	core.on_slot(START + 1, &key);
	assert_eq!((core.metrics().held, core.metrics().waiting), (3, 2));

	// What is recorded makes room.
	core.on_chain(view(&[], vec![open(PERIOD, &[1, 2, 3, 4, 5])]));
	core.on_slot(START + 2, &key);
	assert_eq!((core.metrics().held, core.metrics().waiting), (2, 0));
}
