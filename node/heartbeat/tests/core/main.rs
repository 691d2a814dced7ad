//! One node's core against the peers around it.

mod aggregates;
mod bounds;
mod by_rpc;
mod charges;
mod early;
mod own_heartbeats;
mod passing_on;

use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};
use std::sync::Arc;
use vigil_heartbeat::{
	core::{Action, Core, Refused, Scope},
	limits::{Limits, Offence},
	spread::Slot,
	view::{Bitmaps, Heartbeat, OpenPeriod, View},
	wire::Batch,
};
use vigil_heartbeat_primitives::{
	heartbeat_message, testing::TestKey, Hash, PeriodIndex, Signature, StakerIndex, StoredKey,
	BUCKET_SIZE,
};

const GENESIS: Hash = [3; 32];
const SLOTS: u32 = 40;
const PERIOD: PeriodIndex = 5;
/// The first slot of the period, in which all checkpoints are final already.
const START: Slot = PERIOD * SLOTS as u64;

type Peer = &'static str;

fn signature(period: PeriodIndex, index: StakerIndex) -> Signature {
	TestKey::new(index).sign(&heartbeat_message(&GENESIS, period, &[period as u8; 32]))
}

fn heartbeat(index: StakerIndex) -> Heartbeat {
	heartbeat_of(PERIOD)(index)
}

fn heartbeat_of(period: PeriodIndex) -> impl Fn(StakerIndex) -> Heartbeat {
	move |index| Heartbeat {
		period,
		index,
		signature: signature(period, index),
	}
}

fn key(index: StakerIndex, _: u64) -> Option<StoredKey> {
	Some(TestKey::new(index).stored())
}

fn batch(period: PeriodIndex, hops: u8, heartbeats: &[(StakerIndex, Signature)]) -> Vec<u8> {
	Batch {
		period,
		hops,
		heartbeats: heartbeats.to_vec(),
	}
	.to_bytes()
}

fn good(hops: u8, indices: &[StakerIndex]) -> Vec<u8> {
	let signed: Vec<_> = indices
		.iter()
		.map(|index| (*index, signature(PERIOD, *index)))
		.collect();
	batch(PERIOD, hops, &signed)
}

fn open(period: PeriodIndex, recorded: &[StakerIndex]) -> OpenPeriod {
	let first_slot = period * u64::from(SLOTS);
	OpenPeriod {
		period,
		first_slot,
		slots: SLOTS,
		window_end: first_slot + 2 * u64::from(SLOTS) - 1,
		checkpoint: Some([period as u8; 32]),
		recorded: Bitmaps::from([(0, recorded.iter().copied().collect())]),
		minimum_new: 1,
	}
}

/// Ten producers; 500 active stakers in each of three buckets. Bucket 0 of the period is collected
/// by producers 5, 6 and 7.
fn view(ours: &[u32], periods: Vec<OpenPeriod>) -> View {
	let active = (0..3).map(|bucket| (bucket, (0..500).collect()));
	View {
		epoch: 0,
		producers: 10,
		ours: ours.to_vec(),
		periods,
		active: Arc::new(active.collect()),
	}
}

/// A node in its first slot of the period.
fn node(ours: &[u32], peers: &[(Peer, &[u32])]) -> Core<Peer> {
	node_with(ours, peers, Limits::default())
}

fn node_with(ours: &[u32], peers: &[(Peer, &[u32])], limits: Limits) -> Core<Peer> {
	let mut core = Core::new(GENESIS, limits, [1; 32]);
	core.on_chain(view(ours, vec![open(PERIOD, &[])]));
	core.on_peers(
		peers
			.iter()
			.map(|(peer, producers)| (*peer, producers.to_vec())),
	);
	core.on_slot(START, &key);
	core
}

/// What was sent: to whom, after how many hops, for whom.
fn sent(core: &mut Core<Peer>) -> Vec<(Peer, u8, Vec<StakerIndex>)> {
	let sends = core
		.actions()
		.into_iter()
		.filter_map(|action| match action {
			Action::Send { peer, bytes } => {
				let batch = Batch::from_bytes(&bytes).unwrap();
				let indices = batch.heartbeats.iter().map(|(index, _)| *index).collect();
				Some((peer, batch.hops, indices))
			}
			Action::Charge { .. } => None,
		});
	let mut sends: Vec<_> = sends.collect();
	sends.sort();
	sends
}

fn charged(core: &mut Core<Peer>) -> Vec<(Peer, Offence, u32)> {
	let charges = core
		.actions()
		.into_iter()
		.filter_map(|action| match action {
			Action::Charge {
				peer,
				offence,
				times,
			} => Some((peer, offence, times)),
			Action::Send { .. } => None,
		});
	charges.collect()
}

/// Whatever bytes come, nothing breaks and nothing is held.
#[test]
fn noise_is_survived() {
	use rand::{Rng, RngCore};
	let mut rng = ChaCha20Rng::seed_from_u64(1);
	let mut core = node(&[5], &[("a", &[]), ("b", &[6])]);
	for round in 0..2_000u64 {
		let mut bytes = good(1, &[7, 9]);
		let at = rng.gen_range(0..bytes.len());
		bytes[at] ^= rng.next_u32() as u8 | 1;
		bytes.truncate(rng.gen_range(0..=bytes.len()));
		core.on_batch(if rng.gen() { &"a" } else { &"b" }, &bytes);
		if round % 100 == 0 {
			core.on_slot(START + round / 100, &key);
		}
	}
	assert!(core.metrics().waiting <= 4);
}
