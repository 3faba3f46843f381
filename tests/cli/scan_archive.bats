#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# picket-scan --archives: what is in archives is scanned, hostile ones cost themselves, and what was not looked at is told.
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	export XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache
	export BIN=${BIN:-$PWD/build} DIR=$BATS_FILE_TMPDIR GEN=$PWD/tests/cli/scan_archive.py
	cat > "$DIR/r.yar" <<- 'END'
		rule evil { strings: $a = "EVIL-MARK" condition: $a }
	END
}
setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

is() { [ "$1" = "$2" ] || { echo "is '$1', not '$2'"; echo "$stderr"; return 1; }; }
gen() { python3 "$GEN" "$@"; }
scan() { run --separate-stderr timeout 100 "$BIN/picket-scan" --archives -r "$DIR/r.yar" "$@"; }
# The paths of outcomes: "PATH WHY DETAIL" of all that was not scanned.
not_scanned() { jq -r 'select(.type == "failed" or .type == "skipped") | [.path, .why, .detail // ""] | join(" ")' <<< "$output"; }
hits() { jq -r 'select(.type == "hit") | .path' <<< "$output"; }
summary() { jq -r "select(.type == \"summary\") | $1" <<< "$output"; }

@test "without --archives an archive is a file" {
	gen a.zip a.jar
	run --separate-stderr "$BIN/picket-scan" -r "$DIR/r.yar" a.zip a.jar
	is "$status" 1; is "$output" "evil a.jar"
	[[ $stderr == *"2 files scanned ($(($(stat -c %s a.zip) + $(stat -c %s a.jar))) bytes), 1 hits in 1 files, 0 skipped, 0 failed" ]]
}

@test "every format: the member's path, after its archive's" {
	local f
	for f in a.zip a.tar.gz a.tar.bz2 a.tar.xz a.cpio.gz a.rpm behind.exe; do
		gen "$f"
		scan -q "$f"
		is "$status" 1; is "$stderr" ''; is "$output" "evil $f!/b/c.exe"
	done
	for f in a.jar a.tar old.tar a.cpio; do
		gen "$f"
		scan -q "$f"
		is "$status" 1; is "$stderr" ''; is "$output" "evil $f"$'\n'"evil $f!/b/c.exe"
	done
	for f in log.gz log.bz2 log.lzma two.gz zeros.gz; do
		gen "$f"
		scan -q "$f"
		is "$status" 1; is "$stderr" ''; is "$output" "evil $f!/${f%.*}"
	done
}

@test "formats of other tools: zstd, 7z, xz, tar, cpio" {
	echo 'an EVIL-MARK' > x; head -c 3000000 /dev/zero >> x
	zstd -q x -o x.zst; xz -k x; bsdtar -cf x.7z --format 7zip x; bsdtar -cf x.txz -J x; bsdtar -cf x.odc -z --format odc x
	bsdtar -cf x.tar.zst --zstd x
	scan -q x.zst x.xz x.7z x.txz x.odc x.tar.zst
	is "$status" 1; is "$stderr" ''
	is "$output" "$(printf 'evil %s\n' x.zst 'x.zst!/x' 'x.xz!/x' 'x.7z!/x' 'x.txz!/x' 'x.odc!/x' 'x.tar.zst!/x')"
}

@test "archives in archives, to a depth that is told" {
	gen n4.zip a.deb
	scan -q a.deb
	is "$output" 'evil a.deb!/data.tar.xz!/b/c.exe'
	scan --json n4.zip
	is "$status" 3; is "$(hits)" ''
	is "$(not_scanned)" 'n4.zip!/2.zip!/3.zip!/4.zip!/ archive-depth more than 3 in each other'
	is "$(summary '[.complete, .verdict, .scanned, .members, .skipped_by["archive-depth"]] | @csv')" 'false,"incomplete",4,3,1'
	[[ $stderr == *"'n4.zip!/2.zip!/3.zip!/4.zip!/' was not scanned: archive-depth: more than 3 in each other"* ]]
	scan -q --archive-depth 4 n4.zip
	is "$status" 1; is "$output" 'evil n4.zip!/2.zip!/3.zip!/4.zip!/in'; is "$stderr" ''
	scan --json --archive-depth 1 n4.zip
	is "$(not_scanned)" 'n4.zip!/2.zip!/ archive-depth more than 1 in each other'
}

@test "JSON of a hit: member, size and hash of the member; all paths in order" {
	gen a.zip
	scan -q --json --paths a.zip
	is "$(jq -r 'select(.type == "hit") | [.path, .member, .size, .sha256] | @csv' <<< "$output")" \
		"\"a.zip!/b/c.exe\",\"b/c.exe\",16,\"$(printf 'xx EVIL-MARK yy\n' | sha256sum | cut -d' ' -f1)\""
	is "$(jq -r 'select(.type == "scanned") | .path' <<< "$output")" $'a.zip\na.zip!/b/c.exe\na.zip!/ok.txt'
	is "$(summary '[.complete, .scanned, .members, .hits] | @csv')" 'true,3,2,1'
}

@test "external variables are the member's" {
	gen a.tar a.deb; python3 -c 'import zipfile; z = zipfile.ZipFile("n.zip", "w"); z.write("a.tar")'
	cat > v.yar <<- 'END'
		rule v_name { condition: filename == "c.exe" and filepath == "b" and extension == ".exe" }
		rule v_mode { condition: permissions == "-rwsr-xr-x" and filemode == 0o104755 and owner == "" and group == "" }
		rule v_one { condition: unpack_parent == "TAR" and unpack_source == "TAR" }
		rule v_two { condition: unpack_parent == "TAR" and unpack_source == "ZIP>TAR" and filename == "c.exe" }
		rule v_outside { condition: unpack_parent == "" and filename endswith ".exe" }
	END
	run --separate-stderr "$BIN/picket-scan" -q --archives -r v.yar a.tar
	is "$(sort <<< "$output" | grep c.exe)" "$(printf '%s a.tar!/b/c.exe\n' v_mode v_name v_one)"
	run --separate-stderr "$BIN/picket-scan" -q --archives -r v.yar n.zip
	is "$(sort <<< "$output" | grep c.exe)" "$(printf '%s n.zip!/a.tar!/b/c.exe\n' v_mode v_name v_two)"
}

@test "indicators: names and hashes of members" {
	gen a.zip
	echo "$(printf 'xx EVIL-MARK yy\n' | sha256sum | cut -d' ' -f1);80;the mark" > hash.txt
	echo '\.zip!/b/c\.exe$;70' > filename.txt
	run --separate-stderr "$BIN/picket-scan" -q --archives --ioc hash.txt --ioc filename.txt a.zip
	is "$status" 1
	is "$(sort <<< "$output")" $'ioc:filename a.zip!/b/c.exe\nioc:hash a.zip!/b/c.exe'
}

@test "names: UTF-8, other bytes, ways out of the folder, links, too long ones" {
	gen utf8.zip latin1.tar links.tar longname.tar
	scan -q utf8.zip
	is "$output" 'evil utf8.zip!/größe/日本.txt'
	scan -q --json latin1.tar
	is "$(jq -r 'select(.member_b64) | .member_b64' <<< "$output" | base64 -d | od -An -tx1)" ' 67 72 f6 df 65'
	scan --json -v links.tar
	is "$(hits)" $'links.tar\nlinks.tar!/../../x'
	is "$(not_scanned)" $'links.tar!/l link \nlinks.tar!/h link \nlinks.tar!/f special '
	is "$(summary .complete)" true
	[ ! -e ../x ]
	[ ! -e ../../x ]
	scan --json longname.tar
	is "$(jq -r 'select(.type == "failed") | .why' <<< "$output")" names-too-long
	is "$(jq -r 'select(.type == "hit" and .member) | .member | length' <<< "$output")" 32768
}

@test "encrypted members and foreign formats are told" {
	gen locked.zip a.rar
	scan --json .
	is "$status" 3
	is "$(not_scanned)" $'./a.rar!/ archive-format RAR\n./locked.zip!/secret encrypted '
}

@test "broken and cut archives: what there is of them is scanned, the rest is told" {
	gen cut.gz cut.zip cut.tar crc.zip liar.gz liar.7z after.gz
	scan --json cut.gz
	is "$status" 1; is "$(hits)" $'cut.gz\ncut.gz!/cut'; is "$(summary .complete)" false
	is "$(not_scanned)" $'cut.gz!/cut archive-damaged truncated gzip input\ncut.gz!/ archive-damaged truncated gzip input'
	[[ $stderr == *"'cut.gz!/cut' was not scanned whole: archive-damaged"* ]]
	scan --json cut.zip
	is "$(hits)" 'cut.zip!/first'
	is "$(jq -r 'select(.type == "failed") | [.path, .why] | join(" ")' <<< "$output")" \
		$'cut.zip!/second archive-damaged\ncut.zip!/ archive-damaged'
	scan --json cut.tar
	is "$(hits)" $'cut.tar\ncut.tar!/first'
	is "$(not_scanned)" $'cut.tar!/second archive-damaged Truncated tar archive\ncut.tar!/ archive-damaged Truncated tar archive'
	scan --json crc.zip
	is "$(hits)" $'crc.zip\ncrc.zip!/c'
	[[ $(not_scanned) == 'crc.zip!/c archive-damaged ZIP bad CRC'* ]]
	for f in liar.gz liar.7z; do
		scan --json "$f"
		is "$status" 3; [[ $(not_scanned) == "$f!/ archive-damaged "?* ]]
	done
	scan --json after.gz
	is "$status" 3; is "$(not_scanned)" 'after.gz!/ archive-damaged other bytes follow its end'
}

@test "nothing hides behind an archive's end" {
	gen two.tar.gz boot.img after.cpio.gz zeros.gz
	scan -q two.tar.gz boot.img after.cpio.gz zeros.gz
	is "$stderr" ''
	is "$output" "$(printf 'evil %s\n' 'two.tar.gz!/two' 'boot.img!/main' 'after.cpio.gz!/data-after-end' 'zeros.gz!/zeros')"
}

@test "a file that only begins or ends like an archive is none" {
	gen bin text; printf 'MZ\x90 PK\x05\x06 nothing' > tool.exe
	scan --json .
	is "$status" 0; is "$(not_scanned)" ''; is "$(summary .members)" 0
}

@test "bombs end at limits, each told: ratio, bytes, entries, one member's size" {
	gen bomb.gz many.tar.gz huge-hole.tar long.tar a.zip; truncate -s 269484544 long.tar
	scan --json bomb.gz
	is "$status" 1; is "$(hits)" 'bomb.gz!/bomb'
	is "$(not_scanned)" $'bomb.gz!/bomb archive-ratio more than 200 times its size\nbomb.gz!/ archive-ratio more than 200 times its size'
	scan --json huge-hole.tar
	is "$status" 3
	is "$(jq -r 'select(.type == "skipped") | [.path, .why] | join(" ")' <<< "$output")" \
		$'huge-hole.tar!/hole archive-ratio\nhuge-hole.tar!/ archive-ratio'
	scan --json many.tar.gz
	is "$status" 3; is "$(not_scanned)" 'many.tar.gz!/ archive-entries more than 100000'
	scan --json --archive-max 17 a.zip
	is "$status" 1; is "$(hits)" 'a.zip!/b/c.exe'
	is "$(not_scanned)" $'a.zip!/ok.txt archive-bytes more than 17\na.zip!/ archive-bytes more than 17'
	scan --json long.tar
	is "$status" 3; is "$(not_scanned)" 'long.tar!/long too-large more than 268435456 bytes'
}

@test "the limits of a file hold for all archives in it, and end them all" {
	gen a.zip; python3 - <<- 'END'
		import zipfile
		with zipfile.ZipFile("o.zip", "w") as z:
		    for n in "123":
		        z.write("a.zip", n + ".zip")
	END
	# the first a.zip takes its own 224 bytes and 20 of its members
	scan --json --archive-max 270 o.zip a.zip
	is "$(hits)" $'o.zip!/1.zip!/b/c.exe\na.zip!/b/c.exe'
	is "$(not_scanned)" $'o.zip!/2.zip archive-bytes more than 270\no.zip!/ archive-bytes more than 270'
	is "$(summary '.skipped_by["archive-bytes"]')" 2
}

@test "large members: 1 and 3 scanners give the same, in order" {
	gen large.gz a.zip; for i in 1 2 3 4 5 6 7 8; do cp large.gz "l$i.gz"; cp a.zip "m$i.zip"; done
	scan -q -p 1 .
	cp /dev/stdin one <<< "$output"
	is "$(grep -c '!/' one)" 18
	scan -q -p 3 .
	is "$output" "$(cat one)"
}

@test "a kernel without memory files: large members are told, small ones scanned" {
	[ "$(uname -m)" = x86_64 ] || skip 'numbers of system calls'
	gen large.gz a.zip; gcc -o enosys "$BATS_TEST_DIRNAME/enosys.c"
	run --separate-stderr ./enosys 319 -- "$BIN/picket-scan" --no-cache --archives --json -r "$DIR/r.yar" large.gz a.zip
	is "$status" 1; is "$(hits)" $'large.gz\na.zip!/b/c.exe'
	is "$(not_scanned)" 'large.gz!/large archive-memory '
}

@test "--changed: archives are scanned again, and a state without --archives does not count" {
	gen a.zip; echo 'an EVIL-MARK' > x
	run --separate-stderr "$BIN/picket-scan" -q -r "$DIR/r.yar" --changed s a.zip x
	is "$output" 'evil x'
	touch -d '-1 minute' a.zip x; sleep 0.2 # what is fresh is not kept
	for i in 1 2 3; do
		scan -q --json --changed s a.zip x
		is "$status" 1; is "$(hits)" $'a.zip!/b/c.exe\nx'
	done
	is "$(summary '[.scanned, .skipped_by.unchanged] | @csv')" '3,1'
}

@test "options that make no sense without --archives" {
	run --separate-stderr "$BIN/picket-scan" -r "$DIR/r.yar" --archive-depth 2 .
	is "$status" 2; [[ $stderr == *'--archive-depth and --archive-max go with --archives'* ]]
	scan --archive-depth 17 .
	is "$status" 2; [[ $stderr == *'--archive-depth takes at most 16'* ]]
}

@test "what libarchive does not look at: a long comment, zips one behind the other, frames that zstd skips" {
	mkdir t
	python3 - t <<- 'END'
		import struct, sys, zipfile
		def make(path, name, text, comment=b''):
		    with zipfile.ZipFile(path, 'w', 8) as z:
		        z.writestr(name, text)
		        z.comment = comment
		    return open(path, 'rb').read()
		found, other = 'a NEEDLE is in here ' * 9, 'nothing ' * 99
		top = sys.argv[1]
		for n in (17000, 65535):
		    open('%s/behind%d.exe' % (top, n), 'wb').write(b'MZ' + bytes(500) + make('z', 'evil', found, b'A' * n))
		first, second, third = (make('z', *m) for m in (('one', other), ('two', found), ('three', other)))
		open(top + '/three.zip', 'wb').write(first + second + third)
		open('plain', 'w').write(found)
	END
	{ printf '\x5f\x2a\x4d\x18\x04\0\0\0abcd\x50\x2a\x4d\x18\0\0\0\0'; zstd -qc plain; } > t/skip.zst
	printf '\x50\x2a\x4d\x18\xff\xff\xff\xffabcd' > t/cut.bin
	echo 'rule needle { strings: $a = "NEEDLE" condition: $a }' > n.yar
	run --separate-stderr "$BIN/picket-scan" -q --archives -r n.yar t
	[ "$status" -eq 1 ]; [ -z "$stderr" ]
	[ "$(sort <<< "$output")" = "needle t/behind17000.exe!/evil
needle t/behind65535.exe!/evil
needle t/skip.zst
needle t/skip.zst!/skip
needle t/three.zip!/two" ] || { echo "$output"; false; }
}

@test "a member that is said to be a folder or a link, and has bytes" {
	mkdir t
	python3 - t/d.zip t/prefix.bin <<- 'END'
		import sys, zipfile
		# for Python's own zipfile, and others, all but the last are files
		kinds = [('folder.php', 3, 0o40755 << 16 | 0x10), ('dos.class', 0, 0x10), ('link.bin', 3, 0o120777 << 16),
		         ('device', 3, 0o20600 << 16), ('folder/', 3, 0o40755 << 16 | 0x10)]
		with zipfile.ZipFile(sys.argv[1], 'w', 8) as z:
		    z.writestr('real/', b'')
		    for name, system, attr in kinds:
		        info = zipfile.ZipInfo(name)
		        info.create_system, info.external_attr = system, attr
		        z.writestr(info, b'EVIL-MARK ' * 9, 8)
		open(sys.argv[2], 'wb').write(bytes(1000) + open(sys.argv[1], 'rb').read())
	END
	for f in t/d.zip t/prefix.bin; do
		scan --json "$f"
		is "$status" 1; is "$(hits)" "$f!/folder.php"$'\n'"$f!/dos.class"$'\n'"$f!/link.bin"$'\n'"$f!/device"
		is "$(not_scanned)" "$f!/folder/ archive-damaged it has bytes, and they cannot be had"
	done
	# of several hard links in a cpio, and so in an rpm, the last one has the bytes
	echo EVIL-MARK > a; ln a b
	bsdtar -z --format newc -cf links.cpgz a b
	scan --json links.cpgz
	is "$status" 1; is "$(hits)" 'links.cpgz!/b'; is "$(summary .complete)" true
}

@test "a zip whose members' headers and directory disagree: each member is scanned or told" {
	mkdir t
	python3 - t <<- 'END'
		import io, struct, sys, zipfile
		top = sys.argv[1] + '/'
		def zipped(*members):
		    b = io.BytesIO()
		    with zipfile.ZipFile(b, 'w', 8) as z:
		        for name, text in members:
		            z.writestr(name, text)
		    return bytearray(b.getvalue())
		evil, other = b'EVIL-MARK ' * 9, b'nothing ' * 9
		# the first header is broken: the others are there for who goes by the directory
		b = zipped(('readme', other), ('evil', evil), ('last', other)); b[0:2] = b'XX'
		open(top + 'first.zip', 'wb').write(b)
		b = zipped(('readme', other), ('evil', evil), ('last', evil)); 
		at = b.index(b'PK\3\4', 4); b[at:at + 2] = b'XX'
		open(top + 'second.zip', 'wb').write(b)
		# a member that the directory does not name: there for who reads from the beginning
		for where in range(3):
		    parts = [zipped(('m%d' % i, other)) for i in range(2)]
		    locals_ = [p[:p.index(b'PK\1\2')] for p in parts]
		    hidden = zipped(('hidden', evil)); hidden = hidden[:hidden.index(b'PK\1\2')]
		    body, directory = b'', b''
		    for i in range(3):
		        if i == where:
		            body += hidden
		        if i < 2:
		            cd = parts[i][parts[i].index(b'PK\1\2'):parts[i].index(b'PK\5\6')]
		            cd[42:46] = struct.pack('<I', len(body))
		            body += locals_[i]; directory += cd
		    end = struct.pack('<4sHHHHIIH', b'PK\5\6', 0, 0, 2, 2, len(directory), len(body), 0)
		    open(top + 'hidden%d.zip' % where, 'wb').write(body + directory + end)
		# a number of members that is not so: one more than there are; fewer on this disk, for which libarchive streams
		b = zipped(('one', other), ('evil', evil)); b[-14:-10] = struct.pack('<HH', 3, 3); open(top + 'count.zip', 'wb').write(b)
		fake = b'PK\1\2' + bytes(60)
		b = zipped(('one', other)); cut = b.index(b'PK\1\2'); two = zipped(('evil', evil)); cut2 = two.index(b'PK\1\2')
		entry = bytearray(two[cut2:two.index(b'PK\5\6')]); entry[42:46] = struct.pack('<I', cut + len(fake))
		cd = bytes(b[cut:b.index(b'PK\5\6')] + entry)
		end = struct.pack('<4sHHHHIIH', b'PK\5\6', 0, 0, 1, 2, len(cd), cut + len(fake) + cut2, 0)
		open(top + 'disks.zip', 'wb').write(bytes(b[:cut]) + fake + bytes(two[:cut2]) + cd + end)
		# the member's own header calls it a link, by libarchive's field 0x6c78
		b = zipped(('evil', evil)); cut = b.index(b'PK\1\2')
		field = struct.pack('<HHBHHI', 0x6c78, 9, 7, 3 << 8, 0, 0o120777 << 16)
		local = b[:30] + b[30:34] + field + b[34:cut]; local[28:30] = struct.pack('<H', len(field))
		end = bytearray(b[b.index(b'PK\5\6'):]); end[16:20] = struct.pack('<I', len(local))
		open(top + 'kind.zip', 'wb').write(bytes(local + b[cut:b.index(b'PK\5\6')] + end))
		# a broken zip before a good one; an archive of another kind that is broken, or not, before a zip
		b = zipped(('evil', evil)); b[b.index(b'PK\1\2')] = 0
		open(top + 'before.zip', 'wb').write(bytes(b) + bytes(zipped(('one', other))))
		ar = b'!<arch>\n' + b'%-16s%-12s%-6s%-6s%-8s%-10s`\n' % (b'a', b'0', b'0', b'0', b'644', b'4') + b'abcd'
		open(top + 'ar.a', 'wb').write(ar + bytes(zipped(('evil', evil))))
	END
	for f in count disks kind; do
		scan --json "t/$f.zip"
		is "$status" 1; is "$(hits)" "t/$f.zip!/evil"; is "$(summary .complete)" true
	done
	scan --json t/before.zip
	is "$status" 3; is "$(not_scanned)" "t/before.zip!/ archive-damaged the directory of a zip before the last one is not whole"
	scan --json t/ar.a
	is "$status" 1; is "$(hits)" "t/ar.a!/evil"; is "$(summary .complete)" false
	scan --json t/first.zip
	is "$status" 1; is "$(hits)" 't/first.zip!/evil'
	is "$(not_scanned)" "t/first.zip!/readme archive-damaged its header is not where the directory says"
	is "$(summary .scanned)" 3
	scan --json t/second.zip
	is "$status" 1; is "$(hits)" 't/second.zip!/last'
	is "$(not_scanned)" "t/second.zip!/evil archive-damaged its header is not where the directory says"
	for where in 0 1 2; do
		scan --json "t/hidden$where.zip"
		is "$status" 1; is "$(hits)" "t/hidden$where.zip!/hidden"; is "$(summary '[.scanned, .complete] | @csv')" "4,true"
	done
}

@test "a tar header that is damaged is told, and what follows is scanned" {
	echo nothing > a; echo EVIL-MARK > b; cp b c
	tar --format ustar -cf t.tar a b c
	printf x | dd of=t.tar bs=1 seek=1030 conv=notrunc status=none # in the name of b
	gzip t.tar
	scan --json t.tar.gz
	is "$status" 1; is "$(hits)" 't.tar.gz!/c'
	is "$(not_scanned)" "t.tar.gz!/ archive-damaged a header is damaged, and what it is of was skipped"
}
