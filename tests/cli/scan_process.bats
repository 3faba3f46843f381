#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# picket-scan on the memory of processes: what is present is scanned, nothing is brought in, one outcome for each.
bats_require_minimum_version 1.5.0
load processes

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build} TESTS=$PWD/tests DIR=$BATS_FILE_TMPDIR
	gcc -O1 -Wall -Wextra -o "$DIR/target" "$TESTS/cli/memory_target.c" -lpthread
	cat > "$DIR/m.yar" <<- 'END'
		rule m_deleted { strings: $a = "PKMARK-deleted" condition: $a }
		rule m_edge { strings: $a = "PKMARK-edge" condition: $a }
		rule m_halves { strings: $a = { 50 4b 4d 41 52 4b 2d 68 61 6c 66 31 [200-1000] 50 4b 4d 41 52 4b 2d 68 61 6c 66 32 } condition: $a }
		rule m_heap { strings: $a = "PKMARK-heap" condition: $a }
		rule m_holes { strings: $a = "PKMARK-holes" condition: #a == 1366 }
		rule m_large { strings: $a = "PKMARK-large" condition: #a == 400000 }
		rule m_memfd { strings: $a = "PKMARK-memfd" condition: $a }
		rule m_none { strings: $a = "PKMARK-none" condition: $a }
		rule m_sparse { strings: $a = "PKMARK-sparse" condition: $a }
		rule m_untouched { strings: $a = "PKMARK-untouched" condition: $a }
		rule m_zero { strings: $a = "PKMARK-zero\x00\x00\x00\x00\x00\x00\x00\x00" condition: $a }
		rule undefined { condition: filesize < 1 or filesize >= 0 }
	END
}
rules() { awk '{print $1}' <<< "$output" | sort | tr '\n' ' '; }
rss() { awk '/^Rss:/ {print $2}' "/proc/$1/smaps_rollup"; }

# Starts the target and sets T to its number, once all of it is there.
target() {
	rm -f "pid.$1"
	mkfifo "pid.$1"
	"$DIR/target" "$@" > "pid.$1" 3>&- &
	PIDS="$PIDS $!"
	read -r T < "pid.$1"
}

@test "markers in every kind of mapping are found, and nothing is brought in" {
	target heap edge deleted memfd none sparse thread
	before=$(rss "$T")
	scan -q -r "$DIR/m.yar" --pid "$T"
	after=$(rss "$T")
	is "$status" 1
	is "$stderr" ""
	want="m_deleted m_edge m_heap m_memfd m_none m_sparse m_untouched m_zero "
	[ "$(id -u)" = 0 ] || want=${want/m_untouched /} # root alone may open what is mapped and was never touched
	is "$(rules)" "$want"
	[[ ${lines[0]} == "m_deleted $T:"*/target ]]
	[ $((after - before)) -lt 1024 ]
}

@test "shared memory that no page table has is read from its file, as stock yara finds it" {
	[ "$(id -u)" = 0 ] || skip "needs root, for map_files"
	: > u.yar
	for name in shared code anonymous titled systemv posix gone file ring vast; do
		echo "rule u_$name { strings: \$a = \"PKMARK-$name\" fullword condition: \$a }" >> u.yar
	done
	echo 'rule u_twice { strings: $a = "PKMARK-shared" condition: #a == 2 }' >> u.yar
	echo 'rule u_zeros { strings: $a = "PKMARK-zeros\x00\x00\x00\x00\x00\x00\x00\x00" condition: $a }' >> u.yar
	want="u_anonymous u_code u_file u_gone u_posix u_ring u_shared u_systemv u_titled u_twice u_vast u_zeros "
	target unread ipc file ring vast
	shm=/dev/shm/picket-test-$T
	before=$(rss "$T")
	SECONDS=0
	scan -q --json -r u.yar --pid "$T"
	rm -f "$shm"
	is "$status" 1
	is "$(json 'select(.type == "hit") | .rule' | sort | tr '\n' ' ')" "$want"
	is "$(json 'select(.type == "process") | [.bytes_unreadable, .bytes_swapped] | @csv')" "0,0"
	[ "$(json 'select(.type == "process") | .bytes + .bytes_deleted')" -lt 20000000 ]
	[ "$SECONDS" -lt 10 ]
	# the ring's page is the only one that is brought in
	[ $(($(rss "$T") - before)) -lt 64 ]
	# stock yara asks for every page of 64 GB, and zeros of shared memory become pages then
	target unread ipc file ring
	yara u.yar "$T" | cut -d' ' -f1 | sort | tr '\n' ' ' > got
	rm -f "/dev/shm/picket-test-$T"
	is "$(cat got)" "${want/u_vast /}"
}

@test "shared memory that may not be read is not clean" {
	[ "$(id -u)" = 0 ] || skip "needs root, to be someone else"
	cp "$BIN/picket-scan" scan; cp "$DIR/target" target; cp "$DIR/m.yar" m.yar
	chmod 755 scan target . ; chmod 644 m.yar
	mkdir -m 777 room
	chmod o+x "$DIR" "$BATS_RUN_TMPDIR" 2> /dev/null || true
	as="setpriv --reuid=65534 --regid=65534 --clear-groups"
	$as test -x ./scan || skip "the folder is not reachable for others"
	for what in heap unread ipc file; do
		mkfifo "pid.$what"
		(cd room && exec $as ../target $what) > "pid.$what" 3>&- &
		PIDS="$PIDS $!"
		read -r T < "pid.$what"
		run --separate-stderr $as ./scan --json -r m.yar --pid "$T"
		rm -f "/dev/shm/picket-test-$T"
		if [ $what = heap ]; then
			is "$(json 'select(.type == "summary") | .complete')" true
			continue
		fi
		is "$status" 3
		is "$(json 'select(.type == "summary") | .complete')" false
		[ "$(json 'select(.type == "process") | .bytes_unreadable')" -ge 1000000 ]
		[[ $stderr == *"bytes could not be read: shared memory and deleted files need CAP_CHECKPOINT_RESTORE"* ]]
	done
}

@test "a mapping of 64 GB with one page costs that page" {
	target sparse
	scan -q --json -r "$DIR/m.yar" --pid "$T"
	is "$(json 'select(.type == "hit") | .rule')" m_sparse
	[ "$(json 'select(.type == "process") | .bytes')" -lt 4000000 ]
}

@test "text and JSON say address, mapping, file and process" {
	target heap memfd
	scan -q -s -r "$DIR/m.yar" --pid "$T"
	[[ ${lines[1]} =~ ^0x[0-9a-f]+:\$a:\ PKMARK-heap\ \(rw-p\ \[heap\]\)$ ]]
	[[ ${lines[3]} =~ ^0x[0-9a-f]+:\$a:\ PKMARK-memfd\ \(rw-s\ /memfd:implant\ \(deleted\)\)$ ]]
	scan -q --json -r "$DIR/m.yar" --pid "$T"
	is "$(json 'select(.rule == "m_memfd") | [.pid, .path, .name, .strings[0].data, .strings[0].mapping.path, .strings[0].mapping.permissions] | @csv')" \
		"$T,\"$DIR/target\",\"target\",\"PKMARK-memfd\",\"/memfd:implant (deleted)\",\"rw-s\""
	line=$(grep memfd:implant "/proc/$T/maps" | tail -1)
	is "$(json 'select(.rule == "m_memfd") | .strings[0].mapping | "\(.start)-\(.end)"')" "0x${line%%-*}-0x$(cut -d- -f2 <<< "${line%% *}")"
	is "$(json 'select(.type == "process") | [.outcome, .bytes_unreadable, .bytes_swapped] | @csv')" '"scanned",0,0'
	is "$(json 'select(.type == "summary") | [.complete, .processes, .processes_hit, .failed] | @csv')" 'true,1,1,0'
}

@test "ordinary memory: the hits, strings and addresses of stock yara" {
	target heap edge memfd halves
	yara -s "$DIR/m.yar" "$T" | sed "s/ $T\$//" > want
	scan -q -s -r "$DIR/m.yar" --pid "$T"
	sed -E -e "s/ $T:.*//" -e 's/ \([rwxps-]{4}( .*)?\)$//' <<< "$output" > got
	grep -q m_heap want
	cmp want got || { diff want got; return 1; }
}

@test "a run longer than the window loses and doubles nothing" {
	target large
	scan -q -r "$DIR/m.yar" --pid "$T"
	is "$(rules)" "m_large "
	is "$(yara "$DIR/m.yar" "$T")" "m_large $T"
	target holes
	scan -q -r "$DIR/m.yar" --pid "$T"
	is "$(rules)" "m_holes "
}

@test "no word is cut where a long run is" {
	target words
	cat > w.yar <<- 'END'
		rule parts { strings: $c = "abcd" fullword $d = "abcde" fullword $e = "abcdef" fullword $f = "abcdefg" fullword
			$g = "bcdefgh" fullword $h = "cdefgh" fullword $i = "defgh" fullword $j = "efgh" fullword condition: any of them }
		rule whole { strings: $a = "abcdefgh" fullword condition: $a }
	END
	scan -q -r w.yar --pid "$T"
	is "$(rules)" "whole "
}

@test "conditions may look at any address" {
	gcc -O1 -no-pie -o target "$TESTS/cli/memory_target.c" -lpthread
	DIR=$PWD target heap
	start=$(awk '/target/ {sub(/-.*/, ""); print "0x" $0; exit}' "/proc/$T/maps")
	cat > r.yar <<- END
		import "elf"
		import "hash"
		rule address { condition: uint32($start) == 0x464c457f }
		rule module { condition: elf.type == elf.ET_EXEC and entrypoint > 0 }
		rule hashed { condition: hash.md5($start, 4) == "$(printf '\177ELF' | md5sum | cut -d' ' -f1)" }
		rule named { condition: filename == "target" and filepath == "$PWD" and extension == "" and filetype == "ELF" and owner == "$(id -un)" }
	END
	scan -q -r r.yar --pid "$T"
	is "$(rules)" "address hashed module named "
	yara -d filename=target -d "filepath=$PWD" -d extension= -d filetype=ELF -d "owner=$(id -un)" -w r.yar "$T" > want
	is "$(cut -d' ' -f1 want | sort | tr '\n' ' ')" "address hashed module named "
}


@test "all processes: kernel threads and the scanner itself are left out, with the reason" {
	target heap
	scan -q --json -r "$DIR/m.yar" --processes
	is "$(json "select(.type == \"hit\" and .pid == $T) | .rule")" m_heap
	is "$(json 'select(.type == "process" and .why == "own") | .name' | sort -u | tr '\n' ' ')" "picket-scan picket-scanner picket-zygote "
	[ "$(json 'select(.type == "hit") | .strings[] | has("mapping")' | sort -u)" = true ]
	n=$(json 'select(.type == "process") | .pid' | wc -l)
	is "$(json 'select(.type == "summary") | .processes + .failed + .skipped')" "$n"
	if [ -n "$(ps -eo stat,ppid | awk '$2 == 2')" ]; then
		[ "$(json 'select(.type == "summary") | .skipped_by["kernel-thread"]')" -gt 0 ]
	fi
}

@test "no process of the scanner's own has the indicators that are looked for" {
	printf 'evil-%s.example\n' "$RANDOM$RANDOM" > c2.txt
	scan -q --json --ioc c2.txt --processes
	is "$(json 'select(.type == "hit") | .name' | grep picket || true)" ""
	is "$(json 'select(.type == "process" and .why == "own") | .name' | sort -u | tr '\n' ' ')" "picket-ioc picket-scan picket-scanner picket-zygote "
	# Its two workers; those of other scans that are at work here are not its own.
	is "$(json 'select(.type == "process" and .name == "picket-ioc" and .why == "own") | .pid' | sort -u | wc -l)" 2
}

@test "a process that is not there: failed when named" {
	bash -c 'exit 0' & gone=$!; wait $gone
	scan --json -r "$DIR/m.yar" --pid "$gone"
	is "$status" 3
	is "$(json 'select(.type == "process") | [.pid, .outcome, .why] | @csv')" "$gone,\"failed\",\"vanished\""
	[[ $stderr == *"process $gone: was not scanned: vanished"*"not complete"* ]]
}

@test "a zombie has no memory, and nothing scanned is not clean" {
	python3 -c 'import os, time
p = os.fork()
if p == 0: os._exit(0)
open("z", "w").write(str(p)); os.rename("z", "zombie"); time.sleep(60)' 3>&- &
	PIDS=$!
	until [ -f zombie ]; do sleep 0.05; done
	sleep 0.2
	scan --json -r "$DIR/m.yar" --pid "$(cat zombie)"
	is "$status" 3
	is "$(json 'select(.type == "process") | [.outcome, .why] | @csv')" '"skipped","zombie"'
}

@test "another user's process is denied, and that is not clean" {
	[ "$(id -u)" = 0 ] || skip "needs root, to be someone else"
	target heap
	cp "$BIN/picket-scan" scan; chmod 755 scan; cp "$DIR/m.yar" m.yar; chmod 644 m.yar; chmod 755 .
	chmod o+x "$DIR" "$BATS_RUN_TMPDIR" 2> /dev/null || true
	run --separate-stderr setpriv --reuid=65534 --regid=65534 --clear-groups ./scan --json -r m.yar --pid "$T"
	[ "$status" -ne 126 ] || skip "the folder is not reachable for others"
	is "$status" 3
	is "$(json 'select(.type == "process") | [.outcome, .why, .detail] | @csv')" '"failed","denied","Permission denied"'
}

@test "in another PID namespace: scanned, and said" {
	unshare --fork --pid --mount true 2> /dev/null || skip "no namespaces here"
	unshare --fork --pid --mount-proc "$DIR/target" heap > inner 3>&- &
	PIDS=$!
	until [ -s inner ]; do sleep 0.05; done
	T=$(pgrep -P $!)
	PIDS="$PIDS $T"
	scan -q --json -r "$DIR/m.yar" --pid "$T"
	is "$(json 'select(.type == "hit") | .rule')" m_heap
	is "$(json 'select(.type == "process") | [(.other_namespaces | join(" ")), .inner_pid] | @csv')" '"mnt pid",1'
}

@test "processes that end or execute meanwhile are outcomes" {
	for i in 1 2 3; do
		(for k in $(seq 60); do "$DIR/target" nothing || true; bash -c 'exec true'; done) 3>&- &
		run --separate-stderr timeout 300 "$BIN/picket-scan" --json -r "$DIR/m.yar" --processes
		wait
		[[ $status =~ ^[013]$ ]] || { echo "status $status"; tail -n 3 <<< "$stderr"; return 1; }
		is "$(json 'select(.type == "process" and .outcome == "failed") | .why' | grep -vxE 'vanished|denied|changed' || true)" ""
		n=$(json 'select(.type == "process") | .pid' | wc -l)
		is "$(json 'select(.type == "summary") | .processes + .failed + .skipped')" "$n"
	done
}

@test "a process that ends amidst its scan was not scanned" {
	target large
	scan -q --json -r "$DIR/m.yar" --pid "$T"
	all=$(json 'select(.type == "process") | .bytes')
	# slow, so that there is something left
	for after in 1 1.5 2 2.5; do
		target large
		(sleep $after; kill -KILL "$T") 3>&- &
		scan -q --cpu 5 -p 1 --json -r "$DIR/m.yar" --pid "$T"
		# how much of the libraries is there differs a little
		[ "$(json 'select(.type == "process") | .bytes')" -lt $((all - 1000000)) ] || continue
		is "$(json 'select(.type == "process") | [.outcome, .why] | @csv')" '"failed","vanished"'
		is "$(json 'select(.type == "summary") | .complete')" false
	done
}

@test "a reader or a scanner that is killed costs one process, or nothing" {
	target large
	big=$T
	target heap
	echo 'rule slow { strings: $a = /[a-g]{2,30} [a-g]{2,30}zzq/ $b = "PKMARK-large" condition: $a or $b }' > s.yar
	for who in picket-scanner picket-reader; do
		"$BIN/picket-scan" -p 1 --json -r "$DIR/m.yar" -r s.yar --pid "$big" --pid "$T" > out 2> err &
		pid=$!
		for i in $(seq 200); do
			kid=$(pgrep -P $pid -x $who | head -1) && [ -n "$kid" ] && break
			sleep 0.01
		done
		if [ "$who" = picket-reader ]; then sleep 0.3; fi
		[ -n "$kid" ] && kill -KILL "$kid" 2> /dev/null || true
		wait $pid || true
		is "$(jq -r "select(.type == \"hit\" and .pid == $T) | .rule" out)" m_heap
		is "$(jq -r 'select(.type == "process") | .pid' out | wc -l)" 2
		is "$(jq -r 'select(.type == "process" and .why != null) | .why' out | grep -vxE 'crashed|stalled' || true)" ""
	done
}

@test "what cannot be a process: exit 2" {
	for p in 0 -1 x 99999999999 1x ''; do
		scan -r "$DIR/m.yar" --pid "$p"
		is "$status" 2
	done
	[[ $stderr == *"not the number of a process"* ]]
	scan -r "$DIR/m.yar"
	is "$status" 2
	[[ $stderr == *"give a PATH, --pid, --processes or --bundle"* ]]
}

@test "paths and processes in one run" {
	target heap
	echo 'PKMARK-heap' > file
	scan -q -r "$DIR/m.yar" --pid "$T" file
	is "$output" "$(printf 'm_heap %s:%s\nm_heap file\nundefined file' "$T" "$DIR/target")"
}
