//! Arithmetic of sets. Touches no storage.

use crate::types::{Member, RoleSets};
use alloc::vec::Vec;
use frame_support::pallet_prelude::Get;

impl<AccountId, Producers, Witnesses> RoleSets<AccountId, Producers, Witnesses>
where
	AccountId: Clone + PartialEq + Eq + core::fmt::Debug,
	Producers: Get<u32>,
	Witnesses: Get<u32>,
{
	/// Whether the sets can run a chain: both have members, nobody is in one of them twice.
	pub fn are_sound(&self) -> bool {
		is_a_set(&self.producers) && is_a_set(&self.witnesses)
	}

	/// Everybody in either set, and the witnesses that leave: producers first, nobody twice.
	pub fn union(&self, leaving: &[AccountId]) -> Vec<AccountId> {
		let mut union = self.producers.to_vec();
		for account in self.witnesses.iter().chain(leaving) {
			if !union.contains(account) {
				union.push(account.clone());
			}
		}
		union
	}
}

/// Whether `accounts` has members and each of them once.
fn is_a_set<AccountId: PartialEq>(accounts: &[AccountId]) -> bool {
	!accounts.is_empty()
		&& accounts.iter().enumerate().all(|(i, account)| {
			!accounts
				.iter()
				.skip(i.saturating_add(1))
				.any(|a| a == account)
		})
}

/// The members of a role for a session: those of `planned`, in that order, who have a key in
/// `keys`, without the `disabled` ones unless fewer than `floor` would remain.
///
/// The floor gives way where there are not that many members with keys to begin with.
pub fn roster<AccountId: Clone + PartialEq>(
	planned: &[AccountId],
	keys: &[Member<AccountId>],
	disabled: &[AccountId],
	floor: u32,
) -> Vec<Member<AccountId>> {
	let with_keys: Vec<_> = planned
		.iter()
		.filter_map(|account| {
			keys.iter()
				.find(|member| &member.account == account)
				.cloned()
		})
		.collect();
	let mut to_remove = with_keys.len().saturating_sub(floor as usize);
	with_keys
		.into_iter()
		.filter(|member| {
			if to_remove > 0 && disabled.contains(&member.account) {
				to_remove = to_remove.saturating_sub(1);
				return false;
			}
			true
		})
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use frame_support::{traits::ConstU32, BoundedVec};
	use proptest::prelude::*;

	type Sets = RoleSets<u8, ConstU32<5>, ConstU32<9>>;

	fn sets(producers: Vec<u8>, witnesses: Vec<u8>) -> Sets {
		Sets {
			producers: BoundedVec::truncate_from(producers),
			witnesses: BoundedVec::truncate_from(witnesses),
		}
	}

	fn accounts() -> impl Strategy<Value = Vec<u8>> {
		proptest::collection::vec(0u8..12, 0..9)
	}

	fn keyed(accounts: &[u8]) -> Vec<Member<u8>> {
		accounts
			.iter()
			.map(|a| Member {
				account: *a,
				key: [*a; 32],
			})
			.collect()
	}

	proptest! {
		#[test]
		fn a_union_holds_everybody_once(p in accounts(), w in accounts(), leaving in accounts()) {
			let sets = sets(p, w);
			prop_assume!(sets.are_sound());
			let union = sets.union(&leaving);
			prop_assert!(is_a_set(&union));
			prop_assert!(sets.producers.iter().chain(&sets.witnesses).chain(&leaving).all(|a| union.contains(a)));
			prop_assert!(union.iter().all(|a| sets.producers.contains(a) || sets.witnesses.contains(a) || leaving.contains(a)));
			prop_assert_eq!(&union[..sets.producers.len()], &sets.producers[..]);
		}

		#[test]
		fn a_roster_keeps_the_planned_order_and_the_floor(
			planned in accounts(), keys in accounts(), disabled in accounts(), floor in 0u32..5,
		) {
			prop_assume!(is_a_set(&planned));
			let keys = keyed(&keys);
			let able: Vec<_> = planned.iter().filter(|a| keys.iter().any(|m| m.account == **a)).copied().collect();
			let roster = roster(&planned, &keys, &disabled, floor);
			let order: Vec<_> = roster.iter().filter_map(|m| able.iter().position(|a| *a == m.account)).collect();
			prop_assert_eq!(order.len(), roster.len());
			prop_assert!(order.windows(2).all(|pair| pair[0] < pair[1]));
			prop_assert!(roster.len() >= able.len().min(floor as usize));
			// Nobody innocent is dropped, and the guilty stay only where the floor needs them.
			prop_assert!(able.iter().filter(|a| !disabled.contains(a)).all(|a| roster.iter().any(|m| m.account == *a)));
			let guilty = roster.iter().filter(|m| disabled.contains(&m.account)).count();
			prop_assert!(guilty == 0 || roster.len() == able.len().min(floor as usize));
		}
	}

	#[test]
	fn an_empty_or_repeating_set_is_not_sound() {
		assert!(sets(vec![1, 2], vec![2, 3]).are_sound());
		assert!(!sets(vec![], vec![2, 3]).are_sound());
		assert!(!sets(vec![1], vec![]).are_sound());
		assert!(!sets(vec![1, 2, 1], vec![2]).are_sound());
	}
}
