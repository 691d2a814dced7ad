//! Taking heartbeats in, and verifying them.

use super::Core;
use crate::{
	bls::{verify_batch, Key, Point},
	limits::{Offence, EARLY, EARLY_PER_PEER},
	pool::{Candidate, Offer, Source},
	spread::ATTEMPTS,
	trace::Trace,
	view::Keys,
	wire::Batch,
};
use vigil_heartbeat_primitives::{heartbeat_message, position, Hash, PeriodIndex, StakerIndex};

/// How the period of a message stands to the open ones.
enum Place {
	Open,
	/// About to open here.
	Early,
	/// Closed a moment ago.
	Late,
	Wrong,
}

impl<P: Clone + Ord> Core<P> {
	pub(super) fn take_batch(&mut self, peer: &P, batch: Batch) {
		match self.place(batch.period) {
			Place::Open => self.take_heartbeats(peer, &batch),
			Place::Early => self.keep_early(peer, batch),
			Place::Late => {}
			Place::Wrong => self.charge(peer, Offence::WrongPeriod, 1),
		}
	}

	fn place(&self, period: PeriodIndex) -> Place {
		let Some(newest) = self.view.periods.last() else {
			return Place::Late;
		};
		if self.view.open(period).is_some() {
			return Place::Open;
		}
		if period < newest.period {
			let just_closed = period.saturating_add(2) >= newest.period;
			return if just_closed {
				Place::Late
			} else {
				Place::Wrong
			};
		}
		// By the clock, not by the chain: this node may be the one that lags.
		let passed = self.slot.saturating_sub(newest.first_slot);
		let passed = passed.checked_div(u64::from(newest.slots)).unwrap_or(0);
		let next = newest.period.saturating_add(passed).saturating_add(1);
		if period <= next {
			Place::Early
		} else {
			Place::Wrong
		}
	}

	fn keep_early(&mut self, peer: &P, batch: Batch) {
		let Some(standing) = self.peers.entry(peer) else {
			return;
		};
		if self.early.len() >= EARLY || standing.early >= EARLY_PER_PEER {
			self.metrics.dropped_full += batch.heartbeats.len() as u64;
			return;
		}
		standing.early += 1;
		self.early.push((peer.clone(), batch));
	}

	fn take_heartbeats(&mut self, peer: &P, batch: &Batch) {
		let Some(source) = self.peers.entry(peer).map(|standing| standing.source) else {
			return;
		};
		let (period, hops) = (batch.period, batch.hops);
		let (mut unknown, mut bad, mut repeated) = (0, 0, 0);
		for (index, signature) in &batch.heartbeats {
			self.metrics.received += 1;
			if !self.view.is_active(*index) {
				unknown += 1;
				continue;
			}
			if !self.is_wanted(period, *index) {
				continue;
			}
			let candidate = Candidate {
				index: *index,
				source,
				hops,
				signature: *signature,
				also: Default::default(),
			};
			match self.pool.offer(period, candidate) {
				Offer::Waiting | Offer::Awaited => {}
				Offer::Known => {
					repeated += u32::from(!self.take_again(period, *index, source, hops))
				}
				Offer::Contradiction => bad += 1,
				Offer::Full => self.metrics.dropped_full += 1,
			}
		}
		self.metrics.bad += u64::from(bad);
		for (offence, times) in [
			(Offence::UnknownIndex, unknown),
			(Offence::BadSignature, bad),
			(Offence::Repeated, repeated),
		] {
			self.charge(peer, offence, times);
		}
	}

	/// What is recorded is of use to its collectors only: it can make an aggregate cheaper.
	fn is_wanted(&self, period: PeriodIndex, index: StakerIndex) -> bool {
		let recorded = self
			.view
			.open(period)
			.is_some_and(|open| open.is_recorded(index));
		!recorded || self.view.is_ours(position(index).0, period, ATTEMPTS - 1)
	}

	/// A verified heartbeat came once more: its staker turns to the next collector. False if its
	/// source sends it too often.
	fn take_again(
		&mut self,
		period: PeriodIndex,
		index: StakerIndex,
		source: Source,
		hops: u8,
	) -> bool {
		let trace = self.pool.trace(period, index);
		let allowed = trace.is_none_or(|trace| trace.deliver(source, hops));
		self.route(period, index);
		allowed
	}

	/// Keep and send a heartbeat that begins its way here. False if there is no room.
	pub(super) fn take_local(
		&mut self,
		period: PeriodIndex,
		index: StakerIndex,
		point: Point,
	) -> bool {
		if self.pool.room() == 0 || self.local.len() >= self.limits.local {
			self.metrics.dropped_full += 1;
			return false;
		}
		self.hold(period, index, point, Trace::local());
		if let Some(trace) = self.pool.trace(period, index) {
			trace.make_local();
		}
		self.local.insert((period, index));
		self.route(period, index);
		true
	}

	fn hold(&mut self, period: PeriodIndex, index: StakerIndex, point: Point, trace: Trace) {
		for liar in self.pool.hold(period, index, point, trace) {
			self.metrics.bad += 1;
			self.charge_source(liar, Offence::BadSignature, 1);
		}
	}

	pub(super) fn verify_waiting(&mut self, keys: &impl Keys) {
		// What waits was let in when there was room, and there may be more of it than room by now.
		let mut entries = self.limits.verified_per_slot.min(self.pool.room());
		let mut checks = self.limits.checks_per_slot;
		let open = self.view.periods.iter();
		let open: Vec<_> = open
			.filter(|open| self.slot <= open.window_end)
			.filter_map(|open| Some((open.period, open.checkpoint?)))
			.collect();
		for (at, (period, checkpoint)) in open.iter().enumerate() {
			// The older period leaves half of the work to the newer one, at least.
			let share = if at + 1 < open.len() { 2 } else { 1 };
			let selected = self.pool.select(*period, entries / share);
			entries -= selected.len();
			checks -= self.verify(*period, checkpoint, selected, checks / share as u32, keys);
		}
	}

	/// Verify candidates together. Returns the pairing equations that it took: at most `checks`.
	fn verify(
		&mut self,
		period: PeriodIndex,
		checkpoint: &Hash,
		selected: Vec<Candidate>,
		checks: u32,
		keys: &impl Keys,
	) -> u32 {
		let mut bad = Vec::new();
		let mut candidates = Vec::new();
		let mut entries = Vec::new();
		for candidate in selected {
			// An active index without a key is a fault of this node, and nobody's offence.
			let key = keys.key(candidate.index, self.view.epoch);
			let Some(key) = key.and_then(|key| Key::from_stored(&key)) else {
				continue;
			};
			match Point::decode(&candidate.signature) {
				Ok(point) => {
					candidates.push(candidate);
					entries.push((key, point));
				}
				Err(_) => bad.push(candidate.source),
			}
		}
		let message = heartbeat_message(&self.genesis, period, checkpoint);
		let verdict = verify_batch(&entries, &message, checks, &mut self.rng);
		self.metrics.checks += u64::from(verdict.checks);
		let mut good = Vec::new();
		let mut undecided = Vec::new();
		for (at, (candidate, (_, point))) in candidates.into_iter().zip(entries).enumerate() {
			if verdict.bad.binary_search(&at).is_ok() {
				bad.push(candidate.source);
			} else if verdict.undecided.binary_search(&at).is_ok() {
				undecided.push(candidate);
			} else {
				good.push((candidate, point));
			}
		}
		// Before any charge: what a muted source has waiting is dropped, this too.
		for candidate in undecided.into_iter().rev() {
			self.pool.put_back(period, candidate);
		}
		self.metrics.verified += good.len() as u64;
		for (candidate, point) in good {
			let Candidate { index, hops, .. } = candidate;
			let mut trace = Trace::from_peer(candidate.source, hops);
			for source in candidate.also.into_iter().filter(|source| *source != 0) {
				trace.deliver(source, hops);
			}
			self.hold(period, index, point, trace);
			self.route(period, index);
		}
		self.metrics.bad += bad.len() as u64;
		for source in bad {
			self.charge_source(source, Offence::BadSignature, 1);
		}
		verdict.checks
	}

	fn charge_source(&mut self, source: Source, offence: Offence, times: u32) {
		if let Some(peer) = self.peers.peer(source).cloned() {
			self.charge(&peer, offence, times);
		} else {
			// It left without an offence, so it was forgotten; what it left here is suspect now.
			self.pool.silence(source);
		}
	}

	pub(super) fn charge(&mut self, peer: &P, offence: Offence, times: u32) {
		if times == 0 {
			return;
		}
		let total = self.charges.entry((peer.clone(), offence)).or_default();
		*total = total.saturating_add(times);
		if self.peers.charge(peer, offence, times) {
			if let Some(source) = self.peers.entry(peer).map(|standing| standing.source) {
				self.pool.silence(source);
			}
		}
	}
}
