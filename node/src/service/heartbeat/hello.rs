//! Who among the peers is which producer.
//!
//! A producer says so when a stream opens, signed with its Aura key over its own peer id: the
//! connection is authenticated, so nobody else can say the same. It needs no DHT, which takes
//! seconds to find anybody. A producer that says it and then drops heartbeats is one of the faults
//! that two further collectors are for.

use codec::{Decode, Encode};
use sc_network::PeerId;
use sp_consensus_aura::sr25519::AuthorityId;
use sp_core::{crypto::KeyTypeId, sr25519, ByteArray};
use sp_keystore::KeystorePtr;
use vigil_heartbeat_primitives::Hash;

/// Says what the signature is for, and in which version.
const CONTEXT: &[u8] = b"vigil/collector/1";

const AURA: KeyTypeId = sp_core::crypto::key_types::AURA;

/// Producers that one node may be.
const MAX_KEYS: usize = 4;

/// Bytes of the largest hello.
pub(super) const MAX_BYTES: usize = 1 + MAX_KEYS * (32 + 64);

/// "I am these producers."
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(super) struct Hello {
	keys: Vec<([u8; 32], [u8; 64])>,
}

fn message(genesis: &Hash, peer: &PeerId) -> Vec<u8> {
	[CONTEXT, genesis, &peer.to_bytes()].concat()
}

impl Hello {
	/// What this node, as `peer`, says when it is the producers `keys`.
	pub(super) fn new(
		genesis: &Hash,
		peer: &PeerId,
		keys: &[AuthorityId],
		keystore: &KeystorePtr,
	) -> Self {
		let message = message(genesis, peer);
		let sign = |key: &AuthorityId| {
			let public = sr25519::Public::from_slice(key.as_slice()).ok()?;
			let signature = keystore.sr25519_sign(AURA, &public, &message).ok()??;
			Some((public.0, signature.0))
		};
		Self {
			keys: keys.iter().filter_map(sign).take(MAX_KEYS).collect(),
		}
	}

	/// Whether there is anything to say.
	pub(super) fn is_empty(&self) -> bool {
		self.keys.is_empty()
	}

	/// Read what `peer` said: the keys it has. None if it is no hello, or not true.
	pub(super) fn read(bytes: &[u8], genesis: &Hash, peer: &PeerId) -> Option<Vec<AuthorityId>> {
		if bytes.len() > MAX_BYTES {
			return None;
		}
		let mut rest = bytes;
		let hello = Self::decode(&mut rest).ok().filter(|_| rest.is_empty())?;
		let message = message(genesis, peer);
		let check = |(key, signature): ([u8; 32], [u8; 64])| {
			let public = sr25519::Public::from_raw(key);
			let signature = sr25519::Signature::from_raw(signature);
			sp_io::crypto::sr25519_verify(&signature, &message, &public)
				.then(|| AuthorityId::from(public))
		};
		hello.keys.into_iter().map(check).collect()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_keystore::{testing::MemoryKeystore, Keystore};
	use std::sync::Arc;

	const GENESIS: Hash = [1; 32];

	fn producer() -> (KeystorePtr, AuthorityId) {
		let keystore = MemoryKeystore::new();
		let key = keystore
			.sr25519_generate_new(AURA, Some("//Alice"))
			.expect("is a phrase");
		(Arc::new(keystore), key.into())
	}

	#[test]
	fn a_producer_is_known_by_its_hello() {
		let (keystore, key) = producer();
		let peer = PeerId::random();
		let bytes = Hello::new(&GENESIS, &peer, std::slice::from_ref(&key), &keystore).encode();
		assert!(bytes.len() <= MAX_BYTES);
		assert_eq!(Hello::read(&bytes, &GENESIS, &peer), Some(vec![key]));
	}

	#[test]
	fn nobody_can_say_what_another_said() {
		let (keystore, key) = producer();
		let peer = PeerId::random();
		let bytes = Hello::new(&GENESIS, &peer, &[key], &keystore).encode();
		assert_eq!(Hello::read(&bytes, &GENESIS, &PeerId::random()), None);
		assert_eq!(Hello::read(&bytes, &[2; 32], &peer), None);
	}

	#[test]
	fn anything_else_is_no_hello() {
		let peer = PeerId::random();
		assert_eq!(Hello::read(&[0], &GENESIS, &peer), Some(Vec::new()));
		assert_eq!(Hello::read(&[0, 0], &GENESIS, &peer), None);
		assert_eq!(Hello::read(&[], &GENESIS, &peer), None);
		assert_eq!(Hello::read(&[255; MAX_BYTES + 1], &GENESIS, &peer), None);
	}
}
