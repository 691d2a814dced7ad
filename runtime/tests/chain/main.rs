//! The real runtime, without a node: blocks made through the entry points that a node uses.
//!
//! One binary, because each would compile the whole runtime's entry points again.

mod classes;
mod common;
mod faults;
mod fees;
mod heartbeats;
mod interface;
mod limits;
mod presets;
mod sessions;
