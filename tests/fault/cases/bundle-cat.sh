# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
. "$top/tests/fault/station.sh"
setup() { bundle; }
command=(picket-bundle cat b.age "$PWD/tree/sub/deep/random" -i lead.identity)
runs=60
check() { cmp "$out" tree/sub/deep/random; }
