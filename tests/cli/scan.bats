#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# picket-scan: hits like stock yara's, one outcome for every path, and nothing hostile that stops it.
bats_require_minimum_version 1.5.0

setup_file() {
	export XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build} TESTS=$PWD/tests DIR=$BATS_FILE_TMPDIR
	cat > "$DIR/r.yar" <<- 'END'
		rule hello : greeting { meta: author = "t" score = 70 strings: $a = "hello" condition: $a }
		rule elf { condition: uint32(0) == 0x464c457f }
	END
}
setup() { cd "$BATS_TEST_TMPDIR"; }

scan() { run --separate-stderr "$BIN/picket-scan" "$@"; }
json() { jq -r "$1" <<< "$output"; }
is() { [ "$1" = "$2" ] || { echo "is '$1', not '$2'"; echo "$stderr"; return 1; }; }

@test "RULE PATH lines, and exit 1" {
	mkdir t; echo "say hello" > t/a; echo nothing > t/b
	scan -q -r "$DIR/r.yar" t
	is "$status" 1; is "$output" "hello t/a"; is "$stderr" ""
	scan -q -s -r "$DIR/r.yar" t/a
	is "${lines[1]}" '0x4:$a: hello'
}

@test "clean is exit 0" {
	echo nothing > b
	scan -r "$DIR/r.yar" b
	is "$status" 0; is "$output" ""
}

@test "JSON: a hit and the summary" {
	mkdir t; echo "say hello" > t/a; echo nothing > t/b
	scan -q --json -r "$DIR/r.yar" t
	is "$(json 'select(.type == "hit") | [.rule, .namespace, .path, .tags[0], .meta.score, .strings[0].offset, .strings[0].data, .size] | @csv')" \
		'"hello","r.yar","t/a","greeting",70,4,"hello",10'
	is "$(json 'select(.type == "hit") | .sha256')" "$(sha256sum t/a | cut -d' ' -f1)"
	is "$(json 'select(.type == "summary") | [.complete, .scanned, .hits, .failed] | @csv')" 'true,2,1,0'
}

@test "a name that is not UTF-8 comes back whole" {
	mkdir t; echo hello > t/$'a\xff\n'
	scan -q --json -r "$DIR/r.yar" t
	is "$(json 'select(.type == "hit") | .path_b64' | base64 -d | xxd -p)" "$(printf 't/a\xff\n' | xxd -p)"
	scan -q -r "$DIR/r.yar" t
	is "$output" 'hello t/a\xff\x0a'
}

@test "no rules, bad options, no operand: exit 2" {
	scan x; is "$status" 2
	scan -r "$DIR/r.yar"; is "$status" 2
	scan -r "$DIR/absent.yar" x; [ "$status" -ne 0 ]
	[ "$status" -ne 1 ]
	[[ $stderr == *absent.yar* ]]
	mkdir empty; scan -r empty x; is "$status" 2; [[ $stderr == *"no *.yar"* ]]
}

@test "nothing scanned is not clean" {
	mkdir empty; scan -r "$DIR/r.yar" empty; is "$status" 3
	scan -r "$DIR/r.yar" absent; is "$status" 3; [[ $stderr == *absent*"No such file"* ]]
	mkfifo f; scan -r "$DIR/r.yar" f; is "$status" 3
}

@test "too large is skipped, said, and not clean" {
	mkdir t; echo x > t/a; truncate -s 3M t/big
	scan --json -r "$DIR/r.yar" --max-scan 2M t
	is "$status" 3
	is "$(json 'select(.type == "skipped") | [.path, .why] | @csv')" '"t/big","too-large"'
	is "$(json 'select(.type == "summary") | .skipped_by["too-large"]')" 1
}

@test "a signed PE file is scanned, whatever the time zone" {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -days 30 -subj '/CN=Picket test' 2> /dev/null
	openssl smime -sign -binary -nodetach -in c.pem -signer c.pem -inkey k.pem -outform DER -out s.der
	mkdir t
	python3 - s.der t/signed.exe <<- 'END'
		import struct, sys
		der = open(sys.argv[1], 'rb').read()
		cert = struct.pack('<IHH', 8 + len(der), 0x200, 2) + der
		cert += bytes(-len(cert) % 8)
		pe = b'MZ' + bytes(58) + struct.pack('<I', 64) + b'PE\0\0' + struct.pack('<HHIIIHH', 0x8664, 0, 0, 0, 0, 240, 0x22)
		pe += struct.pack('<HBBIIIIIQIIHHHHHHIIIIHHQQQQII', 0x20b, 14, 0, 0, 0, 0, 0, 0, 0x140000000, 4096, 512, 6, 0,
		    0, 0, 6, 0, 0, 4096, 512, 0, 3, 0, 1 << 20, 4096, 1 << 20, 4096, 0, 16)
		pe += b''.join(struct.pack('<II', *d) for d in [(0, 0)] * 4 + [(512, len(cert))] + [(0, 0)] * 11)
		open(sys.argv[2], 'wb').write(pe + bytes(512 - len(pe)) + cert)
	END
	local zone at
	echo 'import "pe" rule r { condition: pe.is_pe }' > r.yar
	at=$(TZ=UTC0 yara -D r.yar t/signed.exe | awk '$1 == "not_before" {print $3}')
	[ "$at" -gt 1700000000 ]
	echo "import \"pe\" rule signed { condition: pe.number_of_signatures == 1 and
		pe.signatures[0].subject contains \"Picket test\" and pe.signatures[0].not_before == $at }" > r.yar
	for zone in '' UTC0 Asia/Tokyo :/etc/localtime; do
		TZ=$zone scan -q --no-cache -r r.yar t
		is "$status" 1; is "$output" "signed t/signed.exe"; is "$stderr" ""
	done
	unset TZ
	scan -q --no-cache -r r.yar t
	is "$status" 1
}

@test "a large file does not stay resident while it is scanned" {
	peak() { # MiB; 1 is "hit"
		python3 -c 'import resource, subprocess, sys
r = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024 if r == 1 else "exit %d" % r)'  \
			"$BIN/picket-scan" -q --no-cache -r "$DIR/r.yar" "$1"
	}
	echo hello > small; truncate -s 200M large; echo hello >> large
	local of_small=$(peak small) of_large=$(peak large)
	echo "$of_small MiB, $of_large MiB"
	[ "$of_large" -lt $((of_small + 40)) ]
}

@test "FIFOs, sockets, devices and links in a tree do not stop it" {
	mkdir t; mkfifo t/fifo; ln -s /etc t/link; ln -s / t/root; ln -s loop t/loop; echo hello > t/z
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("t/sock")'
	mknod t/dev c 1 5 2>/dev/null || true
	run --separate-stderr timeout 20 "$BIN/picket-scan" --json -v -r "$DIR/r.yar" t
	is "$status" 1
	is "$(json 'select(.type == "summary") | [.complete, .scanned, .skipped_by.link] | @csv')" 'true,1,3'
}

@test "an unreadable file is failed, and the rest is scanned" {
	[ "$(id -u)" = 0 ] || skip "needs root, to be someone else"
	mkdir t; echo hello > t/a; echo hello > t/secret; chmod 755 . t; chmod 644 t/a; chmod 0 t/secret
	cp "$DIR/r.yar" r.yar; chmod 644 r.yar
	chmod o+x "$BATS_TEST_TMPDIR" "$DIR" "$BATS_RUN_TMPDIR" 2>/dev/null || true
	cp "$BIN/picket-scan" scan; chmod 755 scan
	run --separate-stderr setpriv --reuid=65534 --regid=65534 --clear-groups ./scan -r r.yar t
	[[ $stderr == *"cannot"* && $status -eq 126 ]] && skip "the folder is not reachable for others"
	is "$status" 1; is "$output" "hello t/a"
	[[ $stderr == *"'t/secret' was not scanned: unreadable"*"not complete"* ]]
}

@test "broken rules: named with file and line, the others load, and not clean" {
	mkdir r; cp "$DIR/r.yar" r/good.yar
	printf 'rule a { condition: true }\n\nrule bad { condition: $x }\n' > r/bad.yar
	printf 'import "magic"\nrule m { condition: magic.type() contains "x" }\n' > r/magic.yar
	printf '\nimport "cuckoo"\nrule c { condition: cuckoo.sync.mutex(/x/) }\n' > r/cuckoo.yar
	printf 'include "/etc/passwd"\n' > r/inc.yar
	echo hello > a; echo none > b
	scan -r r a
	is "$status" 1; is "$output" "hello a"
	[[ $stderr == *"'r/bad.yar', line 3: undefined string"* ]]
	[[ $stderr == *"'r/magic.yar', line 2: rule 'm' is left out: the module 'magic' would read"* ]]
	[[ $stderr == *"'r/cuckoo.yar', line 3: rule 'c' is left out: the module 'cuckoo' has no"* ]]
	[[ $stderr == *"'r/inc.yar'"* ]]
	scan -r r b; is "$status" 3
	scan --json -q -r r b
	is "$(json 'select(.type == "rule-error") | .path' | sort -u | wc -l)" 4
	is "$(json 'select(.type == "summary") | [.complete, .rule_files_broken, .rules_refused] | @csv')" 'false,2,2'
}

@test "a link or a pipe in a folder of rules is named, the others still count" {
	mkdir r; echo 'rule one { strings: $a = "hello" condition: $a }' > r/one.yar
	ln -s /etc/passwd r/link.yar; mkfifo r/pipe.yar; echo hello > x
	run --separate-stderr timeout 20 "$BIN/picket-scan" -r r x
	[ "$status" -eq 1 ]; [ "$output" = "one x" ]
	[[ $stderr == *"'r/link.yar'"*"it is a link, which is not followed"* ]]
	[[ $stderr == *"'r/pipe.yar' are neither a file nor a folder"* ]]
	run --separate-stderr "$BIN/picket-scan" --strict -r r x; [ "$status" -eq 2 ]
}

@test "--strict scans nothing with a broken file" {
	printf 'rule bad {' > bad.yar; echo hello > a
	scan --strict -r "$DIR/r.yar" -r bad.yar a
	is "$status" 2; is "$output" ""; [[ $stderr == *bad.yar* ]]
}

@test "compiled rules are refused" {
	yarac "$DIR/r.yar" c.yar; echo hello > a
	scan -r c.yar a
	[ "$status" -ne 0 ]
	[ "$status" -ne 1 ]
	[[ $stderr == *compiled* ]]
}

@test "a folder's rules are known by their names in either case" {
	mkdir -p r/Sub; echo hello > a
	for f in a.YAR b.Yara c.yar Sub/d.yArA; do
		n=$(basename "$f" | cut -c1)
		echo "rule rule_$n { strings: \$a = \"hello\" condition: \$a }" > "r/$f"
	done
	run --separate-stderr "$BIN/picket-scan" -q -r r a
	[ "$(cut -d' ' -f1 <<< "$output" | sort | tr '\n' ' ')" = "rule_a rule_b rule_c rule_d " ]
	rm -r r/c.yar r/Sub
	run --separate-stderr "$BIN/picket-scan" -q -r r a
	[ "$status" -eq 1 ]
}

@test "includes beneath the folder work, others do not" {
	mkdir -p r/sub; echo 'include "sub/b.yar"' > r/a.yar; echo 'include "c.yar"' > r/sub/b.yar
	cp "$DIR/r.yar" r/sub/c.yar; echo 'include "../outside.yar"' > r/out.yar; cp "$DIR/r.yar" outside.yar
	echo hello > x
	scan -q -r r x
	is "$status" 1; is "$output" "hello x"
	scan -q -r r/a.yar x
	is "$output" "hello x"
	scan -r r/out.yar x
	[[ $stderr == *out.yar* ]]
	[ "$status" -ne 0 ]
	[ "$status" -ne 1 ]
}

@test "external variables are THOR's" {
	mkdir -p t/www; printf 'MZ' > t/www/Shell.PHP
	cat > e.yar <<- 'END'
		rule e { condition: filename == "Shell.PHP" and filepath == "t/www" and extension == ".php" and filetype == "EXE" and owner != "" }
	END
	scan -q -r e.yar t
	is "$output" "e t/www/Shell.PHP"
}

@test "entrypoint does not leak from one file to the next" {
	cp /bin/true a; echo x > b; cp /bin/true c
	echo 'rule ep { condition: entrypoint > 0 }' > ep.yar
	scan -q -p 1 -r ep.yar .
	is "$output" "$(printf 'ep ./a\nep ./c')"
}

@test "a file that shrinks while it is scanned is one failed file" {
	mkdir t; head -c 12M /dev/urandom > t/s; echo hello > t/z
	echo 'rule slow { strings: $a = /[a-z]{3,9}[0-9]{2,9}xq/ $b = "hello" condition: $a or $b }' > s.yar
	for i in $(seq 10); do
		head -c 12M /dev/zero > t/s
		(for k in $(seq 40); do truncate -s 0 t/s; truncate -s 12M t/s; done) &
		run --separate-stderr "$BIN/picket-scan" -r s.yar t
		wait
		is "$status" 1
		is "$output" "slow t/z"
	done
}

@test "files that vanish are outcomes" {
	mkdir t
	for i in $(seq 5); do
		for k in $(seq 300); do echo x > "t/$k"; done
		echo hello > t/zz
		(rm -f t/[0-9]*) &
		run --separate-stderr "$BIN/picket-scan" --json -r "$DIR/r.yar" t
		wait
		is "$status" 1
		is "$(json 'select(.type == "hit") | .path')" t/zz
		is "$(json 'select(.type == "failed") | .why' | grep -cvx vanished || true)" 0
	done
}

@test "a scanner that is killed costs nothing but time" {
	mkdir t; for i in $(seq 400); do head -c 200000 /dev/urandom > "t/$i"; done; echo hello > t/x
	echo 'rule r { strings: $a = /[a-f]{2,30}[0-9]{2,30}zzq/ $b = "hello" condition: $a or $b }' > s.yar
	"$BIN/picket-scan" --json --cpu 30 -r s.yar t > out 2> err & # slowly: it is there when it is to be killed
	pid=$!
	for i in $(seq 100); do # the one that was seen may have given way to another already
		kid=$(pgrep -P $pid -x picket-scanner | head -1) && [ -n "$kid" ] && kill -SEGV "$kid" && break
		sleep 0.02
	done
	[ "$i" -lt 100 ]
	wait $pid || true
	is "$(jq -r 'select(.type == "summary") | [.scanned + .failed, .hits] | @csv' out)" "401,1"
	[ "$(jq -r 'select(.type == "summary") | .failed' out)" -le 1 ]
}

@test "a rule that does not end costs its file, in time" {
	mkdir t; printf abc > t/a; echo hello > t/b
	echo 'rule slow { condition: filesize == 3 and for all i in (1..100000000000) : (i > 0) }' > s.yar
	SECONDS=0
	scan --json -a 1 -r s.yar -r "$DIR/r.yar" t
	[ $SECONDS -lt 15 ]
	is "$status" 1
	is "$(json 'select(.type == "summary") | [.complete, .hits] | @csv')" 'false,1'
}

@test "hits are stock yara's: a sample of make check-parity" {
	RULES=400 CHUNK=400 FILES=40 REAL=50 EXTERNALS=10 SEED=11 "$TESTS/parity/run.sh" > parity || { cat parity; return 1; }
	[ "$(grep -c ^ok parity)" -eq 12 ]
}

@test "hits are stock yara's over a system's files" {
	find /usr/share/perl /usr/bin /etc -type f | sort > list
	cat > s.yar <<- 'END'
		rule elf { strings: $a = { 7f 45 4c 46 } condition: $a at 0 }
		rule sh { strings: $a = "#!/bin/sh" condition: $a at 0 }
		rule gpl { strings: $a = "GNU General Public License" nocase condition: $a }
		rule pw { strings: $a = /passw(or)?d\s*=/ nocase condition: $a and filesize < 1MB }
	END
	yara -N -w -p 2 --scan-list s.yar list | sort > want
	"$BIN/picket-scan" -q -r s.yar /usr/share/perl /usr/bin /etc | sort > got || true
	cmp want got || { diff want got | head; return 1; }
}
