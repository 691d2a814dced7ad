//! Reports of witnesses that voted twice, as a transaction that travels.
//!
//! The stock report of pallet-grandpa never leaves the node that made it, and only producers make
//! blocks: a witness that saw the fault could not tell the chain. This call says the same, is
//! checked in full before it is accepted anywhere, pays nothing and is passed on.

use crate::{
	pallet::*,
	types::{Role, RosterProof},
};
use alloc::boxed::Box;
use frame_support::{
	pallet_prelude::{
		InvalidTransaction, TransactionPriority, TransactionSource, TransactionValidityWithRefund,
		ValidTransaction, Weight,
	},
	traits::{Get, KeyOwnerProofSystem},
};
use frame_system::{offchain::SubmitTransaction, pallet_prelude::BlockNumberFor};
use sp_consensus_grandpa::{EquivocationProof, KEY_TYPE};
use sp_staking::offence::OffenceReportSystem;

/// Two votes of one witness in one round.
pub type DoubleVote<T> = EquivocationProof<<T as frame_system::Config>::Hash, BlockNumberFor<T>>;

impl<T: Config> Pallet<T> {
	/// Hand a report to the pool of the node that executes this. Only from off-chain contexts.
	pub fn submit_double_vote(double_vote: DoubleVote<T>, owner: RosterProof) -> Option<()> {
		let call = Call::report_double_vote {
			double_vote: Box::new(double_vote),
			owner,
		};
		let transaction = T::create_authorized_transaction(call.into());
		SubmitTransaction::<T, Call<T>>::submit_transaction(transaction).ok()
	}

	/// Accept a report if it is the first against its witness and everything in it is true.
	pub(crate) fn authorize_double_vote(
		_: TransactionSource,
		double_vote: &DoubleVote<T>,
		owner: &RosterProof,
	) -> TransactionValidityWithRefund {
		let key = double_vote.offender().clone();
		let offender = Self::check_proof((KEY_TYPE, key.clone()), *owner)
			.ok_or(InvalidTransaction::BadProof)?;
		// One report is enough, and reports are free and come first: without this, a witness that
		// signs two votes for each of a million rounds could fill blocks. One that left cannot be
		// switched off, so nothing is gained by hearing of it.
		if !Self::can_disable(Role::Witness, &offender.account) {
			return Err(InvalidTransaction::Stale.into());
		}
		if !Self::set_was_active_in(double_vote.set_id(), owner.session) {
			return Err(InvalidTransaction::BadProof.into());
		}
		// A witness that was let in again must not be reported for what it already paid for.
		T::EquivocationReportSystem::check_evidence((double_vote.clone(), *owner))?;
		if !sp_consensus_grandpa::check_equivocation_proof(double_vote.clone()) {
			return Err(InvalidTransaction::BadProof.into());
		}
		let validity = ValidTransaction::with_tag_prefix("VigilDoubleVote")
			.priority(TransactionPriority::MAX)
			// One report for each witness in a pool, whatever the rounds.
			.and_provides(key)
			.longevity(T::ReportLongevity::get())
			.propagate(true)
			.build()?;
		Ok((validity, Weight::zero()))
	}

	/// Whether the witnesses of `session` voted under `set_id`.
	fn set_was_active_in(set_id: u64, session: u32) -> bool {
		let last = pallet_grandpa::SetIdSession::<T>::get(set_id);
		let last_before = set_id
			.checked_sub(1)
			.map(pallet_grandpa::SetIdSession::<T>::get);
		match (last, last_before) {
			(Some(last), None) => session <= last,
			(Some(last), Some(Some(before))) => before < session && session <= last,
			// Too long ago to know.
			_ => false,
		}
	}
}
