//! Batches and hellos as they travel.

use crate::tape::Tape;
use vigil_heartbeat::{
	hello::{self, Hello},
	wire::{Batch, Malformed, MAX_BYTES, MAX_HEARTBEATS, MAX_HOPS},
};
use vigil_heartbeat_primitives::Signature;

/// A message, as bytes or built: what is read is written back as it came, keeps within the bounds,
/// and is read neither with a byte less nor with a byte more; what is built is read if and only if
/// the description allows it, and refused for the reason that it gives.
pub fn batches(input: &[u8]) -> Result<(), Malformed> {
	let mut tape = Tape::new(input);
	if tape.flag() {
		return read(tape.rest());
	}
	let batch = some_batch(&mut tape);
	let ascending = batch
		.heartbeats
		.windows(2)
		.all(|pair| pair[0].0 < pair[1].0);
	let bytes = batch.to_bytes();
	let expected = if bytes.len() > MAX_BYTES {
		Err(Malformed::TooLong)
	} else if batch.hops > MAX_HOPS {
		Err(Malformed::TooManyHops)
	} else if batch.heartbeats.is_empty() || batch.heartbeats.len() > MAX_HEARTBEATS {
		Err(Malformed::WrongCount)
	} else if !ascending {
		Err(Malformed::NotAscending)
	} else {
		Ok(batch)
	};
	assert_eq!(Batch::from_bytes(&bytes), expected);
	let mut bent = bytes.clone();
	match tape.bend(&mut bent) {
		true => read(&bent),
		false => read(&bytes),
	}
}

fn some_batch(tape: &mut Tape<'_>) -> Batch {
	let (period, hops) = (tape.long(), tape.byte() % (MAX_HOPS + 2));
	let (count, mut index) = (
		usize::from(tape.short()) % (MAX_HEARTBEATS + 3),
		tape.word(),
	);
	let heartbeats = (0..count).map(|_| {
		// Once in a while the same or one before; after the end of the tape, the next.
		index = match tape.byte() {
			1 => index,
			2 => index.wrapping_sub(1),
			more => index.wrapping_add(u32::from(more).max(1)),
		};
		(index, Signature([index as u8; 96]))
	});
	Batch {
		period,
		hops,
		heartbeats: heartbeats.collect(),
	}
}

fn read(bytes: &[u8]) -> Result<(), Malformed> {
	let batch = Batch::from_bytes(bytes)?;
	assert_eq!(batch.to_bytes(), bytes);
	assert!(bytes.len() <= MAX_BYTES && batch.hops <= MAX_HOPS);
	assert!((1..=MAX_HEARTBEATS).contains(&batch.heartbeats.len()));
	assert!(batch
		.heartbeats
		.windows(2)
		.all(|pair| pair[0].0 < pair[1].0));
	let shorter = &bytes[..bytes.len() - 1];
	assert!(Batch::from_bytes(shorter).is_err());
	assert!(Batch::from_bytes(&[bytes, &[0]].concat()).is_err());
	Ok(())
}

/// A hello, as bytes or built: it is read if and only if it is short enough, and written back as it came.
/// Tells whether it was read.
pub fn hellos(input: &[u8]) -> bool {
	let mut tape = Tape::new(input);
	if tape.flag() {
		return read_hello(tape.rest());
	}
	let count = usize::from(tape.byte()) % (hello::MAX_KEYS + 3);
	let keys = (0..count).map(|_| ([tape.byte(); 32], [tape.byte(); 64]));
	let built = Hello {
		keys: keys.collect(),
	};
	let mut bytes = built.to_bytes();
	let expected = (count <= hello::MAX_KEYS).then_some(built);
	assert_eq!(Hello::from_bytes(&bytes), expected);
	tape.bend(&mut bytes);
	read_hello(&bytes)
}

fn read_hello(bytes: &[u8]) -> bool {
	let Some(hello) = Hello::from_bytes(bytes) else {
		return false;
	};
	assert_eq!(hello.to_bytes(), bytes);
	assert!(bytes.len() <= hello::MAX_BYTES && hello.keys.len() <= hello::MAX_KEYS);
	assert_eq!(Hello::from_bytes(&bytes[..bytes.len() - 1]), None);
	assert_eq!(Hello::from_bytes(&[bytes, &[0]].concat()), None);
	true
}
