//! Making blocks final, and following those who do.

use super::{
	network::Grandpa,
	partial::{FullClient, GrandpaLink},
	Shared,
};
use sc_consensus_grandpa::{
	Config, GrandpaParams, SharedVoterState, VotingRule, VotingRulesBuilder,
};
use sc_network::{config::Role, service::traits::NetworkService};
use sc_service::Error;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_keystore::KeystorePtr;
use std::{sync::Arc, time::Duration};
use vigil_runtime::opaque::Block;

/// Blocks after which GRANDPA makes a justification at the latest: about four minutes.
pub(super) const JUSTIFICATION_PERIOD: u32 = 512;

/// A voter to be, or an observer.
pub(super) struct Voter {
	/// Whether to follow the votes at all.
	pub(super) enabled: bool,
	pub(super) name: String,
	pub(super) role: Role,
	/// Keys to vote with. None for nodes that only follow.
	pub(super) keystore: Option<KeystorePtr>,
	pub(super) gossip_ms: u64,
	/// Whether to vote as the SDK does by itself.
	pub(super) stock_rules: bool,
}

/// Which blocks may be voted for: any, up to the best. Waiting behind it, as the SDK's own rules do,
/// costs two slots and more (docs/performance.md) and protects against nothing that the bound on
/// unfinalised blocks does not.
fn voting_rule(stock: bool) -> impl VotingRule<Block, FullClient> + Clone {
	if stock {
		VotingRulesBuilder::default().build()
	} else {
		VotingRulesBuilder::new().build()
	}
}

impl Voter {
	/// Follow the votes, and vote whenever this node is a witness.
	pub(super) fn spawn(
		self,
		shared: &Shared<'_>,
		link: GrandpaLink,
		network: Arc<dyn NetworkService>,
		protocol: Grandpa,
		voter_state: SharedVoterState,
	) -> Result<(), Error> {
		if !self.enabled {
			return Ok(());
		}
		let voter = sc_consensus_grandpa::run_grandpa_voter(GrandpaParams {
			config: Config {
				gossip_duration: Duration::from_millis(self.gossip_ms),
				justification_generation_period: JUSTIFICATION_PERIOD,
				observer_enabled: false,
				local_role: self.role,
				name: Some(self.name),
				keystore: self.keystore,
				telemetry: shared.telemetry.clone(),
				protocol_name: protocol.name,
			},
			link,
			network,
			sync: shared.sync.clone(),
			notification_service: protocol.notifications,
			voting_rule: voting_rule(self.stock_rules),
			prometheus_registry: shared.prometheus.clone(),
			shared_voter_state: voter_state,
			telemetry: shared.telemetry.clone(),
			offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(shared.pool.clone()),
		})?;
		shared
			.tasks
			.spawn_essential_handle()
			.spawn_blocking("grandpa-voter", None, voter);
		Ok(())
	}
}
