//! Values that change at the edge of an epoch and not before.

use crate::EpochIndex;
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A value, and what it will be from a later epoch on.
///
/// Readers ask for the value of an epoch; the edge itself writes nothing, so it does not matter how
/// many values change at it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Versioned<T> {
	current: T,
	next: Option<(EpochIndex, T)>,
}

impl<T: Clone> Versioned<T> {
	/// A value that has always been so.
	pub const fn new(current: T) -> Self {
		Self {
			current,
			next: None,
		}
	}

	/// The value in `epoch`, which must be the running one or the next.
	pub fn at(&self, epoch: EpochIndex) -> &T {
		match &self.next {
			Some((from, next)) if *from <= epoch => next,
			_ => &self.current,
		}
	}

	/// The value in `epoch`, as [`Self::at`] has it, and nothing else.
	pub fn into_value_at(self, epoch: EpochIndex) -> T {
		match self.next {
			Some((from, next)) if from <= epoch => next,
			_ => self.current,
		}
	}

	/// The value of the epoch after `now`, to be changed. The value of `now` stays as it is.
	pub fn edit_next(&mut self, now: EpochIndex) -> &mut T {
		self.settle(now);
		let (_, next) = self
			.next
			.get_or_insert_with(|| (now.saturating_add(1), self.current.clone()));
		next
	}

	/// Change the value in every epoch that may still be asked for. For what nobody looks at
	/// before another value says so.
	pub fn edit_always(&mut self, now: EpochIndex, mut edit: impl FnMut(&mut T)) {
		self.settle(now);
		edit(&mut self.current);
		if let Some((_, next)) = &mut self.next {
			edit(next);
		}
	}

	/// Forget what was before `now`.
	fn settle(&mut self, now: EpochIndex) {
		if let Some((_, next)) = self.next.take_if(|(from, _)| *from <= now) {
			self.current = next;
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::{collection::vec, prelude::*};

	proptest! {
		/// Against a plain list of values, one for each epoch.
		#[test]
		fn an_epoch_keeps_its_value_and_the_next_gets_the_edits(
			steps in vec((0u64..3, any::<Option<u8>>()), 1..50),
		) {
			let mut versioned = Versioned::new(0u8);
			let (mut now, mut current, mut next) = (0, 0u8, 0u8);
			for (pass, edit) in steps {
				now += pass;
				if pass > 0 {
					current = next;
				}
				if let Some(value) = edit {
					*versioned.edit_next(now) = value;
					next = value;
				}
				prop_assert_eq!(*versioned.at(now), current);
				prop_assert_eq!(versioned.clone().into_value_at(now), current);
				prop_assert_eq!(*versioned.at(now + 1), next);
			}
		}
	}

	#[test]
	fn a_change_for_always_reaches_both_values() {
		let mut versioned = Versioned::new(vec![1]);
		versioned.edit_next(5).push(2);
		versioned.edit_always(5, |value| value.push(3));
		assert_eq!(versioned.at(5), &vec![1, 3]);
		assert_eq!(versioned.at(6), &vec![1, 2, 3]);
	}
}
