//! Producing blocks and making them final are two jobs, done by two sets of nodes.

use anyhow::Result;
use vigil_stories::{Network, PRODUCERS, WITNESSES};

/// Six nodes start from genesis. Alice, Bob, Charlie and Dave take turns at producing; Charlie, Dave,
/// Eve and Ferdie make final what they see. Nobody does a job that is not theirs, and after a
/// while all six have the same final chain.
#[tokio::test]
async fn two_roles_produce_and_finalise() -> Result<()> {
	let network = Network::local("two_roles").start().await?;

	// The chain itself says who has which job, and the two lists differ.
	assert_eq!(network.producers().await?, PRODUCERS);
	assert_eq!(network.witnesses().await?, WITNESSES);

	// Blocks become final on every node, those of witnesses that produce nothing included.
	network.finality_reaches(20).within(40).await?;

	// The producers take turns, one slot each.
	let turns = network.every_slot_filled(24).within(40).await?;
	assert_eq!(
		turns.filled(),
		PRODUCERS.map(|producer| (producer, 6)).into()
	);

	// The nodes' own count agrees: the producers have built blocks,
	for producer in PRODUCERS {
		assert!(
			network.built_by(producer).await? > 5,
			"{producer} has built next to nothing"
		);
	}

	// the pure witnesses have built none.
	for witness in ["eve", "ferdie"] {
		assert_eq!(
			network.built_by(witness).await?,
			0,
			"{witness} has built a block"
		);
	}

	// All six nodes agree on everything final.
	let height = network.last_final().await?;
	assert_eq!(network.final_chain(height).await?.len() as u64, height);

	network.stop().await
}
