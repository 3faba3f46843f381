#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The attack table, row by row, by somebody who holds a recipient's public key, a used ticket, root on the collecting host (the
# ticket's keys), or an ally's identity; and the import table: each verdict with its message, its place and its custody line.
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	export BIN=${BIN:-$PWD/build}
	umask 022
	cd "$BATS_FILE_TMPDIR" || return
	mkdir lead jpn mallory
	(cd lead && XDG_CONFIG_HOME=$PWD/c "$BIN/picket-key" new lead --org CPT-7 --nation USA -q)
	(cd jpn && XDG_CONFIG_HOME=$PWD/c "$BIN/picket-key" new jpn --nation JPN -q)
	(cd mallory && XDG_CONFIG_HOME=$PWD/c "$BIN/picket-key" new mallory --nation USA -q)
	export XDG_CONFIG_HOME=$PWD/lead/c
	"$BIN/picket-key" roster add jpn/jpn.party --signer lead/lead.signkey -qy
	mkdir -p tree/etc && echo 'root:x:0:0' > tree/etc/passwd
	head -c 300000 /dev/urandom > tree/blob
	mkdir other && echo planted > other/planted
	for t in visit second; do
		"$BIN/picket-key" ticket --signer lead/lead.signkey --to lead --to jpn --mission HARBOR --tlp AMBER --rel-to USA,JPN -o $t -q
	done
	"$BIN/picket-key" ticket --signer lead/lead.signkey --to lead --to jpn --mission HARBOR --tlp AMBER --rel-to USA,JPN --uses many -o many -q
	"$BIN/picket-key" ticket --signer lead/lead.signkey --to lead --mission OLD --not-before 2020-01-01 --valid 1d -o old -q
	seal visit a.age tree
}

seal() { # TICKET BUNDLE PATH [OPTION...]
	"$BIN/picket-bundle" seal --to lead --to jpn --ticket "$1" -o "$2" "$3" -q "${@:4}"
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
	mkdir "$BATS_TEST_TMPDIR/w"
	cp a.age* visit.* second.* many.* old.* "$BATS_TEST_TMPDIR/w"
	cp -r lead jpn mallory tree other "$BATS_TEST_TMPDIR/w"
	cd "$BATS_TEST_TMPDIR/w" || return
	export XDG_CONFIG_HOME=$PWD/lead/c
	"$BIN/picket-case" init case --party lead -q
}

case_() { run --separate-stderr "$BIN/picket-case" "$@"; }
import() { case_ import case "$@" -i lead/lead.identity; }
is() { # exit code, then a piece of standard error
	[ "$status" -eq "$1" ] || { echo "exit $status: $stderr"; return 1; }
	[[ $stderr == *"$2"* ]] || { echo "message: $stderr"; return 1; }
}
copy() { # FROM TO: a bundle and what is beside it
	for s in '' .minisig .ticket .ticket.minisig; do [ ! -e "$1$s" ] || cp "$1$s" "$2$s"; done
}
sign() { # FILE TICKET COMMENT: with a ticket's stolen key, by stock minisign
	command -v minisign > /dev/null || skip "no minisign"
	minisign -S -s "$2.signkey" -m "$1" -t "$3" > /dev/null
	cp "$2.ticket" "$1.ticket"; cp "$2.ticket.minisig" "$1.ticket.minisig"
}
comment() { sed -n 's/^trusted comment: //p' "$1.minisig"; }
custody_count() { "$BIN/picket-case" custody case --export jsonl | wc -l; }
# quarantined VERDICT: the last import was judged so: exit 1, kept, listed, not merged, on record; and again is nothing new.
quarantined() {
	[ "$status" -eq 1 ] && [[ $stderr == *": $1: "* || $stderr == *"ALARM: $1: "* ]] || { echo "exit $status: $stderr"; return 1; }
	[[ $stderr == *"(kept as quarantine/"*".age, not merged)"* ]]
	local place; place=$(sed -n 's/.*(kept as \(quarantine[^,]*\), not merged).*/\1/p' <<<"$stderr" | head -1)
	[ -s "case/$place" ]
	"$BIN/picket-case" bundles case --json | jq -se --arg p "$place" --arg v "$1" \
		'[.[] | select(.place == $p)] | length == 1 and .[0].verdict == $v and .[0].state == "quarantined"' > /dev/null
	"$BIN/picket-case" custody case --json | jq -se --arg v "$1" \
		'[.[] | select(.action == "quarantine")] | last | .line.verdict == $v and (.line.reason | length > 9)' > /dev/null
	"$BIN/picket-case" check case -q
}

@test "an issuer's signature under another's ticket takes nothing over" {
	command -v minisign > /dev/null || skip "no minisign"
	"$BIN/picket-key" roster add mallory/mallory.party --signer lead/lead.signkey -qy
	copy a.age b.age
	rm b.age.ticket.minisig
	minisign -S -s mallory/mallory.signkey -m b.age.ticket -t x > /dev/null
	run -1 "$BIN/picket-bundle" verify b.age -i lead/lead.identity
	[[ $output == *"signature  altered: the ticket is signed by another key than its issuer's"* ]]
	import b.age; quarantined altered; is 1 "signed by another key than its issuer's"
	# the issuer's own, with another comment: it is not the one that is sealed
	cp a.age.ticket b.age.ticket
	rm b.age.ticket.minisig
	minisign -S -s lead/lead.signkey -m b.age.ticket -t 'another comment' > /dev/null
	run -1 "$BIN/picket-bundle" verify b.age -i lead/lead.identity
	[[ $output == *"the ticket's signature beside the bundle is not the one inside"* ]]
	import b.age; quarantined altered
	# what anybody may write is no difference
	sed '1s/.*/untrusted comment: hello/' a.age.ticket.minisig > b.age.ticket.minisig
	import b.age; is 0 "imported"
}

@test "what is handed on although its ticket has expired is said to be so" {
	"$BIN/picket-key" ticket --signer lead/lead.signkey --to lead --mission PAST --tlp AMBER --rel-to USA,JPN --not-before 2020-01-01 --valid 1d -o past -q
	"$BIN/picket-bundle" seal --to lead --ticket past -o p.age tree -q
	run -0 --separate-stderr "$BIN/picket-bundle" share p.age -i lead/lead.identity --signer lead/lead.signkey --to jpn --path '*' -o s.age
	[[ $stderr == *"warning: 'p.age': expired: the ticket was valid until 2020-01-02"* ]]
	import p.age --accept "the clock was wrong"; is 0 "accepted: expired"
	case_ share case -i lead/lead.identity --signer lead/lead.signkey --to jpn --path '*' -o t.age
	is 0 "'p.age' was expired when it came in, and is in the case by a person's word (the clock was wrong): say so to whom it goes"
}

@test "cut: refused with the way out; what signed notes cover is salvaged, marked INCOMPLETE" {
	for i in 1 2 3; do head -c 9000000 /dev/urandom > "tree/big$i"; done
	seal second big.age tree
	copy big.age cut.age
	truncate -s -3000 cut.age
	import cut.age; quarantined altered; is 1 "--salvage takes what its signed notes cover"
	case_ files case; is 0 "nothing to show"
	import cut.age --salvage; is 0 "INCOMPLETE"
	[[ $("$BIN/picket-case" bundles case) == *INCOMPLETE* ]]
	[ "$("$BIN/picket-case" custody case --json | jq -r 'select(.action == "salvage").line.verdict')" = altered ]
	import big.age; is 0 "imported"
	[[ $("$BIN/picket-case" bundles case) != *INCOMPLETE* ]]
	# too short for a single note
	copy big.age stub.age; truncate -s 5000 stub.age
	import stub.age --salvage; is 1 "refused"
	case_ check case; is 0 "sound"
}

@test "forge with a recipient's public key: never taken in by itself" {
	"$BIN/picket-bundle" seal --to lead/lead.recipient --unsigned -o forged.age other -q
	import forged.age; quarantined unsigned
	# under a ticket of the forger's own
	(cd mallory && XDG_CONFIG_HOME=$PWD/c "$BIN/picket-bundle" seal --to mallory --signer mallory -o ../mine.age ../other -q)
	import mine.age; quarantined "unknown issuer"
	# with the sidecars of a real one
	cp a.age.minisig forged.age.minisig; cp a.age.ticket forged.age.ticket; cp a.age.ticket.minisig forged.age.ticket.minisig
	import forged.age; quarantined altered
	# a person answers, and the log says who and why
	import forged.age --accept "made by our own instructor" --author ann; is 1 ""
	"$BIN/picket-bundle" seal --to lead/lead.recipient --unsigned -o f2.age other -q
	import f2.age --accept "made by our own instructor" --author ann; is 0 "accepted: unsigned"
	[ "$("$BIN/picket-case" custody case --json | jq -r 'select(.action == "release").line | .actor + ": " + .reason')" = \
		"ann: made by our own instructor" ]
	[[ $("$BIN/picket-case" bundles case) == *"quarantined, accepted, unsigned"* ]]
}

@test "strip or swap the signature, the ticket, the comment" {
	copy a.age s.age; rm s.age.minisig
	import s.age; quarantined unsigned
	copy a.age t.age; rm t.age.ticket
	import t.age; quarantined unsigned
	copy a.age u.age; rm u.age.ticket.minisig
	import u.age; is 1 ""
	# another bundle's signature, under the same ticket
	seal many m1.age tree; seal many m2.age other
	cp m1.age.minisig m2.age.minisig
	import m2.age; quarantined altered
	# signed again under another ticket that was stolen: the one inside tells
	cp a.age w.age; sign w.age second "$(comment a.age | sed "s/ticket [0-9a-f]*/ticket $(sed -n 's/^id: //p' second.ticket)/")"
	import w.age; quarantined altered
	# the comment's root, or its bundle id, is another than inside
	cp a.age x.age; sign x.age visit "$(comment a.age | sed 's/root 0*[0-9a-f]/root f/; s/root f/root 0/')"
	[ "$(comment x.age)" != "$(comment a.age)" ] || sign x.age visit "$(comment a.age | sed 's/root ./root 1/')"
	import x.age; quarantined altered
	cp a.age y.age; sign y.age visit "nothing to see here"
	import y.age; quarantined altered
	[ "$("$BIN/picket-case" bundles case --json | jq -r .state | sort | uniq -c | xargs)" = "2 quarantined" ] # the same bytes are one file, whatever lies beside them
	case_ files case; is 0 "nothing to show"
}

@test "replay: the same again is nothing, a second bundle of a used ticket is an alarm, both are kept" {
	import a.age; is 0 "imported"
	before=$(custody_count)
	copy a.age renamed.age
	import a.age renamed.age; is 0 "in the case already"
	[ "$(custody_count)" -eq "$before" ]
	# root on the host kept the ticket's keys
	seal visit later.age other
	import later.age; quarantined replayed; is 1 "ALARM: replayed: its ticket is for one use and was used by bundle"
	case_ import case later.age -i lead/lead.identity --json
	[ "$(jq -r '.verdict, .alarm' <<<"$output" | xargs)" = "replayed true" ]
	before=$(custody_count)
	import later.age; is 1 "replayed"
	[ "$(custody_count)" -eq "$before" ]
	import later.age --accept "two visits, one ticket, by order"; is 0 "accepted: replayed"
	# expired and a replay: one reason does not hide the other
	seal old o1.age tree --to lead 2> /dev/null || "$BIN/picket-bundle" seal --to lead --ticket old -o o1.age tree -q
	"$BIN/picket-bundle" seal --to lead --ticket old -o o2.age other -q
	import o1.age; quarantined expired
	import o1.age --accept "the clock was wrong"; is 0 "accepted: expired"
	import o2.age --accept "the clock was wrong"; is 0 "accepted: expired"
	case_ bundles case --json
	[ "$(jq -r 'select(.accepted == "the clock was wrong").verdict' <<<"$output" | xargs)" = "expired expired" ]
	[ "$(sqlite3 case/case.db "SELECT count(*) FROM intake WHERE why LIKE '%not-after%one use%' OR why LIKE '%one use%' AND verdict = 'expired'")" -eq 1 ]
}

@test "parts of one collection are one use, in any order; a fork of it is a replay" {
	seal visit p2.age other --part-of a.age
	mkdir third && echo 3 > third/f
	seal visit p3.age third --part-of a.age --part-of p2.age
	[ "$("$BIN/picket-bundle" list p3.age -i lead/lead.identity --json | head -1 | wc -l)" -eq 1 ]
	import p3.age a.age p2.age; is 0 "imported"
	[ "$("$BIN/picket-case" bundles case --json | jq -r .part | sort | xargs)" = "1 2 3" ]
	case_ check case; is 0 "3 bundles"
	# alone it waits, and says for what
	"$BIN/picket-case" init two --party lead -q
	case_ import two a.age -i lead/lead.identity; is 0 ""
	case_ import two p3.age -i lead/lead.identity; is 1 "waiting: part 3 of a collection whose part 2, bundle"
	[[ $stderr != *ALARM* ]]
	# a damaged row of what waits keeps nothing else out
	cp -r two three
	sqlite3 three/case.db "PRAGMA ignore_check_constraints = 1; DROP TRIGGER intake_update; UPDATE intake SET digest = x'00' WHERE verdict = 'waiting'"
	case_ import three p2.age -i lead/lead.identity; is 0 "keeps waiting in quarantine: the case's row of it is damaged"
	case_ import two p2.age p3.age -i lead/lead.identity; is 0 ""
	# whoever holds the ticket's keys makes another second part, and another third
	seal visit fork2.age third --part-of a.age
	import fork2.age; quarantined replayed; is 1 "does not continue into this one, which says it is part 2"
	seal visit fork3.age other --part-of a.age --part-of fork2.age
	import fork3.age; quarantined replayed
	case_ check case; is 0 "2 in quarantine"
	# usage
	run -2 --separate-stderr seal visit q.age third --part-of p2.age --part-of p2.age; [[ $stderr == *"is named twice"* ]]
	run -2 --separate-stderr seal second q.age third --part-of a.age; [[ $stderr == *"sealed under another ticket"* ]]
	copy a.age bad.age; printf x >> bad.age
	run -2 --separate-stderr seal visit q.age third --part-of bad.age; [[ $stderr == *"is no part to go on from"* ]]
	run -2 --separate-stderr "$BIN/picket-bundle" seal --to lead --unsigned -o q.age third --part-of a.age
	[[ $stderr == *"--part-of goes with --ticket"* ]]
	[ ! -e q.age ]
}

# parts N: p1.age to pN.age, one collection
parts() {
	local n before=()
	for ((n = 1; n <= $1; n++)); do
		mkdir -p "part$n" && head -c "${n}000" /dev/urandom > "part$n/f$n" && echo "$n" > "part$n/g"
		seal visit "p$n.age" "part$n" "${before[@]}"
		before+=(--part-of "p$n.age")
	done
}
# orders N: all orders of 1 to N, one a line
orders() { python3 -c 'import itertools, sys; [print(*o) for o in itertools.permutations(range(1, int(sys.argv[1]) + 1))]' "$1"; }
# rows CASE: what listings say, without when it came in; what there is in quarantine among them
rows() {
	for list in hosts bundles files live timeline; do "$BIN/picket-case" $list "$1" --json; done |
		jq -cS 'del(.imported, .first_intake)' | sort
}
# lines CASE: the custody lines about files, without their order
lines() { "$BIN/picket-case" custody "$1" --export jsonl | jq -r 'select(.object | startswith("blake2b")) | [.action, .object, .verdict, .source] | @tsv' | sort; }

in_order() { # N: what the parts make in their order: "want", and its custody lines: "lines"
	rm -rf right && "$BIN/picket-case" init right --name c --party lead -q
	for ((k = 1; k <= $1; k++)); do "$BIN/picket-case" import right "p$k.age" -i lead/lead.identity -q; done
	rows right > want
	lines right > lines
}

@test "parts in any order on one command line: the same rows, the same custody lines, not a word" {
	parts 4
	for n in 3 4; do
		in_order $n
		[ "$(grep -c '"type":"bundle"' want)" -eq "$n" ]
		orders $n > orders
		while read -r order; do
			rm -rf c && "$BIN/picket-case" init c --party lead -q
			# shellcheck disable=SC2086
			run --separate-stderr "$BIN/picket-case" import c $(printf 'p%d.age ' $order) -i lead/lead.identity -q
			[ "$status" -eq 0 ] && [ -z "$stderr" ] || { echo "order $order: exit $status: $stderr"; return 1; }
			rows c | diff - want || { echo "order $order"; return 1; }
			lines c | diff - lines || { echo "order $order"; return 1; }
			"$BIN/picket-case" check c -q && [ -z "$(ls c/quarantine)" ] || { echo "order $order"; return 1; }
		done < orders
	done
}

@test "parts in any order, one by one: what waits is taken in with the part that it waits for" {
	parts 4
	for n in 3 4; do
		in_order $n
		orders $n > orders
		while read -r order; do
			rm -rf c && "$BIN/picket-case" init c --party lead -q
			waited=0
			for p in $order; do
				case_ import c "p$p.age" -i lead/lead.identity
				[[ $stderr != *ALARM* && $stderr != *replayed* && $stderr != *"part 0"* ]] || { echo "order $order: $stderr"; return 1; }
				if [ "$status" -eq 1 ]; then
					[[ $stderr == *"p$p.age: waiting: part $p of a collection whose part"*" not in the case"* ]] || { echo "order $order: $stderr"; return 1; }
					waited=$((waited + 1))
				else
					is 0 "p$p.age: imported" || { echo "order $order"; return 1; }
				fi
			done
			"$BIN/picket-case" check c -q || { echo "order $order"; return 1; }
			rows c | diff - want || { echo "order $order"; return 1; }
			lines c > got
			grep -v "^quarantine" got | diff - lines || { echo "order $order"; return 1; }
			[ "$(grep -c "^quarantine.*waiting" got || true)" -eq "$waited" ] || { echo "order $order"; return 1; }
			[ -z "$(ls c/quarantine)" ] || { echo "order $order"; return 1; }
		done < orders
	done
}

@test "a part that waits says for which, in words, JSON and listings; naming it again is nothing new" {
	parts 5
	id() { comment "$1" | sed 's/^picket bundle \(.\{8\}\).*/\1/'; }
	import p5.age; is 0 "imported"
	import p1.age; quarantined waiting; is 1 "part 1 of a collection whose parts 2 to 4 (4 is bundle $(id p4.age)) are not in the case"
	import p3.age; quarantined waiting; is 1 "part 3 of a collection whose part 4, bundle $(id p4.age), is not in the case"
	before=$(custody_count)
	case_ import case p3.age -i lead/lead.identity --json; is 1 "waiting"
	[ "$(jq -r '.state, .verdict, .alarm, .waited' <<<"$output" | xargs)" = "quarantined waiting false false" ]
	[ "$(custody_count)" -eq "$before" ]
	"$BIN/picket-case" report case -o report.html -q
	grep -q 'part of a collection waits for another part\|parts of collections wait for others' report.html
	run ! grep -q 'raised an alarm' report.html
	# the reason in the listing follows what is there
	case_ import case p4.age -i lead/lead.identity --json; is 0 "p3.age: imported from host "
	is 0 "it had waited in quarantine"
	[ "$(jq -r '.state, .waited' <<<"$output" | xargs)" = "imported false imported true" ]
	[ "$("$BIN/picket-case" bundles case --json | jq -r 'select(.verdict == "waiting").why')" = \
		"part 1 of a collection whose part 2, bundle $(id p2.age), is not in the case: it is taken in with that" ]
	import p2.age; is 0 "p1.age: imported from host "
	[ "$("$BIN/picket-case" custody case --json | jq -r 'select(.action == "import").line.source' | xargs)" = "p5.age p4.age p3.age p2.age p1.age" ]
	case_ check case; is 0 "5 bundles of 1 hosts, 0 in quarantine"
	# a person may take it in before its time, and the log says so
	"$BIN/picket-case" init two --party lead -q
	case_ import two p1.age -i lead/lead.identity; is 0
	case_ import two p3.age --accept "part 2 is lost" -i lead/lead.identity; is 0 "accepted: waiting"
	case_ check two; is 0
}

@test "waiting hides no replay: what does not fit when the missing part comes is an alarm" {
	parts 3
	seal visit fork2.age other --part-of p1.age
	seal visit fork3.age other --part-of p1.age --part-of fork2.age
	seal visit alone.age other
	import p1.age; is 0
	import alone.age; quarantined replayed; is 1 ALARM
	import fork3.age; quarantined waiting
	import p3.age; quarantined waiting
	# the reason that is given for one file is not given for those that wait
	import p2.age --accept "by order"
	is 1 "fork3.age: ALARM: replayed: its ticket is for one use; bundle"
	[[ $stderr == *"p2.age: imported"* && $stderr == *"p3.age: imported"* ]]
	[ "$("$BIN/picket-case" bundles case --json | jq -r 'select(.state == "quarantined").verdict' | xargs)" = "replayed replayed" ]
	[ "$("$BIN/picket-case" custody case --json | jq -r 'select(.line.source == "fork3.age") | .action + " " + (.line.verdict // "")' | xargs)" = \
		"receive quarantine waiting quarantine replayed" ]
	case_ check case; is 0 "2 in quarantine"
	# a first part that came before: which of the two is meant is known when the second is there
	"$BIN/picket-case" init two --party lead -q
	case_ import two p3.age alone.age -i lead/lead.identity; is 1 "alone.age: waiting: "
	case_ import two p1.age -i lead/lead.identity; is 1 "p1.age: waiting: "
	case_ import two p2.age -i lead/lead.identity; is 1 "alone.age: ALARM: replayed: "
	[[ $stderr == *"p1.age: imported"* ]]
	[ "$("$BIN/picket-case" bundles two --json | jq -r .part | sort | xargs)" = "1 2 3 null" ]
}

@test "a share of a part tells a replay as the part does, and waits as it does" {
	parts 3
	seal visit fork2.age other --part-of p1.age
	seal visit fork3.age other --part-of p1.age --part-of fork2.age
	seal visit next.age other --part-of p2.age # which says it is part 2, like p2.age
	for n in p1 p2 p3 fork3; do
		"$BIN/picket-bundle" share $n.age -i lead/lead.identity --signer lead/lead.signkey --to lead --path '*' -o s-$n.age -q
	done
	import s-p2.age next.age; is 1 "next.age: ALARM: replayed: its ticket is for one use"
	import s-p1.age p1.age p2.age; is 0 ""
	case_ check case; is 0 "1 in quarantine"
	"$BIN/picket-case" init two --party lead -q
	case_ import two p1.age -i lead/lead.identity; is 0 ""
	case_ import two s-fork3.age s-p3.age -i lead/lead.identity; is 1 "s-fork3.age: waiting: part of bundle"
	is 1 "s-p3.age: waiting: part of bundle"
	[[ $stderr != *ALARM* ]]
	case_ import two p2.age -i lead/lead.identity; is 1 "s-fork3.age: ALARM: replayed: part of bundle"
	is 1 "s-p3.age: imported a share from lead"
	[ "$("$BIN/picket-case" bundles two --json | jq -r '.part' | sort | xargs)" = "1 2 3 null" ]
	case_ check two; is 0 "1 in quarantine"
	# what waits and cannot be opened waits on; a share that was changed where it waits is not taken in
	"$BIN/picket-case" init three --party lead -q
	case_ import three p1.age s-p3.age -i lead/lead.identity; is 1 "waiting"
	case_ import three s-p2.age -i lead/lead.identity; is 0 "s-p3.age: imported"
	"$BIN/picket-case" init four --party lead -q
	case_ import four p1.age s-p3.age -i lead/lead.identity; is 1 "waiting"
	case_ import four p1.age; is 0 "s-p3.age keeps waiting in quarantine: no identity was given"
	printf x >> "four/$("$BIN/picket-case" bundles four --json | jq -r 'select(.verdict == "waiting").place')"
	case_ import four p2.age -i lead/lead.identity; is 3 "was changed since it came in"
}

@test "what waits is taken in with the identities of that import, and as the file that came" {
	parts 3
	import p3.age; is 0
	import p1.age; quarantined waiting
	# nobody can look into it: it waits
	case_ import case p3.age; is 0 "p1.age keeps waiting in quarantine: no identity was given"
	case_ import case p3.age -i mallory/mallory.identity; is 0 "p1.age keeps waiting in quarantine: none of the identities opens it"
	import p3.age; is 0 "in the case already"
	[[ $stderr != *p1.age* ]]
	# changed where it waits: found, and not taken in
	kept=case/$("$BIN/picket-case" bundles case --json | jq -r 'select(.verdict == "waiting").place')
	cp "$kept" sound && printf x >> "$kept"
	import p2.age; is 3 "was changed since it came in"
	case_ check case; is 1 ""
	# nor is an import lost that ended in between: the next one of the part that it waited for goes on
	cp sound "$kept"
	case_ import case p2.age -i jpn/jpn.identity; is 0 "p1.age: imported"
	case_ check case; is 0 "3 bundles of 1 hosts, 0 in quarantine"
	# the same records came in another file first, which a rewrap is: it waits no longer, and is asked no more
	"$BIN/picket-case" init two --party lead -q
	"$BIN/picket-key" new ally --nation USA --signer lead/lead.signkey -q
	run "$BIN/picket-bundle" rewrap p1.age -o again.age -i lead/lead.identity --to ally --signer lead/lead.signkey -q
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
	case_ import two p3.age p1.age -i lead/lead.identity; is 1 "p1.age: waiting: "
	case_ import two again.age -i lead/lead.identity; is 1 "again.age: waiting: "
	case_ import two p2.age -i lead/lead.identity; is 0 "p1.age: imported"
	is 0 "again.age: its records are in the case already"
	[ "$("$BIN/picket-case" bundles two --json | jq -r '.state // "taken"' | sort | xargs)" = "superseded taken taken taken" ]
	case_ check two; is 0 "0 in quarantine"
	case_ import two again.age p2.age -i lead/lead.identity; is 0 "again.age: this file is in the case already"
	[ "$("$BIN/picket-case" custody two --json | jq -r 'select(.action == "rewrap").line.seq' | wc -l)" -eq 1 ]
}

@test "steal the ticket's key by root: that ticket and window only, and it opens nothing" {
	# what it forges is taken in as what it is: made under that ticket; a receipt at intake fixes which one counts
	seal visit forged.age other
	import forged.age; is 0 "(ticketed)"
	import a.age; quarantined replayed
	# other readers, another label, longer validity: the issuer signed what they are
	run -2 --separate-stderr "$BIN/picket-bundle" seal --to lead --to mallory/mallory.recipient --ticket visit -o q.age other
	sed -i 's/AMBER/CLEAR/' visit.terms
	run ! "$BIN/picket-bundle" seal --to lead --to jpn --ticket visit -o q.age other
	sed -i 's/CLEAR/AMBER/; s/^not-after: .*/not-after: 2039-01-01T00:00:00Z/' visit.ticket
	run ! "$BIN/picket-bundle" seal --to lead --to jpn --ticket visit -o q.age other
	cp visit.ticket a.age.ticket
	"$BIN/picket-case" init fresh --party lead -q
	case_ import fresh a.age -i lead/lead.identity; is 1 "altered"
	# the key signs, and opens nothing
	for key in second.signkey second.notekey; do
		run ! "$BIN/picket-bundle" decrypt -i $key a.age
	done
	# outside its window, and once it is revoked
	"$BIN/picket-bundle" seal --to lead --ticket old -o late.age other -q
	import late.age; quarantined expired
	seal second s.age other
	"$BIN/picket-key" roster revoke second.ticket --signer lead/lead.signkey -q
	import s.age; quarantined revoked
	"$BIN/picket-key" roster change lead --signer lead/lead.signkey --issuer no -q
	seal many n.age other 2> /dev/null
	import n.age; quarantined "unknown issuer"
}

@test "an ally who can open it alters it, or says it is theirs" {
	command -v age > /dev/null || skip "no age"
	age -d -i jpn/jpn.identity a.age > payload
	# the same readers, the same payload: only the collector's signature says that this is not the sealed file
	age -R lead/lead.recipient -R jpn/jpn.recipient -o again.age payload
	for s in minisig ticket ticket.minisig; do cp a.age.$s again.age.$s; done
	import again.age; quarantined altered
	# a changed payload
	mkdir x && tar --zstd -xf payload -C x && echo more >> x/data/root/*/etc/passwd 2> /dev/null || find x -name passwd -exec sh -c 'echo more >> "$1"' - {} \;
	tar --zstd -cf payload2 -C x .
	age -R lead/lead.recipient -o changed.age payload2
	for s in minisig ticket ticket.minisig; do cp a.age.$s changed.age.$s; done
	import changed.age; quarantined altered
	# under the ally's own ticket it is the ally's, and says so
	XDG_CONFIG_HOME=$PWD/jpn/c "$BIN/picket-key" roster add lead/lead.party --signer jpn/jpn.signkey -qy
	XDG_CONFIG_HOME=$PWD/jpn/c "$BIN/picket-bundle" seal --to lead --to jpn --signer jpn/jpn.signkey --tlp AMBER --rel-to USA,JPN \
		-o theirs.age tree -q
	import theirs.age; is 0 "imported"
	[ "$("$BIN/picket-case" bundles case --json | jq -r 'select(.state != "quarantined").issuer')" = jpn ]
}

@test "give two readers different contents under one name: one of them cannot open it" {
	echo one > one; echo two > two
	"$BIN/picket-bundle" encrypt -R lead/lead.recipient -o one.age one
	"$BIN/picket-bundle" encrypt -R jpn/jpn.recipient -o two.age two
	python3 - <<-'P'
		one, two = (open(f, "rb").read() for f in ("one.age", "two.age"))
		def parts(b):
		    lines = b.split(b"\n")
		    return b"\n".join(lines[1:3]) + b"\n", b[b.index(b"\n--- ") + 1:]
		s1, rest = parts(one)
		s2, _ = parts(two)
		open("both.age", "wb").write(b"age-encryption.org/v1\n" + s1 + s2 + rest)
		# and with the MAC of the first header kept fitting for nobody, the header as it was opens for one only
	P
	run -12 "$BIN/picket-bundle" decrypt -i lead/lead.identity both.age
	run -12 "$BIN/picket-bundle" decrypt -i jpn/jpn.identity both.age
}

@test "an outer signature of another bundle: nothing is taken out, though it fits the file" {
	bundle() { run --separate-stderr "$BIN/picket-bundle" "$@"; }
	seal second b.age tree
	"$BIN/picket-bundle" open b.age -i lead/lead.identity -C fine -q
	sign b.age second "$(comment a.age)"
	bundle verify b.age -i lead/lead.identity; is 1 ""
	[[ $output == *"contents   wrong: 'b.age': the outer signature is of another bundle"* ]]
	bundle open b.age -i lead/lead.identity -C out; is 1 "'b.age': the outer signature is of another bundle"
	[ ! -e out ]
}

@test "nothing is parsed before its signature counts" {
	head -c 5000 /dev/urandom > noise.age
	import noise.age; is 4 "not an age file, and no ticket beside it" # somebody's other file: named, and not kept
	truncate -s 1T huge.age # nor read: an image of a disk ends at once too
	run --separate-stderr timeout 20 "$BIN/picket-case" import case huge.age
	is 4 "huge.age: not an age file, and no ticket beside it"
	run --separate-stderr timeout 20 "$BIN/picket-bundle" verify huge.age
	[ "$status" -eq 1 ]
	[[ $output == "signature  unsigned: not an age file, "* ]]
	run --separate-stderr timeout 20 "$BIN/picket-bundle" countersign --signer lead/lead.signkey --place here --as-found huge.age
	is 4 "'huge.age' is not countersigned: not an age file"
	rm huge.age
	{ echo age-encryption.org/v1; cat noise.age; } > junk.age
	import junk.age; quarantined unsigned
	case_ import case junk.age # without an identity: nothing is opened
	is 1 "unsigned"
	command -v zstd > /dev/null && command -v age > /dev/null || skip "no zstd or age"
	head -c 50000000 /dev/zero | zstd -q | age -R lead/lead.recipient -o bomb.age
	for s in minisig ticket ticket.minisig; do cp a.age.$s bomb.age.$s; done
	import bomb.age; quarantined altered
	# signed with a stolen key: opened, and refused for what it is
	sign bomb.age second "picket bundle $(printf '%032d' 1) ticket $(sed -n 's/^id: //p' second.ticket) leaves 1 root $(printf '%064d' 1)"
	import bomb.age; quarantined altered
	is 1 "; its signature holds over all of it: whoever signed it made it so"
	[[ $stderr != *--salvage* ]]
	case_ check case; is 0 ""
}

@test "time: the station's own brackets what the host says" {
	import a.age; is 0
	"$BIN/picket-case" bundles case --json | jq -e '(.started | tonumber) <= (.first_intake | tonumber)'
	first=$("$BIN/picket-case" bundles case --json | jq -r .first_intake)
	import a.age; is 0
	[ "$("$BIN/picket-case" bundles case --json | jq -r .first_intake)" = "$first" ]
	"$BIN/picket-bundle" seal --to lead --ticket old -o late.age other -q
	import late.age; quarantined expired
	first=$("$BIN/picket-case" bundles case --json | jq -r 'select(.verdict == "expired").first_intake')
	import late.age; is 1 "expired"
	[ "$("$BIN/picket-case" bundles case --json | jq -r 'select(.verdict == "expired").first_intake')" = "$first" ]
}

@test "metadata: what lies in clear names no host, no team, no path, no mission" {
	seal many "t o.age" tree
	for word in "$(uname -n)" lead CPT-7 HARBOR AMBER JPN passwd tree picket-key "$PWD"; do
		[ ${#word} -ge 4 ] || continue
		run ! grep -aqF -- "$word" a.age a.age.minisig a.age.ticket a.age.ticket.minisig
	done
}

@test "downgrade: legacy signatures, passphrases, classic readers beside post-quantum ones" {
	command -v minisign > /dev/null || skip "no minisign"
	cp a.age l.age
	minisign -S -l -s visit.signkey -m l.age -t "$(comment a.age)" > /dev/null || skip "this minisign makes no legacy signatures"
	cp a.age.ticket l.age.ticket; cp a.age.ticket.minisig l.age.ticket.minisig
	import l.age; quarantined altered; is 1 "legacy"
	# nobody is asked for a passphrase
	printf 'long enough a passphrase\n' > pass
	"$BIN/picket-bundle" encrypt --passphrase-fd 3 -o s.age tree/etc/passwd 3< pass
	sign s.age visit "$(comment a.age)"
	run --separate-stderr timeout 20 "$BIN/picket-case" import case s.age -i lead/lead.identity < /dev/null
	[ "$status" -eq 4 ] || [ "$status" -eq 1 ]
	[[ $stderr != *assphrase:* ]]
	"$BIN/picket-key" new pq --nation USA --signer lead/lead.signkey --post-quantum -q
	run -2 "$BIN/picket-key" ticket --signer lead/lead.signkey --to lead --to pq --mission X -o mixed
}

@test "killed at 20 points of an import: check is clean, and the next run gives the same case" {
	for i in $(seq 300); do echo "$i" > "tree/f$i"; done
	seal many k.age tree
	dump() { # all but what the clock and chance put there
		sqlite3 "$1/case.db" .dump | sed -E 's/[0-9]{10}\.[0-9]{9}/T/g; s/INSERT INTO meta VALUES\(.id.*/meta id/' |
			grep -v '^INSERT INTO custody' | grep -v '_data VALUES\|_idx VALUES'
		sqlite3 "$1/case.db" "SELECT line ->> '\$.action', line ->> '\$.verdict' FROM custody WHERE line ->> '\$.object' NOT LIKE 'case:%'"
	}
	"$BIN/picket-case" init calm --name k --party lead -q
	start=$(date +%s%N)
	"$BIN/picket-case" import calm k.age -i lead/lead.identity -q
	took=$((($(date +%s%N) - start) / 1000000))
	dump calm > want
	killed=0
	for n in $(seq 20); do
		rm -rf k && "$BIN/picket-case" init k --party lead -q
		ms=$((took * n / 20 + 1))
		status=0
		timeout -s KILL "$((ms / 1000)).$(printf '%03d' $((ms % 1000)))" "$BIN/picket-case" import k k.age -i lead/lead.identity -q || status=$?
		[ "$status" -ne 137 ] || killed=$((killed + 1))
		case_ check k; is 0 "sound"
		case_ import k k.age -i lead/lead.identity; is 0
		case_ check k; is 0 "1 bundles"
		dump k | diff - want
	done
	[ "$killed" -gt 0 ]
	# killed after the roster was copied and before its line was written
	rm -rf k && "$BIN/picket-case" init k --party lead -q
	install -m 600 lead/c/picket/roster k/roster
	case_ import k k.age -i lead/lead.identity; is 0
	dump k | diff - want
}
