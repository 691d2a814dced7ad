//! Benchmarks, with both roles full.

use super::*;
use alloc::{boxed::Box, vec::Vec};
use codec::{Decode, Encode};
use frame_benchmarking::v2::*;
use frame_support::{
	pallet_prelude::TransactionSource,
	traits::{DisabledValidators, FindAuthor, Get},
	BoundedVec,
};
use frame_system::RawOrigin;
use sp_consensus_grandpa::{Equivocation, EquivocationProof};
use sp_core::{ed25519, Pair};
use sp_runtime::ConsensusEngineId;

#[benchmarks]
mod benchmarks {
	use super::*;

	const SET_ID: u64 = 1;

	fn witness() -> ed25519::Pair {
		ed25519::Pair::from_seed(&[7; 32])
	}

	fn member<T: Config>(index: u32) -> Member<T::AccountId> {
		let mut key = [0; 32];
		key[..4].copy_from_slice(&index.to_le_bytes());
		Member {
			account: account("member", index, 0),
			key,
		}
	}

	/// Both rosters full, the guilty witness the last of its.
	fn full_rosters<T: Config>() {
		let session = pallet_session::Pallet::<T>::current_index();
		let producers: Vec<_> = (0..T::MaxProducers::get()).map(member::<T>).collect();
		let mut witnesses: Vec<_> = (100..100 + T::MaxWitnesses::get())
			.map(member::<T>)
			.collect();
		witnesses.last_mut().expect("not empty").key = witness().public().0;
		Rosters::<T>::insert(
			session,
			Role::Producer,
			BoundedVec::truncate_from(producers),
		);
		Rosters::<T>::insert(session, Role::Witness, BoundedVec::truncate_from(witnesses));
		pallet_grandpa::SetIdSession::<T>::insert(SET_ID, session + 1);
		pallet_grandpa::SetIdSession::<T>::insert(SET_ID - 1, 0);
		// One disabled member in each role makes each look-up read the rosters too.
		for role in Role::ALL {
			let first = Rosters::<T>::get(session, role)[0].account.clone();
			Disabled::<T>::insert(role, BoundedVec::truncate_from(alloc::vec![first]));
		}
	}

	/// A session after the first, so that set 1 may have been active in it.
	fn a_later_session<T: Config>() {
		pallet_session::CurrentIndex::<T>::put(1);
		full_rosters::<T>();
	}

	fn double_vote<T: Config>() -> (DoubleVote<T>, RosterProof) {
		let pair = witness();
		let vote = |byte: u8| {
			let hash = T::Hash::decode(&mut &[byte; 32][..]).expect("a hash has 32 bytes");
			let prevote = finality_grandpa::Prevote {
				target_hash: hash,
				target_number: 1u32.into(),
			};
			let message = finality_grandpa::Message::Prevote(prevote.clone());
			let payload = sp_consensus_grandpa::localized_payload(1, SET_ID, &message);
			(prevote, pair.sign(&payload).into())
		};
		let proof = EquivocationProof::new(
			SET_ID,
			Equivocation::Prevote(finality_grandpa::Equivocation {
				round_number: 1,
				identity: pair.public().into(),
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

	#[benchmark]
	fn report_double_vote() {
		a_later_session::<T>();
		let (double_vote, owner) = double_vote::<T>();
		let origin = T::RuntimeOrigin::from(RawOrigin::Authorized);
		#[block]
		{
			Pallet::<T>::report_double_vote(origin, Box::new(double_vote), owner)
				.expect("the report is true");
		}
		assert_eq!(Disabled::<T>::get(Role::Witness).len(), 2);
	}

	#[benchmark]
	fn authorize_report_double_vote() {
		a_later_session::<T>();
		let (double_vote, owner) = double_vote::<T>();
		#[block]
		{
			Pallet::<T>::authorize_double_vote(TransactionSource::InBlock, &double_vote, &owner)
				.expect("the report is true");
		}
	}
}
