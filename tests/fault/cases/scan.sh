# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# 1: hits; 3: not all of it could be scanned. A rule file that there is no memory for costs itself, as a broken one does:
# 2, when it was the only one.
. "$top/tests/fault/station.sh"
setup() { tree; }
command=(picket-scan --no-cache --rules needle.yar tree --json)
fine='1 3'
codes='2 4'
runs=60
check() { [ "$1" -ne 1 ] || [ "$(grep -c '"rule":"needle"' "$out")" -eq 2 ] || grep -q '"complete":false' "$out" || echo 'a hit is missing'; }
