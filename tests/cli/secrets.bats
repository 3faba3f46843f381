#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Secrets of tools at work: not in core images, swap, argv, environment, output, children; files for their owner only.
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	export BIN=${BIN:-$PWD/build} TOP=$PWD
	umask 022
	cd "$BATS_FILE_TMPDIR" || return
	export XDG_CONFIG_HOME=$PWD/c
	"$BIN/picket-key" new lead --nation USA -q
	"$BIN/picket-key" ticket --signer lead --to lead --mission HARBOR --uses many -o visit -q
	echo 'a passphrase that is long enough to look for' > lock.pass
	"$BIN/picket-key" new locked --nation USA --signer lead --passphrase --passphrase-fd 3 -q 3< lock.pass
	mkdir -p root/var/log root/etc out
	head -c 30000000 /dev/urandom > root/var/log/syslog
	echo 'root:x:0:0:root:/root:/bin/sh' > root/etc/passwd
	"$BIN/picket-bundle" seal --to lead --ticket visit -o big.age root -q
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
	export XDG_CONFIG_HOME=$PWD/c
}

# at_work FOLDER SECRETS WATCH COMMAND...: what secrets.py says
at_work() {
	command -v python3 > /dev/null || skip "no python3"
	[[ $BIN != */asan ]] || skip "the sanitizer keeps freed memory"
	run "$TOP/tests/cli/secrets.py" "$1" "$2" "$3" -- "${@:4}"
	echo "$output"
	[ "$status" -ne 77 ] || skip "the memory of processes cannot be read here"
	[ "$status" -eq 0 ]
}

@test "seal under a ticket: its keys are guarded" {
	at_work out "visit.signkey visit.notekey" "*" "$BIN/picket-bundle" seal --to ../lead.recipient --ticket ../visit \
		--roster ../c/picket/roster --level 12 ../root
	# what is looked for is there, or the test would find nothing anywhere
	[[ $output == *"held, guarded: "*"visit.notekey as bytes"*"visit.signkey as bytes"* ]]
}

@test "seal under a signer who is locked by a passphrase: neither it nor the signer's keys are left" {
	SECRETS_FD9=lock.pass at_work out "lock.pass" "*" "$BIN/picket-bundle" seal --to ../locked.recipient \
		--signer ../locked.signkey --passphrase-fd 9 --mission X --level 12 ../root
	[[ $output == *"held, guarded: none"* ]]
	at_work out "lead.signkey lead.notekey lead.cosignkey lead.identity" "*" "$BIN/picket-bundle" seal --to ../lead.recipient \
		--signer ../lead.signkey --mission X --level 12 ../root
	[[ $output == *"held, guarded: none"* ]]
}

@test "decrypt with an identity: forgotten before the payload" {
	at_work out "lead.identity" "*" "$BIN/picket-bundle" decrypt -i ../lead.identity -o plain ../big.age
	[[ $output == *"held, guarded: none"* ]]
}

@test "import into a case: the identities are guarded" {
	"$BIN/picket-case" init case -q
	at_work case/quarantine "lead.identity" "incoming-*" "$BIN/picket-case" import .. ../../big.age -i ../../lead.identity -q
	[[ $output == *"held, guarded: "* ]]
}

@test "a kit collects: the ticket's keys are in the collector alone, guarded" {
	# shellcheck disable=SC2016
	echo 'rule r { strings: $a = "never there 4711" condition: $a }' > r.yar
	"$BIN/picket-kit" build --mission HARBOR --signer lead --to lead --uses many --rules r.yar -o kit -q
	# the keys that the kit was built with, from its configuration
	python3 - kit "$BATS_TEST_TMPDIR" <<-'P'
		import io, struct, sys, tarfile
		kit, to = sys.argv[1:]
		b = open(kit, "rb").read()
		off, n = struct.unpack_from("<QQ", b, len(b) - 64 + 16) # as kit.h has it
		assert off + n == len(b) - 64, (off, n)
		for m in (t := tarfile.open(fileobj=io.BytesIO(b[off:off + n]))):
		    if m.name.endswith(("signkey", "notekey")):
		        open(f"{to}/ticket.{m.name.rsplit('.', 1)[-1]}", "wb").write(t.extractfile(m).read())
	P
	at_work out "$BATS_TEST_TMPDIR/ticket.signkey $BATS_TEST_TMPDIR/ticket.notekey" "*" ../kit --root ../root -q
	[[ $output == *"held, guarded: "*"ticket.notekey as bytes"*"ticket.signkey as bytes"* ]]
	[[ $output != "1 processes"* ]] # the scanning children were looked at, too
}

@test "secret files are for their owner only, whatever the umask" {
	(umask 0; "$BIN/picket-key" new loose --nation USA --signer lead -q -d out
		"$BIN/picket-key" ticket --signer lead --to lead --mission X -o out/t -q)
	for f in out/loose.identity out/loose.signkey out/loose.notekey out/loose.cosignkey out/t.signkey out/t.notekey; do
		[ "$(stat -c %a "$f")" = 600 ]
	done
	rm out/*
}

@test "no option takes a secret: what is in argv is a name or a descriptor" {
	for tool in picket-key picket-bundle picket-kit picket-collect picket-case picket-scan; do
		"$BIN/$tool" --dump=json > dump.json
		[ -s dump.json ]
		run ! grep -oiE '"(passphrase|password|secret|key)","arg":"[^"]' dump.json
	done
}
