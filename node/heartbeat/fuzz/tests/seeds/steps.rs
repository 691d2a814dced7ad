//! Steps of the core.

use super::Seed;

/// Stakers as one byte: the remainder by three is the bucket, the upper half the place in it.
const ONE: u8 = 0x00;
const TWO: u8 = 0x10;
const THREE: u8 = 0x21;
/// The active staker whose key cannot be found.
const KEYLESS: u8 = 0x70;
/// Anything but the true signature.
const LIES: [u8; 4] = [10, 11, 12, 14];

/// What the first byte says.
const PRODUCER: u8 = 1;
const NOT_FINAL: u8 = 2;
const ALONE: u8 = 0xfc;

/// Periods of a message.
const NOW: u8 = 0;
const NEXT: u8 = 4;
const BEFORE: u8 = 6;

struct Steps(Vec<u8>);

impl Steps {
	fn new(setting: u8) -> Self {
		Self(vec![setting])
	}

	fn then(mut self, bytes: &[u8]) -> Self {
		self.0.extend(bytes);
		self
	}

	/// A message of true heartbeats.
	fn truth(self, peer: u8, period: u8, stakers: &[u8]) -> Self {
		self.message(peer, period, stakers, 0)
	}

	/// A message of heartbeats with such signatures.
	fn message(mut self, peer: u8, period: u8, stakers: &[u8], claim: u8) -> Self {
		self = self.then(&[0, peer, period, 0, stakers.len() as u8 - 1]);
		for staker in stakers {
			self = self.then(&[*staker, claim]);
		}
		self.then(&[0])
	}

	fn slots(self, count: usize) -> Self {
		self.then(&[7, 0].repeat(count))
	}

	fn connect(self, mask: u8) -> Self {
		self.then(&[11, mask])
	}

	fn own(mut self, stakers: &[u8]) -> Self {
		self = self.then(&[12, stakers.len() as u8 - 1]);
		for staker in stakers {
			self = self.then(&[0, *staker]);
		}
		self
	}

	fn submit(self, staker: u8, claim: u8) -> Self {
		self.then(&[13, 1, staker, claim])
	}

	fn next_period(self) -> Self {
		self.then(&[10, 0, 1])
	}

	fn finalise(self) -> Self {
		self.then(&[10, 1])
	}

	fn record(self, staker: u8) -> Self {
		self.then(&[10, 3, 0, staker])
	}
}

pub(super) fn all() -> Vec<Seed> {
	let everybody: Vec<_> = (0..8).map(|place| place << 4).collect();
	let crowd = |steps: Steps| {
		(0..5).fold(steps, |steps, peer| {
			let stakers: Vec<_> = everybody.iter().map(|staker| staker + peer % 3).collect();
			steps.truth(peer, NOW, &stakers)
		})
	};
	let lies = LIES
		.iter()
		.zip(0..)
		.fold(Steps::new(PRODUCER), |steps, (lie, peer)| {
			steps.message(peer, NOW, &[ONE, TWO], *lie)
		});
	let seeds = [
		(
			"collected",
			Steps::new(PRODUCER)
				.truth(3, NOW, &[ONE, TWO, THREE])
				.slots(2),
		),
		(
			"passed on",
			Steps::new(0).truth(3, NOW, &[ONE, TWO, THREE]).slots(5),
		),
		("lies", lies.truth(4, NOW, &[ONE, TWO]).slots(3)),
		(
			"one liar again and again",
			(0..5).fold(Steps::new(0), |steps, _| {
				steps.message(3, NOW, &[ONE], 10).slots(1)
			}),
		),
		("no key", Steps::new(0).truth(3, NOW, &[KEYLESS]).slots(1)),
		(
			"early",
			Steps::new(PRODUCER)
				.truth(3, NEXT, &[ONE, THREE])
				.next_period()
				.slots(1),
		),
		(
			"late",
			Steps::new(PRODUCER).truth(3, BEFORE, &[ONE]).slots(1),
		),
		(
			"not final yet",
			Steps::new(NOT_FINAL)
				.truth(3, NOW, &[ONE])
				.slots(1)
				.finalise()
				.slots(1),
		),
		(
			"two periods",
			Steps::new(PRODUCER)
				.truth(3, NOW, &[ONE])
				.slots(1)
				.next_period()
				.truth(3, NOW, &[ONE, TWO])
				.truth(4, BEFORE, &[THREE])
				.slots(2),
		),
		(
			"recorded",
			Steps::new(PRODUCER)
				.truth(3, NOW, &[ONE, TWO])
				.slots(1)
				.record(ONE)
				.slots(1),
		),
		("its own", Steps::new(0).own(&[ONE, TWO, THREE]).slots(9)),
		(
			"its own without a peer",
			Steps::new(ALONE)
				.own(&[ONE])
				.slots(1)
				.connect(0x3f)
				.slots(2),
		),
		(
			"more of its own than a peer takes in a slot",
			Steps::new(0).own(&[0x01]).own(&[0x13]),
		),
		(
			"by RPC",
			Steps::new(0)
				.submit(ONE, 0)
				.submit(TWO, 10)
				.submit(THREE, 0)
				.slots(5),
		),
		("a crowd", crowd(Steps::new(0)).slots(6)),
		(
			"a crowd and nobody to send it to",
			crowd(Steps::new(ALONE)).slots(6),
		),
		("waiting", Steps::new(NOT_FINAL).truth(3, NOW, &everybody)),
		("a full outbox", crowd(Steps::new(0)).slots(1)),
		(
			"a flood",
			(0..6).fold(Steps::new(0), |steps, _| steps.truth(3, NOW, &[ONE])),
		),
		(
			"the same again",
			(0..5).fold(Steps::new(0), |steps, _| {
				steps.truth(3, NOW, &[ONE]).slots(1)
			}),
		),
		(
			"who leaves and comes back",
			Steps::new(0)
				.message(3, NOW, &[ONE], 10)
				.connect(0x07)
				.slots(1)
				.connect(0x3f)
				.truth(3, NOW, &[ONE])
				.slots(1),
		),
		(
			"noise",
			Steps::new(0)
				.then(&[6, 3, 4, 1, 2, 3, 4])
				.then(&[6, 3, 0])
				.slots(1),
		),
		(
			"a clock that is set back",
			Steps::new(0).truth(3, NOW, &[ONE]).then(&[7, 7]).slots(2),
		),
	];
	seeds
		.map(|(name, steps)| ("core", name.into(), steps.0))
		.into()
}
