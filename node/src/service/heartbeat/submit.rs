//! Heartbeats of stakers that run no full node.

use futures::channel::{
	mpsc,
	oneshot::{self, Receiver, Sender},
};
use jsonrpsee::{
	core::RegisterMethodError,
	types::{ErrorObject, ErrorObjectOwned},
	RpcModule,
};
use sp_core::Bytes;
use std::sync::{Arc, Mutex};
use vigil_heartbeat::{core::Refused, view::Heartbeat};
use vigil_heartbeat_primitives::{PeriodIndex, Signature, StakerIndex};

/// A heartbeat, and where the answer goes.
pub(crate) type Submission = (Heartbeat, Sender<Result<(), Refused>>);

/// What was handed in.
pub(crate) type Submissions = mpsc::Receiver<Submission>;

/// Hands heartbeats to the worker.
#[derive(Clone)]
pub(crate) struct Submitter(Arc<Mutex<mpsc::Sender<Submission>>>);

/// A channel of so many heartbeats. The worker verifies a bounded number in each slot; what comes
/// beyond is refused at once.
pub(super) fn channel(size: usize) -> (Submitter, Submissions) {
	let (sender, receiver) = mpsc::channel(size);
	(Submitter(Arc::new(Mutex::new(sender))), receiver)
}

impl Submitter {
	fn hand_in(&self, heartbeat: Heartbeat) -> Result<Receiver<Result<(), Refused>>, Refused> {
		let (answer, result) = oneshot::channel();
		let mut sender = self.0.lock().unwrap_or_else(|e| e.into_inner());
		sender
			.try_send((heartbeat, answer))
			.map_err(|_| Refused::Busy)?;
		Ok(result)
	}
}

/// Adds `heartbeat_submit` to a server.
pub(crate) struct SubmitApi(pub(crate) Submitter);

/// Application errors of this method; -32000 and below are taken by the SDK in part.
const ERROR_CODE: i32 = 9_100;

impl SubmitApi {
	/// The method `heartbeat_submit(index, period, signature)`: hand in a heartbeat, 96 bytes as
	/// hexadecimal. Answers when it was verified and sent on its way.
	pub(crate) fn into_rpc(self) -> Result<RpcModule<Submitter>, RegisterMethodError> {
		let mut module = RpcModule::new(self.0);
		module.register_async_method("heartbeat_submit", |params, submitter, _| async move {
			let (index, period, signature): (StakerIndex, PeriodIndex, Bytes) = params.parse()?;
			let signature = <[u8; 96]>::try_from(&signature[..])
				.map_err(|_| bad_params("a signature has 96 bytes"))?;
			let heartbeat = Heartbeat {
				period,
				index,
				signature: Signature(signature),
			};
			let answer = submitter.hand_in(heartbeat).map_err(refused)?;
			answer.await.unwrap_or(Err(Refused::Busy)).map_err(refused)
		})?;
		Ok(module)
	}
}

fn bad_params(reason: &'static str) -> ErrorObjectOwned {
	ErrorObject::owned(
		jsonrpsee::types::error::INVALID_PARAMS_CODE,
		reason,
		None::<()>,
	)
}

fn refused(why: Refused) -> ErrorObjectOwned {
	let (code, reason) = match why {
		Refused::NotOpen => (
			0,
			"the period accepts no heartbeats: it is over, or has not begun",
		),
		Refused::NotFinal => (
			1,
			"this node has not seen the period's checkpoint final: try again in a second",
		),
		Refused::NotActive => (2, "nobody active in this epoch has this index"),
		Refused::WrongSignature => (
			3,
			"the signature is not that of this index for the checkpoint of this period",
		),
		Refused::Busy => (
			4,
			"too many heartbeats at once: try again in a second, or another node",
		),
	};
	ErrorObject::owned(ERROR_CODE + code, reason, None::<()>)
}

#[cfg(test)]
mod tests {
	use super::*;
	use futures::{executor::block_on, StreamExt};

	fn call(params: &str, answer: Result<(), Refused>) -> String {
		let (submitter, mut submissions) = channel(1);
		let module = SubmitApi(submitter).into_rpc().expect("is registered");
		let request =
			format!(r#"{{"jsonrpc":"2.0","id":1,"method":"heartbeat_submit","params":{params}}}"#);
		let worker = async {
			if let Some((_, reply)) = submissions.next().await {
				let _ = reply.send(answer);
			}
		};
		let asked = async {
			let (response, _) = module.raw_json_request(&request, 1).await.expect("is JSON");
			drop(module);
			response.to_string()
		};
		block_on(async { futures::join!(asked, worker).0 })
	}

	fn params(bytes: usize) -> String {
		format!(r#"[3, 7, "0x{}"]"#, "ab".repeat(bytes))
	}

	#[test]
	fn a_heartbeat_is_handed_to_the_worker() {
		assert!(call(&params(96), Ok(())).contains(r#""result":null"#));
	}

	#[test]
	fn what_is_wrong_is_said() {
		assert!(call(&params(95), Ok(())).contains("96 bytes"));
		assert!(call(r#"["x"]"#, Ok(())).contains("error"));
		assert!(call(&params(96), Err(Refused::WrongSignature)).contains("not that of this index"));
	}

	#[test]
	fn more_than_the_worker_takes_is_refused_at_once() {
		let (submitter, submissions) = channel(0);
		let heartbeat = Heartbeat {
			period: 1,
			index: 1,
			signature: Signature([0; 96]),
		};
		// One place for each sender, and none besides.
		assert!(submitter.hand_in(heartbeat).is_ok());
		assert_eq!(submitter.hand_in(heartbeat).err(), Some(Refused::Busy));
		drop(submissions);
	}
}
