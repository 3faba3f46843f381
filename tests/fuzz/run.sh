#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One fuzz target: its whole corpus, then a short search from there. TAP. FUZZ_RUNS says how short.
set -u
cd "$(dirname "$0")/../.." || exit 1
target=$1
name=$(basename "$target" _fuzz)
corpus=tests/fuzz/corpus/$name
work=build/fuzz/work/$name
mkdir -p "$work/found" "$work/crash"
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
echo 1..2
if [ -d "$corpus" ] && [ -n "$(ls -A "$corpus")" ]; then
	mapfile -d '' seeds < <(find "$corpus" build/fuzz/gen/"$name" -type f -print0 2>/dev/null | sort -z)
	if "$target" -timeout=20 -rss_limit_mb=2048 -artifact_prefix="$work/crash/" "${seeds[@]}" >"$work/corpus.log" 2>&1; then
		echo "ok 1 - ${#seeds[@]} inputs of the corpus"
	else
		echo "not ok 1 - the corpus"
		tail -n 40 "$work/corpus.log" | sed 's/^/# /'
	fi
else
	echo "not ok 1 - there is no corpus in '$corpus'"
fi
dirs=("$work/found")
[ ! -d "$corpus" ] || dirs+=("$corpus")
[ ! -d "build/fuzz/gen/$name" ] || dirs+=("build/fuzz/gen/$name")
if "$target" -runs="${FUZZ_RUNS:-20000}" -max_total_time="${FUZZ_SECONDS:-10}" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
	-artifact_prefix="$work/crash/" "${dirs[@]}" >"$work/search.log" 2>&1; then
	echo "ok 2 - $(grep -o 'number_of_executed_units: *[0-9]*' "$work/search.log" | grep -o '[0-9]*$') runs of a search"
else
	echo "not ok 2 - a search"
	tail -n 40 "$work/search.log" | sed 's/^/# /'
fi
