#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# picket-scan with indicators on processes: program, arguments, environment, connections; deleted programs too.
bats_require_minimum_version 1.5.0
load processes

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build} TESTS=$PWD/tests DIR=$BATS_FILE_TMPDIR
	gcc -O1 -Wall -Wextra -o "$DIR/implantd" "$TESTS/cli/memory_target.c" -lpthread
	printf '%s  implant\n' "$(sha256sum < "$DIR/implantd" | cut -d' ' -f1)" > "$DIR/hash.txt"
	printf '\\\\implantd$;70\n^/memfd:kworker$;60\n' > "$DIR/filename.txt"
	printf 'evil.example;80;C2 of case 7\n10.9.8.0/24;60;hop\n10.77.1.2;50\n' > "$DIR/c2.txt"
	# puts an address on lo in a network namespace of its own, connects a process with it, and waits
	cat > "$DIR/connect.py" <<- 'END'
		import fcntl, socket, struct, sys, time
		s = socket.socket()
		fcntl.ioctl(s, 0x8914, struct.pack("16sH22x", b"lo", 0x41))
		for i, a in enumerate(sys.argv[1:]):
		    fcntl.ioctl(s, 0x8916, struct.pack("16sHH4s16x", b"lo:%d" % i, socket.AF_INET, 0, socket.inet_aton(a)))
		held = []
		for a in sys.argv[1:]:
		    l = socket.socket(); l.bind((a, 443)); l.listen()
		    for k in range(3):
		        c = socket.socket(); c.bind(("127.0.0.1", 0)); c.connect((a, 443)); held.append(c)
		        l.accept()[0].close()
		    l.close()
		print("ready", flush=True)
		time.sleep(600)
	END
}
hits() { json 'select(.type == "hit") | [.rule, .table, .strings[0].name, .meta.indicator, .total] | @tsv'; }

# Starts a command in the background and sets T to its number, once it has printed something.
start() {
	"$@" > started 3>&- &
	T=$!
	PIDS="$PIDS $T"
	until [ -s started ]; do
		kill -0 "$T"
		sleep 0.02
	done
	rm started
}

@test "each kind of indicator where it belongs, and the field that matched is named" {
	start env -i BEACON=https://cdn.evil.example/x "$DIR/implantd" heap
	scan -q --ioc "$DIR/filename.txt" --ioc "$DIR/hash.txt" --ioc "$DIR/c2.txt" --pid "$T"
	is "$status" 1
	is "$stderr" ""
	is "$output" "$(printf '%s %s\n' ioc:domain "$T:$DIR/implantd" ioc:filename "$T:$DIR/implantd (processes.path)" \
		ioc:domain "$T:$DIR/implantd (process_envs.value)" ioc:hash "$T:$DIR/implantd (hash.sha256)")"
	scan -q -s --ioc "$DIR/filename.txt" --pid "$T"
	is "$output" "$(printf 'ioc:filename %s (processes.path)\nfilename.txt:1: \\\\\\\\implantd$' "$T:$DIR/implantd")"
	scan -q --json --ioc "$DIR/c2.txt" --pid "$T"
	is "$(json 'select(.table == "process_envs") | [.pid, .path, .name, .uid, .rule, .namespace, .meta.description, .strings[0].data, .score, .total, .level] | @csv')" \
		"$T,\"$DIR/implantd\",\"implantd\",$(id -u),\"ioc:domain\",\"c2.txt\",\"C2 of case 7\",\"evil.example\",80,88,\"alert\""
	is "$(json 'select(.type == "summary") | [.complete, .verdict, .hits, .processes_hit, .not_evaluated] | @csv')" 'true,"hits",2,1,0'
}

@test "no indicator hits: exit 0, and everything was compared" {
	start env -i "$DIR/implantd" heap
	printf 'other.example\n10.1.2.3\n' > c2.txt; printf 'other$\n' > filename.txt; sha256sum c2.txt > hash.txt
	scan --ioc c2.txt --ioc filename.txt --ioc hash.txt --pid "$T"
	is "$status" 0
	is "$output" ""
}

@test "a deleted program: by its name, and by its hash through /proc" {
	cp "$DIR/implantd" implantd
	start env -i "$PWD/implantd" thread
	rm implantd
	scan -q --json --ioc "$DIR/filename.txt" --ioc "$DIR/hash.txt" --pid "$T"
	is "$status" 1
	is "$(hits | cut -f1-3)" "$(printf 'ioc:filename\tprocesses\tpath\nioc:hash\thash\tsha256')"
	is "$(json 'select(.type == "process") | [.path, .exe_deleted] | @csv')" "\"$PWD/implantd\",true"
}

@test "a program that never was a file" {
	start env -i "$(python3 -c 'import sys; print(sys.executable)')" -c 'import os, sys
fd = os.memfd_create("kworker")
os.write(fd, open(sys.argv[1], "rb").read())
os.execve(fd, ["[kworker/0:1]", "thread"], {})' "$DIR/implantd"
	scan -q --json --ioc "$DIR/filename.txt" --ioc "$DIR/hash.txt" --pid "$T"
	is "$status" 1
	is "$(hits | cut -f1-4)" "$(printf 'ioc:filename\tprocesses\tpath\t^/memfd:kworker$\nioc:hash\thash\tsha256\t%s' "$(cut -d' ' -f1 "$DIR/hash.txt")")"
}

@test "arguments" {
	start bash -c "exec -a 'GET http://evil.example/gate' $DIR/implantd thread"
	printf '/gate\n' > keyword.txt
	scan -q --json --ioc keyword.txt --ioc "$DIR/c2.txt" --pid "$T"
	is "$(hits | grep processes | cut -f1-4 | sort)" "$(printf 'ioc:domain\tprocesses\tcmdline\tevil.example\nioc:keyword\tprocesses\tcmdline\t/gate')"
}

@test "connections, in another network namespace; three to one address are one hit, others others" {
	unshare --net true 2> /dev/null || skip "no network namespaces here"
	start unshare --net python3 "$DIR/connect.py" 10.9.8.7
	scan -q --json --ioc "$DIR/c2.txt" --pid "$T"
	is "$(hits | grep process_open_sockets | cut -f1-4)" "$(printf 'ioc:network\tprocess_open_sockets\tremote_address\t10.9.8.0/24')"
	is "$(json 'select(.table == "process_open_sockets") | [.strings[0].data, .remote_address, .remote_port, .state] | @csv')" '"10.9.8.7","10.9.8.7",443,"CLOSE_WAIT"'
	scan -q --ioc "$DIR/c2.txt" --pid "$T"
	[[ $output == *"ioc:network $T:"*" (process_open_sockets.remote_address 10.9.8.7:443 CLOSE_WAIT)"* ]]
	start unshare --net python3 "$DIR/connect.py" 10.9.8.9 10.9.8.7 10.77.1.2
	scan -q --json --ioc "$DIR/c2.txt" --pid "$T"
	is "$(json 'select(.table == "process_open_sockets") | "\(.rule) \(.remote_address)"' | sort)" "ioc:address 10.77.1.2
ioc:network 10.9.8.7
ioc:network 10.9.8.9"
	scan -q --ioc "$DIR/c2.txt" --pid $$
	[[ $output != *remote_address* ]]
}

@test "all processes: each has its own hits" {
	start env -i BEACON=evil.example "$DIR/implantd" thread
	first=$T
	start bash -c "exec -a evil.example $DIR/implantd thread"
	scan -q --json --ioc "$DIR/hash.txt" --ioc "$DIR/c2.txt" --processes
	is "$(json "select(.pid == $first and .table != null) | .table" | sort | tr '\n' ' ')" "hash process_envs "
	is "$(json "select(.pid == $T and .table != null) | .table" | sort | tr '\n' ' ')" "hash processes "
	is "$(json 'select(.type == "hit" and (.name | startswith("picket-"))) | .pid')" ""
}

@test "scores, thresholds and false positives are as of files" {
	start env -i BEACON=evil.example "$DIR/implantd" thread
	printf 'BEACON;30\n' > keyword.txt
	scan -q --ioc keyword.txt --pid "$T"
	is "$status" 1
	scan -q --json --min-score 60 --ioc keyword.txt --pid "$T"
	is "$status" 0
	is "$(json 'select(.type == "suppressed") | [.why, .hits] | @csv')" '"score",2'
	printf '\\\\implantd$;70;^%s/\n' "$DIR" > filename.txt
	scan -q --ioc filename.txt --pid "$T"
	is "$status" 0
	printf 'rule known { meta: score = -90 strings: $a = "BEACON" condition: $a }' > r.yar
	scan -q --json --ioc "$DIR/filename.txt" -r r.yar --pid "$T"
	is "$status" 0
	is "$(json 'select(.type == "suppressed") | [.why, .by, .hits] | @csv')" '"false-positive","known",1'
}

@test "a trusted program may do what is not: its hash silences its name and hash only" {
	start env -i BEACON=evil.example "$DIR/implantd" thread
	cp "$DIR/hash.txt" trusted-hash.txt
	scan -q --json --ioc trusted-hash.txt --ioc "$DIR/filename.txt" --ioc "$DIR/hash.txt" --ioc "$DIR/c2.txt" --pid "$T"
	is "$status" 1
	is "$(json 'select(.type == "suppressed") | [.why, .by, .hits] | @csv')" '"known-good","trusted-hash.txt",2'
	is "$(json 'select(.type == "hit") | .table // "memory"' | tr '\n' ' ')" "memory process_envs "
	scan -q --ioc trusted-hash.txt --ioc "$DIR/filename.txt" --pid "$T"
	is "$status" 0
}

@test "what cannot be read is said, and is not clean; a program over the limit is not hashed" {
	start env -i "$DIR/implantd" thread
	printf 'other$\n' > filename.txt; sha256sum filename.txt > hash.txt
	scan --max-scan 1000 --ioc hash.txt --pid "$T"
	is "$status" 3
	[[ $stderr == *"table 'hash': process $T: its executable of "*" bytes is over the limit and was not hashed"*"not complete"* ]]
	[ "$(id -u)" = 0 ] || skip "needs root, to be someone else"
	cp "$BIN/picket-scan" scan; chmod 755 scan; chmod 644 filename.txt hash.txt; chmod 755 .
	chmod o+x "$DIR" "$BATS_RUN_TMPDIR" 2> /dev/null || true
	run --separate-stderr setpriv --reuid=65534 --regid=65534 --clear-groups ./scan --json --ioc filename.txt --ioc hash.txt --pid "$T"
	[ "$status" -ne 126 ] || skip "the folder is not reachable for others"
	is "$status" 3
	is "$(json 'select(.type == "not-evaluated") | .table' | sort | tr '\n' ' ')" "hash process_envs process_open_sockets processes "
	is "$(json 'select(.type == "summary") | [.complete, .verdict] | @csv')" 'false,"incomplete"'
}

@test "one that ends before its memory is read keeps its hits; its number's next owner does not get them" {
	unshare --pid --fork --mount-proc true 2> /dev/null || skip "no PID namespaces here"
	[ -w /proc/sys/kernel/ns_last_pid ] || skip "numbers of processes cannot be chosen here"
	cat > inner <<- 'END'
		dir=$1 bin=$2
		"$dir/implantd" large > started & slow=$!
		until [ -s started ]; do sleep 0.02; done
		env -i BEACON=evil.example "$dir/implantd" thread > started2 & old=$!
		until [ -s started2 ]; do sleep 0.02; done
		"$bin/picket-scan" -p 1 --json --ioc "$dir/c2.txt" --pid $slow --pid $old > out 2> err & scan=$!
		until reader=$(pgrep -P $scan -x picket-reader); do sleep 0.01; done
		kill -STOP $reader
		kill -KILL $old
		wait $old
		for try in 1 2 3 4 5 6 7 8 9; do
			echo $((old - 1)) > /proc/sys/kernel/ns_last_pid
			"$dir/implantd" heap > started3 & new=$!
			[ $new = $old ] && break
			kill -KILL $new
		done
		until [ -s started3 ]; do sleep 0.02; done
		kill -CONT $reader
		wait $scan
		echo "$? $old $new" > numbers
	END
	unshare --pid --fork --mount-proc bash inner "$DIR" "$BIN" 3>&- 2> /dev/null || true
	read -r status old new < numbers
	[ "$old" = "$new" ] || skip "the number was taken by somebody else"
	output=$(< out) stderr=$(< err)
	is "$status" 1
	is "$(json 'select(.type == "hit" and .table == "process_envs") | [.pid, .path] | @csv')" "$old,\"$DIR/implantd\""
	is "$(json "select(.type == \"process\" and .pid == $old) | .outcome")" scanned
	[[ $stderr == *"process $old began too late to be compared with indicators"*"not complete"* ]]
}
