# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# As scan: what a missing piece of memory costs of a bundle is told, and never that the bundle is damaged.
. "$top/tests/fault/station.sh"
setup() { bundle; }
command=(picket-scan --no-cache --rules needle.yar -i lead.identity --bundle b.age --json)
fine='1 3'
codes='2 4'
runs=60
check() {
	[ "$1" -ne 1 ] || [ "$(grep -c '"rule":"needle"' "$out")" -eq 2 ] || grep -q '"complete":false' "$out" || echo 'a hit is missing'
	! grep -q 'bundle-damaged' "$out" || echo 'the bundle is called damaged'
}
