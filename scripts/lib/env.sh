# shellcheck shell=bash
# Sourced by every script: where things are, how cargo is to be called, how to speak and how to stop.
#
# Respected when set:  CARGO_TARGET_DIR, VIGIL_CACHE (default ~/.cache/vigil)
# Set for the others:  VIGIL_ROOT, VIGIL_CACHE, CARGO_TARGET_DIR, VIGIL_NODE, PATH, and, where rustup could not
#                      provide the wasm target, WASM_BUILD_TOOLCHAIN and the linker that goes with it.

VIGIL_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
VIGIL_CACHE="${VIGIL_CACHE:-$HOME/.cache/vigil}"
# Outside the clone, so that a second clone builds only our own crates.
CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$VIGIL_CACHE/target}"
# A relative directory would mean something else in every crate it is used from.
case "$CARGO_TARGET_DIR" in /*) ;; *) CARGO_TARGET_DIR="$PWD/$CARGO_TARGET_DIR" ;; esac
VIGIL_NODE="${VIGIL_NODE:-$CARGO_TARGET_DIR/release/vigil-node}"
PATH="$VIGIL_CACHE/tools/bin:$VIGIL_CACHE/tools-venv/bin:$PATH"
# A Node.js of our own, where setup found the system's missing or too old.
[ ! -x "$VIGIL_CACHE/node/bin/node" ] || PATH="$VIGIL_CACHE/node/bin:$PATH"
command -v rustup >/dev/null || PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
export VIGIL_ROOT VIGIL_CACHE CARGO_TARGET_DIR VIGIL_NODE PATH
# No __pycache__ in the clone.
export PYTHONDONTWRITEBYTECODE=1

WASM_TARGET=wasm32v1-none
WASM_FALLBACK_NAME=vigil-wasm
WASM_FALLBACK_DIR="$VIGIL_CACHE/wasm-toolchain"
WASM_FALLBACK_LINKER=wasm-ld-22

say() { printf "%s: %s\n" "$(basename "$0")" "$*" >&2; }

die() {
	say "error: $*"
	exit 1
}

# Prints the comment at the top of the calling script: it is its manual page.
usage() { awk 'NR == 1 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$0"; }

# Does the active toolchain hold the wasm target? Looks at a directory only: this runs in every script.
rustup_has_wasm_target() {
	local sysroot
	sysroot="$(rustc --print sysroot 2>/dev/null)" && [ -d "$sysroot/lib/rustlib/$WASM_TARGET/lib" ]
}

use_wasm_fallback() {
	export WASM_BUILD_TOOLCHAIN="$WASM_FALLBACK_NAME"
	export CARGO_TARGET_WASM32V1_NONE_LINKER="$WASM_FALLBACK_LINKER"
}

# The fall-back counts only where rustup has no target of its own: one machine, one compiler for the runtime.
if ! rustup_has_wasm_target && [ -x "$WASM_FALLBACK_DIR/bin/rustc" ]; then
	use_wasm_fallback
fi

# Runs a long command in a process group of its own, so that a signal to this script ends all of it; left to
# itself, bash would die and orphan the compilers.
guarded() {
	local child status
	set -m
	"$@" </dev/null &
	child=$!
	set +m
	trap 'say "stopping"; kill -TERM -- "-$child" 2>/dev/null; wait "$child" || true; exit 130' INT TERM HUP
	status=0
	wait "$child" || status=$?
	trap - INT TERM HUP
	return "$status"
}

# The one build everybody shares: same profile, same packages, same features as the tests. The arguments say which
# programs of it are wanted.
build_node() {
	say "building (the first time 18 to 35 minutes on two cores; target directory $CARGO_TARGET_DIR)"
	guarded cargo build --release --locked --workspace --manifest-path "$VIGIL_ROOT/Cargo.toml" "$@" ||
		die "the build failed; the compiler's message is above"
}
