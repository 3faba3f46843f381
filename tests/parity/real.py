#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules with strings out of this system's own files: real.py OUT SEED RULES FOLDER... writes OUT/list (files, one a
line) and OUT/real-N.yar, a hundred rules each, guarded as public sets are."""
import os
import random
import stat
import sys

GUARDS = ["", "", "uint32(0) == 0x464c457f and ", "uint16(0) == 0x2123 and ", "filesize < 100KB and ", "filesize > 1MB and ",
          "filesize < 20MB and ", "(uint16(0) == 0x5a4d or uint32(0) == 0x464c457f) and ", "not pe.is_pe and ",
          "elf.type == elf.ET_DYN and ", "filesize < 1MB and uint32be(0) == 0x7f454c46 and ", "uint16(0) == 0x8b1f and "]
BODIES = ["any of them", "all of them", "2 of them", "$s0", "$s0 or pe.number_of_sections > 2", "#s0 > 1", "$s0 in (0..4096)",
          "any of them and not pe.is_pe", "@s0[1] > 100 or all of them"]


def files(folders):
    for top in folders:
        for folder, _, names in sorted(os.walk(top)):
            for name in sorted(names):
                path = os.path.join(folder, name)
                st = os.lstat(path)
                if stat.S_ISREG(st.st_mode) and st.st_size > 64 and "\n" not in path and os.access(path, os.R_OK):
                    yield path, st.st_size


def main():
    out, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    r = random.Random(seed)
    found = list(files(sys.argv[4:]))
    found = r.sample(found, min(len(found), 1500))
    with open(os.path.join(out, "list"), "w") as f:
        f.writelines(p + "\n" for p, _ in sorted(found))
    text = ""
    for i in range(count):
        path, size = r.choice(found)
        strings = []
        with open(path, "rb") as f:
            for k in range(r.randrange(1, 5)):
                f.seek(r.randrange(0, size - 32))
                data = f.read(r.randrange(6, 20))
                while len(set(data)) < 5: # not padding, which is everywhere
                    f.seek(r.randrange(0, size - 32))
                    data = f.read(r.randrange(6, 20))
                    if r.random() < 0.1:
                        data = r.randbytes(8)
                if r.random() < 0.3 and all(32 < c < 127 and c not in b'"\\' for c in data):
                    strings.append('$s%d = "%s"%s' % (k, data.decode(), r.choice(["", " nocase", " ascii wide"])))
                else:
                    strings.append("$s%d = { %s }" % (k, " ".join("%02x" % c for c in data)))
        body = r.choice(BODIES)
        if body.startswith(("$s0", "#s0", "@s0")) and "them" not in body:
            strings = strings[:1]
        text += "rule real%d { strings: %s condition: %s%s }\n" % (i, "\n  ".join(strings), r.choice(GUARDS), body)
        if i % 100 == 99 or i == count - 1:
            with open(os.path.join(out, "real-%03d.yar" % (i // 100)), "w") as f:
                f.write('import "pe"\nimport "elf"\n' + text)
            text = ""


main()
