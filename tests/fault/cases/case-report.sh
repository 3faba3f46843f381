# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
. "$top/tests/fault/station.sh"
setup() { bundle && case_ready; }
command=(picket-case report ready -o page.html)
outputs=(page.html)
runs=60
check() { tail -n 1 page.html | grep -q '</html>' || echo 'the page is cut'; }
