#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sealing a tree, verifying and opening at random, against what the stock tools need for the same work.
# The tree is a copy of system files of about 500 MB in the page cache. "stock" is tar | zstd -T2 -3 | age with b2sum
# and sha256sum of the same bytes running beside it (the hashes that a seal has too); verify is held against age -d
# alone and zstd -d alone, of which the slower one counts. Bars: seal at most 0.9 of stock, verify at least 0.8 of
# the slower of the two. The last line is what cat of one small member reads of a bundle of BIG_MIB (1024; the bar is
# of 4096) MiB: at most 32 MiB.
set -eu
W=$(mktemp -d)
trap 'rm -rf "$W"' EXIT
here=$PWD
export XDG_CONFIG_HOME=$W/station
mkdir -p "$W/tree" "$W/station" "$W/big"
for d in /etc /usr/share/doc /usr/lib/git-core /usr/bin; do
	[ "$(du -sm "$W/tree" | cut -f1)" -lt 300 ] || continue
	cp -r --no-preserve=all "$d" "$W/tree/" 2> /dev/null || true
done
find "$W/tree" -type l -delete
cd "$W/station"
"$BIN/picket-key" new lead --org BENCH --nation USA > /dev/null 2>&1
"$BIN/picket-key" ticket --signer lead --to lead --mission BENCH --uses many -o "$W/t" > /dev/null 2>&1
to=$(cat lead.recipient)
printf '  %s files, %s MB\n' "$(find "$W/tree" -type f | wc -l)" "$(du -sm "$W/tree" | cut -f1)"
seal="rm -f $W/b.age*; \"\$BIN\"/picket-bundle seal -q --ticket $W/t --to lead -o $W/b.age $W/tree"
"$here/measure.py" -n "$ROUNDS" \
	'picket-bundle seal' "$seal" \
	'stock, with hashes beside it' \
	"tar -cf - -C $W tree | tee >(sha256sum) >(b2sum) | zstd -q -T2 -3 | age -r $to -o $W/stock.age; wait"
bash -c "$seal"
age -d -i lead.identity "$W/b.age" > "$W/b.zst"
"$here/measure.py" -n "$ROUNDS" \
	'picket-bundle verify' "\"\$BIN\"/picket-bundle verify -i $W/station/lead.identity $W/b.age" \
	'age -d' "age -d -i $W/station/lead.identity $W/b.age" \
	'zstd -d' "zstd -q -d -c $W/b.zst"
head -c $((${BIG_MIB:-1024} << 20)) /dev/urandom > "$W/big/noise"
printf 'needle\n' > "$W/big/small"
rm -f "$W"/b.age*
"$BIN/picket-bundle" seal -q --ticket "$W/t" --to lead -o "$W/b.age" "$W/big"
strace -f -qq -e trace=read,pread64,readv,preadv -o "$W/trace" \
	"$BIN/picket-bundle" cat -q -i lead.identity "$W/b.age" "$W/big/small" > "$W/got"
cmp -s "$W/got" "$W/big/small" || printf '  cat gave something else\n'
awk -v size="$(stat -c %s "$W/b.age")" '/= [0-9]+$/ {n += $NF} END {
	printf "  cat of 7 bytes read %.1f MiB of a bundle of %.0f MiB\n", n / 1048576, size / 1048576}' "$W/trace"
