//! The file that says what was signed.

use crate::tape::Tape;
use std::{fs, path::Path};
use vigil_heartbeat::{
	record::{FileRecord, Unusable},
	signer::Record,
};
use vigil_heartbeat_primitives::Hash;

const GENESIS: Hash = [0x1f; 32];
const TAG: &str = "vigil-heartbeat/1 ";

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Found {
	/// A record of this chain.
	Record,
	/// A record of another chain.
	OtherChain,
	/// No record.
	Damaged,
}

/// A file of any bytes, or a record that was bent: it is read if and only if it is the one line
/// that the description gives, and what is read can be continued, but not rewound.
pub fn records(input: &[u8]) -> Found {
	let mut tape = Tape::new(input);
	let bytes = if tape.flag() {
		tape.rest().to_vec()
	} else {
		let genesis = if tape.flag() { tape.array() } else { GENESIS };
		let mut line = line(&genesis, tape.long(), &tape.array());
		tape.bend(&mut line);
		line
	};
	let directory = tempfile::tempdir().expect("there is room for a small file");
	let path = directory.path().join("record");
	fs::write(&path, &bytes).expect("there is room for a small file");
	match FileRecord::open(&path, GENESIS) {
		Ok(record) => {
			let (period, checkpoint) = record.last().expect("a file that is read says something");
			assert_eq!(line(&GENESIS, period, &checkpoint), bytes);
			go_on(record, &path);
			Found::Record
		}
		Err(Unusable::OtherChain(_)) => {
			assert!(is_record(&bytes));
			assert_ne!(&bytes[TAG.len()..][..64], hex(&GENESIS).as_bytes());
			Found::OtherChain
		}
		Err(Unusable::Damaged(_)) => {
			assert!(!is_record(&bytes));
			Found::Damaged
		}
		Err(unreadable) => panic!("{unreadable}"),
	}
}

fn hex(hash: &Hash) -> String {
	hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn line(genesis: &Hash, period: u64, checkpoint: &Hash) -> Vec<u8> {
	let (genesis, checkpoint) = (hex(genesis), hex(checkpoint));
	format!("{TAG}{genesis} {period:020} {checkpoint}\n").into_bytes()
}

/// Whether these bytes are a record of some chain, from the description alone.
fn is_record(bytes: &[u8]) -> bool {
	let digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
	let Some(rest) = bytes.strip_prefix(TAG.as_bytes()) else {
		return false;
	};
	if rest.len() != 64 + 1 + 20 + 1 + 64 + 1 {
		return false;
	}
	let period = core::str::from_utf8(&rest[65..85]).ok();
	rest[..64].iter().all(digit)
		&& rest[65..85].iter().all(u8::is_ascii_digit)
		&& period.is_some_and(|period| period.parse::<u64>().is_ok())
		&& rest[86..150].iter().all(digit)
		&& [rest[64], rest[85], rest[150]] == *b"  \n"
}

fn go_on(mut record: FileRecord, path: &Path) {
	let last = record.last().map(|(period, _)| period);
	let Some(next) = last.and_then(|period| period.checked_add(1)) else {
		return;
	};
	assert!(last.is_some_and(|last| record.put(last, [2; 32]).is_err()));
	record
		.put(next, [3; 32])
		.expect("there is room for a small file");
	assert_eq!(record.last(), Some((next, [3; 32])));
	let again = FileRecord::open(path, GENESIS).expect("it was just written");
	assert_eq!(again.last(), record.last());
}
