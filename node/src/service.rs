//! Assembles a node from its parts. Each part does its work in a file of its own.

mod arrivals;
mod author;
mod authoring;
mod choice;
mod clock;
mod database;
mod finality;
pub(crate) mod heartbeat;
mod jumps;
mod neighbours;
mod network;
mod origin;
mod partial;
mod ports;
mod room;
mod votes;
mod voting_keys;

pub(crate) use choice::TIE_FROM;
pub(crate) use database::{wait_until_closed, ADVICE as DATABASE_ADVICE};
pub(crate) use partial::{new_partial, FullBackend, FullClient, FullPool};
pub(crate) use votes::forget_name;

use crate::{cli::VigilParams, conduct::SharedConduct, rpc};
use network::Network;
use partial::{Other, Partial};
use sc_network::NetworkBackend;
use sc_service::{Configuration, Error, PartialComponents, SpawnTasksParams, TaskManager};
use std::sync::Arc;
use vigil_runtime::opaque::{Block, Hash};

/// What there is to say beside the configuration of the SDK.
#[derive(Clone, Debug)]
pub(crate) struct Options {
	pub(crate) vigil: VigilParams,
	pub(crate) storage_monitor: sc_storage_monitor::StorageMonitorParams,
	pub(crate) conduct: SharedConduct,
}

/// Start a node. Its tasks run until the returned manager is dropped.
pub(crate) fn new_full<N: NetworkBackend<Block, Hash>>(
	mut config: Configuration,
	options: Options,
) -> Result<TaskManager, Error> {
	ports::check(&config)?;
	let gates = origin::Gates::open(&mut config.rpc)?;
	let partial: Partial = new_partial(&config)?;
	let (network, partial) = network::start::<N>(&config, partial)?;
	let PartialComponents {
		client,
		backend,
		mut task_manager,
		keystore_container,
		select_chain,
		transaction_pool,
		other: Other {
			block_import,
			grandpa_link,
			clock,
			lies,
			mut telemetry,
		},
		import_queue: (),
	} = partial;
	let Network {
		service,
		sync,
		system_rpc_tx,
		tx_controller,
		grandpa: grandpa_notifications,
		heartbeat: heartbeat_protocol,
	} = network;

	let role = config.role;
	let prometheus = config.prometheus_registry().cloned();
	let name = config.network.node_name.clone();
	let authority = authoring::Authority {
		client: client.clone(),
		keystore: keystore_container.keystore(),
		force: config.force_authoring,
		bound: authoring::Bound::new(&options.vigil, clock),
	};
	let voter = finality::Voter {
		// An authority without finality would soon stop authoring.
		enabled: role.is_authority() || !config.disable_grandpa,
		name,
		role,
		keystore: votes::keystore(&config, &client, keystore_container.keystore())?,
		gossip_ms: options.vigil.grandpa_gossip_ms,
		stock_rules: options.vigil.grandpa_stock_voting_rules,
	};
	if role.is_authority() {
		network::spawn_authority_discovery(
			&config,
			&task_manager,
			client.clone(),
			&service,
			keystore_container.keystore(),
		);
	}
	let neighbours = neighbours::Neighbours::new(
		&config.network,
		client.chain_info().genesis_hash,
		config.chain_spec.fork_id(),
		service.clone(),
		sync.clone(),
	);
	task_manager
		.spawn_handle()
		.spawn("neighbours", Some("networking"), neighbours.watch());
	network::spawn_offchain_worker(
		&config,
		&task_manager,
		client.clone(),
		&service,
		keystore_container.keystore(),
		transaction_pool.clone(),
	);
	if let Some(database) = config.database.path() {
		sc_storage_monitor::StorageMonitorService::try_spawn(
			options.storage_monitor,
			database.to_path_buf(),
			&task_manager.spawn_essential_handle(),
		)
		.map_err(|error| Error::Application(error.into()))?;
	}

	let heartbeats = heartbeat::Heartbeats {
		client: client.clone(),
		keystore: keystore_container.keystore(),
		is_authority: config.role.is_authority(),
		keystore_path: keys_directory(&config),
		record_path: keys_directory(&config).join("heartbeat-record"),
		suri: options
			.vigil
			.heartbeat_suri
			.clone()
			.or(config.dev_key_seed.clone()),
		test_keys: options.vigil.heartbeat_test_keys,
		network: service.clone(),
		protocol: heartbeat_protocol,
		conduct: options.conduct.clone(),
		lies,
	};
	let (submitter, submissions) = heartbeat::submissions();
	let voter_state = sc_consensus_grandpa::SharedVoterState::empty();
	let rpc_deps = rpc::Deps {
		client: client.clone(),
		pool: transaction_pool.clone(),
		authority_set: grandpa_link.shared_authority_set().clone(),
		voter_state: voter_state.clone(),
		justifications: grandpa_link.justification_stream(),
		finality_proofs: sc_consensus_grandpa::FinalityProofProvider::new_for_service(
			backend.clone(),
			Some(grandpa_link.shared_authority_set().clone()),
		),
		heartbeats: submitter,
	};
	sc_service::spawn_tasks(SpawnTasksParams {
		config,
		client,
		backend,
		task_manager: &mut task_manager,
		keystore: keystore_container.keystore(),
		transaction_pool: transaction_pool.clone(),
		rpc_builder: Box::new(move |executor| rpc::create(rpc_deps.clone(), executor)),
		network: service.clone(),
		system_rpc_tx,
		tx_handler_controller: tx_controller,
		sync_service: sync.clone(),
		telemetry: telemetry.as_mut(),
		tracing_execute_block: None,
	})?;
	gates.serve(&task_manager.spawn_handle());

	let shared = Shared {
		tasks: &task_manager,
		pool: transaction_pool,
		sync,
		prometheus,
		telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
	};
	let aggregates = heartbeats.spawn(&shared, submissions)?;
	if role.is_authority() {
		authority.spawn(
			&shared,
			select_chain,
			block_import,
			aggregates,
			options.conduct,
		)?;
	}
	voter.spawn(
		&shared,
		grandpa_link,
		service,
		grandpa_notifications,
		voter_state,
	)?;
	Ok(task_manager)
}

/// Where keys are kept.
pub(crate) fn keys_directory(config: &Configuration) -> std::path::PathBuf {
	match &config.keystore {
		sc_service::config::KeystoreConfig::Path { path, .. } => path.clone(),
		sc_service::config::KeystoreConfig::InMemory => {
			config.base_path.config_dir(config.chain_spec.id())
		}
	}
}

/// What both roles need.
struct Shared<'a> {
	tasks: &'a TaskManager,
	pool: Arc<FullPool>,
	sync: Arc<sc_network_sync::SyncingService<Block>>,
	prometheus: Option<substrate_prometheus_endpoint::Registry>,
	telemetry: Option<sc_telemetry::TelemetryHandle>,
}
