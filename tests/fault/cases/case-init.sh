# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
. "$top/tests/fault/station.sh"
setup() { station; }
command=(picket-case init new)
outputs=(new)
runs=60
check() { "$bin/picket-case" check new >/dev/null 2>check.err || echo "the case is bad: $(cat check.err)"; }
