//! Whether this machine's clock jumped.
//!
//! A producer that nobody contradicts, because it is alone or the others are away, would seal a
//! block far in the future, and no block can follow that one until its time has come.

use std::{
	sync::Mutex,
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// A clock that is set by more than this at once has jumped. Time services that correct it bit by
/// bit stay far below.
const JUMP_MS: i64 = 150;
/// So long nothing is made after a jump: clocks often jump back, and then others can be heard.
const QUIET: Duration = Duration::from_secs(10);

/// What was seen at the last look. Without clock: both times are handed in.
#[derive(Debug, Default)]
struct Looks {
	/// Milliseconds since 1970, less those since the node's start.
	difference_ms: Option<i64>,
	/// The last jump, and until when after the start nothing is made.
	quiet: Option<(i64, Duration)>,
}

impl Looks {
	/// By how many milliseconds the clock jumped a moment ago, if it did.
	fn look(&mut self, since_1970_ms: i64, since_start: Duration) -> Option<i64> {
		let steady_ms = i64::try_from(since_start.as_millis()).unwrap_or(i64::MAX);
		let difference = since_1970_ms.saturating_sub(steady_ms);
		let before = self.difference_ms.replace(difference).unwrap_or(difference);
		let jump = difference.saturating_sub(before);
		if jump.saturating_abs() > JUMP_MS {
			self.quiet = Some((jump, since_start.saturating_add(QUIET)));
		}
		self.quiet
			.filter(|(_, until)| since_start < *until)
			.map(|(jump, _)| jump)
	}
}

/// Compares the clock with one that nobody sets.
pub(super) struct Jumps {
	start: Instant,
	looks: Mutex<Looks>,
}

impl Jumps {
	pub(super) fn new() -> Self {
		Self {
			start: Instant::now(),
			looks: Mutex::default(),
		}
	}

	/// Whether the clock went on evenly. Says what it did if not.
	pub(super) fn check(&self) -> Result<(), String> {
		let since_1970 = SystemTime::now()
			.duration_since(UNIX_EPOCH)
			.unwrap_or_default();
		let since_1970_ms = i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX);
		let mut looks = self.looks.lock().unwrap_or_else(|error| error.into_inner());
		match looks.look(since_1970_ms, self.start.elapsed()) {
			None => Ok(()),
			Some(jump) => Err(format!(
				"this machine's clock jumped by {jump} ms: no blocks are made for {} s. Check its \
				 time service",
				QUIET.as_secs()
			)),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Looks at these seconds after the start, with a clock that is off by so many milliseconds.
	fn looks(at: &[(u64, i64)]) -> Vec<Option<i64>> {
		let mut looks = Looks::default();
		at.iter()
			.map(|(seconds, off_ms)| {
				let clock = 1_700_000_000_000 + *seconds as i64 * 1_000 + off_ms;
				looks.look(clock, Duration::from_secs(*seconds))
			})
			.collect()
	}

	#[test]
	fn a_clock_that_is_corrected_bit_by_bit_does_not_jump() {
		let slewed: Vec<_> = (0..1_000)
			.map(|turn| (turn * 10, turn as i64 * 5))
			.collect();
		assert!(looks(&slewed).iter().all(Option::is_none));
	}

	#[test]
	fn after_a_jump_nothing_is_made_for_a_while() {
		let hour = 3_600_000;
		let seen = looks(&[
			(0, 0),
			(1, hour),
			(5, hour),
			(10, hour),
			(11, hour),
			(12, hour),
		]);
		assert_eq!(seen, [None, Some(hour), Some(hour), Some(hour), None, None]);
	}

	#[test]
	fn a_jump_back_is_a_jump() {
		let seen = looks(&[(0, 0), (1, 200), (2, 0), (11, 0), (12, 0)]);
		assert_eq!(seen, [None, Some(200), Some(-200), Some(-200), None]);
	}

	#[test]
	fn how_wrong_the_clock_is_at_first_is_for_others_to_say() {
		assert_eq!(looks(&[(0, -90_000), (1, -90_000)]), [None, None]);
	}
}
