//! The targets. As plain tests they read the seeds, and then as many random inputs as stand here;
//! `scripts/fuzz` lets a fuzzer choose inputs by what they reach.

use bolero::check;
use vigil_heartbeat_fuzz as fuzz;

#[test]
fn aggregates() {
	check!().with_iterations(10_000).for_each(|input: &[u8]| {
		fuzz::aggregates(input);
	});
}

#[test]
fn public_keys() {
	check!().with_iterations(500).for_each(|input: &[u8]| {
		let _ = fuzz::public_keys(input);
	});
}

#[test]
fn stored_keys() {
	check!().with_iterations(1_000).for_each(|input: &[u8]| {
		fuzz::stored_keys(input);
	});
}

#[test]
fn signatures() {
	check!().with_iterations(200).for_each(|input: &[u8]| {
		let _ = fuzz::signatures(input);
	});
}

#[test]
fn possessions() {
	check!().with_iterations(100).for_each(|input: &[u8]| {
		let _ = fuzz::possessions(input);
	});
}

#[test]
fn aggregate_verifier() {
	check!().with_iterations(100).for_each(|input: &[u8]| {
		let _ = fuzz::aggregate_verifier(input);
	});
}

#[test]
fn batch_verifier() {
	check!().with_iterations(100).for_each(|input: &[u8]| {
		fuzz::batch_verifier(input);
	});
}

#[test]
fn batches() {
	check!().with_iterations(10_000).for_each(|input: &[u8]| {
		let _ = fuzz::batches(input);
	});
}

#[test]
fn hellos() {
	check!().with_iterations(10_000).for_each(|input: &[u8]| {
		fuzz::hellos(input);
	});
}

#[test]
fn core() {
	check!().with_iterations(50).for_each(|input: &[u8]| {
		fuzz::core(input);
	});
}

#[test]
fn records() {
	check!().with_iterations(500).for_each(|input: &[u8]| {
		fuzz::records(input);
	});
}

#[test]
fn bitmaps() {
	check!().with_iterations(10_000).for_each(|input: &[u8]| {
		fuzz::bitmaps(input);
	});
}

#[test]
fn values() {
	check!().with_iterations(10_000).for_each(|input: &[u8]| {
		fuzz::values(input);
	});
}
