//! The head of an HTTP request, and what to do with the request. No I/O.

use super::LOG_TARGET;
use std::{
	sync::Mutex,
	time::{Duration, Instant},
};

/// A page that tries again and again must not fill the log.
const WARN_EVERY: Duration = Duration::from_secs(10);
/// Longer origins are cut in messages.
const MAX_SHOWN: usize = 200;

/// Everything up to and with the empty line.
pub(super) struct Head {
	pub(super) bytes: Vec<u8>,
}

/// What to do with a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
	/// Hand it on, with so many bytes that follow the head.
	Pass { body: u64 },
	/// Answer this and end the connection.
	Refuse(String),
}

/// What follows is none of the gate's business: there is no next head.
const EVERYTHING: u64 = u64::MAX;

impl Head {
	/// Whether the request may pass, given the origins whose pages may use the server.
	pub(super) fn judge(&self, allowed: &[String]) -> Verdict {
		let mut from_page = false;
		for origin in self.values("origin") {
			from_page = true;
			if !allowed.iter().any(|pattern| matches(pattern, &origin)) {
				return Verdict::Refuse(foreign(&origin));
			}
		}
		let upgrade = self.values("upgrade").next().is_some();
		// Browsers name the origin of whatever can have an effect.
		let plain = ["GET ", "HEAD ", "OPTIONS "]
			.iter()
			.any(|method| self.bytes.starts_with(method.as_bytes()));
		if upgrade || !(from_page || plain) {
			return Verdict::Pass { body: EVERYTHING };
		}
		// Browsers say how long a body is. One whose end is unknown could hide another request.
		if self.values("transfer-encoding").next().is_some() {
			return Verdict::Refuse(answer("411 Length Required", "Send a Content-Length.\n"));
		}
		let mut lengths = self.values("content-length");
		match (lengths.next().map(|length| length.parse()), lengths.next()) {
			(None, None) => Verdict::Pass { body: 0 },
			(Some(Ok(body)), None) => Verdict::Pass { body },
			_ => Verdict::Refuse(answer("400 Bad Request", "Bad Content-Length.\n")),
		}
	}

	/// The values of the header of that (lower-case) name.
	fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = String> + 'a {
		self.bytes
			.split(|byte| *byte == b'\n')
			.skip(1)
			.filter_map(move |line| {
				let line = String::from_utf8_lossy(line);
				let (key, value) = line.split_once(':')?;
				key.trim()
					.eq_ignore_ascii_case(name)
					.then(|| value.trim().to_string())
			})
	}
}

/// Whether `origin` is one of those that `pattern` stands for: itself, or, if it ends in `:*`, any
/// port of it.
fn matches(pattern: &str, origin: &str) -> bool {
	if pattern == "*" || pattern.eq_ignore_ascii_case(origin) {
		return true;
	}
	let Some(host) = pattern.strip_suffix(":*") else {
		return false;
	};
	let (Some(start), Some(rest)) = (origin.get(..host.len()), origin.get(host.len()..)) else {
		return false;
	};
	let port = rest
		.strip_prefix(':')
		.is_some_and(|port| port.parse::<u16>().is_ok());
	start.eq_ignore_ascii_case(host) && (rest.is_empty() || port)
}

/// The answer to a page of a foreign origin.
fn foreign(origin: &str) -> String {
	let origin: String = origin
		.chars()
		.filter(|char| char.is_ascii_graphic())
		.take(MAX_SHOWN)
		.collect();
	let text = format!(
		"web pages of {origin} may not use this node: it does not know them, and what they ask for \
		 would be done in your name. If you trust them, start the node with --rpc-cors and a list of \
		 origins, separated by commas, that has {origin} in it",
	);
	static LAST: Mutex<Option<Instant>> = Mutex::new(None);
	let mut last = LAST.lock().unwrap_or_else(|e| e.into_inner());
	if last.is_none_or(|last| last.elapsed() >= WARN_EVERY) {
		*last = Some(Instant::now());
		// A WebSocket shows its page no more than that it failed: the operator finds the reason
		// here.
		log::warn!(target: LOG_TARGET, "🚪 Refused: {text}");
	}
	answer("403 Forbidden", &format!("Refused: {text}.\n"))
}

fn answer(status: &str, text: &str) -> String {
	format!(
		"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\
		 Connection: close\r\n\r\n{text}",
		text.len()
	)
}

#[cfg(test)]
mod tests {
	use super::*;

	const ALLOWED: [&str; 3] = [
		"http://localhost:*",
		"https://127.0.0.1:*",
		"https://polkadot.js.org",
	];

	fn judge(head: &str) -> Verdict {
		let bytes = format!("{head}\r\n\r\n").replace('|', "\r\n").into_bytes();
		Head { bytes }.judge(&ALLOWED.map(String::from))
	}

	fn passes(origin: &str) -> bool {
		let head = format!("GET / HTTP/1.1|Host: localhost|Upgrade: websocket|Origin: {origin}");
		judge(&head) == Verdict::Pass { body: EVERYTHING }
	}

	#[test]
	fn listed_origins_pass() {
		for origin in [
			"http://localhost",
			"http://localhost:3000",
			"HTTP://LocalHost:65535",
			"https://127.0.0.1:1",
			"https://polkadot.js.org",
		] {
			assert!(passes(origin), "{origin}");
		}
	}

	#[test]
	fn all_others_are_refused() {
		for origin in [
			"https://evil.example",
			"null",
			"",
			"https://localhost:3000",
			"http://localhost.evil.example",
			"http://localhost:3000.evil.example",
			"http://localhost:",
			"http://localhost:99999",
			"http://localhost@evil.example",
			"https://polkadot.js.org:8443",
			"https://polkadot.js.org.evil.example",
			"http://polkadot.js.org",
			"http://localhösst",
		] {
			assert!(!passes(origin), "{origin}");
		}
	}

	#[test]
	fn a_foreign_origin_is_told_what_to_do() {
		let Verdict::Refuse(text) = judge("POST / HTTP/1.1|oRiGiN:https://evil.example") else {
			panic!("was not refused");
		};
		assert!(text.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{text}");
		assert!(
			text.contains("--rpc-cors") && text.contains("https://evil.example"),
			"{text}"
		);
	}

	#[test]
	fn a_second_origin_does_not_help_a_foreign_one() {
		let head = "POST / HTTP/1.1|Origin: http://localhost|Origin: https://evil.example";
		assert!(matches!(judge(head), Verdict::Refuse(_)));
	}

	#[test]
	fn programs_pass_whatever_they_send() {
		for head in [
			"POST / HTTP/1.1|Content-Length: 5",
			"POST / HTTP/1.1|Transfer-Encoding: chunked",
			"GET / HTTP/1.1|Upgrade: websocket",
			"PRI * HTTP/2.0",
		] {
			assert_eq!(judge(head), Verdict::Pass { body: EVERYTHING }, "{head}");
		}
	}

	#[test]
	fn the_next_request_of_a_page_is_found() {
		let post = |more: &str| judge(&format!("POST / HTTP/1.1|Origin: http://localhost{more}"));
		assert_eq!(post("|content-length: 17"), Verdict::Pass { body: 17 });
		assert_eq!(judge("GET /health HTTP/1.1"), Verdict::Pass { body: 0 });
		for unclear in [
			"|Content-Length: x",
			"|Content-Length: 1|Content-Length: 2",
			"|Transfer-Encoding: chunked",
		] {
			assert!(matches!(post(unclear), Verdict::Refuse(_)), "{unclear}");
		}
	}
}
