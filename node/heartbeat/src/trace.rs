//! Where a verified heartbeat came from, and where it went.

use crate::{
	limits::{FAN_OUT, FREE_DELIVERIES},
	pool::Source,
	spread::ATTEMPTS,
	wire::MAX_HOPS,
};

/// Sources that are remembered for each heartbeat; more are not charged for repeating it.
const SOURCES: usize = 4;

/// Recipients that are remembered for each heartbeat.
const RECIPIENTS: usize = FAN_OUT * ATTEMPTS as usize;

/// The way of one heartbeat through this node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trace {
	/// Of this node's own stakers, or by RPC: nobody else will send it again.
	pub(crate) local: bool,
	/// The fewest hops it came by.
	pub(crate) hops: u8,
	/// One bit for each attempt that was made.
	sent: u8,
	from: [(Source, u8); SOURCES],
	/// To whom it was sent; no connection has the number 0.
	to: [Source; RECIPIENTS],
}

impl Trace {
	/// One that begins here.
	pub(crate) fn local() -> Self {
		Self {
			local: true,
			..Self::default()
		}
	}

	/// From now on, this node is the one that sends it again.
	pub(crate) fn make_local(&mut self) {
		self.local = true;
		self.hops = 0;
	}

	/// One that a peer delivered.
	pub(crate) fn from_peer(source: Source, hops: u8) -> Self {
		let mut trace = Self {
			hops: MAX_HOPS,
			..Self::default()
		};
		trace.deliver(source, hops);
		trace
	}

	/// Note a delivery. False if the same source delivered it too often.
	pub(crate) fn deliver(&mut self, source: Source, hops: u8) -> bool {
		self.hops = self.hops.min(hops);
		let known = |(from, times): &&mut (Source, u8)| *times > 0 && *from == source;
		if let Some((_, times)) = self.from.iter_mut().find(known) {
			*times = times.saturating_add(1);
			return *times <= FREE_DELIVERIES;
		}
		if let Some(free) = self.from.iter_mut().find(|(_, times)| *times == 0) {
			*free = (source, 1);
		}
		true
	}

	/// Whether this source has it.
	pub(crate) fn came_from(&self, source: Source) -> bool {
		self.from
			.iter()
			.any(|(from, times)| *times > 0 && *from == source)
	}

	/// Note a recipient.
	pub(crate) fn send(&mut self, to: Source) {
		if let Some(free) = self.to.iter_mut().find(|free| **free == 0) {
			*free = to;
		}
	}

	/// Whether this source was a recipient.
	pub(crate) fn went_to(&self, source: Source) -> bool {
		self.to.contains(&source)
	}

	/// Whether an attempt was made.
	pub(crate) fn was_sent(&self, attempt: u8) -> bool {
		self.sent & mask(attempt) != 0
	}

	/// Note that an attempt was made, or need not be.
	pub(crate) fn mark_sent(&mut self, attempt: u8) {
		self.sent |= mask(attempt);
	}
}

fn mask(attempt: u8) -> u8 {
	1 << attempt.min(ATTEMPTS - 1)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_peer_may_deliver_once_for_each_attempt() {
		let mut trace = Trace::from_peer(7, 1);
		assert!(trace.deliver(7, 1) && trace.deliver(7, 1));
		assert!(!trace.deliver(7, 1));
		assert!(trace.deliver(8, 2));
		assert!(trace.came_from(7) && trace.came_from(8) && !trace.came_from(9));
	}

	#[test]
	fn the_shortest_way_counts() {
		let mut trace = Trace::from_peer(7, 2);
		trace.deliver(8, 1);
		trace.deliver(9, 2);
		assert_eq!(trace.hops, 1);
		assert_eq!(Trace::local().hops, 0);
	}

	#[test]
	fn recipients_are_remembered() {
		let mut trace = Trace::local();
		(1..9).for_each(|to| trace.send(to));
		assert!(trace.went_to(1) && trace.went_to(6) && !trace.went_to(7));
	}

	#[test]
	fn each_attempt_is_noted_alone() {
		let mut trace = Trace::local();
		trace.mark_sent(1);
		assert_eq!(
			[0, 1, 2].map(|attempt| trace.was_sent(attempt)),
			[false, true, false]
		);
	}

	#[test]
	fn more_sources_than_are_remembered_are_not_charged() {
		let mut trace = Trace::from_peer(1, 0);
		(2..5).for_each(|source| assert!(trace.deliver(source, 0)));
		(0..9).for_each(|_| assert!(trace.deliver(5, 0)));
	}
}
