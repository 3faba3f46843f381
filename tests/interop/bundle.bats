#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A bundle opens without Picket: stock minisign, age, tar, bsdtar, zstd, sha256sum, jq and Go's note and tlog.
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build} TESTS=$PWD/tests
	export XDG_CONFIG_HOME=$BATS_FILE_TMPDIR/.config
	cd "$BATS_FILE_TMPDIR"
	"$BIN/picket-key" new lead --org CPT-7 --nation USA -q
	mkdir -p tree/sub
	for i in $(seq 40); do head -c $((i * 30000)) /dev/urandom > tree/sub/r$i; done
	for i in $(seq 300); do seq $i $((i * 20)) > tree/t$i; done
	: > tree/empty
	head -c 4194304 /dev/zero > tree/zero4
	deep=tree/$(printf 'd%.0s' {1..60})/$(printf 'e%.0s' {1..90})
	mkdir -p "$deep" && echo deep > "$deep/$(printf 'f%.0s' {1..120})"
	printf 'x' > tree/$'odd \xff\n name'
	"$BIN/picket-bundle" seal --to lead --signer lead --mission H -o b.age tree -q
}

setup() { cd "$BATS_FILE_TMPDIR"; }

silent() { # a command that says nothing on standard error
	run --separate-stderr "$@"
	[ "$status" -eq 0 ] && [ -z "$stderr" ] || { echo "exit $status: $stderr"; return 1; }
}

@test "stock recovery: minisign, age, tar, sha256sum, nothing on standard error" {
	sign=$(sed -n 's/^sign: //p' b.age.ticket)
	silent minisign -V -P "$(sed -n 2p lead.signpub)" -m b.age.ticket
	silent minisign -V -P "$sign" -m b.age
	mkdir x
	silent bash -c 'set -o pipefail; age -d -i lead.identity b.age | tar --zstd -x -C x'
	cd x
	silent sha256sum -c --quiet manifest-sha256.txt
	silent sha256sum -c --quiet tagmanifest-sha256.txt
	cmp meta/ticket.txt ../b.age.ticket
	cmp meta/ticket.txt.minisig ../b.age.ticket.minisig
	[ "$(sha256sum < meta/terms.txt | cut -c1-64)" = "$(sed -n 's/^terms-sha256: //p' meta/ticket.txt)" ]
	diff -r ../tree/sub "data/root$BATS_FILE_TMPDIR/tree/sub"
	[ -z "$(find . -type f ! -perm 0600)" ]
	[ -z "$(find . ! -type f ! -type d)" ]
}

@test "BagIt: every file is in exactly one manifest or is a late tag file" {
	[ "$(cat x/bagit.txt)" = $'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8' ]
	(cd x && find data -type f | LC_ALL=C sort) > have
	cut -c67- x/manifest-sha256.txt | LC_ALL=C sort > listed
	cmp have listed
	[ -z "$(LC_ALL=C sort listed | uniq -d)" ]
	(cd x && find . -type f ! -path './data/*' | sed 's,^\./,,' | LC_ALL=C sort) > have
	{ cut -c67- x/tagmanifest-sha256.txt; printf '%s\n' tagmanifest-sha256.txt meta/index.jsonl meta/checkpoint meta/end.json; } |
		LC_ALL=C sort > listed
	cmp have listed
	LC_ALL=C run -1 grep '[^A-Za-z0-9._+@,:~/= -]' x/manifest-sha256.txt
}

@test "stock tools check a bundle without any content, too" {
	"$BIN/picket-bundle" share b.age -i lead.identity --signer lead --to lead --path '*' --no-content -o none.age -q
	mkdir none
	silent bash -c 'set -o pipefail; age -d -i lead.identity none.age | tar --zstd -x -C none'
	cd none
	[ ! -s manifest-sha256.txt ]
	[ ! -e data ]
	command=$(sed -n '/^## 11/,/^## 12/s/^    \(.*sha256sum -c.*\)/\1/p' "$TESTS/../docs/bundle-format.md")
	for d in . ../x; do
		silent bash -c "set -o pipefail; cd $d; $command"
		[ "$(wc -l <<< "$output")" -eq "$(cat "$d"/*manifest-sha256.txt | wc -l)" ]
	done
	echo x >> bag-info.txt
	run ! bash -c "$command"
}

@test "bsdtar reads the same tree" {
	mkdir y
	silent bash -c 'set -o pipefail; age -d -i lead.identity b.age | bsdtar -x -f - -C y'
	diff -r x y
}

@test "zstd lists and tests the frames" {
	age -d -i lead.identity b.age > p.zst
	silent zstd -tq p.zst
	zstd -l p.zst > l
	read -r frames skips _ < <(tail -n 1 l)
	[ "$frames" -gt 8 ]
	[ "$skips" -eq 1 ]
	grep -q XXH64 l
	# the footer of the seekable format: frames, no checksums, magic
	[ "$(tail -c 4 p.zst | od -An -tx1 | tr -d ' ')" = b1ea928f ]
	[ "$(tail -c 9 p.zst | head -c 4 | od -An -tu4 | tr -d ' ')" = $((frames - skips)) ]
}

@test "every record line is JSON and says which it is" {
	cat x/meta/records-*.jsonl > all
	jq -s -e 'to_entries | all(.key == .value.i and (.value.salt | test("^[0-9a-f]{32}$")))' all > /dev/null
	[ "$(jq -r .salt all | sort | uniq -d | wc -l)" -eq 0 ]
	jq -s -e '.[0] | .t == "b" and .v == 1 and .signed and .part == 1' all > /dev/null
}

@test "the tree and the notes verify with python's hashlib alone" {
	command -v python3 > /dev/null || skip "no python3"
	python3 "$TESTS/interop/bundle_tree.py" x
}

@test "sizes over 8 GiB open with tar and bsdtar" {
	[ -n "$PICKET_SLOW" ] || skip "set PICKET_SLOW=1: writes 9 GiB of zeros through the sealer"
	truncate -s 9G huge && printf x >> huge && fallocate -l 9663676417 huge
	"$BIN/picket-bundle" seal --to lead --signer lead -o huge.age huge -q
	silent bash -c 'set -o pipefail; age -d -i lead.identity huge.age | tar --zstd -t'
	silent bash -c 'set -o pipefail; age -d -i lead.identity huge.age | bsdtar -t -f -'
}
