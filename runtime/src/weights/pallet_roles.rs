use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_roles::WeightInfo for WeightInfo<T> {
	fn on_initialize() -> Weight {
		T::DbWeight::get().reads(5)
	}
	fn report_double_vote() -> Weight {
		T::DbWeight::get().reads_writes(9, 5)
	}
	fn authorize_report_double_vote() -> Weight {
		T::DbWeight::get().reads_writes(5, 0)
	}
}
