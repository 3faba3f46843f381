#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Looks for secrets in the memory of a picket-bundle that is at work.

age_secrets.py PICKET_BUNDLE TMPDIR: decrypt has read its identities and waits for the rest of the payload; every
readable page is then searched for the identity, its key (both as it is and clamped), the passphrase. Exits 77 when
memory cannot be read here."""
import os, subprocess, sys, time

bundle, tmp = sys.argv[1:3]
CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def key_bytes(identity):
    acc = bits = 0
    out = bytearray()
    for c in identity.lower().rsplit("1", 1)[1][:-6]:
        acc = acc << 5 | CHARSET.index(c)
        bits += 5
        if bits >= 8:
            bits -= 8
            out.append(acc >> bits & 255)
    return bytes(out)


def pages(pid):
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            where, rights = line.split()[:2]
            start, end = (int(x, 16) for x in where.split("-"))
            if "r" not in rights or "[v" in line:
                continue
            try:
                mem.seek(start)
                yield line.strip(), mem.read(end - start)
            except OSError:
                pass


def search(what, args, sealed, secrets, passphrase=b""):
    """Feeds the header and one chunk, waits, searches, then lets it finish."""
    read_end, write_end = os.pipe()
    os.write(write_end, passphrase)
    os.close(write_end)
    p = subprocess.Popen([bundle, "decrypt", *args, "--passphrase-fd", str(read_end)], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, pass_fds=[read_end])
    os.close(read_end)
    p.stdin.write(sealed[:-1])
    p.stdin.flush()
    first = p.stdout.read(65536)  # it is past the header now
    assert len(first) == 65536, f"{what}: {len(first)} bytes"
    time.sleep(0.1)
    found, total = [], 0
    try:
        for where, data in pages(p.pid):
            total += len(data)
            found += [f"{name} in {where}" for name, secret in secrets.items() if secret in data]
    except PermissionError:
        p.kill()
        sys.exit(77)
    if not total:
        p.kill()
        sys.exit(77)
    p.stdin.write(sealed[-1:])
    p.stdin.close()
    rest = p.stdout.read()
    p.wait()
    assert p.returncode == 0 and len(rest) == 100000 - 65536, f"{what}: exit {p.returncode}"
    for f in found:
        print(f"{what}: {f}")
    print(f"{what}: {total >> 10} KiB searched")
    return bool(found)


def seal(*args, passphrase=b""):
    read_end, write_end = os.pipe()
    os.write(write_end, passphrase)
    os.close(write_end)
    if passphrase:
        args = ("--passphrase-fd", str(read_end))
    r = subprocess.run([bundle, "encrypt", *args], input=bytes(100000), capture_output=True, pass_fds=[read_end])
    os.close(read_end)
    assert r.returncode == 0, r.stderr
    return r.stdout


identity = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
key = key_bytes(identity)
clamped = bytes([key[0] & 248]) + key[1:31] + bytes([key[31] & 127 | 64])
secrets = {"the identity": identity.encode(), "its key": key, "its clamped key": clamped,
           "half of its key": key[8:24]}
key_path = os.path.join(tmp, "secret.key")
with open(os.open(key_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
    f.write(identity + "\n")
bad = search("X25519", ["-i", key_path],
             seal("-r", "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"), secrets)

phrase = b"a passphrase that is long enough to look for"
bad |= search("passphrase", [], seal(passphrase=phrase + b"\n"), {"the passphrase": phrase}, phrase + b"\n")
sys.exit(bad)
