//! How a producer introduces itself when a stream opens: with its keys, and for each a signature over
//! its own peer id. The node signs and verifies; here is what travels.

use codec::{Decode, Encode};
use vigil_heartbeat_primitives::Hash;

/// Says what the signature is for, and in which version.
const CONTEXT: &[u8] = b"vigil/collector/1";

/// Producers that one node may be.
pub const MAX_KEYS: usize = 4;

/// Bytes of the largest hello: a length, and for each key 32 bytes and 64 of signature.
pub const MAX_BYTES: usize = 1 + MAX_KEYS * (32 + 64);

/// "I am these producers."
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Hello {
	/// The keys, each with its signature: at most [`MAX_KEYS`].
	pub keys: Vec<([u8; 32], [u8; 64])>,
}

impl Hello {
	/// What a producer signs: that on the chain of this genesis it is `peer`.
	pub fn message(genesis: &Hash, peer: &[u8]) -> Vec<u8> {
		[CONTEXT, genesis, peer].concat()
	}

	/// As it travels.
	pub fn to_bytes(&self) -> Vec<u8> {
		self.encode()
	}

	/// Read what travelled. None if it is no hello; there is one way to write one.
	pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
		if bytes.len() > MAX_BYTES {
			return None;
		}
		let mut rest = bytes;
		Self::decode(&mut rest).ok().filter(|_| rest.is_empty())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn hello(keys: usize) -> Hello {
		Hello {
			keys: vec![([1; 32], [2; 64]); keys],
		}
	}

	#[test]
	fn a_hello_arrives_as_it_was_sent() {
		for keys in 0..=MAX_KEYS {
			let bytes = hello(keys).to_bytes();
			assert!(bytes.len() <= MAX_BYTES);
			assert_eq!(Hello::from_bytes(&bytes), Some(hello(keys)));
		}
	}

	#[test]
	fn anything_else_is_no_hello() {
		assert_eq!(Hello::from_bytes(&[]), None);
		assert_eq!(Hello::from_bytes(&[0, 0]), None);
		assert_eq!(Hello::from_bytes(&hello(MAX_KEYS + 1).to_bytes()), None);
	}
}
