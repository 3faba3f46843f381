#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Somebody else's reader, made from docs/bundle-format.md alone, reads our bundles, and refuses what we refuse.
bats_require_minimum_version 1.5.0
load ../cli/damage

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build} TESTS=$PWD/tests
	export XDG_CONFIG_HOME=$BATS_FILE_TMPDIR/.config
	cd "$BATS_FILE_TMPDIR"
	"$BIN/picket-key" new lead --org CPT-7 --nation USA -q
	"$BIN/picket-key" new other --nation USA --roster other.roster -q
	echo secret > outside
	"$TESTS/cli/hostile-root.sh" "$PWD/root" "$PWD/outside"
	for i in 1 2 3 4 5; do head -c 9000000 /dev/urandom > root/var/log/big$i.log; done
	python3 - <<'END'
import os

f = os.open("root/var/log/holes.log", os.O_RDWR | os.O_CREAT)  # more ranges than one record holds
for i in range(6000):
    os.pwrite(f, b"x%d" % i, i * 16384)
os.ftruncate(f, 6000 * 16384)
deep = os.open("root/var/log", os.O_DIRECTORY)  # names that JSON's escapes make six times as long
for i in range(60):
    os.mkdir("\x01" * 250, dir_fd=deep)
    deep = os.open("\x01" * 250, os.O_DIRECTORY, dir_fd=deep)
os.close(os.open("end.log", os.O_CREAT | os.O_WRONLY, dir_fd=deep))
END
	"$BIN/picket-bundle" seal --to lead --signer lead --tlp AMBER --rel-to JPN,USA --mission H -o seal.age root -q
	"$BIN/picket-bundle" seal --to lead --unsigned --mission H -o unsigned.age root/etc root/var/log/big[123].log -q
	printf 'rule needle : t { meta: a = "b" n = 7 strings: $x = "203.0.113.7" condition: $x }\n' > r.yar
	"$BIN/picket-collect" --root root --profile full --to lead --signer lead --mission H --rules r.yar -o collect.age -q || [ $? -eq 3 ]
}

setup() { cd "$BATS_FILE_TMPDIR"; }

reader() { python3 "$TESTS/interop/reader.py" "$@"; }

same_list() { # BUNDLE
	reader "$1" -i lead.identity --list | jq -cS . > theirs
	"$BIN/picket-bundle" list "$1" -i lead.identity --json -q > listed
	jq -se --arg want "${2:-unlabelled}" 'all(.label == $want)' listed > /dev/null # of the bundle, and in none of its records
	jq -cS 'del(.label)' listed > ours
	cmp theirs ours
}

@test "it reads a sealed tree: signed, several segments, hard links, a sparse file of 2 TiB, lists that go on" {
	run -0 reader seal.age -i lead.identity --issuer "$(sed -n 2p lead.signpub)"
	[[ $output =~ ^signed\ [0-9a-f]{32}:\ ([0-9]+)\ segments,\ [0-9]+\ records ]]
	[ "${BASH_REMATCH[1]}" -ge 3 ]
	same_list seal.age "TLP:AMBER REL TO JPN,USA ORIGINATOR lead"
	[ "$(jq -r 'select(.path and (.path | endswith("/hardlink.log"))) | .c' theirs)" = \
		"$(jq -r 'select(.path and (.path | endswith("/auth.log"))) | .c' theirs)" ]
	[ "$(jq -r 'select(.path and (.path | endswith("/sparse.log"))) | .size' theirs)" = 2199023255552 ]
	[ "$(jq -r 'select(.path and (.path | endswith("/big3.log"))) | .sha256' theirs)" = "$(sha256sum < root/var/log/big3.log | cut -c1-64)" ]
	"$BIN/picket-bundle" open seal.age -i lead.identity -C opened -q
	cmp root/var/log/holes.log "opened/root$BATS_FILE_TMPDIR/root/var/log/holes.log"
}

@test "it reads a collection: hits, events, every path" {
	run -0 reader collect.age -i lead.identity --issuer "$(sed -n 2p lead.signpub)"
	[[ $output =~ \ h:([0-9]+)\ e:([0-9]+) ]]
	[ "${BASH_REMATCH[1]}" -ge 2 ]
	[ "${BASH_REMATCH[2]}" -ge 3 ] # rules, plan and end; each mount there is
	same_list collect.age
	grep -q '"path_b64"' theirs
	"$BIN/picket-bundle" verify collect.age -i lead.identity -q
}

@test "it reads live tables" {
	"$BIN/picket-collect" --profile minimal --table system_info --table users --table processes --to lead --signer lead -o live.age -q || [ $? -eq 3 ]
	run -0 reader live.age -i lead.identity
	[[ $output =~ \ l:([0-9]+) ]]
	[ "${BASH_REMATCH[1]}" -ge 3 ]
}

@test "it reads a padded bundle" {
	"$BIN/picket-bundle" seal --to lead --signer lead --tlp AMBER --rel-to JPN,USA --mission H --pad -o pad.age root/etc -q
	run -0 reader pad.age -i lead.identity --issuer "$(sed -n 2p lead.signpub)"
	[[ $output =~ ^signed\ [0-9a-f]{32}:\ 1\ segments,\ ([0-9]+)\ records ]]
	[ "$((BASH_REMATCH[1] % 64))" -eq 0 ]
	same_list pad.age "TLP:AMBER REL TO JPN,USA ORIGINATOR lead"
}

@test "it reads an unsigned bundle, and never as a signed one" {
	run -0 reader unsigned.age -i lead.identity
	[[ $output == UNSIGNED* ]]
	same_list unsigned.age
	run -1 reader unsigned.age -i lead.identity --issuer "$(sed -n 2p lead.signpub)"
	[[ $output == *"refused: not signed"* ]]
}

refused() { # BUNDLE: by it, and by us
	! reader "$1" -i lead.identity > r.out 2>&1 || { echo "read: $1"; return 1; }
	grep -q 'refused: .' r.out || { cat r.out; return 1; }
	! "$BIN/picket-bundle" verify "$1" -i lead.identity -q > v.out 2>&1 || { echo "verified: $1"; return 1; }
}

@test "whatever is altered inside is refused by it and by us" {
	mkdir altered
	python3 "$TESTS/interop/reader_damage.py" unsigned.age lead.identity "$(cat lead.recipient)" altered
	[ "$(ls altered | wc -l)" -gt 50 ]
	for b in altered/control-*.age; do # the alterations would be refused for nothing otherwise
		reader "$b" -i lead.identity
		"$BIN/picket-bundle" open "$b" -i lead.identity -C "$b.d" -q
	done
	rm altered/control-*.age
	for b in altered/*.age; do refused "$b"; done
}

@test "what a record may say, and what none may, is the same to it and to us, whatever is read of it" {
	mkdir -p forged
	"$BIN/picket-key" ticket --signer lead --mission H --to lead --tlp AMBER --rel-to USA --uses many -o kit -q
	python3 "$TESTS/interop/forge.py" "$(cat lead.recipient)" forged kit
	[ "$(ls forged | wc -l)" -gt 50 ]
	for b in forged/bad-*.age; do
		refused "$b"
		run -1 "$BIN/picket-bundle" list "$b" -i lead.identity -q
		run ! "$BIN/picket-bundle" cat "$b" /a -i lead.identity -q
		run -1 "$BIN/picket-bundle" open "$b" -i lead.identity -o opened-bad -q
		[ ! -e opened-bad ]
	done
	for b in forged/good-*.age; do
		"$BIN/picket-bundle" verify "$b" -i lead.identity --json > v.out 2> /dev/null || [ $? -eq 1 ]
		grep -q '"contents":"verified"' v.out || { cat "$b" v.out; return 1; }
		reader "$b" -i lead.identity --list | jq -cS 'del(.via)' > theirs # it joins lists that go on
		"$BIN/picket-bundle" list "$b" -i lead.identity --json -q | jq -cS 'del(.label, .via)' > ours
		cmp theirs ours
	done
	# what the record says of label, type and digest is not what the listing says, and no key is there twice
	"$BIN/picket-bundle" list forged/good-ours.age -i lead.identity --json -q > listed
	python3 - <<-'END'
		import json
		pairs = json.loads(open("listed").read(), object_pairs_hook=list)
		assert len(dict(pairs)) == len(pairs), pairs
		said = dict(pairs)
		assert (said["type"], said["v"], said["leaf"], said["label"], said["x"]) == ("path", 1, 1, None, "\x7f"), said
		assert "sha256" not in said and "stored" not in said and "salt" not in said, said
	END
}

@test "a checkpoint or a record 0 of something else is refused by it and by us" {
	[ "$(ls forged/lie-*.age | wc -l)" -eq 18 ]
	"$BIN/picket-bundle" verify forged/good-signed.age -i lead.identity -q
	for b in forged/lie-*.age; do
		refused "$b"
		run ! "$BIN/picket-bundle" open "$b" -i lead.identity -o opened-lie -q
		[ ! -e opened-lie ]
	done
}

@test "salvage: where the head is lost, a record 0 of another bundle or ticket proves nothing" {
	run -3 "$BIN/picket-bundle" salvage forged/head-good.age -i lead.identity -o head-good -q
	[ "$(wc -l < head-good/records.jsonl)" -eq 2 ]
	for lie in bundle ticket-hash; do
		run --separate-stderr -1 "$BIN/picket-bundle" salvage forged/head-$lie.age -i lead.identity -o head-$lie
		[[ $stderr == *"no signed note covers anything that is left"* ]]
		[ ! -e head-$lie ]
	done
}

@test "a table's rows are counted where its bytes are read" {
	printf '%s\n' '+ live/t-0000.jsonl' 'l,PLACE,"table":"t","rows":2,"member":"data/live/t-0000.jsonl"' > records
	python3 "$TESTS/interop/forge.py" "$(cat lead.recipient)" rows.age < records
	refused rows.age
	grep -q "'data/live/t-0000.jsonl' has 1 lines, and record 1 says otherwise" v.out
	run -1 "$BIN/picket-bundle" open rows.age -i lead.identity -o rows -q
	[ ! -e rows ]
	"$BIN/picket-bundle" list rows.age -i lead.identity -q # does not read them
}

@test "cat reads on for the ranges of what it shows, and for nothing else" {
	printf '%s\n' '+ root/a' 'c,PLACE,"extents":[[0,4]],"logical":9' 'm,"path":"/a","outcome":"taken","c":1' \
		'm,"path":"/b","outcome":"absent"' 'c,"more_of":1,"extents":[[5,4]]' 'u,"action":"override"' > records
	python3 "$TESTS/interop/forge.py" "$(cat lead.recipient)" ranges.age < records
	run -0 "$BIN/picket-bundle" cat ranges.age /a -i lead.identity -q
	[ "$output" = content ]
	refused ranges.age # for its last record
	sed -i 's/5,4/3,4/' records
	python3 "$TESTS/interop/forge.py" "$(cat lead.recipient)" ranges.age < records
	run -1 "$BIN/picket-bundle" cat ranges.age /a -i lead.identity -q
	[[ $output == *"record 4: its extents cannot be"* ]]
}

@test "salvage: a record that cannot be costs itself and its content" {
	printf '%s\n' '= /good' '= /bad' 'm,"path":"/b\u0000","outcome":"absent"' '= /more' 'm,"path":"/last","outcome":"absent"' > records
	python3 "$TESTS/interop/forge.py" "$(cat lead.recipient)" one-bad.age < records
	run --separate-stderr -3 "$BIN/picket-bundle" salvage one-bad.age -i lead.identity -o salvaged
	[[ $output == *"lost  record 5: "*"'path' holds a NUL"* ]]
	[ "$(cat salvaged/root/good salvaged/root/bad salvaged/root/more | sort -u)" = content ]
	[ "$(wc -l < salvaged/records.jsonl)" -eq 8 ]
	run -1 grep 'u0000' salvaged/records.jsonl
	grep -q '"/last"' salvaged/records.jsonl
}

@test "whatever is altered outside is refused by it and by us" {
	beside() { for s in .minisig .ticket .ticket.minisig; do cp "${2:-seal.age}$s" "$1$s"; done; }
	size=$(stat -c %s seal.age)
	for at in 0 200 $((size / 2)) $((size - 1)); do
		cp seal.age a.age
		beside a.age
		flip a.age "$at"
		cmp -s seal.age a.age || refused a.age
	done
	head -c -1 seal.age > a.age
	refused a.age
	{ cat seal.age; printf x; } > a.age
	refused a.age
	# a reader seals again what it could open: signatures and ticket are those of the first
	age -d -i lead.identity seal.age | age -r "$(cat lead.recipient)" > a.age
	refused a.age
	cp seal.age a.age
	beside a.age collect.age
	refused a.age
	beside a.age
	cp collect.age.minisig a.age.minisig
	refused a.age
	beside a.age
	sed -i 's/^uses: .*/uses: many/' a.age.ticket
	refused a.age
	beside a.age
	sed -i '3s/leaves /leaves 1/' a.age.minisig
	refused a.age
	# the issuer is another
	beside a.age
	run -1 reader a.age -i lead.identity --issuer "$(sed -n 2p other.signpub)"
}
