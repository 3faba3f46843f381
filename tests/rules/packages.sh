#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Scans what Debian packages install with our rules: packages.sh [PACKAGE...] (default: those of packages.txt). Each is
# downloaded with apt-get, unpacked, scanned and removed again. What is found must stand in packages.expected. The last line
# and the exit code say whether all were scanned and nothing else was found. Needs the lists of `apt-get update`, no rights.
set -u
here=$(cd "$(dirname "$0")" && pwd)
BIN=${BIN:-$here/../../build}
RULES=$here/../../rules/yara
[ $# -gt 0 ] || mapfile -t packages < <(grep -v -e '^#' -e '^$' "$here/packages.txt")
[ $# -eq 0 ] || packages=("$@")
W=$(mktemp -d)
trap 'rm -rf "$W"' EXIT
export XDG_CACHE_HOME=$W/cache LC_ALL=C
scanned=0 failed=0 found=0 expected=0
sed '/^#/d; s/ *#.*//' "$here/packages.expected" > "$W/expected"

fail() { # PACKAGE WHAT
	failed=$((failed + 1))
	echo "$2: $1: $(tail -n 1 "$W/log")"
}
for package in "${packages[@]}"; do
	rm -rf "$W/root" "$W/deb"
	mkdir "$W/deb" || exit 1
	if ! (cd "$W/deb" && apt-get -qq -o APT::Sandbox::User=root download "$package" && dpkg-deb -x ./*.deb "$W/root") > "$W/log" 2>&1; then
		fail "$package" 'not to be had'
		continue
	fi
	"$BIN/picket-scan" -q --archives -r "$RULES" "$W/root" > "$W/hits" 2> "$W/log"
	case $? in
	0 | 1) ;;
	3) echo "incomplete $W/root" >> "$W/hits" ;; # an archive with a password, for one
	*)
		fail "$package" 'not scanned'
		continue
		;;
	esac
	scanned=$((scanned + 1))
	while read -r rule path; do
		if grep -qxF "$rule $package" "$W/expected"; then
			expected=$((expected + 1))
		else
			found=$((found + 1))
			echo "$rule $package ${path#"$W/root"}"
		fi
	done < "$W/hits"
done
echo "$scanned packages scanned, $failed not, $found hits, $expected expected"
[ "$failed" -eq 0 ] && [ "$found" -eq 0 ]
