# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# An originator's release: text and signature, or neither.
setup() {
	export XDG_CONFIG_HOME=$PWD/config
	[ -e lead.party ] || "$bin/picket-key" new lead --nation USA -q || return
	mkdir -p tree && seq 1 3000 >tree/numbers
	"$bin/picket-bundle" seal --signer lead --to lead -o b.age tree -q
}
command=(picket-bundle release b.age --to lead --reason why --signer lead -o rel)
outputs=(rel rel.minisig)
