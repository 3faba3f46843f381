# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# A cosignature: what left is remembered. What did not leave may be, and is cosigned again for the same checkpoint.
setup() {
	export XDG_CONFIG_HOME=$PWD/config
	"$bin/picket-key" new lead --nation USA -q && "$bin/picket-key" new jpn --nation JPN --signer lead -q &&
		"$bin/picket-case" init case --party lead -q && "$bin/picket-case" init ally --party jpn -q &&
		"$bin/picket-case" custody case --checkpoint --signer lead -o note
}
command=(picket-case custody ally --cosign note --signer jpn -o receipt)
outputs=(receipt)
check() {
	grep -q "^jpn+" "$XDG_CONFIG_HOME/picket/cosigned" || echo "the station does not remember it"
}
