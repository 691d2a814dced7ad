//! Peers: sync, gossip, discovery of authorities, off-chain work.

use super::{
	heartbeat,
	partial::{FullClient, FullPool, Partial, Parts},
};
use futures::FutureExt;
use sc_consensus_grandpa::warp_proof::NetworkProvider as WarpProofProvider;
use sc_network::{
	event::Event, service::traits::NetworkService, NetworkBackend, NetworkEventStream,
	NotificationService,
};
use sc_network_sync::{SyncingService, WarpSyncConfig};
use sc_service::{BuildNetworkParams, Configuration, Error, PartialComponents, TaskManager};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sc_utils::mpsc::TracingUnboundedSender;
use sp_keystore::KeystorePtr;
use std::sync::Arc;
use vigil_runtime::opaque::{Block, Hash};

/// The running network.
pub(super) struct Network {
	pub(super) service: Arc<dyn NetworkService>,
	pub(super) sync: Arc<SyncingService<Block>>,
	pub(super) system_rpc_tx: TracingUnboundedSender<sc_rpc::system::Request<Block>>,
	pub(super) tx_controller: sc_network_transactions::TransactionsHandlerController<Hash>,
	pub(super) grandpa: Grandpa,
	pub(super) heartbeat: heartbeat::Protocol,
}

/// GRANDPA's protocol.
pub(super) struct Grandpa {
	pub(super) name: sc_network::ProtocolName,
	pub(super) notifications: Box<dyn NotificationService>,
}

/// Start the network; hand back the parts without the import queue, which it took.
pub(super) fn start<N: NetworkBackend<Block, Hash>>(
	config: &Configuration,
	partial: Partial,
) -> Result<(Network, Parts<()>), Error> {
	let PartialComponents {
		client,
		backend,
		task_manager,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool,
		other,
	} = partial;

	let mut net_config = sc_network::config::FullNetworkConfiguration::<Block, Hash, N>::new(
		&config.network,
		config.prometheus_registry().cloned(),
	);
	let metrics = N::register_notification_metrics(config.prometheus_registry());
	let genesis_hash = client.chain_info().genesis_hash;
	let grandpa_name =
		sc_consensus_grandpa::protocol_standard_name(&genesis_hash, &config.chain_spec);
	let (grandpa_config, notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
		grandpa_name.clone(),
		metrics.clone(),
		net_config.peer_store_handle(),
	);
	net_config.add_notification_protocol(grandpa_config);
	let (heartbeat_config, heartbeat) = heartbeat::protocol::<N>(
		&genesis_hash,
		config.chain_spec.fork_id(),
		metrics.clone(),
		net_config.peer_store_handle(),
	);
	net_config.add_notification_protocol(heartbeat_config);

	// The authority-set forks of a network that lost its witnesses will be named here.
	let warp_sync = Arc::new(WarpProofProvider::new(
		backend.clone(),
		other.grandpa_link.shared_authority_set().clone(),
		Vec::new(),
	));
	let (service, system_rpc_tx, tx_controller, sync, _bitswap) =
		sc_service::build_network(BuildNetworkParams {
			config,
			net_config,
			client: client.clone(),
			transaction_pool: transaction_pool.clone(),
			spawn_handle: task_manager.spawn_handle(),
			spawn_essential_handle: task_manager.spawn_essential_handle(),
			import_queue,
			block_announce_validator_builder: Some(Box::new({
				let announcements = other.clock.announcements();
				move |_| Box::new(announcements)
			})),
			warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
			block_relay: None,
			metrics,
			gap_sync_body_policy: None,
		})?;

	let network = Network {
		service,
		sync,
		system_rpc_tx,
		tx_controller,
		grandpa: Grandpa {
			name: grandpa_name,
			notifications,
		},
		heartbeat,
	};
	let rest = PartialComponents {
		client,
		backend,
		task_manager,
		import_queue: (),
		keystore_container,
		select_chain,
		transaction_pool,
		other,
	};
	Ok((network, rest))
}

/// Publish where this authority is, and find the others.
pub(super) fn spawn_authority_discovery(
	config: &Configuration,
	tasks: &TaskManager,
	client: Arc<FullClient>,
	network: &Arc<dyn NetworkService>,
	keystore: KeystorePtr,
) {
	let events = futures::StreamExt::filter_map(
		network.event_stream("authority-discovery"),
		|event| async move {
			match event {
				Event::Dht(event) => Some(event),
				_ => None,
			}
		},
	);
	let (worker, _service) = sc_authority_discovery::new_worker_and_service_with_config(
		sc_authority_discovery::WorkerConfig {
			publish_non_global_ips: config.network.allow_non_globals_in_dht,
			public_addresses: config.network.public_addresses.clone(),
			// Nobody may publish another's record.
			strict_record_validation: true,
			persisted_cache_directory: config.network.net_config_path.clone(),
			..Default::default()
		},
		client,
		Arc::new(network.clone()),
		Box::pin(events),
		sc_authority_discovery::Role::PublishAndDiscover(keystore),
		config.prometheus_registry().cloned(),
		tasks.spawn_handle(),
	);
	tasks
		.spawn_handle()
		.spawn("authority-discovery", Some("networking"), worker.run());
}

/// Run the runtime's off-chain workers, if the configuration says so.
pub(super) fn spawn_offchain_worker(
	config: &Configuration,
	tasks: &TaskManager,
	client: Arc<FullClient>,
	network: &Arc<dyn NetworkService>,
	keystore: KeystorePtr,
	pool: Arc<FullPool>,
) {
	if !config.offchain_worker.enabled {
		return;
	}
	let workers = sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
		runtime_api_provider: client.clone(),
		keystore: Some(keystore),
		offchain_db: None::<sc_offchain::NoOffchainStorage>,
		transaction_pool: Some(OffchainTransactionPoolFactory::new(pool)),
		network_provider: Arc::new(network.clone()),
		is_validator: config.role.is_authority(),
		enable_http_requests: false,
		custom_extensions: |_| Vec::new(),
	});
	let run = workers
		.expect("no metrics; qed")
		.run(client, tasks.spawn_handle())
		.boxed();
	tasks
		.spawn_handle()
		.spawn("offchain-workers-runner", "offchain-worker", run);
}
