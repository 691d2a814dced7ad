//! Making blocks, and knowing when not to.

use super::{
	choice::ChainChoice,
	clock::ClockWatch,
	heartbeat::{CautiousFactory, Ready},
	jumps::Jumps,
	partial::{FullClient, Import},
	Shared,
};
use crate::{cli::VigilParams, conduct::SharedConduct};
use sc_consensus_aura::{SlotProportion, StartAuraParams};
use sc_consensus_slots::BackoffAuthoringBlocksStrategy;
use sc_service::Error;
use sp_consensus_aura::sr25519::AuthorityPair as AuraPair;
use sp_consensus_slots::Slot;
use sp_keystore::KeystorePtr;
use sp_runtime::key_types;
use std::sync::{Arc, Mutex};
use vigil_runtime::BlockNumber;

const LOG_TARGET: &str = "authoring";

/// Slots between two warnings about the same trouble: half a minute.
const WARN_EVERY: u64 = 60;

/// A best block may be this many slots ahead: others are a little early.
const FAR_AHEAD: u64 = 2;

/// The part of a slot in which a block is built: half, so that it can travel in the rest.
const PROPOSAL_PORTION: f32 = 0.5;

/// Says in which slots an author must not make a block: while too much is not final, and while its
/// clock is wrong.
#[derive(Clone)]
pub(super) struct Bound {
	max_unfinalized: Option<BlockNumber>,
	clock: Arc<ClockWatch>,
	jumps: Arc<Jumps>,
	last_warning: Arc<Mutex<Option<Slot>>>,
}

impl Bound {
	pub(super) fn new(params: &VigilParams, clock: Arc<ClockWatch>) -> Self {
		Self {
			max_unfinalized: (!params.author_without_finality).then_some(params.max_unfinalized),
			clock,
			jumps: Arc::new(Jumps::new()),
			last_warning: Arc::default(),
		}
	}

	/// Why no block may be made on `head`, whenever it is.
	fn obstacle(&self, head: BlockNumber, finalized: BlockNumber) -> Option<String> {
		if let Some(max) = self.max_unfinalized {
			let unfinalized = head.saturating_sub(finalized);
			if unfinalized >= max {
				return Some(format!(
					"{unfinalized} blocks are not final, and {max} is the bound: no blocks are made \
					 until the witnesses are back. Are more than a third of them offline?"
				));
			}
		}
		None
	}

	/// Why the clock, or that of somebody before, is in the way.
	fn wrong_time(&self, head: Slot, now: Slot) -> Option<String> {
		// First, so that it looks every time.
		let jumped = self.jumps.check().err();
		let ahead = head.saturating_sub(*now);
		if ahead > FAR_AHEAD {
			return Some(format!(
				"the best block is of a slot that begins in {ahead} slots, and none can follow it \
				 before. The clock of its author was ahead; if that is this node, its own. Check the \
				 time service of this machine"
			));
		}
		jumped.or_else(|| self.clock.may_author().err())
	}
}

impl BackoffAuthoringBlocksStrategy<BlockNumber> for Bound {
	fn should_backoff(
		&self,
		head: BlockNumber,
		head_slot: Slot,
		finalized: BlockNumber,
		now: Slot,
		_: &str,
	) -> bool {
		let wrong_time = self.wrong_time(head_slot, now);
		let Some(obstacle) = self.obstacle(head, finalized).or(wrong_time) else {
			return false;
		};
		let mut last = self.last_warning.lock().unwrap_or_else(|e| e.into_inner());
		if last.is_none_or(|last| *now.saturating_sub(*last) >= WARN_EVERY) {
			log::warn!(target: LOG_TARGET, "{obstacle}");
			*last = Some(now);
		}
		true
	}
}

/// An author to be.
pub(super) struct Authority {
	pub(super) client: Arc<FullClient>,
	pub(super) keystore: KeystorePtr,
	pub(super) force: bool,
	pub(super) bound: Bound,
}

impl Authority {
	/// Make blocks whenever it is this node's turn.
	pub(super) fn spawn(
		self,
		shared: &Shared<'_>,
		select_chain: ChainChoice,
		block_import: Import,
		aggregates: Arc<Ready>,
		conduct: SharedConduct,
	) -> Result<(), Error> {
		self.tell_about_keys();
		match self.bound.max_unfinalized {
			Some(max) => log::info!(
				target: LOG_TARGET,
				"🛑 Authoring stops at {max} blocks without finality: what honest producers build \
				 can be reverted by no more than that",
			),
			None => log::warn!(
				target: LOG_TARGET,
				"⚠️  Authoring without finality: everything built from now on may be reverted",
			),
		}
		let slot_duration = sc_consensus_aura::slot_duration(&*self.client)?;
		let proposers = sc_basic_authorship::ProposerFactory::new(
			shared.tasks.spawn_handle(),
			self.client.clone(),
			shared.pool.clone(),
			shared.prometheus.as_ref(),
			shared.telemetry.clone(),
		);
		let proposer_factory = CautiousFactory {
			inner: proposers,
			conduct,
		};
		let aura = sc_consensus_aura::start_aura::<AuraPair, _, _, _, _, _, _, _, _, _, _>(
			StartAuraParams {
				slot_duration,
				client: self.client,
				select_chain,
				block_import,
				proposer_factory,
				create_inherent_data_providers: move |_, ()| {
					let heartbeats = aggregates.provider();
					async move {
						let time = sp_timestamp::InherentDataProvider::from_system_time();
						let slot = sp_consensus_aura::inherents::InherentDataProvider::
							from_timestamp_and_slot_duration(*time, slot_duration);
						Ok((slot, time, heartbeats))
					}
				},
				force_authoring: self.force,
				backoff_authoring_blocks: Some(self.bound),
				keystore: self.keystore,
				sync_oracle: shared.sync.clone(),
				justification_sync_link: shared.sync.clone(),
				block_proposal_slot_portion: SlotProportion::new(PROPOSAL_PORTION),
				// Without this, an author that follows empty slots takes up to 64 seconds.
				max_block_proposal_slot_portion: Some(SlotProportion::new(1.0)),
				telemetry: shared.telemetry.clone(),
				compatibility_mode: Default::default(),
			},
		)?;
		shared
			.tasks
			.spawn_essential_handle()
			.spawn_blocking("aura", Some("block-authoring"), aura);
		Ok(())
	}

	/// An authority without keys does nothing, silently. Say so.
	fn tell_about_keys(&self) {
		let has_aura = !self
			.keystore
			.sr25519_public_keys(key_types::AURA)
			.is_empty();
		let has_grandpa = !self
			.keystore
			.ed25519_public_keys(key_types::GRANDPA)
			.is_empty();
		if let Some(missing) = missing_keys(has_aura, has_grandpa) {
			log::warn!(
				target: LOG_TARGET,
				"🔑 The keystore holds no {missing} key: this node can not do its part. Make keys \
				 with the RPC method author_rotateKeysWithOwner and register them with \
				 session.setKeys, or put existing ones in with `vigil-node key insert`, then restart",
			);
		}
	}
}

/// What an authority lacks to make blocks and to make them final.
fn missing_keys(has_aura: bool, has_grandpa: bool) -> Option<&'static str> {
	match (has_aura, has_grandpa) {
		(true, true) => None,
		(false, true) => Some("aura"),
		(true, false) => Some("grandpa"),
		(false, false) => Some("aura and no grandpa"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::time::Duration;

	fn bound(max: u32, forced: bool) -> Bound {
		let params = VigilParams {
			max_unfinalized: max,
			author_without_finality: forced,
			grandpa_gossip_ms: 100,
			grandpa_stock_voting_rules: false,
			heartbeat_suri: None,
			heartbeat_test_keys: None,
		};
		let clock = ClockWatch::new(Duration::from_millis(500), None).expect("no registry");
		Bound::new(&params, clock)
	}

	#[test]
	fn the_last_block_within_the_bound_is_made_and_no_further() {
		// With 64 allowed, a block on top of 63 unfinalised ones is the 64th.
		assert_eq!(bound(64, false).obstacle(163, 100), None);
		let message = bound(64, false).obstacle(164, 100).expect("is an obstacle");
		assert!(message.contains("64 blocks are not final"), "{message}");
		assert!(message.contains("witnesses"), "{message}");
	}

	#[test]
	fn the_last_resort_lifts_the_bound() {
		assert_eq!(bound(64, true).obstacle(10_000, 100), None);
	}

	#[test]
	fn nothing_follows_a_block_from_the_future() {
		let bound = bound(64, false);
		assert_eq!(bound.wrong_time(102.into(), 100.into()), None);
		let message = bound.wrong_time(7_300.into(), 100.into());
		assert!(message.is_some_and(|it| it.contains("begins in 7200 slots")));
		assert!(bound.should_backoff(9, 7_300.into(), 8, 100.into(), ""));
		assert!(!bound.should_backoff(9, 99.into(), 8, 100.into(), ""));
	}

	#[test]
	fn a_trouble_is_told_once_in_a_while() {
		let bound = bound(1, false);
		let told_at = |slot: u64| {
			bound.should_backoff(9, 0.into(), 0, slot.into(), "");
			bound.last_warning.lock().expect("no panic").map(u64::from)
		};
		assert_eq!(told_at(100), Some(100));
		assert_eq!(told_at(130), Some(100));
		assert_eq!(told_at(160), Some(160));
	}

	#[test]
	fn missing_keys_are_named() {
		assert_eq!(missing_keys(true, true), None);
		assert_eq!(missing_keys(false, true), Some("aura"));
		assert_eq!(missing_keys(false, false), Some("aura and no grandpa"));
	}
}
