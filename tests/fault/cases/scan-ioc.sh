# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# Whatever fails while sets are read and compared: a documented code, and never "clean" (the file here has two hits).
setup() {
	printf 'evil.com;80\n' >c2.txt
	printf '\\\\file$;60\n' >filename.txt
	echo 900150983cd24fb0d6963f7d28e17f72 >hash.txt
	echo evil.com >file
}
command=(picket-scan --no-cache -p 1 --ioc c2.txt --ioc filename.txt --ioc hash.txt file)
fine='1 3'
codes='2 4' # 2: a source that there is no memory for costs itself, and it may be the only one
runs=25
check() {
	[ "$1" -ne 0 ] || echo 'clean, and there are hits'
	[ "$1" -ne 1 ] || [ "$(grep -c '^ioc:' "$out")" -eq 2 ] || grep -q 'not complete' "$err" || echo 'a hit is missing'
}
