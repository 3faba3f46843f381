#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Sharing among three nations, verb by verb (exercise.bats is the whole story): PHL collects, shares part to JPN, JPN hands
# on to USA; each checks against its own roster, offline. PRK, whom nobody released anything to, gets nothing by any verb.
bats_require_minimum_version 1.5.0
load damage

load stations

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build}
	umask 022
	cd "$BATS_FILE_TMPDIR"
	station usa USA && station jpn JPN && station phl PHL && station prk PRK
	for a in usa jpn phl; do
		for b in usa jpn phl; do
			[ $a = $b ] || (as $a && "$BIN/picket-key" roster add "../$b/$b.party" --signer $a --yes -q)
		done
	done
	(as phl && "$BIN/picket-key" roster add ../prk/prk.party --signer phl --yes -q)
	mkdir -p ev/etc ev/home
	echo 'root:x:0:0' > ev/etc/passwd
	echo 'the secret plan' > ev/home/plan
	seq 1 30000 > ev/etc/services
	ln ev/etc/passwd ev/home/same
	ln -s /nowhere ev/etc/link
	: > ev/etc/empty
	export ROOT=$PWD/ev
	(as phl && "$BIN/picket-bundle" seal --signer phl --to phl --mission HARBOR-SECRET --tlp AMBER --rel-to USA,JPN,PHL \
		-o c.age "$ROOT" -q)
	(as phl && "$BIN/picket-bundle" share c.age -i phl.identity --signer phl --to jpn --path '*/etc/*' --reason 'as agreed' \
		-o j.age -q)
	(as jpn && "$BIN/picket-bundle" share ../phl/j.age -i jpn.identity --signer jpn --to usa --path '*/passwd' -o u.age -q)
}

bundle() { run --separate-stderr "$BIN/picket-bundle" "$@"; }
case_() { run --separate-stderr "$BIN/picket-case" "$@"; }
is() { # exit code, then a piece of standard error
	[ "$status" -eq "$1" ] || { echo "exit $status: $stderr $output"; return 1; }
	[[ $stderr == *"$2"* ]] || { echo "message: $stderr"; return 1; }
}
not() { if "$@"; then echo "so it is: $*"; return 1; fi; }
has_plain() { # SHARE IDENTITY TEXT: in what the share holds, unpacked
	age -d -i "$2" "$1" | zstd -dc | grep -aq "$3"
}
id_of() { "$BIN/picket-bundle" verify "$1" -i "$2" --json | jq -r .id; }

@test "share: says what it needs" {
	as phl
	bundle share c.age -i phl.identity --signer phl -o x.age --path '*'
	is 2 "who gets it?"
	bundle share c.age -i phl.identity --to jpn -o x.age --path '*'
	is 2 "who shares?"
	bundle share c.age -i phl.identity --signer phl --to jpn -o x.age
	is 2 "what of it?"
	bundle share c.age -i phl.identity --signer phl --to jpn -o x.age --path '*' --no-content --no-path
	is 2 "leave little to share"
	bundle share c.age -i phl.identity --signer phl --to jpn -o x.age --path '/nothing'
	is 2 "nothing in it is what was asked for"
	bundle share c.age -i phl.identity --signer phl --to jpn -o x.age --leaf 0
	is 2 "--leaf takes a record's number from 1 on"
	bundle share c.age -i phl.identity --signer phl --to jpn -o j.age --path '*'
	is 2 "'j.age' exists already and is never overwritten"
	bundle share c.age -i phl.identity --signer phl --to jpn -o x.age --path '*' --reason $'two\nlines'
	is 2 "a reason is one printable line"
	[ -z "$(ls | grep '^x')" ]
}

@test "each receiver verifies offline, from its roster alone, and is told what is proven" {
	id=$(as phl; id_of c.age phl.identity)
	as jpn
	mkdir far && cp ../phl/j.age* far # neither the sender nor the rest is there
	bundle verify far/j.age -i jpn.identity
	is 0 ""
	[[ $output == *$'\nshare      7 records, by phl (PHL), '*': as agreed'* ]]
	[[ $output == *"part of    ${id:0:8}: 7 of its 14 records, 3 of them contents; collected under a ticket of phl (PHL); host "* ]]
	[[ $output == *$'\npermitted  by the labels of all of it'* ]]
	[[ $output == *$'\nproven     what is here of bundle '"${id:0:8} is what was sealed under that ticket of phl, byte for byte"* ]]
	[[ $output == *$'\nnot proven when bundle '"${id:0:8} was collected (its ticket is valid from 20"* ]]
	as usa
	bundle verify ../jpn/u.age -i usa.identity
	is 0 ""
	[[ $output == *$'\nissuer     jpn\n'* ]]
	[[ $output == *"collected under a ticket of phl (PHL)"*$'\nby way of  phl, 20'* ]]
	bundle verify ../jpn/u.age -i usa.identity --json
	printf '%s\n' "$output" | jq -e --arg id "$id" '.share | .verdict == "ok" and .by == "jpn" and .nation == "JPN" and
		(.sources | length == 1 and .[0].bundle == $id and .[0].issuer == "phl" and .[0].records == 2 and
		.[0].contents == 1 and .[0].by_way_of == ["phl"] and .[0].label == "TLP:AMBER REL TO JPN,PHL,USA ORIGINATOR phl")'
	bundle verify ../jpn/u.age
	is 0 ""
}

@test "who has no party for the collecting team is told so, exit 1" {
	as usa
	cp -r .config other
	mkdir one && (cd one && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" new lone --nation USA -q)
	(cd one && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" roster add ../../jpn/jpn.party --signer lone --yes -q)
	XDG_CONFIG_HOME=$PWD/one/.config bundle verify ../jpn/u.age -i usa.identity
	is 1 ""
	[[ $output == *$'\nrefused    unknown issuer: part of bundle '* ]]
	[[ $output != *$'\nproven '* ]]
	[[ $output == *"not proven who 1 of the readers are"* ]]
	[[ $output == *"not proven who signed 1 of the earlier handovers"* ]]
}

@test "every verb that opens says what does not stand behind a share" {
	as usa
	cp .config/picket/roster r && cp .config/picket/roster.minisig r.minisig
	"$BIN/picket-key" roster pin --roster r -qy
	bundle verify ../jpn/u.age -i usa.identity --roster r
	is 0 ""
	"$BIN/picket-key" roster revoke phl --signer usa --roster r --since 2001-01-01 -q # the collecting team, not the sharer
	bundle verify ../jpn/u.age -i usa.identity --roster r
	is 1 ""
	bundle list ../jpn/u.age -i usa.identity --roster r
	is 0 "'../jpn/u.age': revoked: part of bundle "
	bundle cat ../jpn/u.age /etc/passwd -i usa.identity --roster r
	[[ $stderr == *": revoked: part of bundle "* ]]
	bundle open ../jpn/u.age -i usa.identity --roster r -C out-revoked
	is 0 "'../jpn/u.age': revoked: part of bundle "
	bundle salvage ../jpn/u.age -i usa.identity --roster r -o out-salvaged
	is 0 "'../jpn/u.age': revoked: part of bundle "
	rm -r r r.* out-revoked out-salvaged
}

@test "PRK gets nothing by any verb" {
	as phl
	for verb in "share c.age -i phl.identity --path *" "rewrap c.age -i phl.identity"; do
		set -f
		bundle $verb --signer phl --to prk -o prk.age
		set +f
		is 2 "'prk' (PRK)"
		[ ! -e prk.age ]
	done
	bundle share c.age -i phl.identity --path '*' --signer phl --to prk --rel-to PRK -o prk.age
	is 2 "'prk' (PRK)"
	bundle share c.age -i phl.identity --path '*' --signer phl --to ../prk/prk.recipient -o prk.age
	is 2 "'prk' (PRK)"
	as jpn
	bundle share ../phl/j.age -i jpn.identity --path '*' --signer jpn --to ../prk/prk.recipient -o prk.age
	is 2 "is nobody in the roster"
	as prk
	for f in ../phl/c.age ../phl/j.age ../jpn/u.age; do
		bundle verify $f -i prk.identity
		is 4 "no identity matches"
		bundle list $f -i prk.identity
		is 4 "no identity matches"
		bundle open $f -i prk.identity -C out
		is 4 "no identity matches"
		bundle cat $f "$ROOT/etc/passwd" -i prk.identity
		is 4 "no identity matches"
		[ -z "$output" ]
		bundle share $f -i prk.identity --signer prk --to prk --path '*' -o mine.age
		is 4 "no identity matches"
	done
	rm -rf case
	case_ init case -q
	case_ import case ../phl/j.age -i prk.identity
	[ "$status" -ne 0 ]
	case_ files case
	[ -z "$output" ]
	[ -z "$(ls | grep -E 'mine|out')" ]
}

@test "a narrower label holds on the way, and nobody widens it" {
	as phl
	bundle share c.age -i phl.identity --signer phl --to jpn --path '*/passwd' --rel-to JPN --caveats LES -o narrow.age
	is 0 "TLP:AMBER REL TO JPN CAVEATS LES ORIGINATOR phl"
	as jpn
	bundle share ../phl/narrow.age -i jpn.identity --signer jpn --to usa --path '*' -o n.age
	is 2 "TLP:AMBER REL TO JPN CAVEATS LES ORIGINATOR phl may not be released to 'usa' (USA)"
	bundle share ../phl/narrow.age -i jpn.identity --signer jpn --to usa --path '*' --rel-to USA,JPN -o n.age
	is 2 "may not be released to 'usa' (USA)"
	bundle share ../phl/j.age -i jpn.identity --signer jpn --to usa --path '*' --tlp RED -o n.age
	is 0 "TLP:RED REL TO JPN,PHL,USA ORIGINATOR phl"
	[ ! -e usa.age ]
}

@test "several sources: the strictest label, each below its own id" {
	as phl
	"$BIN/picket-bundle" seal --signer phl --to phl --mission OTHER --tlp GREEN --rel-to JPN,PHL -o d.age "$ROOT/etc" -q
	bundle share c.age d.age -i phl.identity --signer phl --to usa --path '*/passwd' -o both.age
	is 2 "TLP:GREEN REL TO JPN,PHL ORIGINATOR phl may not be released to 'usa' (USA)"
	bundle share c.age d.age -i phl.identity --signer phl --to jpn --path '*/passwd' -o both.age --json
	is 0 "TLP:AMBER REL TO JPN,PHL ORIGINATOR phl"
	printf '%s\n' "$output" | jq -e '.type == "share" and .bundles == 2 and .records == 4 and .contents == 2'
	as jpn
	bundle verify ../phl/both.age -i jpn.identity
	is 0 ""
	bundle cat ../phl/both.age "$ROOT/etc/passwd" -i jpn.identity
	is 2 "several bundles in '../phl/both.age' have"
	"$BIN/picket-bundle" cat ../phl/both.age "$(as phl; id_of d.age phl.identity)/root$ROOT/etc/passwd" -i jpn.identity | cmp - "$ROOT/etc/passwd"
	bundle list ../phl/both.age -i jpn.identity
	[[ ${lines[0]} == "TLP:AMBER REL TO JPN,PHL ORIGINATOR phl" && ${lines[1]} == *MODIFIED*FROM*PATH ]]
	bundle open ../phl/both.age -i jpn.identity -C both
	is 0 "2 files"
	for f in c d; do cmp "both/$(as phl; id_of $f.age phl.identity)/root$ROOT/etc/passwd" "$ROOT/etc/passwd"; done
}

@test "list, cat and open take a share" {
	as jpn
	bundle list ../phl/j.age -i jpn.identity
	is 0 ""
	[ "${#lines[@]}" -eq 6 ]
	[ "${lines[0]}" = "TLP:AMBER REL TO JPN,PHL,USA ORIGINATOR phl" ]
	bundle list ../phl/j.age -i jpn.identity --json
	printf '%s\n' "$output" | jq -se 'all(.src | length == 2) and ([.[].path] | map(select(endswith("plan"))) | length == 0)'
	"$BIN/picket-bundle" cat ../phl/j.age "$ROOT/etc/services" -i jpn.identity | cmp - "$ROOT/etc/services"
	bundle cat ../phl/j.age "$ROOT/home/plan" -i jpn.identity
	is 2 "no record of"
	bundle open ../phl/j.age -i jpn.identity -C opened --only '*/passwd'
	is 0 "1 files"
}

@test "siblings, mission and other readers appear nowhere in a share" {
	as jpn
	mkdir stock && cd stock
	age -d -i ../jpn.identity ../../phl/j.age | tar --zstd -x
	not grep -ar 'secret plan' .
	not grep -ar 'home/plan' .
	not grep -ar HARBOR .
	for p in meta/shares/*/*.tlog-proof; do sed -n 's/^extra //p' "$p" | base64 -d; echo; done > lines
	not grep -a 'home/' lines
	not grep -a HARBOR lines
	[ "$(jq -r .i lines | sort -n | tr '\n' ' ')" = "0 3 4 5 6 7 8 9 " ]
	# salts of siblings are not there either: a guessed record cannot be tried
	as phl
	mkdir stock && cd stock
	age -d -i ../phl.identity ../c.age | tar --zstd -x
	salt=$(jq -r 'select(.path and (.path | endswith("/home/plan"))).salt' meta/records-0000.jsonl)
	[ "${#salt}" -eq 32 ]
	not grep -ar "$salt" ../../jpn/stock
}

@test "stock tools open a share without a word" {
	as usa
	mkdir stock && cd stock
	age -d -i ../usa.identity ../../jpn/u.age 2> err | tar --zstd -x 2>> err
	sha256sum --quiet -c manifest-sha256.txt 2>> err
	sha256sum --quiet -c tagmanifest-sha256.txt 2>> err
	[ ! -s err ]
	minisign -Vqm ../../jpn/u.age -P "$(sed -n 's/^sign: //p' ../../jpn/u.age.ticket)"
	minisign -Vqm meta/shares/handover.txt -P "$(sed -n 's/^sign: //p' ../../jpn/jpn.party)"
	d=$(echo meta/shares/*/)
	minisign -Vqm "$d"ticket.txt -P "$(sed -n 's/^sign: //p' ../../phl/phl.party)"
	minisign -Vqm "$d"handover-0000.txt -P "$(sed -n 's/^sign: //p' ../../phl/phl.party)"
	cmp data/*/root"$ROOT"/etc/passwd "$ROOT/etc/passwd"
}

@test "metadata without content, content without path, no host" {
	as phl
	bundle share c.age -i phl.identity --signer phl --to jpn --path '*/plan' --no-content -o m.age
	is 0 "1 records and 0 contents"
	bundle share c.age -i phl.identity --signer phl --to jpn --path '*/plan' --no-path -o n.age
	is 0 "1 records and 1 contents"
	bundle share c.age -i phl.identity --signer phl --to jpn --path '*/plan' --no-host -o h.age
	is 0 "2 records and 1 contents"
	as jpn
	bundle verify ../phl/m.age -i jpn.identity
	is 0 ""
	bundle cat ../phl/m.age "$ROOT/home/plan" -i jpn.identity
	is 4 "only metadata"
	bundle verify ../phl/n.age -i jpn.identity
	is 0 ""
	bundle list ../phl/n.age -i jpn.identity
	is 0 ""
	[[ ${lines[2]} == *content*16*"/content/"* ]]
	bundle list ../phl/n.age -i jpn.identity --json
	printf '%s\n' "$output" | jq -se 'length == 1 and .[0].type == "content" and .[0].size == 16 and (.[0].sha256 | length == 64)'
	"$BIN/picket-bundle" cat ../phl/n.age "$(printf '%s\n' "$output" | jq -r '.member | .[5:]')" -i jpn.identity | cmp - "$ROOT/home/plan"
	bundle open ../phl/n.age -i jpn.identity -C nameless
	is 0 "1 files"
	cmp nameless/*/content/* "$ROOT/home/plan"
	not has_plain ../phl/n.age jpn.identity home/plan
	has_plain ../phl/m.age jpn.identity home/plan
	bundle verify ../phl/h.age -i jpn.identity
	is 0 ""
	[[ $output == *"; host not told"* ]]
	not has_plain ../phl/h.age jpn.identity '"hostname"'
	has_plain ../phl/h.age jpn.identity HARBOR-SECRET # the price: the terms prove the label instead
	bundle share ../phl/j.age -i jpn.identity --signer jpn --to usa --path '*' --no-host -o x.age
	is 2 "it cannot be kept back"
}

@test "a content that is partial says so without its path" {
	as phl
	rm -rf host part.age* bare.age* named.age* pcase cutcase
	mkdir -p host/etc && seq 3000 > host/etc/passwd && printf 'root:x:0:\n' > host/etc/group
	truncate -s 100M host/etc/hosts
	seq 5000 9000 | dd of=host/etc/hosts bs=1M seek=20 conv=notrunc status=none
	run -3 "$BIN/picket-collect" --root host --max-file 1000 --no-live --no-walk --to phl --signer phl --tlp AMBER --rel-to USA,JPN,PHL -o part.age -q
	bundle share part.age -i phl.identity --signer phl --to jpn --path /etc/passwd --path /etc/group --path /etc/hosts --no-path -o bare.age
	is 0 "3 records and 3 contents"
	bundle share part.age -i phl.identity --signer phl --to jpn --path /etc/passwd --path /etc/group -o named.age
	is 0 "2 contents"
	as jpn
	rm -rf pcase && rm -f whole
	bundle verify ../phl/bare.age -i jpn.identity
	is 0 ""
	[[ $output == *$'\npartial    2 of the contents are not the whole files: '* ]]
	bundle verify ../phl/bare.age -i jpn.identity --json
	[ "$(jq .partial <<< "$output")" -eq 2 ]
	bundle verify ../phl/j.age -i jpn.identity --json
	[ "$(jq .partial <<< "$output")" -eq 0 ]
	case_ init pcase -q
	case_ import pcase ../phl/bare.age -i jpn.identity
	is 0 "imported a share"
	# by their hashes: the first is whole
	sum() { sha256sum | cut -d' ' -f1; }
	list=$("$BIN/picket-bundle" list ../phl/bare.age -i jpn.identity --json)
	member() { jq -r --arg sum "$1" 'select(.sha256 == $sum).member' <<< "$list" | cut -d/ -f2-; }
	whole=$(sum < ../phl/host/etc/group)
	cut=$(head -c 1000 ../phl/host/etc/passwd | sum)
	sparse=$(jq -r 'select(.logical != null).sha256' <<< "$list")
	bundle cat ../phl/bare.age "$(member "$whole")" -i jpn.identity
	is 0 ""
	[[ $stderr != *partial* ]]
	bundle cat ../phl/bare.age "$(member "$cut")" -i jpn.identity
	is 0 "' is partial, with 1000 bytes: limit: its first bytes"
	bundle cat ../phl/bare.age "$(member "$sparse")" -i jpn.identity -o sparse
	is 0 "' is partial, with 1000 of 104857600 bytes: limit: its first bytes"
	case_ cat pcase "$whole" -i jpn.identity
	is 0 ""
	[[ $stderr != *partial* ]]
	case_ cat pcase "$cut" -i jpn.identity
	is 0 "' is partial, with 1000 bytes: limit: its first bytes"
	# its path says how much there was
	bundle cat ../phl/named.age /etc/passwd -i jpn.identity
	is 0 "'/etc/passwd' is partial, with 1000 of 13893 bytes: limit: the first 1000 bytes"
	[[ $("$BIN/picket-bundle" verify ../phl/named.age -i jpn.identity) == *$'\npartial    1 of the contents are not the whole files: '* ]]
}

@test "what import would not take is not shared" {
	as phl
	"$BIN/picket-bundle" seal --unsigned --to phl -o free.age "$ROOT/etc" -q
	bundle share free.age -i phl.identity --signer phl --to jpn --path '*' -o x.age
	is 1 "'free.age' is not shared: unsigned"
	cp c.age bad.age
	for s in minisig ticket ticket.minisig; do cp c.age.$s bad.age.$s; done
	printf x >> bad.age
	bundle share bad.age -i phl.identity --signer phl --to jpn --path '*' -o x.age
	is 1 "'bad.age' is not shared: altered"
	as jpn # whose roster learns that PHL was revoked before its ticket ran out
	cp -r .config before
	sed 's/^issuer:.*/&\nrevoked: 2026-01-01T00:00:00Z/' ../phl/phl.party > revoked.party
	"$BIN/picket-key" roster add revoked.party --replace --signer jpn --yes -q
	bundle verify ../phl/j.age -i jpn.identity
	is 1 ""
	[[ $output == *"refused    revoked: the share: party 'phl' was revoked"* ]]
	bundle share ../phl/j.age -i jpn.identity --signer jpn --to usa --path '*' -o x.age
	is 1 "not shared: revoked"
	rm -rf .config && mv before .config
}

@test "a content that is not what its record says goes to nobody, by no verb" {
	for tool in python3 age zstd; do command -v $tool > /dev/null || skip "no $tool"; done
	as phl
	rm -rf wrong* lied lying.case said.age* and.age*
	mkdir lied && echo "the guard slept at nine" > lied/log && seq 9000 > lied/other
	"$BIN/picket-key" ticket --signer phl --to phl --mission M --tlp AMBER --rel-to USA,JPN,PHL -o wrong -q
	"$BIN/picket-bundle" seal --ticket wrong --to phl -o said.age lied -q
	# as whoever has the ticket's keys can make it: all signatures fit
	"$BATS_TEST_DIRNAME/wrong_content.py" said.age phl.identity "$(cat phl.recipient)" "at nine" "at nina" wrong.age
	cp said.age.ticket wrong.age.ticket && cp said.age.ticket.minisig wrong.age.ticket.minisig
	"$BIN/picket-key" sign wrong.age --signer wrong.signkey -t "$(sed -n 's/^trusted comment: //p' said.age.minisig)" -q
	bundle verify wrong.age
	is 0 ""
	bundle verify wrong.age -i phl.identity
	is 1 ""
	[[ $output == *$'\ncontents   wrong: '*"/log' is not what record "* ]]
	for pick in '*' '*/log' '*/other'; do
		bundle share wrong.age -i phl.identity --signer phl --to jpn --path "$pick" -o and.age
		is 1 "/log' is not what record "
	done
	bundle rewrap wrong.age -i phl.identity --signer phl --to jpn -o and.age
	is 1 "/log' is not what record "
	# in a case, in the place of the one that was taken in
	case_ init lying.case -q
	case_ import lying.case wrong.age -i phl.identity --accept "they say it is right"
	is 1 "/log' is not what record "
	case_ import lying.case said.age -i phl.identity
	is 0 "imported from"
	cp wrong.age "$(echo lying.case/bundles/*.age)"
	for pick in '*' '*/log' '*/other'; do
		case_ share lying.case -i phl.identity --signer phl --to jpn --path "$pick" -o and.age
		is 1 "/log' is not what record "
	done
	[ -z "$(ls and.age* 2> /dev/null)" ]
	[ "$(sqlite3 lying.case/case.db "SELECT count(*) FROM custody WHERE line ->> '$.action' = 'share'")" -eq 0 ]
}

@test "what a revoked party's keys sign now is shared by nobody, and taken in by nobody, whatever times it says" {
	as phl # a ticket of the past: as whoever has the keys can make it at any time
	rm -f past* p.age* ps.age*
	"$BIN/picket-key" ticket --signer phl --to phl --to jpn --mission M --tlp AMBER --rel-to USA,JPN,PHL --not-before 2026-01-01 --valid 1d -o past -q
	"$BIN/picket-bundle" seal --ticket past --to phl --to jpn -o p.age "$ROOT/etc" -q
	as jpn
	rm -rf x.age* past.case p.age* && cp -r .config before
	cp ../phl/p.age* .
	bundle share p.age -i jpn.identity --signer jpn --to usa --path '*' -o p-usa.age # while nobody knows
	is 0 "warning: 'p.age': expired"
	case_ init past.case -q
	case_ import past.case p.age --accept 'the clock was wrong' -i jpn.identity
	is 0 "accepted: expired"
	"$BIN/picket-key" roster revoke phl --signer jpn --since 2026-06-01 -q # long after that ticket
	bundle verify p.age -i jpn.identity
	is 1 ""
	bundle share p.age -i jpn.identity --signer jpn --to usa --path '*' -o x.age
	is 1 "'p.age' is not shared: revoked: party 'phl' was revoked at 2026-06-01T00:00:00Z"
	case_ share past.case -i jpn.identity --signer jpn --to usa --path '*' -o x.age
	is 1 "is not shared: revoked: party 'phl' was revoked at 2026-06-01T00:00:00Z"
	[ ! -e x.age ]
	rm -rf .config && mv before .config
	as usa # who gets it from an ally that did not know
	bundle verify ../jpn/p-usa.age -i usa.identity
	is 0 ""
	cp -r .config before
	"$BIN/picket-key" roster revoke phl --signer usa --since 2026-06-01 -q
	bundle verify ../jpn/p-usa.age -i usa.identity
	is 1 ""
	[[ $output == *$'\nrefused    revoked: part of bundle '*": party 'phl' was revoked at 2026-06-01T00:00:00Z"* ]]
	rm -rf past.case
	case_ init past.case -q
	case_ import past.case ../jpn/p-usa.age -i usa.identity
	is 1 "revoked: part of bundle"
	case_ import past.case ../jpn/p-usa.age -i usa.identity --accept 'sealed before, by telephone'
	is 0 "accepted: revoked"
	rm -rf .config && mv before .config
}

attest() { # FILE TIME PARTY: a receipt of that time
	local sum
	sum=$(b2sum < "$1" | cut -d' ' -f1)
	rm -f "$1".receipt*
	printf 'picket-receipt: 1\nblake2b: %s\nsize: %s\nverdict: ok\nticket: %s\nbundle: %s\ntime: %s\nplace: Guam\nsigner: %s\n' "$sum" \
		"$(stat -c %s "$1")" "$(sed -n 's/^id: //p' "$1.ticket")" "$(id_of "$1" jpn.identity)" "$2" "$3" > "$1.receipt"
	"$BIN/picket-key" sign "$1.receipt" --signer "../$3/$3.signkey" -t "picket-receipt blake2b:$sum" -q
}

@test "what somebody else attested before the revocation is shared, from a file as from a case" {
	as phl
	rm -f attested*
	"$BIN/picket-key" ticket --signer phl --to phl --to jpn --mission M --tlp AMBER --rel-to USA,JPN,PHL --not-before 2026-01-01 --valid 1d -o attested -q
	"$BIN/picket-bundle" seal --ticket attested --to phl --to jpn -o attested.age "$ROOT/etc" -q
	as jpn
	rm -rf attested* && cp ../phl/attested.age* .
	cp -r .config before
	"$BIN/picket-key" roster revoke phl --signer jpn --since 2026-06-01 -q
	for k in 2026-03-01:usa:0 2026-07-01:usa:1 2026-03-01:jpn:1 2026-03-01:phl:1; do
		IFS=: read -r day who code <<< "$k"
		attest attested.age "${day}T00:00:00Z" "$who"
		rm -rf attested.case attested-x.age* attested-y.age*
		case_ init attested.case -q
		case_ import attested.case attested.age --accept 'known' -i jpn.identity
		is 0 "accepted: revoked"
		[ "$code" -eq 0 ] && said="" || said="is not shared: revoked: party 'phl' was revoked at 2026-06-01T00:00:00Z"
		bundle share attested.age -i jpn.identity --signer jpn --to usa --path '*' -o attested-x.age
		is "$code" "$said"
		case_ share attested.case -i jpn.identity --signer jpn --to usa --path '*' -o attested-y.age
		is "$code" "$said"
		[ "$code" -eq 0 ] || [ ! -e attested-x.age ]
		[ "$code" -eq 0 ] || [ ! -e attested-y.age ]
		[ "$code" -eq 1 ] || mv attested-x.age attested-file.age
		[ "$code" -eq 1 ] || mv attested-y.age attested-case.age
		for s in minisig ticket ticket.minisig; do
			[ "$code" -eq 1 ] || mv attested-x.age.$s attested-file.age.$s
			[ "$code" -eq 1 ] || mv attested-y.age.$s attested-case.age.$s
		done
	done
	# the receiver must be able to see it: not without the receipt
	attest attested.age 2026-03-01T00:00:00Z usa
	bundle share attested.age -i jpn.identity --signer jpn --to usa --path '*' --no-receipt -o attested-x.age
	is 1 "'attested.age' is not shared: revoked: party 'phl' was revoked at 2026-06-01T00:00:00Z"
	rm -rf attested.case
	case_ init attested.case -q
	case_ import attested.case attested.age --accept 'known' -i jpn.identity
	case_ share attested.case -i jpn.identity --signer jpn --to usa --path '*' --no-receipt -o attested-x.age
	is 1 "is not shared: revoked: party 'phl' was revoked at 2026-06-01T00:00:00Z"
	rm -rf .config && mv before .config
	as usa
	cp -r .config before
	"$BIN/picket-key" roster revoke phl --signer usa --since 2026-06-01 -q
	for f in file case; do
		bundle verify ../jpn/attested-$f.age -i usa.identity
		is 0 ""
	done
	rm -rf .config && mv before .config
}

@test "a share under way is altered: refused by every verb that believes" {
	as jpn
	mkdir bad && cp ../phl/j.age* bad
	flip bad/j.age 3000
	bundle verify bad/j.age -i jpn.identity
	is 1 ""
	[[ $output == "signature  altered: "* ]]
	bundle share bad/j.age -i jpn.identity --signer jpn --to usa --path '*' -o x.age
	is 1 "not shared: altered"
	rm -rf badcase
	case_ init badcase -q
	case_ import badcase bad/j.age -i jpn.identity
	is 1 "altered"
	case_ import badcase bad/j.age -i jpn.identity --salvage
	[ "$status" -ne 0 ]
	case_ files badcase
	[ -z "$output" ]
}

@test "case: an id is of one thing: another share of it, or a bundle, is an alarm" {
	as jpn
	rm -rf ids ids2
	case_ init ids -q
	case_ import ids ../phl/j.age -i jpn.identity
	is 0 "imported a share"
	for n in 1 2; do
		rm -f again$n.age*
		bundle rewrap ../phl/j.age --to usa -i jpn.identity --signer jpn -o again$n.age
		is 0 ""
	done
	case_ import ids again1.age -i jpn.identity
	is 0 "this share is in the case already"
	# as if another share with that id had come first
	sqlite3 ids/case.db "UPDATE share SET root = zeroblob(32)"
	case_ import ids again2.age -i jpn.identity
	is 1 "ALARM: equivocation: the case holds another share of the same id, with other records"
	case_ import ids again2.age -i jpn.identity --accept "it is the one"
	is 1 "ALARM: equivocation"
	rm -f mine.age*
	bundle seal jpn.party --to jpn --signer jpn -o mine.age
	sqlite3 ids/case.db "UPDATE share SET id = x'$(id_of mine.age jpn.identity)'"
	case_ import ids mine.age -i jpn.identity
	is 1 "ALARM: equivocation: the case holds a share of the same id, which this is not"
	case_ init ids2 -q
	case_ import ids2 mine.age -i jpn.identity
	is 0 "imported from"
	sqlite3 ids2/case.db "UPDATE bundle SET id = x'$(id_of ../phl/j.age jpn.identity)'"
	case_ import ids2 ../phl/j.age -i jpn.identity
	is 1 "ALARM: equivocation: the case holds a bundle of the same id, which is no share"
}

@test "case: what shares of one bundle brought bears the strictest of their labels, in any order" {
	as phl
	s() { "$BIN/picket-bundle" share c.age -i phl.identity --signer phl --to jpn -q "$@"; }
	rm -f strict.age* wide.age*
	s --path '*/passwd' --tlp RED --rel-to JPN,PHL --caveats LES -o strict.age
	s --path '*/services' -o wide.age
	as jpn
	rm -f again.age*
	bundle rewrap ../phl/wide.age --to usa -i jpn.identity --signer jpn -o again.age
	is 0 ""
	for order in "strict wide" "wide strict"; do
		rm -rf lab
		case_ init lab -q
		for f in $order; do
			case_ import lab ../phl/$f.age -i jpn.identity
			is 0 "imported a share"
		done
		# the same bundle as if it had been collected under another ticket
		cp -r lab lab2
		sqlite3 lab2/case.db "UPDATE bundle SET ticket = '$(printf '%032d' 0)'; DELETE FROM share_part; DELETE FROM share"
		case_ import lab2 again.age -i jpn.identity
		is 1 "ALARM: equivocation: the case holds bundle "
		is 1 " under another ticket"
		rm -rf lab2
		case_ files lab --json
		printf '%s\n' "$output" | jq -se 'length == 2 and all(.label == "TLP:RED REL TO JPN,PHL CAVEATS LES ORIGINATOR phl")'
		case_ files lab
		[ "${lines[0]}" = "TLP:RED REL TO JPN,PHL CAVEATS LES ORIGINATOR phl" ] || [[ $stderr == *"TLP:RED REL TO JPN,PHL CAVEATS LES ORIGINATOR phl"* ]]
	done
}

@test "case: a receipt that came with a share still counts when the whole comes" {
	as phl
	rm -f whole2.age* w.age* got && mkdir -p got && rm -f got/*
	"$BIN/picket-bundle" seal --signer phl --to phl --to usa --mission M --tlp AMBER --rel-to USA,PHL -o whole2.age "$ROOT" -q
	"$BIN/picket-bundle" countersign whole2.age --signer ../jpn/jpn.signkey --place "Camp X" -q
	"$BIN/picket-bundle" share whole2.age -i phl.identity --signer phl --to usa --path '*/passwd' -o w.age -q
	cp whole2.age whole2.age.minisig whole2.age.ticket whole2.age.ticket.minisig got
	as usa
	rm -rf rcpt
	case_ init rcpt -q
	case_ import rcpt ../phl/w.age -i usa.identity
	is 0 "(countersigned)"
	case_ import rcpt ../phl/got/whole2.age -i usa.identity
	is 0 "(countersigned)"
}

@test "case: shares first, the whole later, one thing throughout" {
	as phl
	"$BIN/picket-bundle" seal --signer phl --to phl --to usa --mission M --tlp AMBER --rel-to USA,PHL -o whole.age "$ROOT" -q
	s() { "$BIN/picket-bundle" share whole.age -i phl.identity --signer phl --to usa -q "$@"; }
	s --path '*/home/*' --no-host -o w1.age
	s --path '*/etc/*' --no-content -o w2.age
	s --path '*/services' --no-path -o w3.age
	whole=$(id_of whole.age phl.identity)
	as usa
	rm -rf case
	case_ init case -q
	case_ import case ../phl/w1.age -i usa.identity
	is 0 "imported a share from phl, part of 1 bundles: 2 paths"
	case_ hosts case --json
	printf '%s\n' "$output" | jq -se 'length == 1 and (.[0].host // .[0].name | startswith("unnamed-"))'
	"$BIN/picket-case" tag case seen "$ROOT/home/plan" -q
	case_ import case ../phl/w2.age ../phl/w3.age -i usa.identity
	is 0 ""
	case_ check case
	is 0 "sound"
	case_ files case --json
	printf '%s\n' "$output" | jq -se --arg id "${whole:0:8}" 'length == 6 and all(.ref | startswith($id)) and
		all(.trust == "ticketed, SHARED PART") and (map(select(.path | endswith("services")))[0].sha256 | length == 64) and
		(map(select(.path | endswith("etc/passwd")))[0].sha256 | length == 64) and (map(select(.path | endswith("empty")))[0].sha256 == null)'
	"$BIN/picket-case" cat case "$ROOT/etc/services" -i usa.identity | cmp - "$ROOT/etc/services"
	case_ import case ../phl/w3.age -i usa.identity
	is 0 "in the case already"
	case_ import case ../phl/whole.age -i usa.identity
	is 0 "9 paths"
	case_ files case --json
	printf '%s\n' "$output" | jq -se 'length == 9 and all(.trust == "ticketed") and
		(map(select(.path | endswith("/plan")))[0].tags == "seen")'
	case_ hosts case --json
	printf '%s\n' "$output" | jq -se 'length == 1'
	case_ import case ../phl/w2.age -i usa.identity
	is 0 ""
	case_ check case
	is 0 "sound"
	case_ custody case --json
	printf '%s\n' "$output" | jq -se 'map(select(.action == "receive" and (.object | startswith("bundle:")))) | length == 3'
}

@test "case: share by tag, path, hit, search, query and host; a line says so" {
	as jpn
	rm -rf case
	case_ init case -q
	case_ import case ../phl/j.age -i jpn.identity
	is 0 ""
	"$BIN/picket-case" tag case for-usa "$ROOT/etc/passwd" -q
	case_ share case -i jpn.identity --signer jpn --to usa --tag for-usa --reason 'they asked' -o t.age --json
	is 0 ""
	printf '%s\n' "$output" | jq -e '.type == "share" and .records == 2 and .contents == 1 and .bundles == 1'
	case_ custody case --json
	printf '%s\n' "$output" | jq -se 'map(select(.action == "release"))[0] | .reason == "they asked" and (.object | startswith("bundle:"))'
	case_ share case -i jpn.identity --signer jpn --to usa --search services --path '*/empty' -o q.age
	is 0 "4 records and 2 contents"
	case_ share case -i jpn.identity --signer jpn --to usa --host no-such -o x.age
	is 2 "no-such"
	case_ share case -i jpn.identity --signer jpn --to usa --query "SELECT ref FROM file WHERE name GLOB 'serv*'" -o x1.age
	is 0 "2 records and 1 contents"
	case_ share case -i jpn.identity --signer jpn --to usa --query "SELECT ref FROM file WHERE size > 1e6" -o x.age
	is 2 "nothing in the case that can be shared matches 'SELECT ref"
	case_ share case -i jpn.identity --signer jpn --to usa --query "SELECT ref FROM file; DELETE FROM file" -o x.age
	is 2 "one SELECT, and nothing behind it"
	case_ share case -i jpn.identity --signer jpn --to ../prk/prk.recipient --query "SELECT ref FROM file" -o x.age
	is 2 "nobody in the roster"
	[ ! -e x.age ]
	case_ share case -i jpn.identity --signer jpn --to usa --tag none -o x.age
	is 2 "matches 'none'"
	case_ share case -i jpn.identity --signer jpn --to usa -o x.age
	is 2 "what of it?"
	case_ share case -i jpn.identity --signer jpn --to ../prk/prk.recipient --path '*' -o x.age
	is 2 "nobody in the roster"
	case_ custody case --json
	[ "$(printf '%s\n' "$output" | jq -s 'map(select(.action == "release")) | length')" -eq 3 ]
	as usa
	bundle verify ../jpn/t.age -i usa.identity
	is 0 ""
	rm -rf case2
	case_ init case2 -q
	case_ import case2 ../jpn/t.age ../jpn/q.age -i usa.identity
	is 0 "imported a share from jpn"
	case_ files case2
	[ "${#lines[@]}" -eq 5 ]
	case_ share case2 -i usa.identity --signer usa --to jpn --path '*' -o back.age
	is 0 "6 records and 3 contents of 1 bundles"
	as jpn
	bundle verify ../usa/back.age -i jpn.identity
	is 0 ""
	[[ $output == *"collected under a ticket of phl (PHL)"* ]]
}

@test "case: a share of an unknown collector waits in quarantine" {
	as usa
	rm -rf lonely lone && mkdir lone
	(cd lone && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" new lone --nation USA -q &&
		XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" roster add ../../jpn/jpn.party --signer lone --yes -q)
	case_ init lonely -q
	XDG_CONFIG_HOME=$PWD/lone/.config case_ import lonely ../jpn/u.age -i usa.identity
	is 1 "unknown issuer: part of bundle"
	case_ files lonely
	[ -z "$output" ]
	case_ bundles lonely --help > /dev/null
	XDG_CONFIG_HOME=$PWD/lone/.config case_ import lonely ../jpn/u.age -i usa.identity --accept 'phl confirmed by telephone'
	is 0 "accepted: unknown issuer"
	case_ check lonely
	is 0 "sound"
}

# dep is PHL's second person, and in every roster from here on; usa-phl.age is not for JPN by its label
second_person() {
	[ -e "$BATS_FILE_TMPDIR/dep" ] && return
	(cd "$BATS_FILE_TMPDIR" && station dep PHL)
	for a in usa jpn phl; do
		(as $a && "$BIN/picket-key" roster add ../dep/dep.party --signer $a --yes -q)
	done
	(as phl && "$BIN/picket-bundle" seal --signer phl --to phl --mission N --tlp AMBER --rel-to USA,PHL -o usa-phl.age "$ROOT" -q)
}

@test "beyond the label with a reason and two persons, and it is said on both sides" {
	second_person
	as phl
	bundle share usa-phl.age -i phl.identity --signer phl --to jpn --path '*/passwd' -o over.age
	is 2 "TLP:AMBER REL TO PHL,USA ORIGINATOR phl may not be released to 'jpn' (JPN): its nation is not in REL TO"
	bundle share usa-phl.age -i phl.identity --signer phl --to jpn --path '*/passwd' --override urgent -o over.age
	is 2 "--override REASON and --second NAME go together"
	bundle share usa-phl.age -i phl.identity --signer phl --to jpn --path '*/passwd' --override urgent --second phl -o over.age
	is 2 "the second person must be another party than 'phl'"
	bundle share usa-phl.age -i phl.identity --signer phl --to jpn --path '*/passwd' --override urgent --second ../prk/prk.signkey \
		--roster ../usa/.config/picket/roster -o over.age
	[ "$status" -ne 0 ]
	[ -z "$(ls | grep '^over')" ]
	# what the sharer narrows binds nevertheless, and who is nobody stays out
	bundle share usa-phl.age -i phl.identity --signer phl --to jpn --path '*/passwd' --override urgent --second ../dep/dep.signkey \
		--rel-to USA -o over.age
	is 2 "TLP:AMBER REL TO USA ORIGINATOR phl may not be released to 'jpn' (JPN)"
	[ -z "$(ls | grep '^over')" ]
	bundle share usa-phl.age -i phl.identity --signer phl --to jpn --to usa --path '*/passwd' --override urgent \
		--second ../dep/dep.signkey -o over.age
	is 0 "TLP:AMBER REL TO PHL,USA ORIGINATOR phl"
	bundle share c.age -i phl.identity --signer phl --to jpn --path '*/passwd' --override urgent --second ../dep/dep.signkey -o within.age
	is 0 "no override was needed, and none is recorded"
	not has_plain within.age ../jpn/jpn.identity picket-release
	id=$(id_of usa-phl.age phl.identity)
	as jpn
	bundle verify ../phl/over.age -i jpn.identity
	is 0 ""
	[[ $output == *$'\nreleased   part of bundle '"${id:0:8} beyond its label, by override of phl and dep: urgent"$'\npermitted  by the labels of all of it and these releases, '* ]]
	bundle verify ../phl/over.age -i jpn.identity --json
	printf '%s\n' "$output" | jq -e '.share | .verdict == "ok" and (.sources[0].releases | length == 1 and
		.[0].basis == "override" and .[0].signer == "phl" and .[0].second == "dep" and .[0].reason == "urgent")'
	mkdir over && (cd over && age -d -i ../jpn.identity ../../phl/over.age | tar --zstd -x)
	for k in phl: dep:.second; do
		s=$(sed -n 's/^sign: //p' "../${k%:*}/${k%:*}.party")
		minisign -Vqm over/meta/shares/*/release-0000.txt -x over/meta/shares/*/release-0000.txt"${k#*:}".minisig -P "$s"
	done
	rm -rf overcase
	case_ init overcase -q
	case_ import overcase ../phl/over.age -i jpn.identity
	is 0 "imported a share from phl"
	is 0 "part of bundle ${id:0:8} came beyond its label, by override of 'phl' and 'dep': urgent"
	case_ custody overcase
	[[ $output == *releases=*urgent* ]]
	case_ custody overcase --export jsonl
	printf '%s\n' "$output" | jq -se --arg id "$id" 'map(select(.action == "receive" and (.object | startswith("bundle:"))))[0].releases |
		length == 1 and .[0].bundle == $id and .[0].basis == "override" and .[0].reason == "urgent" and .[0].second == "dep"'
	# it was for these readers, not for others of theirs
	"$BIN/picket-key" new jay --org J --nation JPN -q
	"$BIN/picket-key" roster add jay.party --signer jpn --yes -q
	bundle share ../phl/over.age -i jpn.identity --signer jpn --to jay --path '*' --override mine --second ../dep/dep.signkey -o y.age
	is 2 "may not be released to 'jay' (JPN)"
}

@test "where the second person is revoked or unknown, the override is not believed" {
	second_person
	as phl
	bundle share usa-phl.age -i phl.identity --signer phl --to jpn --path '*/passwd' --override urgent --second ../dep/dep.signkey -o over2.age
	is 0 ""
	as jpn
	rm -rf .before lonely && cp -r .config .before
	sed 's/^issuer:.*/&\nrevoked: 2026-01-01T00:00:00Z/' ../dep/dep.party > gone.party
	"$BIN/picket-key" roster add gone.party --replace --signer jpn --yes -q
	bundle verify ../phl/over2.age -i jpn.identity
	is 1 ""
	[[ $output == *$'\nrefused    not releasable: part of bundle '* ]]
	[[ $output != *$'\nreleased '* ]]
	case_ init lonely -q
	case_ import lonely ../phl/over2.age -i jpn.identity
	is 1 "not releasable: part of bundle"
	case_ files lonely
	[ -z "$output" ]
	rm -rf .config && mv .before .config
	mkdir fresh && (cd fresh && export XDG_CONFIG_HOME=$PWD/.config && "$BIN/picket-key" new fresh --nation JPN -q &&
		for a in jpn phl; do "$BIN/picket-key" roster add ../../$a/$a.party --signer fresh --yes -q || exit; done)
	XDG_CONFIG_HOME=$PWD/fresh/.config bundle verify ../phl/over2.age -i jpn.identity
	is 1 ""
	[[ $output == *$'\nrefused    not releasable: part of bundle '* ]]
	bundle verify ../phl/over2.age -i jpn.identity
	is 0 ""
}

@test "another's material goes beyond its label by that originator's release alone" {
	second_person
	as phl
	bundle release c.age --to prk --reason 'cleared by J2' --signer phl -o rel
	is 0 ""
	bundle release c.age --to usa --reason 'cleared by J2' --signer phl -o relusa
	is 0 ""
	bundle release usa-phl.age --to prk --reason 'cleared by J2' --signer phl -o relother
	is 0 ""
	as jpn
	"$BIN/picket-key" roster add ../prk/prk.party --signer jpn --yes -q
	s() { bundle share ../phl/j.age -i jpn.identity --signer jpn --path '*/passwd' -o r.age "$@"; }
	s --to prk
	is 2 "may not be released to 'prk' (PRK)"
	s --to prk --override mine --second ../dep/dep.signkey
	is 2 "only a release signed by 'phl' changes that"
	s --to prk --release ../phl/relusa
	is 2 "the release of 'phl' does not name the recipient"
	s --to prk --release ../phl/relother
	is 2 "the release of 'phl' is of other material"
	s --to prk --to usa --release ../phl/rel
	is 2 "the release of 'phl' does not name the recipient"
	cp ../phl/rel.minisig forged.minisig && sed 's/J2/J3/' ../phl/rel > forged
	s --to prk --release forged
	is 4 "the release was altered"
	[ -z "$(ls | grep '^r\.age')" ]
	s --to prk --release ../phl/rel
	is 0 "2 records"
	as prk
	for a in jpn phl; do "$BIN/picket-key" roster add ../$a/$a.party --signer prk --yes -q; done
	bundle verify ../jpn/r.age -i prk.identity
	is 0 ""
	[[ $output == *"beyond its label, by its originator phl: cleared by J2"* ]]
	as jpn
	rm -rf relcase
	case_ init relcase -q
	case_ import relcase ../phl/j.age -i jpn.identity
	c() { case_ share relcase -i jpn.identity --signer jpn --path '*/passwd' -o rc.age "$@"; }
	c --to prk
	is 2 "may not be released to 'prk' (PRK)"
	c --to prk --override mine
	is 2 "--override REASON and --second NAME go together"
	c --to prk --release forged
	is 4 "the release was altered"
	c --to prk --release ../phl/rel
	is 0 ""
	case_ custody relcase --export jsonl
	printf '%s\n' "$output" | jq -se 'map(select(.action == "release"))[-1].releases |
		length == 1 and .[0].basis == "originator" and .[0].signer == "phl" and .[0].reason == "cleared by J2"'
	as phl
	rm -rf ovcase
	case_ init ovcase -q
	case_ import ovcase usa-phl.age -i phl.identity
	case_ share ovcase -i phl.identity --signer phl --path '*/passwd' --to jpn --override urgent --second ../dep/dep.signkey -o oc.age
	is 0 ""
	case_ custody ovcase --export jsonl
	printf '%s\n' "$output" | jq -se 'map(select(.action == "release"))[-1].releases | .[0].basis == "override" and .[0].second == "dep"'
	case_ check ovcase
	is 0 "sound"
	as jpn
	bundle verify ../phl/oc.age -i jpn.identity
	is 0 ""
}

@test "an override is for the share it was signed for: replayed, it lets nothing else out" {
	second_person
	as phl
	rm -rf once && mkdir once
	bundle share usa-phl.age -i phl.identity --signer phl --to jpn --path '*/passwd' --override urgent --second ../dep/dep.signkey -o once/a.age
	is 0 ""
	(cd once && age -d -i ../../jpn/jpn.identity a.age | tar --zstd -x)
	r=$(echo once/meta/shares/*/release-0000.txt)
	[ "$(sed -n 's/^handover-sha256: //p' "$r")" = "$(sha256sum < once/meta/shares/handover.txt | cut -c1-64)" ]
	# no verb takes it as a file: not for the same share again, nor for a rewrap of the whole bundle
	bundle share usa-phl.age -i phl.identity --signer phl --to jpn --path '*' --release "$r" -o once/b.age
	is 2 "this is no originator's release"
	bundle rewrap usa-phl.age -i phl.identity --signer phl --to jpn --release "$r" -o once/b.age
	is 2 "this is no originator's release"
	# nor does a rewrap whose record has it, rightly signed by a sharer who lies
	bundle rewrap usa-phl.age -i phl.identity --signer phl --to jpn --override urgent --second ../dep/dep.signkey -o once/w.age
	is 0 "let in: jpn JPN"
	bundle verify once/w.age -i ../jpn/jpn.identity
	is 0 ""
	forge() { # KEY VALUE...: lines of the record
		cp once/w.age.rewrap.true once/w.age.rewrap
		while [ $# -gt 0 ]; do sed -i "s|^$1: .*|$1: $2|" once/w.age.rewrap && shift 2; done
		minisign -S -W -s phl.signkey -m once/w.age.rewrap -x once/w.age.rewrap.minisig -t "$(sed -n 's/^trusted comment: //p' once/w.sig)" < /dev/null > /dev/null
		bundle verify once/w.age -i ../jpn/jpn.identity
	}
	cp once/w.age.rewrap once/w.age.rewrap.true && cp once/w.age.rewrap.minisig once/w.sig
	forge signer phl
	is 0 ""
	forge release "$(base64 -w0 "$r")" release-signature "$(base64 -w0 "$r.minisig")" release-second "$(base64 -w0 "$r.second.minisig")"
	is 1 ""
	[[ $output == *"the override of 'phl' is for one share, not for the whole bundle"* ]]
	forge added "$(sha256sum < /dev/null | cut -c1-64) jay JPN"
	is 1 ""
	[[ $output == *"the override of 'phl' is for other readers"* ]]
}

@test "releases travel on: who let it out is seen by all who get it later, and holds for whom it names" {
	second_person
	as phl
	rm -f t[0-9].age* trel*
	bundle share usa-phl.age -i phl.identity --signer phl --to jpn --path '*/passwd' --override 'the fire' --second ../dep/dep.signkey -o t1.age
	is 0 ""
	as jpn
	rm -f t[0-9].age* && rm -rf tcase
	bundle share ../phl/t1.age -i jpn.identity --signer jpn --to usa --path '*' -o t2.age
	is 0 "TLP:AMBER REL TO PHL,USA ORIGINATOR phl"
	as usa
	bundle verify ../jpn/t2.age -i usa.identity
	is 0 ""
	[[ $output == *$'\nby way of  phl, 20'*"; beyond its label, by override of phl and dep: the fire"$'\n'* ]]
	[[ $output != *$'\nreleased '* ]]
	bundle verify ../jpn/t2.age -i usa.identity --json
	printf '%s\n' "$output" | jq -e '.share.sources[0] | .releases == [] and (.earlier_releases | length == 1 and
		.[0].by == "phl" and .[0].basis == "override" and .[0].second == "dep" and .[0].reason == "the fire")'
	# an override was for JPN in that share: it lets nobody else in later
	as jpn
	"$BIN/picket-key" roster add ../prk/prk.party --signer jpn --yes -q 2> /dev/null || true
	bundle share ../phl/t1.age -i jpn.identity --signer jpn --to prk --path '*' -o t3.age
	is 2 "may not be released to 'prk' (PRK)"
	# an originator's release names AUS and NZL: whoever has it with the material needs no other word for these two
	(cd "$BATS_FILE_TMPDIR" && station aus AUS && station nzl NZL)
	for a in phl jpn aus nzl; do
		for b in phl jpn aus nzl; do
			(as $a && "$BIN/picket-key" roster add "../$b/$b.party" --signer $a --yes -q 2> /dev/null) || true
		done
	done
	as phl
	bundle release c.age --to aus --to nzl --reason 'both may' --signer phl -o trel
	is 0 ""
	as jpn
	bundle share ../phl/j.age -i jpn.identity --signer jpn --to aus --path '*/etc/*' -o t4.age
	is 2 "may not be released to 'aus' (AUS)"
	bundle share ../phl/j.age -i jpn.identity --signer jpn --to aus --path '*/etc/*' --release ../phl/trel -o t4.age
	is 0 ""
	as aus
	bundle share ../jpn/t4.age -i aus.identity --signer aus --to nzl --path '*/passwd' -o t5.age
	is 0 "2 records"
	"$BIN/picket-key" roster add ../prk/prk.party --signer aus --yes -q
	bundle share ../jpn/t4.age -i aus.identity --signer aus --to nzl --to prk --path '*/passwd' -o t6.age
	is 2 "may not be released to '" # whichever comes first
	bundle share ../jpn/t4.age -i aus.identity --signer aus --to prk --path '*/passwd' --override mine --second ../nzl/nzl.signkey -o t6.age
	is 2 "only a release signed by 'phl' changes that"
	case_ init tcase -q
	case_ import tcase ../jpn/t4.age -i aus.identity
	is 0 ""
	case_ share tcase -i aus.identity --signer aus --to nzl --path '*/passwd' -o t7.age
	is 0 "2 records"
	case_ custody tcase --export jsonl
	printf '%s\n' "$output" | jq -se 'map(select(.action == "release"))[-1].releases | .[0].basis == "originator" and .[0].reason == "both may"'
	[ ! -e t6.age ]
	as nzl
	for f in t5 t7; do
		bundle verify ../aus/$f.age -i nzl.identity
		is 0 ""
		[[ $output == *$'\nby way of  jpn, 20'*"; beyond its label, by its originator phl: both may"$'\n'* ]]
		[[ $output == *$'\nreleased   part of bundle '*" beyond its label, by its originator phl: both may"$'\n'* ]]
	done
	# whose roster knows that PHL was revoked meanwhile believes none of it
	sed 's/^issuer:.*/&\nrevoked: 2026-01-01T00:00:00Z/' ../phl/phl.party > gone.party
	"$BIN/picket-key" roster add gone.party --replace --signer nzl --yes -q
	bundle verify ../aus/t5.age -i nzl.identity
	is 1 ""
	[[ $output != *$'\nreleased '* ]]
}

@test "receipts travel: who had the whole file by when, as proven as the log" {
	as phl
	rm -rf rc && mkdir rc && cp c.age* rc
	bundle share rc/c.age -i phl.identity --signer phl --to jpn --path '*/etc/*' -o rc/none.age
	is 0 ""
	bundle countersign rc/c.age --signer phl --place 'Manila lab' --person 'R. Cruz'
	is 0 ""
	bundle share rc/c.age -i phl.identity --signer phl --to jpn --path '*/etc/*' -o rc/with.age
	is 0 ""
	bundle share rc/c.age -i phl.identity --signer phl --to jpn --path '*/etc/*' --no-receipt -o rc/held.age
	is 0 ""
	not has_plain rc/held.age ../jpn/jpn.identity Manila
	# the file was rewrapped since: the receipt is of the original, and its signature is there still
	bundle rewrap rc/c.age -i phl.identity --signer phl --to usa -o rc/w.age
	is 0 ""
	cp rc/c.age.receipt rc/w.age.receipt && cp rc/c.age.receipt.minisig rc/w.age.receipt.minisig
	bundle share rc/w.age -i phl.identity --signer phl --to jpn --path '*/passwd' -o rc/rewrapped.age
	is 0 ""
	# another's receipt stays here
	"$BIN/picket-bundle" seal --signer phl --to phl --tlp AMBER --rel-to USA,JPN,PHL -o rc/d.age "$ROOT" -q
	cp rc/c.age.receipt rc/d.age.receipt && cp rc/c.age.receipt.minisig rc/d.age.receipt.minisig
	bundle share rc/d.age -i phl.identity --signer phl --to jpn --path '*/passwd' -o rc/wrong.age
	is 0 "'rc/d.age': its receipt does not go along: the receipt is of another file"
	as jpn
	rm -rf rcase rcase2 r.age*
	for f in with rewrapped; do
		bundle verify ../phl/rc/$f.age -i jpn.identity
		is 0 ""
		[[ $output == *$'\nreceived   '*" whole by 20"*" at Manila lab: R. Cruz, as phl attests, who shares it: that counts for nothing"$'\n'* ]]
		[[ $output == *"was collected (its ticket is valid from 20"*" to 20"* ]]
		bundle verify ../phl/rc/$f.age -i jpn.identity --json
		printf '%s\n' "$output" | jq -e '.share.sources[0].receipt | (.holds | not) and .own and .signer == "phl"'
	done
	bundle verify ../phl/rc/none.age -i jpn.identity
	[[ $output != *$'\nreceived '* ]]
	bundle verify ../phl/rc/wrong.age -i jpn.identity
	[[ $output != *$'\nreceived '* ]]
	case_ init rcase -q
	case_ import rcase ../phl/rc/none.age -i jpn.identity
	is 0 "(ticketed)"
	case_ import rcase ../phl/rc/with.age -i jpn.identity
	is 0 "(ticketed)"
	# of another than the sharer
	as phl
	rm rc/c.age.receipt*
	bundle countersign rc/c.age --signer ../usa/usa.signkey --place 'Guam' --person 'J. Doe'
	is 0 ""
	bundle share rc/c.age -i phl.identity --signer phl --to jpn --path '*/etc/*' -o rc/others.age
	is 0 ""
	as jpn
	bundle verify ../phl/rc/others.age -i jpn.identity
	is 0 ""
	[[ $output == *$'\nreceived   '*" whole by 20"*" at Guam: J. Doe, as usa attests"$'\n'* ]]
	[[ $output == *"was collected (its ticket is valid from 20"*", and it was received by 20"* ]]
	case_ import rcase ../phl/rc/others.age -i jpn.identity
	is 0 "(countersigned)"
	case_ files rcase --json
	printf '%s\n' "$output" | jq -se 'length > 3 and all(.trust == "countersigned, SHARED PART")'
	case_ custody rcase --export jsonl
	printf '%s\n' "$output" | jq -se '[.[] | .receipts // empty] | length == 1 and (.[0][0] | .signer == "usa" and .place == "Guam" and .person == "J. Doe")'
	# what the collecting team attested counts once another passes it on
	case_ init rcase2 -q
	case_ import rcase2 ../phl/rc/with.age -i jpn.identity
	is 0 "(ticketed)"
	case_ share rcase2 -i jpn.identity --signer jpn --to usa --path '*/passwd' -o r.age
	is 0 ""
	as usa
	bundle verify ../jpn/r.age -i usa.identity --json
	is 0 ""
	printf '%s\n' "$output" | jq -e '.share.sources[0].receipt | .holds and .signer == "phl" and (.blake2b | length == 128)'
	# a roster that has PHL revoked does not believe it
	bundle verify ../jpn/r.age -i usa.identity --roster ../jpn/.config/picket/roster
	is 0 ""
	cp -r .config rc-before
	sed 's/^issuer:.*/&\nrevoked: 2026-01-01T00:00:00Z/' ../phl/phl.party > gone.party
	"$BIN/picket-key" roster add gone.party --replace --signer usa --yes -q
	bundle verify ../jpn/r.age -i usa.identity
	is 1 ""
	[[ $output == *": its receipt is not believed: the receipt: party 'phl' was revoked"* ]] || { echo "$output"; return 1; }
	rm -rf .config && mv rc-before .config
}

# Five segments of two files each: cut in the third, or damaged in the second
big() {
	[ -e "$BATS_FILE_TMPDIR/big" ] && return
	mkdir "$BATS_FILE_TMPDIR/big"
	for i in 0 1 2 3 4 5 6 7 8 9; do head -c 8500000 /dev/urandom > "$BATS_FILE_TMPDIR/big/f$i"; done
	as phl
	"$BIN/picket-bundle" seal --signer phl --to phl --tlp AMBER --rel-to USA,JPN,PHL -o big.age "$BATS_FILE_TMPDIR/big" -q
	for x in cut spot hole; do for s in minisig ticket ticket.minisig; do cp big.age.$s $x.age.$s; done; done
	head -c 47000000 big.age > cut.age
	cp big.age spot.age && printf 'XXXX' | dd of=spot.age bs=1 seek=26500000 conv=notrunc status=none # in a content
	cp big.age hole.age && dd if=/dev/zero of=hole.age bs=1000 seek=42400 count=250 conv=notrunc status=none # over records
}

@test "of a cut bundle, what its notes cover is shared, and is INCOMPLETE with all who get it" {
	big
	as phl
	bundle share cut.age -i phl.identity --signer phl --to jpn --path '*/f[0-3]' -o cut1.age
	is 1 "'cut.age' is not shared: altered: "
	[[ $stderr == *"; --salvage takes what its signed notes cover"* ]]
	bundle share cut.age -i phl.identity --signer phl --to jpn --path '*/f[013]' --salvage -o cut1.age
	is 0 "6 records and 3 contents of 1 bundles, TLP:AMBER REL TO JPN,PHL,USA ORIGINATOR phl"
	bundle share cut.age -i phl.identity --signer phl --to jpn --path '*/f9' --salvage -o none.age
	is 2 "nothing in it is what was asked for"
	echo garbage >no.identity && chmod 600 no.identity
	bundle share cut.age -i no.identity --signer phl --to jpn --path '*' --salvage -o none.age
	[ "$status" = 4 ] # says nothing of the bundle
	[[ $stderr == *"identity 'no.identity': line 1: malformed"* ]]
	bundle share cut.age -i phl.identity --signer phl --to ../prk/prk.recipient --path '*' --salvage -o none.age
	is 2 "'prk' (PRK)"
	bundle share big.age -i phl.identity --signer phl --to jpn --path '*/f[39]' --salvage -o bigwhole.age # it is whole
	is 0 "4 records and 2 contents"
	[ ! -e none.age ]
	as jpn
	rm -rf icase icase2 icase3 && rm -f i[0-9].age*
	bundle verify ../phl/cut1.age -i jpn.identity
	is 0 ""
	[[ $output == *": 6 of its first "*" records, 3 of them contents; INCOMPLETE: what followed was cut off or damaged when it was shared; collected under a ticket of phl (PHL)"* ]]
	[[ $output == *$'\nproven     what is here of bundle '* ]]
	bundle verify ../phl/cut1.age -i jpn.identity --json
	printf '%s\n' "$output" | jq -e '.share.verdict == "ok" and .share.sources[0].complete == false'
	bundle cat ../phl/cut1.age "$BATS_FILE_TMPDIR/big/f3" -i jpn.identity > f3
	cmp <("$BIN/picket-bundle" cat ../phl/cut1.age "$BATS_FILE_TMPDIR/big/f3" -i jpn.identity -q) "$BATS_FILE_TMPDIR/big/f3"
	case_ init icase -q
	case_ import icase ../phl/cut1.age -i jpn.identity
	is 0 "imported a share from phl"
	case_ files icase --json
	printf '%s\n' "$output" | jq -se 'length == 3 and all(.trust == "ticketed, INCOMPLETE, SHARED PART")'
	# it stays INCOMPLETE on the way
	case_ share icase -i jpn.identity --signer jpn --to usa --path '*/f0' -o i1.age
	is 0 "2 records"
	(as usa && "$BIN/picket-bundle" verify ../jpn/i1.age -i usa.identity --json | jq -e '.share.verdict == "ok" and .share.sources[0].complete == false')
	# a share of the whole completes it; the beginning adds nothing to the whole
	case_ import icase ../phl/bigwhole.age -i jpn.identity
	is 0 ""
	case_ files icase --json
	printf '%s\n' "$output" | jq -se 'length == 4 and all(.trust == "ticketed, SHARED PART")'
	case_ check icase
	is 0 "sound"
	case_ init icase2 -q
	case_ import icase2 ../phl/bigwhole.age ../phl/cut1.age -i jpn.identity
	is 0 ""
	case_ files icase2 --json
	printf '%s\n' "$output" | jq -se 'length == 4 and all(.trust == "ticketed, SHARED PART")'
	case_ check icase2
	is 0 "sound"
	# nor does it contradict the whole bundle itself, before or after it
	as phl
	rm -rf icase icase2
	case_ init icase -q
	(as phl && "$BIN/picket-bundle" share cut.age -i phl.identity --signer phl --to phl --path '*/f[01]' --salvage -o own.age -q)
	case_ import icase own.age big.age -i phl.identity
	is 0 ""
	case_ init icase2 -q
	case_ import icase2 big.age own.age -i phl.identity
	is 0 ""
	for c in icase icase2; do
		case_ files $c --json
		printf '%s\n' "$output" | jq -se 'length == 11 and all(.trust == "ticketed")' || { echo "$c: $output"; return 1; }
		case_ check $c
		is 0 "sound"
	done
}

@test "case: what was countersigned is that log, and none that goes on" {
	big
	as phl
	rm -rf rcase own.age*
	"$BIN/picket-bundle" share cut.age -i phl.identity --signer phl --to phl --path '*/f[01]' --salvage -o own.age -q
	for c in bare marked; do
		rm -rf rcase
		case_ init rcase -q
		case_ import rcase own.age -i phl.identity
		is 0 "imported a share from phl"
		# as if a receipt had come with that beginning
		[ $c = bare ] || sqlite3 rcase/case.db "UPDATE bundle SET trust = 'countersigned'"
		case_ import rcase big.age -i phl.identity
		is 0 "(ticketed)"
		case_ files rcase --json
		printf '%s\n' "$output" | jq -se 'length == 11 and all(.trust == "ticketed")'
	done
}

@test "case: damage to its own copy of a bundle is no word of another copy" {
	big
	as phl
	rm -rf dcase
	case_ init dcase -q
	case_ import dcase spot.age -i phl.identity --salvage
	is 0 "spot.age: 1 contents are lost"
	cp -r dcase sound
	dd if=/dev/zero of="$(echo dcase/bundles/*.age)" bs=1000 seek=25480 count=100 conv=notrunc status=none # over its first records
	case_ import dcase cut.age -i phl.identity --salvage
	is 4 "the bundle of the same id that the case holds was damaged since it came in"
	[ "$(sqlite3 dcase/case.db "SELECT count(*) FROM intake")" -eq 1 ]
	case_ import sound cut.age -i phl.identity --salvage
	is 0 "cut.age: the case holds more of this bundle already"
	rm -rf dcase sound
}

@test "of a damaged bundle, what comes before the first gap is shared; what comes after is said" {
	big
	as phl
	rm -rf dcase
	bundle share hole.age -i phl.identity --signer phl --to jpn --path '*/f?' --salvage -o spot1.age
	is 0 "records behind the damage cannot be proven to others: they are left out"
	bundle share hole.age -i phl.identity --signer phl --to jpn --path '*/f9' --salvage -o spot2.age
	is 2 "nothing in it is what was asked for"
	[[ $stderr == *"2 records behind the damage"* ]]
	case_ init dcase -q
	case_ import dcase hole.age -i phl.identity --salvage
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ]
	case_ files dcase --json
	all=$(printf '%s\n' "$output" | wc -l)
	case_ share dcase -i phl.identity --signer phl --to jpn --path '*' -o spot3.age
	is 0 "records behind the damage cannot be proven to others: they are left out"
	as jpn
	for f in spot1 spot3; do
		bundle verify ../phl/$f.age -i jpn.identity
		is 0 ""
		[[ $output == *"; INCOMPLETE: "* ]]
		bundle list ../phl/$f.age -i jpn.identity --json
		n=$(printf '%s\n' "$output" | wc -l)
		[ "$n" -gt 0 ]
		[ "$n" -lt "$all" ]
		printf '%s\n' "$output" | jq -se 'any(.path | endswith("/f0"))'
		"$BIN/picket-bundle" cat ../phl/$f.age "$BATS_FILE_TMPDIR/big/f0" -i jpn.identity -q | cmp - "$BATS_FILE_TMPDIR/big/f0"
	done
	# where a content alone is lost, the rest goes, and its path without it
	as phl
	bundle share spot.age -i phl.identity --signer phl --to jpn --path '*/f?' --salvage -o spot4.age
	is 0 "'spot.age': 1 contents are lost: their paths go without them"
	[[ $stderr == *"19 records and 9 contents of 1 bundles"* ]]
	as jpn
	bundle verify ../phl/spot4.age -i jpn.identity
	is 0 ""
}

@test "share: what only post-quantum readers can open goes to no classic one" {
	cd "$BATS_FILE_TMPDIR" && mkdir pq && cd pq
	export XDG_CONFIG_HOME=$PWD/.config
	"$BIN/picket-key" new pq --post-quantum --nation JPN -q
	"$BIN/picket-key" new pq2 --post-quantum --nation USA --signer pq -q
	"$BIN/picket-key" roster add ../jpn/jpn.party --signer pq --yes -q
	"$BIN/picket-bundle" seal --signer pq --to pq --tlp AMBER --rel-to USA,JPN -o q.age "$ROOT" -q
	"$BIN/picket-key" new old --nation JPN --signer pq -q
	"$BIN/picket-bundle" seal --signer pq --to old --tlp AMBER --rel-to USA,JPN -o o.age "$ROOT" -q
	bundle share q.age -i pq.identity --signer pq --to jpn --path '*' -o x.age
	is 2 "post-quantum and classic readers do not go together: those of 'q.age' are post-quantum, and 'age1"
	bundle share o.age q.age -i pq.identity -i old.identity --signer pq --to jpn --path '*' -o x.age
	is 2 "those of 'q.age' are post-quantum"
	[ ! -e x.age ]
	"$BIN/picket-case" init c -q
	"$BIN/picket-case" import c q.age o.age -i pq.identity -i old.identity -q
	case_ share c -i pq.identity -i old.identity --signer pq --to jpn --path '*' -o x.age
	is 2 "are post-quantum"
	[ ! -e x.age ]
	# a classic bundle may go to either, a post-quantum one to its like; and so may what was made of it, and no further
	bundle share o.age -i old.identity --signer pq --to pq2 --path '*' -o op.age
	is 0 ""
	bundle share q.age -i pq.identity --signer pq --to pq2 --path '*' -o qp.age
	is 0 ""
	bundle share qp.age -i pq2.identity --signer pq2 --to jpn --path '*' -o x.age
	is 2 "those of 'qp.age' are post-quantum"
}

# one collection of three parts, q1.age to q3.age, by PHL for itself and USA; of each a share: s-qN.age, and n-qN.age without its
# record 0
sealed_part() { # OUT FILE [PART BEFORE...]
	local before=() p
	for p in "${@:3}"; do before+=(--part-of "$p"); done
	mkdir -p "t-${1%.age}" && echo "$2 of $1" > "t-${1%.age}/$2"
	"$BIN/picket-bundle" seal --ticket visit --to phl --to usa -o "$1" "t-${1%.age}" -q "${before[@]}"
}
to_usa() { "$BIN/picket-bundle" share -i phl.identity --signer phl --to usa --to phl --path '*' -q "$@"; }
collection() {
	as phl
	[ ! -d parts ] || { cd parts && return; }
	mkdir parts && cd parts && cp ../phl.identity ../phl.signkey ../phl.notekey ../phl.signpub ../phl.notepub ../phl.party .
	"$BIN/picket-key" ticket --signer phl --to phl --to usa --mission VISIT --tlp AMBER --rel-to USA,PHL -o visit -q
	sealed_part q1.age f1
	sealed_part q2.age f2 q1.age
	sealed_part q3.age f3 q1.age q2.age
	# whoever has the ticket's keys
	sealed_part x2.age g2 q1.age          # another second part
	sealed_part x3.age g3 q1.age x2.age   # and a third one of that
	sealed_part alone.age g1
	sealed_part y3.age h3 q1.age q2.age   # another third part
	for n in q1 q2 q3 x2 x3 alone y3; do
		to_usa $n.age -o s-$n.age
		to_usa $n.age --no-host -o n-$n.age
	done
}
taken() { "$BIN/picket-case" files "$1" --json | jq -r .path | sed 's,.*/,,' | grep -v '^t-' | sort -u | xargs; }
verdicts() { "$BIN/picket-case" bundles "$1" --json | jq -r 'select(.state == "quarantined").verdict' | sort | xargs; }
fresh() { rm -rf c && "$BIN/picket-case" init c --party usa -q; }
usa_takes() { XDG_CONFIG_HOME=$BATS_FILE_TMPDIR/usa/.config case_ import c "$@" -i ../../usa/usa.identity; }

@test "two bundles of one use in one share: none is made, and one that was is an alarm" {
	collection
	bundle share q1.age alone.age -i phl.identity --signer phl --to usa --path '*' -o x.age
	is 1 "is not shared with the others: replayed: its ticket is for one use and was used by bundle"
	bundle share q1.age alone.age -i phl.identity --signer phl --to usa --path '*' --no-host -o x.age
	is 1 "is not shared with the others: replayed"
	bundle share q3.age x2.age q2.age q1.age -i phl.identity --signer phl --to usa --path '*' -o x.age
	is 1 "is not shared with the others: replayed: its ticket is for one use; bundle"
	bundle share s-q2.age x3.age -i phl.identity --signer phl --to usa --path '*' -o x.age
	is 1 "replayed"
	[ ! -e x.age ]
	[ ! -e x.age.ticket ]
	# nor out of a case
	rm -rf mine && case_ init mine -q
	case_ import mine q1.age -i phl.identity; is 0 ""
	case_ import mine alone.age --accept "by order" -i phl.identity; is 0 "accepted: replayed"
	case_ share mine -i phl.identity --signer phl --to usa --path '*' -o x.age
	[ "$status" -ne 0 ] && [[ $stderr == *"is not shared with the others: replayed"* ]] || { echo "$status $stderr"; return 1; }
	[ ! -e x.age ]
	# parts that continue each other go
	to_usa q3.age q1.age q2.age -o all.age
	bundle share q1.age q3.age -i phl.identity --signer phl --to usa --path '*' -o gap.age
	is 0 "where nothing joins its parts: bundle $(id_of q3.age phl.identity | head -c 8) is part 3 of a collection whose part 2, bundle $(id_of q2.age phl.identity | head -c 8), is not in the share"
	bundle share q1.age q2.age -i phl.identity --signer phl --to usa --path '*' --no-host -o blind.age
	is 0 "who gets the share is told: of bundle "
	bundle verify blind.age -i ../../usa/usa.identity
	is 0 ""
	[[ $output == *"not proven of bundle "*": whether it continues the others under its ticket"* ]]
	fresh
	usa_takes blind.age; is 0 "blind.age: of bundle "
	is 0 "or is a replay of it, cannot be told"
	usa_takes q2.age; is 0 "imported" # which proves the number of the first part
	[[ $stderr != *"cannot be told"* ]]
	usa_takes q1.age; is 0 "imported"
	[[ $stderr != *"cannot be told"* ]]
	[ "$(taken c)" = "f1 f2" ]
	"$BIN/picket-case" check c -q
	fresh
	usa_takes gap.age; is 1 "gap.age: waiting: part of bundle"
	[[ $stderr != *ALARM* ]]
	usa_takes s-q2.age; is 0 "gap.age: imported a share from phl, part of 2 bundles"
	[ "$(taken c)" = "f1 f2 f3" ]
	[ -z "$(ls c/quarantine)" ]
	"$BIN/picket-case" check c -q
}

@test "shares of parts, and parts, in any order and mixed, one by one and at once: all are taken in, without an alarm" {
	collection
	fresh
	for p in q1 q2 q3; do usa_takes $p.age; is 0 "imported"; done
	want=$(taken c)
	for kinds in "q q q" "s-q s-q s-q" "s-q q q" "q s-q q" "q q s-q" "s-q s-q q" "s-q q s-q" "q s-q s-q"; do
		# shellcheck disable=SC2086
		set -- $kinds
		one=$1 two=$2 three=$3
		for order in "1 2 3" "1 3 2" "2 1 3" "2 3 1" "3 1 2" "3 2 1"; do
			files=()
			for n in $order; do
				case $n in 1) files+=("${one}1.age") ;; 2) files+=("${two}2.age") ;; *) files+=("${three}3.age") ;; esac
			done
			fresh
			usa_takes "${files[@]}"
			is 0 "imported" || { echo "${files[*]}"; return 1; }
			[[ $stderr != *"cannot be told"* ]] && [ "$(taken c)" = "$want" ] && [ -z "$(ls c/quarantine)" ] || { echo "${files[*]}: $stderr"; return 1; }
			fresh
			for f in "${files[@]}"; do
				usa_takes "$f"
				[ "$status" -eq 0 ] || is 1 "$f: waiting: " || { echo "${files[*]}"; return 1; }
				[[ $stderr != *ALARM* && $stderr != *"cannot be told"* ]] || { echo "${files[*]}: $stderr"; return 1; }
			done
			[ "$(taken c)" = "$want" ] && [ -z "$(ls c/quarantine)" ] || { echo "${files[*]}: $(taken c)"; return 1; }
			# and then the whole of each
			usa_takes q1.age q2.age q3.age; is 0 "" || { echo "${files[*]} then all"; return 1; }
			[[ $stderr != *ALARM* ]] && [ "$("$BIN/picket-case" bundles c --json | jq -r '.part' | sort | xargs)" = "1 2 3" ] || { echo "${files[*]} then all: $stderr"; return 1; }
			"$BIN/picket-case" check c -q || { echo "${files[*]}: check"; return 1; }
		done
	done
}

@test "a share of a part that does not continue is an alarm as the part itself is" {
	collection
	# what is there, what comes: an alarm, whatever is a share of it
	for pair in "q1 alone" "q2 x2" "q2 x3" "x3 q2" "q3 y3" "q2 alone"; do
		# shellcheck disable=SC2086
		set -- $pair
		for there in "$1" "s-$1"; do
			for comes in "$2" "s-$2"; do
				fresh
				usa_takes "$there.age"; is 0 "imported"
				usa_takes "$comes.age"
				is 1 "$comes.age: ALARM: replayed: " || { echo "$there, $comes"; return 1; }
				[ "$(verdicts c)" = replayed ]
				usa_takes "$there.age" "$comes.age"; is 1 "ALARM: replayed"
				"$BIN/picket-case" check c -q
			done
		done
	done
	# a third part of a forged second: it waits for that, and the true second tells
	for third in x3 s-x3; do
		for second in q2 s-q2; do
			fresh
			usa_takes q1.age; is 0 ""
			usa_takes $third.age; is 1 "$third.age: waiting: "
			usa_takes $second.age; is 1 "$third.age: ALARM: replayed: "
			[[ $stderr == *"$second.age: imported"* ]]
			[ "$(taken c)" = "f1 f2" ]
		done
	done
	# what waits is said so, in the share's own name; a person may let it in
	fresh
	usa_takes s-q1.age; is 0 ""
	usa_takes s-q3.age; is 1 "s-q3.age: waiting: part of bundle $(id_of q3.age phl.identity | head -c 8): part 3 of a collection whose part 2, bundle"
	before=$("$BIN/picket-case" custody c --export jsonl | wc -l)
	usa_takes s-q3.age; is 1 "waiting"
	[ "$("$BIN/picket-case" custody c --export jsonl | wc -l)" -eq "$before" ]
	XDG_CONFIG_HOME=$BATS_FILE_TMPDIR/usa/.config case_ import c s-q3.age --accept "part 2 is not for us" -i ../../usa/usa.identity
	is 0 "accepted: waiting"
	"$BIN/picket-case" check c -q
}

@test "a share without record 0 is no alarm, and what it hides is said" {
	collection
	for order in "q1 n-q2 q3" "q1 q3 n-q2" "n-q2 q1 q3" "n-q2 q3 q1" "q3 n-q2 q1" "q3 q1 n-q2" "n-q1 q3 q2" "s-q1 s-q2 n-q3" "n-q3 n-q1 n-q2"; do
		fresh
		said=
		for f in $order; do
			usa_takes "$f.age"
			[ "$status" -eq 0 ] || is 1 "$f.age: waiting: " || { echo "$order"; return 1; }
			[[ $stderr != *ALARM* ]] || { echo "$order: $stderr"; return 1; }
			said+=$stderr
		done
		[[ $said == *"cannot be told"* ]] || { echo "$order: nothing said"; return 1; }
		[ "$(taken c)" = "f1 f2 f3" ] && [ -z "$(ls c/quarantine)" ] || { echo "$order: $(taken c)"; return 1; }
		"$BIN/picket-case" check c -q
		# what was hidden comes
		usa_takes q1.age q2.age q3.age; is 0 "" || { echo "$order, then all"; return 1; }
		[ "$("$BIN/picket-case" bundles c --json | jq -r '.part' | sort | xargs)" = "1 2 3" ]
	done
	# the part after it proves the number of one that is first: nothing is open then
	fresh
	usa_takes n-q1.age q2.age; is 0 ""
	[[ $stderr != *"cannot be told"* ]]
	# a forged one: said, and known for what it is once its record 0 is there
	fresh
	usa_takes q1.age q2.age; is 0 ""
	usa_takes n-x2.age; is 0 "n-x2.age: of bundle $(id_of x2.age phl.identity | head -c 8) record 0 was kept back: whether it continues the others under its ticket, which is for one use, or is a replay of it, cannot be told"
	[ "$("$BIN/picket-case" bundles c --json | jq -c '.part' | sort | xargs)" = "1 2 null" ]
	usa_takes q3.age; is 0 "cannot be told"
	usa_takes s-x2.age; is 1 "ALARM: replayed"
	usa_takes x2.age; is 1 "ALARM: replayed"
	# another third part of a forged second that is hidden
	fresh
	usa_takes q1.age; is 0
	usa_takes n-x2.age x3.age; is 0 "cannot be told"
	usa_takes q2.age; is 1 "q2.age: ALARM: replayed"
}
