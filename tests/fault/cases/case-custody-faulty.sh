# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# The document of a log that does not check never loses that it says so.
setup() {
	export XDG_CONFIG_HOME=$PWD/config
	"$bin/picket-case" init case -q && "$bin/picket-case" custody case --add copy --object x --reason y &&
		"$bin/picket-case" custody case --add copy --object z --reason y &&
		"$bin/picket-case" custody case --export jsonl -o whole && sed 2d whole > log && printf '\nx' >> log
}
command=(picket-case custody --export jsonld --log log -o out)
outputs=(out)
fine=1
