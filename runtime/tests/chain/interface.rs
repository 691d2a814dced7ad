//! What clients and other chains may rely on.

use crate::common::*;
use codec::Decode;
use frame_support::{
	traits::PalletInfoAccess,
	view_functions::{DispatchViewFunction, ViewFunction},
};
use scale_info::TypeInfo as _;
use sp_runtime::traits::TransactionExtension;
use vigil_runtime::{presets, transactions::TxExtension, Runtime, RuntimeCall, *};

#[test]
fn metadata_is_served_in_versions_14_to_16() {
	assert_eq!(Runtime::metadata_versions(), vec![14, 15, 16]);
	for version in 14..=16 {
		let metadata = Runtime::metadata_at_version(version).expect("is served");
		assert_eq!(prefix_version(&metadata), version as u8);
	}
}

/// The version of prefixed metadata: the byte behind the magic number.
fn prefix_version(opaque: &sp_core::OpaqueMetadata) -> u8 {
	let (magic, version) = <(u32, u8)>::decode(&mut &opaque[..]).expect("has a prefix");
	assert_eq!(magic, u32::from_le_bytes(*b"meta"));
	version
}

#[test]
fn indices_of_pallets_never_change() {
	let indices = [
		("System", System::index()),
		("Timestamp", Timestamp::index()),
		("Aura", Aura::index()),
		("Authorship", Authorship::index()),
		("Balances", Balances::index()),
		("Timeline", Timeline::index()),
		("Heartbeat", Heartbeat::index()),
		("Roles", Roles::index()),
		("Session", Session::index()),
		("Grandpa", Grandpa::index()),
		("Offences", Offences::index()),
		("AuthorityDiscovery", AuthorityDiscovery::index()),
		("TransactionPayment", TransactionPayment::index()),
		("Utility", Utility::index()),
		("Multisig", Multisig::index()),
		("Proxy", Proxy::index()),
		("Preimage", Preimage::index()),
		("Scheduler", Scheduler::index()),
		("MultiBlockMigrations", MultiBlockMigrations::index()),
	];
	let numbers: Vec<_> = indices.iter().map(|(_, index)| *index).collect();
	assert_eq!(
		numbers,
		[0, 1, 2, 3, 4, 5, 6, 14, 15, 16, 17, 18, 30, 31, 32, 33, 50, 51, 60],
		"{indices:?}"
	);
}

#[test]
fn there_is_no_sudo() {
	let calls = RuntimeCall::type_info();
	let scale_info::TypeDef::Variant(calls) = calls.type_def else {
		panic!("calls are an enum")
	};
	assert!(calls
		.variants
		.iter()
		.all(|pallet| !pallet.name.to_lowercase().contains("sudo")));
}

#[test]
fn transactions_carry_these_extensions_in_this_order() {
	let extensions: Vec<_> = TxExtension::metadata()
		.into_iter()
		.map(|extension| extension.identifier)
		.collect();
	assert_eq!(
		extensions,
		[
			"AuthorizeCall",
			"CheckNonZeroSender",
			"CheckSpecVersion",
			"CheckTxVersion",
			"CheckGenesis",
			"CheckMortality",
			"CheckNonce",
			"CheckWeight",
			"ChargeTransactionPayment",
			"CheckMetadataHash",
			"WeightReclaim",
		]
	);
}

#[test]
fn the_slot_is_read_before_the_author_and_the_author_before_the_session() {
	// Hooks run by pallet index.
	assert!(Aura::index() < Authorship::index());
	assert!(Aura::index() < Timeline::index());
	assert!(Timeline::index() < Session::index());
	assert!(Authorship::index() < Session::index());
	// Genesis too: the session asks Roles for its validators.
	assert!(Roles::index() < Session::index());
	assert!(Session::index() < Grandpa::index());
}

#[test]
fn view_functions_answer() {
	chain(presets::LOCAL).execute_with(|| {
		block(vec![]);
		let (id, mut answer) = (pallet_timeline::NowViewFunction::<Runtime>::id(), vec![]);
		RuntimeViewFunction::dispatch_view_function(&id, &mut &[][..], &mut answer).expect("known");
		let now = <Option<TimelineNow<BlockNumber>>>::decode(&mut &answer[..]).expect("decodes");
		assert_eq!(now, Timeline::now());
		assert!(now.is_some());
	});
}
