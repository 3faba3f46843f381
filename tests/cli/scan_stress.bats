#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Scans of files that shrink, grow, vanish, turn into something else and have hostile names meanwhile. STRESS_ROUNDS=100
# for more than the few rounds of every check.
bats_require_minimum_version 1.5.0

setup() {
	export TESTS=$BATS_TEST_DIRNAME
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build}
	cd "$BATS_TEST_TMPDIR"
	export XDG_CACHE_HOME=$PWD/cache
	printf 'rule hello { strings: $a = "hello anchor" $b = /q{3,9}[0-9]{2,9}xq/ condition: $a or $b }\n' > r.yar
	mkdir t
	for i in a M n z; do echo "hello anchor" > "t/anchor-$i"; done
	(head -c 6000000 /dev/zero; echo "hello anchor") > t/anchor-large
}

is() { [ "$1" = "$2" ] || { echo "is '$1', not '$2'"; return 1; }; }

# Starts the changer; ends when descriptor 9 closes.
start() {
	mkfifo stop started
	python3 "$TESTS/scan_stress.py" "$1" "$2" < stop > started 3>&- &
	CHANGER=$!
	exec 9> stop
	read -r _ < started
}

# One round's output in `out`: what must hold whatever happened.
sound() {
	is "$(jq -s 'map(select(.type == "summary")) | length' out)" 1
	# every path has exactly one outcome, and they are all counted
	is "$(jq -s '[.[] | select(.type == "scanned" or .type == "skipped" or .type == "failed")] | length' out)" \
		"$(jq 'select(.type == "summary") | .paths' out)"
	is "$(jq -s '[.[] | select(.type == "scanned" or .type == "skipped" or .type == "failed") | .path // .path_b64] | group_by(.) | map(select(length > 1)) | length' out)" 0
	is "$(jq 'select(.type == "summary") | .complete' out)" \
		"$(jq 'select(.type == "summary") | .failed == 0 and .not_evaluated == 0 and (.skipped_by | has("too-large") | not)' out)"
}

@test "no signal, no lost hit, one outcome a path" {
	start t 1
	for round in $(seq "${STRESS_ROUNDS:-6}"); do
		status=0
		timeout 120 "$BIN/picket-scan" -q -p $((round % 3 * 2 + 1)) -z 100M --json --paths -r r.yar t > out 2> err || status=$?
		is "$status" 1
		sound
		is "$(jq -r 'select(.type == "hit") | .path' out | tr '\n' ' ')" "t/anchor-M t/anchor-a t/anchor-large t/anchor-n t/anchor-z "
		is "$(jq -r 'select(.type == "failed") | .why' out | grep -cvE '^(changed|vanished|unreadable)$' || true)" 0
	done
	exec 9>&-
	wait $CHANGER
}

@test "no false clean" {
	rm t/anchor-*
	echo 'rule nothing { strings: $a = /[a-p]{2,9}[0-9]{4,9}zzxq/ condition: $a }' > r.yar
	start t 2
	for round in $(seq "${STRESS_ROUNDS:-6}"); do
		status=0
		timeout 120 "$BIN/picket-scan" -q -p 2 -z 1G --json --paths -r r.yar t > out 2> err || status=$?
		sound
		# 0 and "clean" only where nothing at all is missing
		complete=$(jq 'select(.type == "summary") | .complete' out)
		if [ "$complete" = true ]; then is "$status" 0; else is "$status" 3; fi
		is "$(jq -r 'select(.type == "summary") | .verdict' out)" "$([ "$complete" = true ] && echo clean || echo incomplete)"
	done
	exec 9>&-
	wait $CHANGER
}

@test "stock yara loses such a round, or is killed" {
	command -v yara > /dev/null || skip "needs yara"
	rm t/anchor-*; for i in 1 2 3; do head -c 12M /dev/zero > t/$i; done
	(while [ ! -e enough ]; do truncate -s 0 t/[123]; truncate -s 12M t/[123]; done) 3>&- &
	changer=$! bad=0
	for i in $(seq 20); do
		yara -w -r -p 2 r.yar t > /dev/null 2> err || bad=$?
		[ -s err ] && bad=1
		[ $bad = 0 ] || break
	done
	touch enough; wait $changer
	[ $bad != 0 ] || skip "not on this run"
}
