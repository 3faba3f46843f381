# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# A share out of a case: its files and its custody line, or neither.
setup() {
	export XDG_CONFIG_HOME=$PWD/config
	[ -e lead.party ] || "$bin/picket-key" new lead --nation USA -q || return
	mkdir -p tree && seq 1 3000 >tree/numbers
	"$bin/picket-bundle" seal --signer lead --to lead -o b.age tree -q &&
		"$bin/picket-bundle" countersign b.age --signer lead --place lab -q &&
		"$bin/picket-case" init case -q && "$bin/picket-case" import case b.age -i lead.identity -q
}
command=(picket-case share case -i lead.identity --signer lead --to lead --query 'SELECT ref FROM file' -o s.age)
outputs=(s.age s.age.minisig s.age.ticket s.age.ticket.minisig)
