#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(
		clippy::unwrap_used,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::arithmetic_side_effects
	)
)]

extern crate alloc;

mod aggregate;
mod bitmap;
mod bls;
mod cost;
mod engine;
mod keys;
mod message;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod versioned;

pub use aggregate::{AggregatePart, BadForm, HeartbeatAggregate, Parts};
pub use bitmap::Bitmap;
pub use bls::{verify, verify_possession, PointFault, Refusal};
pub use cost::{Effort, Side};
pub use engine::IetfBls;
pub use keys::{KeySum, PublicKey, Signature, StoredKey};
pub use message::{heartbeat_message, possession_message, Hash};
pub use versioned::Versioned;

use codec::{Decode, Encode};
use scale_info::TypeInfo;

/// Number of a period, as the timeline counts them.
pub type PeriodIndex = u64;

/// Number of an epoch, as the timeline counts them.
pub type EpochIndex = u64;

/// Number of a bucket: an index divided by [`BUCKET_SIZE`].
pub type BucketIndex = u32;

/// A staker's place: dense, below 2^20 buckets, its bit position everywhere.
pub type StakerIndex = u32;

/// Indices of one bucket: the unit of bitmaps and of sums of keys.
pub const BUCKET_SIZE: u32 = 1_024;

/// Keys of one page, the unit in which keys are stored. `docs/performance.md` has the sizes that
/// were tried.
pub const PAGE_SIZE: u32 = 256;

/// Pages of one bucket.
pub const PAGES: u32 = BUCKET_SIZE / PAGE_SIZE;

/// Most parts of one aggregate. Weight bounds them long before: one part costs about half a
/// millisecond when a twentieth of its stakers are absent.
pub const MAX_PARTS: u32 = 256;

/// Names heartbeats in the digest of a header.
pub const ENGINE_ID: [u8; 4] = *b"VGHB";

/// Names heartbeats among the inherents of a block.
pub const INHERENT_IDENTIFIER: [u8; 8] = *b"vgheartb";

/// The bucket of an index and its position therein.
pub const fn position(index: StakerIndex) -> (BucketIndex, u32) {
	// A constant that is not zero divides.
	#[allow(clippy::arithmetic_side_effects)]
	(index / BUCKET_SIZE, index % BUCKET_SIZE)
}

/// What a header says of the aggregate in its block, under [`ENGINE_ID`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AggregateDigest {
	/// The period that was attested.
	pub period: PeriodIndex,
	/// Stakers recorded for the first time in that period.
	pub recorded: u32,
	/// Blake2-256 of the encoded aggregate.
	pub aggregate: Hash,
}
