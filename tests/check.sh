#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs suites of tests and adds them up: tests/check.sh SUITE...  (make check calls it with all of them)
# Every suite builds what it needs. A build that fails is a failed test, so that the last line always comes.
set -u
cd "$(dirname "$0")/.." || exit 1
MAKE=${MAKE:-make}
TOP=$PWD
JOBS=$(nproc)
RESULTS=build/check
export TOP
unset CDPATH

say() { printf '%s\n' "$*"; }
sub() { "$MAKE" --no-print-directory -j"$JOBS" "$@"; }

# A step that must work before a suite can: as a test of its own when it does not.
step() {
	local name=$1 log
	shift
	mkdir -p "$RESULTS"
	log=$RESULTS/$name.log
	if "$@" >"$log" 2>&1; then
		printf '1..1\nok 1 - %s\n# exit 0\n' "$name" >"$RESULTS/$name.tap"
		return 0
	fi
	{
		printf '1..1\nnot ok 1 - %s\n' "$name"
		tail -n 40 "$log" | sed 's/^/# /'
		printf '# exit 1\n'
	} >"$RESULTS/$name.tap"
	say "  $name FAILED, see $log"
	return 1
}

# run_all: lines "NAME<tab>COMMAND<tab>ARG..." from stdin, on all processors.
run_all() {
	local -a words
	while IFS=$'\t' read -r -a words; do
		printf '%s\0' "${words[*]@Q}"
	done | xargs -0 -r -P "$JOBS" -I{} bash -c "tests/tally run $RESULTS {}"
}

programs() { # PREFIX FOLDER: every program in it
	local p
	for p in "$2"/*; do
		[ -f "$p" ] && [ -x "$p" ] && printf '%s/%s\t%s\n' "$1" "${p##*/}" "$p"
	done
}

bats_files() { # PREFIX FOLDER
	local f
	for f in "$2"/*.bats; do
		[ -e "$f" ] || continue
		printf '%s/%s\tbats\t--tap\t%s\n' "$1" "$(basename "$f" .bats)" "$f"
	done
}

suite_unit() {
	step build-unit sub units || return
	programs unit build/release/unit | run_all
}

suite_cli() {
	step build sub all || return
	export BIN=$TOP/build
	bats_files cli tests/cli | run_all
}

suite_vectors() {
	local t
	step build sub all || return
	step npm sub npm || say '  the packages of npm are not there: tests that need them will say so'
	rm -f "$RESULTS/npm.tap"
	export BIN=$TOP/build
	{
		bats_files vectors tests/vectors
		bats_files interop tests/interop
		for t in tests/vectors/*.sh; do printf 'vectors/%s\t%s\n' "$(basename "$t" .sh)" "$t"; done
	} | run_all
}

suite_sandbox() {
	step build-sandbox sub sandboxes || return
	programs sandbox build/release/sandbox | run_all
}

suite_layers() {
	step build sub all || return
	tests/tally run $RESULTS layers tests/layers.pl build/release/lib
}

suite_static() {
	step build sub all || return
	tests/tally run $RESULTS static tests/static.sh
}

suite_fuzz() {
	local t
	step build-fuzz sub MODE=fuzz fuzzers || return
	for t in tests/fuzz/gen-*.py; do
		[ -e "$t" ] || continue
		t=$(basename "$t" .py)
		mkdir -p "build/fuzz/gen/${t#gen-}"
		step "$t" python3 "tests/fuzz/$t.py" "build/fuzz/gen/${t#gen-}"
	done
	for t in build/fuzz/fuzz/*; do
		[ -x "$t" ] && printf 'fuzz/%s\ttests/fuzz/run.sh\t%s\n' "${t##*/}" "$t"
	done | run_all
}

suite_fault() {
	step build-fault sub MODE=debug all fault || return
	TEST_TIMEOUT=1800 tests/tally run $RESULTS fault tests/fault/run.sh
}

suite_lint() {
	step lint sub lint || return
	say '  lint                         1 ok'
}

suite_docs() {
	step build sub all || return
	tests/tally run $RESULTS docs tests/docs.sh
}

suite_asan() {
	step build-asan sub MODE=asan all units || return
	programs asan-unit build/asan/unit | run_all
	export BIN=$TOP/build/asan
	bats_files asan-cli tests/cli | run_all
}

rm -rf "$RESULTS"
mkdir -p "$RESULTS"
for suite in "$@"; do
	say "$suite"
	(suite_"$suite")
done
tests/tally sum "$RESULTS"
