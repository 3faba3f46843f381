# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
. "$top/tests/fault/station.sh"
setup() { station; }
command=(picket-collect --to lead --signer lead --mission H --table users --table groups --table mounts --profile none -o b.age)
outputs=(b.age b.age.minisig b.age.ticket b.age.ticket.minisig)
fine='0 3'
runs=40
check() { bundle_is_whole "$1" b.age; }
