//! What the core needs to know of the chain, read from the state of the best block.

use super::{super::partial::FullClient, LOG_TARGET};
use pallet_heartbeat::{runtime_api::HeartbeatApi, Prices, Status, Window};
use pallet_timeline::runtime_api::TimelineApi;
use sc_client_api::HeaderBackend;
use sp_api::{ApiError, ProvideRuntimeApi};
use sp_consensus_aura::{sr25519::AuthorityId, AuraApi};
use sp_core::ByteArray;
use sp_keystore::KeystorePtr;
use std::{
	cell::RefCell,
	collections::{BTreeMap, VecDeque},
	sync::Arc,
};
use vigil_heartbeat::{
	bls::SecretKey,
	view::{Bitmaps, Keys, OpenPeriod, View},
};
use vigil_heartbeat_primitives::{
	position, BucketIndex, Effort, EpochIndex, PeriodIndex, StakerIndex, StoredKey,
};
use vigil_runtime::{BlockNumber, Hash};

/// Buckets whose keys are kept, at 96 KiB each: all that there can be, so that nobody can make the
/// node read the same one again and again.
const KEPT_BUCKETS: usize = 1_024;

/// The chain, as far as it was read.
pub(super) struct Chain {
	client: Arc<FullClient>,
	/// Where the keys of producers are. None for a node that makes no blocks, whatever it holds.
	keystore: Option<KeystorePtr>,
	secrets: Vec<SecretKey>,
	/// The block that everything below was read from.
	best: Hash,
	epoch: EpochIndex,
	/// The first block of the epoch: on another fork the registry may be another.
	epoch_begins: Option<Hash>,
	active: Arc<Bitmaps>,
	/// By period: aggregates that were recorded when the bits were read, and the bits.
	recorded: BTreeMap<PeriodIndex, (u32, Bitmaps)>,
	/// Indices of this node's stakers, in the order of their secrets.
	own: Vec<Option<StakerIndex>>,
	keys: RefCell<KeyCache>,
	pub(super) authorities: Vec<AuthorityId>,
	pub(super) prices: Option<Prices>,
}

/// What changed.
pub(super) struct News {
	pub(super) view: View,
	/// The Aura keys of this node that are producers now.
	pub(super) ours: Vec<AuthorityId>,
}

impl Chain {
	pub(super) fn new(
		client: Arc<FullClient>,
		keystore: Option<KeystorePtr>,
		secrets: Vec<SecretKey>,
	) -> Self {
		Self {
			own: vec![None; secrets.len()],
			client,
			keystore,
			secrets,
			best: Hash::default(),
			epoch: EpochIndex::MAX,
			epoch_begins: None,
			active: Arc::default(),
			recorded: BTreeMap::new(),
			keys: RefCell::default(),
			authorities: Vec::new(),
			prices: None,
		}
	}

	/// This node's stakers.
	pub(super) fn own(&self) -> Vec<(StakerIndex, &SecretKey)> {
		let indexed = self.own.iter().zip(&self.secrets);
		indexed
			.filter_map(|(index, secret)| Some(((*index)?, secret)))
			.collect()
	}

	/// Whether an aggregate of this effort may be recorded.
	pub(super) fn fits(&self, effort: &Effort) -> bool {
		self.prices.is_some_and(|prices| {
			let cost = prices
				.aggregate
				.saturating_add(prices.part.saturating_mul(effort.parts.into()))
				.saturating_add(prices.page.saturating_mul(effort.pages.into()))
				.saturating_add(prices.key.saturating_mul(effort.keys.into()));
			cost <= prices.limit
		})
	}

	/// Read the best block. None before block 1, and while a block cannot be read.
	pub(super) fn read(&mut self) -> Option<News> {
		match self.try_read() {
			Ok(news) => news,
			Err(error) => {
				log::debug!(target: LOG_TARGET, "the chain cannot be read: {error}");
				None
			}
		}
	}

	fn try_read(&mut self) -> Result<Option<News>, ApiError> {
		self.follow_best();
		let api = self.client.runtime_api();
		let Some(status) = api.status(self.best)? else {
			return Ok(None);
		};
		let Some(now) = TimelineApi::<_, BlockNumber>::now(&*api, self.best)? else {
			return Ok(None);
		};
		let begins = self.client.hash(now.epoch_first_block).ok().flatten();
		// The block that begins the epoch is not yet canonical while it is the best one.
		let begins = begins.or(Some(self.best));
		if (self.epoch, self.epoch_begins) != (status.epoch, begins) {
			self.begin_epoch(&status)?;
			self.epoch_begins = begins;
		}
		self.authorities = self.client.runtime_api().authorities(self.best)?;
		self.prices = Some(status.prices);
		let held = self.keystore.as_ref().map_or_else(Vec::new, |keystore| {
			keystore.sr25519_public_keys(sp_core::crypto::key_types::AURA)
		});
		let is_ours = |key: &AuthorityId| held.iter().any(|own| own.as_slice() == key.as_slice());
		let places = (0u32..)
			.zip(&self.authorities)
			.filter(|(_, key)| is_ours(key))
			.map(|(place, _)| place)
			.collect();
		let ours = self.authorities.iter().filter(|key| is_ours(key)).cloned();
		let ours = ours.collect();

		let mut periods = Vec::new();
		for window in &status.windows {
			periods.push(self.open_period(&status, window, now.lengths.period_slots)?);
		}
		self.recorded
			.retain(|period, _| status.windows.iter().any(|w| w.open.period == *period));
		Ok(Some(News {
			view: View {
				epoch: status.epoch,
				producers: self.authorities.len() as u32,
				ours: places,
				periods,
				active: self.active.clone(),
			},
			ours,
		}))
	}

	/// Turn to the best block. What was recorded on another fork means nothing here.
	fn follow_best(&mut self) {
		let best = self.client.info().best_hash;
		let parent = self.client.header(best).ok().flatten();
		let parent = parent.map_or_else(Hash::default, |header| header.parent_hash);
		if best != self.best && parent != self.best {
			self.recorded.clear();
		}
		self.best = best;
	}

	/// Read what stays the same during an epoch.
	fn begin_epoch(&mut self, status: &Status<BlockNumber>) -> Result<(), ApiError> {
		let api = self.client.runtime_api();
		let active = api.active(self.best, 0, status.buckets)?;
		self.active = Arc::new(
			(0..)
				.zip(active)
				.filter(|(_, bits)| !bits.is_empty())
				.collect(),
		);
		for (index, secret) in self.own.iter_mut().zip(&self.secrets) {
			let record = api.find(self.best, secret.public())?;
			*index = record
				.filter(|record| record.covers(status.epoch))
				.map(|record| record.index);
		}
		*self.keys.borrow_mut() = KeyCache::default();
		self.epoch = status.epoch;
		Ok(())
	}

	fn open_period(
		&mut self,
		status: &Status<BlockNumber>,
		window: &Window<BlockNumber>,
		slots: u32,
	) -> Result<OpenPeriod, ApiError> {
		let open = &window.open;
		// Bits change only with aggregates.
		let known = self.recorded.get(&open.period);
		if known.is_none_or(|(aggregates, _)| *aggregates != open.aggregates) {
			let api = self.client.runtime_api();
			let bits = api.recorded(self.best, open.period, 0, status.buckets)?;
			let bits = (0..)
				.zip(bits)
				.filter(|(_, bits)| !bits.is_empty())
				.collect();
			self.recorded.insert(open.period, (open.aggregates, bits));
		}
		let recorded = self.recorded.get(&open.period);
		let is_final = |number: BlockNumber, hash: &[u8; 32]| {
			number <= self.client.info().finalized_number
				&& self.client.hash(number).ok().flatten() == Some(Hash::from(*hash))
		};
		let last_quarter = status.slot + 1 >= window.last_quarter_slot;
		Ok(OpenPeriod {
			period: open.period,
			first_slot: window.first_slot.into(),
			slots,
			window_end: u64::from(window.end_slot).saturating_sub(1),
			checkpoint: open
				.checkpoint
				.filter(|hash| is_final(open.checkpoint_number, hash)),
			recorded: recorded.map(|(_, bits)| bits.clone()).unwrap_or_default(),
			minimum_new: if open.aggregates >= status.max_aggregates {
				// Nothing is worth an aggregate any more; the other period may still have room.
				u32::MAX
			} else if last_quarter {
				1
			} else {
				status.min_new
			},
		})
	}
}

impl Keys for Chain {
	fn key(&self, index: StakerIndex, epoch: EpochIndex) -> Option<StoredKey> {
		if epoch != self.epoch {
			return None;
		}
		let (bucket, place) = position(index);
		let mut keys = self.keys.borrow_mut();
		let keys = keys.of(bucket, || {
			let api = self.client.runtime_api();
			HeartbeatApi::<_, BlockNumber>::keys(&*api, self.best, bucket).ok()
		})?;
		keys.get(place as usize).copied()
	}
}

/// The keys of the buckets that were asked for last.
#[derive(Default)]
struct KeyCache {
	buckets: BTreeMap<BucketIndex, Vec<StoredKey>>,
	in_order: VecDeque<BucketIndex>,
}

impl KeyCache {
	fn of(
		&mut self,
		bucket: BucketIndex,
		read: impl FnOnce() -> Option<Vec<StoredKey>>,
	) -> Option<&Vec<StoredKey>> {
		if !self.buckets.contains_key(&bucket) {
			let keys = read()?;
			if self.in_order.len() >= KEPT_BUCKETS {
				if let Some(oldest) = self.in_order.pop_front() {
					self.buckets.remove(&oldest);
				}
			}
			self.in_order.push_back(bucket);
			self.buckets.insert(bucket, keys);
		}
		self.buckets.get(&bucket)
	}
}
