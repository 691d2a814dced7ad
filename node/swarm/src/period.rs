//! One period, with everybody's heartbeats, as a node executes it.

use crate::state;
use codec::Encode;
use futures::executor::block_on;
use pallet_heartbeat::{runtime_api::HeartbeatApi, Prices};
use sc_block_builder::BlockBuilderBuilder;
use sc_chain_spec::GenesisBlockBuilder;
use sc_client_api::{execution_extensions::ExecutionExtensions, HeaderBackend};
use sc_client_db::{BlocksPruning, DatabaseSettings, DatabaseSource, PruningMode};
use sc_consensus::{BlockImport, BlockImportParams, ForkChoiceStrategy, StateAction};
use sc_executor::WasmExecutor;
use serde_json::{json, Value};
use sp_api::{Core, ProvideRuntimeApi};
use sp_consensus::BlockOrigin;
use sp_consensus_aura::AURA_ENGINE_ID;
use sp_core::{storage::Storage, testing::TaskExecutor};
use sp_inherents::InherentData;
use sp_runtime::{Digest, DigestItem};
use std::{
	error::Error,
	path::Path,
	sync::Arc,
	time::{Duration, Instant},
};
use vigil_heartbeat_primitives::{
	heartbeat_message, testing::TestKey, AggregatePart, Bitmap, BucketIndex, Effort,
	HeartbeatAggregate, Parts, BUCKET_SIZE, INHERENT_IDENTIFIER,
};
use vigil_runtime::{
	constants::SLOT_MILLIS,
	opaque::{Block, Header},
	BlockNumber, Hash, RuntimeApi,
};

/// Slots of a period on live networks.
pub(crate) const LIVE_PERIOD_SLOTS: u32 = 1_201;

/// How long the database may sort what was written at once, for each staker: 15 seconds for a million.
const SETTLE_FOR_EACH: Duration = Duration::from_micros(15);

/// The slot of block 1.
const FIRST_SLOT: u64 = 3_600_000_000;

type Executor = WasmExecutor<sp_io::SubstrateHostFunctions>;
type Client = sc_service::TFullClient<Block, RuntimeApi, Executor>;

/// A chain on disk.
struct Chain {
	client: Arc<Client>,
	slot: u64,
}

/// What a block took.
struct Cost {
	execution: Duration,
	import: Duration,
}

impl Chain {
	fn new(storage: Storage, directory: &Path, cache_mib: usize) -> Result<Self, Box<dyn Error>> {
		let executor = Executor::builder().build();
		let backend = sc_service::new_db_backend(DatabaseSettings {
			trie_cache_maximum_size: (cache_mib > 0).then_some(cache_mib << 20),
			state_pruning: Some(PruningMode::ArchiveAll),
			source: DatabaseSource::ParityDb {
				path: directory.to_owned(),
			},
			blocks_pruning: BlocksPruning::KeepAll,
			pruning_filters: Vec::new(),
			metrics_registry: None,
		})?;
		let genesis = GenesisBlockBuilder::new_with_storage(
			storage,
			true,
			backend.clone(),
			executor.clone(),
		)?;
		let client = sc_service::new_client::<_, Block, RuntimeApi, _>(
			backend,
			executor.clone(),
			genesis,
			Default::default(),
			Default::default(),
			ExecutionExtensions::new(None, Arc::new(executor)),
			Box::new(TaskExecutor::new()),
			None,
			None,
			Default::default(),
		)?;
		Ok(Self {
			client: Arc::new(client),
			slot: FIRST_SLOT,
		})
	}

	fn best(&self) -> Hash {
		self.client.info().best_hash
	}

	/// Make the next block, with an aggregate if there is one, as an author does; then execute it, and
	/// import it, as everybody else does.
	async fn block(
		&mut self,
		aggregate: Option<&HeartbeatAggregate>,
	) -> Result<Cost, Box<dyn Error>> {
		let parent = self.best();
		let digest = Digest {
			logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, self.slot.encode())],
		};
		let mut builder = BlockBuilderBuilder::new(&*self.client)
			.on_parent_block(parent)
			.fetch_parent_block_number(&*self.client)?
			.with_inherent_digests(digest)
			.build()?;
		let mut data = InherentData::new();
		let now = sp_timestamp::Timestamp::new(self.slot * SLOT_MILLIS);
		data.put_data(sp_timestamp::INHERENT_IDENTIFIER, &now)?;
		if let Some(aggregate) = aggregate {
			data.put_data(INHERENT_IDENTIFIER, aggregate)?;
		}
		let inherents = builder.create_inherents(data)?;
		if inherents.len() != 1 + usize::from(aggregate.is_some()) {
			return Err("the runtime refuses the aggregate".into());
		}
		for inherent in inherents {
			builder.push(inherent)?;
		}
		let block = builder.build()?.block;
		self.slot += 1;

		let begun = Instant::now();
		self.client
			.runtime_api()
			.execute_block(parent, block.clone().into())?;
		let execution = begun.elapsed();
		let begun = Instant::now();
		self.import(block.header, block.extrinsics).await?;
		Ok(Cost {
			execution,
			import: begun.elapsed(),
		})
	}

	async fn import(
		&self,
		header: Header,
		body: Vec<sp_runtime::OpaqueExtrinsic>,
	) -> Result<(), Box<dyn Error>> {
		let mut params = BlockImportParams::new(BlockOrigin::NetworkInitialSync, header);
		params.body = Some(body);
		params.state_action = StateAction::Execute;
		params.fork_choice = Some(ForkChoiceStrategy::LongestChain);
		self.client.import_block(params).await?;
		Ok(())
	}

	/// What heartbeats cost, and the checkpoint of period 0.
	fn status(&self) -> Result<(Prices, Hash), Box<dyn Error>> {
		let api = self.client.runtime_api();
		let status = HeartbeatApi::<_, BlockNumber>::status(&*api, self.best())?;
		let status = status.ok_or("a block was made")?;
		let checkpoint = status
			.windows
			.first()
			.and_then(|window| window.open.checkpoint);
		Ok((status.prices, checkpoint.ok_or("is known")?.into()))
	}
}

/// Execute the period; say what it took.
pub(crate) fn run(
	storage: Storage,
	directory: &Path,
	cache_mib: usize,
	stakers: u32,
	percent: u32,
) -> Result<Value, Box<dyn Error>> {
	let state_bytes = state::bytes(&storage) as f64 / f64::from(stakers);
	eprintln!("building the state on disk, in {}", directory.display());
	let mut chain = Chain::new(storage, directory, cache_mib)?;
	let genesis = chain.best();
	let empty = block_on(chain.block(None))?;
	block_on(chain.block(None))?;
	// No chain writes a whole registry at once: what the database still does about it is not measured.
	std::thread::sleep(SETTLE_FOR_EACH * stakers);
	let (prices, checkpoint) = chain.status()?;
	let message = heartbeat_message(&genesis.0, 0, &checkpoint.0);

	let mut costs = Vec::new();
	let (mut bytes, mut recorded) = (0, 0);
	for parts in batches(stakers, percent, &prices) {
		let signers = parts.iter().flat_map(|(bucket, present)| {
			let first = bucket * BUCKET_SIZE;
			present.positions().map(move |position| first + position)
		});
		let signature = TestKey::sum(signers).sign(&message);
		let effort = Effort::of(parts.iter().map(|(_, present)| present));
		recorded += parts
			.iter()
			.map(|(_, present)| present.count())
			.sum::<u32>();
		let parts = parts
			.into_iter()
			.map(|(bucket, present)| AggregatePart { bucket, present });
		let aggregate = HeartbeatAggregate {
			period: 0,
			parts: Parts::try_from(parts.collect::<Vec<_>>()).map_err(|_| "too many parts")?,
			signature,
		};
		bytes += aggregate.encoded_size();
		let cost = block_on(chain.block(Some(&aggregate)))?;
		eprintln!(
			"block with {} parts: executed in {:.1} ms, imported in {:.1} ms, weight {:.1} ms",
			effort.parts,
			milliseconds(cost.execution),
			milliseconds(cost.import),
			weight(&effort, &prices) as f64 / 1e9,
		);
		costs.push((cost, weight(&effort, &prices)));
	}

	let period_ms = f64::from(LIVE_PERIOD_SLOTS) * SLOT_MILLIS as f64;
	let executions = costs.iter().map(|(cost, _)| milliseconds(cost.execution));
	let imports = costs.iter().map(|(cost, _)| milliseconds(cost.import));
	let weights = costs.iter().map(|(_, weight)| *weight as f64 / 1e9);
	let total = executions.clone().sum::<f64>();
	Ok(json!({
		"stakers": stakers,
		"present_percent": percent,
		"recorded": recorded,
		"blocks": costs.len(),
		"empty_block_ms": milliseconds(empty.execution),
		"execution_total_ms": total,
		"execution_max_ms": executions.fold(0.0, f64::max),
		"import_total_ms": imports.clone().sum::<f64>(),
		"import_max_ms": imports.fold(0.0, f64::max),
		"weight_total_ms": weights.clone().sum::<f64>(),
		"weight_max_ms": weights.fold(0.0, f64::max),
		"share_of_period_percent": 100.0 * total / period_ms,
		"aggregate_bytes_per_staker": bytes as f64 / f64::from(recorded),
		"state_bytes_per_staker": state_bytes,
		"trie_cache_mib": cache_mib,
	}))
}

fn milliseconds(duration: Duration) -> f64 {
	duration.as_secs_f64() * 1_000.0
}

fn weight(effort: &Effort, prices: &Prices) -> u64 {
	prices.aggregate
		+ prices.part * u64::from(effort.parts)
		+ prices.page * u64::from(effort.pages)
		+ prices.key * u64::from(effort.keys)
}

/// The buckets of all stakers, of whom `percent` are present, in as few aggregates as the limit on weight
/// allows, all of about the same size: a small rest at the end would bring too few stakers.
fn batches(stakers: u32, percent: u32, prices: &Prices) -> Vec<Vec<(BucketIndex, Bitmap)>> {
	let parts: Vec<_> = (0..stakers.div_ceil(BUCKET_SIZE))
		.map(|bucket| {
			let size = (stakers - bucket * BUCKET_SIZE).min(BUCKET_SIZE);
			// Spread over the pages, differently in each bucket.
			let present = (0..size)
				.filter(|position| (position * 7_919 + bucket * 31) % 100 < percent)
				.collect();
			(bucket, present)
		})
		.collect();
	let fits = |batch: &[(BucketIndex, Bitmap)]| {
		let effort = Effort::of(batch.iter().map(|(_, present)| present));
		weight(&effort, prices) <= prices.limit
	};
	let split = |count: usize| parts.chunks(parts.len().div_ceil(count));
	let fewest = (1..parts.len()).find(|count| split(*count).all(fits));
	split(fewest.unwrap_or(parts.len()))
		.map(<[_]>::to_vec)
		.collect()
}
