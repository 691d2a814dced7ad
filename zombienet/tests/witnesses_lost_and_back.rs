//! Without a quorum of witnesses nothing becomes final, and producers do not run away from what is.

use anyhow::Result;
use vigil_stories::Network;

/// Authoring stops when more blocks than this are not final.
const BOUND: u32 = 24;

/// The witnesses are four, three are a quorum. Eve is killed: nothing changes. Ferdie is killed:
/// finality stops where it is, and the producers, all of whom still run, stop when the stated number
/// of blocks waits. Both witnesses return: the waiting blocks become final, new ones follow, and
/// not one final block is another than before.
#[tokio::test]
async fn witnesses_are_lost_until_finality_stops_and_come_back() -> Result<()> {
	let story = Network::local("witnesses_lost_and_back").max_unfinalized(BOUND);
	let mut network = story.start().await?;
	network.finality_reaches(10).within(40).await?;

	// One of four witnesses goes: finality goes on.
	network.kill("eve").await?;
	let height = network.last_final().await?;
	network.finality_reaches(height + 20).within(30).await?;

	// A second goes: finality stops, and with it, at the bound, authoring.
	network.kill("ferdie").await?;
	let stall = network.standstill().within(60).await?;
	assert_eq!(stall.unfinalized(), u64::from(BOUND));

	// What was final before the outage.
	let before = network.final_chain(stall.last_final).await?;

	// Both return: nobody has to help, the blocks that waited become final and many more.
	network.start("eve").await?;
	network.start("ferdie").await?;
	network.finality_reaches(stall.best + 20).within(60).await?;

	// Nothing that was final was lost.
	assert_eq!(network.final_chain(stall.last_final).await?, before);

	// Authoring is back to what it was: every slot is filled.
	network.every_slot_filled(16).within(30).await?;

	network.stop().await
}
