# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# Whatever fails while compiled rules are kept or taken: the scan's answer is the same, and the next run's is, too.
. "$top/tests/fault/station.sh"
export XDG_CACHE_HOME=$PWD/cache
setup() {
	tree
	printf 'import "pe"\nrule mz { condition: pe.is_pe }\n' >mz.yar
}
prepare() { [ $((RANDOM % 3)) -ne 0 ] || rm -rf cache; }
command=(picket-scan --partition always --rules needle.yar --rules mz.yar tree --json)
fine='1 3'
codes='2 4'
runs=60
check() {
	[ "$1" -ne 1 ] || [ "$(grep -c '"rule":"needle"' "$out")" -eq 2 ] || grep -q '"complete":false' "$out" || echo 'a hit is missing'
	[ "$("$bin/picket-scan" -q --rules needle.yar --rules mz.yar tree 2>&1 | grep -c '^needle ')" -eq 2 ] ||
		echo 'the next run lacks a hit'
}
