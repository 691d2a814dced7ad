//! The Vigil node: producer, witness or full node of a Vigil network.
//!
//! The program is in `main.rs` and does nothing but call [`run`]. What is more than that is here so
//! that the tests' `vigil-adversary` can be the same node with another [`Conduct`].

mod chain_spec;
mod cli;
mod command;
mod conduct;
mod heartbeat_key;
mod rpc;
mod service;

pub use command::run;
pub use conduct::{Conduct, Honest};
