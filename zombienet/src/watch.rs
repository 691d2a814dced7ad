//! What the stories wait for.

use crate::{
	chain::Chain, network::Stall, turns::slot_now, Expectation, Network, Turns, SLOT_MILLIS,
};
use anyhow::ensure;
use std::time::Duration;
use tokio::time::sleep;

/// The chain counts as standing when nothing changed for so many slots.
const STANDING_SLOTS: u64 = 10;

impl Network {
	/// Block `number` becomes final on every running node.
	pub fn finality_reaches(&self, number: u64) -> Expectation<'_, ()> {
		Expectation::new(
			format!("block #{number} final on every node"),
			move || async move {
				for (node, chain) in self.running().zip(self.chains().await?) {
					let (_, reached) = chain.last_final().await?;
					ensure!(
						reached >= number,
						"on {} only #{reached} is final",
						node.name()
					);
				}
				Ok(())
			},
		)
	}

	/// From now on there are `count` slots in a row that are all filled.
	pub fn every_slot_filled(&self, count: u64) -> Expectation<'_, Turns> {
		self.every_slot_filled_but(&[], count)
	}

	/// From now on there are `count` slots in a row of which those of the `silent` producers are
	/// empty and all others filled. Takes half a second a slot and a little more.
	pub fn every_slot_filled_but<'n>(
		&'n self,
		silent: &'n [&str],
		count: u64,
	) -> Expectation<'n, Turns> {
		// The next slot, in case this one is just being filled.
		let from = slot_now() + 2;
		let what = format!("{count} slots in a row filled but those of {silent:?}");
		Expectation::new(what, move || async move {
			// The newest that can be final: finality has two seconds.
			let first = from.max(slot_now().saturating_sub(count + 4));
			let turns = Turns::read(&self.any().await?, first, count).await?;
			let (filled, empty) = (turns.filled(), turns.empty());
			ensure!(
				empty.keys().all(|producer| silent.contains(producer))
					&& filled.keys().all(|producer| !silent.contains(producer)),
				"there were {filled:?} filled and {empty:?} empty"
			);
			Ok(turns)
		})
	}

	/// From now on there are `count` slots in a row in which nobody but `liar` misses a turn.
	pub fn only_the_liar_misses<'n>(&'n self, liar: &'n str, count: u64) -> Expectation<'n, Turns> {
		let from = slot_now() + 2;
		let what = format!("{count} slots in a row filled, but those of {liar} perhaps");
		Expectation::new(what, move || async move {
			let first = from.max(slot_now().saturating_sub(count + 4));
			let turns = Turns::read(&self.any().await?, first, count).await?;
			let empty = turns.empty();
			ensure!(empty.keys().all(|name| *name == liar), "empty: {empty:?}");
			Ok(turns)
		})
	}

	/// `node` has counted something under `metric`.
	pub fn counts<'n>(&'n self, node: &'n str, metric: &'n str) -> Expectation<'n, f64> {
		Expectation::new(format!("{metric} of {node}"), move || async move {
			let count = self.node(node)?.reports(metric).await?;
			ensure!(count > 0.0, "it is {count}");
			Ok(count)
		})
	}

	/// Nobody wants `node` for a peer any more.
	pub fn shunned<'n>(&'n self, node: &'n str) -> Expectation<'n, ()> {
		Expectation::new(format!("{node} without peers"), move || async move {
			let chain = Chain::of(self.node(node)?).await?;
			let health = chain.ask("system_health", &[]).await?;
			ensure!(health["peers"] == 0, "it has {} peers", health["peers"]);
			Ok(())
		})
	}

	/// The chain stands still: on no node does the best or the last final block change any more.
	pub fn standstill(&self) -> Expectation<'_, Stall> {
		Expectation::new("the chain standing still", move || async move {
			let before = self.heights().await?;
			sleep(Duration::from_millis(STANDING_SLOTS * SLOT_MILLIS)).await;
			let after = self.heights().await?;
			ensure!(
				before == after,
				"blocks and finality went from {before:?} to {after:?}"
			);
			let (best, last_final) = after;
			Ok(Stall { best, last_final })
		})
	}

	/// `node` has the bodies of the blocks 1 to `height`, not only their headers.
	pub fn has_bodies<'n>(&'n self, node: &'n str, height: u64) -> Expectation<'n, ()> {
		Expectation::new(
			format!("{node} with {height} block bodies"),
			move || async move {
				let chain = Chain::of(self.node(node)?).await?;
				for number in 1..=height {
					let body = chain.body(number).await?;
					ensure!(!body.is_empty(), "block #{number} is empty");
				}
				Ok(())
			},
		)
	}

	/// `node` says these words in its log.
	pub fn log_line<'n>(&'n self, node: &'n str, words: &'n str) -> Expectation<'n, ()> {
		Expectation::new(
			format!("`{words}` in the log of {node}"),
			move || async move {
				let log = self.node(node)?.logs().await?;
				ensure!(log.contains(words), "it is not there");
				Ok(())
			},
		)
	}
}
