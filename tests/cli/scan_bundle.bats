#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# picket-scan --bundle: the hits, paths and variables of a scan of what was sealed; what stands against believing it is said
# and never clean. Sealed files that are met in a tree are not clean either.
bats_require_minimum_version 1.5.0
load damage

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	export BIN=${BIN:-$PWD/build} DIR=$BATS_FILE_TMPDIR
	export XDG_CONFIG_HOME=$DIR/station XDG_CACHE_HOME=$DIR/cache ID=$DIR/station/lead.identity
	umask 077
	mkdir -p "$DIR/station" "$DIR/other" "$DIR/tree/sub" "$DIR/clean"
	(cd "$DIR/station" && "$BIN/picket-key" new lead --org CPT-7 --nation USA -q)
	(cd "$DIR/other" && XDG_CONFIG_HOME=$DIR/other "$BIN/picket-key" new ally --org X --nation JPN -q)
	cd "$DIR/tree" || return 1
	echo 'say hello' > a.txt
	ln a.txt sub/Linked.PHP
	cp a.txt sub/copy
	chmod 4755 sub/copy
	: > empty
	echo nothing > $'sub/n\xff\n'
	echo hello > $'sub/h\xff\n'
	truncate -s 6M sparse
	printf hello | dd of=sparse bs=1 seek=5000000 conv=notrunc status=none
	{ head -c 4194304 /dev/zero; echo hello; } > large
	head -c 9000000 /dev/urandom > random
	(cd sub && tar czf ../packed.tgz copy)
	ln -s a.txt link
	mkfifo fifo
	cat > "$DIR/r.yar" <<- 'END'
		rule hello { meta: score = 70 strings: $a = "hello" condition: $a }
		rule linked { condition: filename == "Linked.PHP" and extension == ".php" and filepath endswith "/tree/sub" }
		rule setuid { condition: filemode & 0o4000 != 0 and permissions == "-rwsr-xr-x" }
		rule mine { condition: owner == "ME" and filetype != "EXE" and uint8(0) == 0x73 }
		rule young { condition: age >= 0.0 and age < 1.0 and filename == "a.txt" }
		rule zeros { strings: $z = { 00 00 00 00 00 68 65 6c 6c 6f } condition: $z at 4999995 or filesize == 6291456 }
	END
	sed -i "s/ME/$(id -un)/" "$DIR/r.yar"
	echo 'rule hello { strings: $a = "hello" condition: $a }' > "$DIR/hello.yar"
	echo nothing > "$DIR/clean/file"
	cd "$DIR" || return 1
	seal tree.age "$DIR/tree" --signer lead
	seal clean.age "$DIR/clean" --signer lead
	seal unsigned.age "$DIR/clean" --unsigned
}
seal() { (cd "$DIR/station" && "$BIN/picket-bundle" seal "$2" --to lead "${@:3}" -o "$DIR/$1" -q); }
setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

scan() { run --separate-stderr "$BIN/picket-scan" "$@"; }
is() { [ "$1" = "$2" ] || { echo "is '$1', not '$2'"; echo "$stderr"; return 1; }; }
has() { [[ $1 == *"$2"* ]] || { echo "'$2' is not in '$1'"; return 1; }; }
json() { jq -r "$1" <<< "$output"; }
hits() { "$BIN/picket-scan" -q --json --paths "$@" | jq -c 'select(.type == "hit" or .type == "scanned" or .type == "skipped" or .type == "failed") |
	del(.bundle, .mtime, .ctime, .user, .group)' | sort; }

@test "the hits, paths, strings, hashes and outcomes of a scan of the tree" {
	hits -r "$DIR/r.yar" "$DIR/tree" > want || true
	hits -r "$DIR/r.yar" -i "$ID" --bundle "$DIR/tree.age" > got || true
	# a file system may not say when a file was made
	cmp want got || { diff want got | cut -c1-300; return 1; }
	[ "$(grep -c '"type":"hit"' want)" -ge 12 ]
	hits --archives -r "$DIR/r.yar" "$DIR/tree" > want || true
	hits --archives -r "$DIR/r.yar" -i "$ID" --bundle "$DIR/tree.age" > got || true
	cmp want got || { diff want got | cut -c1-300; return 1; }
	grep -q 'packed.tgz!/copy' got
	hits -p 1 --partition always -r "$DIR/r.yar" -i "$ID" --bundle "$DIR/tree.age" > got || true
	hits -r "$DIR/r.yar" "$DIR/tree" > want || true
	cmp want got
}

@test "text: RULE PATH; with more than one thing to scan the bundle is named" {
	scan -q -r "$DIR/hello.yar" -i "$ID" --bundle "$DIR/tree.age" --exclude sub --exclude 'sparse' --exclude large
	is "$status" 1; is "$output" "hello $DIR/tree/a.txt"
	scan -q -r "$DIR/hello.yar" -i "$ID" --bundle "$DIR/tree.age" --bundle "$DIR/clean.age" --exclude sub --exclude sparse --exclude large
	is "$status" 1; is "$output" "hello $DIR/tree.age:$DIR/tree/a.txt"
}

@test "JSON: the bundle, its id at every hit, the summary" {
	scan -q --json -r "$DIR/hello.yar" -i "$ID" --bundle "$DIR/tree.age"
	is "$status" 1
	id=$("$BIN/picket-bundle" verify "$DIR/tree.age" -i "$ID" --json | jq -r .id)
	is "$(json 'select(.type == "hit") | .bundle' | sort -u)" "$id"
	is "$(json 'select(.type == "bundle") | [.path, .bundle, .signature, .issuer, .label] | @csv')" "\"$DIR/tree.age\",\"$id\",\"ok\",\"lead\",\"unlabelled\""
	is "$(json 'select(.type == "summary") | [.complete, .bundles, .bundles_untrusted, .skipped_by.link, .skipped_by.special] | @csv')" 'true,1,0,1,1'
}

@test "clean and trusted is exit 0; what nobody vouches for is said and never clean" {
	scan -r "$DIR/hello.yar" -i "$ID" --bundle "$DIR/clean.age"
	is "$status" 0; is "$output" ""; [[ $stderr == *"'$DIR/clean.age': unlabelled"* ]]
	scan -r "$DIR/hello.yar" -i "$ID" --bundle "$DIR/unsigned.age"
	is "$status" 3; has "$stderr" "NOT TRUSTED, unsigned"
	scan -q --json -r "$DIR/hello.yar" -i "$ID" --bundle "$DIR/unsigned.age"
	is "$(json 'select(.type == "summary") | [.verdict, .bundles_untrusted] | @csv')" '"incomplete",1'
	XDG_CONFIG_HOME=$DIR/other scan -r "$DIR/hello.yar" -i "$ID" --bundle "$DIR/clean.age"
	is "$status" 3; has "$stderr" "NOT TRUSTED, unknown issuer"
	scan -r "$DIR/hello.yar" -i "$ID" --roster "$DIR/other/picket/roster" --bundle "$DIR/clean.age"
	is "$status" 3; has "$stderr" "NOT TRUSTED, unknown issuer"
	XDG_CONFIG_HOME=$DIR/nobody scan -r "$DIR/hello.yar" -i "$ID" --bundle "$DIR/clean.age"
	is "$status" 3; has "$stderr" "NOT TRUSTED"
	# without what lies beside it
	cp "$DIR/clean.age" alone.age
	scan -r "$DIR/hello.yar" -i "$ID" --bundle alone.age
	is "$status" 3; has "$stderr" "NOT TRUSTED, unsigned"
	# with another's ticket beside it
	cp "$DIR/clean.age" x.age
	for s in minisig ticket ticket.minisig; do cp "$DIR/tree.age.$s" "x.age.$s"; done
	scan -r "$DIR/hello.yar" -i "$ID" --bundle x.age
	is "$status" 3; has "$stderr" "x.age"
	# hits are told all the same
	cp "$DIR/tree.age" t.age
	scan -r "$DIR/hello.yar" -i "$ID" --bundle t.age
	is "$status" 1; has "$stderr" "NOT TRUSTED"; has "$stderr" "not complete"
}

@test "another identity, none, a damaged, a cut, no bundle, no file: said, counted, never clean" {
	scan -r "$DIR/hello.yar" -i "$DIR/other/ally.identity" --bundle "$DIR/clean.age"
	is "$status" 3; has "$stderr" "'$DIR/clean.age' was not scanned: no-identity"
	scan -r "$DIR/hello.yar" --bundle "$DIR/clean.age"
	is "$status" 3; has "$stderr" "give -i IDENTITY"
	size=$(stat -c %s "$DIR/clean.age")
	for at in 400 2000 $((size / 2)) $((size - 40)); do
		cp "$DIR/clean.age" bad.age
		flip bad.age "$at"
		cmp -s "$DIR/clean.age" bad.age && continue
		scan --json -q -r "$DIR/hello.yar" -i "$ID" --bundle bad.age
		is "$status" 3
		is "$(json 'select(.type == "failed") | .why')" bundle-damaged
		is "$(json 'select(.type == "summary") | .verdict')" incomplete
	done
	for n in 100 1000 $((size / 2)) $((size - 1)); do
		head -c "$n" "$DIR/clean.age" > cut.age
		scan -r "$DIR/hello.yar" -i "$ID" --bundle cut.age
		is "$status" 3; has "$stderr" "'cut.age' was not scanned"
	done
	echo hello > plain
	scan -r "$DIR/hello.yar" -i "$ID" --bundle plain
	is "$status" 3; has "$stderr" "is no sealed bundle"
	scan -r "$DIR/hello.yar" -i "$ID" --bundle absent.age
	is "$status" 3; has "$stderr" absent.age
	# the others are scanned
	scan -r "$DIR/hello.yar" -i "$ID" --bundle cut.age --bundle "$DIR/clean.age" --bundle "$DIR/tree.age" "$DIR/clean"
	is "$status" 1; has "$output" "hello $DIR/tree.age:$DIR/tree/a.txt"; has "$stderr" "1 failed: not complete"
}

@test "an identity that is wrapped in a passphrase" {
	echo secret > pass
	(cd "$DIR/station" && "$BIN/picket-key" new wrapped --org X --nation USA --passphrase --passphrase-fd 3 --signer lead -q 3< "$OLDPWD/pass" &&
		"$BIN/picket-bundle" seal "$DIR/clean" --to wrapped --signer lead -o "$DIR/w.age" -q)
	scan -r "$DIR/hello.yar" -i "$DIR/station/wrapped.identity" --passphrase-fd 3 --bundle "$DIR/w.age" 3<<< secret
	is "$status" 0
	scan -r "$DIR/hello.yar" -i "$DIR/station/wrapped.identity" --passphrase-fd 3 --bundle "$DIR/w.age" 3<<< wrong
	[ "$status" -gt 1 ]; [ -n "$stderr" ]
}

@test "outcomes of the records: denied, partial and left out are no clean scan; what was not asked for is" {
	mkdir -p root/etc root/opt
	printf 'root:x:0:0::/root:/bin/sh\n' > root/etc/passwd
	printf '#%.0s' {1..5000} > root/etc/fstab
	echo hello > root/opt/x
	collect() { (cd "$DIR/station" && "$BIN/picket-collect" -q --root "$OLDPWD/root" --no-live --to lead --signer lead.signkey "$@" -o "$OLDPWD/c.age") || true; }
	collect --profile minimal --walk
	scan -q --json -r "$DIR/hello.yar" -i "$ID" --bundle c.age
	is "$status" 0
	[ "$(json 'select(.type == "summary") | .skipped_by.metadata')" -ge 1 ]
	rm c.age*
	collect --max-file 100 --profile minimal
	scan -q --json -r "$DIR/hello.yar" -i "$ID" --bundle c.age
	is "$status" 3
	is "$(json 'select(.type == "failed") | [.path, .why, .detail] | @csv')" '"/etc/fstab","partial","limit: the first 100 bytes"'
}

@test "what could not be read when it was sealed is failed here as well" {
	[ "$(id -u)" = 0 ] || skip "needs root, to give a file away"
	unshare -r true 2> /dev/null || skip "no user namespaces here"
	mkdir d; echo hello > d/mine; echo hello > d/theirs; chown 4321 d/theirs; chmod 600 d/theirs; mkdir d/sub; chown 4321 d/sub; chmod 700 d/sub
	# root of a namespace in which their user does not exist
	(cd "$DIR/station" && unshare -r "$BIN/picket-bundle" seal "$OLDPWD/d" --to lead --unsigned -o "$OLDPWD/d.age" -q) || true
	scan -q --json -r "$DIR/hello.yar" -i "$ID" --bundle d.age
	is "$status" 1
	is "$(json 'select(.type == "failed") | [.path, .why] | @csv' | sort)" "$(printf '"%s/d/sub","denied"\n"%s/d/theirs","denied"' "$PWD" "$PWD")"
	is "$(json 'select(.type == "summary") | [.complete, .failed] | @csv')" false,2
	# a folder whose names cannot be had says so itself, here and where the collector walks
	run --separate-stderr "$BIN/picket-bundle" list --json -i "$ID" d.age
	is "$(json 'select(.outcome == "denied") | [.kind, (.why | split(": ")[-1])] | @csv' | sort)" "$(printf '"dir","Permission denied"\n"file","Permission denied"')"
	(cd "$DIR/station" && unshare -r "$BIN/picket-collect" --root "$OLDPWD/d" --walk --no-scan --profile minimal --to lead --unsigned -o "$OLDPWD/w.age" -q) || true
	run --separate-stderr "$BIN/picket-bundle" list --json -i "$ID" w.age
	is "$(json 'select(.path == "/sub") | [.kind, .outcome, .why] | @csv')" '"dir","denied","Permission denied"'
}

@test "indicators: hashes and names of what is in it" {
	printf '\\\\Linked\\.PHP$;90\n' > filename-iocs.txt
	sha256sum < "$DIR/tree/large" | cut -d' ' -f1 > hash.txt
	scan -q --ioc filename-iocs.txt --ioc hash.txt -i "$ID" --bundle "$DIR/tree.age"
	is "$status" 1
	is "$(sort <<< "$output")" "$(printf 'ioc:filename %s/tree/sub/Linked.PHP\nioc:hash %s/tree/large' "$DIR" "$DIR")"
}

@test "indicators in rows of live tables" {
	mkdir -p root/etc
	printf '10.9.8.7 update.evil.com\n' > root/etc/hosts
	echo 'evil.com;80' > c2.txt
	"$BIN/picket-collect" -q --root root --profile minimal --to "$DIR/station/lead.recipient" --signer "$DIR/station/lead.signkey" -o c.age || true
	scan -q --ioc c2.txt -i "$ID" --bundle c.age
	is "$status" 1
	has "$output" "ioc:domain /etc/hosts"; has "$output" "ioc:domain live/etc_hosts-0000.jsonl"
}

@test "hashes in rows of live tables, with hash lists alone" {
	cp "$(command -v sleep)" own && echo >> own # no other process is of this program
	./own 60 3>&- &
	sha256sum own > hash.txt
	"$BIN/picket-collect" -q --profile minimal --no-walk --no-scan --table hash --to "$DIR/station/lead.recipient" \
		--signer "$DIR/station/lead.signkey" -o c.age || true
	kill $!
	scan -q --json --ioc hash.txt -i "$ID" --bundle c.age
	is "$status" 1
	is "$(json 'select(.type == "hit" and .path == "live/hash-0000.jsonl") | [.rule, .strings[0].name] | @csv')" '"ioc:hash","sha256"'
}

@test "--changed: what an earlier scan of a bundle knows is told again, not scanned" {
	known=(-q --json --paths -r "$DIR/r.yar" -i "$ID" --changed S --bundle)
	told() { json 'select(.type == "hit") | del(.seen) | tojson' | sort; }
	scan "${known[@]}" "$DIR/tree.age"; first=$(told)
	is "$(json 'select(.type == "summary") | .skipped_by.unchanged')" null
	n=$(json 'select(.type == "summary") | .scanned')
	grep -qE '"path":"bundle:[0-9a-f]{32}:[0-9a-f]{64}:/' S
	for i in 1 2; do
		scan "${known[@]}" "$DIR/tree.age"
		is "$status" 1
		is "$(told)" "$first"
		is "$(json 'select(.type == "summary") | [.scanned, .skipped_by.unchanged, .complete] | @csv')" "0,$n,true"
		is "$(json 'select(.type == "hit") | has("seen") and has("bundle")' | sort -u)" true
	done
	# another bundle, and files, beside it
	mkdir t; echo hello > t/a; sleep 0.2
	scan "${known[@]}" "$DIR/tree.age" --bundle "$DIR/clean.age" t
	is "$(json 'select(.type == "summary") | [.scanned, .skipped_by.unchanged] | @csv')" "2,$n"
	scan "${known[@]}" "$DIR/tree.age" --bundle "$DIR/clean.age" t
	is "$(json 'select(.type == "summary") | [.scanned, .skipped_by.unchanged] | @csv')" "0,$((n + 2))"
	# the same tree in another bundle, and other rules
	seal again.age "$DIR/tree" --signer lead
	scan "${known[@]}" "$DIR/again.age"
	is "$(json 'select(.type == "summary") | [.scanned, .skipped_by.unchanged] | @csv')" "$n,"
	scan -q --json -r "$DIR/hello.yar" -i "$ID" --changed S --bundle "$DIR/again.age"
	is "$(json 'select(.type == "summary") | [.scanned, .skipped_by.unchanged] | @csv')" "$n,"
}

@test "--resume: goes on in the midst of a bundle" {
	scan -q --json -r "$DIR/r.yar" -i "$ID" --resume S --bundle "$DIR/tree.age"
	first=$(json 'select(.type == "hit") | del(.seen) | tojson' | sort); n=$(json 'select(.type == "summary") | .scanned')
	mv S S.journal; truncate -s -100 S.journal
	scan -q --json -r "$DIR/r.yar" -i "$ID" --resume S --bundle "$DIR/tree.age"
	is "$status" 1
	is "$(json 'select(.type == "hit") | del(.seen) | tojson' | sort)" "$first"
	is "$(json 'select(.type == "summary") | [.scanned, .skipped_by.unchanged] | @csv')" "1,$((n - 1))"
	scan -q -r "$DIR/r.yar" -i "$ID" --resume S
	is "$status" 2
}

@test "a share: what it is part of is named" {
	"$BIN/picket-key" roster add "$DIR/other/ally.party" --signer "$DIR/station/lead" --yes -q
	(cd "$DIR/station" && "$BIN/picket-bundle" seal "$DIR/tree" --to lead --signer lead --tlp CLEAR -o "$DIR/open.age" -q &&
		"$BIN/picket-bundle" share "$DIR/open.age" -i lead.identity --signer lead --to lead --path '*/a.txt' --reason x -o "$DIR/share.age" -q)
	id=$("$BIN/picket-bundle" verify "$DIR/open.age" -i "$ID" --json | jq -r .id)
	scan -q --json -r "$DIR/hello.yar" -i "$ID" --bundle "$DIR/share.age"
	is "$status" 1
	is "$(json 'select(.type == "hit") | [.path, .bundle] | @csv' | head -1)" "\"$DIR/tree/a.txt\",\"$id\""
}

@test "contents never touch a disk" {
	command -v strace > /dev/null || skip "strace is not installed"
	[ "$(id -u)" = 0 ] || skip "needs root: others cannot read the names that a tool opens in its memory"
	strace -f -o trace -e trace=openat,open,creat,openat2 "$BIN/picket-scan" -q --archives --no-cache -r "$DIR/r.yar" -i "$ID" --bundle "$DIR/tree.age" > out || true
	grep -q hello out
	if grep -E 'O_(WRONLY|RDWR)|creat\(' trace | grep -vE '"/dev/(tty|null)"|ENOENT|"/proc/'; then return 1; fi
}

@test "options that need each other" {
	scan -r "$DIR/hello.yar" -i "$ID" "$DIR/clean"; is "$status" 2; has "$stderr" "--bundle"
	scan -r "$DIR/hello.yar" --explain hello --bundle "$DIR/clean.age" x; is "$status" 2
}

@test "a sealed file in a tree: scanned as bytes, and its content said not to be" {
	mkdir t; cp "$DIR/clean.age" t/b.age; echo nothing > t/x
	scan --json -r "$DIR/hello.yar" t
	is "$status" 3; has "$stderr" "'t/b.age!/' was not scanned: encrypted"
	is "$(json 'select(.type == "summary") | [.verdict, .scanned, .skipped_by.encrypted] | @csv')" '"incomplete",2,1'
	echo 'rule sealed { condition: filetype == "AGE" } rule header { strings: $a = "age-encryption.org/v1" condition: $a at 0 }' > age.yar
	scan -q -r age.yar t
	is "$status" 1; is "$output" "$(printf 'sealed t/b.age\nheader t/b.age')"
	# armored, in an archive
	age -a -R "$DIR/station/lead.recipient" -o t/x.age t/x; tar cf t.tar t/x.age
	scan --archives -r "$DIR/hello.yar" t.tar
	is "$status" 3; has "$stderr" "'t.tar!/t/x.age!/' was not scanned: encrypted"
	# only the beginning of a file counts
	echo ' age-encryption.org/v1' > y; scan -r "$DIR/hello.yar" y; is "$status" 0
}
