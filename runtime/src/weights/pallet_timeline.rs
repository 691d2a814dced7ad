use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_timeline::WeightInfo for WeightInfo<T> {
	fn on_initialize() -> Weight {
		T::DbWeight::get().reads(5)
	}
	fn on_initialize_at_period() -> Weight {
		T::DbWeight::get().reads_writes(6, 2)
	}
	fn on_initialize_at_epoch() -> Weight {
		T::DbWeight::get().reads_writes(6, 6)
	}
	fn set_lengths() -> Weight {
		T::DbWeight::get().reads_writes(2, 2)
	}
}
