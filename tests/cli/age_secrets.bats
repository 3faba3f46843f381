#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Secrets are gone from memory while the payload is still being opened.

@test "no identity, key or passphrase is left in the memory of a decrypt at work" {
	cd "$BATS_TEST_DIRNAME/../.."
	BIN=${BIN:-$PWD/build}
	command -v python3 > /dev/null || skip "no python3"
	[[ $BIN != */asan ]] || skip "the sanitizer keeps freed memory"
	run tests/cli/age_secrets.py "$BIN/picket-bundle" "$BATS_TEST_TMPDIR"
	echo "$output"
	[ "$status" -ne 77 ] || skip "the memory of processes cannot be read here"
	[ "$status" -eq 0 ]
}
