//! Verifying an aggregate, and recording it.

use crate::{
	pallet::*,
	types::{OpenPeriod, TotalStake},
	weights::WeightInfo,
	window,
};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{ensure, traits::Get, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{traits::Zero, DigestItem};
use vigil_heartbeat_primitives::{
	heartbeat_message, verify, Bitmap, BucketIndex, Effort, EpochIndex, Hash, HeartbeatAggregate,
	KeySum, PeriodIndex, Side, StoredKey, ENGINE_ID, PAGES, PAGE_SIZE,
};

/// What verification found out, so that recording need not.
pub(crate) struct Verified {
	/// By part: who is new.
	new: Vec<Bitmap>,
	/// How many are new in all parts together.
	pub(crate) recorded: u32,
}

impl<T: Config> Pallet<T> {
	/// What recording `aggregate` costs at most, told from its bitmaps alone.
	pub fn aggregate_weight(aggregate: &HeartbeatAggregate) -> Weight {
		Self::effort_weight(&aggregate.effort())
	}

	/// What recording an aggregate of this effort costs at most.
	pub fn effort_weight(effort: &Effort) -> Weight {
		// Reading a page includes one of its keys.
		let further_keys = effort.keys.saturating_sub(effort.pages);
		<T as Config>::WeightInfo::record(effort.parts)
			.saturating_add(<T as Config>::WeightInfo::read_pages(effort.pages))
			.saturating_add(<T as Config>::WeightInfo::sum_keys(further_keys))
	}

	/// The hash of block 0, which the system pallet never forgets.
	pub(crate) fn genesis_hash() -> Hash {
		frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero()).into()
	}

	/// The open period of that number.
	pub(crate) fn open_period_of(period: PeriodIndex) -> Option<OpenPeriod<BlockNumberFor<T>>> {
		let mut open = OpenPeriods::<T>::get().into_iter();
		open.find(|open| open.period == period)
	}

	/// Check everything, cheap things first, and change nothing.
	pub(crate) fn verify(aggregate: &HeartbeatAggregate) -> Result<Verified, Error<T>> {
		ensure!(
			Self::aggregate_weight(aggregate).ref_time() <= T::MaxAggregateWeight::get().ref_time(),
			Error::TooHeavy
		);
		Self::verify_without_limit(aggregate)
	}

	/// The same, whatever it costs.
	pub(crate) fn verify_without_limit(
		aggregate: &HeartbeatAggregate,
	) -> Result<Verified, Error<T>> {
		ensure!(!RecordedInBlock::<T>::get(), Error::SecondInBlock);
		aggregate.check_form().map_err(|_| Error::BadForm)?;
		let open = Self::open_period_of(aggregate.period).ok_or(Error::PeriodNotOpen)?;
		let window = Self::window(open.period)
			.filter(|window| window.contains(Self::slot()) && open.epoch == Self::epoch())
			.ok_or(Error::PeriodNotOpen)?;
		let checkpoint = open.checkpoint.ok_or(Error::CheckpointUnknown)?;
		ensure!(
			open.aggregates < *MaxAggregates::<T>::get().at(open.epoch),
			Error::TooManyAggregates
		);

		let verified = Self::find_new(aggregate, open.epoch)?;
		let late = Self::slot() >= window.last_quarter();
		ensure!(
			verified.recorded >= window::min_new(Self::totals().stakers, late),
			Error::TooFewNew
		);

		let keys = Self::sum_present(aggregate, open.epoch)?;
		let message = heartbeat_message(&Self::genesis_hash(), open.period, &checkpoint);
		verify(&keys, &message, &aggregate.signature).map_err(|_| Error::WrongSignature)?;
		Ok(verified)
	}

	/// Who of an aggregate is not recorded yet. Everybody must be active.
	fn find_new(aggregate: &HeartbeatAggregate, epoch: EpochIndex) -> Result<Verified, Error<T>> {
		let mut recorded = 0u32;
		let mut new = Vec::with_capacity(aggregate.parts.len());
		for part in &aggregate.parts {
			let bucket = Buckets::<T>::get(part.bucket);
			ensure!(
				part.present.is_subset_of(&bucket.at(epoch).active),
				Error::NotActive
			);
			let known = Tallies::<T>::get(part.bucket).recorded(aggregate.period);
			let unknown = part.present.without(&known);
			recorded = recorded.saturating_add(unknown.count());
			new.push(unknown);
		}
		Ok(Verified { new, recorded })
	}

	/// The sum of the keys of everybody in an aggregate.
	fn sum_present(aggregate: &HeartbeatAggregate, epoch: EpochIndex) -> Result<KeySum, Error<T>> {
		let mut keys = KeySum::new();
		for part in &aggregate.parts {
			Self::sum_bucket(&mut keys, part.bucket, part.present, epoch)
				.ok_or(Error::DamagedState)?;
		}
		Ok(keys)
	}

	/// Add the keys of those present in one bucket, by way of whoever is fewer: they, or those
	/// absent.
	pub(crate) fn sum_bucket(
		keys: &mut KeySum,
		index: BucketIndex,
		present: Bitmap,
		epoch: EpochIndex,
	) -> Option<()> {
		let buckets = Buckets::<T>::get(index);
		let bucket = buckets.at(epoch);
		let side = Side::of(present, &bucket.active);
		let subtract = matches!(side, Side::Subtract(_));
		if subtract && !keys.add(&bucket.sum) {
			return None;
		}
		Self::for_each_key(index, side.positions(), epoch, |key| {
			if subtract {
				keys.subtract(key)
			} else {
				keys.add(key)
			}
		})
	}

	/// Visit the keys at `positions`. None as soon as one is missing or the visitor refuses it.
	fn for_each_key(
		bucket: BucketIndex,
		positions: &Bitmap,
		epoch: EpochIndex,
		mut visit: impl FnMut(&StoredKey) -> bool,
	) -> Option<()> {
		let mut positions = positions.positions().peekable();
		for page in 0..PAGES {
			let first = page.saturating_mul(PAGE_SIZE);
			let end = first.saturating_add(PAGE_SIZE);
			if positions.peek().is_none_or(|position| *position >= end) {
				continue;
			}
			let keys = KeyPages::<T>::get(bucket, page);
			let keys = keys.at(epoch);
			while let Some(position) = positions.next_if(|position| *position < end) {
				let key = keys.get(position.saturating_sub(first))?;
				visit(&key).then_some(())?;
			}
		}
		Some(())
	}

	/// Record what was verified.
	pub(crate) fn apply(aggregate: &HeartbeatAggregate, verified: Verified) {
		let epoch = Self::epoch();
		let mut stake: TotalStake = 0;
		for (part, new) in aggregate.parts.iter().zip(&verified.new) {
			if new.is_empty() {
				continue;
			}
			let stakes = BucketStakes::<T>::get(part.bucket);
			let stakes = stakes.at(epoch);
			for position in new.positions() {
				let one = stakes.get(position as usize).copied().unwrap_or(0);
				stake = stake.saturating_add(one.into());
			}
			Tallies::<T>::mutate(part.bucket, |tally| {
				tally.record(epoch, aggregate.period, new);
			});
		}
		OpenPeriods::<T>::mutate(|periods| {
			let open = periods
				.iter_mut()
				.find(|open| open.period == aggregate.period);
			if let Some(open) = open {
				open.recorded = open.recorded.saturating_add(verified.recorded);
				open.stake = open.stake.saturating_add(stake);
				open.aggregates = open.aggregates.saturating_add(1);
			}
		});
		RecordedInBlock::<T>::put(true);
		let digest = aggregate.digest(verified.recorded);
		frame_system::Pallet::<T>::deposit_log(DigestItem::Consensus(ENGINE_ID, digest.encode()));
		Self::deposit_event(Event::HeartbeatsRecorded {
			period: aggregate.period,
			recorded: verified.recorded,
		});
	}
}
