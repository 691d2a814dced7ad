//! Compiles the runtime to wasm.

fn main() {
	#[cfg(feature = "std")]
	forget_finished_wasm();
	#[cfg(all(feature = "std", feature = "metadata-hash"))]
	substrate_wasm_builder::WasmBuilder::init_with_defaults()
		.enable_metadata_hash("VGL", 12)
		.build();
	#[cfg(all(feature = "std", not(feature = "metadata-hash")))]
	substrate_wasm_builder::WasmBuilder::build_using_defaults();
}

/// The builder keeps what it finished for as long as rustc makes the same wasm, so another way of
/// finishing it, a change in `wasm-opt/`, would show in new target directories only.
#[cfg(feature = "std")]
fn forget_finished_wasm() {
	let out_dir = std::path::PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
	// <profile>/build/vigil-runtime-<hash>/out
	let Some(profile) = out_dir.ancestors().nth(3) else {
		return;
	};
	let finished = profile.join("wbuild/vigil-runtime");
	for kind in ["compact", "compact.compressed"] {
		// There is none in a new directory.
		let _ = std::fs::remove_file(finished.join(format!("vigil_runtime.{kind}.wasm")));
	}
}
