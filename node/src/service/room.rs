//! Room in the database for every block that may become final.
//!
//! The SDK keeps the state of at most 32 blocks of one height that are not final, and refuses the 33rd
//! whoever made it. A producer can seal one block as often as it likes; sent to some nodes only, 32 of
//! these would keep them off the chain of the others for good. So before it comes to that, a block of
//! whoever has most at that height is forgotten. If it is needed after all, it can be fetched again.

mod crowd;

use super::{
	author::{author, author_among, producers},
	choice::ChainChoice,
	partial::{FullBackend, FullClient},
};
use crowd::{blocks_of, victims, Allowance, Sibling, CROWD, FEW};
use sc_client_api::{
	blockchain::{Backend as _, BlockStatus},
	Backend,
};
use sc_consensus::{BlockCheckParams, BlockImport, BlockImportParams, ImportResult};
use sc_consensus_grandpa::{find_forced_change, find_scheduled_change};
use sp_blockchain::{HeaderBackend, HeaderMetadata, Result};
use sp_consensus_aura::sr25519::AuthorityId;
use std::{
	collections::{HashMap, HashSet},
	sync::{
		atomic::{AtomicU32, Ordering},
		Arc, Mutex,
	},
	time::Instant,
};
use vigil_runtime::{
	opaque::{Block, Hash, Header},
	BlockNumber,
};

const LOG_TARGET: &str = "room";

/// Imports blocks, and sees that there is room for them.
#[derive(Clone)]
pub(crate) struct Room<Import> {
	inner: Import,
	client: Arc<FullClient>,
	backend: Arc<FullBackend>,
	choice: ChainChoice,
	/// For those who have a crowd.
	allowance: Arc<Mutex<Allowance>>,
	/// The last height that the operator was told of.
	told: Arc<AtomicU32>,
}

impl<Import> Room<Import> {
	pub(super) fn new(
		inner: Import,
		client: Arc<FullClient>,
		backend: Arc<FullBackend>,
		choice: ChainChoice,
	) -> Self {
		Self {
			inner,
			client,
			backend,
			choice,
			allowance: Arc::new(Mutex::new(Allowance::new(Instant::now()))),
			told: Arc::default(),
		}
	}

	/// Forget blocks of that height until there is room for this one. Says whether it may come in: not if
	/// it is one more of its author's crowd, and that gives way to none, or too often.
	fn make(&self, header: &Header, hash: Hash) -> Result<bool> {
		let chain = self.backend.blockchain();
		// Each block of a height has a leaf of its own, or is one.
		if chain.leaves()?.len() < CROWD {
			return Ok(true);
		}
		let author = author(&self.client, header);
		let _guard = self.backend.get_import_lock().write();
		let is_new = chain.status(hash)? == BlockStatus::Unknown;
		if !is_new || header.number <= chain.info().finalized_number {
			return Ok(true);
		}
		let crowd = self.crowd(header.number)?;
		if crowd.len() < CROWD {
			return Ok(true);
		}
		let is_one_more = blocks_of(&author, &crowd) >= FEW;
		if is_one_more && !self.is_allowed() {
			self.tell(header.number, &author);
			return Ok(false);
		}
		let kept = [Some(chain.info().best_hash), self.choice.chosen()?];
		for victim in victims(crowd) {
			match self.forget(&victim, &kept) {
				Ok(true) => {
					self.tell(header.number, &victim.author);
					return Ok(true);
				}
				Ok(false) => {}
				Err(error) => log::debug!(target: LOG_TARGET, "not forgotten: {error}"),
			}
		}
		Ok(!is_one_more)
	}

	fn is_allowed(&self) -> bool {
		let mut allowance = self.allowance.lock().unwrap_or_else(|e| e.into_inner());
		allowance.take(Instant::now())
	}

	/// The blocks of a height, the oldest first.
	fn crowd(&self, number: BlockNumber) -> Result<Vec<Sibling>> {
		let chain = self.backend.blockchain();
		let (mut seen, mut crowd) = (HashSet::new(), Vec::new());
		let mut after = HashMap::new();
		// The highest come first.
		for leaf in chain.leaves()? {
			let mut block = chain.header_metadata(leaf)?;
			if block.number < number {
				break;
			}
			while seen.insert(block.hash) {
				if block.number == number {
					let header = self.choice.header(block.hash)?;
					let producers = after.entry(block.parent).or_insert_with(|| {
						producers(&self.client, block.parent).unwrap_or_default()
					});
					crowd.push(Sibling {
						author: author_among(producers, &header),
						branch: self.branch(block.hash)?,
					});
					break;
				}
				block = chain.header_metadata(block.parent)?;
			}
		}
		Ok(crowd)
	}

	/// A block and all that stands on it: parents before their children.
	fn branch(&self, hash: Hash) -> Result<Vec<Hash>> {
		let mut branch = vec![hash];
		let mut looked_at = 0;
		while let Some(block) = branch.get(looked_at) {
			branch.extend(self.backend.blockchain().children(*block)?);
			looked_at += 1;
		}
		Ok(branch)
	}

	/// Forget a block with all that stands on it. Says whether that was possible: the chains to be kept have
	/// to stay, and so have blocks that change the witnesses, because GRANDPA remembers them by their hashes.
	fn forget(&self, victim: &Sibling, kept: &[Option<Hash>]) -> Result<bool> {
		for block in &victim.branch {
			if kept.contains(&Some(*block)) || changes_witnesses(&self.choice.header(*block)?) {
				return Ok(false);
			}
		}
		for block in victim.branch.iter().rev() {
			self.backend.remove_leaf_block(*block)?;
		}
		log::debug!(target: LOG_TARGET, "forgotten: {:?}", victim.branch);
		Ok(true)
	}

	fn tell(&self, number: BlockNumber, author: &Option<AuthorityId>) {
		if self.told.swap(number, Ordering::Relaxed) == number {
			return;
		}
		let author = author.as_ref();
		let author = author.map_or_else(
			|| "an unknown producer".into(),
			|it| format!("producer {it}"),
		);
		log::warn!(
			target: LOG_TARGET,
			"{CROWD} blocks of height {number} are more than honest producers make. Some of {author} \
			 are forgotten or refused. Tell its operator and the others"
		);
	}
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
		let may_come_in = self.make(&block.header, block.post_hash());
		let may_come_in = may_come_in.unwrap_or_else(|error| {
			// There may be enough all the same.
			log::debug!(target: LOG_TARGET, "no room was made: {error}");
			true
		});
		if !may_come_in {
			// Nobody's fault for the SDK: whoever passed it on is not charged.
			return Ok(ImportResult::MissingState);
		}
		self.inner.import_block(block).await
	}
}

#[cfg(test)]
mod tests;
