//! Benchmarks, with both roles full.

use super::{traits::raw_key, *};
use alloc::{boxed::Box, vec, vec::Vec};
use codec::{Decode, Encode};
use frame_benchmarking::v2::*;
use frame_support::{
	pallet_prelude::TransactionSource,
	traits::{DisabledValidators, FindAuthor, Get},
	BoundedVec,
};
use frame_system::RawOrigin;
use sp_consensus_grandpa::{AuthorityId, Equivocation, EquivocationProof};
use sp_runtime::{ConsensusEngineId, RuntimeAppPublic};

#[benchmarks]
mod benchmarks {
	use super::*;

	const SET_ID: u64 = 1;

	/// Keys in the keystore of whoever runs this, one for each witness.
	fn witness_keys<T: Config>() -> Vec<AuthorityId> {
		(0..T::MaxWitnesses::get())
			.map(|_| AuthorityId::generate_pair(None))
			.collect()
	}

	fn member<T: Config>(index: u32, key: [u8; 32]) -> Member<T::AccountId> {
		Member {
			account: account("member", index, 0),
			key,
		}
	}

	/// Both rosters full, the first member of each disabled. Returns the keys of the witnesses.
	fn full_rosters<T: Config>() -> Vec<AuthorityId> {
		let session = pallet_session::Pallet::<T>::current_index();
		let keys = witness_keys::<T>();
		let producers: Vec<_> = (0..T::MaxProducers::get())
			.map(|index| member::<T>(index, [index as u8; 32]))
			.collect();
		let witnesses: Vec<_> = (100..)
			.zip(&keys)
			.map(|(index, key)| {
				member::<T>(index, raw_key(key).expect("ed25519 keys have 32 bytes"))
			})
			.collect();
		for (role, roster) in [(Role::Producer, producers), (Role::Witness, witnesses)] {
			// One disabled member in each role makes each look-up read the rosters too.
			Disabled::<T>::insert(
				role,
				BoundedVec::truncate_from(vec![roster[0].account.clone()]),
			);
			Rosters::<T>::insert(session, role, BoundedVec::truncate_from(roster));
		}
		pallet_grandpa::SetIdSession::<T>::insert(SET_ID, session + 1);
		pallet_grandpa::SetIdSession::<T>::insert(SET_ID - 1, 0);
		keys
	}

	/// A session after the first, so that set 1 may have been active in it.
	fn a_later_session<T: Config>() -> Vec<AuthorityId> {
		pallet_session::CurrentIndex::<T>::put(1);
		full_rosters::<T>()
	}

	fn double_vote<T: Config>(key: &AuthorityId) -> (DoubleVote<T>, RosterProof) {
		let vote = |byte: u8| {
			let hash = T::Hash::decode(&mut &[byte; 32][..]).expect("a hash has 32 bytes");
			let prevote = finality_grandpa::Prevote {
				target_hash: hash,
				target_number: 1u32.into(),
			};
			let message = finality_grandpa::Message::Prevote(prevote.clone());
			let payload = sp_consensus_grandpa::localized_payload(1, SET_ID, &message);
			let signature = key.sign(&payload).expect("the keystore has made the key");
			(prevote, signature)
		};
		let proof = EquivocationProof::new(
			SET_ID,
			Equivocation::Prevote(finality_grandpa::Equivocation {
				round_number: 1,
				identity: key.clone(),
				first: vote(1),
				second: vote(2),
			}),
		);
		let owner = RosterProof {
			session: pallet_session::Pallet::<T>::current_index(),
			member_count: T::MaxWitnesses::get(),
		};
		(proof, owner)
	}

	fn report<T: Config>(double_vote: DoubleVote<T>, owner: RosterProof) {
		let origin = T::RuntimeOrigin::from(RawOrigin::Authorized);
		Pallet::<T>::report_double_vote(origin, Box::new(double_vote), owner)
			.expect("the report is true");
	}

	#[benchmark]
	fn on_initialize() {
		full_rosters::<T>();
		let last = T::MaxProducers::get() - 1;
		let slot = u64::from(last).encode();
		let digest: [(ConsensusEngineId, &[u8]); 1] = [(*b"aura", &slot)];
		#[block]
		{
			let _ = DisabledProducers::<T>::is_disabled(last);
			let _ = FindProducer::<T>::find_author(digest);
		}
	}

	/// The worst: every witness but one was reported for the same session before, and all of them
	/// come again with this report.
	#[benchmark]
	fn report_double_vote() {
		let keys = a_later_session::<T>();
		let (guilty, others) = keys.split_last().expect("not empty");
		// The first is disabled, the second stays.
		for key in others.iter().skip(2) {
			let (double_vote, owner) = double_vote::<T>(key);
			report::<T>(double_vote, owner);
		}
		let (double_vote, owner) = double_vote::<T>(guilty);
		#[block]
		{
			report::<T>(double_vote, owner);
		}
		assert_eq!(Disabled::<T>::get(Role::Witness).len(), keys.len() - 1);
	}

	#[benchmark]
	fn authorize_report_double_vote() {
		let keys = a_later_session::<T>();
		let (double_vote, owner) = double_vote::<T>(keys.last().expect("not empty"));
		#[block]
		{
			Pallet::<T>::authorize_double_vote(TransactionSource::InBlock, &double_vote, &owner)
				.expect("the report is true");
		}
	}
}
