# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# Whatever fails while a process is compared with indicators and its memory is read: a documented code, and never
# "clean". The process is this very script: its arguments and its memory have what is looked for.
setup() { echo 'fault/run.sh;80' >keyword.txt; }
command=(picket-scan --no-cache -p 1 --cpu 6400 --ioc keyword.txt --pid $$)
fine='1 3'
codes='2 4'
runs=25
check() {
	[ "$1" -ne 0 ] || echo 'clean, and there are hits'
	[ "$1" -ne 1 ] || grep -q '(processes.cmdline)$' "$out" || grep -q 'not complete' "$err" || echo 'a hit is missing'
}
