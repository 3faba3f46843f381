#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# picket-scan for people: colours, what a hit's object tells, what is left out on request.
bats_require_minimum_version 1.5.0

setup_file() {
	export XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache
	cd "$BATS_TEST_DIRNAME/../.." || return
	export BIN=${BIN:-$PWD/build} TOP=$PWD DIR=$BATS_FILE_TMPDIR
	cat > "$DIR/r.yar" <<- 'END'
		rule hello : greeting { meta: author = "t" score = 85 strings: $a = /hello.{0,9}/s condition: $a }
		rule soft { meta: score = 30 strings: $a = "soft" condition: $a }
	END
}
setup() { cd "$BATS_TEST_TMPDIR" || return; }

scan() { run --separate-stderr "$BIN/picket-scan" -q "$@"; }
json() { jq -r "$1" <<< "$output"; }
summary() { jq -c "select(.type == \"summary\") | $1" <<< "$output"; }
is() { [ "$1" = "$2" ] || { echo "is '$1', not '$2'"; echo "$stderr"; return 1; }; }

# --- what is printed ---------------------------------------------------------------------------------------

@test "text: colour by level when asked for or on a terminal, and never an escape of the file's own" {
	printf 'x hello\033[31m\xff' > $'a\033[31m'; echo soft > b
	scan -s --color never -r "$DIR/r.yar" .
	is "$output" $'hello ./a\\x1b[31m\n0x2:$a: hello\\x1b[31m\\xff\nsoft ./b\n0x0:$a: soft'
	scan -s --color always -r "$DIR/r.yar" .
	is "$output" $'\e[1;31mhello\e[m ./a\\x1b[31m\n\e[2m0x2:$a: \e[mhello\\x1b[31m\\xff\n\e[2msoft\e[m ./b\n\e[2m0x0:$a: \e[msoft'
	scan -r "$DIR/r.yar" b; is "$output" "soft b"
	on_terminal() { script -qec "'$BIN/picket-scan' -q $* -r '$DIR/r.yar' b" /dev/null < /dev/null | tr -d '\r'; }
	is "$(NO_COLOR='' on_terminal)" $'\e[2msoft\e[m b'
	is "$(NO_COLOR=1 on_terminal)" "soft b"
	is "$(NO_COLOR=1 on_terminal --color always)" $'\e[2msoft\e[m b'
	is "$(NO_COLOR='' on_terminal --color never)" "soft b"
}

@test "JSON: a hit tells rule, tags, meta, strings, hash, times, size and owner, and parses whatever the file says" {
	printf 'x hello\033\x00"\xff' > a; touch -d '2020-02-03 04:05:06.789 UTC' a; chown 1:2 a 2> /dev/null || true
	scan --json -r "$DIR/r.yar" a
	is "$status" 1
	is "$(json 'select(.type == "hit") | [.rule, .tags[0], .meta.author, .strings[0].name, .strings[0].offset, .strings[0].length, .size, .mtime, .score, .level] | @csv')" \
		'"hello","greeting","t","$a",2,9,11,"1580702706.789000000",85,"alert"'
	is "$(json 'select(.type == "hit") | .strings[0].data_b64' | base64 -d | xxd -p)" "$(tail -c 9 a | xxd -p)"
	is "$(json 'select(.type == "hit") | .ctime')" "$(stat -c %.9Z a)"
	is "$(json 'select(.type == "hit") | [.uid, .gid, .user, .group] | map(tostring) | join(" ")')" "$(stat -c '%u %g %U %G' a)"
	is "$(json 'select(.type == "hit") | .sha256')" "$(sha256sum a | cut -d' ' -f1)"
}

# --- what is left out --------------------------------------------------------------------------------------

tree() {
	mkdir -p t/keep t/logs t/keep/logs t/iso
	for f in t/a t/keep/b t/logs/c t/keep/logs/d t/iso/x.iso t/z.iso; do echo hello > $f; done
}

@test "--exclude: by name, by path, repeated; each is an outcome, and the scan stays complete" {
	tree
	scan --exclude logs --exclude '*.iso' -r "$DIR/r.yar" t
	is "$output" $'hello t/a\nhello t/keep/b'
	scan --exclude 't/keep/*' -r "$DIR/r.yar" t
	is "$output" $'hello t/a\nhello t/iso/x.iso\nhello t/logs/c\nhello t/z.iso'
	scan --exclude "$PWD/t/[kl]*/" -r "$DIR/r.yar" t
	is "$output" $'hello t/a\nhello t/iso/x.iso\nhello t/z.iso'
	scan --json --paths --exclude logs --exclude 'z.*' -r "$DIR/r.yar" t
	is "$(summary '[.complete, .scanned, .skipped, .skipped_by.excluded]')" '[true,3,3,3]'
	is "$(json 'select(.type == "skipped") | .path + " " + .why')" $'t/keep/logs excluded\nt/logs excluded\nt/z.iso excluded'
	scan --exclude t -r "$DIR/r.yar" t; is "$status" 3; is "$output" ""
	echo hello > $'t/\xff\n'; scan --exclude '?a' --exclude $'\xff?' --exclude '[' -r "$DIR/r.yar" t/; [ "$status" = 1 ]
	[[ $output == "hello t/a"* ]]; [[ $output != *xff* ]]
}

@test "text of strings: 64 of a hit, and it says when there are more" {
	for n in 64 65; do seq "$n" | sed 's/^/soft /' > "$n"; done
	echo 'rule s { strings: $a = "soft" condition: $a }' > s.yar
	scan -s -r s.yar 64; is "$status" 1; is "${#lines[@]}" 65; [[ ${lines[64]} == 0x*':$a: soft' ]]
	scan -s -r s.yar 65; is "$status" 1; is "${#lines[@]}" 66; is "${lines[65]}" "... and more than these 64"
	scan -r s.yar 65; is "$output" "s 65"
}

@test "--exclude: indicators of names are not told of what is left out" {
	mkdir t; echo x > t/evil.sh; echo 'evil\.sh$;80' > filename.txt
	scan --ioc filename.txt t; is "$status" 1; is "$output" "ioc:filename t/evil.sh"
	scan --ioc filename.txt --exclude '*.sh' t; is "$status" 3; is "$output" ""
}

@test "--since: what is older by both of its times is skipped, by date, time and duration" {
	tree; touch -d 2001-01-01 t/a
	scan --json --since 1h -r "$DIR/r.yar" t
	is "$(summary '[.complete, .verdict, .scanned, .skipped_by]')" '[true,"hits",6,{}]'
	scan --json --since 2037-01-01 -r "$DIR/r.yar" t
	is "$status" 3; is "$(summary '[.verdict, .scanned, .skipped_by]')" '["incomplete",0,{"older":6}]'
	touch -d 2038-01-01 t/keep/b
	scan --since 2037-12-31T23:00:00-01:00 -r "$DIR/r.yar" t
	is "$status" 1; is "$output" "hello t/keep/b"
	for bad in yesterday 7 7x -1d 2026-13-01 ''; do
		scan --since "$bad" -r "$DIR/r.yar" t; is "$status" 2; [[ $stderr == *"--since '$bad'"*7d* ]]
	done
}

# --- from one scan to the next -----------------------------------------------------------------------------

# What a scan told of hits, as if all of it had been found just now.
hits() { jq -c 'select(.type == "hit") | del(.seen)' <<< "$output"; }
skipped() { summary '.skipped_by'; }
old_tree() { # files that were changed long enough before the scan for their times to say so
	mkdir t
	for i in $(seq "${1:-6}"); do echo "hello $i" > "t/$i"; done
	echo nothing > t/none
	sleep 0.2
}

@test "--changed: what did not change is not scanned, and its hits are told again with when they were found" {
	old_tree
	scan --json -r "$DIR/r.yar" --changed S t; first=$(hits); is "$status" 1
	is "$(skipped)" '{}'; is "$(stat -c %a S)" 600; [ ! -e S.journal ]
	scan --json --paths -r "$DIR/r.yar" --changed S t
	is "$status" 1; is "$(skipped)" '{"unchanged":7}'; is "$(hits)" "$first"
	is "$(summary '[.complete, .scanned, .hits, .files_hit, .paths]')" '[true,0,6,6,7]'
	is "$(json 'select(.type == "hit" and (.seen | not)) | .path')" ""
	echo "hello again" >> t/3; echo hello > t/new; rm t/4
	scan --json -r "$DIR/r.yar" --changed S t
	is "$(skipped)" '{"unchanged":5}'
	is "$(json 'select(.type == "hit") | .path + (if .seen then "" else " now" end)')" $'t/1\nt/2\nt/3 now\nt/5\nt/6\nt/new now'
	scan -s -r "$DIR/r.yar" --changed S t/2
	[[ $output =~ ^'hello t/2 (seen 20'[0-9T:-]*'Z)'$'\n''0x0:$a: hello 2\x0a'$ ]]
}

@test "--changed: a clean tree stays clean, and a score or an exclusion that is new counts at once" {
	old_tree; rm t/[1-6]
	scan -r "$DIR/r.yar" --changed S t; is "$status" 0
	scan -r "$DIR/r.yar" --changed S t; is "$status" 0; is "$output" ""
	rm -rf t S; old_tree
	scan -r "$DIR/r.yar" --changed S t
	scan --json --min-score 90 -r "$DIR/r.yar" --changed S t; is "$status" 0; is "$(hits)" ""; is "$(summary .suppressed)" 6
	scan --json --exclude '[1-5]' -r "$DIR/r.yar" --changed S t; is "$(json 'select(.type == "hit") | .path')" "t/6"
}

@test "--changed: content that changed behind the same size and mtime is scanned" {
	old_tree
	scan -r "$DIR/r.yar" --changed S t
	cp -p t/none keep; printf 'nothinG\n' > t/1; touch -r keep t/1; cp -p t/2 stamp; printf 'jello 2\n' > t/2; touch -r stamp t/2
	echo 'hello x' > new; touch -r t/none new; mv new t/none; echo 'hello 3' > new; touch -r t/3 new; mv new t/3
	scan --json -r "$DIR/r.yar" --changed S t
	is "$(skipped)" '{"unchanged":3}'
	is "$(json 'select(.type == "hit") | .path')" $'t/3\nt/4\nt/5\nt/6\nt/none'
}

@test "--changed: a file that was changed just before or during a scan is scanned again" {
	old_tree 2
	echo hello > t/fresh
	timeout 20 sh -c 'while :; do touch t/fresh; done' 3>&- &
	scan --json -r "$DIR/r.yar" --changed S t; is "$(summary .hits)" 3
	kill $!
	wait $! || true
	scan --json -r "$DIR/r.yar" --changed S t
	is "$(skipped)" '{"unchanged":3}'; is "$(json 'select(.type == "hit" and (.seen | not)) | .path')" "t/fresh"
}

@test "--changed: other rules, other indicators: everything is scanned" {
	old_tree
	cp "$DIR/r.yar" r.yar; echo 'nothing_at_all;70' > keyword.txt
	scan --json -r r.yar --ioc keyword.txt --changed S t; is "$(summary .hits)" 6
	scan --json -r r.yar --ioc keyword.txt --changed S t; is "$(skipped)" '{"unchanged":7}'
	echo 'nothing;70' > keyword.txt
	scan --json -r r.yar --ioc keyword.txt --changed S t; is "$(skipped)" '{}'; is "$(summary .hits)" 7
	scan --json -r r.yar --ioc keyword.txt --changed S t; is "$(skipped)" '{"unchanged":7}'; is "$(summary .hits)" 7
	sed -i 's/hello\./hullo./' r.yar
	scan --json -r r.yar --ioc keyword.txt --changed S t; is "$(skipped)" '{}'; is "$(summary .hits)" 1
}

@test "--changed: hits of indicators come back whole: hashes, names and known good" {
	old_tree 3
	{ sha256sum t/1; md5sum t/2; } | sed 's/ .*/;90;a tool/' > hash.txt
	sha256sum t/3 | cut -d' ' -f1 > trusted-hash.txt; printf '/3$;60\nt/[23]$;-5\n' > filename.txt
	all=(--json --ioc hash.txt --ioc trusted-hash.txt --ioc filename.txt -r "$DIR/r.yar" --changed S t)
	scan "${all[@]}"; first=$(hits); one=$(summary '[.hits, .suppressed_by]'); is "$(skipped)" '{}'
	scan "${all[@]}"; is "$(hits)" "$first"; is "$(summary '[.hits, .suppressed_by]')" "$one"; is "$(skipped)" '{"unchanged":4}'
	scan "${all[@]}"; is "$(hits)" "$first"
}

@test "--changed: names that are not UTF-8, hostile excerpts and anonymous strings come back as they were" {
	mkdir t; printf 'x hello\033\x00"\xff\\' > t/$'a"\\\xff\n'; printf 'softhello"\\' > t/$'b"\\'; sleep 0.2
	printf 'rule anon { strings: $ = "soft" $ = "hello" condition: all of them }' > anon.yar
	scan --json -r "$DIR/r.yar" -r anon.yar --changed S t; first=$(hits)
	is "$(wc -l <<< "$first")" 4
	scan --json -r "$DIR/r.yar" -r anon.yar --changed S t; is "$(hits)" "$first"; is "$(skipped)" '{"unchanged":2}'
}

@test "a state that others could have changed, that is in use, or is none, is not used" {
	old_tree 2
	scan -r "$DIR/r.yar" --changed S --resume S t; is "$status" 2
	scan -r "$DIR/r.yar" --changed S; is "$status" 2
	scan -r "$DIR/r.yar" --changed absent/S t; is "$status" 4; [[ $stderr == *"'absent/S.journal'"* ]]
	scan -r "$DIR/r.yar" --changed S t; chmod 662 S
	scan -r "$DIR/r.yar" --changed S t; is "$status" 2; [[ $stderr == *"'S' could be changed by others"*"remove it"* ]]
	chmod 600 S; ln S twice; scan -r "$DIR/r.yar" --changed S t; is "$status" 2; rm twice
	mv S away; ln -s away S; scan -r "$DIR/r.yar" --changed S t; is "$status" 4; rm S
	mkdir S; scan -r "$DIR/r.yar" --changed S t; is "$status" 2; [[ $stderr == *"not a regular file"* ]]; rmdir S
	mkfifo S; scan -r "$DIR/r.yar" --changed S t; is "$status" 2; rm S
	rm -f S.journal; ln -s away S.journal; scan -r "$DIR/r.yar" --resume S t; is "$status" 4; rm S.journal
	: > S.journal; chmod 600 S.journal; exec 8> S.journal; flock -n 8
	scan -r "$DIR/r.yar" --resume S t; is "$status" 2; [[ $stderr == *"'S.journal' is in use by another scan"* ]]; exec 8>&-
	head -c 3000000 /dev/zero > S.journal; cp S.journal S
	scan --json -r "$DIR/r.yar" --changed S t; is "$status" 1; is "$(skipped)" '{}'
	scan --json -r "$DIR/r.yar" --changed S t; is "$(skipped)" '{"unchanged":3}'
}

@test "the state in the tree itself is not scanned" {
	old_tree 2
	scan -r "$DIR/r.yar" --changed t/S t
	scan --json --paths -v -r "$DIR/r.yar" --changed t/S t
	is "$(summary .hits)" 2; is "$(skipped)" '{"unchanged":3,"own":2}'
}

@test "--resume: a journal cut or damaged anywhere loses and doubles nothing" {
	old_tree 5
	scan --json -r "$DIR/r.yar" --resume S t; whole=$(hits); size=$(stat -c %s S)
	scan --json -r "$DIR/r.yar" --resume S t; is "$(skipped)" '{}' # the scan before came to its end
	cp S good
	for cut in 0 1 100 131 132 133 $(shuf -i 134-"$size" -n 12 --random-source=good) $((size - 1)) "$size"; do
		rm -f S; head -c "$cut" good > S.journal; chmod 600 S.journal
		scan --json -r "$DIR/r.yar" --resume S t
		is "$(hits)" "$whole"
		[ "$(skipped)" = '{}' ] || [ "$cut" -gt 133 ]
		scan --json -r "$DIR/r.yar" --changed S t; is "$(skipped)" '{"unchanged":6}'; is "$(hits)" "$whole"
	done
	for at in $(shuf -i 1-"$size" -n 12 --random-source=good); do
		cp good S.journal; printf '\x5a' | dd of=S.journal bs=1 seek="$at" conv=notrunc status=none; rm -f S
		scan --json -r "$DIR/r.yar" --resume S t; is "$(hits)" "$whole"; is "$(summary '.scanned + .skipped')" 6
	done
}

@test "--resume: killed at any moment, again and again, the last run tells it all once" {
	mkdir t; for i in $(seq 3000); do echo "hello $i" > "t/$i"; done; sleep 0.2
	command=("$BIN/picket-scan" -q --json -p 2 -r "$DIR/r.yar")
	whole=$("${command[@]}" t | jq -c 'select(.type == "hit")')
	went_on=0
	for round in 1 2 3 4 5 6; do
		for kills in 1 2 3; do
			"${command[@]}" --resume S t > part.$kills & pid=$!
			if [ "$kills" -eq 1 ]; then
				sleep "0.$(printf %03d $((RANDOM % 400)))"
			else # when it has begun to write down what it did, however fast the machine is
				for _ in $(seq 1000); do
					[ -e S.journal ] && [ "$(wc -l < S.journal)" -gt 1 ] && break
					kill -0 $pid 2> /dev/null || break
				done
			fi
			kill -9 $pid 2> /dev/null || true
			wait $pid 2> /dev/null || true
			# of a run that ended nothing is left to go on with
			[ -e S.journal ] && [ "$(wc -l < S.journal)" -gt 1 ] && went_on=$((went_on + 1))
		done
		scan --json -p 2 -r "$DIR/r.yar" --resume S t
		is "$(hits)" "$whole"; is "$(summary '[.complete, .scanned + .skipped]')" '[true,3000]'
		rm -f S
	done
	echo "went on $went_on times"; [ "$went_on" -gt 0 ]
}

# --- for authors of rules ----------------------------------------------------------------------------------

@test "--lint: each weakness is named with file, line and rule; without any, exit 0" {
	meta='meta: author = "a" date = "2026-01-01" description = "d" reference = "r" score = 50'
	cat > good.yar <<- END
		rule good { $meta strings: \$a = "long enough" \$b = /begin.{0,80}end/ \$c = { 01 02 03 [0-9] 04 05 } condition: filesize < 1MB and all of them }
		private rule helper { condition: uint16(0) == 0x5a4d }
		rule by_helper { $meta strings: \$a = "abc+*\\\\d{" condition: helper and \$a }
		rule groups { $meta strings: \$a = /(one|two(x|y)?){1,3}/ \$b = /ab(cd)?[\]|)]{1,3}[]|]{2}(long|enough)/ \$c = { 01 02 (?? 03 | 04 05 06) 07 08 09 }
		  condition: filesize < 1MB and all of them }
	END
	scan --lint -r good.yar; is "$output" ""; is "$status" 0
	cat > bad.yar <<- END
		rule no_meta { meta: author = "x" condition: filesize == 1 }
		rule slow { $meta strings:
		  \$text = "\x41b"
		  \$hex = { 01 02 ?? 03 04 }
		  \$regex = /ab?c?.xy/
		  condition: filesize < 9 and all of them }
		rule unbounded { $meta strings:
		  \$a = /begin.*end/
		  \$b = /begin[^x]{3,}end/
		  \$c = { 01 02 03 04 [9-] 05 }
		  \$d = /aaaaa*b/
		  condition: filesize < 9 and all of them }
		rule everywhere { $meta strings: \$a = "long enough" condition: \$a and #a > 2 }
		rule any_short { $meta strings: \$a = "long enough" \$b = "short" condition: any of them }
		rule nothing { $meta condition: true }
		rule groups { $meta strings:
		  \$a = /ab(long)?[xy]/
		  \$b = /(long|enough|ab)\\s{1,4}c/
		  \$c = { 01 02 (03 04 05 06 | 07 08) 09 }
		  \$d = /(ab|(long|(enough)?))cd/
		  \$e = /abc(d|ef)+/
		  condition: filesize < 9 and all of them }
	END
	scan --lint -r bad.yar; is "$status" 1
	is "$(grep -v ': warning:' <<< "$output" | cut -d: -f1-4 | sed 's/ has.*//')" "$(cat <<- 'END'
		bad.yar:1: no_meta: meta
		bad.yar:3: slow: slow-string
		bad.yar:4: slow: slow-string
		bad.yar:5: slow: slow-string
		bad.yar:8: unbounded: unbounded
		bad.yar:9: unbounded: unbounded
		bad.yar:10: unbounded: unbounded
		bad.yar:13: everywhere: no-guard
		bad.yar:14: any_short: too-general
		bad.yar:14: any_short: no-guard
		bad.yar:15: nothing: too-general
		bad.yar:17: groups: slow-string
		bad.yar:18: groups: slow-string
		bad.yar:19: groups: slow-string
		bad.yar:20: groups: slow-string
		bad.yar:21: groups: unbounded
	END
	)"
	[[ $output == *": no_meta: meta: meta lacks date, description, reference, score"* ]]
	scan --lint --json -r bad.yar
	is "$(json 'select(.what == "unbounded" and .line == 10) | [.type, .path, .rule] | join(" ")')" "lint bad.yar unbounded"
}

@test "--lint: what the compiler says comes first, also when no rule compiles; no PATH is taken" {
	printf 'rule broken {\n condition: $x }\n' > broken.yar
	scan --lint -r broken.yar; is "$status" 1; [[ ${lines[0]} == 'broken.yar:2: error: undefined string'* ]]
	printf 'rule no rule' > none.yar
	scan --lint -r none.yar; is "$status" 1; [[ $output == *"not-understood"* ]]
	scan --lint -r "$DIR/r.yar" t; is "$status" 2
	scan --lint; is "$status" 2
}

@test "--explain: strings with offsets, and every part of the condition with what it came to" {
	cat > e.yar <<- 'END'
		import "pe"
		private rule small { condition: filesize < 100 }
		rule x : tag { meta: a = "}" strings: $a = "hello" // the first
		  $b = /wor.d/ private
		  $ = { 41 42 }
		  condition: (uint16(0) == 0x5a4d or ($a and not $b)) and small // and then
		    and not pe.is_dll() and (for any i in (1..#a) : ( @a[i] > 4 and @a[i] < 99 ) or all of them) }
		rule after { strings: $a = "x" condition: $a and not x }
	END
	printf 'say hello, hello\033 AB' > f
	scan -r e.yar --explain x f
	is "$status" 0
	is "$output" "$(cat <<- 'END'
		x f: false
		  $a: 0x4: hello
		  $a: 0xb: hello
		  $b: not found
		  $: 0x12: AB
		  false        (uint16(0) == 0x5a4d or ($a and not $b)) and small and not pe.is_dll() and (for any i in (1..#a) : ( @a[i] > 4 and @a[i] < 99 ) or all of them)
		  true           uint16(0) == 0x5a4d or ($a and not $b)
		  false            uint16(0) == 0x5a4d
		  true             $a and not $b
		  true               $a
		  true               not $b
		  false                $b
		  true           small
		  undefined      not pe.is_dll()
		  undefined        pe.is_dll()
		  true           for any i in (1..#a) : ( @a[i] > 4 and @a[i] < 99 ) or all of them
		  true             for any i in (1..#a) : ( @a[i] > 4 and @a[i] < 99 )
		  false            all of them
	END
	)"
	scan -r e.yar --explain after e.yar; is "$status" 1; is "${lines[0]}" "after e.yar: true"
	scan --json -r e.yar --explain x f
	is "$(json '[.type, .rule, .path, .value, .strings[0].matches[1].offset, (.condition | length), .condition[2].value] | @csv')" \
		'"explanation","x","f","false",11,13,"false"'
	scan -r e.yar --explain small f; is "$status" 1; is "$output" $'small f: true\n  true         filesize < 100'
}

@test "--explain: it says what a scan says, for our own rules and their samples" {
	python3 "$TOP/tests/rules/samples.py" s > /dev/null
	for rule in webshell_php_eval_request persistence_preload_file tunnel_ngrok; do
		run --separate-stderr "$BIN/picket-scan" -q -r "$TOP/rules/yara" s
		hits=$(sed -n "s/^$rule //p" <<< "$output" | sort)
		scan --json -r "$TOP/rules/yara" --explain "$rule" s
		is "$(json 'select(.value == "true") | .path' | sort)" "$hits"; [ -n "$hits" ]
	done
}

@test "--explain: a global rule that is false, names that are nobody's or several files', and what cannot be scanned" {
	printf 'global rule g { condition: filesize > 9 }\nrule x { condition: true }\n' > g.yar; echo short > f
	scan -r g.yar --explain x f; is "$status" 0
	is "${lines[1]}" "  a global rule beside it does not hold, so no rule of its source does"; is "${#lines[@]}" 2
	scan -r g.yar --explain y f; is "$status" 2; [[ $stderr == *"no rule is named 'y'"* ]]
	echo 'rule x { condition: filesize == 6 }' > h.yar
	scan -r g.yar -r h.yar --explain x f; is "$status" 2; [[ $stderr == *"say 'g.yar:x' or 'h.yar:x'"* ]]
	scan -r g.yar -r h.yar --explain h.yar:x f; is "$status" 1
	scan -r h.yar --explain x absent; is "$status" 3; is "$output" ""
	scan -r h.yar --explain x; is "$status" 2
	echo 'rule x { condition: $x }' > broken.yar
	scan -r broken.yar --explain x f; is "$status" 2; [[ $stderr == *broken.yar*"undefined string"* ]]
}

@test "--profile: files of rules and then single rules, the dearest first, with what they found" {
	mkdir r t; for i in 1 2 3; do echo "hello $i" > t/$i; done
	echo 'rule cheap { condition: filesize == 0 }' > r/cheap.yar
	cat > r/dear.yar <<- 'END'
		private rule helper { condition: filesize < 99 }
		rule dear { condition: helper and for all i in (1..3000000) : ( i > 0 ) }
		rule light { strings: $a = "hello" condition: $a }
	END
	scan --profile -r r t
	is "$status" 0
	is "$(awk '{ print $3, $4, $5, $6, $7 }' <<< "$output" | sed 's/ *$//' | grep -n -m 2 dear)" $'2:6 0 r/dear.yar\n6:3 0 r/dear.yar: dear'
	is "$(grep -c . <<< "$output")" 8
	scan --profile --json -r r t
	is "$(json 'select(.path == "r/dear.yar" and .rule) | .rule + " \(.hits)"' | sort)" $'dear 3\nhelper 0\nlight 3'
	is "$(json 'select(.rule | not) | .path' | sort | tr '\n' ' ')" "r/cheap.yar r/dear.yar "
	[ "$(json 'select(.rule == "dear") | .nanoseconds')" -gt "$(json 'select(.rule == "light") | .nanoseconds')" ]
	mkdir empty; scan --profile -r r empty; is "$status" 2
	scan --profile -r r; is "$status" 2; scan --profile --lint -r r t; is "$status" 2
}

@test "--nice: the scan and its children stand behind everything else" {
	echo hello > f
	run -1 --separate-stderr strace -f -o trace -e trace=setpriority,ioprio_set,execve "$BIN/picket-scan" -q --nice -r "$DIR/r.yar" f
	is "$output" "hello f"
	grep -q 'setpriority(PRIO_PROCESS, 0, 19) *= 0' trace
	grep -q 'ioprio_set(.*) *= 0' trace
	run -1 strace -f -o trace -e trace=setpriority,ioprio_set "$BIN/picket-scan" -q -r "$DIR/r.yar" f
	run -1 grep 'setpriority\|ioprio_set' trace
}

@test "--changed and --resume with --archives: nothing in an archive is lost or doubled" {
	old_tree 2; mkdir z; echo "hello in it" > z/x; bsdtar -cf t/a.tar -C z x; gzip -c t/1 > t/one.gz; sleep 0.2
	scan --json --archives -r "$DIR/r.yar" --changed S t; first=$(hits); is "$(wc -l <<< "$first")" 5
	scan --json --archives -r "$DIR/r.yar" --changed S t; is "$(hits)" "$first"; is "$(skipped)" '{"unchanged":3}'
	head -n 2 S > S.journal; chmod 600 S.journal
	scan --json --archives -r "$DIR/r.yar" --resume S t; is "$(hits)" "$first"
	scan --json -r "$DIR/r.yar" --changed S t; is "$(skipped)" '{}' # what was opened is another scan
}
