//! The seeds that the fuzzer begins with, made here: `UPDATE_SEEDS=1 scripts/test
//! the_seeds_are_what_the_generator_makes` writes them anew, when a change was meant.
//!
//! They reach every verdict that a target can come to, so that no promise is kept only because
//! nothing ever got that far.

#[path = "../../../../../pallets/heartbeat/primitives/tests/format/mod.rs"]
#[allow(dead_code)] // of the cases, only the points are of use here
mod format;
mod points;
mod steps;
mod values;

use std::{
	collections::{BTreeMap, BTreeSet},
	fs,
	path::{Path, PathBuf},
};
use vigil_heartbeat::{limits::Metrics, wire::Malformed};
use vigil_heartbeat_fuzz as fuzz;
use vigil_heartbeat_primitives::{PointFault, Refusal};

/// What the core counts, and where.
type Counter = (&'static str, fn(&Metrics) -> u64);

/// One seed: its target, its name and its bytes.
type Seed = (&'static str, String, Vec<u8>);

fn seeds() -> Vec<Seed> {
	[points::all(), steps::all(), values::all()].concat()
}

/// The bytes of a target's seeds.
fn of(target: &str) -> Vec<Vec<u8>> {
	let seeds = seeds().into_iter().filter(|(of, ..)| *of == target);
	seeds.map(|(.., bytes)| bytes).collect()
}

fn directory() -> PathBuf {
	Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/__fuzz__")
}

/// The files in a directory, by name. None if there is no such directory.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
	let entries = fs::read_dir(directory).into_iter().flatten();
	let paths = entries.map(|entry| entry.expect("a directory can be read").path());
	paths
		.map(|path| {
			let name = path.file_name().map(|name| name.to_string_lossy().into());
			let bytes = fs::read(&path).expect("a seed can be read");
			(name.expect("an entry has a name"), bytes)
		})
		.collect()
}

#[test]
fn the_seeds_are_what_the_generator_makes() {
	let mut made: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
	for (target, name, bytes) in seeds() {
		let name = name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
		let before = made.entry(target).or_default().insert(name, bytes);
		assert!(before.is_none(), "two seeds of {target} have one name");
	}
	for (target, made) in made {
		let directory = directory().join(target).join("corpus");
		if std::env::var_os("UPDATE_SEEDS").is_some() {
			let _ = fs::remove_dir_all(&directory);
			fs::create_dir_all(&directory).expect("the directory can be made");
			for (name, bytes) in &made {
				fs::write(directory.join(name), bytes).expect("a seed can be written");
			}
		}
		assert!(
			files(&directory) == made,
			"the seeds of {target} are not what their generator makes. If the change was meant, \
			 write them anew with UPDATE_SEEDS=1 scripts/test the_seeds_are_what_the_generator_makes"
		);
	}
}

#[test]
fn seeds_of_points_reach_every_verdict() {
	use PointFault::{Identity, NotCanonical, OutsideSubgroup};
	let faults = [NotCanonical, OutsideSubgroup, Identity];

	let keys: Vec<_> = of("public_keys")
		.iter()
		.map(|seed| fuzz::public_keys(seed))
		.collect();
	assert!(keys.contains(&Ok(())));
	assert!(faults.iter().all(|fault| keys.contains(&Err(*fault))));

	let stored: BTreeSet<_> = of("stored_keys")
		.iter()
		.map(|seed| fuzz::stored_keys(seed))
		.collect();
	assert_eq!(stored, BTreeSet::from([false, true]));

	let ends = [Ok(()), Err(Refusal::WrongSignature)];
	let refusals = |refusal: fn(PointFault) -> Refusal| faults.map(|fault| Err(refusal(fault)));
	let of_signatures = refusals(Refusal::BadSignature);
	let verdicts: Vec<_> = of("signatures")
		.iter()
		.map(|seed| fuzz::signatures(seed))
		.collect();
	for expected in ends.iter().chain(&of_signatures) {
		assert!(verdicts.contains(expected), "{expected:?}");
	}
	let of_keys = refusals(Refusal::BadKey);
	let verdicts: Vec<_> = of("possessions")
		.iter()
		.map(|seed| fuzz::possessions(seed))
		.collect();
	for expected in ends.iter().chain(&of_signatures).chain(&of_keys) {
		assert!(verdicts.contains(expected), "{expected:?}");
	}
}

#[test]
fn seeds_of_values_reach_every_verdict() {
	use fuzz::{Found, Why};
	use Malformed::{NotABatch, NotAscending, TooLong, TooManyHops, UnknownVersion, WrongCount};

	let forms: BTreeSet<_> = of("aggregates")
		.iter()
		.map(|seed| fuzz::aggregates(seed))
		.collect();
	assert_eq!(forms, BTreeSet::from([false, true]));

	let batches: Vec<_> = of("batches")
		.iter()
		.map(|seed| fuzz::batches(seed))
		.collect();
	assert!(batches.contains(&Ok(())));
	let refusals = [
		NotABatch,
		NotAscending,
		TooLong,
		TooManyHops,
		UnknownVersion,
		WrongCount,
	];
	for refusal in refusals {
		assert!(batches.contains(&Err(refusal)), "{refusal:?}");
	}

	let hellos: BTreeSet<_> = of("hellos").iter().map(|seed| fuzz::hellos(seed)).collect();
	assert_eq!(hellos, BTreeSet::from([false, true]));

	let records: BTreeSet<_> = of("records")
		.iter()
		.map(|seed| fuzz::records(seed))
		.collect();
	let all = [Found::Record, Found::OtherChain, Found::Damaged];
	assert_eq!(records, BTreeSet::from(all));

	let aggregates = of("aggregate_verifier");
	let verdicts: Vec<_> = aggregates
		.iter()
		.map(|seed| fuzz::aggregate_verifier(seed))
		.collect();
	assert!(verdicts.contains(&Ok(())));
	for why in [
		Why::Undecodable,
		Why::BadForm,
		Why::NotActive,
		Why::NoKeys,
		Why::BadSignature,
		Why::WrongSignature,
	] {
		assert!(verdicts.contains(&Err(why)), "{why:?}");
	}

	let batches = of("batch_verifier");
	let batches: Vec<_> = batches
		.iter()
		.map(|seed| fuzz::batch_verifier(seed))
		.collect();
	assert!(batches
		.iter()
		.any(|(bad, undecided)| *bad == 0 && *undecided == 0));
	assert!(batches
		.iter()
		.any(|(bad, undecided)| *bad > 0 && *undecided == 0));
	assert!(batches.iter().any(|(_, undecided)| *undecided > 0));
}

#[test]
fn seeds_of_the_core_make_it_do_all_that_it_counts() {
	let ends: Vec<_> = of("core").iter().map(|seed| fuzz::core(seed)).collect();
	let counters: [Counter; 11] = [
		("received", |end| end.received),
		("verified", |end| end.verified),
		("bad", |end| end.bad),
		("checks", |end| end.checks),
		("dropped_messages", |end| end.dropped_messages),
		("dropped_full", |end| end.dropped_full),
		("stranded", |end| end.stranded),
		("sent", |end| end.sent),
		("waiting", |end| end.waiting),
		("held", |end| end.held),
		("outbox", |end| end.outbox),
	];
	for (name, counter) in counters {
		assert!(ends.iter().any(|end| counter(end) > 0), "{name}: {ends:?}");
	}
}
