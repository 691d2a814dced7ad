//! A producer that seals blocks with aggregates that nobody signed.

use codec::{Decode, Encode};
use pallet_heartbeat::Call;
use sp_runtime::{
	traits::{BlakeTwo256, Hash},
	DigestItem,
};
use vigil_heartbeat_primitives::{HeartbeatAggregate, ENGINE_ID};
use vigil_node::Conduct;
use vigil_runtime::{opaque::Block, RuntimeCall, UncheckedExtrinsic, VERSION};

/// Turns the signature of every aggregate that it includes into its negative: a point of the right
/// group, and of the right curve, in blocks that are consistent in every other respect.
#[derive(Debug)]
pub(crate) struct Forge;

/// The bit of a compressed point that says which of its two y-coordinates is meant.
const SIGN: u8 = 0x20;

impl Conduct for Forge {
	fn block(&self, mut made: Block) -> Block {
		let mut forged = None;
		for extrinsic in &mut made.extrinsics {
			let Ok(decoded) = UncheckedExtrinsic::decode(&mut &extrinsic.encode()[..]) else {
				continue;
			};
			if let RuntimeCall::Heartbeat(Call::record { mut aggregate }) = decoded.function {
				aggregate.signature.0[0] ^= SIGN;
				forged = Some(aggregate.clone());
				*extrinsic = UncheckedExtrinsic::new_bare(Call::record { aggregate }.into()).into();
			}
		}
		if let Some(aggregate) = forged {
			for item in &mut made.header.digest.logs {
				restate(item, &aggregate);
			}
			let extrinsics = made.extrinsics.iter().map(Encode::encode).collect();
			made.header.extrinsics_root =
				BlakeTwo256::ordered_trie_root(extrinsics, VERSION.extrinsics_root_state_version());
		}
		made
	}
}

/// Make the header say what the body holds now.
fn restate(item: &mut DigestItem, aggregate: &HeartbeatAggregate) {
	if let DigestItem::Consensus(ENGINE_ID, said) = item {
		let count = said
			.get(8..12)
			.and_then(|mut bytes| u32::decode(&mut bytes).ok());
		*said = aggregate.digest(count.unwrap_or_default()).encode();
	}
}
