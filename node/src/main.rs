//! The Vigil node: producer, witness or full node of a Vigil network.

fn main() -> std::process::ExitCode {
	vigil_node::run(vigil_node::Honest)
}
