//! Things that become true after a while.

use anyhow::{bail, Result};
use std::{future::Future, pin::Pin, time::Duration};
use tokio::time::{sleep, timeout_at, Instant};

/// Pause between two looks at the network.
const PAUSE: Duration = Duration::from_millis(250);

/// A look at the network: what was awaited, or why it is not there yet.
type Look<'n, T> = Pin<Box<dyn Future<Output = Result<T>> + 'n>>;

/// Something the story waits for. Nothing happens before [`Expectation::within`].
#[must_use = "an expectation is only looked at `within` some time"]
pub struct Expectation<'n, T> {
	what: String,
	look: Box<dyn Fn() -> Look<'n, T> + 'n>,
}

impl<'n, T> Expectation<'n, T> {
	/// `look` gives what is awaited, or an error that says what is still missing.
	pub(crate) fn new<F>(what: impl Into<String>, look: impl Fn() -> F + 'n) -> Self
	where
		F: Future<Output = Result<T>> + 'n,
	{
		Self {
			what: what.into(),
			look: Box::new(move || -> Look<'n, T> { Box::pin(look()) }),
		}
	}

	/// Waits until it is met, at most `seconds`; fails with what was missing at the last look.
	pub async fn within(self, seconds: u64) -> Result<T> {
		let deadline = Instant::now() + Duration::from_secs(seconds);
		let mut missing = String::from("no look at the network came to an end");
		while Instant::now() < deadline {
			match timeout_at(deadline, (self.look)()).await {
				Ok(Ok(met)) => return Ok(met),
				Ok(Err(reason)) => missing = format!("{reason:#}"),
				// The look before this one knows better what is missing.
				Err(_) => break,
			}
			sleep(PAUSE).await;
		}
		bail!("expected within {seconds} s: {}; but {missing}", self.what)
	}
}
