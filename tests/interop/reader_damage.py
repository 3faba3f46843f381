#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes altered copies of an unsigned bundle: well-formed age files, as anybody with a reader's public key can make them.

reader_damage.py BUNDLE IDENTITY RECIPIENT DIR writes DIR/NAME.age, one for each thing that docs/bundle-format.md forbids."""
import json
import re
import struct
import subprocess
import sys

bundle, identity, recipient, out = sys.argv[1:]


def run(*command, data=b""):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


payload = run("age", "-d", "-i", identity, bundle)
count = struct.unpack("<I", payload[-9:-5])[0]
table = payload[-9 - 8 * count - 8:]
sizes = list(struct.iter_unpack("<II", table[8:8 + 8 * count]))
frames, at = [], 0
for packed, _ in sizes:
    frames.append(payload[at:at + packed])
    at += packed
tar = run("zstd", "-dcq", data=payload[:at])


def seek_table(parts, flags=0, magic=0x8F92EAB1):
    body = b"".join(struct.pack("<II", len(z), n) for z, n in parts)
    return struct.pack("<II", 0x184D2A5E, len(body) + 9) + body + struct.pack("<IBI", len(parts), flags, magic)


def pack(plain, *options):
    return run("zstd", "-cq", f"--stream-size={len(plain)}", *(options or ("--check",)), data=plain)


def put(name, data):
    run("age", "-r", recipient, "-o", f"{out}/{name}.age", data=data)


def put_frames(name, parts, **more):
    put(name, b"".join(z for z, _ in parts) + seek_table(parts, **more))


def put_tar(name, changed, cuts=None):
    """The tar in frames where the original has them (or at `cuts`)."""
    parts, start = [], 0
    for n in cuts or [n for _, n in sizes]:
        piece = changed[start:start + n]
        start += n
        if piece:
            parts.append((pack(piece), len(piece)))
    if changed[start:]:
        parts.append((pack(changed[start:]), len(changed) - start))
    put_frames(name, parts)


def member(name):
    """Where the header of a member with a short name is."""
    at = -512
    while True:
        at = tar.index(name.encode() + b"\0", at + 512)
        if at % 512 == 0 and tar[at + 257:at + 262] == b"ustar":
            return at


def content(name):
    head = member(name)
    size = int(tar[head + 124:head + 135], 8)
    return head + 512, head + 512 + size


def replaced(at, new):
    return tar[:at] + new + tar[at + len(new):]


def edit(label, name, old, new):
    """Another text of the same length in a member."""
    start, end = content(name)
    found = re.search(old, tar[start:end])
    assert found, (label, old)
    new = new(found[0]) if callable(new) else new
    assert len(new) == len(found[0]) and new != found[0], (label, found[0], new)
    put_tar(label, replaced(start + found.start(), new))


def other(digit):
    return bytes([digit[0] ^ 1]) + digit[1:]


def mode(label, name, at, field):
    head = member(name)
    block = bytearray(tar[head:head + 512])
    block[at:at + len(field)] = field
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    put_tar(label, replaced(head, bytes(block)))


same = [(z, n) for z, (_, n) in zip(frames, sizes)]
put_frames("control-same-frames", same)
put_tar("control-same-tar", tar)

# frames and seek table
put("payload-cut", payload[:-1])
put("payload-extended", payload + b"\0")
put("payload-without-table", payload[:at])
put("payload-frame-after", payload + frames[0])
put("payload-empty", b"")
put_frames("frames-swapped", [same[1], same[0]] + same[2:])
put_frames("frames-one-missing", same[:1] + same[2:])
put_frames("frames-one-twice", [same[0]] + same)
put_frames("table-flags", same, flags=0x80)
put_frames("table-magic", same, magic=0x8F92EAB2)
put("table-sizes", payload[:at] + seek_table([same[1], same[0]] + same[2:]))


def nothing(size, says=None, magic=0x184D2A50):
    return struct.pack("<II", magic, size if says is None else says) + bytes(size), 0


put_frames("control-padding", same + [nothing(65536)])
put_frames("control-padding-several", same + [nothing(0), nothing(4194304), nothing(100)])
put_frames("padding-of-something", same + [(nothing(65536)[0][:-1] + b"x", 0)])
put_frames("padding-of-something-first", same + [(nothing(0, 100000)[0] + b"x" + bytes(99999), 0)])
put_frames("padding-too-large", same + [nothing(4194305)])
put_frames("padding-longer", same + [nothing(100, 101)])
put_frames("padding-shorter", same + [nothing(100, 99)])
put_frames("padding-of-another-kind", same + [nothing(100, magic=0x184D2A51)])
put_frames("padding-amidst", same[:1] + [nothing(100)] + same[1:])
put_frames("padding-before", [nothing(100)] + same)
put_frames("padding-and-data", same + [(nothing(100)[0], 5)])
put("padding-not-in-the-table", payload[:at] + nothing(100)[0] + table)
put("padding-in-the-table-alone", payload[:at] + seek_table(same + [nothing(100)]))
put("padding-behind", payload + nothing(100)[0])
first = tar[:sizes[0][1]]
put_frames("frame-no-check", [(pack(first, "--no-check"), len(first))] + same[1:])
put_frames("frame-no-size", [(run("zstd", "-cq", "--check", "--no-content-size", data=first), len(first))] + same[1:])
put_tar("frame-too-large", tar, [len(tar) - sizes[-1][1]])
put_tar("frames-elsewhere", tar, [sizes[0][1] - 512, sizes[1][1] + 512] + [n for _, n in sizes[2:]])

# tar
mode("tar-mode", "bagit.txt", 100, b"0000644")
mode("tar-setuid", "bagit.txt", 100, b"0004600")
mode("tar-uid", "bagit.txt", 108, b"0000001")
mode("tar-mtime", "bagit.txt", 136, b"00000000001")
mode("tar-link", "bagit.txt", 156, b"2")
mode("tar-owner", "bagit.txt", 265, b"root")
mode("tar-name", "bagit.txt", 0, b"bagit/txt")
put_tar("tar-padding", replaced(content("bagit.txt")[1], b"x"))
put_tar("tar-end", tar[:-1] + b"x")
put_tar("tar-no-end", tar[:-512])
put_tar("tar-more", tar + bytes(512))

# members
edit("bagit", "bagit.txt", rb"1\.0", b"0.9")
edit("bag-info-id", "bag-info.txt", rb"[0-9a-f]{32}", other)
edit("bag-info-text", "bag-info.txt", rb"UNSIGNED", b"SIGNED!!")
edit("terms", "meta/terms.txt", rb"mission: .", b"mission: Z")
edit("record-outcome", "meta/records-0000.jsonl", rb'"outcome":"taken"', b'"outcome":"tak3n"')
edit("record-salt", "meta/records-0000.jsonl", rb'"salt":"[0-9a-f]', lambda b: b[:-1] + other(b[-1:]))
edit("record-number", "meta/records-0000.jsonl", rb'"i":2,', b'"i":3,')
edit("record-type", "meta/records-0000.jsonl", rb'"t":"m"', b'"t":"x"')
edit("record-size", "meta/records-0000.jsonl", rb'"size":[0-9]', lambda b: b[:-1] + other(b[-1:]))
edit("record-sha256", "meta/records-0000.jsonl", rb'"sha256":"[0-9a-f]', lambda b: b[:-1] + other(b[-1:]))
edit("record-path", "meta/records-0000.jsonl", rb'"path":"/.', lambda b: b[:-1] + b"!")
edit("record-bundle", "meta/records-0000.jsonl", rb'"bundle":"[0-9a-f]', lambda b: b[:-1] + other(b[-1:]))
edit("note-size", "meta/note-0000", rb"\n[0-9]", lambda b: b"\n" + other(b[1:]))
edit("note-root", "meta/note-0000", rb"\n[A-Za-z0-9+/]{43}=", lambda b: b"\n" + (b"A" if b[1:2] != b"A" else b"B") + b[2:])
edit("note-frontier", "meta/note-0001", rb"frontier [0-9a-f]", lambda b: b[:-1] + other(b[-1:]))
edit("note-first", "meta/note-0001", rb"first [0-9]", lambda b: b[:-1] + other(b[-1:]))
edit("manifest", "manifest-sha256.txt", rb"^[0-9a-f]", other)
edit("tagmanifest", "tagmanifest-sha256.txt", rb"^[0-9a-f]", other)
edit("index", "meta/index.jsonl", rb'"records":\[[0-9]', lambda b: b[:-1] + other(b[-1:]))
edit("index-content", "meta/index.jsonl", rb'"at":\[[0-9]+,[0-9]', lambda b: b[:-1] + other(b[-1:]))
edit("checkpoint-contents", "meta/checkpoint", rb"contents [0-9]", lambda b: b[:-1] + other(b[-1:]))
edit("checkpoint-manifest", "meta/checkpoint", rb"\nmanifest [0-9a-f]", lambda b: b[:-1] + other(b[-1:]))
edit("end-leaves", "meta/end.json", rb'"leaves":[0-9]', lambda b: b[:-1] + other(b[-1:]))
edit("end-blanks", "meta/end.json", rb" \n$", b"\n\n")
data = re.search(rb'"sha256":"[0-9a-f]{64}"', tar)
name = re.search(rb"data/root/[^\0\n]{1,80}\0", tar)[0][:-1].decode()
start, end = content(name)
put_tar("content", replaced(start, other(tar[start:start + 1])))
print(json.dumps({"frames": count, "tar": len(tar)}))
