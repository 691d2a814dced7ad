//! What the chain has written down of heartbeats, as of one block.

use crate::{
	chain::{hex, Chain},
	STAKERS,
};
use anyhow::{Context, Result};
use zombienet_sdk::subxt::ext::codec::{Decode, DecodeAll, Encode};

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

/// An open period as the runtime encodes it: period, epoch, number of the checkpoint, its hash,
/// stakers recorded, their stake, aggregates.
type OpenPeriod = (u64, u64, u32, Option<[u8; 32]>, u32, u64, u32);
/// The same with the first slot, the first behind the window and the last quarter's first.
type Window = (OpenPeriod, u64, u64, u64);
/// What collectors ask, up to the windows: slot, epoch, stakers and their stake, buckets.
type Status = (u64, u64, (u32, u64), u32, Vec<Window>);

/// What is recorded, as of one block.
pub struct Ledger {
	pub(crate) chain: Chain,
	pub(crate) block: String,
}

impl Ledger {
	async fn call(&self, query: &str, args: impl Encode) -> Result<Vec<u8>> {
		let method = format!("HeartbeatApi_{query}");
		self.chain.call(&method, &args.encode(), &self.block).await
	}

	pub(crate) async fn windows(&self) -> Result<Vec<Window>> {
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
}
