//! `vigil-adversary`: the Vigil node, with a conduct that no operator would want. For the network
//! stories, which show what it can and cannot do. Takes the node's command line; `VIGIL_CONDUCT` names
//! the conduct.

mod drop;
mod flood;
mod forge;

use std::{env, process::ExitCode};

/// Says which conduct.
const VARIABLE: &str = "VIGIL_CONDUCT";

fn main() -> ExitCode {
	match env::var(VARIABLE).as_deref() {
		Ok("drop") => vigil_node::run(drop::Drop),
		Ok("forge") => vigil_node::run(forge::Forge),
		Ok("junk") => vigil_node::run(flood::Junk),
		Ok("noise") => vigil_node::run(flood::Noise),
		other => {
			eprintln!("Error: {VARIABLE} must be drop, forge, junk or noise; it is {other:?}");
			ExitCode::FAILURE
		}
	}
}
