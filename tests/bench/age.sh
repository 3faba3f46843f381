#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sealing and opening against stock age, as ratios of the time taken.
#
# Method: both programs work on the same sparse file of SIZE_MIB (2048) MiB, output to /dev/null, all bound to one
# processor; they take turns, ROUNDS (5) times, so that other load hits both; each one's fastest round counts. A
# ratio above 1 means that Picket was the faster. "all cores" is the same without the binding. Memory is the peak
# resident set of the last round.
set -eu
cd "$(dirname "$0")/../.."
BIN=${BIN:-$PWD/build}
rounds=${ROUNDS:-5}
size=${SIZE_MIB:-2048}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
age-keygen -o "$dir/key" 2> /dev/null
to=$(age-keygen -y "$dir/key")
truncate -s "${size}M" "$dir/plain"
age -r "$to" -o "$dir/sealed" "$dir/plain"
cpu=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')

# Seconds of one run.
run() {
	local before=$EPOCHREALTIME
	"$@" > /dev/null
	local after=$EPOCHREALTIME
	awk -v a="$before" -v b="$after" 'BEGIN { print b - a }'
}

compare() { # LABEL PREFIX -- words of ours -- words of stock's
	local label=$1 prefix=$2 ours=() stock=() i t
	local best_ours=999999 best_stock=999999
	shift 3
	while [ "$1" != -- ]; do ours+=("$1"); shift; done
	shift
	stock=("$@")
	for ((i = 0; i < rounds; i++)); do
		# shellcheck disable=SC2086
		t=$(run $prefix "${ours[@]}")
		best_ours=$(awk -v a="$t" -v b="$best_ours" 'BEGIN { print a < b ? a : b }')
		# shellcheck disable=SC2086
		t=$(run $prefix "${stock[@]}")
		best_stock=$(awk -v a="$t" -v b="$best_stock" 'BEGIN { print a < b ? a : b }')
	done
	awk -v l="$label" -v o="$best_ours" -v s="$best_stock" -v m="$size" 'BEGIN {
		printf "%-22s picket-bundle %5.0f MiB/s   age %5.0f MiB/s   ratio %.2f\n", l, m / o, m / s, s / o }'
}

peak() { # highest resident set of a command, in MiB
	python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)' "$@"
}

one="taskset -c $cpu"
seal=("$BIN/picket-bundle" encrypt -q -r "$to" "$dir/plain")
open=("$BIN/picket-bundle" decrypt -q -i "$dir/key" "$dir/sealed")
compare 'encrypt, one core' "$one" -- "${seal[@]}" -- age -r "$to" "$dir/plain"
compare 'decrypt, one core' "$one" -- "${open[@]}" -- age -d -i "$dir/key" "$dir/sealed"
compare 'encrypt, all cores' '' -- "${seal[@]}" -- age -r "$to" "$dir/plain"
compare 'decrypt, all cores' '' -- "${open[@]}" -- age -d -i "$dir/key" "$dir/sealed"
printf '%-22s encrypt %s MiB, decrypt %s MiB\n' 'peak memory' "$(peak "${seal[@]}")" "$(peak "${open[@]}")"
