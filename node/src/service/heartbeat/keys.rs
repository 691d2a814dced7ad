//! Secrets of stakers on disk, beside the session keys.
//!
//! One file for each, `heartbeat-<public key>.key`, 64 hexadecimal digits and a line end, readable
//! by its owner only. The keystore of the SDK leaves files alone whose names are not its own.

use sp_core::{ed25519, Pair};
use std::{
	fmt, fs,
	io::{self, Read, Write},
	os::unix::fs::{OpenOptionsExt, PermissionsExt},
	path::{Path, PathBuf},
};
use vigil_heartbeat::bls::SecretKey;

/// Most keys of one node.
const MAX_KEYS: usize = 1_024;

const PREFIX: &str = "heartbeat-";
const SUFFIX: &str = ".key";

/// Why keys cannot be used.
#[derive(Debug)]
pub(crate) enum KeyError {
	/// A file or directory cannot be read or written.
	Io(PathBuf, io::Error),
	/// A file holds no key, or not the one of its name.
	Damaged(PathBuf),
	/// Others than its owner may read a file.
	Exposed(PathBuf),
	/// The secret phrase or derivation is not one.
	BadSuri,
	/// There are too many.
	TooMany,
}

impl fmt::Display for KeyError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
			Self::Damaged(path) => write!(
				f,
				"{} does not hold the key of its name. Restore it from a backup, or move it away",
				path.display()
			),
			Self::Exposed(path) => write!(
				f,
				"{} can be read by others. If nobody did, `chmod 600` it; otherwise replace the key",
				path.display()
			),
			Self::BadSuri => write!(
				f,
				"this is no secret: give a phrase, a seed (0x and 64 digits) or a derivation such as \
				 //Alice, with hard junctions only"
			),
			Self::TooMany => write!(f, "more than {MAX_KEYS} heartbeat keys: use several nodes"),
		}
	}
}

impl std::error::Error for KeyError {}

/// The secret that a phrase or derivation names: its ed25519 seed, taken as the key material of
/// BLS `KeyGen`, which has a salt of its own.
pub(crate) fn from_suri(suri: &str) -> Result<SecretKey, KeyError> {
	let (_, seed) =
		ed25519::Pair::from_string_with_seed(suri, None).map_err(|_| KeyError::BadSuri)?;
	Ok(SecretKey::generate(&seed.ok_or(KeyError::BadSuri)?))
}

/// Write a new secret into `directory`. Returns the file.
pub(crate) fn store(directory: &Path, secret: &SecretKey) -> Result<PathBuf, KeyError> {
	fs::create_dir_all(directory).map_err(|error| KeyError::Io(directory.into(), error))?;
	let name = format!("{PREFIX}{}{SUFFIX}", hex(&secret.public().0));
	let path = directory.join(name);
	// Under another name until it is whole: a disk that fills up must not leave half a key.
	let unfinished = path.with_extension("new");
	let write = || -> io::Result<()> {
		let mut file = fs::OpenOptions::new()
			.write(true)
			.create(true)
			.truncate(true)
			.mode(0o600)
			.open(&unfinished)?;
		file.write_all(hex(secret.to_bytes().as_slice()).as_bytes())?;
		file.write_all(b"\n")?;
		file.sync_all()?;
		// Never over another file.
		fs::hard_link(&unfinished, &path)?;
		fs::remove_file(&unfinished)
	};
	write().map_err(|error| KeyError::Io(path.clone(), error))?;
	Ok(path)
}

/// All secrets of a node: those in `directory`, and that of `suri`.
pub(crate) fn load(directory: &Path, suri: Option<&str>) -> Result<Vec<SecretKey>, KeyError> {
	let mut secrets = Vec::new();
	if let Some(suri) = suri {
		secrets.push(from_suri(suri)?);
	}
	for path in files(directory)? {
		if secrets.len() >= MAX_KEYS {
			return Err(KeyError::TooMany);
		}
		let secret = read(&path)?;
		// The same key may be named by a phrase and lie here.
		if secrets
			.iter()
			.all(|other| other.public() != secret.public())
		{
			secrets.push(secret);
		}
	}
	Ok(secrets)
}

/// The key files of a directory, in order. None if there is no such directory.
fn files(directory: &Path) -> Result<Vec<PathBuf>, KeyError> {
	let failed = |error| KeyError::Io(directory.into(), error);
	let entries = match fs::read_dir(directory) {
		Ok(entries) => entries,
		Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
		Err(error) => return Err(failed(error)),
	};
	let mut paths = Vec::new();
	for entry in entries {
		let path = entry.map_err(failed)?.path();
		if public_of(&path).is_some() {
			paths.push(path);
		}
	}
	paths.sort();
	Ok(paths)
}

/// The public key that the name of a key file claims.
fn public_of(path: &Path) -> Option<&str> {
	let name = path.file_name()?.to_str()?;
	name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)
}

fn read(path: &Path) -> Result<SecretKey, KeyError> {
	let failed = |error| KeyError::Io(path.into(), error);
	let mut file = fs::File::open(path).map_err(failed)?;
	if file.metadata().map_err(failed)?.permissions().mode() & 0o077 != 0 {
		return Err(KeyError::Exposed(path.into()));
	}
	let mut text = String::new();
	// A key file has 65 bytes.
	Read::by_ref(&mut file)
		.take(66)
		.read_to_string(&mut text)
		.map_err(failed)?;
	let secret = text
		.strip_suffix('\n')
		.and_then(|digits| sp_core::bytes::from_hex(digits).ok())
		.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
		.and_then(|bytes| SecretKey::from_bytes(&bytes));
	secret
		.filter(|secret| public_of(path) == Some(hex(&secret.public().0).as_str()))
		.ok_or_else(|| KeyError::Damaged(path.into()))
}

fn hex(bytes: &[u8]) -> String {
	sp_core::hexdisplay::HexDisplay::from(&bytes).to_string()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_key_survives_being_stored() {
		let directory = tempfile::tempdir().expect("a directory");
		let secret = SecretKey::generate(&[7; 32]);
		let path = store(directory.path(), &secret).expect("is written");
		let mode = fs::metadata(&path).expect("exists").permissions().mode();
		assert_eq!(mode & 0o777, 0o600);
		let loaded = load(directory.path(), None).expect("is read");
		assert_eq!(loaded.len(), 1);
		assert_eq!(loaded[0].public(), secret.public());
	}

	#[test]
	fn a_key_is_not_written_twice() {
		let directory = tempfile::tempdir().expect("a directory");
		let secret = SecretKey::generate(&[7; 32]);
		store(directory.path(), &secret).expect("is written");
		assert!(matches!(
			store(directory.path(), &secret),
			Err(KeyError::Io(..))
		));
	}

	#[test]
	fn a_key_that_others_may_read_is_refused() {
		let directory = tempfile::tempdir().expect("a directory");
		let path = store(directory.path(), &SecretKey::generate(&[7; 32])).expect("is written");
		fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("is ours");
		let error = load(directory.path(), None).expect_err("is exposed");
		assert!(matches!(&error, KeyError::Exposed(_)));
		assert!(error.to_string().contains("chmod 600"));
	}

	#[test]
	fn a_key_under_another_name_is_refused() {
		let directory = tempfile::tempdir().expect("a directory");
		let path = store(directory.path(), &SecretKey::generate(&[7; 32])).expect("is written");
		let other = hex(&SecretKey::generate(&[8; 32]).public().0);
		let renamed = directory.path().join(format!("{PREFIX}{other}{SUFFIX}"));
		fs::rename(path, renamed).expect("is ours");
		assert!(matches!(
			load(directory.path(), None),
			Err(KeyError::Damaged(_))
		));
	}

	#[test]
	fn other_files_are_left_alone() {
		let directory = tempfile::tempdir().expect("a directory");
		fs::write(directory.path().join("61757261aa"), "\"//Alice\"").expect("is written");
		assert!(load(directory.path(), None).expect("is read").is_empty());
		let nowhere = directory.path().join("nowhere");
		assert!(load(&nowhere, None).expect("is nothing").is_empty());
	}

	#[test]
	fn a_phrase_names_one_key() {
		let public = |suri| from_suri(suri).expect("is a secret").public();
		assert_eq!(public("//Alice"), public("//Alice"));
		assert_ne!(public("//Alice"), public("//Bob"));
		for wrong in ["Alice", "//Alice/soft", "0x12"] {
			assert!(matches!(from_suri(wrong), Err(KeyError::BadSuri)));
		}
	}
}
