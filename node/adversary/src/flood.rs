//! Peers that send whatever is not a heartbeat, as much as they can.

use rand::Rng;
use vigil_heartbeat::{
	view::View,
	wire::{Batch, MAX_BYTES, MAX_HEARTBEATS},
};
use vigil_heartbeat_primitives::{Signature, BUCKET_SIZE};
use vigil_node::Conduct;

/// Messages to each peer in each slot. A node may take four full ones from a peer.
const MESSAGES: usize = 32;

/// Sends heartbeats under everybody's index that nobody signed.
#[derive(Debug)]
pub(crate) struct Junk;

impl Conduct for Junk {
	fn every_slot(&self, view: &View) -> Vec<Vec<u8>> {
		let mut rng = rand::thread_rng();
		let mut messages = Vec::new();
		for open in &view.periods {
			let victims = view.active.iter().flat_map(|(bucket, active)| {
				let positions: Vec<_> = active.positions().collect();
				let first = bucket * BUCKET_SIZE;
				positions.into_iter().map(move |position| first + position)
			});
			let victims: Vec<_> = victims.take(MAX_HEARTBEATS).collect();
			messages.extend((0..MESSAGES).map(|_| {
				let forge = |index: &u32| (*index, signature(&mut rng));
				let batch = Batch {
					period: open.period,
					hops: 0,
					heartbeats: victims.iter().map(forge).collect(),
				};
				batch.to_bytes()
			}));
		}
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

/// Sends bytes that are no message.
#[derive(Debug)]
pub(crate) struct Noise;

impl Conduct for Noise {
	fn every_slot(&self, _: &View) -> Vec<Vec<u8>> {
		let mut rng = rand::thread_rng();
		let noise = || {
			let mut bytes = vec![0; MAX_BYTES];
			rng.fill(&mut bytes[..]);
			bytes
		};
		std::iter::repeat_with(noise).take(MESSAGES).collect()
	}
}
