//! Heartbeats in the node.
