#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs command lines of the tools while memory, disk, reads and pipes fail, and demands of each run: an exit code
# that is documented, never a signal; a message when it failed; no output file left half-written. TAP.
#
# tests/fault/cases/NAME.sh describes one command line; it is sourced in an empty folder and sets
#   setup    a function that makes the inputs (run once, without faults)
#   command  an array: the tool (a name, found in build/debug) and its arguments
#   outputs  an array: files that must be complete (as without faults) or absent after a failure
#   codes    the exit codes that are documented for failure (default "4")
#   step     every how many allocations one is made to fail (default: chosen so that a case takes 150 runs)
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
bin=$top/build/debug
count=0
work=$(mktemp -d /tmp/fault.XXXXXX)
shim=$work/fault.so # LD_PRELOAD splits at spaces
cp "$bin/fault.so" "$shim" || exit 1
trap 'rm -rf "$work"' EXIT

verdict() { # NAME WRONG
	count=$((count + 1))
	if [ -z "$2" ]; then echo "ok $count - $1"; else
		echo "not ok $count - $1"
		printf '%s\n' "$2" | head -n 20 | sed 's/^/# /'
	fi
}

# One run with the environment given; prints what is wrong. Outputs are removed before.
run() { # LABEL VARIABLE=VALUE...
	local label=$1 code file
	shift
	[ ${#outputs[@]} -eq 0 ] || rm -rf "${outputs[@]}"
	env "$@" LD_PRELOAD="$shim" timeout -k 5 60 "$bin/${command[0]}" "${command[@]:1}" 2>"$work/err" <"${input:-/dev/null}" |
		cat >"$work/out"
	code=${PIPESTATUS[0]}
	if [ "$code" -eq 0 ] || [[ " ${fine:-0} " == *" $code "* ]]; then
		for file in "${outputs[@]}"; do
			[ -e "$file" ] || echo "$label: exit $code, and '$file' is not there"
		done
		return
	fi
	[[ " $codes " == *" $code "* ]] || echo "$label: exit $code is not documented: $(head -c 300 "$work/err")"
	[ -s "$work/err" ] || echo "$label: exit $code without a message"
	for file in "${outputs[@]}"; do
		[ ! -e "$file" ] || echo "$label: exit $code, and '$file' was left"
	done
	for file in ./*.part; do
		[ ! -e "$file" ] || echo "$label: '$file' was left"
	done
}

one_case() {
	local name=$1 n total step='' codes=4 input='' fine=0 wrong
	local -a command=() outputs=()
	setup() { :; }
	mkdir -p "$work/$name"
	cd "$work/$name" || exit 1
	# shellcheck source=/dev/null
	. "$top/tests/fault/cases/$name.sh"
	setup || { verdict "$name can be set up" 'it cannot'; return; }

	wrong=$(run 'no fault' FAULT_NONE=1)
	env FAULT_COUNT=9 LD_PRELOAD="$shim" "$bin/${command[0]}" "${command[@]:1}" 9>"$work/count" >/dev/null 2>"$work/err" \
		<"${input:-/dev/null}"
	total=$(cat "$work/count")
	if [ -z "$total" ] || [ -n "$wrong" ]; then
		verdict "$name works without faults" "$wrong $(cat "$work/err")"
		return
	fi
	[ -n "$step" ] || step=$((total / 150 + 1))
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

for case in "$top"/tests/fault/cases/*.sh; do
	name=$(basename "$case" .sh)
	case " ${ONLY:-$name} " in *" $name "*) ;; *) continue ;; esac
	one_case "$name"
	cd "$top" || exit 1
done
echo "1..$count"
