#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(any(test, feature = "runtime-benchmarks")),
	deny(
		clippy::unwrap_used,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::arithmetic_side_effects
	)
)]

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
pub mod clock;
mod impls;
#[cfg(test)]
mod mock;
pub mod runtime_api;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

pub use pallet::*;
pub use types::{Clock, EpochIndex, Lengths, Period, PeriodIndex, TimelineNow};
pub use weights::WeightInfo;

/// The FRAME module: storage, hooks, the one call and the query.
#[frame_support::pallet]
#[allow(clippy::expect_used)] // The macros of FRAME expand to it; nothing below is written with it.
pub mod pallet {
	use super::*;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use sp_consensus_slots::Slot;

	/// The in-code storage version.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The slot of the block in execution. Must be set before this pallet's `on_initialize`.
		type CurrentSlot: Get<Slot>;

		/// Who may change the lengths.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// The running epoch. None only before block 1.
	#[pallet::storage]
	pub type CurrentClock<T: Config> = StorageValue<_, Clock, OptionQuery>;

	/// The running period. None only before block 1.
	#[pallet::storage]
	pub type CurrentPeriod<T: Config> = StorageValue<_, Period<BlockNumberFor<T>>, OptionQuery>;

	/// The first block of the running epoch.
	#[pallet::storage]
	pub type EpochFirstBlock<T: Config> = StorageValue<_, BlockNumberFor<T>, ValueQuery>;

	/// The lengths that the running epoch was started with.
	#[pallet::storage]
	pub type ActiveLengths<T: Config> = StorageValue<_, Lengths, ValueQuery>;

	/// The lengths that the next epoch will be started with, if they differ.
	#[pallet::storage]
	pub type PendingLengths<T: Config> = StorageValue<_, Lengths, OptionQuery>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Lengths of the first epoch.
		pub lengths: Lengths,
		/// Binds the configuration to its runtime; holds nothing.
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			if let Err(error) = Pallet::<T>::ensure_in_range(&self.lengths) {
				panic!("genesis of pallet-timeline: {error:?}: {:?}", self.lengths);
			}
			ActiveLengths::<T>::put(self.lengths);
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// This block is the first of its period, hence the period's checkpoint.
		PeriodStarted {
			/// Number of the period.
			period: PeriodIndex,
			/// Periods right before it that had no block.
			skipped: u64,
		},
		/// This block is the first of its epoch.
		EpochStarted {
			/// Number of the epoch.
			epoch: EpochIndex,
			/// Slot that the epoch counts from.
			base_slot: Slot,
			/// Whether the epoch was anchored anew because the chain stood still.
			after_outage: bool,
		},
		/// The lengths will change at the next edge.
		LengthsChanging {
			/// What they will be.
			lengths: Lengths,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// A period must have 5 to 14,400 slots. Choose a value in that range.
		PeriodSlotsOutOfRange,
		/// An epoch must have 2 to 1,008 periods. Choose a value in that range.
		EpochPeriodsOutOfRange,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::tick(now, T::CurrentSlot::get())
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Change the lengths of periods and epochs from the next epoch on.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// A second change before the edge replaces the first. Naming the lengths in force takes a
		/// pending change back.
		///
		/// ## Errors
		/// [`Error::PeriodSlotsOutOfRange`], [`Error::EpochPeriodsOutOfRange`].
		///
		/// ## Events
		/// [`Event::LengthsChanging`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::set_lengths())]
		pub fn set_lengths(origin: OriginFor<T>, lengths: Lengths) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::ensure_in_range(&lengths)?;
			if lengths == ActiveLengths::<T>::get() {
				PendingLengths::<T>::kill();
			} else {
				PendingLengths::<T>::put(lengths);
			}
			Self::deposit_event(Event::LengthsChanging { lengths });
			Ok(())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Slot, period, epoch and the next edge. None before block 1.
		pub fn now() -> Option<TimelineNow<BlockNumberFor<T>>> {
			let lengths = ActiveLengths::<T>::get();
			let clock = CurrentClock::<T>::get()?;
			Some(TimelineNow {
				slot: T::CurrentSlot::get(),
				period: CurrentPeriod::<T>::get()?,
				epoch: clock.epoch,
				epoch_first_period: clock.base_period,
				epoch_first_block: EpochFirstBlock::<T>::get(),
				next_epoch_slot: clock.end(&lengths),
				lengths,
				pending_lengths: PendingLengths::<T>::get(),
			})
		}
	}
}
