//! Stakers that are there from the beginning.

use crate::{mock::*, pallet::*, types::Totals};
use sp_runtime::BuildStorage;
use vigil_heartbeat_primitives::testing::TestKey;

#[test]
fn genesis_stakers_are_active_in_the_first_epoch() {
	ExtBuilder::default()
		.genesis_stakers(3)
		.build_and_execute(|| {
			assert_eq!(
				status().total,
				Totals {
					stakers: 3,
					stake: 3_000
				}
			);
			assert_eq!(Heartbeat::active(0, 1), [bits(0..3)]);
			next_block();
			assert_eq!(record(heartbeats(0, 0..3)), Ok(()));
			assert_eq!(open(0).recorded, 3);
		});
}

#[test]
#[should_panic(expected = "staker 0: Module")]
fn a_genesis_staker_without_the_secret_of_its_key_is_refused() {
	let mut staker = genesis_staker(0);
	staker.key = TestKey::new(1).public().0.to_vec().into();
	let _ = RuntimeGenesisConfig {
		heartbeat: GenesisConfig {
			stakers: vec![staker],
			..Default::default()
		},
		..Default::default()
	}
	.build_storage();
}

#[test]
#[should_panic(expected = "staker 1: Module")]
fn a_key_cannot_be_in_genesis_twice() {
	let _ = RuntimeGenesisConfig {
		heartbeat: GenesisConfig {
			stakers: vec![genesis_staker(0), genesis_staker(0)],
			..Default::default()
		},
		..Default::default()
	}
	.build_storage();
}
