//! A keystore that hides witness keys which must not vote.

use super::votes::Record;
use sp_core::{crypto::key_types::GRANDPA, ecdsa, ed25519, sr25519, H256};
use sp_keystore::{Error, Keystore, KeystorePtr};
use sp_runtime::KeyTypeId;
use std::sync::{Mutex, PoisonError};

/// The keys of a node, for its voter. A voter looks for its key at the beginning of each round,
/// and follows the round without a vote if there is none.
pub(super) struct VotingKeys {
	keys: KeystorePtr,
	record: Mutex<Record>,
}

impl VotingKeys {
	pub(super) fn new(keys: KeystorePtr, record: Record) -> Self {
		Self {
			keys,
			record: Mutex::new(record),
		}
	}

	fn may_vote(&self, public: &[u8]) -> bool {
		let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
		public.len() == H256::len_bytes() && record.may_vote(H256::from_slice(public))
	}
}

impl Keystore for VotingKeys {
	fn has_keys(&self, keys: &[(Vec<u8>, KeyTypeId)]) -> bool {
		self.keys.has_keys(keys)
			&& keys
				.iter()
				.all(|(public, kind)| *kind != GRANDPA || self.may_vote(public))
	}

	fn ed25519_sign(
		&self,
		kind: KeyTypeId,
		public: &ed25519::Public,
		message: &[u8],
	) -> Result<Option<ed25519::Signature>, Error> {
		if kind == GRANDPA && !self.may_vote(&public.0) {
			return Ok(None);
		}
		self.keys.ed25519_sign(kind, public, message)
	}

	// All else is the keystore's.

	fn ed25519_public_keys(&self, kind: KeyTypeId) -> Vec<ed25519::Public> {
		self.keys.ed25519_public_keys(kind)
	}

	fn ed25519_generate_new(
		&self,
		kind: KeyTypeId,
		seed: Option<&str>,
	) -> Result<ed25519::Public, Error> {
		self.keys.ed25519_generate_new(kind, seed)
	}

	fn sr25519_public_keys(&self, kind: KeyTypeId) -> Vec<sr25519::Public> {
		self.keys.sr25519_public_keys(kind)
	}

	fn sr25519_generate_new(
		&self,
		kind: KeyTypeId,
		seed: Option<&str>,
	) -> Result<sr25519::Public, Error> {
		self.keys.sr25519_generate_new(kind, seed)
	}

	fn sr25519_sign(
		&self,
		kind: KeyTypeId,
		public: &sr25519::Public,
		message: &[u8],
	) -> Result<Option<sr25519::Signature>, Error> {
		self.keys.sr25519_sign(kind, public, message)
	}

	fn sr25519_vrf_sign(
		&self,
		kind: KeyTypeId,
		public: &sr25519::Public,
		data: &sr25519::vrf::VrfSignData,
	) -> Result<Option<sr25519::vrf::VrfSignature>, Error> {
		self.keys.sr25519_vrf_sign(kind, public, data)
	}

	fn sr25519_vrf_pre_output(
		&self,
		kind: KeyTypeId,
		public: &sr25519::Public,
		input: &sr25519::vrf::VrfInput,
	) -> Result<Option<sr25519::vrf::VrfPreOutput>, Error> {
		self.keys.sr25519_vrf_pre_output(kind, public, input)
	}

	fn ecdsa_public_keys(&self, kind: KeyTypeId) -> Vec<ecdsa::Public> {
		self.keys.ecdsa_public_keys(kind)
	}

	fn ecdsa_generate_new(
		&self,
		kind: KeyTypeId,
		seed: Option<&str>,
	) -> Result<ecdsa::Public, Error> {
		self.keys.ecdsa_generate_new(kind, seed)
	}

	fn ecdsa_sign(
		&self,
		kind: KeyTypeId,
		public: &ecdsa::Public,
		message: &[u8],
	) -> Result<Option<ecdsa::Signature>, Error> {
		self.keys.ecdsa_sign(kind, public, message)
	}

	fn ecdsa_sign_prehashed(
		&self,
		kind: KeyTypeId,
		public: &ecdsa::Public,
		message: &[u8; 32],
	) -> Result<Option<ecdsa::Signature>, Error> {
		self.keys.ecdsa_sign_prehashed(kind, public, message)
	}

	fn insert(&self, kind: KeyTypeId, suri: &str, public: &[u8]) -> Result<(), ()> {
		self.keys.insert(kind, suri, public)
	}

	fn keys(&self, kind: KeyTypeId) -> Result<Vec<Vec<u8>>, Error> {
		self.keys.keys(kind)
	}
}
