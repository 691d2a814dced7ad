//! Rings of bitmaps and counters.

use crate::types::{Counts, Tally, KEPT_EPOCHS, KEPT_PERIODS};
use vigil_heartbeat_primitives::{Bitmap, EpochIndex, PeriodIndex};

impl Tally {
	/// Who was recorded in `period`. Nobody, if it is not kept.
	pub fn recorded(&self, period: PeriodIndex) -> Bitmap {
		self.periods
			.iter()
			.find(|(of, _)| *of == period)
			.map_or(Bitmap::EMPTY, |(_, bits)| *bits)
	}

	/// Periods in which `position` was recorded during `epoch`. None, if that is not kept.
	pub fn count(&self, epoch: EpochIndex, position: u32) -> Option<u32> {
		let (_, counts) = self.epochs.iter().find(|(of, _)| *of == epoch)?;
		Some(counts.get(position as usize).copied().unwrap_or(0).into())
	}

	/// Record the stakers in `new`, who must not be recorded yet.
	pub(crate) fn record(&mut self, epoch: EpochIndex, period: PeriodIndex, new: &Bitmap) {
		if let Some((of, bits)) = place(&mut self.periods, period, KEPT_PERIODS) {
			if *of != period {
				*of = period;
				*bits = Bitmap::EMPTY;
			}
			*bits = *bits | *new;
		}
		if let Some((of, counts)) = place(&mut self.epochs, epoch, KEPT_EPOCHS) {
			if *of != epoch {
				*of = epoch;
				*counts = Counts::default();
			}
			for position in new.positions() {
				count(counts, position);
			}
		}
	}
}

/// The place of `number` in a ring of `length`.
fn place<T>(ring: &mut [(u64, T)], number: u64, length: u64) -> Option<&mut (u64, T)> {
	ring.get_mut(number.checked_rem(length)? as usize)
}

/// One more for `position`, which lies in a bucket.
fn count(counts: &mut Counts, position: u32) {
	let position = position as usize;
	if counts.len() <= position {
		// A position in a bucket is within the bound.
		counts.bounded_resize(position.saturating_add(1), 0);
	}
	if let Some(count) = counts.get_mut(position) {
		*count = count.saturating_add(1);
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::{collection::vec, prelude::*};
	use std::collections::BTreeMap;

	proptest! {
		/// Against plain maps.
		#[test]
		fn a_tally_remembers_the_last_periods_and_epochs(
			steps in vec((0u64..3, vec(0u32..1_024, 0..20)), 1..40),
		) {
			const EPOCH_PERIODS: u64 = 5;
			let mut tally = Tally::default();
			let mut bits: BTreeMap<u64, Bitmap> = BTreeMap::new();
			let mut counts: BTreeMap<(u64, u32), u32> = BTreeMap::new();
			let mut period = 0;
			for (pass, positions) in steps {
				period += pass;
				let epoch = period / EPOCH_PERIODS;
				let recorded = bits.entry(period).or_default();
				let new = Bitmap::from_iter(positions).without(recorded);
				*recorded = *recorded | new;
				new.positions().for_each(|p| *counts.entry((epoch, p)).or_default() += 1);
				if !new.is_empty() {
					tally.record(epoch, period, &new);
				}
				prop_assert_eq!(tally.recorded(period), bits[&period]);
				for position in [0, 5, 1_023].into_iter().chain(new.positions()) {
					let expected = counts.get(&(epoch, position)).copied().unwrap_or(0);
					prop_assert_eq!(tally.count(epoch, position).unwrap_or(0), expected);
				}
			}
		}
	}
}
