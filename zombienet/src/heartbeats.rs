//! What the chain says of heartbeats, and what the stories do with them.

use crate::{
	chain::{hex, Chain, Header},
	turns::slot_now,
	Expectation, Network, PERIOD_SLOTS, STAKERS,
};
use anyhow::{bail, ensure, Context, Result};
use zombienet_sdk::subxt::{
	config::{substrate::BlakeTwo256, Hasher},
	ext::{
		codec::{Compact, Decode, DecodeAll, Encode},
		subxt_rpcs,
	},
};

/// Bytes of a signature.
const SIGNATURE: usize = 96;

/// A bitmap of 1,024 stakers.
type Bitmap = [u8; 128];

/// How much stake has seen the checkpoint of a closed period final.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
	/// The epoch of the period.
	pub epoch: u64,
	/// The block that was attested.
	pub checkpoint: Option<String>,
	/// Stakers recorded, and their stake.
	pub recorded: (u32, u64),
	/// All stakers, and their stake.
	pub total: (u32, u64),
	/// Whether the period counts for nobody.
	pub void: bool,
}

/// What became of the closed periods of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochSummary {
	/// Periods that count.
	pub valid: usize,
	/// Periods that count for nobody.
	pub void: usize,
}

/// How diligent a staker was in an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Participation {
	/// Periods in which it was recorded.
	pub recorded: usize,
	/// Periods that count.
	pub valid: usize,
}

/// A block that recorded heartbeats.
#[derive(Debug, Clone)]
pub struct Recording {
	/// How many, as its header says.
	pub in_header: usize,
	/// Whose, told by the bits that are set in its state and were not in its parent's.
	pub in_state: Vec<&'static str>,
	/// The sum of the signatures in its body.
	pub signature: Vec<u8>,
}

/// An open period as the runtime encodes it: period, epoch, number of the checkpoint, its hash,
/// stakers recorded, their stake, aggregates.
type OpenPeriod = (u64, u64, u32, Option<[u8; 32]>, u32, u64, u32);
/// The same with the first slot, the first behind the window and the last quarter's first.
type Window = (OpenPeriod, u64, u64, u64);
/// What collectors ask, up to the windows: slot, epoch, stakers and their stake, buckets.
type Status = (u64, u64, (u32, u64), u32, Vec<Window>);

/// What is recorded, as of one block.
pub struct Ledger {
	chain: Chain,
	block: String,
}

impl Ledger {
	async fn call(&self, query: &str, args: impl Encode) -> Result<Vec<u8>> {
		let method = format!("HeartbeatApi_{query}");
		self.chain.call(&method, &args.encode(), &self.block).await
	}

	async fn windows(&self) -> Result<Vec<Window>> {
		let answer = self.call("status", ()).await?;
		// Thresholds and prices follow.
		let status = Option::<Status>::decode(&mut answer.as_slice())?;
		Ok(status.context("the chain has not begun")?.4)
	}

	/// The period that runs, by the chain's own account.
	pub async fn period(&self) -> Result<u64> {
		let windows = self.windows().await?;
		Ok(windows.last().context("no period runs")?.0 .0)
	}

	/// The names of those recorded in `period`, in the order of their indices.
	pub async fn recorded(&self, period: u64) -> Result<Vec<&'static str>> {
		let answer = self.call("recorded", (period, 0u32, 1u32)).await?;
		let bitmaps = Vec::<Bitmap>::decode_all(&mut answer.as_slice())?;
		names(bitmaps.first().context("there are no stakers")?)
	}

	/// What is known of a closed period.
	pub async fn attestation(&self, period: u64) -> Result<Option<Attestation>> {
		type Answer = (u64, u64, Option<[u8; 32]>, u32, u64, (u32, u64), bool);
		let answer = self.call("attestation", period).await?;
		let answer = Option::<Answer>::decode_all(&mut answer.as_slice())?;
		Ok(answer.map(
			|(_, epoch, checkpoint, stakers, stake, total, void)| Attestation {
				epoch,
				checkpoint: checkpoint.map(|hash| hex(&hash)),
				recorded: (stakers, stake),
				total,
				void,
			},
		))
	}

	/// What is known of an epoch.
	pub async fn epoch_summary(&self, epoch: u64) -> Result<EpochSummary> {
		type Answer = (u64, u32, u32, (u32, u64));
		let answer = self.call("epoch_summary", epoch).await?;
		let answer = Option::<Answer>::decode_all(&mut answer.as_slice())?;
		let (_, valid, void, _) = answer.with_context(|| format!("no summary of {epoch}"))?;
		Ok(EpochSummary {
			valid: valid as usize,
			void: void as usize,
		})
	}

	/// How diligent `staker` was in `epoch`.
	pub async fn participation(&self, staker: &str, epoch: u64) -> Result<Participation> {
		let answer = self.call("participation", (index(staker)?, epoch)).await?;
		let answer = Option::<(u32, u32)>::decode_all(&mut answer.as_slice())?;
		let (recorded, valid) =
			answer.with_context(|| format!("nothing is known of {staker} in epoch {epoch}"))?;
		Ok(Participation {
			recorded: recorded as usize,
			valid: valid as usize,
		})
	}
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
			recordings.push(Recording {
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
		let what = format!("everybody recorded in period {period}");
		Expectation::new(what, move || async move {
			let ledger = self.ledger().await?;
			let (now, recorded) = (ledger.period().await?, ledger.recorded(period).await?);
			ensure!(recorded == STAKERS, "in period {now} only {recorded:?} are");
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

/// The index of a staker.
fn index(staker: &str) -> Result<u32> {
	let index = STAKERS.iter().position(|name| *name == staker);
	Ok(index.with_context(|| format!("{staker} is no staker"))? as u32)
}

/// The stakers whose bits are set.
fn names(bitmap: &Bitmap) -> Result<Vec<&'static str>> {
	let is_set = |index: &usize| bitmap[index / 8] >> (index % 8) & 1 == 1;
	(0..8 * bitmap.len())
		.filter(is_set)
		.map(|index| STAKERS.get(index).copied())
		.collect::<Option<_>>()
		.context("a bit is set that belongs to nobody")
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
	fn bits_have_names() {
		let mut bitmap = [0; 128];
		bitmap[0] = 0b10_0001;
		assert_eq!(names(&bitmap).unwrap(), ["alice", "ferdie"]);
		bitmap[0] = 0b100_0000;
		assert!(names(&bitmap).is_err());
	}

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
