//! Whether this node's clock agrees with the producers'.
//!
//! A producer makes a block in its slot, so blocks arrive between the start of their slot and a
//! few hundred milliseconds later. A block that arrives before its slot means that somebody's
//! clock is wrong; when the blocks of several slots do, it is ours. The judgement is a core without
//! clock or I/O ([`Samples`]); around it stand a verifier, which measures and holds early blocks
//! back, and the authoring worker, which asks before it makes a block.

use sc_consensus::{BlockImportParams, Verifier};
use sp_consensus::BlockOrigin;
use sp_consensus_aura::sr25519::AuthoritySignature;
use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex},
	time::{Duration, SystemTime, UNIX_EPOCH},
};
use substrate_prometheus_endpoint::{register, Gauge, PrometheusError, Registry, I64};
use vigil_runtime::opaque::Block;

const LOG_TARGET: &str = "clock";

/// Blocks may arrive this much before their slot without being held back.
const EARLY_TOLERANCE_MS: i64 = 100;
/// Blocks of a slot further away than this are refused. Nobody's turn comes so early by accident.
const TOO_EARLY_MS: i64 = 1_500;
/// Being off by more than this makes a producer harmful: it keeps silent.
const MAX_OFFSET_MS: i64 = 150;
/// Slots that a judgement rests on at most.
const WINDOW: usize = 21;
/// Slots that a judgement needs. With fewer the clock counts as right.
const ENOUGH: usize = 5;
/// Samples older than this say nothing any more, so that silence never lasts by itself.
const MAX_AGE_MS: i64 = 10_000;

/// When the blocks of recent slots arrived, relative to the start of their slot.
#[derive(Debug, Default)]
struct Samples {
	/// By slot: arrival in milliseconds since 1970, and milliseconds after the slot began.
	by_slot: BTreeMap<u64, (i64, i64)>,
}

/// What the samples say.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Verdict {
	/// Too few samples, or all is well.
	Right,
	/// Blocks arrive this many milliseconds before their slots: our clock is behind.
	Behind(i64),
	/// Blocks arrive this many milliseconds after their slots ended: our clock is ahead, or the
	/// network is too slow for us to follow it.
	Ahead(i64),
}

impl Samples {
	/// Note the first block that arrived for `slot`. A second one, from an author that makes many,
	/// counts for nothing.
	fn note(&mut self, slot: u64, slot_start_ms: i64, arrival_ms: i64) {
		self.by_slot
			.entry(slot)
			.or_insert((arrival_ms, arrival_ms.saturating_sub(slot_start_ms)));
		while self.by_slot.len() > WINDOW {
			self.by_slot.pop_first();
		}
	}

	/// The median of the samples that are still fresh.
	fn median(&mut self, now_ms: i64) -> Option<i64> {
		self.by_slot
			.retain(|_, (arrival, _)| now_ms.saturating_sub(*arrival).abs() <= MAX_AGE_MS);
		let mut offsets: Vec<_> = self.by_slot.values().map(|(_, offset)| *offset).collect();
		offsets.sort_unstable();
		(offsets.len() >= ENOUGH).then(|| offsets[offsets.len() / 2])
	}

	fn judge(&mut self, now_ms: i64, slot_ms: i64) -> Verdict {
		match self.median(now_ms) {
			Some(offset) if offset < -MAX_OFFSET_MS => Verdict::Behind(-offset),
			Some(offset) if offset > slot_ms.saturating_add(MAX_OFFSET_MS) => {
				Verdict::Ahead(offset.saturating_sub(slot_ms))
			}
			_ => Verdict::Right,
		}
	}
}

/// Watches the clock of this node.
pub(crate) struct ClockWatch {
	slot_ms: i64,
	samples: Mutex<Samples>,
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
			offset: registry.map(gauge).transpose()?,
		}))
	}

	/// Whether a producer may trust the clock. Says what is wrong if not.
	pub(crate) fn may_author(&self) -> Result<(), String> {
		match self
			.samples
			.lock()
			.unwrap_or_else(|e| e.into_inner())
			.judge(now_ms(), self.slot_ms)
		{
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

	fn slot_start(&self, slot: u64) -> i64 {
		i64::try_from(slot)
			.unwrap_or(i64::MAX)
			.saturating_mul(self.slot_ms)
	}

	fn note(&self, slot: u64, arrival_ms: i64) {
		let mut samples = self.samples.lock().unwrap_or_else(|e| e.into_inner());
		samples.note(slot, self.slot_start(slot), arrival_ms);
		if let (Some(gauge), Some(median)) = (&self.offset, samples.median(arrival_ms)) {
			gauge.set(median);
		}
	}
}

/// Verifies blocks, measures when they arrived, and holds back or refuses those that are early.
pub(crate) struct ClockVerifier<V> {
	inner: V,
	watch: Arc<ClockWatch>,
}

impl<V> ClockVerifier<V> {
	/// `inner` must accept seals of slots in the future: what is early is decided here, where it is
	/// known that a producer sealed the block, so that nobody else can make this node wait.
	pub(crate) fn new(inner: V, watch: Arc<ClockWatch>) -> Self {
		Self { inner, watch }
	}
}

#[async_trait::async_trait]
impl<V: Verifier<Block>> Verifier<Block> for ClockVerifier<V> {
	async fn verify(
		&self,
		block: BlockImportParams<Block>,
	) -> Result<BlockImportParams<Block>, String> {
		let arrival = now_ms();
		let fresh = block.origin == BlockOrigin::NetworkBroadcast;
		let unchecked = block.with_state() || block.state_action.skip_execution_checks();
		let number = block.header.number;
		let slot = sc_consensus_aura::find_pre_digest::<Block, AuthoritySignature>(&block.header);
		let block = self.inner.verify(block).await?;
		let Ok(slot) = slot.map(u64::from) else {
			return Ok(block);
		};
		if unchecked {
			return Ok(block);
		}
		let early = self.watch.slot_start(slot).saturating_sub(arrival);
		if fresh || early > EARLY_TOLERANCE_MS {
			self.watch.note(slot, arrival);
		}
		if early > TOO_EARLY_MS {
			return Err(format!(
				"block {number} is of a slot that begins in {early} ms: the clock of its author or \
				 of this machine is wrong. Check the time service of this machine"
			));
		}
		if early > EARLY_TOLERANCE_MS {
			log::warn!(
				target: LOG_TARGET,
				"block {number} arrived {early} ms before its slot and is held back: the clock of \
				 its author or of this machine is wrong",
			);
			let wait = self.watch.slot_start(slot).saturating_sub(now_ms());
			if let Ok(wait @ 1..) = u64::try_from(wait) {
				futures_timer::Delay::new(Duration::from_millis(wait)).await;
			}
		}
		Ok(block)
	}
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

	/// Blocks of consecutive slots, each `offset` ms after the start of its slot, judged at once.
	fn verdict(offsets: &[i64]) -> Verdict {
		let mut samples = Samples::default();
		let mut now = 0;
		for (slot, offset) in (1_000..).zip(offsets) {
			let start = i64::from(slot) * SLOT_MS;
			now = start + offset;
			samples.note(slot as u64, start, now);
		}
		samples.judge(now, SLOT_MS)
	}

	#[test]
	fn blocks_inside_their_slots_mean_that_all_is_well() {
		assert_eq!(verdict(&[30, 250, 60, 400, 90, 600, 120]), Verdict::Right);
		assert_eq!(verdict(&[-150; 9]), Verdict::Right);
		assert_eq!(verdict(&[650; 9]), Verdict::Right);
	}

	#[test]
	fn a_clock_a_minute_behind_is_noticed() {
		assert_eq!(verdict(&[-59_950; 6]), Verdict::Behind(59_950));
	}

	#[test]
	fn a_clock_a_minute_ahead_is_noticed() {
		assert_eq!(verdict(&[60_100; 6]), Verdict::Ahead(59_600));
	}

	#[test]
	fn a_few_liars_change_nothing() {
		assert_eq!(
			verdict(&[80, -900, 90, -900, 70, -900, 100]),
			Verdict::Right
		);
	}

	#[test]
	fn too_few_blocks_say_nothing() {
		assert_eq!(verdict(&[-60_000; 4]), Verdict::Right);
	}

	#[test]
	fn one_author_cannot_fill_the_window_with_blocks_of_one_slot() {
		let mut samples = Samples::default();
		(0..100).for_each(|_| samples.note(7, 3_500, 2_000));
		assert_eq!(samples.judge(2_000, SLOT_MS), Verdict::Right);
		assert_eq!(samples.by_slot.len(), 1);
	}

	#[test]
	fn silence_ends_the_verdict() {
		let mut samples = Samples::default();
		(10..20).for_each(|slot| {
			samples.note(slot, slot as i64 * SLOT_MS, slot as i64 * SLOT_MS - 400)
		});
		assert_eq!(samples.judge(19 * SLOT_MS, SLOT_MS), Verdict::Behind(400));
		assert_eq!(
			samples.judge(19 * SLOT_MS + MAX_AGE_MS, SLOT_MS),
			Verdict::Right
		);
	}

	#[test]
	fn the_window_is_bounded() {
		let mut samples = Samples::default();
		(0..1_000)
			.for_each(|slot| samples.note(slot, slot as i64 * SLOT_MS, slot as i64 * SLOT_MS));
		assert_eq!(samples.by_slot.len(), WINDOW);
	}
}
