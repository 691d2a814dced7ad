//! The processes behind the nodes.

use anyhow::{Context, Result};
use nix::{
	sys::signal::{kill, Signal},
	unistd::Pid,
};
use std::{fs, time::Duration};
use tokio::time::sleep;
use zombienet_sdk::NetworkNode;

/// Kills the process of `node` and waits until it is gone.
pub(crate) async fn cut_off(node: &NetworkNode) -> Result<()> {
	let pid = pid(node).context("the node has no process")?;
	kill(pid, Signal::SIGKILL)?;
	while is_alive(pid) {
		sleep(Duration::from_millis(20)).await;
	}
	Ok(())
}

/// Kills the process of `node`, if it still has one, without waiting.
pub(crate) fn clear_away(node: &NetworkNode) {
	if let Some(pid) = pid(node).filter(|pid| is_alive(*pid)) {
		// It may have died just now.
		let _ = kill(pid, Signal::SIGKILL);
	}
}

/// The process of a node: zombienet tells it only in its description of the network.
fn pid(node: &NetworkNode) -> Option<Pid> {
	let description = serde_json::to_value(node).ok()?;
	let pid = description["inner"]["process_handle"].as_i64()?;
	Some(Pid::from_raw(pid.try_into().ok()?))
}

/// A killed process stays listed as a zombie (Z) until zombienet asks for it.
fn is_alive(pid: Pid) -> bool {
	fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
		!stat
			.rsplit(") ")
			.next()
			.is_some_and(|rest| rest.starts_with('Z'))
	})
}
