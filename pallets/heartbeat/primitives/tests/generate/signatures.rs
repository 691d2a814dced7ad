//! Bytes that are no signature, made of a good one: for heartbeats as for proofs.

use super::{
	points::{
		bytes, cofactor_signature, key, modulus, no_signature, plus_modulus, secret,
		stray_signature, uncompressed, written, COMPRESSED, IDENTITY, LARGER,
	},
	with,
};
use crate::format::{Hex, Reason};
use ark_bls12_381::G2Projective;
use ark_ec::AffineRepr;

/// What they are, the bytes, and why they are refused.
type Unfit = (&'static str, Hex, Reason);

/// All of them.
pub(crate) fn unfit(good: G2Projective) -> Vec<Unfit> {
	let cases = [
		wrong_lengths(good),
		wrong_identities(),
		wrong_coordinates(good),
		strays(good),
	];
	cases.into_iter().flatten().collect()
}

/// The one way to write the identity.
pub(crate) fn identity() -> Hex {
	with(&Hex(vec![0; 96]), 0, COMPRESSED | IDENTITY)
}

fn wrong_lengths(good: G2Projective) -> Vec<Unfit> {
	let Hex(bytes_of_good) = bytes(good);
	let cases = [
		("no bytes", Hex(Vec::new())),
		("48 bytes", bytes(key(secret(0)))),
		("95 bytes", Hex(bytes_of_good[..95].to_vec())),
		("97 bytes", Hex([&bytes_of_good[..], &[0]].concat())),
		("the uncompressed form", uncompressed(good)),
	];
	cases
		.map(|(name, bytes)| (name, bytes, Reason::SignatureLength))
		.into()
}

fn wrong_identities() -> Vec<Unfit> {
	let zeros = Hex(vec![0; 96]);
	let identity = identity();
	let cases = [
		("the identity with a sign", with(&identity, 0, LARGER)),
		("the identity with a first bit", with(&identity, 0, 1)),
		(
			"the identity with a flag in the second half",
			with(&identity, 48, COMPRESSED),
		),
		(
			"the identity with a bit in the second half",
			with(&identity, 48, 1),
		),
		("the identity with a last bit", with(&identity, 95, 1)),
		("the identity, not compressed", with(&zeros, 0, IDENTITY)),
		("only zeros", zeros),
		("only ones", Hex(vec![255; 96])),
	];
	let mut cases = cases
		.map(|(name, bytes)| (name, bytes, Reason::SignatureNotCanonical))
		.to_vec();
	cases.push(("the identity", identity, Reason::SignatureIdentity));
	cases
}

fn wrong_coordinates(good: G2Projective) -> Vec<Unfit> {
	let good = bytes(good);
	let (first, second) = good.0.split_at(48);
	let flags = first[0] & (COMPRESSED | LARGER);
	let modulus = modulus();
	let first_is_modulus = with(&Hex([&modulus[..], second].concat()), 0, flags);
	let second_is_modulus = Hex([first, &modulus[..]].concat());
	let alias = plus_modulus(second, 0).expect("the second half has room for the modulus");
	let second_plus_modulus = Hex([first, &alias[..]].concat());
	let cases = [
		(
			"without the flag of compression",
			with(&good, 0, COMPRESSED),
		),
		("with the flag of the identity", with(&good, 0, IDENTITY)),
		(
			"with a flag in the second half",
			with(&good, 48, COMPRESSED),
		),
		("the first half of x is the modulus", first_is_modulus),
		("the second half of x is the modulus", second_is_modulus),
		(
			"the modulus added to the second half of x",
			second_plus_modulus,
		),
		("no point has this x", no_signature()),
		(
			"no point has this x, with a sign",
			with(&no_signature(), 0, LARGER),
		),
	];
	cases
		.map(|(name, bytes)| (name, bytes, Reason::SignatureNotCanonical))
		.into()
}

fn strays(good: G2Projective) -> Vec<Unfit> {
	let stray = stray_signature();
	let cases = [
		("a point outside the subgroup", written(stray)),
		(
			"the negative of a point outside the subgroup",
			written(-stray),
		),
		(
			"twice a point outside the subgroup",
			bytes(stray.into_group() + stray),
		),
		("a point of the cofactor", bytes(cofactor_signature())),
		(
			"a good one plus a point of the cofactor",
			bytes(good + cofactor_signature()),
		),
		(
			"a good one less a point of the cofactor",
			bytes(good - cofactor_signature()),
		),
	];
	cases
		.map(|(name, bytes)| (name, bytes, Reason::SignatureOutsideSubgroup))
		.into()
}
