//! Values that are encoded as SCALE, and what can be asked of them.

use crate::tape::Tape;
use codec::{DecodeAll, Encode, MaxEncodedLen};
use std::collections::BTreeSet;
use vigil_heartbeat_primitives::{
	AggregateDigest, AggregatePart, BadForm, Bitmap, Effort, HeartbeatAggregate, Parts, Refusal,
	Side, Signature, Versioned, BUCKET_SIZE, MAX_PARTS, PAGES, PAGE_SIZE,
};

/// Whatever decodes to the last byte is written back as it came.
fn strict<T: DecodeAll + Encode>(bytes: &[u8]) -> Option<T> {
	let value = T::decode_all(&mut &bytes[..]).ok()?;
	assert_eq!(value.encode(), bytes);
	Some(value)
}

/// An aggregate, as bytes or built and bent: it decodes in one way or not at all, its form is
/// judged as the description says, and its effort keeps within the bounds. True if it is well
/// formed.
pub fn aggregates(input: &[u8]) -> bool {
	let mut tape = Tape::new(input);
	if tape.flag() {
		return decoded_aggregate(tape.rest());
	}
	let aggregate = some_aggregate(&mut tape);
	let mut bytes = aggregate.encode();
	assert_eq!(
		HeartbeatAggregate::decode_all(&mut &bytes[..]),
		Ok(aggregate.clone())
	);
	if tape.flag() {
		tape.bend(&mut bytes);
		bytes.truncate(bytes.len() - tape.below(4) as usize);
		bytes.extend(tape.take(1));
	}
	decoded_aggregate(&bytes)
}

fn some_aggregate(tape: &mut Tape<'_>) -> HeartbeatAggregate {
	let period = tape.long();
	let (parts, mut bucket) = (tape.short() % (MAX_PARTS as u16 + 1), 0u32);
	let parts = (0..parts).map(|_| {
		// Mostly one after the other; after the end of the tape, always.
		bucket = match tape.below(8) {
			1 => bucket,
			2 => tape.word(),
			more => bucket.wrapping_add(more.max(1)),
		};
		AggregatePart {
			bucket,
			present: some_bitmap(tape),
		}
	});
	HeartbeatAggregate {
		period,
		parts: Parts::truncate_from(parts.collect()),
		signature: Signature(tape.array()),
	}
}

/// Sparse, dense or anything; after the end of the tape, the first position alone.
fn some_bitmap(tape: &mut Tape<'_>) -> Bitmap {
	let positions = |tape: &mut Tape<'_>| {
		let count = tape.below(8).max(1);
		let position = |_| u32::from(tape.short()) % BUCKET_SIZE;
		(0..count).map(position).collect::<Bitmap>()
	};
	match tape.below(8) {
		1 => Bitmap::EMPTY,
		2 => Bitmap([255; 128]).without(&positions(tape)),
		3 => Bitmap(tape.array()),
		_ => positions(tape),
	}
}

fn decoded_aggregate(bytes: &[u8]) -> bool {
	let Some(aggregate) = strict::<HeartbeatAggregate>(bytes) else {
		return false;
	};
	assert!(bytes.len() <= HeartbeatAggregate::max_encoded_len());
	let parts = &aggregate.parts;
	assert!(parts.len() <= MAX_PARTS as usize);

	let nobody = parts
		.iter()
		.any(|part| part.present.positions().next().is_none());
	let ascending = parts.windows(2).all(|pair| pair[0].bucket < pair[1].bucket);
	let form = match (parts.is_empty(), nobody, ascending) {
		(true, ..) => Err(BadForm::NoParts),
		(_, true, _) => Err(BadForm::EmptyPart),
		(_, _, false) => Err(BadForm::NotAscending),
		_ => Ok(()),
	};
	assert_eq!(aggregate.check_form(), form);

	let effort = aggregate.effort();
	assert_eq!(effort.parts as usize, parts.len());
	assert!(effort.keys <= effort.parts * BUCKET_SIZE / 2);
	assert!(effort.pages <= effort.parts * PAGES && effort.pages <= effort.keys);
	let digest = aggregate.digest(effort.keys);
	assert_eq!(
		(digest.period, digest.recorded),
		(aggregate.period, effort.keys)
	);
	assert_eq!(digest.aggregate, sp_crypto_hashing::blake2_256(bytes));
	form.is_ok()
}

/// Two bitmaps: each is the set of its positions, what is done to them is what is done to sets,
/// and the side taken to sum keys never costs more than the effort that is told beforehand.
pub fn bitmaps(input: &[u8]) {
	let mut tape = Tape::new(input);
	let (left, right) = (some_bitmap(&mut tape), some_bitmap(&mut tape));
	assert_eq!(strict::<Bitmap>(&left.encode()), Some(left));
	let (a, b) = (positions(&left), positions(&right));
	assert_eq!(
		left.positions().collect::<Vec<_>>(),
		Vec::from_iter(a.clone())
	);
	assert_eq!(left.count() as usize, a.len());
	assert_eq!(left.is_empty(), a.is_empty());
	assert_eq!(positions(&(left | right)), &a | &b);
	assert_eq!(positions(&(left & right)), &a & &b);
	assert_eq!(positions(&left.without(&right)), &a - &b);
	assert_eq!(left.is_subset_of(&right), a.is_subset(&b));
	let pages: BTreeSet<_> = a.iter().map(|position| position / PAGE_SIZE).collect();
	assert_eq!(left.pages() as usize, pages.len());

	let (present, active) = (left & right, left | right);
	let (side, effort) = (Side::of(present, &active), Effort::of([&present]));
	assert!(side.positions().count() <= effort.keys);
	assert!(side.positions().pages() <= effort.pages);
	let meant = match side {
		Side::Add(positions) => positions,
		Side::Subtract(positions) => active.without(&positions),
	};
	assert_eq!(meant, present);

	let (position, value) = (tape.word(), tape.flag());
	let mut changed = left;
	changed.assign(position, value);
	assert_eq!(changed.get(position), value && position < BUCKET_SIZE);
	changed.assign(position, left.get(position));
	assert_eq!(changed, left);
}

/// The positions of a bitmap, from the description alone.
fn positions(bitmap: &Bitmap) -> BTreeSet<u32> {
	let set = |position: &u32| bitmap.0[*position as usize / 8] >> (position % 8) & 1 == 1;
	(0..BUCKET_SIZE).filter(set).collect()
}

/// Small values: digests in headers, refusals in answers, values by epoch in the state.
pub fn values(input: &[u8]) {
	let mut tape = Tape::new(input);
	match tape.below(4) {
		0 => drop(strict::<AggregateDigest>(tape.rest())),
		1 => drop(strict::<Refusal>(tape.rest())),
		2 => drop(strict::<BadForm>(tape.rest())),
		_ => {
			let (now, bytes) = (tape.long() % (u64::MAX - 8), tape.rest());
			let Some(versioned) = strict::<Versioned<u32>>(bytes) else {
				return;
			};
			// What the state says is of the running epoch or the next: nobody else writes it.
			let parts = strict::<(u32, Option<(u64, u32)>)>(bytes);
			if parts.is_some_and(|(_, next)| next.is_none_or(|(from, _)| from <= now + 1)) {
				edits(versioned, now);
			}
		}
	}
}

/// An edit for the next epoch leaves the running one as it is, and one for always reaches both.
fn edits(mut versioned: Versioned<u32>, now: u64) {
	let (current, next) = (*versioned.at(now), *versioned.at(now + 1));
	assert_eq!(*versioned.edit_next(now), next);
	*versioned.edit_next(now) = 7;
	assert_eq!((*versioned.at(now), *versioned.at(now + 1)), (current, 7));
	versioned.edit_always(now, |value| *value = value.wrapping_add(1));
	let more = current.wrapping_add(1);
	assert_eq!((*versioned.at(now), *versioned.at(now + 1)), (more, 8));
	versioned.edit_next(now + 2);
	assert_eq!((*versioned.at(now + 2), *versioned.at(now + 3)), (8, 8));
}
