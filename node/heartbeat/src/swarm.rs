//! Heartbeats of many test keys at once, for measurements: real signatures, made by additions.

use crate::{
	bls::{Point, PointSum, SecretKey},
	spread::{signing_slots, Slot},
	view::View,
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

	/// The signatures to send at `slot`, and of which period.
	pub fn on_slot(
		&mut self,
		slot: Slot,
		view: &View,
	) -> Option<(PeriodIndex, Vec<(StakerIndex, Point)>)> {
		let open = view.periods.iter().find(|open| open.contains(slot))?;
		let checkpoint = open.checkpoint?;
		let done = match self.signing {
			Some((period, done)) if period == open.period => done,
			_ => 0,
		};
		let part = self.count.div_ceil(signing_slots(open.slots));
		let end = done.saturating_add(part).min(self.count);
		self.signing = Some((open.period, end));
		let message = heartbeat_message(&self.genesis, open.period, &checkpoint);
		Some((open.period, sign(&message, done..end)))
	}
}

/// The signatures of consecutive test keys. The secret of key `i` is `i + 1`, so each signature is
/// the one before plus that of secret 1. They stay points: to write and read them again would cost
/// the machine ten times as much.
fn sign(message: &[u8], indices: Range<StakerIndex>) -> Vec<(StakerIndex, Point)> {
	let one = |secret: u32| {
		let mut bytes = [0; 32];
		bytes[28..].copy_from_slice(&secret.to_be_bytes());
		let signature = SecretKey::from_bytes(&bytes)?.sign(message);
		Point::decode(&signature).ok()
	};
	let (Some(step), Some(first)) = (one(1), one(indices.start.saturating_add(1))) else {
		return Vec::new();
	};
	let mut sum = PointSum::default();
	sum.add(&first);
	let mut signed = Vec::with_capacity(indices.len());
	for index in indices {
		signed.extend(sum.to_point().map(|point| (index, point)));
		sum.add(&step);
	}
	signed
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::view::OpenPeriod;
	use vigil_heartbeat_primitives::testing::TestKey;

	#[test]
	fn additions_make_the_signatures_of_the_keys() {
		let made = sign(b"message", 3..9);
		let indices: Vec<_> = made.iter().map(|(index, _)| *index).collect();
		assert_eq!(indices, (3..9).collect::<Vec<_>>());
		for (index, point) in made {
			assert_eq!(point.encode(), TestKey::new(index).sign(b"message"));
		}
	}

	#[test]
	fn a_sum_that_cancels_is_no_point() {
		// The order of the group less one: the negative of secret 1.
		let order = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
		let mut negative: [u8; 32] = core::array::from_fn(|at| {
			u8::from_str_radix(&order[2 * at..2 * at + 2], 16).expect("are digits")
		});
		negative[31] -= 1;
		let negative = SecretKey::from_bytes(&negative).expect("is below the order");
		let mut sum = PointSum::default();
		assert!(sum.to_point().is_none());
		sum.add(&Point::decode(&TestKey::new(0).sign(b"m")).expect("is a point"));
		assert!(sum.to_point().is_some());
		sum.add(&Point::decode(&negative.sign(b"m")).expect("is a point"));
		assert!(sum.to_point().is_none());
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
			.map(|slot| swarm.on_slot(slot, &view).map_or(0, |(_, made)| made.len()))
			.collect();
		assert_eq!(by_slot[..5], [20; 5]);
		assert_eq!(by_slot[5..], [0; 15]);
	}
}
