//! Honest nodes, good and bad networks, and producers that do nothing.

use crate::world::{Setup, Weather, World};
use vigil_heartbeat::limits::{Limits, Offence};
use vigil_heartbeat_primitives::{StakerIndex, BUCKET_SIZE};

/// A network of 30 nodes and 7 producers.
fn world(seed: u64, stakers: Vec<StakerIndex>) -> World {
	World::new(Setup {
		seed,
		nodes: 30,
		producers: 7,
		slots: 40,
		stakers,
		limits: Limits::default(),
	})
}

/// So many stakers, over six buckets.
fn scattered(count: u32) -> Vec<StakerIndex> {
	(0..count)
		.map(|number| number % 6 * BUCKET_SIZE + number / 6)
		.collect()
}

#[test]
fn in_good_weather_everybody_is_recorded_soon_and_nobody_is_charged() {
	// Two full buckets and a thin one.
	let stakers: Vec<_> = (0..2 * BUCKET_SIZE + 300).collect();
	let mut world = world(1, stakers.clone());
	for period in 1..3 {
		// A quarter to sign in, and a round of producers, and a little for the way.
		while world.slot < world.chain.first_slot(period) + 10 + 7 + 5 {
			world.step();
		}
		let missing = stakers.len() as u32 - world.chain.count(period);
		// Fewer than the least that an aggregate must record may still wait.
		assert!(
			missing < stakers.len() as u32 / 64,
			"{missing} are missing in {period}"
		);
		while world.slot < world.chain.first_slot(period + 1) {
			world.step();
		}
	}
	world.run_to_end_of_window(2, |_, _| Vec::new());
	for period in 1..3 {
		assert_eq!(world.chain.count(period), stakers.len() as u32);
		// One of each bucket's collector, and some for those who were late.
		let aggregates = world.chain.aggregates(period);
		assert!(aggregates <= 8, "{aggregates} in {period}");
	}
	assert!(world.charges.is_empty(), "{:?}", world.charges);
	// The third period is included: its window is not over.
	let sent = world.sent() as f64 / (3 * stakers.len()) as f64;
	assert!(sent < 4.0, "{sent} for each heartbeat");
	let peak = world.nodes.iter().map(|node| node.peak.held).max();
	assert!(peak < Some(2 * stakers.len() as u64));
}

#[test]
fn loss_delay_and_duplication_cost_few_and_no_honest_node_is_suspected() {
	let stakers = scattered(900);
	let mut world = world(2, stakers.clone());
	world.weather = Weather {
		loss: 0.2,
		duplication: 0.1,
		delay: 3,
		split_at: None,
	};
	world.run_to_end_of_window(2, |_, _| Vec::new());
	for period in 1..3 {
		let count = world.chain.count(period);
		assert!(count >= 890, "{count} of {}", stakers.len());
	}
	let offences = world.offences(|_| true);
	assert!(
		offences.keys().all(|offence| *offence == Offence::Repeated),
		"{offences:?}"
	);
}

/// Shares of all honest stakers that are recorded when these producers drop everything.
fn recorded_despite(lazy: &[usize]) -> Vec<f64> {
	let stakers = scattered(900);
	let mut world = world(3, stakers.clone());
	// Those behind the lazy nodes never leave them: not counted.
	let mut honest = stakers.len();
	for id in lazy {
		world.nodes[*id].swallows = true;
		honest -= world.nodes[*id].stakers.len();
	}
	world.run_to_end_of_window(2, |_, _| Vec::new());
	assert!(world.charges.is_empty(), "{:?}", world.charges);
	let share = |period| f64::from(world.chain.count(period)) / honest as f64;
	(1..3).map(share).collect()
}

#[test]
fn a_collector_that_drops_everything_loses_nobody() {
	assert_eq!(recorded_despite(&[2]), [1.0, 1.0]);
}

/// Six connections for each node are few: in one case of some hundreds the only honest collector
/// is too far, and there is no fourth attempt.
#[test]
fn two_collectors_in_a_row_that_drop_everything_lose_hardly_anybody() {
	let shares = recorded_despite(&[2, 3]);
	assert!(shares.iter().all(|share| *share > 0.99), "{shares:?}");
}

#[test]
fn after_a_partition_heals_everybody_is_recorded() {
	let stakers = scattered(900);
	let mut world = world(4, stakers.clone());
	// Three producers on one side, four on the other, for five eighths of the period.
	world.weather.split_at = Some(3);
	while world.slot < world.chain.first_slot(1) + 25 {
		world.step();
	}
	assert!(world.chain.count(1) < 900);
	world.weather.split_at = None;
	world.run_to_end_of_window(1, |_, _| Vec::new());
	assert_eq!(world.chain.count(1), 900);
	assert!(world.charges.is_empty(), "{:?}", world.charges);
}

#[test]
fn one_or_two_producers_are_enough() {
	for producers in [1, 2] {
		let stakers = scattered(60);
		let mut world = World::new(Setup {
			seed: 5,
			nodes: 6,
			producers,
			slots: 21,
			stakers,
			limits: Limits::default(),
		});
		world.weather.loss = 0.1;
		world.run_to_end_of_window(2, |_, _| Vec::new());
		assert_eq!(world.chain.count(1), 60);
		assert_eq!(world.chain.count(2), 60);
	}
}

#[test]
fn the_same_seed_tells_the_same_story() {
	let story = |seed| {
		let mut world = world(seed, scattered(120));
		world.weather = Weather {
			loss: 0.3,
			duplication: 0.1,
			delay: 2,
			split_at: None,
		};
		world.run_to_end_of_window(1, |_, _| Vec::new());
		let nodes: Vec<_> = world.nodes.iter().map(|node| node.core.metrics()).collect();
		(world.chain.count(1), world.chain.aggregates(1), nodes)
	};
	assert_eq!(story(6), story(6));
	assert_ne!(story(6), story(7));
}
