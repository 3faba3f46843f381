#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The whole story on this machine: keys, kit, collection, check with stock tools, case, report.
# `make demo` builds first and then runs this; results stay in build/demo.
set -euo pipefail
cd "$(dirname "$0")/.."
BIN=$PWD/build
OUT=$PWD/build/demo
export XDG_CONFIG_HOME=$OUT/station
rm -rf "$OUT"
mkdir -p "$OUT/station" "$OUT/host" "$OUT/stock"
umask 077

step=0
say() {
	step=$((step + 1))
	printf '\n[%d] %s\n' "$step" "$1"
}
run() {
	printf '    $ %s\n' "$(printf '%s ' "$@" | sed "s|$OUT/||g; s|$BIN/||g; s|$PWD/||g")"
	"$@" 2>&1 | sed 's/^/      /'
}
# a step whose exit code 1 or 3 is an answer ("found", "partial"), not a failure
run_answer() {
	local rc=0
	printf '    $ %s\n' "$(printf '%s ' "$@" | sed "s|$OUT/||g; s|$BIN/||g; s|$PWD/||g")"
	"$@" > "$OUT/.out" 2>&1 || rc=$?
	sed 's/^/      /' "$OUT/.out"
	[ "$rc" -eq 0 ] || [ "$rc" -eq 1 ] || [ "$rc" -eq 3 ] || exit "$rc"
	[ "$rc" -eq 0 ] || printf '      (exit code %d)\n' "$rc"
}

printf 'Picket demo. Everything it makes is in build/demo; nothing else is touched.\n'

cd "$OUT/station"
say 'The mission lead makes keys; the first party signs and pins the roster of this station.'
run "$BIN/picket-key" new lead --org CPT-7 --nation USA
run "$BIN/picket-key" roster list

say 'An ally makes keys on a station of their own and hands over the public half (jpn.party).'
mkdir -p "$OUT/ally"
(cd "$OUT/ally" && XDG_CONFIG_HOME=$OUT/ally run "$BIN/picket-key" new jpn --org JCDC --nation JPN)
run "$BIN/picket-key" roster add "$OUT/ally/jpn.party" --signer lead --yes

say 'The lead builds a kit: one static executable with readers, profile, rules and a one-time ticket.'
run "$BIN/picket-kit" build --mission HARBOR --signer lead --to lead --to jpn --tlp AMBER --rel-to USA,JPN \
	--profile triage --rules ../../../rules/yara -o "$OUT/collect-harbor"
run minisign -V -p lead.signpub -m "$OUT/collect-harbor"

say "The host's owner looks before anything runs: what will be read, how much, who can open it."
run "$OUT/collect-harbor" --plan

say 'Collecting from this host (as the user you are; root sees more). One sealed file comes out.'
cd "$OUT/host"
run_answer "$OUT/collect-harbor"
bundle=$(echo "$OUT"/host/*.age)

say 'Anybody with the roster can check who sealed it, with stock minisign and no secret.'
run minisign -V -p "$OUT/station/lead.signpub" -m "$bundle.ticket"
ticketkey=$(sed -n 's/^sign: //p' "$bundle.ticket")
run minisign -V -P "$ticketkey" -m "$bundle"
cd "$OUT/station"
run_answer "$BIN/picket-bundle" verify "$bundle" -i lead.identity

say 'It opens in ten years without Picket: age, zstd, tar, sha256sum.'
printf '    $ age -d -i lead.identity B.age | tar --zstd -x ; cat *manifest-sha256.txt | sha256sum -c --quiet\n'
age -d -i lead.identity "$bundle" | tar --zstd -x -C "$OUT/stock"
(cd "$OUT/stock" && cat ./*manifest-sha256.txt | sha256sum -c --quiet && printf '      %s files, all as the manifest says\n' "$(wc -l < manifest-sha256.txt)")

say 'The analyst imports it into a case.'
cd "$OUT"
run "$BIN/picket-case" init harbor.case
run_answer "$BIN/picket-case" import harbor.case "$bundle" -i station/lead.identity
run "$BIN/picket-case" bundles harbor.case
run "$BIN/picket-case" hosts harbor.case
run_answer "$BIN/picket-case" hits harbor.case
run "$BIN/picket-case" timeline harbor.case --limit 10
run "$BIN/picket-case" custody harbor.case
run_answer "$BIN/picket-case" check harbor.case
run "$BIN/picket-case" report harbor.case -o "$OUT/harbor.html"

printf '\nDone. The sealed bundle: build/demo/host/%s\n' "$(basename "$bundle")"
printf 'The case: build/demo/harbor.case   The report, for any browser: build/demo/harbor.html\n'
