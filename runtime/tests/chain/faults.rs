//! A witness that votes twice, from the evidence to the consequence.

use crate::common::*;
use frame_support::traits::KeyOwnerProofSystem;
use pallet_roles::{DoubleVote, Role, RosterProof};
use sp_consensus_grandpa::{self as grandpa, Equivocation, EquivocationProof};
use sp_core::{ed25519, Pair, H256};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::transaction_validity::TransactionSource;
use vigil_runtime::{
	presets, transactions::TxExtension, Executive, Roles, Runtime, RuntimeCall, UncheckedExtrinsic,
};

fn double_vote(pair: &ed25519::Pair) -> DoubleVote<Runtime> {
	let vote = |byte| {
		let prevote = finality_grandpa::Prevote {
			target_hash: H256::repeat_byte(byte),
			target_number: 1u32,
		};
		let message = finality_grandpa::Message::Prevote(prevote.clone());
		(
			prevote,
			pair.sign(&grandpa::localized_payload(1, 0, &message))
				.into(),
		)
	};
	EquivocationProof::new(
		0,
		Equivocation::Prevote(finality_grandpa::Equivocation {
			round_number: 1,
			identity: pair.public().into(),
			first: vote(1),
			second: vote(2),
		}),
	)
}

fn report(double_vote: DoubleVote<Runtime>, owner: RosterProof) -> UncheckedExtrinsic {
	let call: RuntimeCall = pallet_roles::Call::report_double_vote {
		double_vote: Box::new(double_vote),
		owner,
	}
	.into();
	let extension: TxExtension = <Runtime as frame_system::offchain::CreateAuthorizedTransaction<
		RuntimeCall,
	>>::create_extension();
	UncheckedExtrinsic::new_transaction(call, extension)
}

#[test]
fn a_double_vote_costs_the_witness_its_place_and_nobody_a_fee() {
	chain(presets::LOCAL).execute_with(|| {
		block(vec![]);
		let ferdie = Ed25519Keyring::Ferdie;
		let key: grandpa::AuthorityId = ferdie.public().into();
		let owner = Roles::prove((grandpa::KEY_TYPE, key)).expect("Ferdie is a witness");
		let double_vote = double_vote(&ferdie.pair());
		let results = block(vec![
			report(double_vote.clone(), owner),
			report(double_vote, owner),
		]);
		assert_eq!(results[0], Ok(Ok(())));
		assert!(
			results[1].is_err(),
			"the second report of the same witness is stale"
		);
		run_to_session(1);
		let account = Sr25519Keyring::Ferdie.to_account_id();
		assert!(!Roles::witnesses().contains(&account));
		assert_eq!(Roles::witnesses().len(), 3);
		assert!(pallet_roles::Disabled::<Runtime>::get(Role::Witness).contains(&account));
	});
}

#[test]
fn a_producer_cannot_be_reported_as_a_witness() {
	chain(presets::LOCAL).execute_with(|| {
		block(vec![]);
		let owner = RosterProof {
			session: 0,
			member_count: 4,
		};
		let results = block(vec![report(
			double_vote(&Ed25519Keyring::Alice.pair()),
			owner,
		)]);
		assert!(results[0].is_err());
	});
}

#[test]
fn the_ways_of_pallet_grandpa_to_report_are_closed() {
	chain(presets::LOCAL).execute_with(|| {
		block(vec![]);
		let ferdie = Ed25519Keyring::Ferdie;
		let key: grandpa::AuthorityId = ferdie.public().into();
		let owner = Roles::prove((grandpa::KEY_TYPE, key)).expect("Ferdie is a witness");
		let proof = Box::new(double_vote(&ferdie.pair()));
		let bare = pallet_grandpa::Call::report_equivocation_unsigned {
			equivocation_proof: proof.clone(),
			key_owner_proof: owner,
		};
		let stock = pallet_grandpa::Call::report_equivocation {
			equivocation_proof: proof,
			key_owner_proof: owner,
		};
		let bare = UncheckedExtrinsic::new_bare(RuntimeCall::Grandpa(bare));
		// No pool takes the bare one. A producer may put it into its own block, as it may put any
		// bare call there, but nothing comes of either.
		let (source, at) = (TransactionSource::Local, Default::default());
		assert!(Executive::validate_transaction(source, bare.clone(), at).is_err());
		let refused = Ok(Err(frame_system::Error::<Runtime>::CallFiltered.into()));
		let results = block(vec![bare, signed(Sr25519Keyring::One, stock)]);
		assert_eq!(results, vec![refused, refused]);
		assert_eq!(pallet_offences::Reports::<Runtime>::iter().count(), 0);
	});
}
