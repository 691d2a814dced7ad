//! A genesis full of stakers.

use pallet_heartbeat::synthetic;
use pallet_timeline::ActiveLengths;
use serde_json::{Map, Value};
use sp_core::{
	bytes::{from_hex, to_hex},
	storage::Storage,
};
use sp_crypto_hashing::twox_128;
use sp_state_machine::BasicExternalities;
use std::{error::Error, fs, path::Path};
use vigil_runtime::Runtime;

/// What each has staked, in ten-thousandths of a token: a hundred tokens.
const STAKE: u32 = 1_000_000;

/// Bytes of a map's prefix: the hashes of the pallet's name and of its own.
const PREFIX: usize = 32;

/// A raw chain specification.
pub(crate) struct Spec(Value);

impl Spec {
	/// Read a raw specification.
	pub(crate) fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
		let text =
			fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
		let spec = Self(serde_json::from_str(&text)?);
		match spec.top() {
			Some(_) => Ok(spec),
			None => Err(format!(
				"{} is no raw specification: `vigil-node export-chain-spec --raw` writes one",
				path.display()
			)
			.into()),
		}
	}

	fn top(&self) -> Option<&Map<String, Value>> {
		self.0.pointer("/genesis/raw/top")?.as_object()
	}

	/// The genesis state.
	pub(crate) fn storage(&self) -> Result<Storage, Box<dyn Error>> {
		let mut storage = Storage::default();
		for (key, value) in self.top().into_iter().flatten() {
			let value = value.as_str().ok_or("values are strings")?;
			storage.top.insert(from_hex(key)?, from_hex(value)?);
		}
		Ok(storage)
	}

	/// Put another genesis state in.
	pub(crate) fn replace(&mut self, storage: Storage) -> Result<(), Box<dyn Error>> {
		let top = self
			.0
			.pointer_mut("/genesis/raw/top")
			.ok_or("is a raw specification")?;
		let pairs = storage.top.into_iter();
		*top = pairs
			.map(|(key, value)| (to_hex(&key, false), Value::String(to_hex(&value, false))))
			.collect::<Map<_, _>>()
			.into();
		Ok(())
	}

	/// Write it.
	pub(crate) fn write(&self, path: &Path) -> Result<(), Box<dyn Error>> {
		Ok(fs::write(path, serde_json::to_vec(&self.0)?)?)
	}
}

/// The state with `stakers` test keys, active from the beginning, and periods of so many slots.
pub(crate) fn fill(
	mut storage: Storage,
	stakers: u32,
	period_slots: u32,
) -> Result<Storage, Box<dyn Error>> {
	BasicExternalities::execute_with_storage(&mut storage, || {
		synthetic::fill::<Runtime>(stakers, STAKE);
		ActiveLengths::<Runtime>::mutate(|lengths| lengths.period_slots = period_slots);
	});
	Ok(storage)
}

/// Bytes of all that the heartbeat pallet keeps: values, and keys without the prefix of their map.
pub(crate) fn bytes(storage: &Storage) -> usize {
	let pallet = twox_128(b"Heartbeat");
	storage
		.top
		.iter()
		.filter(|(key, _)| key.starts_with(&pallet))
		.map(|(key, value)| key.len().saturating_sub(PREFIX) + value.len())
		.sum()
}
