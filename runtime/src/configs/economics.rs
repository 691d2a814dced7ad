//! Money and fees.

use crate::{
	constants::{EXISTENTIAL_DEPOSIT, MICRO_VGL},
	AccountId, Authorship, Balance, Balances, Runtime, RuntimeEvent, RuntimeFreezeReason,
	RuntimeHoldReason, System,
};
use frame_support::{
	parameter_types,
	traits::{
		fungible::{Balanced, Credit},
		tokens::imbalance::OnUnbalanced,
		ConstU128, ConstU32, ConstU8, Imbalance, VariantCountOf,
	},
	weights::{ConstantMultiplier, IdentityFee},
};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{traits::Bounded, FixedPointNumber, Perquintill};

impl pallet_balances::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type Balance = Balance;
	// What is too little to keep is burnt.
	type DustRemoval = ();
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
	type ReserveIdentifier = [u8; 8];
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type DoneSlashHandler = ();
	type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	/// Fees rise while blocks are fuller than this.
	pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
	/// How fast fees move: about 90 % up in an hour of full blocks, 20 % down in one of empty blocks.
	pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(6, 50_000);
	/// The least by which fees are multiplied. Above zero, so that they can rise again.
	pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_rational(1, 10);
	/// The most.
	pub MaximumMultiplier: Multiplier = Bounded::max_value();
}

impl pallet_transaction_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = FungibleAdapter<Balances, FeesToAuthor>;
	// Nothing that an account signs is so urgent; see `transactions::CheckWeight`.
	type OperationalFeeMultiplier = ConstU8<0>;
	// A picosecond of execution costs the smallest unit: a transfer about 0.0004 tokens.
	type WeightToFee = IdentityFee<Balance>;
	// A byte costs ten millionths of a token: a transfer about 0.0015 tokens.
	type LengthToFee = ConstantMultiplier<Balance, ConstU128<{ 10 * MICRO_VGL }>>;
	type FeeMultiplierUpdate = TargetedFeeAdjustment<
		Self,
		TargetBlockFullness,
		AdjustmentVariable,
		MinimumMultiplier,
		MaximumMultiplier,
	>;
	type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
}

/// Half of the fees (the larger half of an odd amount) goes to the author of the block, half is
/// burnt. Tips go to the author whole.
pub struct FeesToAuthor;

impl OnUnbalanced<Credit<AccountId, Balances>> for FeesToAuthor {
	fn on_unbalanceds(mut fees_then_tips: impl Iterator<Item = Credit<AccountId, Balances>>) {
		let Some(fee) = fees_then_tips.next() else {
			return;
		};
		let burnt = fee.peek() / 2;
		let (burnt, mut income) = fee.split(burnt);
		drop(burnt);
		if let Some(tip) = fees_then_tips.next() {
			income = income.merge(tip);
		}
		if let Some(author) = Authorship::author() {
			// An author whose account could not hold so little gets nothing: it is burnt.
			let _ = Balances::resolve(&author, income);
		}
	}
}
