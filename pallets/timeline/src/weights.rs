//! What the calls and hooks of this pallet cost. The runtime brings measured values.

use frame_support::weights::Weight;

/// Weights that a runtime measures with this pallet's benchmarks.
pub trait WeightInfo {
	/// A block inside its period.
	fn on_initialize() -> Weight;
	/// The first block of a period.
	fn on_initialize_at_period() -> Weight;
	/// The first block of an epoch.
	fn on_initialize_at_epoch() -> Weight;
	/// [`crate::Pallet::set_lengths`].
	fn set_lengths() -> Weight;
}

/// For mocks, where nothing is weighed.
impl WeightInfo for () {
	fn on_initialize() -> Weight {
		Weight::zero()
	}
	fn on_initialize_at_period() -> Weight {
		Weight::zero()
	}
	fn on_initialize_at_epoch() -> Weight {
		Weight::zero()
	}
	fn set_lengths() -> Weight {
		Weight::zero()
	}
}
