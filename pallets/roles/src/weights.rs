//! What the calls and hooks of this pallet cost. The runtime brings measured values.

use frame_support::weights::Weight;

/// Weights that a runtime measures with this pallet's benchmarks.
pub trait WeightInfo {
	/// Finding the author of a block, and whether it is disabled.
	fn on_initialize() -> Weight;
	/// [`crate::Pallet::report_double_vote`], once it is authorised.
	fn report_double_vote() -> Weight;
	/// Checking a report.
	fn authorize_report_double_vote() -> Weight;
}

/// For mocks, where nothing is weighed.
impl WeightInfo for () {
	fn on_initialize() -> Weight {
		Weight::zero()
	}
	fn report_double_vote() -> Weight {
		Weight::zero()
	}
	fn authorize_report_double_vote() -> Weight {
		Weight::zero()
	}
}
