#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Each content once: names of one file, and equal contents of bundles, are scanned once; but for each path by rules that can
# tell paths apart. The summary counts what was told again.
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	export BIN=${BIN:-$PWD/build} DIR=$BATS_FILE_TMPDIR
	export XDG_CONFIG_HOME=$DIR/station XDG_CACHE_HOME=$DIR/cache ID=$DIR/station/lead.identity
	umask 077
	mkdir -p "$DIR/station"
	(cd "$DIR/station" && "$BIN/picket-key" new lead --org CPT-7 --nation USA -q)
	echo 'rule hello { strings: $a = "hello" condition: $a }' > "$DIR/plain.yar"
	cat > "$DIR/names.yar" <<- 'END'
		rule hello { strings: $a = "hello" condition: $a }
		rule named { condition: filename == "b" }
	END
}
setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

scan() { run --separate-stderr "$BIN/picket-scan" -q --json "$@"; }
is() { [ "$1" = "$2" ] || { echo "is '$1', not '$2'"; echo "$stderr"; return 1; }; }
again() { jq -r 'select(.type == "summary") | [.scanned, .again] | @csv' <<< "$output"; }
hits() { jq -r 'select(.type == "hit") | [.rule, .path, .sha256] | @tsv' <<< "$output" | sort; }
links() { mkdir t; echo 'say hello' > t/a; ln t/a t/b; ln t/a t/c; echo x > t/d; ln t/d t/e; echo 'say hello' > t/copy; }

@test "names of one file: one scan, a hit for each" {
	links
	scan -r "$DIR/plain.yar" t
	is "$status" 1; is "$(again)" 6,3
	is "$(hits | cut -f1,2)" "$(printf 'hello\tt/%s\n' a b c copy)"
	is "$(hits | cut -f3 | uniq)" "$(sha256sum < t/a | cut -d' ' -f1)"
}

@test "a rule that names a name is asked for each path" {
	links
	scan -r "$DIR/names.yar" t
	is "$(again)" 6,0
	is "$(hits | cut -f1,2)" "$(printf 'hello\tt/%s\n' a b c copy; printf 'named\tt/b')"
	# what is the same for all names of a file does not tell them apart
	echo 'rule o { condition: owner == "nobody" or filemode == 1 or filetype == "EXE" }' > o.yar
	scan -r "$DIR/plain.yar" -r o.yar t
	is "$(again)" 6,3
	# names in one folder have one filepath, and no dot
	mkdir t/sub; ln t/a t/sub/a
	echo 'rule o { condition: filepath endswith "/sub" or extension == ".x" }' > o.yar
	scan -r "$DIR/plain.yar" -r o.yar t
	is "$(again)" 7,3
	is "$(hits | grep ^o | cut -f2)" t/sub/a
}

@test "whatever else may tell two scans apart, or is not understood" {
	links
	for text in 'import "time" rule o { condition: time.now() == 3 }' 'import "t\x69me" rule o { condition: true }' \
		'rule o { condition: entrypoint == 7 }' 'rule o { condition: filename == "b" } rule p { strings: $a = /x' ; do
		echo "$text" > o.yar
		scan -r "$DIR/plain.yar" -r o.yar t
		is "$(again)" 6,0
	done
	echo 'rule o { condition: filename == "b" }' > part.inc; echo 'include "part.inc"' > o.yar
	scan -r "$DIR/plain.yar" -r o.yar t
	is "$(again)" 6,0
	# where it is no name
	printf '// filename\n/* age */ rule o { meta: owner_ = "filepath" strings: $filename = "extension" $time = "time" condition: $filename and $time }' > o.yar
	scan -r "$DIR/plain.yar" -r o.yar t
	is "$(again)" 6,3
}

@test "a file that changed between two of its names is another content" {
	mkdir t; echo hello > t/a; ln t/a t/z
	head -c 30000000 /dev/zero > t/m
	"$BIN/picket-scan" -q -p 1 -r "$DIR/plain.yar" t > out & scanner=$!
	echo other > t/z; wait $scanner || true
	# whichever it saw, nobody dies and nothing is told twice
	[ "$(sort out | uniq -d | wc -l)" -eq 0 ]
}

@test "indicators: hashes for every name, names for their own" {
	links
	sha256sum < t/a | cut -d' ' -f1 > hash.txt
	printf '/t/b$;90\n' > filename-iocs.txt
	scan --ioc hash.txt --ioc filename-iocs.txt t
	is "$(hits | cut -f1,2)" "$(printf 'ioc:filename\tt/b\n'; printf 'ioc:hash\tt/%s\n' a b c copy)"
}

@test "archives with several names: each is looked into" {
	mkdir t; echo hello > x; tar cf t/a.tar x; ln t/a.tar t/b.tar
	scan --archives -r "$DIR/plain.yar" t
	is "$(hits | cut -f1,2)" "$(printf 'hello\tt/%s\n' a.tar 'a.tar!/x' b.tar 'b.tar!/x')"
}

@test "what could not be evaluated is said for every name" {
	mkdir t; head -c 400000 /dev/zero | tr '\0' a > t/a; ln t/a t/b
	echo 'rule slow { condition: for all i in (1..100000000000) : (i > 0) }' > slow.yar
	scan -a 1 -r "$DIR/plain.yar" -r slow.yar t
	is "$status" 3
	# on a slow machine nothing of it may have been evaluated
	is "$(jq -r 'select(.type == "not-evaluated" or .type == "failed") | .path' <<< "$output" | uniq)" "$(printf 't/a\nt/b')"
}

@test "--changed knows every name" {
	links; sleep 0.2
	scan --changed s -r "$DIR/plain.yar" t; is "$status" 1
	want=$(hits)
	scan --changed s -r "$DIR/plain.yar" t
	is "$(hits)" "$want"; is "$(jq -r 'select(.type == "summary") | .skipped_by.unchanged' <<< "$output")" 6
}

@test "bundles: contents of one, and of the next host" {
	links
	for n in 1 2; do (cd "$DIR/station" && "$BIN/picket-bundle" seal "$OLDPWD/t" --to lead --signer lead -o "$OLDPWD/$n.age" -q); done
	scan -r "$DIR/plain.yar" -i "$ID" --bundle 1.age
	is "$(again)" 6,4 # the copy too
	scan -r "$DIR/names.yar" -i "$ID" --bundle 1.age
	is "$(again)" 6,0
	scan -r "$DIR/names.yar" -i "$ID" --bundle 1.age --bundle 2.age
	is "$(again)" 12,6
	for n in 1 2; do
		id=$("$BIN/picket-bundle" verify $n.age -i "$ID" --json | jq -r .id)
		is "$(jq -r "select(.bundle == \"$id\" and .type == \"hit\") | [.rule, .path] | @tsv" <<< "$output" | sort)" \
			"$(printf "hello\t$PWD/t/%s\n" a b c copy; printf 'named\t%s' "$PWD/t/b")"
	done
}

@test "bundles: what is in archives, and that a file is sealed, is told of the next host too" {
	mkdir t; echo hello > x; tar cf t/a.tar x; age -R "$DIR/station/lead.recipient" -o t/s.age x; : > t/empty; head -c 5000000 /dev/zero > t/large
	for n in 1 2; do (cd "$DIR/station" && "$BIN/picket-bundle" seal "$OLDPWD/t" --to lead --signer lead -o "$OLDPWD/$n.age" -q); done
	scan --archives -r "$DIR/names.yar" -i "$ID" --bundle 1.age --bundle 2.age
	is "$(again)" 10,4
	for n in 1 2; do
		id=$("$BIN/picket-bundle" verify $n.age -i "$ID" --json | jq -r .id)
		is "$(jq -r "select(.bundle == \"$id\" and (.type == \"hit\" or .type == \"skipped\")) | [.rule // .why, .path] | @tsv" <<< "$output" | sort)" \
			"$(printf "encrypted\t$PWD/t/s.age!/\nhello\t$PWD/t/a.tar\nhello\t$PWD/t/a.tar!/x")"
	done
}
