#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The exercise of three nations, from the host to the last report. PHL collects on a host with a kit; its case shares part
# with JPN under AMBER REL TO USA,JPN,PHL; JPN's case shares part of that with USA; each receiver verifies with nothing
# but the files and its roster, and without a network. PRK is in every roster, and gets nothing by any verb of anybody.
bats_require_minimum_version 1.5.0
load damage

load stations
tool() { run --separate-stderr "$BIN/picket-$1" "${@:2}"; }
is() { # exit code, then a piece of standard error
	[ "$status" -eq "$1" ] || { echo "exit $status: $stderr $output"; return 1; }
	[[ $stderr == *"$2"* ]] || { echo "message: $stderr"; return 1; }
}
# A place where there is nothing but a station's roster and what came: and no network, where that can be had.
alone() { # STATION FILE: verify it there
	local far=$BATS_FILE_TMPDIR/far-$1 without=()
	! unshare -rn true 2> /dev/null || without=(unshare -rn)
	rm -rf "$far" && mkdir -p "$far/.config/picket"
	cp "$BATS_FILE_TMPDIR/$1"/.config/picket/roster* "$far/.config/picket" && cp "$2"* "$BATS_FILE_TMPDIR/$1/$1.identity" "$far" || return
	cd "$far" || return
	run --separate-stderr env -i PATH=/nowhere HOME=/nowhere XDG_CONFIG_HOME="$far/.config" "$(command -v "${without[0]:-env}")" ${without:+-rn} \
		"$BIN/picket-bundle" verify "${2##*/}" -i "$1.identity" --json
}

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build}
	umask 022
	cd "$BATS_FILE_TMPDIR"
	station phl PHL && station jpn JPN && station usa USA && station prk PRK
	for a in phl jpn usa prk; do
		for b in phl jpn usa prk; do
			[ $a = $b ] || (as $a && "$BIN/picket-key" roster add "../$b/$b.party" --signer $a --yes -q)
		done
	done
	# the host, as an image
	mkdir -p host/etc host/var/log host/usr/bin host/root
	echo web01 > host/etc/hostname
	echo 'root:x:0:0:root:/root:/bin/sh' > host/etc/passwd
	seq 1 20000 > host/var/log/auth.log
	printf 'MZ THE-IMPLANT v2\n' > host/usr/bin/sshd_helper
	echo 'nobody but PHL sees this' > host/root/notes
	printf 'rule Implant { strings: $a = "THE-IMPLANT" condition: $a }\n' > implant.yar
	cat > want.yaml <<-'YAML'
		name: Wanted
		doc: what the exercise is about
		sources:
		- type: FILE
		  attributes: {paths: ['/etc/*', '/var/log/*', '/usr/bin/*', '/root/*']}
		supported_os: [Linux]
	YAML
}

@test "1: PHL builds a kit and collects with it" {
	as phl
	tool kit build --mission HARBOR --signer phl --to phl --tlp AMBER --rel-to USA,JPN,PHL --definitions ../want.yaml -a Wanted \
		--rules ../implant.yar --no-live -o kit
	is 0 ""
	run --separate-stderr ./kit --root ../host -o host.age
	is 0 ""
	tool case init harbor --team PHL-CERT -q
	tool case import harbor host.age -i phl.identity
	is 0 "(ticketed)"
	tool case hits harbor --json
	printf '%s\n' "$output" | jq -e '.rule == "Implant" and (.path | endswith("/usr/bin/sshd_helper")) and .label == "TLP:AMBER REL TO JPN,PHL,USA"'
}

@test "2: PHL tags part of it and shares that with JPN" {
	as phl
	"$BIN/picket-case" tag harbor for-jpn /usr/bin/sshd_helper /var/log/auth.log -q
	tool case share harbor -i phl.identity --signer phl --to jpn --tag for-jpn --hit Implant --reason 'the exercise' -o for-jpn.age
	is 0 "TLP:AMBER REL TO JPN,PHL,USA"
	tool case share harbor -i phl.identity --signer phl --to jpn --query "SELECT ref FROM file WHERE path = '/etc/hostname'" -o more.age
	is 0 "2 records and 1 contents"
	tool case custody harbor --export jsonl
	printf '%s\n' "$output" | jq -se '[.[] | .action] | (map(select(. == "annotate")) | length == 2) and (map(select(. == "release")) | length == 2)'
}

@test "3: JPN verifies alone, imports, and shares part with USA" {
	id=$(as phl; "$BIN/picket-bundle" verify host.age -i phl.identity --json | jq -r .id)
	alone jpn "$BATS_FILE_TMPDIR/phl/for-jpn.age"
	is 0 ""
	printf '%s\n' "$output" | jq -e --arg id "$id" '.share | .verdict == "ok" and .by == "phl" and .nation == "PHL" and
		.unknown_readers == 0 and (.sources | length == 1 and .[0].bundle == $id and .[0].issuer == "phl" and
		.[0].label == "TLP:AMBER REL TO JPN,PHL,USA")'
	as jpn
	tool case init harbor --team JPN-CERT -q
	tool case import harbor ../phl/for-jpn.age ../phl/more.age -i jpn.identity
	is 0 "imported a share from phl"
	tool case files harbor --json
	printf '%s\n' "$output" | jq -se 'map(.path) | sort == ["/etc/hostname", "/usr/bin/sshd_helper", "/var/log/auth.log"]'
	"$BIN/picket-case" cat harbor /usr/bin/sshd_helper -i jpn.identity | cmp - ../host/usr/bin/sshd_helper
	tool case share harbor -i jpn.identity --signer jpn --to usa --hit Implant -o for-usa.age
	is 0 "TLP:AMBER REL TO JPN,PHL,USA"
}

@test "4: USA verifies alone, down to the collecting team, and has what was on the host" {
	id=$(as phl; "$BIN/picket-bundle" verify host.age -i phl.identity --json | jq -r .id)
	alone usa "$BATS_FILE_TMPDIR/jpn/for-usa.age"
	is 0 ""
	printf '%s\n' "$output" | jq -e --arg id "$id" '.share | .verdict == "ok" and .by == "jpn" and .nation == "JPN" and
		.unknown_handovers == 0 and (.sources | length == 1 and .[0].bundle == $id and .[0].issuer == "phl" and .[0].nation == "PHL" and
		.[0].by_way_of == ["phl"] and .[0].label == "TLP:AMBER REL TO JPN,PHL,USA")'
	as usa
	tool case init harbor --team CPT-7 -q
	tool case import harbor ../jpn/for-usa.age -i usa.identity
	is 0 "imported a share from jpn"
	tool case files harbor --json
	printf '%s\n' "$output" | jq -se 'map(.path) == ["/usr/bin/sshd_helper"]'
	"$BIN/picket-case" cat harbor /usr/bin/sshd_helper -i usa.identity | cmp - ../host/usr/bin/sshd_helper
	tool case report harbor -o harbor.html
	is 0 ""
	grep -q 'TLP:AMBER REL TO JPN,PHL,USA' harbor.html
	for s in phl jpn usa; do
		as $s
		tool case check harbor
		is 0 "sound"
		tool case custody harbor --verify
		is 0 ""
	done
	# what PHL kept is nowhere else
	for f in ../jpn/harbor ../usa/harbor ../usa/harbor.html; do
		! grep -raq -e 'nobody but PHL' -e '/root/notes' "$f" || { echo "in $f"; return 1; }
	done
}

@test "5: one byte on the way, and nobody believes it" {
	as usa
	mkdir -p bad
	for at in 300 3000 $(($(stat -c %s ../jpn/for-usa.age) - 40)); do
		cp ../jpn/for-usa.age* bad
		flip bad/for-usa.age "$at"
		tool bundle verify bad/for-usa.age -i usa.identity
		is 1 ""
		rm -rf badcase
		tool case init badcase -q
		tool case import badcase bad/for-usa.age -i usa.identity
		is 1 "altered"
	done
	# nor when somebody else signs for JPN: PRK, whom the roster knows, seals JPN's words anew
	as prk
	mkdir -p forged
	(cd forged && "$BIN/picket-bundle" seal --signer ../prk.signkey --to prk --to ../../usa/usa.recipient --tlp AMBER --rel-to USA,PRK -o for-usa.age ../../host -q)
	as usa
	tool bundle verify ../prk/forged/for-usa.age -i usa.identity
	is 0 ""
	[[ $output == *$'\nissuer     prk\n'* ]]
}

@test "6: PRK gets nothing by any verb of anybody" {
	denied() { # WHAT, then the tool and its arguments: no, and no file
		local what=$1 had=$(find "$BATS_FILE_TMPDIR" -name '*.age' | wc -l)
		tool "${@:2}"
		[ "$status" -ne 0 ] || { echo "$what: it went out"; return 1; }
		[[ $stderr == *"'prk' (PRK)"* || $stderr == *"--second NAME go together"* || $stderr == *"second person"* || $stderr == *"no identity matches"* ]] ||
			{ echo "$what: $stderr"; return 1; }
		[ "$(find "$BATS_FILE_TMPDIR" -name '*.age' | wc -l)" -eq "$had" ] || { echo "$what: left a file"; return 1; }
		[ ! -e out ] || { echo "$what: left out"; return 1; }
	}
	as phl
	label=(--tlp AMBER --rel-to USA,JPN,PHL)
	for to in prk ../prk/prk.recipient "$(cat ../prk/prk.recipient)"; do
		denied "kit" kit build --mission X --signer phl --to phl --to "$to" "${label[@]}" -a Wanted --definitions ../want.yaml -o out
		denied "unlabelled kit" kit build --mission X --signer phl --to "$to" -a Wanted --definitions ../want.yaml -o out
		denied "collect" collect --root ../host --definitions ../want.yaml -a Wanted --no-live --signer phl --to "$to" "${label[@]}" -o x.age
		denied "seal" bundle seal --signer phl --to phl --to "$to" "${label[@]}" -o x.age ../host
		denied "unlabelled seal" bundle seal --signer phl --to phl --to "$to" -o x.age ../host
		denied "rewrap" bundle rewrap host.age -i phl.identity --signer phl --to "$to" -o x.age
		denied "share" bundle share host.age -i phl.identity --signer phl --path '*' --to "$to" -o x.age
		denied "share beside others" bundle share host.age -i phl.identity --signer phl --path '*' --to jpn --to "$to" -o x.age
		denied "share, relabelled" bundle share host.age -i phl.identity --signer phl --path '*' --to "$to" --tlp CLEAR -o x.age
		denied "share, rel-to widened" bundle share host.age -i phl.identity --signer phl --path '*' --to "$to" --rel-to USA,JPN,PHL,PRK -o x.age
		denied "share, metadata alone" bundle share host.age -i phl.identity --signer phl --path '*' --no-content --to "$to" -o x.age
		denied "case share" case share harbor -i phl.identity --signer phl --tag for-jpn --to "$to" -o x.age
		denied "case share by query" case share harbor -i phl.identity --signer phl --query 'SELECT ref FROM file' --to "$to" -o x.age
		for verb in "bundle seal ${label[*]} ../host" "bundle rewrap host.age -i phl.identity" "bundle share host.age -i phl.identity --path *" \
			"case share harbor -i phl.identity --tag for-jpn"; do
			set -f
			denied "override alone: $verb" $verb --signer phl --to "$to" --override 'I say so' -o x.age
			denied "second alone: $verb" $verb --signer phl --to "$to" --second phl -o x.age
			denied "the same person twice: $verb" $verb --signer phl --to "$to" --override 'I say so' --second phl -o x.age
			set +f
		done
	done
	# whoever only has it from others needs PHL's word, whatever two persons of theirs sign
	for s in jpn usa; do
		as $s
		f=$([ $s = jpn ] && echo ../phl/for-jpn.age || echo ../jpn/for-usa.age)
		[ $s = jpn ] && second=../usa/usa.signkey || second=../jpn/jpn.signkey
		denied "re-share" bundle share $f -i $s.identity --signer $s --path '*' --to prk -o x.age
		denied "re-share, two persons" bundle share $f -i $s.identity --signer $s --path '*' --to prk --override 'we say so' --second $second -o x.age
		denied "case re-share" case share harbor -i $s.identity --signer $s --hit Implant --to prk -o x.age
		denied "case re-share, two persons" case share harbor -i $s.identity --signer $s --hit Implant --to prk --override 'we say so' --second $second -o x.age
		denied "rewrap of a share" bundle rewrap $f -i $s.identity --signer $s --to prk -o x.age
		# a release that PRK signs is not PHL's
		(as prk && "$BIN/picket-bundle" release ../phl/host.age --to prk --reason mine --signer prk -o rel -q 2> /dev/null) || true
		[ ! -e ../prk/rel ] || denied "by PRK's own release" bundle share $f -i $s.identity --signer $s --path '*' --to prk --release ../prk/rel -o x.age
	done
	# and what there is, PRK cannot open, list, check, salvage, share, import or lift out by hand
	as prk
	tool case init harbor -q
	n=0
	for f in ../phl/host.age ../phl/for-jpn.age ../phl/more.age ../jpn/for-usa.age; do
		denied "list" bundle list $f -i prk.identity
		denied "open" bundle open $f -i prk.identity -C out
		denied "cat" bundle cat $f /etc/passwd -i prk.identity
		denied "verify" bundle verify $f -i prk.identity
		denied "salvage" bundle salvage $f -i prk.identity -o out
		denied "share" bundle share $f -i prk.identity --signer prk --to prk --path '*' -o x.age
		denied "rewrap" bundle rewrap $f -i prk.identity --signer prk --to prk -o x.age
		denied "scan" scan --rules ../implant.yar --bundle $f -i prk.identity
		tool bundle decrypt -i prk.identity $f
		is 10 "no identity matches"
		[ -z "$output" ]
		n=$((n + 1))
	done
	[ $n -eq 4 ]
	tool case import harbor ../phl/host.age ../phl/for-jpn.age ../jpn/for-usa.age -i prk.identity
	[ "$status" -ne 0 ]
	tool case files harbor --json
	[ -z "$output" ]
	run -1 grep -ra -e THE-IMPLANT -e sshd_helper harbor
}
