# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# A share: all four files or none.
setup() {
	export XDG_CONFIG_HOME=$PWD/config
	[ -e lead.party ] || "$bin/picket-key" new lead --nation USA -q || return
	mkdir -p tree && seq 1 30000 >tree/numbers && echo one >tree/one
	"$bin/picket-bundle" seal --signer lead --to lead -o b.age tree -q
}
command=(picket-bundle share b.age -i lead.identity --signer lead --to lead --path '*' --threads 1 -o s.age)
outputs=(s.age s.age.minisig s.age.ticket s.age.ticket.minisig)
