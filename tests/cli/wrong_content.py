#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seals a bundle again with a content that is not what its record says: who has the ticket's keys can.

wrong_content.py BUNDLE IDENTITY RECIPIENT OLD NEW OUT

OLD, which must be there once in all contents and records, becomes NEW, as long as OLD: nothing else changes but the size of its frame.
OUT has no signature yet."""
import struct, subprocess, sys

bundle, identity, recipient, old, new, out = sys.argv[1:]
old, new = old.encode(), new.encode()
assert len(old) == len(new) and old != new


def run(*args, data=None):
    return subprocess.run(args, input=data, capture_output=True, check=True).stdout


plain = run("age", "-d", "-i", identity, bundle)
n = struct.unpack("<I", plain[-9:-5])[0]
table = len(plain) - (8 + 8 * n + 9)
entries = [struct.unpack("<II", plain[table + 8 + 8 * i:table + 16 + 8 * i]) for i in range(n)]
at, found, frames = 0, 0, b""
for i, (packed, size) in enumerate(entries):
    frame = plain[at:at + packed]
    at += packed
    text = run("zstd", "-dc", data=frame)
    if old in text:
        found += text.count(old)
        frame = run("zstd", "-qc", "--check", "--stream-size=%d" % size, data=text.replace(old, new))
        entries[i] = len(frame), size
    frames += frame
assert found == 1, found
assert at == table
seek = plain[table:table + 8] + b"".join(struct.pack("<II", *e) for e in entries) + plain[-9:]
with open(out, "wb") as f:
    f.write(run("age", "-r", recipient, data=frames + seek))
