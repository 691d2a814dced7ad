//! The genesis of each network.
//!
//! All of them use well-known keys: anybody can sign for their accounts. A network that carries
//! value takes the keys of its own operators.

mod heartbeat;

use crate::{
	constants::VGL, AccountId, Balance, BalancesConfig, HeartbeatConfig, RolesConfig,
	RuntimeGenesisConfig, SessionConfig, SessionKeys, TimelineConfig,
};
use alloc::{vec, vec::Vec};
use frame_support::build_struct_json_patch;
use pallet_timeline::Lengths;
use serde_json::Value;
use sp_genesis_builder::PresetId;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

/// One node that does everything.
pub const DEVELOPMENT: &str = sp_genesis_builder::DEV_RUNTIME_PRESET;
/// Six nodes whose roles differ.
pub const LOCAL: &str = "local";
/// The lengths of a live network, for rehearsals.
pub const STAGING: &str = "staging";

/// What each account of the keyring holds at first.
const ENDOWMENT: Balance = 1_000_000 * VGL;

/// Lengths of live networks: periods of about ten minutes, epochs of about a day. The period is a
/// prime number of slots, so that no producer owns the first slot of every period.
const LIVE_LENGTHS: Lengths = Lengths {
	period_slots: 1_201,
	epoch_periods: 144,
};

/// The names of all presets.
pub fn preset_names() -> Vec<PresetId> {
	[DEVELOPMENT, LOCAL, STAGING]
		.into_iter()
		.map(PresetId::from)
		.collect()
}

/// The preset of that name, as a patch of the default genesis.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	use Keyring::*;
	let patch = match id.as_ref() {
		DEVELOPMENT => genesis(&[Alice], &[Alice], &[Alice], Lengths::default()),
		LOCAL => genesis(
			&[Alice, Bob, Charlie, Dave],
			&[Charlie, Dave, Eve, Ferdie],
			&[Alice, Bob, Charlie, Dave, Eve, Ferdie],
			Lengths::default(),
		),
		STAGING => genesis(
			&[Alice, Bob, Charlie, Dave, Eve],
			&[Charlie, Dave, Eve, Ferdie, One, Two, Alice],
			&[Alice, Bob, Charlie, Dave, Eve, Ferdie, One, Two],
			LIVE_LENGTHS,
		),
		_ => return None,
	};
	serde_json::to_vec(&patch).ok()
}

/// The well-known accounts that hold roles.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keyring {
	Alice,
	Bob,
	Charlie,
	Dave,
	Eve,
	Ferdie,
	One,
	Two,
}

impl Keyring {
	/// The pairs of one name in both schemes.
	fn pairs(self) -> (Sr25519Keyring, Ed25519Keyring) {
		match self {
			Self::Alice => (Sr25519Keyring::Alice, Ed25519Keyring::Alice),
			Self::Bob => (Sr25519Keyring::Bob, Ed25519Keyring::Bob),
			Self::Charlie => (Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
			Self::Dave => (Sr25519Keyring::Dave, Ed25519Keyring::Dave),
			Self::Eve => (Sr25519Keyring::Eve, Ed25519Keyring::Eve),
			Self::Ferdie => (Sr25519Keyring::Ferdie, Ed25519Keyring::Ferdie),
			Self::One => (Sr25519Keyring::One, Ed25519Keyring::One),
			Self::Two => (Sr25519Keyring::Two, Ed25519Keyring::Two),
		}
	}

	fn account(self) -> AccountId {
		self.pairs().0.to_account_id()
	}

	fn session_keys(self) -> SessionKeys {
		let (sr25519, ed25519) = self.pairs();
		SessionKeys {
			aura: sr25519.public().into(),
			grandpa: ed25519.public().into(),
			authority_discovery: sr25519.public().into(),
		}
	}
}

fn genesis(
	producers: &[Keyring],
	witnesses: &[Keyring],
	stakers: &[Keyring],
	lengths: Lengths,
) -> Value {
	let accounts = |role: &[Keyring]| role.iter().map(|one| one.account()).collect::<Vec<_>>();
	let mut authorities = producers.to_vec();
	authorities.extend(witnesses.iter().filter(|one| !producers.contains(one)));
	let endowed = Sr25519Keyring::iter().map(|one| (one.to_account_id(), ENDOWMENT));

	build_struct_json_patch!(RuntimeGenesisConfig {
		balances: BalancesConfig {
			balances: endowed.collect::<Vec<_>>()
		},
		timeline: TimelineConfig { lengths },
		heartbeat: HeartbeatConfig {
			stakers: heartbeat::stakers(stakers)
		},
		roles: RolesConfig {
			producers: accounts(producers),
			witnesses: accounts(witnesses)
		},
		session: SessionConfig {
			keys: authorities
				.iter()
				.map(|one| (one.account(), one.account(), one.session_keys()))
				.collect::<Vec<_>>(),
			non_authority_keys: vec![],
		},
	})
}
