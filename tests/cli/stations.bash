# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Several parties on one machine, each with a folder of its own.

station() { # NAME NATION
	mkdir "$1"
	(cd "$1" && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" new "$1" --org "$1-ORG" --nation "$2" -q)
}
as() { # STATION: acts there from now on
	cd "$BATS_FILE_TMPDIR/$1" || return
	export XDG_CONFIG_HOME=$PWD/.config
}
