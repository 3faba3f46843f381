#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Changes files under a scanner until standard input closes: scan_stress.py FOLDER SEED. Prints a line once it runs.
Files named anchor-* are left alone."""
import os
import random
import select
import socket
import sys

folder, r = sys.argv[1].encode(), random.Random(int(sys.argv[2]))
NAMES = [b"a", b"\xff\xfe", b"new\nline", b"\x1b[31mred", b"-r", b"$(id)", b"x" * 255, b" ", b"\xe2\x80\xaeexe", b"'\"", b"%s%n"]


def path(name):
    return os.path.join(folder, name)


def write(name, size):
    with open(path(name), "wb") as f:
        f.write(r.choice([b"\0", b"q", b"MZ"]) * size)


def shrink():
    os.truncate(path(b"big%d" % r.randrange(4)), r.choice([0, 1, 4096, 5 << 20]))


def regrow():
    os.truncate(path(b"big%d" % r.randrange(4)), r.choice([4 << 20, 9 << 20, 12 << 20]))


def grow():
    with open(path(b"grows"), "ab") as f:
        f.write(b"z" * 100000)
    if os.path.getsize(path(b"grows")) > 20 << 20:
        os.truncate(path(b"grows"), 0)


def vanish():
    name = r.choice(NAMES)
    if os.path.lexists(path(name)):
        os.unlink(path(name))
    else:
        write(name, r.choice([0, 10, 70000]))


def turn():
    """What was one kind of thing is another one."""
    name = path(b"turns")
    if os.path.isdir(name) and not os.path.islink(name):
        os.rmdir(name)
    elif os.path.lexists(name):
        os.unlink(name)
    r.choice([lambda: os.mkfifo(name), lambda: os.mkdir(name), lambda: os.symlink(b"/", name),
              lambda: os.symlink(b"turns", name), lambda: write(b"turns", 5000)])()


def move():
    os.rename(path(b"sub"), path(b"sub2"))
    os.rename(path(b"sub2"), path(b"sub"))


def main():
    for i in range(4):
        write(b"big%d" % i, 1)
        os.truncate(path(b"big%d" % i), 12 << 20)
    write(b"grows", 1)
    with open(path(b"sparse"), "wb") as f:
        f.truncate(900 << 20)
    os.mkdir(path(b"sub"))
    for i in range(50):
        write(b"sub/%d" % i, 3000)
    socket.socket(socket.AF_UNIX).bind(os.fsdecode(path(b"socket")))
    print("runs", flush=True)
    while not select.select([0], [], [], 0)[0]:
        for _ in range(20):
            r.choice([shrink, regrow, shrink, regrow, grow, vanish, turn, move])()


main()
