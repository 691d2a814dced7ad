//! What clients ask.

use crate::{
	pallet::*,
	types::{KeyRecord, Participation, Prices, Status, Window},
	window,
};
use alloc::vec::Vec;
use frame_support::traits::Get;
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::DispatchError;
use vigil_heartbeat_primitives::{
	position, Bitmap, BucketIndex, Effort, EpochIndex, HeartbeatAggregate, PeriodIndex, PublicKey,
	StakerIndex, StoredKey, BUCKET_SIZE, PAGES, PAGE_SIZE,
};

/// Most buckets in one answer: those of a million stakers.
const MAX_BUCKETS: u32 = 1_024;

impl<T: Config> Pallet<T> {
	/// Open windows, thresholds and prices. None before block 1.
	pub(crate) fn read_status() -> Option<Status<BlockNumberFor<T>>> {
		let epoch = pallet_timeline::CurrentClock::<T>::get()?.epoch;
		let total = Self::totals();
		let windows = OpenPeriods::<T>::get().into_iter().filter_map(|open| {
			let slots = Self::window(open.period)?;
			Some(Window {
				open,
				first_slot: slots.first,
				end_slot: slots.end,
				last_quarter_slot: slots.last_quarter(),
			})
		});
		Some(Status {
			slot: Self::slot(),
			epoch,
			total,
			buckets: NextIndex::<T>::get().div_ceil(BUCKET_SIZE),
			windows: windows.collect(),
			max_aggregates: *MaxAggregates::<T>::get().at(epoch),
			min_new: window::min_new(total.stakers, false),
			prices: Self::prices(),
		})
	}

	/// Who may send heartbeats in the running epoch.
	pub(crate) fn read_active(from: BucketIndex, count: u32) -> Vec<Bitmap> {
		let epoch = Self::epoch();
		buckets(from, count)
			.map(|bucket| Buckets::<T>::get(bucket).at(epoch).active)
			.collect()
	}

	/// Who was recorded in `period`.
	pub(crate) fn read_recorded(period: PeriodIndex, from: BucketIndex, count: u32) -> Vec<Bitmap> {
		buckets(from, count)
			.map(|bucket| Tallies::<T>::get(bucket).recorded(period))
			.collect()
	}

	/// The keys of a bucket in the running epoch, by position.
	pub fn keys(bucket: BucketIndex) -> Vec<StoredKey> {
		let buckets = Buckets::<T>::get(bucket);
		let value = buckets.at(Self::epoch());
		let mut all = Vec::new();
		for page in 0..PAGES {
			let keys = Self::page(bucket, value, page);
			all.resize(page.saturating_mul(PAGE_SIZE) as usize, StoredKey::IDENTITY);
			all.extend(keys.keys());
		}
		all
	}

	/// What is known of a key. A key and its negative are one.
	pub(crate) fn read_record(key: &PublicKey) -> Option<KeyRecord> {
		KeyRecords::<T>::get(Self::record_place(key))
	}

	/// How diligent a staker was in an epoch: the running one or the last.
	pub(crate) fn read_participation(
		index: StakerIndex,
		epoch: EpochIndex,
	) -> Option<Participation> {
		let (bucket, place) = position(index);
		let valid = Self::summary(epoch)?.valid;
		let kept = Self::epoch().saturating_sub(epoch) < crate::types::KEPT_EPOCHS;
		kept.then(|| Participation {
			recorded: Tallies::<T>::get(bucket).count(epoch, place).unwrap_or(0),
			valid,
		})
	}

	/// How many stakers `aggregate` would record now, or why it would not.
	pub fn check(aggregate: HeartbeatAggregate) -> Result<u32, DispatchError> {
		Ok(Self::verify(&aggregate)?.recorded)
	}

	fn prices() -> Prices {
		let cost = |parts, pages, keys| {
			let effort = Effort { parts, pages, keys };
			Self::effort_weight(&effort).ref_time()
		};
		let (nothing, one_key) = (cost(0, 0, 0), cost(0, 0, 1));
		Prices {
			aggregate: nothing,
			part: cost(1, 0, 0).saturating_sub(nothing),
			page: cost(0, 1, 1).saturating_sub(one_key),
			key: one_key.saturating_sub(nothing),
			limit: T::MaxAggregateWeight::get().ref_time(),
		}
	}
}

fn buckets(from: BucketIndex, count: u32) -> core::ops::Range<BucketIndex> {
	from..from.saturating_add(count.min(MAX_BUCKETS))
}
