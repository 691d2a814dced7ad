//! Who made a block.

use super::partial::FullClient;
use sp_api::ProvideRuntimeApi;
use sp_consensus_aura::{
	sr25519::{AuthorityId, AuthoritySignature},
	AuraApi,
};
use vigil_runtime::opaque::{Block, Hash, Header};

/// Whose slot the block is of. That it was this producer who sealed it is for others to check.
pub(super) fn author(client: &FullClient, header: &Header) -> Option<AuthorityId> {
	author_among(&producers(client, header.parent_hash)?, header)
}

/// Those who take turns after that block.
pub(super) fn producers(client: &FullClient, parent: Hash) -> Option<Vec<AuthorityId>> {
	client.runtime_api().authorities(parent).ok()
}

/// The same as [`author`] for who knows the producers after the block's parent.
pub(super) fn author_among(producers: &[AuthorityId], header: &Header) -> Option<AuthorityId> {
	let slot = sc_consensus_aura::find_pre_digest::<Block, AuthoritySignature>(header).ok()?;
	let place = (*slot).checked_rem(producers.len() as u64)?;
	producers.get(usize::try_from(place).ok()?).cloned()
}
