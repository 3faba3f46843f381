# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# The same of a share of a part that waits: taken in with the share of the part that it waits for, or it waits on.
. "$top/tests/fault/station.sh"
setup() {
	local n before=()
	station && "$bin/picket-key" ticket --signer lead --to lead --mission X --tlp AMBER --rel-to USA -o t -q || return
	for n in 1 2 3; do
		mkdir -p "tree$n" && echo "$n" >"tree$n/file$n"
		"$bin/picket-bundle" seal --to lead --ticket t -o "p$n.age" "tree$n" -q "${before[@]}" || return
		"$bin/picket-bundle" share "p$n.age" -i lead.identity --signer lead --to lead --path '*' -o "s$n.age" -q || return
		before+=(--part-of "p$n.age")
	done
	"$bin/picket-case" init ready -q && "$bin/picket-case" import ready s3.age -i lead.identity -q
	"$bin/picket-case" import ready s1.age -i lead.identity -q
	[ $? -eq 1 ]
}
prepare() { rm -rf c && cp -r ready c; }
command=(picket-case import c s2.age -i lead.identity)
fine='0 3'
runs=60
always=1
check() {
	local n
	"$bin/picket-case" check c >/dev/null 2>check.err || echo "the case is bad: $(cat check.err)"
	"$bin/picket-case" files c --json >files.json
	for n in 1 2; do
		[ "$1" -ne 0 ] || grep -q "file$n\"" files.json || echo "part $n is missing"
	done
	grep -q 'file1"' files.json || "$bin/picket-case" bundles c --json | grep -q '"verdict":"waiting"' || echo 'part 1 does not wait'
}
