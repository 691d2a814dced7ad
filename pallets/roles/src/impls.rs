//! The two sets over one session: planning, authorship, disabling.

use crate::{
	pallet::*,
	traits::SelectSets,
	types::{Member, Offender, Role},
	LOG_TARGET,
};
use alloc::vec::Vec;
use core::marker::PhantomData;
use frame_support::{
	traits::{DisabledValidators, FindAuthor, Get, OneSessionHandler},
	weights::Weight,
	BoundedVec, ConsensusEngineId,
};
use sp_consensus_aura::AURA_ENGINE_ID;
use sp_runtime::Perbill;
use sp_staking::{
	offence::{OffenceDetails, OnOffenceHandler},
	SessionIndex,
};

impl<T: Config> Pallet<T> {
	/// Who holds `role` now, in the order of its indices.
	pub fn current_roster(role: Role) -> BoundedVec<Member<T::AccountId>, T::MaxWitnesses> {
		Rosters::<T>::get(pallet_session::Pallet::<T>::current_index(), role)
	}

	/// The accounts that hold `role` now, in the order of its indices.
	pub fn members(role: Role) -> Vec<T::AccountId> {
		Self::current_roster(role)
			.into_iter()
			.map(|member| member.account)
			.collect()
	}

	/// Who is meant to hold `role` in `session`. Known for the running session and the next.
	pub fn planned_members(session: SessionIndex, role: Role) -> Vec<T::AccountId> {
		let sets = Planned::<T>::get(session);
		match role {
			Role::Producer => sets.producers.into_inner(),
			Role::Witness => sets.witnesses.into_inner(),
		}
	}

	/// Whether the header of this block has one Aura pre-digest, of the size of a slot.
	pub(crate) fn names_its_slot_once() -> bool {
		let digest = frame_system::Pallet::<T>::digest();
		let mut slots = digest
			.logs
			.iter()
			.filter_map(|item| item.as_pre_runtime())
			.filter(|(engine, _)| *engine == AURA_ENGINE_ID);
		let sole = slots.next().filter(|_| slots.next().is_none());
		sole.is_some_and(|(_, slot)| slot.len() == size_of::<u64>())
	}

	/// Whether [`Self::disable`] would change anything.
	pub(crate) fn can_disable(role: Role, account: &T::AccountId) -> bool {
		let roster = Self::current_roster(role);
		let disabled = Disabled::<T>::get(role);
		let (mut is_member, mut others_work) = (false, false);
		for member in roster
			.iter()
			.filter(|member| !disabled.contains(&member.account))
		{
			let is_accused = &member.account == account;
			is_member |= is_accused;
			others_work |= !is_accused;
		}
		is_member && others_work
	}

	/// Switch `account` off in `role` until it leaves the planned sets. A disabled producer may make
	/// no block from now on; from the next session on, neither role has a place for it.
	///
	/// Returns whether that changed anything. The last producer that is not disabled stays: a chain
	/// without one could never recover.
	pub fn disable(role: Role, account: &T::AccountId) -> bool {
		let roster = Self::current_roster(role);
		let index = roster.iter().position(|member| &member.account == account);
		let Some(index) = index.and_then(|index| u32::try_from(index).ok()) else {
			return false;
		};
		if !Self::can_disable(role, account)
			|| Disabled::<T>::try_append(role, account.clone()).is_err()
		{
			return false;
		}
		match role {
			Role::Producer => pallet_aura::Pallet::<T>::on_disabled(index),
			Role::Witness => pallet_grandpa::Pallet::<T>::on_disabled(index),
		}
		Self::deposit_event(Event::MemberDisabled {
			role,
			account: account.clone(),
		});
		true
	}

	/// Keep a role alive: when every member of its new roster is disabled, let all of them work.
	/// An idle chain could never vote anybody better in.
	pub(crate) fn keep_alive(role: Role, roster: &[Member<T::AccountId>]) {
		Disabled::<T>::mutate(role, |disabled| {
			if roster
				.iter()
				.all(|member| disabled.contains(&member.account))
			{
				disabled.retain(|account| !roster.iter().any(|member| &member.account == account));
			}
		});
	}

	/// Forget whoever is planned for a role neither now nor next.
	fn refresh_disabled(session: SessionIndex, sets: &SetsOf<T>) {
		for role in Role::ALL {
			let planned: &[T::AccountId] = match role {
				Role::Producer => &sets.producers,
				Role::Witness => &sets.witnesses,
			};
			let leaving = Self::planned_members(session, role);
			Disabled::<T>::mutate(role, |disabled| {
				disabled.retain(|account| planned.contains(account) || leaving.contains(account));
			});
		}
	}
}

/// Plans the sets of each session and gives the session pallet their union.
impl<T: Config> pallet_session::SessionManager<T::AccountId> for Pallet<T> {
	fn new_session_genesis(new_index: SessionIndex) -> Option<Vec<T::AccountId>> {
		let sets = Planned::<T>::get(0);
		if !sets.are_sound() {
			return None;
		}
		Planned::<T>::insert(new_index, &sets);
		Some(sets.union(&[]))
	}

	fn new_session(new_index: SessionIndex) -> Option<Vec<T::AccountId>> {
		let current = Planned::<T>::get(new_index.saturating_sub(1));
		let sets = match T::SelectSets::select(new_index, &current) {
			Some(sets) if sets.are_sound() => sets,
			Some(_) => {
				log::error!(target: LOG_TARGET, "sets of session {new_index} are not sound: refused");
				current.clone()
			}
			None => current.clone(),
		};
		Planned::<T>::insert(new_index, &sets);
		Self::refresh_disabled(new_index.saturating_sub(1), &sets);
		// Witnesses that leave stay in the union one session longer: they still have to make final
		// the block that hands over, so others must still find them.
		let union = sets.union(&current.witnesses);
		let standing = pallet_session::Validators::<T>::get();
		(union != standing).then_some(union)
	}

	fn end_session(end_index: SessionIndex) {
		Planned::<T>::remove(end_index);
	}

	fn start_session(start_index: SessionIndex) {
		if let Some(old) = start_index.checked_sub(T::RosterHistory::get()) {
			Role::ALL
				.into_iter()
				.for_each(|role| Rosters::<T>::remove(old, role));
		}
	}
}

/// Maps an Aura index to the producer's account, through the roster.
pub struct FindProducer<T>(PhantomData<T>);

impl<T: Config> FindAuthor<T::AccountId> for FindProducer<T> {
	fn find_author<'a, I>(digests: I) -> Option<T::AccountId>
	where
		I: 'a + IntoIterator<Item = (ConsensusEngineId, &'a [u8])>,
	{
		let index = <pallet_aura::Pallet<T> as FindAuthor<u32>>::find_author(digests)?;
		let roster = Pallet::<T>::current_roster(Role::Producer);
		roster
			.get(index as usize)
			.map(|member| member.account.clone())
	}
}

/// Tells Aura, which asks by its own indices, who may not author.
pub struct DisabledProducers<T>(PhantomData<T>);

impl<T: Config> DisabledValidators for DisabledProducers<T> {
	fn is_disabled(index: u32) -> bool {
		let disabled = Disabled::<T>::get(Role::Producer);
		if disabled.is_empty() {
			return false;
		}
		Pallet::<T>::current_roster(Role::Producer)
			.get(index as usize)
			.is_some_and(|member| disabled.contains(&member.account))
	}

	fn disabled_validators() -> Vec<u32> {
		let disabled = Disabled::<T>::get(Role::Producer);
		(0u32..)
			.zip(Pallet::<T>::current_roster(Role::Producer))
			.filter(|(_, member)| disabled.contains(&member.account))
			.map(|(index, _)| index)
			.collect()
	}
}

/// Switches the guilty off in the role they were guilty in. Slashing will join in with bonds.
impl<T: Config> OnOffenceHandler<T::AccountId, Offender<T::AccountId>, Weight> for Pallet<T> {
	fn on_offence(
		offenders: &[OffenceDetails<T::AccountId, Offender<T::AccountId>>],
		_: &[Perbill],
		_: SessionIndex,
	) -> Weight {
		// Concurrent offenders come again with each report: disabling is idempotent. What this costs
		// is part of the weight of the report.
		for details in offenders {
			Self::disable(details.offender.role, &details.offender.account);
		}
		Weight::zero()
	}
}
