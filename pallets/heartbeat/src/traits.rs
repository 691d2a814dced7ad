//! What this pallet offers to staking, and what it asks of it.

use crate::types::Stake;
use sp_runtime::DispatchError;
use vigil_heartbeat_primitives::{PeriodIndex, PublicKey, Signature, StakerIndex};

/// Who may send heartbeats. Everything takes effect at the next edge; until then the running epoch
/// keeps what it began with.
pub trait Registry<AccountId> {
	/// Give `owner` an index, for `key`.
	fn open(
		owner: &AccountId,
		key: &PublicKey,
		proof: &Signature,
		stake: Stake,
	) -> Result<StakerIndex, DispatchError>;

	/// Replace the key of `index`.
	fn rotate(
		index: StakerIndex,
		owner: &AccountId,
		key: &PublicKey,
		proof: &Signature,
	) -> Result<(), DispatchError>;

	/// Change the stake that stands behind `index`.
	fn set_stake(index: StakerIndex, stake: Stake) -> Result<(), DispatchError>;

	/// Take `index` out. With `reuse`, somebody else may have it once its last epoch is settled.
	fn retire(index: StakerIndex, reuse: bool) -> Result<(), DispatchError>;
}

/// Told when a staker turned out to have signed two checkpoints of one period. It was taken out.
pub trait OnDoubleCheckpoint<AccountId> {
	/// `index` signed twice in `period`, says `reporter`.
	fn on_double_checkpoint(index: StakerIndex, period: PeriodIndex, reporter: &AccountId);
}

/// There is nothing to slash yet.
impl<AccountId> OnDoubleCheckpoint<AccountId> for () {
	fn on_double_checkpoint(_: StakerIndex, _: PeriodIndex, _: &AccountId) {}
}
