//! A node's answers about its chain.

use anyhow::{ensure, Context, Result};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;
use zombienet_sdk::{
	subxt::ext::subxt_rpcs::{client::RpcParams, RpcClient},
	subxt_signer::sr25519::{dev, Keypair},
	NetworkNode,
};

/// A node on this machine that does not answer for so long is not going to.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// The development accounts that own nodes, by the name of the node.
fn accounts() -> [(&'static str, Keypair); 6] {
	[
		("alice", dev::alice()),
		("bob", dev::bob()),
		("charlie", dev::charlie()),
		("dave", dev::dave()),
		("eve", dev::eve()),
		("ferdie", dev::ferdie()),
	]
}

/// What the stories need of a header.
#[derive(Debug, Clone)]
pub(crate) struct Header {
	pub(crate) number: u64,
	pub(crate) parent: String,
	/// The Aura slot; the genesis block has none.
	pub(crate) slot: Option<u64>,
	/// What it says of heartbeats recorded in its block, SCALE-encoded.
	pub(crate) heartbeats: Option<Vec<u8>>,
}

/// A connection to one node.
pub(crate) struct Chain {
	node: String,
	rpc: RpcClient,
}

impl Chain {
	/// Connects to a running node.
	pub(crate) async fn of(node: &NetworkNode) -> Result<Self> {
		let rpc = timeout(ANSWER_WITHIN, node.rpc())
			.await
			.with_context(|| format!("{} does not answer", node.name()))?
			.with_context(|| format!("{} refuses the connection", node.name()))?;
		Ok(Self {
			node: node.name().to_string(),
			rpc,
		})
	}

	/// The answer to an RPC.
	pub(crate) async fn ask(&self, method: &str, params: &[Value]) -> Result<Value> {
		let mut rpc_params = RpcParams::new();
		for param in params {
			rpc_params.push(param)?;
		}
		timeout(ANSWER_WITHIN, self.rpc.request(method, rpc_params))
			.await
			.with_context(|| format!("{} does not answer {method}", self.node))?
			.with_context(|| format!("{} answers {method} with an error", self.node))
	}

	/// The number of the best block.
	pub(crate) async fn best(&self) -> Result<u64> {
		Ok(header(&self.ask("chain_getHeader", &[]).await?)?.number)
	}

	/// Hash and number of the last final block.
	pub(crate) async fn last_final(&self) -> Result<(String, u64)> {
		let hash = text(&self.ask("chain_getFinalizedHead", &[]).await?)?;
		let number = self.header(&hash).await?.number;
		Ok((hash, number))
	}

	/// The header of a known block.
	pub(crate) async fn header(&self, hash: &str) -> Result<Header> {
		header(&self.ask("chain_getHeader", &[hash.into()]).await?)
	}

	/// The hash of block `number` in the best chain.
	pub(crate) async fn hash(&self, number: u64) -> Result<String> {
		text(&self.ask("chain_getBlockHash", &[number.into()]).await?)
			.with_context(|| format!("{} has no block #{number}", self.node))
	}

	/// The extrinsics of block `number`: fails for a node that has only its header.
	pub(crate) async fn body(&self, number: u64) -> Result<Vec<Vec<u8>>> {
		let block = self
			.ask("chain_getBlock", &[self.hash(number).await?.into()])
			.await?;
		let extrinsics = block["block"]["extrinsics"].as_array();
		extrinsics
			.with_context(|| format!("{} has no body of block #{number}", self.node))?
			.iter()
			.map(|extrinsic| bytes(&text(extrinsic)?))
			.collect()
	}

	/// What the runtime API `method` answers in the state of block `hash`, SCALE-encoded.
	pub(crate) async fn call(&self, method: &str, args: &[u8], hash: &str) -> Result<Vec<u8>> {
		let params = [method.into(), hex(args).into(), hash.into()];
		bytes(&text(&self.ask("state_call", &params).await?)?)
	}

	/// The names behind the accounts that the runtime API `method` lists in the best state.
	pub(crate) async fn names(&self, method: &str) -> Result<Vec<String>> {
		let encoded = text(
			&self
				.ask("state_call", &[method.into(), "0x".into()])
				.await?,
		)?;
		accounts_of(&bytes(&encoded)?)?
			.iter()
			.map(|account| name(account))
			.collect()
	}
}

/// The node that belongs to an account.
fn name(account: &[u8]) -> Result<String> {
	let owner = accounts()
		.into_iter()
		.find(|(_, keys)| keys.public_key().0 == account);
	let (name, _) = owner.with_context(|| format!("unknown account {account:02x?}"))?;
	Ok(name.to_string())
}

/// A SCALE-encoded list of fewer than 64 account ids: one byte with four times the length, then
/// 32 bytes each.
fn accounts_of(encoded: &[u8]) -> Result<Vec<&[u8]>> {
	let (length, accounts) = encoded
		.split_first()
		.context("an empty answer is no list")?;
	ensure!(length % 4 == 0, "a list of 64 accounts or more");
	ensure!(
		accounts.len() == usize::from(length / 4) * 32,
		"not a list of accounts"
	);
	Ok(accounts.chunks(32).collect())
}

fn header(json: &Value) -> Result<Header> {
	let number = text(&json["number"]).context("no header")?;
	let logs = json["digest"]["logs"]
		.as_array()
		.context("a header without digest")?;
	let logs: Vec<_> = logs
		.iter()
		.map(|log| bytes(&text(log)?))
		.collect::<Result<_>>()?;
	Ok(Header {
		number: u64::from_str_radix(number.trim_start_matches("0x"), 16)?,
		parent: text(&json["parentHash"])?,
		slot: logs.iter().find_map(|log| slot(log)),
		heartbeats: logs.iter().find_map(|log| heartbeats(log)),
	})
}

/// The slot in a digest item: a pre-runtime item (6) of the engine `aura` with eight bytes.
fn slot(log: &[u8]) -> Option<u64> {
	let slot = log.strip_prefix(b"\x06aura\x20")?;
	Some(u64::from_le_bytes(slot.try_into().ok()?))
}

/// The heartbeats in a digest item: a consensus item (4) of the engine `VGHB` with 44 bytes.
fn heartbeats(log: &[u8]) -> Option<Vec<u8>> {
	let recorded = log.strip_prefix(b"\x04VGHB\xb0")?;
	(recorded.len() == 44).then(|| recorded.to_vec())
}

fn text(json: &Value) -> Result<String> {
	Ok(json
		.as_str()
		.with_context(|| format!("expected text, got {json}"))?
		.to_string())
}

/// Bytes as RPC writes them.
pub(crate) fn hex(bytes: &[u8]) -> String {
	let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
	format!("0x{digits}")
}

fn bytes(hex: &str) -> Result<Vec<u8>> {
	let digits = hex.trim_start_matches("0x").as_bytes();
	let byte = |pair: &[u8]| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?);
	digits.chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_list_of_accounts_is_read_by_name() {
		let mut encoded = vec![8];
		encoded.extend(dev::eve().public_key().0);
		encoded.extend(dev::bob().public_key().0);
		let names: Vec<_> = accounts_of(&encoded)
			.unwrap()
			.into_iter()
			.map(|a| name(a).unwrap())
			.collect();
		assert_eq!(names, ["eve", "bob"]);
		assert!(accounts_of(&encoded[..40]).is_err());
	}

	#[test]
	fn a_header_gives_its_slot_and_its_heartbeats() {
		let heartbeats = [7; 44];
		let item = hex(&[b"\x04VGHB\xb0".as_slice(), &heartbeats].concat());
		let json = serde_json::json!({
			"number": "0x1f",
			"parentHash": "0xaa",
			"digest": { "logs": ["0x0561757261", "0x0661757261200102000000000000", item] },
		});
		let header = header(&json).unwrap();
		assert_eq!((header.number, header.slot), (31, Some(0x201)));
		assert_eq!(header.heartbeats, Some(heartbeats.to_vec()));
	}
}
