//! Cases of proofs of possession.

use super::{
	counting, keys,
	messages::{
		heartbeat, possession, CHECKPOINT, GENESIS, OTHER_GENESIS, OTHER_OWNER, OWNER, PERIOD,
	},
	points::{
		bytes, key, key_written_twice, order_three, secret, sign, BASIC, COMPRESSED, IDENTITY,
		PROVE, SIGN,
	},
	signatures, with,
};
use crate::format::{Hex, Possession, Reason};
use ark_bls12_381::{Fr, G2Projective};

/// All of them.
pub(crate) fn all() -> Vec<Possession> {
	let cases = [
		fit(),
		other_messages(),
		rogue_keys(),
		unfit_keys(),
		unfit_proofs(),
	];
	cases.into_iter().flatten().collect()
}

/// The proof that a secret makes for the usual owner of a key on the usual chain.
fn proof(secret: Fr, public_key: &Hex) -> G2Projective {
	sign(secret, PROVE, &possession(GENESIS, public_key, OWNER))
}

/// A case of the usual owner on the usual chain.
fn case(name: &str, public_key: Hex, proof: Hex, reason: Reason) -> Possession {
	Possession {
		name: name.into(),
		public_key,
		genesis: Hex(counting(GENESIS).to_vec()),
		owner: Hex(counting(OWNER).to_vec()),
		proof,
		accept: reason == Reason::Valid,
		reason,
	}
}

fn own_key() -> Hex {
	bytes(key(secret(0)))
}

fn own_proof() -> G2Projective {
	proof(secret(0), &own_key())
}

fn fit() -> Vec<Possession> {
	use Reason::Valid;
	let [other, negative, smallest] =
		[secret(1), -secret(0), Fr::from(1u64)].map(|secret| (secret, bytes(key(secret))));
	let proven = |name, (secret, public_key): (Fr, Hex)| {
		let proof = bytes(proof(secret, &public_key));
		case(name, public_key, proof, Valid)
	};
	vec![
		proven("a proof", (secret(0), own_key())),
		proven("the proof of another key", other),
		proven("the proof of a negative key", negative),
		proven("the proof of the smallest secret", smallest),
	]
}

fn other_messages() -> Vec<Possession> {
	use Reason::WrongSignature;
	let wrong = |name, proof: G2Projective| case(name, own_key(), bytes(proof), WrongSignature);
	let for_others = |genesis, public_key: &Hex, owner| {
		sign(secret(0), PROVE, &possession(genesis, public_key, owner))
	};
	let message = possession(GENESIS, &own_key(), OWNER);
	let other_key = bytes(key(secret(1)));
	let negative = bytes(-key(secret(0)));
	vec![
		wrong(
			"a proof for another owner",
			for_others(GENESIS, &own_key(), OTHER_OWNER),
		),
		wrong(
			"a proof for another chain",
			for_others(OTHER_GENESIS, &own_key(), OWNER),
		),
		wrong(
			"a proof about another key",
			for_others(GENESIS, &other_key, OWNER),
		),
		wrong("a proof by another secret", proof(secret(1), &own_key())),
		wrong(
			"genesis and owner exchanged",
			for_others(OWNER, &own_key(), GENESIS),
		),
		wrong("a proof with the other sign", -own_proof()),
		wrong(
			"a proof under the tag of heartbeats",
			sign(secret(0), SIGN, &message),
		),
		wrong(
			"a proof under the tag of the basic scheme",
			sign(secret(0), BASIC, &message),
		),
		wrong(
			"a proof about the key alone",
			sign(secret(0), PROVE, &own_key().0),
		),
		wrong(
			"a heartbeat as proof",
			sign(secret(0), SIGN, &heartbeat(GENESIS, PERIOD, CHECKPOINT)),
		),
		wrong(
			"a heartbeat under the tag of proofs",
			sign(secret(0), PROVE, &heartbeat(GENESIS, PERIOD, CHECKPOINT)),
		),
		case(
			"the key of another proof",
			other_key,
			bytes(own_proof()),
			WrongSignature,
		),
		case(
			"the negative key with the key's proof",
			negative.clone(),
			bytes(own_proof()),
			WrongSignature,
		),
		case(
			"the negative key with the key's proof negated",
			negative,
			bytes(-own_proof()),
			WrongSignature,
		),
	]
}

/// An attacker registers the difference of its own key and a victim's, to sign for both. It has the
/// secret of its own key and everything that the victim ever published.
fn rogue_keys() -> Vec<Possession> {
	let (victim, attacker) = (secret(0), secret(8));
	let rogue = bytes(key(attacker) - key(victim));
	let attempt = |name, proof| case(name, rogue.clone(), bytes(proof), Reason::WrongSignature);
	let own = bytes(key(attacker));
	let victims_heartbeat = sign(victim, SIGN, &heartbeat(GENESIS, PERIOD, CHECKPOINT));
	let about_rogue = proof(attacker, &rogue);
	vec![
		attempt("a rogue key, signed by the attacker's secret", about_rogue),
		attempt(
			"a rogue key, less the victim's proof",
			about_rogue - own_proof(),
		),
		attempt(
			"a rogue key, the difference of both proofs",
			proof(attacker, &own) - own_proof(),
		),
		attempt("a rogue key, the attacker's proof", proof(attacker, &own)),
		attempt("a rogue key, the victim's proof", own_proof()),
		attempt("a rogue key, the victim's proof negated", -own_proof()),
		attempt(
			"a rogue key, less the victim's heartbeat",
			about_rogue - victims_heartbeat,
		),
	]
}

/// Every key that is refused alone is refused with a proof about its very bytes.
fn unfit_keys() -> Vec<Possession> {
	let unfit = keys::all().into_iter().filter(|key| !key.accept);
	let mut cases: Vec<_> = unfit
		.map(|key| {
			let proof = bytes(proof(secret(0), &key.public_key));
			case(
				&format!("key: {}", key.name),
				key.public_key,
				proof,
				key.reason,
			)
		})
		.collect();
	let identity = with(&Hex(vec![0; 48]), 0, COMPRESSED | IDENTITY);
	let (twice, alias) = key_written_twice();
	let shifted = bytes(key(secret(1)) + order_three());
	cases.push(case(
		"the identity proves the identity",
		identity,
		signatures::identity(),
		Reason::KeyIdentity,
	));
	cases.push(case(
		"a second way to write a key, proven with its secret",
		alias.clone(),
		bytes(proof(twice, &alias)),
		Reason::KeyNotCanonical,
	));
	// Without the check of the subgroup, this would verify.
	cases.push(case(
		"a key plus a point that pairings do not see",
		shifted.clone(),
		bytes(proof(secret(1), &shifted)),
		Reason::KeyOutsideSubgroup,
	));
	cases
}

/// Everything that is no signature is no proof.
fn unfit_proofs() -> Vec<Possession> {
	let unfit = signatures::unfit(own_proof()).into_iter();
	unfit
		.map(|(name, bytes, reason)| case(&format!("proof: {name}"), own_key(), bytes, reason))
		.collect()
}
