//! What the node and the subcommands share: database, client, pool, import queue.

use super::{
	choice::ChainChoice,
	clock::{ClockVerifier, ClockWatch},
	database,
	finality::JUSTIFICATION_PERIOD,
	heartbeat::{judge, Lies},
	room::Room,
};
use sc_consensus::BasicQueue;
use sc_consensus_aura::{BuildVerifierParams, SlotDuration};
use sc_consensus_grandpa::{GrandpaBlockImport, LinkHalf};
use sc_executor::WasmExecutor;
use sc_service::{Configuration, Error, PartialComponents, TFullBackend, TFullClient};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sp_api::ProvideRuntimeApi;
use sp_consensus_aura::{sr25519::AuthorityPair as AuraPair, AuraApi};
use std::sync::Arc;
use vigil_runtime::{opaque::Block, RuntimeApi};

/// Host functions of the SDK and no others: light clients and forks of the chain must be able to
/// run the same wasm.
pub(crate) type HostFunctions = sp_io::SubstrateHostFunctions;
pub(crate) type FullClient = TFullClient<Block, RuntimeApi, WasmExecutor<HostFunctions>>;
pub(crate) type FullBackend = TFullBackend<Block>;
pub(crate) type FullPool = sc_transaction_pool::TransactionPoolHandle<Block, FullClient>;
pub(crate) type Import = Room<GrandpaBlockImport<FullBackend, Block, FullClient, ChainChoice>>;
pub(crate) type GrandpaLink = LinkHalf<Block, FullClient, ChainChoice>;

/// What the subcommands leave alone.
pub(crate) struct Other {
	pub(crate) block_import: Import,
	pub(crate) grandpa_link: GrandpaLink,
	pub(crate) clock: Arc<ClockWatch>,
	pub(crate) lies: Lies,
	pub(crate) telemetry: Option<Telemetry>,
}

pub(crate) type Parts<Queue> =
	PartialComponents<FullClient, FullBackend, ChainChoice, Queue, FullPool, Other>;
pub(crate) type Partial = Parts<BasicQueue<Block>>;

/// Open the database and build what stands on it.
pub(crate) fn new_partial(config: &Configuration) -> Result<Partial, Error> {
	let telemetry = config
		.telemetry_endpoints
		.clone()
		.filter(|endpoints| !endpoints.is_empty())
		.map(|endpoints| -> Result<_, sc_telemetry::Error> {
			let worker = TelemetryWorker::new(16)?;
			let telemetry = worker.handle().new_telemetry(endpoints);
			Ok((worker, telemetry))
		})
		.transpose()?;

	let executor = sc_service::new_wasm_executor::<HostFunctions>(&config.executor);
	let (client, backend, keystore_container, task_manager) = database::open(
		config,
		telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
		executor,
	)?;
	let client = Arc::new(client);
	let telemetry = telemetry.map(|(worker, telemetry)| {
		task_manager
			.spawn_handle()
			.spawn("telemetry", None, worker.run());
		telemetry
	});

	let select_chain = ChainChoice::new(backend.clone());
	let transaction_pool = Arc::from(
		sc_transaction_pool::Builder::new(
			task_manager.spawn_essential_handle(),
			client.clone(),
			config.role.is_authority().into(),
		)
		.with_options(config.transaction_pool.clone())
		.with_prometheus(config.prometheus_registry())
		.build(),
	);

	let (grandpa_import, grandpa_link) = sc_consensus_grandpa::block_import(
		client.clone(),
		JUSTIFICATION_PERIOD,
		&client,
		select_chain.clone(),
		telemetry.as_ref().map(|telemetry| telemetry.handle()),
	)?;

	let slot_duration = sc_consensus_aura::slot_duration(&*client)?;
	let clock = ClockWatch::new(slot_duration.as_duration(), config.prometheus_registry())?;
	let aura = sc_consensus_aura::build_verifier::<AuraPair, _, _, _>(BuildVerifierParams {
		client: client.clone(),
		create_inherent_data_providers: move |_, ()| async move { Ok(lenient_time(slot_duration)) },
		check_for_equivocation: Default::default(),
		telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
		compatibility_mode: Default::default(),
	});
	let clock_verifier = ClockVerifier::new(
		aura,
		clock.clone(),
		Box::new({
			let client = client.clone();
			move |at| Some(client.runtime_api().authorities(at).ok()?.len() as u64)
		}),
	);
	let (verifier, lies) = judge(clock_verifier, client.clone(), config.prometheus_registry())?;
	let block_import = Room::new(
		grandpa_import.clone(),
		client.clone(),
		backend.clone(),
		select_chain.clone(),
	);
	let import_queue = BasicQueue::new(
		verifier,
		Box::new(block_import.clone()),
		Some(Box::new(grandpa_import)),
		&task_manager.spawn_essential_handle(),
		config.prometheus_registry(),
	);

	Ok(PartialComponents {
		client,
		backend,
		task_manager,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool,
		other: Other {
			block_import,
			grandpa_link,
			clock,
			lies,
			telemetry,
		},
	})
}

/// How far in the future a block may be for its seal to be checked at all. Less than 1,000 slots,
/// beyond which the SDK no longer looks for authors that made two blocks.
const LENIENCE_MS: u64 = 300_000;

/// A time some minutes ahead, for checking the seals of blocks from the future. Whether such a
/// block is accepted is for [`ClockVerifier`] to say, once it knows that a producer made it.
fn lenient_time(
	slot_duration: SlotDuration,
) -> (
	sp_consensus_aura::inherents::InherentDataProvider,
	sp_timestamp::InherentDataProvider,
) {
	let now = sp_timestamp::InherentDataProvider::from_system_time().timestamp();
	let ahead = sp_timestamp::Timestamp::new(now.as_millis().saturating_add(LENIENCE_MS));
	let slot = sp_consensus_aura::inherents::InherentDataProvider::from_timestamp_and_slot_duration(
		ahead,
		slot_duration,
	);
	(slot, sp_timestamp::InherentDataProvider::new(ahead))
}
