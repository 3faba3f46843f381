#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Indicator sets in a kit and in a collection: what hits is in the bundle and in the case.
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build} W=$BATS_FILE_TMPDIR
	export XDG_CONFIG_HOME=$W/station ID=$W/station/lead.identity
	umask 077
	mkdir -p "$W/station" "$W/out" "$W/ioc" "$W/root/etc" "$W/root/var/log" "$W/root/opt/x"
	cd "$W/station"
	"$BIN/picket-key" new lead --org CPT-7 --nation USA -q
	cd "$W/root"
	printf 'root:x:0:0:root:/root:/bin/sh\n' > etc/passwd
	printf '10.9.8.7 update.evil.com # x\n' > etc/hosts
	head -c 6000000 /dev/zero | tr '\0' x > var/log/syslog
	printf 'bad cron\n' > etc/crontab
	: > opt/x/implant.so
	mkfifo opt/x/implant.pipe
	printf '# Case 7\nevil.com;80\n10.9.8.0/24;60;hop\n' > "$W/ioc/case7-c2.txt"
	printf '\\\\implant\\.(so|pipe)$;90\n' > "$W/ioc/my filename iocs.txt"
	{ sha1sum < etc/crontab; md5sum < var/log/syslog; } | cut -d' ' -f1 > "$W/ioc/hash.txt"
	sha256sum < etc/hosts | cut -d' ' -f1 > "$W/trusted-hash.txt"
	cd "$W/station"
	"$BIN/picket-kit" build --mission HARBOR --signer lead --to lead --tlp AMBER --rel-to USA --profile full \
		--ioc "$W/ioc" -o "$W/kit" 2> "$W/build.err" || { cat "$W/build.err"; false; }
	cd "$W/out"
	timeout 120 "$W/kit" --root "$W/root" --json > "$W/summary.json" 2> "$W/kit.err" || echo $? > "$W/rc"
	export BUNDLE=$(jq -r .path "$W/summary.json")
	records "$BUNDLE" > "$W/records"
}

# The record log of a bundle, by stock tools.
records() { age -d -i "$ID" "$1" | tar --zstd -xO --wildcards 'meta/records-*'; }
is() { [ "$1" = "$2" ] || { echo "is '$1', not '$2'"; return 1; }; }

@test "build says how much goes in, show lists it, the kit needs nothing beside it" {
	grep -q '2 hashes and 3 other indicators go into the kit' "$W/build.err"
	"$BIN/picket-kit" show "$W/kit" | grep -q 'ioc/.*/my_filename_iocs.txt'
	[ ! -e "$W/rc" ]
}

@test "contents, rows, hashes of small and large files, and names of what is only described" {
	# etc/hosts hits twice: as a content, and as rows of the table etc_hosts
	is "$(jq -r 'select(.t == "h") | [.rule, .namespace, .meta.indicator] | @tsv' "$W/records" | sort)" \
		"$(printf 'ioc:domain\tcase7-c2.txt\tevil.com
ioc:filename\tmy_filename_iocs.txt\t%s
ioc:filename\tmy_filename_iocs.txt\t%s
ioc:hash\thash.txt\t%s
ioc:hash\thash.txt\t%s
ioc:domain\tcase7-c2.txt\tevil.com
ioc:network\tcase7-c2.txt\t10.9.8.0/24
ioc:network\tcase7-c2.txt\t10.9.8.0/24' '\\\\implant\\.(so|pipe)$' '\\\\implant\\.(so|pipe)$' \
			"$(sha1sum < "$W/root/etc/crontab" | cut -d' ' -f1)" "$(md5sum < "$W/root/var/log/syslog" | cut -d' ' -f1)" | LC_ALL=C sort)"
	# of: the path's record, or the content's
	of=$(jq -r 'select(.t == "h" and .meta.description == "hop" and .row == null) | .of' "$W/records")
	is "$(jq -r --argjson of "$of" 'select(.i == $of) | .sha256' "$W/records")" "$(sha256sum < "$W/root/etc/hosts" | cut -d' ' -f1)"
	of=$(jq -r 'select(.t == "h" and .rule == "ioc:filename") | .of' "$W/records")
	for i in $of; do jq -r --argjson of "$i" 'select(.i == $of) | .path' "$W/records"; done | sort > "$W/paths"
	is "$(cat "$W/paths")" "/opt/x/implant.pipe
/opt/x/implant.so"
	is "$(jq -r 'select(.t == "e" and .event == "indicators") | [.set, .taken, .not_evaluated] | @tsv' "$W/records")" \
		"$(printf 'case7-c2.txt\t2\t0\nhash.txt\t2\t0\nmy_filename_iocs.txt\t1\t0')"
	of=$(jq -r 'select(.t == "h" and .meta.description == "hop" and .row == 0) | .of' "$W/records")
	is "$(jq -r --argjson of "$of" 'select(.i == $of) | .table' "$W/records")" etc_hosts
	is "$(jq .hits "$W/summary.json")" 8
}

@test "the bundle verifies, and the case shows the hits" {
	"$BIN/picket-bundle" verify "$W/out/$BUNDLE" -i "$ID"
	"$BIN/picket-case" init "$W/h.case" -q
	"$BIN/picket-case" import "$W/h.case" "$W/out/$BUNDLE" -i "$ID" -q
	is "$("$BIN/picket-case" hits "$W/h.case" --json | jq -r .rule | sort | uniq -c | awk '{print $1, $2}')" "2 ioc:domain
2 ioc:filename
2 ioc:hash
2 ioc:network"
}

@test "--ioc without a kit; known-good contents are marked, not left out" {
	mkdir -p "$W/out2"; cd "$W/out2"
	"$BIN/picket-collect" --root "$W/root" --profile full --to lead --unsigned --ioc "$W/ioc" --ioc "$W/trusted-hash.txt" -q --json > s.json
	is "$(records "$(jq -r .path s.json)" | jq -r 'select(.t == "h" and .known_good) | .rule' | sort)" "ioc:domain
ioc:network"
	is "$(jq .hits s.json)" 8
}

@test "rows of live tables: addresses, command lines, hashes" {
	[ "$(id -u)" = 0 ] || skip "needs root for other processes' sockets"
	cd "$W"
	: > ready
	python3 -c 'import time
print("ready", flush=True); time.sleep(60)' update.evil.com > ready 3>&- &
	pid=$!
	for _ in {1..50}; do [ -s ready ] && break; sleep 0.1; done
	sha256sum "$(readlink -f "/proc/$pid/exe")" > exe-hash.txt
	mkdir -p out3; cd out3
	"$BIN/picket-collect" --profile minimal --no-walk --to lead --unsigned --ioc "$W/ioc" --ioc "$W/exe-hash.txt" \
		--table processes --table hash -q --json > s.json || [ $? -eq 3 ]
	kill "$pid"
	records "$(jq -r .path s.json)" > records
	of=$(jq -r 'select(.t == "h" and .rule == "ioc:domain" and .strings[0].name == "cmdline") | .of' records | head -1)
	is "$(jq -r --argjson of "$of" 'select(.i == $of) | [.t, .table] | @tsv' records)" "$(printf 'l\tprocesses')"
	row=$(jq -r --argjson of "$of" 'select(.t == "h" and .of == $of and .rule == "ioc:domain") | .row' records | head -1)
	member=$(jq -r --argjson of "$of" 'select(.i == $of) | .member' records)
	age -d -i "$ID" "$(jq -r .path s.json)" | tar --zstd -xO "$member" | sed -n "$((row + 1))p" | grep -q evil.com
	jq -c 'select(.t == "h" and .rule == "ioc:hash" and .row != null) | .strings[0].name' records | grep -q sha256
}

@test "a kit is not built from a set that cannot be used, nor changed by --ioc" {
	cd "$W/station"
	printf 'evil.exe;60\n' > "$W/case7.txt"
	run "$BIN/picket-kit" build --mission M --signer lead --to lead --ioc "$W/case7.txt" -o "$W/bad"
	[ "$status" -eq 2 ]; [[ $output == *"'case7.txt' cannot be used"* ]]; [ ! -e "$W/bad" ]
	run "$W/kit" --root "$W/root" --ioc "$W/ioc"
	[ "$status" -eq 2 ]; [[ $output == *"--ioc cannot change it"* ]]
}

@test "--lock-rules wraps the sets too" {
	cd "$W/station"
	"$BIN/picket-kit" build --mission M --signer lead --to lead --profile full --ioc "$W/ioc" --lock-rules -o "$W/locked" \
		--passphrase-fd 3 -q 3<<< $'s3cret\ns3cret'
	run -1 grep -a evil.com "$W/locked"
	mkdir -p "$W/out4"; cd "$W/out4"
	"$W/locked" --root "$W/root" --passphrase-fd 3 --json -q 3<<< s3cret > s.json
	is "$(jq .hits s.json)" 8
}
