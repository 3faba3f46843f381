#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds of bundlewalk_fuzz: small unsigned bundles, made from docs/bundle-format.md, as that target takes them.

gen-bundlewalk.py DIR"""
import base64
import hashlib
import json
import sys


def sha(b):
    return hashlib.sha256(b).digest()


def root_of(leaves):
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\1" + root_of(leaves[:k]) + root_of(leaves[k:]))


def frontier_of(leaves):
    out = []
    while leaves:
        k = 1 << len(leaves).bit_length() - 1
        out.append(root_of(leaves[:k]))
        leaves = leaves[k:]
    return out


class Seed:
    def __init__(self):
        self.out, self.frame, self.at = b"", 0, 0
        self.leaves, self.manifest, self.tags = [], b"", b""
        self.index, self.index_contents, self.segments, self.contents = b"", b"", 0, 0

    def cut(self):
        self.out += b"@\n"
        self.frame, self.at = self.frame + 1, 0

    def member(self, name, content, tag=True):
        assert content.endswith(b"\n")
        place = [self.frame, self.at + 512, len(content)]
        self.out += b"@" + name.encode() + b"\n" + content
        self.at += 512 + len(content) + -len(content) % 512
        line = f"{sha(content).hex()}  {name}\n".encode()
        if name.startswith("data/"):
            self.manifest += line
            self.contents += 1
        elif tag:
            self.tags += line
        return place

    def record(self, t, **fields):
        leaf = len(self.leaves) + len(self.lines)
        head = {"t": t, "i": leaf, "salt": sha(b"%d" % leaf).hex()[:32]}
        self.lines.append(json.dumps({**head, **fields}, separators=(",", ":")).encode())
        return leaf

    def content(self, t, name, content, **fields):
        place = self.member(name, content)
        leaf = self.record(t, frame=place[0], off=place[1], size=place[2], sha256=sha(content).hex(), **fields)
        self.index_contents += b'{"leaf":%d,"at":[%d,%d,%d]}\n' % (leaf, *place)
        return leaf

    def head(self, text):
        root = base64.b64encode(root_of(self.leaves)).decode()
        return f"picket/{'42' * 16}\n{len(self.leaves)}\n{root}\n{text}".encode()

    def close(self):
        first, before = len(self.leaves), frontier_of(self.leaves)
        self.cut()
        records = self.member(f"meta/records-{self.segments:04}.jsonl", b"\n".join(self.lines) + b"\n")
        self.leaves += [sha(b"\0" + line) for line in self.lines]
        text = f"segment {self.segments}\nfirst {first}\n" + "".join(f"frontier {h.hex()}\n" for h in before)
        note = self.member(f"meta/note-{self.segments:04}", self.head(text))
        self.cut()
        self.index += (b'{"segment":%d,"first":%d,"leaves":%d,"records":[%d,%d,%d],"note":[%d,%d,%d]}\n'
                       % (self.segments, first, len(self.lines), *records, *note))
        self.lines, self.segments, self.last = [], self.segments + 1, (records, note)

    def make(self):
        self.lines = []
        self.member("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
        self.member("bag-info.txt", b"External-Identifier: " + b"42" * 16 + b"\nExternal-Description: Picket evidence "
                    b"bundle, UNSIGNED: nothing proves where it comes from\n")
        self.member("meta/terms.txt", b"none\n")
        self.record("b", v=1, bundle="42" * 16, signed=False, terms_sha256=sha(b"none\n").hex(), to=["0" * 64], part=1)
        leaf = self.content("c", "data/root/etc/passwd", b"root:x:0:0\n")
        self.record("m", path="/etc/passwd", kind="file", mode=420, outcome="taken", c=leaf)
        self.record("m", path="/etc/hard", kind="file", outcome="taken", c=leaf)
        self.record("m", path_b64="L/8K", kind="fifo", outcome="metadata")
        self.close()
        self.content("l", "data/live/users-0000.jsonl", b'{"uid":0}\n', table="users", rows=1, member="data/live/users-0000.jsonl")
        leaf = self.content("c", "data/root/sparse", b"abcdefg\n", extents=[[0, 4]], logical=1 << 41)
        self.record("c", more_of=leaf, extents=[[1 << 40, 4]])
        self.record("m", path="/sparse", kind="file", outcome="taken", c=leaf, via=["A"])
        self.record("m", more_of=len(self.leaves) + 3, via=["B"])
        self.record("h", rule="r", namespace="n", meta={}, strings=[], of=leaf)
        self.record("e", event="end")
        self.close()
        self.member("manifest-sha256.txt", self.manifest)
        tags = self.tags
        self.member("tagmanifest-sha256.txt", tags, False)
        self.cut()
        index = self.member("meta/index.jsonl", self.index + self.index_contents, False)
        text = (f"segments {self.segments}\ncontents {self.contents}\nmanifest {sha(self.manifest).hex()}\n"
                f"tagmanifest {sha(tags).hex()}\n")
        checkpoint = self.member("meta/checkpoint", self.head(text), False)
        self.cut()
        end = (b'{"v":1,"bundle":"%s","leaves":%d,"segments":%d,"contents":%d,"records":[%d,%d,%d],"note":[%d,%d,%d],'
               b'"index":[%d,%d,%d],"checkpoint":[%d,%d,%d]}'
               % (b"42" * 16, len(self.leaves), self.segments, self.contents, *self.last[0], *self.last[1], *index, *checkpoint))
        self.member("meta/end.json", end.ljust(511) + b"\n", False)
        return self.out


whole = Seed().make()
with open(sys.argv[1] + "/whole", "wb") as f:
    f.write(whole)
for name, old, new in [("terms", b"none\n", b"some\n"), ("outcome", b'"taken","c":1}', b'"taken","c":9}'), ("order", b'"i":2', b'"i":7'),
                       ("note", b"first 5", b"first 4"), ("more", b'"more_of":6', b'"more_of":9'), ("name", b"etc/hard", b"../hard!")]:
    assert old in whole, name
    with open(f"{sys.argv[1]}/{name}", "wb") as f:
        f.write(whole.replace(old, new, 1))
