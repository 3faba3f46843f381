#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# picket-bundle salvage and picket-case import --salvage: what is proven comes back, all else is listed, nothing else is let go.
bats_require_minimum_version 1.5.0
load damage

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || exit
	export BIN=${BIN:-$PWD/build} TESTS=$PWD/tests
	export XDG_CONFIG_HOME=$BATS_FILE_TMPDIR/.config
	cd "$BATS_FILE_TMPDIR" || exit
	"$BIN/picket-key" new lead --org CPT-7 --nation USA -q
	mkdir -p tree/sub
	for i in $(seq 24); do
		seq "$i" $((i * 4000)) > tree/n"$i"
		head -c $((i * 9000)) /dev/urandom > tree/sub/r"$i"
		yes "line $i" | head -c 1100000 > tree/y"$i"
	done
	head -c 5000000 /dev/urandom > tree/zlarge
	ln tree/n3 tree/linked
	"$BIN/picket-bundle" seal --to lead --signer lead --mission HARBOR --tlp AMBER --rel-to USA -o b.age tree -q
}

setup() { cd "$BATS_FILE_TMPDIR" || exit; }
bundle() { run --separate-stderr "$BIN/picket-bundle" "$@"; }
pcase() { run --separate-stderr "$BIN/picket-case" "$@"; }
is() { # exit code, then a piece of standard error
	[ "$status" -eq "$1" ] || { echo "exit $status: $stderr"; return 1; }
	[[ $stderr == *"$2"* ]] || { echo "message: $stderr"; return 1; }
}
damaged() { # NAME: a copy with its sidecars
	cp b.age "$1"
	for s in .minisig .ticket .ticket.minisig; do cp b.age$s "$1$s"; done
}

@test "hundreds of damaged bundles give back exactly what they must" {
	for tool in python3 age zstd; do command -v $tool > /dev/null || skip "no $tool"; done
	cases=96
	[[ $BIN == *asan* ]] && cases=24
	mkdir -p w
	"$TESTS/cli/salvage_damage.py" "$BIN/picket-bundle" lead.identity b.age tree w $cases
}

@test "a whole bundle: all of it, and no mark" {
	bundle salvage b.age -i lead.identity -o whole
	is 0 "'b.age' is whole: 73 files in 'whole'"
	[ "$output" = "" ]
	[ ! -e whole/INCOMPLETE ]
	diff -r tree "whole/root$PWD/tree"
	[ "$(wc -l < whole/records.jsonl)" -gt 73 ]
}

@test "one damaged spot: everything else, and the exact loss" {
	damaged d.age
	flip d.age 6000000
	bundle salvage d.age -i lead.identity -o spot
	is 3 "INCOMPLETE: "
	[[ ${lines[0]} =~ ^"lost  bytes "[0-9]+" to "[0-9]+" of the file, 65536 of the payload"$ ]]
	[[ ${lines[1]} =~ ^"lost  frame "[0-9]+": the payload is damaged: chunk "[0-9]+" is lost"$ ]]
	[[ $output == *"lost  content of record "*" bytes: $PWD/tree/"* ]]
	lost=$(printf '%s\n' "$output" | grep -c "content of record")
	head -1 spot/INCOMPLETE | grep -qx "TLP:AMBER REL TO USA ORIGINATOR lead"
	sed -n 2p spot/INCOMPLETE | grep -qx "This is not all of the bundle. What is here is proven; lost are:"
	diff <(tail -n +3 spot/INCOMPLETE) <(printf '%s\n' "$output" | sed 's/^lost  //')
	[ "$(find spot/root -type f | wc -l)" -eq $((74 - lost)) ]
	diff -r tree "spot/root$PWD/tree" > diffs || true
	[ "$(grep -c '^Only in tree' diffs)" -ge 1 ]
	run -1 grep -v '^Only in tree' diffs
}

@test "where the terms are lost, the label is that of record 0" {
	damaged h.age
	flip h.age $(($(grep -abo -m1 -e '^--- ' h.age | cut -d: -f1) + 300))
	bundle salvage h.age -i lead.identity -o headless
	is 3 "TLP:AMBER REL TO USA ORIGINATOR lead"
	[[ $output == *"lost  terms and ticket inside"* ]]
	head -1 headless/INCOMPLETE | grep -qx "TLP:AMBER REL TO USA ORIGINATOR lead"
	bundle salvage h.age -i lead.identity -o headless-json --json
	[ "$(jq -r 'select(.type == "salvage") | .label' <<< "$output")" = "TLP:AMBER REL TO USA ORIGINATOR lead" ]
	rm -r headless headless-json h.age*
}

@test "a folder that is not empty, no identity, no folder" {
	bundle salvage b.age -i lead.identity
	is 2 "give -o DIR"
	mkdir -p full && touch full/x
	bundle salvage b.age -i lead.identity -o full
	is 2 "'full' is not empty"
	[[ $stderr != *INCOMPLETE* ]]
	[ "$(ls full)" = x ]
	mkdir -p other && (cd other && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" new o --nation USA -q)
	bundle salvage b.age -i other/o.identity -o none
	is 4 "no identity matches"
	[ ! -e none ]
}

@test "import --salvage: the rest of a damaged bundle, marked INCOMPLETE, then the whole one in its place" {
	damaged d2.age
	flip d2.age 6000000
	"$BIN/picket-case" init c -q
	pcase import c d2.age -i lead.identity
	is 1 "altered"
	pcase import c d2.age -i lead.identity --salvage
	is 0 ", INCOMPLETE"
	# paths of all segments are there, and what is lost has no content
	paths=$("$BIN/picket-case" files c --json | wc -l)
	[ "$paths" -ge 70 ]
	[ "$("$BIN/picket-case" files c --json | jq -r 'select(.kind == "file" and .sha256 == null).why' | sort -u)" = \
		"its content is lost: the bundle is damaged" ]
	"$BIN/picket-case" cat c "$(sha256sum tree/zlarge | cut -c1-16)" -i lead.identity | cmp - tree/zlarge ||
		"$BIN/picket-case" cat c "$(sha256sum tree/y24 | cut -c1-16)" -i lead.identity | cmp - tree/y24
	pcase bundles c --json
	[ "$(printf '%s\n' "$output" | jq -r 'select(.type == "bundle").complete')" = false ]
	pcase import c b.age -i lead.identity
	is 0 "imported"
	pcase bundles c --json
	[ "$(printf '%s\n' "$output" | jq -r 'select(.type == "bundle").complete')" = true ]
	[ "$("$BIN/picket-case" files c --json | jq -r 'select(.kind == "file" and .sha256 == null).path' | wc -l)" -eq 0 ]
	pcase check c
	is 0 "sound"
}

@test "import --salvage: a cut bundle" {
	damaged d3.age
	truncate -s $(($(stat -c %s b.age) - 300000)) d3.age
	"$BIN/picket-case" init c3 -q
	pcase import c3 d3.age -i lead.identity --salvage
	is 0 ", INCOMPLETE"
	[ "$("$BIN/picket-case" files c3 --json | wc -l)" -ge 20 ]
	pcase custody c3
	[[ $output == *"salvage"*"verdict=altered"*"proven="*"lost_contents=0"* ]]
}

@test "import --salvage: what has no signature beside it is judged by the ticket inside" {
	cp b.age alone.age
	flip alone.age 6000000
	"$BIN/picket-case" init alone -q
	XDG_CONFIG_HOME=$PWD/nobody pcase import alone alone.age -i lead.identity --salvage
	is 1 "unknown issuer"
	[ "$("$BIN/picket-case" files alone --json | wc -l)" -eq 0 ]
	pcase import alone alone.age -i lead.identity --salvage
	is 0 ", INCOMPLETE"
}

@test "import --salvage: damaged copies of one bundle contradict nothing, in any order" {
	damaged spot.age
	flip spot.age 1000000
	damaged cut.age
	truncate -s $(($(stat -c %s b.age) - 300000)) cut.age
	rm -rf one two
	for c in one two; do "$BIN/picket-case" init $c -q; done
	pcase import one spot.age -i lead.identity --salvage
	is 0 "9 contents are lost"
	pcase import one cut.age -i lead.identity --salvage
	is 0 "cut.age: the case holds more of this bundle already"
	pcase import two cut.age -i lead.identity --salvage
	is 0 ", INCOMPLETE"
	pcase import two spot.age -i lead.identity --salvage
	is 0 "spot.age: imported from host"
	leaves=$("$BIN/picket-bundle" verify b.age -i lead.identity --json | jq .leaves)
	for c in one two; do
		[ "$(sqlite3 $c/case.db "SELECT leaves FROM bundle")" -eq "$leaves" ]
		pcase custody $c
		[[ $output != *equivocation* ]]
		pcase check $c
		is 0 "sound"
	done
}
