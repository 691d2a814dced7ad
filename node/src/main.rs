//! The Vigil node: producer, witness or full node of a Vigil network.

mod chain_spec;
mod cli;
mod command;
mod heartbeat_key;
mod rpc;
mod service;

fn main() -> std::process::ExitCode {
	command::run()
}
