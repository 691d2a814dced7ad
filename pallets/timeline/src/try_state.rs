//! The invariants of this pallet, in sentences.

use crate::{pallet::*, types::Lengths};
use frame_support::{ensure, traits::Get};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Hold after every block and every call.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let lengths = ActiveLengths::<T>::get();
		Self::check_lengths(&lengths)?;
		if let Some(pending) = PendingLengths::<T>::get() {
			Self::check_lengths(&pending)?;
			ensure!(pending != lengths, "a pending change must change something");
		}
		let Some(clock) = CurrentClock::<T>::get() else {
			ensure!(
				CurrentPeriod::<T>::get().is_none(),
				"no period before the first block"
			);
			return Ok(());
		};
		let period = CurrentPeriod::<T>::get().ok_or("a running clock has a running period")?;
		let slot = T::CurrentSlot::get();
		ensure!(
			clock.base_slot <= slot,
			"the epoch must not begin after the current slot"
		);
		ensure!(
			slot < clock.end(&lengths),
			"the current slot must lie inside the epoch"
		);
		ensure!(
			period.index == clock.period_at(slot, &lengths),
			"the running period must be the one the current slot lies in"
		);
		let first = EpochFirstBlock::<T>::get();
		ensure!(
			first <= period.checkpoint,
			"no period of the epoch begins before the epoch"
		);
		ensure!(
			period.checkpoint <= frame_system::Pallet::<T>::block_number(),
			"a checkpoint must not lie in the future"
		);
		Ok(())
	}

	fn check_lengths(lengths: &Lengths) -> Result<(), TryRuntimeError> {
		Self::ensure_in_range(lengths).map_err(|_| "lengths must lie in their ranges".into())
	}
}
