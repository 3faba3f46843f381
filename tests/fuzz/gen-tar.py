#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for tar_fuzz: headers as another implementation writes them, in the one form that is accepted and beside it."""
import io
import os
import sys
import tarfile

out = sys.argv[1]
os.makedirs(out, exist_ok=True)


def header(name, size, **fields):
    info = tarfile.TarInfo(name)
    info.size = size
    info.mode = 0o600
    for key, value in fields.items():
        setattr(info, key, value)
    return info.tobuf(tarfile.PAX_FORMAT)


seeds = {
    "short": header("data/root/etc/passwd", 1234),
    "empty": header("bagit.txt", 0),
    "long": header("data/root/" + "x" * 400, 5),
    "large": header("data/root/big", 9 << 30),
    "both": header("data/" + "y" * 1000, 1 << 40),
    "end": bytes(1024),
    "owner": header("a", 1, uname="root", uid=5),
    "link": header("a", 0, type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    "time": header("a", 0, mtime=1700000000.5),
}
for name, data in seeds.items():
    with open(os.path.join(out, name), "wb") as f:
        f.write(data)
