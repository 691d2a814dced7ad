//! The clock, for clients.

use crate::types::TimelineNow;
use codec::Codec;

sp_api::decl_runtime_apis! {
	/// What time it is on the chain.
	pub trait TimelineApi<BlockNumber: Codec> {
		/// Slot, period, epoch and the next edge. None before block 1.
		fn now() -> Option<TimelineNow<BlockNumber>>;
	}
}
