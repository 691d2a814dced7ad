use super::*;
use crate::view::Bitmaps;
use std::{cell::RefCell, rc::Rc, sync::Arc};
use vigil_heartbeat_primitives::{testing::TestKey, StoredKey};

const GENESIS: Hash = [7; 32];
const SLOTS: u32 = 20;

/// A record whose writer can be watched and broken.
#[derive(Clone, Debug, Default)]
struct Memory(Rc<RefCell<Inner>>);

#[derive(Debug, Default)]
struct Inner {
	last: Option<(PeriodIndex, Hash)>,
	broken: bool,
}

impl Memory {
	fn with(period: PeriodIndex, checkpoint: Hash) -> Self {
		let last = Some((period, checkpoint));
		Self(Rc::new(RefCell::new(Inner {
			last,
			broken: false,
		})))
	}

	fn break_down(&self, broken: bool) {
		self.0.borrow_mut().broken = broken;
	}
}

impl Record for Memory {
	fn last(&self) -> Option<(PeriodIndex, Hash)> {
		self.0.borrow().last
	}

	fn put(&mut self, period: PeriodIndex, checkpoint: Hash) -> io::Result<()> {
		let mut inner = self.0.borrow_mut();
		if inner.broken {
			return Err(io::Error::other("the disk is full"));
		}
		inner.last = Some((period, checkpoint));
		Ok(())
	}
}

fn open(period: PeriodIndex, checkpoint: Option<u8>) -> OpenPeriod {
	let first_slot = period * u64::from(SLOTS);
	OpenPeriod {
		period,
		first_slot,
		slots: SLOTS,
		window_end: first_slot + 2 * u64::from(SLOTS) - 1,
		checkpoint: checkpoint.map(|byte| [byte; 32]),
		recorded: Bitmaps::new(),
		minimum_new: 1,
	}
}

fn view(periods: impl IntoIterator<Item = OpenPeriod>) -> View {
	View {
		epoch: 1,
		producers: 3,
		ours: Vec::new(),
		periods: periods.into_iter().collect(),
		active: Arc::new(Bitmaps::from([(0, [1, 2, 3].into_iter().collect())])),
	}
}

fn signer(record: &Memory) -> Signer<Memory> {
	Signer::new(GENESIS, record.clone(), [1; 32])
}

fn key(index: StakerIndex, _: u64) -> Option<StoredKey> {
	Some(TestKey::new(index).stored())
}

/// What the stakers of `own` sign between two slots.
fn signed(
	signer: &mut Signer<Memory>,
	slots: core::ops::Range<Slot>,
	view: &View,
	own: &[StakerIndex],
) -> Vec<(Slot, Heartbeat)> {
	let own: Vec<_> = own
		.iter()
		.map(|index| {
			(
				*index,
				SecretKey::from_bytes(&TestKey::new(*index).secret_bytes()).unwrap(),
			)
		})
		.collect();
	let mut all = Vec::new();
	for slot in slots {
		let own = own.iter().map(|(index, secret)| (*index, secret));
		let some = signer.on_slot(slot, view, own, &key).unwrap();
		all.extend(some.into_iter().map(|heartbeat| (slot, heartbeat)));
	}
	all
}

#[test]
fn everybody_signs_once_in_the_first_quarter() {
	let record = Memory::with(4, [0; 32]);
	let all = signed(
		&mut signer(&record),
		100..120,
		&view([open(5, Some(1))]),
		&[1, 2],
	);
	assert_eq!(all.len(), 2);
	let message = heartbeat_message(&GENESIS, 5, &[1; 32]);
	for (slot, heartbeat) in all {
		assert!((100..105).contains(&slot));
		assert_eq!(
			heartbeat.signature,
			TestKey::new(heartbeat.index).sign(&message)
		);
	}
	assert_eq!(record.last(), Some((5, [1; 32])));
}

#[test]
fn nobody_signs_before_the_checkpoint_is_final() {
	let record = Memory::with(4, [0; 32]);
	let mut signer = signer(&record);
	assert!(signed(&mut signer, 100..108, &view([open(5, None)]), &[1]).is_empty());
	let all = signed(&mut signer, 108..120, &view([open(5, Some(1))]), &[1]);
	assert_eq!(all.len(), 1);
}

#[test]
fn late_finality_is_signed_while_the_window_is_open() {
	let record = Memory::with(4, [0; 32]);
	let both = view([open(5, Some(1)), open(6, Some(2))]);
	let all = signed(&mut signer(&record), 120..140, &both, &[1]);
	let periods: Vec<_> = all.iter().map(|(_, heartbeat)| heartbeat.period).collect();
	assert_eq!(periods, [5, 6]);
	assert_eq!(record.last(), Some((6, [2; 32])));
}

#[test]
fn without_a_record_the_running_period_is_left_out() {
	let record = Memory::default();
	let mut signer = signer(&record);
	assert!(signed(&mut signer, 105..120, &view([open(5, Some(1))]), &[1]).is_empty());
	let both = view([open(5, Some(1)), open(6, Some(2))]);
	let all = signed(&mut signer, 120..140, &both, &[1]);
	assert_eq!(all.len(), 1);
	assert_eq!(all[0].1.period, 6);
}

/// A node that syncs sees old periods as open. What it would skip then says nothing about now.
#[test]
fn nothing_happens_while_the_view_is_behind_the_clock() {
	let record = Memory::default();
	let mut signer = signer(&record);
	assert!(signed(&mut signer, 200..240, &view([open(5, Some(1))]), &[1]).is_empty());
	let now = view([open(11, Some(1)), open(12, Some(2))]);
	assert!(signed(&mut signer, 240..260, &now, &[1]).is_empty());
}

#[test]
fn a_second_checkpoint_of_a_period_is_never_signed() {
	let record = Memory::with(5, [1; 32]);
	assert!(signed(
		&mut signer(&record),
		100..120,
		&view([open(5, Some(2))]),
		&[1]
	)
	.is_empty());
	let mut running = signer(&Memory::with(4, [0; 32]));
	assert_eq!(
		signed(&mut running, 100..110, &view([open(5, Some(1))]), &[1]).len(),
		1
	);
	assert!(signed(&mut running, 110..120, &view([open(5, Some(2))]), &[1]).is_empty());
}

#[test]
fn after_a_restart_the_same_heartbeat_is_sent_again() {
	let record = Memory::with(5, [1; 32]);
	let all = signed(
		&mut signer(&record),
		110..120,
		&view([open(5, Some(1))]),
		&[1],
	);
	assert_eq!(all.len(), 1);
}

#[test]
fn a_period_before_the_last_one_is_not_signed() {
	let record = Memory::with(6, [1; 32]);
	assert!(signed(
		&mut signer(&record),
		100..120,
		&view([open(5, Some(1))]),
		&[1]
	)
	.is_empty());
}

#[test]
fn what_cannot_be_written_down_is_not_signed() {
	let record = Memory::with(4, [0; 32]);
	record.break_down(true);
	let mut signer = signer(&record);
	let view = view([open(5, Some(1))]);
	let secret = SecretKey::from_bytes(&TestKey::new(1).secret_bytes()).unwrap();
	let attempts = (100..110).map(|slot| signer.on_slot(slot, &view, [(1, &secret)], &key));
	assert!(attempts.filter(Result::is_err).count() > 4);
	assert_eq!(record.last(), Some((4, [0; 32])));
	record.break_down(false);
	assert_eq!(signed(&mut signer, 110..111, &view, &[1]).len(), 1);
}

#[test]
fn whoever_is_not_active_or_has_another_key_does_not_sign() {
	let record = Memory::with(4, [0; 32]);
	let mut signer = signer(&record);
	let view = view([open(5, Some(1))]);
	assert!(signed(&mut signer, 100..120, &view, &[9]).is_empty());
	let secret = SecretKey::from_bytes(&TestKey::new(2).secret_bytes()).unwrap();
	assert!(signer
		.on_slot(119, &view, [(1, &secret)], &key)
		.unwrap()
		.is_empty());
	assert_eq!(record.last(), Some((4, [0; 32])));
}
