//! Towards the collector: whom to send what.

use super::{Action, Core};
use crate::{
	limits::{Limits, FAN_OUT},
	pool::Source,
	trace::Trace,
	wire::{HEARTBEAT_BYTES, MAX_HEARTBEATS, MAX_HOPS},
};
use rand::seq::{IteratorRandom, SliceRandom};
use vigil_heartbeat_primitives::{PeriodIndex, StakerIndex};

/// Messages that wait to be fetched by the node. Beyond, heartbeats stay in the outbox.
const MAX_SENDS: usize = 1_024;

/// Where a heartbeat goes.
enum Way {
	/// Nowhere: it has arrived.
	Arrived,
	/// To these peers, by so many hops.
	To(Vec<Source>, u8),
	/// There is nobody to send it to.
	None,
}

impl<P: Clone + Ord> Core<P> {
	/// Send a verified heartbeat towards its collector, unless that was done for the attempt that
	/// is due, or is needless. One that began here is tried again until somebody can be reached; one
	/// from elsewhere when it comes again, maybe by fewer hops.
	pub(super) fn route(&mut self, period: PeriodIndex, index: StakerIndex) {
		let Some(open) = self.view.open(period) else {
			return;
		};
		if open.is_recorded(index) || self.slot > open.window_end {
			return;
		}
		let attempt = open.attempt_at(self.slot);
		let Some(collector) = self.view.collector(index, period, attempt) else {
			return;
		};
		let Some(trace) = self.pool.trace(period, index).map(|trace| *trace) else {
			return;
		};
		if trace.was_sent(attempt) {
			return;
		}
		let (recipients, hops, done) = match self.way(collector, &trace) {
			Way::Arrived => (Vec::new(), 0, true),
			Way::To(recipients, hops) => (recipients, hops, !trace.local),
			Way::None => {
				self.metrics.stranded += u64::from(!trace.local);
				(Vec::new(), 0, false)
			}
		};
		let Some(trace) = self.pool.trace(period, index) else {
			return;
		};
		if done {
			trace.mark_sent(attempt);
		}
		for to in recipients {
			if self
				.outbox
				.push(to, period, hops, index, self.limits.outbox)
			{
				trace.send(to);
				trace.mark_sent(attempt);
			} else {
				self.metrics.dropped_full += 1;
			}
		}
	}

	/// To the collector if it is a peer. Otherwise to two peers that do not have it: one that is
	/// a producer itself, because producers know each other, and one picked from all, because a
	/// producer may hold heartbeats back. Whoever was tried before comes last.
	fn way(&mut self, collector: u32, trace: &Trace) -> Way {
		if self.view.ours.contains(&collector) {
			return Way::Arrived;
		}
		let mut direct = Vec::new();
		let mut others = Vec::new();
		for standing in self.peers.reachable() {
			let (source, producers) = (standing.source, &standing.producers);
			let has_it = trace.came_from(source);
			if producers.contains(&collector) {
				if has_it {
					return Way::Arrived;
				}
				direct.push(source);
			} else if !has_it {
				others.push((trace.went_to(source), producers.is_empty(), source));
			}
		}
		if let Some(to) = direct.into_iter().choose(&mut self.rng) {
			return Way::To(vec![to], trace.hops);
		}
		if trace.hops >= MAX_HOPS || others.is_empty() {
			return Way::None;
		}
		others.shuffle(&mut self.rng);
		// Untried before tried, and among those producers before others.
		others.sort_by_key(|(tried, no_producer, _)| (*tried, *no_producer));
		let (_, _, first) = others.swap_remove(0);
		others.shuffle(&mut self.rng);
		others.sort_by_key(|(tried, ..)| *tried);
		let rest = others.into_iter().map(|(.., source)| source);
		let recipients = core::iter::once(first).chain(rest).take(FAN_OUT);
		Way::To(recipients.collect(), trace.hops + 1)
	}

	/// Turn the outbox into messages, as far as the recipients' allowances go: half of what this
	/// node would take itself, because slots of two nodes overlap.
	pub(super) fn flush(&mut self) {
		let most = self.limits.peer_heartbeats_per_slot / 2;
		for to in self.outbox.recipients() {
			while self.sends.len() < MAX_SENDS {
				let Some((peer, standing)) = self.peers.by_source(to) else {
					break;
				};
				let left = most.saturating_sub(standing.sent);
				if !standing.connected || left < Limits::message_cost(0) {
					break;
				}
				let size = (left as usize).min(MAX_HEARTBEATS);
				let pool = &self.pool;
				let signature = |period, index| pool.signature(period, index);
				let Some(batch) = self.outbox.batch(to, size, signature) else {
					break;
				};
				let count = batch.heartbeats.len();
				if count == 0 {
					continue;
				}
				standing.sent += Limits::message_cost(count * HEARTBEAT_BYTES);
				self.metrics.sent += count as u64;
				self.metrics.sent_messages += 1;
				self.sends.push(Action::Send {
					peer: peer.clone(),
					bytes: batch.to_bytes(),
				});
			}
		}
	}
}
