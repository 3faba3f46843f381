# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
. "$top/tests/fault/station.sh"
setup() { bundle && case_ready; }
prepare() { rm -rf c && cp -r ready c; }
command=(picket-case tag c bad "$PWD/tree/etc/passwd")
runs=60
always=1
check() {
	"$bin/picket-case" check c >/dev/null 2>check.err || echo "the case is bad: $(cat check.err)"
	[ "$1" -ne 0 ] || "$bin/picket-case" tag c --json | grep -q '"bad"' || echo 'the tag is missing'
}
