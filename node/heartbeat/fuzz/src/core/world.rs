//! The chain that the core is told of: few stakers, short periods, signatures made once.

use crate::{points::LARGER, signatures::secret, tape::Tape};
use std::{collections::BTreeMap, sync::OnceLock};
use vigil_heartbeat::{
	spread::Slot,
	view::{Bitmaps, OpenPeriod},
};
use vigil_heartbeat_primitives::{
	heartbeat_message, position, EpochIndex, Hash, PeriodIndex, Signature, StakerIndex, StoredKey,
	BUCKET_SIZE,
};

pub(super) const GENESIS: Hash = [3; 32];
/// Slots of a period.
pub(super) const SLOTS: u32 = 8;
/// The period in which everything begins.
pub(super) const FIRST: PeriodIndex = 5;
/// Periods that have signatures: those before the first, and as many as an input can open.
const PERIODS: u64 = FIRST + 12;
const BUCKETS: u32 = 3;
/// Active stakers of each bucket, from its first position.
const STAKERS: u32 = 8;
/// An active staker whose key the node cannot find.
pub(super) const KEYLESS: StakerIndex = BUCKET_SIZE + 7;

pub(super) fn checkpoint(period: PeriodIndex) -> Hash {
	[period as u8; 32]
}

/// An index of an active staker, from one byte.
pub(super) fn staker(byte: u8) -> StakerIndex {
	u32::from(byte) % BUCKETS * BUCKET_SIZE + u32::from(byte / 16) % STAKERS
}

pub(super) fn is_active(index: StakerIndex) -> bool {
	let (bucket, place) = position(index);
	bucket < BUCKETS && place < STAKERS
}

pub(super) fn active() -> Bitmaps {
	let bucket = |bucket| (bucket, (0..STAKERS).collect());
	(0..BUCKETS).map(bucket).collect()
}

struct Signed {
	keys: BTreeMap<StakerIndex, StoredKey>,
	signatures: BTreeMap<(PeriodIndex, StakerIndex), Signature>,
}

fn signed() -> &'static Signed {
	static SIGNED: OnceLock<Signed> = OnceLock::new();
	SIGNED.get_or_init(|| {
		let (mut keys, mut signatures) = (BTreeMap::new(), BTreeMap::new());
		for bucket in 0..BUCKETS {
			for place in 0..STAKERS {
				let index = bucket * BUCKET_SIZE + place;
				let secret = secret(index);
				keys.insert(index, secret.stored());
				for period in 0..PERIODS {
					let message = heartbeat_message(&GENESIS, period, &checkpoint(period));
					signatures.insert((period, index), secret.sign(&message));
				}
			}
		}
		keys.remove(&KEYLESS);
		Signed { keys, signatures }
	})
}

pub(super) fn key(index: StakerIndex, _: EpochIndex) -> Option<StoredKey> {
	signed().keys.get(&index).copied()
}

/// The one signature of a staker for a period. None of whoever is not active.
pub(super) fn truth(period: PeriodIndex, index: StakerIndex) -> Option<Signature> {
	signed().signatures.get(&(period, index)).copied()
}

/// A signature as the tape likes it: mostly the true one.
pub(super) fn claim(tape: &mut Tape<'_>, period: PeriodIndex, index: StakerIndex) -> Signature {
	let stranger = Signature([index as u8; 96]);
	let mut claim = truth(period, index).unwrap_or(stranger);
	match tape.below(16) {
		0..=9 => {}
		10 => claim = truth(period, index ^ 1).unwrap_or(stranger),
		11 => claim = truth(period ^ 1, index).unwrap_or(stranger),
		12 => claim.0[0] ^= LARGER,
		13 => claim = Signature([tape.byte(); 96]),
		14 => {
			claim = Signature([0; 96]);
			claim.0[0] = 0b1100_0000;
		}
		_ => {
			tape.bend(&mut claim.0);
		}
	}
	claim
}

/// An open period of which these stakers are recorded.
pub(super) fn open(period: PeriodIndex, is_final: bool, recorded: &Bitmaps) -> OpenPeriod {
	let first_slot = first_slot(period);
	OpenPeriod {
		period,
		first_slot,
		slots: SLOTS,
		window_end: first_slot + 2 * u64::from(SLOTS) - 1,
		checkpoint: is_final.then(|| checkpoint(period)),
		recorded: recorded.clone(),
		minimum_new: 1,
	}
}

pub(super) fn first_slot(period: PeriodIndex) -> Slot {
	period * u64::from(SLOTS)
}

/// Whether another period can be opened after this one.
pub(super) fn may_follow(period: PeriodIndex) -> bool {
	period + 3 < PERIODS
}
