//! Signatures verified per second, one by one and in batches of 256 and 1,024: decoding and the
//! subgroup check included; and what a slot full of junk costs at most with the default limits.
//! Medians over several rounds of one run.

use rand::{rngs::StdRng, SeedableRng};
use serde_json::{json, Value};
use std::time::Instant;
use vigil_heartbeat::bls::{verify, verify_batch, Key, Point, SecretKey};
use vigil_heartbeat_primitives::Signature;

const ROUNDS: usize = 7;
const MESSAGE: &[u8] =
	b"a message of eighty-nine bytes, as long as what a staker signs in each period, no longer.";

fn median_rate(count: usize, mut round: impl FnMut()) -> f64 {
	let mut seconds: Vec<f64> = (0..ROUNDS)
		.map(|_| {
			let start = Instant::now();
			round();
			start.elapsed().as_secs_f64()
		})
		.collect();
	seconds.sort_by(f64::total_cmp);
	count as f64 / seconds[ROUNDS / 2]
}

/// Measure; see above.
pub(crate) fn measure() -> Value {
	let signed: Vec<(Key, Signature)> = (0..1_024u32)
		.map(|index| {
			let mut seed = [0; 32];
			seed[..4].copy_from_slice(&index.to_le_bytes());
			let secret = SecretKey::generate(&seed);
			let key = Key::from_stored(&secret.stored()).expect("a new key is a key; qed");
			(key, secret.sign(MESSAGE))
		})
		.collect();
	let single = median_rate(64, || {
		for (key, signature) in &signed[..64] {
			assert!(verify(key, MESSAGE, signature).is_ok());
		}
	});
	let mut rng = StdRng::seed_from_u64(1);
	let mut batch = |size: usize| {
		median_rate(size, || {
			let entries: Vec<_> = signed[..size]
				.iter()
				.map(|(key, signature)| (*key, Point::decode(signature).expect("well formed; qed")))
				.collect();
			assert!(verify_batch(&entries, MESSAGE, 1, &mut rng).bad.is_empty());
		})
	};
	let (small, large) = (batch(256), batch(1_024));
	// What a flood can cost in one slot: nothing but junk, as much as the defaults let in.
	let flooded = median_rate(1, || {
		let next = signed[1..].iter().chain(&signed[..1]);
		let entries: Vec<_> = signed
			.iter()
			.zip(next)
			.map(|((key, _), (_, other))| (*key, Point::decode(other).expect("well formed; qed")))
			.collect();
		assert_eq!(verify_batch(&entries, MESSAGE, 64, &mut rng).checks, 64);
	});
	json!({
		"single_per_second": single,
		"batch_256_per_second": small,
		"batch_per_second": large,
		"batch_speedup": large / single,
		"flooded_slot_ms": 1_000.0 / flooded,
	})
}
