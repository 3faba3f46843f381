# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
. "$top/tests/fault/station.sh"
setup() { bundle && case_ready; }
command=(picket-case cat ready "$PWD/tree/sub/deep/random" -i lead.identity -o content)
outputs=(content)
runs=60
check() { cmp content tree/sub/deep/random; }
