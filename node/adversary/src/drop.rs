//! A producer that says it collects, and drops what it gets.

use vigil_heartbeat::wire::Batch;
use vigil_heartbeat_primitives::HeartbeatAggregate;
use vigil_node::Conduct;

/// Records nobody, passes on nobody. Its own heartbeats go out: it wants its reward.
#[derive(Debug)]
pub(crate) struct Drop;

impl Conduct for Drop {
	fn aggregate(&self, _: Option<HeartbeatAggregate>) -> Option<HeartbeatAggregate> {
		None
	}

	fn batch(&self, made: Vec<u8>) -> Vec<Vec<u8>> {
		let own = Batch::from_bytes(&made).is_ok_and(|batch| batch.hops == 0);
		own.then_some(made).into_iter().collect()
	}
}
