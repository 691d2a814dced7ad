use super::*;
use proptest::{collection::vec, prelude::*};
use vigil_heartbeat_primitives::testing::TestKey;

const PERIOD: PeriodIndex = 9;

fn open(checkpoint: Option<Hash>) -> OpenPeriod {
	OpenPeriod {
		period: PERIOD,
		first_slot: 0,
		slots: 20,
		window_end: 39,
		checkpoint,
		recorded: Bitmaps::new(),
		minimum_new: 1,
	}
}

fn pool(limits: Limits) -> Pool {
	let mut pool = Pool::new(limits);
	pool.open(&[open(Some([1; 32]))]);
	pool
}

fn candidate(source: Source, index: StakerIndex, byte: u8) -> Candidate {
	Candidate {
		index,
		source,
		hops: 1,
		signature: Signature([byte; 96]),
		also: [0; ALSO],
	}
}

fn point(index: StakerIndex) -> Point {
	Point::decode(&TestKey::new(index).sign(b"m")).unwrap()
}

mod offer {
	use super::*;

	#[test]
	fn three_candidates_of_different_sources_wait_for_one_place() {
		let mut pool = pool(Limits::default());
		for source in 1..4 {
			assert_eq!(
				pool.offer(PERIOD, candidate(source, 5, source as u8)),
				Offer::Waiting
			);
		}
		assert_eq!(pool.offer(PERIOD, candidate(4, 5, 4)), Offer::Full);
		assert_eq!(pool.offer(PERIOD, candidate(4, 5, 2)), Offer::Awaited);
		assert_eq!(pool.offer(PERIOD, candidate(4, 6, 4)), Offer::Waiting);
	}

	#[test]
	fn the_same_from_several_sources_is_one_candidate_by_the_shortest_way() {
		let mut pool = pool(Limits::default());
		pool.offer(PERIOD, candidate(1, 5, 1));
		for source in [2, 2, 1, 3] {
			let mut same = candidate(source, 5, 1);
			same.hops = 0;
			assert_eq!(pool.offer(PERIOD, same), Offer::Awaited);
		}
		let mut expected = candidate(1, 5, 1);
		(expected.hops, expected.also) = (0, [2, 3, 0]);
		assert_eq!(pool.select(PERIOD, 9), [expected]);
	}

	#[test]
	fn a_source_with_two_signatures_for_one_staker_lies() {
		let mut pool = pool(Limits::default());
		assert_eq!(pool.offer(PERIOD, candidate(1, 5, 1)), Offer::Waiting);
		assert_eq!(pool.offer(PERIOD, candidate(1, 5, 2)), Offer::Contradiction);
	}

	#[test]
	fn only_a_verified_signature_occupies_a_place() {
		let mut pool = pool(Limits::default());
		pool.offer(PERIOD, candidate(1, 5, 1));
		pool.offer(PERIOD, candidate(2, 5, 2));
		let liars = pool.hold(PERIOD, 5, point(5), Trace::from_peer(3, 0));
		assert_eq!(liars, [1, 2]);
		let mut same = candidate(4, 5, 0);
		same.signature = point(5).encode();
		assert_eq!(pool.offer(PERIOD, same), Offer::Known);
		assert_eq!(pool.offer(PERIOD, candidate(4, 5, 4)), Offer::Contradiction);
		assert_eq!(pool.select(PERIOD, 9), []);
		assert_eq!(pool.size(), (0, 1));
	}

	#[test]
	fn a_period_that_is_not_open_has_no_room() {
		let mut pool = pool(Limits::default());
		assert_eq!(pool.offer(PERIOD + 1, candidate(1, 5, 1)), Offer::Full);
	}

	#[test]
	fn a_flood_loses_its_newest_to_whoever_sends_less() {
		let mut pool = pool(Limits {
			waiting: 10,
			..Limits::default()
		});
		for index in 0..10 {
			assert_eq!(pool.offer(PERIOD, candidate(1, index, 1)), Offer::Waiting);
		}
		assert_eq!(pool.offer(PERIOD, candidate(1, 10, 1)), Offer::Full);
		for index in 20..25 {
			assert_eq!(pool.offer(PERIOD, candidate(2, index, 1)), Offer::Waiting);
		}
		assert_eq!(pool.offer(PERIOD, candidate(2, 25, 1)), Offer::Full);
		let left: Vec<_> = pool
			.select(PERIOD, 99)
			.iter()
			.map(|one| one.index)
			.collect();
		assert_eq!(left, [0, 1, 2, 3, 4, 20, 21, 22, 23, 24]);
	}

	#[test]
	fn one_source_cannot_take_all_the_room() {
		let mut pool = pool(Limits {
			peer_waiting: 3,
			..Limits::default()
		});
		let offers: Vec<_> = (0..5)
			.map(|index| pool.offer(PERIOD, candidate(1, index, 1)))
			.collect();
		assert_eq!(
			offers
				.iter()
				.filter(|offer| **offer == Offer::Waiting)
				.count(),
			3
		);
	}

	#[test]
	fn when_nothing_more_can_be_held_nothing_more_waits() {
		let mut pool = pool(Limits {
			held: 1,
			..Limits::default()
		});
		pool.hold(PERIOD, 5, point(5), Trace::local());
		assert_eq!(pool.room(), 0);
		assert_eq!(pool.offer(PERIOD, candidate(1, 6, 1)), Offer::Full);
	}
}

mod select {
	use super::*;

	#[test]
	fn sources_take_turns() {
		let mut pool = pool(Limits::default());
		for index in 0..100 {
			pool.offer(PERIOD, candidate(1, index, 1));
		}
		pool.offer(PERIOD, candidate(2, 200, 1));
		pool.offer(PERIOD, candidate(3, 300, 1));
		let first = pool.select(PERIOD, 3);
		let sources: Vec<_> = first.iter().map(|one| one.source).collect();
		assert_eq!(sources, [1, 2, 3]);
	}

	#[test]
	fn what_is_put_back_is_next() {
		let mut pool = pool(Limits::default());
		for index in 0..5 {
			pool.offer(PERIOD, candidate(1, index, 1));
		}
		let first = pool.select(PERIOD, 1);
		pool.put_back(PERIOD, first[0]);
		assert_eq!(pool.select(PERIOD, 1), first);
	}

	#[test]
	fn a_silenced_source_has_nothing_waiting() {
		let mut pool = pool(Limits::default());
		pool.offer(PERIOD, candidate(1, 5, 1));
		pool.offer(PERIOD, candidate(2, 5, 2));
		pool.silence(1);
		assert_eq!(pool.select(PERIOD, 9), [candidate(2, 5, 2)]);
		assert_eq!(pool.size(), (0, 0));
	}
}

mod open {
	use super::*;

	#[test]
	fn a_closed_period_leaves_nothing_behind() {
		let mut pool = pool(Limits::default());
		pool.offer(PERIOD, candidate(1, 5, 1));
		pool.hold(PERIOD, 6, point(6), Trace::local());
		pool.open(&[]);
		assert_eq!(pool.size(), (0, 0));
		assert!(pool.held(PERIOD).is_none());
	}

	#[test]
	fn another_checkpoint_begins_anew_and_its_absence_does_not() {
		let mut pool = pool(Limits::default());
		pool.hold(PERIOD, 6, point(6), Trace::local());
		pool.open(&[open(None)]);
		assert_eq!(pool.size(), (0, 1));
		pool.open(&[open(Some([1; 32]))]);
		assert_eq!(pool.size(), (0, 1));
		pool.open(&[open(Some([2; 32]))]);
		assert_eq!(pool.size(), (0, 0));
	}

	#[test]
	fn recorded_heartbeats_of_others_go_first_when_room_is_short() {
		let mut pool = pool(Limits {
			held: 4,
			..Limits::default()
		});
		for index in [1, 2, BUCKET_SIZE, BUCKET_SIZE + 1] {
			pool.hold(PERIOD, index, point(index), Trace::local());
		}
		let all = [1, 2].into_iter().collect();
		let one = [0].into_iter().collect();
		let recorded = Bitmaps::from([(0, all), (1, one)]);
		pool.shed(PERIOD, &recorded, |bucket| bucket == 0);
		assert_eq!(pool.size(), (0, 3));
		assert!(pool.signature(PERIOD, 1).is_some());
		assert!(pool.signature(PERIOD, BUCKET_SIZE).is_none());
		assert!(pool.trace(PERIOD, BUCKET_SIZE).is_none());
		assert!(pool.signature(PERIOD, BUCKET_SIZE + 1).is_some());
	}

	#[test]
	fn what_is_only_passed_on_goes_too_when_hardly_any_room_is_left() {
		let mut pool = pool(Limits {
			held: 8,
			..Limits::default()
		});
		let hold = |pool: &mut Pool, index, trace| {
			pool.hold(PERIOD, index, point(index), trace);
		};
		let from = |index| Trace::from_peer(3, index);
		for index in 1..5 {
			hold(&mut pool, index, from(1));
		}
		hold(&mut pool, BUCKET_SIZE, Trace::local());
		hold(&mut pool, BUCKET_SIZE + 1, from(1));
		let mine = |bucket| bucket == 0;
		pool.shed(PERIOD, &Bitmaps::new(), mine);
		assert_eq!(pool.size(), (0, 6));
		hold(&mut pool, 5, from(1));
		pool.shed(PERIOD, &Bitmaps::new(), mine);
		assert_eq!(pool.size(), (0, 6));
		assert!(pool.signature(PERIOD, BUCKET_SIZE).is_some());
		assert!(pool.signature(PERIOD, BUCKET_SIZE + 1).is_none());
		assert!(pool.trace(PERIOD, BUCKET_SIZE + 1).is_none());
	}
}

proptest! {
	/// Whatever is offered, selected, put back and silenced: the counts stay true and in bounds.
	#[test]
	fn the_pool_never_exceeds_its_bounds(
		steps in vec((0u8..12, 1u64..6, 0u32..30, 0u8..4), 1..400),
	) {
		let limits = Limits { waiting: 20, peer_waiting: 8, ..Limits::default() };
		let mut pool = pool(limits);
		let mut out = Vec::new();
		for (step, source, index, byte) in steps {
			match step {
				0 => out = pool.select(PERIOD, 5),
				1 => out.drain(..).for_each(|one| pool.put_back(PERIOD, one)),
				2 => pool.silence(source),
				_ => drop(pool.offer(PERIOD, candidate(source, index, byte))),
			}
			let room = &pool.periods[&PERIOD];
			// What is put back was counted before.
			prop_assert!(pool.waiting <= 20 + 5);
			prop_assert_eq!(pool.waiting, room.waiting());
			let candidates: usize = room.candidates.values().map(Vec::len).sum();
			prop_assert!(candidates <= pool.waiting);
			for (index, some) in &room.candidates {
				for one in some {
					let queue = room.queues.get(&one.source);
					prop_assert!(queue.is_some_and(|queue| queue.contains(index)));
				}
			}
		}
	}
}
