//! Which transactions may have more room in a block than ordinary ones.

use crate::{Runtime, RuntimeCall, RuntimeOrigin, System};
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{
	dispatch::{DispatchClass, DispatchInfo, PostDispatchInfo},
	pallet_prelude::{TransactionValidity, TransactionValidityError},
	weights::Weight,
};
use scale_info::{Type, TypeInfo};
#[allow(deprecated)] // frame-system judges its upgrade with it.
use sp_runtime::traits::ValidateUnsigned;
use sp_runtime::{
	traits::{Implication, TransactionExtension, ValidateResult},
	transaction_validity::{InvalidTransaction, TransactionSource},
	DispatchResult,
};

type Inner = frame_system::CheckWeight<Runtime>;

/// The SDK's `CheckWeight`, under whose name clients know it, for ordinary transactions only.
///
/// - **Mandatory** calls have no limit of weight. They are for inherents, which are bare. In a
///   transaction one would fail, and with it the block; but a proxy's call takes over the class of
///   the call in it and succeeds when that one fails. So an author could fill blocks without end.
/// - **Operational** calls have the whole block, and their fees do not rise with demand. They are
///   root's, and one that is signed only fails, having used up the room. The one that anybody may
///   make is the upgrade that was authorised.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct CheckWeight(Inner);

// To clients it is the SDK's in everything.
impl TypeInfo for CheckWeight {
	type Identity = Inner;

	fn type_info() -> Type {
		Inner::type_info()
	}
}

/// Whether the class of a transaction that is not bare may be what it is.
fn check_class(
	source: TransactionSource,
	call: &RuntimeCall,
	class: DispatchClass,
) -> Result<(), TransactionValidityError> {
	match (class, call) {
		(DispatchClass::Normal, _) => Ok(()),
		(DispatchClass::Mandatory, _) => Err(InvalidTransaction::BadMandatory.into()),
		(DispatchClass::Operational, RuntimeCall::System(call)) =>
		{
			#[allow(deprecated)]
			System::validate_unsigned(source, call).map(drop)
		}
		(DispatchClass::Operational, _) => Err(InvalidTransaction::Call.into()),
	}
}

impl TransactionExtension<RuntimeCall> for CheckWeight {
	const IDENTIFIER: &'static str = <Inner as TransactionExtension<RuntimeCall>>::IDENTIFIER;
	type Implicit = ();
	type Val = <Inner as TransactionExtension<RuntimeCall>>::Val;
	type Pre = ();

	fn weight(&self, call: &RuntimeCall) -> Weight {
		self.0.weight(call)
	}

	fn validate(
		&self,
		origin: RuntimeOrigin,
		call: &RuntimeCall,
		info: &DispatchInfo,
		len: usize,
		implicit: (),
		implication: &impl Implication,
		source: TransactionSource,
	) -> ValidateResult<Self::Val, RuntimeCall> {
		check_class(source, call, info.class)?;
		self.0
			.validate(origin, call, info, len, implicit, implication, source)
	}

	fn prepare(
		self,
		val: Self::Val,
		origin: &RuntimeOrigin,
		call: &RuntimeCall,
		info: &DispatchInfo,
		len: usize,
	) -> Result<(), TransactionValidityError> {
		self.0.prepare(val, origin, call, info, len)
	}

	fn post_dispatch_details(
		pre: (),
		info: &DispatchInfo,
		post_info: &PostDispatchInfo,
		len: usize,
		result: &DispatchResult,
	) -> Result<Weight, TransactionValidityError> {
		Inner::post_dispatch_details(pre, info, post_info, len, result)
	}

	fn bare_validate(call: &RuntimeCall, info: &DispatchInfo, len: usize) -> TransactionValidity {
		Inner::bare_validate(call, info, len)
	}

	fn bare_validate_and_prepare(
		call: &RuntimeCall,
		info: &DispatchInfo,
		len: usize,
	) -> Result<(), TransactionValidityError> {
		Inner::bare_validate_and_prepare(call, info, len)
	}

	fn bare_post_dispatch(
		info: &DispatchInfo,
		post_info: &mut PostDispatchInfo,
		len: usize,
		result: &DispatchResult,
	) -> Result<(), TransactionValidityError> {
		Inner::bare_post_dispatch(info, post_info, len, result)
	}
}
