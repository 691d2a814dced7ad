//! Who makes blocks and who makes them final.

use crate::{
	constants::{deposit, DAY, MAX_AUTHORITIES, MAX_PRODUCERS, MAX_WITNESSES, SLOT_MILLIS},
	weights, AccountId, AuthorityDiscovery, Balance, Balances, Offences, Roles, Runtime,
	RuntimeEvent, SessionKeys, Timeline,
};
use frame_support::{
	parameter_types,
	traits::{ConstBool, ConstU32, ConstU64},
};
use pallet_roles::{
	DisabledProducers, FindProducer, Offender, ProducerHandler, RosterProof, WitnessHandler,
};
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_runtime::traits::ConvertInto;

/// Sessions for which a fault can be proven: seven epochs of unbonding, the epoch by which slashes
/// are deferred, the running one and one to spare.
const ROSTER_HISTORY: u32 = 10;

parameter_types! {
	/// For one account's keys and the three entries that find their owner.
	pub const KeyDeposit: Balance = deposit(4, 4 * 32 + 3 * (4 + 32 + 32));
	/// Blocks for which a report of a fault waits in the pool: a day.
	pub const ReportLongevity: u64 = DAY as u64;
}

impl pallet_aura::Config for Runtime {
	type AuthorityId = AuraId;
	type DisabledValidators = DisabledProducers<Runtime>;
	type MaxAuthorities = ConstU32<MAX_PRODUCERS>;
	type AllowMultipleBlocksPerSlot = ConstBool<false>;
	type SlotDuration = ConstU64<SLOT_MILLIS>;
}

impl pallet_authorship::Config for Runtime {
	type FindAuthor = FindProducer<Runtime>;
	type EventHandler = ();
}

impl pallet_roles::Config for Runtime {
	type MaxProducers = ConstU32<MAX_PRODUCERS>;
	type MaxWitnesses = ConstU32<MAX_WITNESSES>;
	type RosterHistory = ConstU32<ROSTER_HISTORY>;
	type ReportLongevity = ReportLongevity;
	// Genesis chooses until votes and ranking do.
	type SelectSets = ();
	type WeightInfo = weights::pallet_roles::WeightInfo<Runtime>;
}

impl pallet_session::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = Timeline;
	type NextSessionRotation = Timeline;
	type SessionManager = Roles;
	type SessionHandler = (
		ProducerHandler<Runtime>,
		WitnessHandler<Runtime>,
		AuthorityDiscovery,
	);
	type Keys = SessionKeys;
	// Roles disables by role, at once; the session's own list would say it of both roles.
	type DisablingStrategy = ();
	type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type KeyDeposit = KeyDeposit;
}

impl pallet_grandpa::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
	type MaxAuthorities = ConstU32<MAX_WITNESSES>;
	// Bonds will have no nominators.
	type MaxNominators = ConstU32<0>;
	type MaxSetIdSessionEntries = ConstU64<{ ROSTER_HISTORY as u64 }>;
	type KeyOwnerProof = RosterProof;
	type EquivocationReportSystem =
		pallet_grandpa::EquivocationReportSystem<Self, Offences, Roles, ReportLongevity>;
}

impl pallet_offences::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type IdentificationTuple = Offender<AccountId>;
	type OnOffenceHandler = Roles;
}

impl pallet_authority_discovery::Config for Runtime {
	type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
}
