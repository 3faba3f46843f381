# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
. "$top/tests/fault/station.sh"
setup() { bundle; }
command=(picket-bundle list b.age -i lead.identity --json)
runs=60
check() { [ "$(wc -l <"$out")" -eq "$(find tree -printf "x\n" | wc -l)" ] || echo 'paths are missing'; }
