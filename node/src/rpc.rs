//! Methods beside those that the SDK serves: accounts, fees, finality proofs and heartbeats.

use jsonrpsee::RpcModule;
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use sc_consensus_grandpa::{
	FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_rpc::SubscriptionTaskExecutor;
use std::sync::Arc;
use substrate_frame_rpc_system::{System, SystemApiServer};
use vigil_runtime::{opaque::Block, BlockNumber, Hash};

use crate::service::{
	heartbeat::{SubmitApi, Submitter},
	FullBackend, FullClient, FullPool,
};

/// What the methods answer from.
#[derive(Clone)]
pub(crate) struct Deps {
	pub(crate) client: Arc<FullClient>,
	pub(crate) pool: Arc<FullPool>,
	pub(crate) authority_set: SharedAuthoritySet<Hash, BlockNumber>,
	pub(crate) voter_state: SharedVoterState,
	pub(crate) justifications: GrandpaJustificationStream<Block>,
	pub(crate) finality_proofs: Arc<FinalityProofProvider<FullBackend, Block>>,
	pub(crate) heartbeats: Submitter,
}

/// The methods.
pub(crate) fn create(
	deps: Deps,
	executor: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, sc_service::Error> {
	let mut module = RpcModule::new(());
	let merged = module
		.merge(System::new(deps.client.clone(), deps.pool).into_rpc())
		.and_then(|()| module.merge(TransactionPayment::new(deps.client).into_rpc()))
		.and_then(|()| {
			let grandpa = Grandpa::new(
				executor,
				deps.authority_set,
				deps.voter_state,
				deps.justifications,
				deps.finality_proofs,
			);
			module.merge(grandpa.into_rpc())
		})
		.and_then(|()| module.merge(SubmitApi(deps.heartbeats).into_rpc()?));
	merged
		.map(|()| module)
		.map_err(|error| sc_service::Error::Application(error.into()))
}
