# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# A second ally's receipt: the case keeps it beside the first, or is what it was.
setup() {
	export XDG_CONFIG_HOME=$PWD/config
	"$bin/picket-key" new lead --nation USA -q && "$bin/picket-key" new jpn --nation JPN --signer lead -q &&
		"$bin/picket-key" new phl --nation PHL --signer lead -q &&
		"$bin/picket-case" init case --party lead -q && "$bin/picket-case" init ally --party jpn -q &&
		"$bin/picket-case" custody case --checkpoint --signer lead -o note &&
		"$bin/picket-case" custody ally --cosign note --signer jpn -o first -q &&
		"$bin/picket-case" custody ally --cosign note --signer phl -o second -q &&
		"$bin/picket-case" custody case --receipt first
}
command=(picket-case custody case --receipt second)
