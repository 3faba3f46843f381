#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# picket-scan for people: colours, what a hit's object tells, what is left out on request.
bats_require_minimum_version 1.5.0

setup_file() {
	export XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build} TOP=$PWD DIR=$BATS_FILE_TMPDIR
	cat > "$DIR/r.yar" <<- 'END'
		rule hello : greeting { meta: author = "t" score = 85 strings: $a = /hello.{0,9}/s condition: $a }
		rule soft { meta: score = 30 strings: $a = "soft" condition: $a }
	END
}
setup() { cd "$BATS_TEST_TMPDIR"; }

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
