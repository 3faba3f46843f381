#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Sealed files flipped, cut, swapped, repeated and extended: always refused, never a wrong byte released.

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build} TESTS=$PWD/tests DIR=$BATS_FILE_TMPDIR
	command -v python3 > /dev/null || skip "no python3"
	(umask 077; echo AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX > "$DIR/key")
	export TO=age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj
	export OTHER=age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg
}

@test "damaged at hundreds of places, the last chunk short" {
	head -c 300000 /dev/urandom > "$DIR/plain"
	"$BIN/picket-bundle" encrypt -r $TO -r $OTHER -o "$DIR/sealed" "$DIR/plain"
	"$TESTS/cli/age_damage.py" "$BIN/picket-bundle" "$DIR/key" "$DIR/sealed" "$DIR/plain" "$DIR"
}

@test "damaged at hundreds of places, the last chunk full" {
	head -c 262144 /dev/urandom > "$DIR/plain"
	"$BIN/picket-bundle" encrypt -r $OTHER -r $TO -o "$DIR/sealed" "$DIR/plain"
	"$TESTS/cli/age_damage.py" "$BIN/picket-bundle" "$DIR/key" "$DIR/sealed" "$DIR/plain" "$DIR"
}
