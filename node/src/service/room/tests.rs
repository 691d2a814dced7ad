//! A real client on a real database, without a network.

use super::*;
use crate::{chain_spec, service::partial::HostFunctions};
use codec::Encode;
use sc_block_builder::BlockBuilderBuilder;
use sc_client_db::{BlocksPruning, DatabaseSettings, DatabaseSource, PruningMode};
use sc_consensus::{ForkChoiceStrategy, StateAction};
use sc_executor::WasmExecutor;
use sc_service::GenesisBlockBuilder;
use sp_consensus::BlockOrigin;
use sp_consensus_aura::AURA_ENGINE_ID;
use sp_core::{crypto::ByteArray, testing::TaskExecutor};
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

/// Import the block under one of the seals that its author can make.
async fn import<I: BlockImport<Block>>(
	import: &I,
	made: &Made,
	seal: u64,
) -> std::result::Result<Hash, I::Error> {
	let mut params = BlockImportParams::new(BlockOrigin::NetworkBroadcast, made.0.clone());
	params.body = Some(made.1.clone());
	params.state_action = StateAction::Execute;
	params.fork_choice = Some(ForkChoiceStrategy::LongestChain);
	params
		.post_digests
		.push(DigestItem::Seal(AURA_ENGINE_ID, seal.encode()));
	let hash = params.post_hash();
	import.import_block(params).await.map(|_| hash)
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
	let first = import(&room, &often, 0).await.expect("has room");
	let other = import(&room, &chain.make(genesis, SLOT + 1), 0).await;
	let other = other.expect("has room");
	let mut hashes = vec![first];
	for seal in 1..MANY {
		hashes.push(import(&room, &often, seal).await.expect("has room"));
	}

	// The best block and that of another producer stay, and whichever came last.
	let last = hashes[hashes.len() - 1];
	assert_eq!(chain.client.info().best_hash, first);
	assert!([first, other, last].iter().all(|block| chain.has(*block)));
	let kept = hashes.iter().filter(|block| chain.has(**block)).count();
	assert_eq!(kept, CROWD - 1);

	// What was forgotten comes back when it is needed, and the chain goes on there.
	let seal = hashes.iter().position(|block| !chain.has(*block));
	let seal = seal.expect("some were forgotten");
	let again = import(&room, &often, seal as u64).await.expect("has room");
	assert_eq!(again, hashes[seal]);
	let next = chain.make(again, SLOT + 2);
	let next = import(&room, &next, 0).await.expect("has room");
	assert_eq!(chain.client.info().best_hash, next);
}

#[tokio::test]
async fn blocks_with_others_on_them_give_way_as_well() {
	let chain = Chain::new();
	let room = chain.room();
	let genesis = chain.client.info().genesis_hash;
	let often = chain.make(genesis, SLOT);
	for seal in 0..CROWD as u64 + 4 {
		let block = import(&room, &often, seal).await.expect("has room");
		let on_it = chain.make(block, SLOT + 4);
		import(&room, &on_it, 0).await.expect("has room");
	}
	let honest = import(&room, &chain.make(genesis, SLOT + 1), 0).await;
	let next = chain.make(honest.expect("has room"), SLOT + 2);
	let next = import(&room, &next, 0).await.expect("has room");
	let after = chain.make(next, SLOT + 3);
	let after = import(&room, &after, 0).await.expect("has room");
	assert_eq!(chain.client.info().best_hash, after);
	assert_eq!(room.crowd(1).expect("readable").len(), CROWD);
}

fn sibling(author: u8, branch: usize) -> Sibling {
	Sibling {
		header: Header::new(
			1,
			Default::default(),
			Default::default(),
			Default::default(),
			Digest::default(),
		),
		author: AuthorityId::from_slice(&[author; 32]).ok(),
		branch: vec![Hash::default(); branch],
	}
}

#[test]
fn those_of_whoever_has_most_go_first() {
	let crowd = vec![sibling(1, 1), sibling(2, 3), sibling(2, 1), sibling(3, 1)];
	let order = in_order(crowd);
	let order: Vec<_> = order
		.iter()
		.map(|sibling| {
			(
				sibling.author.as_ref().map(|it| it.as_slice()[0]),
				sibling.branch.len(),
			)
		})
		.collect();
	assert_eq!(order[..2], [(Some(2), 1), (Some(2), 3)]);
}

#[test]
fn blocks_that_change_the_witnesses_are_known() {
	let mut header = sibling(1, 1).header;
	assert!(!changes_witnesses(&header));
	let change = (1_u8, vec![([7_u8; 32], 1_u64)], 0_u32);
	let item = DigestItem::Consensus(sp_consensus_grandpa::GRANDPA_ENGINE_ID, change.encode());
	header.digest.push(item);
	assert!(changes_witnesses(&header));
}
