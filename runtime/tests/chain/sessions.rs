//! Sessions by slots, and registering keys with a proof of owning them.

use crate::common::*;
use codec::Encode;
use frame_support::{assert_ok, traits::fungible::InspectHold};
use sp_keyring::Sr25519Keyring::{Bob, Eve, Ferdie, One};
use sp_runtime::DispatchError;
use vigil_runtime::{
	presets, Balances, Roles, Runtime, RuntimeHoldReason, Session, SessionKeys, Timeline,
};

/// Keys and the proof that `owner` has their secrets.
fn keys_of(owner: &[u8]) -> (SessionKeys, Vec<u8>) {
	let generated = SessionKeys::generate(owner, None);
	(generated.keys, generated.proof.encode())
}

fn held(who: sp_keyring::Sr25519Keyring) -> u128 {
	let reason = RuntimeHoldReason::Session(pallet_session::HoldReason::Keys);
	Balances::balance_on_hold(&reason, &who.to_account_id())
}

#[test]
fn a_session_lasts_six_periods_of_21_slots_whatever_was_missed() {
	chain(presets::LOCAL).execute_with(|| {
		block_in_slot(FIRST_SLOT, vec![]);
		// Half the slots stay empty.
		(1..63).for_each(|i| drop(block_in_slot(FIRST_SLOT + 2 * i, vec![])));
		assert_eq!(Session::current_index(), 0);
		block_in_slot(FIRST_SLOT + 126, vec![]);
		assert_eq!(Session::current_index(), 1);
		assert_eq!(Timeline::now().map(|now| now.epoch), Some(1));
	});
}

#[test]
fn keys_with_a_valid_proof_are_taken_against_a_deposit() {
	chain(presets::LOCAL).execute_with(|| {
		block(vec![]);
		let (keys, proof) = keys_of(&One.to_account_id().encode());
		let call = pallet_session::Call::<Runtime>::set_keys {
			keys: keys.clone(),
			proof,
		};
		assert_ok!(block(vec![signed(One, call)])[0].expect("valid"));
		assert_eq!(
			pallet_session::NextKeys::<Runtime>::get(One.to_account_id()),
			Some(keys)
		);
		let deposit = <Runtime as pallet_session::Config>::KeyDeposit::get();
		assert!(deposit > 0);
		assert_eq!(held(One), deposit);
	});
}

#[test]
fn keys_whose_proof_names_another_owner_are_refused() {
	chain(presets::LOCAL).execute_with(|| {
		block(vec![]);
		let (keys, proof) = keys_of(&Bob.to_account_id().encode());
		let call = pallet_session::Call::<Runtime>::set_keys { keys, proof };
		let refused: DispatchError = pallet_session::Error::<Runtime>::InvalidProof.into();
		assert_eq!(block(vec![signed(One, call)])[0], Ok(Err(refused)));
		assert_eq!(
			pallet_session::NextKeys::<Runtime>::get(One.to_account_id()),
			None
		);
		assert_eq!(held(One), 0);
	});
}

#[test]
fn keys_without_a_proof_are_refused() {
	chain(presets::LOCAL).execute_with(|| {
		block(vec![]);
		let (keys, _) = keys_of(&One.to_account_id().encode());
		let call = pallet_session::Call::<Runtime>::set_keys {
			keys,
			proof: vec![],
		};
		let refused: DispatchError = pallet_session::Error::<Runtime>::InvalidProof.into();
		assert_eq!(block(vec![signed(One, call)])[0], Ok(Err(refused)));
	});
}

#[test]
fn keys_of_somebody_else_are_refused() {
	chain(presets::LOCAL).execute_with(|| {
		block(vec![]);
		// One proves that it owns the keys, but Bob registered them first.
		let (keys, proof) = keys_of(&One.to_account_id().encode());
		let bobs = pallet_session::NextKeys::<Runtime>::get(Bob.to_account_id()).expect("has keys");
		pallet_session::KeyOwner::<Runtime>::insert(
			(sp_runtime::key_types::AURA, keys.aura.encode()),
			Bob.to_account_id(),
		);
		let call = pallet_session::Call::<Runtime>::set_keys { keys, proof };
		let refused: DispatchError = pallet_session::Error::<Runtime>::DuplicatedKey.into();
		assert_eq!(block(vec![signed(One, call)])[0], Ok(Err(refused)));
		assert_eq!(
			pallet_session::NextKeys::<Runtime>::get(Bob.to_account_id()),
			Some(bobs)
		);
	});
}

#[test]
fn a_witness_rotates_its_keys_without_disturbing_anybody() {
	chain(presets::LOCAL).execute_with(|| {
		block(vec![]);
		let (keys, proof) = keys_of(&Eve.to_account_id().encode());
		let call = pallet_session::Call::<Runtime>::set_keys {
			keys: keys.clone(),
			proof,
		};
		assert_ok!(block(vec![signed(Eve, call)])[0].expect("valid"));
		run_to_session(1);
		let grandpa = || vigil_runtime::Grandpa::grandpa_authorities();
		assert!(!grandpa().iter().any(|(key, _)| *key == keys.grandpa));
		run_to_session(2);
		assert!(grandpa().iter().any(|(key, _)| *key == keys.grandpa));
		assert_eq!(grandpa().len(), 4);
		assert!(Roles::witnesses().contains(&Ferdie.to_account_id()));
		assert_eq!(Roles::producers().len(), 4);
	});
}
