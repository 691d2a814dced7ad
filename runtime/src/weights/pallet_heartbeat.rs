//! What `pallet_heartbeat` costs. **Estimates** from the protocol's own measurements, until
//! `scripts/bench weights` was run.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Estimated weights.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_heartbeat::WeightInfo for WeightInfo<T> {
	fn on_initialize() -> Weight {
		Weight::from_parts(20_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(3, 1))
	}
	fn on_initialize_at_period() -> Weight {
		Weight::from_parts(60_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(9, 6))
	}
	fn record(p: u32) -> Weight {
		Weight::from_parts(8_200_000_000, 0)
			.saturating_add(Weight::from_parts(20_000_000, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads_writes(9, 4))
			.saturating_add(
				T::DbWeight::get()
					.reads_writes(3, 1)
					.saturating_mul(p.into()),
			)
	}
	fn read_pages(g: u32) -> Weight {
		Weight::from_parts(10_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_mul(g.into())
	}
	fn sum_keys(k: u32) -> Weight {
		Weight::from_parts(3_800_000, 0).saturating_mul(k.into())
	}
	fn force_open() -> Weight {
		Weight::from_parts(9_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(9, 7))
	}
	fn force_rotate() -> Weight {
		Weight::from_parts(9_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(6, 5))
	}
	fn force_retire() -> Weight {
		Weight::from_parts(500_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(7, 5))
	}
	fn set_max_aggregates() -> Weight {
		Weight::from_parts(10_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(2, 1))
	}
	fn report_double_checkpoint() -> Weight {
		Weight::from_parts(18_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(10, 6))
	}
}
