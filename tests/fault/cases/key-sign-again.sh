# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# A signature by the same key is replaced, or stays as it was.
setup() {
	export XDG_CONFIG_HOME=$PWD/config
	[ -e lead.party ] || "$bin/picket-key" new lead --nation USA -q || return
	head -c 300000 /dev/zero >file
	"$bin/picket-key" sign file --signer lead -t first -x first || return
}
prepare() { cp first file.minisig; }
always=yes
check() {
	"$bin/picket-key" verify file >/dev/null 2>&1 || echo "the signature is none"
	[ "$1" -eq 0 ] || cmp -s first file.minisig || echo "the old signature is not there"
}
command=(picket-key sign file --signer lead -t second)
