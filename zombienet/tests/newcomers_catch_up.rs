//! Whoever comes late is soon where everybody is.

use anyhow::Result;
use vigil_stories::Network;

/// The chain is some dozens of blocks long when two nodes join. Fiona executes every block since
/// genesis; Wendy warps: she proves finality first, fetches one state, and fills in the past
/// afterwards. Both end up with the final chain of the others and follow it.
#[tokio::test]
async fn newcomers_catch_up() -> Result<()> {
	let mut network = Network::local("newcomers_catch_up").start().await?;
	network.finality_reaches(40).within(60).await?;
	let height = network.last_final().await?;

	// A full node joins and has every block, executed.
	network.join("fiona", "full").await?;
	network.has_bodies("fiona", height).within(30).await?;

	// A warping node joins. It took the proof and the state, not the long way, …
	network.join("wendy", "warp").await?;
	network
		.log_line("wendy", "Warp sync is complete")
		.within(30)
		.await?;
	network
		.log_line("wendy", "State sync is complete")
		.within(30)
		.await?;

	// … and fetches the bodies of the past afterwards.
	network.has_bodies("wendy", height).within(30).await?;

	// Both follow what becomes final from now on, and it is what everybody has.
	let height = network.last_final().await?;
	network.finality_reaches(height + 10).within(30).await?;
	network.final_chain(height + 10).await?;

	network.stop().await
}
