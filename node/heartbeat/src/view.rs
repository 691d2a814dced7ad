//! What the node tells the core about the chain.

use crate::spread::{attempt_at, collector, collectors, is_last_quarter, recording_slot, Slot};
use std::{collections::BTreeMap, sync::Arc};
use vigil_heartbeat_primitives::{
	position, Bitmap, BucketIndex, EpochIndex, Hash, PeriodIndex, Signature, StakerIndex, StoredKey,
};

/// One bitmap for each bucket. A bucket that is not in it has no bit set.
pub type Bitmaps = BTreeMap<BucketIndex, Bitmap>;

/// Most periods that are open at a time.
pub const MAX_OPEN: usize = 2;

/// One staker's signature for one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heartbeat {
	/// The period.
	pub period: PeriodIndex,
	/// Who signed.
	pub index: StakerIndex,
	/// The signature.
	pub signature: Signature,
}

/// The chain as the best block leaves it.
#[derive(Clone, Debug, Default)]
pub struct View {
	/// The running epoch.
	pub epoch: EpochIndex,
	/// How many producers there are.
	pub producers: u32,
	/// Which of them this node is. Usually none or one.
	pub ours: Vec<u32>,
	/// The periods whose heartbeats the next block may record, oldest first: at most
	/// [`MAX_OPEN`], of the running epoch. Of more, the newest count.
	pub periods: Vec<OpenPeriod>,
	/// Who is active in the running epoch.
	pub active: Arc<Bitmaps>,
}

/// A period whose heartbeats can still be recorded.
#[derive(Clone, Debug)]
pub struct OpenPeriod {
	/// Its number.
	pub period: PeriodIndex,
	/// Its first slot.
	pub first_slot: Slot,
	/// Its length in slots: not zero.
	pub slots: u32,
	/// The last slot whose block may record it.
	pub window_end: Slot,
	/// Its checkpoint, once its block is final at this node.
	pub checkpoint: Option<Hash>,
	/// What is recorded already.
	pub recorded: Bitmaps,
	/// The fewest new stakers that an aggregate in the next block must record.
	pub minimum_new: u32,
}

/// Looks up keys of stakers.
pub trait Keys {
	/// The key of `index` in `epoch`, which is the running one. `None` if it has none.
	fn key(&self, index: StakerIndex, epoch: EpochIndex) -> Option<StoredKey>;
}

impl<F: Fn(StakerIndex, EpochIndex) -> Option<StoredKey>> Keys for F {
	fn key(&self, index: StakerIndex, epoch: EpochIndex) -> Option<StoredKey> {
		self(index, epoch)
	}
}

impl View {
	/// The open period of this number.
	pub fn open(&self, period: PeriodIndex) -> Option<&OpenPeriod> {
		self.periods.iter().find(|open| open.period == period)
	}

	/// Whether a staker is active.
	pub fn is_active(&self, index: StakerIndex) -> bool {
		is_set(&self.active, index)
	}

	/// The producer to turn to at `attempt`.
	pub fn collector(&self, index: StakerIndex, period: PeriodIndex, attempt: u8) -> Option<u32> {
		collector(position(index).0, period, attempt, self.producers)
	}

	/// Whether this node collects `bucket` at one of the attempts 0 to `last`.
	pub fn is_ours(&self, bucket: BucketIndex, period: PeriodIndex, last: u8) -> bool {
		collectors(bucket, period, last, self.producers).any(|place| self.ours.contains(&place))
	}
}

impl OpenPeriod {
	/// Whether a staker is recorded.
	pub fn is_recorded(&self, index: StakerIndex) -> bool {
		is_set(&self.recorded, index)
	}

	/// The attempt that is due at `slot`.
	pub fn attempt_at(&self, slot: Slot) -> u8 {
		attempt_at(self.first_slot, self.slots, slot)
	}

	/// Whether everybody had time to sign and to be heard at `slot`.
	pub fn is_time_to_record(&self, slot: Slot) -> bool {
		slot >= recording_slot(self.first_slot, self.slots)
	}

	/// Whether the window is in its last quarter at `slot`.
	pub fn is_late(&self, slot: Slot) -> bool {
		is_last_quarter(self.first_slot, self.window_end, slot)
	}

	/// Whether `slot` lies in the period itself.
	pub fn contains(&self, slot: Slot) -> bool {
		slot.checked_sub(self.first_slot)
			.is_some_and(|passed| passed < u64::from(self.slots))
	}
}

fn is_set(bitmaps: &Bitmaps, index: StakerIndex) -> bool {
	let (bucket, position) = position(index);
	bitmaps
		.get(&bucket)
		.is_some_and(|bitmap| bitmap.get(position))
}
