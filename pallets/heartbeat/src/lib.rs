#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(any(test, feature = "runtime-benchmarks")),
	deny(
		clippy::unwrap_used,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::arithmetic_side_effects
	)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
mod pages;
mod periods;
mod queries;
mod recording;
mod registry;
mod report;
pub mod runtime_api;
#[cfg(any(test, feature = "testing"))]
#[allow(clippy::arithmetic_side_effects)] // In no wasm that a chain runs.
pub mod synthetic;
mod tally;
#[cfg(test)]
mod tests;
mod traits;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;
pub mod window;

pub use pallet::*;
pub use traits::{OnDoubleCheckpoint, Registry};
pub use types::{
	Attestation, Bucket, Counts, DoubleCheckpoint, EpochSummary, GenesisStaker, KeyRecord,
	OpenPeriod, Page, Participation, Prices, Stake, Stakes, Status, Tally, TotalStake, Totals,
	Window, KEPT_EPOCHS, KEPT_PERIODS, KEPT_SUMMARIES,
};
pub use weights::WeightInfo;

/// The FRAME module: storage, hooks, calls and queries.
#[frame_support::pallet]
#[allow(clippy::expect_used)] // The macros of FRAME expand to it; nothing below is written with it.
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{dispatch::DispatchClass, pallet_prelude::*};
	use frame_system::pallet_prelude::*;
	use sp_inherents::{InherentData, InherentIdentifier, MakeFatalError};
	use vigil_heartbeat_primitives::{
		Bitmap, BucketIndex, EpochIndex, HeartbeatAggregate, PeriodIndex, PublicKey, Signature,
		StakerIndex, Versioned, INHERENT_IDENTIFIER,
	};

	/// The in-code storage version.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config:
		frame_system::Config<
			RuntimeEvent: From<Event<Self>>,
			Hash: Into<[u8; 32]>,
			AccountId: Into<[u8; 32]> + From<[u8; 32]>,
		> + pallet_timeline::Config
	{
		/// Who may fill the registry while there are no staking orders, and set the cap on
		/// aggregates.
		type HeartbeatOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Most stakers, active or waiting for reuse. At least 1.
		#[pallet::constant]
		type MaxStakers: Get<u32>;

		/// The most that one aggregate may cost, in reference time.
		#[pallet::constant]
		type MaxAggregateWeight: Get<Weight>;

		/// Closed periods for which the attestation is kept. At least 1.
		#[pallet::constant]
		type AttestationHistory: Get<u64>;

		/// Told of stakers that signed two checkpoints of one period.
		type OnDoubleCheckpoint: OnDoubleCheckpoint<Self::AccountId>;

		/// Weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// Active bits and sums of keys, by bucket. Buckets are numbered from 0 without gaps.
	// Identity: buckets are numbered by this pallet.
	#[pallet::storage]
	pub type Buckets<T: Config> =
		StorageMap<_, Identity, BucketIndex, Versioned<Bucket>, ValueQuery>;

	/// Keys, by bucket and place: two places for each page, of which [`Bucket::copies`] says which is
	/// in force. The key of an index that is not active means nothing.
	// Identity: as above.
	#[pallet::storage]
	pub type KeyPages<T: Config> =
		StorageDoubleMap<_, Identity, BucketIndex, Identity, u32, Page, ValueQuery>;

	/// Stakes, by bucket. The stake of an index that is not active means nothing.
	// Identity: as above.
	#[pallet::storage]
	pub type BucketStakes<T: Config> =
		StorageMap<_, Identity, BucketIndex, Versioned<Stakes>, ValueQuery>;

	/// Who was recorded, by bucket.
	// Identity: as above.
	#[pallet::storage]
	pub type Tallies<T: Config> = StorageMap<_, Identity, BucketIndex, Tally, ValueQuery>;

	/// Active stakers and their stake.
	#[pallet::storage]
	pub type ActiveTotals<T: Config> = StorageValue<_, Versioned<Totals>, ValueQuery>;

	/// Every key that was ever registered and not forgotten since, by the hash of its x-coordinate.
	// Identity: the key of the map is a hash already.
	#[pallet::storage]
	pub type KeyRecords<T: Config> = StorageMap<_, Identity, [u8; 16], KeyRecord, OptionQuery>;

	/// The first index that nobody has had.
	#[pallet::storage]
	pub type NextIndex<T: Config> = StorageValue<_, StakerIndex, ValueQuery>;

	/// Indices that wait for reuse, first come first served: the epoch from which each is free.
	// Identity: places in the queue are numbered by this pallet.
	#[pallet::storage]
	pub type FreeIndices<T: Config> =
		StorageMap<_, Identity, u32, (StakerIndex, EpochIndex), OptionQuery>;

	/// First place of the queue that is taken, and the first behind it that is not.
	#[pallet::storage]
	pub type FreeQueue<T: Config> = StorageValue<_, (u32, u32), ValueQuery>;

	/// Periods that accept heartbeats, oldest first.
	#[pallet::storage]
	pub type OpenPeriods<T: Config> =
		StorageValue<_, BoundedVec<OpenPeriod<BlockNumberFor<T>>, ConstU32<2>>, ValueQuery>;

	/// Closed periods, by `period % AttestationHistory`.
	// Identity: places in a ring.
	#[pallet::storage]
	pub type Attestations<T: Config> = StorageMap<_, Identity, u64, Attestation, OptionQuery>;

	/// Epochs, by `epoch % KEPT_SUMMARIES`.
	// Identity: places in a ring.
	#[pallet::storage]
	pub type EpochSummaries<T: Config> = StorageMap<_, Identity, u64, EpochSummary, ValueQuery>;

	/// Most aggregates for one period.
	#[pallet::storage]
	pub type MaxAggregates<T: Config> =
		StorageValue<_, Versioned<u32>, ValueQuery, DefaultMaxAggregates>;

	/// 100: at 9.6 ms each, a sixth of a percent of the time of a ten-minute period.
	#[pallet::type_value]
	pub fn DefaultMaxAggregates() -> Versioned<u32> {
		Versioned::new(100)
	}

	/// Whether the block in execution has recorded an aggregate.
	#[pallet::storage]
	#[pallet::whitelist_storage]
	pub type RecordedInBlock<T: Config> = StorageValue<_, bool, ValueQuery>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The first stakers, in the order of their indices.
		pub stakers: Vec<GenesisStaker<T::AccountId>>,
		/// Binds the configuration to its runtime; holds nothing.
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for (index, staker) in self.stakers.iter().enumerate() {
				if let Err(error) = Pallet::<T>::open_at_genesis(staker) {
					panic!("genesis of pallet-heartbeat: staker {index}: {error:?}");
				}
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Heartbeats were recorded.
		HeartbeatsRecorded {
			/// The period they attest.
			period: PeriodIndex,
			/// Stakers recorded for the first time in it.
			recorded: u32,
		},
		/// A period accepts no more heartbeats.
		PeriodClosed {
			/// The period.
			period: PeriodIndex,
			/// Stakers recorded.
			recorded: u32,
			/// Whether it counts for nobody.
			void: bool,
		},
		/// A staker will be active from the next epoch on.
		StakerOpened {
			/// Its index.
			index: StakerIndex,
			/// Its key.
			key: PublicKey,
		},
		/// A staker will have another key from the next epoch on.
		KeyRotated {
			/// Its index.
			index: StakerIndex,
			/// The new key.
			key: PublicKey,
		},
		/// A staker is active no longer than this epoch.
		StakerRetired {
			/// Its index.
			index: StakerIndex,
		},
		/// The cap on aggregates changes at the next edge.
		MaxAggregatesChanging {
			/// What it will be.
			max: u32,
		},
		/// A staker signed two checkpoints of one period, and was taken out.
		DoubleCheckpointReported {
			/// Its index.
			index: StakerIndex,
			/// The period.
			period: PeriodIndex,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// This block holds an aggregate already. One is the most.
		SecondInBlock,
		/// The aggregate has no parts, an empty part, or buckets that do not ascend. Write each bucket
		/// once, in ascending order, without empty ones.
		BadForm,
		/// Verifying the aggregate would cost more than is allowed. Send fewer parts.
		TooHeavy,
		/// The period accepts no heartbeats: it is over, or has not begun.
		PeriodNotOpen,
		/// The period's checkpoint is the block in execution. Send the aggregate in a later block.
		CheckpointUnknown,
		/// The period has all the aggregates it may have.
		TooManyAggregates,
		/// The aggregate names somebody who is not an active staker in this epoch.
		NotActive,
		/// The aggregate brings too few stakers that are not recorded yet. Gather more first.
		TooFewNew,
		/// The signature is not that of the named stakers for this period's checkpoint.
		WrongSignature,
		/// The key is not a canonical, non-zero point of the prime-order subgroup.
		BadKey,
		/// The proof does not show that the owner has the secret of the key on this chain.
		BadProof,
		/// The key, or its negative, is or was registered. Make a new one.
		KeyTaken,
		/// There is no room for more stakers.
		Full,
		/// Nobody active has this index.
		NoSuchStaker,
		/// The cap on aggregates must be 64 to 1,000: with fewer, one author could use them up.
		MaxAggregatesOutOfRange,
		/// The key was not registered when the period was running.
		KeyNotInPeriod,
		/// The checkpoint of the period is not known: it was never recorded, or is too long ago.
		NoSuchCheckpoint,
		/// Both signatures are for the same block.
		SameCheckpoint,
		/// This key was reported already. Once is enough.
		AlreadyReported,
		/// Stored keys cannot be read. The state is damaged.
		DamagedState,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::turn_pages(now)
		}

		fn on_finalize(_: BlockNumberFor<T>) {
			RecordedInBlock::<T>::kill();
		}

		fn integrity_test() {
			assert!(T::MaxStakers::get() > 0, "somebody must be able to stake");
			assert!(
				T::AttestationHistory::get() > 0,
				"the last attestation must be kept"
			);
			assert!(
				<T as Config>::WeightInfo::record(1).ref_time()
					<= T::MaxAggregateWeight::get().ref_time(),
				"an aggregate of one part must be allowed"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Record the heartbeats of many stakers.
		///
		/// ## Dispatch Origin
		/// None: an inherent of the author, who may leave it out. A block with one that is not valid
		/// is not valid.
		///
		/// ## Errors
		/// [`Error::SecondInBlock`], [`Error::BadForm`], [`Error::TooHeavy`], [`Error::PeriodNotOpen`],
		/// [`Error::CheckpointUnknown`], [`Error::TooManyAggregates`], [`Error::NotActive`],
		/// [`Error::TooFewNew`], [`Error::WrongSignature`].
		///
		/// ## Events
		/// [`Event::HeartbeatsRecorded`], and a digest item in the header.
		#[pallet::call_index(0)]
		#[pallet::weight((Pallet::<T>::aggregate_weight(aggregate), DispatchClass::Mandatory))]
		pub fn record(origin: OriginFor<T>, aggregate: HeartbeatAggregate) -> DispatchResult {
			ensure_none(origin)?;
			let verified = Self::verify(&aggregate)?;
			Self::apply(&aggregate, verified);
			Ok(())
		}

		/// Give `owner` an index, for `key`, from the next epoch on.
		///
		/// ## Dispatch Origin
		/// [`Config::HeartbeatOrigin`].
		///
		/// ## Errors
		/// [`Error::BadKey`], [`Error::BadProof`], [`Error::KeyTaken`], [`Error::Full`].
		///
		/// ## Events
		/// [`Event::StakerOpened`].
		#[pallet::call_index(1)]
		#[pallet::weight(<T as Config>::WeightInfo::force_open())]
		pub fn force_open(
			origin: OriginFor<T>,
			owner: T::AccountId,
			key: PublicKey,
			proof: Signature,
			stake: Stake,
		) -> DispatchResult {
			T::HeartbeatOrigin::ensure_origin(origin)?;
			<Self as Registry<_>>::open(&owner, &key, &proof, stake).map(|_| ())
		}

		/// Replace the key of `index` from the next epoch on.
		///
		/// ## Dispatch Origin
		/// [`Config::HeartbeatOrigin`].
		///
		/// ## Errors
		/// [`Error::NoSuchStaker`], [`Error::BadKey`], [`Error::BadProof`], [`Error::KeyTaken`].
		///
		/// ## Events
		/// [`Event::KeyRotated`].
		#[pallet::call_index(2)]
		#[pallet::weight(<T as Config>::WeightInfo::force_rotate())]
		pub fn force_rotate(
			origin: OriginFor<T>,
			index: StakerIndex,
			owner: T::AccountId,
			key: PublicKey,
			proof: Signature,
		) -> DispatchResult {
			T::HeartbeatOrigin::ensure_origin(origin)?;
			<Self as Registry<_>>::rotate(index, &owner, &key, &proof)
		}

		/// Take `index` out at the end of this epoch. Somebody else may have it two epochs later.
		///
		/// ## Dispatch Origin
		/// [`Config::HeartbeatOrigin`].
		///
		/// ## Errors
		/// [`Error::NoSuchStaker`].
		///
		/// ## Events
		/// [`Event::StakerRetired`].
		#[pallet::call_index(3)]
		#[pallet::weight(<T as Config>::WeightInfo::force_retire())]
		pub fn force_retire(origin: OriginFor<T>, index: StakerIndex) -> DispatchResult {
			T::HeartbeatOrigin::ensure_origin(origin)?;
			<Self as Registry<T::AccountId>>::retire(index, true)
		}

		/// Change how many aggregates a period may have, from the next epoch on.
		///
		/// ## Dispatch Origin
		/// [`Config::HeartbeatOrigin`].
		///
		/// ## Errors
		/// [`Error::MaxAggregatesOutOfRange`].
		///
		/// ## Events
		/// [`Event::MaxAggregatesChanging`].
		#[pallet::call_index(4)]
		#[pallet::weight(<T as Config>::WeightInfo::set_max_aggregates())]
		pub fn set_max_aggregates(origin: OriginFor<T>, max: u32) -> DispatchResult {
			T::HeartbeatOrigin::ensure_origin(origin)?;
			ensure!(
				(64..=1_000).contains(&max),
				Error::<T>::MaxAggregatesOutOfRange
			);
			MaxAggregates::<T>::mutate(|value| *value.edit_next(Self::epoch()) = max);
			Self::deposit_event(Event::MaxAggregatesChanging { max });
			Ok(())
		}

		/// Report a staker that signed two checkpoints of one period.
		///
		/// ## Dispatch Origin
		/// Signed. The fee is returned when the report is true: verifying costs too much to be free.
		///
		/// ## Errors
		/// [`Error::NoSuchStaker`], [`Error::KeyNotInPeriod`], [`Error::NoSuchCheckpoint`],
		/// [`Error::SameCheckpoint`], [`Error::AlreadyReported`], [`Error::BadKey`],
		/// [`Error::WrongSignature`].
		///
		/// ## Events
		/// [`Event::DoubleCheckpointReported`], [`Event::StakerRetired`].
		#[pallet::call_index(5)]
		#[pallet::weight(<T as Config>::WeightInfo::report_double_checkpoint())]
		pub fn report_double_checkpoint(
			origin: OriginFor<T>,
			evidence: DoubleCheckpoint,
		) -> DispatchResultWithPostInfo {
			let reporter = ensure_signed(origin)?;
			Self::punish(&evidence, &reporter)?;
			Ok(Pays::No.into())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Open windows, thresholds and prices. None before block 1.
		pub fn status() -> Option<Status<BlockNumberFor<T>>> {
			Self::read_status()
		}

		/// Who may send heartbeats in the running epoch, for buckets `from..from + count`, at most
		/// 1,024 of them.
		pub fn active(from: BucketIndex, count: u32) -> Vec<Bitmap> {
			Self::read_active(from, count)
		}

		/// Who was recorded in `period`, for buckets `from..from + count`, at most 1,024 of them.
		/// Empty for periods that are not kept.
		pub fn recorded(period: PeriodIndex, from: BucketIndex, count: u32) -> Vec<Bitmap> {
			Self::read_recorded(period, from, count)
		}

		/// What is known of a key. A key and its negative are one.
		pub fn find(key: PublicKey) -> Option<KeyRecord> {
			Self::read_record(&key)
		}

		/// How diligent a staker was in an epoch: the running one or the last.
		pub fn participation(index: StakerIndex, epoch: EpochIndex) -> Option<Participation> {
			Self::read_participation(index, epoch)
		}

		/// How much stake has seen the checkpoint of a closed period final.
		pub fn attestation(period: PeriodIndex) -> Option<Attestation> {
			Self::attestation_of(period)
		}

		/// An epoch as a whole: the last eight are kept.
		pub fn epoch_summary(epoch: EpochIndex) -> Option<EpochSummary> {
			Self::summary(epoch)
		}
	}

	#[pallet::inherent]
	impl<T: Config> ProvideInherent for Pallet<T> {
		type Call = Call<T>;
		type Error = MakeFatalError<()>;

		const INHERENT_IDENTIFIER: InherentIdentifier = INHERENT_IDENTIFIER;

		/// The aggregate that the author's node gathered, if this very block would accept it. No peer
		/// can make an honest author lose its block by what it sends.
		fn create_inherent(data: &InherentData) -> Option<Self::Call> {
			let aggregate: HeartbeatAggregate =
				data.get_data(&Self::INHERENT_IDENTIFIER).ok().flatten()?;
			match Self::verify(&aggregate) {
				Ok(_) => Some(Call::record { aggregate }),
				Err(error) => {
					log::debug!(target: "runtime::heartbeat", "aggregate left out: {error:?}");
					None
				}
			}
		}

		fn is_inherent(call: &Self::Call) -> bool {
			matches!(call, Call::record { .. })
		}
	}
}
