# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# An allocation that fails may cost a path, which the bundle and the exit code then say.
. "$top/tests/fault/station.sh"
setup() { station && tree; }
command=(picket-bundle seal --to lead --signer lead --tlp AMBER --rel-to USA --pad -o b.age tree)
outputs=(b.age b.age.minisig b.age.ticket b.age.ticket.minisig)
fine='0 3'
runs=60
check() {
	bundle_is_whole "$1" b.age
}
