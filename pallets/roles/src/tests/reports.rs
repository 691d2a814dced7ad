//! Reporting a witness that voted twice.

use crate::{mock::*, Call, Disabled, DoubleVote, Role, RosterProof};
use codec::Encode;
use frame_support::{
	assert_ok,
	dispatch::{GetDispatchInfo, Pays},
	pallet_prelude::{InvalidTransaction, TransactionSource, TransactionValidityError},
	traits::KeyOwnerProofSystem,
};
use sp_consensus_grandpa::{self as grandpa, Equivocation, EquivocationProof};
use sp_core::{offchain::testing::TestTransactionPoolExt, Pair, H256};
use sp_runtime::{
	key_types::GRANDPA,
	traits::{DispatchTransaction, Dispatchable},
	transaction_validity::TransactionValidity,
};

/// Two votes of `account` in a round, for the given blocks.
fn votes(account: u64, set_id: u64, round: u64, blocks: [(u8, u64); 2]) -> DoubleVote<Test> {
	let pair = grandpa_pair(account);
	let vote = |(hash, number): (u8, u64)| {
		let prevote = finality_grandpa::Prevote {
			target_hash: H256::repeat_byte(hash),
			target_number: number,
		};
		let message = finality_grandpa::Message::Prevote(prevote.clone());
		let payload = grandpa::localized_payload(round, set_id, &message);
		(
			prevote,
			grandpa::AuthoritySignature::from(pair.sign(&payload)),
		)
	};
	EquivocationProof::new(
		set_id,
		Equivocation::Prevote(finality_grandpa::Equivocation {
			round_number: round,
			identity: grandpa_key(account),
			first: vote(blocks[0]),
			second: vote(blocks[1]),
		}),
	)
}

fn double_vote(account: u64, set_id: u64, round: u64) -> DoubleVote<Test> {
	votes(account, set_id, round, [(1, 10), (2, 10)])
}

fn owner_of(account: u64) -> RosterProof {
	Roles::prove((GRANDPA, grandpa_key(account))).expect("is a witness")
}

fn call(double_vote: DoubleVote<Test>, owner: RosterProof) -> RuntimeCall {
	Call::<Test>::report_double_vote {
		double_vote: Box::new(double_vote),
		owner,
	}
	.into()
}

/// What a pool says to the report, coming from a peer.
fn validate(double_vote: DoubleVote<Test>, owner: RosterProof) -> TransactionValidity {
	validate_call(&call(double_vote, owner))
}

fn validate_call(call: &RuntimeCall) -> TransactionValidity {
	let (source, info) = (TransactionSource::External, call.get_dispatch_info());
	TxExtension::new()
		.validate_only(RuntimeOrigin::none(), call, &info, 0, source, 0)
		.map(|(validity, ..)| validity)
}

/// Put the report into a block.
fn report(
	double_vote: DoubleVote<Test>,
	owner: RosterProof,
) -> Result<(), TransactionValidityError> {
	let call = call(double_vote, owner);
	let info = call.get_dispatch_info();
	let result =
		TxExtension::new().dispatch_transaction(RuntimeOrigin::none(), call, &info, 0, 0)?;
	assert_eq!(
		result.expect("what is authorised succeeds").pays_fee,
		Pays::No
	);
	Ok(())
}

const BAD_PROOF: TransactionValidityError =
	TransactionValidityError::Invalid(InvalidTransaction::BadProof);
const STALE: TransactionValidityError =
	TransactionValidityError::Invalid(InvalidTransaction::Stale);

#[test]
fn a_true_report_travels_and_disables_the_witness() {
	ExtBuilder::default().build_and_execute(|| {
		let validity = validate(double_vote(5, 0, 7), owner_of(5)).expect("is true");
		assert!(
			validity.propagate,
			"a witness-only node must be heard by producers"
		);
		assert_ok!(report(double_vote(5, 0, 7), owner_of(5)));
		assert_eq!(Disabled::<Test>::get(Role::Witness).into_inner(), vec![5]);
		assert!(Disabled::<Test>::get(Role::Producer).is_empty());
		assert_eq!(pallet_offences::Reports::<Test>::iter().count(), 1);
		// The author of the block is named as the reporter.
		let details = pallet_offences::Reports::<Test>::iter_values()
			.next()
			.expect("one");
		assert_eq!(
			details.reporters,
			vec![Authorship::author().expect("has an author")]
		);
	});
}

#[test]
fn one_report_for_each_witness_is_enough() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(report(double_vote(5, 0, 7), owner_of(5)));
		assert_eq!(report(double_vote(5, 0, 7), owner_of(5)), Err(STALE));
		// A witness that votes twice in every round must not fill blocks for free.
		assert_eq!(report(double_vote(5, 0, 8), owner_of(5)), Err(STALE));
		assert_ok!(report(double_vote(6, 0, 8), owner_of(6)));
	});
}

#[test]
fn two_equal_votes_are_no_fault() {
	ExtBuilder::default().build_and_execute(|| {
		let same = votes(5, 0, 7, [(1, 10), (1, 10)]);
		assert_eq!(validate(same, owner_of(5)), Err(BAD_PROOF));
	});
}

#[test]
fn forged_votes_are_refused() {
	ExtBuilder::default().build_and_execute(|| {
		// 6 signs, 5 is accused.
		let mut forged = double_vote(6, 0, 7).encode();
		let (six, five) = (grandpa_key(6).encode(), grandpa_key(5).encode());
		let at = forged
			.windows(32)
			.position(|bytes| bytes == six)
			.expect("names 6");
		forged[at..at + 32].copy_from_slice(&five);
		let forged = codec::Decode::decode(&mut &forged[..]).expect("same shape");
		assert_eq!(validate(forged, owner_of(5)), Err(BAD_PROOF));
	});
}

#[test]
fn votes_under_another_set_are_refused() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(validate(double_vote(5, 1, 7), owner_of(5)), Err(BAD_PROOF));
		choose(&[1, 2, 3, 4], &[3, 4, 5]);
		new_session();
		new_session();
		// Set 1 began in session 2: a session of set 0 does not prove membership in it.
		let old = Roles::prove_in(1, GRANDPA, grandpa_key(5).as_ref()).expect("was a witness");
		assert_eq!(validate(double_vote(5, 1, 7), old), Err(BAD_PROOF));
		assert_eq!(validate(double_vote(5, 0, 7), owner_of(5)), Err(BAD_PROOF));
		assert!(validate(double_vote(5, 0, 7), old).is_ok());
		assert!(validate(double_vote(5, 1, 7), owner_of(5)).is_ok());
	});
}

#[test]
fn somebody_who_was_no_witness_cannot_be_reported() {
	ExtBuilder::default().build_and_execute(|| {
		let owner = RosterProof {
			session: 0,
			member_count: 4,
		};
		assert_eq!(validate(double_vote(1, 0, 7), owner), Err(BAD_PROOF));
	});
}

#[test]
fn the_call_is_for_authorised_transactions_only() {
	ExtBuilder::default().build_and_execute(|| {
		let call = call(double_vote(5, 0, 7), owner_of(5));
		for origin in [
			RuntimeOrigin::none(),
			RuntimeOrigin::root(),
			RuntimeOrigin::signed(1),
		] {
			assert!(call.clone().dispatch(origin).is_err());
		}
	});
}

#[test]
fn a_node_hands_its_report_to_the_pool_as_an_authorised_transaction() {
	let mut ext = ExtBuilder::default().build();
	let (pool, state) = TestTransactionPoolExt::new();
	ext.register_extension(sp_core::offchain::TransactionPoolExt::new(pool));
	ext.execute_with(|| {
		block_by(1);
		assert_eq!(
			Roles::submit_double_vote(double_vote(5, 0, 7), owner_of(5)),
			Some(())
		);
		let bytes = state.write().transactions.pop().expect("one transaction");
		let transaction: Extrinsic = codec::Decode::decode(&mut &bytes[..]).expect("decodes");
		assert!(validate_call(&transaction.function).is_ok());
	});
}

#[test]
fn a_witness_that_left_cannot_fill_blocks_with_its_old_key() {
	ExtBuilder::default().build_and_execute(|| {
		choose(&[1, 2, 3, 4], &[3, 4, 6]);
		new_session();
		new_session();
		let old = Roles::prove_in(1, GRANDPA, grandpa_key(5).as_ref()).expect("was a witness");
		assert_eq!(validate(double_vote(5, 0, 7), old), Err(STALE));
	});
}

#[test]
fn a_pool_holds_one_report_for_each_witness() {
	ExtBuilder::default().build_and_execute(|| {
		let provides = |account, round| {
			validate(double_vote(account, 0, round), owner_of(account))
				.expect("is true")
				.provides
		};
		assert_eq!(provides(5, 7), provides(5, 8));
		assert_ne!(provides(5, 7), provides(6, 7));
	});
}

#[test]
fn the_only_witness_cannot_be_reported_again_and_again() {
	ExtBuilder::default().witnesses(&[3]).build_and_execute(|| {
		assert_eq!(validate(double_vote(3, 0, 7), owner_of(3)), Err(STALE));
	});
}
