//! The two sets, for clients.

use crate::types::{Member, Role};
use alloc::vec::Vec;
use codec::Codec;
use sp_staking::SessionIndex;

sp_api::decl_runtime_apis! {
	/// Who produces and who witnesses.
	pub trait RolesApi<AccountId: Codec> {
		/// Who makes blocks now, in the order of their turns.
		fn producers() -> Vec<AccountId>;
		/// Who makes blocks final now, in the order of their indices.
		fn witnesses() -> Vec<AccountId>;
		/// Who held a role in a session, with which keys. Empty if it is not kept (any more).
		fn roster(session: SessionIndex, role: Role) -> Vec<Member<AccountId>>;
	}
}
