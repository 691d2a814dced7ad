//! Heartbeats that begin at this node.

use super::*;

#[test]
fn go_to_the_collector_at_once() {
	let mut core = node(&[], &[("other", &[1]), ("collector", &[5])]);
	core.on_own([heartbeat(7), heartbeat(3)]);
	assert_eq!(sent(&mut core), [("collector", 0, vec![3, 7])]);
}

#[test]
fn go_to_two_neighbours_if_the_collector_is_no_peer() {
	let peers: &[(Peer, &[u32])] = &[("a", &[]), ("b", &[]), ("c", &[]), ("producer", &[1])];
	let mut core = node(&[], peers);
	core.on_own([heartbeat(7)]);
	let sent = sent(&mut core);
	assert_eq!(sent.len(), 2);
	assert!(sent.iter().all(|(_, hops, _)| *hops == 1));
	assert!(
		sent.iter().any(|(peer, ..)| *peer == "producer"),
		"{sent:?}"
	);
}

#[test]
fn turn_to_the_next_collector_at_half_and_at_three_quarters() {
	let mut core = node(&[], &[("zero", &[5]), ("one", &[6]), ("two", &[7])]);
	core.on_own([heartbeat(7)]);
	let mut all = sent(&mut core);
	for slot in START + 1..START + 80 {
		core.on_slot(slot, &key);
		let now = sent(&mut core);
		assert!(now.is_empty() || slot == START + 20 || slot == START + 30);
		all.extend(now);
	}
	let order: Vec<_> = all.iter().map(|(peer, ..)| *peer).collect();
	assert_eq!(order, ["zero", "one", "two"]);
}

#[test]
fn are_not_sent_again_once_recorded() {
	let mut core = node(&[], &[("zero", &[5]), ("one", &[6])]);
	core.on_own([heartbeat(7), heartbeat(8)]);
	sent(&mut core);
	core.on_chain(view(&[], vec![open(PERIOD, &[7])]));
	core.on_slot(START + 20, &key);
	assert_eq!(sent(&mut core), [("one", 0, vec![8])]);
}

#[test]
fn wait_for_the_first_connection() {
	let mut core = node(&[], &[]);
	core.on_own([heartbeat(7)]);
	assert!(sent(&mut core).is_empty());
	core.on_peers([("late", vec![])]);
	core.on_slot(START + 1, &key);
	assert_eq!(sent(&mut core), [("late", 1, vec![7])]);
}

#[test]
fn try_other_neighbours_at_the_next_attempt() {
	let mut core = node(&[], &[("a", &[]), ("b", &[]), ("c", &[]), ("d", &[])]);
	core.on_own([heartbeat(7)]);
	let mut peers = sent(&mut core);
	core.on_slot(START + 20, &key);
	peers.extend(sent(&mut core));
	peers.sort();
	peers.dedup();
	assert_eq!(peers.len(), 4);
}

#[test]
fn more_than_a_recipient_takes_in_a_slot_wait_for_the_next() {
	let mut core = node(&[], &[("collector", &[5])]);
	let limits = Limits {
		peer_heartbeats_per_slot: 200,
		..Limits::default()
	};
	let mut small = node_with(&[], &[("collector", &[5])], limits);
	let all: Vec<_> = (0..150).map(heartbeat).collect();
	core.on_own(all.clone());
	assert_eq!(core.metrics().sent, 150);
	small.on_own(all);
	assert_eq!(small.metrics().sent, 100);
	small.on_slot(START + 1, &key);
	assert_eq!(small.metrics().sent, 150);
	assert_eq!(small.metrics().outbox, 0);
}
