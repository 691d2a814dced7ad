//! A node under test.

use crate::web;
use serde_json::{json, Value};
use std::{
	fs::File,
	net::{Ipv4Addr, TcpListener},
	path::{Path, PathBuf},
	process::{Child, Command, ExitStatus, Stdio},
	sync::atomic::{AtomicU16, Ordering},
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// Longer than anything here takes, also on a machine that is busy with something else.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);

/// The binary.
pub(crate) fn vigil() -> Command {
	Command::new(env!("CARGO_BIN_EXE_vigil-node"))
}

/// A port that nobody uses now, below those that the system gives to connections.
pub(crate) fn free_port() -> u16 {
	static NEXT: AtomicU16 = AtomicU16::new(0);
	const FIRST: u16 = 12_000;
	const COUNT: u16 = 20_000;
	let start = std::process::id().wrapping_mul(7) as u16 % COUNT;
	loop {
		let offset = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
		let port = FIRST + offset;
		if TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok() {
			return port;
		}
	}
}

/// Ask `question` until it has an answer; after a minute, say what was missing.
pub(crate) fn until<T>(what: impl Fn() -> String, mut question: impl FnMut() -> Option<T>) -> T {
	let start = Instant::now();
	loop {
		if let Some(answer) = question() {
			return answer;
		}
		assert!(start.elapsed() < PATIENCE, "waited in vain for {}", what());
		std::thread::sleep(PAUSE);
	}
}

/// What a node is started with.
pub(crate) struct Setup {
	command: Command,
	rpc: u16,
	/// Whether the arguments say where RPC is.
	named: bool,
	p2p: u16,
	log: PathBuf,
}

impl Setup {
	/// With a database in `dir`, and `args` besides what keeps it to itself.
	pub(crate) fn new(dir: &Path, args: &[&str]) -> Self {
		static LOGS: AtomicU16 = AtomicU16::new(0);
		let number = LOGS.fetch_add(1, Ordering::Relaxed);
		let setup = Self {
			command: vigil(),
			rpc: free_port(),
			named: false,
			p2p: free_port(),
			log: dir.join(format!("log-{number}")),
		};
		setup
			.args(&["--no-mdns", "--no-telemetry", "--base-path"])
			.args(&[dir.to_str().expect("utf-8")])
			.args(args)
	}

	pub(crate) fn args(mut self, args: &[&str]) -> Self {
		self.command.args(args);
		self
	}

	pub(crate) fn env(mut self, key: &str, value: &str) -> Self {
		self.command.env(key, value);
		self
	}

	pub(crate) fn rpc_port(mut self, port: u16) -> Self {
		self.rpc = port;
		self
	}

	/// The arguments name an endpoint at this port.
	pub(crate) fn named_endpoint(self, port: u16) -> Self {
		Self {
			named: true,
			..self.rpc_port(port)
		}
	}

	pub(crate) fn p2p_port(mut self, port: u16) -> Self {
		self.p2p = port;
		self
	}

	/// The peer with this key number, which others find by [`Node::address`].
	pub(crate) fn identity(self, number: u8) -> Self {
		let key = format!("{number:064x}");
		self.args(&["--node-key", &key])
	}

	/// Start, and do not wait.
	pub(crate) fn spawn(self) -> Node {
		let Self {
			mut command,
			rpc,
			named,
			p2p,
			log,
		} = self;
		if !named {
			command.args(["--rpc-port", &rpc.to_string()]);
		}
		if !command
			.get_args()
			.any(|arg| arg.to_string_lossy().starts_with("--prometheus"))
		{
			command.arg("--no-prometheus");
		}
		let output = File::create(&log).expect("a log file");
		let child = command
			.args(["--listen-addr", &format!("/ip4/127.0.0.1/tcp/{p2p}")])
			.stdin(Stdio::null())
			.stdout(output.try_clone().expect("the file is open"))
			.stderr(output)
			.spawn()
			.expect("the node starts");
		Node {
			child,
			rpc,
			p2p,
			log,
		}
	}

	/// Start, and wait until the node answers.
	pub(crate) fn start(self) -> Node {
		let mut node = self.spawn();
		until(
			|| "an answer of the node".into(),
			|| {
				if let Some(status) = node.child.try_wait().expect("a child of ours") {
					panic!("the node ended with {status}:\n{}", node.log());
				}
				node.try_call("system_health", json!([]))
			},
		);
		node
	}

	/// Start, see the node give up, and return what it says.
	pub(crate) fn refused(self) -> String {
		let mut node = self.spawn();
		let status = node.ended();
		assert_eq!(status.code(), Some(1), "{}", node.log());
		node.log()
	}
}

/// A running node. Dropping it ends the process.
pub(crate) struct Node {
	child: Child,
	rpc: u16,
	p2p: u16,
	log: PathBuf,
}

impl Node {
	/// A network of one.
	pub(crate) fn dev(dir: &Path, args: &[&str]) -> Self {
		Setup::new(dir, &["--dev"]).args(args).start()
	}

	pub(crate) fn rpc_port(&self) -> u16 {
		self.rpc
	}

	pub(crate) fn p2p_port(&self) -> u16 {
		self.p2p
	}

	/// Where others find this node.
	pub(crate) fn address(&self) -> String {
		let identity = self.call("system_localPeerId", json!([]));
		let identity = identity.as_str().expect("a peer id");
		format!("/ip4/127.0.0.1/tcp/{}/p2p/{identity}", self.p2p)
	}

	/// What the node said so far.
	pub(crate) fn log(&self) -> String {
		let bytes = std::fs::read(&self.log).expect("the log is there");
		String::from_utf8_lossy(&bytes).into_owned()
	}

	/// The first line of the log that has all of `parts`.
	pub(crate) fn says(&self, parts: &[&str]) -> String {
		until(
			|| format!("{parts:?} in\n{}", self.log()),
			|| {
				let log = self.log();
				let line = log
					.lines()
					.find(|line| parts.iter().all(|part| line.contains(part)));
				line.map(String::from)
			},
		)
	}

	/// The whole answer to a call; none while nobody listens.
	pub(crate) fn ask(&self, method: &str, params: Value) -> Option<Value> {
		let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
		let answer = web::post(self.rpc, body.to_string().as_bytes(), &[]).ok()?;
		serde_json::from_str(&answer.body).ok()
	}

	fn try_call(&self, method: &str, params: Value) -> Option<Value> {
		self.ask(method, params)?.get("result").cloned()
	}

	/// The result of a call.
	pub(crate) fn call(&self, method: &str, params: Value) -> Value {
		let answer = self.ask(method, params).expect("an answer");
		let result = answer.get("result");
		result
			.unwrap_or_else(|| panic!("{method}: {answer}"))
			.clone()
	}

	/// Number and hash of the last final block.
	pub(crate) fn last_final(&self) -> (u64, String) {
		let hash = self.call("chain_getFinalizedHead", json!([]));
		let header = self.call("chain_getHeader", json!([hash]));
		let number = header["number"].as_str().expect("a number");
		let number = u64::from_str_radix(&number[2..], 16).expect("is hexadecimal");
		(number, hash.as_str().expect("a hash").into())
	}

	/// The hash of that block of the best chain.
	pub(crate) fn hash(&self, number: u64) -> Value {
		self.call("chain_getBlockHash", json!([number]))
	}

	/// Wait until block `number` is final.
	pub(crate) fn finalises(&self, number: u64) -> (u64, String) {
		until(
			|| format!("block {number} to be final in\n{}", self.log()),
			|| Some(self.last_final()).filter(|last| last.0 >= number),
		)
	}

	/// Wait until `more` further blocks are final.
	pub(crate) fn goes_on(&self, more: u64) {
		self.finalises(self.last_final().0 + more);
	}

	/// Wait for the process to end.
	pub(crate) fn ended(&mut self) -> ExitStatus {
		let log = self.log.clone();
		until(
			|| format!("the end of the node that said {:?}", std::fs::read(&log)),
			|| self.child.try_wait().expect("a child of ours"),
		)
	}

	/// End the node as an operator does.
	pub(crate) fn stop(mut self) {
		let id = self.child.id().to_string();
		let signalled = Command::new("kill").args(["-TERM", &id]).status();
		assert!(signalled.expect("kill runs").success());
		self.ended();
	}

	/// End the node as a power cut does, as far as processes are concerned.
	pub(crate) fn kill(mut self) {
		self.child.kill().expect("a child of ours");
		self.ended();
	}
}

impl Drop for Node {
	fn drop(&mut self) {
		let _ = self.child.kill();
		let _ = self.child.wait();
		if !std::thread::panicking() {
			let log = self.log();
			assert!(!log.contains("panicked at"), "the node panicked:\n{log}");
		}
	}
}

/// A directory for one node.
pub(crate) fn directory() -> TempDir {
	tempfile::tempdir().expect("a directory")
}

/// The specification of `chain` with `change` made to it, in `dir`.
pub(crate) fn changed_spec(dir: &Path, chain: &str, change: impl FnOnce(&mut Value)) -> String {
	let output = vigil()
		.args(["export-chain-spec", "--chain", chain])
		.output()
		.expect("the node runs");
	let mut spec = serde_json::from_slice(&output.stdout).expect("the node writes JSON");
	change(&mut spec);
	let path = dir.join("spec.json");
	std::fs::write(&path, spec.to_string()).expect("written");
	path.to_str().expect("utf-8").into()
}
