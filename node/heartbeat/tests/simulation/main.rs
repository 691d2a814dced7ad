//! A network of nodes in one thread, with a chain that verifies: what the protocol promises while
//! messages get lost and peers lie. Everything follows from seeds.

mod attacks;
mod chain;
mod weather;
mod world;
