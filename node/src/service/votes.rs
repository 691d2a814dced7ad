//! Keeps a witness from voting with a database that does not know its earlier votes.
//!
//! GRANDPA remembers its votes in the database. Started with a new database, or with a backup, it
//! votes again in rounds it voted in before, and whoever kept the earlier votes can prove a double
//! vote. So a file beside the database says which keys voted with which database: what is in
//! there by another name of the database does not vote again.
//!
//! The name is a random one, changed at every start, so that a backup has an old one.

use super::voting_keys::VotingKeys;
use sc_client_api::AuxStore;
use sc_service::{ChainType, Configuration};
use sp_core::H256;
use sp_keystore::KeystorePtr;
use std::{
	collections::BTreeSet,
	fmt,
	path::{Path, PathBuf},
	str::FromStr,
	sync::Arc,
	time::{Duration, Instant},
};

pub(super) const LOG_TARGET: &str = "grandpa";

/// The first line of the file.
const TAG: &str = "vigil-witness/1";
/// The file, in the directory of the chain: `purge-chain` leaves it there.
const FILE: &str = "witness-record";
/// Where the database keeps its name.
const NAME: &[u8] = b"vigil_witness_database";
/// A database may lose this much of its end to a loss of power. Longer than the system keeps what
/// it was given to write.
const UNSAFE: Duration = Duration::from_secs(120);

/// The keys that the voter may use: none if this node only follows.
pub(super) fn keystore<Client: AuxStore>(
	config: &Configuration,
	client: &Client,
	keys: KeystorePtr,
) -> Option<KeystorePtr> {
	if !config.role.is_authority() || config.disable_grandpa {
		return None;
	}
	// Networks for tests begin again with the same keys, and nothing is at stake.
	if matches!(
		config.chain_spec.chain_type(),
		ChainType::Development | ChainType::Local
	) {
		return Some(keys);
	}
	let directory = config.base_path.config_dir(config.chain_spec.id());
	match Record::open(&directory.join(FILE), client) {
		Ok(record) => Some(Arc::new(VotingKeys::new(keys, record))),
		Err(error) => {
			log::error!(target: LOG_TARGET, "This node follows finality and does not vote: {error}");
			None
		}
	}
}

/// What the file says.
#[derive(Clone, Debug, Default, PartialEq)]
struct Memory {
	/// Names of the database that knows the votes of `voted`. The last is its present one.
	databases: Vec<H256>,
	/// Keys that may have voted with this database, and with no other.
	voted: BTreeSet<H256>,
	/// Keys that voted with a database that is gone.
	forgotten: BTreeSet<H256>,
}

impl Memory {
	/// The node starts with the database that is called `found`, and calls it `name` from now on.
	fn start(&mut self, found: Option<H256>, name: H256) {
		let found = found.filter(|found| self.databases.contains(found));
		if found.is_none() {
			self.forgotten.append(&mut self.voted);
		}
		self.databases = found.into_iter().chain([name]).collect();
	}

	/// Forget all names but the present one.
	fn settle(&mut self) {
		let old = self.databases.len().saturating_sub(1);
		self.databases.drain(..old);
	}
}

impl fmt::Display for Memory {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		writeln!(f, "{TAG}")?;
		for (what, hashes) in [
			("database", self.databases.iter().collect::<Vec<_>>()),
			("voted", self.voted.iter().collect()),
			("forgotten", self.forgotten.iter().collect()),
		] {
			for hash in hashes {
				writeln!(f, "{what} {hash:?}")?;
			}
		}
		Ok(())
	}
}

impl FromStr for Memory {
	type Err = ();

	fn from_str(text: &str) -> Result<Self, ()> {
		let mut memory = Self::default();
		let lines = text.strip_prefix(TAG).ok_or(())?.lines();
		for line in lines.skip(1) {
			let (what, hash) = line.split_once(' ').ok_or(())?;
			let hash = H256::from_str(hash).map_err(|_| ())?;
			match what {
				"database" => memory.databases.push(hash),
				"voted" => drop(memory.voted.insert(hash)),
				"forgotten" => drop(memory.forgotten.insert(hash)),
				_ => return Err(()),
			}
		}
		// One way to write it; what was cut off or changed does not come back.
		let whole = !memory.databases.is_empty() && memory.to_string() == text;
		whole.then_some(memory).ok_or(())
	}
}

/// The memory, its file, and what was said about it already.
pub(super) struct Record {
	path: PathBuf,
	memory: Memory,
	started: Instant,
	told: BTreeSet<H256>,
}

impl Record {
	/// Read the file, and give the database a new name.
	fn open(path: &Path, database: &impl AuxStore) -> Result<Self, String> {
		let mut memory = match std::fs::read_to_string(path) {
			Ok(text) => Memory::from_str(&text).map_err(|()| damaged(path))?,
			Err(error) if error.kind() == std::io::ErrorKind::NotFound => Memory::default(),
			Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
				return Err(damaged(path))
			}
			Err(error) => {
				return Err(format!(
					"cannot read {}: {error}. Give this user access to it; do not delete it",
					path.display()
				))
			}
		};
		let found = database
			.get_aux(NAME)
			.map_err(|error| error.to_string())?
			.filter(|name| name.len() == H256::len_bytes())
			.map(|name| H256::from_slice(&name));
		let name = H256::random();
		memory.start(found, name);
		let record = Self {
			path: path.to_path_buf(),
			memory,
			started: Instant::now(),
			told: BTreeSet::new(),
		};
		// The file first: it knows the old name and the new one.
		record.write(&record.memory)?;
		database
			.insert_aux(&[(NAME, &name[..])], &[])
			.map_err(|error| error.to_string())?;
		Ok(record)
	}

	/// Whether this key, which a witness has now, may vote. Writes it down first.
	pub(super) fn may_vote(&mut self, key: H256) -> bool {
		if self.memory.forgotten.contains(&key) {
			if self.told.insert(key) {
				log::error!(
					target: LOG_TARGET,
					"This node does not vote with the key {key:?}: it voted before, with a database \
					 that is not this one, and could now contradict itself, which costs its place. \
					 Finality is followed. Rotate the session keys (docs/runbooks/keys.md): this node \
					 votes by itself when the new ones are in use. {} knows of the votes",
					self.path.display(),
				);
			}
			return false;
		}
		let mut memory = self.memory.clone();
		memory.voted.insert(key);
		if self.started.elapsed() > UNSAFE {
			memory.settle();
		}
		if memory == self.memory {
			return true;
		}
		match self.write(&memory) {
			Ok(()) => {
				self.memory = memory;
				true
			}
			// Votes that are known to be this database's can go on.
			Err(_) if self.memory.voted.contains(&key) => true,
			Err(error) => {
				if self.told.insert(key) {
					log::error!(target: LOG_TARGET, "This node does not vote yet: {error}");
				}
				false
			}
		}
	}

	fn write(&self, memory: &Memory) -> Result<(), String> {
		vigil_heartbeat::record::replace_file(&self.path, memory.to_string().as_bytes()).map_err(
			|error| {
				format!(
					"cannot write {}: {error}. Is the disk full, or another user's?",
					self.path.display()
				)
			},
		)
	}
}

fn damaged(path: &Path) -> String {
	format!(
		"{} is damaged, so nobody knows which keys voted with another database. Rotate the session \
		 keys, delete the file when the new ones are in use, and start again",
		path.display()
	)
}

#[cfg(test)]
mod tests;
