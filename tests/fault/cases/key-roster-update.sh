# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# Taking over a newer roster: whatever fails, the roster that is there can be loaded again.
setup() {
	export XDG_CONFIG_HOME=$PWD/config
	"$bin/picket-key" new lead --nation USA -q &&
		mkdir station && cp config/picket/roster config/picket/roster.minisig station &&
		"$bin/picket-key" roster pin --roster station/roster -qy &&
		"$bin/picket-key" roster change lead --valid-to 2040-01-01 --signer lead -q
}
command=(picket-key roster update config/picket/roster --roster station/roster)
