//! Who among the peers is which producer.
//!
//! A producer says so when a stream opens, signed with its Aura key over its own peer id: the
//! connection is authenticated, so nobody else can say the same. It needs no DHT, which takes
//! seconds to find anybody. A producer that says it and then drops heartbeats is one of the faults
//! that two further collectors are for.

use sc_network::PeerId;
use sp_consensus_aura::sr25519::AuthorityId;
use sp_core::{crypto::KeyTypeId, sr25519, ByteArray};
use sp_keystore::KeystorePtr;
use vigil_heartbeat::hello::{Hello, MAX_KEYS};
use vigil_heartbeat_primitives::Hash;

const AURA: KeyTypeId = sp_core::crypto::key_types::AURA;

/// What this node, as `peer`, says when it is the producers `keys`.
pub(super) fn say(
	genesis: &Hash,
	peer: &PeerId,
	keys: &[AuthorityId],
	keystore: &KeystorePtr,
) -> Hello {
	let message = Hello::message(genesis, &peer.to_bytes());
	let sign = |key: &AuthorityId| {
		let public = sr25519::Public::from_slice(key.as_slice()).ok()?;
		let signature = keystore.sr25519_sign(AURA, &public, &message).ok()??;
		Some((public.0, signature.0))
	};
	Hello {
		keys: keys.iter().filter_map(sign).take(MAX_KEYS).collect(),
	}
}

/// The keys that `peer` has by its own account. None if what it said is no hello, or not true.
pub(super) fn hear(bytes: &[u8], genesis: &Hash, peer: &PeerId) -> Option<Vec<AuthorityId>> {
	let hello = Hello::from_bytes(bytes)?;
	let message = Hello::message(genesis, &peer.to_bytes());
	let check = |(key, signature): ([u8; 32], [u8; 64])| {
		let public = sr25519::Public::from_raw(key);
		let signature = sr25519::Signature::from_raw(signature);
		sp_io::crypto::sr25519_verify(&signature, &message, &public)
			.then(|| AuthorityId::from(public))
	};
	hello.keys.into_iter().map(check).collect()
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
		let said = say(&GENESIS, &peer, std::slice::from_ref(&key), &keystore);
		assert_eq!(hear(&said.to_bytes(), &GENESIS, &peer), Some(vec![key]));
	}

	#[test]
	fn nobody_can_say_what_another_said() {
		let (keystore, key) = producer();
		let peer = PeerId::random();
		let bytes = say(&GENESIS, &peer, &[key], &keystore).to_bytes();
		assert_eq!(hear(&bytes, &GENESIS, &PeerId::random()), None);
		assert_eq!(hear(&bytes, &[2; 32], &peer), None);
	}

	#[test]
	fn whoever_is_nobody_says_so() {
		let peer = PeerId::random();
		let bytes = Hello::default().to_bytes();
		assert_eq!(hear(&bytes, &GENESIS, &peer), Some(Vec::new()));
		assert_eq!(hear(&[], &GENESIS, &peer), None);
	}
}
