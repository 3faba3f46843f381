#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Archives for scan_archive.bats, good and hostile: scan_archive.py NAME writes it into the current folder.
Formats: zip by APPNOTE.TXT, tar by POSIX pax, cpio "newc" by cpio(5), rpm by its file format (lead, two headers, payload)."""
import bz2
import gzip
import io
import lzma
import struct
import sys
import tarfile
import zipfile

EVIL = b"xx EVIL-MARK yy\n"


def tar_of(members, fmt=tarfile.PAX_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=fmt) as t:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.mode = 0o4755
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zip_of(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, data in members:
            z.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def odd_zip():
    """Members that the directory calls a folder, a link, a device."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, system, attr in (("a", 3, 0o40755 << 16), ("b", 0, 0x10), ("c", 3, 0o120777 << 16), ("d/", 3, 0)):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = system, attr
            z.writestr(info, EVIL, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def unlisted_zip():
    """A member in front, and one between, that the directory does not name."""
    one, two = zip_of([("x", EVIL)]), zip_of([("y", b"fine")])
    hidden, listed = one[:one.index(b"PK\x01\x02")], two[:two.index(b"PK\x01\x02")]
    entry = bytearray(two[two.index(b"PK\x01\x02"):two.index(b"PK\x05\x06")])
    entry[42:46] = struct.pack("<I", len(hidden))
    body = hidden + listed + hidden
    return body + bytes(entry) + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(entry), len(body), 0)


def cpio_of(members):
    out = b""
    for name, data in members + [("TRAILER!!!", b"")]:
        field = [0, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        out += b"070701" + b"".join(b"%08x" % f for f in field) + name.encode() + b"\0"
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return out


def ar_of(members):
    out = b"!<arch>\n"
    for name, data in members:
        out += b"%-16s%-12d%-6d%-6d%-8o%-10d`\n" % (name.encode() + b"/", 0, 0, 0, 0o100644, len(data)) + data
        out += b"\n" * (len(data) % 2)
    return out


def rpm_of(members):
    lead = b"\xed\xab\xee\xdb\x03\0" + b"\0" * 90
    header = b"\x8e\xad\xe8\x01\0\0\0\0" + struct.pack(">II", 0, 0)
    return lead + header + header + gzip.compress(cpio_of(members))


def encrypted(data):
    """A zip whose members say that they are encrypted."""
    out = bytearray(data)
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        i = out.find(sign)
        while i >= 0:
            out[i + at] |= 1
            i = out.find(sign, i + 4)
    return bytes(out)


def nested(depth):
    data = EVIL
    for i in range(depth, 0, -1):
        data = zip_of([("%d.zip" % (i + 1) if i < depth else "in", data)])
    return data


def folders(n):
    info = tarfile.TarInfo("d")
    info.type = tarfile.DIRTYPE
    return gzip.compress(info.tobuf(tarfile.USTAR_FORMAT) * n + b"\0" * 1024, 1)


def noise(n):
    """Bytes that no compression makes shorter; the same each time."""
    out, x = bytearray(), 1
    for _ in range(n // 4):
        x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
        out += struct.pack("<I", x ^ x >> 13)
    return bytes(out)


def links():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as t:
        for name, kind, to in (("l", tarfile.SYMTYPE, "/etc/passwd"), ("h", tarfile.LNKTYPE, "../x"),
                               ("f", tarfile.FIFOTYPE, ""), ("d", tarfile.DIRTYPE, "")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, to
            t.addfile(info)
        info = tarfile.TarInfo("/../../x")
        info.size = len(EVIL)
        t.addfile(info, io.BytesIO(EVIL))
    return out.getvalue()


def sparse_tar(size):
    """A tar whose one member is so long; the file has the header only, the caller makes it longer."""
    info = tarfile.TarInfo("long")
    info.size = size
    return info.tobuf(tarfile.GNU_FORMAT)


IN = [("b/c.exe", EVIL), ("ok.txt", b"fine")]
MAKE = {
    "a.zip": lambda: zip_of(IN),
    "odd.zip": odd_zip,
    "unlisted.zip": unlisted_zip,
    "a.jar": lambda: zip_of(IN, zipfile.ZIP_STORED),
    "a.tar": lambda: tar_of(IN),
    "old.tar": lambda: tar_of(IN, tarfile.GNU_FORMAT),
    "a.tar.gz": lambda: gzip.compress(tar_of(IN)),
    "a.tar.bz2": lambda: bz2.compress(tar_of(IN)),
    "a.tar.xz": lambda: lzma.compress(tar_of(IN)),
    "a.cpio": lambda: cpio_of(IN),
    "a.cpio.gz": lambda: gzip.compress(cpio_of(IN)),
    "a.rpm": lambda: rpm_of(IN),
    "a.deb": lambda: ar_of([("debian-binary", b"2.0\n"), ("data.tar.xz", lzma.compress(tar_of(IN)))]),
    "log.gz": lambda: gzip.compress(EVIL),
    "log.bz2": lambda: bz2.compress(EVIL),
    "log.xz": lambda: lzma.compress(EVIL),
    "log.lzma": lambda: lzma.compress(EVIL, lzma.FORMAT_ALONE),
    "large.gz": lambda: gzip.compress(noise(5 << 20) + EVIL, 1),
    "n4.zip": lambda: nested(4),
    "utf8.zip": lambda: zip_of([("größe/日本.txt", EVIL)]),
    "latin1.tar": lambda: tar_of([("gr\udcf6\udcdfe", EVIL)], tarfile.GNU_FORMAT),
    "behind.exe": lambda: b"MZ" + b"\x90" * 3000 + zip_of(IN),
    "locked.zip": lambda: encrypted(zip_of([("secret", EVIL)])),
    "links.tar": links,
    "cut.gz": lambda: gzip.compress(EVIL + noise(200000))[:-50000],
    "cut.zip": lambda: zip_of([("first", EVIL), ("second", noise(100000))])[:-60000],
    "cut.tar": lambda: tar_of([("first", EVIL), ("second", noise(100000))])[:60000],
    "liar.gz": lambda: b"\x1f\x8b\x08\0" + b"junk" * 100,
    "liar.7z": lambda: b"7z\xbc\xaf\x27\x1c\0\4" + b"\xff" * 200,
    "liar.zip": lambda: b"PK\x03\x04" + b"\xff" * 200,
    "crc.zip": lambda: zip_of([("c", EVIL)], zipfile.ZIP_STORED).replace(b"yy", b"zz", 1),
    "zeros.gz": lambda: gzip.compress(b"\0" * 5000 + EVIL),
    "two.tar.gz": lambda: gzip.compress(tar_of([("one", b"1")]) + tar_of([("two", EVIL)])),
    "boot.img": lambda: cpio_of([("early", b"1")]) + b"\0" * 512 + gzip.compress(cpio_of([("main", EVIL)])),
    "after.cpio.gz": lambda: gzip.compress(cpio_of([("one", b"1")]) + b"\0" * 512 + EVIL),
    "after.gz": lambda: gzip.compress(b"one") + b"something else",
    "two.gz": lambda: gzip.compress(b"one") + gzip.compress(EVIL),
    "bomb.gz": lambda: gzip.compress(EVIL + b"\0" * (70 << 20)),
    "many.tar.gz": lambda: folders(100001),
    "longname.tar": lambda: tar_of([("x" * 40000, EVIL)]),
    "long.tar": lambda: sparse_tar(257 << 20),
    "a.rar": lambda: b"Rar!\x1a\x07\x01\0" + b"\0" * 50,
    "huge-hole.tar": lambda: hole(),
    "bin": lambda: b"\xc7\x71 no cpio at all",
    "text": lambda: b"no archive\n",
}


def hole():
    """A sparse member (pax 1.0) of 2 TiB with nothing in it."""
    data = b"1\n2199023255552\n0\n"
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as t:
        info = tarfile.TarInfo("GNUSparseFile.0/hole")
        info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "hole",
                            "GNU.sparse.realsize": "2199023255552"}
        data += b"\0" * (-len(data) % 512)
        info.size = len(data)
        t.addfile(info, io.BytesIO(data))
    return out.getvalue()


for name in sys.argv[1:]:
    with open(name, "wb") as f:
        f.write(MAKE[name]())
