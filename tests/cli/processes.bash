# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Tests that scan processes they start: each puts its number into PIDS.

setup() {
	cd "$BATS_TEST_TMPDIR"
	PIDS=
}
# By KILL: unshare ignores TERM, and so does the first process of a namespace.
teardown() {
	for p in $PIDS; do kill -KILL "$p" 2> /dev/null || true; done
	wait $PIDS 2> /dev/null || true
}

scan() { run --separate-stderr "$BIN/picket-scan" "$@"; }
json() { jq -r "$1" <<< "$output"; }
is() { [ "$1" = "$2" ] || { echo "is '$1', not '$2'"; head -c 2000 <<< "$stderr"; return 1; }; }
