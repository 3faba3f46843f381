#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs command lines of the tools while memory, disk, reads and pipes fail, and demands of each run: an exit code
# that is documented, never a signal; a message when it failed; no output file left half-written. TAP.
#
# tests/fault/cases/NAME.sh describes one command line; it is sourced in an empty folder and sets
#   setup    a function that makes the inputs (run once, without faults)
#   prepare  a function that puts back what a run changes (before each run, without faults)
#   check    a function that is given the exit code of each run that wrote its outputs, and prints what is wrong with them
#   command  an array: the tool (a name, found in build/debug) and its arguments
#   outputs  an array: files that must be complete (as without faults) or absent after a failure
#   codes    the exit codes that are documented for failure (default "4")
#   fine     those with which the outputs are there (default "0")
#   runs     how many allocations are made to fail, spread over all of them (default 100), each in two ways
# ONLY="NAME..." runs some cases, RUNS=1000000 fails every allocation. As many run at a time as there are processors.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
bin=$top/build/debug
work=$(mktemp -d /tmp/fault.XXXXXX)
shim=$work/fault.so # LD_PRELOAD splits at spaces
cp "$bin/fault.so" "$shim" || exit 1
trap 'rm -rf "$work"' EXIT

verdict() { # NAME WRONG
	if [ -z "$2" ]; then echo "ok - $1"; else
		echo "not ok - $1"
		printf '%s\n' "$2" | head -n 20 | sed 's/^/# /'
	fi
}

# One run with the environment given; prints what is wrong. Outputs are removed before.
run() { # LABEL VARIABLE=VALUE...
	local label=$1 code file
	shift
	[ ${#outputs[@]} -eq 0 ] || rm -rf "${outputs[@]}"
	prepare
	env "$@" LD_PRELOAD="$shim" timeout -k 5 60 "$bin/${command[0]}" "${command[@]:1}" 2>"$err" <"${input:-/dev/null}" |
		cat >"$out"
	code=${PIPESTATUS[0]}
	if [[ " $fine " == *" $code "* ]]; then
		for file in "${outputs[@]}"; do
			[ -e "$file" ] || echo "$label: exit $code, and '$file' is not there"
		done
		check "$code" | sed "s/^/$label: exit $code, and /"
		return
	fi
	[[ " $codes " == *" $code "* ]] || echo "$label: exit $code is not documented: $(head -c 300 "$err")"
	[ -s "$err" ] || echo "$label: exit $code without a message"
	for file in "${outputs[@]}"; do
		[ ! -e "$file" ] || echo "$label: exit $code, and '$file' was left"
	done
	for file in ./*.part; do
		[ ! -e "$file" ] || echo "$label: '$file' was left"
	done
	[ -z "${always:-}" ] || check "$code" | sed "s/^/$label: exit $code, and /"
}

one_case() {
	local name=$1 n total step runs=100 codes=4 input='' fine=0 always='' wrong
	local out=$work/$name.out err=$work/$name.err
	local -a command=() outputs=()
	setup() { :; }
	prepare() { :; }
	check() { :; }
	mkdir -p "$work/$name"
	cd "$work/$name" || exit 1
	# shellcheck source=/dev/null
	. "$top/tests/fault/cases/$name.sh"
	setup || { verdict "$name can be set up" 'it cannot'; return; }

	wrong=$(run 'no fault' FAULT_NONE=1)
	[ ${#outputs[@]} -eq 0 ] || rm -rf "${outputs[@]}"
	prepare
	env FAULT_COUNT=9 LD_PRELOAD="$shim" "$bin/${command[0]}" "${command[@]:1}" 9>"$work/$name.count" >/dev/null 2>"$err" \
		<"${input:-/dev/null}"
	total=$(cat "$work/$name.count")
	if [ -z "$total" ] || [ -n "$wrong" ]; then
		verdict "$name works without faults" "$wrong $(cat "$err")"
		return
	fi
	step=$((total / ${RUNS:-$runs} + 1))
	wrong=$(for ((n = 1; n <= total; n += step)); do
		run "allocation $n of $total and all after" "FAULT_ALLOC=$n"
		run "allocation $n of $total alone" "FAULT_ALLOC=$n,one"
	done)
	verdict "$name: $total allocations, every ${step}th fails" "$wrong"
	wrong=$(run 'short reads' FAULT_SHORT=1)
	verdict "$name: short reads" "$wrong"
	wrong=$(for n in 0 1 100 1000 5000 70000 200000 1000000; do run "disk full after $n bytes" "FAULT_FULL=$n"; done)
	verdict "$name: full disk" "$wrong"
	wrong=$(for n in 0 1 1000; do run "pipe closed after $n bytes" "FAULT_PIPE=$n"; done)
	verdict "$name: closed pipe" "$wrong"
}

running=0
for case in "$top"/tests/fault/cases/*.sh; do
	name=$(basename "$case" .sh)
	case " ${ONLY:-$name} " in *" $name "*) ;; *) continue ;; esac
	[ "$running" -lt "$(nproc)" ] || { wait -n && running=$((running - 1)); }
	one_case "$name" >"$work/$name.tap" &
	running=$((running + 1))
done
wait
cat "$work"/*.tap | awk '/^(not )?ok - / {n++; sub(/ok - /, "ok " n " - ")} {print} END {print "1.." n + 0}'
