#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Indicator sets: what loading a million hashes takes (with and without a description each), and 3,800 expressions for
# file names and 1,800 domains and addresses, of the make-up of public sets; then the same over 5,000 small files.
# Targets: a million hashes in less than a second, at most 40 bytes each.
set -eu
W=$(mktemp -d)
trap 'rm -rf "$W"' EXIT
mkdir "$W/one" "$W/many"
echo x > "$W/one/a"
python3 - "$W" <<'PY'
import hashlib, random, sys
w = sys.argv[1]
random.seed(1)
word = lambda a, b: ''.join(random.choice('abcdefghijklmnopqrstuvwxyz') for _ in range(random.randint(a, b)))
digests = [hashlib.sha256(b'%d' % i).hexdigest() for i in range(1000000)]
open(w + '/plain-hash.txt', 'w').write(''.join(d + '\n' for d in digests))
open(w + '/described-hash.txt', 'w').write(''.join('%s;80;family %d\n' % (d, i) for i, d in enumerate(digests)))
forms = ['\\\\%s\\.exe;80\n'] * 7 + ['(TEMP|Temp)\\\\[^\\\\]+\\.%s$;70\n', 'ystem32\\\\%s\\.dll;60;\\\\Dell\\\\\n',
	'(?i)\\\\%s[0-9]{1,3}\\.(exe|dll)$;60\n']
open(w + '/filename.txt', 'w').write(''.join(random.choice(forms) % word(4, 10) for _ in range(3828)))
open(w + '/c2.txt', 'w').write(''.join('%s.%s\n' % (word(4, 10), random.choice(['com', 'net', 'info', 'example.org'])) for _ in range(1709)) +
	''.join('%d.%d.%d.%d\n' % (random.randint(11, 99), random.randint(0, 255), random.randint(0, 255), random.randint(1, 254)) for _ in range(135)))
for i in range(5000):
	open('%s/many/%d.txt' % (w, i), 'w').write('file %d\n' % i)
PY
scan="\"\$BIN\"/picket-scan -q --no-cache"
./measure.py -n "$ROUNDS" \
	'1 file, 1,000,000 hashes' "$scan --ioc $W/plain-hash.txt $W/one" \
	'  described one by one' "$scan --ioc $W/described-hash.txt $W/one" \
	'1 file, 3,828 names' "$scan --ioc $W/filename.txt $W/one" \
	'1 file, 1,844 C2' "$scan --ioc $W/c2.txt $W/one" \
	'5,000 files, hashes' "$scan --ioc $W/plain-hash.txt $W/many" \
	'5,000 files, names' "$scan --ioc $W/filename.txt $W/many" \
	'5,000 files, C2' "$scan --ioc $W/c2.txt $W/many"
