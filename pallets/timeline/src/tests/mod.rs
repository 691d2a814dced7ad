//! Behaviour, a file each.

mod outages;
mod periods;
mod session;
mod set_lengths;
