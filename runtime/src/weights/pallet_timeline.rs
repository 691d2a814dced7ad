//! What `pallet_timeline` costs. **Estimates**, on the high side, until `scripts/bench weights` was
//! run.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Estimated weights.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_timeline::WeightInfo for WeightInfo<T> {
	fn on_initialize() -> Weight {
		Weight::from_parts(10_000_000, 0).saturating_add(T::DbWeight::get().reads(5))
	}
	fn on_initialize_at_period() -> Weight {
		Weight::from_parts(20_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(6, 2))
	}
	fn on_initialize_at_epoch() -> Weight {
		Weight::from_parts(30_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(6, 6))
	}
	fn set_lengths() -> Weight {
		Weight::from_parts(20_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(2, 2))
	}
}
