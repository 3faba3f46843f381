# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# What is left of a bundle whose end is cut off.
setup() {
	export XDG_CONFIG_HOME=$PWD/config
	[ -e lead.party ] || "$bin/picket-key" new lead --nation USA -q || return
	mkdir -p tree && seq 1 3000 >tree/numbers && yes picket | head -c 26000000 >tree/many && head -c 300000 /dev/urandom >tree/z
	"$bin/picket-bundle" seal --signer lead --to lead -o b.age tree -q && truncate -s -3000 b.age
}
prepare() { rm -rf left; }
command=(picket-bundle salvage b.age -i lead.identity -o left)
outputs=()
fine="3"
codes="1 4"
runs=40
always=1
check() {
	[ ! -e left ] || [ -e left/INCOMPLETE ] || echo 'it is not said not to be all'
}
