//! Whoever lies about heartbeats harms nobody but itself. The liars are the real node with another
//! conduct: `vigil-adversary`.

use anyhow::Result;
use vigil_stories::{Network, PERIOD_SLOTS, PRODUCERS, STAKERS};

/// Alice says that she collects, takes everybody's heartbeats, and drops them. Every fourth period is
/// hers: in it nobody is recorded before half of it is over, when the heartbeats go to the next
/// collector; and then everybody is.
#[tokio::test]
async fn a_producer_that_drops_heartbeats_silences_nobody() -> Result<()> {
	let network = Network::local("a_producer_that_drops_heartbeats")
		.liar("alice", "drop")
		.start()
		.await?;
	let first = network.everybody_about_to_sign().within(60).await?;

	// In as many periods as there are producers, everybody is recorded.
	let periods = first..first + PRODUCERS.len() as u64;
	for period in periods.clone() {
		network.everybody_recorded(period).within(40).await?;
	}

	let mut hers = 0;
	for period in periods {
		let recordings = network.recordings(period).await?;

		// Alice recorded nobody,
		assert!(recordings.iter().all(|r| r.producer != "alice"));

		// and her period is the one in which the others had to wait.
		if period % PRODUCERS.len() as u64 == 0 {
			let waited = |slots: u64| 2 * slots >= PERIOD_SLOTS;
			assert!(recordings.iter().all(|r| waited(r.slots_before)));
			hers += 1;
		}
	}
	assert_eq!(hers, 1);

	// Nobody's block came to harm.
	network.every_slot_filled(8).within(30).await?;

	network.stop().await
}

/// Alice puts aggregates that nobody signed into her blocks. Every other node refuses them, names her, and
/// wants her no longer for a peer: she has lost her slots. Nobody else misses a turn, and nobody a heartbeat.
#[tokio::test]
async fn a_producer_that_forges_aggregates_loses_its_slots() -> Result<()> {
	let network = Network::local("a_producer_that_forges_aggregates")
		.liar("alice", "forge")
		.start()
		.await?;
	let first = network.everybody_about_to_sign().within(60).await?;

	// Sooner or later a period is hers, and all others see what she makes of it: each refuses her block,
	// charges whoever sent it, and charges her, whom it knows by name.
	for node in STAKERS.iter().filter(|node| **node != "alice") {
		for words in [
			"false aggregate of heartbeats: WrongSignature",
			"Verification failed for block",
			"who made a false aggregate: it is charged",
		] {
			network.log_line(node, words).within(60).await?;
		}
	}

	// Nobody has her for a peer now, so her slots are empty, and no others.
	network.shunned("alice").within(60).await?;
	let turns = network.only_the_liar_misses("alice", 8).within(30).await?;
	assert_eq!(turns.empty().into_keys().collect::<Vec<_>>(), ["alice"]);

	// Nothing of hers is in the chain, in which all others are recorded in every period. She herself has
	// nobody left to hand her heartbeat to.
	for period in first..first + PRODUCERS.len() as u64 {
		network
			.everybody_recorded_but(Some("alice"), period)
			.within(60)
			.await?;
		let recordings = network.recordings(period).await?;
		assert!(recordings.iter().all(|r| r.producer != "alice"));
	}

	network.stop().await
}

/// Mallory joins, and sends heartbeats under everybody's index that nobody signed; Trudy joins, and sends
/// bytes that are nothing at all: both as much as they can, to everybody. Soon nobody has them for peers.
/// Meanwhile no slot stays empty, and everybody is recorded.
#[tokio::test]
async fn a_flood_of_junk_changes_nothing() -> Result<()> {
	let mut network = Network::local("a_flood_of_junk").start().await?;
	network.everybody_about_to_sign().within(60).await?;
	network.finality_reaches(3).within(40).await?;

	// They join, and the chain goes on as before.
	network.join_liar("mallory", "junk").await?;
	network.join_liar("trudy", "noise").await?;
	let period = network.ledger().await?.period().await? + 1;
	network.every_slot_filled(16).within(60).await?;

	// Their messages came: heartbeats that were found bad, and messages that nobody listened to any more.
	for figure in ["bad", "dropped_messages"] {
		let metric = format!("vigil_heartbeat_{figure}");
		network.counts("charlie", &metric).within(30).await?;
	}

	// Their peers have had enough of them,
	for liar in ["mallory", "trudy"] {
		network.shunned(liar).within(60).await?;
	}

	// and nobody's heartbeat was lost to their junk.
	for period in [period, period + 1] {
		network.everybody_recorded(period).within(40).await?;
	}

	network.stop().await
}
