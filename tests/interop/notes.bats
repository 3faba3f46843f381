#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Signed notes, Merkle trees and a bundle's log against Go's golang.org/x/mod, and the tree vectors against their generator. The Go
# cases are skipped without go and golang-golang-x-mod-dev.
bats_require_minimum_version 1.5.0
export LC_ALL=C.UTF-8 # so that \u is UTF-8, wherever it runs

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build} TESTS=$PWD/tests DIR=$BATS_FILE_TMPDIR
	if command -v go > /dev/null && [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb/note ]; then
		GOPATH=/usr/share/gocode GO111MODULE=off GOFLAGS= GOCACHE=$DIR/cache GOTOOLCHAIN=local \
			go build -o "$DIR/notes" "$TESTS/interop/notes/main.go"
	fi
}

needs_go() { [ -x "$DIR/notes" ] || skip "go or golang-golang-x-mod-dev is not there"; }

@test "tree vectors are what their generator writes" {
	python3 "$TESTS/vectors/gen-merkle.py" | cmp - "$TESTS/unit/merkle_vectors.h"
}

@test "the golden table of labels is what its generator writes" {
	python3 "$TESTS/vectors/gen-labels.py" | cmp - "$TESTS/unit/label_golden.h"
}

@test "tree vectors are what Go's tlog makes" {
	needs_go
	"$DIR/notes" vectors "$TESTS/unit/merkle_vectors.h" | cmp - "$TESTS/unit/merkle_vectors.h"
}

@test "note keys of ours sign and open with Go's note" {
	needs_go
	cd "$DIR"
	XDG_CONFIG_HOME=$DIR "$BIN/picket-key" new lead --nation USA -q
	"$DIR/notes" keys lead.notekey lead.notepub
	XDG_CONFIG_HOME=$DIR "$BIN/picket-key" new other --nation USA -q
	run ! "$DIR/notes" keys lead.notekey other.notepub
}

@test "a bundle's checkpoint and record log are what Go makes of them" {
	needs_go
	cd "$DIR"
	export XDG_CONFIG_HOME=$DIR/log
	"$BIN/picket-key" new log --nation USA -q
	mkdir tree
	for i in $(seq 200); do echo "$i" > "tree/$i"; done
	"$BIN/picket-bundle" seal --signer log --to log --mission LOG -o b.age -q tree
	age -d -i log.identity b.age | tar --zstd -x
	key=$(sed -n 's/^note: //p' b.age.ticket)
	"$DIR/notes" log "$key" meta/checkpoint meta/records-*.jsonl
	sed -i '7s/"size"/"sizE"/' meta/records-0000.jsonl
	run ! "$DIR/notes" log "$key" meta/checkpoint meta/records-*.jsonl
	run ! "$DIR/notes" log "$(cat log.notepub)" meta/checkpoint meta/records-*.jsonl
}

@test "a custody log, its proofs and receipts are what Go makes of them" {
	needs_go
	cd "$DIR"
	export XDG_CONFIG_HOME=$DIR/custody
	"$BIN/picket-key" new usa --nation USA -q
	"$BIN/picket-key" new jpn --nation JPN --signer usa -q
	"$BIN/picket-case" init case --party usa -q
	key=$(cat usa.notepub)
	vkey=$(sed -n 's/^cosign: //p' jpn.party)
	"$BIN/picket-case" custody case --checkpoint --signer usa -o old
	for n in $(seq 12); do # every shape of a small tree
		"$BIN/picket-case" custody case --add copy --object "stick $n" --reason test
		rm -f note proven log.jsonl
		"$BIN/picket-case" custody case --checkpoint --signer usa -o note
		"$BIN/picket-case" custody case --checkpoint --signer usa --since old -o proven
		"$BIN/picket-case" custody case --export jsonl -o log.jsonl
		"$DIR/notes" log "$key" note log.jsonl
		"$DIR/notes" continues "$key" old proven
		"$BIN/picket-case" custody case --verify --against old --against note --log log.jsonl -q
	done
	sed '2s/"action"/"Action"/' log.jsonl > bad.jsonl
	run ! "$DIR/notes" log "$key" note bad.jsonl
	awk 'NR == 2 { $0 = (substr($0, 1, 1) == "A" ? "B" : "A") substr($0, 2) } 1' proven > bad
	run ! "$DIR/notes" continues "$key" old bad
	"$BIN/picket-case" init ally --party jpn -q
	"$BIN/picket-case" custody ally --cosign note --signer jpn -o receipt
	"$DIR/notes" cosigned "$vkey" receipt | grep -q '^jpn at 1[0-9]*$'
	"$DIR/notes" log "$key" receipt log.jsonl
	sed '2s/13/12/' receipt > bad
	run ! "$DIR/notes" cosigned "$vkey" bad
	run ! "$DIR/notes" cosigned "$vkey" note
}

@test "notes that Go does not open, ours refuses, and says why" {
	needs_go
	cd "$DIR"
	mkdir damage && cd damage
	export XDG_CONFIG_HOME=$PWD/.config
	"$BIN/picket-key" new usa --nation USA -q
	"$BIN/picket-case" init case --party usa -q
	"$BIN/picket-case" custody case --checkpoint --signer usa -o good
	sig=$(tail -n 1 good | cut -d' ' -f3)
	both() { # opens for both, or for neither and with these words
		if [ -z "$2" ]; then
			"$DIR/notes" opens usa.notepub "$1" || return 1
			run "$BIN/picket-case" custody case --verify --against "$1"
			[ "$status" -eq 0 ] || { echo "$output"; return 1; }
		else
			run ! "$DIR/notes" opens usa.notepub "$1" || return 1
			run "$BIN/picket-case" custody case --verify --against "$1"
			[[ $status -ne 0 && $output == *"$2"* ]] || { echo "$1: $output"; return 1; }
			run "$BIN/picket-case" custody case --receipt "$1"
			[[ $status -eq 1 && $output == *"$2"* ]] || { echo "$1: $output"; return 1; }
		fi
	}
	both good ''
	for space in 0085 00a0 1680 2000 2001 2002 2003 2004 2005 2006 2007 2008 2009 200a 2028 2029 202f 205f 3000 002b; do
		{ cat good; printf '— a\u'"$space"'b %s\n' "$sig"; } > note
		both note "not a signed note: its signature line 2 is malformed"
		{ printf '— \u'"$space"' %s\n' "$sig" | cat good -; } > note
		both note "not a signed note: its signature line 2 is malformed"
	done
	for other in 00e9 200b 2010 202e 2060 3001 feff; do
		{ cat good; printf '— a\u'"$other"'b %s\n' "$sig"; } > note
		both note ''
	done
	head -c -1 good > note
	both note "its last line has no newline"
	{ cat good; echo; } > note
	both note "an empty line is at its end"
	sed 's/^—/--/' good > note
	both note "signature line 1 begins with no em dash (U+2014)"
	sed 's/^—/–/' good > note
	both note "signature line 1 begins with no em dash (U+2014)"
	sed 's/$/\r/' good > note
	both note "it has CR before its line ends"
	{ cat good; echo '— b AAAA'; } > note
	both note "its signature line 2 is malformed"
	{ cat good; for i in $(seq 99); do echo "— a$i $sig"; done; } > full
	both full ''
	{ cat full; echo "— a100 $sig"; } > note
	both note "more than 100 signatures"
}

@test "every proof of a share, and of a share of it, is what Go makes of it" {
	needs_go
	cd "$DIR"
	mkdir shares a b && cd shares
	export XDG_CONFIG_HOME=$PWD/.config
	"$BIN/picket-key" new log --nation USA -q
	mkdir tree
	for i in $(seq 150); do echo "$i" > "tree/$i"; done
	"$BIN/picket-bundle" seal --signer log --to log --mission LOG -o b.age -q tree
	"$BIN/picket-bundle" share b.age -i log.identity --signer log --to log --path '*[13579]' -o s.age -q
	"$BIN/picket-bundle" share s.age -i log.identity --signer log --to log --path '*7' -o t.age -q
	age -d -i log.identity s.age | tar --zstd -x -C ../a
	age -d -i log.identity t.age | tar --zstd -x -C ../b
	[ "$("$DIR/notes" proofs ../a/meta/shares/*/*.tlog-proof)" = "151 proofs" ]
	[ "$("$DIR/notes" proofs ../b/meta/shares/*/*.tlog-proof)" = "31 proofs" ]
	for f in ../b/meta/shares/*/*.tlog-proof; do # another record's
		sed -i "2s/.*/extra $(base64 -w0 < tree/1)/" "$f"
		run ! "$DIR/notes" proofs "$f"
	done
	# the share's own log, as any bundle's
	"$DIR/notes" log "$(sed -n 's/^note: //p' s.age.ticket)" ../a/meta/checkpoint ../a/meta/records-*.jsonl
}
