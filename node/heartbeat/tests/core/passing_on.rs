//! Heartbeats on their way to somebody else.

use super::*;

#[test]
fn happens_once_verified_and_never_back_to_the_sender() {
	let mut core = node(&[], &[("sender", &[]), ("other", &[])]);
	core.on_batch(&"sender", &good(1, &[7, 9]));
	assert!(sent(&mut core).is_empty());
	core.on_slot(START + 1, &key);
	assert_eq!(sent(&mut core), [("other", 2, vec![7, 9])]);
	core.on_batch(&"sender", &good(1, &[7, 9]));
	core.on_slot(START + 2, &key);
	assert!(core.actions().is_empty());
}

#[test]
fn ends_after_two_hops_unless_the_collector_is_a_peer() {
	let mut far = node(&[], &[("sender", &[]), ("other", &[])]);
	let mut near = node(&[], &[("sender", &[]), ("collector", &[5])]);
	for core in [&mut far, &mut near] {
		core.on_batch(&"sender", &good(2, &[7]));
		core.on_slot(START + 1, &key);
	}
	assert!(sent(&mut far).is_empty());
	assert_eq!(far.metrics().stranded, 1);
	assert_eq!(sent(&mut near), [("collector", 2, vec![7])]);
}

#[test]
fn happens_again_for_the_next_collector_when_the_staker_asks() {
	let mut core = node(&[], &[("sender", &[]), ("zero", &[5]), ("one", &[6])]);
	core.on_batch(&"sender", &good(1, &[7]));
	core.on_slot(START + 1, &key);
	assert_eq!(sent(&mut core), [("zero", 1, vec![7])]);
	core.on_slot(START + 20, &key);
	assert!(sent(&mut core).is_empty());
	core.on_batch(&"sender", &good(1, &[7]));
	core.on_slot(START + 21, &key);
	assert_eq!(sent(&mut core), [("one", 1, vec![7])]);
}

#[test]
fn stops_where_a_sentry_and_its_producer_stand() {
	// The peer stands in front of producer 5, and this node is producer 6.
	let mut core = node(&[6], &[("sentry", &[5]), ("sender", &[])]);
	core.on_batch(&"sentry", &good(0, &[7]));
	core.on_slot(START + 1, &key);
	assert!(sent(&mut core).is_empty());
}

#[test]
fn waits_until_the_checkpoint_is_final_here() {
	let mut core = node(&[], &[("sender", &[]), ("collector", &[5])]);
	let mut unfinished = open(PERIOD, &[]);
	unfinished.checkpoint = None;
	core.on_chain(view(&[], vec![unfinished]));
	core.on_batch(&"sender", &good(1, &[7]));
	core.on_slot(START + 1, &key);
	assert!(sent(&mut core).is_empty());
	core.on_chain(view(&[], vec![open(PERIOD, &[])]));
	core.on_slot(START + 2, &key);
	assert_eq!(sent(&mut core).len(), 1);
}

/// Otherwise a fast liar could pin a heartbeat to this node by sending it on with all hops spent.
#[test]
fn is_made_up_for_when_it_comes_again_by_fewer_hops() {
	let mut core = node(&[], &[("liar", &[]), ("sender", &[]), ("other", &[])]);
	core.on_batch(&"liar", &good(2, &[7]));
	core.on_slot(START + 1, &key);
	assert!(sent(&mut core).is_empty());
	core.on_batch(&"sender", &good(1, &[7]));
	core.on_slot(START + 2, &key);
	assert_eq!(sent(&mut core), [("other", 2, vec![7])]);
}

#[test]
fn leaves_out_whoever_sent_the_same_meanwhile() {
	let mut core = node(&[], &[("a", &[]), ("b", &[]), ("other", &[])]);
	core.on_batch(&"a", &good(1, &[7]));
	core.on_batch(&"b", &good(0, &[7]));
	core.on_slot(START + 1, &key);
	assert_eq!(sent(&mut core), [("other", 1, vec![7])]);
}
