//! Peers that lie.

use crate::{
	chain::{Chain, GENESIS},
	world::{Id, Message, Setup, World},
};
use rand::{seq::SliceRandom, Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::collections::BTreeSet;
use vigil_heartbeat::{
	bls::SecretKey,
	limits::{Limits, Offence, MUTED_AT},
	spread::Slot,
	wire::{Batch, MAX_HEARTBEATS},
};
use vigil_heartbeat_primitives::{
	heartbeat_message, testing::TestKey, PeriodIndex, Signature, StakerIndex, BUCKET_SIZE,
};

const NODES: usize = 24;
const SLOTS: u32 = 40;
const STAKERS: u32 = 600;

fn world(seed: u64, limits: Limits) -> World {
	World::new(Setup {
		seed,
		nodes: NODES,
		producers: 5,
		slots: SLOTS,
		stakers: (0..STAKERS).map(scattered).collect(),
		limits,
	})
}

/// Over five buckets.
fn scattered(number: u32) -> StakerIndex {
	number % 5 * BUCKET_SIZE + number / 5
}

/// So many attackers, each connected to every second node.
fn let_in(world: &mut World, count: usize) -> Vec<Id> {
	let attackers: Vec<_> = (NODES..NODES + count).collect();
	for attacker in &attackers {
		for node in (attacker % 2..NODES).step_by(2) {
			world.connect(node, *attacker);
		}
	}
	attackers
}

fn sign(index: StakerIndex, message: &[u8]) -> Signature {
	let secret = SecretKey::from_bytes(&TestKey::new(index).secret_bytes());
	secret.expect("a test key is a key").sign(message)
}

fn batch(period: PeriodIndex, mut heartbeats: Vec<(StakerIndex, Signature)>) -> Vec<u8> {
	heartbeats.sort();
	heartbeats.dedup_by_key(|(index, _)| *index);
	heartbeats.truncate(MAX_HEARTBEATS);
	Batch {
		period,
		hops: 0,
		heartbeats,
	}
	.to_bytes()
}

fn is_honest(id: Id) -> bool {
	id < NODES
}

/// A well-formed signature, so that only the pairing tells: of another message.
fn junk() -> Signature {
	sign(1, b"junk")
}

#[test]
fn junk_under_victims_indices_displaces_nobody_and_falls_on_its_senders() {
	let mut world = world(11, Limits::default());
	// One more than there are places for candidates, each connected to everybody.
	let attackers: Vec<_> = (NODES..NODES + 4).collect();
	for attacker in &attackers {
		(0..NODES).for_each(|node| world.connect(node, *attacker));
	}
	let junk = junk();
	// In each slot from the first in which somebody can sign, all four send to everybody junk for
	// the same few victims; then for others, so that each lasts as long as it can.
	world.run_to_end_of_window(1, |chain, slot| {
		let passed = slot - chain.first_slot(1);
		let victims = (0..2).map(|more| (scattered(2 * (passed as u32 % 9) + more), junk));
		let bytes = batch(1, victims.collect());
		let send = |attacker: Id| {
			let bytes = bytes.clone();
			(0..NODES).map(move |node| (attacker, node, bytes.clone()))
		};
		if (1..30).contains(&passed) {
			attackers.iter().copied().flat_map(send).collect()
		} else {
			Vec::new()
		}
	});
	assert_eq!(world.chain.count(1), STAKERS);
	assert!(world.offences(is_honest).is_empty(), "{:?}", world.charges);
	for attacker in attackers {
		for node in 0..NODES {
			let points = world.points(node, attacker);
			assert!(points >= MUTED_AT, "{node} still listens to {attacker}");
		}
	}
}

#[test]
fn errors_that_cancel_are_caught_and_the_aggregate_is_valid() {
	let mut world = world(12, Limits::default());
	let attackers = let_in(&mut world, 2);
	// Two stakers of one bucket work together: their signatures are exchanged, so that the sum
	// is as it should be.
	let pair = [scattered(0), scattered(5)];
	for node in &mut world.nodes {
		node.stakers.retain(|(index, _)| !pair.contains(index));
	}
	let message = Chain::message(1);
	let exchanged = vec![
		(pair[0], sign(pair[1], &message)),
		(pair[1], sign(pair[0], &message)),
	];
	world.run_to_end_of_window(1, |chain, slot| {
		if slot != chain.first_slot(1) + 5 {
			return Vec::new();
		}
		let send = |attacker: Id| {
			let bytes = batch(1, exchanged.clone());
			(attacker % 2..NODES)
				.step_by(2)
				.map(move |node| (attacker, node, bytes.clone()))
		};
		attackers.iter().copied().flat_map(send).collect()
	});
	// Each aggregate was verified when it was applied.
	assert_eq!(world.chain.count(1), STAKERS - 2);
	assert!(pair.iter().all(|index| !world.chain.is_recorded(1, *index)));
	assert!(world.offences(is_honest).is_empty());
	for node in 0..NODES {
		let attacker = attackers[node % 2];
		let charged = world.charges.get(&(node, attacker, Offence::BadSignature));
		assert_eq!(charged, Some(&2), "by {node}");
	}
}

#[test]
fn floods_are_bounded_and_the_honest_are_not_displaced() {
	let limits = Limits {
		waiting: 1_000,
		peer_waiting: 400,
		held: 2_000,
		verified_per_slot: 300,
		checks_per_slot: 20,
		peer_heartbeats_per_slot: 512,
		outbox: 1_000,
		..Limits::default()
	};
	let mut world = world(13, limits.clone());
	let attackers = let_in(&mut world, 8);
	let (junk, mut rng) = (junk(), ChaCha20Rng::seed_from_u64(2));
	// Full messages, twelve from each attacker to each of its nodes in each slot: 370 kB a slot.
	world.run_to_end_of_window(1, |chain, slot| {
		let mut messages: Vec<Message> = Vec::new();
		if slot >= chain.first_slot(1) + 15 {
			return messages;
		}
		let mut everybody: Vec<_> = (0..STAKERS).map(scattered).collect();
		for attacker in &attackers {
			everybody.shuffle(&mut rng);
			let full = everybody
				.iter()
				.take(MAX_HEARTBEATS)
				.map(|index| (*index, junk));
			let bytes = batch(1, full.collect());
			for node in (attacker % 2..NODES).step_by(2) {
				messages.extend((0..12).map(|_| (*attacker, node, bytes.clone())));
			}
		}
		messages
	});
	assert_eq!(world.chain.count(1), STAKERS);
	assert!(
		world.offences(is_honest).is_empty(),
		"{:?}",
		world.offences(is_honest)
	);
	let offences = world.offences(|id| !is_honest(id));
	assert!(offences.contains_key(&Offence::Flood));
	assert!(offences.contains_key(&Offence::BadSignature));
	for attacker in attackers {
		for node in (attacker % 2..NODES).step_by(2) {
			let points = world.points(node, attacker);
			assert!(points >= MUTED_AT, "{node} still listens to {attacker}");
		}
	}
	for node in &world.nodes {
		assert!(node.peak.waiting <= limits.waiting as u64);
		assert!(node.peak.held <= limits.held as u64);
		assert!(node.peak.outbox <= limits.outbox as u64);
		assert_eq!(node.core.metrics().waiting, 0);
		assert!(node.most_checks <= u64::from(limits.checks_per_slot));
	}
}

#[test]
fn heartbeats_of_another_period_chain_or_checkpoint_are_worth_nothing_here() {
	let mut world = world(14, Limits::default());
	let attackers = let_in(&mut world, 4);
	// The victims are silent: whatever is recorded for them was replayed.
	let victims: BTreeSet<_> = (0..20).map(scattered).collect();
	for node in &mut world.nodes {
		node.stakers.retain(|(index, _)| !victims.contains(index));
	}
	let checkpoint = Chain::checkpoint(3);
	let replays = [
		(3, Chain::message(2)),
		(3, heartbeat_message(&[1; 32], 3, &checkpoint)),
		(3, heartbeat_message(&GENESIS, 3, &[77; 32])),
		(900, heartbeat_message(&GENESIS, 900, &checkpoint)),
	];
	world.run_to_end_of_window(3, |chain, slot: Slot| {
		let mut messages = Vec::new();
		if slot < chain.first_slot(3) || !slot.is_multiple_of(4) {
			return messages;
		}
		for (attacker, (period, message)) in attackers.iter().zip(&replays) {
			let signed = victims.iter().map(|index| (*index, sign(*index, message)));
			let bytes = batch(*period, signed.take(2).collect());
			for node in (attacker % 2..NODES).step_by(2) {
				messages.push((*attacker, node, bytes.clone()));
			}
		}
		messages
	});
	assert_eq!(
		world.chain.count(3) as usize,
		STAKERS as usize - victims.len()
	);
	assert!(victims
		.iter()
		.all(|index| !world.chain.is_recorded(3, *index)));
	assert!(world.offences(is_honest).is_empty());
	for (number, attacker) in attackers.into_iter().enumerate() {
		let offences = world.offences(|id| id == attacker);
		let expected = if number < 3 {
			Offence::BadSignature
		} else {
			Offence::WrongPeriod
		};
		assert!(offences.contains_key(&expected), "{number}: {offences:?}");
		assert_eq!(offences.len(), 1, "{number}: {offences:?}");
	}
}

/// Three producers of five put as few stakers as they may into each aggregate, and one into every slot of
/// theirs, to use up what a period may have. Everybody is recorded all the same.
#[test]
fn authors_that_record_as_few_as_they_may_cost_nobody_its_bit() {
	let mut generous = world(13, Limits::default());
	let mut stingy = world(13, Limits::default());
	for id in [0, 2, 4] {
		stingy.nodes[id].stingy = true;
	}
	for world in [&mut generous, &mut stingy] {
		world.run_to_end_of_window(2, |_, _| Vec::new());
		let counts = [1, 2].map(|period| world.chain.count(period));
		assert_eq!(counts, [STAKERS; 2]);
	}
	// They did what they could.
	assert!(stingy.chain.aggregates(1) > generous.chain.aggregates(1));
}

#[test]
fn nonsense_is_charged_and_changes_nothing() {
	let mut world = world(15, Limits::default());
	let attackers = let_in(&mut world, 2);
	let mut rng = ChaCha20Rng::seed_from_u64(3);
	let unknown = batch(1, vec![(scattered(STAKERS), junk()), (u32::MAX, junk())]);
	world.run_to_end_of_window(1, |_, _| {
		let mut noise = vec![0; rng.gen_range(0..400)];
		rng.fill_bytes(&mut noise);
		vec![(attackers[0], 0, noise), (attackers[1], 1, unknown.clone())]
	});
	assert_eq!(world.chain.count(1), STAKERS);
	assert!(world.offences(is_honest).is_empty());
	assert!(world
		.charges
		.contains_key(&(0, attackers[0], Offence::Malformed)));
	assert!(world
		.charges
		.contains_key(&(1, attackers[1], Offence::UnknownIndex)));
}
