//! What an aggregate must be, and what recording it does.

use crate::{mock::*, pallet::*, types::Participation};
use codec::{Decode, Encode};
use frame_support::{
	assert_noop, assert_ok,
	inherent::{InherentData, ProvideInherent},
	weights::Weight,
};
use sp_runtime::{traits::BadOrigin, DigestItem};
use vigil_heartbeat_primitives::{
	heartbeat_message, testing::TestKey, AggregateDigest, Bitmap, Signature, BUCKET_SIZE,
	ENGINE_ID, INHERENT_IDENTIFIER,
};

mod record {
	use super::*;

	#[test]
	fn everybody_in_a_valid_aggregate_is_recorded() {
		ExtBuilder::default().stakers(10).build_and_execute(|| {
			assert_ok!(record_next(0, [1, 3, 5]));
			assert_eq!(Heartbeat::recorded(0, 0, 1), [bits([1, 3, 5])]);
			assert_eq!(open(0).recorded, 3);
			assert_eq!(open(0).stake, 3_000);
			assert_eq!(
				events(),
				[Event::HeartbeatsRecorded {
					period: 0,
					recorded: 3
				}]
			);
		});
	}

	#[test]
	fn the_header_names_the_aggregate() {
		ExtBuilder::default().stakers(10).build_and_execute(|| {
			next_block();
			let aggregate = heartbeats(0, 0..4);
			assert_ok!(record(aggregate.clone()));
			let digest = System::digest();
			let [DigestItem::Consensus(engine, data)] = &digest.logs[..] else {
				panic!("one item: {digest:?}");
			};
			assert_eq!(*engine, ENGINE_ID);
			let said = AggregateDigest::decode(&mut &data[..]).expect("is a digest");
			assert_eq!((said.period, said.recorded), (0, 4));
			assert_eq!(
				said.aggregate,
				sp_crypto_hashing::blake2_256(&aggregate.encode())
			);
		});
	}

	#[test]
	fn who_was_recorded_before_is_verified_again_and_not_counted_twice() {
		ExtBuilder::default().stakers(10).build_and_execute(|| {
			assert_ok!(record_next(0, [1, 3]));
			assert_ok!(record_next(0, [1, 3, 4]));
			assert_eq!(open(0).recorded, 3);
			assert_eq!(open(0).stake, 3_000);
			let diligent = Participation {
				recorded: 1,
				valid: 0,
			};
			assert_eq!(Heartbeat::participation(1, 0), Some(diligent));
		});
	}

	#[test]
	fn the_few_absent_are_taken_out_of_the_sum() {
		ExtBuilder::default()
			.stakers(BUCKET_SIZE + 100)
			.build_and_execute(|| {
				next_block();
				let most = bits((0..BUCKET_SIZE).filter(|position| position % 200 != 7));
				let some = bits((0..100).filter(|position| position % 3 == 0));
				assert_ok!(record(aggregate(0, &[(0, most), (1, some)])));
				assert_eq!(open(0).recorded, most.count() + some.count());
			});
	}

	#[test]
	fn both_open_periods_are_recorded_side_by_side() {
		ExtBuilder::default().stakers(10).build_and_execute(|| {
			run_to_period(1);
			assert_ok!(record_next(0, 0..5));
			assert_ok!(record_next(1, 2..9));
			assert_eq!((open(0).recorded, open(1).recorded), (5, 7));
		});
	}
}

mod refuse {
	use super::*;

	#[test]
	fn nobody_but_an_author_records() {
		ExtBuilder::default().stakers(10).build_and_execute(|| {
			next_block();
			let aggregate = heartbeats(0, 0..5);
			for origin in [RuntimeOrigin::root(), RuntimeOrigin::signed(owner(0))] {
				assert_noop!(Heartbeat::record(origin, aggregate.clone()), BadOrigin);
			}
		});
	}

	#[test]
	fn one_aggregate_for_a_block() {
		ExtBuilder::default().stakers(10).build_and_execute(|| {
			assert_ok!(record_next(0, [1]));
			assert_noop!(record(heartbeats(0, [2])), Error::<Test>::SecondInBlock);
			assert_ok!(record_next(0, [2]));
		});
	}

	#[test]
	fn a_form_that_is_not_the_only_one() {
		ExtBuilder::default().stakers(10).build_and_execute(|| {
			next_block();
			for parts in [
				&[][..],
				&[(0, Bitmap::EMPTY)],
				&[(0, bits([1])), (0, bits([2]))],
			] {
				assert_noop!(record(aggregate(0, parts)), Error::<Test>::BadForm);
			}
		});
	}

	#[test]
	fn more_work_than_allowed() {
		ExtBuilder::default()
			.stakers(3 * BUCKET_SIZE)
			.build_and_execute(|| {
				next_block();
				let half = bits(0..512);
				let two = aggregate(0, &[(0, half), (1, half)]);
				let three = aggregate(0, &[(0, half), (1, half), (2, half)]);
				let limit = Heartbeat::aggregate_weight(&two);
				MaxAggregateWeight::set(limit);
				assert_noop!(record(three), Error::<Test>::TooHeavy);
				MaxAggregateWeight::set(limit - Weight::from_parts(1, 0));
				assert_noop!(record(two.clone()), Error::<Test>::TooHeavy);
				MaxAggregateWeight::set(limit);
				assert_ok!(record(two));
			});
	}

	#[test]
	fn a_period_that_is_not_open() {
		ExtBuilder::default().stakers(10).build_and_execute(|| {
			next_block();
			let early = heartbeats(1, 0..5);
			assert_noop!(record(early), Error::<Test>::PeriodNotOpen);
			let in_time = heartbeats(0, 0..5);
			run_to_period(2);
			assert_noop!(record(in_time), Error::<Test>::PeriodNotOpen);
		});
	}

	#[test]
	fn a_checkpoint_that_is_not_known_yet() {
		ExtBuilder::default().stakers(10).build_and_execute(|| {
			assert_noop!(
				record(heartbeats(0, 0..5)),
				Error::<Test>::CheckpointUnknown
			);
		});
	}

	#[test]
	fn more_aggregates_than_a_period_may_have() {
		ExtBuilder::default().stakers(10).build_and_execute(|| {
			next_block();
			OpenPeriods::<Test>::mutate(|open| open[0].aggregates = 99);
			assert_ok!(record(heartbeats(0, [1])));
			next_block();
			assert_noop!(record(heartbeats(0, [2])), Error::<Test>::TooManyAggregates);
		});
	}

	#[test]
	fn somebody_who_is_not_active() {
		ExtBuilder::default().stakers(10).build_and_execute(|| {
			next_block();
			assert_noop!(record(heartbeats(0, 5..11)), Error::<Test>::NotActive);
			let elsewhere = aggregate(0, &[(5, bits([0]))]);
			assert_noop!(record(elsewhere), Error::<Test>::NotActive);
		});
	}

	#[test]
	fn too_few_that_are_new_until_the_last_quarter() {
		ExtBuilder::default()
			.stakers(BUCKET_SIZE)
			.build_and_execute(|| {
				next_block();
				assert_eq!(status().min_new, 16);
				assert_noop!(record(heartbeats(0, 0..15)), Error::<Test>::TooFewNew);
				assert_ok!(record(heartbeats(0, 0..16)));
				next_block();
				// Those who are recorded already do not help.
				assert_noop!(record(heartbeats(0, 0..31)), Error::<Test>::TooFewNew);
				run_to_slot(FIRST_SLOT + 2 * PERIOD - PERIOD / 2 - 1);
				assert_noop!(record(heartbeats(0, [16])), Error::<Test>::TooFewNew);
				assert_ok!(record_next(0, [16]));
				next_block();
				assert_noop!(record(heartbeats(0, [16])), Error::<Test>::TooFewNew);
			});
	}

	#[test]
	fn a_signature_for_anything_else() {
		ExtBuilder::default().stakers(10).build_and_execute(|| {
			next_block();
			let good = heartbeats(0, 0..5);
			let genesis = Heartbeat::genesis_hash();
			let checkpoint = open(0).checkpoint.expect("is known");
			let sign = |genesis, period, checkpoint| {
				TestKey::sum(0..5).sign(&heartbeat_message(genesis, period, checkpoint))
			};
			assert_eq!(good.signature, sign(&genesis, 0, &checkpoint));
			for signature in [
				sign(&genesis, 1, &checkpoint),
				sign(&genesis, 0, &[9; 32]),
				sign(&[9; 32], 0, &checkpoint),
				heartbeats(0, 0..4).signature,
				heartbeats(0, 0..6).signature,
				Signature([0; 96]),
			] {
				let mut wrong = good.clone();
				wrong.signature = signature;
				assert_noop!(record(wrong), Error::<Test>::WrongSignature);
			}
			assert_ok!(record(good));
		});
	}
}

mod inherent {
	use super::*;

	fn created(aggregate: &impl Encode) -> Option<Call<Test>> {
		let mut data = InherentData::new();
		data.put_data(INHERENT_IDENTIFIER, aggregate)
			.expect("is put once");
		Heartbeat::create_inherent(&data)
	}

	#[test]
	fn the_author_proposes_what_the_block_will_accept() {
		ExtBuilder::default().stakers(10).build_and_execute(|| {
			next_block();
			let aggregate = heartbeats(0, 0..5);
			let call = created(&aggregate).expect("is valid");
			assert!(Heartbeat::is_inherent(&call));
			assert_eq!(call, Call::record { aggregate });
		});
	}

	#[test]
	fn nothing_that_a_peer_sends_costs_the_author_its_block() {
		ExtBuilder::default().stakers(10).build_and_execute(|| {
			next_block();
			let mut forged = heartbeats(0, 0..5);
			forged.signature = Signature([1; 96]);
			assert_eq!(created(&forged), None);
			assert_eq!(created(&heartbeats(0, 0..11)), None);
			assert_eq!(created(&b"anything".to_vec()), None);
			assert_eq!(Heartbeat::create_inherent(&InherentData::new()), None);
		});
	}

	#[test]
	fn a_block_without_heartbeats_is_valid() {
		ExtBuilder::default().stakers(10).build_and_execute(|| {
			let required = Heartbeat::is_inherent_required(&InherentData::new());
			assert!(matches!(required, Ok(None)));
		});
	}
}
