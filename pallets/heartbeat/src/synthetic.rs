//! A registry full of keys that anybody can recompute: for tests, benchmarks and load tools.

use crate::{
	pallet::*,
	types::{Bucket, KeyRecord, Page, Stake, Stakes, TotalStake, Totals},
};
use alloc::{vec, vec::Vec};
use codec::{Decode, Encode};
use vigil_heartbeat_primitives::{
	heartbeat_message,
	testing::{stored_keys, TestKey},
	AggregatePart, Bitmap, BucketIndex, HeartbeatAggregate, KeySum, Parts, PeriodIndex,
	StakerIndex, StoredKey, Versioned, BUCKET_SIZE, PAGE_SIZE,
};

/// Make the first `stakers` test keys active at once, each with `stake`, without any proof.
pub fn fill<T: Config>(stakers: u32, stake: Stake) {
	for first in (0..stakers).step_by(BUCKET_SIZE as usize) {
		let end = first.saturating_add(BUCKET_SIZE).min(stakers);
		fill_bucket::<T>(first, &stored_keys(first..end), stake);
	}
	NextIndex::<T>::put(stakers);
	ActiveTotals::<T>::put(Versioned::new(Totals {
		stakers,
		stake: TotalStake::from(stake).saturating_mul(stakers.into()),
	}));
}

fn fill_bucket<T: Config>(first: StakerIndex, keys: &[StoredKey], stake: Stake) {
	let bucket = first / BUCKET_SIZE;
	let mut sum = KeySum::new();
	for key in keys {
		let _ = sum.add(key);
	}
	let value = Bucket {
		active: (0..keys.len() as u32).collect(),
		sum: sum.to_stored(),
		copies: 0,
	};
	Buckets::<T>::insert(bucket, Versioned::new(value));
	for (page, keys) in (0u32..).zip(keys.chunks(PAGE_SIZE as usize)) {
		let keys: Page = keys.iter().copied().collect();
		KeyPages::<T>::insert(bucket, 2 * page, keys);
	}
	let stakes = Stakes::truncate_from(vec![stake; keys.len()]);
	BucketStakes::<T>::insert(bucket, Versioned::new(stakes));
	for (index, key) in (first..).zip(keys) {
		if let Some(key) = key.compress() {
			let record = KeyRecord {
				index,
				opened: 0,
				from: 0,
				until: None,
				guilty: false,
			};
			KeyRecords::<T>::insert(Pallet::<T>::record_place(&key), record);
		}
	}
}

/// An aggregate of the test keys at these positions, signed for what the chain says of the period.
pub fn aggregate<T: Config>(
	period: PeriodIndex,
	present: &[(BucketIndex, Bitmap)],
) -> HeartbeatAggregate {
	let parts: Vec<_> = present
		.iter()
		.map(|(bucket, present)| AggregatePart {
			bucket: *bucket,
			present: *present,
		})
		.collect();
	let signers = present.iter().flat_map(|(bucket, present)| {
		let first = bucket * BUCKET_SIZE;
		present.positions().map(move |position| first + position)
	});
	let checkpoint = Pallet::<T>::open_period_of(period)
		.and_then(|open| open.checkpoint)
		.unwrap_or_default();
	let message = heartbeat_message(&Pallet::<T>::genesis_hash(), period, &checkpoint);
	let signed = (period, parts, TestKey::sum(signers).sign(&message));
	// Through its encoding, which refuses what the bounds refuse.
	HeartbeatAggregate::decode(&mut &signed.encode()[..]).unwrap_or(HeartbeatAggregate {
		period,
		parts: Parts::default(),
		signature: signed.2,
	})
}
