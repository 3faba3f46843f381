#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# picket-case: what it takes in and what not, what it lists, what it writes, exit codes.
bats_require_minimum_version 1.5.0
load json

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build}
	export XDG_CONFIG_HOME=$BATS_FILE_TMPDIR/.config
	umask 022
	cd "$BATS_FILE_TMPDIR"
	"$BIN/picket-key" new lead --org CPT-7 --nation USA -q
	mkdir -p tree/etc tree/www
	printf 'root:x:0:0\n' > tree/etc/passwd
	printf 'shell\n' > 'tree/www/<script>alert(1)<script>.php'
	printf 'odd\n' > tree/www/$'new\nline \e[31m\xff='
	printf 'a"b\n' > "tree/www/it's \"quoted\" & <b>bold<b>"
	head -c 3000000 /dev/urandom > tree/big
	touch -d 2026-01-02T03:04:05.678Z tree/etc/passwd
	"$BIN/picket-bundle" seal --to lead --signer lead --mission HARBOR --tlp AMBER --rel-to USA -o a.age tree -q
	mkdir other && printf 'other\n' > other/only-here
	"$BIN/picket-bundle" seal --to lead --signer lead --mission HARBOR --tlp GREEN --rel-to USA,JPN -o b.age other -q
	"$BIN/picket-bundle" seal --to lead --unsigned -o u.age other -q
	"$BIN/picket-case" init ready --team CPT-7 --author ann -q
	"$BIN/picket-case" import ready a.age b.age -i lead.identity --author ann -q
}

setup() { cd "$BATS_FILE_TMPDIR"; }

case_() { run --separate-stderr "$BIN/picket-case" "$@"; }
is() { # exit code, then a piece of standard error
	[ "$status" -eq "$1" ] || { echo "exit $status: $stderr"; return 1; }
	[[ $stderr == *"$2"* ]] || { echo "message: $stderr"; return 1; }
}
not() { if "$@"; then echo "so it is: $*"; return 1; fi; }
copy() { # FROM TO: a bundle and what is beside it
	for s in '' .minisig .ticket .ticket.minisig; do [ ! -e "$1$s" ] || cp "$1$s" "$2$s"; done
}

@test "init: a folder for the owner only, and never over something else" {
	case_ init new; is 0 "made the case 'new'"
	[ "$(stat -c %a new new/case.db new/bundles new/quarantine | tr '\n' ' ')" = "700 600 700 700 " ]
	case_ init new; is 2 "is not empty"
	case_ hosts new; is 0 "nothing to show"
	case_ hosts nowhere; is 2 "picket-case init nowhere"
	mkdir notacase && echo x > notacase/case.db
	case_ hosts notacase; is 4 "damaged"
}

@test "import: trust first, and again is nothing" {
	case_ init c1 -q
	case_ import c1 a.age -i lead.identity; is 0 "imported from host"
	[ "$(ls c1/bundles | wc -l)" -eq 4 ]
	[ -z "$(ls c1/quarantine)" ]
	[ "$(stat -c %a c1/bundles/*.age c1/roster | sort -u)" = 600 ]
	cmp a.age c1/bundles/*.age
	before=$("$BIN/picket-case" custody c1 --head)
	case_ import c1 a.age -i lead.identity; is 0 "in the case already"
	[ "$("$BIN/picket-case" custody c1 --head)" = "$before" ]
	case_ check c1; is 0 "sound"
}

@test "import: without an identity, or with a wrong one, nothing happens" {
	case_ init c2 -q
	case_ import c2 a.age; is 2 "give -i IDENTITY"
	mkdir -p stranger && (cd stranger && XDG_CONFIG_HOME=$PWD/.c "$BIN/picket-key" new x --nation JPN -q 2>/dev/null || true)
	case_ import c2 a.age -i stranger/x.identity; is 4 "a.age"
	[[ $stderr != *incoming-* ]]
	case_ bundles c2; is 0 "no bundles yet"
	[ -z "$(ls c2/bundles c2/quarantine | grep age)" ]
}

@test "a station without a home has no roster, which is no failure" {
	homeless() { run --separate-stderr env -u HOME -u XDG_CONFIG_HOME "$BIN/$@"; }
	case_ init homeless -q
	homeless picket-case import homeless b.age -i lead.identity; is 1 "unknown issuer"
	[[ $stderr == *"warning: no roster: no issuer is known here"* ]]
	homeless picket-case import homeless b.age -i lead.identity --roster none; is 4 "cannot open the roster 'none'"
	homeless picket-case import homeless b.age -i lead.identity --roster .config/picket/roster; is 0 "imported from host"
	homeless picket-case custody homeless --verify; is 0
	homeless picket-case share homeless --to lead --signer lead --host x; is 2 "there is no roster here"
	homeless picket-bundle list a.age -i lead.identity; is 0 "there is no roster here"
	homeless picket-bundle rewrap a.age --to lead --signer lead; is 2 "there is no roster here"
	homeless picket-key roster list; is 2 "say where with --roster"
	homeless picket-kit build --mission X --signer lead --to lead -o kit; is 2 "there is no roster here"
	homeless picket-kit build --mission X --signer lead --to lead -o kit --roster none; is 4 "cannot open the roster 'none'"
}

@test "import: unsigned, altered, unknown issuer, cut: kept, listed, not merged" {
	case_ init c3 -q
	case_ import c3 u.age -i lead.identity; is 1 "unsigned"
	copy a.age nosig.age; rm nosig.age.minisig
	case_ import c3 nosig.age -i lead.identity; is 1 "unsigned"
	copy a.age flip.age; printf XXXXXXXX | dd of=flip.age bs=1 seek=100000 conv=notrunc status=none
	case_ import c3 flip.age -i lead.identity; is 1 "altered"
	copy a.age cut.age; truncate -s -70000 cut.age
	case_ import c3 cut.age -i lead.identity; is 1 "--salvage"
	copy a.age wrongticket.age; cp b.age.ticket wrongticket.age.ticket; cp b.age.ticket.minisig wrongticket.age.ticket.minisig
	printf '\0' >> wrongticket.age
	case_ import c3 wrongticket.age -i lead.identity; is 1 "altered"
	XDG_CONFIG_HOME=$PWD/none case_ import c3 b.age -i lead.identity; is 1 "unknown issuer"
	[[ $stderr == *"no roster at"* ]]
	case_ bundles c3 --json; is 0
	[ "$(jq -r .verdict <<<"$output" | sort | uniq -c | tr -s ' \n' ' ')" = " 3 altered 1 unknown issuer 2 unsigned " ]
	[ "$(jq -r .state <<<"$output" | sort -u)" = quarantined ]
	case_ files c3; is 0 "nothing to show"
	case_ check c3; is 0 "6 in quarantine"
	# the roster is known now
	case_ import c3 b.age -i lead.identity; is 0 "imported"
	# a person answers for it, and says why
	for reason in "" $'two\nlines'; do
		case_ import c3 u.age -i lead.identity --accept "$reason"; is 2 "--accept needs a reason in words, on one line"
	done
	case_ import c3 u.age -i lead.identity --accept "own stick, never left my hand"; is 0 "accepted: unsigned"
	case_ bundles c3 --json
	[ "$(jq -r 'select(.accepted).trust' <<<"$output")" = "quarantined, accepted, unsigned" ]
	case_ custody c3 --json
	[ "$(jq -r 'select(.action == "release").line.reason' <<<"$output")" = "own stick, never left my hand" ]
	# no reason makes damaged bytes good
	case_ import c3 flip.age -i lead.identity --accept "must be right"; is 1 "cut or damaged"
	case_ check c3; is 0 "4 in quarantine"
}

@test "import: several at once, each on its own" {
	case_ init c4 -q
	case_ import c4 a.age missing.age u.age -i lead.identity --json; is 3 "missing.age"
	[ "$(jq -r .state <<<"$output" | tr '\n' ' ')" = "imported quarantined " ]
	case_ import c4 missing.age -i lead.identity; is 4 "No such file"
}

@test "import: one writer" {
	case_ init c5 -q
	{ printf 'BEGIN IMMEDIATE;\n'; sleep 8; } | sqlite3 c5/case.db &
	sleep 1
	case_ import c5 a.age -i lead.identity; is 4 "one writer at a time"
	kill $! 2>/dev/null; wait || true
	case_ import c5 a.age -i lead.identity; is 0
}

@test "import: killed at any point, check is clean and the next run gives the same" {
	for n in 0.02 0.05 0.08 0.12 0.2 0.3; do
		rm -rf k && "$BIN/picket-case" init k -q
		timeout -s KILL $n "$BIN/picket-case" import k a.age -i lead.identity -q || true
		case_ check k; is 0 "sound"
		case_ import k a.age -i lead.identity; is 0
		case_ check k; is 0 "1 bundles"
		[[ $output != *note:* ]]
		[ "$("$BIN/picket-case" files k --json | jq -c 'del(.ref)' | sha256sum)" = \
			"$("$BIN/picket-case" files ready --bundle "$("$BIN/picket-case" bundles k --json | jq -r .id)" --json | jq -c 'del(.ref)' | sha256sum)" ]
	done
}

@test "files: raw names in JSON, escaped for people" {
	case_ files ready --json; is 0
	[ "$(jq -r 'select(.path_b64).path_b64' <<<"$output" | base64 -d | od -An -c | tr -d ' \n')" = 'www/new\nline033[31m377=' ] ||
		[[ $(jq -r 'select(.path_b64).path_b64' <<<"$output" | base64 -d) == *$'new\nline \e[31m\xff=' ]]
	[ "$(jq -r 'select(.path and (.path | endswith("passwd"))).mtime' <<<"$output")" = 1767323045.678000000 ]
	case_ files ready; is 0
	[[ $output != *$'\e'* ]]
	[[ $output == *'new\x0aline \x1b[31m\xff='* ]]
	[[ $output == *2026-01-02T03:04:05Z* ]]
	case_ files ready --path '*passwd' --json; [ "$(jq -s length <<<"$output")" = 1 ]
	case_ files ready --summary; is 0; [[ $output == *taken* ]]
	case_ files ready --host nobody; is 2 "no host 'nobody'"
	case_ files ready --from yesterday; is 2 "--from takes"
	case_ files ready --limit 1 --json; [ "$(wc -l <<<"$output")" -eq 1 ]
	for verb in files timeline hosts tag custody; do
		case_ $verb ready --limit 0; is 2 "--limit takes 1 or more"; [ -z "$output" ]
	done
	case_ files ready --outcome taken --kind file --json; is 0; [ "$(jq -s length <<<"$output")" = 6 ]
	case_ files ready --outcome TAKEN; is 2 "--outcome takes one of taken, partial, metadata, absent, skipped, denied, vanished, failed, not 'TAKEN'"
	case_ files ready --kind FILE; is 2 "--kind takes one of file, dir, link, fifo, socket, char, block, not 'FILE'"
}

@test "search: words, parts of names, and nothing of the query language" {
	case_ search ready passwd --json; [ "$(jq -s length <<<"$output")" = 1 ]
	case_ search ready ly-he --json; [ "$(jq -s length <<<"$output")" = 1 ]
	case_ search ready 'x" OR path:"'; is 0
	case_ search ready "quoted"; [[ $output == *quoted* ]]
}

@test "timeline, stack, hosts, hits, live" {
	case_ timeline ready --from 2026-01-02 --to 2026-01-03 --json; is 0
	[ "$(jq -r '.time + " " + .what[:1]' <<<"$output")" = "1767323045.678000000 m" ]
	case_ stack ready --rare --by path --json; is 0
	case_ stack ready --table processes; is 2 "go together"
	case_ hosts ready --json; [ "$(jq -s 'map(.bundles) | add' <<<"$output")" = 2 ]
	case_ hits ready; is 0 "nothing to show"
	case_ live ready; is 0
	case_ live ready --table nosuch; is 2 "no live table 'nosuch' in this case, which has none"
	# a table that collectors know, and that this case has no row of, is no mistake
	case_ live ready --table processes; is 0 "nothing to show"
	[ -z "$output" ]
	case_ live ready --table processes --json; is 0
	[ -z "$output" ]
	case_ timeline ready --source nosuch; is 2 "no source 'nosuch' in this case, which has file"
	case_ timeline ready --source file; is 0 ""; [ -n "$output" ]
}

@test "import: what is no bundle and belongs to none is not taken in" {
	copy a.age wrong.age
	case_ init tw -q
	case_ import tw a.age wrong.age.ticket wrong.age.minisig lead.party -i lead.identity; is 3 ""
	[ "$(grep -c 'not an age file, and no ticket beside it: not taken in' <<<"$stderr$output")" -eq 3 ]
	case_ bundles tw --json; is 0 ""
	[ -z "$(grep quarantine <<<"$output")" ]
	[ -z "$(ls tw/quarantine)" ]
}

@test "the label is on every listing, in columns and in every object, and on every page of the report" {
	rm -rf tl && cp -r ready tl # AMBER REL TO USA and GREEN REL TO JPN,USA: together AMBER REL TO USA
	host=$("$BIN/picket-case" hosts tl --json | jq -r .name | head -1)
	"$BIN/picket-case" tag tl seen host:"$host" -q && "$BIN/picket-case" note tl host:"$host" passwd -q
	cp b.age bad.age && printf x >> bad.age && for s in minisig ticket ticket.minisig; do cp b.age.$s bad.age.$s; done
	case_ import tl bad.age -i lead.identity; is 1 "altered"
	n=0
	while read -r -a verb; do
		case_ "${verb[0]}" tl "${verb[@]:1}" -q
		is 0 "" || { echo "${verb[*]}"; return 1; }
		[ "${lines[0]}" = "TLP:AMBER REL TO USA ORIGINATOR lead" ] || { echo "${verb[*]}: ${lines[0]}"; return 1; }
		[ "$(printf '%s\n' "$output" | grep -c '^TLP:')" -eq 1 ] || { echo "${verb[*]}: said again"; return 1; }
		case_ "${verb[0]}" tl "${verb[@]:1}" --json
		is 0 "" || { echo "${verb[*]}"; return 1; }
		printf '%s\n' "$output" | jq -se 'map(select(.type != "head")) | length > 0 and all(if .type == "quarantine" then .label == null else
			.label == "TLP:AMBER REL TO USA ORIGINATOR lead" or .label == "TLP:GREEN REL TO JPN,USA ORIGINATOR lead" end)' > /dev/null || { echo "${verb[*]}: $output"; return 1; }
		n=$((n + 1))
	done <<-'VERBS'
		hosts
		bundles
		files
		files --summary
		timeline
		stack
		search passwd
		tag
		note
		custody
	VERBS
	[ $n -eq 10 ]
	# a row of one bundle has that bundle's own
	[ "$("$BIN/picket-case" files tl --path '*only-here' --json | jq -r .label)" = "TLP:GREEN REL TO JPN,USA ORIGINATOR lead" ]
	[ "$("$BIN/picket-case" files tl --path '*passwd' --json | jq -r .label)" = "TLP:AMBER REL TO USA ORIGINATOR lead" ]
	[ "$("$BIN/picket-case" timeline tl --path '*only-here' --json | jq -r .label | sort -u)" = "TLP:GREEN REL TO JPN,USA ORIGINATOR lead" ]
	[ "$("$BIN/picket-case" search tl only-here --json | jq -r .label)" = "TLP:GREEN REL TO JPN,USA ORIGINATOR lead" ]
	case_ files tl --path '/no/such'; is 0 "nothing to show"; [ -z "$output" ]
	for out in "cat tl $BATS_FILE_TMPDIR/other/only-here -i lead.identity" "custody tl --export text"; do
		case_ $out; is 0 "TLP:AMBER REL TO USA ORIGINATOR lead"
	done
	case_ report tl -o tl.html; is 0
	[ "$(grep -o '@top-right { content: "TLP:AMBER REL TO USA ORIGINATOR lead"; font: 700 12pt/1.2 sans-serif; text-align: right;' tl.html | wc -l)" -eq 1 ]
	[ "$(grep -o '@bottom-right { content: "TLP:AMBER REL TO USA ORIGINATOR lead"; font: 700 12pt/1.2 sans-serif; text-align: right;' tl.html | wc -l)" -eq 1 ]
	[ "$(grep -o '<div class="tlp amber [a-z]*"><b>TLP:AMBER</b><span>REL TO USA</span><span>ORIGINATOR <bdi>lead</bdi></span>' tl.html | wc -l)" -eq 2 ]
	grep -q '<title>TLP:AMBER REL TO USA ORIGINATOR lead - ready</title>' tl.html
	[ "$(tr -d '\n' < tl.html | grep -o '\.tlp {[^}]*font-size: max(1rem, 12pt);' | wc -l)" -eq 1 ]
	# a share whose name nobody chose says how to treat it, not whom it is for
	rm -rf named && mkdir named
	(cd named && "$BIN/picket-case" share ../tl -i ../lead.identity --signer ../lead.signkey --to lead --path '*passwd' -q &&
		"$BIN/picket-bundle" share ../b.age -i ../lead.identity --signer ../lead.signkey --to lead --path '*only-here' --tlp AMBER+STRICT -q)
	[ "$(ls named | sed 's/^[0-9a-f]*-[0-9a-f]*//' | LC_ALL=C sort | tr '\n' ' ')" = ".TLP-AMBER+STRICT.age .TLP-AMBER+STRICT.age.minisig .TLP-AMBER+STRICT.age.ticket .TLP-AMBER+STRICT.age.ticket.minisig .TLP-AMBER.age .TLP-AMBER.age.minisig .TLP-AMBER.age.ticket .TLP-AMBER.age.ticket.minisig " ] || { ls named; return 1; }
}

@test "caveats and originators of all bundles are on listings, in objects and on the report's pages" {
	rm -rf cv cv.html
	long=$(printf 'CAVEAT-NUMBER-%03d,' $(seq 60))
	"$BIN/picket-bundle" seal --to lead --signer lead --tlp GREEN --rel-to USA,JPN --caveats "LES,</STYLE><SCRIPT>ALERT(5)</SCRIPT>" --originator 'JCDC,"} *{display:none}' -o c1.age other -q
	"$BIN/picket-bundle" seal --to lead --signer lead --tlp AMBER --rel-to USA --caveats "ORCON" --originator lead -o c2.age tree/etc -q
	"$BIN/picket-case" init cv -q && "$BIN/picket-case" import cv c1.age c2.age -i lead.identity -q
	one='TLP:GREEN REL TO JPN,USA CAVEATS </STYLE><SCRIPT>ALERT(5)</SCRIPT>,LES ORIGINATOR """} *{display:none}",JCDC'
	two='TLP:AMBER REL TO USA CAVEATS ORCON ORIGINATOR lead'
	all='TLP:AMBER REL TO USA CAVEATS </STYLE><SCRIPT>ALERT(5)</SCRIPT>,LES,ORCON ORIGINATOR """} *{display:none}",JCDC,lead'
	for verb in files bundles timeline hosts; do
		case_ $verb cv -q; is 0 ""
		[ "${lines[0]}" = "$all" ] || { echo "$verb: ${lines[0]}"; return 1; }
	done
	case_ search cv only-here -q; [ "${lines[0]}" = "$all" ]
	case_ bundles cv --json; [ "$(jq -r .label <<< "$output" | LC_ALL=C sort)" = "$two"$'\n'"$one" ]
	[[ $("$BIN/picket-case" bundles cv -q) == *"$two"* ]]
	for verb in files timeline; do
		[ "$("$BIN/picket-case" $verb cv --path '*only-here' --json | jq -r .label | sort -u)" = "$one" ] || { echo "$verb"; return 1; }
	done
	[ "$("$BIN/picket-case" search cv only-here --json | jq -r .label)" = "$one" ]
	# a machine without any id of its own is another host to each bundle: one row or two
	[ "$("$BIN/picket-case" hosts cv --json | jq -r .label | sort -u)" = "$all" ]
	case_ cat cv "$PWD/other/only-here" -i lead.identity; is 0 "$all"
	# chosen by SQL
	[ "$("$BIN/picket-case" files cv -q --json --query "SELECT f.ref FROM file f JOIN bundle b ON b.id = f.bundle WHERE instr(',' || b.caveats || ',', ',ORCON,') AND b.originators = 'lead'" | jq -r .label | sort -u)" = "$two" ]
	# the report: head, foot, title, margins of printed pages, table of bundles
	case_ report cv -o cv.html; is 0 ""
	[ "$(grep -o '<span>CAVEATS <bdi>&lt;/STYLE&gt;&lt;SCRIPT&gt;ALERT(5)&lt;/SCRIPT&gt;</bdi>, <bdi>LES</bdi>, <bdi>ORCON</bdi></span><span>ORIGINATOR <bdi>&quot;} \*{display:none}</bdi>, <bdi>JCDC</bdi>, <bdi>lead</bdi></span></div>' cv.html | wc -l)" -eq 2 ]
	[ "$(grep -o '@[a-z]*-right { content: "TLP:AMBER REL TO USA CAVEATS \\3c /STYLE\\3e \\3c SCRIPT\\3e ALERT(5)\\3c /SCRIPT\\3e ,\\200b LES,\\200b ORCON ORIGINATOR \\22 \\22 \\22 } \*{display:none}\\22 ,\\200b JCDC,\\200b lead";' cv.html | wc -l)" -eq 2 ]
	not grep -q '<script' cv.html
	[ "$(grep -c '</style>' cv.html)" -eq 1 ]
	[ "$(grep -o 'TLP:GREEN REL TO JPN,USA CAVEATS &lt;/STYLE&gt;[^<]*JCDC</bdi></td>' cv.html | wc -l)" -ge 1 ]
	# a share of both, in its name the TLP alone
	case_ share cv -i lead.identity --signer lead.signkey --to lead --path '*' -o cv.age --json; is 0 "$all"
	[ "$(jq -r .label <<< "$output")" = "$all" ]
	[ "$("$BIN/picket-case" custody cv --json | jq -r 'select(.action == "release").line.label')" = "$all" ]
	rm -rf cw && "$BIN/picket-case" init cw -q && "$BIN/picket-case" import cw cv.age -i lead.identity -q
	[ "$("$BIN/picket-case" bundles cw --json | jq -r .label | sort -u)" = "$all" ]
	[ "$("$BIN/picket-case" custody cw --json | jq -r 'select(.line.label).line.label')" = "$all" ]
	# lists that are long: told whole, and the margin says that there is more
	"$BIN/picket-bundle" seal --to lead --signer lead --tlp AMBER --rel-to NATO --caveats "${long%,}" -o c3.age other -q
	rm -rf cx && "$BIN/picket-case" init cx -q && "$BIN/picket-case" import cx c3.age -i lead.identity -q
	case_ files cx -q; [[ ${lines[0]} == *"CAVEATS ${long%,} ORIGINATOR lead" ]]
	case_ report cx -o cx.html; is 0
	grep -q '<bdi>CAVEAT-NUMBER-060</bdi></span><span>ORIGINATOR <bdi>lead</bdi></span></div>' cx.html
	[ "$(grep -o '@[a-z]*-right { content: "TLP:AMBER REL TO \([A-Z]*,\\200b \)*[A-Z]* CAVEATS \.\.\. ORIGINATOR \.\.\.";' cx.html | wc -l)" -eq 2 ]
	# a word that no line has room for can be broken
	wide=$(head -c 90 /dev/zero | tr '\0' W)
	"$BIN/picket-bundle" seal --to lead --signer lead --tlp AMBER --rel-to USA --caveats "$wide" -o c3w.age other -q
	rm -rf cx && "$BIN/picket-case" init cx -q && "$BIN/picket-case" import cx c3w.age -i lead.identity -q
	rm cx.html && "$BIN/picket-case" report cx -o cx.html
	[ "$(grep -o '@[a-z]*-right { content: "TLP:AMBER REL TO USA CAVEATS W\{40\}\\200b W\{40\}\\200b W\{10\} ORIGINATOR lead";' cx.html | wc -l)" -eq 2 ]
	rm -rf cv cw cx c3w.age* cv.age* c[123].age* cv.html cx.html
}

by() { # SQL: the paths that it chooses
	"$BIN/picket-case" files ready --json -q --query "$1" | jq -r '.path // "odd"' | LC_ALL=C sort
}
no() { # SQL MESSAGE: exit 2
	case_ files ready --query "$1"
	is 2 "$2" || { echo "of: $1"; return 1; }
	[ -z "$output" ]
}

@test "files and hits by SQL: one SELECT of refs" {
	t=$BATS_FILE_TMPDIR
	[ "$(by "SELECT ref FROM file WHERE name = 'passwd'")" = "$t/tree/etc/passwd" ]
	[ "$(by "SELECT f.ref FROM file f JOIN file g ON g.sha256 = f.sha256 WHERE g.name = 'only-here';")" = "$t/other/only-here" ]
	[ "$(by "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 9) SELECT f.ref FROM file f, n WHERE f.size = n.i -- 6")" = "$(
		printf '%s\n' "$t/tree/www/<script>alert(1)<script>.php" "$t/other/only-here" odd "$t/tree/www/it's \"quoted\" & <b>bold<b>" | LC_ALL=C sort)" ]
	[ "$(by "SELECT f.ref FROM file f, json_each('[11]') j WHERE f.size = j.value")" = "$t/tree/etc/passwd" ]
	[ "$(by "SELECT bundle || '/' || substr(ref, 10) AS ref FROM file WHERE mtime = 1767323045")" = "$t/tree/etc/passwd" ]
	[ "$(by "SELECT REF FROM file WHERE name = 'passwd' UNION ALL SELECT ref FROM file WHERE name = 'passwd'")" = "$t/tree/etc/passwd" ]
	# with other filters: what both choose
	case_ files ready --query "SELECT ref FROM file" --path '*passwd' --json; is 0
	[ "${#lines[@]}" -eq 1 ]
	case_ files ready --query "SELECT ref FROM file WHERE 0"; is 0 "nothing to show"
	case_ hits ready --query "SELECT ref FROM hit"; is 0 "nothing to show"
	case_ files ready --query "SELECT ref FROM file" --summary; is 2 "--query does not go with --summary"
	case_ hits ready --query "SELECT ref FROM file" --by-rule; is 2 "--query does not go with --by-rule"
	[ "$(by "SELECT ref FROM file" | wc -l)" -eq "$("$BIN/picket-case" files ready --json -q | wc -l)" ]
}

@test "SQL: every view and column of the manual is there" {
	sed -n '/^\.Ss SQL/,/^\.El/p' "$BATS_TEST_DIRNAME/../../docs/man/picket-case.mdoc" > sql.mdoc
	n=0
	while read -r view column; do
		case_ files ready --query "SELECT f.ref FROM file f LEFT JOIN $view v WHERE v.\"$column\" IS NULL OR v.\"$column\" <> ''"
		is 0 "" || { echo "$view.$column"; return 1; }
		n=$((n + 1))
	done < <(awk '/^\.It Li/ { view = $3; next } /^\.El/ { exit } view { gsub(/[,"]|\.Qq/, " "); for (i = 1; i <= NF; i++) print view, $i }' sql.mdoc)
	[ "$n" -eq 78 ] || { echo "$n columns"; return 1; }
}

@test "SQL: reads and nothing else" {
	before=$(sha256sum < ready/case.db)
	no "SELECT ref FORM file" 'near "file": syntax error'
	no "" "there is no statement in it"
	no "-- nothing" "there is no statement in it"
	no "SELECT ref FROM file; DELETE FROM file" "one SELECT, and nothing behind it"
	no "SELECT ref FROM file; SELECT ref FROM hit" "one SELECT, and nothing behind it"
	no "SELECT ref FROM file; nonsense" "one SELECT, and nothing behind it"
	no "SELECT ref, path FROM file" "one column, named ref"
	no "SELECT path FROM file" "one column, named ref"
	no "VALUES('b41d09ee/1')" "one column, named ref"
	no "EXPLAIN SELECT ref FROM file" "one column, named ref"
	no "SELECT ref FROM file WHERE path = ?" "it has parameters"
	no "SELECT ref FROM file WHERE path = :p" "it has parameters (:p)"
	no "SELECT NULL AS ref" "a row has no ref"
	no "SELECT 7 AS ref" "'7' is no ref"
	no "SELECT path AS ref FROM file" "is no ref as listings print it"
	no "SELECT 'abcdef12/3' AS ref" "the case has no bundle 'abcdef12'"
	no "SELECT substr(ref, 1, 9) || '999' AS ref FROM file" "/999' is no path and no hit of this case"
	no "SELECT ref FROM nosuch" "no such table: nosuch (what there is are bundle, file, hit, host, live, moment, note, tag)"
	for w in "DELETE FROM main.file" "UPDATE main.tag SET tag = 'x'" "INSERT INTO main.meta VALUES('a', 'b')"; do no "$w" "a query only reads"; done
	for w in "DROP TABLE main.file" "CREATE TABLE x(a)" "CREATE TEMP TABLE x(a)" "CREATE VIEW x AS SELECT 1" "SELECT name AS ref FROM pragma_table_info('file')" \
		"SELECT ref FROM ftext WHERE ftext MATCH 'passwd'"; do no "$w" "makes a table, or reads one that is not for queries"; done
	for w in "ATTACH 'x.db' AS x" "DETACH main"; do no "$w" "it would open another database"; done
	for w in BEGIN COMMIT "SAVEPOINT s" REINDEX ANALYZE; do no "$w" ""; done
	no "VACUUM INTO 'stolen.db'" ""
	no "PRAGMA query_only = OFF" "PRAGMA query_only is not for queries"
	for f in load_extension randomblob zeroblob sqlite_compileoption_get fts5 readfile pk_reason; do no "SELECT $f('x') AS ref" ""; done
	for t in meta custody head intake sqlite_schema sqlite_temp_schema; do
		no "SELECT * FROM $t" "is not for queries"
		no "WITH file AS (SELECT * FROM $t) SELECT count(*) AS ref FROM file" "is not for queries"
	done
	no "SELECT \"main\".\"file\".path AS ref FROM main.file" "'file' is not for queries"
	[ ! -e x.db ]
	[ ! -e stolen.db ]
	[ "$(sha256sum < ready/case.db)" = "$before" ]
	case_ check ready; is 0 "sound"
}

@test "SQL: what never ends or grows without end is given up" {
	case_ files ready --query "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS ref FROM n WHERE i < 0"
	is 4 "--query: given up after 300 million steps"
	case_ files ready --query "WITH RECURSIVE n(i) AS (SELECT 'x' UNION ALL SELECT i || i FROM n) SELECT i AS ref FROM n WHERE i = ''"
	is 4 "--query: it needs more than 512 MiB of memory"
	case_ files ready --query "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT printf('%1000000d', i) AS ref FROM n ORDER BY 1"
	is 4 "--query: it needs more than 512 MiB of memory"
	case_ files ready --query "SELECT ref FROM file WHERE path LIKE '$(printf '%%a%.0s' $(seq 600))'"
	is 2 "LIKE or GLOB pattern too complex"
	case_ files ready --query "SELECT ref FROM file WHERE path IN ($(printf "'%064d'," $(seq 1100))'')"
	is 4 "the limit is 65536"
}

@test "tag and note: on a path, a reference, a hash; taken off again" {
	cp -r ready t1
	case_ tag t1 odd "$("$BIN/picket-case" files t1 --path '*passwd' --json | jq -r .path)"; is 0 "1 bear the tag"
	ref=$("$BIN/picket-case" files t1 --path '*big' --json | jq -r .ref)
	case_ tag t1 big "$ref"; is 0
	sha=$("$BIN/picket-case" files t1 --path '*big' --json | jq -r .sha256)
	case_ tag t1 hash "sha256:$sha"; is 0
	case_ files t1 --tag hash --json; [ "$(jq -r .tags <<<"$output")" = "big,hash" ]
	case_ tag t1 "two words" "$ref"; is 2 "one word"
	case_ tag t1 x /no/such; is 2 "is not in this case"
	case_ tag t1 big; is 2 "say what to tag"
	n=$("$BIN/picket-case" custody t1 --json | wc -l)
	case_ tag t1 never "$ref" --remove; is 0 "0 lost the tag 'never'"
	[ "$("$BIN/picket-case" custody t1 --json | wc -l)" -eq "$n" ]
	case_ note t1 "$ref" ""; is 2 "the note is empty"
	case_ note t1 "$ref" "  "; is 2 "the note is empty"
	case_ note t1 "$ref" $'\xff'; is 2 "a note must be UTF-8 text"
	case_ tag t1 big "$ref" --remove; is 0 "1 lost the tag 'big'"
	case_ tag t1 --json; [ "$(jq -r .tag <<<"$output" | sort | tr '\n' ' ')" = "hash odd " ]
	run -0 --separate-stderr bash -c 'printf "from the\nowner\n" | "$BIN/picket-case" note t1 "$1" - --author bob' - "$ref"
	case_ note t1 --json; [ "$(jq -r '.author + ": " + .text' <<<"$output")" = $'bob: from the\nowner' ]
	case_ search t1 owner; [[ $output == *'from the\x0aowner'* ]]
	# each is a line of custody: who, on what, with which operation
	"$BIN/picket-case" custody t1 --json | jq -c 'select(.type == "custody" and .action == "annotate")' > annotated
	[ "$(jq -r '[.line.what, .line.tag // "", .line.on] | join(" ")' annotated)" = "tag odd $BATS_FILE_TMPDIR/tree/etc/passwd
tag big $BATS_FILE_TMPDIR/tree/big
tag hash content ${sha:0:12}
untag big $BATS_FILE_TMPDIR/tree/big
note  $BATS_FILE_TMPDIR/tree/big" ] || { cat annotated; return 1; }
	[ "$(jq -r .object annotated | sed -n 2p)" = "file:$("$BIN/picket-case" bundles t1 --json | jq -r "select(.id | startswith(\"${ref%/*}\")).id")/${ref#*/}" ]
	[ "$(jq -r .object annotated | sed -n 3p)" = "sha256:$sha" ]
	[ "$(jq -r .actor annotated | sort -u | tr '\n' ' ')" = "CPT-7 bob " ]
	not_there=$(jq -r .line.op annotated | while read -r op; do sqlite3 t1/case.db "SELECT 1 FROM op WHERE hex(id) = upper('$op')" | grep -q 1 || echo "$op"; done)
	[ -z "$not_there" ]
	not grep -q owner annotated # the text stays in the case
	# what is refused leaves none
	n=$("$BIN/picket-case" custody t1 --json | wc -l)
	case_ tag t1 x "$ref" /no/such; is 2 "is not in this case"
	case_ note t1 /no/such text; is 2 ""
	[ "$("$BIN/picket-case" custody t1 --json | wc -l)" -eq "$n" ]
	case_ check t1; is 0 "sound"
	case_ custody t1 --verify; is 0
	for as in jsonl text jsonld; do case_ custody t1 --export $as; is 0; [[ $output == *annotate* ]]; done
}

@test "tag: of several targets all are tagged, or none" {
	rm -rf t2 && cp -r ready t2
	one=$("$BIN/picket-case" files t2 --path '*passwd' --json | jq -r .path)
	two=$("$BIN/picket-case" files t2 --path '*big' --json | jq -r .ref)
	before=$(sqlite3 t2/case.db .dump | sha256sum)
	for targets in "/no/such $one $two" "$one /no/such $two" "$one $two /no/such"; do
		for how in "" --json; do
			# shellcheck disable=SC2086
			case_ tag t2 odd $targets $how
			is 2 "picket-case: '/no/such' is not in this case"
			[ -z "$output" ]
			[[ $stderr != *"bear the tag"* ]]
		done
	done
	case_ tag t2 odd "$one" nonsense
	is 2 "'nonsense' names nothing"
	[ "$(sqlite3 t2/case.db .dump | sha256sum)" = "$before" ]
	case_ tag t2 odd "$one" "$two" "$one" --json
	is 0 "$two: 1 bear the tag 'odd'"
	[ "$(jq -r '[.type, .tag, .target, .marked] | join(" ")' <<< "$output")" = "tagged odd $one 1
tagged odd $two 1
tagged odd $one 1" ]
	# so is it taken off
	case_ tag t2 --remove odd "$one" "$two" /no/such
	is 2 "'/no/such' is not in this case"
	[ "$("$BIN/picket-case" tag t2 --json | wc -l)" -eq 2 ]
	case_ tag t2 --remove odd "$one" "$two"
	is 0 "$two: 1 lost the tag 'odd'"
	[ -z "$("$BIN/picket-case" tag t2 --json)" ]
	case_ check t2
	is 0 "sound"
}

@test "json: tag, note and check print an object each; what prints none does not take --json" {
	rm -rf tj && cp -r ready tj
	all="TLP:AMBER REL TO USA ORIGINATOR lead"
	path=$("$BIN/picket-case" files tj --path '*passwd' --json | jq -r .path)
	case_ tag tj odd "$path" host:"$("$BIN/picket-case" hosts tj --json | jq -r .id | head -1)" --json; is 0
	keys_once <<< "$output"
	jq -se --arg path "$path" --arg all "$all" 'length == 2 and all(.type == "tagged" and .v == 1 and .tag == "odd" and .marked == 1 and .label == $all) and
		.[0].target == $path' <<< "$output"
	case_ tag tj --remove odd "$path" --json; is 0
	jq -e '.type == "untagged" and .marked == 1' <<< "$output"
	case_ note tj "$path" "seen" --json; is 0
	keys_once <<< "$output"
	jq -e --arg path "$path" --arg all "$all" '.type == "noted" and .target == $path and .marked == 1 and .label == $all' <<< "$output"
	case_ check tj --json; is 0
	keys_once <<< "$output"
	jq -e --arg all "$all" '.type == "check" and .faults == 0 and .bundles == 2 and .label == $all' <<< "$output"
	# what came in has its bundle's own label; of what was not opened none is known
	rm -rf tn && "$BIN/picket-case" init tn -q
	"$BIN/picket-bundle" seal --to lead --signer lead --mission HARBOR -o none.age other -q
	case_ import tn a.age b.age none.age u.age a.age -i lead.identity --json; is 1
	keys_once <<< "$output"
	[ "$(jq -r '[.state, .label // "null"] | join(" ")' <<< "$output")" = "imported $all
imported TLP:GREEN REL TO JPN,USA ORIGINATOR lead
imported unlabelled
quarantined null
known $all" ]
	for verb in init report cat; do
		case_ $verb tj x --json; is 2 "unknown option '--json'"
		run -0 "$BIN/picket-case" $verb --help
		not grep -q -e --json <<< "$output"
	done
}

@test "tags and notes that were changed, taken out or put in by hand are found" {
	rm -rf t9 && cp -r ready t9
	"$BIN/picket-case" note t9 host:"$("$BIN/picket-case" hosts t9 --json | jq -r .id | head -1)" 'seen by me' -q
	case_ check t9; is 0 "sound"
	[[ $output != *"tag or note"* && $output != *"tags or notes"* ]]
	rm -rf t9b && cp -r t9 t9b
	sqlite3 t9b/case.db "DROP TRIGGER op_update; UPDATE op SET line = replace(line, 'seen', 'sent')"
	case_ check t9b; is 1; [[ $output == *"tag or note 0 was changed"* ]]
	rm -rf t9b && cp -r t9 t9b
	sqlite3 t9b/case.db "PRAGMA foreign_keys = OFF; DROP TRIGGER op_delete; DELETE FROM note; DELETE FROM op"
	case_ check t9b; is 1; [[ $output == *"1 tags or notes of the custody log are not there any more"* ]]
	rm -rf t9b && cp -r t9 t9b
	sqlite3 t9b/case.db "INSERT INTO op SELECT seq + 1, randomblob(32), team, lamport, t, author, kind, target, body, line FROM op"
	case_ check t9b; is 1; [[ $output == *"tag or note 1 was changed"* && $output == *"note: 1 tags or notes are not in the custody log"* ]]
	# what is shown is folded from these
	"$BIN/picket-case" tag t9 kept host:"$("$BIN/picket-case" hosts t9 --json | jq -r .id | head -1)" -q
	"$BIN/picket-case" tag t9 gone host:"$("$BIN/picket-case" hosts t9 --json | jq -r .id | head -1)" -q
	"$BIN/picket-case" tag t9 --remove gone host:"$("$BIN/picket-case" hosts t9 --json | jq -r .id | head -1)" -q
	case_ check t9; is 0 "sound"
	byhand() { # SQL FINDING
		rm -rf t9b && cp -r t9 t9b && sqlite3 t9b/case.db "$1"
		case_ check t9b; is 1; [[ $output == *"$2"* ]] || { echo "$1: $output"; return 1; }
	}
	byhand "UPDATE note SET body = 'bye'" "1 notes that are not as they were written"
	byhand "DELETE FROM note" "1 notes are not shown any more"
	byhand "DELETE FROM tag" "1 tags are not shown any more"
	byhand "UPDATE tag SET tag = 'other'" "1 tags that nobody gave"
	byhand "INSERT INTO tag SELECT target, 'gone', op, host, what FROM tag" "1 tags that nobody gave"
	# what came in is what the custody log says; the case's own reason is in every line, and no release's
	rm -rf t9b
	"$BIN/picket-case" init t9b --reason "order 12" -q
	"$BIN/picket-case" import t9b a.age -i lead.identity -q
	case_ check t9b; is 0 "sound"
	rm -rf t9b
	byhand "DROP TRIGGER intake_update; UPDATE intake SET size = size + 1 WHERE no = 1" "1 files came in without a line of the custody log that is of them"
	byhand "UPDATE intake SET verdict = 'unsigned' WHERE no = 1" "1 files were judged otherwise than the custody log says"
	byhand "UPDATE intake SET state = 'quarantined' WHERE no = 1" "1 files were judged otherwise"
	byhand "UPDATE intake SET accepted = 'was fine' WHERE no = 1" "1 files were judged otherwise"
	byhand "UPDATE intake SET bundle = zeroblob(16) WHERE no = 1" "1 files were judged otherwise"
	byhand "PRAGMA foreign_keys = OFF; DROP TRIGGER intake_delete; DELETE FROM intake WHERE no = 1" "1 files of the custody log are not known any more"
	byhand "DROP TRIGGER op_update; UPDATE op SET author = 'eve'" "4 tags or notes whose columns are not what their lines say"
}

@test "cat: content straight from the sealed bundle, on record" {
	cp -r ready t2
	ref=$("$BIN/picket-case" files t2 --path '*big' --json | jq -r .ref)
	"$BIN/picket-case" cat t2 "$ref" -i lead.identity | cmp - tree/big
	"$BIN/picket-case" cat t2 "$(sha256sum tree/big | cut -c1-16)" -i lead.identity -o out
	cmp out tree/big
	[ "$(stat -c %a out)" = 600 ]
	"$BIN/picket-case" cat t2 "$("$BIN/picket-case" files t2 --path '*[[]31m*' --json | jq -r .ref)" -i lead.identity | cmp - <(echo odd)
	case_ cat t2 "$ref"; is 2 "give -i IDENTITY"
	case_ cat t2 /no/such -i lead.identity; is 2 "no content of '/no/such'"
	[ "$("$BIN/picket-case" custody t2 --json | jq -r 'select(.action == "extract").object' | sort -u | wc -l)" -eq 2 ]
	# a bundle that was changed in the case gives nothing
	printf XXXXXXXX | dd of="$(ls t2/bundles/*.age | head -1)" bs=1 seek=200000 conv=notrunc status=none 2>/dev/null
	printf XXXXXXXX | dd of="$(ls t2/bundles/*.age | tail -1)" bs=1 seek=200000 conv=notrunc status=none 2>/dev/null
	rm out
	case_ cat t2 "$ref" -i lead.identity -o out; is 4 ""
	[ ! -e out ]
	case_ check t2; is 1 "fault"; [[ $output == *"was changed"* ]]
}

@test "cat: a sparse file as it was, and a partial one not silently" {
	mkdir -p holes
	truncate -s 3G holes/far
	printf 'data\n' | dd of=holes/far bs=1 seek=2147483648 conv=notrunc status=none
	truncate -s 2T holes/nothing || truncate -s 4G holes/nothing
	truncate -s 20M holes/near
	printf 'data\n' | dd of=holes/near bs=1 seek=10000000 conv=notrunc status=none
	mkdir -p root/etc && seq 1 3000 > root/etc/passwd
	"$BIN/picket-bundle" seal --to lead --signer lead -o holes.age holes -q
	"$BIN/picket-bundle" share holes.age -i lead.identity --signer lead --to lead --path '*/near' -o near.age -q
	run "$BIN/picket-collect" --root root --max-file 1000 --no-walk --unsigned --to lead -o part.age
	[ "$status" -le 3 ] || { echo "$output"; return 1; }
	case_ init sparse -q
	case_ import sparse holes.age -i lead.identity; is 0 ""
	"$BIN/picket-case" cat sparse "$PWD/holes/near" -i lead.identity | cmp - holes/near
	"$BIN/picket-case" cat sparse "$PWD/holes/far" -i lead.identity -o far.out
	cmp far.out holes/far
	case_ cat sparse "$PWD/holes/nothing" -i lead.identity -o nothing.out; is 0 ""
	[ "$(stat -c %s nothing.out)" = "$(stat -c %s holes/nothing)" ]
	[ "$(stat -c %b nothing.out)" -lt 1000 ]
	case_ check sparse; is 0 "sound"
	case_ init shared -q
	case_ import shared near.age -i lead.identity; is 0 ""
	"$BIN/picket-case" cat shared "$PWD/holes/near" -i lead.identity -o near.out
	cmp near.out holes/near
	case_ init partial -q
	case_ import partial part.age -i lead.identity --accept "made here"; is 0 "accepted: unsigned"
	case_ cat partial /etc/passwd -i lead.identity -o limited.out
	is 0 "'/etc/passwd' is partial, with 1000 of 13893 bytes: limit: the first 1000 bytes"
	cmp limited.out <(head -c 1000 root/etc/passwd)
	# and out of what is left of a damaged bundle
	mkdir hurt && cp tree/big hurt/big && cp --sparse=always holes/near hurt/near
	"$BIN/picket-bundle" seal --to lead --signer lead -o hurt.age hurt -q
	printf XXXXXXXX | dd of=hurt.age bs=1 seek=1500000 conv=notrunc status=none
	case_ init left -q
	case_ import left hurt.age -i lead.identity --salvage --accept "all there is"; is 0 ""
	"$BIN/picket-case" cat left "$PWD/hurt/near" -i lead.identity -o near.left
	cmp near.left hurt/near
	rm -r holes hurt far.out nothing.out
}

@test "custody: a log with a tree head, lines of one's own, a checkpoint that is remembered" {
	cp -r ready t3
	case_ custody t3; is 0
	[[ $output == *receive*import*"CPT-7/case/"* ]]
	case_ custody t3 --add transfer-out --object "stick 7" --reason "to the lab"; is 0
	case_ custody t3 --add transfer-out; is 2 "--add needs"
	case_ custody t3 --checkpoint --signer lead -o head.note; is 0
	[ "$(sed -n 2p head.note)" = "$("$BIN/picket-case" custody t3 --json | jq -s 'map(select(.type == "custody")) | length')" ]
	grep -q '^— lead ' head.note
	case_ check t3; is 0
	sqlite3 t3/case.db "DROP TRIGGER custody_delete; DELETE FROM custody WHERE seq = (SELECT max(seq) FROM custody)"
	case_ check t3; is 1; [[ $output == *"shorter than"* ]]
	run ! sqlite3 ready/case.db "DELETE FROM custody"
}

@test "check: finds what was changed, lost, or left" {
	cp -r ready t4
	touch t4/bundles/stray.age
	case_ check t4; is 0; [[ $output == "note: "*stray.age* ]]
	rm t4/bundles/*.minisig
	case_ check t4 --json; is 1 "faults"
	[ "$(jq -r 'select(.fault).text' <<<"$output" | grep -c 'is missing')" -eq 4 ]
	cp -r ready t5
	sqlite3 t5/case.db "UPDATE file SET path = path || 'x' WHERE no = 1"
	case_ check t5; is 1; [[ $output == *"full text 'ftext'"* ]]
	sqlite3 t5/case.db "PRAGMA user_version = 9"
	case_ hosts t5; is 4 "use the newer one"
	chmod -R a-w t4 && chmod a-w t4
	case_ hosts t4; is 0
	chmod -R u+w t4
}

@test "a case that cannot be written: content and report leave, and it is said that no line was" {
	[ "$(id -u)" = 0 ] || skip "needs root to mount"
	unshare -m true 2> /dev/null || skip "no mount namespaces here"
	cp -r ready ro
	ro() { run --separate-stderr unshare -m bash -c 'mount --bind ro ro && mount -o remount,ro,bind ro && "$0" "$@"' "$BIN/picket-case" "$@"; }
	ref=$("$BIN/picket-case" files ready --path '*/passwd' --json | jq -r .ref)
	ro report ro -o ro.html; is 0 "'ro' cannot be written: this report is not in its custody log"
	ro cat ro "$ref" -i lead.identity; is 0 "'ro' cannot be written: this extraction is not in its custody log"
	ro tag ro x "$ref"; is 4 "cannot write to the case 'ro': Read-only file system"
	cp -r ready rw; case_ report rw -o rw.html; is 0 ""
	[[ $stderr != *"custody log"* ]]
}

@test "an output takes the place of no file, the case's own least of all" {
	rm -rf t8 && cp -r ready t8
	n=$("$BIN/picket-case" custody t8 --json | wc -l)
	ref=$("$BIN/picket-case" files t8 --path '*big' --json | jq -r .ref)
	sum=$(sha256sum < t8/case.db)
	for verb in "report t8" "cat t8 $ref -i lead.identity"; do
		case_ $verb -o t8/case.db; is 2 "'t8/case.db' exists already and is never overwritten"
	done
	ln -s t8/bundles inside
	for at in t8/case.db t8/new t8/bundles/x inside/x ./t8/../t8/x; do
		for verb in "custody t8 --export text" "custody t8 --checkpoint --signer lead"; do
			case_ $verb -o "$at"; is 2 "'$at' would be inside the case: write it elsewhere"
		done
	done
	[ "$(sha256sum < t8/case.db)" = "$sum" ]
	[ "$("$BIN/picket-case" custody t8 --json | wc -l)" -eq "$n" ]
	run -1 grep '\.part$\|^new$\|^x$' <(ls t8 t8/bundles)
	case_ check t8; is 0 "sound"
	cp lead.signkey precious
	for verb in "custody t8 --export text" "custody t8 --checkpoint --signer lead"; do
		case_ $verb -o precious; is 2 "'precious' exists already and is never overwritten"
	done
	cmp precious lead.signkey
}

@test "what a hostile bundle says of sizes and times does not stop the case's report" {
	printf '%s\n' 'b,"tool":{"start":"-9223372036854775808.000000000"}' \
		'm,"path":"/a","size":9223372036854775807,"mtime":"-9223372036854775808.000000000","outcome":"absent"' \
		'm,"path":"/b","size":1,"mtime":"9223372036854775807.999999999","outcome":"absent"' > records
	python3 "$BATS_TEST_DIRNAME/../interop/forge.py" "$(cat lead.recipient)" huge.age < records
	rm -rf t11 && "$BIN/picket-case" init t11 -q
	case_ import t11 huge.age -i lead.identity --accept "a test"; is 0 "accepted: unsigned"
	case_ files t11 --summary --json; is 0
	[[ $output == *9223372036854775807* ]]
	case_ report t11 -o huge.html; is 0
	case_ timeline t11; is 0
}

@test "report: one page that loads and runs nothing, hostile text escaped" {
	cp -r ready t6
	"$BIN/picket-case" tag t6 '<b>tag</b>' host:"$("$BIN/picket-case" hosts t6 --json | jq -r '.name' | head -1)" -q
	ref=$("$BIN/picket-case" files t6 --path '*script*' --json | jq -r .ref)
	"$BIN/picket-case" tag t6 seen "$ref" -q
	"$BIN/picket-case" note t6 "$ref" '</td><script>alert(2)</script><img src=x onerror=alert(3)>' -q
	case_ report t6 -o r.html --title '<title>&"'; is 0 "wrote 'r.html'"
	[ "$(stat -c %a r.html)" = 600 ]
	run -1 grep -i '<script\|<img\|<iframe\|<link\|javascript:' r.html
	run -1 grep -iE '(src|href|action|data)="?(https?:|//|file:|data:)|url\(|@import' r.html
	grep -q "default-src 'none'; style-src 'sha256-" r.html
	[ "$(sed -n '/<style>/,/<\/style>/p' r.html | sed '1s/.*<style>//; s/<\/style>$//' | python3 -c '
import sys, hashlib, base64, re
page = open("r.html").read()
css = re.search(r"<style>(.*?)</style>", page, re.S).group(1)
print(base64.b64encode(hashlib.sha256(css.encode()).digest()).decode() in page)')" = True ]
	grep -q '&lt;script&gt;alert(1)&lt;script&gt;' r.html
	grep -q '&lt;/td&gt;&lt;script&gt;alert(2)' r.html
	[ "$(grep -c 'TLP:AMBER' r.html)" -ge 2 ] # the strictest of both bundles, on top and at the bottom
	grep -q 'REL TO USA<' r.html              # and the nations that both allow
	python3 - <<-'P'
		from html.parser import HTMLParser
		void = {"meta", "link", "br", "img", "hr", "input"}
		class P(HTMLParser):
		    stack = []
		    def handle_starttag(self, tag, attrs):
		        assert not [a for a in attrs if a[0].startswith("on")], attrs
		        if tag not in void: self.stack.append(tag)
		    def handle_startendtag(self, tag, attrs): pass
		    def handle_endtag(self, tag):
		        assert self.stack and self.stack[-1] == tag, (tag, self.stack, self.getpos())
		        self.stack.pop()
		p = P(); p.feed(open("r.html").read()); p.close()
		assert not p.stack, p.stack
	P
	[ "$("$BIN/picket-case" custody t6 --json | jq -r 'select(.action == "report").object')" = "sha256:$(sha256sum < r.html | cut -c1-64)" ]
	case_ report new2; is 2 "is not a case"
}

@test "a full disk and a closed pipe are said" {
	run -4 --separate-stderr bash -c '"$BIN/picket-case" files ready > /dev/full'
	[[ $stderr == *"No space left"* ]]
	run -4 --separate-stderr bash -c '"$BIN/picket-case" report ready > /dev/full'
}

@test "import: a receipt that is none keeps no bundle out, and no secret comes in" {
	mkdir beside && copy a.age beside/a.age
	for make in mkfifo mkdir "truncate -s 5M" "ln -s $PWD/lead.identity"; do
		rm -rf cb beside/a.age.receipt
		$make beside/a.age.receipt
		case_ init cb -q
		run -0 --separate-stderr timeout 60 "$BIN/picket-case" import cb beside/a.age -i lead.identity
		[[ $stderr == *"what lies beside the bundle is left out: 'beside/a.age.receipt'"* ]] || { echo "$stderr"; return 1; }
		[ "$(ls cb/bundles | wc -l)" -eq 4 ]
	done
	rm beside/a.age.receipt
	# a signature or a ticket that is none is as good as missing
	for side in minisig ticket; do
		for make in mkfifo mkdir "truncate -s 5M" "ln -s $PWD/lead.identity"; do
			rm -rf cc "beside/a.age.$side"
			$make "beside/a.age.$side"
			case_ init cc -q
			run -1 --separate-stderr timeout 60 "$BIN/picket-case" import cc beside/a.age -i lead.identity
			[[ $stderr == *"left out: 'beside/a.age.$side'"* && $stderr == *quarantine* ]] || { echo "$stderr"; return 1; }
			[ "$("$BIN/picket-case" bundles cc --json | jq -rs 'map(.verdict // empty) | unique | join(",")')" = unsigned ]
		done
		rm -rf "beside/a.age.$side"
		copy a.age beside/a.age
	done
	run -1 grep -rl AGE-SECRET-KEY cb cc
}
