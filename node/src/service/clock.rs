//! Whether this node's clock agrees with the producers'.
//!
//! A producer makes a block in its slot, so blocks arrive between the start of their slot and a
//! few hundred milliseconds later. A block that arrives before its slot means that somebody's
//! clock is wrong; when the blocks of most producers do, it is ours. The judgement is a core without
//! clock or I/O ([`Samples`]): one sample of each producer, so that no minority of them, whatever
//! it sends, can make this node distrust its clock. Around it stand a verifier, which takes samples
//! from blocks whose announcement was seen (not from when the import queue came to them) and
//! refuses what is too early, and the authoring worker, which asks before it makes a block.
//!
//! Blocks that are a little early are not held back: the import queue works on one block at a time,
//! so the one that waits would hold up the blocks of everybody else.

use super::arrivals::{Announcements, Arrivals};
use sc_consensus::{BlockImportParams, Verifier};
use sp_consensus_aura::{sr25519::AuthoritySignature, AURA_ENGINE_ID};
use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex},
	time::{Duration, SystemTime, UNIX_EPOCH},
};
use substrate_prometheus_endpoint::{register, Gauge, PrometheusError, Registry, I64};
use vigil_runtime::{opaque::Block, Hash};

const LOG_TARGET: &str = "clock";

/// Blocks may arrive this much before their slot without a warning.
const EARLY_TOLERANCE_MS: i64 = 100;
/// Blocks that arrive earlier than this are refused: a block that is everywhere before its
/// predecessor's author is done would take that author's place, in every round. Clocks may differ by
/// [`MAX_OFFSET_MS`], and the rest is for [`EARLY_TOLERANCE_MS`].
const EARLY_LIMIT_MS: i64 = 250;
/// Being off by more than this makes a producer harmful: it keeps silent.
const MAX_OFFSET_MS: i64 = 150;
/// Samples older than this say nothing any more, so that silence never lasts by itself.
const MAX_AGE_MS: i64 = 10_000;

/// Says how many producers there are after a block.
type CountProducers = Box<dyn Fn(Hash) -> Option<u64> + Send + Sync>;

/// When the last block of each producer arrived, relative to the start of its slot.
#[derive(Debug, Default)]
struct Samples {
	/// Producers there are.
	producers: u64,
	/// By producer: arrival in milliseconds since 1970, and milliseconds after the slot began.
	by_producer: BTreeMap<u64, (i64, i64)>,
}

/// What the samples say.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Verdict {
	/// Most producers agree with us, or too few were heard to say.
	Right,
	/// The blocks of most producers arrive this many milliseconds before their slots: our clock is
	/// behind.
	Behind(i64),
	/// The blocks of most producers arrive this many milliseconds after their slots ended: our clock
	/// is ahead, or the network is too slow for us to follow it.
	Ahead(i64),
}

impl Samples {
	/// Note that a block of `slot` arrived, `offset_ms` after the slot began.
	fn note(&mut self, slot: u64, producers: u64, arrival_ms: i64, offset_ms: i64) {
		if self.producers != producers {
			*self = Self {
				producers,
				by_producer: BTreeMap::new(),
			};
		}
		// Bounded by the number of producers.
		if let Some(producer) = slot.checked_rem(producers) {
			self.by_producer.insert(producer, (arrival_ms, offset_ms));
		}
	}

	/// Offsets that are still fresh, in order.
	fn fresh(&self, now_ms: i64) -> Vec<i64> {
		let mut offsets: Vec<_> = self
			.by_producer
			.values()
			.filter(|(arrival, _)| now_ms.saturating_sub(*arrival).abs() <= MAX_AGE_MS)
			.map(|(_, offset)| *offset)
			.collect();
		offsets.sort_unstable();
		offsets
	}

	/// More than half of all producers must say the same. One that was not heard, such as this node
	/// itself, counts as content.
	fn judge(&self, now_ms: i64, slot_ms: i64) -> Verdict {
		let offsets = self.fresh(now_ms);
		let most = |count: usize| count as u64 > self.producers / 2;
		let behind = offsets.partition_point(|offset| *offset < -MAX_OFFSET_MS);
		if most(behind) {
			return Verdict::Behind(-offsets[behind / 2]);
		}
		let latest = slot_ms.saturating_add(MAX_OFFSET_MS);
		let on_time = offsets.partition_point(|offset| *offset <= latest);
		let ahead = &offsets[on_time..];
		if most(ahead.len()) {
			return Verdict::Ahead(ahead[ahead.len() / 2].saturating_sub(slot_ms));
		}
		Verdict::Right
	}

	/// The middle one of the fresh offsets.
	fn median(&self, now_ms: i64) -> Option<i64> {
		let offsets = self.fresh(now_ms);
		offsets.get(offsets.len() / 2).copied()
	}
}

/// Watches the clock of this node.
pub(crate) struct ClockWatch {
	slot_ms: i64,
	samples: Mutex<Samples>,
	arrivals: Arc<Mutex<Arrivals>>,
	offset: Option<Gauge<I64>>,
}

impl ClockWatch {
	/// A watch that has seen nothing yet.
	pub(crate) fn new(
		slot: Duration,
		registry: Option<&Registry>,
	) -> Result<Arc<Self>, PrometheusError> {
		let gauge = |registry: &Registry| {
			register(
				Gauge::new(
					"vigil_block_arrival_offset_ms",
					"Median of block arrivals relative to the start of their slots; below zero \
					 this node's clock is behind",
				)?,
				registry,
			)
		};
		Ok(Arc::new(Self {
			slot_ms: i64::try_from(slot.as_millis()).unwrap_or(i64::MAX),
			samples: Mutex::default(),
			arrivals: Arc::default(),
			offset: registry.map(gauge).transpose()?,
		}))
	}

	/// What the network is to tell about every block that is announced.
	pub(super) fn announcements(&self) -> Announcements {
		Announcements {
			arrivals: self.arrivals.clone(),
			now_ms,
		}
	}

	fn verdict(&self) -> Verdict {
		let samples = self.samples.lock().unwrap_or_else(|e| e.into_inner());
		samples.judge(now_ms(), self.slot_ms)
	}

	/// Whether a producer may trust the clock. Says what is wrong if not.
	pub(crate) fn may_author(&self) -> Result<(), String> {
		match self.verdict() {
			Verdict::Right => Ok(()),
			Verdict::Behind(ms) => Err(format!(
				"this node's clock is {ms} ms behind those of the producers: no blocks are made. \
				 Check the time service of this machine"
			)),
			Verdict::Ahead(ms) => Err(format!(
				"blocks arrive {ms} ms after their slots ended: this node's clock is ahead, or its \
				 network is too slow. No blocks are made. Check the time service and the network of \
				 this machine"
			)),
		}
	}

	/// When the block was announced, if that was seen.
	fn announced(&self, hash: &Hash) -> Option<i64> {
		let arrivals = self.arrivals.lock().unwrap_or_else(|e| e.into_inner());
		arrivals.of(hash)
	}

	fn slot_start(&self, slot: u64) -> i64 {
		i64::try_from(slot)
			.unwrap_or(i64::MAX)
			.saturating_mul(self.slot_ms)
	}

	fn note(&self, slot: u64, producers: u64, arrival_ms: i64) {
		let offset = arrival_ms.saturating_sub(self.slot_start(slot));
		let mut samples = self.samples.lock().unwrap_or_else(|e| e.into_inner());
		samples.note(slot, producers, arrival_ms, offset);
		if let (Some(gauge), Some(median)) = (&self.offset, samples.median(arrival_ms)) {
			gauge.set(median);
		}
	}
}

/// Verifies blocks, measures when they arrived, and refuses those that are far too early.
pub(crate) struct ClockVerifier<V> {
	inner: V,
	watch: Arc<ClockWatch>,
	producers: CountProducers,
}

impl<V> ClockVerifier<V> {
	/// `inner` must accept seals of slots in the near future: what is too early is decided here,
	/// where it is known that a producer sealed the block.
	pub(crate) fn new(inner: V, watch: Arc<ClockWatch>, producers: CountProducers) -> Self {
		Self {
			inner,
			watch,
			producers,
		}
	}
}

#[async_trait::async_trait]
impl<V: Verifier<Block>> Verifier<Block> for ClockVerifier<V> {
	async fn verify(
		&self,
		block: BlockImportParams<Block>,
	) -> Result<BlockImportParams<Block>, String> {
		let announced = self.watch.announced(&block.header.hash());
		let arrival = announced.unwrap_or_else(now_ms);
		let unchecked = block.with_state() || block.state_action.skip_execution_checks();
		let (number, parent) = (block.header.number, block.header.parent_hash);
		if !unchecked && !names_its_slot_once(&block) {
			return Err(format!(
				"the header of block {number} must name its slot exactly once"
			));
		}
		let slot = sc_consensus_aura::find_pre_digest::<Block, AuthoritySignature>(&block.header);
		let block = self.inner.verify(block).await?;
		let Ok(slot) = slot.map(u64::from) else {
			return Ok(block);
		};
		if unchecked {
			return Ok(block);
		}
		let early = self.watch.slot_start(slot).saturating_sub(arrival);
		// By this moment, not by the announcement: whoever announces early and sends late, or to some
		// only, must not make us refuse for ever what others have built on.
		let still_early = self.watch.slot_start(slot).saturating_sub(now_ms());
		if let Some(producers) =
			(self.producers)(parent).filter(|_| announced.is_some() || early > EARLY_TOLERANCE_MS)
		{
			self.watch.note(slot, producers, arrival);
		}
		if still_early > early_limit(self.watch.verdict(), self.watch.slot_ms) {
			return Err(format!(
				"block {number} is of a slot that begins in {still_early} ms: the clock of its author or \
				 of this machine is wrong. Check the time service of this machine"
			));
		}
		if early > EARLY_TOLERANCE_MS {
			log::warn!(
				target: LOG_TARGET,
				"block {number} arrived {early} ms before its slot: the clock of its author or of \
				 this machine is wrong",
			);
		}
		Ok(block)
	}
}

/// How early a block may be. When most producers seem early it is this node that is wrong: it makes
/// no blocks then, and refusing theirs would only cost it its peers. It still refuses what is earlier
/// than they are; and whoever is late, or ahead, has no reason to accept the future.
fn early_limit(verdict: Verdict, slot_ms: i64) -> i64 {
	match verdict {
		Verdict::Behind(ms) => ms.saturating_add(slot_ms),
		Verdict::Right | Verdict::Ahead(_) => EARLY_LIMIT_MS,
	}
}

/// Whether the header has one Aura pre-digest, of the size of a slot. The runtime insists on it
/// too, because clients and runtime read headers with more of them differently.
fn names_its_slot_once(block: &BlockImportParams<Block>) -> bool {
	let logs = block.header.digest.logs.iter();
	let mut slots = logs
		.filter_map(|item| item.as_pre_runtime())
		.filter(|(engine, _)| *engine == AURA_ENGINE_ID);
	let sole = slots.next().filter(|_| slots.next().is_none());
	sole.is_some_and(|(_, slot)| slot.len() == size_of::<u64>())
}

fn now_ms() -> i64 {
	let since = SystemTime::now()
		.duration_since(UNIX_EPOCH)
		.unwrap_or_default();
	i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
	use super::*;

	const SLOT_MS: i64 = 500;
	const FIRST: u64 = 2_100;

	/// Blocks of consecutive slots, each so many milliseconds after the start of its slot, with so
	/// many producers, judged at once.
	fn verdict(producers: u64, offsets: &[i64]) -> Verdict {
		let mut samples = Samples::default();
		let mut now = 0;
		for (slot, offset) in (FIRST..).zip(offsets) {
			now = slot as i64 * SLOT_MS + offset;
			samples.note(slot, producers, now, *offset);
		}
		samples.judge(now, SLOT_MS)
	}

	#[test]
	fn blocks_inside_their_slots_mean_that_all_is_well() {
		assert_eq!(
			verdict(7, &[30, 250, 60, 400, 90, 600, 120]),
			Verdict::Right
		);
		assert_eq!(verdict(9, &[-150; 9]), Verdict::Right);
		assert_eq!(verdict(9, &[650; 9]), Verdict::Right);
	}

	#[test]
	fn a_clock_a_minute_behind_is_noticed() {
		// Three of four producers are others.
		assert_eq!(verdict(4, &[-59_950; 3]), Verdict::Behind(59_950));
	}

	#[test]
	fn a_clock_a_minute_ahead_is_noticed() {
		assert_eq!(verdict(4, &[60_100; 3]), Verdict::Ahead(59_600));
	}

	#[test]
	fn half_of_the_producers_are_not_believed() {
		assert_eq!(verdict(4, &[80, -900, 90, -900]), Verdict::Right);
		assert_eq!(verdict(4, &[80, -900]), Verdict::Right);
		assert_eq!(verdict(2, &[-900]), Verdict::Right);
		assert_eq!(verdict(21, &[-900; 10]), Verdict::Right);
		assert_eq!(verdict(21, &[-900; 11]), Verdict::Behind(900));
	}

	#[test]
	fn one_producer_counts_once_however_many_slots_it_fills() {
		let mut samples = Samples::default();
		for turn in 0..500 {
			// Its own slots of the next hour, all at once.
			samples.note(FIRST + 21 * turn, 21, 1_000_000, -900 * turn as i64);
		}
		assert_eq!(samples.by_producer.len(), 1);
		assert_eq!(samples.judge(1_000_000, SLOT_MS), Verdict::Right);
	}

	#[test]
	fn it_cannot_push_the_others_out() {
		let mut samples = Samples::default();
		(0..20).for_each(|turn| samples.note(FIRST + turn, 21, 1_000_000, 80));
		(0..500).for_each(|turn| samples.note(FIRST + 20 + 21 * turn, 21, 1_000_000, -60_000));
		assert_eq!(samples.median(1_000_000), Some(80));
	}

	#[test]
	fn only_a_node_that_is_behind_takes_early_blocks_and_only_as_early_as_most() {
		assert_eq!(early_limit(Verdict::Right, SLOT_MS), EARLY_LIMIT_MS);
		assert_eq!(early_limit(Verdict::Ahead(9_000), SLOT_MS), EARLY_LIMIT_MS);
		assert_eq!(early_limit(Verdict::Behind(60_000), SLOT_MS), 60_500);
	}

	#[test]
	fn silence_ends_the_verdict() {
		let mut samples = Samples::default();
		(0..3).for_each(|turn| samples.note(FIRST + turn, 4, 50_000, -400));
		assert_eq!(samples.judge(50_000, SLOT_MS), Verdict::Behind(400));
		assert_eq!(samples.judge(50_001 + MAX_AGE_MS, SLOT_MS), Verdict::Right);
	}

	#[test]
	fn another_number_of_producers_starts_anew() {
		let mut samples = Samples::default();
		(0..3).for_each(|turn| samples.note(FIRST + turn, 4, 50_000, -400));
		samples.note(FIRST + 3, 5, 50_000, -400);
		assert_eq!(samples.judge(50_000, SLOT_MS), Verdict::Right);
	}

	#[test]
	fn without_producers_nothing_is_noted() {
		let mut samples = Samples::default();
		samples.note(FIRST, 0, 50_000, -400);
		assert_eq!(samples.judge(50_000, SLOT_MS), Verdict::Right);
		assert_eq!(samples.median(50_000), None);
	}
}
