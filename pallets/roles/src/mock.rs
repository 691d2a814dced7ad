//! A runtime of both consensus pallets over one session, and verbs of time.
//!
//! Accounts are numbers; the keys of account `n` come from the seed `n`. A session lasts as long as
//! the test says: [`new_session`] ends it.

use crate::{
	self as pallet_roles, traits::SelectSets, types::RosterProof, DisabledProducers, FindProducer,
	Offender, ProducerHandler, SetsOf, WitnessHandler,
};
use codec::Encode;
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstBool, ConstU32, ConstU64, Hooks},
};
use sp_consensus_aura::{sr25519::AuthorityId as AuraId, AURA_ENGINE_ID};
use sp_core::{ed25519, sr25519, Pair};
use sp_runtime::{
	generic,
	testing::TestXt,
	traits::{BlakeTwo256, ConvertInto},
	BuildStorage, Digest, DigestItem,
};
use sp_staking::SessionIndex;

pub(crate) type TxExtension = frame_system::AuthorizeCall<Test>;
pub(crate) type Extrinsic = TestXt<RuntimeCall, TxExtension>;
type Block = generic::Block<generic::Header<u64, BlakeTwo256>, Extrinsic>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Timestamp: pallet_timestamp,
		Aura: pallet_aura,
		Authorship: pallet_authorship,
		Balances: pallet_balances,
		Roles: pallet_roles,
		Session: pallet_session,
		Grandpa: pallet_grandpa,
		Offences: pallet_offences,
	}
);

sp_runtime::impl_opaque_keys! {
	pub struct SessionKeys {
		pub aura: ProducerHandler<Test>,
		pub grandpa: WitnessHandler<Test>,
	}
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
}

impl pallet_timestamp::Config for Test {
	type Moment = u64;
	type OnTimestampSet = Aura;
	type MinimumPeriod = ConstU64<250>;
	type WeightInfo = ();
}

impl pallet_aura::Config for Test {
	type AuthorityId = AuraId;
	type DisabledValidators = DisabledProducers<Test>;
	type MaxAuthorities = ConstU32<5>;
	type AllowMultipleBlocksPerSlot = ConstBool<false>;
	type SlotDuration = ConstU64<500>;
}

impl pallet_authorship::Config for Test {
	type FindAuthor = FindProducer<Test>;
	type EventHandler = ();
}

parameter_types! {
	/// What the source of sets will say from now on.
	pub static NextSets: Option<(Vec<u64>, Vec<u64>)> = None;
	/// Whether the next block ends its session.
	pub static EndSession: bool = false;
}

/// Says what the test says.
pub struct ChosenByTest;
impl SelectSets<SetsOf<Test>> for ChosenByTest {
	fn select(_: SessionIndex, _: &SetsOf<Test>) -> Option<SetsOf<Test>> {
		let (producers, witnesses) = NextSets::get()?;
		Some(SetsOf::<Test> {
			producers: producers.try_into().expect("few"),
			witnesses: witnesses.try_into().expect("few"),
		})
	}
}

impl pallet_roles::Config for Test {
	type MaxProducers = ConstU32<5>;
	type MaxWitnesses = ConstU32<7>;
	type RosterHistory = ConstU32<4>;
	type ReportLongevity = ConstU64<100>;
	type SelectSets = ChosenByTest;
	type WeightInfo = ();
}

/// Ends a session when the test says so.
pub struct WhenToldTo;
impl pallet_session::ShouldEndSession<u64> for WhenToldTo {
	fn should_end_session(_: u64) -> bool {
		EndSession::get()
	}
}

impl pallet_session::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = u64;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = WhenToldTo;
	type NextSessionRotation = pallet_session::PeriodicSessions<ConstU64<1>, ConstU64<0>>;
	type SessionManager = Roles;
	type SessionHandler = (ProducerHandler<Test>, WitnessHandler<Test>);
	type Keys = SessionKeys;
	type DisablingStrategy = ();
	type WeightInfo = ();
	type Currency = Balances;
	type KeyDeposit = ConstU64<10>;
}

impl pallet_grandpa::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
	type MaxAuthorities = ConstU32<7>;
	type MaxNominators = ConstU32<0>;
	type MaxSetIdSessionEntries = ConstU64<4>;
	type KeyOwnerProof = RosterProof;
	type EquivocationReportSystem =
		pallet_grandpa::EquivocationReportSystem<Self, Offences, Roles, ConstU64<100>>;
}

impl pallet_offences::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type IdentificationTuple = Offender<u64>;
	type OnOffenceHandler = Roles;
}

impl<C> frame_system::offchain::CreateTransactionBase<C> for Test
where
	RuntimeCall: From<C>,
{
	type RuntimeCall = RuntimeCall;
	type Extrinsic = Extrinsic;
}

impl<C> frame_system::offchain::CreateBare<C> for Test
where
	RuntimeCall: From<C>,
{
	fn create_bare(call: RuntimeCall) -> Extrinsic {
		Extrinsic::new_bare(call)
	}
}

impl<C> frame_system::offchain::CreateTransaction<C> for Test
where
	RuntimeCall: From<C>,
{
	type Extension = TxExtension;

	fn create_transaction(call: RuntimeCall, extension: TxExtension) -> Extrinsic {
		Extrinsic::new_transaction(call, extension)
	}
}

impl<C> frame_system::offchain::CreateAuthorizedTransaction<C> for Test
where
	RuntimeCall: From<C>,
{
	fn create_extension() -> TxExtension {
		TxExtension::new()
	}
}

pub(crate) fn aura_key(account: u64) -> AuraId {
	sr25519::Pair::from_seed(&seed(account)).public().into()
}

pub(crate) fn grandpa_pair(account: u64) -> ed25519::Pair {
	ed25519::Pair::from_seed(&seed(account))
}

pub(crate) fn grandpa_key(account: u64) -> sp_consensus_grandpa::AuthorityId {
	grandpa_pair(account).public().into()
}

fn seed(account: u64) -> [u8; 32] {
	let mut seed = [7; 32];
	seed[..8].copy_from_slice(&account.to_le_bytes());
	seed
}

pub(crate) fn session_keys(account: u64) -> SessionKeys {
	SessionKeys {
		aura: aura_key(account),
		grandpa: grandpa_key(account),
	}
}

/// Builds a chain; checks the invariants after every block and at the end.
pub(crate) struct ExtBuilder {
	producers: Vec<u64>,
	witnesses: Vec<u64>,
}

impl Default for ExtBuilder {
	/// As on the local network: producers 1 to 4, witnesses 3 to 6.
	fn default() -> Self {
		Self {
			producers: vec![1, 2, 3, 4],
			witnesses: vec![3, 4, 5, 6],
		}
	}
}

impl ExtBuilder {
	pub(crate) fn producers(mut self, producers: &[u64]) -> Self {
		self.producers = producers.to_vec();
		self
	}

	pub(crate) fn witnesses(mut self, witnesses: &[u64]) -> Self {
		self.witnesses = witnesses.to_vec();
		self
	}

	pub(crate) fn build(self) -> sp_io::TestExternalities {
		NextSets::set(None);
		EndSession::set(false);
		let keys = (1..=9).map(|account| (account, account, session_keys(account)));
		let genesis = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig {
				balances: (1..=9).map(|account| (account, 1_000)).collect(),
				..Default::default()
			},
			roles: pallet_roles::GenesisConfig {
				producers: self.producers,
				witnesses: self.witnesses,
			},
			session: pallet_session::GenesisConfig {
				keys: keys.collect(),
				..Default::default()
			},
			..Default::default()
		};
		sp_io::TestExternalities::new(genesis.build_storage().expect("the genesis is valid"))
	}

	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			block_by(Roles::producers()[0]);
			test();
			Roles::do_try_state().expect("invariants hold after the test");
		});
	}
}

/// The slot of the current block.
fn slot() -> u64 {
	pallet_aura::CurrentSlot::<Test>::get().into()
}

/// Make a block in the next slot of producer `account`.
pub(crate) fn block_by(account: u64) {
	let index = Roles::producers()
		.iter()
		.position(|a| *a == account)
		.expect("a producer") as u64;
	let count = Roles::producers().len() as u64;
	let next = (slot() + 1..)
		.find(|slot| slot % count == index)
		.expect("slots have no end");
	block_in_slot(next);
}

/// Make a block in `slot`.
pub(crate) fn block_in_slot(slot: u64) {
	if System::block_number() > 0 {
		Authorship::on_finalize(System::block_number());
		Grandpa::on_finalize(System::block_number());
		Roles::do_try_state().expect("invariants hold after each block");
	}
	start_block(vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())]);
	Session::on_initialize(System::block_number());
	EndSession::set(false);
}

/// Start the next block with these digest items, up to the hook of Roles.
pub(crate) fn start_block(logs: Vec<DigestItem>) {
	let number = System::block_number() + 1;
	System::reset_events();
	System::initialize(&number, &Default::default(), &Digest { logs });
	Aura::on_initialize(number);
	Authorship::on_initialize(number);
	Roles::on_initialize(number);
}

/// End the session with a block of the next producer.
pub(crate) fn new_session() {
	EndSession::set(true);
	block_in_slot(slot() + 1);
}

/// From the next edge but one on, let the sets be these.
pub(crate) fn choose(producers: &[u64], witnesses: &[u64]) {
	NextSets::set(Some((producers.to_vec(), witnesses.to_vec())));
}

pub(crate) fn aura_authorities() -> Vec<AuraId> {
	pallet_aura::Authorities::<Test>::get().into_inner()
}

pub(crate) fn grandpa_authorities() -> Vec<sp_consensus_grandpa::AuthorityId> {
	// What was scheduled in this block is in force once the block is finished.
	match pallet_grandpa::PendingChange::<Test>::get() {
		Some(change) => change
			.next_authorities
			.into_iter()
			.map(|(key, _)| key)
			.collect(),
		None => Grandpa::grandpa_authorities()
			.into_iter()
			.map(|(key, _)| key)
			.collect(),
	}
}

/// Digest items of the current block that are meant for this engine.
pub(crate) fn consensus_logs(engine: sp_runtime::ConsensusEngineId) -> Vec<Vec<u8>> {
	let logs = System::digest().logs;
	logs.iter()
		.filter_map(|log| log.as_consensus())
		.filter(|(id, _)| *id == engine)
		.map(|(_, data)| data.to_vec())
		.collect()
}
