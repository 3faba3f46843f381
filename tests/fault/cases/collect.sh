# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
. "$top/tests/fault/station.sh"
setup() { station && tree; }
command=(picket-collect --root tree --to lead --signer lead --mission H --profile minimal --rules needle.yar -o b.age)
outputs=(b.age b.age.minisig b.age.ticket b.age.ticket.minisig)
fine='0 3'
runs=60
check() {
	bundle_is_whole "$1" b.age
	[ "$1" -ne 0 ] || age -d -i lead.identity b.age | tar --zstd -xO --wildcards 'meta/records-*' | grep -q '"t":"h"' || echo 'the hit is missing'
}
