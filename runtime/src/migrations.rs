//! Migrations of this runtime, oldest first. Each is versioned, bounded, and removed once every
//! network has run it.

/// Run in the block that brings the new runtime in.
pub type SingleBlock = ();

/// Run over as many blocks as they need.
#[cfg(not(feature = "runtime-benchmarks"))]
pub type MultiBlock = ();
