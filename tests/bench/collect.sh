#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Collecting (read, hash, scan, compress, encrypt, sign) against each of the parts alone, on one tree.
# The tree is a copy of /usr/share/doc, /etc, /usr/lib/git-core and /usr/bin up to 300 MB, in the page cache; one
# artefact definition takes all of it. Rules: rules/yara. Bar: 1.5 times the slowest of the others, and memory of
# at most 64 MiB + 16 MiB a worker + the compiled rules.
set -eu
W=$(mktemp -d)
trap 'rm -rf "$W"' EXIT
here=$PWD
export XDG_CONFIG_HOME=$W/station
mkdir -p "$W/root/data" "$W/station"
for d in /etc /usr/share/doc /usr/lib/git-core /usr/bin; do
	[ "$(du -sm "$W/root" | cut -f1)" -lt 300 ] || continue
	cp -r --no-preserve=all "$d" "$W/root/data/" 2> /dev/null || true
done
find "$W/root" -type l -delete
cat > "$W/all.yaml" <<'YAML'
name: BenchAll
doc: everything of the bench tree
sources:
- type: FILE
  attributes: {paths: ['/data/**10']}
supported_os: [Linux]
YAML
cd "$W/station"
"$BIN/picket-key" new lead --org BENCH --nation USA > /dev/null 2>&1
"$BIN/picket-key" ticket --signer lead --to lead --mission BENCH --uses many -o "$W/t" > /dev/null 2>&1
printf '  %s files, %s MB\n' "$(find "$W/root" -type f | wc -l)" "$(du -sm "$W/root" | cut -f1)"
rules=$W/rules
cp -R "$here/../../rules/yara" "$rules"
cat "$rules"/*.yar > "$W/all.yar"
externals='-d filename=x -d filepath=x -d extension=x -d filetype=x -d owner=x'
"$here/measure.py" -n "$ROUNDS" \
	'picket-collect' "rm -f $W/b.age*; \"\$BIN\"/picket-collect --root $W/root -a BenchAll --definitions $W/all.yaml --no-live --no-walk --rules $rules --ticket $W/t --to lead -o $W/b.age" \
	'picket-collect --no-scan' "rm -f $W/b.age*; \"\$BIN\"/picket-collect --root $W/root -a BenchAll --definitions $W/all.yaml --no-live --no-walk --ticket $W/t --to lead -o $W/b.age" \
	'yara -N -r -p 2' "yara -N -r -p 2 $externals $W/all.yar $W/root" \
	'tar | zstd -T2 -3' "tar -cf - -C $W root | zstd -T2 -3 > $W/x.zst" \
	'sha256sum' "find $W/root -type f -print0 | xargs -0 sha256sum"
