//! Behaviour, a file each.

mod authorship;
mod disabling;
mod genesis;
mod proofs;
mod reports;
mod rotation;
