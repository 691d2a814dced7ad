//! What peers are charged with.

use super::*;

fn junk(index: StakerIndex) -> (StakerIndex, Signature) {
	(index, TestKey::new(index).sign(b"junk"))
}

#[test]
fn a_bad_signature_is_charged_to_its_sender() {
	let mut core = node(&[5], &[("liar", &[]), ("honest", &[])]);
	core.on_batch(&"liar", &batch(PERIOD, 0, &[junk(7)]));
	core.on_batch(&"honest", &good(0, &[7, 8]));
	core.on_slot(START + 1, &key);
	assert_eq!(charged(&mut core), [("liar", Offence::BadSignature, 1)]);
	assert_eq!(core.metrics().held, 2);
}

#[test]
fn a_signature_that_is_no_point_is_bad_too() {
	let mut core = node(&[5], &[("liar", &[])]);
	core.on_batch(&"liar", &batch(PERIOD, 0, &[(7, Signature([1; 96]))]));
	core.on_slot(START + 1, &key);
	assert_eq!(charged(&mut core), [("liar", Offence::BadSignature, 1)]);
}

#[test]
fn another_signature_than_the_verified_one_needs_no_look() {
	let mut core = node(&[5], &[("liar", &[])]);
	core.on_own([heartbeat(7)]);
	core.on_batch(&"liar", &batch(PERIOD, 0, &[junk(7)]));
	assert_eq!(charged(&mut core), [("liar", Offence::BadSignature, 1)]);
	core.on_slot(START + 1, &key);
	assert_eq!(core.metrics().checks, 0);
}

#[test]
fn indices_that_are_not_active_are_charged() {
	let mut core = node(&[5], &[("peer", &[])]);
	core.on_batch(&"peer", &good(0, &[7, 600, 5 * BUCKET_SIZE]));
	assert_eq!(charged(&mut core), [("peer", Offence::UnknownIndex, 2)]);
	core.on_slot(START + 1, &key);
	assert_eq!(core.metrics().held, 1);
}

#[test]
fn wrong_periods_are_charged_and_neighbouring_ones_are_not() {
	let mut core = node(&[5], &[("peer", &[])]);
	let with = |period| batch(period, 0, &[(7, signature(period, 7))]);
	for period in [PERIOD - 1, PERIOD - 2, PERIOD + 1] {
		core.on_batch(&"peer", &with(period));
		assert!(core.actions().is_empty(), "{period}");
	}
	for period in [0, PERIOD - 3, PERIOD + 2, u64::MAX] {
		core.on_batch(&"peer", &with(period));
		assert_eq!(
			charged(&mut core),
			[("peer", Offence::WrongPeriod, 1)],
			"{period}"
		);
	}
}

#[test]
fn a_node_that_lags_blames_nobody_for_being_ahead() {
	let mut core = node(&[5], &[("peer", &[])]);
	core.on_slot(START + 10 * u64::from(SLOTS), &key);
	core.on_batch(&"peer", &batch(PERIOD + 9, 0, &[junk(7)]));
	assert!(core.actions().is_empty());
}

#[test]
fn repeating_is_charged_after_three_times() {
	let mut core = node(&[5], &[("peer", &[])]);
	core.on_batch(&"peer", &good(0, &[7]));
	core.on_slot(START + 1, &key);
	for _ in 0..2 {
		core.on_batch(&"peer", &good(0, &[7]));
		assert!(core.actions().is_empty());
	}
	core.on_batch(&"peer", &good(0, &[7]));
	assert_eq!(charged(&mut core), [("peer", Offence::Repeated, 1)]);
}

#[test]
fn nonsense_is_charged_and_after_two_times_not_read_any_more() {
	let mut core = node(&[5], &[("peer", &[])]);
	for _ in 0..3 {
		core.on_batch(&"peer", &[9, 9, 9]);
	}
	assert_eq!(charged(&mut core), [("peer", Offence::Malformed, 2)]);
	core.on_chain(view(&[5], vec![open(PERIOD, &[]), open(PERIOD + 1, &[])]));
	core.on_batch(&"peer", &[9, 9, 9]);
	assert_eq!(charged(&mut core), [("peer", Offence::Malformed, 1)]);
}

#[test]
fn more_than_the_allowance_is_dropped_and_charged_once_a_slot() {
	let limits = Limits {
		peer_heartbeats_per_slot: 40,
		..Limits::default()
	};
	let mut core = node_with(&[5], &[("peer", &[])], limits);
	// Each of these counts as 32.
	for index in 0..9 {
		core.on_batch(&"peer", &good(0, &[index]));
	}
	assert_eq!(charged(&mut core), [("peer", Offence::Flood, 1)]);
	assert_eq!(core.metrics().received, 2);
	assert_eq!(core.metrics().dropped_messages, 7);
}

#[test]
fn nobody_is_charged_before_the_chain_is_known() {
	let mut core = Core::new(GENESIS, Limits::default(), [1; 32]);
	core.on_batch(&"peer", &[9]);
	core.on_slot(1, &key);
	assert!(core.actions().is_empty());
}
