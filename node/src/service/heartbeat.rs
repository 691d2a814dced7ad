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
pub(crate) mod keys;
mod metrics;
mod network;
mod submit;
mod worker;

pub(crate) use submit::{SubmitApi, Submitter};
pub(super) use {
	inherent::{CautiousFactory, Ready},
	network::{protocol, Protocol},
};

use super::{partial::FullClient, Shared};
use chain::Chain;
use network::Peers;
use sc_network::service::traits::NetworkService;
use sc_service::Error;
use sp_keystore::KeystorePtr;
use std::{path::PathBuf, sync::Arc};
use vigil_heartbeat::{core::Core, limits::Limits, record::FileRecord, signer::Signer};
use worker::Worker;

const LOG_TARGET: &str = "heartbeat";

/// Heartbeats by RPC that wait for the worker.
const SUBMISSIONS: usize = 64;

/// What makes up the heartbeats of a node.
pub(super) struct Heartbeats {
	pub(super) client: Arc<FullClient>,
	pub(super) keystore: KeystorePtr,
	/// Where keys and the record are.
	pub(super) keystore_path: PathBuf,
	pub(super) record_path: PathBuf,
	/// A well-known secret, on test networks.
	pub(super) suri: Option<String>,
	pub(super) network: Arc<dyn NetworkService>,
	pub(super) protocol: Protocol,
}

impl Heartbeats {
	/// Start. Returns where authors find aggregates; `submissions` is what RPC hands in.
	pub(super) fn spawn(
		self,
		shared: &Shared<'_>,
		submissions: submit::Submissions,
	) -> Result<Arc<Ready>, Error> {
		let genesis = self.client.chain_info().genesis_hash.0;
		let secrets = keys::load(&self.keystore_path, self.suri.as_deref())
			.map_err(|error| Error::Other(error.to_string()))?;
		match secrets.len() {
			0 => {
				log::info!(target: LOG_TARGET, "💤 No heartbeat key: this node passes on those of others")
			}
			count => log::info!(target: LOG_TARGET, "💓 Signing heartbeats with {count} key(s)"),
		}
		let record = FileRecord::open(self.record_path, genesis)
			.map_err(|error| Error::Other(error.to_string()))?;
		let ready = Arc::new(Ready::default());
		let worker = Worker {
			core: Core::new(genesis, Limits::default(), rand::random()),
			signer: Signer::new(genesis, record, rand::random()),
			chain: Chain::new(self.client.clone(), self.keystore.clone(), secrets),
			peers: Peers::new(self.network, self.protocol, self.keystore, genesis),
			ready: ready.clone(),
			metrics: metrics::Published::register(shared.prometheus.as_ref())?,
		};
		let run = worker.run(self.client, shared.sync.clone(), submissions);
		// On a thread of its own: verifying takes up to 200 ms of a slot.
		shared
			.tasks
			.spawn_handle()
			.spawn_blocking("heartbeat", Some("heartbeat"), run);
		Ok(ready)
	}
}

/// The way of heartbeats from RPC to the worker.
pub(super) fn submissions() -> (Submitter, submit::Submissions) {
	submit::channel(SUBMISSIONS)
}
