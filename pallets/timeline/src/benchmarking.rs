//! Benchmarks: one for each path of a block, one for the call.

use super::*;
use frame_benchmarking::v2::*;
use frame_support::traits::{EnsureOrigin, Get};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_consensus_slots::Slot;
use sp_runtime::traits::{One, Zero};

#[benchmarks]
mod benchmarks {
	use super::*;

	const LENGTHS: Lengths = Lengths {
		period_slots: 21,
		epoch_periods: 6,
	};

	/// An epoch that began in the current slot, so that `tick` sees `ahead` slots pass.
	fn running<T: Config>() -> Slot {
		let slot = T::CurrentSlot::get();
		ActiveLengths::<T>::put(LENGTHS);
		CurrentClock::<T>::put(Clock {
			base_slot: slot,
			base_period: 7,
			epoch: 3,
		});
		CurrentPeriod::<T>::put(Period {
			index: 7,
			checkpoint: BlockNumberFor::<T>::zero(),
		});
		slot
	}

	#[benchmark]
	fn on_initialize() {
		let slot = running::<T>();
		#[block]
		{
			Pallet::<T>::tick(One::one(), slot + 1);
		}
		assert_eq!(CurrentPeriod::<T>::get().map(|p| p.index), Some(7));
	}

	#[benchmark]
	fn on_initialize_at_period() {
		let slot = running::<T>();
		#[block]
		{
			Pallet::<T>::tick(One::one(), slot + 21);
		}
		assert_eq!(CurrentPeriod::<T>::get().map(|p| p.index), Some(8));
	}

	#[benchmark]
	fn on_initialize_at_epoch() {
		let slot = running::<T>();
		PendingLengths::<T>::put(Lengths {
			period_slots: 30,
			epoch_periods: 9,
		});
		#[block]
		{
			Pallet::<T>::tick(One::one(), slot + 126);
		}
		assert_eq!(CurrentClock::<T>::get().map(|c| c.epoch), Some(4));
		assert_eq!(PendingLengths::<T>::get(), None);
	}

	#[benchmark]
	fn set_lengths() -> Result<(), BenchmarkError> {
		let origin = T::AdminOrigin::try_successful_origin()
			.map_err(|_| BenchmarkError::Stop("the admin origin cannot be made"))?;
		ActiveLengths::<T>::put(LENGTHS);
		let lengths = Lengths {
			period_slots: 1_201,
			epoch_periods: 144,
		};
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, lengths);
		assert_eq!(PendingLengths::<T>::get(), Some(lengths));
		Ok(())
	}
}
