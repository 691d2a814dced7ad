//! `vigil-node heartbeat-key`: the keys of stakers.

use crate::{cli::Cli, service::heartbeat::keys};
use clap::Parser;
use sc_cli::{Error, KeystoreParams, Result, SharedParams, SubstrateCli};
use sc_service::config::KeystoreConfig;
use sp_core::{
	crypto::{Ss58Codec, Zeroize},
	hexdisplay::HexDisplay,
	sr25519,
};
use std::{io::Read, path::PathBuf};
use vigil_heartbeat::bls::SecretKey;
use vigil_heartbeat_primitives::Hash;

/// Bytes of the longest phrase that is read.
const MAX_PHRASE: u64 = 1_024;

/// Make and inspect the keys of stakers, which sign heartbeats.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum HeartbeatKeyCmd {
	/// Make a new key and put it into the node's keystore directory. Prints the public key. The
	/// secret stays in its file: back that up, nobody can restore it.
	Generate(GenerateCmd),

	/// Show the public key of a secret, or of all keys in the keystore directory.
	Inspect(InspectCmd),

	/// Show the proof that the owner of an order has the secret of its key. It is worth nothing to
	/// others, and nothing on another chain.
	Prove(ProveCmd),
}

/// Where the keys are.
#[derive(Debug, clap::Args)]
struct Place {
	#[command(flatten)]
	shared: SharedParams,
	#[command(flatten)]
	keystore: KeystoreParams,
}

/// Whose secret it is.
#[derive(Debug, clap::Args)]
struct Secret {
	/// A phrase, a seed (0x and 64 digits) or a derivation such as //Alice; `-` reads it from the
	/// standard input, where no other program sees it. Without, the keys in the keystore directory.
	#[arg(long, value_name = "SURI")]
	suri: Option<String>,
}

/// See [`HeartbeatKeyCmd::Generate`].
#[derive(Debug, Parser)]
pub(crate) struct GenerateCmd {
	#[command(flatten)]
	place: Place,
}

/// See [`HeartbeatKeyCmd::Inspect`].
#[derive(Debug, Parser)]
pub(crate) struct InspectCmd {
	#[command(flatten)]
	secret: Secret,
	#[command(flatten)]
	place: Place,
}

/// See [`HeartbeatKeyCmd::Prove`].
#[derive(Debug, Parser)]
pub(crate) struct ProveCmd {
	/// The account that owns the order, as an address.
	#[arg(long, value_name = "ADDRESS")]
	owner: String,

	/// The genesis hash of the chain, 0x and 64 digits; `genesis` for a key that becomes part of a
	/// genesis, whose hash is not known yet.
	#[arg(long, value_name = "HASH")]
	genesis: String,

	#[command(flatten)]
	secret: Secret,
	#[command(flatten)]
	place: Place,
}

impl HeartbeatKeyCmd {
	/// Do it.
	pub(crate) fn run(&self, cli: &Cli) -> Result<()> {
		match self {
			Self::Generate(cmd) => cmd.run(cli),
			Self::Inspect(cmd) => cmd.run(cli),
			Self::Prove(cmd) => cmd.run(cli),
		}
	}
}

impl Place {
	fn directory(&self, cli: &Cli) -> Result<PathBuf> {
		let base = self
			.shared
			.base_path()?
			.unwrap_or_else(|| sc_service::BasePath::from_project("", "", &Cli::executable_name()));
		let chain = self.shared.chain_id(self.shared.is_dev());
		let spec = cli.load_spec(&chain)?;
		let config = base.config_dir(spec.id());
		match self.keystore.keystore_config(&config)? {
			KeystoreConfig::Path { path, .. } => Ok(path),
			KeystoreConfig::InMemory => Ok(config),
		}
	}
}

impl Secret {
	fn load(&self, place: &Place, cli: &Cli) -> Result<Vec<SecretKey>> {
		let Some(suri) = &self.suri else {
			let directory = place.directory(cli)?;
			let secrets = keys::load(&directory, None).map_err(failed)?;
			if secrets.is_empty() {
				return Err(Error::Input(format!(
					"there is no heartbeat key in {}. Make one with `heartbeat-key generate`, or name a \
					 secret with --suri",
					directory.display()
				)));
			}
			return Ok(secrets);
		};
		let mut suri = match suri.as_str() {
			"-" => {
				let mut phrase = String::new();
				std::io::stdin()
					.take(MAX_PHRASE)
					.read_to_string(&mut phrase)?;
				phrase
			}
			other => other.to_owned(),
		};
		let secret = keys::from_suri(suri.trim()).map_err(failed);
		suri.zeroize();
		Ok(vec![secret?])
	}
}

impl GenerateCmd {
	fn run(&self, cli: &Cli) -> Result<()> {
		let secret = SecretKey::generate(&rand::random());
		let path = keys::store(&self.place.directory(cli)?, &secret).map_err(failed)?;
		println!("Public key:  0x{}", HexDisplay::from(&secret.public().0));
		println!("Secret in:   {}", path.display());
		Ok(())
	}
}

impl InspectCmd {
	fn run(&self, cli: &Cli) -> Result<()> {
		for secret in self.secret.load(&self.place, cli)? {
			println!("Public key:  0x{}", HexDisplay::from(&secret.public().0));
		}
		Ok(())
	}
}

impl ProveCmd {
	fn run(&self, cli: &Cli) -> Result<()> {
		let owner = sr25519::Public::from_ss58check(&self.owner)
			.map_err(|error| Error::Input(format!("--owner {}: {error}", self.owner)))?;
		let genesis = genesis_hash(&self.genesis)?;
		for secret in self.secret.load(&self.place, cli)? {
			let proof = secret.prove(&genesis, &owner.0);
			println!("Public key:  0x{}", HexDisplay::from(&secret.public().0));
			println!("Proof:       0x{}", HexDisplay::from(&proof.0));
		}
		Ok(())
	}
}

fn genesis_hash(given: &str) -> Result<Hash> {
	if given == "genesis" {
		return Ok(Hash::default());
	}
	sp_core::bytes::from_hex(given)
		.ok()
		.and_then(|bytes| Hash::try_from(bytes).ok())
		.ok_or_else(|| {
			Error::Input(format!(
				"--genesis {given}: give 0x and 64 digits (the RPC method chain_getBlockHash of block 0 \
				 tells it), or the word `genesis`"
			))
		})
}

fn failed(error: keys::KeyError) -> Error {
	Error::Application(Box::new(error))
}

#[cfg(test)]
mod tests {
	use super::*;
	use vigil_runtime::presets;

	/// The stakers of a preset, as its genesis has them.
	fn stakers(preset: &str) -> Vec<serde_json::Value> {
		let patch = presets::get_preset(&preset.into()).expect("exists");
		let patch: serde_json::Value = serde_json::from_slice(&patch).expect("is JSON");
		let stakers = patch["heartbeat"]["stakers"].as_array();
		stakers.expect("is a list").clone()
	}

	#[test]
	fn the_stakers_of_the_presets_have_the_keys_of_their_names() {
		let names = [
			"Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie", "One", "Two",
		];
		let stakers = stakers(presets::STAGING);
		assert_eq!(stakers.len(), names.len());
		for (name, staker) in names.into_iter().zip(stakers) {
			let secret = keys::from_suri(&format!("//{name}")).expect("is a secret");
			let owner = staker["owner"].as_str().expect("is an address");
			let owner = sr25519::Public::from_ss58check(owner).expect("is an address");
			let proof = secret.prove(&genesis_hash("genesis").expect("is known"), &owner.0);
			let hex = |bytes: &[u8]| format!("0x{}", HexDisplay::from(&bytes));
			assert_eq!(staker["key"], hex(&secret.public().0), "{name}");
			assert_eq!(staker["proof"], hex(&proof.0), "{name}");
		}
	}

	#[test]
	fn a_genesis_hash_is_64_digits_or_the_word() {
		assert_eq!(genesis_hash("genesis").expect("is known"), [0; 32]);
		let digits = format!("0x{}", "ab".repeat(32));
		assert_eq!(genesis_hash(&digits).expect("is a hash"), [0xab; 32]);
		for wrong in ["", "0x12", "abc"] {
			let error = genesis_hash(wrong).expect_err("is no hash").to_string();
			assert!(error.contains("64 digits"), "{error}");
		}
	}
}
