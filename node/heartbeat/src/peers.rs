//! What is known of each peer: how to reach it, what it may send, and how it behaved.

use crate::{
	limits::{Limits, Offence, ALLOWANCE_SLOTS, MUTED_AT},
	pool::Source,
};
use std::collections::BTreeMap;

/// The peers of this node, by themselves and by the number of their connection.
#[derive(Debug)]
pub(crate) struct Book<P> {
	limits: Limits,
	peers: BTreeMap<P, Standing>,
	by_source: BTreeMap<Source, P>,
	last: Source,
}

/// One peer.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
	pub(crate) source: Source,
	/// The producers that this peer is, or brings to.
	pub(crate) producers: Vec<u32>,
	pub(crate) connected: bool,
	/// Points for offences in this period.
	points: u32,
	/// Heartbeats it may still send.
	allowance: u32,
	flooded: bool,
	/// Heartbeats sent to it in this slot.
	pub(crate) sent: u32,
	/// Messages of it that came too early in this period.
	pub(crate) early: usize,
}

impl Standing {
	/// Whether it misbehaved so much that it is not listened to.
	pub(crate) fn is_muted(&self) -> bool {
		self.points >= MUTED_AT
	}
}

impl<P: Clone + Ord> Book<P> {
	pub(crate) fn new(limits: Limits) -> Self {
		Self {
			limits,
			peers: BTreeMap::new(),
			by_source: BTreeMap::new(),
			last: 0,
		}
	}

	/// These are connected now, and no others.
	pub(crate) fn connect(&mut self, connected: impl IntoIterator<Item = (P, Vec<u32>)>) {
		self.peers
			.values_mut()
			.for_each(|standing| standing.connected = false);
		for (peer, producers) in connected {
			if let Some(standing) = self.entry(&peer) {
				standing.connected = true;
				standing.producers = producers;
			}
		}
		// Whoever misbehaved is remembered: coming back does not help.
		self.drop_absent(|standing| standing.points == 0);
	}

	/// A slot passed.
	pub(crate) fn next_slot(&mut self) {
		let per_slot = self.limits.peer_heartbeats_per_slot;
		for standing in self.peers.values_mut() {
			let saved = standing.allowance.saturating_add(per_slot);
			standing.allowance = saved.min(per_slot.saturating_mul(ALLOWANCE_SLOTS));
			standing.flooded = false;
			standing.sent = 0;
		}
	}

	/// A period opened: what was is forgotten.
	pub(crate) fn forgive(&mut self) {
		for standing in self.peers.values_mut() {
			standing.points = 0;
			standing.early = 0;
		}
		self.drop_absent(|_| true);
	}

	fn drop_absent(&mut self, which: impl Fn(&Standing) -> bool) {
		let by_source = &mut self.by_source;
		self.peers.retain(|_, standing| {
			let stays = standing.connected || !which(standing);
			if !stays {
				by_source.remove(&standing.source);
			}
			stays
		});
	}

	/// Forget the peer that left with the fewest offences. False if all are connected.
	fn drop_one_absent(&mut self) -> bool {
		let absent = self
			.peers
			.iter()
			.filter(|(_, standing)| !standing.connected);
		let least = absent.min_by_key(|(_, standing)| (standing.points, standing.source));
		let Some(peer) = least.map(|(peer, _)| peer.clone()) else {
			return false;
		};
		let gone = self.peers.remove(&peer);
		gone.map(|gone| self.by_source.remove(&gone.source))
			.is_some()
	}

	/// The standing of a peer, new if need be: not connected until [`Self::connect`] says so. `None`
	/// if too many are connected already.
	pub(crate) fn entry(&mut self, peer: &P) -> Option<&mut Standing> {
		if !self.peers.contains_key(peer) {
			if self.peers.len() >= self.limits.peers && !self.drop_one_absent() {
				return None;
			}
			self.last += 1;
			self.by_source.insert(self.last, peer.clone());
			let standing = Standing {
				source: self.last,
				producers: Vec::new(),
				connected: false,
				points: 0,
				allowance: self.limits.peer_heartbeats_per_slot,
				flooded: false,
				sent: 0,
				early: 0,
			};
			self.peers.insert(peer.clone(), standing);
		}
		self.peers.get_mut(peer)
	}

	/// Take so much from a peer's allowance. `Err` if there is not enough; true in it at the first
	/// time in a slot.
	pub(crate) fn spend(&mut self, peer: &P, cost: u32) -> Result<(), bool> {
		let standing = self.entry(peer).ok_or(false)?;
		match standing.allowance.checked_sub(cost) {
			Some(rest) => {
				standing.allowance = rest;
				Ok(())
			}
			None => Err(!core::mem::replace(&mut standing.flooded, true)),
		}
	}

	/// Note offences. True if the peer is muted now.
	pub(crate) fn charge(&mut self, peer: &P, offence: Offence, times: u32) -> bool {
		let Some(standing) = self.peers.get_mut(peer) else {
			return false;
		};
		let points = offence.points().saturating_mul(times);
		standing.points = standing.points.saturating_add(points);
		standing.is_muted()
	}

	/// Who is behind a connection, if it is still known.
	pub(crate) fn peer(&self, source: Source) -> Option<&P> {
		self.by_source.get(&source)
	}

	/// What is known of a connection.
	pub(crate) fn by_source(&mut self, source: Source) -> Option<(&P, &mut Standing)> {
		let peer = self.by_source.get(&source)?;
		Some((peer, self.peers.get_mut(peer)?))
	}

	/// Whether this connection exists.
	pub(crate) fn is_connected(&self, source: Source) -> bool {
		let peer = self.by_source.get(&source);
		let standing = peer.and_then(|peer| self.peers.get(peer));
		standing.is_some_and(|standing| standing.connected)
	}

	/// Everybody who is connected and listened to.
	pub(crate) fn reachable(&self) -> impl Iterator<Item = &Standing> {
		let standings = self.peers.values();
		standings.filter(|standing| standing.connected && !standing.is_muted())
	}

	#[cfg(test)]
	pub(crate) fn len(&self) -> usize {
		assert_eq!(self.peers.len(), self.by_source.len());
		self.peers.len()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn book() -> Book<u8> {
		Book::new(Limits {
			peers: 3,
			peer_heartbeats_per_slot: 100,
			..Limits::default()
		})
	}

	#[test]
	fn no_more_peers_are_remembered_than_allowed() {
		let mut book = book();
		book.connect((0..9).map(|peer| (peer, Vec::new())));
		assert_eq!(book.len(), 3);
		assert!(book.entry(&9).is_none());
		assert_eq!(book.spend(&9, 1), Err(false));
	}

	#[test]
	fn offenders_that_left_keep_no_place_from_others() {
		let mut book = book();
		for peer in 0..3 {
			book.entry(&peer);
			book.charge(&peer, Offence::Malformed, 3 - u32::from(peer));
		}
		book.connect([(7, vec![]), (8, vec![])]);
		assert_eq!(book.reachable().count(), 2);
		assert_eq!(book.len(), 3);
		book.connect([(0, vec![]), (7, vec![]), (8, vec![])]);
		assert_eq!(book.reachable().count(), 2);
	}

	#[test]
	fn leaving_and_coming_back_does_not_wash_off_an_offence() {
		let mut book = book();
		book.connect([(1, vec![]), (2, vec![])]);
		assert!(!book.charge(&1, Offence::BadSignature, 3));
		assert!(book.charge(&1, Offence::BadSignature, 1));
		book.connect([]);
		assert_eq!(book.len(), 1);
		book.connect([(1, vec![]), (2, vec![])]);
		assert_eq!(book.reachable().count(), 1);
		book.forgive();
		assert_eq!(book.reachable().count(), 2);
	}

	#[test]
	fn an_allowance_is_saved_up_to_a_bound_and_charged_once_a_slot() {
		let mut book = book();
		assert_eq!(book.spend(&1, 100), Ok(()));
		assert_eq!(book.spend(&1, 1), Err(true));
		assert_eq!(book.spend(&1, 1), Err(false));
		(0..2 * ALLOWANCE_SLOTS).for_each(|_| book.next_slot());
		let most = 100 * ALLOWANCE_SLOTS;
		assert_eq!(book.spend(&1, most + 1), Err(true));
		assert_eq!(book.spend(&1, most), Ok(()));
	}
}
