//! Time, money and room in a block, with units.

use crate::{Balance, BlockNumber};
use frame_support::{
	dispatch::DispatchClass,
	parameter_types,
	weights::{
		constants::{BlockExecutionWeight, ExtrinsicBaseWeight, WEIGHT_REF_TIME_PER_MILLIS},
		Weight,
	},
};
use frame_system::limits::{BlockLength, BlockWeights};
use sp_runtime::Perbill;

/// Length of a slot in milliseconds. Changing it means restarting every node.
pub const SLOT_MILLIS: u64 = 500;

/// Slots of an hour.
pub const HOUR: BlockNumber = 7_200;
/// Slots of a day.
pub const DAY: BlockNumber = 172_800;

/// One token.
pub const VGL: Balance = 1_000_000_000_000;
/// A thousandth of a token.
pub const MILLI_VGL: Balance = VGL / 1_000;
/// A millionth of a token.
pub const MICRO_VGL: Balance = MILLI_VGL / 1_000;

/// The least an account may hold.
pub const EXISTENTIAL_DEPOSIT: Balance = 10 * MILLI_VGL;

/// Deposit for state that a user keeps on chain: 0.1 token per item, 0.001 per byte.
pub const fn deposit(items: u32, bytes: u32) -> Balance {
	(items as Balance)
		.saturating_mul(100 * MILLI_VGL)
		.saturating_add((bytes as Balance).saturating_mul(MILLI_VGL))
}

/// Most producers. More would make each wait too long for its turn.
pub const MAX_PRODUCERS: u32 = 21;
/// Most witnesses. Each sees each other's votes, so messages grow with the square.
pub const MAX_WITNESSES: u32 = 51;
/// Most authorities: both roles, and the witnesses that leave.
pub const MAX_AUTHORITIES: u32 = MAX_PRODUCERS + 2 * MAX_WITNESSES;

/// Most stakers. Room above the million that the chain is designed for, for indices that wait.
pub const MAX_STAKERS: u32 = 1 << 20;

/// Execution time of one aggregate of heartbeats: a quarter of a block.
pub const MAX_AGGREGATE_WEIGHT: Weight = Weight::from_parts(50 * WEIGHT_REF_TIME_PER_MILLIS, 0);

/// Execution time of a block: 40 % of the slot. The rest is for the way between producers.
pub const MAX_BLOCK_WEIGHT: Weight = Weight::from_parts(
	WEIGHT_REF_TIME_PER_MILLIS * SLOT_MILLIS * 40 / 100,
	u64::MAX,
);

/// A share of a block, in percent.
pub const fn share_of_block(percent: u64) -> Weight {
	Weight::from_parts(
		MAX_BLOCK_WEIGHT.ref_time().saturating_mul(percent) / 100,
		u64::MAX,
	)
}

/// Execution time of ordinary transactions in a block.
pub const NORMAL_WEIGHT: Weight = share_of_block(75);

/// Room that a block always keeps for hooks and inherents when a single operational call, such as
/// a runtime upgrade, takes the rest: 20 ms.
pub const HOOKS_WEIGHT: Weight = Weight::from_parts(20 * WEIGHT_REF_TIME_PER_MILLIS, 0);

/// Bytes of ordinary transactions in a block.
pub const MAX_NORMAL_LENGTH: u32 = 1_536 * 1024;
/// Bytes of all transactions in a block: a runtime upgrade fits.
pub const MAX_LENGTH: u32 = 5 * 1024 * 1024;
/// Bytes of a header. The largest holds a change of both sets.
pub const MAX_HEADER_LENGTH: u32 = 100 * 1024;

parameter_types! {
	/// Weight limits of a block.
	pub RuntimeBlockWeights: BlockWeights = BlockWeights::builder()
		.base_block(BlockExecutionWeight::get())
		.for_class(DispatchClass::all(), |class| class.base_extrinsic = ExtrinsicBaseWeight::get())
		.for_class(DispatchClass::Normal, |class| {
			class.max_total = Some(NORMAL_WEIGHT);
		})
		.for_class(DispatchClass::Operational, |class| {
			class.max_total = Some(MAX_BLOCK_WEIGHT);
			class.max_extrinsic = Some(MAX_BLOCK_WEIGHT.saturating_sub(HOOKS_WEIGHT));
			class.reserved = Some(share_of_block(25));
		})
		.avg_block_initialization(Perbill::from_percent(5))
		.build_or_panic();

	/// Length limits of a block.
	pub RuntimeBlockLength: BlockLength = BlockLength::builder()
		.max_length(MAX_LENGTH)
		.modify_max_length_for_class(DispatchClass::Normal, |max| *max = MAX_NORMAL_LENGTH)
		.max_header_size(MAX_HEADER_LENGTH)
		.build();
}
