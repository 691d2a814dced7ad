//! From the worker to the author, and no way for a peer to cost the author its block.

use super::LOG_TARGET;
use crate::conduct::SharedConduct;
use futures::{future::BoxFuture, FutureExt};
use sp_consensus::{Environment, Proposal, ProposeArgs, Proposer};
use sp_inherents::{InherentData, InherentDataProvider, InherentIdentifier};
use std::sync::{Arc, Mutex};
use vigil_heartbeat_primitives::{HeartbeatAggregate, INHERENT_IDENTIFIER};
use vigil_runtime::opaque::{Block, Header};

/// The aggregate for the next block, if there is one worth it. The worker puts it here after each
/// block and slot; the author takes it without waiting for anybody.
#[derive(Debug, Default)]
pub(crate) struct Ready(Mutex<Option<Arc<HeartbeatAggregate>>>);

impl Ready {
	pub(super) fn put(&self, aggregate: Option<HeartbeatAggregate>) {
		*self.0.lock().unwrap_or_else(|e| e.into_inner()) = aggregate.map(Arc::new);
	}

	fn get(&self) -> Option<Arc<HeartbeatAggregate>> {
		self.0.lock().unwrap_or_else(|e| e.into_inner()).clone()
	}

	/// What an author is to offer to the block it begins. The runtime verifies it on the state of
	/// that very block and leaves it out when it does not hold there.
	pub(crate) fn provider(&self) -> Provider {
		Provider(self.get())
	}
}

/// Provides one aggregate, or nothing.
pub(crate) struct Provider(Option<Arc<HeartbeatAggregate>>);

#[async_trait::async_trait]
impl InherentDataProvider for Provider {
	async fn provide_inherent_data(
		&self,
		data: &mut InherentData,
	) -> Result<(), sp_inherents::Error> {
		match &self.0 {
			Some(aggregate) => data.put_data(INHERENT_IDENTIFIER, &**aggregate),
			None => Ok(()),
		}
	}

	async fn try_handle_error(
		&self,
		_: &InherentIdentifier,
		_: &[u8],
	) -> Option<Result<(), sp_inherents::Error>> {
		None
	}
}

/// Makes proposers that try again without heartbeats when a block with them fails.
pub(crate) struct CautiousFactory<F> {
	pub(crate) inner: F,
	pub(crate) conduct: SharedConduct,
}

impl<F> Environment<Block> for CautiousFactory<F>
where
	F: Environment<Block>,
	F::CreateProposer: Send,
{
	type Proposer = Cautious<F::Proposer>;
	type CreateProposer = BoxFuture<'static, Result<Self::Proposer, F::Error>>;
	type Error = F::Error;

	fn init(&mut self, parent: &Header) -> Self::CreateProposer {
		let (first, second) = (self.inner.init(parent), self.inner.init(parent));
		let conduct = self.conduct.clone();
		async move {
			Ok(Cautious {
				first: first.await?,
				second: second.await?,
				conduct,
			})
		}
		.boxed()
	}
}

/// Proposes with heartbeats, and if that fails without them.
pub(crate) struct Cautious<P> {
	first: P,
	second: P,
	conduct: SharedConduct,
}

impl<P: Proposer<Block> + Send + 'static> Proposer<Block> for Cautious<P> {
	type Error = P::Error;
	type Proposal = BoxFuture<'static, Result<Proposal<Block>, P::Error>>;

	fn propose(self, args: ProposeArgs<Block>) -> Self::Proposal {
		let without = without_heartbeats(&args);
		async move {
			let proposed = match (self.first.propose(args).await, without) {
				(Err(error), Some(args)) => {
					log::warn!(
						target: LOG_TARGET,
						"no block with heartbeats: {error}. Trying without them. Please report this",
					);
					self.second.propose(args).await
				}
				(result, _) => result,
			};
			proposed.map(|proposal| Proposal {
				block: self.conduct.block(proposal.block),
				..proposal
			})
		}
		.boxed()
	}
}

/// The same without heartbeats. None if there are none, so that another try would not differ.
fn without_heartbeats(args: &ProposeArgs<Block>) -> Option<ProposeArgs<Block>> {
	let has_some = args
		.inherent_data
		.get_data::<HeartbeatAggregate>(&INHERENT_IDENTIFIER)
		.is_ok_and(|aggregate| aggregate.is_some());
	if !has_some {
		return None;
	}
	let mut inherent_data = args.inherent_data.clone();
	// An aggregate that does not decode is no aggregate.
	inherent_data.replace_data(INHERENT_IDENTIFIER, &());
	Some(ProposeArgs {
		inherent_data,
		inherent_digests: args.inherent_digests.clone(),
		max_duration: args.max_duration,
		block_size_limit: args.block_size_limit,
		..Default::default()
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::conduct::Honest;
	use codec::Decode;
	use sp_consensus::Error;
	use std::{future, time::Duration};

	/// Refuses heartbeats.
	struct Picky;

	impl Proposer<Block> for Picky {
		type Error = Error;
		type Proposal = future::Ready<Result<Proposal<Block>, Error>>;

		fn propose(self, args: ProposeArgs<Block>) -> Self::Proposal {
			let data = args
				.inherent_data
				.get_data::<HeartbeatAggregate>(&INHERENT_IDENTIFIER);
			future::ready(match data {
				Ok(Some(_)) => Err(Error::StateUnavailable("heartbeats".into())),
				_ => Err(Error::StateUnavailable("none left".into())),
			})
		}
	}

	fn args(aggregate: Option<&HeartbeatAggregate>) -> ProposeArgs<Block> {
		let mut inherent_data = InherentData::new();
		if let Some(aggregate) = aggregate {
			inherent_data
				.put_data(INHERENT_IDENTIFIER, aggregate)
				.expect("is put once");
		}
		ProposeArgs {
			inherent_data,
			max_duration: Duration::from_millis(1),
			..Default::default()
		}
	}

	fn aggregate() -> HeartbeatAggregate {
		HeartbeatAggregate::decode(&mut &[0; 8 + 1 + 96][..]).expect("has no parts")
	}

	fn proposed(args: ProposeArgs<Block>) -> String {
		let cautious = Cautious {
			first: Picky,
			second: Picky,
			conduct: Arc::new(Honest),
		};
		match futures::executor::block_on(cautious.propose(args)) {
			Ok(_) => panic!("never proposes"),
			Err(error) => error.to_string(),
		}
	}

	#[test]
	fn a_block_that_fails_with_heartbeats_is_tried_without() {
		assert!(proposed(args(Some(&aggregate()))).contains("none left"));
	}

	#[test]
	fn without_heartbeats_there_is_one_try() {
		assert!(without_heartbeats(&args(None)).is_none());
	}

	#[test]
	fn the_author_gets_what_the_worker_made() {
		let ready = Ready::default();
		assert!(ready.get().is_none());
		ready.put(Some(aggregate()));
		let mut data = InherentData::new();
		futures::executor::block_on(ready.provider().provide_inherent_data(&mut data))
			.expect("is put");
		let given: Option<HeartbeatAggregate> =
			data.get_data(&INHERENT_IDENTIFIER).expect("decodes");
		assert_eq!(given, Some(aggregate()));
		ready.put(None);
		assert!(ready.get().is_none());
	}
}
