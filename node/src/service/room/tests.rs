//! A real client on a real database, without a network.

use super::*;
use crate::{
	chain_spec,
	service::{choice::TIE_FROM, partial::HostFunctions},
};
use codec::Encode;
use sc_block_builder::BlockBuilderBuilder;
use sc_client_db::{BlocksPruning, DatabaseSettings, DatabaseSource, PruningMode};
use sc_consensus::{ForkChoiceStrategy, StateAction};
use sc_executor::WasmExecutor;
use sc_service::GenesisBlockBuilder;
use sp_consensus::BlockOrigin;
use sp_consensus_aura::AURA_ENGINE_ID;
use sp_core::testing::TaskExecutor;
use sp_inherents::InherentData;
use sp_runtime::{traits::Header as _, Digest, DigestItem, OpaqueExtrinsic};
use tempfile::TempDir;
use vigil_runtime::{constants::SLOT_MILLIS, RuntimeApi};

/// Alice's: there are four producers.
const SLOT: u64 = 4_000_000_000;

/// More than the SDK takes.
const MANY: u64 = 40;

struct Chain {
	client: Arc<FullClient>,
	backend: Arc<FullBackend>,
	_directory: TempDir,
}

/// A block without its seal.
type Made = (Header, Vec<OpaqueExtrinsic>);

impl Chain {
	fn new() -> Self {
		let directory = tempfile::tempdir().expect("a directory");
		let spec = chain_spec::load("local").expect("is known");
		let storage = spec.as_storage_builder().build_storage().expect("builds");
		let executor = WasmExecutor::<HostFunctions>::builder().build();
		let backend = sc_service::new_db_backend(DatabaseSettings {
			trie_cache_maximum_size: None,
			state_pruning: Some(PruningMode::blocks_pruning(256)),
			source: DatabaseSource::ParityDb {
				path: directory.path().into(),
			},
			blocks_pruning: BlocksPruning::KeepAll,
			pruning_filters: Vec::new(),
			metrics_registry: None,
		})
		.expect("a database");
		let genesis =
			GenesisBlockBuilder::new_with_storage(storage, true, backend.clone(), executor.clone())
				.expect("builds");
		let client = sc_service::new_client::<_, Block, RuntimeApi, _>(
			backend.clone(),
			executor.clone(),
			genesis,
			Default::default(),
			Default::default(),
			sc_client_api::execution_extensions::ExecutionExtensions::new(None, Arc::new(executor)),
			Box::new(TaskExecutor::new()),
			None,
			None,
			Default::default(),
		)
		.expect("builds");
		Self {
			client: Arc::new(client),
			backend,
			_directory: directory,
		}
	}

	fn room(&self) -> Room<Arc<FullClient>> {
		Room::new(
			self.client.clone(),
			self.client.clone(),
			self.backend.clone(),
			ChainChoice::new(self.backend.clone()),
		)
	}

	/// The block of a slot.
	fn make(&self, parent: Hash, slot: u64) -> Made {
		let digest = Digest {
			logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())],
		};
		let mut builder = BlockBuilderBuilder::new(&*self.client)
			.on_parent_block(parent)
			.fetch_parent_block_number(&*self.client)
			.expect("the parent is there")
			.with_inherent_digests(digest)
			.build()
			.expect("begins");
		let mut data = InherentData::new();
		let now = sp_timestamp::Timestamp::new(slot * SLOT_MILLIS);
		data.put_data(sp_timestamp::INHERENT_IDENTIFIER, &now)
			.expect("encodes");
		for inherent in builder.create_inherents(data).expect("the runtime makes") {
			builder.push(inherent).expect("is valid");
		}
		let block = builder.build().expect("ends").block;
		(block.header, block.extrinsics)
	}

	fn has(&self, hash: Hash) -> bool {
		self.client.header(hash).expect("readable").is_some()
	}
}

/// Import the block under one of the seals that its author can make. None if it is refused.
async fn import<I: BlockImport<Block>>(
	import: &I,
	made: &Made,
	seal: u64,
) -> std::result::Result<Option<Hash>, I::Error> {
	let mut params = BlockImportParams::new(BlockOrigin::NetworkBroadcast, made.0.clone());
	params.body = Some(made.1.clone());
	params.state_action = StateAction::Execute;
	params.fork_choice = Some(ForkChoiceStrategy::LongestChain);
	params
		.post_digests
		.push(DigestItem::Seal(AURA_ENGINE_ID, seal.encode()));
	let hash = params.post_hash();
	let result = import.import_block(params).await?;
	Ok(matches!(result, ImportResult::Imported(_)).then_some(hash))
}

/// The same for a block that has to come in.
async fn comes_in<I: BlockImport<Block>>(to: &I, made: &Made, seal: u64) -> Hash {
	let imported = import(to, made, seal).await.expect("there is room");
	imported.expect("is not refused")
}

#[tokio::test]
async fn the_sdk_alone_has_no_room_for_them() {
	let chain = Chain::new();
	let made = chain.make(chain.client.info().genesis_hash, SLOT);
	let mut refused = None;
	for seal in 0..MANY {
		if let Err(error) = import(&chain.client, &made, seal).await {
			refused = refused.or(Some((seal, error.to_string())));
		}
	}
	let (seal, error) = refused.expect("else this whole file is not needed");
	assert_eq!(seal, 32);
	assert!(error.contains("sibling"), "{error}");
}

#[tokio::test]
async fn who_seals_a_block_often_keeps_no_other_out() {
	let chain = Chain::new();
	let room = chain.room();
	let genesis = chain.client.info().genesis_hash;
	let often = chain.make(genesis, SLOT);
	let first = comes_in(&room, &often, 0).await;
	let mut hashes = vec![first];
	for seal in 1..MANY {
		hashes.extend(import(&room, &often, seal).await.expect("there is room"));
	}
	// The allowance is used up, so that neither disks nor peers are flooded.
	assert!((CROWD + 4..MANY as usize).contains(&hashes.len()));
	assert_eq!(room.crowd(1).expect("readable").len(), CROWD);

	// Others come in all the same, and stay.
	let mut others = Vec::new();
	for slot in [SLOT + 1, SLOT + 2, SLOT + 3] {
		let made = chain.make(genesis, slot);
		for seal in 0..FEW as u64 {
			others.push(comes_in(&room, &made, seal).await);
		}
	}
	assert!(others.iter().all(|block| chain.has(*block)));
	// So does the best block, which is the oldest of the crowd.
	assert_eq!(chain.client.info().best_hash, first);
	assert!(chain.has(first));
	assert!(room.crowd(1).expect("readable").len() <= CROWD);

	// What was forgotten comes back when others built on it, and the chain goes on there.
	let seal = hashes.iter().position(|block| !chain.has(*block));
	let seal = seal.expect("some were forgotten") as u64;
	tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
	let again = comes_in(&room, &often, seal).await;
	assert_eq!(again, hashes[seal as usize]);
	let next = comes_in(&room, &chain.make(again, SLOT + 2), 0).await;
	assert_eq!(chain.client.info().best_hash, next);
}

#[tokio::test]
async fn blocks_with_others_on_them_give_way_as_well() {
	let chain = Chain::new();
	let room = chain.room();
	let genesis = chain.client.info().genesis_hash;
	let often = chain.make(genesis, SLOT);
	for seal in 0..CROWD as u64 {
		let block = comes_in(&room, &often, seal).await;
		comes_in(&room, &chain.make(block, SLOT + 4), 0).await;
	}
	let honest = comes_in(&room, &chain.make(genesis, SLOT + 1), 0).await;
	let next = comes_in(&room, &chain.make(honest, SLOT + 2), 0).await;
	let after = comes_in(&room, &chain.make(next, SLOT + 3), 0).await;
	assert_eq!(chain.client.info().best_hash, after);
	assert_eq!(room.crowd(1).expect("readable").len(), CROWD);
}

/// Where nothing is final for long, everybody votes for the lowest chain, which need not be the one that the
/// client takes for the best.
#[tokio::test]
async fn the_chain_that_is_voted_for_stays() {
	let chain = Chain::new();
	let room = chain.room();
	let mut parent = chain.client.info().genesis_hash;
	for slot in 0..u64::from(TIE_FROM) - 1 {
		parent = comes_in(&room, &chain.make(parent, SLOT + slot), 0).await;
	}
	let often = chain.make(parent, SLOT + 8);
	let mut hashes = Vec::new();
	for seal in 0..MANY {
		hashes.extend(import(&room, &often, seal).await.expect("there is room"));
		let lowest = hashes.iter().min().expect("there is one");
		assert!(chain.has(*lowest), "{seal}");
		assert!(chain.has(hashes[0]), "the client's best");
	}
}

#[test]
fn blocks_that_change_the_witnesses_are_known() {
	let hash = Hash::default;
	let mut header = Header::new(1, hash(), hash(), hash(), Digest::default());
	assert!(!changes_witnesses(&header));
	let change = (1_u8, vec![([7_u8; 32], 1_u64)], 0_u32);
	let item = DigestItem::Consensus(sp_consensus_grandpa::GRANDPA_ENGINE_ID, change.encode());
	header.digest.push(item);
	assert!(changes_witnesses(&header));
}
