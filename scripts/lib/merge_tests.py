"""Joins the tests of several cargo workspaces into one plan for one runner.

Usage: merge_tests.py DIRECTORY NAME...

Reads NAME.metadata.json and NAME.binaries.json for every NAME, writes metadata.json and
binaries.json. The first NAME is the main workspace; the others' packages must lie in folders under
its root. Of the packages only names and places are kept: the binaries are built, and nobody asks
for dependencies any more.
"""

import json
import sys
from pathlib import Path


def read(directory: Path, name: str, kind: str) -> dict:
    return json.loads((directory / f"{name}.{kind}.json").read_text())


def merge_metadata(parts: list[dict]) -> dict:
    packages = [
        {**package, "dependencies": [], "features": {}}
        for part in parts
        for package in part["packages"]
    ]
    ids = [package["id"] for package in packages]
    nodes = [{"id": id, "dependencies": [], "deps": [], "features": []} for id in ids]
    return {
        **parts[0],
        "packages": packages,
        "workspace_members": ids,
        "workspace_default_members": ids,
        "resolve": {"nodes": nodes, "root": None},
    }


def merge_binaries(parts: list[dict]) -> dict:
    """Paths in the build's description are relative to its target directory: lead them to ours."""
    target = Path(parts[0]["rust-build-meta"]["target-directory"])
    merged = {"rust-build-meta": dict(parts[0]["rust-build-meta"]), "rust-binaries": {}}
    description = merged["rust-build-meta"]
    for index, part in enumerate(parts):
        merged["rust-binaries"] |= part["rust-binaries"]
        if index == 0:
            continue
        meta = part["rust-build-meta"]
        prefix = Path(meta["target-directory"]).relative_to(target)

        def moved(path: str, prefix=prefix) -> str:
            return str(prefix / path)

        for key in ("base-output-directories", "linked-paths"):
            known = description.get(key, [])
            description[key] = known + [moved(path) for path in meta.get(key, [])]
        outputs = {id: moved(path) for id, path in meta.get("build-script-out-dirs", {}).items()}
        description["build-script-out-dirs"] = {
            **description.get("build-script-out-dirs", {}),
            **outputs,
        }
    return merged


def main() -> None:
    directory, names = Path(sys.argv[1]), sys.argv[2:]
    for kind, merge in [("metadata", merge_metadata), ("binaries", merge_binaries)]:
        merged = merge([read(directory, name, kind) for name in names])
        (directory / f"{kind}.json").write_text(json.dumps(merged))


if __name__ == "__main__":
    main()
