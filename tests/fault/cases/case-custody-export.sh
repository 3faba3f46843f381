# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
setup() {
	export XDG_CONFIG_HOME=$PWD/config
	"$bin/picket-key" new lead --nation USA -q && "$bin/picket-case" init case --party lead -q &&
		"$bin/picket-case" custody case --checkpoint --signer lead -o note
}
command=(picket-case custody case --export jsonld -o out)
outputs=(out)
