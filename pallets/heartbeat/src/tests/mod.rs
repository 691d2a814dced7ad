//! Behaviour of the pallet, one file for each.

mod genesis;
mod periods;
mod recording;
mod registry;
mod reports;
