//! The state transition of Vigil: two roles over one session, compiled to wasm.
//!
//! Types and the list of pallets are here; `configs` sets each pallet up, `apis` answers clients,
//! `presets` holds the genesis of each network.

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "512"]
// The runtime macros generate items without documentation at the root of the crate.
#![allow(missing_docs)]
#![cfg_attr(
	not(any(test, feature = "runtime-benchmarks")),
	deny(
		clippy::unwrap_used,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::arithmetic_side_effects
	)
)]

extern crate alloc;

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod constants;
pub mod migrations;
pub mod presets;
pub mod transactions;
pub mod weights;

pub use apis::RuntimeApi;
pub use pallet_roles::{Member, Role};
pub use pallet_timeline::TimelineNow;

use alloc::vec::Vec;
use sp_runtime::{
	generic, impl_opaque_keys,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

/// Signature of a transaction: sr25519, ed25519 or ecdsa.
pub type Signature = MultiSignature;
/// Account: the public key that signs for it, or its hash.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// Amount in the smallest unit, 10^-12 of a token.
pub type Balance = u128;
/// Transactions that an account has sent.
pub type Nonce = u32;
/// Hash of a block or of anything else.
pub type Hash = sp_core::H256;
/// Number of a block.
pub type BlockNumber = u32;
/// Address of an account.
pub type Address = MultiAddress<AccountId, ()>;
/// Header of a block.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// A block with its justifications.
pub type SignedBlock = generic::SignedBlock<Block>;
/// Names a block by its number or hash.
pub type BlockId = generic::BlockId<Block>;
/// A transaction.
pub type UncheckedExtrinsic =
	generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, transactions::TxExtension>;
/// What a signer signs.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, transactions::TxExtension>;
/// Executes blocks.
pub type Executive = frame_executive::Executive<
	Runtime,
	Block,
	frame_system::ChainContext<Runtime>,
	Runtime,
	AllPalletsWithSystem,
>;

/// Opaque types: what the node handles without knowing the runtime's calls.
pub mod opaque {
	use super::{generic, BlakeTwo256, BlockNumber};
	pub use sp_runtime::OpaqueExtrinsic as UncheckedExtrinsic;

	/// Header of a block.
	pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
	/// A block of opaque transactions.
	pub type Block = generic::Block<Header, UncheckedExtrinsic>;
	/// Hash of a block.
	pub type Hash = sp_core::H256;
}

impl_opaque_keys! {
	/// What an authority signs with. The BLS key of a staking order is none of them.
	pub struct SessionKeys {
		/// sr25519, for blocks.
		pub aura: pallet_roles::ProducerHandler<Runtime>,
		/// ed25519, for finality votes.
		pub grandpa: pallet_roles::WitnessHandler<Runtime>,
		/// sr25519, for being found.
		pub authority_discovery: AuthorityDiscovery,
	}
}

/// The version of this runtime.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
	spec_name: alloc::borrow::Cow::Borrowed("vigil"),
	impl_name: alloc::borrow::Cow::Borrowed("vigil"),
	authoring_version: 1,
	spec_version: 1,
	impl_version: 0,
	apis: apis::RUNTIME_API_VERSIONS,
	transaction_version: 1,
	system_version: 1,
};

// The order of indices is the order of hooks and of genesis. Aura sets the slot, Authorship notes
// the author before Session rotates, Timeline moves the clock before Session asks it, and Roles is
// built before Session at genesis; Heartbeat opens and closes periods as Timeline says. The gaps are
// where the layers to come will stand: staking (7), producers (8) and witnesses (9) before Session.
#[frame_support::runtime]
#[allow(clippy::expect_used)] // The macros of FRAME expand to it.
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Timestamp = pallet_timestamp;
	#[runtime::pallet_index(2)]
	pub type Aura = pallet_aura;
	#[runtime::pallet_index(3)]
	pub type Authorship = pallet_authorship;
	#[runtime::pallet_index(4)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(5)]
	pub type Timeline = pallet_timeline;
	#[runtime::pallet_index(6)]
	pub type Heartbeat = pallet_heartbeat;

	#[runtime::pallet_index(14)]
	pub type Roles = pallet_roles;
	#[runtime::pallet_index(15)]
	pub type Session = pallet_session;
	// Reports come through Roles, checked in full and once for each witness.
	#[runtime::pallet_index(16)]
	#[runtime::disable_unsigned]
	pub type Grandpa = pallet_grandpa;
	#[runtime::pallet_index(17)]
	pub type Offences = pallet_offences;
	#[runtime::pallet_index(18)]
	pub type AuthorityDiscovery = pallet_authority_discovery;

	#[runtime::pallet_index(30)]
	pub type TransactionPayment = pallet_transaction_payment;
	#[runtime::pallet_index(31)]
	pub type Utility = pallet_utility;
	#[runtime::pallet_index(32)]
	pub type Multisig = pallet_multisig;
	#[runtime::pallet_index(33)]
	pub type Proxy = pallet_proxy;

	#[runtime::pallet_index(50)]
	pub type Preimage = pallet_preimage;
	#[runtime::pallet_index(51)]
	pub type Scheduler = pallet_scheduler;

	#[runtime::pallet_index(60)]
	pub type MultiBlockMigrations = pallet_migrations;
}
