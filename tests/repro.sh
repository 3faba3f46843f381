#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the release tools in two folders of different names and compares them byte by byte. TAP.
set -u
cd "$(dirname "$0")/.." || exit 1
work=build/repro
rm -rf "$work"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 0)
export SOURCE_DATE_EPOCH
for copy in a 'b with a longer name'; do
	mkdir -p "$work/$copy"
	cp -R Makefile VERSION include lib tools rules "$work/$copy/"
	(cd "$work/$copy" && "${MAKE:-make}" --no-print-directory -j"$(nproc)" all) >"$work/$copy.log" 2>&1 || {
		echo '1..1'
		echo "not ok 1 - the build in '$work/$copy'"
		tail -n 20 "$work/$copy.log" | sed 's/^/# /'
		exit 1
	}
done
count=0
bad=0
for tool in "$work"/a/build/picket-*; do
	count=$((count + 1))
	name=$(basename "$tool")
	if cmp -s "$tool" "$work/b with a longer name/build/$name"; then
		echo "ok $count - $name $(sha256sum "$tool" | cut -c 1-16)"
	else
		echo "not ok $count - $name differs"
		bad=1
	fi
done
echo "1..$count"
exit $bad
