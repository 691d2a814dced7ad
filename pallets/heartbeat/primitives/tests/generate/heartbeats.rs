//! Cases of heartbeats and of aggregates of them.

use super::{
	counting, keys,
	messages::{heartbeat, CHECKPOINT, GENESIS, OTHER_CHECKPOINT, OTHER_GENESIS, PERIOD},
	points::{bytes, key, order_three, secret, sign, AUGMENTED, BASIC, LARGER, PROVE, SIGN},
	signatures, with,
};
use crate::format::{Heartbeat, Hex, Reason};
use ark_bls12_381::{Fr, G2Projective};
use w3f_bls::{Message, SecretKeyVT, ZBLS};

/// All of them.
pub(crate) fn all() -> Vec<Heartbeat> {
	let signed = [
		fit(),
		aggregates(),
		cancellations(),
		other_messages(),
		other_tags(),
	];
	let unfit = [unfit_keys(), unfit_signatures()];
	signed.into_iter().chain(unfit).flatten().collect()
}

/// The signature of the usual message.
fn signature(secret: Fr) -> G2Projective {
	sign(secret, SIGN, &heartbeat(GENESIS, PERIOD, CHECKPOINT))
}

/// A case about the usual message.
fn case(name: &str, public_keys: Vec<Hex>, signature: Hex, reason: Reason) -> Heartbeat {
	Heartbeat {
		name: name.into(),
		public_keys,
		genesis: Hex(counting(GENESIS).to_vec()),
		period: PERIOD,
		checkpoint: Hex(counting(CHECKPOINT).to_vec()),
		signature,
		accept: reason == Reason::Valid,
		reason,
	}
}

/// A case about one key and the usual message.
fn alone(name: &str, signature: Hex, reason: Reason) -> Heartbeat {
	case(name, keys_of([0]), signature, reason)
}

fn keys_of(numbers: impl IntoIterator<Item = u64>) -> Vec<Hex> {
	let key_of = |number| bytes(key(secret(number)));
	numbers.into_iter().map(key_of).collect()
}

/// What all these secrets sign together.
fn together(numbers: impl IntoIterator<Item = u64>) -> Hex {
	bytes(signature(numbers.into_iter().map(secret).sum()))
}

fn fit() -> Vec<Heartbeat> {
	use Reason::{Valid, WrongSignature};
	vec![
		alone("one key", together([0]), Valid),
		case("another key", keys_of([1]), together([1]), Valid),
		case(
			"the smallest secret",
			vec![bytes(key(1.into()))],
			bytes(signature(1.into())),
			Valid,
		),
		case(
			"the signature of another key",
			keys_of([1]),
			together([0]),
			WrongSignature,
		),
		case(
			"the signature is of the negative key",
			vec![bytes(-key(secret(0)))],
			together([0]),
			WrongSignature,
		),
		case(
			"key and signature negated",
			vec![bytes(-key(secret(0)))],
			bytes(-signature(secret(0))),
			Valid,
		),
	]
}

fn aggregates() -> Vec<Heartbeat> {
	use Reason::{Valid, WrongSignature};
	vec![
		case("two keys", keys_of(0..2), together(0..2), Valid),
		case("twenty keys", keys_of(0..20), together(0..20), Valid),
		case(
			"in another order",
			keys_of([2, 0, 1]),
			together([1, 2, 0]),
			Valid,
		),
		case(
			"a key twice, signed twice",
			keys_of([0, 0]),
			together([0, 0]),
			Valid,
		),
		case(
			"a key twice, signed once",
			keys_of([0, 0]),
			together([0]),
			WrongSignature,
		),
		case(
			"a key once, signed twice",
			keys_of([0]),
			together([0, 0]),
			WrongSignature,
		),
		case(
			"a key is missing",
			keys_of(0..4),
			together(0..5),
			WrongSignature,
		),
		case(
			"a key too many",
			keys_of(0..6),
			together(0..5),
			WrongSignature,
		),
		case(
			"another key instead",
			keys_of([0, 1, 5]),
			together([0, 1, 2]),
			WrongSignature,
		),
	]
}

fn cancellations() -> Vec<Heartbeat> {
	use Reason::{KeyIdentity, SignatureIdentity, Valid, WrongSignature};
	let identity = signatures::identity();
	let opposite = vec![bytes(key(secret(0))), bytes(-key(secret(0)))];
	let and_more = [opposite.clone(), keys_of([1])].concat();
	// Two who collude shift their signatures by the same amount, in opposite directions.
	let shift = signature(secret(9));
	let (up, down) = (signature(secret(0)) + shift, signature(secret(1)) - shift);
	// Not registered, for want of a proof: the difference of the attacker's key and the victim's.
	let rogue = bytes(key(secret(8)) - key(secret(0)));
	vec![
		case(
			"no keys, the identity as signature",
			vec![],
			identity.clone(),
			KeyIdentity,
		),
		case("no keys, a signature", vec![], together([0]), KeyIdentity),
		case(
			"keys that sum to the identity",
			opposite.clone(),
			identity.clone(),
			KeyIdentity,
		),
		case(
			"keys that sum to the identity, a signature",
			opposite,
			together([0]),
			KeyIdentity,
		),
		case(
			"keys of which two cancel out",
			and_more.clone(),
			together([1]),
			Valid,
		),
		case(
			"keys of which two cancel out, the identity as signature",
			and_more,
			identity,
			SignatureIdentity,
		),
		case(
			"a signature shifted up",
			keys_of([0]),
			bytes(up),
			WrongSignature,
		),
		case(
			"a signature shifted down",
			keys_of([1]),
			bytes(down),
			WrongSignature,
		),
		case(
			"the sum of signatures shifted up and down",
			keys_of([0, 1]),
			bytes(up + down),
			Valid,
		),
		case(
			"a rogue key signs for its victim: why keys need a proof",
			vec![keys_of([0])[0].clone(), rogue],
			together([8]),
			Valid,
		),
	]
}

fn other_messages() -> Vec<Heartbeat> {
	use Reason::WrongSignature;
	let good = alone("", together([0]), WrongSignature);
	let [genesis, other_genesis, checkpoint, other_checkpoint] =
		[GENESIS, OTHER_GENESIS, CHECKPOINT, OTHER_CHECKPOINT]
			.map(|first| Hex(counting(first).to_vec()));
	let named = |name: &str, change: &dyn Fn(&mut Heartbeat)| {
		let mut case = good.clone();
		case.name = name.into();
		change(&mut case);
		case
	};
	let signed =
		|name, message: &[u8]| alone(name, bytes(sign(secret(0), SIGN, message)), WrongSignature);
	let message = heartbeat(GENESIS, PERIOD, CHECKPOINT);
	let big_endian = [&message[..49], &PERIOD.to_be_bytes(), &message[57..]].concat();
	vec![
		named("the next period", &|case| case.period += 1),
		named("the period before", &|case| case.period -= 1),
		named("the first period", &|case| case.period = 0),
		named("the period's bytes reversed", &|case| {
			case.period = PERIOD.swap_bytes() >> 8
		}),
		named("another checkpoint", &|case| {
			case.checkpoint = other_checkpoint.clone()
		}),
		named("another chain", &|case| {
			case.genesis = other_genesis.clone()
		}),
		named("genesis and checkpoint exchanged", &|case| {
			case.genesis = checkpoint.clone();
			case.checkpoint = genesis.clone();
		}),
		signed("signed with the period in big-endian", &big_endian),
		signed("signed without the context", &message[17..]),
		signed("signed with a byte more", &[&message[..], &[0]].concat()),
		signed("signed with a byte less", &message[..88]),
		signed("signed an empty message", b""),
	]
}

fn other_tags() -> Vec<Heartbeat> {
	use Reason::WrongSignature;
	let message = heartbeat(GENESIS, PERIOD, CHECKPOINT);
	let under = |name, tag, message: &[u8]| {
		alone(name, bytes(sign(secret(0), tag, message)), WrongSignature)
	};
	let augmented = [bytes(key(secret(0))).0, message.clone()].concat();
	let library = SecretKeyVT::<ZBLS>(secret(0)).sign(&Message::new_assuming_pop(b"", &message));
	vec![
		under("under the tag of proofs", PROVE, &message),
		under("under the tag of the basic scheme", BASIC, &message),
		under("under the tag of the augmented scheme", AUGMENTED, &message),
		under("as the augmented scheme signs", AUGMENTED, &augmented),
		alone(
			"as w3f-bls hashes by itself",
			bytes(library.0),
			WrongSignature,
		),
	]
}

/// Every key that is refused alone is refused among others.
fn unfit_keys() -> Vec<Heartbeat> {
	let unfit = keys::all().into_iter().filter(|key| !key.accept);
	let mut cases: Vec<_> = unfit
		.map(|key| {
			let keys = [keys_of([1]), vec![key.public_key]].concat();
			let name = format!("two keys, the second: {}", key.name);
			case(&name, keys, together([0, 1]), key.reason)
		})
		.collect();
	// Without the check of the subgroup, this would verify.
	let shifted = bytes(key(secret(0)) + order_three());
	cases.push(case(
		"a key plus a point that pairings do not see",
		vec![shifted],
		together([0]),
		Reason::KeyOutsideSubgroup,
	));
	cases
}

/// Everything that is no signature is refused, and so is a good one with the other sign.
fn unfit_signatures() -> Vec<Heartbeat> {
	let unfit = signatures::unfit(signature(secret(0))).into_iter();
	let mut cases: Vec<_> = unfit
		.map(|(name, bytes, reason)| alone(&format!("signature: {name}"), bytes, reason))
		.collect();
	let negated = with(&together([0]), 0, LARGER);
	assert_eq!(negated, bytes(-signature(secret(0))));
	cases.push(alone(
		"signature: with the other sign",
		negated,
		Reason::WrongSignature,
	));
	cases
}
