//! A chain that records heartbeats as the runtime does, verification included, and nothing else.

use std::{collections::BTreeMap, sync::Arc};
use vigil_heartbeat::{
	spread::Slot,
	view::{Bitmaps, OpenPeriod, View},
};
use vigil_heartbeat_primitives::{
	heartbeat_message, position, testing::TestKey, verify, Effort, Hash, HeartbeatAggregate,
	KeySum, PeriodIndex, Side, StakerIndex, StoredKey, BUCKET_SIZE,
};

pub(crate) const GENESIS: Hash = [9; 32];

/// The fewest aggregates for one period that governance can decide.
const MAX_AGGREGATES: u32 = 64;

/// Slots from a checkpoint to its finality.
const FINALITY: u64 = 2;

pub(crate) struct Chain {
	pub(crate) producers: u32,
	pub(crate) slots: u32,
	pub(crate) active: Arc<Bitmaps>,
	keys: BTreeMap<StakerIndex, StoredKey>,
	recorded: BTreeMap<PeriodIndex, Bitmaps>,
	aggregates: BTreeMap<PeriodIndex, u32>,
}

impl Chain {
	pub(crate) fn new(producers: u32, slots: u32, stakers: &[StakerIndex]) -> Self {
		let mut active = Bitmaps::new();
		let mut keys = BTreeMap::new();
		for index in stakers {
			let (bucket, place) = position(*index);
			active.entry(bucket).or_default().assign(place, true);
			keys.insert(*index, TestKey::new(*index).stored());
		}
		Self {
			producers,
			slots,
			active: Arc::new(active),
			keys,
			recorded: BTreeMap::new(),
			aggregates: BTreeMap::new(),
		}
	}

	pub(crate) fn key(&self, index: StakerIndex) -> Option<StoredKey> {
		self.keys.get(&index).copied()
	}

	pub(crate) fn checkpoint(period: PeriodIndex) -> Hash {
		[period as u8; 32]
	}

	pub(crate) fn message(period: PeriodIndex) -> [u8; 89] {
		heartbeat_message(&GENESIS, period, &Self::checkpoint(period))
	}

	pub(crate) fn first_slot(&self, period: PeriodIndex) -> Slot {
		period * u64::from(self.slots)
	}

	/// The chain as a node sees it that is about to build, or wait for, the block of `slot`.
	pub(crate) fn view(&self, slot: Slot, ours: &[u32]) -> View {
		let running = slot / u64::from(self.slots);
		View {
			epoch: 0,
			producers: self.producers,
			ours: ours.to_vec(),
			periods: (running - 1..=running)
				.map(|period| self.open(period, slot))
				.collect(),
			active: self.active.clone(),
		}
	}

	fn open(&self, period: PeriodIndex, slot: Slot) -> OpenPeriod {
		let first_slot = self.first_slot(period);
		let window = 2 * u64::from(self.slots);
		let last_quarter = slot >= first_slot + window / 4 * 3;
		let minimum = match last_quarter {
			_ if self.aggregates(period) >= MAX_AGGREGATES => u32::MAX,
			true => 1,
			false => (self.keys.len() as u32 / 64).max(1),
		};
		OpenPeriod {
			period,
			first_slot,
			slots: self.slots,
			window_end: first_slot + window - 1,
			checkpoint: (slot >= first_slot + FINALITY).then(|| Self::checkpoint(period)),
			recorded: self.recorded.get(&period).cloned().unwrap_or_default(),
			minimum_new: minimum,
		}
	}

	/// A bound of 50 ms, by costs that were measured once: the runtime knows today's.
	pub(crate) fn fits(effort: &Effort) -> bool {
		8_200 + 150 * effort.parts + 490 * effort.pages + 4 * effort.keys <= 50_000
	}

	/// A block with an aggregate in it. An invalid one would cost the author its block: it panics.
	pub(crate) fn apply(&mut self, slot: Slot, aggregate: &HeartbeatAggregate) {
		assert_eq!(aggregate.check_form(), Ok(()));
		assert!(Self::fits(&aggregate.effort()));
		let open = self.open(aggregate.period, slot);
		assert!((open.first_slot..=open.window_end).contains(&slot));
		let mut sum = KeySum::new();
		let mut new = 0;
		for part in &aggregate.parts {
			let active = self.active[&part.bucket];
			assert!(part.present.is_subset_of(&active));
			let key = |place| &self.keys[&(part.bucket * BUCKET_SIZE + place)];
			match Side::of(part.present, &active) {
				Side::Add(places) => places.positions().for_each(|at| assert!(sum.add(key(at)))),
				Side::Subtract(places) => {
					active.positions().for_each(|at| assert!(sum.add(key(at))));
					places
						.positions()
						.for_each(|at| assert!(sum.subtract(key(at))));
				}
			}
			let recorded = self.recorded.entry(aggregate.period).or_default();
			let bits = recorded.entry(part.bucket).or_default();
			new += part.present.without(bits).count();
			*bits = *bits | part.present;
		}
		assert!(new >= open.minimum_new);
		let message = Self::message(aggregate.period);
		assert_eq!(verify(&sum, &message, &aggregate.signature), Ok(()));
		*self.aggregates.entry(aggregate.period).or_default() += 1;
	}

	/// How many recorded a period.
	pub(crate) fn aggregates(&self, period: PeriodIndex) -> u32 {
		self.aggregates.get(&period).copied().unwrap_or(0)
	}

	pub(crate) fn is_recorded(&self, period: PeriodIndex, index: StakerIndex) -> bool {
		let (bucket, place) = position(index);
		let bits = self
			.recorded
			.get(&period)
			.and_then(|buckets| buckets.get(&bucket));
		bits.is_some_and(|bits| bits.get(place))
	}

	pub(crate) fn count(&self, period: PeriodIndex) -> u32 {
		let buckets = self
			.recorded
			.get(&period)
			.into_iter()
			.flat_map(Bitmaps::values);
		buckets.map(|bits| bits.count()).sum()
	}
}
