#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Speed and memory against stock tools in the same run. Nothing here passes or fails: it prints figures.
# BENCH="collect age" runs only those; ROUNDS=9 for more rounds.
set -u
cd "$(dirname "$0")" || exit 1
export BIN=${BIN:-$PWD/../../build}
export ROUNDS=${ROUNDS:-5}
printf 'machine: %s cores, %s\n' "$(nproc)" "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)"
for f in *.sh; do
	name=${f%.sh}
	[ "$name" = run ] && continue
	case " ${BENCH:-$name} " in *" $name "*) ;; *) continue ;; esac
	printf '\n== %s\n' "$name"
	sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$f" | grep -v SPDX
	bash "$f"
done
