#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# No branch and no index of ML-KEM depends on a secret, as gcc compiles it for release. TAP.
set -u
cd "$(dirname "$0")/../.." || exit 1
if ! command -v valgrind > /dev/null || ! [ -e /usr/include/valgrind/memcheck.h ]; then
	echo '1..0 # SKIP no valgrind'
	exit 0
fi
out=build/timing
mkdir -p $out
gcc -std=gnu17 -D_GNU_SOURCE -g -O2 -Iinclude -o $out/mlkem tests/timing/mlkem.c lib/crypto/mlkem.c lib/crypto/keccak.c \
	-lsodium || exit 1
run() { valgrind -q --error-exitcode=9 --log-file=$out/log "$@" > /dev/null; }
echo 1..2
if run $out/mlkem; then
	echo 'ok 1 - nothing depends on a secret'
else
	echo 'not ok 1 - nothing depends on a secret'
	sed 's/^/# /' $out/log
fi
run $out/mlkem leak
if [ $? -eq 9 ]; then echo 'ok 2 - a branch on a secret is found'; else echo 'not ok 2 - a branch on a secret is found'; fi
