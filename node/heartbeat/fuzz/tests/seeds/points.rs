//! Keys, signatures and proofs.

use super::{
	format::{Reason, Vectors, VECTORS},
	Seed,
};

/// What the first byte of a point says of how it is made.
const KINDS: [&str; 8] = [
	"fit",
	"any bytes",
	"near the modulus",
	"the identity",
	"a point of the curve",
	"a point that pairings do not see",
	"fit plus a point of the curve",
	"fit plus a point that pairings do not see",
];

pub(super) fn all() -> Vec<Seed> {
	let vectors = serde_json::from_str(VECTORS).expect("the file has the format that is described");
	[
		public_keys(&vectors),
		stored_keys(),
		signatures(&vectors),
		possessions(),
	]
	.concat()
}

fn public_keys(vectors: &Vectors) -> Vec<Seed> {
	let made = KINDS.iter().zip(0..).map(|(name, kind)| {
		let bytes = [kind, 5, 0, 0, 0, 1, 0, 0, 0];
		("public_keys", name.to_string(), bytes.to_vec())
	});
	let published = vectors
		.keys
		.iter()
		.filter(|case| case.public_key.0.len() == 48);
	let published = published.map(|case| {
		let bytes = [&[1][..], &case.public_key.0].concat();
		("public_keys", format!("case {}", case.name), bytes)
	});
	let bent = [
		("a bit less", vec![0, 5, 0, 0, 0, 1, 40, 0, 1]),
		("another flag", vec![0, 5, 0, 0, 0, 1, 0, 0, 0x20]),
		("uncompressed", vec![0, 5, 0, 0, 0, 1, 0, 0, 0x80]),
		("the identity with a bit more", vec![3, 1, 47, 0, 1]),
	];
	let bent = bent.map(|(name, bytes)| ("public_keys", name.into(), bytes));
	made.chain(published).chain(bent).collect()
}

fn stored_keys() -> Vec<Seed> {
	let seeds = [
		("fit", vec![0, 5, 0, 0, 0, 0, 7]),
		("a bit less", vec![0, 5, 0, 0, 0, 1, 95, 0, 1, 7]),
		("a flag more", vec![0, 5, 0, 0, 0, 1, 0, 0, 0x20, 7]),
		("called compressed", vec![0, 5, 0, 0, 0, 1, 0, 0, 0x80, 7]),
		("the identity", vec![1, 0, 7]),
		("the identity with a bit more", vec![1, 1, 95, 0, 1]),
		("any bytes", [&[2][..], &[0xff; 96]].concat()),
		("any bytes without flags", [&[3][..], &[0x11; 96]].concat()),
		("zeros", vec![2]),
	];
	seeds
		.map(|(name, bytes)| ("stored_keys", name.into(), bytes))
		.into()
}

fn signatures(vectors: &Vectors) -> Vec<Seed> {
	// Signer and message, then the point: if a fit one, of the same signer and message.
	let made = KINDS.iter().zip(0..).map(|(name, kind)| {
		(
			"signatures",
			name.to_string(),
			vec![1, 0, kind, 1, 0, 1, 0, 0, 0],
		)
	});
	let unfit = vectors.heartbeats.iter().filter(|case| {
		let unfit = !matches!(case.reason, Reason::Valid | Reason::WrongSignature);
		unfit && case.public_keys.len() == 1 && case.signature.0.len() == 96
	});
	let unfit = unfit.map(|case| {
		let bytes = [&[1, 0, 1][..], &case.signature.0].concat();
		("signatures", format!("case {}", case.name), bytes)
	});
	let bent = [
		("of another signer", vec![1, 0, 0, 2, 0]),
		("of another message", vec![1, 0, 0, 1, 1]),
		("negated", vec![1, 0, 0, 1, 0, 1, 0, 0, 0x20]),
		("a bit less", vec![1, 0, 0, 1, 0, 1, 90, 0, 1]),
	];
	let bent = bent.map(|(name, bytes)| ("signatures", name.into(), bytes));
	made.chain(unfit).chain(bent).collect()
}

fn possessions() -> Vec<Seed> {
	let seeds = [
		("right", vec![3, 1, 2, 0]),
		("for another chain", vec![3, 1, 2, 1, 1, 5, 0, 1]),
		("for another owner", vec![3, 1, 2, 2, 1, 5, 0, 1]),
		("of another key", vec![3, 1, 2, 3, 1, 5, 0, 1]),
		("of the negative key", vec![3, 1, 2, 3, 1, 0, 0, 0x20]),
		("bent", vec![3, 1, 2, 4, 1, 5, 0, 1]),
		("negated", vec![3, 1, 2, 4, 1, 0, 0, 0x20]),
		("called uncompressed", vec![3, 1, 2, 4, 1, 0, 0, 0x80]),
		(
			"of a key called uncompressed",
			vec![3, 1, 2, 3, 1, 0, 0, 0x80],
		),
		("of another", vec![3, 1, 2, 5, 4, 0]),
		("of another with the key", vec![3, 1, 2, 5, 4, 1]),
		("both negated", vec![3, 1, 2, 6]),
		("a heartbeat", vec![3, 1, 2, 7, 1]),
		("the identity as key", vec![3, 1, 2, 7, 0, 3, 0, 0, 0]),
		("the identity as proof", vec![3, 1, 2, 7, 0, 0, 0, 3, 0]),
		("a key outside", vec![3, 1, 2, 7, 0, 7, 1, 0, 0, 0, 0, 0]),
		("a proof outside", vec![3, 1, 2, 7, 0, 0, 0, 7, 1, 0, 0, 0]),
	];
	seeds
		.map(|(name, bytes)| ("possessions", name.into(), bytes))
		.into()
}
