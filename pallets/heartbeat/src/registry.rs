//! Who has which index and key. Everything here takes effect at the next edge.

use crate::{
	pallet::*,
	traits::Registry,
	types::{GenesisStaker, KeyRecord, Stake, Totals},
};
use frame_support::{ensure, traits::Get};
use sp_runtime::DispatchError;
use vigil_heartbeat_primitives::{
	position, verify_possession, EpochIndex, Hash, KeySum, PublicKey, Refusal, Signature,
	StakerIndex, StoredKey,
};

/// The chain that proofs of genesis stakers are made for.
const GENESIS_CHAIN: Hash = [0; 32];

/// Epochs between the last one an index was active in and the first in which it can be given away:
/// one for its settlement.
const REUSE_DELAY: EpochIndex = 2;

impl<T: Config> Pallet<T> {
	/// Where the record of a key is kept. Half of a Blake2-256 hash: whoever finds two keys of his
	/// own with the same one has gained nothing, and hitting another's takes 2^128 attempts.
	pub(crate) fn record_place(key: &PublicKey) -> [u8; 16] {
		sp_crypto_hashing::blake2_128(&key.x())
	}

	/// Fill the registry at genesis: in force from epoch 0, which has not begun.
	pub(crate) fn open_at_genesis(
		staker: &GenesisStaker<T::AccountId>,
	) -> Result<(), DispatchError> {
		let owner: [u8; 32] = staker.owner.clone().into();
		let key = PublicKey(as_array(&staker.key).ok_or(Error::<T>::BadKey)?);
		let proof = Signature(as_array(&staker.proof).ok_or(Error::<T>::BadProof)?);
		let stored = Self::check_new_key(&GENESIS_CHAIN, &key, &owner, &proof)?;
		let index = Self::take_index(0)?;
		Self::enter(index, &key, &stored, staker.stake, 0)
	}

	/// Check a key that nobody has, and its proof.
	fn check_new_key(
		chain: &Hash,
		key: &PublicKey,
		owner: &[u8; 32],
		proof: &Signature,
	) -> Result<StoredKey, Error<T>> {
		let place = Self::record_place(key);
		ensure!(!KeyRecords::<T>::contains_key(place), Error::KeyTaken);
		verify_possession(chain, key, owner, proof).map_err(|refusal| match refusal {
			Refusal::BadKey(_) => Error::BadKey,
			Refusal::BadSignature(_) | Refusal::WrongSignature => Error::BadProof,
		})
	}

	/// An index that is free: one that waited long enough, or the next that nobody has had.
	fn take_index(now: EpochIndex) -> Result<StakerIndex, Error<T>> {
		let (head, tail) = FreeQueue::<T>::get();
		if let Some((index, free_from)) = FreeIndices::<T>::get(head) {
			if free_from <= now {
				FreeIndices::<T>::remove(head);
				FreeQueue::<T>::put((head.wrapping_add(1), tail));
				return Ok(index);
			}
		}
		let index = NextIndex::<T>::get();
		ensure!(index < T::MaxStakers::get(), Error::Full);
		NextIndex::<T>::put(index.saturating_add(1));
		Ok(index)
	}

	/// Write a staker down, active from epoch `from` on: the next, or at genesis the first.
	fn enter(
		index: StakerIndex,
		key: &PublicKey,
		stored: &StoredKey,
		stake: Stake,
		from: EpochIndex,
	) -> Result<(), DispatchError> {
		// Before genesis there is no running epoch: what is edited "for always" is in force at once.
		let at_genesis = from == 0;
		let now = from.saturating_sub(1);
		let (bucket, place) = position(index);
		let mut summed = false;
		let mut join = |value: &mut crate::types::Bucket| {
			let mut sum = KeySum::new();
			summed = sum.add(&value.sum) && sum.add(stored);
			value.sum = sum.to_stored();
			value.active.assign(place, true);
		};
		Buckets::<T>::mutate(bucket, |value| {
			if at_genesis {
				value.edit_always(now, &mut join);
			} else {
				join(value.edit_next(now));
			}
		});
		ensure!(summed, Error::<T>::DamagedState);
		// Nobody reads key or stake of an index that is not active.
		Self::write_key_always(index, stored, now);
		BucketStakes::<T>::mutate(bucket, |stakes| {
			stakes.edit_always(now, |stakes| assign(stakes, place, stake, 0));
		});
		let grow = |totals: &mut Totals| {
			totals.stakers = totals.stakers.saturating_add(1);
			totals.stake = totals.stake.saturating_add(stake.into());
		};
		ActiveTotals::<T>::mutate(|totals| {
			if at_genesis {
				totals.edit_always(now, grow);
			} else {
				grow(totals.edit_next(now));
			}
		});
		let record = KeyRecord {
			index,
			opened: from,
			from,
			until: None,
			guilty: false,
		};
		KeyRecords::<T>::insert(Self::record_place(key), record);
		Ok(())
	}

	/// The key that `index` will have in the next epoch, if it will be active.
	pub(crate) fn next_key(index: StakerIndex) -> Option<StoredKey> {
		let next = Self::epoch().saturating_add(1);
		let (number, place) = position(index);
		let buckets = Buckets::<T>::get(number);
		let bucket = buckets.at(next);
		bucket.active.get(place).then_some(())?;
		Self::key_in(bucket, index)
	}

	/// The stake that `index` will have in the next epoch.
	fn next_stake(index: StakerIndex) -> Stake {
		let (bucket, place) = position(index);
		let stakes = BucketStakes::<T>::get(bucket);
		let stakes = stakes.at(Self::epoch().saturating_add(1));
		stakes.get(place as usize).copied().unwrap_or(0)
	}

	/// What is known of a key that is stored.
	pub(crate) fn record_of(key: &StoredKey) -> Option<KeyRecord> {
		KeyRecords::<T>::get(Self::record_place(&key.compress()?))
	}

	/// A key counts no longer than this epoch.
	fn end_record(key: &StoredKey) -> Result<(), Error<T>> {
		let public = key.compress().ok_or(Error::DamagedState)?;
		let now = Self::epoch();
		KeyRecords::<T>::mutate(Self::record_place(&public), |record| {
			if let Some(record) = record {
				record.until = Some(now);
			}
		});
		Ok(())
	}

	/// Replace `out` by `into` in a bucket's sum of the next epoch.
	fn exchange(
		index: StakerIndex,
		out: &StoredKey,
		into: Option<&StoredKey>,
	) -> Result<(), Error<T>> {
		let (bucket, place) = position(index);
		Buckets::<T>::try_mutate(bucket, |value| {
			let value = value.edit_next(Self::epoch());
			let mut sum = KeySum::new();
			let right =
				sum.add(&value.sum) && sum.subtract(out) && into.is_none_or(|key| sum.add(key));
			ensure!(right, Error::DamagedState);
			value.sum = sum.to_stored();
			value.active.assign(place, into.is_some());
			Ok(())
		})
	}
}

impl<T: Config> Registry<T::AccountId> for Pallet<T> {
	fn open(
		owner: &T::AccountId,
		key: &PublicKey,
		proof: &Signature,
		stake: Stake,
	) -> Result<StakerIndex, DispatchError> {
		let owner: [u8; 32] = owner.clone().into();
		let stored = Self::check_new_key(&Self::genesis_hash(), key, &owner, proof)?;
		let now = Self::epoch();
		let index = Self::take_index(now)?;
		Self::enter(index, key, &stored, stake, now.saturating_add(1))?;
		Self::deposit_event(Event::StakerOpened { index, key: *key });
		Ok(index)
	}

	fn rotate(
		index: StakerIndex,
		owner: &T::AccountId,
		key: &PublicKey,
		proof: &Signature,
	) -> Result<(), DispatchError> {
		let old = Self::next_key(index).ok_or(Error::<T>::NoSuchStaker)?;
		let owner: [u8; 32] = owner.clone().into();
		let stored = Self::check_new_key(&Self::genesis_hash(), key, &owner, proof)?;
		let now = Self::epoch();
		let opened = Self::record_of(&old).map_or(0, |record| record.opened);
		Self::exchange(index, &old, Some(&stored))?;
		Self::end_record(&old)?;
		Self::write_key_next(index, &stored, now);
		let record = KeyRecord {
			index,
			opened,
			from: now.saturating_add(1),
			until: None,
			guilty: false,
		};
		KeyRecords::<T>::insert(Self::record_place(key), record);
		Self::deposit_event(Event::KeyRotated { index, key: *key });
		Ok(())
	}

	fn set_stake(index: StakerIndex, stake: Stake) -> Result<(), DispatchError> {
		Self::next_key(index).ok_or(Error::<T>::NoSuchStaker)?;
		let (now, old) = (Self::epoch(), Self::next_stake(index));
		let (bucket, place) = position(index);
		BucketStakes::<T>::mutate(bucket, |stakes| {
			assign(stakes.edit_next(now), place, stake, 0);
		});
		ActiveTotals::<T>::mutate(|totals| {
			let totals = totals.edit_next(now);
			totals.stake = totals
				.stake
				.saturating_sub(old.into())
				.saturating_add(stake.into());
		});
		Ok(())
	}

	fn retire(index: StakerIndex, reuse: bool) -> Result<(), DispatchError> {
		let key = Self::next_key(index).ok_or(Error::<T>::NoSuchStaker)?;
		let now = Self::epoch();
		Self::exchange(index, &key, None)?;
		Self::end_record(&key)?;
		let stake = Self::next_stake(index);
		ActiveTotals::<T>::mutate(|totals| {
			let totals = totals.edit_next(now);
			totals.stakers = totals.stakers.saturating_sub(1);
			totals.stake = totals.stake.saturating_sub(stake.into());
		});
		if reuse {
			let (head, tail) = FreeQueue::<T>::get();
			FreeIndices::<T>::insert(tail, (index, now.saturating_add(REUSE_DELAY)));
			FreeQueue::<T>::put((head, tail.wrapping_add(1)));
		}
		Self::deposit_event(Event::StakerRetired { index });
		Ok(())
	}
}

/// Write `value` at `place`, filling what is missing before it. Places lie within the bound.
fn assign<V: Clone, S: Get<u32>>(
	list: &mut frame_support::BoundedVec<V, S>,
	place: u32,
	value: V,
	filler: V,
) {
	let place = place as usize;
	if list.len() <= place {
		list.bounded_resize(place.saturating_add(1), filler);
	}
	if let Some(old) = list.get_mut(place) {
		*old = value;
	}
}

fn as_array<const LENGTH: usize>(bytes: &[u8]) -> Option<[u8; LENGTH]> {
	bytes.try_into().ok()
}
