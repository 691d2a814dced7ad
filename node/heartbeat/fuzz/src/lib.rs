#![doc = include_str!("../README.md")]

mod core;
mod keys;
mod points;
mod record;
mod signatures;
pub mod tape;
mod values;
mod verifier;
mod wire;

pub use self::core::core;
pub use keys::{public_keys, stored_keys};
pub use record::{records, Found};
pub use signatures::{possessions, signatures};
pub use values::{aggregates, bitmaps, values};
pub use verifier::{aggregate_verifier, batch_verifier, Why};
pub use wire::{batches, hellos};
