//! The core under test, and what is known about it from outside.

use super::world::{
	active, checkpoint, claim, first_slot, is_active, key, may_follow, open, staker, truth, FIRST,
	GENESIS, KEYLESS,
};
use crate::tape::Tape;
use std::{
	collections::{BTreeMap, BTreeSet},
	sync::Arc,
};
use vigil_heartbeat::{
	bls::{verify_aggregate, Key},
	core::{Action, Core, Refused, Scope},
	limits::{Limits, Metrics, Offence, MESSAGE_COST},
	spread::Slot,
	view::{Bitmaps, Heartbeat, View},
	wire::{Batch, MAX_HOPS},
};
use vigil_heartbeat_primitives::{
	heartbeat_message, position, PeriodIndex, StakerIndex, BUCKET_SIZE,
};

/// A peer: its number tells which producer it is, if any.
type Peer = u8;

/// Producers, of whom this node is at most one. Peers 0 to 2 are the next three.
const PRODUCERS: u32 = 5;
const PEERS: u8 = 6;

/// So small that every bound is reached.
fn limits() -> Limits {
	Limits {
		peers: 5,
		peer_heartbeats_per_slot: 96,
		peer_waiting: 6,
		waiting: 10,
		held: 16,
		local: 6,
		submitted_per_slot: 2,
		verified_per_slot: 8,
		checks_per_slot: 6,
		outbox: 7,
	}
}

pub(super) struct Node {
	core: Core<Peer>,
	ours: Vec<u32>,
	slot: Slot,
	newest: PeriodIndex,
	/// Whether the checkpoint of a period is final, and who is recorded in it.
	periods: BTreeMap<PeriodIndex, (bool, Bitmaps)>,
	connected: BTreeSet<Peer>,
	/// Who did what an honest peer does not.
	wrongs: BTreeSet<(Peer, Offence)>,
	/// What was sent to whom in this slot, in the measure of allowances.
	sent: BTreeMap<Peer, u32>,
}

impl Node {
	/// A node in the first slot of the first period. Bits of `setting`: whether it is a producer,
	/// whether the checkpoint is final, who is connected.
	pub(super) fn new(setting: u8) -> Self {
		let mut node = Self {
			core: Core::new(GENESIS, limits(), [1; 32]),
			ours: Vec::from_iter((setting & 1 != 0).then_some(0)),
			slot: first_slot(FIRST),
			newest: FIRST,
			periods: BTreeMap::from([(FIRST, (setting & 2 == 0, Bitmaps::new()))]),
			connected: BTreeSet::new(),
			wrongs: BTreeSet::new(),
			sent: BTreeMap::new(),
		};
		node.tell();
		node.connect(!(setting >> 2));
		node.core.on_slot(node.slot, &key);
		node
	}

	/// Tell the core of the chain.
	fn tell(&mut self) {
		let periods = self.periods.iter();
		self.core.on_chain(View {
			epoch: 0,
			producers: PRODUCERS,
			ours: self.ours.clone(),
			periods: periods
				.map(|(period, (is_final, recorded))| open(*period, *is_final, recorded))
				.collect(),
			active: Arc::new(active()),
		});
	}

	/// Connect the peers of a mask, and no others.
	fn connect(&mut self, mask: u8) {
		self.connected = (0..PEERS).filter(|peer| mask >> peer & 1 != 0).collect();
		// No more than the node takes.
		while self.connected.len() > limits().peers {
			self.connected.pop_last();
		}
		let producers = |peer| Vec::from_iter((peer < 3).then_some(u32::from(peer) + 1));
		let connected = self.connected.iter();
		self.core
			.on_peers(connected.map(|peer| (*peer, producers(*peer))));
		// Who left without an offence is forgotten, and with it what it got.
		self.sent.clear();
	}

	/// A peer sends a batch.
	pub(super) fn message(&mut self, tape: &mut Tape<'_>) {
		let peer = tape.byte() % PEERS;
		let period = match tape.below(8) {
			0..=3 => self.newest,
			4 => self.newest + 1,
			5 => self.newest + 2,
			6 => self.newest - 1,
			_ => tape.long(),
		};
		let hops = tape.byte() % (MAX_HOPS + 2);
		let mut heartbeats = BTreeMap::new();
		for _ in 0..=tape.below(10) {
			let index = match tape.byte() {
				255 => tape.word(),
				254 => BUCKET_SIZE + 99,
				byte => staker(byte),
			};
			heartbeats.insert(index, claim(tape, period, index));
		}
		for (index, signature) in &heartbeats {
			if !is_active(*index) {
				self.wrongs.insert((peer, Offence::UnknownIndex));
			} else if truth(period, *index) != Some(*signature) {
				self.wrongs.insert((peer, Offence::BadSignature));
			}
		}
		let mut batch = Batch {
			period,
			hops,
			heartbeats: heartbeats.into_iter().collect(),
		};
		if tape.below(16) == 15 {
			batch.heartbeats.reverse();
		}
		self.deliver(peer, &batch.to_bytes());
	}

	/// A peer sends bytes.
	pub(super) fn noise(&mut self, tape: &mut Tape<'_>) {
		let (peer, most) = (tape.byte() % PEERS, tape.byte());
		let bytes = tape.take(most.into());
		if let Ok(batch) = Batch::from_bytes(bytes) {
			for (index, signature) in batch.heartbeats {
				if truth(batch.period, index) != Some(signature) {
					self.wrongs.insert((peer, Offence::UnknownIndex));
					self.wrongs.insert((peer, Offence::BadSignature));
				}
			}
		}
		self.deliver(peer, bytes);
	}

	fn deliver(&mut self, peer: Peer, bytes: &[u8]) {
		if Batch::from_bytes(bytes).is_err() {
			self.wrongs.insert((peer, Offence::Malformed));
		}
		self.core.on_batch(&peer, bytes);
	}

	/// Some slots later, or in a clock that is set back.
	pub(super) fn slot(&mut self, tape: &mut Tape<'_>) {
		self.slot = match tape.below(8) {
			7 => self.slot.saturating_sub(2).max(1),
			6 => self.slot + 6,
			more => self.slot + u64::from(more / 2) + 1,
		};
		let before = self.core.metrics();
		self.sent.clear();
		self.core.on_slot(self.slot, &key);
		let after = self.core.metrics();
		assert!(after.checks - before.checks <= u64::from(limits().checks_per_slot));
		assert!(after.verified - before.verified <= limits().verified_per_slot as u64);
	}

	/// A block came: a period opens, a checkpoint is final, or somebody is recorded.
	pub(super) fn chain(&mut self, tape: &mut Tape<'_>) {
		match tape.below(4) {
			0 if may_follow(self.newest) => {
				self.newest += 1;
				let first = (tape.flag(), Bitmaps::new());
				self.periods.insert(self.newest, first);
				self.periods = self.periods.split_off(&(self.newest - 1));
				self.slot = self.slot.max(first_slot(self.newest));
			}
			1 => {
				let oldest = self.periods.values_mut().find(|(is_final, _)| !is_final);
				oldest
					.into_iter()
					.for_each(|(is_final, _)| *is_final = true);
			}
			2 => self.ours = Vec::from_iter(tape.flag().then_some(0)),
			_ => {
				let at = usize::from(tape.flag());
				let (bucket, place) = position(staker(tape.byte()));
				if let Some((_, recorded)) = self.periods.values_mut().nth(at) {
					recorded.entry(bucket).or_default().assign(place, true);
				}
			}
		}
		self.tell();
	}

	/// Peers come and go.
	pub(super) fn connections(&mut self, tape: &mut Tape<'_>) {
		self.connect(tape.byte());
	}

	/// The node's own stakers sign: truly, for the core does not verify it.
	pub(super) fn own(&mut self, tape: &mut Tape<'_>) {
		let mut heartbeats = Vec::new();
		for _ in 0..=tape.below(4) {
			let (period, index) = (self.newest - u64::from(tape.flag()), staker(tape.byte()));
			// Nobody signs a checkpoint that is not final here.
			let open = self.periods.get(&period);
			let is_due = open.is_none_or(|(is_final, _)| *is_final) && index != KEYLESS;
			let signature = truth(period, index).filter(|_| is_due);
			heartbeats.extend(signature.map(|signature| Heartbeat {
				period,
				index,
				signature,
			}));
		}
		self.core.on_own(heartbeats);
	}

	/// Somebody hands in a heartbeat: it is taken only if it is true and can be recorded.
	pub(super) fn submitted(&mut self, tape: &mut Tape<'_>) {
		let period = self.newest + u64::from(tape.byte() % 3) - 1;
		let index = match tape.byte() {
			255 => tape.word(),
			byte => staker(byte),
		};
		let heartbeat = Heartbeat {
			period,
			index,
			signature: claim(tape, period, index),
		};
		let is_true = truth(period, index) == Some(heartbeat.signature);
		let open = self.periods.get(&period);
		let (is_open, is_final) = (open.is_some(), open.is_some_and(|(is_final, _)| *is_final));
		match self.core.on_submitted(&heartbeat, &key) {
			Ok(()) => assert!(is_true && is_final && index != KEYLESS),
			Err(Refused::NotOpen) => assert!(!is_open),
			Err(Refused::NotFinal) => assert!(is_open && !is_final),
			Err(Refused::NotActive) => assert!(!is_active(index) || index == KEYLESS),
			Err(Refused::WrongSignature) => assert!(!is_true),
			Err(Refused::Busy) => {}
		}
	}

	/// Do what there is to do: only what is true is sent, to who is there, and only who did wrong
	/// is charged.
	pub(super) fn act(&mut self) {
		for action in self.core.actions() {
			match action {
				Action::Send { peer, bytes } => {
					let batch = Batch::from_bytes(&bytes).expect("what is sent is a batch");
					for (index, signature) in &batch.heartbeats {
						assert_eq!(truth(batch.period, *index), Some(*signature));
					}
					let cost = (batch.heartbeats.len() as u32).max(MESSAGE_COST);
					*self.sent.entry(peer).or_default() += cost;
				}
				Action::Charge { peer, offence, .. } => {
					let by_honest = matches!(
						offence,
						Offence::Flood | Offence::WrongPeriod | Offence::Repeated
					);
					assert!(
						by_honest || self.wrongs.contains(&(peer, offence)),
						"peer {peer} did no wrong: {offence:?}"
					);
				}
			}
		}
	}

	/// The aggregate of all that is held is signed by those that it names, and by nobody else.
	pub(super) fn held(&self) {
		for (period, (is_final, recorded)) in &self.periods {
			for scope in [Scope::Held, Scope::Ours] {
				let Some(aggregate) = self.core.aggregate(*period, self.slot, scope, |_| true)
				else {
					continue;
				};
				assert!(*is_final && aggregate.check_form().is_ok());
				let mut keys = Vec::new();
				let mut new = 0;
				for part in &aggregate.parts {
					let known = recorded.get(&part.bucket).copied().unwrap_or_default();
					new += part.present.without(&known).count();
					let index = |place| part.bucket * BUCKET_SIZE + place;
					let stored = part.present.positions().map(|place| key_of(index(place)));
					keys.extend(stored);
				}
				assert!(new >= 1);
				let message = heartbeat_message(&GENESIS, *period, &checkpoint(*period));
				assert_eq!(
					verify_aggregate(&keys, &message, &aggregate.signature),
					Ok(())
				);
			}
		}
	}

	/// The rooms keep within their bounds.
	pub(super) fn check(&self) {
		let (metrics, limits) = (self.core.metrics(), limits());
		assert!(metrics.waiting <= limits.waiting as u64, "{metrics:?}");
		assert!(metrics.held <= limits.held as u64, "{metrics:?}");
		assert!(metrics.outbox <= limits.outbox as u64, "{metrics:?}");
		let most = limits.peer_heartbeats_per_slot / 2;
		assert!(
			self.sent.values().all(|sent| *sent <= most),
			"{:?}",
			self.sent
		);
	}

	pub(super) fn metrics(&self) -> Metrics {
		self.core.metrics()
	}
}

fn key_of(index: StakerIndex) -> Key {
	let stored = key(index, 0).expect("only who has a key is held");
	Key::from_stored(&stored).expect("a registered key is a key")
}
