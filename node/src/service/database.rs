//! Opens the database, and refuses one that has lost what it held.
//!
//! ParityDB and the SDK take a database without metadata, or without a final state, for a new one
//! and begin the chain again in it. A witness that starts so has forgotten its votes and may vote
//! twice; everybody else has lost what was final without a word.

use super::partial::{FullBackend, FullClient, HostFunctions};
use sc_client_api::Backend;
use sc_executor::WasmExecutor;
use sc_service::{Configuration, Error, GenesisBlockBuilder, KeystoreContainer, TaskManager};
use sc_telemetry::TelemetryHandle;
use sp_blockchain::HeaderBackend;
use std::{
	fs::{File, TryLockError},
	path::{Path, PathBuf},
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc, Once,
	},
	time::{Duration, Instant},
};
use vigil_runtime::{opaque::Block, RuntimeApi};

/// What to do about a database that cannot be used.
pub(crate) const ADVICE: &str =
	"The database cannot be used. What is final is safe on the other nodes: restore a backup, or \
	 remove the database with `vigil-node purge-chain` (keys stay) and start with `--sync warp` to \
	 fetch the chain again. A witness then only follows, until it has new session keys.";

type Parts = (FullClient, Arc<FullBackend>, KeystoreContainer, TaskManager);

/// The client on its database, and what the SDK makes along with it.
pub(super) fn open(
	config: &Configuration,
	telemetry: Option<TelemetryHandle>,
	executor: WasmExecutor<HostFunctions>,
) -> Result<Parts, Error> {
	// First, so that a faulty specification leaves no half-made database behind.
	let storage = config
		.chain_spec
		.as_storage_builder()
		.build_storage()
		.map_err(|error| faulty_genesis(config, &error))?;

	let path = config.database.path().map(Path::to_path_buf);
	let old = match &path {
		Some(path) => exists(path)?,
		None => false,
	};
	if let Some(path) = path.clone() {
		explain_panics(path);
	}
	let backend = sc_service::new_db_backend::<Block>(config.db_config())?;
	OPENED.store(true, Ordering::Relaxed);
	let chain = backend.blockchain();
	// A warp sync that was interrupted has no final state yet, and goes on.
	let stateless = chain.info().finalized_state.is_none() && !config.no_genesis();
	if old && (stateless || chain.hash(0)?.is_none()) {
		return Err(lost(
			"it lacks its genesis or its last final state. Its files are damaged, or a warp sync \
			 was interrupted and is not to go on",
		));
	}
	let genesis = GenesisBlockBuilder::new_with_storage(
		storage,
		!config.no_genesis(),
		backend.clone(),
		executor.clone(),
	)?;
	let parts = sc_service::new_full_parts_with_genesis_builder::<Block, RuntimeApi, _, _>(
		config, telemetry, executor, backend, genesis, false,
	)
	.map_err(|error| match error {
		Error::Client(error) if !old => faulty_genesis(config, &error.to_string()),
		error => error,
	})?;
	if let Some(path) = path {
		note_begun(&path)?;
	}
	Ok(parts)
}

/// What to tell about a specification whose genesis cannot be built.
fn faulty_genesis(config: &Configuration, error: &str) -> Error {
	// The SDK adds the whole genesis, or the trace of a trap, on further lines.
	let error = error.lines().next().unwrap_or_default();
	Error::Other(format!(
		"the chain specification of `{}` has a genesis that cannot be built: {error}. Is its \
		 `genesis` section, the code of the runtime above all, complete and of this version? Fetch \
		 the specification again, or write it anew with `vigil-node export-chain-spec`",
		config.chain_spec.name()
	))
}

/// A file of ours among those of the database: it has held blocks. ParityDB's own do not tell, what
/// is new may be in its log only, and what it cannot read there it removes.
const BEGUN: &str = "vigil-begun";

/// What the names of the files begin with that hold headers: column 4 of the SDK's. Where the
/// database was copied without the file above, they tell.
const HEADERS: &str = "table_04_";

/// Whether there is a database that has held blocks.
fn exists(path: &Path) -> Result<bool, Error> {
	let named = |prefix: &str| {
		std::fs::read_dir(path).is_ok_and(|mut entries| {
			entries.any(|entry| {
				entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
			})
		})
	};
	let old = named(BEGUN) || named(HEADERS);
	if old && !named("metadata") {
		return Err(lost("its file `metadata` is missing"));
	}
	Ok(old)
}

/// Write down that the database holds blocks.
fn note_begun(path: &Path) -> Result<(), Error> {
	let file = path.join(BEGUN);
	if file.exists() {
		return Ok(());
	}
	let text = b"A chain is kept here. Without its blocks the node does not begin anew.\n";
	vigil_heartbeat::record::replace_file(&file, text)
		.map_err(|error| Error::Other(format!("cannot write {}: {error}", file.display())))
}

/// The file by which ParityDB keeps others out.
const LOCK: &str = "lock";

/// Whether this process has opened a database. One that is locked may be another's.
static OPENED: AtomicBool = AtomicBool::new(false);

/// Closing takes well under a second; a call that RPC still works on may take longer.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(5);

/// Wait until the database is closed: all that is new is in its tables then, and not in its log only.
/// The runtime that the SDK has for RPC ends in the background, and may be the last that has the
/// database.
pub(crate) fn wait_until_closed(path: &Path) {
	if !OPENED.load(Ordering::Relaxed) {
		return;
	}
	let Ok(lock) = File::open(path.join(LOCK)) else {
		return;
	};
	let start = Instant::now();
	while matches!(lock.try_lock(), Err(TryLockError::WouldBlock)) {
		if start.elapsed() > PATIENCE {
			log::warn!(
				"The database is not closed after {} s. What is new stays in its log, and is read \
				 from there at the next start",
				PATIENCE.as_secs(),
			);
			return;
		}
		std::thread::sleep(PAUSE);
	}
}

fn lost(what: &str) -> Error {
	Error::Other(format!("the database is not whole: {what}. {ADVICE}"))
}

/// ParityDB has no checksums: it panics, in a thread of its own, where damaged files lead it
/// astray. Say what that means; a trace would send the operator to us rather than to the backup.
fn explain_panics(path: PathBuf) {
	static ONCE: Once = Once::new();
	ONCE.call_once(|| {
		let previous = std::panic::take_hook();
		std::panic::set_hook(Box::new(move |info| {
			let location = info.location().map(|location| location.file());
			if !location.is_some_and(|file| file.contains("parity-db")) {
				return previous(info);
			}
			let cause = info.payload_as_str().unwrap_or("unknown");
			eprintln!(
				"Error: the database at {} is damaged: {cause}\n{ADVICE}",
				path.display()
			);
			// As the hook of the SDK does: a node without database serves nobody.
			std::process::exit(1);
		}));
	});
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_database_is_new_whole_or_lost() {
		let dir = tempfile::tempdir().expect("a directory");
		let write = |name: &str| std::fs::write(dir.path().join(name), "").expect("written");
		assert!(!exists(&dir.path().join("none")).expect("is new"));
		for name in ["metadata", "table_02_07", "log0"] {
			write(name);
			assert!(!exists(dir.path()).expect("was interrupted"));
		}
		write("table_04_33");
		assert!(exists(dir.path()).expect("is whole"));
		std::fs::remove_file(dir.path().join("table_04_33")).expect("removed");
		for _ in 0..2 {
			note_begun(dir.path()).expect("is written");
			assert!(exists(dir.path()).expect("is whole"));
		}
		std::fs::remove_file(dir.path().join("metadata")).expect("removed");
		let message = exists(dir.path()).expect_err("is lost").to_string();
		assert!(
			message.contains("metadata") && message.contains("purge-chain"),
			"{message}"
		);
	}
}
