//! An input, read from its beginning like a tape.

/// What is left of an input. A tape that is over gives zeros, so that every input means something
/// and a small change of the bytes is a small change of what they mean.
#[derive(Clone, Copy, Debug)]
pub struct Tape<'a>(&'a [u8]);

impl<'a> Tape<'a> {
	/// A tape of these bytes.
	pub fn new(bytes: &'a [u8]) -> Self {
		Self(bytes)
	}

	/// Whether the tape is over.
	pub fn is_over(&self) -> bool {
		self.0.is_empty()
	}

	/// One byte.
	pub fn byte(&mut self) -> u8 {
		u8::from_le_bytes(self.array())
	}

	/// One bit.
	pub fn flag(&mut self) -> bool {
		self.byte() & 1 != 0
	}

	/// A number of two bytes.
	pub fn short(&mut self) -> u16 {
		u16::from_le_bytes(self.array())
	}

	/// A number of four bytes.
	pub fn word(&mut self) -> u32 {
		u32::from_le_bytes(self.array())
	}

	/// A number of eight bytes.
	pub fn long(&mut self) -> u64 {
		u64::from_le_bytes(self.array())
	}

	/// A number below `end`, which is not zero and at most 256: from one byte.
	pub fn below(&mut self, end: u32) -> u32 {
		u32::from(self.byte()) % end
	}

	/// So many bytes.
	pub fn array<const LENGTH: usize>(&mut self) -> [u8; LENGTH] {
		let mut bytes = [0; LENGTH];
		let taken = self.take(LENGTH);
		bytes[..taken.len()].copy_from_slice(taken);
		bytes
	}

	/// At most so many bytes.
	pub fn take(&mut self, most: usize) -> &'a [u8] {
		let (taken, rest) = self.0.split_at(most.min(self.0.len()));
		self.0 = rest;
		taken
	}

	/// All that is left.
	pub fn rest(&mut self) -> &'a [u8] {
		self.take(usize::MAX)
	}

	/// Change up to three bytes, as the tape says. True if any is another one now.
	pub fn bend(&mut self, bytes: &mut [u8]) -> bool {
		let before = bytes.to_vec();
		for _ in 0..self.below(4) {
			let (at, change) = (usize::from(self.short()), self.byte());
			if let Some(byte) = at.checked_rem(bytes.len()).and_then(|at| bytes.get_mut(at)) {
				*byte ^= change;
			}
		}
		bytes != before
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_tape_that_is_over_gives_zeros() {
		let mut tape = Tape::new(&[1, 2, 3]);
		assert_eq!(tape.short(), 0x0201);
		assert_eq!(tape.word(), 3);
		assert!(tape.is_over());
		assert_eq!((tape.byte(), tape.long(), tape.rest().len()), (0, 0, 0));
	}

	#[test]
	fn bending_says_whether_anything_changed() {
		let mut bytes = [0; 4];
		assert!(!Tape::new(&[1, 2, 0, 0]).bend(&mut bytes));
		assert!(Tape::new(&[1, 6, 0, 9]).bend(&mut bytes));
		assert_eq!(bytes, [0, 0, 9, 0]);
		assert!(!Tape::new(&[1, 0, 0, 9]).bend(&mut []));
	}
}
