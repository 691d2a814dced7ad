//! A runtime of System, Timeline and Heartbeat, and verbs of time.

use crate as pallet_heartbeat;
use crate::{synthetic, GenesisStaker, OpenPeriod, Stake, Status};
use codec::Encode;
use frame_support::{derive_impl, parameter_types, traits::Hooks, weights::Weight};
use pallet_timeline::Lengths;
use sp_consensus_slots::Slot;
use sp_runtime::{
	traits::{BlakeTwo256, Hash, IdentityLookup},
	AccountId32, BuildStorage, Digest, DispatchResult,
};
use vigil_heartbeat_primitives::{
	testing::TestKey, Bitmap, BucketIndex, HeartbeatAggregate, PeriodIndex, StakerIndex,
};

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Timeline: pallet_timeline,
		Heartbeat: pallet_heartbeat,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountId = AccountId32;
	type Block = Block;
	type Lookup = IdentityLookup<AccountId32>;
}

parameter_types! {
	pub static CurrentSlot: Slot = Slot::from(0);
	pub static MaxStakers: u32 = 10_240;
	pub static MaxAggregateWeight: Weight = Weight::from_parts(50_000_000_000, 0);
	pub static Guilty: Vec<(StakerIndex, PeriodIndex, AccountId32)> = Vec::new();
}

impl pallet_timeline::Config for Test {
	type CurrentSlot = CurrentSlot;
	type AdminOrigin = frame_system::EnsureRoot<AccountId32>;
	type WeightInfo = ();
}

/// Remembers who was reported.
impl crate::OnDoubleCheckpoint<AccountId32> for Guilty {
	fn on_double_checkpoint(index: StakerIndex, period: PeriodIndex, reporter: &AccountId32) {
		Self::mutate(|guilty| guilty.push((index, period, reporter.clone())));
	}
}

impl pallet_heartbeat::Config for Test {
	type HeartbeatOrigin = frame_system::EnsureRoot<AccountId32>;
	type MaxStakers = MaxStakers;
	type MaxAggregateWeight = MaxAggregateWeight;
	type AttestationHistory = frame_support::traits::ConstU64<64>;
	type OnDoubleCheckpoint = Guilty;
	type WeightInfo = ();
}

/// Slots of a period, periods of an epoch, and the slot of block 1.
pub(crate) const PERIOD: u64 = 20;
pub(crate) const EPOCH: u64 = 4 * PERIOD;
pub(crate) const FIRST_SLOT: u64 = 1_000;

/// What everybody has staked.
pub(crate) const STAKE: Stake = 1_000;

pub(crate) fn owner(index: u32) -> AccountId32 {
	let mut account = [7; 32];
	account[..4].copy_from_slice(&index.to_le_bytes());
	account.into()
}

/// Builds a chain; checks the invariants after every block and at the end.
#[derive(Default)]
pub(crate) struct ExtBuilder {
	genesis: u32,
	filled: u32,
}

impl ExtBuilder {
	/// Stakers that are part of genesis, with proofs.
	pub(crate) fn genesis_stakers(mut self, stakers: u32) -> Self {
		self.genesis = stakers;
		self
	}

	/// Stakers that are there from the first block, without proofs: thousands are made in no time.
	pub(crate) fn stakers(mut self, stakers: u32) -> Self {
		self.filled = stakers;
		self
	}

	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		let mut externalities = sp_io::TestExternalities::new(self.storage());
		externalities.execute_with(|| {
			if self.filled > 0 {
				synthetic::fill::<Test>(self.filled, STAKE);
			}
			// The hash of genesis is known to all later blocks.
			frame_system::BlockHash::<Test>::insert(0, block_hash(0));
			block_in_slot(FIRST_SLOT);
			test();
			Heartbeat::do_try_state().expect("invariants hold after the test");
		});
	}

	fn storage(&self) -> sp_runtime::Storage {
		RuntimeGenesisConfig {
			timeline: pallet_timeline::GenesisConfig {
				lengths: Lengths {
					period_slots: PERIOD as u32,
					epoch_periods: (EPOCH / PERIOD) as u32,
				},
				..Default::default()
			},
			heartbeat: pallet_heartbeat::GenesisConfig {
				stakers: (0..self.genesis).map(genesis_staker).collect(),
				..Default::default()
			},
			..Default::default()
		}
		.build_storage()
		.expect("the genesis of the mock is valid")
	}
}

pub(crate) fn genesis_staker(index: u32) -> GenesisStaker<AccountId32> {
	let key = TestKey::new(index);
	let owner = owner(index);
	GenesisStaker {
		key: key.public().0.to_vec().into(),
		proof: key.prove(&[0; 32], owner.as_ref()).0.to_vec().into(),
		owner,
		stake: STAKE,
	}
}

/// The hash of a block of this number.
pub(crate) fn block_hash(number: u64) -> <Test as frame_system::Config>::Hash {
	BlakeTwo256::hash(&number.encode())
}

/// Make a block in `slot`.
pub(crate) fn block_in_slot(slot: u64) {
	let number = System::block_number() + 1;
	if number > 1 {
		Heartbeat::on_finalize(number - 1);
		Heartbeat::do_try_state().expect("invariants hold after each block");
	}
	System::reset_events();
	System::initialize(&number, &block_hash(number - 1), &Digest::default());
	CurrentSlot::set(slot.into());
	Timeline::on_initialize(number);
	Heartbeat::on_initialize(number);
}

/// Make a block in the next slot.
pub(crate) fn next_block() {
	block_in_slot(*CurrentSlot::get() + 1);
}

/// Make a block in every slot until the current one is `slot`.
pub(crate) fn run_to_slot(slot: u64) {
	while *CurrentSlot::get() < slot {
		next_block();
	}
}

/// Make a block in every slot until the first of `period`, in which no slot was left out.
pub(crate) fn run_to_period(period: PeriodIndex) {
	run_to_slot(FIRST_SLOT + period * PERIOD);
}

pub(crate) fn status() -> Status<u64> {
	Heartbeat::status().expect("a block was made")
}

pub(crate) fn open(period: PeriodIndex) -> OpenPeriod<u64> {
	Heartbeat::open_period_of(period).expect("the period is open")
}

/// The staker of bucket 0 at these positions.
pub(crate) fn bits(positions: impl IntoIterator<Item = u32>) -> Bitmap {
	positions.into_iter().collect()
}

/// An aggregate of bucket 0.
pub(crate) fn heartbeats(
	period: PeriodIndex,
	positions: impl IntoIterator<Item = u32>,
) -> HeartbeatAggregate {
	synthetic::aggregate::<Test>(period, &[(0, bits(positions))])
}

/// An aggregate of any buckets.
pub(crate) fn aggregate(
	period: PeriodIndex,
	parts: &[(BucketIndex, Bitmap)],
) -> HeartbeatAggregate {
	synthetic::aggregate::<Test>(period, parts)
}

/// Record as the author of this block does.
pub(crate) fn record(aggregate: HeartbeatAggregate) -> DispatchResult {
	Heartbeat::record(RuntimeOrigin::none(), aggregate)
}

/// Record heartbeats of bucket 0 in a new block.
pub(crate) fn record_next(
	period: PeriodIndex,
	positions: impl IntoIterator<Item = u32>,
) -> DispatchResult {
	next_block();
	record(heartbeats(period, positions))
}

/// Events of the last block.
pub(crate) fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet()
}
