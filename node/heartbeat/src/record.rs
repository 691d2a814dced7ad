//! The record of what was signed, as a file.
//!
//! One line: `vigil-heartbeat/1 <genesis> <period> <checkpoint>`, hashes as 64 hexadecimal digits,
//! the period as 20 decimal ones. It lies outside the database, so that a restored or purged
//! database does not take it along.

use crate::signer::Record;
use std::{
	fmt,
	fs::{self, File},
	io::{self, Read, Write},
	path::{Path, PathBuf},
};
use vigil_heartbeat_primitives::{Hash, PeriodIndex};

const TAG: &str = "vigil-heartbeat/1";

/// Bytes of the file.
const LENGTH: usize = TAG.len() + 1 + 64 + 1 + 20 + 1 + 64 + 1;

/// A [`Record`] in a file. Each change is a new file, synced and then renamed over the old one, so
/// that a loss of power leaves either of them whole.
#[derive(Debug)]
pub struct FileRecord {
	path: PathBuf,
	genesis: Hash,
	last: Option<(PeriodIndex, Hash)>,
}

/// Why a record cannot be used.
#[derive(Debug)]
pub enum Unusable {
	/// The file cannot be read.
	Unreadable(PathBuf, io::Error),
	/// The file is no record.
	Damaged(PathBuf),
	/// The file is a record of another chain.
	OtherChain(PathBuf),
}

impl fmt::Display for Unusable {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Unreadable(path, error) => write!(
				f,
				"cannot read {}: {error}. Give this user access to it; do not delete it",
				path.display()
			),
			Self::Damaged(path) => write!(
				f,
				"{} is damaged, so nobody knows what was signed last. Make sure that no other node \
				 signs with the same keys, delete the file, and start again: the period that is \
				 running then will be left out",
				path.display()
			),
			Self::OtherChain(path) => write!(
				f,
				"{} belongs to another chain. Point this node to a directory of its own",
				path.display()
			),
		}
	}
}

impl std::error::Error for Unusable {
	fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
		match self {
			Self::Unreadable(_, error) => Some(error),
			Self::Damaged(_) | Self::OtherChain(_) => None,
		}
	}
}

impl FileRecord {
	/// Open the record at `path`, for the chain of this genesis. No file is an empty record; its
	/// directory must exist when something is written.
	pub fn open(path: impl Into<PathBuf>, genesis: Hash) -> Result<Self, Unusable> {
		let path = path.into();
		let last = match read(&path) {
			Ok(bytes) => {
				let Some((of, period, checkpoint)) = parse(&bytes) else {
					return Err(Unusable::Damaged(path));
				};
				if of != genesis {
					return Err(Unusable::OtherChain(path));
				}
				Some((period, checkpoint))
			}
			Err(error) if error.kind() == io::ErrorKind::NotFound => None,
			Err(error) => return Err(Unusable::Unreadable(path, error)),
		};
		Ok(Self {
			path,
			genesis,
			last,
		})
	}
}

impl Record for FileRecord {
	fn last(&self) -> Option<(PeriodIndex, Hash)> {
		self.last
	}

	fn put(&mut self, period: PeriodIndex, checkpoint: Hash) -> io::Result<()> {
		if self.last.is_some_and(|(last, _)| last >= period) {
			return Err(io::Error::new(
				io::ErrorKind::InvalidInput,
				"this period, or a later one, is written down already",
			));
		}
		let bytes = write(&self.genesis, period, &checkpoint);
		exchange(&self.path, bytes.as_bytes())?;
		// From here on the file may be the new one, whatever follows.
		self.last = Some((period, checkpoint));
		sync_directory(&self.path)
	}
}

/// Write a file anew, so that a loss of power leaves either the old one or the new one, whole.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
	exchange(path, bytes)?;
	sync_directory(path)
}

fn exchange(path: &Path, bytes: &[u8]) -> io::Result<()> {
	let mut name = path.to_path_buf().into_os_string();
	name.push(".new");
	let mut file = File::create(&name)?;
	file.write_all(bytes)?;
	file.sync_all()?;
	fs::rename(&name, path)
}

fn sync_directory(of: &Path) -> io::Result<()> {
	let directory = match of.parent() {
		Some(parent) if parent != Path::new("") => parent,
		_ => Path::new("."),
	};
	File::open(directory)?.sync_all()
}

/// The file, or as much as shows that it is too long.
fn read(path: &Path) -> io::Result<Vec<u8>> {
	let mut bytes = Vec::new();
	File::open(path)?
		.take(LENGTH as u64 + 1)
		.read_to_end(&mut bytes)?;
	Ok(bytes)
}

fn write(genesis: &Hash, period: PeriodIndex, checkpoint: &Hash) -> String {
	format!(
		"{TAG} {} {period:020} {}\n",
		to_hex(genesis),
		to_hex(checkpoint)
	)
}

fn parse(bytes: &[u8]) -> Option<(Hash, PeriodIndex, Hash)> {
	let line = core::str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
	let mut words = line.split(' ');
	let (tag, genesis, period, checkpoint) =
		(words.next()?, words.next()?, words.next()?, words.next()?);
	let read = (
		from_hex(genesis)?,
		period.parse().ok()?,
		from_hex(checkpoint)?,
	);
	// One way to write it: upper case, signs, missing zeros and further words do not come back.
	let same = tag == TAG && write(&read.0, read.1, &read.2).as_bytes() == bytes;
	same.then_some(read)
}

fn to_hex(hash: &Hash) -> String {
	hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(digits: &str) -> Option<Hash> {
	let mut hash = Hash::default();
	if digits.len() != 2 * hash.len() || !digits.is_ascii() {
		return None;
	}
	for (at, byte) in hash.iter_mut().enumerate() {
		*byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok()?;
	}
	Some(hash)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const GENESIS: Hash = [7; 32];

	#[test]
	fn what_was_written_is_known_after_a_restart() {
		let directory = tempfile::tempdir().unwrap();
		let path = directory.path().join("record");
		let mut record = FileRecord::open(&path, GENESIS).unwrap();
		assert_eq!(record.last(), None);
		for period in [3, 4] {
			record.put(period, [period as u8; 32]).unwrap();
			assert_eq!(record.last(), Some((period, [period as u8; 32])));
			let again = FileRecord::open(&path, GENESIS).unwrap();
			assert_eq!(again.last(), record.last());
		}
		assert_eq!(fs::read(&path).unwrap().len(), LENGTH);
		assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
	}

	#[test]
	fn a_period_is_written_once_and_never_an_earlier_one() {
		let directory = tempfile::tempdir().unwrap();
		let path = directory.path().join("record");
		let mut record = FileRecord::open(&path, GENESIS).unwrap();
		record.put(5, [1; 32]).unwrap();
		for period in [4, 5] {
			let error = record.put(period, [2; 32]).unwrap_err();
			assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
		}
		assert_eq!(
			FileRecord::open(&path, GENESIS).unwrap().last(),
			Some((5, [1; 32]))
		);
	}

	#[test]
	fn a_file_that_cannot_be_written_is_an_error_and_changes_nothing() {
		let directory = tempfile::tempdir().unwrap();
		let path = directory.path().join("missing").join("record");
		let mut record = FileRecord::open(&path, GENESIS).unwrap();
		assert!(record.put(5, [1; 32]).is_err());
		assert_eq!(record.last(), None);
	}

	#[test]
	fn a_damaged_record_says_what_to_do() {
		let directory = tempfile::tempdir().unwrap();
		let path = directory.path().join("record");
		let good = write(&GENESIS, 5, &[1; 32]);
		let longer = format!("{good}{good}");
		for bad in [
			"",
			"\n",
			&good[..good.len() - 1],
			&good[1..],
			&longer,
			&good.to_uppercase(),
		] {
			fs::write(&path, bad).unwrap();
			let error = FileRecord::open(&path, GENESIS).unwrap_err();
			assert!(matches!(error, Unusable::Damaged(_)), "{bad}");
			assert!(error.to_string().contains("delete the file"));
		}
	}

	#[test]
	fn a_record_of_another_chain_is_not_used() {
		let directory = tempfile::tempdir().unwrap();
		let path = directory.path().join("record");
		FileRecord::open(&path, GENESIS)
			.unwrap()
			.put(5, [1; 32])
			.unwrap();
		let error = FileRecord::open(&path, [8; 32]).unwrap_err();
		assert!(matches!(error, Unusable::OtherChain(_)));
	}

	#[test]
	fn a_directory_is_no_record() {
		let directory = tempfile::tempdir().unwrap();
		let error = FileRecord::open(directory.path(), GENESIS).unwrap_err();
		assert!(matches!(error, Unusable::Unreadable(..)));
	}

	proptest! {
		#[test]
		fn there_is_one_way_to_write_a_record(
			genesis: [u8; 32], period: u64, checkpoint: [u8; 32],
			at in 0..LENGTH, change in 1u8..,
		) {
			let mut bytes = write(&genesis, period, &checkpoint).into_bytes();
			prop_assert_eq!(parse(&bytes), Some((genesis, period, checkpoint)));
			bytes[at] ^= change;
			if let Some((genesis, period, checkpoint)) = parse(&bytes) {
				prop_assert_eq!(write(&genesis, period, &checkpoint).into_bytes(), bytes);
			}
		}
	}
}
