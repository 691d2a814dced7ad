//! What `pallet_roles` costs. **Estimates**, on the high side, until `scripts/bench weights` was
//! run: a signature counts as 200 µs, and a report as heard together with those of all witnesses.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Estimated weights.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_roles::WeightInfo for WeightInfo<T> {
	fn on_initialize() -> Weight {
		Weight::from_parts(20_000_000, 0).saturating_add(T::DbWeight::get().reads(5))
	}
	fn report_double_vote() -> Weight {
		Weight::from_parts(600_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(162, 5))
	}
	fn authorize_report_double_vote() -> Weight {
		Weight::from_parts(500_000_000, 0).saturating_add(T::DbWeight::get().reads(6))
	}
}
