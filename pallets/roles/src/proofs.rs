//! Who owned a key, and when: proofs over the stored rosters.

use crate::{
	pallet::*,
	types::{Offender, Role, RosterProof},
};
use frame_support::traits::KeyOwnerProofSystem;
use sp_core::crypto::KeyTypeId;
use sp_staking::SessionIndex;

impl<T: Config> Pallet<T> {
	/// A proof that `key` belongs to the roster of `session`, if it does.
	pub fn prove_in(session: SessionIndex, key_type: KeyTypeId, key: &[u8]) -> Option<RosterProof> {
		let roster = Rosters::<T>::get(session, Role::of_key_type(key_type)?);
		roster
			.iter()
			.any(|member| member.key == key)
			.then_some(RosterProof {
				session,
				member_count: u32::try_from(roster.len()).ok()?,
			})
	}
}

impl<T: Config, Key: AsRef<[u8]>> KeyOwnerProofSystem<(KeyTypeId, Key)> for Pallet<T> {
	type Proof = RosterProof;
	type IdentificationTuple = Offender<T::AccountId>;

	fn prove((key_type, key): (KeyTypeId, Key)) -> Option<Self::Proof> {
		Self::prove_in(
			pallet_session::Pallet::<T>::current_index(),
			key_type,
			key.as_ref(),
		)
	}

	fn check_proof(
		(key_type, key): (KeyTypeId, Key),
		proof: Self::Proof,
	) -> Option<Self::IdentificationTuple> {
		let role = Role::of_key_type(key_type)?;
		let roster = Rosters::<T>::get(proof.session, role);
		if u32::try_from(roster.len()) != Ok(proof.member_count) {
			return None;
		}
		let account = roster
			.into_iter()
			.find_map(|member| (member.key == key.as_ref()).then_some(member.account))?;
		Some(Offender { role, account })
	}
}
