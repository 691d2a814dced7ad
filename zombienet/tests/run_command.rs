//! `scripts/run`, the command that a newcomer tries first.

use nix::{
	sys::signal::{kill, Signal},
	unistd::Pid,
};
use serde_json::{json, Value};
use std::{
	fs,
	io::{BufRead, BufReader, Read},
	path::{Path, PathBuf},
	process::{Child, ChildStderr, Command, ExitStatus, Stdio},
	time::{Duration, Instant},
};

/// A started `scripts/run`, on the node that is there.
struct Run {
	child: Child,
	said: BufReader<ChildStderr>,
	/// Where its nodes have their databases: part of each one's command line.
	directory: String,
}

impl Run {
	/// Starts it, and waits for the line that says where its nodes are.
	fn start(options: &[&str]) -> Self {
		let mut child = command(options)
			.stdin(Stdio::null())
			.stdout(Stdio::null())
			.stderr(Stdio::piped())
			.spawn()
			.expect("scripts/run is there");
		let mut said = BufReader::new(child.stderr.take().expect("is piped"));
		let mut line = String::new();
		while !line.contains("nodes started") {
			line.clear();
			let length = said.read_line(&mut line).expect("text");
			assert_ne!(length, 0, "it ended before its nodes had started");
		}
		let (_, directory) = line.trim().split_once("logs in ").expect("says where");
		Self {
			child,
			said,
			directory: directory.into(),
		}
	}

	/// The processes of its nodes.
	fn nodes(&self) -> Vec<(Pid, String)> {
		let processes = fs::read_dir("/proc").expect("is mounted").flatten();
		processes
			.filter_map(|process| {
				let pid = process.file_name().to_str()?.parse().ok()?;
				let command = fs::read_to_string(process.path().join("cmdline")).ok()?;
				Some((Pid::from_raw(pid), command))
			})
			.filter(|(_, command)| command.contains(&self.directory))
			.collect()
	}

	fn signal(&self, signal: Signal) {
		let pid = i32::try_from(self.child.id()).expect("a process id");
		kill(Pid::from_raw(pid), signal).expect("it runs");
	}

	/// Waits for its end. No node may be left then.
	fn ended(mut self) -> (ExitStatus, Vec<String>) {
		let said = self.said.by_ref().lines().map_while(Result::ok).collect();
		let status = self.child.wait().expect("a child of ours");
		assert_eq!(self.nodes(), [], "{said:?}");
		let _ = fs::remove_dir_all(&self.directory);
		(status, said)
	}
}

impl Drop for Run {
	/// A test that fails leaves nobody behind either: the nodes go with the script.
	fn drop(&mut self) {
		let _ = self.child.kill();
		let _ = self.child.wait();
	}
}

/// The script, not to build.
fn command(options: &[&str]) -> Command {
	let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/run");
	let mut command = Command::new(script);
	command.arg("--no-build").args(options);
	command
}

/// A file for a summary, with that of an earlier run in it.
fn summary_file(name: &str) -> PathBuf {
	let file = std::env::temp_dir().join(format!("vigil-{name}-{}.json", std::process::id()));
	fs::write(&file, r#"{ "healthy": true }"#).expect("written");
	file
}

fn read(file: &Path) -> Value {
	let text = fs::read(file).expect("a summary is there");
	fs::remove_file(file).expect("it was there");
	serde_json::from_slice(&text).expect("is JSON")
}

/// It starts six nodes, measures twenty seconds, says what it measured and is content. The limits are
/// those of a machine that has other things to do.
#[test]
fn the_command_measures_a_network_and_leaves_nobody_behind() {
	let file = summary_file("run-measures");
	let path = file.to_str().expect("utf-8");
	let run = Run::start(&["--seconds", "20", "--min-fill", "80", "--json", path]);
	assert_eq!(run.nodes().len(), 6);

	let (status, said) = run.ended();
	assert!(status.success(), "{said:?}");

	let summary = read(&file);
	let names = ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"];
	assert_eq!(summary["nodes"], json!(names));
	assert_eq!(summary["producers"], json!(names[..4]));
	assert_eq!(summary["witnesses"], json!(names[2..]));
	assert_eq!(summary["slots"], 40);
	assert_eq!(summary["finalized"], summary["blocks"]);
	assert_eq!(summary["stakers"], 6);
	for figure in ["p50", "p90", "max"].map(|name| format!("finality_{name}_ms")) {
		assert!(summary[&figure].as_u64() > Some(0), "{figure}: {summary}");
	}
	assert!(summary["heartbeats_recorded"].is_u64(), "{summary}");
	assert_eq!(summary["healthy"], true);
}

/// A node that dies is named, in words and in the summary; nobody takes an earlier run's for it.
#[test]
fn the_command_says_so_when_a_node_dies() {
	let file = summary_file("run-dies");
	let path = file.to_str().expect("utf-8");
	let run = Run::start(&["--seconds", "60", "--json", path]);
	let nodes = run.nodes();
	let (bob, _) = nodes
		.iter()
		.find(|(_, command)| command.contains("--bob"))
		.expect("Bob runs");
	kill(*bob, Signal::SIGKILL).expect("it runs");

	let (status, said) = run.ended();
	assert_eq!(status.code(), Some(1), "{said:?}");
	let summary = read(&file);
	assert_eq!(summary["healthy"], false);
	let problem = summary["problems"][0].as_str().expect("a problem");
	assert!(problem.contains("Bob"), "{problem}");
}

/// Without an end of its own it runs until Ctrl-C.
#[test]
fn the_command_stops_every_node_on_ctrl_c() {
	let run = Run::start(&[]);
	let start = Instant::now();
	// In the midst of whatever it does: starting, connecting or showing.
	std::thread::sleep(Duration::from_secs(6));
	assert_eq!(run.nodes().len(), 6);
	run.signal(Signal::SIGINT);
	let (status, said) = run.ended();
	assert!(status.success(), "{said:?}");
	assert!(start.elapsed() < Duration::from_secs(30));
}

/// A word that is no option is not handed to the nodes, and nothing is started without its tools.
#[test]
fn the_command_refuses_what_it_cannot_do() {
	let stray = command(&["60"]).output().expect("scripts/run is there");
	assert_eq!(stray.status.code(), Some(2));
	let said = String::from_utf8_lossy(&stray.stderr);
	assert!(said.contains("unrecognized arguments: 60"), "{said}");

	let nothing_there = std::env::temp_dir().join("vigil-no-such-cache");
	let bare = command(&[]).env("VIGIL_CACHE", nothing_there).output();
	let bare = bare.expect("scripts/run is there");
	assert_eq!(bare.status.code(), Some(1));
	let said = String::from_utf8_lossy(&bare.stderr);
	assert!(said.contains("run scripts/setup"), "{said}");
}
