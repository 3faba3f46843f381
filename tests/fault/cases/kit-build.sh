# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
. "$top/tests/fault/station.sh"
setup() { station && tree; }
command=(picket-kit build --mission H --signer lead --to lead --tlp AMBER --rel-to USA --profile minimal --rules needle.yar -o kit)
outputs=(kit kit.minisig)
runs=40
check() { "$bin/picket-kit" show kit -q >/dev/null 2>show.err || echo "the kit is bad: $(cat show.err)"; }
