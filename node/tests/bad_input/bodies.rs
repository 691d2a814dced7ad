//! Headers are sealed, bodies are not: what a stranger puts under an honest producer's header.

use crate::node::{directory, vigil, Node};
use codec::{Decode, Encode};
use frame_system::Call as System;
use pallet_heartbeat::Call as Heartbeat;
use sp_runtime::{generic::SignedBlock, OpaqueExtrinsic};
use std::{fs, path::Path, process::Output};
use vigil_heartbeat_primitives::HeartbeatAggregate;
use vigil_runtime::{opaque::Block, Runtime, RuntimeCall, UncheckedExtrinsic};

/// Run a subcommand on the chain in `dir`.
fn run(dir: &Path, subcommand: &str, args: &[&str], file: &Path) -> Output {
	vigil()
		.args([subcommand, "--chain", "dev", "--binary", "--base-path"])
		.arg(dir)
		.args(args)
		.arg(file)
		.output()
		.expect("the node runs")
}

/// The first blocks of a chain with one producer, as it exports them.
fn some_blocks() -> Vec<SignedBlock<Block>> {
	let dir = directory();
	let node = Node::dev(dir.path(), &[]);
	node.finalises(4);
	node.stop();
	let file = dir.path().join("blocks");
	let exported = run(
		dir.path(),
		"export-blocks",
		&["--from", "1", "--to", "3"],
		&file,
	);
	assert!(exported.status.success(), "{exported:?}");
	let bytes = fs::read(&file).expect("the blocks are there");
	let mut rest = &bytes[..];
	let count = u64::decode(&mut rest).expect("a number");
	(0..count)
		.map(|_| SignedBlock::decode(&mut rest).expect("a block"))
		.collect()
}

/// What a node says that is to import these blocks, and its exit code.
fn imported(blocks: &[SignedBlock<Block>]) -> (Option<i32>, String) {
	let dir = directory();
	let file = dir.path().join("blocks");
	let encoded: Vec<_> = blocks.iter().flat_map(Encode::encode).collect();
	let count = (blocks.len() as u64).encode();
	fs::write(&file, [count, encoded].concat()).expect("written");
	let output = run(dir.path(), "import-blocks", &[], &file);
	let said = String::from_utf8_lossy(&output.stderr).into_owned();
	(output.status.code(), said)
}

fn bare(call: impl Into<RuntimeCall>) -> OpaqueExtrinsic {
	UncheckedExtrinsic::new_bare(call.into()).into()
}

/// A call around a call around a call: more of them than a stack has room for.
fn nested() -> OpaqueExtrinsic {
	let inner: RuntimeCall = System::<Runtime>::remark { remark: vec![] }.into();
	let outer: RuntimeCall = pallet_utility::Call::<Runtime>::as_derivative {
		index: 0,
		call: Box::new(inner.clone()),
	}
	.into();
	let layer = outer.encode();
	let layer = &layer[..layer.len() - inner.encoded_size()];
	OpaqueExtrinsic::from_blob([&[5], &layer.repeat(100_000)[..], &inner.encode()[..]].concat())
}

#[test]
fn a_body_of_somebody_else_is_refused_and_stops_no_node() {
	let genuine = some_blocks();
	let aggregate = HeartbeatAggregate::decode(&mut &[0; 8 + 1 + 96][..]).expect("has no parts");
	let record = bare(Heartbeat::<Runtime>::record { aggregate });
	let remark = bare(System::<Runtime>::remark { remark: vec![] });
	let with = |more: &[OpaqueExtrinsic]| {
		let mut blocks = genuine.clone();
		let time = blocks[1].block.extrinsics[..1].to_vec();
		blocks[1].block.extrinsics = [time, more.to_vec()].concat();
		imported(&blocks)
	};

	// The blocks as they are.
	let (code, said) = imported(&genuine);
	assert_eq!(code, Some(0), "{said}");

	// Heartbeats that nobody signed, in the name of a producer that never saw them.
	for body in [vec![record.clone()], vec![record.clone(), record.clone()]] {
		let (code, said) = with(&body);
		assert_eq!(code, Some(1), "{said}");
		assert!(said.contains("not the one that its header names"), "{said}");
		assert!(!said.contains("false aggregate"), "{said}");
	}

	// Calls that would take all of the stack to be read, alone and behind a heartbeat.
	for body in [vec![remark, nested()], vec![record, nested()]] {
		let (code, said) = with(&body);
		assert_eq!(code, Some(1), "{said}");
	}
}
