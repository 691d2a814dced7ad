//! Modules made by hand, and what becomes of them.

use wasm_encoder::{
	CodeSection, CustomSection, ExportKind, ExportSection, Function, FunctionSection, NameMap,
	NameSection, TypeSection, ValType,
};
use wasmparser::Payload;

use super::*;

/// A module of one function `f(i32) -> i32`, with a name, a section of the runtime's and two for debuggers.
fn module(sign_extension: bool) -> Module {
	let mut types = TypeSection::new();
	types.ty().function([ValType::I32], [ValType::I32]);
	let mut functions = FunctionSection::new();
	functions.function(0);
	let mut exports = ExportSection::new();
	exports.export("f", ExportKind::Func, 0);
	let mut body = Function::new([]);
	body.instructions().local_get(0);
	if sign_extension {
		body.instructions().i32_extend8_s();
	}
	body.instructions().end();
	let mut code = CodeSection::new();
	code.function(&body);
	let mut names = NameSection::new();
	let mut map = NameMap::new();
	map.append(0, "a_name");
	names.functions(&map);

	let mut module = Module::new();
	module.section(&custom("runtime_version", b"1"));
	module
		.section(&types)
		.section(&functions)
		.section(&exports)
		.section(&code)
		.section(&names);
	module
		.section(&custom(".debug_info", b"dwarf"))
		.section(&custom("reloc..debug_info", b"more"));
	module
}

fn custom<'a>(name: &'a str, data: &'a [u8]) -> CustomSection<'a> {
	CustomSection {
		name: name.into(),
		data: data.into(),
	}
}

fn custom_sections(module: &[u8]) -> Vec<String> {
	Parser::new(0)
		.parse_all(module)
		.filter_map(
			|payload| match payload.expect("A module that was written can be read.") {
				Payload::CustomSection(section) => Some(section.name().to_string()),
				_ => None,
			},
		)
		.collect()
}

#[test]
fn strips_what_is_for_debuggers_and_nothing_else() {
	let module = module(false).finish();
	let stripped = OptimizationOptions::new_opt_level_0()
		.add_pass(Pass::StripDwarf)
		.rewrite(module.clone())
		.unwrap();
	assert_eq!(custom_sections(&stripped), ["runtime_version", "name"]);

	let kept = OptimizationOptions::new_opt_level_0()
		.add_pass(Pass::SignextLowering)
		.rewrite(module.clone())
		.unwrap();
	assert_eq!(kept, module, "without that pass all stays where it was");
}

#[test]
fn what_was_rewritten_is_written_no_other_way_again() {
	let options = OptimizationOptions::new_opt_level_0()
		.add_pass(Pass::StripDwarf)
		.clone();
	let once = options.rewrite(module(false).finish()).unwrap();
	assert_eq!(options.rewrite(once.clone()).unwrap(), once);
}

#[test]
fn refuses_more_than_webassembly_1_and_writes_nothing() {
	let folder = tempfile::tempdir().unwrap();
	let (infile, outfile) = (
		folder.path().join("in.wasm"),
		folder.path().join("out.wasm"),
	);
	fs::write(&infile, module(true).finish()).unwrap();

	let error = OptimizationOptions::new_opt_level_0()
		.run(&infile, &outfile)
		.unwrap_err()
		.to_string();
	assert!(error.contains("in.wasm"), "{error}");
	assert!(error.contains("sign extension"), "{error}");
	assert!(error.contains("wasm32v1-none"), "{error}");
	assert!(!outfile.exists());

	fs::write(&infile, b"\0asm but not really").unwrap();
	OptimizationOptions::new_opt_level_0()
		.run(&infile, &outfile)
		.unwrap_err();
	OptimizationOptions::new_opt_level_0()
		.run(folder.path().join("none"), &outfile)
		.unwrap_err();
	assert!(!outfile.exists());
}

#[test]
fn a_file_may_be_written_over_itself() {
	let folder = tempfile::tempdir().unwrap();
	let file = folder.path().join("in.wasm");
	fs::write(&file, module(false).finish()).unwrap();
	OptimizationOptions::new_opt_level_0()
		.add_pass(Pass::StripDwarf)
		.run(&file, &file)
		.unwrap();
	assert_eq!(
		custom_sections(&fs::read(&file).unwrap()),
		["runtime_version", "name"]
	);
}
