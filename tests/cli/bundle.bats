#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# picket-bundle seal, list, verify, open and cat: what they print, what they write, exit codes, trust.
bats_require_minimum_version 1.5.0
load damage

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build}
	export XDG_CONFIG_HOME=$BATS_FILE_TMPDIR/.config
	umask 022
	cd "$BATS_FILE_TMPDIR"
	"$BIN/picket-key" new lead --org CPT-7 --nation USA -q
	mkdir ally
	(cd ally && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" new jpn --nation JPN -q)
	"$BIN/picket-key" roster add ally/jpn.party --signer lead -q
	mkdir -p tree/sub
	printf 'hello\n' > tree/a
	ln tree/a tree/b
	ln -s /etc/passwd tree/link
	mkfifo tree/pipe
	: > tree/empty
	printf 'odd\n' > tree/sub/$'new\nline \e[31m\xff='
	printf 'long\n' > "tree/sub/$(printf 'x%.0s' {1..255})"
	head -c 9000000 /dev/urandom > tree/sub/big
	truncate -s 3G tree/sparse
	printf tail | dd of=tree/sparse bs=1 seek=2000000000 conv=notrunc status=none
	touch -d 1969-12-31T23:59:58.5Z tree/a
	"$BIN/picket-bundle" seal --to lead --signer lead --mission HARBOR --tlp AMBER --rel-to USA -o b.age tree -q
	"$BIN/picket-bundle" seal --to lead --unsigned -o u.age tree -q
}

setup() { cd "$BATS_FILE_TMPDIR"; }

bundle() { run --separate-stderr "$BIN/picket-bundle" "$@"; }
is() { # exit code, then a piece of standard error
	[ "$status" -eq "$1" ] || { echo "exit $status: $stderr"; return 1; }
	[[ $stderr == *"$2"* ]] || { echo "message: $stderr"; return 1; }
}

@test "seal: a bundle and what belongs beside it, for the owner only" {
	for f in b.age b.age.minisig b.age.ticket b.age.ticket.minisig; do [ "$(stat -c %a $f)" = 600 ]; done
	[ ! -e u.age.minisig ]
	[ ! -e u.age.ticket ]
	[ "$(stat -c %s b.age)" -lt 12000000 ] # 3 GiB of nothing cost nothing
	run -1 grep -a HARBOR b.age.minisig b.age.ticket
	# a short name may stand in keys and hashes by chance
	run -1 grep "$(hostname)" <(sed -E 's,[A-Za-z0-9+/=]{32,},,g' b.age.minisig b.age.ticket)
}

@test "seal: an existing bundle is never replaced" {
	before=$(sha256sum b.age)
	bundle seal --to lead --signer lead -o b.age tree
	is 2 "'b.age' exists already and is never overwritten"
	[ "$(sha256sum b.age)" = "$before" ]
	echo precious > half.age.ticket # as kill -9 between the names leaves it
	bundle seal --to lead --signer lead -o half.age tree
	is 2 "'half.age.ticket' exists already, without its bundle"
	[ "$(cat half.age.ticket)" = precious ]
	[ ! -e half.age ]
	[ ! -e half.age.minisig ]
	rm half.age.ticket
}

@test "seal: a ticket outside its validity is warned about, as the collector does" {
	for from in 2001-01-01 2999-01-01; do
		"$BIN/picket-key" ticket --signer lead.signkey --mission M --to lead --not-before $from --valid 1d -o at$from -q
		bundle seal --ticket at$from --to lead -o at$from.age tree/a
		is 0 "by this host's clock the ticket is outside its validity; the station decides at import"
	done
	"$BIN/picket-key" ticket --signer lead.signkey --mission M --to lead -o atnow -q
	bundle seal --ticket atnow --to lead -o atnow.age tree/a
	is 0 ""
	[[ $stderr != *validity* ]]
}

@test "seal: names itself by ticket and bundle" {
	mkdir names && cd names
	"$BIN/picket-key" ticket --signer ../lead.signkey --mission M --to lead -o visit -q
	bundle seal --to lead --ticket visit ../tree/a
	is 0 "1 paths, 1 contents"
	name=$(echo ./*.age)
	[[ $name =~ ^\./[0-9a-f]{8}-[0-9a-f]{8}\.age$ ]]
	[[ ${name#./} == "$(sed -n 's/^id: \(........\).*/\1/p' visit.ticket)"-* ]]
	bundle verify "$name"
	is 0 ""
}

@test "seal: who signs, who reads" {
	bundle seal --to lead -o x.age tree
	is 2 "who signs? give --signer NAME, --ticket STEM or --unsigned"
	bundle seal --signer lead --unsigned --to lead -o x.age tree
	is 2 "exclude each other"
	bundle seal --signer lead -o x.age tree
	is 2 "who can open it?"
	bundle seal --signer nobody --to lead -o x.age tree
	is 2 "no signing key 'nobody.signkey'"
	bundle seal --signer lead --to lead -o x.age no-such-path
	is 4 "no-such-path"
	"$BIN/picket-key" ticket --signer lead --mission M --to lead -o only-lead -q
	bundle seal --ticket only-lead --to lead --to ally/jpn.recipient -o x.age tree/a
	is 2 "the ticket's terms do not allow the recipient 'age1"
	bundle seal --ticket only-lead --to lead --mission N -o x.age tree/a
	is 2 "mission and label are the ticket's"
	[ ! -e x.age ]
}

@test "seal: labels are enforced" {
	bundle seal --signer lead --to lead --to jpn -o x.age tree/a
	is 2 "jpn"
	bundle seal --signer lead --to lead --to jpn --tlp AMBER --rel-to USA -o x.age tree/a
	is 2 "jpn"
	bundle seal --signer lead --to lead --rel-to USA -o x.age tree/a
	is 2 "need --tlp"
	[ ! -e x.age ]
	bundle seal --signer lead --to lead --tlp AMBER --caveats LES,orcon -o x.age tree/a
	is 2 "caveats: 'orcon' has small letters, and caveats are in capitals: 'ORCON'"
	[ ! -e x.age ]
	bundle seal --signer lead --to lead --tlp AMBER --originator JPN -o x.age tree/a
	is 0 "warning: originator 'JPN' is nobody in the roster: "
	rm x.age*
	bundle seal --signer lead --to lead --tlp AMBER --originator jpn -o x.age tree/a
	is 2 "stays with the nations of its issuer and originators"
	[[ $stderr != *"is nobody in the roster"* ]]
	bundle seal --signer lead --to lead --to jpn --tlp AMBER --rel-to USA,JPN -o x.age tree/a
	is 0 ""
	bundle verify x.age -i ally/jpn.identity
	is 0 ""
	[[ $output == *"label      TLP:AMBER REL TO JPN,USA"* ]]
	rm x.age*
}

@test "the whole label is wherever a label is shown: caveats and originators too" {
	bundle seal --signer lead --to lead --tlp AMBER --rel-to USA,JPN --caveats 'ORCON,NO ORIGINATOR' --originator 'JCDC,<b>"x"' -o l.age tree/a
	is 0 ""
	all='TLP:AMBER REL TO JPN,USA CAVEATS "NO ORIGINATOR",ORCON ORIGINATOR "<b>""x""",JCDC'
	bundle verify l.age -i lead.identity
	[[ $output == *$'\nlabel      '"$all" ]]
	bundle verify l.age -i lead.identity --json
	[ "$(jq -r .label <<< "$output")" = "$all" ]
	bundle list l.age -i lead.identity
	[ "${lines[0]}" = "$all" ]
	bundle list l.age -i lead.identity --json
	[ "$(jq -r .label <<< "$output" | sort -u)" = "$all" ]
	bundle cat l.age "$PWD/tree/a" -i lead.identity
	is 0 "picket-bundle: $all"
	bundle open l.age -i lead.identity -C l.open
	is 0 "picket-bundle: $all"
	bundle salvage l.age -i lead.identity -o l.salvage --json
	is 0 "picket-bundle: $all"
	[ "$(jq -r .label <<< "$output")" = "$all" ]
	rm -rf l.age* l.open l.salvage
}

@test "list: one line a path" {
	bundle list b.age -i lead.identity
	is 0 ""
	[ "${#lines[@]}" -eq 13 ]
	[ "${lines[0]}" = "TLP:AMBER REL TO USA ORIGINATOR lead" ]
	[[ ${lines[1]} == "OUTCOME   KIND"* ]]
	[[ $output == *'tree/sub/new\x0aline \x1b[31m\xff='* ]]
	[[ $output == *"metadata  fifo"*"/tree/pipe"* ]]
	bundle list u.age -i lead.identity
	is 0 "'u.age': unsigned: nothing proves where it comes from"
	[ "${lines[0]}" = "unlabelled: not releasable" ]
	bundle list b.age -i lead.identity -q
	[ "${lines[0]}" = "TLP:AMBER REL TO USA ORIGINATOR lead" ]
	bundle cat b.age "$PWD/tree/a" -i lead.identity
	is 0 "TLP:AMBER REL TO USA ORIGINATOR lead"
}

@test "list --json: an object a path, names byte-exact" {
	bundle list b.age -i lead.identity --json
	is 0 ""
	[ "${#lines[@]}" -eq 11 ]
	printf '%s\n' "$output" | jq -se 'all(.type == "path" and .v == 1 and (.kind | length > 0) and .label == "TLP:AMBER REL TO USA ORIGINATOR lead")'
	[ "$(printf '%s\n' "$output" | jq -r 'select(.path_b64) | .path_b64' | base64 -d | od -An -tx1 | tr -d ' \n')" = \
		"$(printf '%s' "$PWD/tree/sub/"$'new\nline \e[31m\xff=' | od -An -tx1 | tr -d ' \n')" ]
	[ "$(printf '%s\n' "$output" | jq -r 'select(.path and (.path | endswith("/a"))) | .sha256, .mtime, .outcome')" = \
		"$(sha256sum < tree/a | cut -c1-64)"$'\n-1.500000000\ntaken' ]
	[ "$(printf '%s\n' "$output" | jq -r 'select(.path and (.path | endswith("/b"))).sha256')" = "$(sha256sum < tree/a | cut -c1-64)" ]
	[ "$(printf '%s\n' "$output" | jq -r 'select(.path and (.path | endswith("/link"))).target')" = /etc/passwd ]
	printf '%s\n' "$output" | jq -se 'map(select(.path and (.path | endswith("/sparse"))))[0] | .size == 3221225472 and .stored < 1000000'
}

@test "verify: the outer signature, and with an identity everything" {
	bundle verify b.age
	is 0 ""
	[[ $output == "signature  ok: "*$'\nissuer     lead\ncontents   not checked: '* ]]
	bundle verify b.age -i lead.identity
	is 0 ""
	[[ $output == *$'\ncontents   verified: '*" records, root "* ]]
	bundle verify b.age -i lead.identity --json
	printf '%s\n' "$output" | jq -e '.type == "verify" and .signature == "ok" and .issuer == "lead" and .contents == "verified" and .label == "TLP:AMBER REL TO USA ORIGINATOR lead"'
}

@test "verify: not chained to the roster is exit 1" {
	bundle verify u.age
	is 1 ""
	[[ $output == "signature  unsigned: "* ]]
	bundle verify u.age -i lead.identity
	is 1 ""
	[[ $output == *"contents   verified: "* ]]
	XDG_CONFIG_HOME=$PWD/ally/.config bundle verify b.age
	is 1 ""
	[[ $output == "signature  unknown issuer: "* ]]
	XDG_CONFIG_HOME=$PWD/none bundle verify b.age
	is 1 ""
	[[ $output == "signature  unknown issuer: "* ]]
}

@test "verify: missing, swapped and foreign sidecars" {
	mkdir side && cd side
	for f in .minisig .ticket .ticket.minisig; do
		cp ../b.age* .
		rm b.age$f
		bundle verify b.age -i ../lead.identity
		is 1 ""
		[[ $output == "signature  unsigned: there is no 'b.age$f'"* ]]
	done
	"$BIN/picket-bundle" seal --to lead --signer ../lead.signkey -o other.age ../tree/a -q
	for f in .minisig .ticket; do
		cp ../b.age* .
		cp other.age$f b.age$f
		bundle verify b.age -i ../lead.identity
		is 1 ""
		[[ $output == "signature  altered: "*"not checked"* ]]
	done
	# the whole set of another bundle's ticket and a signature under it, over this file: only the ticket's holder can
	cp other.age.ticket b.age.ticket && cp other.age.ticket.minisig b.age.ticket.minisig && cp ../b.age.minisig .
	bundle verify b.age
	is 1 ""
}

@test "verify: who cannot open it is told so, exit 4" {
	bundle verify b.age -i ally/jpn.identity
	is 4 "no identity"
	# what can be said without it is said all the same
	[[ $output == *"signature  "*"contents   not checked: "*"no identity"* ]]
	bundle verify --json b.age -i ally/jpn.identity
	is 4 "no identity"
	mkdir strange && cp b.age* strange && flip strange/b.age 5000
	bundle verify strange/b.age -i ally/jpn.identity
	is 1 ""
	[[ $output == "signature  altered: "*"contents   not checked: nothing in an altered bundle is believed"* ]]
	rm -r strange
	bundle verify no-such.age
	is 4 "no-such.age"
	bundle verify tree/a -i lead.identity
	is 1 ""
	[[ $output == *"contents   wrong: "* ]]
	bundle verify b.age.ticket
	is 1 ""
	[[ $output == "signature  unsigned: not an age file, and there is no 'b.age.ticket.ticket'"* ]]
	bundle list b.age
	is 2 "'b.age': an identity is needed to open it: give -i IDENTITY"
}

@test "open: files with their names, links never" {
	bundle open b.age -i lead.identity -C out
	is 0 "6 files in 'out'"
	root=out/root$PWD/tree
	for f in a b empty sub/big "sub/"$'new\nline \e[31m\xff=' "sub/$(printf 'x%.0s' {1..255})"; do
		cmp "tree/$f" "$root/$f"
		[ "$(stat -c %a "$root/$f")" = 600 ]
	done
	[ "$(stat -c %a "$root/sub")" = 700 ]
	[ ! -e "$root/link" ]
	[ ! -L "$root/link" ]
	[ ! -e "$root/pipe" ]
	[ "$(stat -c %s "$root/sparse")" = 3221225472 ]
	[ "$(stat -c %b "$root/sparse")" -lt 10000 ]
	[ "$(tail -c +2000000001 "$root/sparse" | head -c 4)" = tail ]
	[ "$(stat -c %i "$root/a")" = "$(stat -c %i "$root/b")" ]
	[ "$(stat -c %y "$root/a" | cut -c1-21)" = "$(stat -c %y tree/a | cut -c1-21)" ]
	bundle open b.age -i lead.identity -C out
	is 2 "'out' is not empty"
	[[ $stderr != *INCOMPLETE* ]]
	[ ! -e out/INCOMPLETE ]
}

@test "open: by pattern, and with member names" {
	bundle open b.age -i lead.identity -C some --only '*/sub/*'
	is 0 "3 files"
	bundle open b.age -i lead.identity -C members --member-names
	is 0 ""
	[ -f "members/data/root$PWD/tree/sub/new=0Aline=20=1B=5B31m=FF=3D" ]
	[ -f members/data/root$PWD/tree/sub/"$(printf 'x%.0s' {1..100})==$(printf 'x%.0s' {1..255} | sha256sum | cut -c1-64)" ]
	bundle open b.age -i lead.identity
	is 2 "give -C DIR"
}

@test "open: what is altered is not opened, what is unsigned is said" {
	cp b.age altered.age
	for f in minisig ticket ticket.minisig; do cp b.age.$f altered.age.$f; done
	printf 'x' >> altered.age
	bundle open altered.age -i lead.identity -C altered
	is 1 "'altered.age' is altered and is not opened"
	[ ! -e altered ]
	bundle open u.age -i lead.identity -C unsigned
	is 0 "unsigned"
}

@test "cat: one content, metadata only, nothing" {
	"$BIN/picket-bundle" cat b.age "$PWD/tree/sub/big" -i lead.identity | cmp - tree/sub/big
	"$BIN/picket-bundle" cat b.age "${PWD#/}/tree/b" -i lead.identity | cmp - tree/a
	"$BIN/picket-bundle" cat b.age "$PWD/tree/empty" -i lead.identity | cmp - /dev/null
	bundle cat b.age "$PWD/tree/link" -i lead.identity
	is 4 "only metadata of"
	bundle cat b.age /etc/nothing -i lead.identity
	is 2 "no record of '/etc/nothing'"
	[ -z "$output" ]
}

# As the host had it, by a pipe, a redirection and -o; holes cost no disk where there can be any.
same_by_cat() { # BUNDLE PATH ORIGINAL
	"$BIN/picket-bundle" cat "$1" "$2" -i lead.identity | cmp - "$3"
	rm -f by-o by-redirection
	"$BIN/picket-bundle" cat "$1" "$2" -i lead.identity -o by-o
	"$BIN/picket-bundle" cat "$1" "$2" -i lead.identity > by-redirection
	cmp by-o "$3"
	cmp by-redirection "$3"
	[ "$(stat -c %b by-o)" -lt $(($(stat -c %b "$3") + 1000)) ]
	[ "$(stat -c %b by-redirection)" -lt $(($(stat -c %b "$3") + 1000)) ]
}

@test "cat: a sparse file as it was, also where its ranges go on in further records" {
	mkdir -p gaps
	truncate -s 3G gaps/far
	printf 'data\n' | dd of=gaps/far bs=1 seek=2147483648 conv=notrunc status=none
	python3 -c '
with open("gaps/many", "wb") as f:
	for i in range(6000):
		f.seek(i * 65536 + 4096 * (i % 3))
		f.write(b"%08d" % i * 512)
	f.truncate(6000 * 65536 + 100)'
	"$BIN/picket-bundle" seal --to lead --signer lead --tlp AMBER --rel-to USA -o gaps.age gaps -q
	records gaps.age | jq -se 'any(.[]; .more_of)'
	same_by_cat gaps.age "$PWD/gaps/far" gaps/far
	same_by_cat gaps.age "$PWD/gaps/many" gaps/many
	bundle cat gaps.age "$PWD/gaps/far" -i lead.identity -o by-o
	is 2 "'by-o' exists already and is never overwritten"
	# behind what is there already, and through >>, zeros are written
	{ printf 'x\n'; "$BIN/picket-bundle" cat gaps.age "$PWD/gaps/many" -i lead.identity; } > by-redirection
	tail -c +3 by-redirection | cmp - gaps/many
	printf 'x\n' > appended
	"$BIN/picket-bundle" cat gaps.age "$PWD/gaps/many" -i lead.identity >> appended
	tail -c +3 appended | cmp - gaps/many
	# part of it, shared
	"$BIN/picket-bundle" share gaps.age -i lead.identity --signer lead --to lead --path '*/many' -o part.age -q
	same_by_cat part.age "$PWD/gaps/many" gaps/many
	rm -f by-o by-redirection appended
}

@test "cat: a file of nothing is made at once, however large" {
	mkdir -p nothing
	truncate -s 2T nothing/f || skip "no file of 2 TiB can be here"
	"$BIN/picket-bundle" seal --to lead --unsigned -o nothing.age nothing -q
	bundle cat nothing.age "$PWD/nothing/f" -i lead.identity -o nothing.out
	is 0 ""
	[ "$(stat -c %s nothing.out)" = 2199023255552 ]
	[ "$(stat -c %b nothing.out)" -lt 1000 ]
	(ulimit -f 1000 && run -4 --separate-stderr "$BIN/picket-bundle" cat nothing.age "$PWD/nothing/f" -i lead.identity -o big.out)
	[ ! -e big.out ]
	rm nothing.out nothing/f
}

@test "cat: one small file of a large bundle costs little reading" {
	command -v strace > /dev/null || skip "strace is not installed"
	mkdir -p large && head -c 150000000 /dev/urandom > large/big && echo small > large/small
	"$BIN/picket-bundle" seal --to lead --unsigned -o large.age large -q
	ASAN_OPTIONS=detect_leaks=0 strace -f -o trace -e trace=pread64,read "$BIN/picket-bundle" cat large.age "$PWD/large/small" -i lead.identity |
		cmp - large/small
	sum=$(sed -nE 's/.*(read|pread64)\(.*= ([0-9]+)$/\2/p' trace | awk '{ s += $1 } END { printf "%d", s }')
	[ "$sum" -gt 0 ]
	[ "$sum" -lt 33554432 ] || { echo "$sum bytes read"; return 1; }
	rm -r large large.age
}

@test "open: --only is of paths, also with --member-names and of a second name, and says what nothing fits" {
	bundle open b.age -i lead.identity -o only1 --only "$PWD/tree/sub/*" --member-names
	is 0 "3 files in 'only1'"
	[ "$(find only1 -type f | wc -l)" -eq 3 ]
	[ -d only1/data/root ]
	bundle open b.age -i lead.identity -o only2 --only '*/tree/b'
	is 0 "1 files in 'only2'"
	cmp "only2/root$PWD/tree/b" tree/b
	[ ! -e "only2/root$PWD/tree/a" ]
	bundle open b.age -i lead.identity -o only3 --only '/etc/cron.d/*'
	is 2 "nothing in it fits '/etc/cron.d/*' and has a content: see picket-bundle list"
	[ ! -e only3 ]
	bundle open b.age -i lead.identity -o only3 --only '*/tree/link'
	is 2 "nothing in it fits"
	bundle open b.age -i lead.identity -o only3 --only '/etc/cron.d/*' --only '*/tree/empty'
	is 0 "nothing in it fits '/etc/cron.d/*' and has a content"
	[[ $stderr == *"1 files in 'only3'"* ]] || { echo "$stderr"; return 1; }
	rm -rf only1 only2 only3
}

interrupted() { run --separate-stderr "$BATS_TEST_DIRNAME/interrupted.py" "$@"; }
nothing_left() { # exit code
	[ "$status" -eq "$1" ] || { echo "exit $status: $stderr"; return 1; }
	[ -z "$output" ] || { echo "left: $output"; return 1; }
}

@test "seal, open, cat: a signal leaves no unfinished file" {
	mkdir -p slow out && head -c 300000000 /dev/zero > slow/f
	"$BIN/picket-bundle" seal --to lead --unsigned -o slow.age slow -q
	interrupted INT out '*.part' -- "$BIN/picket-bundle" seal --to lead --signer lead -o out/s.age slow -q
	nothing_left 130
	interrupted TERM out '*.part' -- "$BIN/picket-bundle" seal --to lead --signer lead -o out/s.age slow -q
	nothing_left 143
	interrupted INT out '*.part' -- "$BIN/picket-bundle" cat slow.age "$PWD/slow/f" -i lead.identity -o out/f -q
	nothing_left 130
	interrupted HUP out '*.part' -- "$BIN/picket-bundle" cat slow.age "$PWD/slow/f" -i lead.identity -o out/f -q
	nothing_left 129
	"$BIN/picket-case" init out/c --author ann -q
	"$BIN/picket-case" import out/c slow.age -i lead.identity --accept "made here" --author ann -q
	interrupted TERM out '*.part' -- "$BIN/picket-case" cat out/c "$PWD/slow/f" -i lead.identity -o out/f -q
	nothing_left 143
	# what was not written to its end keeps saying so
	interrupted INT out .picket-unfinished -- sh -c 'rm -rf out/d && exec "$0" open slow.age -i lead.identity -o out/d -q' "$BIN/picket-bundle"
	[ "$status" -eq 130 ] || { echo "exit $status: $stderr"; return 1; }
	[ "$output" = d/INCOMPLETE ] || { echo "left: $output"; return 1; }
	rm -r slow out slow.age
}

# Seals folder $1, whose files f and g are one. When f is open for reading, "$2" is run; f's first read is tampered with as $3 says.
seal_moving() {
	command -v strace > /dev/null || skip "strace is not installed"
	[ "$(id -u)" = 0 ] || skip "needs root: others cannot see which files a tool has open"
	(
		for ((i = 0; i < 500; i++)); do
			find /proc/[0-9]*/fd -lname "$PWD/$1/f" 2> /dev/null | grep -q . && break
			sleep 0.01
		done
		eval "$2"
	) 3>&- &
	# LeakSanitizer, in a build that has it, cannot work under strace
	ASAN_OPTIONS=detect_leaks=0 run --separate-stderr strace -f -o trace -P "$PWD/$1/f" -e trace=pread64 \
		-e "inject=pread64:$3:when=1" "$BIN/picket-bundle" seal --unsigned --to lead -o "$1.age" "$1"
	wait
	records "$1.age" > records.jsonl
	jq -se '[.[] | select(.kind == "file")] | length == 2' records.jsonl
}
records() { age -d -i lead.identity "$1" | tar --zstd -xO --wildcards 'meta/records-*'; }
of() { jq -c --arg p "$1" "select(.path != null and (.path | endswith(\$p))) | $2" records.jsonl; }
content() { jq -c --argjson i "$(of "$1" .c)" 'select(.t == "c" and .i == $i) | [.size, .padded, .flags]' records.jsonl; }

@test "seal: a file that only grew is taken, and told to have grown" {
	mkdir grown && echo 123456789 > grown/f && ln grown/f grown/g
	seal_moving grown "echo more >> grown/f" delay_enter=1000000
	is 0 "3 paths, 1 contents"
	[ "$(of /f '[.outcome, .why]')" = '["taken",null]' ]
	[ "$(of /g '[.outcome, .why]')" = '["taken",null]' ]
	[ "$(content /f)" = '[10,null,["grew","changed"]]' ]
	[ "$(of /f .c)" = "$(of /g .c)" ]
	bundle cat grown.age "$PWD/grown/f" -i lead.identity
	[ "$output" = 123456789 ]
}

@test "seal: a file that shrank is partial, its other name read again" {
	mkdir cut && echo 123456789 > cut/f && ln cut/f cut/g
	seal_moving cut "truncate -s 4 cut/f" delay_enter=1000000
	is 3 "cut/f': shrank while it was read; read 4 of 10 bytes, the rest is zeros"
	is 3 "1 paths could not be read"
	[ "$(of /f '[.outcome, .why]')" = '["partial","shrank while it was read; read 4 of 10 bytes, the rest is zeros"]' ]
	[ "$(content /f)" = '[10,6,["shrank","changed"]]' ]
	[ "$(of /g '[.outcome, .why]')" = '["taken",null]' ]
	[ "$(content /g)" = '[4,null,null]' ]
	bundle cat cut.age "$PWD/cut/f" -i lead.identity -o cut.out
	is 0 "'$PWD/cut/f' is partial, with 4 of 10 bytes: shrank while it was read; read 4 of 10 bytes, the rest is zeros"
	cmp cut.out <(printf '1234\0\0\0\0\0\0')
	bundle cat cut.age "$PWD/cut/g" -i lead.identity
	is 0 ""
	[[ $stderr != *partial* ]] || { echo "$stderr"; return 1; }
	bundle open cut.age -i lead.identity -o cut.open
	is 0 "1 contents are partial: their records say what is missing"
	bundle open cut.age -i lead.identity -o cut.whole --only '*/g'
	is 0 "1 files in"
	[[ $stderr != *partial* ]] || { echo "$stderr"; return 1; }
}

@test "seal: a file written over in place is partial" {
	mkdir over && echo 123456789 > over/f && ln over/f over/g
	seal_moving over "sleep 0.1; echo 987654321 > over/f" delay_enter=1500000
	is 3 "over/f': changed while it was read"
	[ "$(content /f)" = '[10,null,["changed"]]' ]
	[ "$(of /g .outcome)" = '"taken"' ]
	[ "$(of /f .c)" != "$(of /g .c)" ]
}

leaves_of() { sed -n 's/.* leaves \([0-9]*\) root .*/\1/p' "$1.minisig"; }

@test "seal --pad: bundles of about one size are of one size, and have as many records" {
	mkdir -p pad/one pad/two
	head -c 300000 /dev/urandom > pad/one/a
	for i in {1..20}; do head -c 14000 /dev/urandom > "pad/two/$i"; done
	for d in one two; do
		"$BIN/picket-bundle" seal --to lead --signer lead --pad -o "pad/$d.age" "pad/$d" -q
		"$BIN/picket-bundle" seal --to lead --signer lead -o "pad/$d.plain.age" "pad/$d" -q
		bundle verify "pad/$d.age" -i lead.identity
		is 0 ""
		[[ $output == *"contents   verified: 64 records"* ]]
		age -d -i lead.identity "pad/$d.age" > pad/payload
		[ "$(($(stat -c %s pad/payload) % 65536))" -eq 0 ]
		zstd -tq pad/payload
		tar --zstd -xf pad/payload -C pad --one-top-level="$d.out"
		bsdtar -tf pad/payload | cmp - <(tar --zstd -tf pad/payload)
		(cd "pad/$d.out" && sha256sum -c --quiet manifest-sha256.txt tagmanifest-sha256.txt)
		diff -r "pad/$d" "pad/$d.out/data/root$PWD/pad/$d"
	done
	[ "$(stat -c %s pad/one.age)" -eq "$(stat -c %s pad/two.age)" ]
	[ "$(stat -c %s pad/one.plain.age)" -ne "$(stat -c %s pad/two.plain.age)" ]
	[ "$(leaves_of pad/one.age) $(leaves_of pad/two.age)" = "64 64" ]
	[ "$(leaves_of pad/one.plain.age)" -lt 10 ]
	# it says nothing to anybody: not to a case, a listing, or who gets a share
	"$BIN/picket-case" init pad/case -q && "$BIN/picket-case" import pad/case pad/one.age pad/two.age -i lead.identity -q
	[ "$(sqlite3 pad/case/case.db "SELECT count(*) FROM run WHERE line LIKE '%padding%'")" -eq 0 ]
	"$BIN/picket-case" check pad/case -q
	"$BIN/picket-bundle" list pad/one.age -i lead.identity --json -q | jq -es 'all(.[]; .type == "path")'
	bundle share pad/two.age -i lead.identity --signer lead --to lead --path '*/1?' --pad -o pad/share.age
	is 0 "20 records and 10 contents"
	[ "$(leaves_of pad/share.age)" = 64 ]
	bundle verify pad/share.age -i lead.identity
	is 0 ""
	[[ $output == *"share      20 records, by lead"* ]]
	bundle share pad/share.age -i lead.identity --signer lead --to lead --path '*' -o pad/again.age
	is 0 "records"
	bundle verify pad/again.age -i lead.identity
	is 0 ""
}

@test "seal --pad: padding of several frames, and damage in it" {
	mkdir -p wide && head -c 145000000 /dev/urandom > wide/big && echo small > wide/small
	"$BIN/picket-bundle" seal --to lead --signer lead --pad -o wide.age wide -q
	age -d -i lead.identity wide.age > wide.payload
	[ "$(($(stat -c %s wide.payload) % 8388608))" -eq 0 ]
	[ "$(zstd -lv wide.payload | sed -n 's/# Skippable Frames: //p')" -ge 3 ] # padding twice, seek table
	zstd -tq wide.payload
	bundle verify wide.age -i lead.identity
	is 0 ""
	bundle cat wide.age "$PWD/wide/small" -i lead.identity
	is 0 ""
	[ "$output" = small ]
	# damage in the padding: told, and nothing is lost by it
	flip wide.age $(($(stat -c %s wide.age) - 500000))
	bundle verify wide.age -i lead.identity
	is 1 ""
	bundle salvage wide.age -i lead.identity -o wide.saved
	cmp wide/big "wide.saved/root$PWD/wide/big"
	cmp wide/small "wide.saved/root$PWD/wide/small"
	# cut within it
	truncate -s -3000000 wide.age
	bundle salvage wide.age -i lead.identity -o wide.cut
	cmp wide/big "wide.cut/root$PWD/wide/big"
	rm -r wide wide.*
}

@test "seal: what cannot be read is partial, its other name read again" {
	mkdir broken && echo 123456789 > broken/f && ln broken/f broken/g
	seal_moving broken : error=EIO
	is 3 "cannot read at offset 0: Input/output error; read 0 of 10 bytes, the rest is zeros"
	[ "$(of /f .outcome)" = '"partial"' ]
	[ "$(content /f)" = '[10,10,["read-error"]]' ]
	[ "$(of /g .outcome)" = '"taken"' ]
	[ "$(content /g)" = '[10,null,null]' ]
}

@test "seal: pseudo files are read to their end; those with nothing for anybody are skipped" {
	[ "$(id -u)" = 0 ] || skip "needs root: a tool keeps its own memory from others"
	paths=(/proc/version /proc/self/mem /proc/sys/kernel/ostype)
	[ -r /sys/kernel/mm/transparent_hugepage/enabled ] && paths+=(/sys/kernel/mm/transparent_hugepage/enabled)
	[ -e /proc/sys/net/ipv4/route/flush ] && paths+=(/proc/sys/net/ipv4/route/flush)
	bundle seal --unsigned --to lead -o pseudo.age "${paths[@]}"
	is 0 ""
	records pseudo.age > records.jsonl
	[ "$(of /mem '[.outcome, .why, .c]')" = '["skipped","cannot read: Input/output error",null]' ]
	bundle cat pseudo.age /proc/version -i lead.identity
	[ "$output" = "$(cat /proc/version)" ]
	[ "$(of /proc/version .outcome)" = '"taken"' ]
	[ "$(content /ostype)" = '[6,null,null]' ]
	if [ "$(of /flush .mode)" = 128 ]; then
		[ "$(of /flush '[.outcome, .why]')" = '["skipped","nobody has the right to read it"]' ]
	fi
}

@test "seal: a pseudo file that says no, and one that never answers" {
	command -v strace > /dev/null || skip "strace is not installed"
	[ "$(id -u)" = 0 ] || skip "needs root: others cannot see which files a tool has open"
	export ASAN_OPTIONS=detect_leaks=0
	pseudo() { # as /proc/kmsg does without news; as some drivers do
		run --separate-stderr timeout 60 strace -f -o trace -P /proc/version -e trace=read -e "inject=read:$1" \
			"$BIN/picket-bundle" seal --unsigned --to lead -o "$2.age" /proc/version
		records "$2.age" > records.jsonl
	}
	pseudo error=EAGAIN no-news
	is 0 "1 paths, 0 contents"
	[ "$(of /version '[.outcome, .why, .c]')" = '["skipped","cannot read: Resource temporarily unavailable",null]' ]
	pseudo delay_enter=8000000 hangs
	is 3 "reading did not end in 5000 ms"
	[ "$(of /version '[.outcome, .c]')" = '["failed",null]' ]
}

@test "seal: a sparse file has the hash of its whole" {
	mkdir holes && truncate -s 100M holes/h && printf tail >> holes/h
	bundle seal --unsigned --to lead -o holes.age holes
	is 0 ""
	records holes.age > records.jsonl
	[ "$(jq -r 'select(.t == "c") | .sha256_logical' records.jsonl)" = "$(sha256sum < holes/h | cut -c1-64)" ]
}

@test "a killed seal leaves no final name" {
	mkdir killed
	head -c 200000000 /dev/zero | openssl enc -aes-128-ctr -K 00 -iv 00 > noise 2> /dev/null || head -c 200000000 /dev/urandom > noise
	for wait in 0.05 0.1 0.2 0.3; do
		"$BIN/picket-bundle" seal --to lead --signer lead -o killed/k.age noise -q &
		pid=$!
		sleep $wait
		kill -9 $pid 2> /dev/null
		wait $pid 2> /dev/null || true
		for f in killed/k.age killed/k.age.minisig killed/k.age.ticket; do
			if [ -e $f ]; then # done before the signal came: then it is whole
				run "$BIN/picket-bundle" verify killed/k.age
				[ "$status" -eq 0 ]
				break
			fi
		done
		rm -f killed/*
	done
}

@test "a full disk is said, and nothing is left" {
	[ -w /dev/full ] || skip "no /dev/full"
	ulimit -f 1000 # one MiB a file
	trap '' XFSZ
	bundle seal --to lead --signer lead -o full.age tree
	[ "$status" -eq 4 ]
	[[ $stderr == *"full.age"* ]]
	[ -z "$(ls | grep full.age)" ]
}

@test "verify: what lies beside a bundle never hangs it, and leads nowhere" {
	mkdir beside && cp b.age b.age.* beside/ && cd beside
	mkfifo fifo
	run -2 --separate-stderr timeout 20 "$BIN/picket-bundle" verify fifo
	[[ $stderr == *"'fifo' is not a regular file"* ]]
	for s in .minisig .ticket .ticket.minisig; do
		mv "b.age$s" kept
		mkfifo "b.age$s"
		run -4 --separate-stderr timeout 20 "$BIN/picket-bundle" verify b.age
		[[ $stderr == *"'b.age$s' is not a regular file"* ]] || { echo "$stderr"; return 1; }
		rm "b.age$s" && ln -s kept "b.age$s"
		run -4 --separate-stderr timeout 20 "$BIN/picket-bundle" verify b.age
		[[ $stderr == *"'b.age$s' is a link, and is not followed"* ]] || { echo "$stderr"; return 1; }
		rm "b.age$s" && mv kept "b.age$s"
	done
	for make in mkfifo mkdir "truncate -s 5M" "ln -s ../lead.identity"; do # a receipt that is none changes nothing
		$make b.age.receipt
		run -1 --separate-stderr timeout 20 "$BIN/picket-bundle" verify b.age
		[[ $output == *"b.age.receipt"* ]] || { echo "$output $stderr"; return 1; }
		rm -rf b.age.receipt
	done
}

@test "a label that nobody signs is said not to be judged" {
	bundle seal --unsigned --to jpn --tlp RED --rel-to USA -o labelled.age tree/a
	is 0 "nobody judges whether its readers fit the label"
	run --separate-stderr "$BIN/picket-collect" --root "$PWD/tree" --unsigned --to jpn --tlp AMBER --rel-to USA --no-scan -o collected.age
	[[ $stderr == *"nobody judges whether its readers fit the label"* ]]
}

@test "verify: an identity that cannot be used is no verdict on the evidence" {
	"$BIN/picket-key" new locked --nation USA --passphrase --passphrase-fd 3 -d . -q 3<<< secret
	bundle verify b.age -i locked.identity --passphrase-fd 3 3<<< wrong
	is 4; [[ $output == *"contents   not checked: identity 'locked.identity'"* ]]
	echo junk > junk.identity
	bundle verify --json b.age -i junk.identity
	is 4; [ "$(jq -r .contents <<< "$output")" = "not checked" ]
}
