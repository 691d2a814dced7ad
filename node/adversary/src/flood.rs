//! A peer that sends junk under everybody's index, as much as it can.

use rand::Rng;
use vigil_heartbeat::{
	view::View,
	wire::{Batch, MAX_BYTES},
};
use vigil_heartbeat_primitives::{Signature, BUCKET_SIZE};
use vigil_node::Conduct;

/// Messages to each peer in each slot. A node may take four full ones from a peer.
const MESSAGES: usize = 32;

/// Sends heartbeats that nobody signed, and bytes that are no heartbeats at all.
#[derive(Debug)]
pub(crate) struct Flood;

impl Conduct for Flood {
	fn every_slot(&self, view: &View) -> Vec<Vec<u8>> {
		let mut rng = rand::thread_rng();
		let mut messages = Vec::new();
		for open in &view.periods {
			let victims = view.active.iter().flat_map(|(bucket, active)| {
				let positions: Vec<_> = active.positions().collect();
				let first = bucket * BUCKET_SIZE;
				positions.into_iter().map(move |position| first + position)
			});
			let junk = Batch {
				period: open.period,
				hops: 0,
				heartbeats: victims
					.take(vigil_heartbeat::wire::MAX_HEARTBEATS)
					.map(|index| (index, signature(&mut rng)))
					.collect(),
			};
			messages.push(junk.to_bytes());
		}
		messages.resize_with(MESSAGES, || {
			let mut noise = vec![0; MAX_BYTES];
			rng.fill(&mut noise[..]);
			noise
		});
		messages
	}
}

/// Bytes that look like a signature from afar: compressed, not infinity.
fn signature(rng: &mut impl Rng) -> Signature {
	let mut bytes = [0; 96];
	rng.fill(&mut bytes[..]);
	bytes[0] = 0x80 | bytes[0] & 0x1f;
	Signature(bytes)
}
