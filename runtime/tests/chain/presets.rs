//! The genesis of each network.

use crate::common::*;
use sp_keyring::Sr25519Keyring::{self, *};
use vigil_runtime::{
	constants::VGL, presets, AccountId, Balances, Grandpa, Roles, Runtime, Timeline,
};

fn accounts(names: &[Sr25519Keyring]) -> Vec<AccountId> {
	names.iter().map(|name| name.to_account_id()).collect()
}

#[test]
fn the_local_network_has_four_producers_and_four_witnesses_that_differ() {
	chain(presets::LOCAL).execute_with(|| {
		block(vec![]);
		assert_eq!(Roles::producers(), accounts(&[Alice, Bob, Charlie, Dave]));
		assert_eq!(Roles::witnesses(), accounts(&[Charlie, Dave, Eve, Ferdie]));
		assert_eq!(pallet_aura::Authorities::<Runtime>::get().len(), 4);
		assert_eq!(Grandpa::grandpa_authorities().len(), 4);
		assert_eq!(Balances::free_balance(Eve.to_account_id()), 1_000_000 * VGL);
	});
}

#[test]
fn the_development_network_needs_alice_only() {
	chain(presets::DEVELOPMENT).execute_with(|| {
		block(vec![]);
		assert_eq!(Roles::producers(), accounts(&[Alice]));
		assert_eq!(Roles::witnesses(), accounts(&[Alice]));
	});
}

#[test]
fn staging_has_the_lengths_of_a_live_network() {
	chain(presets::STAGING).execute_with(|| {
		block(vec![]);
		let now = Timeline::now().expect("a block was made");
		assert_eq!(
			(now.lengths.period_slots, now.lengths.epoch_periods),
			(1_201, 144)
		);
		assert_eq!((Roles::producers().len(), Roles::witnesses().len()), (5, 7));
	});
}

#[test]
fn a_live_period_is_a_prime_number_of_slots() {
	// So that the first slots of periods go round among any number of producers.
	assert!((2..1_201u32).all(|divisor| 1_201 % divisor != 0));
}

#[test]
fn every_named_preset_exists_and_no_other() {
	for name in presets::preset_names() {
		assert!(presets::get_preset(&name).is_some(), "{name}");
	}
	assert!(presets::get_preset(&"moon".into()).is_none());
}
