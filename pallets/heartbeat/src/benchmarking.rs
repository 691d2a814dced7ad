//! Benchmarks, on buckets that are full.

use super::*;
use crate::synthetic::{aggregate, fill};
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::traits::EnsureOrigin;
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use pallet_timeline::{ActiveLengths, Clock, CurrentClock, CurrentPeriod, Lengths, Period};
use sp_runtime::traits::{One, Zero};
use vigil_heartbeat_primitives::{
	heartbeat_message, testing::TestKey, Bitmap, KeySum, PublicKey, Signature, Versioned,
	BUCKET_SIZE, PAGES, PAGE_SIZE,
};

#[benchmarks]
mod benchmarks {
	use super::*;

	/// Parts of the largest aggregate that is measured: about as many as the weight limit allows.
	const PARTS: u32 = 96;
	const OTHER: [u8; 32] = [9; 32];

	/// A chain in the second block of period 7 of epoch 3, with full buckets.
	fn running<T: Config>(buckets: u32) {
		let lengths = Lengths {
			period_slots: 21,
			epoch_periods: 6,
		};
		let slot = Pallet::<T>::slot();
		ActiveLengths::<T>::put(lengths);
		CurrentClock::<T>::put(Clock {
			base_slot: slot,
			base_period: 7,
			epoch: 3,
		});
		CurrentPeriod::<T>::put(Period {
			index: 7,
			checkpoint: BlockNumberFor::<T>::one(),
		});
		frame_system::BlockHash::<T>::insert(BlockNumberFor::<T>::zero(), T::Hash::default());
		fill::<T>(buckets * BUCKET_SIZE, 1_000);
		(0..buckets).for_each(grow::<T>);
		Pallet::<T>::turn_pages(One::one());
		OpenPeriods::<T>::mutate(|open| {
			for period in open.iter_mut() {
				period.checkpoint = Some([7; 32]);
			}
		});
	}

	/// Make everything that is kept of a bucket as large as it gets: a second version of each value, a
	/// second copy of each page, and counters of two epochs.
	fn grow<T: Config>(bucket: u32) {
		Buckets::<T>::mutate(bucket, |value| {
			value.edit_next(3);
		});
		BucketStakes::<T>::mutate(bucket, |value| {
			value.edit_next(3);
		});
		for page in 0..PAGES {
			let index = bucket * BUCKET_SIZE + page * PAGE_SIZE;
			let key = Pallet::<T>::next_key(index).expect("is active");
			Pallet::<T>::write_key_next(index, &key, 3);
		}
		let everybody: Bitmap = (0..BUCKET_SIZE).collect();
		Tallies::<T>::mutate(bucket, |tally| {
			tally.record(2, 5, &everybody);
			tally.record(3, 6, &everybody);
		});
	}

	/// Everybody in the first `buckets` buckets.
	fn all(buckets: u32) -> Vec<(u32, Bitmap)> {
		let everybody: Bitmap = (0..BUCKET_SIZE).collect();
		(0..buckets).map(|bucket| (bucket, everybody)).collect()
	}

	fn origin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
		T::HeartbeatOrigin::try_successful_origin()
			.map_err(|_| BenchmarkError::Stop("the origin cannot be made"))
	}

	/// A key that `fill` has not used, with its owner and proof.
	fn newcomer<T: Config>() -> (T::AccountId, PublicKey, Signature) {
		let key = TestKey::new(u32::MAX - 1);
		let owner = [3; 32];
		let proof = key.prove(&Pallet::<T>::genesis_hash(), &owner);
		(owner.into(), key.public(), proof)
	}

	#[benchmark]
	fn on_initialize() {
		running::<T>(1);
		#[block]
		{
			// The second block notes the hash of the first.
			Pallet::<T>::turn_pages(2u32.into());
		}
	}

	#[benchmark]
	fn on_initialize_at_period() {
		running::<T>(1);
		CurrentPeriod::<T>::put(Period {
			index: 8,
			checkpoint: 2u32.into(),
		});
		Pallet::<T>::turn_pages(2u32.into());
		// An edge closes both that are open.
		CurrentClock::<T>::mutate(|clock| {
			if let Some(clock) = clock {
				clock.epoch += 1;
				clock.base_period = 9;
			}
		});
		CurrentPeriod::<T>::put(Period {
			index: 9,
			checkpoint: 3u32.into(),
		});
		#[block]
		{
			Pallet::<T>::turn_pages(3u32.into());
		}
		assert_eq!(OpenPeriods::<T>::get().len(), 1);
	}

	#[benchmark]
	fn record(p: Linear<1, PARTS>) {
		running::<T>(PARTS);
		// However few the parts, what they bring is enough.
		ActiveTotals::<T>::put(Versioned::new(Totals::default()));
		let aggregate = aggregate::<T>(7, &all(p));
		#[block]
		{
			// Not by the call: its limit on weight must not limit what is measured.
			let verified = Pallet::<T>::verify_without_limit(&aggregate)
				.unwrap_or_else(|error| panic!("is valid: {error:?}"));
			Pallet::<T>::apply(&aggregate, verified);
		}
		assert_eq!(OpenPeriods::<T>::get()[0].recorded, p * BUCKET_SIZE);
	}

	/// One key from each of `g` pages.
	#[benchmark]
	fn read_pages(g: Linear<0, 64>) {
		running::<T>(64 / PAGES);
		// Only what is active and which copies are in force matters: the same in all.
		let value = Buckets::<T>::get(0).into_value_at(3);
		let mut keys = KeySum::new();
		let mut reader = pages::PageReader::new();
		#[block]
		{
			for bucket in 0..g.div_ceil(PAGES) {
				let pages = (g - bucket * PAGES).min(PAGES);
				let present = (0..pages).map(|page| page * PAGE_SIZE).collect();
				Pallet::<T>::sum_bucket(&mut keys, &mut reader, bucket, &value, present)
					.expect("keys are there");
			}
		}
	}

	/// As many keys of a single page as there are, and of further pages.
	#[benchmark]
	fn sum_keys(k: Linear<0, 512>) {
		running::<T>(1);
		let mut keys = KeySum::new();
		let mut reader = pages::PageReader::new();
		let present: Bitmap = (0..k).collect();
		let value = Buckets::<T>::get(0).into_value_at(3);
		#[block]
		{
			Pallet::<T>::sum_bucket(&mut keys, &mut reader, 0, &value, present)
				.expect("keys are there");
		}
	}

	#[benchmark]
	fn force_open() -> Result<(), BenchmarkError> {
		// The last place of a bucket, so that everything is as large as it gets.
		running::<T>(1);
		NextIndex::<T>::put(BUCKET_SIZE - 1);
		FreeIndices::<T>::insert(0, (BUCKET_SIZE - 1, 0));
		FreeQueue::<T>::put((0, 1));
		Buckets::<T>::mutate(0, |bucket| {
			bucket.edit_always(3, |bucket| {
				bucket.active.assign(BUCKET_SIZE - 1, false);
			});
		});
		let (owner, key, proof) = newcomer::<T>();
		let origin = origin::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, owner, key, proof, 1_000);
		assert!(Pallet::<T>::find(key).is_some());
		Ok(())
	}

	#[benchmark]
	fn force_rotate() -> Result<(), BenchmarkError> {
		running::<T>(1);
		let (owner, key, proof) = newcomer::<T>();
		let origin = origin::<T>()?;
		#[extrinsic_call]
		_(
			origin as T::RuntimeOrigin,
			BUCKET_SIZE - 1,
			owner,
			key,
			proof,
		);
		assert!(Pallet::<T>::find(key).is_some());
		Ok(())
	}

	#[benchmark]
	fn force_retire() -> Result<(), BenchmarkError> {
		running::<T>(1);
		let origin = origin::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, BUCKET_SIZE - 1);
		assert_eq!(FreeQueue::<T>::get(), (0, 1));
		Ok(())
	}

	#[benchmark]
	fn set_max_aggregates() -> Result<(), BenchmarkError> {
		running::<T>(1);
		let origin = origin::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, 500);
		assert_eq!(*MaxAggregates::<T>::get().at(4), 500);
		Ok(())
	}

	#[benchmark]
	fn report_double_checkpoint() {
		running::<T>(1);
		let key = TestKey::new(BUCKET_SIZE - 1);
		let sign = |hash| key.sign(&heartbeat_message(&Pallet::<T>::genesis_hash(), 7, hash));
		let evidence = DoubleCheckpoint {
			key: key.public(),
			period: 7,
			recorded_signature: sign(&[7; 32]),
			other: OTHER,
			other_signature: sign(&OTHER),
		};
		let reporter: T::AccountId = whitelisted_caller_of::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(reporter), evidence);
		assert!(Pallet::<T>::next_key(BUCKET_SIZE - 1).is_none());
	}

	fn whitelisted_caller_of<T: Config>() -> T::AccountId {
		[5; 32].into()
	}
}
