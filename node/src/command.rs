//! Runs what the command line asks for, and explains failures.

use crate::{
	cli::{Cli, Subcommand},
	conduct::{Conduct, SharedConduct},
	service,
};
use sc_cli::{Error, Result, SubstrateCli};
use sc_network::{config::NetworkBackendType, Litep2pNetworkBackend, NetworkWorker};
use sc_service::PartialComponents;
use std::{process::ExitCode, sync::Arc};
use vigil_runtime::opaque::{Block, Hash};

/// Do what the command line says, as a node of this conduct. If it fails, print what went wrong and what
/// to do about it.
pub fn run(conduct: impl Conduct) -> ExitCode {
	match dispatch(Cli::parse_args(), Arc::new(conduct)) {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("Error: {error}");
			if let Some(advice) = advice(&error.to_string()) {
				eprintln!("{advice}");
			}
			ExitCode::FAILURE
		}
	}
}

/// Words of errors that a database gives which lost something, in lower case.
const DAMAGED: [&str; 8] = [
	"corrupt",
	"database",
	"backend error",
	"invalid metadata",
	"bad checksum",
	"`:code` hash not found",
	"state already discarded",
	"unknown block",
];

/// An error that has it says itself what to do.
const ADVISED: &str = "purge-chain";

/// What to do about an error whose own words do not say it.
fn advice(error: &str) -> Option<&'static str> {
	let error = error.to_lowercase();
	let any = |needles: &[&str]| needles.iter().any(|needle| error.contains(needle));
	if any(&["address already in use", "addrinuse"]) {
		Some(
			"Another program uses a port that this node wants. Stop it, or choose other ports with \
			 --port, --rpc-port and --prometheus-port.",
		)
	} else if any(&["no space left", "disk full", "enospc"]) {
		Some("The disk is full. Make room and start again: finished blocks are kept.")
	} else if any(&["genesis mismatch", "invalid chain, expected"]) {
		Some(
			"The database belongs to another chain. Give another --base-path, or remove it with \
			 `vigil-node purge-chain`.",
		)
	} else if any(&["database file is in use"]) {
		Some("Another node uses this database. Stop it, or give another --base-path.")
	} else if DAMAGED.iter().any(|sign| error.contains(sign)) && !error.contains(ADVISED) {
		Some(service::DATABASE_ADVICE)
	} else if any(&["networkkeynotfound", "network key"]) {
		Some(
			"An authority keeps the identity that others know it by. Make one with `vigil-node key \
			 generate-node-key --chain CHAIN --base-path DIR`, or give --node-key-file.",
		)
	} else {
		None
	}
}

fn dispatch(cli: Cli, conduct: SharedConduct) -> Result<()> {
	match &cli.subcommand {
		None => run_node(cli, conduct),
		Some(Subcommand::Key(cmd)) => cmd.run(&cli),
		Some(Subcommand::HeartbeatKey(cmd)) => cmd.run(&cli),
		Some(Subcommand::BuildSpec(cmd)) =>
		{
			#[allow(deprecated)]
			cli.create_runner(cmd)?
				.sync_run(|config| cmd.run(config.chain_spec, config.network))
		}
		Some(Subcommand::ExportChainSpec(cmd)) => {
			let spec = cli.load_spec(&cmd.chain)?;
			cmd.run(spec)
		}
		Some(Subcommand::CheckBlock(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let PartialComponents {
				client,
				task_manager,
				import_queue,
				..
			} = service::new_partial(&config)?;
			Ok((cmd.run(client, import_queue), task_manager))
		}),
		Some(Subcommand::ExportBlocks(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let PartialComponents {
				client,
				task_manager,
				..
			} = service::new_partial(&config)?;
			Ok((cmd.run(client, config.database), task_manager))
		}),
		Some(Subcommand::ExportState(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let PartialComponents {
				client,
				task_manager,
				..
			} = service::new_partial(&config)?;
			Ok((cmd.run(client, config.chain_spec), task_manager))
		}),
		Some(Subcommand::ImportBlocks(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let PartialComponents {
				client,
				task_manager,
				import_queue,
				..
			} = service::new_partial(&config)?;
			Ok((cmd.run(client, import_queue), task_manager))
		}),
		Some(Subcommand::PurgeChain(cmd)) => cli
			.create_runner(cmd)?
			.sync_run(|config| cmd.run(config.database)),
		Some(Subcommand::Revert(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let PartialComponents {
				client,
				task_manager,
				backend,
				..
			} = service::new_partial(&config)?;
			let revert_finality = Box::new(|client, _, blocks| {
				sc_consensus_grandpa::revert(client, blocks)?;
				Ok(())
			});
			Ok((
				cmd.run(client, backend, Some(revert_finality)),
				task_manager,
			))
		}),
		Some(Subcommand::ChainInfo(cmd)) => cli
			.create_runner(cmd)?
			.sync_run(|config| cmd.run::<Block>(&config)),
	}
}

fn run_node(cli: Cli, conduct: SharedConduct) -> Result<()> {
	// The SDK's server takes a random port instead of a taken one, and nobody finds it there.
	let named = cli.run.rpc_params.experimental_rpc_endpoint.is_empty();
	let options = service::Options {
		vigil: cli.vigil.clone(),
		storage_monitor: cli.storage_monitor.clone(),
		conduct,
	};
	cli.create_runner(&cli.run)?
		.run_node_until_exit(|mut config| async move {
			for endpoint in config.rpc.addr.iter_mut().flatten() {
				if named {
					endpoint.retry_random_port = false;
				} else {
					crate::cli::guard(endpoint);
				}
			}
			match config.network.network_backend {
				NetworkBackendType::Litep2p => {
					service::new_full::<Litep2pNetworkBackend>(config, options)
				}
				NetworkBackendType::Libp2p => {
					service::new_full::<NetworkWorker<Block, Hash>>(config, options)
				}
			}
			.map_err(Error::Service)
		})
}

#[cfg(test)]
mod tests {
	use super::advice;

	#[test]
	fn known_failures_come_with_advice() {
		for (error, expected) in [
			("Address already in use (os error 98)", "--rpc-port"),
			("Backend error: Corruption: bad checksum", "purge-chain"),
			(
				"State Database error: Trying to insert block with invalid number",
				"purge-chain",
			),
			(
				"Backend error: Database file is in use. (Resource temporarily unavailable)",
				"Another node",
			),
			("IO error: No space left on device", "disk is full"),
			(
				"NetworkKeyNotFound(\"/x/secret_ed25519\")",
				"generate-node-key",
			),
		] {
			let advice = advice(error).expect("is known");
			assert!(advice.contains(expected), "{error}: {advice}");
		}
	}

	#[test]
	fn other_failures_are_left_as_they_are() {
		assert_eq!(advice("Invalid input: what?"), None);
	}
}
