#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# picket-scan, its compiled rules in the cache, against yara with its compiled rules, on copies of this system's files:
# 8,000 of up to 16 KiB, 3,000 of any size up to 8 MiB, and the ten largest below 64 MiB. RULES=folder takes a real set; without it
# tests/bench/scan-rules.py makes 5,800 rules. Bar: 2.0, 1.6 and 1.4 times as fast, and a start within 60 ms.
set -eu
W=$(mktemp -d)
trap 'rm -rf "$W"' EXIT
here=$PWD
export XDG_CACHE_HOME=$W/cache
export rules=${RULES:-$W/rules}
[ -n "${RULES:-}" ] || python3 "$here/scan-rules.py" "$rules" 5800
python3 - "$W" <<- 'END'
	import os, random, shutil, stat, sys
	r, out, found = random.Random(5), sys.argv[1], []
	for top in ("/usr", "/etc", "/lib", "/boot"):
	    for folder, _, names in sorted(os.walk(top)):
	        for name in sorted(names):
	            st = os.lstat(os.path.join(folder, name))
	            if stat.S_ISREG(st.st_mode) and st.st_size:
	                found.append((st.st_size, os.path.join(folder, name)))
	small, mixed = [f for f in found if f[0] < 16384], [f for f in found if f[0] < 8 << 20]
	for kind, files in (("small", r.sample(small, min(8000, len(small)))), ("mixed", r.sample(mixed, min(3000, len(mixed)))),
	                    ("large", [f for f in sorted(found) if f[0] < 64 << 20][-10:]), ("one", [min(found)])):
	    os.mkdir(os.path.join(out, kind))
	    for i, (_, path) in enumerate(files):
	        shutil.copyfile(path, os.path.join(out, kind, "%05d" % i))
END
# each file of rules is a namespace; the external variables are those that such sets use
sources=()
while read -r f; do sources+=("n${#sources[@]}:$f"); done < <(find "$rules" -name '*.yar' -o -name '*.yara' | sort)
define=(-d filename= -d filepath= -d extension= -d filetype= -d owner=)
yarac -w "${define[@]}" "${sources[@]}" "$W/rules.yarac"
printf '  %s rules in %s files\n' "$(cat "$rules"/*.yar* | grep -cE '^(private |global )*rule ')" "${#sources[@]}"
for kind in small mixed large one; do
	printf '  %s: %s files, %s MB\n' $kind "$(find "$W/$kind" -type f | wc -l)" "$(du -sm "$W/$kind" | cut -f1)"
	for _ in 1 2; do "$BIN/picket-scan" -q -p 2 -r "$rules" "$W/$kind" > /dev/null 2>&1 || true; done
	"$here/measure.py" -n "$ROUNDS" \
		'picket-scan' "\"\$BIN\"/picket-scan -q -p 2 -r \"\$rules\" $W/$kind" \
		'yara -C -p 2' "yara -C -N -r -p 2 ${define[*]} $W/rules.yarac $W/$kind" \
		'picket-scan --no-cache' "\"\$BIN\"/picket-scan -q --no-cache -p 2 -r \"\$rules\" $W/$kind"
done
