//! What the calls and hooks of this pallet cost. The runtime brings measured values.

use frame_support::weights::Weight;

/// Weights that a runtime measures with this pallet's benchmarks.
pub trait WeightInfo {
	/// A block inside its period.
	fn on_initialize() -> Weight;
	/// The first block of a period, which closes two.
	fn on_initialize_at_period() -> Weight;
	/// Recording an aggregate of `p` parts in which nobody is absent.
	fn record(p: u32) -> Weight;
	/// Reading `g` pages of keys, and one key of each.
	fn read_pages(g: u32) -> Weight;
	/// Summing `k` keys of one bucket, its pages included.
	fn sum_keys(k: u32) -> Weight;
	/// [`crate::Pallet::force_open`].
	fn force_open() -> Weight;
	/// [`crate::Pallet::force_rotate`].
	fn force_rotate() -> Weight;
	/// [`crate::Pallet::force_retire`].
	fn force_retire() -> Weight;
	/// [`crate::Pallet::set_max_aggregates`].
	fn set_max_aggregates() -> Weight;
	/// [`crate::Pallet::report_double_checkpoint`].
	fn report_double_checkpoint() -> Weight;
}

/// For mocks: an aggregate costs as the protocol estimates, the rest nothing.
impl WeightInfo for () {
	fn on_initialize() -> Weight {
		Weight::zero()
	}
	fn on_initialize_at_period() -> Weight {
		Weight::zero()
	}
	fn record(p: u32) -> Weight {
		Weight::from_parts(8_200_000_000, 0)
			.saturating_add(Weight::from_parts(100_000_000, 0).saturating_mul(p.into()))
	}
	fn read_pages(g: u32) -> Weight {
		Weight::from_parts(10_000_000, 0).saturating_mul(g.into())
	}
	fn sum_keys(k: u32) -> Weight {
		Weight::from_parts(3_800_000, 0).saturating_mul(k.into())
	}
	fn force_open() -> Weight {
		Weight::zero()
	}
	fn force_rotate() -> Weight {
		Weight::zero()
	}
	fn force_retire() -> Weight {
		Weight::zero()
	}
	fn set_max_aggregates() -> Weight {
		Weight::zero()
	}
	fn report_double_checkpoint() -> Weight {
		Weight::zero()
	}
}
