#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), deny(clippy::unwrap_used))]

pub mod aggregate;
pub mod bls;
pub mod core;
pub mod held;
pub mod hello;
pub mod limits;
mod outbox;
mod peers;
mod pool;
pub mod record;
pub mod signer;
pub mod spread;
pub mod swarm;
mod trace;
pub mod view;
pub mod wire;
