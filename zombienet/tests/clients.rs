//! Clients that know nothing of Vigil work with it as they are.

use anyhow::Result;
use serde_json::json;
use vigil_stories::{client, Network};

/// `@polkadot/api` connects to a witness that produces nothing. It reads metadata in every version
/// there is, and three transfers signed at once are final a moment later.
#[tokio::test]
async fn polkadot_js_signs_and_finalises_transfers() -> Result<()> {
	let network = Network::local("polkadot_js").start().await?;
	network.finality_reaches(3).within(40).await?;

	let report = client("polkadot-js", &[&network.ws_url("eve")?], 60).await?;

	// Metadata comes in the versions 14, 15 and 16 (and as the newest that is not yet stable).
	let versions: Vec<u64> = serde_json::from_value(report["metadata"].clone())?;
	assert!(
		[14, 15, 16]
			.iter()
			.all(|version| versions.contains(version)),
		"{versions:?}"
	);

	// Each of the three can be read.
	for (read, version) in report["read"]
		.as_array()
		.expect("a list of metadata")
		.iter()
		.zip([14, 15, 16])
	{
		assert_eq!(
			(&read["magic"], &read["version"]),
			(&json!("meta"), &json!(version))
		);
		assert!(read["length"].as_u64() > Some(10_000), "{read}");
	}

	// It speaks of the pallets of this chain.
	let pallets: Vec<String> = serde_json::from_value(report["pallets"].clone())?;
	assert!(["Aura", "Grandpa", "Session"]
		.iter()
		.all(|p| pallets.contains(&p.to_string())));

	// All three transfers succeeded and arrived.
	let transfers = report["transfers"].as_array().expect("a list of transfers");
	assert!(
		transfers.iter().all(|transfer| transfer["error"].is_null()),
		"{transfers:?}"
	);
	assert_eq!(report["received"], json!("3"));

	// The node agrees that their blocks are final.
	let block = transfers[2]["block"].as_str().expect("a block hash");
	let number = network.number_of("alice", block).await?;
	assert_eq!(network.final_hash("alice", number).await?, block);

	network.stop().await
}

/// Charlie, producer and witness, replaces his session keys while everything runs. Keys with
/// somebody else's proof are refused and change nothing; his own are queued, are in use two
/// session edges later, and with them he produces and witnesses as before.
#[tokio::test]
async fn session_keys_rotate_with_a_proof_of_ownership() -> Result<()> {
	let mut network = Network::local("session_keys")
		.epoch_periods(2)
		.start()
		.await?;
	network.finality_reaches(3).within(40).await?;
	let charlie = network.ws_url("charlie")?;

	// A proof made for another owner is refused, and the old keys stay.
	let report = client("session-keys", &[&charlie, "Charlie", "submit"], 60).await?;
	assert_eq!(report["refused"], "session.InvalidProof");
	assert_eq!(report["keptAfterRefusal"], true);

	// The proof made for Charlie is accepted, and the new keys wait for their session.
	assert_eq!(report["accepted"], true);
	assert_eq!(report["stored"], true);

	// At the second edge from here, epochs being 42 slots, they are those that Aura and GRANDPA use.
	client("session-keys", &[&charlie, "Charlie", "seated"], 70).await?;

	// With them Charlie still takes every turn, and finality crossed the change of witnesses.
	let turns = network.every_slot_filled(16).within(40).await?;
	assert_eq!(turns.filled()["charlie"], 4);

	// His new vote counts: without Ferdie three of four are left, and all three are needed.
	network.kill("ferdie").await?;
	let height = network.last_final().await?;
	network.finality_reaches(height + 10).within(30).await?;

	network.stop().await
}

/// `polkadot-api` transfers through the new JSON-RPC, without descriptors made for this chain.
#[tokio::test]
async fn polkadot_api_transfers() -> Result<()> {
	let network = Network::local("polkadot_api").start().await?;
	network.finality_reaches(3).within(40).await?;

	// The transfer succeeds and arrives.
	let report = client("papi", &[&network.ws_url("eve")?], 60).await?;
	assert_eq!(report["ok"], true);
	assert_eq!(report["received"], json!("1"));

	// The block it names is final on another node.
	let number = report["block"].as_u64().expect("a block number");
	network.finality_reaches(number).within(10).await?;
	assert_eq!(report["hash"], network.final_hash("alice", number).await?);

	network.stop().await
}

/// chopsticks forks the chain from a node that keeps its states and continues it alone: a block
/// with a transfer that the network never hears of.
#[tokio::test]
async fn chopsticks_forks_and_builds_a_block() -> Result<()> {
	let network = Network::local("chopsticks").archive().start().await?;
	network.finality_reaches(3).within(40).await?;

	let report = client("chopsticks", &[&network.ws_url("eve")?], 90).await?;

	// Its block stands on one of ours and carries the transfer.
	let forked = report["forked"].as_u64().expect("a block number");
	assert_eq!(report["built"], forked + 1);
	assert_eq!(report["parent"], report["forkedHash"]);
	assert_eq!(report["received"], json!("1"));

	// The one it stands on became final; where its own would be, the network has another.
	network.finality_reaches(forked + 1).within(10).await?;
	assert_eq!(
		network.final_hash("alice", forked).await?,
		report["forkedHash"]
	);
	assert_ne!(
		network.final_hash("alice", forked + 1).await?,
		report["builtHash"]
	);

	network.stop().await
}
