//! The invariants of this pallet, in sentences.

use crate::{
	pallet::*,
	types::{TotalStake, Totals},
};
use alloc::vec::Vec;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;
use vigil_heartbeat_primitives::{EpochIndex, KeySum, BUCKET_SIZE};

impl<T: Config> Pallet<T> {
	/// Hold after every block and every call.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let epoch = Self::epoch();
		for epoch in [epoch, epoch.saturating_add(1)] {
			Self::check_registry(epoch)?;
		}
		Self::check_open_periods(epoch)?;
		Self::check_free_indices()?;
		ensure!(
			!RecordedInBlock::<T>::exists() || RecordedInBlock::<T>::get(),
			"the mark of a recorded aggregate is set or absent"
		);
		Ok(())
	}

	fn check_registry(epoch: EpochIndex) -> Result<(), TryRuntimeError> {
		let mut totals = Totals::default();
		for bucket in 0..NextIndex::<T>::get().div_ceil(BUCKET_SIZE) {
			let value = Buckets::<T>::get(bucket);
			let value = value.at(epoch);
			let keys = (0..vigil_heartbeat_primitives::PAGES)
				.flat_map(|page| {
					let keys: Vec<_> = Self::page(bucket, value, page).keys().collect();
					let first = page * vigil_heartbeat_primitives::PAGE_SIZE;
					(first..).zip(keys)
				})
				.filter(|(position, _)| value.active.get(*position));
			let mut sum = KeySum::new();
			let mut count = 0;
			for (_, key) in keys {
				ensure!(sum.add(&key), "an active key must be a point");
				count += 1;
			}
			ensure!(
				count == value.active.count(),
				"every active index must have a key"
			);
			ensure!(
				sum.to_stored() == value.sum,
				"the sum of a bucket must be that of its active keys"
			);
			let stakes = BucketStakes::<T>::get(bucket);
			let stakes = stakes.at(epoch);
			totals.stakers += count;
			totals.stake += value
				.active
				.positions()
				.map(|position| {
					TotalStake::from(stakes.get(position as usize).copied().unwrap_or(0))
				})
				.sum::<TotalStake>();
		}
		ensure!(
			totals == *ActiveTotals::<T>::get().at(epoch),
			"the totals must be those of all buckets"
		);
		Ok(())
	}

	fn check_open_periods(epoch: EpochIndex) -> Result<(), TryRuntimeError> {
		let open = OpenPeriods::<T>::get();
		ensure!(
			open.is_sorted_by(|a, b| a.period < b.period),
			"open periods must be in order"
		);
		for period in open.iter() {
			ensure!(
				period.epoch == epoch,
				"a period must be closed when its epoch ends"
			);
			let buckets = 0..NextIndex::<T>::get().div_ceil(BUCKET_SIZE);
			let recorded: u32 = buckets
				.map(|bucket| Tallies::<T>::get(bucket).recorded(period.period).count())
				.sum();
			ensure!(
				recorded == period.recorded,
				"the number recorded must be the number of bits"
			);
			ensure!(
				period.stake <= Self::totals().stake,
				"no more stake can be recorded than there is"
			);
		}
		Ok(())
	}

	fn check_free_indices() -> Result<(), TryRuntimeError> {
		let (head, tail) = FreeQueue::<T>::get();
		let length = tail.wrapping_sub(head);
		ensure!(
			FreeIndices::<T>::iter_keys().count() == length as usize,
			"the queue of free indices must have no gaps"
		);
		for (index, _) in FreeIndices::<T>::iter_values() {
			ensure!(
				Self::next_key(index).is_none(),
				"a free index must not be active"
			);
		}
		Ok(())
	}
}
