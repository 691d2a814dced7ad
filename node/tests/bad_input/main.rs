//! What the node does with bad input: it says what is wrong and what to do, it does not panic, and
//! nothing that is final gets lost.
//!
//! Every test starts the real binary, in directories and on loopback ports of its own, and ends it
//! by its process id. That no node of any test panicked is looked at whenever one is dropped.

mod bodies;
mod chains;
mod clocks;
mod commands;
mod databases;
mod heartbeats;
mod keys;
mod node;
mod origins;
mod peers;
mod pool;
mod ports;
mod requests;
mod splits;
mod votes;
mod web;
