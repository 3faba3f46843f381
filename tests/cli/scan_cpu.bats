#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# picket-scan --cpu: the scan and its children together take no more than their share, and find the same.
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build} DIR=$BATS_FILE_TMPDIR
	# one file that one call of the engine is at for half a second
	{ head -c 200000000 /dev/urandom; echo needle-zz; } > "$DIR/big"
	printf 'rule needle { strings: $a = "needle-zz" $b = /x[0-9]{3,9}yy/ condition: any of them }\n' > "$DIR/r.yar"
}
setup() { cd "$BATS_TEST_TMPDIR"; }

scan() { run --separate-stderr "$BIN/picket-scan" "$@"; }
is() { [ "$1" = "$2" ] || { echo "is '$1', not '$2'"; head -c 2000 <<< "$stderr"; return 1; }; }

# Runs a scan; prints its exit code, processor time and time in milliseconds.
measure() {
	python3 - "$BIN/picket-scan" "$@" <<- 'END'
		import os, sys, time
		t = time.monotonic()
		pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ,
		                     file_actions=[(os.POSIX_SPAWN_OPEN, 1, "out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
		                                   (os.POSIX_SPAWN_OPEN, 2, "err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)])
		status, usage = os.wait4(pid, 0)[1:]
		print(os.waitstatus_to_exitcode(status), round(1000 * (usage.ru_utime + usage.ru_stime)), round(1000 * (time.monotonic() - t)))
	END
}

@test "one large file: a tenth of a core is a tenth of a core, and its time limit stretches" {
	read -r status cpu wall < <(measure -q --no-cache --cpu 10 --timeout 1 -r "$DIR/r.yar" "$DIR/big")
	echo "$cpu of $wall ms"
	is "$status" 1
	is "$(cat out err)" "needle $DIR/big"
	[ "$cpu" -ge 100 ]
	# whatever else this machine does makes it less
	[ $((100 * cpu / wall)) -lt 25 ]
}

@test "trees, archives, indicators and processes are held too" {
	mkdir t
	for i in $(seq 100); do head -c 300000 /dev/urandom > "t/$i"; done
	tar czf t.tgz t
	sha256sum t/7 > hash.txt
	printf 'needle-zz\n' > keyword.txt
	sleep 300 3>&- &
	target=$! # a process substitution changes it
	read -r status cpu wall < <(measure -q --no-cache --cpu 15 --archives --ioc hash.txt --ioc keyword.txt -r "$DIR/r.yar" --pid $target t t.tgz)
	kill $target
	echo "$cpu of $wall ms"
	is "$status" 1
	is "$(cat err)" ""
	is "$(sort out)" "$(printf 'ioc:hash t.tgz!/t/7\nioc:hash t/7')"
	[ $((100 * cpu / wall)) -lt 35 ]
}

@test "what is no share of a core: exit 2" {
	for p in 4 6401 x -5 ''; do
		scan --cpu "$p" -r "$DIR/r.yar" "$DIR/r.yar"
		is "$status" 2
	done
	scan --cpu 4 -r "$DIR/r.yar" "$DIR/r.yar"
	[[ $stderr == *"--cpu takes 5 to 6400 percent of one core"* ]]
	scan --cpu 50 --profile -r "$DIR/r.yar" "$DIR/r.yar"
	is "$status" 2
	[[ $stderr == *"--profile measures time, which --cpu stretches"* ]]
}
