//! When to sign, and never twice.

use crate::{
	bls::SecretKey,
	spread::{signing_slot, Slot},
	view::{Heartbeat, Keys, OpenPeriod, View},
};
use rand::{rngs::StdRng, SeedableRng};
use std::{collections::BTreeMap, io};
use vigil_heartbeat_primitives::{heartbeat_message, Hash, PeriodIndex, StakerIndex};

/// Where a signer writes down what it signs, so that it knows after a restart.
pub trait Record {
	/// The last period signed, and its checkpoint. `None` if nothing was ever written.
	fn last(&self) -> Option<(PeriodIndex, Hash)>;

	/// Write down what will be signed now. It must survive a loss of power when this returns.
	fn put(&mut self, period: PeriodIndex, checkpoint: Hash) -> io::Result<()>;
}

/// Decides when this node's stakers sign.
///
/// Two signatures of one staker for different checkpoints of one period cost it 5 % of its stake, so:
/// what is signed is written down before a signature exists; a period that was written down with
/// another checkpoint, or that lies before the last one, is not signed; and without anything
/// written, the period that is running is left out, because another copy of this node may have
/// signed in it.
#[derive(Debug)]
pub struct Signer<R> {
	genesis: Hash,
	record: R,
	rng: StdRng,
	/// Nothing up to this period is signed.
	skipped: Option<PeriodIndex>,
	/// When to sign each open period.
	plan: BTreeMap<PeriodIndex, Slot>,
	/// The last period signed since the start.
	signed: Option<PeriodIndex>,
}

impl<R: Record> Signer<R> {
	/// A signer for the chain of this genesis. `seed` spreads the moments of signing.
	pub fn new(genesis: Hash, record: R, seed: [u8; 32]) -> Self {
		Self {
			genesis,
			record,
			rng: StdRng::from_seed(seed),
			skipped: None,
			plan: BTreeMap::new(),
			signed: None,
		}
	}

	/// The heartbeats to send at `slot`: all of a period at once, then none until the next one.
	/// `own` are the stakers of this node; who is not active or has another key on the chain is
	/// left out.
	///
	/// Nothing happens while `view` is behind the clock. An error means that the record could not be
	/// written: nothing was signed, and the next call tries again.
	pub fn on_slot<'a>(
		&mut self,
		slot: Slot,
		view: &View,
		own: impl IntoIterator<Item = (StakerIndex, &'a SecretKey)> + Clone,
		keys: &impl Keys,
	) -> io::Result<Vec<Heartbeat>> {
		let mut heartbeats = Vec::new();
		let Some(running) = view.periods.iter().find(|open| open.contains(slot)) else {
			return Ok(heartbeats);
		};
		if self.record.last().is_none() && self.skipped.is_none() {
			log::info!(
				target: "heartbeat",
				"No record of what was signed: period {} is left out.", running.period,
			);
			self.skipped = Some(running.period);
		}
		self.plan.retain(|period, _| view.open(*period).is_some());
		for open in view.periods.iter().filter(|open| open.first_slot <= slot) {
			let checkpoint = match self.due(open, slot) {
				Due::Now(checkpoint) => checkpoint,
				Due::Later => break,
				Due::Never => continue,
			};
			let able = own.clone().into_iter().filter(|(index, secret)| {
				view.is_active(*index) && keys.key(*index, view.epoch) == Some(secret.stored())
			});
			let able: Vec<_> = able.collect();
			if able.is_empty() {
				continue;
			}
			if self.record.last() != Some((open.period, checkpoint)) {
				self.record.put(open.period, checkpoint)?;
			}
			self.signed = Some(open.period);
			let message = heartbeat_message(&self.genesis, open.period, &checkpoint);
			heartbeats.extend(able.into_iter().map(|(index, secret)| Heartbeat {
				period: open.period,
				index,
				signature: secret.sign(&message),
			}));
		}
		Ok(heartbeats)
	}

	fn due(&mut self, open: &OpenPeriod, slot: Slot) -> Due {
		let period = open.period;
		if Some(period) <= self.skipped.max(self.signed) || slot > open.window_end {
			return Due::Never;
		}
		// An unfinished checkpoint holds nobody up: that of a later period is final after it.
		let Some(checkpoint) = open.checkpoint else {
			return Due::Never;
		};
		match self.record.last() {
			Some((last, _)) if last > period => return Due::Never,
			Some((last, signed)) if last == period && signed != checkpoint => {
				log::warn!(
					target: "heartbeat",
					"Period {period} was signed with another checkpoint before: not signing again.",
				);
				return Due::Never;
			}
			_ => {}
		}
		let rng = &mut self.rng;
		let draw = || signing_slot(open.first_slot, open.slots, slot, rng);
		let moment = *self.plan.entry(period).or_insert_with(draw);
		if slot >= moment {
			Due::Now(checkpoint)
		} else {
			Due::Later
		}
	}
}

/// Whether to sign a period.
enum Due {
	/// Now, and this checkpoint.
	Now(Hash),
	/// Its moment comes; no later period is signed before, since none before could be signed after.
	Later,
	/// Not now, and nothing waits for it.
	Never,
}

#[cfg(test)]
#[path = "tests/signer.rs"]
mod tests;
