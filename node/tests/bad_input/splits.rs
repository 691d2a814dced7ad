//! A network that was split, and is whole again.

use crate::node::{directory, until, Node, Setup};
use serde_json::json;
use tempfile::TempDir;

/// The least bound on unfinalised blocks that there is.
const BOUND: u64 = 8;

/// Two witnesses of four, one of them a producer, that know of nobody else. `number` is that of the
/// first one's identity.
struct Half {
	nodes: [Node; 2],
	_directories: [TempDir; 2],
}

impl Half {
	fn start(names: [&str; 2], number: u8) -> Self {
		let directories = [directory(), directory()];
		let setup = |at: usize| {
			let flags = ["--chain", "local", names[at], "--rpc-methods", "unsafe"];
			Setup::new(directories[at].path(), &flags)
				.args(&["--max-unfinalized", &BOUND.to_string()])
				.identity(number + at as u8)
		};
		let first = setup(0).start();
		let second = setup(1).args(&["--bootnodes", &first.address()]).start();
		Self {
			nodes: [first, second],
			_directories: directories,
		}
	}

	/// Wait until it makes no more blocks, and return its last one.
	fn standstill(&self) -> String {
		self.nodes[0].says(&["8 blocks are not final, and 8 is the bound"]);
		let head = |node: &Node| node.hash(BOUND).as_str().map(String::from);
		let [first, second] = &self.nodes;
		until(
			|| "one head of both".into(),
			|| head(first).filter(|hash| head(second).as_ref() == Some(hash)),
		)
	}
}

/// Each half builds up to the bound and stops: two chains of the same height that nobody may extend, and
/// each witness saw its own first. Without a rule for equals they would be stuck for good.
#[test]
fn two_halves_that_stand_at_the_bound_agree_when_they_meet() {
	let one = Half::start(["--charlie", "--eve"], 1);
	let other = Half::start(["--dave", "--ferdie"], 3);
	let heads = [one.standstill(), other.standstill()];
	assert_ne!(heads[0], heads[1], "else nothing was split");
	for node in one.nodes.iter().chain(&other.nodes) {
		assert_eq!(node.last_final().0, 0);
	}

	for node in &one.nodes {
		for peer in &other.nodes {
			node.call("system_addReservedPeer", json!([peer.address()]));
		}
	}
	// What counts is where they part.
	let halves = [&one, &other].map(|half| half.nodes[0].hash(1).to_string());
	let lowest = &heads[usize::from(halves[1] < halves[0])];
	for node in one.nodes.iter().chain(&other.nodes) {
		node.finalises(BOUND + 4);
		assert_eq!(node.hash(BOUND).as_str(), Some(lowest.as_str()));
	}
}
