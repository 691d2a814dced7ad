//! Aggregates, batches, records and small values.

use super::Seed;
use codec::Encode;
use vigil_heartbeat::wire::Batch;
use vigil_heartbeat_primitives::{
	AggregateDigest, AggregatePart, BadForm, HeartbeatAggregate, Parts, PointFault, Refusal,
	Signature,
};

pub(super) fn all() -> Vec<Seed> {
	[
		aggregates(),
		batches(),
		hellos(),
		records(),
		verifiers(),
		small(),
	]
	.concat()
}

fn aggregate(parts: &[(u32, &[u32])]) -> Vec<u8> {
	let parts = parts.iter().map(|(bucket, present)| AggregatePart {
		bucket: *bucket,
		present: present.iter().copied().collect(),
	});
	let aggregate = HeartbeatAggregate {
		period: 7,
		parts: Parts::truncate_from(parts.collect()),
		signature: Signature([9; 96]),
	};
	aggregate.encode()
}

fn aggregates() -> Vec<Seed> {
	// The first bit says whether the rest is the aggregate itself.
	let raw = |bytes: Vec<u8>| [vec![1], bytes].concat();
	let built = |parts: u16, rest: &[u8]| {
		[&[0][..], &7u64.to_le_bytes(), &parts.to_le_bytes(), rest].concat()
	};
	let dense: Vec<_> = (0..1_000).collect();
	let seeds = [
		("two parts", raw(aggregate(&[(1, &[5, 900]), (4, &[0])]))),
		("a dense part", raw(aggregate(&[(0, &dense)]))),
		("no parts", raw(aggregate(&[]))),
		("an empty part", raw(aggregate(&[(3, &[])]))),
		("a bucket twice", raw(aggregate(&[(3, &[1]), (3, &[2])]))),
		(
			"a length that is a lie",
			raw([7u64.encode(), vec![254, 255, 255, 255]].concat()),
		),
		("as many parts as allowed", built(256, &[])),
		(
			"parts of all sorts",
			built(6, &[0, 1, 1, 2, 2, 9, 0, 0, 0, 3, 3, 0xaa]),
		),
	];
	seeds
		.map(|(name, bytes)| ("aggregates", name.into(), bytes))
		.into()
}

fn batches() -> Vec<Seed> {
	let batch = |hops, heartbeats: &[u32]| {
		let signed = |index: &u32| (*index, Signature([*index as u8; 96]));
		let batch = Batch {
			period: 7,
			hops,
			heartbeats: heartbeats.iter().map(signed).collect(),
		};
		[vec![1], batch.to_bytes()].concat()
	};
	let built = |hops: u8, count: u16, rest: &[u8]| {
		let count = count.to_le_bytes();
		[
			&[0][..],
			&7u64.to_le_bytes(),
			&[hops],
			&count,
			&[0; 4],
			rest,
		]
		.concat()
	};
	let seeds = [
		("two heartbeats", batch(1, &[5, 1_000_000])),
		("indices that do not ascend", batch(1, &[5, 5])),
		("too many hops", batch(3, &[5])),
		("no heartbeat", batch(0, &[])),
		("another version", vec![1, 2, 0]),
		("nothing", vec![1]),
		(
			"a length that is a lie",
			[&[1, 1][..], &[0; 9], &[254, 255, 255, 255]].concat(),
		),
		("as many as allowed", built(0, 256, &[])),
		("one more than allowed", built(0, 257, &[])),
		("one twice", built(2, 6, &[3, 3, 1, 4])),
	];
	seeds
		.map(|(name, bytes)| ("batches", name.into(), bytes))
		.into()
}

fn hellos() -> Vec<Seed> {
	let seeds: [(_, &[u8]); 4] = [
		("of nobody", &[1, 0]),
		("of two producers", &[0, 2, 3, 5, 7, 9]),
		("of one too many", &[0, 5]),
		("with a byte behind it", &[1, 0, 0]),
	];
	seeds
		.map(|(name, bytes)| ("hellos", name.into(), bytes.into()))
		.into()
}

fn records() -> Vec<Seed> {
	let hash = |byte: u8| format!("{byte:02x}").repeat(32);
	let line = |genesis: u8, period: &str| {
		let line = format!("vigil-heartbeat/1 {} {period} {}\n", hash(genesis), hash(2));
		[&[1][..], line.as_bytes()].concat()
	};
	let mut capitals = line(0x1f, "00000000000000000005");
	capitals[18..82].make_ascii_uppercase();
	let built = [&[0, 0][..], &5u64.to_le_bytes(), &[2; 32]].concat();
	let seeds = [
		("a record", line(0x1f, "00000000000000000005")),
		("of the last period", line(0x1f, "18446744073709551615")),
		("of no period", line(0x1f, "18446744073709551616")),
		("with a sign", line(0x1f, "+0000000000000000005")),
		("a zero less", line(0x1f, "0000000000000000005")),
		("of another chain", line(0x2e, "00000000000000000005")),
		("in capitals", capitals),
		("empty", vec![1]),
		("built", built.clone()),
		("built and bent", [built, vec![1, 18, 0, 1]].concat()),
	];
	seeds
		.map(|(name, bytes)| ("records", name.into(), bytes))
		.into()
}

fn verifiers() -> Vec<Seed> {
	// A period, one kind of part for each of two buckets, what is changed, whether it is bent.
	let two_parts = [7, 0, 1, 5, 0, 9, 0, 2, 0, 3, 1];
	let with = |rest: &[u8]| [&two_parts[..], rest].concat();
	let seeds = [
		("few and nearly all", with(&[0])),
		("another period", with(&[1, 0, 1])),
		("a bent signature", with(&[1, 1, 1, 95, 0, 1])),
		("negated", with(&[1, 2])),
		("a point outside", with(&[1, 3, 7, 1, 0, 0, 0])),
		("the identity", with(&[1, 3, 3, 0])),
		("a signature on top", with(&[1, 4, 9, 0])),
		("parts in reverse", with(&[1, 5])),
		("a part twice", with(&[1, 6])),
		("another bucket", with(&[1, 7, 1])),
		("one less", with(&[1, 8, 5, 0])),
		("one more", with(&[1, 8, 6, 0])),
		("somebody inactive", with(&[1, 8, 0xf0, 0x03])),
		("bent bytes", with(&[0, 1, 1, 8, 0, 0xff])),
		("keys that cancel", vec![7, 5, 5]),
		("some keys that cancel", vec![7, 5, 0, 1, 0xff, 0x03, 1, 0]),
		("patterns", vec![7, 3, 0x5a, 4, 1, 2, 3, 4, 5, 6, 7, 8]),
		("nobody", vec![7, 7, 7]),
	];
	let seeds = seeds.map(|(name, bytes)| ("aggregate_verifier", name.into(), bytes));
	// Seed, work, number of entries; each entry: signer, whether the key is another, the key.
	let batches = [
		("good", vec![1, 255, 4, 0x00, 0x10, 0x20, 0x30]),
		("two exchanged", vec![1, 255, 4, 0x00, 0x1a, 0xa9, 0x30]),
		("all bad", vec![1, 255, 5, 0x08, 0x19, 0x2a, 0x3b, 0x4c]),
		(
			"little work",
			vec![1, 2, 6, 0x00, 0x1a, 0xa9, 0x30, 0x40, 0x5f],
		),
		("no work", vec![1, 0, 3, 0x00, 0x10, 0x20]),
		("nothing", vec![1, 255, 0]),
	];
	let batches = batches.map(|(name, bytes)| ("batch_verifier", name.into(), bytes));
	seeds.into_iter().chain(batches).collect()
}

fn small() -> Vec<Seed> {
	let digest = AggregateDigest {
		period: 7,
		recorded: 3,
		aggregate: [4; 32],
	};
	let refusal = Refusal::BadKey(PointFault::OutsideSubgroup);
	// The epoch, then the value now and, perhaps, from when on which other.
	let epochs = |next: Option<(u64, u32)>| (5u64, 3u32, next).encode();
	let of_kind = |kind, bytes: Vec<u8>| [vec![kind], bytes].concat();
	let values = [
		("a digest", of_kind(0, digest.encode())),
		("a refusal", of_kind(1, refusal.encode())),
		("a bad form", of_kind(2, BadForm::NotAscending.encode())),
		("a value", of_kind(3, epochs(None))),
		(
			"a value of the next epoch",
			of_kind(3, epochs(Some((6, 4)))),
		),
		(
			"a value of an earlier epoch",
			of_kind(3, epochs(Some((2, 4)))),
		),
	];
	let values = values.map(|(name, bytes)| ("values", name.into(), bytes));
	let bitmaps = [
		(
			"sparse and dense",
			vec![0, 2, 5, 0, 9, 0, 2, 1, 9, 0, 5, 0, 0, 0, 1],
		),
		("empty and any", vec![1, 3, 0xaa, 0x55, 0xff]),
		("beyond the end", vec![0, 1, 5, 0, 1, 0, 4, 0, 0, 1]),
	];
	let bitmaps = bitmaps.map(|(name, bytes)| ("bitmaps", name.into(), bytes));
	values.into_iter().chain(bitmaps).collect()
}
