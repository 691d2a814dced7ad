//! Who made a block.

use super::partial::FullClient;
use sp_api::ProvideRuntimeApi;
use sp_consensus_aura::{
	sr25519::{AuthorityId, AuthoritySignature},
	AuraApi,
};
use vigil_runtime::opaque::{Block, Header};

/// Whose slot the block is of. That it was this producer who sealed it is for others to check.
pub(super) fn author(client: &FullClient, header: &Header) -> Option<AuthorityId> {
	let slot = sc_consensus_aura::find_pre_digest::<Block, AuthoritySignature>(header).ok()?;
	let authorities = client.runtime_api().authorities(header.parent_hash).ok()?;
	let place = (*slot).checked_rem(authorities.len() as u64)?;
	authorities.get(usize::try_from(place).ok()?).cloned()
}
