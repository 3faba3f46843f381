# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# As scan: what a missing piece of memory costs of an archive is told.
. "$top/tests/fault/station.sh"
setup() { tree && (cd tree && python3 -c 'import zipfile, gzip; z = zipfile.ZipFile("n.zip", "w"); z.writestr("in", "a needle"); z.writestr("in.gz", gzip.compress(b"a needle"))'); }
command=(picket-scan --no-cache --archives --rules needle.yar tree --json)
fine='1 3'
codes='2 4'
runs=60
check() { [ "$1" -ne 1 ] || [ "$(grep -c '"rule":"needle"' "$out")" -eq 5 ] || grep -q '"complete":false' "$out" || echo 'a hit is missing'; }
