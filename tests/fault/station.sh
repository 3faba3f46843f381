# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2016
# For cases: a station with the party 'lead', a tree, and what is made of it.
station() {
	export XDG_CONFIG_HOME=$PWD/config
	[ -e lead.party ] || "$bin/picket-key" new lead --nation USA -q
}
tree() {
	mkdir -p tree/etc tree/var/log tree/sub/deep
	printf 'root:x:0:0:root:/root:/bin/sh\n' >tree/etc/passwd
	printf 'web01\n' >tree/etc/hostname
	printf 'needle in a log\n' >tree/var/log/auth.log
	ln -f tree/var/log/auth.log tree/sub/hard
	ln -sfn ../etc/passwd tree/sub/link
	printf 'odd' >tree/sub/$'odd\xff\n name'
	head -c 5000000 /dev/urandom >tree/sub/deep/random
	printf 'rule needle { strings: $a = "needle" condition: $a }\n' >needle.yar
}
bundle() { station && tree && "$bin/picket-bundle" seal --to lead --signer lead --tlp AMBER --rel-to USA -o b.age tree -q; }
case_ready() { "$bin/picket-case" init ready -q && "$bin/picket-case" import ready b.age -i lead.identity -q; }

# Is what lies there a bundle of all that was asked for, or does it say itself what is missing?
bundle_is_whole() { # EXIT-CODE BUNDLE
	"$bin/picket-bundle" verify "$2" -i lead.identity -q >/dev/null 2>verify.err || { echo "the bundle is bad: $(cat verify.err)"; return; }
	[ "$1" -eq 0 ] || return 0
	"$bin/picket-bundle" list "$2" -i lead.identity --json -q >paths.json
	[ ! -d tree ] || grep -q '/var/log/auth.log"' paths.json || echo 'paths are missing'
	jq -r 'select(.outcome | IN("failed", "denied", "partial")) | .path' paths.json >bad
	[ ! -s bad ] || echo "'$(head -n 1 bad)' is not whole"
}
