//! Stakers that signed two checkpoints of one period.

use crate::{
	pallet::*,
	traits::{OnDoubleCheckpoint, Registry},
	types::{DoubleCheckpoint, KeyRecord},
};
use frame_support::ensure;
use sp_runtime::DispatchError;
use vigil_heartbeat_primitives::{
	heartbeat_message, verify, EpochIndex, Hash, KeySum, PeriodIndex,
};

impl<T: Config> Pallet<T> {
	/// The recorded checkpoint of a period, open or closed, and the epoch it belongs to.
	fn checkpoint_of(period: PeriodIndex) -> Option<(Hash, EpochIndex)> {
		if let Some(open) = Self::open_period_of(period) {
			return Some((open.checkpoint?, open.epoch));
		}
		let closed = Self::attestation_of(period)?;
		Some((closed.checkpoint?, closed.epoch))
	}

	/// Check the evidence, cheap things first; then take the staker out and say so.
	pub(crate) fn punish(
		evidence: &DoubleCheckpoint,
		reporter: &T::AccountId,
	) -> Result<(), DispatchError> {
		let record = KeyRecords::<T>::get(Self::record_place(&evidence.key))
			.ok_or(Error::<T>::NoSuchStaker)?;
		let (checkpoint, epoch) =
			Self::checkpoint_of(evidence.period).ok_or(Error::<T>::NoSuchCheckpoint)?;
		ensure!(record.covers(epoch), Error::<T>::KeyNotInPeriod);
		ensure!(evidence.other != checkpoint, Error::<T>::SameCheckpoint);
		ensure!(!record.guilty, Error::<T>::AlreadyReported);

		let stored = evidence.key.check().map_err(|_| Error::<T>::BadKey)?;
		let mut key = KeySum::new();
		ensure!(key.add(&stored), Error::<T>::BadKey);
		let genesis = Self::genesis_hash();
		for (hash, signature) in [
			(&checkpoint, &evidence.recorded_signature),
			(&evidence.other, &evidence.other_signature),
		] {
			let message = heartbeat_message(&genesis, evidence.period, hash);
			verify(&key, &message, signature).map_err(|_| Error::<T>::WrongSignature)?;
		}

		KeyRecords::<T>::insert(
			Self::record_place(&evidence.key),
			KeyRecord {
				guilty: true,
				..record
			},
		);
		// The index may be on its way out, or somebody else's by now.
		let holder = Self::next_key(record.index).and_then(|key| Self::record_of(&key));
		if holder.is_some_and(|holder| holder.opened == record.opened) {
			// It stays locked until what was staked is paid out.
			<Self as Registry<T::AccountId>>::retire(record.index, false)?;
		}
		T::OnDoubleCheckpoint::on_double_checkpoint(record.index, evidence.period, reporter);
		Self::deposit_event(Event::DoubleCheckpointReported {
			index: record.index,
			period: evidence.period,
		});
		Ok(())
	}
}
