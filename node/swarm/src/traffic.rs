//! Bytes on the wire, from messages as they travel.

use serde_json::{json, Value};
use vigil_heartbeat::{
	spread::ATTEMPTS,
	wire::{Batch, MAX_HEARTBEATS},
};
use vigil_heartbeat_primitives::{Signature, BUCKET_SIZE};

/// The byte that tells a batch from a hello.
const TAG: usize = 1;
/// Producers of a live network.
const PRODUCERS: u32 = 21;
const MILLION: u32 = 1_000_000;

fn message(heartbeats: usize) -> usize {
	let batch = Batch {
		period: u64::MAX,
		hops: 0,
		heartbeats: (0..)
			.map(|index| (index, Signature([7; 96])))
			.take(heartbeats)
			.collect(),
	};
	TAG + batch.to_bytes().len()
}

/// What a staker sends in a period, at first and if no collector ever records it; and what a collector
/// among 21 receives from a million, in full messages and one by one.
pub(crate) fn measure() -> Value {
	let alone = message(1);
	let buckets = MILLION.div_ceil(BUCKET_SIZE).div_ceil(PRODUCERS);
	let heartbeats = (buckets * BUCKET_SIZE) as usize;
	let full = heartbeats.div_ceil(MAX_HEARTBEATS) * message(MAX_HEARTBEATS);
	json!({
		"staker_out_bytes": alone,
		"staker_out_bytes_unheard": alone * usize::from(ATTEMPTS),
		"producer_in_bytes_1m": full,
		"producer_in_bytes_1m_unbatched": heartbeats * alone,
	})
}
