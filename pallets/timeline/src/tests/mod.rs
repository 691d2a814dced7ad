//! Behaviour, a file each.

mod clock;
mod outages;
mod periods;
mod session;
mod set_lengths;
