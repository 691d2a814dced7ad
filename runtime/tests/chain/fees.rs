//! Who gets what a transaction costs.

use crate::common::*;
use frame_support::assert_ok;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve, One};
use vigil_runtime::{
	constants::VGL, presets, Authorship, Balance, Balances, Runtime, RuntimeEvent,
};

/// Make a block with a transfer of a token from One to Eve; say what it cost in fees, and who was
/// the author.
fn transfer(tip: Balance) -> (Balance, sp_keyring::Sr25519Keyring) {
	let call = pallet_balances::Call::<Runtime>::transfer_keep_alive {
		dest: Eve.to_account_id().into(),
		value: VGL,
	};
	assert_ok!(block(vec![signed_with_tip(One, tip, call)])[0].expect("valid"));
	let fee = events().into_iter().find_map(|event| match event {
		RuntimeEvent::TransactionPayment(
			pallet_transaction_payment::Event::TransactionFeePaid {
				actual_fee,
				tip: paid,
				..
			},
		) => {
			assert_eq!(paid, tip);
			Some(actual_fee - tip)
		}
		_ => None,
	});
	let slot: u64 = pallet_aura::CurrentSlot::<Runtime>::get().into();
	let author = [Alice, Bob, Charlie, Dave][slot as usize % 4];
	(fee.expect("a fee was paid"), author)
}

#[test]
fn half_goes_to_the_author_and_half_is_burnt() {
	chain(presets::LOCAL).execute_with(|| {
		block(vec![]);
		let issuance = Balances::total_issuance();
		let (fee, author) = transfer(0);
		let burnt = fee / 2;
		assert_eq!(Balances::total_issuance(), issuance - burnt);
		assert_eq!(
			Balances::free_balance(author.to_account_id()),
			1_000_000 * VGL + fee - burnt
		);
	});
}

#[test]
fn tips_go_to_the_author_whole() {
	chain(presets::LOCAL).execute_with(|| {
		block(vec![]);
		let issuance = Balances::total_issuance();
		let tip = 3 * VGL;
		let (fee, author) = transfer(tip);
		let burnt = fee / 2;
		assert_eq!(Balances::total_issuance(), issuance - burnt);
		assert_eq!(
			Balances::free_balance(author.to_account_id()),
			1_000_000 * VGL + fee - burnt + tip
		);
	});
}

#[test]
fn a_transfer_costs_about_two_thousandths_of_a_token() {
	chain(presets::LOCAL).execute_with(|| {
		block(vec![]);
		let (fee, _) = transfer(0);
		assert!((VGL / 1_000..VGL / 250).contains(&fee), "{fee}");
	});
}

#[test]
fn outside_a_block_there_is_no_author() {
	chain(presets::LOCAL).execute_with(|| assert_eq!(Authorship::author(), None));
}
