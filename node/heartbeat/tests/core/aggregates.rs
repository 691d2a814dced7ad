//! What an author can record.

use super::*;

#[test]
fn draw_on_what_this_node_collects_by_now_or_on_all_it_holds() {
	let mut core = node(&[6], &[("peer", &[])]);
	// Bucket 1 is collected here from the start, bucket 0 from half of the period.
	core.on_batch(&"peer", &good(1, &[7, BUCKET_SIZE + 1]));
	core.on_slot(START + 1, &key);
	let buckets = |core: &Core<Peer>, slot, scope| -> Vec<_> {
		let aggregate = core.aggregate(PERIOD, slot, scope, |_| true).unwrap();
		aggregate.parts.iter().map(|part| part.bucket).collect()
	};
	assert_eq!(buckets(&core, START + 19, Scope::Ours), [1]);
	assert_eq!(buckets(&core, START + 19, Scope::Held), [0, 1]);
	assert_eq!(buckets(&core, START + 20, Scope::Ours), [0, 1]);
}

#[test]
fn are_due_when_everybody_had_time_or_nobody_is_missing() {
	let mut core = node(&[5], &[("peer", &[])]);
	core.on_batch(&"peer", &good(1, &[7]));
	// A quarter to sign and a sixteenth for the way; the window's last quarter.
	for (slot, due) in [
		(START, None),
		(START + 11, None),
		(START + 12, Some(Scope::Ours)),
		(START + 59, Some(Scope::Ours)),
		(START + 60, Some(Scope::Held)),
	] {
		assert_eq!(core.due(PERIOD, slot), due, "{slot}");
		assert_eq!(core.due(PERIOD + 1, slot), None);
	}
}

#[test]
fn are_due_early_when_all_that_this_node_collects_are_held_or_recorded() {
	let mut core = node(&[5], &[("peer", &[])]);
	let recorded: Vec<_> = (0..499).collect();
	core.on_chain(view(&[5], vec![open(PERIOD, &recorded)]));
	assert_eq!(core.due(PERIOD, START + 1), None);
	// Of another bucket, which is collected elsewhere.
	core.on_own([heartbeat(BUCKET_SIZE)]);
	assert_eq!(core.due(PERIOD, START + 1), None);
	core.on_own([heartbeat(499)]);
	assert_eq!(core.due(PERIOD, START + 1), Some(Scope::Ours));
}

#[test]
fn are_signed_by_whom_they_name() {
	let mut core = node(&[5], &[("peer", &[])]);
	core.on_batch(&"peer", &good(1, &[7, 9, 11]));
	core.on_slot(START + 1, &key);
	let aggregate = core
		.aggregate(PERIOD, START + 2, Scope::Ours, |_| true)
		.unwrap();
	let message = heartbeat_message(&GENESIS, PERIOD, &[PERIOD as u8; 32]);
	assert_eq!(aggregate.signature, TestKey::sum([7, 9, 11]).sign(&message));
}

#[test]
fn are_not_made_outside_the_window_or_without_anything_new() {
	let mut core = node(&[5], &[("peer", &[])]);
	let made = |core: &Core<Peer>, period, slot| {
		let aggregate = core.aggregate(period, slot, Scope::Held, |_| true);
		aggregate.is_some()
	};
	assert!(!made(&core, PERIOD, START));
	core.on_own([heartbeat(7)]);
	assert!(made(&core, PERIOD, START) && !made(&core, PERIOD + 1, START));
	core.on_chain(view(&[5], vec![open(PERIOD, &[7])]));
	assert!(!made(&core, PERIOD, START));
	core.on_chain(view(&[5], vec![open(PERIOD, &[])]));
	assert!(made(&core, PERIOD, START + 79));
	assert!(!made(&core, PERIOD, START + 80));
}

/// Or else one late heartbeat after the other, held back for that, would keep a period's authors busy.
#[test]
fn of_two_periods_are_made_for_the_one_with_more_to_record() {
	let mut core = node(&[8], &[]);
	let next = heartbeat_of(PERIOD + 1);
	core.on_chain(view(&[8], vec![open(PERIOD, &[]), open(PERIOD + 1, &[])]));
	// In the last quarter of one, and when producer 8 collects bucket 0 of the other.
	let slot = START + 79;
	let made = |core: &Core<Peer>| {
		let aggregate = core.next_aggregate(slot, |_| true);
		aggregate.map(|aggregate| (aggregate.period, aggregate.parts.len()))
	};
	core.on_own([heartbeat(7), next(7)]);
	assert_eq!(made(&core), Some((PERIOD, 1)));
	core.on_own([next(8)]);
	assert_eq!(made(&core), Some((PERIOD + 1, 1)));
	core.on_own([heartbeat(8), heartbeat(9)]);
	assert_eq!(made(&core), Some((PERIOD, 1)));
}

#[test]
fn what_is_recorded_is_still_taken_by_its_collectors_only() {
	for (ours, held) in [(7, 1), (8, 0)] {
		let mut core = node(&[ours], &[("peer", &[])]);
		core.on_chain(view(&[ours], vec![open(PERIOD, &[7])]));
		core.on_batch(&"peer", &good(1, &[7]));
		core.on_slot(START + 1, &key);
		assert_eq!(core.metrics().held, held);
		assert!(core.actions().is_empty());
	}
}
