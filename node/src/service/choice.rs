//! Which of several chains to build on, and to vote for.

use super::partial::FullBackend;
use sc_client_api::{blockchain::Backend as _, Backend};
use sc_consensus::LongestChain;
use sp_blockchain::HeaderBackend;
use sp_consensus::{Error, SelectChain};
use std::sync::Arc;
use vigil_runtime::{
	opaque::{Block, Hash},
	BlockNumber, Header,
};

const LOG_TARGET: &str = "choice";

/// From so many blocks on that are not final, equal chains are told apart by hashes. The
/// least bound on unfinalised blocks.
pub(crate) const TIE_FROM: BlockNumber = 8;

/// The longest chain; of equal ones the first that this node saw, as everywhere in the SDK: who is
/// late has lost.
///
/// But where finality stands still, chains can stay equal for ever. When the network is split and
/// no part has a quorum, each builds up to the bound on unfinalised blocks and stops. Healed, it
/// has two chains of the same height that nobody may extend; every witness votes for the one it
/// saw first, and no block gets enough votes. So there, of two chains everybody takes the one whose
/// first block after the fork has the lower hash. Heads would not do: whoever may make one can make
/// thousands, and show ever lower ones to some now and to others then.
#[derive(Clone)]
pub(crate) struct ChainChoice {
	backend: Arc<FullBackend>,
	longest: LongestChain<FullBackend, Block>,
}

impl ChainChoice {
	pub(super) fn new(backend: Arc<FullBackend>) -> Self {
		let longest = LongestChain::new(backend.clone());
		Self { backend, longest }
	}

	pub(super) fn header(&self, hash: Hash) -> sp_blockchain::Result<Header> {
		let header = self.backend.blockchain().header(hash)?;
		header.ok_or_else(|| sp_blockchain::Error::MissingHeader(hash.to_string()))
	}

	/// The head of the lowest chain among several that are highest, while much is not final. Only
	/// those count that descend from `base`. None as well if one of them goes at this very moment.
	fn among_equals(&self, base: Option<Hash>) -> Option<Header> {
		self.try_among_equals(base).unwrap_or_else(|error| {
			log::debug!(target: LOG_TARGET, "equal chains could not be compared: {error}");
			None
		})
	}

	fn try_among_equals(&self, base: Option<Hash>) -> sp_blockchain::Result<Option<Header>> {
		let (finalized, heads) = {
			// A block that is being imported is a leaf before it can be read.
			let _guard = self.backend.get_import_lock().read();
			self.highest()?
		};
		self.lowest(base.unwrap_or(finalized), heads)
	}

	/// The head that everybody chooses among equals, for those who hold the import lock.
	pub(super) fn chosen(&self) -> sp_blockchain::Result<Option<Hash>> {
		let (finalized, heads) = self.highest()?;
		let chosen = self.lowest(finalized, heads)?;
		Ok(chosen.map(|header| header.hash()))
	}

	/// Of several heads that descend from `base`, that of the lowest chain.
	fn lowest(
		&self,
		base: Hash,
		heads: Vec<(Hash, Header)>,
	) -> sp_blockchain::Result<Option<Header>> {
		if heads.len() < 2 {
			return Ok(None);
		}
		let base = (base, self.header(base)?.number);
		let mut lowest = None::<(Hash, Header)>;
		for head in heads {
			if self.ancestor(head.1.clone(), base.1)?.hash() != base.0 {
				continue;
			}
			lowest = match lowest {
				Some(lowest) if self.is_lower(lowest.0, head.0)? => Some(lowest),
				_ => Some(head),
			};
		}
		Ok(lowest.map(|(_, header)| header))
	}

	/// Whether the first block of this chain that is not in the other one has the lower hash.
	fn is_lower(&self, this: Hash, other: Hash) -> sp_blockchain::Result<bool> {
		let route = sp_blockchain::tree_route(self.backend.blockchain(), this, other)?;
		let this = route.retracted().last().map(|block| block.hash);
		let other = route.enacted().first().map(|block| block.hash);
		Ok(this < other)
	}

	/// The last final block and, while much is not final, the highest heads. For those who hold the
	/// import lock.
	fn highest(&self) -> sp_blockchain::Result<(Hash, Vec<(Hash, Header)>)> {
		let chain = self.backend.blockchain();
		let info = chain.info();
		let mut heads = Vec::<(Hash, Header)>::new();
		// They come in order, the highest first.
		for leaf in chain.leaves()? {
			let header = self.header(leaf)?;
			let highest = heads.first().map_or(header.number, |(_, head)| head.number);
			let unfinalized = highest.saturating_sub(info.finalized_number);
			if header.number < highest || unfinalized < TIE_FROM {
				break;
			}
			heads.push((leaf, header));
		}
		Ok((info.finalized_hash, heads))
	}

	/// The block of that height, or of its own if that is lower, on the way down from `header`.
	fn ancestor(&self, mut header: Header, number: BlockNumber) -> sp_blockchain::Result<Header> {
		while header.number > number {
			header = self.header(header.parent_hash)?;
		}
		Ok(header)
	}
}

#[async_trait::async_trait]
impl SelectChain<Block> for ChainChoice {
	async fn leaves(&self) -> Result<Vec<Hash>, Error> {
		self.longest.leaves().await
	}

	async fn best_chain(&self) -> Result<Header, Error> {
		match self.among_equals(None) {
			Some(head) => Ok(head),
			None => self.longest.best_chain().await,
		}
	}

	async fn finality_target(
		&self,
		base: Hash,
		highest: Option<BlockNumber>,
	) -> Result<Hash, Error> {
		let Some(head) = self.among_equals(Some(base)) else {
			return self.longest.finality_target(base, highest).await;
		};
		let highest = highest.unwrap_or(BlockNumber::MAX);
		let target = self.ancestor(head, highest);
		target
			.map(|header| header.hash())
			.map_err(|error| Error::ChainLookup(error.to_string()))
	}
}
