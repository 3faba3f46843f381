# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# A rewrapped bundle: all that belongs to it, or nothing.
setup() {
	export XDG_CONFIG_HOME=$PWD/config
	[ -e lead.party ] || "$bin/picket-key" new lead --nation USA -q || return
	mkdir -p ally tree && (cd ally && XDG_CONFIG_HOME=$PWD/config "$bin/picket-key" new mate --nation USA -q)
	"$bin/picket-key" roster add ally/mate.party --signer lead -q || return
	seq 1 3000 >tree/numbers
	"$bin/picket-bundle" seal --signer lead --to lead -o b.age tree -q
}
command=(picket-bundle rewrap b.age --to mate -i lead.identity --signer lead -o r.age)
outputs=(r.age r.age.minisig r.age.ticket r.age.ticket.minisig r.age.orig-header r.age.orig.minisig r.age.rewrap
	r.age.rewrap.minisig)
