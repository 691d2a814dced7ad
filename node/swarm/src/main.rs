//! `vigil-swarm`: many stakers at once, with keys that anybody can recompute. For tests and
//! measurements, never for value.

mod period;
mod speed;
mod state;
mod traffic;

use clap::Parser;
use std::{error::Error, path::PathBuf, process::ExitCode};

/// Many stakers at once: chain specifications and periods full of them.
#[derive(Debug, Parser)]
enum Command {
	/// Write a raw chain specification whose registry is full of test keys.
	Spec(SpecCmd),

	/// Execute one period in which all stakers are recorded: real blocks, in wasm, against a database
	/// on disk. Prints what they cost.
	Period(PeriodCmd),

	/// Measure how many heartbeats a core verifies, one by one and in batches.
	Speed,

	/// Tell what heartbeats weigh on the wire.
	Traffic,
}

/// See [`Command::Spec`].
#[derive(Debug, Parser)]
struct SpecCmd {
	/// Stakers, with the test keys 0 to N - 1.
	#[arg(long, value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
	stakers: u32,

	/// Slots of a period.
	#[arg(long, default_value_t = 21, value_parser = clap::value_parser!(u32).range(5..=14_400))]
	period_slots: u32,

	/// The raw specification to start from.
	#[arg(long, value_name = "FILE")]
	base: PathBuf,

	/// Where to write.
	#[arg(long, value_name = "FILE")]
	out: PathBuf,
}

/// See [`Command::Period`].
#[derive(Debug, Parser)]
struct PeriodCmd {
	/// Stakers.
	#[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
	stakers: u32,

	/// How many of a hundred are present.
	#[arg(long, default_value_t = 95, value_parser = clap::value_parser!(u32).range(1..=100))]
	present: u32,

	/// Memory for a cache of the state, in MiB. Without, every read goes to the database.
	#[arg(long, default_value_t = 0)]
	trie_cache_mib: usize,

	/// The raw specification to start from.
	#[arg(long, value_name = "FILE")]
	base: PathBuf,

	/// Where the database is built. Without, in the directory for temporary files.
	#[arg(long, value_name = "DIRECTORY")]
	directory: Option<PathBuf>,
}

fn main() -> ExitCode {
	let done = match Command::parse() {
		Command::Spec(cmd) => spec(&cmd),
		Command::Period(cmd) => period(&cmd),
		Command::Speed => {
			println!("{:#}", speed::measure());
			Ok(())
		}
		Command::Traffic => {
			println!("{:#}", traffic::measure());
			Ok(())
		}
	};
	match done {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("Error: {error}");
			ExitCode::FAILURE
		}
	}
}

fn spec(cmd: &SpecCmd) -> Result<(), Box<dyn Error>> {
	let mut spec = state::Spec::read(&cmd.base)?;
	let storage = state::fill(spec.storage()?, cmd.stakers, cmd.period_slots)?;
	spec.replace(storage)?;
	spec.write(&cmd.out)
}

fn period(cmd: &PeriodCmd) -> Result<(), Box<dyn Error>> {
	let storage = state::Spec::read(&cmd.base)?.storage()?;
	eprintln!("filling a registry of {} stakers", cmd.stakers);
	let storage = state::fill(storage, cmd.stakers, period::LIVE_PERIOD_SLOTS)?;
	let directory = match &cmd.directory {
		Some(directory) => tempfile::tempdir_in(directory)?,
		None => tempfile::tempdir()?,
	};
	let report = period::run(
		storage,
		directory.path(),
		cmd.trie_cache_mib,
		cmd.stakers,
		cmd.present,
	)?;
	println!("{report:#}");
	Ok(())
}
