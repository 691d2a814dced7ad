//! What comes before its period.

use super::*;

#[test]
fn what_comes_before_its_period_opens_is_kept_until_it_does() {
	let mut core = node(&[6], &[("peer", &[])]);
	core.on_batch(
		&"peer",
		&batch(PERIOD + 1, 0, &[(7, signature(PERIOD + 1, 7))]),
	);
	core.on_slot(START + 39, &key);
	assert_eq!(core.metrics().held, 0);
	core.on_chain(view(&[6], vec![open(PERIOD, &[]), open(PERIOD + 1, &[])]));
	core.on_slot(START + 40, &key);
	assert_eq!(core.metrics().held, 1);
}

#[test]
fn little_of_one_peer_is_kept() {
	let mut core = node(&[6], &[("peer", &[])]);
	for index in 0..9 {
		let early = [(index, signature(PERIOD + 1, index))];
		core.on_batch(&"peer", &batch(PERIOD + 1, 0, &early));
	}
	core.on_chain(view(&[6], vec![open(PERIOD, &[]), open(PERIOD + 1, &[])]));
	core.on_slot(START + 40, &key);
	assert_eq!(core.metrics().held, 4);
	assert!(core.actions().is_empty());
}
