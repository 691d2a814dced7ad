//! The ground: accounts, blocks, time, migrations.

use crate::{
	constants::{share_of_block, RuntimeBlockLength, RuntimeBlockWeights, SLOT_MILLIS},
	migrations, weights, AccountId, Aura, Balance, Block, Hash, MultiBlockMigrations, Nonce,
	PalletInfo, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, RuntimeTask, VERSION,
};
use frame_support::{
	derive_impl,
	migrations::FailedMigrationHandling,
	parameter_types,
	traits::{ConstU16, ConstU32, ConstU64, Contains},
	weights::{constants::ParityDbWeight, Weight},
};
use sp_runtime::traits::AccountIdLookup;
use sp_version::RuntimeVersion;

/// Blocks for which hashes are kept: about 20 minutes, so that a mortal transaction may live that
/// long.
const BLOCK_HASH_COUNT: u32 = 2_400;

parameter_types! {
	/// The version of this runtime.
	pub const Version: RuntimeVersion = VERSION;
	/// Share of a block that migrations may use.
	pub MigrationWeight: Weight = share_of_block(75);
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
	type AccountId = AccountId;
	type AccountData = pallet_balances::AccountData<Balance>;
	type Block = Block;
	type BaseCallFilter = OneWayToReport;
	type BlockHashCount = ConstU32<BLOCK_HASH_COUNT>;
	type BlockLength = RuntimeBlockLength;
	type BlockWeights = RuntimeBlockWeights;
	type DbWeight = ParityDbWeight;
	type Hash = Hash;
	type Lookup = AccountIdLookup<AccountId, ()>;
	type MaxConsumers = ConstU32<128>;
	type MultiBlockMigrator = MultiBlockMigrations;
	type Nonce = Nonce;
	type SingleBlockMigrations = migrations::SingleBlock;
	type SS58Prefix = ConstU16<42>;
	type SystemWeightInfo = frame_system::weights::SubstrateWeight<Runtime>;
	type ExtensionsWeightInfo = frame_system::SubstrateExtensionsWeight<Runtime>;
	type Version = Version;
}

/// Reports of double votes go through `roles.reportDoubleVote`, once for each witness. The calls of
/// pallet-grandpa take one for each round that a witness cares to invent, for nothing, for ever.
pub struct OneWayToReport;
impl Contains<RuntimeCall> for OneWayToReport {
	fn contains(call: &RuntimeCall) -> bool {
		use pallet_grandpa::Call::{report_equivocation, report_equivocation_unsigned};
		!matches!(
			call,
			RuntimeCall::Grandpa(report_equivocation { .. } | report_equivocation_unsigned { .. })
		)
	}
}

impl pallet_timestamp::Config for Runtime {
	/// Milliseconds since 1970.
	type Moment = u64;
	type OnTimestampSet = Aura;
	// Half a slot: a larger one could push the time of a block into the next slot, which Aura
	// does not forgive.
	type MinimumPeriod = ConstU64<{ SLOT_MILLIS / 2 }>;
	type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

/// A failed migration must not stop the chain: it is skipped, and its pallet keeps the old layout
/// until the next upgrade. Freezing would need a fork to end.
pub struct SkipFailedMigration;
impl frame_support::migrations::FailedMigrationHandler for SkipFailedMigration {
	fn failed(migration: Option<u32>) -> FailedMigrationHandling {
		log::error!(target: "runtime::migrations", "migration {migration:?} failed: left out");
		FailedMigrationHandling::ForceUnstuck
	}
}

impl pallet_migrations::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	#[cfg(not(feature = "runtime-benchmarks"))]
	type Migrations = migrations::MultiBlock;
	#[cfg(feature = "runtime-benchmarks")]
	type Migrations = pallet_migrations::mock_helpers::MockedMigrations;
	type CursorMaxLen = ConstU32<65_536>;
	type IdentifierMaxLen = ConstU32<256>;
	type MigrationStatusHandler = ();
	type FailedMigrationHandler = SkipFailedMigration;
	type MaxServiceWeight = MigrationWeight;
	type WeightInfo = pallet_migrations::weights::SubstrateWeight<Runtime>;
}

impl pallet_timeline::Config for Runtime {
	type CurrentSlot = AuraSlot;
	type AdminOrigin = frame_system::EnsureRoot<AccountId>;
	type WeightInfo = weights::pallet_timeline::WeightInfo<Runtime>;
}

/// The slot that Aura read from the header.
pub struct AuraSlot;
impl frame_support::traits::Get<sp_consensus_slots::Slot> for AuraSlot {
	fn get() -> sp_consensus_slots::Slot {
		pallet_aura::CurrentSlot::<Runtime>::get()
	}
}
