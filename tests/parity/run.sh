#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Hits against stock yara's on the same rules and files, namespace, rule, path, and where each string matched: of
# picket-scan over files, of picket-scan over the files sealed into a bundle, and of picket-collect in what it seals. Prints
# one TAP line a comparison. RULES (10000) random conditions over FILES (200) random files and some large ones; REAL (600)
# rules with strings out of this system's files; EXTERNALS (60) rules on names. SEED for another set.
set -u
here=$(cd "$(dirname "$0")" && pwd)
BIN=${BIN:-$here/../../build}
RULES=${RULES:-10000} FILES=${FILES:-200} REAL=${REAL:-600} EXTERNALS=${EXTERNALS:-60} SEED=${SEED:-4}
CHUNK=${CHUNK:-2000} # rules compared at once
export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C
W=$(mktemp -d)
trap 'rm -rf "$W"' EXIT
export XDG_CACHE_HOME=$W/cache
cd "$W" || exit 1
export XDG_CONFIG_HOME=$W/station
(umask 077 && "$BIN/picket-key" new p --org O --nation USA -q) || exit 1
n=0 failed=0

result() { # DESCRIPTION WANT GOT LEAST
	n=$((n + 1))
	if cmp -s "$2" "$3" && [ "$(wc -l < "$2")" -ge "$4" ]; then
		echo "ok $n - $1: $(wc -l < "$2") hits"
	else
		echo "not ok $n - $1: $(wc -l < "$2") hits of stock yara's, $(wc -l < "$3") of ours, at least $4 expected"
		diff "$2" "$3" | head -10 | cut -c1-300 | sed 's/^/# /'
		failed=1
	fi
}

stock() { yara -e -s -N -w -p 2 "$@" 2> stock.err | "$here/hits.py" stock; }
picket() { "$BIN/picket-scan" -q --json "$@" 2> picket.err | "$here/hits.py" picket; }
sealed() { picket -i "$W/p.identity" --bundle "$@" | sed "s|\t$PWD/|\t|" | LC_ALL=C sort; }
# What picket-collect finds while it collects FOLDER, by the records of its bundle.
collected() { # FOLDER OPTION...
	local folder=$1
	shift
	printf "name: Parity\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: ['/%s/**']}\nsupported_os: [Linux]\n" "$folder" > "$W/d.yaml"
	rm -f "$W/c.age"
	"$BIN/picket-collect" -q --root . --definitions "$W/d.yaml" -a Parity --no-walk --no-live --unsigned --to "$W/p.recipient" \
		"$@" -o "$W/c.age" > "$W/collect.err" 2>&1
	age -d -i "$W/p.identity" "$W/c.age" | tar --zstd -xO --wildcards 'meta/records-*' | "$here/hits.py" collect
	rm -f "$W/c.age"
}
namespaces() { local f; for f in "$@"; do printf '%s:%s\n' "${f%.yar}" "$f"; done; }

# --- random conditions -------------------------------------------------------------------------------------
python3 "$here/gen.py" fuzz "$SEED" "$RULES" "$FILES" large
cd fuzz || exit 1
# names of one file, and copies
for f in $(find files -type f -size -100k | sort | sed -n '1~9p'); do ln "$f" "$f-link" && cp "$f" "$f-copy"; done
find files -type f | sort > list
"$BIN/picket-bundle" seal files --unsigned --to p -o "$W/files.age" -q || exit 1
for ((first = 0; first < RULES; first += CHUNK)); do
	mapfile -t chunk < <(printf '%s\n' rules-*.yar | tail -n +$((first / 100 + 1)) | head -n $((CHUNK / 100)))
	mapfile -t as < <(namespaces "${chunk[@]}")
	stock "${as[@]}" --scan-list list > "$W/want"
	options=() rules=()
	for f in "${as[@]}"; do options+=(-r "$f"); done
	for how in '1 never' '2 always' '8 auto'; do
		picket -p "${how% *}" --partition "${how#* }" "${options[@]}" files > "$W/got"
		result "random rules from $first on, threads and partition $how" "$W/want" "$W/got" $((FILES * CHUNK / 25))
	done
	sealed "$W/files.age" "${options[@]}" > "$W/got"
	result "random rules from $first on, in a bundle" "$W/want" "$W/got" $((FILES * CHUNK / 25))
	for f in "${as[@]}"; do rules+=(--rules "$f"); done
	collected files "${rules[@]}" > "$W/got"
	result "random rules from $first on, while collecting" "$W/want" "$W/got" $((FILES * CHUNK / 25))
done

# --- the same names in several files of rules, includes ---------------------------------------------------
mkdir same && cd same || exit 1
for f in 0 1 2; do
	cat > "s$f.yar" <<- END
		private rule hidden { condition: filesize > $f }
		rule shown : t$f { strings: \$a = "alpha" \$b = "$f" condition: hidden and (\$a or \$b) }
		$([ $f = 1 ] && echo 'global rule only { condition: uint16(0) != 0x5a4d }')
	END
done
echo 'rule inside { condition: shown or filesize < 100 }' > part.inc
printf 'rule shown { condition: filesize > 3 }\ninclude "part.inc"\n' > s3.yar
stock s0:s0.yar s1:s1.yar s2:s2.yar s3:s3.yar --scan-list ../list | sed 's/\tfiles/\t..\/files/' > "$W/want"
(cd .. && stock s0:same/s0.yar s1:same/s1.yar s2:same/s2.yar s3:same/s3.yar --scan-list list > "$W/want")
(cd .. && picket --partition always -r s0:same/s0.yar -r s1:same/s1.yar -r s2:same/s2.yar -r s3:same/s3.yar files > "$W/got")
result "the same names in four files, private, global, included" "$W/want" "$W/got" "$FILES"
cd ..

# --- external variables -------------------------------------------------------------------------------------
python3 - "$EXTERNALS" > ext.yar <<- 'END'
	import random, sys
	r = random.Random(9)
	for i in range(int(sys.argv[1])):
	    term = lambda: r.choice(['filename matches /f00[0-%d]/' % r.randrange(9), 'filename contains "%d"' % r.randrange(9),
	        'filepath endswith "/files"', 'filepath endswith "s"', 'extension == ""', 'filename == "f0003"', '$a', 'uint16(0) == 0x5a4d',
	        'filename startswith "large"', 'filename iequals "F0001"',
	        'permissions endswith "r-x"', 'filemode & 0o4000 != 0'])
	    op = r.choice([" and ", " or ", " and not "])
	    print('rule e%d { strings: $a = "alpha" condition: ($a and false) or (%s) }' % (i, op.join(term() for _ in range(r.randrange(1, 4)))))
END
find files -type f -size -1000k | sort | head -60 > list
mkdir few && mkdir few/files && xargs cp -t few/files < list && cd few && mv ../ext.yar .
i=0
for f in files/*; do
	modes=(640 755 4711)
	chmod "${modes[i++ % 3]}" "$f"
	stock -d filename="${f##*/}" -d filepath="$PWD/files" -d extension= -d permissions="$(stat -c %A "$f")" \
		-d filemode=$((16#$(stat -c %f "$f"))) ext:ext.yar "$f"
done | sort > "$W/want"
picket -r ext:ext.yar "$PWD/files" | sed "s|\t$PWD/|\t|" > "$W/got"
result "external variables" "$W/want" "$W/got" "$EXTERNALS"
"$BIN/picket-bundle" seal files --unsigned --to p -o "$W/few.age" -q
sealed "$W/few.age" -r ext:ext.yar > "$W/got"
result "external variables in a bundle" "$W/want" "$W/got" "$EXTERNALS"
collected files --rules ext:ext.yar > "$W/got"
result "external variables while collecting" "$W/want" "$W/got" "$EXTERNALS"
cd ..
cd ..

# --- strings of this system's files -----------------------------------------------------------------------
mkdir real && cd real || exit 1
python3 "$here/real.py" . "$SEED" "$REAL" /usr/bin /usr/lib/python3 /usr/share/perl /etc
mapfile -t as < <(namespaces real-*.yar)
options=()
for f in "${as[@]}"; do options+=(-r "$f"); done
stock "${as[@]}" --scan-list list > "$W/want"
for how in 'never 2' 'always 2' 'auto 1'; do
	mapfile -t operands < list
	picket -p "${how#* }" --partition "${how% *}" "${options[@]}" "${operands[@]}" > "$W/got"
	result "strings of system files, partition and threads $how" "$W/want" "$W/got" "$REAL"
done
if [ "$REAL" -ge 600 ]; then # tens of megabytes
	"$BIN/picket-bundle" seal "${operands[@]}" --unsigned --to p -o "$W/real.age" -q
	sealed "$W/real.age" "${options[@]}" > "$W/got"
	result "strings of system files, in a bundle" "$W/want" "$W/got" "$REAL"
fi
echo "1..$n"
exit $failed
