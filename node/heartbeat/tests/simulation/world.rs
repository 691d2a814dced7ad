//! Nodes, the network between them, and time.

use crate::chain::{Chain, GENESIS};
use rand::{seq::SliceRandom, Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::{
	collections::{BTreeMap, BTreeSet},
	io,
};
use vigil_heartbeat::{
	bls::SecretKey,
	core::{Action, Core, Scope},
	limits::{Limits, Metrics, Offence},
	signer::{Record, Signer},
	spread::Slot,
};
use vigil_heartbeat_primitives::{testing::TestKey, Hash, PeriodIndex, StakerIndex};

pub(crate) type Id = usize;

/// A message on its way.
pub(crate) type Message = (Id, Id, Vec<u8>);

/// A record for nodes that never stop.
#[derive(Debug)]
pub(crate) struct Memory((PeriodIndex, Hash));

impl Record for Memory {
	fn last(&self) -> Option<(PeriodIndex, Hash)> {
		Some(self.0)
	}

	fn put(&mut self, period: PeriodIndex, checkpoint: Hash) -> io::Result<()> {
		assert!(period > self.0 .0);
		self.0 = (period, checkpoint);
		Ok(())
	}
}

pub(crate) struct Node {
	pub(crate) core: Core<Id>,
	signer: Signer<Memory>,
	pub(crate) stakers: Vec<(StakerIndex, SecretKey)>,
	pub(crate) ours: Vec<u32>,
	pub(crate) peers: BTreeSet<Id>,
	/// Takes everything, sends nothing and records nothing.
	pub(crate) swallows: bool,
	/// Records as few as the chain lets it.
	pub(crate) stingy: bool,
	/// The fullest its rooms ever were, and the most work in one slot.
	pub(crate) peak: Metrics,
	pub(crate) most_checks: u64,
}

/// What the network does to messages.
#[derive(Clone, Copy, Default)]
pub(crate) struct Weather {
	pub(crate) loss: f64,
	pub(crate) duplication: f64,
	/// Slots that a message may take more than the one it always takes.
	pub(crate) delay: u64,
	/// No message passes between nodes below and from this one up.
	pub(crate) split_at: Option<Id>,
}

pub(crate) struct World {
	pub(crate) chain: Chain,
	pub(crate) nodes: Vec<Node>,
	pub(crate) weather: Weather,
	pub(crate) rng: ChaCha20Rng,
	pub(crate) slot: Slot,
	/// Who charged whom with what, how often.
	pub(crate) charges: BTreeMap<(Id, Id, Offence), u32>,
	on_the_way: BTreeMap<Slot, Vec<Message>>,
}

pub(crate) struct Setup {
	pub(crate) seed: u64,
	pub(crate) nodes: usize,
	pub(crate) producers: u32,
	pub(crate) slots: u32,
	pub(crate) stakers: Vec<StakerIndex>,
	pub(crate) limits: Limits,
}

impl World {
	/// The first nodes are the producers, one each, and know each other. Every node has six
	/// connections of its own choice. Stakers are spread over all nodes. Time begins with period 1.
	pub(crate) fn new(setup: Setup) -> Self {
		let mut rng = ChaCha20Rng::seed_from_u64(setup.seed);
		let mut world = Self {
			chain: Chain::new(setup.producers, setup.slots, &setup.stakers),
			nodes: Vec::new(),
			weather: Weather::default(),
			slot: u64::from(setup.slots),
			charges: BTreeMap::new(),
			on_the_way: BTreeMap::new(),
			rng: rng.clone(),
		};
		for id in 0..setup.nodes {
			let mut seed = [0; 32];
			rng.fill_bytes(&mut seed);
			world.nodes.push(Node {
				core: Core::new(GENESIS, setup.limits.clone(), seed),
				signer: Signer::new(GENESIS, Memory((0, [0; 32])), seed),
				stakers: Vec::new(),
				ours: (0..setup.producers)
					.filter(|place| *place as usize == id)
					.collect(),
				peers: BTreeSet::new(),
				swallows: false,
				stingy: false,
				peak: Metrics::default(),
				most_checks: 0,
			});
		}
		for index in setup.stakers {
			let secret = SecretKey::from_bytes(&TestKey::new(index).secret_bytes());
			let node = rng.gen_range(0..setup.nodes);
			world.nodes[node]
				.stakers
				.push((index, secret.expect("a test key is a key")));
		}
		let everybody: Vec<_> = (0..setup.nodes).collect();
		for id in 0..setup.nodes {
			let chosen: Vec<_> = everybody.choose_multiple(&mut rng, 6).copied().collect();
			let producers = 0..setup.producers as usize;
			let mesh = producers.clone().filter(|_| producers.contains(&id));
			for other in chosen.into_iter().chain(mesh).filter(|other| *other != id) {
				world.connect(id, other);
			}
		}
		world
	}

	pub(crate) fn connect(&mut self, a: Id, b: Id) {
		for (a, b) in [(a, b), (b, a)] {
			if let Some(node) = self.nodes.get_mut(a) {
				node.peers.insert(b);
			}
			self.tell_peers(a);
		}
	}

	fn tell_peers(&mut self, id: Id) {
		let Some(node) = self.nodes.get(id) else {
			return;
		};
		let producers = |peer: &Id| {
			self.nodes
				.get(*peer)
				.map_or(Vec::new(), |node| node.ours.clone())
		};
		let peers: Vec<_> = node
			.peers
			.iter()
			.map(|peer| (*peer, producers(peer)))
			.collect();
		self.nodes[id].core.on_peers(peers);
	}

	/// Run to the end of a period's window. `attack` says what others than honest nodes send in a
	/// slot; their ids are beyond those of the nodes.
	pub(crate) fn run_to_end_of_window(
		&mut self,
		period: PeriodIndex,
		mut attack: impl FnMut(&Chain, Slot) -> Vec<Message>,
	) {
		while self.slot < self.chain.first_slot(period + 2) {
			for message in attack(&self.chain, self.slot) {
				self.on_the_way.entry(self.slot).or_default().push(message);
			}
			self.step();
		}
	}

	/// One slot: everybody sees the last block, messages arrive, nodes work, the author authors.
	pub(crate) fn step(&mut self) {
		let slot = self.slot;
		for node in &mut self.nodes {
			node.core.on_chain(self.chain.view(slot, &node.ours));
		}
		for (from, to, bytes) in self.on_the_way.remove(&slot).unwrap_or_default() {
			if let Some(node) = self.nodes.get_mut(to) {
				node.core.on_batch(&from, &bytes);
			}
		}
		for id in 0..self.nodes.len() {
			self.work(id, slot);
		}
		self.author(slot);
		self.slot += 1;
	}

	fn work(&mut self, id: Id, slot: Slot) {
		let chain = &self.chain;
		let node = &mut self.nodes[id];
		let keys = |index, _| chain.key(index);
		let before = node.core.metrics();
		node.core.on_slot(slot, &keys);
		let view = chain.view(slot, &node.ours);
		let own = node.stakers.iter().map(|(index, secret)| (*index, secret));
		let heartbeats = node
			.signer
			.on_slot(slot, &view, own, &keys)
			.expect("memory is patient");
		node.core.on_own(heartbeats);
		let now = node.core.metrics();
		node.most_checks = node.most_checks.max(now.checks - before.checks);
		node.peak.waiting = node.peak.waiting.max(before.waiting).max(now.waiting);
		node.peak.held = node.peak.held.max(now.held);
		node.peak.outbox = node.peak.outbox.max(now.outbox);
		let (swallows, actions) = (node.swallows, node.core.actions());
		for action in actions {
			match action {
				Action::Send { .. } if swallows => {}
				Action::Send { peer, bytes } => self.send(id, peer, bytes),
				Action::Charge {
					peer,
					offence,
					times,
				} => {
					*self.charges.entry((id, peer, offence)).or_default() += times;
				}
			}
		}
	}

	fn send(&mut self, from: Id, to: Id, bytes: Vec<u8>) {
		let Weather {
			loss,
			duplication,
			delay,
			split_at,
		} = self.weather;
		assert!(
			self.nodes[from].peers.contains(&to),
			"only peers can be sent to"
		);
		if split_at.is_some_and(|border| (from < border) != (to < border)) {
			return;
		}
		let copies = 1 + usize::from(self.rng.gen_bool(duplication));
		for _ in 0..copies {
			if !self.rng.gen_bool(loss) {
				let at = self.slot + 1 + self.rng.gen_range(0..=delay);
				self.on_the_way
					.entry(at)
					.or_default()
					.push((from, to, bytes.clone()));
			}
		}
	}

	/// The author of a slot records what is due. A stingy one records as few as it may, and does not wait.
	fn author(&mut self, slot: Slot) {
		let place = (slot % u64::from(self.chain.producers)) as u32;
		let running = slot / u64::from(self.chain.slots);
		let author = self.nodes.iter().find(|node| node.ours.contains(&place));
		let Some(node) = author.filter(|node| !node.swallows) else {
			return;
		};
		let aggregate = if node.stingy {
			let scopes = [Scope::Ours, Scope::Held].into_iter();
			let mut choices = scopes.flat_map(|scope| [(running - 1, scope), (running, scope)]);
			choices.find_map(|(period, scope)| {
				let view = self.chain.view(slot, &node.ours);
				let fewest = view.open(period).map_or(1, |open| open.minimum_new);
				let fits = |effort: &_| Chain::fits(effort) && effort.keys <= fewest;
				node.core.aggregate(period, slot, scope, fits)
			})
		} else {
			node.core.next_aggregate(slot, Chain::fits)
		};
		if let Some(aggregate) = aggregate {
			self.chain.apply(slot, &aggregate);
		}
	}

	/// Everything that anybody was charged with.
	pub(crate) fn offences(&self, of: impl Fn(Id) -> bool) -> BTreeMap<Offence, u32> {
		let mut offences = BTreeMap::new();
		for ((_, peer, offence), times) in &self.charges {
			if of(*peer) {
				*offences.entry(*offence).or_default() += times;
			}
		}
		offences
	}

	/// What one node holds against one peer, if all of it is of one period.
	pub(crate) fn points(&self, by: Id, of: Id) -> u32 {
		let charges = self
			.charges
			.iter()
			.filter(|((a, b, _), _)| (*a, *b) == (by, of));
		charges
			.map(|((.., offence), times)| offence.points() * times)
			.sum()
	}

	/// Heartbeats sent by all nodes.
	pub(crate) fn sent(&self) -> u64 {
		self.nodes.iter().map(|node| node.core.metrics().sent).sum()
	}
}
