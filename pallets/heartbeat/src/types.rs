//! The values this pallet keeps and answers with.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_consensus_slots::Slot;
use sp_core::Bytes;
use vigil_heartbeat_primitives::{
	Bitmap, EpochIndex, Hash, PeriodIndex, PublicKey, Signature, StakerIndex, StoredKey,
	BUCKET_SIZE, PAGE_SIZE,
};

/// Effective stake in ten-thousandths of a token. The cap of 100,000 tokens is 10^9.
pub type Stake = u32;

/// Sum of stakes. A million stakers at the cap are 10^15.
pub type TotalStake = u64;

/// What a verifier needs of a bucket besides its keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Bucket {
	/// Who may send heartbeats.
	pub active: Bitmap,
	/// The sum of their keys.
	pub sum: StoredKey,
	/// A bit for each page: which of its two places is in force.
	pub copies: u8,
}

/// Bytes of one stored key.
const KEY_BYTES: usize = 96;

/// Keys by position in a page, one after the other: as bytes, because a page is read for the sake of a
/// few of its keys, and to decode all of them would cost more than to add those few. Shorter than a
/// page while nobody sits behind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Page(BoundedVec<u8, ConstU32<{ PAGE_SIZE * KEY_BYTES as u32 }>>);

impl Page {
	/// The key at `position`.
	pub fn get(&self, position: u32) -> Option<StoredKey> {
		Self::key_among(&self.0, position)
	}

	/// The key at `position` among the bytes of a page.
	pub(crate) fn key_among(keys: &[u8], position: u32) -> Option<StoredKey> {
		let start = (position as usize).saturating_mul(KEY_BYTES);
		let bytes = keys.get(start..start.saturating_add(KEY_BYTES))?;
		bytes.try_into().ok().map(StoredKey)
	}

	/// All keys, in order.
	pub fn keys(&self) -> impl Iterator<Item = StoredKey> + '_ {
		self.0
			.chunks_exact(KEY_BYTES)
			.filter_map(|bytes| bytes.try_into().ok().map(StoredKey))
	}

	/// Put a key at `position`, and the identity wherever there was nothing before it. Nothing happens
	/// beyond the end of a page.
	pub(crate) fn assign(&mut self, position: u32, key: &StoredKey) {
		if position >= PAGE_SIZE {
			return;
		}
		let start = (position as usize).saturating_mul(KEY_BYTES);
		while self.0.len() < start.saturating_add(KEY_BYTES) {
			// There is room: the position lies in the page.
			if self
				.0
				.try_extend(StoredKey::IDENTITY.0.into_iter())
				.is_err()
			{
				return;
			}
		}
		let place = self.0.get_mut(start..start.saturating_add(KEY_BYTES));
		if let Some(place) = place {
			place.copy_from_slice(&key.0);
		}
	}
}

impl FromIterator<StoredKey> for Page {
	/// Beyond the end of a page, keys are left out.
	fn from_iter<I: IntoIterator<Item = StoredKey>>(keys: I) -> Self {
		let mut page = Self::default();
		for (position, key) in (0u32..).zip(keys).take(PAGE_SIZE as usize) {
			page.assign(position, &key);
		}
		page
	}
}

/// Stakes by position in a bucket. Shorter than a bucket while nobody sits behind.
pub type Stakes = BoundedVec<Stake, ConstU32<BUCKET_SIZE>>;

/// Periods recorded by position in a bucket. Positions behind the end have none.
pub type Counts = BoundedVec<u16, ConstU32<BUCKET_SIZE>>;

/// Periods whose bitmaps are kept.
pub const KEPT_PERIODS: u64 = 4;

/// Epochs whose counters are kept: the running one, and the one that is being settled.
pub const KEPT_EPOCHS: u64 = 2;

/// Epochs whose summaries are kept: more than the four that ranking looks at.
pub const KEPT_SUMMARIES: u64 = 8;

/// What a bucket's stakers were recorded for. Rings: what belongs to an older period or epoch is
/// overwritten when the place is needed again, and ignored until then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Tally {
	/// By `period % KEPT_PERIODS`.
	pub(crate) periods: [(PeriodIndex, Bitmap); KEPT_PERIODS as usize],
	/// By `epoch % KEPT_EPOCHS`.
	pub(crate) epochs: [(EpochIndex, Counts); KEPT_EPOCHS as usize],
}

/// All active stakers together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Totals {
	/// How many they are.
	pub stakers: u32,
	/// What they have staked.
	pub stake: TotalStake,
}

/// What is known of a key that was ever registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct KeyRecord {
	/// Whose key it is.
	pub index: StakerIndex,
	/// The first epoch in which its owner had the index. Others may have it later.
	#[codec(compact)]
	pub opened: EpochIndex,
	/// The first epoch it counts in.
	#[codec(compact)]
	pub from: EpochIndex,
	/// The last epoch it counts in, once that is known.
	pub until: Option<EpochIndex>,
	/// Whether it was reported for signing two checkpoints of one period.
	pub guilty: bool,
}

impl KeyRecord {
	/// Whether the key counts in `epoch`.
	pub fn covers(&self, epoch: EpochIndex) -> bool {
		self.from <= epoch && self.until.is_none_or(|until| epoch <= until)
	}
}

/// A period whose heartbeats may still be recorded.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct OpenPeriod<BlockNumber> {
	/// Its number.
	pub period: PeriodIndex,
	/// The epoch it belongs to.
	pub epoch: EpochIndex,
	/// Number of its first block.
	pub checkpoint_number: BlockNumber,
	/// Hash of its first block, known from the block after.
	pub checkpoint: Option<Hash>,
	/// Stakers recorded.
	pub recorded: u32,
	/// Their stake.
	pub stake: TotalStake,
	/// Aggregates that recorded them.
	pub aggregates: u32,
}

/// How much of all stake has seen a checkpoint final.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Attestation {
	/// The period.
	pub period: PeriodIndex,
	/// The epoch it belongs to.
	pub epoch: EpochIndex,
	/// The block that was attested. None if the chain ended there and went on a period later.
	pub checkpoint: Option<Hash>,
	/// Stakers recorded.
	pub recorded: u32,
	/// Their stake.
	pub stake: TotalStake,
	/// Active stakers and their stake, as frozen when the epoch began.
	pub total: Totals,
	/// Whether the period counts for nobody: less than a third of the stake was recorded.
	pub void: bool,
}

/// What is known of all periods of an epoch together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct EpochSummary {
	/// The epoch.
	pub epoch: EpochIndex,
	/// Periods that count.
	pub valid: u32,
	/// Periods with blocks that count for nobody.
	pub void: u32,
	/// Active stakers and their stake, as frozen when the epoch began.
	pub total: Totals,
}

/// How diligent a staker was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Participation {
	/// Periods in which the staker was recorded, also void ones.
	pub recorded: u32,
	/// Periods that count. Participation is `min(recorded, valid) / valid`.
	pub valid: u32,
}

/// A staker of genesis.
///
/// Its proof of possession is made for a chain whose genesis hash is zero, because the hash of the
/// genesis that holds it cannot be known before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GenesisStaker<AccountId> {
	/// The account that owns the key.
	pub owner: AccountId,
	/// The public key: 48 bytes, hexadecimal.
	pub key: Bytes,
	/// Proof of possession: 96 bytes, hexadecimal.
	pub proof: Bytes,
	/// Effective stake in ten-thousandths of a token.
	pub stake: Stake,
}

/// Two heartbeats of one staker in one period, for different blocks. One is the recorded checkpoint.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct DoubleCheckpoint {
	/// The key that signed both.
	pub key: PublicKey,
	/// The period.
	pub period: PeriodIndex,
	/// Signature for the recorded checkpoint.
	pub recorded_signature: Signature,
	/// The other block.
	pub other: Hash,
	/// Signature for the other block.
	pub other_signature: Signature,
}

/// A period that accepts heartbeats, as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Window<BlockNumber> {
	/// What was recorded so far.
	pub open: OpenPeriod<BlockNumber>,
	/// First slot of the period.
	pub first_slot: Slot,
	/// First slot behind the window.
	pub end_slot: Slot,
	/// From this slot on, one new heartbeat is enough for an aggregate.
	pub last_quarter_slot: Slot,
}

/// What verifying costs, in picoseconds of reference time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Prices {
	/// One aggregate, before its parts.
	pub aggregate: u64,
	/// One part.
	pub part: u64,
	/// One page of keys.
	pub page: u64,
	/// One key.
	pub key: u64,
	/// The most one aggregate may cost.
	pub limit: u64,
}

/// Everything a collector asks before it builds an aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Status<BlockNumber> {
	/// Slot of this block.
	pub slot: Slot,
	/// Running epoch.
	pub epoch: EpochIndex,
	/// Active stakers and their stake in it.
	pub total: Totals,
	/// Buckets that exist, active or not.
	pub buckets: u32,
	/// Periods that accept heartbeats, oldest first.
	pub windows: Vec<Window<BlockNumber>>,
	/// Most aggregates for one period.
	pub max_aggregates: u32,
	/// New heartbeats that an aggregate needs, before the last quarter.
	pub min_new: u32,
	/// What verifying costs.
	pub prices: Prices,
}
