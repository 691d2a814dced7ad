//! Whose turn it was, slot by slot, and who took it.

use crate::{chain::Chain, PRODUCERS, SLOT_MILLIS};
use anyhow::{ensure, Context, Result};
use std::{
	collections::{BTreeMap, BTreeSet},
	time::{SystemTime, UNIX_EPOCH},
};

/// One slot and what became of it.
#[derive(Debug, Clone)]
struct Turn {
	/// The producer whose slot it is.
	producer: &'static str,
	/// Is there a final block in it?
	filled: bool,
}

/// Slots that follow each other, all of them older than the last final block.
#[derive(Debug, Clone)]
pub struct Turns(Vec<Turn>);

impl Turns {
	/// Reads the `count` slots from `first` on out of the final chain, walking back from its head.
	/// Fails while the head is not yet beyond them.
	pub(crate) async fn read(chain: &Chain, first: u64, count: u64) -> Result<Self> {
		let end = first + count;
		let (mut hash, _) = chain.last_final().await?;
		let mut header = chain.header(&hash).await?;
		let reached = header.slot.context("nothing is final yet")?;
		ensure!(
			reached >= end,
			"the final chain is at slot {reached}, not yet at {end}"
		);

		let mut filled = BTreeSet::new();
		while let Some(slot) = header.slot.filter(|slot| *slot >= first) {
			filled.insert(slot);
			hash.clone_from(&header.parent);
			header = chain.header(&hash).await?;
		}
		let turn = |slot| Turn {
			producer: owner(slot),
			filled: filled.contains(&slot),
		};
		Ok(Self((first..end).map(turn).collect()))
	}

	/// How many slots were left empty, by producer; who left none is not in the list.
	pub fn empty(&self) -> BTreeMap<&'static str, usize> {
		count(self.0.iter().filter(|turn| !turn.filled))
	}

	/// How many slots were filled, by producer; who filled none is not in the list.
	pub fn filled(&self) -> BTreeMap<&'static str, usize> {
		count(self.0.iter().filter(|turn| turn.filled))
	}
}

/// The slot it is by the clock of this machine, which all nodes share.
pub(crate) fn slot_now() -> u64 {
	let now = SystemTime::now().duration_since(UNIX_EPOCH);
	now.map_or(0, |time| time.as_millis() as u64 / SLOT_MILLIS)
}

/// The producer whose turn `slot` is, by Aura's rule.
pub(crate) fn owner(slot: u64) -> &'static str {
	let turn = slot % PRODUCERS.len() as u64;
	PRODUCERS[turn as usize]
}

fn count<'t>(turns: impl Iterator<Item = &'t Turn>) -> BTreeMap<&'static str, usize> {
	turns.fold(BTreeMap::new(), |mut counts, turn| {
		*counts.entry(turn.producer).or_default() += 1;
		counts
	})
}
