//! The runtime's side of the shared cases: `w3f-bls`, through the crate's public interface. The
//! node's side, `blst`, is `node/heartbeat/tests/vectors.rs`.
//!
//! `vectors.json` holds cases of our own and is made by `generate`; `UPDATE_VECTORS=1 scripts/test
//! the_file_is_what_the_generator_makes` writes it anew, when a change was meant. `published.json`
//! holds cases of others and is never generated.

mod format;
mod generate;

use ark_bls12_381::Fr;
use ark_ff::{PrimeField, Zero};
use ark_serialize::CanonicalSerialize;
use format::{Heartbeat, Hex, Possession, Published, Reason, Vectors, PUBLISHED, VECTORS};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use vigil_heartbeat_primitives::{
	heartbeat_message, possession_message, verify, verify_possession, IetfBls, KeySum, PointFault,
	PublicKey, Refusal, Signature,
};
use w3f_bls::{Message, SecretKeyVT};

/// A file of cases, read.
fn load<Cases: DeserializeOwned>(text: &str) -> Cases {
	serde_json::from_str(text).expect("the file has the format that is described")
}

fn reason_of(refusal: Refusal) -> Reason {
	match refusal {
		Refusal::BadKey(PointFault::NotCanonical) => Reason::KeyNotCanonical,
		Refusal::BadKey(PointFault::OutsideSubgroup) => Reason::KeyOutsideSubgroup,
		Refusal::BadKey(PointFault::Identity) => Reason::KeyIdentity,
		Refusal::BadSignature(PointFault::NotCanonical) => Reason::SignatureNotCanonical,
		Refusal::BadSignature(PointFault::OutsideSubgroup) => Reason::SignatureOutsideSubgroup,
		Refusal::BadSignature(PointFault::Identity) => Reason::SignatureIdentity,
		Refusal::WrongSignature => Reason::WrongSignature,
	}
}

fn reason<T>(result: Result<T, Reason>) -> Reason {
	result.err().unwrap_or(Reason::Valid)
}

fn public_key(bytes: &Hex) -> Result<PublicKey, Reason> {
	bytes.array().map(PublicKey).ok_or(Reason::KeyLength)
}

fn signature(bytes: &Hex) -> Result<Signature, Reason> {
	bytes.array().map(Signature).ok_or(Reason::SignatureLength)
}

fn check_key(bytes: &Hex) -> Result<(), Reason> {
	public_key(bytes)?.check().map(drop).map_err(reason_of)
}

/// Keys are checked when they are registered, and summed up when a heartbeat comes.
fn check_signature(keys: &[Hex], message: &[u8], bytes: &Hex) -> Result<(), Reason> {
	let mut sum = KeySum::new();
	for key in keys {
		let stored = public_key(key)?.check().map_err(reason_of)?;
		assert!(sum.add(&stored), "a checked key is a point");
	}
	verify(&sum, message, &signature(bytes)?).map_err(reason_of)
}

fn check_heartbeat(case: &Heartbeat) -> Result<(), Reason> {
	let (genesis, checkpoint) = (case.genesis.exactly(), case.checkpoint.exactly());
	let message = heartbeat_message(&genesis, case.period, &checkpoint);
	check_signature(&case.public_keys, &message, &case.signature)
}

fn check_possession(case: &Possession) -> Result<(), Reason> {
	let key = public_key(&case.public_key)?;
	let (genesis, owner) = (case.genesis.exactly(), case.owner.exactly());
	let stored =
		verify_possession(&genesis, &key, &owner, &signature(&case.proof)?).map_err(reason_of)?;
	assert_eq!(Ok(stored), key.check(), "{}", case.name);
	Ok(())
}

/// The compressed form of what the library makes.
fn written(value: &impl CanonicalSerialize) -> Hex {
	let mut bytes = Vec::new();
	value
		.serialize_compressed(&mut bytes)
		.expect("a vector has room");
	Hex(bytes)
}

fn secret(bytes: &Hex) -> SecretKeyVT<IetfBls> {
	SecretKeyVT(Fr::from_be_bytes_mod_order(&bytes.0))
}

#[test]
fn the_file_is_what_the_generator_makes() {
	let made = generate::text(&generate::vectors());
	if std::env::var_os("UPDATE_VECTORS").is_some() {
		let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors.json");
		std::fs::write(path, made).expect("the file can be written");
	} else {
		assert!(
			made == VECTORS,
			"vectors.json is not what its generator makes. If the change was meant, write it anew \
			 with UPDATE_VECTORS=1 scripts/test the_file_is_what_the_generator_makes"
		);
	}
}

#[test]
fn every_case_has_a_name_of_its_own_and_says_the_same_twice() {
	let Vectors {
		keys,
		heartbeats,
		possessions,
		..
	} = load(VECTORS);
	let keys = keys
		.iter()
		.map(|case| (&case.name, case.accept, case.reason));
	let heartbeats = heartbeats
		.iter()
		.map(|case| (&case.name, case.accept, case.reason));
	let possessions = possessions
		.iter()
		.map(|case| (&case.name, case.accept, case.reason));
	let groups: [Vec<_>; 3] = [keys.collect(), heartbeats.collect(), possessions.collect()];
	for cases in groups {
		let names: BTreeSet<_> = cases.iter().map(|(name, ..)| name).collect();
		assert_eq!(names.len(), cases.len());
		for (name, accept, reason) in cases {
			assert_eq!(accept, reason == Reason::Valid, "{name}");
		}
	}
}

#[test]
fn messages_are_these_bytes() {
	let vectors: Vectors = load(VECTORS);
	for case in vectors.heartbeat_messages {
		let (genesis, checkpoint) = (case.genesis.exactly(), case.checkpoint.exactly());
		let message = heartbeat_message(&genesis, case.period, &checkpoint);
		assert_eq!(case.message.0, message, "{}", case.name);
	}
	for case in vectors.possession_messages {
		let key = PublicKey(case.public_key.exactly());
		let message = possession_message(&case.genesis.exactly(), &key, &case.owner.exactly());
		assert_eq!(case.message.0, message, "{}", case.name);
	}
}

#[test]
fn secrets_sign_these_bytes() {
	for case in load::<Vectors>(VECTORS).signing {
		let secret = secret(&case.secret);
		assert_eq!(
			written(&secret.to_public().0),
			case.public_key,
			"{}",
			case.name
		);
		let (genesis, checkpoint) = (case.genesis.exactly(), case.checkpoint.exactly());
		let message = heartbeat_message(&genesis, case.period, &checkpoint);
		let signature = secret.sign(&Message::new_assuming_pop(b"", &message));
		assert_eq!(written(&signature.0), case.signature, "{}", case.name);
		let key = PublicKey(case.public_key.exactly());
		let message = possession_message(&genesis, &key, &case.owner.exactly());
		let proof = secret.sign(&Message::new_pop_message(b"", &message));
		assert_eq!(written(&proof.0), case.proof, "{}", case.name);
	}
}

#[test]
fn keys_are_accepted_and_refused_as_the_file_says() {
	for case in load::<Vectors>(VECTORS).keys {
		assert_eq!(
			reason(check_key(&case.public_key)),
			case.reason,
			"{}",
			case.name
		);
	}
}

#[test]
fn heartbeats_are_accepted_and_refused_as_the_file_says() {
	for case in load::<Vectors>(VECTORS).heartbeats {
		assert_eq!(reason(check_heartbeat(&case)), case.reason, "{}", case.name);
	}
}

#[test]
fn possessions_are_accepted_and_refused_as_the_file_says() {
	for case in load::<Vectors>(VECTORS).possessions {
		assert_eq!(
			reason(check_possession(&case)),
			case.reason,
			"{}",
			case.name
		);
	}
}

#[test]
fn published_signatures_verify_as_published() {
	let published: Published = load(PUBLISHED);
	for case in published.verify {
		let (keys, input) = (
			[case.input.pubkey],
			(case.input.message, case.input.signature),
		);
		let result = check_signature(&keys, &input.0 .0, &input.1);
		assert_eq!(result.is_ok(), case.output, "{}", case.name);
	}
	for case in published.fast_aggregate_verify {
		let input = case.input;
		let result = check_signature(&input.pubkeys, &input.message.0, &input.signature);
		assert_eq!(result.is_ok(), case.output, "{}", case.name);
	}
}

#[test]
fn published_secrets_sign_as_published() {
	for case in load::<Published>(PUBLISHED).sign {
		let secret = secret(&case.input.privkey);
		let Some(expected) = case.output else {
			// The zero is no secret; here, its key is no key.
			assert!(secret.0.is_zero(), "{}", case.name);
			let key = written(&secret.to_public().0);
			assert_eq!(check_key(&key), Err(Reason::KeyIdentity), "{}", case.name);
			continue;
		};
		let message = Message::new_assuming_pop(b"", &case.input.message.0);
		assert_eq!(written(&secret.sign(&message).0), expected, "{}", case.name);
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
	let key = [generate::vectors().signing.swap_remove(0).public_key];
	for case in published.deserialization_g2 {
		let reason = reason(check_signature(&key, b"", &case.input.signature));
		let decodes = matches!(reason, Reason::WrongSignature | Reason::SignatureIdentity);
		assert_eq!(decodes, case.output, "{}: {reason:?}", case.name);
	}
}
