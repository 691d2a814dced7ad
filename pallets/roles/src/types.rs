//! The two roles and what is kept about them.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	pallet_prelude::Get, BoundedVec, CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound,
	PartialEqNoBound,
};
use scale_info::TypeInfo;
use sp_core::crypto::KeyTypeId;
use sp_runtime::key_types;
use sp_session::{GetSessionNumber, GetValidatorCount};
use sp_staking::SessionIndex;

/// What an authority does.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Role {
	/// Makes blocks, with Aura.
	#[codec(index = 0)]
	Producer,
	/// Makes them final, with GRANDPA.
	#[codec(index = 1)]
	Witness,
}

impl Role {
	/// Both, in the order of their indices.
	pub const ALL: [Self; 2] = [Self::Producer, Self::Witness];

	/// Members that switching off the guilty must leave: one producer keeps the chain alive, three
	/// witnesses are the fewest whose quorum is not everyone who is left to be wrong alone.
	pub const fn floor(self) -> u32 {
		match self {
			Self::Producer => 1,
			Self::Witness => 3,
		}
	}

	/// The role that signs with keys of this type.
	pub fn of_key_type(key_type: KeyTypeId) -> Option<Self> {
		match key_type {
			key_types::AURA => Some(Self::Producer),
			key_types::GRANDPA => Some(Self::Witness),
			_ => None,
		}
	}
}

/// Who is meant to hold each role in one session.
#[derive(
	CloneNoBound,
	DebugNoBound,
	DefaultNoBound,
	PartialEqNoBound,
	EqNoBound,
	Encode,
	Decode,
	MaxEncodedLen,
	TypeInfo,
)]
#[codec(mel_bound(AccountId: MaxEncodedLen))]
#[scale_info(skip_type_params(Producers, Witnesses))]
pub struct RoleSets<
	AccountId: Clone + PartialEq + Eq + core::fmt::Debug,
	Producers: Get<u32>,
	Witnesses: Get<u32>,
> {
	/// In the order of their turns.
	pub producers: BoundedVec<AccountId, Producers>,
	/// In the order of their indices.
	pub witnesses: BoundedVec<AccountId, Witnesses>,
}

/// One line of a roster: who held a role in a session, and with which key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Member<AccountId> {
	/// The account.
	pub account: AccountId,
	/// The public key it signed with: sr25519 for a producer, ed25519 for a witness.
	pub key: [u8; 32],
}

/// Somebody guilty in a role. Stays the same however often the fault is reported, so that one
/// fault has one report id.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Offender<AccountId> {
	/// The role it was guilty in.
	pub role: Role,
	/// The account.
	pub account: AccountId,
}

/// Says that a key belongs to the roster of a session. The chain looks the rest up.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct RosterProof {
	/// The session.
	pub session: SessionIndex,
	/// Members of the role in that session. Must be right: penalties are computed from it.
	pub member_count: u32,
}

impl GetSessionNumber for RosterProof {
	fn session(&self) -> SessionIndex {
		self.session
	}
}

impl GetValidatorCount for RosterProof {
	fn validator_count(&self) -> u32 {
		self.member_count
	}
}
