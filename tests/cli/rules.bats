#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Our own YARA rules: each hits its sample and spares the one beside it, none hits an honest system.
bats_require_minimum_version 1.5.0

setup_file() {
	export XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build} ROOT=$PWD DIR=$BATS_FILE_TMPDIR
	python3 tests/rules/samples.py "$DIR/samples"
	grep -ho '^rule [a-z0-9_]*' rules/yara/*.yar | cut -d' ' -f2 | sort > "$DIR/names"
}
setup() { cd "$ROOT"; }

@test "the rules compile without a warning" {
	run --separate-stderr "$BIN/picket-scan" --strict -v -r rules/yara /dev/null
	[[ $stderr != *"line "* ]] || { echo "$stderr"; return 1; }
}

@test "--lint has nothing to say of the rules, and would" {
	run -0 "$BIN/picket-scan" --lint -r rules/yara
	[ "$output" = "" ] || { echo "$output"; return 1; }
	cp rules/yara/webshell.yar "$DIR/slow.yar"
	sed -i 's/\$a1 = "<%@"/$a1 = "<%"/' "$DIR/slow.yar"
	run -1 "$BIN/picket-scan" --lint -r "$DIR/slow.yar"
	[[ $output == *"page_jsp_or_asp: slow-string: \$a1 "* ]]
}

@test "no name is used twice" {
	[ "$(uniq -d < "$DIR/names")" = "" ]
	[ "$(wc -l < "$DIR/names")" -ge 200 ]
}

@test "every rule has all of its meta" {
	for field in author date description reference severity score attack; do
		[ "$(cat rules/yara/*.yar | grep -c "^		$field = ")" -eq "$(wc -l < "$DIR/names")" ] ||
			{ echo "$field"; return 1; }
	done
	[ "$(grep -h '^		severity = ' rules/yara/*.yar | grep -vE '"(medium|high|critical)"')" = "" ]
	[ "$(grep -h '^		reference = ' rules/yara/*.yar | grep -vE '"https://[^"]+"')" = "" ]
}

@test "every rule has two samples" {
	ls "$DIR/samples/hit" | sort | diff - "$DIR/names"
	ls "$DIR/samples/miss" | sort | diff - "$DIR/names"
}

@test "every rule hits all of its samples" {
	run -1 "$BIN/picket-scan" -q -r rules/yara "$DIR/samples/hit"
	sort <<< "$output" > "$DIR/hits"
	# the folder is the rule's name
	find "$DIR/samples/hit" -type f | sed 's|.*/hit/\([^/]*\)/|\1 &|' | sort > "$DIR/wanted"
	[ "$(wc -l < "$DIR/wanted")" -ge 450 ]
	[ "$(comm -23 "$DIR/wanted" "$DIR/hits")" = "" ] || { comm -23 "$DIR/wanted" "$DIR/hits"; return 1; }
}

@test "no rule hits what it must spare" {
	run -0 "$BIN/picket-scan" -q -r rules/yara "$DIR/samples/miss" "$DIR/samples/honest"
	[ "$output" = "" ]
}

@test "no rule hits this system's programs and configuration" {
	run --separate-stderr "$BIN/picket-scan" -q -r rules/yara /usr/bin /usr/sbin /usr/lib/systemd /usr/lib/python3 /etc \
		/usr/share/doc /usr/share/perl /boot
	[ "$output" = "" ]
	[ "$status" -ne 1 ] || return 1
}

@test "no rule hits a Debian root (PICKET_DEBIAN_ROOT)" {
	[ -n "${PICKET_DEBIAN_ROOT:-}" ] || skip "set PICKET_DEBIAN_ROOT to a debootstrap root"
	run -0 "$BIN/picket-scan" -q -r rules/yara "$PICKET_DEBIAN_ROOT"
	[ "$output" = "" ]
}
