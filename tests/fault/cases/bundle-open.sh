# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
. "$top/tests/fault/station.sh"
setup() { bundle; }
prepare() { rm -rf opened; }
command=(picket-bundle open b.age -i lead.identity -C opened)
runs=60
always=1
check() {
	[ "$1" -ne 0 ] || diff -r --no-dereference tree/etc "opened/root$PWD/tree/etc" || echo 'the files differ'
	[ "$1" -ne 0 ] || cmp tree/sub/deep/random "opened/root$PWD/tree/sub/deep/random"
	# what has its name is whole
	[ ! -d opened ] || find opened -type f -size -5000000c -name random -print
	[ ! -d opened ] || find opened -name '.picket-unfinished' -print
	# and what is not all says so
	if [ "$1" -eq 0 ]; then
		[ ! -e opened/INCOMPLETE ] || echo 'it is said not to be all'
	elif [ -e opened ]; then
		[ -e opened/INCOMPLETE ] || echo 'it is not said not to be all'
		[ "$(ls -A opened)" != INCOMPLETE ] || echo 'a folder with nothing in it was left'
		grep -q "'opened'" "$err" || echo 'where it is was not said'
	fi
}
