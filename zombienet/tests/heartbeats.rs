//! Who is awake is written down by the chain, period by period.

use anyhow::Result;
use vigil_stories::{EpochSummary, Network, STAKERS};

/// The six nodes start without a record of what they signed, so they leave out the period they find
/// running. In the next three, the last of one epoch and both of another, everybody is recorded,
/// whatever happens: in the first, nothing does; in the middle of the second, Alice is killed and
/// started again; in the third, Eve is handed junk in the names of all. Headers and attestations say
/// so, too.
#[tokio::test]
async fn everybody_is_recorded_in_every_period() -> Result<()> {
	let story = Network::local("everybody_is_recorded").epoch_periods(2);
	let mut network = story.start().await?;
	let signed = network.everybody_about_to_sign().within(60).await?;
	// Odd, and so the last of an epoch.
	let first = signed | 1;
	let [second, third] = [first + 1, first + 2];

	// In the first period all are recorded.
	network.everybody_recorded(first).within(40).await?;

	// In the second Alice is killed as soon as somebody is recorded, and comes back.
	let before = network.somebody_recorded(second).within(60).await?;
	let height = network.last_final().await?;
	network.kill("alice").await?;
	network.start("alice").await?;
	network.finality_reaches(height + 4).within(40).await?;

	// Whoever was recorded still is, in the state that Alice has,
	let after = network.recorded_on("alice", second).await?;
	assert!(
		before.iter().all(|name| after.contains(name)),
		"{before:?}, then {after:?}"
	);

	// and the others follow, she among them, whether she had signed before or not.
	network.everybody_recorded(second).within(40).await?;

	// In the third she is as the others, and Eve refuses what is no heartbeat. She says why: what
	// is too short,
	let period = network.checkpoint_final("eve", third).within(60).await?;
	assert_eq!(period, third);
	let refusal = network.refusal("eve", 0, third, &[0xab; 95]).await?;
	assert!(refusal.contains("a signature has 96 bytes"), "{refusal}");

	// what is no signature, in whosever name,
	for index in 0..STAKERS.len() as u32 {
		let refusal = network.refusal("eve", index, third, &[0xab; 96]).await?;
		assert!(refusal.contains("not that of this index"), "{refusal}");
	}

	// a true signature of an earlier period,
	let old = network.recordings(first).await?[0].signature.clone();
	let refusal = network.refusal("eve", 0, third, &old).await?;
	assert!(refusal.contains("not that of this index"), "{refusal}");

	// one of a staker that does not exist,
	let refusal = network.refusal("eve", 6, third, &old).await?;
	assert!(refusal.contains("nobody active"), "{refusal}");

	// one for a period that is over, even if it was true once, and one that has not begun.
	for period in [first, third + 1] {
		let refusal = network.refusal("eve", 0, period, &old).await?;
		assert!(refusal.contains("accepts no heartbeats"), "{refusal}");
	}

	// The junk took nobody's place,
	network.everybody_recorded(third).within(40).await?;

	// and stopped no producer.
	network.every_slot_filled(8).within(30).await?;

	for period in [first, second, third] {
		// The headers of the blocks that recorded say how many, and the state agrees;
		let recordings = network.recordings(period).await?;
		for recording in &recordings {
			assert_eq!(recording.in_header, recording.in_state.len());
		}

		// in no other block was anybody recorded, and in none anybody twice.
		let mut recorded: Vec<_> = recordings.iter().flat_map(|r| &r.in_state).collect();
		recorded.sort();
		assert_eq!(recorded, STAKERS.iter().collect::<Vec<_>>());

		// The closed period is attested by all stake,
		let attestation = network.closed(period).within(40).await?;
		assert_eq!(attestation.recorded, attestation.total);
		assert_eq!(attestation.total.0, 6);
		assert!(!attestation.void);

		// and what is attested is its first block.
		let first_block = network.first_block_of(period).await?;
		assert_eq!(attestation.checkpoint, Some(first_block));
	}

	// In the epoch of the last two nobody has missed anything.
	let ledger = network.ledger().await?;
	for staker in STAKERS {
		let participation = ledger.participation(staker, second / 2).await?;
		assert_eq!((participation.recorded, participation.valid), (2, 2));
	}

	network.stop().await
}

/// Two witnesses of four are killed: no checkpoint becomes final, so there is nothing to sign. The
/// producers go on for three periods, until their bound. The witnesses return: what could not be
/// attested counts for nobody, neither for those who were awake nor against those who were not, and
/// soon a period has everybody again.
#[tokio::test]
async fn periods_without_finality_count_for_nobody() -> Result<()> {
	let mut network = Network::local("periods_without_finality").start().await?;
	network.everybody_about_to_sign().within(60).await?;
	network.finality_reaches(3).within(40).await?;

	// Two witnesses go: finality stops, authoring stops at its bound of 64 blocks.
	network.kill("eve").await?;
	network.kill("ferdie").await?;
	let stall = network.standstill().within(120).await?;
	assert_eq!(stall.unfinalized(), 64);

	// Three periods began behind the last final block: 64 slots are longer than that.
	let seen = network.ledger_at(stall.last_final).await?.period().await?;
	let newest = network.ledger_at(stall.best).await?.period().await?;
	assert!(newest >= seen + 3, "from {seen} to {newest}");

	// Whoever signs the newest all the same is told that it is too early.
	let refusal = network.refusal("alice", 0, newest, &[0xab; 96]).await?;
	assert!(refusal.contains("has not seen"), "{refusal}");

	// For all of them but the newest it becomes too late. Both witnesses return, and the blocks that
	// waited become final, and more.
	network
		.window_over(newest - 1, stall.best)
		.within(30)
		.await?;
	network.start("eve").await?;
	network.start("ferdie").await?;
	network.finality_reaches(stall.best + 4).within(60).await?;

	// The periods that could not be attested are void; nobody is recorded in them.
	let ledger = network.ledger().await?;
	for period in seen + 1..newest {
		let attestation = ledger.attestation(period).await?.expect("it is closed");
		assert_eq!(attestation.recorded, (0, 0));
		assert_eq!(attestation.total.0, 6);
		assert!(attestation.void);
	}

	// The epoch counts them apart from those that count:
	let epoch = ledger.attestation(newest - 1).await?.expect("closed").epoch;
	let mut counted = EpochSummary { valid: 0, void: 0 };
	for period in 6 * epoch..6 * (epoch + 1) {
		match ledger.attestation(period).await? {
			Some(attestation) if attestation.void => counted.void += 1,
			Some(_) => counted.valid += 1,
			None => {}
		}
	}
	assert_eq!(ledger.epoch_summary(epoch).await?, counted);

	// nobody's diligence is measured by them.
	for staker in STAKERS {
		let participation = ledger.participation(staker, epoch).await?;
		assert_eq!(participation.valid, counted.valid, "{staker}");
	}

	// In the next period that begins everybody is recorded again.
	let next = network.ledger().await?.period().await? + 1;
	network.everybody_recorded(next).within(40).await?;

	network.stop().await
}
