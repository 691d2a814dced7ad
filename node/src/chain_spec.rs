//! The networks this binary knows, and reading those it does not.

use sc_service::{ChainType, GenericChainSpec, Properties};
use std::path::Path;
use vigil_runtime::presets;

/// A chain specification without extensions.
pub(crate) type ChainSpec = GenericChainSpec;

/// A network that is built from the runtime of this binary.
struct Network {
	/// What `--chain` calls it.
	name: &'static str,
	title: &'static str,
	id: &'static str,
	chain_type: ChainType,
	preset: &'static str,
}

/// The networks, the one of `--dev` first.
fn networks() -> [Network; 3] {
	[
		Network {
			name: "dev",
			title: "Vigil Development",
			id: "vigil_dev",
			chain_type: ChainType::Development,
			preset: presets::DEVELOPMENT,
		},
		Network {
			name: "local",
			title: "Vigil Local",
			id: "vigil_local",
			chain_type: ChainType::Local,
			preset: presets::LOCAL,
		},
		Network {
			name: "staging",
			title: "Vigil Staging",
			id: "vigil_staging",
			chain_type: ChainType::Custom("Staging".into()),
			preset: presets::STAGING,
		},
	]
}

impl Network {
	fn spec(self) -> Result<ChainSpec, String> {
		let wasm = vigil_runtime::WASM_BINARY.ok_or_else(|| {
			"this binary was built without a runtime: build it again without SKIP_WASM_BUILD, or \
			 name a chain specification file"
				.to_string()
		})?;
		let mut properties = Properties::new();
		properties.insert("tokenSymbol".into(), "VGL".into());
		properties.insert("tokenDecimals".into(), 12.into());
		properties.insert("ss58Format".into(), 42.into());
		Ok(ChainSpec::builder(wasm, None)
			.with_name(self.title)
			.with_id(self.id)
			.with_protocol_id("vigil")
			.with_chain_type(self.chain_type)
			.with_genesis_config_preset_name(self.preset)
			.with_properties(properties)
			.build())
	}
}

/// The network of that name, or the specification in the file of that name.
pub(crate) fn load(id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
	let names = networks().map(|network| network.name).join(", ");
	if id.is_empty() {
		return Err(format!(
			"no chain was named: use --dev, or --chain with one of {names}, or with the path of a \
			 chain specification"
		));
	}
	if let Some(network) = networks().into_iter().find(|network| network.name == id) {
		return Ok(Box::new(network.spec()?));
	}
	let path = Path::new(id);
	if !path.exists() {
		return Err(format!(
			"unknown chain `{id}`: it is none of {names}, and there is no such file. Check the \
			 spelling, or give the path of a chain specification"
		));
	}
	if path.is_dir() {
		return Err(format!(
			"`{id}` is a directory, not a chain specification: give the path of a file in it"
		));
	}
	ChainSpec::from_json_file(path.to_path_buf())
		.map(|spec| Box::new(spec) as Box<_>)
		.map_err(|error| {
			format!(
				"the chain specification `{id}` cannot be read: {error}. Is the file complete, and \
				 may this user read it? Fetch it again, or write it anew with `vigil-node \
				 export-chain-spec`"
			)
		})
}

#[cfg(test)]
mod tests {
	use super::*;

	fn refusal(id: &str) -> String {
		load(id).map(|_| ()).expect_err("is refused")
	}

	#[test]
	fn an_unknown_chain_is_refused_with_the_names_of_the_known() {
		let message = refusal("moon");
		assert!(message.contains("unknown chain `moon`"), "{message}");
		assert!(message.contains("dev, local, staging"), "{message}");
	}

	#[test]
	fn no_name_is_refused() {
		assert!(refusal("").contains("no chain was named"));
	}

	#[test]
	fn a_truncated_specification_is_refused_with_the_place_of_the_fault() {
		let dir = tempfile::tempdir().expect("a directory");
		let path = dir.path().join("spec.json");
		std::fs::write(&path, r#"{"name": "Vigil", "id": "vi"#).expect("written");
		let message = refusal(path.to_str().expect("utf-8"));
		assert!(message.contains("cannot be read"), "{message}");
		assert!(message.contains("line 1"), "{message}");
		assert!(message.contains("Is the file complete"), "{message}");
	}

	#[test]
	fn a_directory_is_refused() {
		let dir = tempfile::tempdir().expect("a directory");
		assert!(refusal(dir.path().to_str().expect("utf-8")).contains("is a directory"));
	}
}
