//! When blocks arrived: the moment they were announced.
//!
//! A block waits in the import queue behind others, for as long as somebody can keep the queue
//! busy. Only the announcement tells how late its author was.

use futures::{future, FutureExt};
use sp_consensus::block_validation::{BlockAnnounceValidator, Validation};
use std::{
	collections::{HashMap, VecDeque},
	error::Error,
	future::Future,
	pin::Pin,
	sync::{Arc, Mutex},
};
use vigil_runtime::{
	opaque::{Block, Header},
	Hash,
};

/// Announcements that are remembered: more than four minutes of blocks. Anybody can announce
/// anything; whoever fills this makes the node forget, and what is forgotten counts for nothing.
const REMEMBERED: usize = 512;

/// The last announcements.
#[derive(Default)]
pub(super) struct Arrivals {
	by_hash: HashMap<Hash, i64>,
	in_order: VecDeque<Hash>,
}

impl Arrivals {
	/// Note that `hash` was announced at `now_ms`. Only the first announcement counts.
	fn note(&mut self, hash: Hash, now_ms: i64) {
		if self.by_hash.contains_key(&hash) {
			return;
		}
		if self.in_order.len() >= REMEMBERED {
			if let Some(oldest) = self.in_order.pop_front() {
				self.by_hash.remove(&oldest);
			}
		}
		self.in_order.push_back(hash);
		self.by_hash.insert(hash, now_ms);
	}

	/// When `hash` was announced first, if that is remembered.
	pub(super) fn of(&self, hash: &Hash) -> Option<i64> {
		self.by_hash.get(hash).copied()
	}
}

/// Notes announcements, and accepts them all: seals are checked on import.
pub(super) struct Announcements {
	pub(super) arrivals: Arc<Mutex<Arrivals>>,
	pub(super) now_ms: fn() -> i64,
}

impl BlockAnnounceValidator<Block> for Announcements {
	fn validate(
		&mut self,
		header: &Header,
		data: &[u8],
	) -> Pin<Box<dyn Future<Output = Result<Validation, Box<dyn Error + Send>>> + Send>> {
		// Nothing is ever attached to an announcement here.
		if !data.is_empty() {
			return future::ready(Ok(Validation::Failure { disconnect: false })).boxed();
		}
		self.arrivals
			.lock()
			.unwrap_or_else(|e| e.into_inner())
			.note(header.hash(), (self.now_ms)());
		future::ready(Ok(Validation::Success { is_new_best: false })).boxed()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn hash(number: usize) -> Hash {
		Hash::from_low_u64_be(number as u64)
	}

	#[test]
	fn the_first_announcement_counts() {
		let mut arrivals = Arrivals::default();
		arrivals.note(hash(1), 10);
		arrivals.note(hash(1), 20);
		assert_eq!(arrivals.of(&hash(1)), Some(10));
		assert_eq!(arrivals.of(&hash(2)), None);
	}

	#[test]
	fn whoever_floods_makes_the_node_forget_and_no_more() {
		let mut arrivals = Arrivals::default();
		(0..10 * REMEMBERED).for_each(|number| arrivals.note(hash(number), 1));
		assert_eq!(arrivals.by_hash.len(), REMEMBERED);
		assert_eq!(arrivals.in_order.len(), REMEMBERED);
		assert_eq!(arrivals.of(&hash(0)), None);
	}
}
