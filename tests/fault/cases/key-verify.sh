# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
setup() {
	export XDG_CONFIG_HOME=$PWD/config
	[ -e lead.party ] || "$bin/picket-key" new lead --nation USA -q || return
	head -c 300000 /dev/zero >file
	"$bin/picket-key" sign file --signer lead
}
command=(picket-key verify file --json)
