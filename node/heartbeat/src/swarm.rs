//! Heartbeats of many test keys at once, for measurements: real signatures, made by additions.

use crate::{
	bls::{Point, PointSum, SecretKey},
	spread::{signing_slots, Slot},
	view::{Heartbeat, View},
};
use std::ops::Range;
use vigil_heartbeat_primitives::{heartbeat_message, Hash, PeriodIndex, StakerIndex};

/// Signs for the test keys 0 to `count - 1`, a part in each slot of a period's first quarter.
///
/// Keeps no record: these keys are everybody's.
#[derive(Debug)]
pub struct Swarm {
	genesis: Hash,
	count: u32,
	/// The period that is being signed, and how far.
	signing: Option<(PeriodIndex, u32)>,
}

impl Swarm {
	/// A swarm of so many, on the chain of this genesis.
	pub fn new(genesis: Hash, count: u32) -> Self {
		Self {
			genesis,
			count,
			signing: None,
		}
	}

	/// The heartbeats to send at `slot`.
	pub fn on_slot(&mut self, slot: Slot, view: &View) -> Vec<Heartbeat> {
		let Some(open) = view.periods.iter().find(|open| open.contains(slot)) else {
			return Vec::new();
		};
		let Some(checkpoint) = open.checkpoint else {
			return Vec::new();
		};
		let done = match self.signing {
			Some((period, done)) if period == open.period => done,
			_ => 0,
		};
		let part = self.count.div_ceil(signing_slots(open.slots));
		let end = done.saturating_add(part).min(self.count);
		self.signing = Some((open.period, end));
		let message = heartbeat_message(&self.genesis, open.period, &checkpoint);
		heartbeats(open.period, &message, done..end)
	}
}

/// The heartbeats of consecutive test keys. The secret of key `i` is `i + 1`, so each signature is
/// the one before plus that of secret 1.
fn heartbeats(period: PeriodIndex, message: &[u8], indices: Range<StakerIndex>) -> Vec<Heartbeat> {
	let sign = |secret: u32| {
		let mut bytes = [0; 32];
		bytes[28..].copy_from_slice(&secret.to_be_bytes());
		let signature = SecretKey::from_bytes(&bytes)?.sign(message);
		Point::decode(&signature).ok()
	};
	let (Some(step), Some(first)) = (sign(1), sign(indices.start.saturating_add(1))) else {
		return Vec::new();
	};
	let mut sum = PointSum::default();
	sum.add(&first);
	let mut heartbeats = Vec::with_capacity(indices.len());
	for index in indices {
		heartbeats.extend(sum.to_signature().map(|signature| Heartbeat {
			period,
			index,
			signature,
		}));
		sum.add(&step);
	}
	heartbeats
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::view::OpenPeriod;
	use vigil_heartbeat_primitives::testing::TestKey;

	#[test]
	fn additions_make_the_signatures_of_the_keys() {
		let made = heartbeats(7, b"message", 3..9);
		let indices: Vec<_> = made.iter().map(|heartbeat| heartbeat.index).collect();
		assert_eq!(indices, (3..9).collect::<Vec<_>>());
		for heartbeat in made {
			let key = TestKey::new(heartbeat.index);
			assert_eq!(heartbeat.signature, key.sign(b"message"));
		}
	}

	#[test]
	fn everybody_signs_once_in_the_first_quarter() {
		let mut swarm = Swarm::new([1; 32], 100);
		let view = View {
			periods: vec![OpenPeriod {
				period: 3,
				first_slot: 60,
				slots: 20,
				window_end: 99,
				checkpoint: Some([2; 32]),
				recorded: Default::default(),
				minimum_new: 1,
			}],
			..Default::default()
		};
		let by_slot: Vec<_> = (60..80)
			.map(|slot| swarm.on_slot(slot, &view).len())
			.collect();
		assert_eq!(by_slot[..5], [20; 5]);
		assert_eq!(by_slot[5..], [0; 15]);
	}
}
