//! The loop around the core: clock, network and chain in, messages and aggregates out.

use super::{
	super::partial::FullClient,
	chain::{Chain, News},
	inherent::Ready,
	judge::Lies,
	metrics::Published,
	network::{Incoming, Peers},
	submit::Submissions,
	LOG_TARGET,
};
use crate::conduct::SharedConduct;
use futures::{channel::oneshot, FutureExt, StreamExt};
use futures_timer::Delay;
use sc_client_api::BlockchainEvents;
use sc_network::{service::traits::NotificationEvent, PeerId};
use sc_network_sync::{SyncEventStream, SyncingService};
use std::{
	io,
	sync::Arc,
	time::{Duration, SystemTime, UNIX_EPOCH},
};
use vigil_heartbeat::{
	core::{Action, Core, Refused},
	record::FileRecord,
	signer::Signer,
	swarm::Swarm,
	view::{Heartbeat, View},
};
use vigil_runtime::{constants::SLOT_MILLIS, opaque::Block};

/// Slots between two words about the same trouble.
const TELL_EVERY: u64 = 20;

/// When in a slot the work on heartbeats is done: after its block was made and executed, with which
/// it would compete for the same cores, and early enough to end before the next, also when all there
/// is to verify is junk.
const TURN_MILLIS: u64 = 250;

/// Everything between the world and the core.
pub(super) struct Worker {
	pub(super) core: Core<PeerId>,
	/// None for a node without stakers.
	pub(super) signer: Option<Signer<FileRecord>>,
	pub(super) swarm: Option<Swarm>,
	pub(super) chain: Chain,
	pub(super) peers: Peers,
	pub(super) ready: Arc<Ready>,
	pub(super) conduct: SharedConduct,
	/// Authors of blocks with false aggregates.
	pub(super) lies: Lies,
	pub(super) metrics: Published,
}

impl Worker {
	/// Run until the network is gone.
	pub(super) async fn run(
		mut self,
		client: Arc<FullClient>,
		sync: Arc<SyncingService<Block>>,
		mut submissions: Submissions,
	) {
		let mut sync_events = sync.event_stream("heartbeat").fuse();
		let mut imported = client.import_notification_stream().fuse();
		let mut finalized = client.finality_notification_stream().fuse();
		let mut turn = Delay::new(until_next_turn()).fuse();
		let mut view = self.on_chain().unwrap_or_default();
		loop {
			futures::select! {
				event = self.peers.next().fuse() => match event {
					Some(event) => self.on_network(event),
					None => break,
				},
				event = sync_events.select_next_some() => self.peers.on_sync(event),
				block = imported.select_next_some() => if block.is_new_best {
					view = self.on_chain().unwrap_or(view);
				},
				_ = finalized.select_next_some() => view = self.on_chain().unwrap_or(view),
				(heartbeat, answer) = submissions.select_next_some() => {
					self.on_submission(&heartbeat, answer);
				}
				author = self.lies.select_next_some() => self.peers.charge_producer(&author),
				_ = turn => {
					turn = Delay::new(until_next_turn()).fuse();
					self.on_slot(&view);
				}
			}
			self.act();
		}
		log::error!(target: LOG_TARGET, "the network is gone: no more heartbeats");
	}

	fn on_network(&mut self, event: NotificationEvent) {
		match self.peers.on_event(event) {
			Some(Incoming::Batch(peer, batch)) => self.core.on_batch(&peer, &batch),
			Some(Incoming::PeersChanged) => self.tell_routes(),
			None => {}
		}
	}

	fn tell_routes(&mut self) {
		self.core
			.on_peers(self.peers.routes(&self.chain.authorities));
	}

	/// The best block or the final one changed.
	fn on_chain(&mut self) -> Option<View> {
		let before = self.chain.authorities.clone();
		let News { view, ours } = self.chain.read()?;
		self.peers.introduce(&ours);
		if before != self.chain.authorities {
			self.tell_routes();
		}
		self.core.on_chain(view.clone());
		self.prepare(&view);
		Some(view)
	}

	fn on_slot(&mut self, view: &View) {
		let slot = slot_now();
		if let Some(signer) = &mut self.signer {
			let signed = signer.on_slot(slot, view, self.chain.own(), &self.chain);
			self.on_signed(slot, signed);
		}
		if let Some(swarm) = &mut self.swarm {
			if let Some((period, points)) = swarm.on_slot(slot, view) {
				self.core.on_own_points(period, points);
			}
		}
		self.core.on_slot(slot, &self.chain);
		self.prepare(view);
		for batch in self.conduct.every_slot(view) {
			self.peers.send_to_all(&batch);
		}
		self.metrics.set(&self.core.metrics());
	}

	fn on_signed(&mut self, slot: u64, signed: io::Result<Vec<Heartbeat>>) {
		match signed {
			Ok(heartbeats) => {
				if let Some(first) = heartbeats.first() {
					log::debug!(
						target: LOG_TARGET,
						"signed period {} for {} staker(s)", first.period, heartbeats.len(),
					);
				}
				self.core.on_own(heartbeats);
			}
			// Tried again in every slot, told once in a while.
			Err(error) if slot.is_multiple_of(TELL_EVERY) => log::error!(
				target: LOG_TARGET,
				"no heartbeat is sent, because what was signed cannot be written down: {error}. \
				 Is the disk full?",
			),
			Err(_) => {}
		}
	}

	fn on_submission(
		&mut self,
		heartbeat: &Heartbeat,
		answer: oneshot::Sender<Result<(), Refused>>,
	) {
		// Whoever asked may be gone.
		let _ = answer.send(self.core.on_submitted(heartbeat, &self.chain));
	}

	/// Build the aggregate that this node's next block may carry.
	fn prepare(&self, view: &View) {
		if view.ours.is_empty() {
			return;
		}
		let next = slot_now().saturating_add(1);
		let best = self
			.core
			.next_aggregate(next, |effort| self.chain.fits(effort));
		self.ready.put(self.conduct.aggregate(best));
	}

	/// Do what the core says.
	fn act(&mut self) {
		for action in self.core.actions() {
			match action {
				Action::Send { peer, bytes } => {
					for batch in self.conduct.batch(bytes) {
						self.peers.send(&peer, &batch);
					}
				}
				Action::Charge {
					peer,
					offence,
					times,
				} => self.peers.charge(peer, offence, times),
			}
		}
	}
}

fn since_1970() -> Duration {
	SystemTime::now()
		.duration_since(UNIX_EPOCH)
		.unwrap_or_default()
}

fn slot_now() -> u64 {
	u64::try_from(since_1970().as_millis()).unwrap_or(u64::MAX) / SLOT_MILLIS
}

fn until_next_turn() -> Duration {
	Duration::from_millis(to_turn(since_1970().as_millis() as u64 % SLOT_MILLIS))
}

/// From so many milliseconds into a slot to the next turn: more than none, and no more than a slot.
fn to_turn(into_slot: u64) -> u64 {
	match TURN_MILLIS.saturating_sub(into_slot) {
		0 => SLOT_MILLIS - into_slot + TURN_MILLIS,
		left => left,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn every_slot_has_one_turn() {
		for into_slot in 0..SLOT_MILLIS {
			let wait = to_turn(into_slot);
			assert!((1..=SLOT_MILLIS).contains(&wait), "{into_slot}: {wait}");
			assert_eq!((into_slot + wait) % SLOT_MILLIS, TURN_MILLIS);
		}
	}
}
