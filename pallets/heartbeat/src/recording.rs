//! Verifying an aggregate, and recording it.

use crate::{
	pages::PageReader,
	pallet::*,
	types::{Bucket, OpenPeriod, Page, Tally, TotalStake},
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

/// What verification found out and read, so that recording need not.
pub(crate) struct Verified {
	/// By part.
	parts: Vec<Found>,
	/// How many are new in all parts together.
	pub(crate) recorded: u32,
}

/// What there is of one part's bucket.
struct Found {
	bucket: Bucket,
	tally: Tally,
	/// Who is not recorded yet.
	new: Bitmap,
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

		let mut keys = KeySum::new();
		let mut pages = PageReader::new();
		for (part, found) in aggregate.parts.iter().zip(&verified.parts) {
			let Found { bucket, .. } = found;
			Self::sum_bucket(&mut keys, &mut pages, part.bucket, bucket, part.present)
				.ok_or(Error::DamagedState)?;
		}
		let message = heartbeat_message(&Self::genesis_hash(), open.period, &checkpoint);
		verify(&keys, &message, &aggregate.signature).map_err(|_| Error::WrongSignature)?;
		Ok(verified)
	}

	/// Who of an aggregate is not recorded yet. Everybody must be active.
	fn find_new(aggregate: &HeartbeatAggregate, epoch: EpochIndex) -> Result<Verified, Error<T>> {
		let mut verified = Verified {
			parts: Vec::with_capacity(aggregate.parts.len()),
			recorded: 0,
		};
		for part in &aggregate.parts {
			let bucket = Buckets::<T>::get(part.bucket).into_value_at(epoch);
			ensure!(part.present.is_subset_of(&bucket.active), Error::NotActive);
			let tally = Tallies::<T>::get(part.bucket);
			let new = part.present.without(&tally.recorded(aggregate.period));
			verified.recorded = verified.recorded.saturating_add(new.count());
			verified.parts.push(Found { bucket, tally, new });
		}
		Ok(verified)
	}

	/// Add the keys of those present in one bucket, by way of whoever is fewer: they, or those
	/// absent.
	pub(crate) fn sum_bucket(
		keys: &mut KeySum,
		pages: &mut PageReader,
		number: BucketIndex,
		bucket: &Bucket,
		present: Bitmap,
	) -> Option<()> {
		let side = Side::of(present, &bucket.active);
		let subtract = matches!(side, Side::Subtract(_));
		if subtract && !keys.add(&bucket.sum) {
			return None;
		}
		Self::for_each_key(pages, number, bucket, side.positions(), |key| {
			if subtract {
				keys.subtract(key)
			} else {
				keys.add(key)
			}
		})
	}

	/// Visit the keys at `positions`. None as soon as one is missing or the visitor refuses it.
	fn for_each_key(
		pages: &mut PageReader,
		number: BucketIndex,
		bucket: &Bucket,
		positions: &Bitmap,
		mut visit: impl FnMut(&StoredKey) -> bool,
	) -> Option<()> {
		let mut positions = positions.positions().peekable();
		for page in 0..PAGES {
			let first = page.saturating_mul(PAGE_SIZE);
			let end = first.saturating_add(PAGE_SIZE);
			if positions.peek().is_none_or(|position| *position >= end) {
				continue;
			}
			let keys = pages.read::<T>(number, bucket, page)?;
			while let Some(position) = positions.next_if(|position| *position < end) {
				let key = Page::key_among(keys, position.saturating_sub(first))?;
				visit(&key).then_some(())?;
			}
		}
		Some(())
	}

	/// Record what was verified.
	pub(crate) fn apply(aggregate: &HeartbeatAggregate, verified: Verified) {
		let epoch = Self::epoch();
		let mut stake: TotalStake = 0;
		for (part, found) in aggregate.parts.iter().zip(verified.parts) {
			let Found { mut tally, new, .. } = found;
			if new.is_empty() {
				continue;
			}
			let stakes = BucketStakes::<T>::get(part.bucket);
			let stakes = stakes.at(epoch);
			for position in new.positions() {
				let one = stakes.get(position as usize).copied().unwrap_or(0);
				stake = stake.saturating_add(one.into());
			}
			tally.record(epoch, aggregate.period, &new);
			Tallies::<T>::insert(part.bucket, tally);
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
