#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for live_utmp_fuzz: login records of both sizes, written into the folder given."""
import os
import struct
import sys


def narrow(kind, pid, line, user, host, sec):
    return struct.pack('<hxxi32s4s32s256shhiII16s20x', kind, pid, line, b'id', user, host, 0, 0, 0, sec, 5,
                       b'\xcb\x00\x71\x09' + bytes(12))


def wide(kind, pid, line, user, host, sec):
    return struct.pack('<hxxi32s4s32s256shhqqq16s20x4x', kind, pid, line, b'id', user, host, 0, 0, 0, sec, 5, bytes(16))


def main(folder):
    for name, make in (('narrow', narrow), ('wide', wide)):
        with open(os.path.join(folder, name), 'wb') as f:
            f.write(make(2, 0, b'~', b'reboot', b'6.1.0', 1700000000))
            f.write(make(7, 42, b'pts/0', b'u' * 32, b'203.0.113.9', 0xf0000000))
            f.write(make(8, 42, b'pts/0', b'', b'', 1700000009) + b'cut')


main(sys.argv[1])
