//! How each pallet is set up, by what it is for.

mod consensus;
mod economics;
mod governance;
mod heartbeat;
mod system;

pub use economics::FeesToAuthor;
pub use governance::ProxyType;
