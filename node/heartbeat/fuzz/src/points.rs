//! Points as bytes: good ones, and those that are nearly good.
//!
//! Random bytes are a point in the subgroup once in 2^125 times. So points are made, and then bent.

use crate::tape::Tape;
use ark_bls12_381::{g1, g2, Fq, Fq2, Fr};
use ark_ec::{
	short_weierstrass::{Affine, Projective, SWCurveConfig},
	AffineRepr, CurveGroup,
};
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use vigil_heartbeat_primitives::PointFault;

/// The flags of a point, in its first byte.
pub(crate) const FLAGS: u8 = 0b1110_0000;
/// The flag of the larger of two points with the same x-coordinate.
pub(crate) const LARGER: u8 = 0b0010_0000;
/// The flag of a compressed point.
const COMPRESSED: u8 = 0b1000_0000;
/// The flags of the compressed identity.
const IDENTITY: u8 = 0b1100_0000;

/// Bytes that are to be read as a point.
pub(crate) struct Made<const LENGTH: usize> {
	pub(crate) bytes: [u8; LENGTH],
	/// What there is to say of them, where that is known from how they were made.
	pub(crate) known: Option<Result<(), PointFault>>,
}

/// A coordinate that a tape can name.
pub(crate) trait Coordinate: Field {
	/// A coordinate from few bytes: about every second one belongs to some point.
	fn small(tape: &mut Tape<'_>) -> Self;
}

impl Coordinate for Fq {
	fn small(tape: &mut Tape<'_>) -> Self {
		tape.short().into()
	}
}

impl Coordinate for Fq2 {
	fn small(tape: &mut Tape<'_>) -> Self {
		Self::new(tape.byte().into(), tape.byte().into())
	}
}

/// Bytes of a compressed key. `valid` is one that is fit.
pub(crate) fn key(tape: &mut Tape<'_>, valid: impl FnOnce(&mut Tape<'_>) -> [u8; 48]) -> Made<48> {
	make::<g1::Config, 48>(tape, valid)
}

/// Bytes of a compressed signature. `valid` is one that is fit.
pub(crate) fn signature(
	tape: &mut Tape<'_>,
	valid: impl FnOnce(&mut Tape<'_>) -> [u8; 96],
) -> Made<96> {
	make::<g2::Config, 96>(tape, valid)
}

fn make<P, const LENGTH: usize>(
	tape: &mut Tape<'_>,
	valid: impl FnOnce(&mut Tape<'_>) -> [u8; LENGTH],
) -> Made<LENGTH>
where
	P: SWCurveConfig<ScalarField = Fr>,
	P::BaseField: Coordinate,
{
	let (mut bytes, mut known) = match tape.below(8) {
		0 => (valid(tape), Some(Ok(()))),
		1 => (tape.array(), None),
		2 => (near_modulus(tape), None),
		3 => (identity(), Some(Err(PointFault::Identity))),
		4 => {
			let point = some_point::<P>(tape);
			(compressed(&point.into()), fate(&point))
		}
		5 => {
			let point = outside::<P>(&some_point(tape));
			(compressed(&point), fate(&point.into_affine()))
		}
		6 => shifted::<P, LENGTH>(&valid(tape), &some_point(tape)),
		_ => shifted::<P, LENGTH>(&valid(tape), &outside(&some_point(tape)).into()),
	};
	if tape.bend(&mut bytes) {
		known = None;
	}
	Made { bytes, known }
}

/// A point of the curve, most likely outside the subgroup.
fn some_point<P: SWCurveConfig>(tape: &mut Tape<'_>) -> Affine<P>
where
	P::BaseField: Coordinate,
{
	let (mut x, greatest) = (P::BaseField::small(tape), tape.flag());
	loop {
		if let Some(point) = Affine::get_point_from_x_unchecked(x, greatest) {
			return point;
		}
		x += P::BaseField::ONE;
	}
}

/// The part of a point that pairings do not see: its order is prime to the group's. By plain
/// additions, because the library's multiplication is for points of the subgroup only.
fn outside<P: SWCurveConfig<ScalarField = Fr>>(point: &Affine<P>) -> Projective<P> {
	let mut sum = Projective::<P>::ZERO;
	for bit in Fr::MODULUS.to_bits_be() {
		sum.double_in_place();
		if bit {
			sum += point;
		}
	}
	sum
}

/// A fit point plus another.
fn shifted<P: SWCurveConfig<ScalarField = Fr>, const LENGTH: usize>(
	valid: &[u8; LENGTH],
	by: &Affine<P>,
) -> ([u8; LENGTH], Option<Result<(), PointFault>>) {
	let valid = Affine::<P>::deserialize_compressed_unchecked(&valid[..]);
	let point = valid.expect("the point is fit").into_group() + by;
	(compressed(&point), fate(&point.into_affine()))
}

/// What there is to say of a point of the curve, from the definition alone.
fn fate<P: SWCurveConfig<ScalarField = Fr>>(point: &Affine<P>) -> Option<Result<(), PointFault>> {
	Some(if point.is_zero() {
		Err(PointFault::Identity)
	} else if outside(point) != Projective::ZERO {
		Err(PointFault::OutsideSubgroup)
	} else {
		Ok(())
	})
}

fn identity<const LENGTH: usize>() -> [u8; LENGTH] {
	let mut bytes = [0; LENGTH];
	bytes[0] = IDENTITY;
	bytes
}

/// Coordinates around the modulus, where numbers stop being canonical.
fn near_modulus<const LENGTH: usize>(tape: &mut Tape<'_>) -> [u8; LENGTH] {
	let mut bytes = [0; LENGTH];
	for coordinate in bytes.chunks_mut(48) {
		let (mut number, distance) = (Fq::MODULUS, u64::from(tape.byte()).into());
		let carry = match tape.flag() {
			true => number.add_with_carry(&distance),
			false => number.sub_with_borrow(&distance),
		};
		assert!(!carry, "the modulus is far from both ends");
		coordinate.copy_from_slice(&number.to_bytes_be());
	}
	bytes[0] |= COMPRESSED | (tape.byte() & FLAGS);
	bytes
}

fn compressed<P: SWCurveConfig, const LENGTH: usize>(point: &Projective<P>) -> [u8; LENGTH] {
	let mut bytes = [0; LENGTH];
	let written = point.serialize_compressed(&mut bytes[..]);
	assert!(written.is_ok(), "a compressed point has this length");
	bytes
}
