//! Opening and closing periods.

use crate::{
	pallet::*,
	types::{Attestation, EpochSummary, OpenPeriod, Totals, KEPT_SUMMARIES},
	weights::WeightInfo,
	window::{self, SlotWindow},
};
use frame_support::{traits::Get, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_timeline::{ActiveLengths, CurrentClock, CurrentPeriod};
use sp_consensus_slots::Slot;
use sp_runtime::{traits::One, Saturating};
use vigil_heartbeat_primitives::{EpochIndex, PeriodIndex};

impl<T: Config> Pallet<T> {
	/// The running epoch.
	pub(crate) fn epoch() -> EpochIndex {
		CurrentClock::<T>::get().map_or(0, |clock| clock.epoch)
	}

	/// The slot of the block in execution.
	pub(crate) fn slot() -> Slot {
		<T as pallet_timeline::Config>::CurrentSlot::get()
	}

	/// Active stakers of the running epoch.
	pub(crate) fn totals() -> Totals {
		*ActiveTotals::<T>::get().at(Self::epoch())
	}

	/// When heartbeats of `period`, which belongs to the running epoch, are accepted.
	pub(crate) fn window(period: PeriodIndex) -> Option<SlotWindow> {
		let clock = CurrentClock::<T>::get()?;
		Some(SlotWindow::of(period, &clock, &ActiveLengths::<T>::get()))
	}

	/// Open the period that block `now` begins, close those whose window is over, and note the
	/// checkpoint if the last block was one. The timeline has moved already.
	pub(crate) fn turn_pages(now: BlockNumberFor<T>) -> Weight {
		let Some(current) = CurrentPeriod::<T>::get() else {
			return <T as Config>::WeightInfo::on_initialize();
		};
		if current.checkpoint == now {
			Self::note_checkpoint(now);
			Self::close_periods();
			Self::open_period(current.index, now);
			return <T as Config>::WeightInfo::on_initialize_at_period();
		}
		if current.checkpoint.saturating_add(One::one()) == now {
			Self::note_checkpoint(now);
		}
		<T as Config>::WeightInfo::on_initialize()
	}

	/// The hash of a period's first block is known to the block after it.
	fn note_checkpoint(now: BlockNumberFor<T>) {
		OpenPeriods::<T>::mutate(|open| {
			for period in open.iter_mut().filter(|period| {
				period.checkpoint.is_none()
					&& period.checkpoint_number.saturating_add(One::one()) == now
			}) {
				let hash = frame_system::Pallet::<T>::parent_hash();
				period.checkpoint = Some(hash.into());
			}
		});
	}

	/// Close the periods whose window does not hold this slot, and all of an earlier epoch.
	fn close_periods() {
		let (epoch, slot) = (Self::epoch(), Self::slot());
		OpenPeriods::<T>::mutate(|open| {
			open.retain(|period| {
				let stays = period.epoch == epoch
					&& Self::window(period.period).is_some_and(|window| window.contains(slot));
				if !stays {
					Self::close(period);
				}
				stays
			});
		});
	}

	fn close(period: &OpenPeriod<BlockNumberFor<T>>) {
		let total = Self::summary(period.epoch).map_or_else(
			|| *ActiveTotals::<T>::get().at(period.epoch),
			|summary| summary.total,
		);
		let void = window::is_void(period.stake, total.stake);
		let attestation = Attestation {
			period: period.period,
			epoch: period.epoch,
			checkpoint: period.checkpoint,
			recorded: period.recorded,
			stake: period.stake,
			total,
			void,
		};
		Attestations::<T>::insert(Self::attestation_place(period.period), attestation);
		EpochSummaries::<T>::mutate(Self::summary_place(period.epoch), |summary| {
			let counter = if void {
				&mut summary.void
			} else {
				&mut summary.valid
			};
			*counter = counter.saturating_add(1);
		});
		Self::deposit_event(Event::PeriodClosed {
			period: period.period,
			recorded: period.recorded,
			void,
		});
	}

	fn open_period(period: PeriodIndex, now: BlockNumberFor<T>) {
		let epoch = Self::epoch();
		if Self::summary(epoch).is_none() {
			let summary = EpochSummary {
				epoch,
				total: Self::totals(),
				..Default::default()
			};
			EpochSummaries::<T>::insert(Self::summary_place(epoch), summary);
		}
		let open = OpenPeriod {
			period,
			epoch,
			checkpoint_number: now,
			checkpoint: None,
			recorded: 0,
			stake: 0,
			aggregates: 0,
		};
		OpenPeriods::<T>::mutate(|periods| {
			// A window spans two periods, so there is room once those behind it are closed.
			let _ = periods.try_push(open);
		});
	}

	/// What is known of `epoch`, if it is kept.
	pub(crate) fn summary(epoch: EpochIndex) -> Option<EpochSummary> {
		let place = Self::summary_place(epoch);
		EpochSummaries::<T>::try_get(place)
			.ok()
			.filter(|summary| summary.epoch == epoch)
	}

	/// What is known of closed `period`, if it is kept.
	pub(crate) fn attestation_of(period: PeriodIndex) -> Option<Attestation> {
		let place = Self::attestation_place(period);
		Attestations::<T>::get(place).filter(|attestation| attestation.period == period)
	}

	fn attestation_place(period: PeriodIndex) -> u64 {
		period
			.checked_rem(T::AttestationHistory::get())
			.unwrap_or(0)
	}

	fn summary_place(epoch: EpochIndex) -> u64 {
		epoch.checked_rem(KEPT_SUMMARIES).unwrap_or(0)
	}
}
