//! A chain of the real runtime, without a node: the genesis of a preset, and blocks made through
//! the same entry points that a node uses.

use codec::Encode;
use sp_consensus_aura::AURA_ENGINE_ID;
use sp_genesis_builder::PresetId;
use sp_keyring::Sr25519Keyring;
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
use sp_runtime::{traits::Header as _, ApplyExtrinsicResult, BuildStorage, Digest, DigestItem};
use vigil_runtime::{
	constants::SLOT_MILLIS, presets, transactions::extension, AccountId, Executive, Hash, Header,
	Nonce, Runtime, RuntimeCall, RuntimeEvent, RuntimeGenesisConfig, SignedPayload, System,
	UncheckedExtrinsic, VERSION,
};

/// The slot of block 1.
pub(crate) const FIRST_SLOT: u64 = 3_600_000_001;

/// The chain of a preset, before block 1.
pub(crate) fn chain(preset: &str) -> sp_io::TestExternalities {
	let patch = presets::get_preset(&PresetId::from(preset)).expect("the preset exists");
	let patch: serde_json::Value = serde_json::from_slice(&patch).expect("a preset is JSON");
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).expect("serializes");
	merge(&mut config, patch);
	let config: RuntimeGenesisConfig = serde_json::from_value(config).expect("a preset fits");
	let mut ext = sp_io::TestExternalities::new(config.build_storage().expect("builds"));
	ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
	ext
}

fn merge(into: &mut serde_json::Value, patch: serde_json::Value) {
	match (into, patch) {
		(serde_json::Value::Object(into), serde_json::Value::Object(patch)) => {
			for (key, value) in patch {
				merge(into.entry(key).or_insert(serde_json::Value::Null), value);
			}
		}
		(into, patch) => *into = patch,
	}
}

/// Make the next block, in the given slot, with these transactions.
pub(crate) fn block_in_slot(
	slot: u64,
	transactions: Vec<UncheckedExtrinsic>,
) -> Vec<ApplyExtrinsicResult> {
	let number = System::block_number() + 1;
	let parent = if number == 1 {
		Hash::zero()
	} else {
		LAST.with(|last| *last.borrow())
	};
	let digest = Digest {
		logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())],
	};
	let header = Header::new(number, Hash::zero(), Hash::zero(), parent, digest);
	Executive::initialize_block(&header);
	let time = pallet_timestamp::Call::<Runtime>::set {
		now: slot * SLOT_MILLIS,
	};
	Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(time.into()))
		.expect("the timestamp is valid")
		.expect("and is set");
	let results = transactions
		.into_iter()
		.map(Executive::apply_extrinsic)
		.collect();
	let header = Executive::finalize_block();
	LAST.with(|last| *last.borrow_mut() = header.hash());
	results
}

thread_local! {
	static LAST: std::cell::RefCell<Hash> = Default::default();
}

/// Make a block in the slot after the last one.
pub(crate) fn block(transactions: Vec<UncheckedExtrinsic>) -> Vec<ApplyExtrinsicResult> {
	let last: u64 = pallet_aura::CurrentSlot::<Runtime>::get().into();
	block_in_slot(FIRST_SLOT.max(last + 1), transactions)
}

/// Make empty blocks until session `index` has begun.
pub(crate) fn run_to_session(index: u32) {
	while vigil_runtime::Session::current_index() < index {
		block(vec![]);
	}
}

/// `call`, signed by `who` with its next nonce.
pub(crate) fn signed(who: Sr25519Keyring, call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
	signed_with_tip(who, 0, call)
}

/// `call`, signed by `who` with its next nonce, and a tip.
pub(crate) fn signed_with_tip(
	who: Sr25519Keyring,
	tip: u128,
	call: impl Into<RuntimeCall>,
) -> UncheckedExtrinsic {
	let account: AccountId = who.to_account_id();
	let nonce: Nonce = System::account_nonce(&account);
	let extension = extension(nonce, tip);
	let payload = SignedPayload::new(call.into(), extension).expect("the state has a genesis");
	let signature = payload.using_encoded(|bytes| who.sign(bytes));
	let (call, extension, _) = payload.deconstruct();
	UncheckedExtrinsic::new_signed(call, account.into(), signature.into(), extension)
}

/// Says that any code is the next version of this runtime.
pub(crate) struct NextVersion;
impl sp_core::traits::ReadRuntimeVersion for NextVersion {
	fn read_runtime_version(
		&self,
		_: &[u8],
		_: &mut dyn sp_externalities::Externalities,
	) -> Result<Vec<u8>, String> {
		let mut version = VERSION;
		version.spec_version += 1;
		Ok(codec::Encode::encode(&version))
	}
}

/// Events of the last block.
pub(crate) fn events() -> Vec<RuntimeEvent> {
	System::events()
		.into_iter()
		.map(|record| record.event)
		.collect()
}
