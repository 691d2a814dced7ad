//! Cases of keys alone.

use super::{
	points::{
		bytes, key, key_written_twice, modulus, no_key, order_three, secret, secret_of_sign,
		stray_key, uncompressed, written, COMPRESSED, IDENTITY, LARGER,
	},
	with,
};
use crate::format::{Hex, Key, Reason};
use ark_ec::AffineRepr;

/// All of them.
pub(crate) fn all() -> Vec<Key> {
	let cases = [
		fit(),
		wrong_lengths(),
		wrong_identities(),
		wrong_coordinates(),
		strays(),
	];
	cases.into_iter().flatten().collect()
}

fn case(name: &str, public_key: Hex, reason: Reason) -> Key {
	Key {
		name: name.into(),
		public_key,
		accept: reason == Reason::Valid,
		reason,
	}
}

fn fit() -> Vec<Key> {
	use Reason::Valid;
	let [smaller, larger] = [false, true].map(|sign| key(secret_of_sign(sign)));
	let (twice, _) = key_written_twice();
	vec![
		case("a key with the smaller y", bytes(smaller), Valid),
		case("a key with the larger y", bytes(larger), Valid),
		case("the negative of a key is a key", bytes(-smaller), Valid),
		case("the generator", bytes(key(1.into())), Valid),
		case("the key that has an alias below", bytes(key(twice)), Valid),
	]
}

fn wrong_lengths() -> Vec<Key> {
	use Reason::KeyLength;
	let Hex(good) = bytes(key(secret(0)));
	let longer = [&good[..], &[0]].concat();
	vec![
		case("no bytes", Hex(Vec::new()), KeyLength),
		case("47 bytes", Hex(good[..47].to_vec()), KeyLength),
		case("49 bytes", Hex(longer), KeyLength),
		case(
			"the uncompressed form",
			uncompressed(key(secret(0))),
			KeyLength,
		),
	]
}

fn wrong_identities() -> Vec<Key> {
	use Reason::{KeyIdentity, KeyNotCanonical};
	let zeros = Hex(vec![0; 48]);
	let identity = with(&zeros, 0, COMPRESSED | IDENTITY);
	vec![
		case("the identity", identity.clone(), KeyIdentity),
		case(
			"the identity with a sign",
			with(&identity, 0, LARGER),
			KeyNotCanonical,
		),
		case(
			"the identity with a last bit",
			with(&identity, 47, 1),
			KeyNotCanonical,
		),
		case(
			"the identity with a first bit",
			with(&identity, 0, 1),
			KeyNotCanonical,
		),
		case(
			"the identity, not compressed",
			with(&zeros, 0, IDENTITY),
			KeyNotCanonical,
		),
		case(
			"the identity with a sign, not compressed",
			with(&zeros, 0, IDENTITY | LARGER),
			KeyNotCanonical,
		),
		case("only zeros", zeros, KeyNotCanonical),
		case("only ones", Hex(vec![255; 48]), KeyNotCanonical),
	]
}

fn wrong_coordinates() -> Vec<Key> {
	use Reason::KeyNotCanonical;
	let good = bytes(key(secret_of_sign(false)));
	let larger = bytes(key(secret_of_sign(true)));
	let modulus = Hex(modulus());
	let (_, alias) = key_written_twice();
	let mut largest = vec![255; 48];
	largest[0] = COMPRESSED | 0b0001_1111;
	vec![
		case(
			"a key without the flag of compression",
			with(&good, 0, COMPRESSED),
			KeyNotCanonical,
		),
		case(
			"a key with a sign, without the flag of compression",
			with(&larger, 0, COMPRESSED),
			KeyNotCanonical,
		),
		case(
			"a key with the flag of the identity",
			with(&good, 0, IDENTITY),
			KeyNotCanonical,
		),
		case(
			"x is the modulus",
			with(&modulus, 0, COMPRESSED),
			KeyNotCanonical,
		),
		case(
			"x is the modulus, with a sign",
			with(&modulus, 0, COMPRESSED | LARGER),
			KeyNotCanonical,
		),
		case("x of a key plus the modulus", alias, KeyNotCanonical),
		case("x is the largest number", Hex(largest), KeyNotCanonical),
		case("no point has this x", no_key(), KeyNotCanonical),
		case(
			"no point has this x, with a sign",
			with(&no_key(), 0, LARGER),
			KeyNotCanonical,
		),
	]
}

fn strays() -> Vec<Key> {
	use Reason::KeyOutsideSubgroup;
	let shifted = key(secret(0)) + order_three();
	vec![
		case(
			"a point outside the subgroup",
			written(stray_key()),
			KeyOutsideSubgroup,
		),
		case(
			"the negative of a point outside the subgroup",
			written(-stray_key()),
			KeyOutsideSubgroup,
		),
		case(
			"a point of order three",
			written(order_three()),
			KeyOutsideSubgroup,
		),
		case(
			"the other point of order three",
			written(-order_three()),
			KeyOutsideSubgroup,
		),
		case(
			"a key plus a point of order three",
			bytes(shifted),
			KeyOutsideSubgroup,
		),
		case(
			"twice a point outside the subgroup",
			bytes(stray_key().into_group() + stray_key()),
			KeyOutsideSubgroup,
		),
	]
}
