#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Compiled rules that are kept between runs: used only when nobody else can have had a hand in them.
bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build}
	cd "$BATS_TEST_TMPDIR"
	export XDG_CACHE_HOME=$PWD/cache
	KEPT=$XDG_CACHE_HOME/picket
	printf 'rule hello { strings: $a = "hello" condition: $a }\nrule mz { condition: uint16(0) == 0x5a4d }\n' > r.yar
	echo hello > a
}

# Scans a; what came of it, and whether the rules were taken from the cache.
scan() {
	run --separate-stderr "$BIN/picket-scan" --json "$@" a
	FROM=$(jq -r 'select(.type == "summary") | .rules_from_cache' <<< "$output")
	HITS=$(jq -r 'select(.type == "hit") | .rule' <<< "$output" | tr '\n' ' ')
}
is() { [ "$1" = "$2" ] || { echo "is '$1', not '$2'"; echo "$stderr"; return 1; }; }
file() { ls "$KEPT"/*."${1:-0}"; }

@test "the second run takes them from there, with the same hits" {
	scan -r r.yar; is "$FROM $HITS$status" "false hello 1"
	scan -r r.yar; is "$FROM $HITS$status" "true hello 1"
	is "$(stat -c %a "$KEPT" "$KEPT/key" "$(file)" | tr '\n' ' ')" "700 600 600 "
	is "$(stat -c %s "$KEPT/key")" 32
}

@test "other sources, names, or more files are other rules" {
	scan -r r.yar
	sed -i 's/"hello"/"hell"/' r.yar
	scan -r r.yar; is "$FROM" false
	cp r.yar s.yar
	scan -r s.yar; is "$FROM" false
	scan -r r.yar -r s.yar; is "$FROM" false
	is "$(ls "$KEPT" | wc -l)" 5
}

@test "one changed byte anywhere, or a missing one, and it is compiled again" {
	scan -r r.yar
	size=$(stat -c %s "$(file)")
	for at in 0 16 31 32 40 200 $((size / 2)) $((size - 1)); do
		printf "\\x$(printf %02x $((0x$(xxd -s "$at" -l 1 -p "$(file)") ^ 1)))" | dd of="$(file)" bs=1 seek="$at" conv=notrunc status=none
		scan -r r.yar; is "$FROM $HITS" "false hello "
		scan -r r.yar; is "$FROM $HITS" "true hello "
	done
	truncate -s -1 "$(file)"; scan -r r.yar; is "$FROM $HITS" "false hello "
	truncate -s 10 "$(file)"; scan -r r.yar; is "$FROM $HITS" "false hello "
	: > "$(file)"; scan -r r.yar; is "$FROM $HITS" "false hello "
}

@test "a file of other rules under this name is not taken" {
	scan -r r.yar; good=$(file)
	echo 'rule evil { condition: true }' > evil.yar
	scan -r evil.yar
	for f in "$KEPT"/*.0; do [ "$f" = "$good" ] || cp "$f" "$good"; done
	scan -r r.yar; is "$FROM $HITS" "false hello "
}

@test "what others can read or change, links, and strange keys are not used" {
	scan -r r.yar; scan -r r.yar; is "$FROM" true
	chmod 644 "$(file)"; scan -r r.yar; is "$FROM $HITS" "false hello "
	mv "$(file)" x; ln -s "$PWD/x" "$KEPT/$(basename "$(ls "$KEPT"/*.0 2> /dev/null || echo none)")" 2> /dev/null || true
	scan -r r.yar; is "$HITS" "hello "
	chmod 644 "$KEPT/key"; scan -r r.yar; is "$FROM $HITS" "false hello "; [[ $stderr == *"not kept"*"key"* ]]
	chmod 600 "$KEPT/key"; truncate -s 31 "$KEPT/key"; scan -r r.yar; is "$FROM $HITS" "false hello "; [[ $stderr == *"not kept"* ]]
	rm "$KEPT/key"; scan -r r.yar; is "$FROM" false; scan -r r.yar; is "$FROM" true
	chmod 777 "$KEPT"; scan -r r.yar; is "$FROM $HITS" "false hello "; [[ $stderr == *"changed by others"* ]]
	chmod 700 "$KEPT"; mv "$KEPT" away; ln -s "$PWD/away" "$KEPT"; scan -r r.yar; is "$FROM $HITS" "false hello "
}

@test "rules with a broken file, which may only have lacked memory, are not kept" {
	printf '\nrule bad { condition: $x }\n' > bad.yar
	for _ in 1 2; do
		scan -r r.yar -r bad.yar; is "$FROM $HITS" "false hello "; is "$(ls "$KEPT" | tr "\n" " ")" "key "
		[[ $stderr == *"'bad.yar', line 2: undefined string"* ]]
		is "$(jq -r 'select(.type == "summary") | .rule_files_broken' <<< "$output")" 1
	done
}

@test "--no-cache leaves nothing, and a home that cannot be written costs nothing but time" {
	scan --no-cache -r r.yar; is "$FROM" false; [ ! -e "$XDG_CACHE_HOME" ]
	export XDG_CACHE_HOME=/proc/nowhere
	scan -r r.yar; is "$FROM $HITS$status" "false hello 1"
}

@test "parts are kept as well, and the oldest files make room" {
	scan --partition always -r r.yar
	[ -s "$(file 1)" ]; [ -s "$(file 5)" ]
	scan --partition always -r r.yar; is "$FROM $HITS" "true hello "
	for n in $(seq 30); do
		echo "rule r$n { condition: false }" > n.yar
		scan -r n.yar
	done
	[ "$(ls "$KEPT"/*.? | wc -l)" -le 24 ]
}
