//! Weights of this project's own pallets, measured by their benchmarks.

pub mod pallet_roles;
pub mod pallet_timeline;
