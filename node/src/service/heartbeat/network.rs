//! The protocol on the wire: one stream to each peer that the node syncs with.
//!
//! A message is one byte that says what it is, and then a hello or a batch.

use super::{hello, LOG_TARGET};
use sc_network::{
	config::{NonReservedPeerMode, SetConfig},
	multiaddr::Protocol as AddressPart,
	peer_store::PeerStoreProvider,
	service::{
		traits::{NetworkService, NotificationEvent, NotificationService, ValidationResult},
		NotificationMetrics,
	},
	Multiaddr, NetworkBackend, PeerId, ProtocolName, ReputationChange,
};
use sc_network_sync::SyncEvent;
use sp_consensus_aura::sr25519::AuthorityId;
use sp_keystore::KeystorePtr;
use std::{
	collections::{BTreeMap, BTreeSet, VecDeque},
	sync::Arc,
};
use vigil_heartbeat::{
	hello::{Hello, MAX_BYTES as MAX_HELLO},
	limits::Offence,
	wire::MAX_BYTES,
};
use vigil_heartbeat_primitives::Hash as Bytes32;
use vigil_runtime::{opaque::Block, Hash};

const HELLO: u8 = 0;
const BATCH: u8 = 1;

/// Bytes of the largest message.
const MAX_MESSAGE: usize = 1 + if MAX_BYTES > MAX_HELLO {
	MAX_BYTES
} else {
	MAX_HELLO
};

/// Producers that are remembered after they left.
const REMEMBERED: usize = 32;

/// Reputation for each point of an offence. At 100 points the core stops listening, and the network
/// is near its limit of patience.
const REPUTATION_PER_POINT: i32 = -(1 << 23);

/// The protocol, before the network runs.
pub(crate) struct Protocol {
	name: ProtocolName,
	notifications: Box<dyn NotificationService>,
}

/// Set the protocol up.
pub(crate) fn protocol<N: NetworkBackend<Block, Hash>>(
	genesis: &Hash,
	fork_id: Option<&str>,
	metrics: NotificationMetrics,
	peer_store: Arc<dyn PeerStoreProvider>,
) -> (N::NotificationProtocolConfig, Protocol) {
	let genesis = sp_core::hexdisplay::HexDisplay::from(&genesis.as_bytes()).to_string();
	let fork = fork_id.map(|id| format!("/{id}")).unwrap_or_default();
	let name = ProtocolName::from(format!("/{genesis}{fork}/heartbeat/1"));
	// Peers of the sync protocol are added as they come; nobody else is served.
	let set = SetConfig {
		in_peers: 0,
		out_peers: 0,
		reserved_nodes: Vec::new(),
		non_reserved_mode: NonReservedPeerMode::Deny,
	};
	let (config, notifications) = N::notification_config(
		name.clone(),
		Vec::new(),
		MAX_MESSAGE as u64,
		None,
		set,
		metrics,
		peer_store,
	);
	let protocol = Protocol {
		name,
		notifications,
	};
	(config, protocol)
}

/// What a peer wants.
pub(super) enum Incoming {
	/// Who is connected changed, or what is known of it.
	PeersChanged,
	/// A batch came.
	Batch(PeerId, Vec<u8>),
}

/// The peers with an open stream.
pub(super) struct Peers {
	network: Arc<dyn NetworkService>,
	protocol: Protocol,
	keystore: KeystorePtr,
	genesis: Bytes32,
	/// The Aura keys that each has shown.
	open: BTreeMap<PeerId, Vec<AuthorityId>>,
	/// The same of those who left last: whoever lies in a block is gone before that is told.
	gone: VecDeque<(PeerId, Vec<AuthorityId>)>,
	/// The producers there are.
	authorities: Vec<AuthorityId>,
	/// What this node says of itself.
	hello: Hello,
	keys: Vec<AuthorityId>,
}

impl Peers {
	pub(super) fn new(
		network: Arc<dyn NetworkService>,
		protocol: Protocol,
		keystore: KeystorePtr,
		genesis: Bytes32,
	) -> Self {
		Self {
			network,
			protocol,
			keystore,
			genesis,
			open: BTreeMap::new(),
			gone: VecDeque::new(),
			authorities: Vec::new(),
			hello: Hello::default(),
			keys: Vec::new(),
		}
	}

	/// This node is these producers now. Says so to everybody when that is new.
	pub(super) fn introduce(&mut self, keys: &[AuthorityId]) {
		if self.keys == keys {
			return;
		}
		self.keys = keys.to_vec();
		let own = self.network.local_peer_id();
		self.hello = hello::say(&self.genesis, &own, keys, &self.keystore);
		for peer in self.open.keys().copied().collect::<Vec<_>>() {
			self.say_hello(&peer);
		}
	}

	fn say_hello(&mut self, peer: &PeerId) {
		if !self.hello.keys.is_empty() {
			self.send_tagged(peer, HELLO, &self.hello.to_bytes());
		}
	}

	/// Send a batch.
	pub(super) fn send(&mut self, peer: &PeerId, batch: &[u8]) {
		self.send_tagged(peer, BATCH, batch);
	}

	/// Send a batch to everybody.
	pub(super) fn send_to_all(&mut self, batch: &[u8]) {
		for peer in self.open.keys().copied().collect::<Vec<_>>() {
			self.send(&peer, batch);
		}
	}

	fn send_tagged(&mut self, peer: &PeerId, tag: u8, body: &[u8]) {
		let message = [&[tag], body].concat();
		self.protocol
			.notifications
			.send_sync_notification(peer, message);
	}

	/// Lower the reputation of a peer.
	pub(super) fn charge(&self, peer: PeerId, offence: Offence, times: u32) {
		let points = offence.points().saturating_mul(times).min(100);
		let points = i32::try_from(points).unwrap_or(100);
		log::debug!(target: LOG_TARGET, "{peer}: {offence:?}, {times} time(s)");
		let change = ReputationChange::new(
			REPUTATION_PER_POINT.saturating_mul(points),
			"vigil: heartbeat",
		);
		self.network.report_peer(peer, change);
	}

	/// Lower the reputation of every peer that is this producer: it made a block with a false
	/// aggregate.
	pub(super) fn charge_producer(&self, author: &AuthorityId) {
		let gone = self.gone.iter().map(|(peer, keys)| (peer, keys));
		let said = self.open.iter().chain(gone);
		let liars: BTreeSet<_> = said
			.filter(|(_, keys)| keys.contains(author))
			.map(|(peer, _)| *peer)
			.collect();
		for peer in liars {
			log::warn!(
				target: LOG_TARGET,
				"{peer} said it is producer {author}, who made a false aggregate: it is charged",
			);
			self.charge(peer, Offence::FalseAggregate, 1);
		}
	}

	/// The open streams, each with the places of its producers among `authorities`.
	pub(super) fn routes(&mut self, authorities: &[AuthorityId]) -> Vec<(PeerId, Vec<u32>)> {
		self.authorities = authorities.to_vec();
		let place = |key: &AuthorityId| {
			let place = authorities.iter().position(|authority| authority == key)?;
			u32::try_from(place).ok()
		};
		self.open
			.iter()
			.map(|(peer, keys)| (*peer, keys.iter().filter_map(place).collect()))
			.collect()
	}

	/// The node syncs with a peer, or no longer: so does this protocol.
	pub(super) fn on_sync(&self, event: SyncEvent) {
		let name = self.protocol.name.clone();
		let done = match event {
			SyncEvent::PeerConnected { peer_id, .. } => {
				let address = Multiaddr::empty().with(AddressPart::P2p(peer_id.into()));
				self.network
					.add_peers_to_reserved_set(name, [address].into_iter().collect())
			}
			SyncEvent::PeerDisconnected(peer) => self
				.network
				.remove_peers_from_reserved_set(name, vec![peer]),
		};
		if let Err(error) = done {
			log::debug!(target: LOG_TARGET, "peer set: {error}");
		}
	}

	/// Wait for the network. None when it is gone. Safe to cancel.
	pub(super) async fn next(&mut self) -> Option<NotificationEvent> {
		self.protocol.notifications.next_event().await
	}

	/// Take in what the network said.
	pub(super) fn on_event(&mut self, event: NotificationEvent) -> Option<Incoming> {
		match event {
			NotificationEvent::ValidateInboundSubstream { result_tx, .. } => {
				// Streams of peers that the node does not sync with are refused by the set.
				let _ = result_tx.send(ValidationResult::Accept);
				None
			}
			NotificationEvent::NotificationStreamOpened { peer, .. } => {
				self.open.insert(peer, Vec::new());
				self.say_hello(&peer);
				Some(Incoming::PeersChanged)
			}
			NotificationEvent::NotificationStreamClosed { peer } => {
				let keys = self.open.remove(&peer);
				self.remember(peer, keys);
				Some(Incoming::PeersChanged)
			}
			NotificationEvent::NotificationReceived { peer, notification } => {
				self.on_message(peer, &notification)
			}
		}
	}

	/// Remember what a peer was, if it was a producer: it may yet turn out to have lied.
	fn remember(&mut self, peer: PeerId, keys: Option<Vec<AuthorityId>>) {
		let mut keys = keys.unwrap_or_default();
		keys.retain(|key| self.authorities.contains(key));
		if !keys.is_empty() {
			self.gone.truncate(REMEMBERED - 1);
			self.gone.push_front((peer, keys));
		}
	}

	fn on_message(&mut self, peer: PeerId, message: &[u8]) -> Option<Incoming> {
		match message.split_first() {
			Some((&BATCH, batch)) => Some(Incoming::Batch(peer, batch.to_vec())),
			Some((&HELLO, hello)) => match hello::hear(hello, &self.genesis, &peer) {
				Some(keys) => {
					let before = self.open.insert(peer, keys);
					self.remember(peer, before);
					// Four signatures are cheap, but not free.
					self.charge(peer, Offence::Repeated, 1);
					Some(Incoming::PeersChanged)
				}
				None => {
					self.charge(peer, Offence::Malformed, 1);
					None
				}
			},
			_ => {
				self.charge(peer, Offence::Malformed, 1);
				None
			}
		}
	}
}
