//! What the chain says of heartbeats, and what the stories do with them.

use crate::{
	chain::{hex, Chain, Header},
	ledger::Attestation,
	turns::{owner, slot_now},
	Expectation, Ledger, Network, PERIOD_SLOTS, STAKERS,
};
use anyhow::{bail, ensure, Context, Result};
use zombienet_sdk::subxt::{
	config::{substrate::BlakeTwo256, Hasher},
	ext::{
		codec::{Compact, Decode, DecodeAll},
		subxt_rpcs,
	},
};

/// Bytes of a signature.
const SIGNATURE: usize = 96;

/// A block that recorded heartbeats.
#[derive(Debug, Clone)]
pub struct Recording {
	/// Who made the block.
	pub producer: &'static str,
	/// How many slots of the period had begun before its own.
	pub slots_before: u64,
	/// How many, as its header says.
	pub in_header: usize,
	/// Whose, told by the bits that are set in its state and were not in its parent's.
	pub in_state: Vec<&'static str>,
	/// The sum of the signatures in its body.
	pub signature: Vec<u8>,
}

impl Network {
	// Questions

	/// What is recorded, as of the last final block.
	pub async fn ledger(&self) -> Result<Ledger> {
		let chain = self.any().await?;
		let (block, _) = chain.last_final().await?;
		Ok(Ledger { chain, block })
	}

	/// What was recorded, as of block `number`.
	pub async fn ledger_at(&self, number: u64) -> Result<Ledger> {
		let chain = self.any().await?;
		let block = chain.hash(number).await?;
		Ok(Ledger { chain, block })
	}

	/// The names of those recorded in `period`, as of the last block that is final on `node`.
	pub async fn recorded_on(&self, node: &str, period: u64) -> Result<Vec<&'static str>> {
		self.ledger_of(node).await?.recorded(period).await
	}

	/// The hash of the first final block of `period`, told from the slots alone. Only for periods
	/// before which the chain never stood still for longer than one.
	pub async fn first_block_of(&self, period: u64) -> Result<String> {
		let first = self.final_since(period).await?.pop();
		let (hash, header) = first.context("no block of the period is final")?;
		let end = self.first_slot(period + 1).await?;
		ensure!(header.slot < Some(end), "period {period} has no block");
		Ok(hash)
	}

	/// The final blocks that recorded heartbeats of `period`, oldest first. Fails if one has a header
	/// that names another aggregate than its body holds.
	pub async fn recordings(&self, period: u64) -> Result<Vec<Recording>> {
		let mut recordings = Vec::new();
		let first = self.first_slot(period).await?;
		for (hash, header) in self.final_since(period).await?.into_iter().rev() {
			let Some(digest) = &header.heartbeats else {
				continue;
			};
			let (of, in_header, aggregate) =
				<(u64, u32, [u8; 32])>::decode_all(&mut digest.as_slice())?;
			if of != period {
				continue;
			}
			let chain = self.any().await?;
			let body = chain.body(header.number).await?;
			let held = body
				.iter()
				.find_map(|extrinsic| aggregate_in(extrinsic, &aggregate));
			let held = held.with_context(|| format!("#{} names no aggregate", header.number))?;
			let before = self.ledger_at(header.number - 1).await?;
			let before = before.recorded(period).await?;
			let mut in_state = Ledger { chain, block: hash }.recorded(period).await?;
			in_state.retain(|name| !before.contains(name));
			let slot = header.slot.context("a block without a slot")?;
			recordings.push(Recording {
				producer: owner(slot),
				slots_before: slot - first,
				in_header: in_header as usize,
				in_state,
				signature: held[held.len() - SIGNATURE..].to_vec(),
			});
		}
		Ok(recordings)
	}

	/// Hands `signature` to `node` as the heartbeat of staker `index` in `period`. Gives the words
	/// with which it is refused; fails if it is not.
	pub async fn refusal(
		&self,
		node: &str,
		index: u32,
		period: u64,
		signature: &[u8],
	) -> Result<String> {
		let chain = Chain::of(self.node(node)?).await?;
		let params = [index.into(), period.into(), hex(signature).into()];
		let Err(error) = chain.ask("heartbeat_submit", &params).await else {
			bail!("{node} took a heartbeat of {index} in period {period}");
		};
		match error.downcast_ref() {
			Some(subxt_rpcs::Error::User(refusal)) => Ok(refusal.message.clone()),
			_ => Err(error),
		}
	}

	// Expectations

	/// Every node has left out the period that it found running when it started, as it must without
	/// a record of what it signed. Gives the first period in which nobody leaves out anything.
	pub fn everybody_about_to_sign(&self) -> Expectation<'_, u64> {
		Expectation::new("every node with a period left out", move || async move {
			let mut newest = 0;
			for staker in STAKERS {
				let log = self.node(staker)?.logs().await?;
				let left_out = log.lines().filter_map(left_out).next_back();
				let left_out = left_out.with_context(|| format!("{staker} left out none"))?;
				newest = newest.max(left_out);
			}
			Ok(newest + 1)
		})
	}

	/// The first heartbeats of `period` are recorded and final. Gives the names.
	pub fn somebody_recorded(&self, period: u64) -> Expectation<'_, Vec<&'static str>> {
		let what = format!("somebody recorded in period {period}");
		Expectation::new(what, move || async move {
			let recorded = self.ledger().await?.recorded(period).await?;
			ensure!(!recorded.is_empty(), "nobody is");
			Ok(recorded)
		})
	}

	/// All six are recorded in `period`, and that is final.
	pub fn everybody_recorded(&self, period: u64) -> Expectation<'_, ()> {
		self.everybody_recorded_but(None, period)
	}

	/// All but one, of whom it does not matter, are recorded in `period`, and that is final.
	pub fn everybody_recorded_but(
		&self,
		one: Option<&'static str>,
		period: u64,
	) -> Expectation<'_, ()> {
		let what = format!("everybody but {one:?} recorded in period {period}");
		Expectation::new(what, move || async move {
			let ledger = self.ledger().await?;
			let (now, recorded) = (ledger.period().await?, ledger.recorded(period).await?);
			let is_there = |name: &&str| recorded.contains(name) || one == Some(*name);
			let all = STAKERS.iter().all(is_there);
			ensure!(all, "in period {now} only {recorded:?} are");
			Ok(())
		})
	}

	/// `period` accepts no more heartbeats, and that is final.
	pub fn closed(&self, period: u64) -> Expectation<'_, Attestation> {
		let what = format!("period {period} closed");
		Expectation::new(what, move || async move {
			let attestation = self.ledger().await?.attestation(period).await?;
			attestation.context("it is not")
		})
	}

	/// The checkpoint of `period` or of a later one is final on `node`. Gives the period.
	pub fn checkpoint_final<'n>(&'n self, node: &'n str, period: u64) -> Expectation<'n, u64> {
		let what = format!("the checkpoint of period {period} final on {node}");
		Expectation::new(what, move || async move {
			let windows = self.ledger_of(node).await?.windows().await?;
			let ((running, _, _, checkpoint, ..), ..) = *windows.last().context("none runs")?;
			ensure!(running >= period, "period {running} runs");
			// Its hash is known one block later.
			checkpoint.context("the first block is the last one")?;
			Ok(running)
		})
	}

	/// The clock says that `period`, which was open or closed in block `number`, accepts no more
	/// heartbeats, even if no block has said so yet.
	pub fn window_over(&self, period: u64, number: u64) -> Expectation<'_, ()> {
		let what = format!("the window of period {period} over");
		Expectation::new(what, move || async move {
			let windows = self.ledger_at(number).await?.windows().await?;
			let open = windows.iter().find(|(open, ..)| open.0 == period);
			let end = open.map_or(0, |(_, _, end, _)| *end);
			let now = slot_now();
			ensure!(now >= end, "it is slot {now}, and it ends at {end}");
			Ok(())
		})
	}

	// Means

	/// What is recorded, as of the last block that is final on `node`.
	async fn ledger_of(&self, node: &str) -> Result<Ledger> {
		let chain = Chain::of(self.node(node)?).await?;
		let (block, _) = chain.last_final().await?;
		Ok(Ledger { chain, block })
	}

	/// The slot with which `period` begins: periods are counted from block 1.
	async fn first_slot(&self, period: u64) -> Result<u64> {
		let chain = self.any().await?;
		let header = chain.header(&chain.hash(1).await?).await?;
		Ok(header.slot.context("block 1 has no slot")? + period * PERIOD_SLOTS)
	}

	/// The final blocks since the beginning of `period`, newest first.
	async fn final_since(&self, period: u64) -> Result<Vec<(String, Header)>> {
		let first = self.first_slot(period).await?;
		let chain = self.any().await?;
		let (mut hash, _) = chain.last_final().await?;
		let mut blocks = Vec::new();
		loop {
			let header = chain.header(&hash).await?;
			if header.slot < Some(first) {
				return Ok(blocks);
			}
			let parent = header.parent.clone();
			blocks.push((hash, header));
			hash = parent;
		}
	}
}

/// The aggregate of this hash, if that is what the extrinsic brings: it follows the length, the
/// version and the number of the call, and ends with the signature.
fn aggregate_in<'e>(extrinsic: &'e [u8], hash: &[u8; 32]) -> Option<&'e [u8]> {
	let mut rest = extrinsic;
	Compact::<u32>::decode(&mut rest).ok()?;
	let aggregate = rest.get(3..)?;
	let digest = Hasher::hash(&BlakeTwo256, aggregate);
	(digest.0 == *hash && aggregate.len() > SIGNATURE).then_some(aggregate)
}

/// The period that a line of a log says was left out.
fn left_out(line: &str) -> Option<u64> {
	let (_, period) = line.split_once("No record of what was signed: period ")?;
	period.split_once(" is left out")?.0.parse().ok()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_aggregate_is_found_by_its_hash() {
		let aggregate = [9; 237];
		let hash = Hasher::hash(&BlakeTwo256, &aggregate).0;
		let extrinsic = [&[0xc1, 0x03, 5, 7, 0], aggregate.as_slice()].concat();
		assert_eq!(aggregate_in(&extrinsic, &hash), Some(aggregate.as_slice()));
		assert_eq!(aggregate_in(&extrinsic, &[0; 32]), None);
		assert_eq!(aggregate_in(&[4, 5], &hash), None);
	}

	#[test]
	fn a_log_names_the_period_left_out() {
		let line = "INFO heartbeat: No record of what was signed: period 12 is left out.";
		assert_eq!(left_out(line), Some(12));
		assert_eq!(left_out("INFO Imported #12"), None);
	}
}
