#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for unpack_fuzz: gen-unpack.py FOLDER writes the small archives of tests/cli/scan_archive.py, each behind an 'A'."""
import os
import subprocess
import sys
import tempfile

maker = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli", "scan_archive.py")
names = ("a.zip a.jar a.tar old.tar a.tar.gz a.tar.bz2 a.tar.xz a.cpio a.cpio.gz a.rpm a.deb log.lzma n4.zip utf8.zip locked.zip "
         "links.tar crc.zip odd.zip unlisted.zip zeros.gz two.tar.gz boot.img after.cpio.gz after.gz two.gz huge-hole.tar").split()
with tempfile.TemporaryDirectory() as t:
    subprocess.run([sys.executable, maker] + names, cwd=t, check=True)
    for name in names:
        with open(os.path.join(t, name), "rb") as f, open(os.path.join(sys.argv[1], name), "wb") as out:
            out.write(b"A" + f.read())
