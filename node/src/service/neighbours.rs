//! Tells when the peers that an operator named are on another chain.
//!
//! A peer on another chain refuses ours before we see its greeting, and neither back end says so at
//! the default log level: the node just has no peers. So those that were named and did not become
//! peers are asked for their block 0. Peers that nobody named are left alone: strangers must not be
//! able to fill the log.

use futures::future::{select, Either};
use sc_network::{
	config::NetworkConfiguration, service::traits::NetworkService, IfDisconnected, PeerId,
	ProtocolName,
};
use sc_network_sync::SyncingService;
use std::{collections::HashSet, sync::Arc, time::Duration};
use vigil_runtime::{opaque::Block, Hash};

const LOG_TARGET: &str = "neighbours";

/// Connections need a moment.
const FIRST: Duration = Duration::from_secs(5);
/// The error is repeated as long as it lasts, so that nobody has to search for it.
const EVERY: Duration = Duration::from_secs(60);
/// A peer that takes longer than this does not answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// `BlockRequest` of sc-network-sync's `api.v1.proto`: the header (`fields`) of one block
/// (`max_blocks`) from number 0.
const BLOCK_ZERO: [u8; 13] = [0x08, 0x80, 0x80, 0x80, 0x08, 0x1a, 4, 0, 0, 0, 0, 0x30, 1];

/// Watches the boot nodes and the reserved nodes.
pub(super) struct Neighbours {
	named: HashSet<PeerId>,
	genesis: Hash,
	/// What this node asks for blocks with.
	protocol: ProtocolName,
	network: Arc<dyn NetworkService>,
	sync: Arc<SyncingService<Block>>,
}

impl Neighbours {
	/// Of a node whose chain begins with `genesis`, or is the fork of it that `fork` names.
	pub(super) fn new(
		config: &NetworkConfiguration,
		genesis: Hash,
		fork: Option<&str>,
		network: Arc<dyn NetworkService>,
		sync: Arc<SyncingService<Block>>,
	) -> Self {
		let named = config
			.boot_nodes
			.iter()
			.chain(&config.default_peers_set.reserved_nodes)
			.map(|node| node.peer_id)
			.collect();
		Self {
			named,
			genesis,
			protocol: protocol(genesis, fork).into(),
			network,
			sync,
		}
	}

	/// Watch as long as the node runs.
	pub(super) async fn watch(self) {
		if self.named.is_empty() {
			return;
		}
		futures_timer::Delay::new(FIRST).await;
		while let Ok(peers) = self.sync.peers_info().await {
			let peers: HashSet<_> = peers.into_iter().map(|(peer, _)| peer).collect();
			for peer in self.named.difference(&peers) {
				match self.genesis_of(*peer).await {
					Some(theirs) if theirs != self.genesis => log::error!(
						target: LOG_TARGET,
						"🔗 Peer {peer} is on a different chain: its genesis is {theirs:?}, ours is \
						 {:?}. Compare the chain specifications: one of the two nodes was started \
						 with the wrong --chain, or keeps the database of an older network",
						self.genesis,
					),
					_ => {}
				}
			}
			futures_timer::Delay::new(EVERY).await;
		}
	}

	/// With what block the chain of `peer` begins, if it answers.
	async fn genesis_of(&self, peer: PeerId) -> Option<Hash> {
		// The network also tries the name without the genesis, which other chains understand.
		let answer = self.network.request(
			peer,
			self.protocol.clone(),
			BLOCK_ZERO.to_vec(),
			None,
			IfDisconnected::TryConnect,
		);
		match select(answer, futures_timer::Delay::new(PATIENCE)).await {
			Either::Left((Ok((answer, _)), _)) => first_hash(&answer),
			_ => None,
		}
	}
}

/// The name of the SDK's protocol for blocks: only one that this node serves itself can be asked with.
fn protocol(genesis: Hash, fork: Option<&str>) -> String {
	let fork = fork.map(|fork| format!("/{fork}")).unwrap_or_default();
	format!("/{genesis:x}{fork}/sync/2")
}

/// The hash of the first block in a `BlockResponse`: field 1 of field 1.
fn first_hash(response: &[u8]) -> Option<Hash> {
	let block = response.strip_prefix(&[0x0a])?;
	let length = block.iter().position(|byte| byte & 0x80 == 0)?;
	let hash = block.get(length + 1..)?.strip_prefix(&[0x0a, 32])?;
	hash.get(..32).map(Hash::from_slice)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_first_hash_of_a_response_is_read() {
		let hash = [7; 32];
		let response =
			|length: &[u8]| [&[0x0a], length, &[0x0a, 32], &hash, &[0x12, 1, 0]].concat();
		assert_eq!(first_hash(&response(&[37])), Some(Hash::from(hash)));
		assert_eq!(first_hash(&response(&[0xa5, 1])), Some(Hash::from(hash)));
	}

	#[test]
	fn nonsense_is_no_hash() {
		for nonsense in [
			&[][..],
			&[0x0a],
			&[0x0a, 0xff, 0xff],
			&[0x0a, 4, 0x0a, 32, 1],
			&[0x12, 0],
		] {
			assert_eq!(first_hash(nonsense), None);
		}
	}

	#[test]
	fn protocol_names_hold_the_whole_hash_and_the_fork() {
		let genesis = Hash::from_low_u64_be(0xab);
		let hash = format!("{}ab", "0".repeat(62));
		assert_eq!(protocol(genesis, None), format!("/{hash}/sync/2"));
		assert_eq!(protocol(genesis, Some("b")), format!("/{hash}/b/sync/2"));
	}
}
