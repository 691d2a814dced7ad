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
mod handler;
mod impls;
#[cfg(test)]
mod mock;
mod proofs;
mod report;
pub mod runtime_api;
pub mod sets;
#[cfg(test)]
mod tests;
mod traits;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

pub use handler::{ProducerHandler, Producers, RoleHandler, RoleKind, WitnessHandler, Witnesses};
pub use impls::{DisabledProducers, FindProducer};
pub use pallet::*;
pub use report::DoubleVote;
pub use traits::{AuthorityKeys, SelectSets};
pub use types::{Member, Offender, Role, RoleSets, RosterProof};
pub use weights::WeightInfo;

pub(crate) const LOG_TARGET: &str = "runtime::roles";

/// The FRAME module: storage, the one call and the queries.
#[frame_support::pallet]
#[allow(clippy::expect_used)] // The macros of FRAME expand to it; nothing below is written with it.
pub mod pallet {
	use super::*;
	use crate::types::Member;
	use alloc::{boxed::Box, vec::Vec};
	use frame_support::pallet_prelude::*;
	use frame_system::{offchain::CreateAuthorizedTransaction, pallet_prelude::*};
	use sp_staking::{offence::OffenceReportSystem, SessionIndex};

	/// The in-code storage version.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// The planned sets of a runtime.
	pub type SetsOf<T> = RoleSets<
		<T as frame_system::Config>::AccountId,
		<T as Config>::MaxProducers,
		<T as Config>::MaxWitnesses,
	>;

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config:
		frame_system::Config<RuntimeEvent: From<Event<Self>>>
		+ pallet_session::Config<ValidatorId = <Self as frame_system::Config>::AccountId>
		+ pallet_aura::Config
		+ pallet_grandpa::Config<KeyOwnerProof = RosterProof>
		+ CreateAuthorizedTransaction<Call<Self>>
	{
		/// Most producers. Aura must hold as many.
		#[pallet::constant]
		type MaxProducers: Get<u32>;

		/// Most witnesses, at least as many as producers. GRANDPA must hold as many.
		#[pallet::constant]
		type MaxWitnesses: Get<u32>;

		/// Sessions for which rosters are kept. Faults older than that cannot be proven.
		#[pallet::constant]
		type RosterHistory: Get<SessionIndex>;

		/// Blocks for which a report waits in the pool.
		#[pallet::constant]
		type ReportLongevity: Get<u64>;

		/// Where the sets of a session come from.
		type SelectSets: SelectSets<SetsOf<Self>>;

		/// Weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// Who is meant to hold the roles in the running session and in the next.
	// Twox: session indices are not chosen by users.
	#[pallet::storage]
	pub type Planned<T: Config> = StorageMap<_, Twox64Concat, SessionIndex, SetsOf<T>, ValueQuery>;

	/// Who held which role in a session, and with which key. The index of a member is its index in
	/// Aura or GRANDPA.
	// Twox: session indices are not chosen by users.
	#[pallet::storage]
	pub type Rosters<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		SessionIndex,
		Twox64Concat,
		Role,
		BoundedVec<Member<T::AccountId>, T::MaxWitnesses>,
		ValueQuery,
	>;

	/// Members switched off in a role, until they leave its planned sets.
	// Twox: there are two keys.
	#[pallet::storage]
	pub type Disabled<T: Config> =
		StorageMap<_, Twox64Concat, Role, BoundedVec<T::AccountId, T::MaxWitnesses>, ValueQuery>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Producers, in the order of their turns.
		pub producers: Vec<T::AccountId>,
		/// Witnesses, in the order of their indices.
		pub witnesses: Vec<T::AccountId>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			if self.producers.is_empty() && self.witnesses.is_empty() {
				return;
			}
			let (Ok(producers), Ok(witnesses)) = (
				self.producers.clone().try_into(),
				self.witnesses.clone().try_into(),
			) else {
				panic!(
					"genesis of pallet-roles: at most {} producers and {} witnesses",
					T::MaxProducers::get(),
					T::MaxWitnesses::get()
				);
			};
			let sets = SetsOf::<T> {
				producers,
				witnesses,
			};
			assert!(
				sets.are_sound(),
				"genesis of pallet-roles: both roles need members, each account once"
			);
			Planned::<T>::insert(0, sets);
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A member was switched off in a role.
		MemberDisabled {
			/// The role.
			role: Role,
			/// The member.
			account: T::AccountId,
		},
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Books what Aura and Authorship read here in each block to find the author and whether it
		/// is disabled: their own weights do not know of it.
		///
		/// ## Panics
		/// When the header names its slot not exactly once: the block is invalid then. Clients pass
		/// over a pre-digest that does not decode exactly while Aura takes the first, so a header
		/// with two of them could pretend to be of any slot and of any author.
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			assert!(
				Self::names_its_slot_once(),
				"a header must name its slot exactly once"
			);
			<T as Config>::WeightInfo::on_initialize()
		}

		fn integrity_test() {
			let (producers, witnesses) = (T::MaxProducers::get(), T::MaxWitnesses::get());
			assert!(
				producers <= witnesses,
				"a roster holds as many as there are witnesses at most"
			);
			assert!(
				producers <= <T as pallet_aura::Config>::MaxAuthorities::get(),
				"Aura cuts longer lists off without a word"
			);
			assert!(
				witnesses <= <T as pallet_grandpa::Config>::MaxAuthorities::get(),
				"GRANDPA must hold every witness"
			);
			assert!(
				T::RosterHistory::get() >= 2,
				"the last session must stay provable"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Report a witness that voted twice in one round.
		///
		/// ## Dispatch Origin
		/// Authorised: anybody, without a signature and without a fee. The report is its own proof.
		///
		/// ## Details
		/// Accepted once for each witness: it is then disabled until it leaves the set. The author
		/// of the block counts as the reporter.
		///
		/// ## Errors
		/// A report that is not true, too old or not the first is not a valid transaction.
		///
		/// ## Events
		/// [`Event::MemberDisabled`], and the offences pallet's `Offence`.
		#[pallet::call_index(0)]
		#[pallet::weight(<T as Config>::WeightInfo::report_double_vote())]
		#[pallet::weight_of_authorize(<T as Config>::WeightInfo::authorize_report_double_vote())]
		#[pallet::authorize(|source, double_vote, owner| {
			Pallet::<T>::authorize_double_vote(source, double_vote, owner)
		})]
		pub fn report_double_vote(
			origin: OriginFor<T>,
			double_vote: Box<DoubleVote<T>>,
			owner: RosterProof,
		) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			T::EquivocationReportSystem::process_evidence(None, (*double_vote, owner))?;
			Ok(Pays::No.into())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Who makes blocks now, in the order of their turns.
		pub fn producers() -> Vec<T::AccountId> {
			Self::members(Role::Producer)
		}

		/// Who makes blocks final now, in the order of their indices.
		pub fn witnesses() -> Vec<T::AccountId> {
			Self::members(Role::Witness)
		}

		/// Who held a role in a session, with which keys. Empty if it is not kept (any more).
		pub fn roster(session: SessionIndex, role: Role) -> Vec<Member<T::AccountId>> {
			Rosters::<T>::get(session, role).into_inner()
		}
	}
}
