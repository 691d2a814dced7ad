//! Heartbeats, for nodes, wallets and dashboards.

use crate::types::{Attestation, EpochSummary, KeyRecord, Participation, Status};
use alloc::vec::Vec;
use codec::Codec;
use vigil_heartbeat_primitives::{
	Bitmap, BucketIndex, EpochIndex, HeartbeatAggregate, PeriodIndex, PublicKey, StakerIndex,
	StoredKey,
};

sp_api::decl_runtime_apis! {
	/// Who is awake.
	pub trait HeartbeatApi<BlockNumber: Codec> {
		/// Open windows, thresholds and prices. None before block 1.
		fn status() -> Option<Status<BlockNumber>>;

		/// Who may send heartbeats in the running epoch, for buckets `from..from + count`.
		fn active(from: BucketIndex, count: u32) -> Vec<Bitmap>;

		/// Who was recorded in a period, for buckets `from..from + count`. Empty bitmaps for periods
		/// that are not kept.
		fn recorded(period: PeriodIndex, from: BucketIndex, count: u32) -> Vec<Bitmap>;

		/// The keys of a bucket in the running epoch, by position; those that are not active mean
		/// nothing.
		fn keys(bucket: BucketIndex) -> Vec<StoredKey>;

		/// What is known of a key.
		fn find(key: PublicKey) -> Option<KeyRecord>;

		/// How diligent a staker was in an epoch: the running one or the last.
		fn participation(index: StakerIndex, epoch: EpochIndex) -> Option<Participation>;

		/// How much stake has seen the checkpoint of a closed period final.
		fn attestation(period: PeriodIndex) -> Option<Attestation>;

		/// An epoch as a whole.
		fn epoch_summary(epoch: EpochIndex) -> Option<EpochSummary>;

		/// Whether an aggregate would be recorded in a block right after this one, in the same
		/// period: how many of its stakers are new, or why not.
		fn check(aggregate: HeartbeatAggregate) -> Result<u32, sp_runtime::DispatchError>;
	}
}
