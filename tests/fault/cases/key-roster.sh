# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# Replacing a party: whatever fails, the roster that is there can be loaded again.
setup() {
	export XDG_CONFIG_HOME=$PWD/config
	[ -e lead.party ] || "$bin/picket-key" new lead --nation USA -q || return
	(XDG_CONFIG_HOME=$PWD/ally "$bin/picket-key" new jpn --nation JPN -q) &&
		"$bin/picket-key" roster add jpn.party --signer lead -q --yes
}
command=(picket-key roster add jpn.party --replace --signer lead --yes)
