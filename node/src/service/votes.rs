//! Keeps a witness from voting with a database that does not know its earlier votes.
//!
//! GRANDPA remembers its votes in the database. Started with a new database, or with a backup, it
//! votes again in rounds it voted in before, and whoever kept the earlier votes can prove a double
//! vote. So a file beside the keys says which of them voted with which database, and a key votes
//! with no other.
//!
//! The name is a random one, changed at every start, so that a backup has an old one. The file also
//! says how far a database was, so that one which lost its end is another one.

use super::voting_keys::VotingKeys;
use sc_client_api::AuxStore;
use sc_service::{ChainType, Configuration};
use sp_blockchain::HeaderBackend;
use sp_core::H256;
use sp_keystore::KeystorePtr;
use sp_runtime::key_types;
use std::{
	collections::{BTreeMap, BTreeSet},
	fmt,
	path::{Path, PathBuf},
	str::FromStr,
	sync::Arc,
	time::{Duration, Instant},
};
use substrate_prometheus_endpoint::{register, Gauge, PrometheusError, Registry, U64};
use vigil_runtime::opaque::Block;

pub(super) const LOG_TARGET: &str = "grandpa";

/// The first line of the file.
const TAG: &str = "vigil-witness/1";
/// The file, in the directory of the keys: whoever moves them takes it along.
const FILE: &str = "witness-record";
/// Where the database keeps its name.
const NAME: &[u8] = b"vigil_witness_database";
/// A database may lose this much of its end to a loss of power. Longer than the system keeps what
/// it was given to write.
const UNSAFE: Duration = Duration::from_secs(120);
/// Blocks of that time, with room for those that come faster than one a slot after a standstill.
const UNSAFE_BLOCKS: u32 = 300;
/// A key that does not vote is told of this often.
const REMINDER: Duration = Duration::from_secs(3600);

/// The keys that the voter may use: none if this node only follows.
pub(super) fn keystore<Client>(
	config: &Configuration,
	client: &Arc<Client>,
	keys: KeystorePtr,
) -> Result<Option<KeystorePtr>, PrometheusError>
where
	Client: AuxStore + HeaderBackend<Block> + 'static,
{
	if !config.role.is_authority() || config.disable_grandpa {
		return Ok(None);
	}
	// Networks for tests begin again with the same keys, and nothing is at stake.
	if matches!(
		config.chain_spec.chain_type(),
		ChainType::Development | ChainType::Local
	) {
		return Ok(Some(keys));
	}
	let held_back = held_back(config.prometheus_registry())?;
	let last_final = {
		let client = client.clone();
		move || client.info().finalized_number
	};
	let path = super::keys_directory(config).join(FILE);
	Ok(match Record::open(&path, &**client, last_final) {
		Ok(mut record) => {
			record.held_back = held_back;
			Some(Arc::new(VotingKeys::new(keys, record)))
		}
		Err(error) => {
			log::error!(
				target: LOG_TARGET,
				"This node follows finality and does not vote, until it is started again without \
				 this fault: {error}",
			);
			let has_keys = !keys.ed25519_public_keys(key_types::GRANDPA).is_empty();
			if let Some(held_back) = held_back.filter(|_| has_keys) {
				held_back.set(1);
			}
			None
		}
	})
}

/// The database has lost votes: none of its keys may vote again.
pub(crate) fn forget_name(database: &impl AuxStore) -> sp_blockchain::Result<()> {
	database.insert_aux(&[], &[NAME])
}

/// For the operator's alarms.
fn held_back(registry: Option<&Registry>) -> Result<Option<Gauge<U64>>, PrometheusError> {
	let gauge = |registry| {
		let help = "Whether this node must not vote with the key it was last to vote with";
		register(Gauge::new("vigil_witness_held_back", help)?, registry)
	};
	registry.map(gauge).transpose()
}

/// A database, and the keys that voted with it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Database {
	/// What it may be called: after a loss of power its last name may not have been kept.
	names: Vec<H256>,
	/// A final block that it surely has, as far as a loss of power goes.
	last_final: u32,
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
	/// The node starts with the database that is called `found` and whose last final block is
	/// `last_final`, and calls it `name` from now on.
	fn start(&mut self, found: Option<H256>, last_final: u32, name: H256) {
		self.others.push(std::mem::take(&mut self.present));
		let known = found.and_then(|found| {
			let is_it = |database: &Database| {
				database.names.contains(&found)
					&& database.last_final <= last_final.saturating_add(UNSAFE_BLOCKS)
			};
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
			writeln!(f, "\nfinal {}", database.last_final)?;
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
			let hash = |word| H256::from_str(word).map_err(|_| ());
			match (what, others.last_mut()) {
				(Some("database"), _) => others.push(Database {
					names: words.map(hash).collect::<Result<_, _>>()?,
					..Database::default()
				}),
				(Some("final"), Some(database)) => {
					let number = words.next().and_then(|word| word.parse().ok());
					database.last_final = number.ok_or(())?;
				}
				(Some("voted"), Some(database)) => {
					database.voted.insert(hash(words.next().ok_or(())?)?);
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
	last_final: Box<dyn Fn() -> u32 + Send>,
	/// The last final block when it was settled last.
	settling: u32,
	/// The start, or the last attempt to settle.
	since: Instant,
	told: BTreeMap<H256, Instant>,
	held_back: Option<Gauge<U64>>,
}

impl Record {
	/// Read the file, and give the database a new name.
	fn open(
		path: &Path,
		database: &impl AuxStore,
		last_final: impl Fn() -> u32 + Send + 'static,
	) -> Result<Self, String> {
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
		memory.start(found, last_final(), name);
		let record = Self {
			path: path.to_path_buf(),
			memory,
			last_final: Box::new(last_final),
			settling: 0,
			since: Instant::now(),
			told: BTreeMap::new(),
			held_back: None,
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
		let may = self.decide(key);
		if let Some(held_back) = &self.held_back {
			held_back.set(u64::from(!may));
		}
		may
	}

	fn decide(&mut self, key: H256) -> bool {
		if self.memory.is_elsewhere(&key) {
			if self.is_to_tell(key) {
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
				if self.is_to_tell(key) {
					log::error!(target: LOG_TARGET, "This node does not vote yet: {error}");
				}
				return false;
			}
			self.memory = memory;
		}
		self.settle();
		true
	}

	fn is_to_tell(&mut self, key: H256) -> bool {
		let told = self.told.get(&key);
		let due = told.is_none_or(|told| told.elapsed() > REMINDER);
		if due {
			self.told.insert(key, Instant::now());
		}
		due
	}

	/// Forget the earlier name of the database, once its present one is surely kept, and write down
	/// how far it is.
	fn settle(&mut self) {
		if self.since.elapsed() < UNSAFE {
			return;
		}
		self.since = Instant::now();
		let mut memory = self.memory.clone();
		let present = &mut memory.present;
		present.names.drain(..present.names.len().saturating_sub(1));
		let settled = std::mem::replace(&mut self.settling, (self.last_final)());
		present.last_final = present.last_final.max(settled);
		if memory == self.memory {
			return;
		}
		match self.write(&memory) {
			Ok(()) => self.memory = memory,
			Err(error) => {
				log::warn!(target: LOG_TARGET, "An old backup of the database would be taken for it: {error}")
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
