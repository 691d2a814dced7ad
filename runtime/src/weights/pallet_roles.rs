//! What `pallet_roles` costs. Written by `scripts/bench weights`; do not edit.
//!
//! Measured 2026-11-20 on AMD EPYC, 25 steps, 10 repeats.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Measured weights.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_roles::WeightInfo for WeightInfo<T> {
	// Storage: `Roles::Disabled` (r:1 w:0)
	// Proof: `Roles::Disabled` (`max_values`: None, `max_size`: Some(1642), added: 4117, mode: `MaxEncodedLen`)
	// Storage: `Session::CurrentIndex` (r:1 w:0)
	// Proof: `Session::CurrentIndex` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	// Storage: `Roles::Rosters` (r:1 w:0)
	// Proof: `Roles::Rosters` (`max_values`: None, `max_size`: Some(3286), added: 5761, mode: `MaxEncodedLen`)
	// Storage: `Aura::Authorities` (r:1 w:0)
	// Proof: `Aura::Authorities` (`max_values`: Some(1), `max_size`: Some(673), added: 1168, mode: `MaxEncodedLen`)
	fn on_initialize() -> Weight {
		Weight::from_parts(24_106_000, 6751).saturating_add(T::DbWeight::get().reads(4))
	}
	// Storage: `Roles::Rosters` (r:1 w:0)
	// Proof: `Roles::Rosters` (`max_values`: None, `max_size`: Some(3286), added: 5761, mode: `MaxEncodedLen`)
	// Storage: `Grandpa::SetIdSession` (r:2 w:0)
	// Proof: `Grandpa::SetIdSession` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
	// Storage: `Offences::ConcurrentReportsIndex` (r:1 w:1)
	// Proof: `Offences::ConcurrentReportsIndex` (`max_values`: None, `max_size`: None, mode: `Measured`)
	// Storage: `Offences::Reports` (r:49 w:1)
	// Proof: `Offences::Reports` (`max_values`: None, `max_size`: None, mode: `Measured`)
	// Storage: `Session::CurrentIndex` (r:1 w:0)
	// Proof: `Session::CurrentIndex` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	// Storage: `Roles::Disabled` (r:1 w:1)
	// Proof: `Roles::Disabled` (`max_values`: None, `max_size`: Some(1642), added: 4117, mode: `MaxEncodedLen`)
	fn report_double_vote() -> Weight {
		Weight::from_parts(684_702_000, 133208)
			.saturating_add(T::DbWeight::get().reads(55))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	// Storage: `Roles::Rosters` (r:1 w:0)
	// Proof: `Roles::Rosters` (`max_values`: None, `max_size`: Some(3286), added: 5761, mode: `MaxEncodedLen`)
	// Storage: `Session::CurrentIndex` (r:1 w:0)
	// Proof: `Session::CurrentIndex` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	// Storage: `Roles::Disabled` (r:1 w:0)
	// Proof: `Roles::Disabled` (`max_values`: None, `max_size`: Some(1642), added: 4117, mode: `MaxEncodedLen`)
	// Storage: `Grandpa::SetIdSession` (r:2 w:0)
	// Proof: `Grandpa::SetIdSession` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
	// Storage: `Offences::Reports` (r:1 w:0)
	// Proof: `Offences::Reports` (`max_values`: None, `max_size`: None, mode: `Measured`)
	fn authorize_report_double_vote() -> Weight {
		Weight::from_parts(121_501_000, 7321).saturating_add(T::DbWeight::get().reads(6))
	}
}
