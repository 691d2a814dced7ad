//! The state machine: heartbeats in, messages and aggregates out.

mod collect;
mod route;

use crate::{
	aggregate::{build, Ingredients},
	bls::{verify, Key, Point},
	limits::{Limits, Metrics, Offence, ALLOWANCE_SLOTS},
	outbox::Outbox,
	peers::Book,
	pool::Pool,
	spread::{Slot, ATTEMPTS},
	view::{Bitmaps, Heartbeat, Keys, OpenPeriod, View, MAX_OPEN},
	wire::Batch,
};
use rand::{rngs::StdRng, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};
use vigil_heartbeat_primitives::{
	heartbeat_message, Effort, Hash, HeartbeatAggregate, PeriodIndex, StakerIndex,
};

/// What the node has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action<P> {
	/// Send bytes to a connected peer.
	Send {
		/// To whom.
		peer: P,
		/// A batch as it travels: at most `wire::MAX_BYTES`.
		bytes: Vec<u8>,
	},
	/// Lower a peer's reputation.
	Charge {
		/// Whose.
		peer: P,
		/// What it did. How bad that is, [`Offence::points`] tells.
		offence: Offence,
		/// How often, since the last time it was said.
		times: u32,
	},
}

/// Which buckets an aggregate may draw on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
	/// Those that this node collects by now.
	Ours,
	/// All of which it has heartbeats.
	Held,
}

/// Why a heartbeat that came by RPC is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
	/// The period is not open.
	NotOpen,
	/// This node has not seen the checkpoint final, so it cannot verify yet: try again in a second.
	NotFinal,
	/// The index is not active, or has no key.
	NotActive,
	/// The signature is wrong.
	WrongSignature,
	/// Too many came at once, or this node is full: try again in the next slot, or another node.
	Busy,
}

/// The protocol core of one node; `P` names its peers.
///
/// It has no clock, does no I/O and starts no thread: the node calls it and does what
/// [`Core::actions`] says, after every call. [`Core::on_slot`] takes as long as the limits allow, up
/// to some 200 ms with the defaults when peers lie: call it where that blocks nobody.
#[derive(Debug)]
pub struct Core<P: Ord> {
	genesis: Hash,
	limits: Limits,
	rng: StdRng,
	slot: Slot,
	view: View,
	pool: Pool,
	peers: Book<P>,
	outbox: Outbox,
	/// Heartbeats to be sent again if they are not recorded in time.
	local: BTreeSet<(PeriodIndex, StakerIndex)>,
	submitted: u32,
	early: Vec<(P, Batch)>,
	charges: BTreeMap<(P, Offence), u32>,
	sends: Vec<Action<P>>,
	metrics: Metrics,
}

impl<P: Clone + Ord> Core<P> {
	/// A core for the chain of this genesis. Nobody may be able to foresee `seed`: the weights that
	/// keep bad signatures from cancelling come from it.
	pub fn new(genesis: Hash, limits: Limits, seed: [u8; 32]) -> Self {
		Self {
			genesis,
			rng: StdRng::from_seed(seed),
			slot: 0,
			view: View::default(),
			pool: Pool::new(limits.clone()),
			peers: Book::new(limits.clone()),
			outbox: Outbox::default(),
			local: BTreeSet::new(),
			submitted: 0,
			early: Vec::new(),
			charges: BTreeMap::new(),
			sends: Vec::new(),
			metrics: Metrics::default(),
			limits,
		}
	}

	/// The best block changed, or another block became final.
	pub fn on_chain(&mut self, mut view: View) {
		let surplus = view.periods.len().saturating_sub(MAX_OPEN);
		view.periods.drain(..surplus);
		let newest = |view: &View| view.periods.last().map(|open| open.period);
		let period_opened = newest(&view) > newest(&self.view);
		self.view = view;
		let view = &self.view;
		self.pool.open(&view.periods);
		for open in &view.periods {
			let ours = |bucket| view.is_ours(bucket, open.period, ATTEMPTS - 1);
			self.pool.shed(open.period, &open.recorded, ours);
		}
		self.local
			.retain(|(period, _)| view.open(*period).is_some());
		self.outbox
			.retain(|_| true, |period| view.open(period).is_some());
		if period_opened {
			self.peers.forgive();
			for (peer, batch) in core::mem::take(&mut self.early) {
				self.take_batch(&peer, batch);
			}
		}
	}

	/// These peers are connected now, and no others; each with the producers it is known to be, or
	/// to stand in front of. Who is which producer must be proven, by authority discovery say.
	pub fn on_peers(&mut self, connected: impl IntoIterator<Item = (P, Vec<u32>)>) {
		self.peers.connect(connected);
		let (peers, view) = (&self.peers, &self.view);
		let connected = |to| peers.is_connected(to);
		self.outbox
			.retain(connected, |period| view.open(period).is_some());
	}

	/// A message came.
	pub fn on_batch(&mut self, peer: &P, bytes: &[u8]) {
		let muted = self
			.peers
			.entry(peer)
			.is_none_or(|standing| standing.is_muted());
		if muted || self.view.periods.is_empty() {
			self.metrics.dropped_messages += 1;
			return;
		}
		if let Err(first) = self.peers.spend(peer, Limits::message_cost(bytes.len())) {
			self.metrics.dropped_messages += 1;
			if first {
				self.charge(peer, Offence::Flood, 1);
			}
			return;
		}
		match Batch::from_bytes(bytes) {
			Ok(batch) => self.take_batch(peer, batch),
			Err(_) => self.charge(peer, Offence::Malformed, 1),
		}
	}

	/// This node's own stakers signed. Sent at once, as far as the recipients' allowances go, and
	/// not verified: the caller vouches for them, and this node pays for bad ones.
	pub fn on_own(&mut self, heartbeats: impl IntoIterator<Item = Heartbeat>) {
		for heartbeat in heartbeats {
			if !self.is_open_to(heartbeat.period, heartbeat.index) {
				continue;
			}
			if let Ok(point) = Point::decode(&heartbeat.signature) {
				self.take_local(heartbeat.period, heartbeat.index, point);
			}
		}
		self.flush();
	}

	/// The same for many that were made here as points, and need not be decoded.
	pub fn on_own_points(
		&mut self,
		period: PeriodIndex,
		points: impl IntoIterator<Item = (StakerIndex, Point)>,
	) {
		for (index, point) in points {
			if self.is_open_to(period, index) {
				self.take_local(period, index, point);
			}
		}
		self.flush();
	}

	fn is_open_to(&self, period: PeriodIndex, index: StakerIndex) -> bool {
		self.view.open(period).is_some() && self.view.is_active(index)
	}

	/// Somebody handed in a heartbeat by RPC. It is verified and sent at once.
	pub fn on_submitted(&mut self, heartbeat: &Heartbeat, keys: &impl Keys) -> Result<(), Refused> {
		let open = self.view.open(heartbeat.period).ok_or(Refused::NotOpen)?;
		if !self.view.is_active(heartbeat.index) {
			return Err(Refused::NotActive);
		}
		let checkpoint = open.checkpoint.ok_or(Refused::NotFinal)?;
		let recorded = open.is_recorded(heartbeat.index);
		// Half of the room is for this node's own.
		if self.local.len() >= self.limits.local / 2 {
			return Err(Refused::Busy);
		}
		if self.submitted >= self.limits.submitted_per_slot {
			return Err(Refused::Busy);
		}
		self.submitted += 1;
		let key = keys.key(heartbeat.index, self.view.epoch);
		let key = key
			.and_then(|key| Key::from_stored(&key))
			.ok_or(Refused::NotActive)?;
		let message = heartbeat_message(&self.genesis, heartbeat.period, &checkpoint);
		let point = verify(&key, &message, &heartbeat.signature);
		let point = point.map_err(|_| Refused::WrongSignature)?;
		// What is on chain already needs no room.
		if !recorded && !self.take_local(heartbeat.period, heartbeat.index, point) {
			return Err(Refused::Busy);
		}
		self.flush();
		Ok(())
	}

	/// To be called once in each slot: verify what waits, send what is due.
	pub fn on_slot(&mut self, slot: Slot, keys: &impl Keys) {
		// A clock that was ahead and is set right goes back; a stalled node missed some slots.
		let passed = match self.slot {
			0 => 1,
			last => slot.saturating_sub(last).clamp(1, ALLOWANCE_SLOTS.into()),
		};
		self.slot = slot;
		self.submitted = 0;
		(0..passed).for_each(|_| self.peers.next_slot());
		self.verify_waiting(keys);
		for (period, index) in self.local.clone() {
			self.route(period, index);
		}
		self.flush();
	}

	/// The aggregate for the block of `slot`, on top of the last view: of all that are due, the one that
	/// records the most.
	pub fn next_aggregate(
		&self,
		slot: Slot,
		fits: impl Fn(&Effort) -> bool,
	) -> Option<HeartbeatAggregate> {
		let periods = self.view.periods.iter().rev();
		let due = periods.filter_map(|open| {
			let scope = self.due(open.period, slot)?;
			let aggregate = self.aggregate(open.period, slot, scope, &fits)?;
			Some((newly_recorded(&aggregate, &open.recorded), aggregate))
		});
		// Of equals the last: the older period.
		let best = due.max_by_key(|(new, _)| *new);
		best.map(|(_, aggregate)| aggregate)
	}

	/// What the author of the block of `slot` should draw on for an aggregate of `period`. `None`
	/// while it should wait.
	///
	/// One aggregate of many costs a chain far less than many of few: each has a fixed price, and a
	/// bucket that is nearly full is verified by subtracting the few that are absent. So an author
	/// waits until everybody had time to sign, unless nobody is missing before. In the window's last
	/// quarter all that is held counts, for those whose collectors failed.
	pub fn due(&self, period: PeriodIndex, slot: Slot) -> Option<Scope> {
		let open = self.view.open(period)?;
		if open.is_late(slot) {
			return Some(Scope::Held);
		}
		let due = open.is_time_to_record(slot) || self.is_complete(open, slot);
		due.then_some(Scope::Ours)
	}

	/// Whether every active staker of the buckets that this node collects by now is held or recorded.
	fn is_complete(&self, open: &OpenPeriod, slot: Slot) -> bool {
		let (period, attempt) = (open.period, open.attempt_at(slot));
		let held = self.pool.held(period);
		self.view
			.active
			.iter()
			.filter(|(bucket, _)| self.view.is_ours(**bucket, period, attempt))
			.all(|(bucket, active)| {
				let held = held.and_then(|held| held.get(bucket));
				let held = held.map(|held| held.present()).unwrap_or_default();
				let recorded = open.recorded.get(bucket).copied().unwrap_or_default();
				active.without(&held).without(&recorded).is_empty()
			})
	}

	/// The best aggregate of `period` that the block of `slot` could carry on top of the last view, due
	/// or not. `None` if there is none worth it.
	pub fn aggregate(
		&self,
		period: PeriodIndex,
		slot: Slot,
		scope: Scope,
		fits: impl Fn(&Effort) -> bool,
	) -> Option<HeartbeatAggregate> {
		let open = self
			.view
			.open(period)
			.filter(|open| slot <= open.window_end)?;
		let from = Ingredients {
			period,
			held: self.pool.held(period)?,
			recorded: &open.recorded,
			active: &self.view.active,
			minimum_new: open.minimum_new,
		};
		let attempt = open.attempt_at(slot);
		let wanted = |bucket| scope == Scope::Held || self.view.is_ours(bucket, period, attempt);
		build(&from, wanted, fits)
	}

	/// What there is to do since the last call.
	pub fn actions(&mut self) -> Vec<Action<P>> {
		let charges = core::mem::take(&mut self.charges).into_iter();
		let charges = charges.map(|((peer, offence), times)| Action::Charge {
			peer,
			offence,
			times,
		});
		core::mem::take(&mut self.sends)
			.into_iter()
			.chain(charges)
			.collect()
	}

	/// Counters, and how full the rooms are.
	pub fn metrics(&self) -> Metrics {
		let (waiting, held) = self.pool.size();
		Metrics {
			waiting: waiting as u64,
			held: held as u64,
			outbox: self.outbox.size() as u64,
			..self.metrics
		}
	}
}

/// How many stakers an aggregate records that are not recorded yet.
fn newly_recorded(aggregate: &HeartbeatAggregate, recorded: &Bitmaps) -> u32 {
	let parts = aggregate.parts.iter().map(|part| {
		let known = recorded.get(&part.bucket).copied().unwrap_or_default();
		part.present.without(&known).count()
	});
	parts.sum()
}
