# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# A checkpoint of the log's own key is never called another's, whatever fails.
setup() {
	export XDG_CONFIG_HOME=$PWD/config
	"$bin/picket-key" new lead --nation USA -q && "$bin/picket-case" init case --party lead -q &&
		"$bin/picket-case" custody case --checkpoint --signer lead -o note &&
		"$bin/picket-case" custody case --export jsonl -o log
}
command=(picket-case custody --export text --log log --against note --roster config/picket/roster -o out)
outputs=(out)
