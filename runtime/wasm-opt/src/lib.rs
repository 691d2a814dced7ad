//! Stands in for the crate `wasm-opt`, which compiles all of binaryen, minutes of C++, of which
//! `substrate-wasm-builder` uses level 0 and two passes
//! (`docs/decisions/0015-wasm-without-binaryen.md`).
//!
//! The names are those of the original, so that the builder compiles unchanged; what it does not
//! call is not here, so that a builder that asks for more does not compile either.
//!
//! - Sections for debuggers are left out ([`Pass::StripDwarf`]), and every number is written in as
//!   few bytes as it needs; the linker pads those it fills in late. All other sections stay, in
//!   their order: names for backtraces, `runtime_version` and `runtime_apis`.
//! - There is nothing to lower ([`Pass::SignextLowering`]): the target `wasm32v1-none` has no sign
//!   extension. A module that holds any, or anything else that WebAssembly 1.0 does not know, is
//!   refused.

use std::{error::Error, fmt, fs, path::Path};

use wasm_encoder::{
	reencode::{utils, Error as ReencodeError, Reencode},
	Module,
};
use wasmparser::{CustomSectionReader, Parser, Validator, WasmFeatures};

/// A pass over the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
	/// Leaves out the sections named `.debug…` and those that relocate them.
	StripDwarf,
	/// Refuses sign extension, as every module is held to WebAssembly 1.0.
	SignextLowering,
}

/// What to do with a module.
#[derive(Clone, Debug, Default)]
pub struct OptimizationOptions {
	strip: bool,
}

impl OptimizationOptions {
	/// No optimisation: rustc did it already.
	pub fn new_opt_level_0() -> Self {
		Self::default()
	}

	/// Always so: see [`Self::run`].
	pub fn mvp_features_only(&mut self) -> &mut Self {
		self
	}

	/// Names of functions stay, always: backtraces of a runtime need them.
	pub fn debug_info(&mut self, _: bool) -> &mut Self {
		self
	}

	/// Adds a pass.
	pub fn add_pass(&mut self, pass: Pass) -> &mut Self {
		self.strip |= pass == Pass::StripDwarf;
		self
	}

	/// Reads a module from `infile` and writes it to `outfile`, which may be the same.
	///
	/// # Errors
	///
	/// When the module is not valid WebAssembly 1.0, or a file cannot be read or written. `outfile`
	/// is then as it was, unless it was the writing that failed.
	pub fn run(
		&self,
		infile: impl AsRef<Path>,
		outfile: impl AsRef<Path>,
	) -> Result<(), OptimizationError> {
		let (infile, outfile) = (infile.as_ref(), outfile.as_ref());
		let module = fs::read(infile).map_err(|error| OptimizationError::new(infile, &error))?;
		let rewritten = self
			.rewrite(module)
			.map_err(|error| OptimizationError::new(infile, &*error))?;
		fs::write(outfile, rewritten).map_err(|error| OptimizationError::new(outfile, &error))
	}

	fn rewrite(&self, module: Vec<u8>) -> Result<Vec<u8>, Box<dyn Error>> {
		let validate = |module: &[u8]| {
			Validator::new_with_features(WasmFeatures::WASM1)
				.validate_all(module)
				.map(drop)
		};
		validate(&module).map_err(|error| {
			format!(
				"{error}. A runtime may hold WebAssembly 1.0 only: is the target wasm32v1-none \
				 installed?"
			)
		})?;
		if !self.strip {
			// What is there for debuggers counts the bytes of the code: nothing may move.
			return Ok(module);
		}
		let mut stripped = Module::new();
		Stripper.parse_core_module(&mut stripped, Parser::new(0), &module)?;
		let stripped = stripped.finish();
		validate(&stripped)?;
		Ok(stripped)
	}
}

/// Writes a module anew, without the sections for debuggers.
struct Stripper;

impl Reencode for Stripper {
	type Error = std::convert::Infallible;

	fn parse_custom_section(
		&mut self,
		module: &mut Module,
		section: CustomSectionReader<'_>,
	) -> Result<(), ReencodeError<Self::Error>> {
		if [".debug", "reloc..debug"]
			.iter()
			.any(|prefix| section.name().starts_with(prefix))
		{
			return Ok(());
		}
		utils::parse_custom_section(self, module, section)
	}
}

/// Why a module was not written, with the file and what is wrong with it.
#[derive(Debug)]
pub struct OptimizationError(String);

impl OptimizationError {
	fn new(path: &Path, error: &(dyn Error + 'static)) -> Self {
		let causes = std::iter::successors(Some(error), |&error| error.source());
		let causes: Vec<_> = causes.map(ToString::to_string).collect();
		Self(format!("{}: {}", path.display(), causes.join(": ")))
	}
}

impl fmt::Display for OptimizationError {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		formatter.write_str(&self.0)
	}
}

impl Error for OptimizationError {}

#[cfg(test)]
mod tests;
