//! The words in which the network stories are told.
//!
//! A story (`tests/<story>.rs`) starts a [`Network`] of real nodes on this machine, does something
//! to it and says what must then be true. Everything a story says is a method here, so that the
//! stories hold the plot and nothing else:
//!
//! ```no_run
//! # async fn story() -> anyhow::Result<()> {
//! let mut network = vigil_stories::Network::local("a_story").start().await?;
//! network.kill("bob").await?;
//! network.finality_reaches(20).within(30).await?;
//! network.stop().await
//! # }
//! ```
//!
//! What takes time is an [`Expectation`]: it is met `within` a number of seconds or the story ends
//! with the reason why it was not. What is true at once is returned, for the story to compare.

mod chain;
mod clients;
mod expectation;
mod heartbeats;
mod ledger;
mod network;
mod process;
mod setup;
mod turns;
mod watch;

pub use clients::client;
pub use expectation::Expectation;
pub use heartbeats::Recording;
pub use ledger::{Attestation, EpochSummary, Ledger, Participation};
pub use network::{Network, NetworkBuilder, Stall};
pub use turns::Turns;

/// One Aura slot of the networks told about, in milliseconds.
pub const SLOT_MILLIS: u64 = 500;

/// Slots of a period. Every staker is to be heard once in each.
pub const PERIOD_SLOTS: u64 = 21;

/// Who may author, in the order of the authority set: slot `s` belongs to number `s % 4`.
pub const PRODUCERS: [&str; 4] = ["alice", "bob", "charlie", "dave"];

/// Who votes on finality; three of the four are a quorum.
pub const WITNESSES: [&str; 4] = ["charlie", "dave", "eve", "ferdie"];

/// Who sends heartbeats, in the order of their indices.
pub const STAKERS: [&str; 6] = ["alice", "bob", "charlie", "dave", "eve", "ferdie"];
