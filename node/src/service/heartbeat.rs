//! Heartbeats: this node's own stakers sign, everybody's travel, a producer aggregates.
//!
//! The protocol is in the crate `vigil-heartbeat`, which has no clock and does no I/O. Here are its
//! clock, its network and its view of the chain:
//!
//! ```text
//! blocks ─► chain ─┐                    ┌─► network (batches, to collectors)
//! slots ───────────┼─► worker: the core ┼─► ready  (an aggregate for the next block)
//! network ─────────┤                    └─► peers' reputation, metrics
//! RPC ─────────────┘
//! ```

mod chain;
mod hello;
mod inherent;
mod judge;
pub(crate) mod keys;
mod metrics;
mod network;
mod submit;
mod worker;

pub(crate) use submit::{SubmitApi, Submitter};
pub(super) use {
	inherent::{CautiousFactory, Ready},
	judge::{judge, Lies},
	network::{protocol, Protocol},
};

use super::{partial::FullClient, Shared};
use crate::conduct::SharedConduct;
use chain::Chain;
use network::Peers;
use sc_network::service::traits::NetworkService;
use sc_service::Error;
use sp_keystore::KeystorePtr;
use std::{path::PathBuf, sync::Arc};
use vigil_heartbeat::{
	bls::SecretKey, core::Core, limits::Limits, record::FileRecord, signer::Signer, swarm::Swarm,
};
use vigil_heartbeat_primitives::Hash;
use worker::Worker;

const LOG_TARGET: &str = "heartbeat";

/// Heartbeats by RPC that wait for the worker.
const SUBMISSIONS: usize = 64;

/// What makes up the heartbeats of a node.
pub(super) struct Heartbeats {
	pub(super) client: Arc<FullClient>,
	pub(super) keystore: KeystorePtr,
	/// Whether this node makes blocks: only then it collects.
	pub(super) is_authority: bool,
	/// Where keys and the record are.
	pub(super) keystore_path: PathBuf,
	pub(super) record_path: PathBuf,
	/// A well-known secret, on test networks.
	pub(super) suri: Option<String>,
	/// How many test keys to sign for, in measurements.
	pub(super) test_keys: Option<u32>,
	pub(super) network: Arc<dyn NetworkService>,
	pub(super) protocol: Protocol,
	pub(super) conduct: SharedConduct,
	pub(super) lies: Lies,
}

impl Heartbeats {
	/// Start. Returns where authors find aggregates; `submissions` is what RPC hands in.
	pub(super) fn spawn(
		self,
		shared: &Shared<'_>,
		submissions: submit::Submissions,
	) -> Result<Arc<Ready>, Error> {
		let genesis = self.client.chain_info().genesis_hash.0;
		let (secrets, signer) = self.signer(genesis);
		let ready = Arc::new(Ready::default());
		let mut limits = Limits::default();
		if let Some(count) = self.test_keys {
			log::warn!(target: LOG_TARGET, "🐝 Signing heartbeats for {count} test keys");
			// Two periods are open at a time.
			limits.local = limits.local.max(2 * count as usize);
			limits.outbox = limits.outbox.max(count as usize);
		}
		let worker = Worker {
			core: Core::new(genesis, limits, rand::random()),
			signer,
			swarm: self.test_keys.map(|count| Swarm::new(genesis, count)),
			chain: Chain::new(
				self.client.clone(),
				self.is_authority.then(|| self.keystore.clone()),
				secrets,
			),
			peers: Peers::new(self.network, self.protocol, self.keystore, genesis),
			ready: ready.clone(),
			conduct: self.conduct,
			lies: self.lies,
			metrics: metrics::Published::register(shared.prometheus.as_ref())?,
		};
		let run = worker.run(self.client, shared.sync.clone(), submissions);
		// On a thread of its own: verifying takes up to some 200 ms of a slot.
		shared
			.tasks
			.spawn_handle()
			.spawn_blocking("heartbeat", Some("heartbeat"), run);
		Ok(ready)
	}
}

impl Heartbeats {
	/// This node's stakers, and who signs for them. When keys or record cannot be used nobody signs,
	/// and the node does everything else: trouble of a staker is no reason to stop a producer.
	fn signer(&self, genesis: Hash) -> (Vec<SecretKey>, Option<Signer<FileRecord>>) {
		let secrets = match keys::load(&self.keystore_path, self.suri.as_deref()) {
			Ok(secrets) if secrets.is_empty() => {
				log::info!(target: LOG_TARGET, "💤 No heartbeat key: this node passes on those of others");
				return (secrets, None);
			}
			Ok(secrets) => secrets,
			Err(error) => {
				log::error!(target: LOG_TARGET, "❌ This node signs no heartbeats: {error}. Then restart it");
				return (Vec::new(), None);
			}
		};
		match FileRecord::open(&self.record_path, genesis) {
			Ok(record) => {
				log::info!(target: LOG_TARGET, "💓 Signing heartbeats with {} key(s)", secrets.len());
				(secrets, Some(Signer::new(genesis, record, rand::random())))
			}
			Err(error) => {
				log::error!(target: LOG_TARGET, "❌ This node signs no heartbeats: {error}. Then restart it");
				(Vec::new(), None)
			}
		}
	}
}

/// The way of heartbeats from RPC to the worker.
pub(super) fn submissions() -> (Submitter, submit::Submissions) {
	submit::channel(SUBMISSIONS)
}
