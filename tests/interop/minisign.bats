#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Keys and signatures of ours work with Debian's minisign and age-keygen, and theirs with ours, passphrases included.
bats_require_minimum_version 1.5.0
export LC_ALL=C.UTF-8 # so that \u is UTF-8, wherever it runs

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build} TESTS=$PWD/tests
	export XDG_CONFIG_HOME=$BATS_FILE_TMPDIR/.config
	cd "$BATS_FILE_TMPDIR"
	echo harbor > pass
	"$BIN/picket-key" new open --nation USA -q
	"$BIN/picket-key" new locked --nation USA --signer open --passphrase --passphrase-fd 3 -q 3< pass
	minisign -G -W -p stock.signpub -s stock.signkey > /dev/null
	head -c 300000 /dev/urandom > file
	: > empty
}

setup() {
	cd "$BATS_FILE_TMPDIR"
	rm -f file.minisig # another's is not replaced
}

# minisign asks on its standard input, and wants it to be a terminal
at_terminal() { python3 "$TESTS/interop/answer.py" "$@"; }

@test "our signatures, their check" {
	for f in file empty; do
		"$BIN/picket-key" sign $f --signer open
		minisign -V -p open.signpub -m $f -H
		minisign -V -P "$(sed -n 2p open.signpub)" -m $f
	done
	"$BIN/picket-key" sign file --signer open -t "ünïcode and	tab"
	[ "$(minisign -VQ -p open.signpub -m file)" = "ünïcode and	tab" ]
}

@test "their signatures, our check" {
	for f in file empty; do
		minisign -S -s stock.signkey -m $f -t "their words" > /dev/null
		"$BIN/picket-key" verify $f -p stock.signpub | grep -qx "trusted comment: their words"
	done
}

@test "their signatures with any text as comment, our check" {
	for c in $'\u2708\ufe0f' $'\u2066a\u2069\u200d' $'\u202eabc' $'\u2028' 'a	b'; do
		minisign -S -s stock.signkey -m file -t "$c" > /dev/null
		minisign -V -p stock.signpub -m file
		run --separate-stderr "$BIN/picket-key" verify file -p stock.signpub
		[ "$status" -eq 0 ]
		[[ ${lines[1]} != *[$'\ufe0f\u2066\u2069\u200d\u202e\u2028']* ]]
		"$BIN/picket-key" verify file -p stock.signpub --json | jq -e --arg c "$c" '.valid and .trusted_comment == $c'
	done
	for f in $'\u2708\ufe0f.txt' $'bad \xff'; do
		echo x > "$f"
		"$BIN/picket-key" sign "$f" --signer open
		minisign -V -p open.signpub -m "$f"
	done
}

@test "our keys in their hands, and theirs in ours" {
	minisign -S -s open.signkey -m file > /dev/null
	"$BIN/picket-key" verify file --party open
	rm file.minisig
	"$BIN/picket-key" sign file --signer stock
	minisign -V -p stock.signpub -m file
	minisign -R -f -s open.signkey -p again.pub > /dev/null
	cmp again.pub open.signpub
}

@test "a key that we locked opens for them" {
	at_terminal harbor -- minisign -S -s locked.signkey -m file
	"$BIN/picket-key" verify file --party locked
	run ! at_terminal wrong -- minisign -S -s locked.signkey -m file -x never.minisig
	[ ! -e never.minisig ]
}

@test "a passphrase as long as theirs can be locks our keys, a longer one none" {
	long=$(head -c 1023 /dev/zero | tr '\0' x)
	mkdir long && cd long
	"$BIN/picket-key" new full --nation USA --signer ../open --passphrase --passphrase-fd 3 -q 3<<< "$long"
	echo x > file
	at_terminal "$long" -- minisign -S -s full.signkey -m file
	"$BIN/picket-key" verify file --party full
	run --separate-stderr "$BIN/picket-key" new over --nation USA --passphrase --passphrase-fd 3 3<<< "${long}x"
	[ "$status" -eq 4 ]
	[[ $stderr == *"the passphrase is longer than the 1023 bytes that minisign takes"* ]]
	[ "$(find . -name 'over*' | wc -l)" -eq 0 ]
}

@test "a key that they locked opens for us" {
	at_terminal harbor harbor -- minisign -G -p theirs.signpub -s theirs.signkey
	"$BIN/picket-key" sign file --signer theirs --passphrase-fd 3 3< pass
	minisign -V -p theirs.signpub -m file
	run --separate-stderr "$BIN/picket-key" sign file --signer theirs --passphrase-fd 3 3<<< wrong
	[ "$status" -eq 4 ]
}

@test "legacy signatures are refused" {
	minisign -S -l -s stock.signkey -m file > /dev/null
	minisign -V -p stock.signpub -m file
	run --separate-stderr "$BIN/picket-key" verify file -p stock.signpub
	[ "$status" -eq 1 ]
	[[ $stderr == *"legacy minisign signature"* ]]
}

@test "public key files are read as they read them" {
	"$BIN/picket-key" sign file --signer open
	key=$(sed -n 2p open.signpub)
	for first in 'our team' '' "$key" 'untrusted comment: x'; do
		printf '%s\n%s\nand more\n%s\n' "$first" "$key" "$first" > given.pub
		minisign -V -p given.pub -m file
		"$BIN/picket-key" verify file -p given.pub
		printf '%s\nother\n%s\n' "$first" "$key" > given.pub
		run ! minisign -V -p given.pub -m file
		run ! "$BIN/picket-key" verify file -p given.pub
	done
}

@test "both refuse the same damage" {
	"$BIN/picket-key" sign file --signer open
	for line in 2 3 4; do
		for at in 20 40 60 80; do
			awk -v l=$line -v a=$at 'NR == l { c = substr($0, a, 1); c = c == "A" ? "B" : "A"
				$0 = substr($0, 1, a - 1) c substr($0, a + 1) } { print }' file.minisig > bad
			cmp -s bad file.minisig && continue
			run ! minisign -V -p open.signpub -m file -x bad
			run "$BIN/picket-key" verify file -x bad -p open.signpub
			[ "$status" -eq 1 ]
		done
	done
}

@test "our identities and recipients are age's" {
	[ "$(age-keygen -y open.identity)" = "$(cat open.recipient)" ]
	age -e -r "$(cat open.recipient)" file | age -d -i open.identity | cmp - file
}
