//! Runs what the command line asks for, and explains failures.

use crate::{
	cli::{Cli, Subcommand},
	conduct::{Conduct, SharedConduct},
	service,
};
use sc_cli::{Error, Result, SubstrateCli};
use sc_network::{config::NetworkBackendType, Litep2pNetworkBackend, NetworkWorker};
use sc_service::PartialComponents;
use sp_blockchain::HeaderBackend;
use std::{path::Path, process::ExitCode, sync::Arc};
use vigil_runtime::opaque::{Block, Hash};

/// Do what the command line says, as a node of this conduct. If it fails, print what went wrong and what
/// to do about it.
pub fn run(conduct: impl Conduct) -> ExitCode {
	let cli = Cli::parse_args();
	// The others may be asked for what is not there.
	let signs = match cli.subcommand {
		None => &DAMAGED[..],
		Some(_) => &BROKEN[..],
	};
	match dispatch(cli, Arc::new(conduct)) {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("Error: {error}");
			if let Some(advice) = advice(&error.to_string(), signs) {
				eprintln!("{advice}");
			}
			ExitCode::FAILURE
		}
	}
}

/// Words of errors that a database gives which lost something, in lower case.
const DAMAGED: [&str; 8] = [
	"corrupt",
	"state database error",
	"backend error",
	"invalid metadata",
	"bad checksum",
	"`:code` hash not found",
	"state already discarded",
	"unknown block",
];

/// Those among them that say so whatever one wants of the database.
const BROKEN: [&str; 4] = [
	"corrupt",
	"invalid metadata",
	"bad checksum",
	"`:code` hash not found",
];

/// An error that has it says itself what to do.
const ADVISED: &str = "purge-chain";

/// What to do about an error whose own words do not say it. `damaged` are the signs of a database
/// that lost something.
fn advice(error: &str, damaged: &[&str]) -> Option<&'static str> {
	let error = error.to_lowercase();
	let any = |needles: &[&str]| needles.iter().any(|needle| error.contains(needle));
	if any(&["address already in use", "addrinuse"]) {
		Some(
			"Another program uses a port that this node wants. Stop it, or choose other ports with \
			 --port, --rpc-port and --prometheus-port.",
		)
	} else if any(&["no space left", "disk full", "enospc"]) {
		Some("The disk is full. Make room and start again: finished blocks are kept.")
	} else if any(&[
		"permission denied",
		"operation not permitted",
		"read-only file system",
	]) {
		Some(
			"This user has no access to it; nothing is damaged. Give it the file, or all below the base \
			 path (`chown -R`), or run the node as the user who has them.",
		)
	} else if any(&[
		"too many open files",
		"cannot allocate memory",
		"out of memory",
	]) {
		Some(
			"The system does not give the node what it needs; nothing is damaged. Raise the limit (`ulimit \
			 -n`, or LimitNOFILE= of the service), or free memory, and start again.",
		)
	} else if any(&["input/output error", "structure needs cleaning"]) {
		Some(
			"The disk fails. See what the kernel says (`dmesg`), and copy the base path to another disk \
			 before anything else. A witness must not vote with a copy that lacks its last votes: start \
			 that one with --no-grandpa first.",
		)
	} else if any(&["genesis mismatch", "invalid chain, expected"]) {
		Some(
			"The database belongs to another chain. Give another --base-path, or remove it with \
			 `vigil-node purge-chain`.",
		)
	} else if any(&["database file is in use"]) {
		Some("Another node uses this database. Stop it, or give another --base-path.")
	} else if any(damaged) && !error.contains(ADVISED) {
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
			let revert_finality = Box::new(|client: Arc<service::FullClient>, _, blocks| {
				let info = client.info();
				if info.best_number > info.finalized_number && blocks > 0 {
					// GRANDPA forgets its votes then.
					service::forget_name(&*client)?;
				}
				Ok(sc_consensus_grandpa::revert(client, blocks)?)
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
	let runner = cli.create_runner(&cli.run)?;
	let database = runner.config().database.path().map(Path::to_path_buf);
	let ended = runner.run_node_until_exit(|mut config| async move {
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
	});
	if let Some(database) = database {
		service::wait_until_closed(&database);
	}
	ended
}

#[cfg(test)]
mod tests {
	use super::*;

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
			let advice = advice(error, &DAMAGED).expect("is known");
			assert!(advice.contains(expected), "{error}: {advice}");
		}
	}

	#[test]
	fn nobody_is_told_to_remove_a_database_that_is_not_damaged() {
		for (error, expected) in [
			("Permission denied (os error 13)", "nothing is damaged"),
			("Read-only file system (os error 30)", "nothing is damaged"),
			("Too many open files (os error 24)", "LimitNOFILE"),
			("Cannot allocate memory (os error 12)", "nothing is damaged"),
			("Input/output error (os error 5)", "The disk fails"),
			("No space left on device (os error 28)", "disk is full"),
		] {
			let error = format!("Service(Client(Backend(\"Backend error: IO Error: {error}\")))");
			let advice = advice(&error, &DAMAGED).expect("is known");
			assert!(advice.contains(expected), "{error}: {advice}");
			assert!(!advice.contains("purge"), "{error}: {advice}");
		}
	}

	#[test]
	fn other_failures_are_left_as_they_are() {
		assert_eq!(advice("Invalid input: what?", &DAMAGED), None);
		let path = "the chain specification /srv/database/spec.json cannot be read";
		assert_eq!(advice(path, &DAMAGED), None);
	}

	#[test]
	fn who_asks_for_what_is_not_there_is_not_told_to_remove_what_is() {
		for error in [
			"Unknown block",
			"UnknownBlock: State already discarded for 0x12",
		] {
			assert_eq!(advice(error, &BROKEN), None);
			assert!(advice(error, &DAMAGED).is_some());
		}
	}
}
