//! What fits into a block.

use crate::common::*;
use codec::Encode;
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::{Get, StorageInfoTrait},
};
use sp_core::traits::ReadRuntimeVersionExt;
use sp_runtime::{
	traits::{Hash as _, Header as _},
	Digest, DigestItem,
};
use vigil_runtime::{
	constants::*, presets, AllPalletsWithSystem, Header, Runtime, RuntimeCall, UncheckedExtrinsic,
};

fn upgrade(code: Vec<u8>) -> RuntimeCall {
	frame_system::Call::<Runtime>::apply_authorized_upgrade { code }.into()
}

#[test]
fn a_block_may_take_forty_percent_of_its_slot() {
	assert_eq!(
		RuntimeBlockWeights::get().max_block.ref_time(),
		200_000_000_000
	);
}

#[test]
fn a_runtime_upgrade_fits_into_a_block() {
	let info = upgrade(vec![]).get_dispatch_info();
	assert_eq!(info.class, DispatchClass::Operational);
	let limits = RuntimeBlockWeights::get();
	let limit = limits
		.get(DispatchClass::Operational)
		.max_extrinsic
		.expect("is set");
	assert!(
		info.total_weight().all_lte(limit),
		"{:?} > {limit:?}",
		info.total_weight()
	);
	// With what every block does besides.
	let base = limits
		.base_block
		.saturating_add(limits.get(DispatchClass::Operational).base_extrinsic);
	let all = info
		.total_weight()
		.saturating_add(base)
		.saturating_add(HOOKS_WEIGHT);
	assert!(all.ref_time() <= limits.max_block.ref_time(), "{all:?}");
}

#[test]
fn an_authorised_upgrade_of_two_megabytes_is_applied_by_anybody() {
	let mut ext = chain(presets::LOCAL);
	ext.register_extension(ReadRuntimeVersionExt::new(NextVersion));
	ext.execute_with(|| {
		block(vec![]);
		let code = vec![7; 2 * 1024 * 1024];
		let hash = <Runtime as frame_system::Config>::Hashing::hash(&code);
		vigil_runtime::System::authorize_upgrade(frame_system::RawOrigin::Root.into(), hash)
			.expect("root may");
		let transaction = UncheckedExtrinsic::new_bare(upgrade(code.clone()));
		assert!(block(vec![transaction])[0]
			.expect("fits and is valid")
			.is_ok());
		assert_eq!(
			sp_io::storage::get(b":code").map(|code| code.len()),
			Some(code.len())
		);
	});
}

#[test]
fn a_scheduled_root_call_may_be_as_heavy_as_an_upgrade() {
	let maximum = <Runtime as pallet_scheduler::Config>::MaximumWeight::get();
	let upgrade = frame_system::Call::<Runtime>::set_code { code: vec![] }.get_dispatch_info();
	assert!(upgrade.total_weight().ref_time() < maximum.ref_time());
}

#[test]
fn an_oversized_transaction_is_refused_by_the_block() {
	chain(presets::LOCAL).execute_with(|| {
		block(vec![]);
		let remark = vec![0; MAX_NORMAL_LENGTH as usize];
		let call = frame_system::Call::<Runtime>::remark { remark };
		let results = block(vec![signed(sp_keyring::Sr25519Keyring::One, call)]);
		assert!(
			results[0]
				.as_ref()
				.is_err_and(|error| error.exhausted_resources()),
			"{results:?}"
		);
	});
}

/// Twice over: what changes the sets, the heartbeats and the seal stand in the digest of one header.
#[test]
fn headers_are_capped_far_above_the_largest_and_far_below_blocks() {
	let producers = vec![[7; 32]; MAX_PRODUCERS as usize];
	let witnesses = vec![([7; 32], 1_u64); MAX_WITNESSES as usize];
	let logs = vec![
		DigestItem::PreRuntime(*b"aura", u64::MAX.encode()),
		DigestItem::Consensus(*b"aura", (1_u8, producers).encode()),
		DigestItem::Consensus(*b"FRNK", (1_u8, witnesses, u32::MAX).encode()),
		DigestItem::Consensus(*b"hbt0", vec![7; 64]),
		DigestItem::RuntimeEnvironmentUpdated,
		DigestItem::Seal(*b"aura", vec![7; 64]),
	];
	let hash = Default::default();
	let largest = Header::new(u32::MAX, hash, hash, hash, Digest { logs }).encoded_size() as u32;
	let cap = RuntimeBlockLength::get().max_header_size();
	assert!(2 * largest < cap, "{largest} of {cap}");
	assert!(4 * cap < MAX_NORMAL_LENGTH);
}

#[test]
fn room_for_every_authority() {
	let discovery: u32 = <Runtime as pallet_authority_discovery::Config>::MaxAuthorities::get();
	let aura: u32 = <Runtime as pallet_aura::Config>::MaxAuthorities::get();
	let grandpa: u32 = <Runtime as pallet_grandpa::Config>::MaxAuthorities::get();
	assert!(discovery >= MAX_PRODUCERS + 2 * MAX_WITNESSES);
	assert_eq!((aura, grandpa), (MAX_PRODUCERS, MAX_WITNESSES));
}

#[test]
fn a_timestamp_is_never_pushed_into_the_next_slot() {
	let minimum: u64 = <Runtime as pallet_timestamp::Config>::MinimumPeriod::get();
	assert!(minimum * 2 <= SLOT_MILLIS);
}

/// What the weights say of a value's size, and how large it can be now. Values that change need weights
/// measured anew.
#[test]
fn weights_were_measured_with_values_of_the_size_there_is() {
	let infos = AllPalletsWithSystem::storage_info();
	let files = [
		include_str!("../../src/weights/pallet_heartbeat.rs"),
		include_str!("../../src/weights/pallet_roles.rs"),
		include_str!("../../src/weights/pallet_timeline.rs"),
	];
	let proofs = files
		.iter()
		.flat_map(|file| file.lines())
		.filter_map(|line| {
			let (name, sizes) = line.split_once("// Proof: `")?.1.split_once('`')?;
			let size = sizes.split_once("`max_size`: Some(")?.1.split_once(')')?.0;
			Some((name, size.parse().expect("a number")))
		});
	let mut compared = 0;
	for (name, measured) in proofs {
		let info = infos.iter().find(|info| {
			let full = [&info.pallet_name[..], b"::", &info.storage_name[..]].concat();
			full == name.as_bytes()
		});
		let info = info.unwrap_or_else(|| panic!("there is no {name} any more"));
		assert_eq!(
			info.max_size,
			Some(measured),
			"{name}: scripts/bench weights"
		);
		compared += 1;
	}
	assert!(compared > 20, "{compared}");
}
