# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# Whatever fails while a state is read or written: no hit is missing, and the next scan, which goes on from what was
# left, tells each hit once. 4: also when all is scanned and what was seen could not be kept.
. "$top/tests/fault/station.sh"
setup() {
	tree
	sleep 0.2
	"$bin/picket-scan" --no-cache -q --rules needle.yar --changed before tree >/dev/null || [ $? -eq 1 ]
	printf 'needle, too\n' >tree/etc/hostname
	sleep 0.2
}
prepare() {
	rm -f state state.journal
	cp before state
	[ $((RANDOM % 2)) -ne 0 ] || { cp before state.journal && truncate -s -100 state.journal; }
}
command=(picket-scan --no-cache --rules needle.yar --changed state tree --json)
fine='1 3'
codes='2 4'
runs=60
check() {
	local found
	[ "$1" -ne 1 ] || [ "$(grep -c '"rule":"needle"' "$out")" -eq 3 ] || grep -q '"complete":false' "$out" || echo 'a hit is missing'
	found=$("$bin/picket-scan" --no-cache -q --rules needle.yar --changed state tree 2>&1 | sed 's/ (seen .*//')
	[ "$found" = $'needle tree/etc/hostname\nneedle tree/sub/hard\nneedle tree/var/log/auth.log' ] || echo "the next run tells '$found'"
}
