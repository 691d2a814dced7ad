//! Heartbeats in real blocks of the real runtime, and what they may cost.

use crate::common::*;
use codec::Encode;
use frame_support::{inherent::ProvideInherent, storage::storage_prefix};
use pallet_heartbeat::{synthetic, Call};
use sp_inherents::InherentData;
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionSource},
	DigestItem,
};
use vigil_heartbeat_primitives::{
	Bitmap, Effort, HeartbeatAggregate, Signature, BUCKET_SIZE, ENGINE_ID, INHERENT_IDENTIFIER,
};
use vigil_runtime::{
	constants::MAX_AGGREGATE_WEIGHT, presets, Executive, Heartbeat, Runtime, RuntimeCall, System,
	UncheckedExtrinsic,
};

/// A live period: 1,201 slots of half a second.
const LIVE_PERIOD_SECONDS: f64 = 600.5;

const MS: u64 = 1_000_000_000;

/// A chain whose registry holds these many stakers with known secrets, in its second block.
fn with_stakers(stakers: u32, test: impl FnOnce()) {
	chain(presets::LOCAL).execute_with(|| {
		synthetic::fill::<Runtime>(stakers, 1_000);
		block(vec![]);
		block(vec![]);
		test();
	});
}

fn heartbeats(positions: impl IntoIterator<Item = u32>) -> HeartbeatAggregate {
	let present: Bitmap = positions.into_iter().collect();
	synthetic::aggregate::<Runtime>(0, &[(0, present)])
}

fn bare(aggregate: HeartbeatAggregate) -> UncheckedExtrinsic {
	let call: RuntimeCall = Call::<Runtime>::record { aggregate }.into();
	UncheckedExtrinsic::new_bare(call)
}

mod in_a_block {
	use super::*;

	#[test]
	fn an_aggregate_is_recorded_and_named_in_the_header() {
		with_stakers(10, || {
			let results = block(vec![bare(heartbeats(0..7))]);
			assert_eq!(results, [Ok(Ok(()))]);
			assert_eq!(Heartbeat::recorded(0, 0, 1), [(0..7).collect()]);
			let named = System::digest().logs.iter().any(
				|item| matches!(item, DigestItem::Consensus(engine, _) if *engine == ENGINE_ID),
			);
			assert!(named);
		});
	}

	#[test]
	fn the_author_offers_it_as_an_inherent() {
		with_stakers(10, || {
			let offered = |aggregate: &HeartbeatAggregate| {
				let mut data = InherentData::new();
				data.put_data(INHERENT_IDENTIFIER, aggregate)
					.expect("is put once");
				Heartbeat::create_inherent(&data).is_some()
			};
			let good = heartbeats(0..7);
			assert!(offered(&good));
			let mut forged = good;
			forged.signature = Signature([7; 96]);
			assert!(!offered(&forged));
		});
	}

	#[test]
	fn no_valid_block_can_hold_an_invalid_one() {
		with_stakers(10, || {
			let mut forged = heartbeats(0..7);
			forged.signature = heartbeats(0..6).signature;
			let results = block(vec![bare(forged)]);
			assert_eq!(results, [Err(InvalidTransaction::BadMandatory.into())]);
		});
	}

	#[test]
	fn nobody_can_put_one_into_the_pool() {
		with_stakers(10, || {
			let validity = Executive::validate_transaction(
				TransactionSource::External,
				bare(heartbeats(0..7)),
				Default::default(),
			);
			assert!(validity.is_err(), "{validity:?}");
		});
	}
}

mod budgets {
	use super::*;

	/// Weight of recording all of `stakers` of whom `percent` are present, spread evenly, in as few
	/// aggregates as the limit allows: each of them, in milliseconds.
	fn aggregates(stakers: u32, percent: u32) -> Vec<f64> {
		let buckets = stakers.div_ceil(BUCKET_SIZE);
		let mut weights = Vec::new();
		let mut parts: Vec<Bitmap> = Vec::new();
		for bucket in 0..buckets {
			let size = (stakers - bucket * BUCKET_SIZE).min(BUCKET_SIZE);
			let present: Bitmap = (0..size)
				.filter(|position| (position * 7_919 + bucket) % 100 < percent)
				.collect();
			parts.push(present);
			if weight(&parts) > MAX_AGGREGATE_WEIGHT.ref_time() {
				parts.pop();
				weights.push(weight(&parts));
				parts = vec![present];
			}
		}
		weights.push(weight(&parts));
		weights
			.into_iter()
			.map(|weight| weight as f64 / MS as f64)
			.collect()
	}

	fn weight(parts: &[Bitmap]) -> u64 {
		Heartbeat::effort_weight(&Effort::of(parts)).ref_time()
	}

	#[test]
	fn a_thousand_stakers_cost_no_more_than_twelve_milliseconds() {
		// With only every second present no shortcut helps: half a millisecond more.
		for (percent, most) in [(50, 12.5), (80, 12.0), (95, 12.0), (100, 12.0)] {
			let weights = aggregates(1_000, percent);
			assert_eq!(weights.len(), 1);
			assert!(weights[0] <= most, "{percent} %: {weights:?}");
		}
	}

	#[test]
	fn ten_thousand_cost_no_more_than_fifteen() {
		let weights = aggregates(10_000, 95);
		assert_eq!(weights.len(), 1);
		assert!(weights[0] <= 15.0, "{weights:?}");
	}

	#[test]
	fn a_hundred_thousand_cost_no_more_than_sixty_in_two_blocks() {
		let weights = aggregates(100_000, 95);
		assert!(weights.len() <= 2, "{weights:?}");
		assert!(weights.iter().sum::<f64>() <= 60.0, "{weights:?}");
		assert!(weights.iter().all(|weight| *weight <= 50.0), "{weights:?}");
	}

	#[test]
	fn a_million_take_no_more_than_a_five_hundredth_of_a_period() {
		let weights = aggregates(1_000_000, 95);
		let share = weights.iter().sum::<f64>() / (LIVE_PERIOD_SECONDS * 1_000.0);
		assert!(share <= 0.002, "{share}: {weights:?}");
	}

	#[test]
	fn the_chain_keeps_little_for_each_of_many() {
		with_stakers(20 * BUCKET_SIZE, || {
			let everybody: Bitmap = (0..BUCKET_SIZE).collect();
			for first in [0, 10] {
				let parts: Vec<_> = (first..first + 10).map(|b| (b, everybody)).collect();
				let aggregate = synthetic::aggregate::<Runtime>(0, &parts);
				// One staker takes less than a sixth of a byte of a block.
				let bytes = aggregate.encoded_size() as f64 / f64::from(10 * BUCKET_SIZE);
				assert!(bytes <= 0.15, "{bytes}");
				assert_eq!(block(vec![bare(aggregate)]), [Ok(Ok(()))]);
			}
			let size = |map: &str| {
				let prefix = storage_prefix(b"Heartbeat", map.as_bytes()).to_vec();
				let keys = std::iter::successors(sp_io::storage::next_key(&prefix), |key| {
					sp_io::storage::next_key(key)
				});
				keys.take_while(|key| key.starts_with(&prefix))
					.map(|key| {
						let value = sp_io::storage::get(&key).map_or(0, |value| value.len());
						// Without the prefix that all keys of the map share.
						key.len() - prefix.len() + value
					})
					.sum::<usize>() as f64
					/ f64::from(20 * BUCKET_SIZE)
			};
			let keys = size("KeyPages") + size("Buckets");
			assert!(
				keys <= 97.0,
				"96 bytes of key, and the sums of buckets: {keys}"
			);
			let accounting = size("BucketStakes") + size("Tallies");
			assert!(accounting <= 10.0, "{accounting}");
			let map = size("KeyRecords");
			assert!(map <= 40.0, "{map}");
		});
	}
}

#[test]
fn the_stakers_of_a_preset_are_active_from_the_beginning() {
	chain(presets::LOCAL).execute_with(|| {
		block(vec![]);
		assert_eq!(
			Heartbeat::status().expect("a block was made").total.stakers,
			6
		);
	});
}
