//! The invariants of this pallet, in sentences.

use crate::{pallet::*, traits::AuthorityKeys, types::Role};
use frame_support::{ensure, traits::Get};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Hold after every block and every call.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let session = pallet_session::Pallet::<T>::current_index();
		for planned in [session, session.saturating_add(1)] {
			ensure!(
				Planned::<T>::get(planned).are_sound(),
				"this and the next session have sound sets"
			);
		}
		ensure!(
			Planned::<T>::iter_keys().count() == 2,
			"no other session is planned"
		);

		Self::check_roster(Role::Producer, pallet_aura::Pallet::<T>::authority_keys())?;
		// A forced change waits in GRANDPA: until it is through, the two lists may differ.
		if pallet_grandpa::PendingChange::<T>::get().is_none() {
			Self::check_roster(Role::Witness, pallet_grandpa::Pallet::<T>::authority_keys())?;
		}
		ensure!(
			Rosters::<T>::iter_keys().all(|(kept, _)| {
				kept <= session && session.saturating_sub(kept) < T::RosterHistory::get()
			}),
			"rosters are kept for the last sessions only"
		);
		for role in Role::ALL {
			let disabled = Disabled::<T>::get(role);
			let known = |account| {
				[session, session.saturating_add(1)]
					.into_iter()
					.any(|session| Self::planned_members(session, role).contains(account))
			};
			ensure!(
				disabled.iter().all(known),
				"only planned members are disabled"
			);
		}
		let disabled = Disabled::<T>::get(Role::Producer);
		ensure!(
			Self::members(Role::Producer)
				.iter()
				.any(|account| !disabled.contains(account)),
			"at least one producer may author"
		);
		Ok(())
	}

	fn check_roster(role: Role, keys: alloc::vec::Vec<[u8; 32]>) -> Result<(), TryRuntimeError> {
		let roster = Self::current_roster(role);
		ensure!(
			roster.iter().map(|member| member.key).eq(keys),
			"a roster lists the keys of its consensus pallet in the same order"
		);
		Ok(())
	}
}
