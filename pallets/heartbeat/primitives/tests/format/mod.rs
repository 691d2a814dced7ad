//! How the files of cases are written. The tests of the runtime's side and of the node's side both
//! read them through this module: `node/heartbeat/tests/vectors.rs` includes it by its path.

use serde::{Deserialize, Serialize};

/// The text of the cases of our own.
pub(crate) const VECTORS: &str = include_str!("../vectors.json");

/// The text of the cases of others.
pub(crate) const PUBLISHED: &str = include_str!("../published.json");

/// Bytes, written as hexadecimal digits after `0x`. Of any length: some cases are about lengths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Hex(pub(crate) Vec<u8>);

impl Hex {
	/// As an array, if the length is right.
	pub(crate) fn array<const LENGTH: usize>(&self) -> Option<[u8; LENGTH]> {
		self.0.as_slice().try_into().ok()
	}

	/// As an array, in a case whose lengths are right.
	pub(crate) fn exactly<const LENGTH: usize>(&self) -> [u8; LENGTH] {
		self.array()
			.unwrap_or_else(|| panic!("{} bytes, not {LENGTH}", self.0.len()))
	}
}

impl From<Hex> for String {
	fn from(hex: Hex) -> Self {
		let digits: Vec<_> = hex.0.iter().map(|byte| format!("{byte:02x}")).collect();
		format!("0x{}", digits.concat())
	}
}

impl TryFrom<String> for Hex {
	type Error = String;

	fn try_from(text: String) -> Result<Self, Self::Error> {
		let digits = text.strip_prefix("0x").unwrap_or(&text).as_bytes();
		let bytes = digits.chunks(2).map(|pair| match pair {
			[high, low] => {
				let high = char::from(*high).to_digit(16)?;
				let low = char::from(*low).to_digit(16)?;
				u8::try_from(high << 4 | low).ok()
			}
			_ => None,
		});
		let bytes: Option<_> = bytes.collect();
		bytes
			.map(Hex)
			.ok_or_else(|| format!("not hexadecimal: {text}"))
	}
}

/// What comes of a case. A case has one fault, so both sides must come to the same reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reason {
	/// Accepted.
	Valid,
	/// A key has not 48 bytes.
	KeyLength,
	/// A key is no point, or not written in the one allowed way.
	KeyNotCanonical,
	/// A key is a point outside the prime-order subgroup.
	KeyOutsideSubgroup,
	/// A key, or the sum of the keys, is the identity.
	KeyIdentity,
	/// The signature has not 96 bytes.
	SignatureLength,
	/// The signature is no point, or not written in the one allowed way.
	SignatureNotCanonical,
	/// The signature is a point outside the prime-order subgroup.
	SignatureOutsideSubgroup,
	/// The signature is the identity.
	SignatureIdentity,
	/// The signature is of something else or by somebody else.
	WrongSignature,
}

/// What [`VECTORS`] says.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Vectors {
	pub(crate) about: Vec<String>,
	pub(crate) heartbeat_messages: Vec<HeartbeatMessage>,
	pub(crate) possession_messages: Vec<PossessionMessage>,
	pub(crate) signing: Vec<Signing>,
	pub(crate) keys: Vec<Key>,
	pub(crate) heartbeats: Vec<Heartbeat>,
	pub(crate) possessions: Vec<Possession>,
}

/// The bytes that every staker signs in a period.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HeartbeatMessage {
	pub(crate) name: String,
	pub(crate) genesis: Hex,
	pub(crate) period: u64,
	pub(crate) checkpoint: Hex,
	pub(crate) message: Hex,
}

/// The bytes of a proof of possession.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PossessionMessage {
	pub(crate) name: String,
	pub(crate) genesis: Hex,
	pub(crate) public_key: Hex,
	pub(crate) owner: Hex,
	pub(crate) message: Hex,
}

/// What the holder of a secret must produce, to the last byte: BLS signatures are unique.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signing {
	pub(crate) name: String,
	pub(crate) secret: Hex,
	pub(crate) public_key: Hex,
	pub(crate) genesis: Hex,
	pub(crate) period: u64,
	pub(crate) checkpoint: Hex,
	pub(crate) signature: Hex,
	pub(crate) owner: Hex,
	pub(crate) proof: Hex,
}

/// A key alone.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Key {
	pub(crate) name: String,
	pub(crate) public_key: Hex,
	pub(crate) accept: bool,
	pub(crate) reason: Reason,
}

/// A heartbeat, or an aggregate of several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Heartbeat {
	pub(crate) name: String,
	pub(crate) public_keys: Vec<Hex>,
	pub(crate) genesis: Hex,
	pub(crate) period: u64,
	pub(crate) checkpoint: Hex,
	pub(crate) signature: Hex,
	pub(crate) accept: bool,
	pub(crate) reason: Reason,
}

/// A key with a proof of possession.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Possession {
	pub(crate) name: String,
	pub(crate) public_key: Hex,
	pub(crate) genesis: Hex,
	pub(crate) owner: Hex,
	pub(crate) proof: Hex,
	pub(crate) accept: bool,
	pub(crate) reason: Reason,
}

/// What [`PUBLISHED`] says, in the words of its authors.
#[derive(Debug, Deserialize)]
pub(crate) struct Published {
	pub(crate) sign: Vec<PublishedCase<ToSign, Option<Hex>>>,
	pub(crate) verify: Vec<PublishedCase<ToVerify, bool>>,
	pub(crate) fast_aggregate_verify: Vec<PublishedCase<ToVerifyTogether, bool>>,
	#[serde(rename = "deserialization_G1")]
	pub(crate) deserialization_g1: Vec<PublishedCase<KeyToRead, bool>>,
	#[serde(rename = "deserialization_G2")]
	pub(crate) deserialization_g2: Vec<PublishedCase<SignatureToRead, bool>>,
}

/// One published case.
#[derive(Debug, Deserialize)]
pub(crate) struct PublishedCase<Input, Output> {
	pub(crate) name: String,
	pub(crate) input: Input,
	pub(crate) output: Output,
}

/// A secret and a message. The output is the signature, or nothing if the secret is unfit.
#[derive(Debug, Deserialize)]
pub(crate) struct ToSign {
	pub(crate) privkey: Hex,
	pub(crate) message: Hex,
}

/// The output is whether it verifies.
#[derive(Debug, Deserialize)]
pub(crate) struct ToVerify {
	pub(crate) pubkey: Hex,
	pub(crate) message: Hex,
	pub(crate) signature: Hex,
}

/// The output is whether it verifies.
#[derive(Debug, Deserialize)]
pub(crate) struct ToVerifyTogether {
	pub(crate) pubkeys: Vec<Hex>,
	pub(crate) message: Hex,
	pub(crate) signature: Hex,
}

/// The output is whether it is a point of the subgroup, the identity included.
#[derive(Debug, Deserialize)]
pub(crate) struct KeyToRead {
	pub(crate) pubkey: Hex,
}

/// The output is whether it is a point of the subgroup, the identity included.
#[derive(Debug, Deserialize)]
pub(crate) struct SignatureToRead {
	pub(crate) signature: Hex,
}
