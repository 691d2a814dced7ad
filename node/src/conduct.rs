//! What a node does with what it made, before others see it.
//!
//! The network stories need nodes that lie. They are this node, with a conduct of their own: so they
//! lie in the real protocol, with real keys and seals, as a thief of a producer's machine would.

use std::{fmt::Debug, sync::Arc};
use vigil_heartbeat::view::View;
use vigil_heartbeat_primitives::HeartbeatAggregate;
use vigil_runtime::opaque::Block;

/// What a node does with what it made. Honest nodes do nothing: that is what every method here says
/// unless it is written again.
pub trait Conduct: Debug + Send + Sync + 'static {
	/// The aggregate that this node's next block is to carry.
	fn aggregate(&self, made: Option<HeartbeatAggregate>) -> Option<HeartbeatAggregate> {
		made
	}

	/// The batches that go to a peer in place of this one.
	fn batch(&self, made: Vec<u8>) -> Vec<Vec<u8>> {
		vec![made]
	}

	/// The batches that go to every peer in each slot, whatever else is sent.
	fn every_slot(&self, _view: &View) -> Vec<Vec<u8>> {
		Vec::new()
	}

	/// The block that is sealed in place of this one.
	fn block(&self, made: Block) -> Block {
		made
	}
}

/// Does nothing but its work.
#[derive(Clone, Copy, Debug)]
pub struct Honest;

impl Conduct for Honest {}

/// A conduct that all parts of a node share.
pub(crate) type SharedConduct = Arc<dyn Conduct>;
