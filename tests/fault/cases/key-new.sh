# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# The first party of a station: its keys, the roster, signature and pin, or nothing.
setup() { export XDG_CONFIG_HOME=$PWD/config; }
command=(picket-key new lead --nation USA --roster roster)
outputs=(lead.identity lead.recipient lead.signkey lead.signpub lead.notekey lead.notepub lead.cosignkey lead.party roster roster.minisig roster.pin)
