//! What waits to be sent, in batches.

use crate::{
	pool::Source,
	wire::{Batch, MAX_HEARTBEATS},
};
use std::collections::{BTreeMap, BTreeSet};
use vigil_heartbeat_primitives::{PeriodIndex, Signature, StakerIndex};

/// Heartbeats of one period and number of hops.
type Heap = BTreeMap<(PeriodIndex, u8), BTreeSet<StakerIndex>>;

/// Heartbeats by whom they go to.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
	heaps: BTreeMap<Source, Heap>,
	size: usize,
}

impl Outbox {
	/// Add a heartbeat. False if there is no room.
	pub(crate) fn push(
		&mut self,
		to: Source,
		period: PeriodIndex,
		hops: u8,
		index: StakerIndex,
		room: usize,
	) -> bool {
		if self.size >= room {
			return false;
		}
		let heap = self.heaps.entry(to).or_default();
		if heap.entry((period, hops)).or_default().insert(index) {
			self.size += 1;
		}
		true
	}

	/// Keep what goes to known connections, about open periods.
	pub(crate) fn retain(
		&mut self,
		connected: impl Fn(Source) -> bool,
		open: impl Fn(PeriodIndex) -> bool,
	) {
		self.heaps.retain(|to, heap| {
			heap.retain(|(period, _), _| open(*period));
			!heap.is_empty() && connected(*to)
		});
		let heaps = self.heaps.values().flat_map(BTreeMap::values);
		self.size = heaps.map(BTreeSet::len).sum();
	}

	/// Those that something waits for.
	pub(crate) fn recipients(&self) -> Vec<Source> {
		self.heaps.keys().copied().collect()
	}

	/// The next batch for a recipient, of at most `most` heartbeats.
	pub(crate) fn batch(
		&mut self,
		to: Source,
		most: usize,
		signature: impl Fn(PeriodIndex, StakerIndex) -> Option<Signature>,
	) -> Option<Batch> {
		let heap = self.heaps.get_mut(&to)?;
		let mut first = heap.first_entry()?;
		let (period, hops) = *first.key();
		let mut heartbeats = Vec::new();
		while heartbeats.len() < most.min(MAX_HEARTBEATS) {
			let Some(index) = first.get_mut().pop_first() else {
				break;
			};
			self.size -= 1;
			heartbeats.extend(signature(period, index).map(|signature| (index, signature)));
		}
		if first.get().is_empty() {
			first.remove();
		}
		if heap.is_empty() {
			self.heaps.remove(&to);
		}
		Some(Batch {
			period,
			hops,
			heartbeats,
		})
	}

	/// Heartbeats in it.
	pub(crate) fn size(&self) -> usize {
		self.size
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn sign(_: PeriodIndex, index: StakerIndex) -> Option<Signature> {
		(index != 13).then_some(Signature([0; 96]))
	}

	#[test]
	fn batches_are_full_until_the_last_one() {
		let mut outbox = Outbox::default();
		for index in 0..600 {
			assert!(outbox.push(1, 5, 0, index, 1_000));
			assert!(outbox.push(1, 5, 0, index, 1_000));
		}
		assert_eq!(outbox.size(), 600);
		let sizes: Vec<_> = core::iter::from_fn(|| outbox.batch(1, 999, sign))
			.map(|batch| batch.heartbeats.len())
			.collect();
		assert_eq!(sizes, [256, 256, 87]);
		assert_eq!(outbox.size(), 0);
		assert!(outbox.recipients().is_empty());
	}

	#[test]
	fn what_cannot_arrive_any_more_is_dropped() {
		let mut outbox = Outbox::default();
		for (to, period) in [(1, 5), (1, 6), (2, 6)] {
			outbox.push(to, period, 0, 7, 1_000);
		}
		outbox.retain(|to| to == 1, |period| period == 6);
		assert_eq!((outbox.size(), outbox.recipients()), (1, vec![1]));
	}

	#[test]
	fn there_is_no_room_beyond_the_bound() {
		let mut outbox = Outbox::default();
		assert!(outbox.push(1, 5, 0, 1, 1));
		assert!(!outbox.push(2, 5, 0, 1, 1));
	}
}
