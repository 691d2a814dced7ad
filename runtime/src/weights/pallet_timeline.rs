//! What `pallet_timeline` costs. Written by `scripts/bench weights`; do not edit.
//!
//! Measured 2026-11-20 on AMD EPYC, 25 steps, 10 repeats.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Measured weights.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_timeline::WeightInfo for WeightInfo<T> {
	// Storage: `Timeline::ActiveLengths` (r:1 w:0)
	// Proof: `Timeline::ActiveLengths` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Timeline::CurrentClock` (r:1 w:0)
	// Proof: `Timeline::CurrentClock` (`max_values`: Some(1), `max_size`: Some(24), added: 519, mode: `MaxEncodedLen`)
	// Storage: `Timeline::PendingLengths` (r:1 w:0)
	// Proof: `Timeline::PendingLengths` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Timeline::CurrentPeriod` (r:1 w:0)
	// Proof: `Timeline::CurrentPeriod` (`max_values`: Some(1), `max_size`: Some(12), added: 507, mode: `MaxEncodedLen`)
	fn on_initialize() -> Weight {
		Weight::from_parts(6_019_000, 1509).saturating_add(T::DbWeight::get().reads(4))
	}
	// Storage: `Timeline::ActiveLengths` (r:1 w:0)
	// Proof: `Timeline::ActiveLengths` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Timeline::CurrentClock` (r:1 w:0)
	// Proof: `Timeline::CurrentClock` (`max_values`: Some(1), `max_size`: Some(24), added: 519, mode: `MaxEncodedLen`)
	// Storage: `Timeline::PendingLengths` (r:1 w:0)
	// Proof: `Timeline::PendingLengths` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Timeline::CurrentPeriod` (r:1 w:1)
	// Proof: `Timeline::CurrentPeriod` (`max_values`: Some(1), `max_size`: Some(12), added: 507, mode: `MaxEncodedLen`)
	fn on_initialize_at_period() -> Weight {
		Weight::from_parts(8_643_000, 1509)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	// Storage: `Timeline::ActiveLengths` (r:1 w:1)
	// Proof: `Timeline::ActiveLengths` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Timeline::CurrentClock` (r:1 w:1)
	// Proof: `Timeline::CurrentClock` (`max_values`: Some(1), `max_size`: Some(24), added: 519, mode: `MaxEncodedLen`)
	// Storage: `Timeline::PendingLengths` (r:1 w:1)
	// Proof: `Timeline::PendingLengths` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Timeline::CurrentPeriod` (r:1 w:1)
	// Proof: `Timeline::CurrentPeriod` (`max_values`: Some(1), `max_size`: Some(12), added: 507, mode: `MaxEncodedLen`)
	// Storage: `Timeline::EpochFirstBlock` (r:0 w:1)
	// Proof: `Timeline::EpochFirstBlock` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn on_initialize_at_epoch() -> Weight {
		Weight::from_parts(11_707_000, 1509)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	// Storage: `Timeline::ActiveLengths` (r:1 w:0)
	// Proof: `Timeline::ActiveLengths` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Timeline::PendingLengths` (r:0 w:1)
	// Proof: `Timeline::PendingLengths` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	fn set_lengths() -> Weight {
		Weight::from_parts(6_550_000, 1493)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
