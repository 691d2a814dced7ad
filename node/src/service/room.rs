//! Room in the database for every block that may become final.
//!
//! The SDK keeps the state of at most 32 blocks of one height that are not final, and refuses the 33rd
//! whoever made it. A producer can seal one block as often as it likes; sent to some nodes only, 32 of
//! these would keep them off the chain of the others for good. So before it comes to that, a block of
//! whoever has most at that height is forgotten. If it is needed after all, it can be fetched again.

use super::{
	author::author,
	partial::{FullBackend, FullClient},
};
use rand::Rng;
use sc_client_api::{
	blockchain::{Backend as _, BlockStatus},
	Backend,
};
use sc_consensus::{BlockCheckParams, BlockImport, BlockImportParams, ImportResult};
use sc_consensus_grandpa::{find_forced_change, find_scheduled_change};
use sp_blockchain::{HeaderBackend, HeaderMetadata, Result};
use sp_consensus_aura::sr25519::AuthorityId;
use std::{
	cmp::Reverse,
	collections::{HashMap, HashSet},
	sync::{
		atomic::{AtomicU32, Ordering},
		Arc,
	},
};
use vigil_runtime::{
	opaque::{Block, Hash, Header},
	BlockNumber,
};

const LOG_TARGET: &str = "room";

/// Blocks of one height that a node keeps. Honest producers make a few when the network is split;
/// what is missing to the SDK's 32 is for blocks that may not be forgotten.
const CROWD: usize = 24;

/// Imports blocks, and sees that there is room for them.
#[derive(Clone)]
pub(crate) struct Room<Import> {
	inner: Import,
	client: Arc<FullClient>,
	backend: Arc<FullBackend>,
	/// The last height that the operator was told of.
	told: Arc<AtomicU32>,
}

/// A block among others of its height.
struct Sibling {
	header: Header,
	author: Option<AuthorityId>,
	/// It, and all that stands on it: parents before their children.
	branch: Vec<Hash>,
}

impl<Import> Room<Import> {
	pub(super) fn new(inner: Import, client: Arc<FullClient>, backend: Arc<FullBackend>) -> Self {
		let told = Arc::default();
		Self {
			inner,
			client,
			backend,
			told,
		}
	}

	/// Forget blocks of that height until there is room for one more.
	fn make(&self, number: BlockNumber, hash: Hash) -> Result<()> {
		let chain = self.backend.blockchain();
		// Each block of a height has a leaf of its own, or is one.
		if chain.leaves()?.len() < CROWD {
			return Ok(());
		}
		let _guard = self.backend.get_import_lock().write();
		let is_new = chain.status(hash)? == BlockStatus::Unknown;
		if !is_new || number <= chain.info().finalized_number {
			return Ok(());
		}
		let crowd = self.crowd(number)?;
		let mut excess = (crowd.len() + 1).saturating_sub(CROWD);
		if excess == 0 {
			return Ok(());
		}
		for sibling in in_order(crowd) {
			if excess == 0 {
				return Ok(());
			}
			if self.forget(&sibling)? {
				excess -= 1;
				self.tell(number, &sibling);
			}
		}
		log::debug!(target: LOG_TARGET, "{excess} blocks of height {number} too many have to stay");
		Ok(())
	}

	/// The blocks of a height.
	fn crowd(&self, number: BlockNumber) -> Result<Vec<Sibling>> {
		let chain = self.backend.blockchain();
		let (mut seen, mut crowd) = (HashSet::new(), Vec::new());
		// The highest come first.
		for leaf in chain.leaves()? {
			let mut block = chain.header_metadata(leaf)?;
			if block.number < number {
				break;
			}
			while seen.insert(block.hash) {
				if block.number == number {
					crowd.push(self.sibling(block.hash)?);
					break;
				}
				block = chain.header_metadata(block.parent)?;
			}
		}
		Ok(crowd)
	}

	fn sibling(&self, hash: Hash) -> Result<Sibling> {
		let chain = self.backend.blockchain();
		let mut branch = vec![hash];
		let mut looked_at = 0;
		while let Some(block) = branch.get(looked_at) {
			branch.extend(chain.children(*block)?);
			looked_at += 1;
		}
		let header = self.header(hash)?;
		Ok(Sibling {
			author: author(&self.client, &header),
			header,
			branch,
		})
	}

	fn header(&self, hash: Hash) -> Result<Header> {
		let header = self.backend.blockchain().header(hash)?;
		header.ok_or_else(|| sp_blockchain::Error::MissingHeader(hash.to_string()))
	}

	/// Forget a block with all that stands on it. Says whether that was possible: the best chain has to stay,
	/// and so have blocks that change the witnesses, because GRANDPA remembers them by their hashes.
	fn forget(&self, sibling: &Sibling) -> Result<bool> {
		let best = self.backend.blockchain().info().best_hash;
		if sibling.branch.contains(&best) {
			return Ok(false);
		}
		for block in &sibling.branch {
			if changes_witnesses(&self.header(*block)?) {
				return Ok(false);
			}
		}
		for block in sibling.branch.iter().rev() {
			self.backend.remove_leaf_block(*block)?;
		}
		Ok(true)
	}

	fn tell(&self, number: BlockNumber, sibling: &Sibling) {
		let hash = sibling.header.hash();
		log::debug!(target: LOG_TARGET, "forgotten: block {hash} of height {number}");
		if self.told.swap(number, Ordering::Relaxed) == number {
			return;
		}
		let author = sibling.author.as_ref();
		let author = author.map_or_else(
			|| "an unknown producer".into(),
			|it| format!("producer {it}"),
		);
		log::warn!(
			target: LOG_TARGET,
			"{CROWD} blocks of height {number} are more than honest producers make, and most of them are of \
			 {author}. Some of these are forgotten. Tell the other operators"
		);
	}
}

/// Those first that may be forgotten first: of whoever has most, and with little that stands on them. Among
/// equals by chance, so that nobody can choose.
fn in_order(mut crowd: Vec<Sibling>) -> Vec<Sibling> {
	let mut blocks = HashMap::<_, usize>::new();
	for sibling in &crowd {
		*blocks.entry(sibling.author.clone()).or_default() += 1;
	}
	crowd.sort_by_cached_key(|sibling| {
		let of_its_author = blocks.get(&sibling.author).copied();
		let chance = rand::thread_rng().gen::<u64>();
		(Reverse(of_its_author), sibling.branch.len(), chance)
	});
	crowd
}

fn changes_witnesses(header: &Header) -> bool {
	find_scheduled_change::<Block>(header).is_some()
		|| find_forced_change::<Block>(header).is_some()
}

#[async_trait::async_trait]
impl<Import: BlockImport<Block> + Send + Sync> BlockImport<Block> for Room<Import> {
	type Error = Import::Error;

	async fn check_block(
		&self,
		block: BlockCheckParams<Block>,
	) -> std::result::Result<ImportResult, Self::Error> {
		self.inner.check_block(block).await
	}

	async fn import_block(
		&self,
		block: BlockImportParams<Block>,
	) -> std::result::Result<ImportResult, Self::Error> {
		if let Err(error) = self.make(block.header.number, block.post_hash()) {
			// There may be enough all the same.
			log::debug!(target: LOG_TARGET, "no room was made: {error}");
		}
		self.inner.import_block(block).await
	}
}

#[cfg(test)]
mod tests;
