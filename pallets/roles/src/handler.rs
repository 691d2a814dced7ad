//! Gives each consensus pallet the members of its own role.
//!
//! The session pallet speaks of the union of both roles, in its order and with its indices. A
//! [`RoleHandler`] stands between it and Aura or GRANDPA: it picks the members of one role in the
//! order of that role, writes them down as the roster of the session, and translates indices. The
//! inner pallet never sees the union.

use crate::{
	pallet::*,
	sets,
	traits::{raw_key, AuthorityKeys},
	types::{Member, Role},
	LOG_TARGET,
};
use alloc::vec::Vec;
use codec::Decode;
use core::marker::PhantomData;
use frame_support::{traits::OneSessionHandler, BoundedVec};
use sp_runtime::BoundToRuntimeAppPublic;
use sp_staking::SessionIndex;

/// Which role a handler serves.
pub trait RoleKind {
	/// The role.
	const ROLE: Role;
}

/// Producers.
pub struct Producers;
impl RoleKind for Producers {
	const ROLE: Role = Role::Producer;
}

/// Witnesses.
pub struct Witnesses;
impl RoleKind for Witnesses {
	const ROLE: Role = Role::Witness;
}

/// Stands in for `Inner` in the session keys, and handles sessions for it.
pub struct RoleHandler<T, Kind, Inner>(PhantomData<(T, Kind, Inner)>);

/// Stands in for Aura.
pub type ProducerHandler<T> = RoleHandler<T, Producers, pallet_aura::Pallet<T>>;

/// Stands in for GRANDPA.
pub type WitnessHandler<T> = RoleHandler<T, Witnesses, pallet_grandpa::Pallet<T>>;

impl<T, Kind, Inner> BoundToRuntimeAppPublic for RoleHandler<T, Kind, Inner>
where
	Inner: BoundToRuntimeAppPublic,
{
	type Public = Inner::Public;
}

impl<T, Kind, Inner> RoleHandler<T, Kind, Inner>
where
	T: Config,
	Kind: RoleKind,
	Inner: OneSessionHandler<T::AccountId> + AuthorityKeys,
{
	/// The members of the role in `session` among `validators`.
	fn select<'a>(
		session: SessionIndex,
		validators: impl Iterator<Item = (&'a T::AccountId, Inner::Key)>,
	) -> Vec<Member<T::AccountId>>
	where
		T::AccountId: 'a,
	{
		let keyed: Vec<_> = validators
			.filter_map(|(account, key)| {
				Some(Member {
					account: account.clone(),
					key: raw_key(&key)?,
				})
			})
			.collect();
		sets::roster(
			&Pallet::<T>::planned_members(session, Kind::ROLE),
			&keyed,
			&Disabled::<T>::get(Kind::ROLE),
			Kind::ROLE.floor(),
		)
	}

	/// Members, as the inner pallet takes them.
	fn as_validators(
		members: &[Member<T::AccountId>],
	) -> impl Iterator<Item = (&T::AccountId, Inner::Key)> {
		members.iter().filter_map(|member| {
			Some((
				&member.account,
				Inner::Key::decode(&mut &member.key[..]).ok()?,
			))
		})
	}

	fn record(session: SessionIndex, members: &[Member<T::AccountId>]) {
		Pallet::<T>::keep_alive(Kind::ROLE, members);
		// A roster is part of a planned set, which is bounded by no more than this.
		let roster = BoundedVec::<_, T::MaxWitnesses>::truncate_from(members.to_vec());
		Rosters::<T>::insert(session, Kind::ROLE, roster);
	}
}

impl<T, Kind, Inner> OneSessionHandler<T::AccountId> for RoleHandler<T, Kind, Inner>
where
	T: Config,
	Kind: RoleKind,
	Inner: OneSessionHandler<T::AccountId> + AuthorityKeys,
{
	type Key = Inner::Key;

	fn on_genesis_session<'a, I>(validators: I)
	where
		I: 'a + Iterator<Item = (&'a T::AccountId, Self::Key)>,
		T::AccountId: 'a,
	{
		let mut validators = validators.peekable();
		let is_network = validators.peek().is_some();
		let members = Self::select(0, validators);
		assert!(
			!(is_network && members.is_empty()),
			"genesis of pallet-roles: there are session keys, but nobody has the role {:?}",
			Kind::ROLE,
		);
		let planned = Pallet::<T>::planned_members(0, Kind::ROLE).len();
		assert!(
			members.len() == planned,
			"genesis of pallet-roles: {planned} accounts have the role {:?}, but {} of them have \
			 session keys",
			Kind::ROLE,
			members.len()
		);
		Self::record(0, &members);
		Inner::on_genesis_session(Self::as_validators(&members));
	}

	fn on_new_session<'a, I>(_: bool, validators: I, queued_validators: I)
	where
		I: 'a + Iterator<Item = (&'a T::AccountId, Self::Key)>,
		T::AccountId: 'a,
	{
		let session = pallet_session::Pallet::<T>::current_index();
		let mut members = Self::select(session, validators);
		if members.is_empty() {
			log::error!(
				target: LOG_TARGET,
				"{:?} set of session {session} has no keys: the last one stays",
				Kind::ROLE,
			);
			members = Rosters::<T>::get(session.saturating_sub(1), Kind::ROLE).into_inner();
		}
		if members.is_empty() {
			// Clients refuse a block that hands over to nobody.
			return;
		}
		let queued = Self::select(session.saturating_add(1), queued_validators);
		Self::record(session, &members);

		// What the session pallet calls changed is the union, or anybody's keys. Whether this role
		// changed is read from its own list, so that a change which the inner pallet could not take
		// at one edge is offered to it again at the next.
		let changed = !members
			.iter()
			.map(|member| member.key)
			.eq(Inner::authority_keys());
		Inner::on_new_session(
			changed,
			Self::as_validators(&members),
			Self::as_validators(&queued),
		);
		if changed {
			// Indices moved: say again who of those that the floor keeps is disabled.
			let disabled = Disabled::<T>::get(Kind::ROLE);
			(0u32..)
				.zip(&members)
				.filter(|(_, member)| disabled.contains(&member.account))
				.for_each(|(index, _)| Inner::on_disabled(index));
		}
	}

	fn on_before_session_ending() {
		Inner::on_before_session_ending();
	}

	fn on_disabled(union_index: u32) {
		let validators = pallet_session::Validators::<T>::get();
		if let Some(account) = validators.get(union_index as usize) {
			Pallet::<T>::disable(Kind::ROLE, account);
		}
	}
}
