# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# Whatever fails while a rule is explained: what is printed is right, or the exit code says that something is missing.
. "$top/tests/fault/station.sh"
setup() { tree; }
command=(picket-scan --no-cache --rules needle.yar --explain needle tree/sub/hard)
fine='1 3'
codes='2 4'
runs=40
check() {
	[ "$1" -ne 1 ] || [ "$(cat "$out")" = $'needle tree/sub/hard: true\n  $a: 0x0: needle\n  true         $a' ] || echo "it is explained by '$(cat "$out")'"
}
