//! What this pallet needs of others.

use alloc::vec::Vec;
use sp_runtime::RuntimeAppPublic;
use sp_staking::SessionIndex;

/// Decides who holds the roles. Votes (producers) and ranking (witnesses) will stand behind it.
pub trait SelectSets<Sets> {
	/// The sets of `session`, or None to keep `current`. Called once per session, one session
	/// ahead. Sets that are not sound are refused and `current` is kept.
	fn select(session: SessionIndex, current: &Sets) -> Option<Sets>;
}

/// The sets of genesis stay.
impl<Sets> SelectSets<Sets> for () {
	fn select(_: SessionIndex, _: &Sets) -> Option<Sets> {
		None
	}
}

/// A consensus pallet's list of authorities, to tell whether a new one differs.
pub trait AuthorityKeys {
	/// The public keys in force, in order.
	fn authority_keys() -> Vec<[u8; 32]>;
}

impl<T: pallet_aura::Config> AuthorityKeys for pallet_aura::Pallet<T> {
	fn authority_keys() -> Vec<[u8; 32]> {
		pallet_aura::Authorities::<T>::get()
			.iter()
			.filter_map(raw_key)
			.collect()
	}
}

impl<T: pallet_grandpa::Config> AuthorityKeys for pallet_grandpa::Pallet<T> {
	fn authority_keys() -> Vec<[u8; 32]> {
		Self::grandpa_authorities()
			.iter()
			.filter_map(|(key, _)| raw_key(key))
			.collect()
	}
}

/// The bytes of a key. None for keys that are not 32 bytes, which no configured key is.
pub(crate) fn raw_key<Key: RuntimeAppPublic>(key: &Key) -> Option<[u8; 32]> {
	key.to_raw_vec().try_into().ok()
}
