//! The node's side of the shared cases: `blst`, without anything of ours between. The runtime's
//! side, `w3f-bls`, is `pallets/heartbeat/primitives/tests/vectors.rs`, which also makes the file.

#[path = "../../../pallets/heartbeat/primitives/tests/format/mod.rs"]
mod format;

use blst::{
	min_pk::{AggregatePublicKey, PublicKey, SecretKey, Signature},
	BLST_ERROR,
};
use format::{Heartbeat, Hex, Possession, Published, Reason, Vectors, PUBLISHED, VECTORS};
use serde::de::DeserializeOwned;

/// The tag of heartbeats.
const SIGN: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
/// The tag of proofs of possession.
const PROVE: &[u8] = b"BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/// A file of cases, read.
fn load<Cases: DeserializeOwned>(text: &str) -> Cases {
	serde_json::from_str(text).expect("the file has the format that is described")
}

fn key_fault(error: BLST_ERROR) -> Reason {
	match error {
		BLST_ERROR::BLST_PK_IS_INFINITY => Reason::KeyIdentity,
		BLST_ERROR::BLST_POINT_NOT_IN_GROUP => Reason::KeyOutsideSubgroup,
		_ => Reason::KeyNotCanonical,
	}
}

/// The library has the same names for faults of keys and of signatures.
fn signature_fault(error: BLST_ERROR) -> Reason {
	match error {
		BLST_ERROR::BLST_PK_IS_INFINITY => Reason::SignatureIdentity,
		BLST_ERROR::BLST_POINT_NOT_IN_GROUP => Reason::SignatureOutsideSubgroup,
		_ => Reason::SignatureNotCanonical,
	}
}

fn accepted(verdict: BLST_ERROR) -> Result<(), Reason> {
	match verdict {
		BLST_ERROR::BLST_SUCCESS => Ok(()),
		_ => Err(Reason::WrongSignature),
	}
}

fn reason<T>(result: Result<T, Reason>) -> Reason {
	result.err().unwrap_or(Reason::Valid)
}

/// The array first: `blst` alone would also take the uncompressed form, which is longer.
fn check_key(bytes: &Hex) -> Result<PublicKey, Reason> {
	let bytes: [u8; 48] = bytes.array().ok_or(Reason::KeyLength)?;
	PublicKey::key_validate(&bytes).map_err(key_fault)
}

fn check_signature(bytes: &Hex) -> Result<Signature, Reason> {
	let bytes: [u8; 96] = bytes.array().ok_or(Reason::SignatureLength)?;
	Signature::sig_validate(&bytes, true).map_err(signature_fault)
}

fn verify(keys: &[Hex], message: &[u8], signature: &Hex) -> Result<(), Reason> {
	let keys: Vec<_> = keys.iter().map(check_key).collect::<Result<_, _>>()?;
	let keys: Vec<_> = keys.iter().collect();
	// The library knows no sum of no keys.
	let sum = AggregatePublicKey::aggregate(&keys, false).map_err(|_| Reason::KeyIdentity)?;
	let sum = sum.to_public_key();
	sum.validate().map_err(key_fault)?;
	let signature = check_signature(signature)?;
	accepted(signature.verify(false, message, SIGN, &[], &sum, false))
}

fn check_heartbeat(case: &Heartbeat) -> Result<(), Reason> {
	verify(&case.public_keys, &heartbeat_message(case), &case.signature)
}

fn check_possession(case: &Possession) -> Result<(), Reason> {
	let key = check_key(&case.public_key)?;
	let proof = check_signature(&case.proof)?;
	accepted(proof.verify(false, &possession_message(case), PROVE, &[], &key, false))
}

fn heartbeat_message(case: &Heartbeat) -> Vec<u8> {
	let (genesis, checkpoint) = (case.genesis.exactly(), case.checkpoint.exactly());
	vigil_heartbeat_primitives::heartbeat_message(&genesis, case.period, &checkpoint).to_vec()
}

/// Written out: the crate's function takes only keys of the right length.
fn possession_message(case: &Possession) -> Vec<u8> {
	[&case.genesis.0[..], &case.public_key.0, &case.owner.0].concat()
}

#[test]
fn messages_are_these_bytes() {
	let vectors: Vectors = load(VECTORS);
	for case in vectors.heartbeat_messages {
		let period = case.period.to_le_bytes();
		let context = b"vigil/heartbeat/1".as_slice();
		let message = [context, &case.genesis.0, &period, &case.checkpoint.0].concat();
		assert_eq!(case.message.0, message, "{}", case.name);
	}
	for case in vectors.possession_messages {
		let message = [case.genesis.0, case.public_key.0, case.owner.0].concat();
		assert_eq!(case.message.0, message, "{}", case.name);
	}
}

#[test]
fn secrets_sign_these_bytes() {
	for case in load::<Vectors>(VECTORS).signing {
		let secret = SecretKey::from_bytes(&case.secret.0).expect("the secret is fit");
		assert_eq!(
			secret.sk_to_pk().to_bytes().to_vec(),
			case.public_key.0,
			"{}",
			case.name
		);
		let (genesis, checkpoint) = (case.genesis.exactly(), case.checkpoint.exactly());
		let message =
			vigil_heartbeat_primitives::heartbeat_message(&genesis, case.period, &checkpoint);
		let signature = secret.sign(&message, SIGN, &[]);
		assert_eq!(
			signature.to_bytes().to_vec(),
			case.signature.0,
			"{}",
			case.name
		);
		let message = [case.genesis.0, case.public_key.0, case.owner.0].concat();
		let proof = secret.sign(&message, PROVE, &[]);
		assert_eq!(proof.to_bytes().to_vec(), case.proof.0, "{}", case.name);
	}
}

#[test]
fn keys_are_accepted_and_refused_as_the_file_says() {
	for case in load::<Vectors>(VECTORS).keys {
		let reason = reason(check_key(&case.public_key));
		assert_eq!(
			(reason, reason == Reason::Valid),
			(case.reason, case.accept),
			"{}",
			case.name
		);
	}
}

#[test]
fn heartbeats_are_accepted_and_refused_as_the_file_says() {
	for case in load::<Vectors>(VECTORS).heartbeats {
		let reason = reason(check_heartbeat(&case));
		assert_eq!(
			(reason, reason == Reason::Valid),
			(case.reason, case.accept),
			"{}",
			case.name
		);
	}
}

#[test]
fn possessions_are_accepted_and_refused_as_the_file_says() {
	for case in load::<Vectors>(VECTORS).possessions {
		let reason = reason(check_possession(&case));
		assert_eq!(
			(reason, reason == Reason::Valid),
			(case.reason, case.accept),
			"{}",
			case.name
		);
	}
}

/// Were the subgroup not checked, a point of order three, which pairings do not see, would turn one
/// key into three with the same secret.
#[test]
fn only_the_check_of_the_subgroup_refuses_a_shifted_key() {
	let name = "a key plus a point that pairings do not see";
	let unchecked = |key: &Hex| PublicKey::uncompress(&key.0).expect("a point of the curve");
	let Vectors {
		heartbeats,
		possessions,
		..
	} = load(VECTORS);

	let mut named = heartbeats.iter().filter(|case| case.name == name);
	let case = named.next().expect("the file has this heartbeat");
	let (key, message) = (unchecked(&case.public_keys[0]), heartbeat_message(case));
	let signature = check_signature(&case.signature).expect("only the key is unfit");
	assert_eq!(
		accepted(signature.verify(false, &message, SIGN, &[], &key, false)),
		Ok(())
	);

	let mut named = possessions.iter().filter(|case| case.name == name);
	let case = named.next().expect("the file has this proof");
	let (key, message) = (unchecked(&case.public_key), possession_message(case));
	let proof = check_signature(&case.proof).expect("only the key is unfit");
	assert_eq!(
		accepted(proof.verify(false, &message, PROVE, &[], &key, false)),
		Ok(())
	);
}

#[test]
fn published_signatures_verify_as_published() {
	let published: Published = load(PUBLISHED);
	for case in published.verify {
		let input = case.input;
		let result = verify(&[input.pubkey], &input.message.0, &input.signature);
		assert_eq!(result.is_ok(), case.output, "{}", case.name);
	}
	for case in published.fast_aggregate_verify {
		let input = case.input;
		let result = verify(&input.pubkeys, &input.message.0, &input.signature);
		assert_eq!(result.is_ok(), case.output, "{}", case.name);
	}
}

#[test]
fn published_secrets_sign_as_published() {
	for case in load::<Published>(PUBLISHED).sign {
		let secret = SecretKey::from_bytes(&case.input.privkey.0).ok();
		let signature = secret.map(|secret| secret.sign(&case.input.message.0, SIGN, &[]));
		let signature = signature.map(|signature| Hex(signature.to_bytes().to_vec()));
		assert_eq!(signature, case.output, "{}", case.name);
	}
}

/// The published cases ask whether bytes are a point of the subgroup. The identity is one, which
/// we say in a reason of its own.
#[test]
fn published_points_decode_as_published() {
	let published: Published = load(PUBLISHED);
	for case in published.deserialization_g1 {
		let reason = reason(check_key(&case.input.pubkey));
		let decodes = matches!(reason, Reason::Valid | Reason::KeyIdentity);
		assert_eq!(decodes, case.output, "{}: {reason:?}", case.name);
	}
	for case in published.deserialization_g2 {
		let reason = reason(check_signature(&case.input.signature));
		let decodes = matches!(reason, Reason::Valid | Reason::SignatureIdentity);
		assert_eq!(decodes, case.output, "{}: {reason:?}", case.name);
	}
}
