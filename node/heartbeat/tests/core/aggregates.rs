//! What an author can record.

use super::*;

#[test]
fn draw_on_what_this_node_collects_by_now_or_on_all_it_holds() {
	let mut core = node(&[6], &[("peer", &[])]);
	// Bucket 1 is collected here from the start, bucket 0 from half of the period.
	core.on_batch(&"peer", &good(1, &[7, BUCKET_SIZE + 1]));
	core.on_slot(START + 1, &key);
	let buckets = |core: &Core<Peer>, scope| -> Vec<_> {
		let aggregate = core.aggregate(PERIOD, scope, |_| true).unwrap();
		aggregate.parts.iter().map(|part| part.bucket).collect()
	};
	assert_eq!(buckets(&core, Scope::Ours), [1]);
	assert_eq!(buckets(&core, Scope::Held), [0, 1]);
	core.on_slot(START + 20, &key);
	assert_eq!(buckets(&core, Scope::Ours), [0, 1]);
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
		core.on_slot(slot, &key);
		assert_eq!(core.due(PERIOD), due, "{slot}");
		assert_eq!(core.due(PERIOD + 1), None);
	}
}

#[test]
fn are_due_early_when_all_that_this_node_collects_are_held_or_recorded() {
	let mut core = node(&[5], &[("peer", &[])]);
	let recorded: Vec<_> = (0..499).collect();
	core.on_chain(view(&[5], vec![open(PERIOD, &recorded)]));
	assert_eq!(core.due(PERIOD), None);
	// Of another bucket, which is collected elsewhere.
	core.on_own([heartbeat(BUCKET_SIZE)]);
	assert_eq!(core.due(PERIOD), None);
	core.on_own([heartbeat(499)]);
	assert_eq!(core.due(PERIOD), Some(Scope::Ours));
}

#[test]
fn are_signed_by_whom_they_name() {
	let mut core = node(&[5], &[("peer", &[])]);
	core.on_batch(&"peer", &good(1, &[7, 9, 11]));
	core.on_slot(START + 1, &key);
	let aggregate = core.aggregate(PERIOD, Scope::Ours, |_| true).unwrap();
	let message = heartbeat_message(&GENESIS, PERIOD, &[PERIOD as u8; 32]);
	assert_eq!(aggregate.signature, TestKey::sum([7, 9, 11]).sign(&message));
}

#[test]
fn are_not_made_outside_the_window_or_without_anything_new() {
	let mut core = node(&[5], &[("peer", &[])]);
	let made = |core: &Core<Peer>, period| core.aggregate(period, Scope::Held, |_| true).is_some();
	assert!(!made(&core, PERIOD));
	core.on_own([heartbeat(7)]);
	assert!(made(&core, PERIOD) && !made(&core, PERIOD + 1));
	core.on_chain(view(&[5], vec![open(PERIOD, &[7])]));
	assert!(!made(&core, PERIOD));
	core.on_chain(view(&[5], vec![open(PERIOD, &[])]));
	core.on_slot(START + 79, &key);
	assert!(made(&core, PERIOD));
	core.on_slot(START + 80, &key);
	assert!(!made(&core, PERIOD));
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
