//! A running network and the verbs of the stories.

use crate::{
	chain::Chain,
	process,
	setup::{self, NodeSettings, StoryDir},
};
use anyhow::{ensure, Context, Result};
use std::{collections::BTreeSet, path::PathBuf};
use zombienet_sdk::{
	AddNodeOptions, Arg, LocalFileSystem, NetworkConfig, NetworkConfigExt, NetworkNode,
};

/// A node that was started answers within this time.
const START_SECONDS: u64 = 60;

/// The conduct of a node that does not lie.
const HONEST: &str = "";

/// A network about to be started.
pub struct NetworkBuilder {
	story: String,
	settings: NodeSettings,
}

impl NetworkBuilder {
	/// Authoring stops when more than `blocks` blocks are not final (64 when not set).
	pub fn max_unfinalized(mut self, blocks: u32) -> Self {
		self.settings.max_unfinalized = blocks;
		self
	}

	/// All nodes keep the state of every block.
	pub fn archive(mut self) -> Self {
		self.settings.state_pruning = "archive".into();
		self
	}

	/// An epoch has so many periods, for a story that waits for its edges (6 when not set).
	pub fn epoch_periods(mut self, periods: u32) -> Self {
		self.settings.epoch_periods = Some(periods);
		self
	}

	/// `node` lies: its `conduct` is one of `vigil-adversary`.
	pub fn liar(mut self, node: &str, conduct: &str) -> Self {
		self.settings.liars.insert(node.into(), conduct.into());
		self
	}

	/// Starts the six nodes and waits until each answers.
	pub async fn start(self) -> Result<Network> {
		let dir = StoryDir::create(&self.story)?;
		let description = setup::prepare(&dir, &self.settings)?;
		let config = NetworkConfig::load_from_toml_string_with_base_dir(&description, dir.path())?;
		let nodes = config
			.spawn_native()
			.await
			.with_context(|| format!("no network; its logs are in {}", dir.path().display()))?;
		Ok(Network {
			nodes,
			down: BTreeSet::new(),
			liars: self.settings.liars.into_keys().collect(),
			dir,
			ended_well: false,
		})
	}
}

/// The chain as it stood still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stall {
	/// The number of the best block, the same on all nodes.
	pub best: u64,
	/// The number of the last final block of the node that knows least.
	pub last_final: u64,
}

impl Stall {
	/// How many blocks wait for finality.
	pub fn unfinalized(&self) -> u64 {
		self.best - self.last_final
	}
}

/// A network of real nodes on this machine. It ends with the story that started it.
pub struct Network {
	nodes: zombienet_sdk::Network<LocalFileSystem>,
	down: BTreeSet<String>,
	liars: BTreeSet<String>,
	dir: StoryDir,
	ended_well: bool,
}

impl Network {
	/// The network `local` of `networks/local.toml`, with its files named after the `story`.
	pub fn local(story: &str) -> NetworkBuilder {
		let settings = NodeSettings {
			max_unfinalized: 64,
			state_pruning: "4096".into(),
			epoch_periods: None,
			liars: Default::default(),
		};
		NetworkBuilder {
			story: story.into(),
			settings,
		}
	}

	/// The raw chain spec all nodes were started with.
	pub fn chain_spec(&self) -> PathBuf {
		self.dir.chain_spec()
	}

	/// Where `node` serves its RPC.
	pub fn ws_url(&self, node: &str) -> Result<String> {
		Ok(self.nodes.get_node(node)?.ws_uri().to_string())
	}

	/// Where other nodes and light clients reach `node`.
	pub fn multiaddr(&self, node: &str) -> Result<String> {
		Ok(self.nodes.get_node(node)?.multiaddr().to_string())
	}

	// Verbs

	/// Kills the process: it writes nothing more, and tells nobody. What it wrote before stays.
	pub async fn kill(&mut self, node: &str) -> Result<()> {
		process::cut_off(self.nodes.get_node(node)?).await?;
		self.down.insert(node.into());
		Ok(())
	}

	/// Starts a killed node again, with the database it left behind.
	pub async fn start(&mut self, node: &str) -> Result<()> {
		let process = self.nodes.get_node(node)?;
		process.restart(None).await?;
		process.wait_until_is_up(START_SECONDS).await?;
		self.down.remove(node);
		Ok(())
	}

	/// Adds a full node with an empty database that is reached through a WebSocket.
	pub async fn join(&mut self, node: &str, sync: &str) -> Result<()> {
		self.join_as(node, sync, HONEST).await
	}

	/// Adds a full node that lies, see [`NetworkBuilder::liar`].
	pub async fn join_liar(&mut self, node: &str, conduct: &str) -> Result<()> {
		self.liars.insert(node.into());
		self.join_as(node, "full", conduct).await
	}

	async fn join_as(&mut self, node: &str, sync: &str, conduct: &str) -> Result<()> {
		let args = vec![
			Arg::Flag("-:--prometheus-external".into()),
			Arg::Flag("-:--rpc-cors".into()),
			Arg::Flag("--no-mdns".into()),
			Arg::Option("--listen-addr".into(), "/ip4/127.0.0.1/tcp/0/ws".into()),
			Arg::Option("--sync".into(), sync.into()),
		];
		let options = AddNodeOptions {
			args,
			env: vec![("VIGIL_CONDUCT", conduct).into()],
			..Default::default()
		};
		self.nodes.add_node(node, options).await
	}

	/// Ends a story that went well. Says so if a node panicked where nobody looked. What the runtime says when
	/// it refuses a block is no panic of a node: it has no thread.
	pub async fn stop(mut self) -> Result<()> {
		for node in self.nodes.nodes() {
			let log = node.logs().await?;
			let panic = log.lines().find(|line| line.contains("' panicked at"));
			ensure!(
				panic.is_none(),
				"{}: {}",
				node.name(),
				panic.unwrap_or_default()
			);
		}
		self.ended_well = true;
		Ok(())
	}

	// Questions

	/// The names of the producers, as the chain gives them.
	pub async fn producers(&self) -> Result<Vec<String>> {
		self.any().await?.names("RolesApi_producers").await
	}

	/// The names of the witnesses, as the chain gives them.
	pub async fn witnesses(&self) -> Result<Vec<String>> {
		self.any().await?.names("RolesApi_witnesses").await
	}

	/// How many blocks `node` has built since it started, by its own count.
	pub async fn built_by(&self, node: &str) -> Result<u64> {
		let node = self.nodes.get_node(node)?;
		Ok(node
			.reports("substrate_proposer_block_constructed_count")
			.await? as u64)
	}

	/// The number of the last block that is final on every running node.
	pub async fn last_final(&self) -> Result<u64> {
		let mut lowest = u64::MAX;
		for chain in self.chains().await? {
			lowest = lowest.min(chain.last_final().await?.1);
		}
		Ok(lowest)
	}

	/// The hashes of the final blocks 1 to `height`, which all running nodes must agree on.
	pub async fn final_chain(&self, height: u64) -> Result<Vec<String>> {
		let mut agreed: Option<Vec<String>> = None;
		for (name, chain) in self.running().zip(self.chains().await?) {
			let reached = chain.last_final().await?.1;
			ensure!(
				reached >= height,
				"on {} only #{reached} is final",
				name.name()
			);
			let mut hashes = Vec::new();
			for number in 1..=height {
				hashes.push(chain.hash(number).await?);
			}
			let known = agreed.get_or_insert_with(|| hashes.clone());
			ensure!(*known == hashes, "{} has another final chain", name.name());
		}
		agreed.context("no node is running")
	}

	/// The number of the block that has `hash` on `node`.
	pub async fn number_of(&self, node: &str, hash: &str) -> Result<u64> {
		Ok(Chain::of(self.nodes.get_node(node)?)
			.await?
			.header(hash)
			.await?
			.number)
	}

	/// The hash of block `number` on `node`, provided it is final there.
	pub async fn final_hash(&self, node: &str, number: u64) -> Result<String> {
		let chain = Chain::of(self.nodes.get_node(node)?).await?;
		let (_, reached) = chain.last_final().await?;
		ensure!(reached >= number, "on {node} only #{reached} is final");
		chain.hash(number).await
	}

	// Means

	/// A node, running or not.
	pub(crate) fn node(&self, node: &str) -> Result<&NetworkNode> {
		self.nodes.get_node(node)
	}

	pub(crate) fn running(&self) -> impl Iterator<Item = &NetworkNode> {
		self.nodes
			.nodes()
			.into_iter()
			.filter(|node| !self.down.contains(node.name()))
	}

	pub(crate) async fn chains(&self) -> Result<Vec<Chain>> {
		let mut chains = Vec::new();
		for node in self.running() {
			chains.push(Chain::of(node).await?);
		}
		Ok(chains)
	}

	/// A node to ask when all that do not lie would answer the same.
	pub(crate) async fn any(&self) -> Result<Chain> {
		let mut honest = self
			.running()
			.filter(|node| !self.liars.contains(node.name()));
		Chain::of(honest.next().context("no node is running")?).await
	}

	/// The best block, which must be the same on all running nodes, and the lowest final one.
	pub(crate) async fn heights(&self) -> Result<(u64, u64)> {
		let mut bests = BTreeSet::new();
		for chain in self.chains().await? {
			bests.insert(chain.best().await?);
		}
		ensure!(bests.len() == 1, "the nodes have the best blocks {bests:?}");
		Ok((
			bests.pop_first().context("no node is running")?,
			self.last_final().await?,
		))
	}
}

impl Drop for Network {
	/// Leaves no process behind; keeps the logs of a story that did not go well.
	fn drop(&mut self) {
		self.nodes.nodes().into_iter().for_each(process::clear_away);
		if self.ended_well {
			self.dir.delete();
		} else {
			eprintln!(
				"the logs of the nodes are in {}/nodes",
				self.dir.path().display()
			);
		}
	}
}
