//! The values the clock is made of.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_consensus_slots::Slot;

/// Number of a period. Never repeats, never decreases.
pub type PeriodIndex = u64;

/// Number of an epoch. Grows by exactly one at each edge.
pub type EpochIndex = u64;

/// How long a period and an epoch are.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub struct Lengths {
	/// Slots of one period, within [`Lengths::PERIOD_SLOTS`].
	pub period_slots: u32,
	/// Periods of one epoch, within [`Lengths::EPOCH_PERIODS`].
	pub epoch_periods: u32,
}

impl Lengths {
	/// Allowed slots of a period: 2.5 seconds to 2 hours at 500 ms. Below, a heartbeat could not
	/// travel; above, an absent staker would stay unnoticed for too long.
	pub const PERIOD_SLOTS: core::ops::RangeInclusive<u32> = 5..=14_400;

	/// Allowed periods of an epoch. Two is the least for which one late block can never be an
	/// epoch late; the most is a week of ten-minute periods.
	pub const EPOCH_PERIODS: core::ops::RangeInclusive<u32> = 2..=1_008;

	/// Slots of one epoch.
	pub fn epoch_slots(&self) -> u64 {
		// At most 14,400 * 1,008 for valid lengths, and u32 * u32 always fits a u64.
		u64::from(self.period_slots).saturating_mul(u64::from(self.epoch_periods))
	}
}

impl Default for Lengths {
	/// The lengths of development and local networks: periods of about 10 s, epochs of about 1 min.
	fn default() -> Self {
		Self {
			period_slots: 21,
			epoch_periods: 6,
		}
	}
}

/// The running epoch: where it began and what it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Clock {
	/// First slot of the epoch.
	pub base_slot: Slot,
	/// Number of the epoch's first period.
	pub base_period: PeriodIndex,
	/// Number of the epoch.
	pub epoch: EpochIndex,
}

/// The running period, as blocks have seen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Period<BlockNumber> {
	/// Number of the period.
	pub index: PeriodIndex,
	/// The first block whose slot lies in the period: its checkpoint.
	pub checkpoint: BlockNumber,
}

/// Everything a client asks of the clock, in one answer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct TimelineNow<BlockNumber> {
	/// Slot of this block.
	pub slot: Slot,
	/// Running period.
	pub period: Period<BlockNumber>,
	/// Running epoch.
	pub epoch: EpochIndex,
	/// Number of the running epoch's first period.
	pub epoch_first_period: PeriodIndex,
	/// The first block of the running epoch.
	pub epoch_first_block: BlockNumber,
	/// First slot of the next epoch, unless an outage delays it.
	pub next_epoch_slot: Slot,
	/// Lengths in force.
	pub lengths: Lengths,
	/// Lengths that the next epoch starts with, if they were changed.
	pub pending_lengths: Option<Lengths>,
}
