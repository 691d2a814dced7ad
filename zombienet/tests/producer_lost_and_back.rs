//! A producer is responsible for its own slots and for nothing else.

use anyhow::Result;
use vigil_stories::Network;

/// Bob, who produces and does not witness, is killed. His slots stay empty, the others' do not, and
/// finality does not care. When he is started again nobody has to do anything for him: he catches
/// up and fills his slots as before.
#[tokio::test]
async fn a_producer_is_lost_and_comes_back() -> Result<()> {
	let mut network = Network::local("producer_lost_and_back").start().await?;
	network.finality_reaches(10).within(40).await?;

	// Bob goes.
	network.kill("bob").await?;

	// Of 40 slots exactly his ten are empty; that could be read because the chain around them is
	// final.
	let turns = network
		.every_slot_filled_but(&["bob"], 40)
		.within(60)
		.await?;
	assert_eq!(turns.empty(), [("bob", 10)].into());

	// Bob comes back, and soon no slot is empty any more.
	network.start("bob").await?;
	let turns = network.every_slot_filled(16).within(60).await?;
	assert_eq!(turns.filled()["bob"], 4);

	// He builds on the same final chain as everybody else.
	let height = network.last_final().await?;
	network.final_chain(height).await?;

	network.stop().await
}
