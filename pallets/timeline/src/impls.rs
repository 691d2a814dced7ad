//! What a block does to the clock, and what the session pallet asks of it.

use crate::{
	clock::{self, NextEpoch},
	pallet::*,
	types::{Clock, Lengths, Period},
	weights::WeightInfo,
};
use frame_support::{
	traits::{EstimateNextSessionRotation, Get},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_consensus_slots::Slot;
use sp_runtime::{traits::Zero, Permill, SaturatedConversion, Saturating};

impl<T: Config> Pallet<T> {
	/// Whether this block is the first of its epoch. False for block 1, which starts epoch 0.
	pub fn is_epoch_edge(now: BlockNumberFor<T>) -> bool {
		EpochFirstBlock::<T>::get() == now
			&& CurrentClock::<T>::get().is_some_and(|clock| !clock.epoch.is_zero())
	}

	/// Refuse lengths outside their ranges.
	pub(crate) fn ensure_in_range(lengths: &Lengths) -> Result<(), Error<T>> {
		if !Lengths::PERIOD_SLOTS.contains(&lengths.period_slots) {
			return Err(Error::PeriodSlotsOutOfRange);
		}
		if !Lengths::EPOCH_PERIODS.contains(&lengths.epoch_periods) {
			return Err(Error::EpochPeriodsOutOfRange);
		}
		Ok(())
	}

	/// Move the clock to `slot`, the slot of block `now`.
	pub(crate) fn tick(now: BlockNumberFor<T>, slot: Slot) -> Weight {
		let lengths = ActiveLengths::<T>::get();
		let Some(clock) = CurrentClock::<T>::get() else {
			return Self::start_chain(now, slot);
		};
		let new_lengths = PendingLengths::<T>::get().unwrap_or(lengths);
		if let Some(next) = clock.next(slot, &lengths, &new_lengths) {
			return Self::start_epoch(now, slot, next, new_lengths);
		}
		let index = clock.period_at(slot, &lengths);
		match CurrentPeriod::<T>::get() {
			Some(period) if period.index == index => T::WeightInfo::on_initialize(),
			_ => {
				Self::start_period(now, index);
				T::WeightInfo::on_initialize_at_period()
			}
		}
	}

	fn start_chain(now: BlockNumberFor<T>, slot: Slot) -> Weight {
		let clock = Clock::starting_at(slot);
		CurrentClock::<T>::put(clock);
		EpochFirstBlock::<T>::put(now);
		Self::deposit_event(Event::EpochStarted {
			epoch: clock.epoch,
			base_slot: slot,
			after_outage: false,
		});
		Self::start_period(now, clock.base_period);
		T::WeightInfo::on_initialize_at_epoch()
	}

	fn start_epoch(
		now: BlockNumberFor<T>,
		slot: Slot,
		next: NextEpoch,
		lengths: Lengths,
	) -> Weight {
		let NextEpoch {
			clock,
			after_outage,
		} = next;
		CurrentClock::<T>::put(clock);
		EpochFirstBlock::<T>::put(now);
		ActiveLengths::<T>::put(lengths);
		PendingLengths::<T>::kill();
		Self::deposit_event(Event::EpochStarted {
			epoch: clock.epoch,
			base_slot: clock.base_slot,
			after_outage,
		});
		Self::start_period(now, clock.period_at(slot, &lengths));
		T::WeightInfo::on_initialize_at_epoch()
	}

	fn start_period(now: BlockNumberFor<T>, index: u64) {
		let skipped = match CurrentPeriod::<T>::get() {
			Some(last) => clock::skipped(last.index, index),
			None => index,
		};
		CurrentPeriod::<T>::put(Period {
			index,
			checkpoint: now,
		});
		Self::deposit_event(Event::PeriodStarted {
			period: index,
			skipped,
		});
	}

	/// Slots until the next edge, as blocks if every slot is filled.
	fn blocks_left() -> BlockNumberFor<T> {
		let lengths = ActiveLengths::<T>::get();
		let slot = T::CurrentSlot::get();
		let end = CurrentClock::<T>::get().map_or(slot, |clock| clock.end(&lengths));
		clock::slots_left(slot, end).saturated_into()
	}
}

/// A session ends with its epoch.
impl<T: Config> pallet_session::ShouldEndSession<BlockNumberFor<T>> for Pallet<T> {
	fn should_end_session(now: BlockNumberFor<T>) -> bool {
		Self::is_epoch_edge(now)
	}
}

/// Estimates that assume a block in every slot: an empty slot makes the edge come at a lower block.
impl<T: Config> EstimateNextSessionRotation<BlockNumberFor<T>> for Pallet<T> {
	fn average_session_length() -> BlockNumberFor<T> {
		ActiveLengths::<T>::get().epoch_slots().saturated_into()
	}

	fn estimate_current_session_progress(_: BlockNumberFor<T>) -> (Option<Permill>, Weight) {
		let all = ActiveLengths::<T>::get().epoch_slots();
		let left: u64 = Self::blocks_left().saturated_into();
		// The current block counts as done: 100 % in the last slot, never 0 %.
		let done = all.saturating_sub(left).saturating_add(1);
		(
			Some(Permill::from_rational(done, all)),
			T::WeightInfo::on_initialize(),
		)
	}

	fn estimate_next_session_rotation(
		now: BlockNumberFor<T>,
	) -> (Option<BlockNumberFor<T>>, Weight) {
		(
			Some(now.saturating_add(Self::blocks_left())),
			T::WeightInfo::on_initialize(),
		)
	}
}
