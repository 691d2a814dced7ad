//! Keeps a witness from voting with a database that does not know its earlier votes.
//!
//! GRANDPA remembers its votes in the database. Started with a new database, or with a backup, it
//! votes again in rounds it voted in before, and whoever kept the earlier votes can prove a double
//! vote. So a file beside the database says which keys voted with which database, and a key votes
//! with no other.
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

/// A database, and the keys that voted with it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Database {
	/// What it may be called: after a loss of power its last name may not have been kept.
	names: Vec<H256>,
	/// Keys that may have voted with this database, and with no other.
	voted: BTreeSet<H256>,
}

/// What the file says.
#[derive(Clone, Debug, Default, PartialEq)]
struct Memory {
	/// Databases that were there before, for the keys that voted with them.
	others: Vec<Database>,
	present: Database,
}

impl Memory {
	/// The node starts with the database that is called `found`, and calls it `name` from now on.
	fn start(&mut self, found: Option<H256>, name: H256) {
		self.others.push(std::mem::take(&mut self.present));
		let known = found.and_then(|found| {
			let is_it = |database: &Database| database.names.contains(&found);
			self.others.iter().position(is_it)
		});
		if let Some(index) = known {
			self.present = self.others.remove(index);
		}
		self.present.names = found.filter(|_| known.is_some()).into_iter().collect();
		self.present.names.push(name);
		self.others.retain(|database| !database.voted.is_empty());
	}

	/// Whether the key voted with another database.
	fn is_elsewhere(&self, key: &H256) -> bool {
		let mut others = self.others.iter();
		others.any(|database| database.voted.contains(key))
	}
}

impl fmt::Display for Memory {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		writeln!(f, "{TAG}")?;
		for database in self.others.iter().chain([&self.present]) {
			write!(f, "database")?;
			for name in &database.names {
				write!(f, " {name:?}")?;
			}
			writeln!(f)?;
			for key in &database.voted {
				writeln!(f, "voted {key:?}")?;
			}
		}
		Ok(())
	}
}

impl FromStr for Memory {
	type Err = ();

	fn from_str(text: &str) -> Result<Self, ()> {
		let mut others = Vec::<Database>::new();
		let lines = text.strip_prefix(TAG).ok_or(())?.lines();
		for line in lines.skip(1) {
			let mut words = line.split(' ');
			let what = words.next();
			let mut hashes = words.map(|hash| H256::from_str(hash).map_err(|_| ()));
			match (what, others.last_mut()) {
				(Some("database"), _) => others.push(Database {
					names: hashes.collect::<Result<_, _>>()?,
					voted: BTreeSet::new(),
				}),
				(Some("voted"), Some(database)) => {
					database.voted.insert(hashes.next().ok_or(())??);
				}
				_ => return Err(()),
			}
		}
		let present = others.pop().ok_or(())?;
		let memory = Self { others, present };
		// One way to write it; what was cut off or changed does not come back.
		(memory.to_string() == text).then_some(memory).ok_or(())
	}
}

/// The memory, its file, and what was said about it already.
pub(super) struct Record {
	path: PathBuf,
	memory: Memory,
	/// The start, or the last attempt to settle.
	since: Instant,
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
			since: Instant::now(),
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
		if self.memory.is_elsewhere(&key) {
			if self.told.insert(key) {
				log::error!(
					target: LOG_TARGET,
					"This node does not vote with the key {key:?}: it voted with another database than \
					 this one, and could now contradict itself, which costs its place. Finality is \
					 followed. Is the old database still there? Else rotate the session keys \
					 (docs/runbooks/keys.md): this node votes by itself when the new ones are in use. \
					 If finality stands still for want of this vote, see docs/runbooks/node.md. {} \
					 knows which key voted with what",
					self.path.display(),
				);
			}
			return false;
		}
		if !self.memory.present.voted.contains(&key) {
			let mut memory = self.memory.clone();
			memory.present.voted.insert(key);
			if let Err(error) = self.write(&memory) {
				if self.told.insert(key) {
					log::error!(target: LOG_TARGET, "This node does not vote yet: {error}");
				}
				return false;
			}
			self.memory = memory;
		}
		self.settle();
		true
	}

	/// Forget the earlier name of the database, once its present one is surely kept.
	fn settle(&mut self) {
		if self.memory.present.names.len() < 2 || self.since.elapsed() < UNSAFE {
			return;
		}
		let mut memory = self.memory.clone();
		memory.present.names.remove(0);
		match self.write(&memory) {
			Ok(()) => self.memory = memory,
			Err(error) => {
				log::warn!(target: LOG_TARGET, "An old backup of the database would be taken for it: {error}");
				self.since = Instant::now();
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
