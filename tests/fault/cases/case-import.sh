# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# Whatever fails, the case that is there stays sound, and a run that ends well has taken in the bundle.
. "$top/tests/fault/station.sh"
setup() { bundle && "$bin/picket-case" init ready -q; }
prepare() { rm -rf c && cp -r ready c; }
command=(picket-case import c b.age -i lead.identity)
runs=60
always=1
check() {
	"$bin/picket-case" check c >/dev/null 2>check.err || echo "the case is bad: $(cat check.err)"
	[ "$1" -ne 0 ] || "$bin/picket-case" files c --json | grep -q auth.log || echo 'files are missing'
}
