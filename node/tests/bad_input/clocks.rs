//! A clock that is a minute off. Debian's `faketime` sets it for one process.

use crate::node::{changed_spec, directory, Node, Setup};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Alice and Bob produce and witness. So does Charlie, but for the witnessing: without him there
/// is finality, and a third of the slots stays empty.
struct Network {
	alice: Node,
	bob: Node,
	spec: String,
	boot: String,
	dirs: [TempDir; 3],
}

fn network() -> Network {
	let dirs = [directory(), directory(), directory()];
	let spec = changed_spec(dirs[0].path(), "local", |spec| {
		let roles = &mut spec["genesis"]["runtimeGenesis"]["patch"]["roles"];
		let mut names = roles["producers"].as_array().expect("a list").clone();
		names.truncate(3);
		roles["producers"] = names.clone().into();
		names.truncate(2);
		roles["witnesses"] = names.into();
	});
	let alice = member(dirs[0].path(), &spec, "--alice").identity(1).start();
	let boot = alice.address();
	let bob = member(dirs[1].path(), &spec, "--bob")
		.identity(2)
		.args(&["--bootnodes", &boot])
		.start();
	alice.finalises(2);
	Network {
		alice,
		bob,
		spec,
		boot,
		dirs,
	}
}

fn member(dir: &Path, spec: &str, name: &str) -> Setup {
	Setup::new(dir, &["--chain", spec, name])
}

impl Network {
	/// Charlie, whose clock is off by so many seconds.
	fn charlie(&self, seconds: &str) -> Node {
		let library = library();
		member(self.dirs[2].path(), &self.spec, "--charlie")
			.identity(3)
			.args(&["--bootnodes", &self.boot])
			.env("LD_PRELOAD", library.to_str().expect("utf-8"))
			.env("FAKETIME", seconds)
			.env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
			.start()
	}

	fn goes_on(&self) {
		self.alice.goes_on(6);
		self.bob.goes_on(1);
		let (final_block, hash) = self.bob.last_final();
		self.alice.finalises(final_block);
		assert_eq!(self.alice.hash(final_block), hash.as_str());
	}
}

/// Where Debian puts it.
fn library() -> PathBuf {
	let lib = std::fs::read_dir("/usr/lib").expect("is there");
	lib.filter_map(|entry| Some(entry.ok()?.path().join("faketime/libfaketimeMT.so.1")))
		.find(|path| path.exists())
		.expect("this test needs the Debian package `faketime`: apt-get install faketime")
}

#[test]
fn a_producer_a_minute_behind_is_told_so_and_disturbs_nobody() {
	let network = network();
	let charlie = network.charlie("-60");
	let said = charlie.says(&["Check the time service of this machine"]);
	assert!(said.contains("of a slot that begins in"), "{said}");
	network.goes_on();
}

#[test]
fn a_producer_a_minute_ahead_is_told_so_stops_producing_and_disturbs_nobody() {
	let network = network();
	let charlie = network.charlie("+60");
	let said = charlie.says(&["this node's clock is ahead"]);
	assert!(said.contains("No blocks are made"), "{said}");
	assert!(said.contains("Check the time service"), "{said}");
	network.goes_on();
	// He still follows, because what others make is in his past.
	charlie.finalises(network.alice.last_final().0);
}
