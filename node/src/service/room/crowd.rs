//! Which of too many blocks of one height give way, and to whom. Touches no database.

use sp_consensus_aura::sr25519::AuthorityId;
use std::{
	cmp::Reverse,
	collections::HashMap,
	time::{Duration, Instant},
};
use vigil_runtime::opaque::Hash;

/// Blocks of one height that a node keeps. Honest producers make a few when the network is split;
/// what is missing to the SDK's 32 is for those who have no crowd there.
pub(super) const CROWD: usize = 24;

/// So many blocks of one height are nobody's crowd: they give way to none, and need no allowance.
pub(super) const FEW: usize = 2;

/// A block among others of its height.
pub(super) struct Sibling {
	pub(super) author: Option<AuthorityId>,
	/// It, and all that stands on it: parents before their children.
	pub(super) branch: Vec<Hash>,
}

/// How many blocks of that author are there.
pub(super) fn blocks_of(author: &Option<AuthorityId>, crowd: &[Sibling]) -> usize {
	let theirs = crowd.iter().filter(|sibling| &sibling.author == author);
	theirs.count()
}

/// Those that may be forgotten, in that order: of whoever has most, and with little that stands on them.
/// Among equals it stays as it was, which is the oldest first: whoever heard of one has fetched it by then.
pub(super) fn victims(mut crowd: Vec<Sibling>) -> Vec<Sibling> {
	let mut blocks = HashMap::<_, usize>::new();
	for sibling in &crowd {
		*blocks.entry(sibling.author.clone()).or_default() += 1;
	}
	let of_its_author =
		|sibling: &Sibling| blocks.get(&sibling.author).copied().unwrap_or_default();
	crowd.retain(|sibling| of_its_author(sibling) > FEW);
	crowd.sort_by_key(|sibling| (Reverse(of_its_author(sibling)), sibling.branch.len()));
	crowd
}

/// How often a block may be forgotten for one more of the same crowd. What is forgotten stays on the
/// disk, and peers that heard of it ask in vain; but one that others built on has to come in.
pub(super) struct Allowance {
	left: u32,
	since: Instant,
}

impl Allowance {
	const MOST: u32 = 4;
	const EVERY: Duration = Duration::from_secs(2);

	pub(super) fn new(now: Instant) -> Self {
		Self {
			left: Self::MOST,
			since: now,
		}
	}

	/// Take one, if there is any.
	pub(super) fn take(&mut self, now: Instant) -> bool {
		while self.left < Self::MOST && now.saturating_duration_since(self.since) >= Self::EVERY {
			self.left += 1;
			self.since += Self::EVERY;
		}
		if self.left == Self::MOST {
			// A full one saves nothing up.
			self.since = now;
		}
		let any = self.left > 0;
		self.left = self.left.saturating_sub(1);
		any
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_core::crypto::ByteArray;

	fn sibling(author: u8, branch: usize) -> Sibling {
		Sibling {
			author: AuthorityId::from_slice(&[author; 32]).ok(),
			branch: vec![Hash::default(); branch],
		}
	}

	#[test]
	fn those_of_whoever_has_most_give_way_and_those_of_the_others_never() {
		let mut crowd = vec![sibling(1, 1), sibling(1, 1), sibling(4, 1)];
		crowd.extend([3, 1, 2, 1].map(|branch| sibling(2, branch)));
		crowd.extend([1, 1, 1].map(|branch| sibling(3, branch)));
		assert_eq!(blocks_of(&crowd[0].author, &crowd), 2);
		let order: Vec<_> = victims(crowd)
			.iter()
			.map(|sibling| {
				let author = sibling.author.as_ref().map(|it| it.as_slice()[0]);
				(author, sibling.branch.len())
			})
			.collect();
		let expected = [(2, 1), (2, 1), (2, 2), (2, 3), (3, 1), (3, 1), (3, 1)];
		assert_eq!(
			order,
			expected.map(|(author, branch)| (Some(author), branch))
		);
	}

	#[test]
	fn the_oldest_of_equals_gives_way() {
		let mut crowd: Vec<_> = (0..5).map(|_| sibling(1, 1)).collect();
		for (age, sibling) in crowd.iter_mut().enumerate() {
			sibling.branch[0] = Hash::repeat_byte(age as u8);
		}
		let order = victims(crowd);
		assert!(order.is_sorted_by_key(|sibling| sibling.branch[0]));
	}

	#[test]
	fn an_allowance_is_used_up_and_comes_back() {
		let start = Instant::now();
		let after = |seconds| start + Duration::from_secs(seconds);
		let mut allowance = Allowance::new(start);
		let mut taken = |seconds| {
			let takes = std::iter::repeat_with(|| allowance.take(after(seconds)));
			takes.take(10).filter(|taken| *taken).count()
		};
		assert_eq!(taken(0), 4);
		assert_eq!(taken(1), 0);
		assert_eq!(taken(3), 1);
		assert_eq!(taken(4), 1);
		// Nothing beyond the most is saved up.
		assert_eq!(taken(1_000), 4);
		assert_eq!(taken(1_001), 0);
	}
}
