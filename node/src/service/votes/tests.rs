use super::{Database as Entry, *};
use sp_core::crypto::key_types::{AURA, GRANDPA};
use sp_keystore::{testing::MemoryKeystore, Keystore};
use std::{
	collections::HashMap,
	sync::{
		atomic::{AtomicU32, Ordering},
		Mutex,
	},
};

/// A database in memory. A clone is a backup of it.
#[derive(Default)]
struct Database {
	entries: Mutex<HashMap<Vec<u8>, Vec<u8>>>,
	last_final: Arc<AtomicU32>,
}

impl Database {
	fn finalise(&self, number: u32) {
		self.last_final.store(number, Ordering::Relaxed);
	}
}

impl Clone for Database {
	fn clone(&self) -> Self {
		let last_final = self.last_final.load(Ordering::Relaxed);
		Self {
			entries: Mutex::new(self.entries.lock().unwrap().clone()),
			last_final: Arc::new(last_final.into()),
		}
	}
}

impl AuxStore for Database {
	fn insert_aux<'a, 'b: 'a, 'c: 'a, I, D>(
		&self,
		insert: I,
		delete: D,
	) -> sp_blockchain::Result<()>
	where
		I: IntoIterator<Item = &'a (&'c [u8], &'c [u8])>,
		D: IntoIterator<Item = &'a &'b [u8]>,
	{
		let mut entries = self.entries.lock().unwrap();
		for (key, value) in insert {
			entries.insert(key.to_vec(), value.to_vec());
		}
		for key in delete {
			entries.remove(*key);
		}
		Ok(())
	}

	fn get_aux(&self, key: &[u8]) -> sp_blockchain::Result<Option<Vec<u8>>> {
		Ok(self.entries.lock().unwrap().get(key).cloned())
	}
}

fn key(number: u8) -> H256 {
	H256::repeat_byte(number)
}

struct Node {
	directory: tempfile::TempDir,
}

impl Node {
	fn new() -> Self {
		let directory = tempfile::tempdir().unwrap();
		Self { directory }
	}

	fn path(&self) -> PathBuf {
		self.directory.path().join(FILE)
	}

	fn start(&self, database: &Database) -> Record {
		self.try_start(database).expect("is whole")
	}

	fn try_start(&self, database: &Database) -> Result<Record, String> {
		let last_final = database.last_final.clone();
		Record::open(&self.path(), database, move || {
			last_final.load(Ordering::Relaxed)
		})
	}

	fn refusal(&self, database: &Database) -> String {
		self.try_start(database).err().expect("is refused")
	}

	/// As if it had run for an hour.
	fn runs_long(&self, database: &Database) {
		let mut record = self.start(database);
		record.since = Instant::now().checked_sub(2 * UNSAFE).unwrap();
		assert!(record.may_vote(key(1)));
		assert_eq!(record.memory.present.names.len(), 1);
	}
}

#[test]
fn a_witness_votes_on_with_its_own_database() {
	let (node, database) = (Node::new(), Database::default());
	for _ in 0..3 {
		assert!(node.start(&database).may_vote(key(1)));
	}
	node.runs_long(&database);
	assert!(node.start(&database).may_vote(key(1)));
}

#[test]
fn a_new_database_does_not_vote_with_keys_of_the_old_one() {
	let (node, database) = (Node::new(), Database::default());
	assert!(node.start(&database).may_vote(key(1)));
	let database = Database::default();
	// Nor does it the next time, when the new database has a name.
	for _ in 0..3 {
		let mut record = node.start(&database);
		assert!(!record.may_vote(key(1)));
		assert!(record.may_vote(key(2)), "a new key votes");
	}
}

#[test]
fn a_backup_does_not_vote_either() {
	let (node, database) = (Node::new(), Database::default());
	node.runs_long(&database);
	let backup = database.clone();
	node.runs_long(&database);
	assert!(!node.start(&backup).may_vote(key(1)));
}

#[test]
fn a_database_that_lost_its_end_does_not_vote_either() {
	let (node, database) = (Node::new(), Database::default());
	node.runs_long(&database);
	database.finalise(1_000);
	// A snapshot of the last run has the same name as the database itself.
	let mut record = node.start(&database);
	let snapshot = database.clone();
	for last_final in [10_000, 20_000] {
		database.finalise(last_final);
		record.since = Instant::now().checked_sub(2 * UNSAFE).unwrap();
		assert!(record.may_vote(key(1)));
	}
	for _ in 0..2 {
		let mut record = node.start(&snapshot);
		assert!(!record.may_vote(key(1)));
		assert!(record.may_vote(key(2)), "a new key votes");
		snapshot.finalise(30_000);
	}
	assert!(node.start(&database).may_vote(key(1)), "it is whole");
}

#[test]
fn a_loss_of_power_costs_no_vote() {
	let (node, database) = (Node::new(), Database::default());
	let mut record = node.start(&database);
	// It was away, and fetches what others made, hundreds of blocks a second.
	for last_final in [50_000, 100_000, 150_000] {
		database.finalise(last_final);
		record.since = Instant::now().checked_sub(2 * UNSAFE).unwrap();
		assert!(record.may_vote(key(1)));
	}
	assert_eq!(record.memory.present.last_final, 100_000);
	database.finalise(100_000 - UNSAFE_BLOCKS);
	assert!(node.start(&database).may_vote(key(1)));
	database.finalise(100_000 - UNSAFE_BLOCKS - 1);
	assert!(!node.start(&database).may_vote(key(1)));
}

#[test]
fn a_key_that_is_held_back_is_seen() {
	let (node, database) = (Node::new(), Database::default());
	let gauge = held_back(Some(&Registry::new())).unwrap();
	let mut record = node.start(&database);
	record.held_back = gauge.clone();
	let shown = || gauge.as_ref().map(|gauge| gauge.get());
	assert!(record.may_vote(key(1)));
	assert_eq!(shown(), Some(0));
	let mut record = node.start(&Database::default());
	record.held_back = gauge.clone();
	assert!(!record.may_vote(key(1)));
	assert_eq!(shown(), Some(1));
	assert!(!record.is_to_tell(key(1)), "it was told");
	let before = Instant::now().checked_sub(2 * REMINDER).unwrap();
	record.told.insert(key(1), before);
	assert!(record.is_to_tell(key(1)), "and is told again");
}

#[test]
fn a_database_that_comes_back_votes_again() {
	let (node, database) = (Node::new(), Database::default());
	node.runs_long(&database);
	let other = Database::default();
	for _ in 0..2 {
		let mut record = node.start(&other);
		assert!(!record.may_vote(key(1)));
		assert!(record.may_vote(key(2)));
	}
	let mut record = node.start(&database);
	assert!(record.may_vote(key(1)));
	assert!(!record.may_vote(key(2)));
	assert!(node.start(&other).may_vote(key(2)));
}

#[test]
fn databases_without_votes_are_not_kept() {
	let node = Node::new();
	for _ in 0..5 {
		drop(node.start(&Database::default()));
	}
	assert_eq!(node.start(&Database::default()).memory.others, []);
}

#[test]
fn what_is_written_is_read() {
	let entry = |names: &[u8], voted: &[u8]| Entry {
		names: names.iter().map(|it| key(*it)).collect(),
		last_final: u32::from(names[0]),
		voted: voted.iter().map(|it| key(*it)).collect(),
	};
	for memory in [
		Memory {
			others: vec![],
			present: entry(&[1], &[]),
		},
		Memory {
			others: vec![entry(&[3, 2], &[9, 8]), entry(&[4], &[7])],
			present: entry(&[5, 1], &[6]),
		},
	] {
		assert_eq!(memory.to_string().parse(), Ok(memory));
	}
}

#[test]
fn a_name_that_cannot_be_dropped_costs_no_vote() {
	let (node, database) = (Node::new(), Database::default());
	assert!(node.start(&database).may_vote(key(1)));
	let mut record = node.start(&database);
	record.path = node.directory.path().join("none").join(FILE);
	record.since = Instant::now().checked_sub(2 * UNSAFE).unwrap();
	assert!(record.may_vote(key(1)));
	assert_eq!(record.memory.present.names.len(), 2);
	assert!(record.since.elapsed() < UNSAFE, "the next attempt is later");
}

#[test]
fn a_database_may_lose_the_name_of_a_short_run() {
	let (node, database) = (Node::new(), Database::default());
	node.runs_long(&database);
	let before = database.clone();
	assert!(node.start(&database).may_vote(key(1)));
	assert!(node.start(&before).may_vote(key(1)));
}

#[test]
fn keys_that_never_voted_are_not_held_back() {
	let (node, database) = (Node::new(), Database::default());
	drop(node.start(&database));
	assert!(node.start(&Database::default()).may_vote(key(1)));
}

#[test]
fn without_the_file_the_operator_answers() {
	let (node, database) = (Node::new(), Database::default());
	assert!(node.start(&database).may_vote(key(1)));
	std::fs::remove_file(node.path()).unwrap();
	assert!(node.start(&Database::default()).may_vote(key(1)));
}

#[test]
fn nobody_votes_before_it_is_written_down() {
	let (node, database) = (Node::new(), Database::default());
	let mut record = node.start(&database);
	assert!(record.may_vote(key(1)));
	record.path = node.directory.path().join("none").join(FILE);
	assert!(!record.may_vote(key(2)));
	assert!(record.may_vote(key(1)), "it is written down");
	record.path = node.path();
	assert!(record.may_vote(key(2)));
	assert!(!node.start(&Database::default()).may_vote(key(2)));
}

#[test]
fn damaged_files_are_told_and_kept() {
	let (node, database) = (Node::new(), Database::default());
	assert!(node.start(&database).may_vote(key(1)));
	let whole = std::fs::read_to_string(node.path()).unwrap();
	let cut = &whole[..whole.len() - 1];
	let other = whole.replace("voted", "vetoed");
	let upper = whole.to_uppercase();
	for text in ["", TAG, "vigil-witness/2\n", cut, &other, &upper] {
		std::fs::write(node.path(), text).unwrap();
		let error = node.refusal(&database);
		assert!(error.contains("is damaged"), "{text:?}: {error}");
		assert_eq!(std::fs::read_to_string(node.path()).unwrap(), text);
	}
	std::fs::write(node.path(), [0xff; 40]).unwrap();
	let error = node.refusal(&database);
	assert!(error.contains("is damaged"), "{error}");
}

#[test]
fn the_voter_does_not_see_keys_that_must_not_vote() {
	let (node, database) = (Node::new(), Database::default());
	let keys: KeystorePtr = Arc::new(MemoryKeystore::new());
	let old = keys.ed25519_generate_new(GRANDPA, None).unwrap();
	let new = keys.ed25519_generate_new(GRANDPA, None).unwrap();
	let author = keys.sr25519_generate_new(AURA, None).unwrap();
	let sees = |voter: &VotingKeys, key: &[u8], kind| voter.has_keys(&[(key.to_vec(), kind)]);

	let voter = VotingKeys::new(keys.clone(), node.start(&database));
	assert!(sees(&voter, &old, GRANDPA));
	assert!(!sees(&voter, &[9; 32], GRANDPA), "it is nobody's");
	assert!(voter
		.ed25519_sign(GRANDPA, &old, b"vote")
		.unwrap()
		.is_some());

	let voter = VotingKeys::new(keys, node.start(&Database::default()));
	assert!(!sees(&voter, &old, GRANDPA));
	assert!(voter
		.ed25519_sign(GRANDPA, &old, b"vote")
		.unwrap()
		.is_none());
	assert!(sees(&voter, &new, GRANDPA));
	assert!(voter
		.ed25519_sign(GRANDPA, &new, b"vote")
		.unwrap()
		.is_some());
	assert!(sees(&voter, &author, AURA));
}
