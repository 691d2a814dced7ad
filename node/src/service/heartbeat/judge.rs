//! Judges blocks: whether the body belongs to the header, and those that carry heartbeats.
//!
//! The SDK executes a block when it imports it, and a block that fails there costs nobody anything: it
//! may be the importer's fault, and the one who sent it is not known any more. So blocks with an
//! aggregate are executed one step earlier, where they are verified and a failure is the sender's.
//! Import then takes over the changes: nothing is executed twice, and it is the runtime that judges, so
//! that no two nodes can differ.
//!
//! A header is sealed, a body is not: anybody can send an honest producer's header with a body of their
//! own. So in every block the body must be the one that the header names. Then, if the aggregate does not hold, the author has lied, because an honest one had it verified before; its peers are
//! charged, if they said who they are. A failure for any other reason is left to the import: it may be
//! this node's own.

use super::{
	super::{author::author, partial::FullClient},
	LOG_TARGET,
};
use codec::{Decode, DecodeAll, Encode};
use frame_support::traits::PalletInfoAccess;
use futures::channel::mpsc;
use pallet_heartbeat::{runtime_api::HeartbeatApi, Error};
use sc_consensus::{BlockImportParams, StateAction, StorageChanges, Verifier};
use sp_api::{ApiExt, CallApiAt, CallContext, Core, ProvideRuntimeApi};
use sp_consensus::BlockStatus;
use sp_consensus_aura::sr25519::AuthorityId;
use sp_core::storage::StateVersion;
use sp_runtime::{
	traits::{BlakeTwo256, Block as _, Hash as _},
	DispatchError, OpaqueExtrinsic,
};
use sp_version::RuntimeVersion;
use std::sync::{Arc, Mutex};
use substrate_prometheus_endpoint::{register, Counter, PrometheusError, Registry, U64};
use vigil_heartbeat_primitives::HeartbeatAggregate;
use vigil_runtime::{
	opaque::{Block, Header},
	BlockNumber, Hash, Heartbeat, Runtime, VERSION,
};

/// The index of `record` among the calls of its pallet.
const RECORD: u8 = 0;

/// Liars that wait to be charged. More are forgotten: each has lost its slot anyway.
const WAITING: usize = 16;

/// The authors of blocks whose aggregates did not hold.
pub(crate) type Lies = mpsc::Receiver<AuthorityId>;

/// Verifies blocks, bodies included; executes those with heartbeats.
pub(crate) struct Judge<V> {
	inner: V,
	client: Arc<FullClient>,
	// One sender for all: each clone would have a place of its own.
	lies: Mutex<mpsc::Sender<AuthorityId>>,
	refused: Option<Counter<U64>>,
}

/// A judge behind `inner`, which must check seals; and whom it finds lying.
pub(crate) fn judge<V>(
	inner: V,
	client: Arc<FullClient>,
	registry: Option<&Registry>,
) -> Result<(Judge<V>, Lies), PrometheusError> {
	let counter = |registry: &Registry| {
		let name = "vigil_heartbeat_false_aggregates";
		let help = "Blocks refused because their aggregate of heartbeats does not hold";
		register(Counter::new(name, help)?, registry)
	};
	let (lies, heard) = mpsc::channel(WAITING);
	let judge = Judge {
		inner,
		client,
		lies: Mutex::new(lies),
		refused: registry.map(counter).transpose()?,
	};
	Ok((judge, heard))
}

#[async_trait::async_trait]
impl<V: Verifier<Block>> Verifier<Block> for Judge<V> {
	async fn verify(
		&self,
		block: BlockImportParams<Block>,
	) -> Result<BlockImportParams<Block>, String> {
		let mut block = self.inner.verify(block).await?;
		let body = block.body.as_deref().unwrap_or_default();
		let (header, number) = (&block.header, block.header.number);
		// A block with a state is the target of a sync that proved it otherwise.
		if block.body.is_some() && !block.with_state() && !self.is_body_of(header, body) {
			return Err(format!(
				"the body of block {number} is not the one that its header names"
			));
		}
		let aggregates = aggregates(body);
		if aggregates.is_empty() || !self.can_execute(&block) {
			return Ok(block);
		}
		match self.execute(header, body) {
			Ok(changes) => block.state_action = StateAction::ApplyChanges(changes),
			Err(_) => {
				if let Some(fault) = self.fault(header, &aggregates) {
					self.tell(header, &fault);
					return Err(format!(
						"block {number} has a false aggregate of heartbeats: {fault}"
					));
				}
			}
		}
		Ok(block)
	}
}

impl<V> Judge<V> {
	/// Whether the import would execute the block, here and now.
	fn can_execute(&self, block: &BlockImportParams<Block>) -> bool {
		let wanted = matches!(
			block.state_action,
			StateAction::Execute | StateAction::ExecuteIfPossible
		);
		let parent = || self.client.block_status(block.header.parent_hash);
		wanted && matches!(parent(), Ok(BlockStatus::InChainWithState))
	}

	/// Whether the header names this body, also of old blocks that are not executed: bodies that nobody
	/// compared would be handed on, and charged to this node.
	fn is_body_of(&self, header: &Header, body: &[OpaqueExtrinsic]) -> bool {
		let version = self.version_at(header.parent_hash);
		let version = version.map(|version| version.extrinsics_root_state_version());
		// Without the parent's state it cannot be known which way its runtime goes; both bind.
		let ways = version.map_or(vec![StateVersion::V0, StateVersion::V1], |way| vec![way]);
		ways.into_iter().any(|way| {
			let extrinsics = body.iter().map(Encode::encode).collect();
			BlakeTwo256::ordered_trie_root(extrinsics, way) == header.extrinsics_root
		})
	}

	/// The version of the runtime after `parent`. None without its state.
	fn version_at(&self, parent: Hash) -> Option<RuntimeVersion> {
		let context = CallContext::Onchain { import: true };
		self.client.runtime_version_at(parent, context).ok()
	}

	/// Execute a block as the import does.
	fn execute(
		&self,
		header: &Header,
		body: &[OpaqueExtrinsic],
	) -> Result<StorageChanges<Block>, String> {
		let parent = header.parent_hash;
		let context = CallContext::Onchain { import: true };
		let mut api = self.client.runtime_api();
		api.set_call_context(context);
		let block = Block::new(header.clone(), body.to_vec());
		api.execute_block(parent, block.into())
			.map_err(|error| error.to_string())?;
		let state = self.client.state_at(parent);
		let state = state.map_err(|error| error.to_string())?;
		let changes = api.into_storage_changes(&state, parent)?;
		if changes.transaction_storage_root != header.state_root {
			return Err("its state root is another".into());
		}
		Ok(StorageChanges::Changes(changes))
	}

	/// What is wrong with the aggregates of a block that failed. None if they are not to blame.
	fn fault(&self, header: &Header, aggregates: &[HeartbeatAggregate]) -> Option<String> {
		let parent = header.parent_hash;
		let [aggregate] = aggregates else {
			// As far as this node knows the rules.
			let known = self.version_at(parent)?.spec_version == VERSION.spec_version;
			return known.then(|| format!("{:?}", Error::<Runtime>::SecondInBlock));
		};
		let mut api = self.client.runtime_api();
		api.set_call_context(CallContext::Onchain { import: true });
		api.initialize_block(parent, &without_results(header))
			.ok()?;
		let answer = HeartbeatApi::<_, BlockNumber>::check(&*api, parent, aggregate.clone());
		let fault = name(&answer.ok()?.err()?);
		// That would be this node's own.
		(fault != format!("{:?}", Error::<Runtime>::DamagedState)).then_some(fault)
	}

	/// Tell the operator, and whoever charges peers.
	fn tell(&self, header: &Header, fault: &str) {
		if let Some(refused) = &self.refused {
			refused.inc();
		}
		let Some(author) = author(&self.client, header) else {
			return;
		};
		log::error!(
			target: LOG_TARGET,
			"🤥 Producer {author} made block {} with a false aggregate of heartbeats: {fault}. The block is \
			 refused",
			header.number,
		);
		// No room: the liar has lost its slot anyway.
		let mut lies = self.lies.lock().unwrap_or_else(|e| e.into_inner());
		let _ = lies.try_send(author);
	}
}

/// The aggregates among the extrinsics of a body. They are told by their first bytes: to decode calls of
/// strangers, which may be nested without end, is for the wasm alone.
fn aggregates(body: &[OpaqueExtrinsic]) -> Vec<HeartbeatAggregate> {
	body.iter()
		.filter_map(|extrinsic| {
			let (version, call) = extrinsic.inner().split_first()?;
			let aggregate = call.strip_prefix(&record_call())?;
			// Bare ones have no flags beside the version.
			matches!(version, 4 | 5).then_some(())?;
			HeartbeatAggregate::decode_all(&mut &aggregate[..]).ok()
		})
		.collect()
}

/// The bytes with which a call that records heartbeats begins.
fn record_call() -> [u8; 2] {
	[Heartbeat::index() as u8, RECORD]
}

/// The header with which a block begins: without what its execution adds.
fn without_results(header: &Header) -> Header {
	let mut begun = header.clone();
	begun.extrinsics_root = Hash::default();
	begun.state_root = Hash::default();
	begun
		.digest
		.logs
		.retain(|item| item.as_pre_runtime().is_some());
	begun
}

/// The name of an error of the pallet.
fn name(error: &DispatchError) -> String {
	match error {
		DispatchError::Module(module) => Error::<Runtime>::decode(&mut &module.error[..])
			.map_or_else(|_| format!("{error:?}"), |error| format!("{error:?}")),
		_ => format!("{error:?}"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use pallet_heartbeat::Call;
	use vigil_runtime::{RuntimeCall, UncheckedExtrinsic};

	fn aggregate() -> HeartbeatAggregate {
		HeartbeatAggregate::decode(&mut &[0; 8 + 1 + 96][..]).expect("has no parts")
	}

	fn bare(call: impl Into<RuntimeCall>) -> OpaqueExtrinsic {
		UncheckedExtrinsic::new_bare(call.into()).into()
	}

	#[test]
	fn aggregates_are_found_wherever_they_are() {
		let aggregate = aggregate();
		let remark = frame_system::Call::<Runtime>::remark { remark: vec![1] };
		let record = || Call::<Runtime>::record {
			aggregate: aggregate.clone(),
		};
		let body = [bare(record()), bare(remark), bare(record())];
		assert_eq!(aggregates(&body), [aggregate.clone(), aggregate.clone()]);
	}

	#[test]
	fn calls_of_strangers_are_not_decoded() {
		// `utility.as_derivative` around itself, deeper than any stack.
		let call: RuntimeCall = pallet_utility::Call::<Runtime>::as_derivative {
			index: 0,
			call: Box::new(frame_system::Call::remark { remark: vec![] }.into()),
		}
		.into();
		let encoded = call.encode();
		let layer = &encoded[..4];
		let deep = [&[5], layer.repeat(1_000_000).as_slice(), &encoded[4..]].concat();
		let garbage = [&[5], &record_call()[..], &[1, 2, 3]].concat();
		let body = [deep, garbage, vec![], vec![5]].map(OpaqueExtrinsic::from_blob);
		assert!(aggregates(&body).is_empty());
	}

	#[test]
	fn errors_of_the_pallet_have_names() {
		let error: DispatchError = Error::<Runtime>::WrongSignature.into();
		assert_eq!(name(&error), "WrongSignature");
	}
}
