//! Heartbeats that somebody hands in.

use super::*;

#[test]
fn a_good_heartbeat_is_sent_at_once() {
	let mut core = node(&[], &[("collector", &[5])]);
	assert_eq!(core.on_submitted(&heartbeat(7), &key), Ok(()));
	assert_eq!(core.on_submitted(&heartbeat(7), &key), Ok(()));
	assert_eq!(sent(&mut core), [("collector", 0, vec![7])]);
}

#[test]
fn a_bad_one_says_why_it_is_refused() {
	let mut core = node(&[], &[("collector", &[5])]);
	let mut wrong = heartbeat(7);
	wrong.signature = signature(PERIOD, 8);
	assert_eq!(
		core.on_submitted(&wrong, &key),
		Err(Refused::WrongSignature)
	);
	assert_eq!(
		core.on_submitted(&heartbeat(700), &key),
		Err(Refused::NotActive)
	);
	let mut wrong = heartbeat(7);
	wrong.period = PERIOD + 1;
	assert_eq!(core.on_submitted(&wrong, &key), Err(Refused::NotOpen));
	let mut unfinished = open(PERIOD, &[]);
	unfinished.checkpoint = None;
	core.on_chain(view(&[], vec![unfinished]));
	assert_eq!(
		core.on_submitted(&heartbeat(7), &key),
		Err(Refused::NotFinal)
	);
	assert!(core.actions().is_empty());
}

#[test]
fn so_many_are_taken_in_a_slot_and_in_total() {
	let limits = Limits {
		submitted_per_slot: 2,
		// Half of it is for RPC.
		local: 6,
		..Limits::default()
	};
	let mut core = node_with(&[], &[("collector", &[5])], limits);
	let results = |core: &mut Core<Peer>, from: StakerIndex| {
		[0, 1, 2].map(|more| core.on_submitted(&heartbeat(from + more), &key))
	};
	assert_eq!(results(&mut core, 0), [Ok(()), Ok(()), Err(Refused::Busy)]);
	core.on_slot(START + 1, &key);
	assert_eq!(
		results(&mut core, 10),
		[Ok(()), Err(Refused::Busy), Err(Refused::Busy)]
	);
}
