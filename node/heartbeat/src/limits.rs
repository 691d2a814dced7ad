//! Bounds, offences and counters.

use crate::wire::HEARTBEAT_BYTES;

/// Candidates for one staker and period, before one of them is verified: from different peers.
pub const MAX_CANDIDATES: usize = 3;

/// Peers that a heartbeat is handed to when the collector is not among them.
pub const FAN_OUT: usize = 2;

/// How often one peer may deliver the same heartbeat at no cost: once for each attempt.
pub const FREE_DELIVERIES: u8 = 3;

/// Points at which a peer is not listened to for the rest of the period.
pub const MUTED_AT: u32 = 100;

/// Messages that came before their period opened, and are kept until it does: at most so many, and
/// of one peer at most [`EARLY_PER_PEER`].
pub const EARLY: usize = 64;

/// See [`EARLY`].
pub const EARLY_PER_PEER: usize = 4;

/// What a message costs of its sender's allowance at least, in heartbeats.
pub const MESSAGE_COST: u32 = 32;

/// How many slots of allowance a peer can save up, for messages that were delayed together.
pub const ALLOWANCE_SLOTS: u32 = 16;

/// What the core may use. The defaults carry a collector among 21 for 10^6 stakers with room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
	/// Peers that are remembered, connected or not.
	pub peers: usize,
	/// Heartbeats taken from one peer per slot, [`ALLOWANCE_SLOTS`] saved up. A node sends no more
	/// than half of that to another.
	pub peer_heartbeats_per_slot: u32,
	/// Heartbeats of one peer that wait for verification, in each open period.
	pub peer_waiting: usize,
	/// Heartbeats that wait for verification in total; about 200 B each.
	pub waiting: usize,
	/// Verified heartbeats kept in total; about 350 B each.
	pub held: usize,
	/// Heartbeats of this node's own stakers and by RPC, of all open periods; by RPC half of it.
	pub local: usize,
	/// Heartbeats taken by RPC per slot: each is verified alone, in about a millisecond.
	pub submitted_per_slot: u32,
	/// Heartbeats verified per slot: about a tenth of a millisecond each.
	pub verified_per_slot: usize,
	/// Pairing equations per slot: about a millisecond each.
	pub checks_per_slot: u32,
	/// Heartbeats that wait to be sent.
	pub outbox: usize,
}

impl Default for Limits {
	fn default() -> Self {
		Self {
			peers: 1_024,
			peer_heartbeats_per_slot: 1_024,
			peer_waiting: 2_048,
			waiting: 16_384,
			held: 524_288,
			local: 16_384,
			submitted_per_slot: 64,
			verified_per_slot: 1_024,
			checks_per_slot: 64,
			outbox: 16_384,
		}
	}
}

impl Limits {
	/// What a message of so many bytes costs of its sender's allowance.
	pub(crate) fn message_cost(bytes: usize) -> u32 {
		u32::try_from(bytes / HEARTBEAT_BYTES)
			.unwrap_or(u32::MAX)
			.max(MESSAGE_COST)
	}
}

/// What a peer did wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Offence {
	/// Bytes that are no batch. An honest node never sends such, unless it speaks another version.
	Malformed,
	/// A signature that is wrong, or two different ones for one staker: a key makes only one for a
	/// message. Nodes verify what they pass on, so an honest one never sends this.
	BadSignature,
	/// A heartbeat of an index that is not active. An honest node that lags may do it once.
	UnknownIndex,
	/// A heartbeat of a period that is neither open nor next to an open one. As above.
	WrongPeriod,
	/// More than the allowance. The excess was dropped. Counted once per slot; a network that holds
	/// messages back can cause it.
	Flood,
	/// The same heartbeat again and again. Costs little more than the bytes.
	Repeated,
	/// A block whose aggregate does not hold. An honest author verifies it before.
	FalseAggregate,
}

impl Offence {
	/// How bad it is, in points: at 100 the core stops listening until the next period, and the node
	/// should disconnect. Points are forgotten when a period opens.
	pub const fn points(self) -> u32 {
		match self {
			Self::FalseAggregate => 100,
			Self::Malformed => 50,
			Self::BadSignature => 25,
			Self::UnknownIndex | Self::WrongPeriod => 10,
			Self::Flood => 5,
			Self::Repeated => 1,
		}
	}
}

/// Counts since the start, and how full the rooms are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
	/// Heartbeats that came from peers, in messages that were read.
	pub received: u64,
	/// Heartbeats verified and good.
	pub verified: u64,
	/// Heartbeats found bad.
	pub bad: u64,
	/// Pairing equations made.
	pub checks: u64,
	/// Messages dropped because their sender is muted or exceeded its allowance.
	pub dropped_messages: u64,
	/// Heartbeats dropped because a room was full.
	pub dropped_full: u64,
	/// Heartbeats that could not be passed on: no peer to pass them to, or too many hops.
	pub stranded: u64,
	/// Heartbeats sent.
	pub sent: u64,
	/// Messages sent.
	pub sent_messages: u64,
	/// Heartbeats that wait for verification now.
	pub waiting: u64,
	/// Verified heartbeats kept now.
	pub held: u64,
	/// Heartbeats that wait to be sent now.
	pub outbox: u64,
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::wire::{MAX_BYTES, MAX_HEARTBEATS};

	#[test]
	fn a_full_message_costs_its_heartbeats_and_a_tiny_one_is_not_free() {
		assert_eq!(Limits::message_cost(MAX_BYTES), MAX_HEARTBEATS as u32);
		assert_eq!(Limits::message_cost(0), MESSAGE_COST);
	}
}
