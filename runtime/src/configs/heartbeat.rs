//! Who is awake.

use crate::{
	constants::{MAX_AGGREGATE_WEIGHT, MAX_STAKERS},
	weights, AccountId, Runtime,
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64},
	weights::Weight,
};
use frame_system::EnsureRoot;

/// Closed periods whose attestations are kept: eight epochs of live length, so that a staker can be
/// held to what it signed for as long as its stake is locked.
const ATTESTATION_HISTORY: u64 = 8 * 144;

parameter_types! {
	/// The most one aggregate may cost.
	pub const MaxAggregateWeight: Weight = MAX_AGGREGATE_WEIGHT;
}

impl pallet_heartbeat::Config for Runtime {
	type HeartbeatOrigin = EnsureRoot<AccountId>;
	type MaxStakers = ConstU32<MAX_STAKERS>;
	type MaxAggregateWeight = MaxAggregateWeight;
	type AttestationHistory = ConstU64<ATTESTATION_HISTORY>;
	// There is nothing to slash until there are orders.
	type OnDoubleCheckpoint = ();
	type WeightInfo = weights::pallet_heartbeat::WeightInfo<Runtime>;
}
