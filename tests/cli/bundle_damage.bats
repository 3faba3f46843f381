#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Bundles attacked from outside and by a recipient: always refused, never a crash, never a wrong byte released.

@test "hundreds of attacks on a signed bundle" {
	cd "$BATS_TEST_DIRNAME/../.." || return
	export BIN=${BIN:-$PWD/build} TESTS=$PWD/tests XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/.config
	for tool in python3 age zstd; do command -v $tool > /dev/null || skip "no $tool"; done
	cd "$BATS_TEST_TMPDIR" || return
	"$BIN/picket-key" new lead --org CPT-7 --nation USA -q
	mkdir -p tree/sub
	for i in $(seq 12); do seq "$i" $((i * 9000)) > tree/sub/n"$i"; done
	head -c 300000 /dev/urandom > tree/noise
	yes harbor | head -c 17500000 > tree/large # one segment is not enough
	yes picket | head -c 1200000 > tree/zlast
	deep=tree/$(printf 'd%.0s' {1..60})/$(printf 'e%.0s' {1..90})
	mkdir -p "$deep" && echo deep > "$deep/long name"
	"$BIN/picket-bundle" seal --to lead --signer lead --mission H --tlp GREEN --rel-to USA -o b.age tree -q
	"$TESTS/cli/bundle_damage.py" "$BIN/picket-bundle" lead.identity "$(grep -o 'age1.*' lead.recipient)" b.age tree .
}
