//! Makes `vectors.json`. Nothing in it is random: the same code always makes the same file.

mod heartbeats;
mod keys;
mod messages;
mod points;
mod possessions;
mod signatures;

use crate::format::{Hex, Vectors};
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};

/// All cases.
pub(crate) fn vectors() -> Vectors {
	let about = [
		"Cases that the runtime (w3f-bls) and the node (blst) must both accept or both refuse.",
		"BLS12-381, keys in G1, signatures in G2, points compressed as Zcash defined it.",
		"Heartbeats: BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_ over heartbeat_messages.",
		"Proofs: BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_ over possession_messages.",
		"Made by UPDATE_VECTORS=1 scripts/test the_file_is_what_the_generator_makes.",
	];
	Vectors {
		about: about.map(String::from).to_vec(),
		heartbeat_messages: messages::heartbeats(),
		possession_messages: messages::possessions(),
		signing: messages::signing(),
		keys: keys::all(),
		heartbeats: heartbeats::all(),
		possessions: possessions::all(),
	}
}

/// As the file has it.
pub(crate) fn text(vectors: &Vectors) -> String {
	let mut text = Vec::new();
	let mut serializer = Serializer::with_formatter(&mut text, PrettyFormatter::with_indent(b"\t"));
	vectors
		.serialize(&mut serializer)
		.expect("a vector has room");
	text.push(b'\n');
	String::from_utf8(text).expect("JSON is text")
}

/// 32 bytes that count up from `first`: no two neighbours are the same, so that every mistake of
/// order or place shows.
fn counting(first: u8) -> [u8; 32] {
	core::array::from_fn(|place| first.wrapping_add(place as u8))
}

/// The same bytes with some bits of one of them turned over.
fn with(bytes: &Hex, place: usize, bits: u8) -> Hex {
	let mut bytes = bytes.clone();
	bytes.0[place] ^= bits;
	bytes
}
