#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Recomputes, from docs/bundle-format.md alone, the Merkle tree, the notes' texts and the checkpoint of an unpacked bag.

bundle_tree.py DIR; fails with a traceback on the first difference."""
import base64, glob, hashlib, json, sys

root_dir = sys.argv[1]


def sha(b):
    return hashlib.sha256(b).digest()


def read(name):
    with open(f"{root_dir}/{name}", "rb") as f:
        return f.read()


def frontier_add(frontier, size, leaf):
    while size & 1:
        leaf = sha(b"\x01" + frontier.pop() + leaf)
        size >>= 1
    frontier.append(leaf)


def frontier_root(frontier):
    h = frontier[-1]
    for left in reversed(frontier[:-1]):
        h = sha(b"\x01" + left + h)
    return h


end = json.loads(read("meta/end.json"))
assert len(read("meta/end.json")) == 512
origin = f"picket/{end['bundle']}"
frontier, size, contents = [], 0, 0
segments = len(glob.glob(f"{root_dir}/meta/records-*.jsonl"))
for n in range(segments):
    text = f"segment {n}\nfirst {size}\n" + "".join(f"frontier {h.hex()}\n" for h in frontier)
    for line in read(f"meta/records-{n:04}.jsonl").splitlines():
        record = json.loads(line)
        assert record["i"] == size
        contents += record["t"] in "cl"
        frontier_add(frontier, size, sha(b"\x00" + line))
        size += 1
    head = f"{origin}\n{size}\n{base64.b64encode(frontier_root(frontier)).decode()}\n" + f"ticket {sha(read('meta/ticket.txt')).hex()}\n"
    note = read(f"meta/note-{n:04}").decode()
    assert note.startswith(head + text + "\n\u2014 ticket-"), note
checkpoint = read("meta/checkpoint").decode()
final = (head + f"segments {segments}\ncontents {contents}\n"
         + f"manifest {sha(read('manifest-sha256.txt')).hex()}\n"
         + f"tagmanifest {sha(read('tagmanifest-sha256.txt')).hex()}\n")
assert checkpoint.startswith(final + "\n\u2014 ticket-"), (checkpoint, final)
assert end["leaves"] == size and end["segments"] == segments and end["contents"] == contents
