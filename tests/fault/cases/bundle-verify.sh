# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
. "$top/tests/fault/station.sh"
setup() { bundle; }
command=(picket-bundle verify b.age -i lead.identity --json)
runs=60
check() { [ -s "$out" ] || echo 'nothing is said'; }
