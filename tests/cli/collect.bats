#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# picket-kit and picket-collect on a root that fights back.
bats_require_minimum_version 1.5.0
load damage
load json

setup_file() {
	export W=$BATS_FILE_TMPDIR
	export XDG_CONFIG_HOME=$W/station
	umask 077
	mkdir -p "$W/station" "$W/out"
	cd "$W/station"
	"$BIN/picket-key" new lead --org CPT-7 --nation USA
	printf 'MUST NEVER BE READ 8f1c\n' > "$W/outside.txt"
	"$BATS_TEST_DIRNAME/hostile-root.sh" "$W/root" "$W/outside.txt"
	printf 'rule dev_tcp { strings: $a = "/dev/tcp/" condition: $a }\n' > "$W/r.yar"
	"$BIN/picket-kit" build --mission HARBOR --signer lead --to lead --tlp AMBER --rel-to USA,JPN \
		--rules "$W/r.yar" -o "$W/kit"
	cd "$W/out"
	timeout 120 "$W/kit" --root "$W/root" --json > "$W/summary.json" || echo $? > "$W/rc"
	export BUNDLE=$(jq -r .path "$W/summary.json")
	export ID=$W/station/lead.identity
	"$BIN/picket-bundle" list "$W/out/$BUNDLE" -i "$ID" --json > "$W/list.json"
	mkdir "$W/stock"
	age -d -i "$ID" "$W/out/$BUNDLE" | tar --zstd -x -C "$W/stock"
}

record() { # the record of one path
	jq -c --arg p "$1" 'select(.path == $p)' "$W/list.json"
}

@test "collect: the bundle is there, small, and verifies" {
	cd "$W/out"
	[ "$(stat -c %s "$BUNDLE")" -lt 2000000 ]
	[ "$(stat -c %a "$BUNDLE")" = 600 ]
	"$BIN/picket-bundle" verify "$BUNDLE" -i "$ID"
	minisign -V -q -p "$W/station/lead.signpub" -m "$W/kit"
}

@test "collect: every hostile name is recorded byte for byte" {
	(cd "$W/root" && find . -mindepth 1 -printf '%P\0' | LC_ALL=C sort -z) > "$W/want"
	jq -r 'select(.kind != null) | .path_b64 // (.path | @base64)' "$W/list.json" |
		python3 -c 'import base64, sys
for name in sorted(base64.b64decode(line).lstrip(b"/") for line in sys.stdin):
    sys.stdout.buffer.write(name + b"\0" if name else b"")' > "$W/got"
	cmp "$W/want" "$W/got"
}

@test "collect: nothing from outside the root is in the bundle" {
	run grep -r 'MUST NEVER BE READ' "$W/stock"
	[ "$status" -eq 1 ]
	[ "$(record /var/log/absolute.log | jq -r .kind)" = link ]
	[ "$(record /var/log/absolute.log | jq -r .target)" = "$W/outside.txt" ]
	[ "$(record /var/run | jq -r .target)" = /run ]
}

@test "collect: a FIFO is described, not opened" {
	[ "$(record /var/log/fifo.log | jq -r '.kind + " " + .outcome')" = "fifo metadata" ]
}

@test "collect: a 2 TiB sparse file costs its data only" {
	r=$(record /var/log/sparse.log)
	[ "$(jq -r .kind <<< "$r")" = file ]
	[ "$(jq -r .size <<< "$r")" = 2199023255552 ]
	[ "$(jq -r .outcome <<< "$r")" = taken ]
	grep -rq needle "$W/stock/data"
}

@test "collect: a sparse file of 3,000 ranges comes back as it was" {
	"$BIN/picket-bundle" open "$W/out/$BUNDLE" -i "$ID" -C "$W/ranges" --only /var/log/ranges.log
	cmp "$W/root/var/log/ranges.log" "$W/ranges/root/var/log/ranges.log"
	[ "$(du -k "$W/ranges/root/var/log/ranges.log" | cut -f1)" -lt 20000 ]
}

@test "collect: a path that many artefacts ask for has all their names" {
	cd "$W/out"
	for i in $(seq 300); do
		printf -- '---\nname: Many%0100d\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: [/etc/passwd]}\nsupported_os: [Linux]\n' "$i"
	done > many.yaml
	a=()
	for i in $(seq 300); do a+=(-a "$(printf 'Many%0100d' "$i")"); done
	"$BIN/picket-collect" --root "$W/root" --definitions many.yaml "${a[@]}" --no-live --unsigned --to lead -o many.age
	"$BIN/picket-bundle" verify many.age -i "$ID" || [ $? -eq 1 ]
	[ "$("$BIN/picket-bundle" list many.age -i "$ID" --json | jq -s 'map(.path) == ["/etc/passwd"]')" = true ]
	age -d -i "$ID" many.age | tar --zstd -xO --wildcards 'meta/records-*' > many.jsonl
	[ "$(jq -s 'map(.via // [] | length) | add' many.jsonl)" = 300 ]
	[ "$(jq -s 'map(select(.more_of)) | length' many.jsonl)" -gt 1 ]
}

@test "collect: one path, one record; hard links share their content" {
	[ -z "$(jq -r '.path // .path_b64 // empty' "$W/list.json" | sort | uniq -d)" ]
	a=$(record /var/log/auth.log | jq .c)
	b=$(record /var/log/hardlink.log | jq .c)
	[ "$a" = "$b" ]
	[ "$a" != null ]
}

@test "collect: a file of several names is scanned under each when rules look at names, and told once" {
	cd "$W/out"
	mkdir -p "$W/names/data/deep"
	printf 'a needle in here\n' > "$W/names/data/a.txt"
	ln "$W/names/data/a.txt" "$W/names/data/deep/b.php"
	ln "$W/names/data/a.txt" "$W/names/data/c.txt"
	cat > names.yar <<- 'END'
		rule bytes { strings: $a = "needle" condition: $a }
		rule php { strings: $a = "needle" condition: $a and extension == ".php" }
		rule deep { condition: filepath endswith "/deep" }
		rule txt { condition: filename == "a.txt" or filename == "c.txt" }
	END
	printf 'name: Names\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: ["/data/**3"]}\nsupported_os: [Linux]\n' > names.yaml
	"$BIN/picket-collect" --root "$W/names" --definitions names.yaml -a Names --no-live --unsigned --to lead \
		--rules names.yar -o names.age
	"$BIN/picket-bundle" verify names.age -i "$ID" || [ $? -eq 1 ]
	age -d -i "$ID" names.age | tar --zstd -xO --wildcards 'meta/records-*' > names.jsonl
	[ "$(jq -r 'select(.t == "h") | .rule' names.jsonl | sort | tr '\n' ' ')" = "bytes deep php txt " ]
	[ "$(jq -r 'select(.t == "h") | .of' names.jsonl | sort -u)" = "$(jq -r 'select(.t == "c") | .i' names.jsonl)" ]
	# the same rules as those of a scan of the tree
	[ "$("$BIN/picket-scan" -r names.yar "$W/names" --json | jq -r 'select(.rule).rule' | sort -u | tr '\n' ' ')" = "bytes deep php txt " ]
	# rules that do not look at names have it scanned once
	head -1 names.yar > plain.yar
	"$BIN/picket-collect" --root "$W/names" --definitions names.yaml -a Names --no-live --unsigned --to lead \
		--rules plain.yar -o plain.age --json | jq -e '.hits == 1'
}

@test "collect: --nice: the collection and its scanners stand behind everything else" {
	command -v strace > /dev/null || skip "strace is not installed"
	cd "$W/out"
	echo 'rule x { condition: true }' > x.yar
	printf 'name: Logs\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: ["/var/log/*"]}\nsupported_os: [Linux]\n' > logs.yaml
	# LeakSanitizer, in a build that has it, cannot work under strace
	ASAN_OPTIONS=detect_leaks=0 strace -f -o trace -e trace=setpriority,ioprio_set,clone,clone3,fork,vfork "$BIN/picket-collect" --root "$W/root" --definitions logs.yaml -a Logs --nice --rules x.yar \
		--no-live --no-walk --unsigned --to lead -o nice.age || [ $? -eq 3 ]
	# before anything else is started
	[ "$(grep -oE '(setpriority\(PRIO_PROCESS, 0, 19\)|ioprio_set\(.*\)|clone3?|v?fork).*= ' trace | cut -d'(' -f1 | head -2 | tr '\n' ' ')" = "setpriority ioprio_set " ]
	run -1 grep -E '(setpriority|ioprio_set).*= -1' trace
}

@test "collect: times before 1970 keep their nanoseconds" {
	[ "$(record /var/log/empty.log | jq -r .mtime)" = -1.500000000 ]
}

@test "collect: what a definition asks for and is not there is said" {
	[ "$(jq -r 'select(.outcome == "absent") | .path' "$W/list.json" | wc -l)" -gt 10 ]
}

@test "collect: the rules of the kit hit" {
	[ "$(jq .hits "$W/summary.json")" -ge 1 ]
}

@test "collect: a hit is what the analyst points at: its content, and a share by its tag" {
	cd "$W/station"
	"$BIN/picket-case" init hit.case -q
	"$BIN/picket-case" import hit.case "$W/out/$BUNDLE" -i lead.identity -q
	ref=$("$BIN/picket-case" hits hit.case --json | jq -r .ref | head -1)
	for name in "$ref" "hit:$ref"; do
		"$BIN/picket-case" cat hit.case "$name" -i lead.identity -q | grep -q /dev/tcp/
	done
	"$BIN/picket-case" tag hit.case ours "$ref" -q
	"$BIN/picket-case" share hit.case -i lead.identity --signer lead --to lead --tag ours -o hit.age -q
	"$BIN/picket-bundle" verify hit.age -i lead.identity
	"$BIN/picket-case" init got.case -q
	"$BIN/picket-case" import got.case hit.age -i lead.identity -q
	[ "$("$BIN/picket-case" hits got.case --json | jq -r .ref)" = "$ref" ]
	"$BIN/picket-case" cat got.case "$ref" -i lead.identity -q | grep -q /dev/tcp/
	# a tagged file takes its hits along no more than it did
	"$BIN/picket-case" tag hit.case file "$("$BIN/picket-case" hits hit.case --json | jq -r .file | head -1)" -q
	"$BIN/picket-case" share hit.case -i lead.identity --signer lead --to lead --tag file -o file.age --json |
		jq -e '.records == 2 and .contents == 1'
}

@test "collect: the last record counts all hits, and nothing comes after it" {
	cat "$W"/stock/meta/records-*.jsonl > "$W/records.jsonl"
	[ "$(tail -n 1 "$W/records.jsonl" | jq -r .event)" = end ]
	[ "$(tail -n 1 "$W/records.jsonl" | jq .hits)" = "$(jq -c 'select(.t == "h")' "$W/records.jsonl" | wc -l)" ]
}

@test "collect: stock tools agree with the manifest" {
	cd "$W/stock"
	sha256sum -c --quiet manifest-sha256.txt
}

@test "collect: equal input gives equal records" {
	mkdir "$W/again"
	cd "$W/again"
	timeout 120 "$W/kit" --root "$W/root" --json > s.json || true
	"$BIN/picket-bundle" list "$(jq -r .path s.json)" -i "$ID" --json > list.json
	diff <(jq -c 'del(.salt, .atime)' "$W/list.json") <(jq -c 'del(.salt, .atime)' list.json)
}

@test "kit: the plan names readers and what leaves, and writes nothing" {
	mkdir "$W/plan"
	cd "$W/plan"
	run "$W/kit" --root "$W/root" --plan
	[ "$status" -eq 0 ]
	[[ $output == *"lead, CPT-7 (USA)"* ]]
	[[ $output == *"TLP:AMBER REL TO JPN,USA"* ]]
	[[ $output == *"Who can open the result"* ]]
	[ -z "$(ls -A)" ]
	run -2 --separate-stderr "$W/kit" --root "$W/root" --plan --json
	[ "${stderr_lines[0]}" = "picket-collect: --plan is for people: --json goes with a collection, --coverage and --list" ]
	[ -z "$output" ]
}

@test "kit: altered, it refuses to run" {
	cp "$W/kit" "$W/kit2"
	flip "$W/kit2" $(($(stat -c %s "$W/kit2") - 3000))
	run "$W/kit2" --plan
	[ "$status" -eq 4 ]
	[[ $output == *"altered or damaged"* ]]
	run "$BIN/picket-kit" show "$W/kit2"
	[ "$status" -eq 1 ]
}

@test "kit: cut, it is neither a kit nor the plain collector" {
	head -c -1000 "$W/kit" > "$W/kit3"
	chmod +x "$W/kit3"
	run -4 "$W/kit3" --plan
	[ "$output" = "picket-collect: this kit was altered or damaged: get it again, and check its .minisig" ]
	run -1 "$BIN/picket-kit" show "$W/kit3"
	[[ $output == *"kit3': this kit was altered or damaged"* ]]
	cp "$BIN/picket-collect" "$W/cut"
	truncate -s -1 "$W/cut"
	run -4 "$W/cut" --plan
	# within the program: the kernel itself gives up on it
	head -c 3000000 "$W/kit" > "$W/cut"
	run "$W/cut" --plan
	[ "$status" -ne 0 ]
	run -1 "$BIN/picket-kit" show "$W/cut"
	[[ $output == *"cut': this kit was altered or damaged"* ]]
}

@test "kit: its mission is fixed" {
	cd "$W/out"
	before=$(ls -A)
	for o in "--to x" "--tlp RED" "--rel-to USA" "--originator x" "--caveats X" "--mission M" "--profile full" "--signer x" "--ticket x" \
		"--roster x" "--max-file 1" "--max-total 1" "--max-scan 1" "--globstar-default 3" --walk --unsigned; do
		run -2 "$W/kit" --root "$W/root" $o
		[[ $output == *"this is a kit: its mission is fixed, ${o%% *} cannot change it"* ]] || { echo "$o: $output"; return 1; }
	done
	[ "$(ls -A)" = "$before" ]
}

@test "kit: rules that include others" {
	cd "$W/station"
	rm -rf inc && mkdir -p inc/{all/sub,host/etc,loop,self,out/in,lost,one,two} && cd inc
	echo "EVILA EVILB" > host/etc/passwd
	echo 'include "sub/b.yar" include "common.inc" rule A { strings: $a = "EVILA" condition: $a and B and D }' > all/a.yar
	echo 'include "./c.yar" rule B { strings: $b = "EVILB" condition: $b or C }' > all/sub/b.yar
	echo 'rule C { strings: $c = "EVILC" condition: $c }' > all/sub/c.yar
	echo 'rule D { strings: $d = "EVIL" condition: $d }' > all/common.inc
	build() { # NAME ARGS: a kit
		run --separate-stderr "$BIN/picket-kit" build --mission X --signer "$W/station/lead.signkey" --to lead --tlp AMBER --rel-to USA -o "$@"
	}
	hits() { # KIT: what it finds, once each
		run -0 "./$1" --root host -o "$1.age" --no-live --no-walk -q
		records "$1.age" | jq -r 'select(.t == "h") | .rule + " " + .namespace' | sort | tr '\n' ','
	}
	records() { age -d -i "$ID" "$1" | tar --zstd -xO --wildcards 'meta/records-*'; }
	# as picket-scan has it: what is included is compiled with who includes it, and not once more
	want=$("$BIN/picket-scan" --rules all host/etc/passwd --json -q | jq -r 'select(.rule) | .rule + " " + .namespace' | sort | tr '\n' ',')
	[ "$want" = "A a.yar,B a.yar,D a.yar," ]
	build folder --rules all
	[ "$status" -eq 0 ]
	[ "$(hits folder)" = "$want" ]
	build file --rules all/a.yar
	[ "$status" -eq 0 ]
	[ "$(hits file)" = "$want" ]
	run "$BIN/picket-kit" show folder
	[[ $output == *" rules/a.yar"*" included/sub/b.yar"* ]]
	# stock yara refuses these, too
	for bad in "loop:includes circular reference" "self:includes circular reference" "lost:it includes 'none.yar', which is not there or not in the folder of these rules"; do
		case ${bad%%:*} in
		loop) echo 'include "y.yar" rule X { condition: true }' > loop/x.yar && echo 'include "x.yar" rule Y { condition: true }' > loop/y.yar ;;
		self) echo 'include "s.yar" rule S { condition: true }' > self/s.yar ;;
		lost) echo 'include "none.yar" rule M { condition: true }' > lost/m.yar ;;
		esac
		build bad --rules "${bad%%:*}"
		[ "$status" -eq 2 ]
		[[ $stderr == *"${bad#*:}"* ]] || { echo "$bad: $stderr"; return 1; }
		[ ! -e bad ]
		if command -v yara > /dev/null; then
			run ! yara "$(echo "${bad%%:*}"/*.yar | cut -d' ' -f1)" host/etc/passwd
		fi
	done
	# what lies elsewhere on this station does not get into a kit
	echo 'rule O { condition: true }' > out/o.yar
	ln -s ../o.yar out/in/link.inc
	for inc in ../o.yar "$PWD/out/o.yar" link.inc; do
		echo "include \"$inc\" rule P { condition: true }" > out/in/p.yar
		build bad --rules out/in
		[ "$status" -eq 2 ]
		[[ $stderr == *"it includes '$inc', which is not there or not in the folder of these rules"* ]] || { echo "$stderr"; return 1; }
		[ ! -e bad ]
	done
	# one broken file costs itself, or with --strict the kit
	echo 'rule N { condition: true }' > lost/n.yar
	build some --rules lost
	[ "$status" -eq 0 ]
	[[ $stderr == *"it includes 'none.yar'"* ]]
	build bad --rules lost --strict
	[ "$status" -eq 2 ]
	[ ! -e bad ]
	# names that are taken in the kit would lead an include astray
	echo 'rule V1 { condition: true }' > one/x.yar
	echo 'rule V2 { condition: true }' > two/x.yar
	echo 'include "x.yar" rule W { condition: V2 }' > two/y.yar
	build bad --rules one --rules two
	[ "$status" -eq 2 ]
	[[ $stderr == *"rules 'two/y.yar': what it includes would be another file in the kit"* ]] || { echo "$stderr"; return 1; }
	[ ! -e bad ]
}

@test "kit: built with --pad, its bundles are padded; a collector can be told so, too" {
	cd "$W/station"
	"$BIN/picket-kit" build --mission M --signer lead --to lead --profile minimal --no-live --pad -o "$W/padkit" -q
	mkdir -p "$W/padded"
	(cd "$W/padded" && { "$W/padkit" --root "$W/root" -q || [ $? -eq 3 ]; })
	"$BIN/picket-collect" --root "$W/root" --profile minimal --no-live --to lead --signer lead --pad -o "$W/padded/told.age" -q || [ $? -eq 3 ]
	[ "$(ls "$W"/padded/*.age | wc -l)" -eq 2 ]
	for b in "$W"/padded/*.age; do
		[ "$(sed -n 's/.* leaves \([0-9]*\) root .*/\1/p' "$b.minisig" | awk '{ print $1 % 64 }')" = 0 ]
		[ "$(($(age -d -i "$ID" "$b" | wc -c) % 65536))" -eq 0 ]
		"$BIN/picket-bundle" verify "$b" -i "$ID" -q
	done
}

@test "label: what belongs to one needs --tlp, in the collector and in a kit" {
	cd "$W/station"
	for o in "--rel-to USA" "--originator lead" "--caveats ORCON"; do
		run -2 "$BIN/picket-kit" build --mission M --signer lead --to lead $o -o "$W/none"
		[[ $output == *"--rel-to, --originator and --caveats need --tlp"* ]]
		for s in "--signer lead" --unsigned "--signer lead --plan"; do
			run -2 "$BIN/picket-collect" --root "$W/root" -a LinuxPasswdFile --no-live --to lead $s $o -o "$W/none"
			[[ $output == *"--rel-to, --originator and --caveats need --tlp"* ]]
		done
	done
	run -2 "$BIN/picket-kit" build --mission M --signer lead --to lead --tlp RED --caveats orcon -o "$W/none"
	[[ $output == *"caveats: 'orcon' has small letters, and caveats are in capitals: 'ORCON'"* ]]
	run -2 "$BIN/picket-collect" --root "$W/root" --to lead --signer lead --tlp RED --caveats orcon -o "$W/none"
	[[ $output == *"caveats: 'orcon' has small letters, and caveats are in capitals: 'ORCON'"* ]]
	[ ! -e "$W/none" ]
	"$BIN/picket-kit" build --mission M --signer lead --to lead --tlp AMBER --rel-to USA --caveats ORCON --originator CPT-7 -o "$W/whole"
	run -0 "$BIN/picket-kit" show "$W/whole"
	[[ $output == *"TLP:AMBER REL TO USA CAVEATS ORCON ORIGINATOR CPT-7"* ]]
	run -0 "$W/whole" --root "$W/root" --plan
	[[ $output == *"TLP:AMBER REL TO USA CAVEATS ORCON ORIGINATOR CPT-7"* ]]
}

@test "label: an originator that is nobody in the roster is said where the label is made" {
	cd "$W/station"
	run --separate-stderr "$BIN/picket-kit" build --mission M --signer lead --to lead --tlp AMBER --originator JPN,CPT-7 -o "$W/nobody"
	[ "$status" -eq 0 ]
	[[ $stderr == *"warning: originator 'JPN' is nobody in the roster: "* ]]
	[[ $stderr != *"'CPT-7' is nobody"* ]]
	run --separate-stderr "$BIN/picket-collect" --root "$W/root" --to lead --signer lead --tlp AMBER --rel-to USA --originator "X Y" --plan
	[ "$status" -eq 0 ]
	[[ $stderr == *"warning: originator 'X Y' is nobody in the roster: "* ]]
	run --separate-stderr "$BIN/picket-collect" --root "$W/root" --to lead --signer lead --tlp AMBER --originator lead --plan
	[[ $stderr != *"is nobody"* ]]
}

@test "collect: mission, label and profile are a ticket's, and are not given again" {
	cd "$W/station"
	"$BIN/picket-key" ticket --signer lead --mission PIER --to lead --tlp GREEN --rel-to USA,JPN --caveats LES --profile minimal -o pier
	run -0 "$BIN/picket-collect" --root "$W/root" --to lead --ticket pier --plan
	[[ $output == *"mission    PIER"* ]]
	[[ $output == *"label      TLP:GREEN REL TO JPN,USA CAVEATS LES ORIGINATOR lead"* ]]
	[[ $output == *"profile    minimal"* ]]
	for o in "--tlp CLEAR" "--rel-to USA" "--originator x" "--caveats X" "--mission M" "--profile full"; do
		run -2 "$BIN/picket-collect" --root "$W/root" --to lead --ticket pier.ticket $o -o "$W/none"
		[[ $output == *"mission, label and profile are the ticket's: ${o%% *} cannot be given again"* ]]
	done
	for o in "--ticket pier --signer lead" "--ticket pier --unsigned" "--signer lead --unsigned"; do
		run -2 "$BIN/picket-collect" --root "$W/root" --to lead $o -o "$W/none"
		[[ $output == *"--signer, --ticket and --unsigned exclude each other"* ]]
	done
	[ ! -e "$W/none" ]
	"$BIN/picket-collect" --root "$W/root" --to lead --ticket pier.ticket --no-live --no-walk -o "$W/pier.age" || [ $? -eq 3 ]
	run -0 "$BIN/picket-bundle" verify "$W/pier.age" -i "$ID"
	[[ $output == *"TLP:GREEN REL TO JPN,USA CAVEATS LES"* ]]
	sed -i 's/^caveats: LES/caveats: les/' pier.terms
	run -4 "$BIN/picket-collect" --root "$W/root" --to lead --ticket pier -o "$W/none"
	[[ $output == *"pier.terms: "*"line 5: caveats: 'les' has small letters, and caveats are in capitals: 'LES'"* ]]
}

@test "json: no key is twice in an object; the count of partial paths and whether the run was partial are two" {
	cd "$W/station"
	keys_once < "$W/summary.json"
	jq -e '(.partial | type) == "number" and (.is_partial | type) == "boolean"' "$W/summary.json"
	keys_once < "$W/list.json"
	for o in --coverage "--list tables" "--list profiles"; do
		"$BIN/picket-collect" $o --json | keys_once
	done
	"$BIN/picket-kit" show "$W/kit" --json | keys_once
	"$BIN/picket-bundle" verify "$W/out/$BUNDLE" -i "$ID" --json | keys_once
	run --separate-stderr "$BIN/picket-scan" -r "$W/r.yar" "$W/root" --json --paths
	keys_once <<< "$output"
	"$BIN/picket-case" init json.case -q
	"$BIN/picket-case" import json.case "$W/out/$BUNDLE" -i "$ID" -q --json | keys_once
	for o in hosts bundles files "files --summary" hits "hits --by-rule" timeline live custody "search passwd" stack "stack --table users --column username"; do
		read -ra words <<< "$o"
		"$BIN/picket-case" "${words[0]}" json.case "${words[@]:1}" -q --json | keys_once || { echo "$o"; return 1; }
	done
}

@test "collect: in its case a live table or column that is none is named, with those that there are" {
	cd "$W/station"
	"$BIN/picket-case" init words.case -q
	"$BIN/picket-case" import words.case "$W/out/$BUNDLE" -i "$ID" -q
	tables=$("$BIN/picket-case" live words.case --json | jq -r .table | LC_ALL=C sort -u | paste -sd , | sed 's/,/, /g')
	run -2 --separate-stderr "$BIN/picket-case" live words.case --table nosuch
	[ "${stderr_lines[0]}" = "picket-case: no live table 'nosuch' in this case, which has $tables" ]
	run -2 --separate-stderr "$BIN/picket-case" stack words.case --table nosuch --column name
	[ "${stderr_lines[0]}" = "picket-case: no live table 'nosuch' in this case, which has $tables" ]
	run -2 --separate-stderr "$BIN/picket-case" stack words.case --table users --column nosuch
	[[ ${stderr_lines[0]} == "picket-case: no row of the live table 'users' with a column 'nosuch' in this case, which has "*"uid"* ]]
	run -2 --separate-stderr "$BIN/picket-case" timeline words.case --source nosuch
	[[ ${stderr_lines[0]} == "picket-case: no source 'nosuch' in this case, which has "*file* ]]
	run -0 "$BIN/picket-case" timeline words.case --source users # a table without moments is none that is not there
	run -0 "$BIN/picket-case" live words.case --table users
	[ -n "$output" ]
}

@test "kit: shows what it is" {
	run "$BIN/picket-kit" show "$W/kit"
	[ "$status" -eq 0 ]
	[[ $output == *HARBOR* ]]
	[[ $output == *"one bundle"* ]]
	[[ $output == *rules/r.yar* ]]
}

@test "kit: a reader outside REL TO is refused, by name" {
	mkdir -p "$W/ally"
	cd "$W/ally"
	XDG_CONFIG_HOME=$W/ally "$BIN/picket-key" new prk --org X --nation PRK
	cd "$W/station"
	"$BIN/picket-key" roster add "$W/ally/prk.party" --signer lead --yes
	run "$BIN/picket-kit" build --mission M --signer lead --to lead --to prk --tlp AMBER --rel-to USA,JPN -o "$W/bad"
	[ "$status" -eq 2 ]
	[[ $output == *prk* ]]
	[ ! -e "$W/bad" ]
}

@test "kit: one kit and one ticket a host" {
	cd "$W/station"
	printf '# hosts\nweb01\ndb01\n' > hosts
	"$BIN/picket-kit" build --mission M --signer lead --to lead --hosts hosts -o "$W/each"
	[ -x "$W/each-web01" ]
	[ -x "$W/each-db01" ]
	a=$("$BIN/picket-kit" show "$W/each-web01" | grep ^ticket)
	b=$("$BIN/picket-kit" show "$W/each-db01" | grep ^ticket)
	[ "$a" != "$b" ]
}

@test "kit: a list of hosts is built whole or not begun; --json is an object of its type" {
	cd "$W/station"
	for bad in 'web01\ndb01\nweb01' 'web01\n../x' '#web01'; do
		printf "$bad\n" > badhosts
		run -2 "$BIN/picket-kit" build --mission M --signer lead --to lead --hosts badhosts -o "$W/none"
		[[ $output == *"'badhosts'"* ]]
	done
	: > "$W/none-db01"
	printf 'web01\ndb01\n' > badhosts
	run -2 "$BIN/picket-kit" build --mission M --signer lead --to lead --hosts badhosts -o "$W/none"
	[[ $output == *"/none-db01' exists already and is never overwritten: nothing was built"* ]]
	[ "$(ls "$W"/none*)" = "$W/none-db01" ]
	run -2 "$BIN/picket-kit" build --mission M --signer lead --to lead --valid 900000y -o "$W/none"
	[[ $output == *"--valid takes a duration"*"not '900000y'"* ]]
	run -2 "$BIN/picket-kit" build --mission M --signer lead -o "$W/none"
	[[ $output == *"--to is missing: build needs"* ]]
	[ "$("$BIN/picket-kit" show "$W/kit" --json | jq -r '.type + " " + .mission')" = "kit HARBOR" ]
}

@test "collect: lists and coverage as JSON Lines; a table that is none is named" {
	[ "$("$BIN/picket-collect" --list tables --json | jq -r 'select(.name == "users") | .type')" = table ]
	[ "$("$BIN/picket-collect" --list profiles --json | jq -r 'select(.name == "PicketTriage") | .type')" = profile ]
	"$BIN/picket-collect" --list artifacts --json | jq -se 'length > 100 and all(.type == "artifact" and .v == 1 and .doc != "")'
	run -2 --separate-stderr "$BIN/picket-collect" --to lead --unsigned --table users --table nosuch -o "$W/t.age"
	[ "${stderr_lines[0]}" = "picket-collect: no live table is called 'nosuch' (--list tables prints all names)" ]
	[ ! -e "$W/t.age" ]
}

@test "kit: locked rules need their passphrase" {
	cd "$W/station"
	printf 'correct horse\ncorrect horse\n' > pass
	"$BIN/picket-kit" build --mission M --signer lead --to lead --rules "$W/r.yar" --lock-rules -o "$W/locked" \
		--passphrase-fd 9 9< pass
	run grep -q dev_tcp "$W/locked"
	[ "$status" -eq 1 ]
	cd "$W/out"
	run "$W/locked" --root "$W/root" --passphrase-fd 9 9< <(echo wrong)
	[ "$status" -eq 4 ]
	run bash -c '"$W/locked" --root "$W/root" --json --passphrase-fd 9 9< <(echo correct horse)'
	[[ $output == *'"hits":'[1-9]* ]]
}

@test "kit: rules are compiled before it is built; what is broken is named, and nothing left is refused" {
	cd "$W/station"
	mkdir mix
	printf 'rule a { condition: true }\n' > mix/a.yar
	printf 'rule b {\n condition: nonsuch }\n' > mix/b.yar
	printf 'not rules\n' > none.yar
	for o in --rules "--lock-rules --rules"; do
		run -2 --separate-stderr "$BIN/picket-kit" build --mission M --signer lead --to lead $o none.yar -o none
		[ "${stderr_lines[0]}" = "picket-kit: warning: rules 'none.yar', line 1: syntax error" ]
		[ "${stderr_lines[1]}" = "picket-kit: no rule is left for the kit: see above" ]
		[ ! -e none ]
	done
	run -2 --separate-stderr "$BIN/picket-kit" build --mission M --signer lead --to lead --rules mix --strict -o mixed
	[ "${stderr_lines[0]}" = "picket-kit: warning: rules 'mix/b.yar', line 2: undefined identifier \"nonsuch\"" ]
	[ "${stderr_lines[1]}" = "picket-kit: rules are broken: see above" ]
	[ ! -e mixed ]
	run -0 --separate-stderr "$BIN/picket-kit" build --mission M --signer lead --to lead --rules mix -o mixed
	[ "${stderr_lines[0]}" = "picket-kit: warning: rules 'mix/b.yar', line 2: undefined identifier \"nonsuch\"" ]
	[[ ${stderr_lines[1]} == *"will say so and end with 3" ]]
	# on the host
	mkdir -p plain/etc
	echo root:x:0:0::/root:/bin/sh > plain/etc/passwd
	run -3 --separate-stderr ./mixed --root plain --no-live --no-walk --json -o mixed.age
	[ "${stderr_lines[0]}" = "picket-collect: warning: rules 'b.yar', line 2: undefined identifier \"nonsuch\"" ]
	jq -e '.rules_missing == 1 and .scan_failed == 0 and .hits == .scanned and .is_partial' <<< "$output"
	run -2 --separate-stderr ./mixed --root plain --strict -o strict.age
	[[ ${stderr_lines[0]} == *"rules 'b.yar', line 2: undefined identifier"* ]]
	[ ! -e strict.age ]
}

@test "kit: without one rule that this program takes, it collects without a scan" {
	cd "$W/station"
	mkdir -p bare/etc
	echo root:x:0:0::/root:/bin/sh > bare/etc/passwd
	# as of a builder that did not look
	python3 - "$W/kit" unruly <<'EOP'
import hashlib, os, sys
kit = open(sys.argv[1], "rb").read()[:-32]
at = kit.rindex(b"rule dev_tcp {")
kit = kit[:at] + b"rule dev_tcp [" + kit[at + 14:]
open(sys.argv[2], "wb").write(kit + hashlib.sha256(kit).digest())
os.chmod(sys.argv[2], 0o700)
EOP
	run -3 --separate-stderr ./unruly --root bare --no-live --no-walk --json -o unruly.age
	[[ ${stderr_lines[0]} == "picket-collect: warning: rules 'r.yar', line 1: syntax error"* ]]
	[[ ${stderr_lines[1]} == "picket-collect: warning: nothing is scanned: no rule is left: rules 'r.yar', line 1: "* ]]
	jq -e '.rules_missing == 1 and .scanned == 0 and .taken == 1 and .is_partial' <<< "$output"
	age -d -i lead.identity unruly.age | tar --zstd -xO --wildcards 'meta/records-*' > unruly.jsonl
	jq -se 'any(.event == "rule-broken" and .file == "r.yar") and any(.event == "no-scan")' unruly.jsonl
}

@test "collect: rules given here that leave nothing to scan with are for whoever gave them to mend" {
	cd "$W/station"
	printf 'not rules\n' > no.yar
	run -2 --separate-stderr "$BIN/picket-collect" --root "$W/root" --unsigned --to lead --rules no.yar -o no.age
	[[ ${stderr_lines[*]} == *"no rule is left: rules 'no.yar', line 1: syntax error (--no-scan collects without them)"* ]]
	[ ! -e no.age ]
	run --separate-stderr "$BIN/picket-collect" --root "$W/root" --no-walk --unsigned --to lead --rules no.yar --no-scan -o no.age
	[ -e no.age ]
}

@test "collect: says who must sign and who may read" {
	cd "$W/out"
	run "$BIN/picket-collect" --root "$W/root" --to "$W/station/lead.recipient"
	[ "$status" -eq 2 ]
	[[ $output == *--unsigned* ]]
	run "$BIN/picket-collect" --root "$W/root" --unsigned
	[ "$status" -eq 2 ]
	[[ $output == *"--to"* ]]
	run "$BIN/picket-collect" --root "$W/nowhere" --unsigned --to lead
	[ "$status" -eq 4 ]
	run "$BIN/picket-collect" --root "$W/root" --profile nonsense --unsigned --to lead
	[ "$status" -eq 2 ]
	[[ $output == *nonsense* ]]
}

@test "collect: an existing bundle is never overwritten" {
	cd "$W/out"
	echo precious > mine.age
	run "$BIN/picket-collect" --root "$W/root" --profile minimal --unsigned --to lead -o mine.age
	[ "$status" -eq 2 ]
	[ "$(cat mine.age)" = precious ]
}

@test "collect: a full disk is an error and leaves no bundle" {
	mkdir "$W/small"
	mount -t tmpfs -o size=16k none "$W/small" || skip "no right to mount here"
	run "$BIN/picket-collect" --root "$W/root" --profile minimal --unsigned --to lead --roster "$W/station/picket/roster" \
		-o "$W/small/b.age"
	left=$(ls -A "$W/small")
	umount "$W/small"
	[ "$status" -eq 4 ]
	[[ $output == *"No space left"* ]]
	[ -z "$left" ]
}

@test "collect: a device or pipe is no place for a bundle" {
	cd "$W/out"
	run "$BIN/picket-collect" --root "$W/root" --profile minimal --unsigned --to lead -o /dev/null
	[ "$status" -eq 2 ]
}

@test "collect: single artefacts, upstream definitions, limits" {
	cd "$W/out"
	"$BIN/picket-collect" --root "$W/root" -a UnixPasswdFile --definitions /usr/share/artifacts \
		--unsigned --to lead -o one.age
	"$BIN/picket-bundle" list one.age -i "$ID" --json > one.json
	jq -es 'any(.[]; .path == "/etc/passwd" and .outcome == "taken")' one.json
	run "$BIN/picket-collect" --root "$W/root" --max-file 10 --no-walk --unsigned --to lead -o cut.age
	[ "$status" -eq 3 ]
	"$BIN/picket-bundle" list cut.age -i "$ID" --json > cut.json
	jq -es 'any(.[]; .path == "/etc/passwd" and .outcome == "partial" and (.why | startswith("limit")))' cut.json
}

@test "collect: a /proc mounted in an image's folder is not the image's" {
	mkdir -p "$W/mounted/proc" "$W/mounted/etc"
	echo web02 > "$W/mounted/etc/hostname"
	mount -t proc none "$W/mounted/proc" || skip "no right to mount here"
	run "$BIN/picket-collect" --root "$W/mounted" --unsigned --to lead -o "$W/out/mounted.age"
	umount "$W/mounted/proc"
	[ "$status" -eq 0 ]
	"$BIN/picket-bundle" list "$W/out/mounted.age" -i "$ID" --json > "$W/mounted.json"
	[ "$(jq -rs 'map(select((.path // "") | startswith("/proc")) | .outcome) | unique | join(",")' "$W/mounted.json")" = skipped ]
	jq -es 'any(.[]; .path == "/proc" and (.why | contains("proc")))' "$W/mounted.json"
}

@test "collect: lists and coverage" {
	run "$BIN/picket-collect" --list tables
	[ "$status" -eq 0 ]
	[[ $output == *processes* ]]
	run "$BIN/picket-collect" --list artifacts
	[ "$status" -eq 0 ]
	run "$BIN/picket-collect" --coverage --root "$W/root"
	[ "$status" -eq 0 ]
	[[ $output == *"277 items"* ]]
}

@test "collect: killed in the middle, no bundle has its final name" {
	mkdir "$W/killed"
	cd "$W/killed"
	"$BIN/picket-collect" --unsigned --to lead -o b.age 2> /dev/null &
	pid=$!
	sleep 0.3
	kill -9 "$pid" 2> /dev/null || skip "it was done before it could be killed"
	wait "$pid" || true
	[ ! -e b.age ]
}

@test "collect: runs no program and maps nothing of the host executable" {
	command -v strace > /dev/null || skip "strace is not installed"
	! readelf -l "$BIN/picket-collect" | grep -q INTERP || skip "only the static release build is what runs on hosts"
	cd "$W/out"
	strace -f -e trace=execve,execveat,mmap -o "$W/trace" "$W/kit" --no-walk > /dev/null 2>&1 || true
	[ "$(grep -c execve "$W/trace")" -eq 1 ]
	run bash -c "grep PROT_EXEC '$W/trace' | grep -v MAP_ANONYMOUS"
	[ -z "$output" ]
}

@test "collect: an old kernel gives the same records (no openat2, statx, getrandom, memfd_create, close_range, copy_file_range)" {
	[ "$(uname -m)" = x86_64 ] || skip "system call numbers of x86_64"
	gcc -o "$W/enosys" "$BATS_TEST_DIRNAME/enosys.c"
	mkdir "$W/old"
	cd "$W/old"
	timeout 120 "$W/enosys" 437 332 318 319 436 326 -- "$W/kit" --root "$W/root" --json > s.json || [ $? -eq 3 ]
	"$BIN/picket-bundle" verify "$(jq -r .path s.json)" -i "$ID"
	"$BIN/picket-bundle" list "$(jq -r .path s.json)" -i "$ID" --json > list.json
	diff <(jq -c 'del(.salt, .atime, .btime, .flags)' "$W/list.json") <(jq -c 'del(.salt, .atime, .btime, .flags)' list.json)
}

# What a host does to its collector costs one record, never the bundle.

@test "collect: a table that cannot be read costs itself" {
	[ "$(uname -m)" = x86_64 ] || skip "system call numbers of x86_64"
	gcc -o "$W/enosys" "$BATS_TEST_DIRNAME/enosys.c"
	cd "$W/out"
	run -3 --separate-stderr "$W/enosys" 293 -- "$BIN/picket-collect" --table processes --table uptime --no-walk \
		--profile minimal --unsigned --to lead -o table.age # no pipe2: as where no process can be started
	[[ $stderr == *"table 'processes': process: cannot make a pipe"* ]]
	"$BIN/picket-bundle" verify table.age -i "$ID" || [ $? -eq 1 ]
	age -d -i "$ID" table.age | tar --zstd -xO --wildcards 'meta/records-*' > table.jsonl
	jq -es 'any(.[]; .event == "table-failed" and .table == "processes" and (.why | contains("pipe")))' table.jsonl
	jq -es 'any(.[]; .t == "l" and .table == "uptime" and .rows == 1)' table.jsonl
}

@test "collect: what goes wrong in a folder is an event, not a second record of it" {
	mkdir "$W/deep"
	python3 -c 'import os, sys
os.chdir(sys.argv[1])
for i in range(130):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
open("x", "w").close()' "$W/deep"
	cd "$W/out"
	"$BIN/picket-collect" --root "$W/deep" --profile minimal --walk --unsigned --to lead -o deep.age
	age -d -i "$ID" deep.age | tar --zstd -xO --wildcards 'meta/records-*' > deep.jsonl
	[ -z "$(jq -r 'select(.t == "m") | .path // .path_b64 // empty' deep.jsonl | sort | uniq -d)" ]
	jq -es 'any(.[]; .event == "not-listed" and (.why | contains("longer than the limit")))' deep.jsonl
	rm -rf "$W/deep"
}

@test "collect: a file that claims more than any disk holds costs its data, here and where it is opened" {
	d=$(mktemp -d /dev/shm/picket-test-XXXXXX)
	mkdir "$d/etc"
	printf begin > "$d/etc/hosts"
	truncate -s 8E "$d/etc/hosts" 2> /dev/null || truncate -s 7E "$d/etc/hosts" || { rm -r "$d"; skip "no file system for it"; }
	echo web03 > "$d/etc/hostname"
	cd "$W/out"
	run "$BIN/picket-collect" --root "$d" --profile minimal --unsigned --to lead -o huge.age
	rm -r "$d"
	[ "$status" -le 3 ]
	[ "$(stat -c %s huge.age)" -lt 2000000 ]
	run -0 "$BIN/picket-bundle" open huge.age -i "$ID" -o "$W/huge"
	[ "$(cat "$W/huge/root/etc/hostname")" = web03 ]
	[ "$(head -c 5 "$W/huge/root/etc/hosts")" = begin ]
}

@test "collect: a parent's limit on file sizes is an error like a full disk" {
	mkdir "$W/limited"
	cd "$W/limited"
	run -4 bash -c "ulimit -f 4; exec '$BIN/picket-collect' --root '$W/root' --profile minimal --unsigned --to lead -o b.age"
	[[ $output == *"File too large"* ]]
	[ -z "$(ls)" ]
}

@test "collect: asked to stop, it seals what it has and leaves nothing else" {
	mkdir "$W/stopped"
	cd "$W/stopped"
	"$BIN/picket-collect" --unsigned --to lead --walk -o b.age 2> "$W/stopped.err" &
	pid=$!
	until compgen -G "b.age*" > /dev/null; do sleep 0.05; kill -0 "$pid"; done
	kill -HUP "$pid"
	rc=0
	wait "$pid" || rc=$?
	grep -q "stopped by signal 1" "$W/stopped.err" || skip "it was done before it could be stopped"
	[ "$rc" -eq 3 ]
	[ "$(ls)" = b.age ]
	"$BIN/picket-bundle" verify b.age -i "$ID" || [ $? -eq 1 ]
	age -d -i "$ID" b.age | tar --zstd -xO --wildcards 'meta/records-*' | grep -q '"event":"stopped"'
}
