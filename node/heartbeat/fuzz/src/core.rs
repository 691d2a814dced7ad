//! One node's core among peers that send what they like.

mod node;
mod world;

use crate::tape::Tape;
use node::Node;
use vigil_heartbeat::limits::Metrics;

/// Most steps of one input.
const STEPS: usize = 48;

/// Steps of a node as the tape says: messages of five peers, true, false or no messages at all;
/// slots; changes of the chain and of the connections; heartbeats of its own and by RPC. After each
/// step: the rooms keep within their bounds, what is sent and what is held is truly signed by active
/// stakers, nobody is charged who did no wrong, and the work of a slot keeps within its bound.
/// Returns the counters of the end.
pub fn core(input: &[u8]) -> Metrics {
	let mut tape = Tape::new(input);
	let mut node = Node::new(tape.byte());
	for _ in 0..STEPS {
		if tape.is_over() {
			break;
		}
		match tape.below(16) {
			0..=5 => node.message(&mut tape),
			6 => node.noise(&mut tape),
			7..=9 => node.slot(&mut tape),
			10 => node.chain(&mut tape),
			11 => node.connections(&mut tape),
			12 => node.own(&mut tape),
			13 => node.submitted(&mut tape),
			14 => node.held(),
			// Leave what there is to do where it is, for this step.
			_ => continue,
		}
		node.act();
		node.check();
	}
	node.act();
	node.held();
	node.check();
	node.metrics()
}
