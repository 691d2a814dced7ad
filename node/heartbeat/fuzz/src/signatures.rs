//! Signatures and proofs: one key, one message.

use crate::{
	points::{self, LARGER},
	tape::Tape,
};
use blst::{min_pk, BLST_ERROR};
use std::sync::OnceLock;
use vigil_heartbeat::bls::{self, Key, Point, SecretKey};
use vigil_heartbeat_primitives::{
	self as primitives, possession_message, testing::TestKey, KeySum, PublicKey, Refusal, Signature,
};

/// Signers of [`signatures`].
const SIGNERS: u32 = 4;
const MESSAGES: [&[u8]; 2] = [b"message", b"another message"];

/// The tag of proofs of possession, for the node's side: only the runtime has a function for them.
const POSSESSION_SUITE: &[u8] = b"BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/// A staker whose secret everybody knows, with what signs fast.
pub(crate) fn secret(index: u32) -> SecretKey {
	SecretKey::from_bytes(&TestKey::new(index).secret_bytes()).expect("a test key is a key")
}

struct Signer {
	key: Key,
	sum: KeySum,
	signed: [Signature; MESSAGES.len()],
}

fn signers() -> &'static [Signer] {
	static SIGNED: OnceLock<Vec<Signer>> = OnceLock::new();
	SIGNED.get_or_init(|| {
		let signer = |index| {
			let (secret, mut sum) = (secret(index), KeySum::new());
			assert!(sum.add(&secret.stored()));
			Signer {
				key: Key::from_stored(&secret.stored()).expect("a test key is a key"),
				sum,
				signed: MESSAGES.map(|message| secret.sign(message)),
			}
		};
		(0..SIGNERS).map(signer).collect()
	})
}

/// Bytes of a signature: the runtime and the node say the same of them, the same as is known of
/// them, and take none but the one that the key makes for the message.
pub fn signatures(input: &[u8]) -> Result<(), Refusal> {
	let mut tape = Tape::new(input);
	let (signer, at) = (
		&signers()[tape.below(SIGNERS) as usize],
		tape.below(2) as usize,
	);
	let made = points::signature(&mut tape, |tape| {
		signers()[tape.below(SIGNERS) as usize].signed[tape.below(2) as usize].0
	});
	let (message, signature) = (MESSAGES[at], Signature(made.bytes));

	let form = Point::decode(&signature);
	if let Some(known) = made.known {
		assert_eq!(form.map(drop), known);
	}
	let runtime = primitives::verify(&signer.sum, message, &signature);
	let node = bls::verify(&signer.key, message, &signature);
	assert_eq!(runtime, node.map(drop));
	match form {
		Ok(point) => assert_eq!(point.encode(), signature),
		Err(fault) => assert_eq!(runtime, Err(Refusal::BadSignature(fault))),
	}
	assert_eq!(runtime.is_ok(), signature == signer.signed[at]);
	runtime
}

/// A key with its proof of possession, bent in any of its parts: the runtime and `blst` say the
/// same, and take a proof if and only if it is the one that this key makes for this owner on this
/// chain.
pub fn possessions(input: &[u8]) -> Result<(), Refusal> {
	let mut tape = Tape::new(input);
	let secret = secret(tape.below(8));
	let (mut genesis, mut owner) = ([tape.byte(); 32], [tape.byte(); 32]);
	let mut key = secret.public();
	let mut proof = secret.prove(&genesis, &owner);
	match tape.below(8) {
		0 => {}
		1 => {
			tape.bend(&mut genesis);
		}
		2 => {
			tape.bend(&mut owner);
		}
		3 => {
			tape.bend(&mut key.0);
		}
		4 => {
			tape.bend(&mut proof.0);
		}
		// Another one's proof, with or without that one's key.
		5 => {
			let other = self::secret(tape.below(8));
			proof = other.prove(&genesis, &owner);
			if tape.flag() {
				key = other.public();
			}
		}
		// Key and proof negated: of a plain message that would be a signature.
		6 => {
			key.0[0] ^= LARGER;
			proof.0[0] ^= LARGER;
		}
		// A heartbeat in place of a proof, or points of all sorts.
		_ if tape.flag() => proof = secret.sign(&possession_message(&genesis, &key, &owner)),
		_ => {
			key = PublicKey(points::key(&mut tape, |_| key.0).bytes);
			proof = Signature(points::signature(&mut tape, |_| proof.0).bytes);
		}
	}

	let runtime = primitives::verify_possession(&genesis, &key, &owner, &proof);
	assert_eq!(
		runtime.map(drop),
		possession_by_blst(&genesis, &key, &owner, &proof)
	);
	let signer = (0..8)
		.map(self::secret)
		.find(|secret| secret.public() == key);
	let right = signer.is_some_and(|signer| signer.prove(&genesis, &owner) == proof);
	assert_eq!(runtime.is_ok(), right);
	if let Ok(stored) = runtime {
		assert_eq!(stored.compress(), Some(key));
	}
	runtime.map(drop)
}

fn possession_by_blst(
	genesis: &[u8; 32],
	key: &PublicKey,
	owner: &[u8; 32],
	proof: &Signature,
) -> Result<(), Refusal> {
	let key_fault = Key::decode(key).map_err(Refusal::BadKey);
	let proof_fault = Point::decode(proof).map_err(Refusal::BadSignature);
	key_fault.map(drop).and(proof_fault.map(drop))?;
	let message = possession_message(genesis, key, owner);
	let (key, proof) = (
		min_pk::PublicKey::key_validate(&key.0),
		min_pk::Signature::sig_validate(&proof.0, true),
	);
	match (key, proof) {
		(Ok(key), Ok(proof)) => {
			let verdict = proof.verify(false, &message, POSSESSION_SUITE, &[], &key, false);
			match verdict {
				BLST_ERROR::BLST_SUCCESS => Ok(()),
				_ => Err(Refusal::WrongSignature),
			}
		}
		faults => panic!("the node took what blst does not: {faults:?}"),
	}
}
