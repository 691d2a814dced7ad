//! Weights of this project's own pallets. `scripts/bench weights` measures them and writes these
//! files.

pub mod pallet_heartbeat;
pub mod pallet_roles;
pub mod pallet_timeline;
