//! A runtime of System and Timeline, and verbs of time.

use crate as pallet_timeline;
use crate::{Lengths, TimelineNow};
use frame_support::{derive_impl, parameter_types, traits::Hooks};
use sp_consensus_slots::Slot;
use sp_runtime::BuildStorage;

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Timeline: pallet_timeline,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
}

parameter_types! {
	pub static CurrentSlot: Slot = Slot::from(0);
}

impl pallet_timeline::Config for Test {
	type CurrentSlot = CurrentSlot;
	type AdminOrigin = frame_system::EnsureRoot<u64>;
	type WeightInfo = ();
}

/// Builds a chain with the given lengths; checks the invariants after every block and at the end.
pub(crate) struct ExtBuilder {
	lengths: Lengths,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		Self {
			lengths: Lengths {
				period_slots: 10,
				epoch_periods: 4,
			},
		}
	}
}

impl ExtBuilder {
	pub(crate) fn lengths(mut self, period_slots: u32, epoch_periods: u32) -> Self {
		self.lengths = Lengths {
			period_slots,
			epoch_periods,
		};
		self
	}

	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		let storage = RuntimeGenesisConfig {
			timeline: pallet_timeline::GenesisConfig {
				lengths: self.lengths,
				..Default::default()
			},
			..Default::default()
		}
		.build_storage()
		.expect("the genesis of the mock is valid");
		sp_io::TestExternalities::new(storage).execute_with(|| {
			test();
			Timeline::do_try_state().expect("invariants hold after the test");
		});
	}
}

/// Make a block in `slot`.
pub(crate) fn block_in_slot(slot: u64) {
	let number = System::block_number() + 1;
	System::reset_events();
	System::set_block_number(number);
	CurrentSlot::set(slot.into());
	Timeline::on_initialize(number);
	Timeline::do_try_state().expect("invariants hold after each block");
}

/// Make a block in every slot of `slots`.
pub(crate) fn blocks_in(slots: core::ops::RangeInclusive<u64>) {
	slots.for_each(block_in_slot);
}

pub(crate) fn now() -> TimelineNow<u64> {
	Timeline::now().expect("a block was made")
}

/// Events of the last block.
pub(crate) fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet()
}
