//! Flags and subcommands: the standard ones, and a few of ours.

use crate::{chain_spec, heartbeat_key::HeartbeatKeyCmd, service::TIE_FROM};
use clap::{value_parser, CommandFactory, FromArgMatches, Parser};
use sc_cli::{ChainSpec, KeySubcommand, RunCmd, SubstrateCli};
use sc_service::{config::RpcEndpoint, RpcMethods};

/// How many blocks may be without finality before authors stop, unless a flag says otherwise.
pub(crate) const DEFAULT_MAX_UNFINALIZED: u32 = 64;

/// How long a finality message is expected to travel, in milliseconds, unless a flag says
/// otherwise. `docs/performance.md` has the measurements behind it.
pub(crate) const DEFAULT_GRANDPA_GOSSIP_MS: u64 = 75;

/// Whose web pages may use the RPC server, unless a flag says otherwise.
const RPC_ORIGINS: &str = "http://localhost:*,http://127.0.0.1:*,https://localhost:*,\
	https://127.0.0.1:*,https://polkadot.js.org";

/// A node of a Vigil network.
#[derive(Debug, Parser)]
pub(crate) struct Cli {
	/// What to do instead of running a node.
	#[command(subcommand)]
	pub(crate) subcommand: Option<Subcommand>,

	/// How to run the node.
	#[command(flatten)]
	pub(crate) run: RunCmd,

	/// What is special to Vigil.
	#[command(flatten)]
	pub(crate) vigil: VigilParams,

	/// When to stop because the disk is full.
	#[command(flatten)]
	pub(crate) storage_monitor: sc_storage_monitor::StorageMonitorParams,
}

/// What is special to Vigil.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct VigilParams {
	/// Stop making blocks while this many are not final. It bounds what an honest network can
	/// lose to a reorganisation. Every producer of a network should use the same value.
	#[arg(
		long,
		value_name = "BLOCKS",
		default_value_t = DEFAULT_MAX_UNFINALIZED,
		value_parser = value_parser!(u32).range(i64::from(TIE_FROM)..=100)
	)]
	pub(crate) max_unfinalized: u32,

	/// Make blocks even without finality. A last resort, when everybody agrees on it and nothing
	/// else helps: the blocks may all be reverted.
	#[arg(long)]
	pub(crate) author_without_finality: bool,

	/// How long a finality message is expected to travel, in milliseconds. Shorter is faster and
	/// costs more messages; it must exceed the real delay between witnesses. Every witness of a
	/// network should use the same value.
	#[arg(
		long,
		value_name = "MILLISECONDS",
		default_value_t = DEFAULT_GRANDPA_GOSSIP_MS,
		value_parser = value_parser!(u64).range(10..=10_000)
	)]
	pub(crate) grandpa_gossip_ms: u64,

	/// Vote as the SDK does by itself: two blocks behind the best one, and for three quarters of what
	/// is not final. To measure what that costs.
	#[arg(long, hide = true)]
	pub(crate) grandpa_stock_voting_rules: bool,

	/// Send heartbeats with the key of this secret, such as `//Alice`. For test networks: everybody
	/// sees the command line. `--alice` and its like imply it. Real keys are made with
	/// `heartbeat-key generate`.
	#[arg(long, value_name = "SURI")]
	pub(crate) heartbeat_suri: Option<String>,

	/// Send the heartbeats of so many test keys, whose secrets everybody knows. For networks made
	/// by `vigil-swarm`.
	#[arg(long, value_name = "COUNT", hide = true, value_parser = value_parser!(u32).range(1..=1 << 20))]
	pub(crate) heartbeat_test_keys: Option<u32>,
}

/// What else the binary does.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Subcommand {
	/// Make and inspect keys, and put them into a keystore.
	#[command(subcommand)]
	Key(KeySubcommand),

	/// Make and inspect the keys of stakers, which sign heartbeats.
	#[command(subcommand)]
	HeartbeatKey(HeartbeatKeyCmd),

	/// Build a chain specification (older form of `export-chain-spec`).
	#[allow(deprecated)]
	BuildSpec(sc_cli::BuildSpecCmd),

	/// Write a chain specification, plain or raw.
	ExportChainSpec(sc_cli::ExportChainSpecCmd),

	/// Check blocks of the database again.
	CheckBlock(sc_cli::CheckBlockCmd),

	/// Write blocks to a file.
	ExportBlocks(sc_cli::ExportBlocksCmd),

	/// Write the state of a block as a chain specification.
	ExportState(sc_cli::ExportStateCmd),

	/// Read blocks from a file.
	ImportBlocks(sc_cli::ImportBlocksCmd),

	/// Remove the database of a chain. Keys stay. A witness then needs new session keys to vote.
	PurgeChain(sc_cli::PurgeChainCmd),

	/// Go back to an earlier block, at most to the last final one. A witness then needs new session
	/// keys to vote, because what it voted is forgotten. A node that stands on a fork needs none of
	/// this, with one exception that the run-book names: it changes over by itself.
	Revert(sc_cli::RevertCmd),

	/// Show what the database knows of the chain.
	ChainInfo(sc_cli::ChainInfoCmd),
}

impl Cli {
	/// The command line of this process. Exits with a message when it cannot be understood.
	pub(crate) fn parse_args() -> Self {
		let matches = Self::with_our_defaults().get_matches();
		<Self as FromArgMatches>::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
	}

	/// The standard flags, with the defaults that a chain of half-second blocks needs.
	fn with_our_defaults() -> clap::Command {
		describe_dev(Self::setup_command(Self::command()))
			// 256 blocks would be two minutes: too little for a client that follows the chain.
			.mut_arg("state_pruning", |arg| {
				arg.default_value("4096").long_help(
					"How many final blocks keep their state: a number, `archive` for all blocks, or \
					 `archive-canonical` for all final ones. A database keeps the mode with which it \
					 was made; the number may change",
				)
			})
			.mut_arg("no_grandpa", |arg| {
				arg.help("Do not vote for finality").long_help(
					"Do not vote for finality. A producer or witness follows it all the same. Any other \
					 node does not: it learns what is final only while it catches up and where the set \
					 of witnesses changes, and its heartbeats fail",
				)
			})
			// Three quarters of a minute of full blocks: some 370 transfers fit into one by their weight.
			.mut_arg("pool_limit", |arg| arg.default_value("32768"))
			.mut_arg("pool_kbytes", |arg| arg.default_value("65536"))
			// A web page can open a WebSocket to any port of the reader's own machine. Unsafe calls
			// are therefore refused even there, unless they are asked for.
			.mut_arg("rpc_methods", |arg| arg.default_value("safe"))
			// Also with --dev: developers visit web pages more than anybody.
			.mut_arg("rpc_cors", |arg| {
				arg.default_value(RPC_ORIGINS).long_help(
					"Origins whose web pages may use the RPC server, separated by commas, or \
					 `all`. `:*` stands for any port",
				)
			})
	}
}

/// Say what `--dev` does here, for every command that has it: the SDK's words promise more.
fn describe_dev(command: clap::Command) -> clap::Command {
	let has_dev = command.get_arguments().any(|arg| arg.get_id() == "dev");
	let command = command.mut_subcommands(describe_dev);
	if !has_dev {
		return command;
	}
	command.mut_arg("dev", |arg| {
		arg.long_help(
			"Use the development chain, of one node.\n\nTo run a node it stands for `--chain=dev`, \
			 `--force-authoring`, `--alice` and `--tmp`, unless these are given otherwise, and no peers \
			 are looked for on the local network. Who may use the RPC server is the same with and \
			 without it; see `--rpc-cors`",
		)
	})
}

/// Give an endpoint of `--experimental-rpc-endpoint` the defaults that the other flags have.
pub(crate) fn guard(endpoint: &mut RpcEndpoint) {
	if matches!(endpoint.rpc_methods, RpcMethods::Auto) {
		endpoint.rpc_methods = RpcMethods::Safe;
	}
	match &endpoint.cors {
		// The server takes these for names of origins, and the second one ends it.
		Some(origins) if origins.iter().any(|it| it == "all" || it == "*") => endpoint.cors = None,
		// Elsewhere, a list would also keep out everybody who calls this machine by its name.
		None if endpoint.listen_addr.ip().is_loopback() => {
			endpoint.cors = Some(RPC_ORIGINS.split(',').map(Into::into).collect());
		}
		_ => {}
	}
}

impl SubstrateCli for Cli {
	fn impl_name() -> String {
		"Vigil Node".into()
	}

	fn impl_version() -> String {
		env!("SUBSTRATE_CLI_IMPL_VERSION").into()
	}

	fn executable_name() -> String {
		"vigil-node".into()
	}

	fn description() -> String {
		env!("CARGO_PKG_DESCRIPTION").into()
	}

	fn author() -> String {
		"The Vigil developers".into()
	}

	fn support_url() -> String {
		"see README.md and docs/runbooks".into()
	}

	fn copyright_start_year() -> i32 {
		2026
	}

	fn load_spec(&self, id: &str) -> Result<Box<dyn ChainSpec>, String> {
		chain_spec::load(id)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sc_cli::arg_enums::NetworkBackendType;
	use sc_cli::TransactionPoolType;

	fn parse(args: &[&str]) -> Cli {
		let args = std::iter::once("vigil-node").chain(args.iter().copied());
		let matches = Cli::with_our_defaults().get_matches_from(args);
		Cli::from_arg_matches(&matches).expect("valid")
	}

	#[test]
	fn the_command_line_is_sound() {
		Cli::with_our_defaults().debug_assert();
	}

	#[test]
	fn unsafe_calls_need_to_be_asked_for() {
		let methods = |args: &[&str]| format!("{:?}", parse(args).run.rpc_params.rpc_methods);
		assert_eq!(methods(&[]), "Safe");
		assert_eq!(methods(&["--dev"]), "Safe");
		assert_eq!(methods(&["--rpc-methods", "unsafe"]), "Unsafe");
	}

	#[test]
	fn web_pages_of_strangers_are_not_welcome_even_with_dev() {
		let origins = |args: &[&str]| parse(args).run.rpc_params.rpc_cors(true).expect("valid");
		let default = origins(&["--dev"]).expect("is a list");
		assert_eq!(default.len(), 5);
		assert!(default
			.iter()
			.all(|origin| !origin.contains(char::is_whitespace)));
		assert_eq!(origins(&["--dev", "--rpc-cors", "all"]), None);
	}

	#[test]
	fn endpoints_get_the_defaults_of_the_other_flags() {
		let guarded = |text: &str| {
			let flags = ["--experimental-rpc-endpoint", text];
			let params = parse(&flags).run.rpc_params;
			let endpoints = params.rpc_addr(true, false, 9944).expect("valid");
			let mut endpoint = endpoints.expect("one").remove(0).into();
			guard(&mut endpoint);
			(format!("{:?}", endpoint.rpc_methods), endpoint.cors)
		};
		let list = |origins: &str| Some(origins.split(',').map(String::from).collect::<Vec<_>>());
		let safe = || "Safe".to_string();
		for (text, expected) in [
			("listen-addr=127.0.0.1:9944", (safe(), list(RPC_ORIGINS))),
			(
				"listen-addr=[::1]:9944,methods=auto",
				(safe(), list(RPC_ORIGINS)),
			),
			(
				"listen-addr=127.0.0.1:9944,methods=unsafe",
				("Unsafe".into(), list(RPC_ORIGINS)),
			),
			(
				"listen-addr=127.0.0.1:9944,cors=https://a.example",
				(safe(), list("https://a.example")),
			),
			("listen-addr=127.0.0.1:9944,cors=*", (safe(), None)),
			("listen-addr=127.0.0.1:9944,cors=all", (safe(), None)),
			("listen-addr=0.0.0.0:9944", (safe(), None)),
		] {
			assert_eq!(guarded(text), expected, "{text}");
		}
	}

	#[test]
	fn help_promises_no_more_than_there_is() {
		fn check(command: &mut clap::Command) {
			let help = command.render_long_help().to_string();
			for wrong in ["--rpc-cors=all", "allow all origins"] {
				assert!(!help.contains(wrong), "{}: {wrong}", command.get_name());
			}
			command.get_subcommands_mut().for_each(check);
		}
		let mut command = Cli::with_our_defaults();
		let help = command.render_long_help().to_string();
		assert!(
			!help.contains("[default: 256]"),
			"blocks that keep their state are 4096"
		);
		check(&mut command);
	}

	#[test]
	fn our_defaults_give_way_to_flags() {
		let pool = parse(&["--pool-limit", "7"]).run.pool_config;
		assert_eq!((pool.pool_limit, pool.pool_kbytes), (7, 65_536));
		assert!(matches!(pool.pool_type, TransactionPoolType::ForkAware));
		let backend = |args: &[&str]| parse(args).run.network_params.network_backend;
		assert_eq!(backend(&[]), NetworkBackendType::Litep2p);
		let other = backend(&["--network-backend", "libp2p"]);
		assert_eq!(other, NetworkBackendType::Libp2p);
	}

	#[test]
	fn the_unfinalised_bound_has_a_range() {
		for wrong in ["0", "7", "101", "many"] {
			assert!(Cli::with_our_defaults()
				.try_get_matches_from(["vigil-node", "--max-unfinalized", wrong])
				.is_err());
		}
	}
}
