//! Heartbeats before and after verification, for each open period.
//!
//! Before: at most [`MAX_CANDIDATES`] for a staker, each from another source, in one queue for each
//! source. Queues take turns, so a source that sends a lot waits longer, not the others. When all
//! room is taken, the longest queue loses its newest candidate to a shorter one.
//!
//! After: a key makes one signature for a message. So a verified one occupies its place for good,
//! and any other for the same staker is bad without a look.

use crate::{
	bls::Point,
	held::Held,
	limits::{Limits, MAX_CANDIDATES},
	trace::Trace,
	view::{Bitmaps, OpenPeriod},
};
use std::collections::{BTreeMap, VecDeque};
use vigil_heartbeat_primitives::{
	position, BucketIndex, Hash, PeriodIndex, Signature, StakerIndex, BUCKET_SIZE,
};

/// Where a heartbeat came from: a number given to each connection, from 1.
pub(crate) type Source = u64;

/// Further sources of one candidate that are remembered.
pub(crate) const ALSO: usize = 3;

/// A heartbeat that nobody verified yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
	pub(crate) index: StakerIndex,
	pub(crate) source: Source,
	pub(crate) hops: u8,
	pub(crate) signature: Signature,
	/// Who else sent the same; no source has the number 0.
	pub(crate) also: [Source; ALSO],
}

impl Candidate {
	/// The same came from somebody else, too.
	fn join(&mut self, source: Source, hops: u8) {
		self.hops = self.hops.min(hops);
		let known = self.source == source || self.also.contains(&source);
		if let Some(free) = self.also.iter_mut().find(|free| **free == 0 && !known) {
			*free = source;
		}
	}
}

/// What became of a heartbeat that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
	/// It waits for verification.
	Waiting,
	/// The same one waits already.
	Awaited,
	/// The same one is verified already.
	Known,
	/// Another one is verified, or the same source offered another one before: its source lies.
	Contradiction,
	/// There is no room.
	Full,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Pool {
	limits: Limits,
	periods: BTreeMap<PeriodIndex, Room>,
	/// Entries of all queues.
	waiting: usize,
	held: usize,
	/// The source that was served last.
	turn: Source,
}

/// What is kept of one period.
#[derive(Debug, Default)]
struct Room {
	checkpoint: Option<Hash>,
	candidates: BTreeMap<StakerIndex, Vec<Candidate>>,
	/// Whose candidate is next. Some may be gone already.
	queues: BTreeMap<Source, VecDeque<StakerIndex>>,
	held: BTreeMap<BucketIndex, Held>,
	traces: BTreeMap<StakerIndex, Trace>,
}

impl Pool {
	pub(crate) fn new(limits: Limits) -> Self {
		Self {
			limits,
			periods: BTreeMap::new(),
			waiting: 0,
			held: 0,
			turn: 0,
		}
	}

	/// Keep these periods and no others.
	pub(crate) fn open(&mut self, open: &[OpenPeriod]) {
		self.periods.retain(|period, room| {
			open.iter().any(|open| {
				let same = open.checkpoint == room.checkpoint || room.checkpoint.is_none();
				open.period == *period && (same || open.checkpoint.is_none())
			})
		});
		for open in open {
			let room = self.periods.entry(open.period).or_default();
			room.checkpoint = open.checkpoint.or(room.checkpoint);
		}
		self.waiting = self.periods.values().map(Room::waiting).sum();
		self.held = self.periods.values().map(|room| room.traces.len()).sum();
	}

	/// When little room is left, let go of what is recorded in buckets that need not be kept; when very
	/// little is left, of all in them, except what began here.
	pub(crate) fn shed(
		&mut self,
		period: PeriodIndex,
		recorded: &Bitmaps,
		keep: impl Fn(BucketIndex) -> bool,
	) {
		let Some(room) = self.periods.get_mut(&period) else {
			return;
		};
		if self.held < self.limits.held / 4 * 3 {
			return;
		}
		let is_pressing = self.held >= self.limits.held - self.limits.held / 8;
		for (bucket, held) in room.held.iter_mut().filter(|(bucket, _)| !keep(**bucket)) {
			let traces = &room.traces;
			let is_local = |position: &u32| {
				let trace = traces.get(&(bucket * BUCKET_SIZE + position));
				trace.is_some_and(|trace| trace.local)
			};
			let mut gone = recorded.get(bucket).copied().unwrap_or_default() & held.present();
			if is_pressing {
				let present = held.present();
				let strange = present.positions().filter(|position| !is_local(position));
				gone = gone | strange.collect();
			}
			if gone.is_empty() {
				continue;
			}
			held.forget(&gone);
			for position in gone.positions() {
				room.traces.remove(&(bucket * BUCKET_SIZE + position));
				self.held -= 1;
			}
		}
	}

	/// Take a heartbeat of an active staker for an open period.
	pub(crate) fn offer(&mut self, period: PeriodIndex, candidate: Candidate) -> Offer {
		let Candidate {
			index,
			source,
			signature,
			..
		} = candidate;
		let Some(room) = self.periods.get_mut(&period) else {
			return Offer::Full;
		};
		if let Some(point) = room.held(index) {
			let same = point.encode() == signature;
			return if same {
				Offer::Known
			} else {
				Offer::Contradiction
			};
		}
		let others = room.candidates.get_mut(&index);
		let others = others.map_or(&mut [][..], Vec::as_mut_slice);
		let mut same = others
			.iter_mut()
			.filter(|other| other.signature == signature);
		if let Some(same) = same.next() {
			same.join(source, candidate.hops);
			return Offer::Awaited;
		}
		if others.iter().any(|other| other.source == source) {
			return Offer::Contradiction;
		}
		let queue = room.queues.get(&source).map_or(0, VecDeque::len);
		if others.len() >= MAX_CANDIDATES
			|| queue >= self.limits.peer_waiting
			|| self.held >= self.limits.held
			|| (self.waiting >= self.limits.waiting && !self.make_room(queue))
		{
			return Offer::Full;
		}
		let room = self.periods.entry(period).or_default();
		room.candidates.entry(index).or_default().push(candidate);
		room.queues.entry(source).or_default().push_back(index);
		self.waiting += 1;
		Offer::Waiting
	}

	/// Drop the newest entry of the longest queue, if that is longer than `mine` will be.
	fn make_room(&mut self, mine: usize) -> bool {
		let queues = self.periods.iter().flat_map(|(period, room)| {
			let queues = room.queues.iter();
			queues.map(|(source, queue)| (queue.len(), *period, *source))
		});
		let Some((length, period, source)) = queues.max() else {
			return false;
		};
		let Some(room) = self.periods.get_mut(&period).filter(|_| length > mine + 1) else {
			return false;
		};
		if let Some(index) = room.queues.get_mut(&source).and_then(VecDeque::pop_back) {
			remove(&mut room.candidates, index, source);
			self.waiting -= 1;
		}
		true
	}

	/// Take up to `most` candidates of a period out, one source after the other. Those of one source
	/// come together.
	pub(crate) fn select(&mut self, period: PeriodIndex, most: usize) -> Vec<Candidate> {
		let mut selected = Vec::new();
		let Some(room) = self.periods.get_mut(&period) else {
			return selected;
		};
		while selected.len() < most {
			let after = room.queues.range(self.turn.saturating_add(1)..).next();
			let next = after.or_else(|| room.queues.iter().next());
			let Some(source) = next.map(|(source, _)| *source) else {
				break;
			};
			self.turn = source;
			let Some(queue) = room.queues.get_mut(&source) else {
				break;
			};
			if let Some(index) = queue.pop_front() {
				self.waiting -= 1;
				selected.extend(remove(&mut room.candidates, index, source));
			}
			if queue.is_empty() {
				room.queues.remove(&source);
			}
		}
		selected.sort_by_key(|candidate| (candidate.source, candidate.index));
		selected
	}

	/// Put back what was selected and not decided, to be next in its queue.
	pub(crate) fn put_back(&mut self, period: PeriodIndex, candidate: Candidate) {
		let Some(room) = self.periods.get_mut(&period) else {
			return;
		};
		if room.held(candidate.index).is_some() {
			return;
		}
		let others = room.candidates.entry(candidate.index).or_default();
		others.push(candidate);
		let queue = room.queues.entry(candidate.source).or_default();
		queue.push_front(candidate.index);
		self.waiting += 1;
	}

	/// Keep a verified signature. Returns who offered others for the same staker.
	pub(crate) fn hold(
		&mut self,
		period: PeriodIndex,
		index: StakerIndex,
		point: Point,
		trace: Trace,
	) -> Vec<Source> {
		let Some(room) = self.periods.get_mut(&period) else {
			return Vec::new();
		};
		let (bucket, place) = position(index);
		if room.held.entry(bucket).or_default().insert(place, point) {
			room.traces.insert(index, trace);
			self.held += 1;
		}
		let signature = point.encode();
		let others = room.candidates.remove(&index).unwrap_or_default();
		let others = others
			.into_iter()
			.filter(|other| other.signature != signature);
		others.map(|other| other.source).collect()
	}

	/// Forget what a source has waiting.
	pub(crate) fn silence(&mut self, source: Source) {
		for room in self.periods.values_mut() {
			let queue = room.queues.remove(&source).unwrap_or_default();
			self.waiting -= queue.len();
			for index in queue {
				remove(&mut room.candidates, index, source);
			}
		}
	}

	/// The verified signatures of a period.
	pub(crate) fn held(&self, period: PeriodIndex) -> Option<&BTreeMap<BucketIndex, Held>> {
		self.periods.get(&period).map(|room| &room.held)
	}

	/// The verified signature of a staker.
	pub(crate) fn signature(&self, period: PeriodIndex, index: StakerIndex) -> Option<Signature> {
		self.periods.get(&period)?.held(index).map(Point::encode)
	}

	/// Where a verified heartbeat came from and went.
	pub(crate) fn trace(&mut self, period: PeriodIndex, index: StakerIndex) -> Option<&mut Trace> {
		self.periods.get_mut(&period)?.traces.get_mut(&index)
	}

	/// Entries that wait, and signatures that are held.
	pub(crate) fn size(&self) -> (usize, usize) {
		(self.waiting, self.held)
	}

	/// How many more signatures can be held.
	pub(crate) fn room(&self) -> usize {
		self.limits.held.saturating_sub(self.held)
	}
}

impl Room {
	fn held(&self, index: StakerIndex) -> Option<&Point> {
		let (bucket, place) = position(index);
		self.held.get(&bucket)?.get(place)
	}

	fn waiting(&self) -> usize {
		self.queues.values().map(VecDeque::len).sum()
	}
}

/// Take out the candidate of a staker that came from `source`.
fn remove(
	candidates: &mut BTreeMap<StakerIndex, Vec<Candidate>>,
	index: StakerIndex,
	source: Source,
) -> Option<Candidate> {
	let some = candidates.get_mut(&index)?;
	let at = some
		.iter()
		.position(|candidate| candidate.source == source)?;
	let candidate = some.remove(at);
	if some.is_empty() {
		candidates.remove(&index);
	}
	Some(candidate)
}

#[cfg(test)]
#[path = "tests/pool.rs"]
mod tests;
