//! Judges blocks that carry heartbeats.
//!
//! The SDK executes a block when it imports it, and a block that fails there costs nobody anything: it
//! may be the importer's fault, and the one who sent it is not known any more. So blocks with an
//! aggregate are executed one step earlier, where they are verified and a failure is the sender's.
//! Import then takes over the changes: nothing is executed twice, and it is the runtime that judges, so
//! that no two nodes can differ.
//!
//! Whose fault it was the runtime is asked as well: an author whose aggregate does not hold has lied,
//! because an honest one had it verified before. Its peers are charged, if they said who they are.

use super::{super::partial::FullClient, LOG_TARGET};
use codec::{Decode, Encode};
use futures::channel::mpsc;
use pallet_heartbeat::{runtime_api::HeartbeatApi, Call, Error};
use sc_consensus::{BlockImportParams, StateAction, StorageChanges, Verifier};
use sp_api::{ApiExt, CallApiAt, CallContext, Core, ProvideRuntimeApi};
use sp_consensus::BlockStatus;
use sp_consensus_aura::{
	sr25519::{AuthorityId, AuthoritySignature},
	AuraApi,
};
use sp_runtime::{
	traits::{Block as _, ExtrinsicLike},
	DispatchError, OpaqueExtrinsic,
};
use std::sync::Arc;
use substrate_prometheus_endpoint::{register, Counter, PrometheusError, Registry, U64};
use vigil_heartbeat_primitives::HeartbeatAggregate;
use vigil_runtime::{
	opaque::{Block, Header},
	BlockNumber, Hash, Runtime, RuntimeCall, UncheckedExtrinsic,
};

/// Liars that wait to be charged. More are forgotten: each has lost its slot anyway.
const WAITING: usize = 16;

/// The authors of blocks whose aggregates did not hold.
pub(crate) type Lies = mpsc::Receiver<AuthorityId>;

/// Verifies blocks; executes those with heartbeats.
pub(crate) struct Judge<V> {
	inner: V,
	client: Arc<FullClient>,
	lies: mpsc::Sender<AuthorityId>,
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
		lies,
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
		let aggregates = aggregates(body);
		if aggregates.is_empty() || !self.can_execute(&block) {
			return Ok(block);
		}
		match self.execute(&block.header, body) {
			Ok(changes) => {
				block.state_action = StateAction::ApplyChanges(changes);
				Ok(block)
			}
			Err(error) => {
				let number = block.header.number;
				if let Some(fault) = self.fault(&block.header, &aggregates) {
					self.tell(&block.header, &fault);
					return Err(format!(
						"block {number} has a false aggregate of heartbeats: {fault}"
					));
				}
				Err(format!("block {number} cannot be executed: {error}"))
			}
		}
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
		let [aggregate] = aggregates else {
			return Some(format!("{:?}", Error::<Runtime>::SecondInBlock));
		};
		let parent = header.parent_hash;
		let mut api = self.client.runtime_api();
		api.set_call_context(CallContext::Onchain { import: true });
		api.initialize_block(parent, &without_results(header))
			.ok()?;
		let answer = HeartbeatApi::<_, BlockNumber>::check(&*api, parent, aggregate.clone());
		answer.ok()?.err().map(|error| name(&error))
	}

	/// Tell the operator, and whoever charges peers.
	fn tell(&self, header: &Header, fault: &str) {
		if let Some(refused) = &self.refused {
			refused.inc();
		}
		let Some(author) = self.author(header) else {
			return;
		};
		log::error!(
			target: LOG_TARGET,
			"🤥 Producer {author} made block {} with a false aggregate of heartbeats: {fault}. The block is \
			 refused",
			header.number,
		);
		// No room: the liar has lost its slot anyway.
		let _ = self.lies.clone().try_send(author);
	}

	/// Whose slot it was. The seal was checked.
	fn author(&self, header: &Header) -> Option<AuthorityId> {
		let slot = sc_consensus_aura::find_pre_digest::<Block, AuthoritySignature>(header).ok()?;
		let authorities = self.client.runtime_api().authorities(header.parent_hash);
		let authorities = authorities.ok()?;
		let place = (*slot).checked_rem(authorities.len() as u64)?;
		authorities.get(usize::try_from(place).ok()?).cloned()
	}
}

/// The aggregates in a body: inherents come first, and are not signed.
fn aggregates(body: &[OpaqueExtrinsic]) -> Vec<HeartbeatAggregate> {
	body.iter()
		.map(|extrinsic| UncheckedExtrinsic::decode(&mut &extrinsic.encode()[..]))
		.map_while(|extrinsic| extrinsic.ok().filter(UncheckedExtrinsic::is_bare))
		.filter_map(|extrinsic| match extrinsic.function {
			RuntimeCall::Heartbeat(Call::record { aggregate }) => Some(aggregate),
			_ => None,
		})
		.collect()
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
