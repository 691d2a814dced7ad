//! A light client needs a chain spec and one peer, and trusts neither.

use anyhow::Result;
use vigil_stories::{client, Network};

/// A full node offers a WebSocket. smoldot is given the raw chain spec and this one address; it
/// checks finality for itself and is told of one finalised head after the other.
#[tokio::test]
async fn a_light_client_follows() -> Result<()> {
	let mut network = Network::local("light_client_follows").start().await?;
	network.finality_reaches(10).within(40).await?;
	network.join("fiona", "full").await?;

	// It hears of twenty finalised heads in a row.
	let spec = network.chain_spec().display().to_string();
	let peer = network.multiaddr("fiona")?;
	let report = client("light-client", &[&spec, &peer, "20"], 60).await?;
	assert!(report["seen"].as_u64() >= Some(20), "{report}");

	// The last of them is final, and the same, on a witness.
	let number = report["number"].as_u64().expect("a block number");
	network.finality_reaches(number).within(10).await?;
	assert_eq!(report["hash"], network.final_hash("eve", number).await?);

	network.stop().await
}
