//! Transactions that claim more room in a block than ordinary ones have.

use crate::common::*;
use frame_support::{
	assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo},
};
use sp_core::traits::ReadRuntimeVersionExt;
use sp_keyring::Sr25519Keyring::{Eve, One};
use sp_runtime::{
	traits::Hash as _,
	transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
};
use vigil_runtime::{configs::ProxyType, presets, Executive, Runtime, RuntimeCall, System};

/// One is a proxy of Eve.
fn with_a_proxy(test: impl FnOnce()) {
	let mut ext = chain(presets::LOCAL);
	ext.register_extension(ReadRuntimeVersionExt::new(NextVersion));
	ext.execute_with(|| {
		block(vec![]);
		let add = pallet_proxy::Call::<Runtime>::add_proxy {
			delegate: One.to_account_id().into(),
			proxy_type: ProxyType::Any,
			delay: 0,
		};
		assert_ok!(block(vec![signed(Eve, add)])[0].expect("valid"));
		test();
	});
}

/// The call, and what may be wrapped around it without another class. One signs it.
fn wrapped(call: impl Into<RuntimeCall>) -> [RuntimeCall; 3] {
	let call = call.into();
	let proxied = pallet_proxy::Call::<Runtime>::proxy {
		real: Eve.to_account_id().into(),
		force_proxy_type: None,
		call: Box::new(call.clone()),
	};
	let derived = pallet_utility::Call::<Runtime>::as_derivative {
		index: 7,
		call: Box::new(call.clone()),
	};
	[call, proxied.into(), derived.into()]
}

/// Neither a pool nor a block takes it from One.
fn assert_refused(call: RuntimeCall, class: DispatchClass, error: InvalidTransaction) {
	assert_eq!(
		call.get_dispatch_info().class,
		class,
		"else this proves nothing"
	);
	let error = TransactionValidityError::from(error);
	let at = System::block_hash(System::block_number());
	let pooled =
		Executive::validate_transaction(TransactionSource::External, signed(One, call.clone()), at);
	assert!(pooled.is_err(), "{call:?}");
	assert_eq!(block(vec![signed(One, call)]), [Err(error)]);
}

#[test]
fn nobody_signs_for_the_room_of_inherents() {
	with_a_proxy(|| {
		for call in wrapped(pallet_timestamp::Call::<Runtime>::set { now: 0 }) {
			assert_refused(
				call,
				DispatchClass::Mandatory,
				InvalidTransaction::BadMandatory,
			);
		}
	});
}

#[test]
fn nobody_signs_for_what_is_roots() {
	with_a_proxy(|| {
		let set_code = frame_system::Call::<Runtime>::set_code { code: vec![] };
		let [plain, proxied, derived] = wrapped(set_code.clone());
		let batch = pallet_utility::Call::<Runtime>::batch {
			calls: vec![set_code.into()],
		};
		let class = DispatchClass::Operational;
		for call in [proxied, derived, batch.into(), plain] {
			assert_refused(call, class, InvalidTransaction::Call);
		}
	});
}

#[test]
fn an_upgrade_is_signed_for_only_if_it_is_authorised() {
	with_a_proxy(|| {
		let upgrade = |code| frame_system::Call::<Runtime>::apply_authorized_upgrade { code };
		let class = DispatchClass::Operational;
		let refused = |code| assert_refused(upgrade(code).into(), class, InvalidTransaction::Call);
		let code = vec![7; 10_000];
		refused(code.clone());
		let hash = <Runtime as frame_system::Config>::Hashing::hash(&code);
		System::authorize_upgrade(frame_system::RawOrigin::Root.into(), hash).expect("root may");
		refused(vec![8; 10_000]);
		let [_, proxied, _] = wrapped(upgrade(code.clone()));
		assert_refused(proxied, class, InvalidTransaction::Call);
		assert_ok!(block(vec![signed(One, upgrade(code.clone()))])[0].expect("valid"));
		assert_eq!(sp_io::storage::get(b":code").map(Vec::from), Some(code));
	});
}
