#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Damages one sealed file at hundreds of places and hands each result to picket-bundle decrypt.

age_damage.py PICKET_BUNDLE IDENTITY SEALED PLAIN TMPDIR; SEALED has two recipients and PLAIN holds several chunks.
Every damaged file must be refused with an exit code of its region, with one line of message, having released whole
genuine chunks only; and with -o nothing may appear. Prints one line a failure and a count at the end."""
import os, random, subprocess, sys

bundle, identity, sealed_path, plain_path, tmp = sys.argv[1:]
sealed = open(sealed_path, "rb").read()
plain = open(plain_path, "rb").read()
CHUNK, TAG = 65536, 16
header_end = sealed.index(b"\n", sealed.index(b"\n--- ")+1) + 1
mac_line = sealed.index(b"\n--- ") + 1
stanzas = sealed.index(b"-> ")
payload = header_end + 16
chunks = [sealed[at:at + CHUNK + TAG] for at in range(payload, len(sealed), CHUNK + TAG)]
assert len(chunks) >= 4 and len(plain) == len(sealed) - payload - TAG * len(chunks)
rnd = random.Random(20240229)
count = failures = 0


def codes(at):
    """Exit codes that fit a change of the byte at this offset."""
    if at < stanzas:
        return {11, 14}
    if at < mac_line:
        return {10, 11, 12}
    if at < header_end:
        return {11, 12}
    return {13}


def check(what, damaged, want):
    global count, failures
    count += 1
    path, out = os.path.join(tmp, "damaged"), os.path.join(tmp, "out")
    with open(path, "wb") as f:
        f.write(damaged)
    args = [bundle, "decrypt", "-i", identity]
    if count % 3 == 0:
        args += ["-o", out]
    r = subprocess.run(args + [path], capture_output=True)
    problems = []
    if r.returncode not in want:
        problems.append(f"exit {r.returncode}, not of {sorted(want)}")
    if not plain.startswith(r.stdout) or len(r.stdout) % CHUNK and len(r.stdout) != len(plain):
        problems.append(f"released {len(r.stdout)} bytes that are not whole genuine chunks")
    if want != {13} and r.stdout:
        problems.append("released bytes behind a bad header")
    if os.path.exists(out):
        problems.append("the output file appeared")
        os.unlink(out)
    if r.stderr.count(b"\n") != 1 or not r.stderr.startswith(b"picket-bundle: "):
        problems.append(f"message {r.stderr!r}")
    if problems:
        failures += 1
        print(f"{what}: {'; '.join(problems)}")


def flip(at, bit):
    b = bytearray(sealed)
    b[at] ^= 1 << bit
    return bytes(b)


def joined(parts):
    return sealed[:payload] + b"".join(parts)


for at in range(payload):  # all of the header and nonce
    bit = rnd.randrange(8)
    check(f"bit {bit} of byte {at} flipped", flip(at, bit), codes(at))
for _ in range(150):
    at, bit = rnd.randrange(payload, len(sealed)), rnd.randrange(8)
    check(f"bit {bit} of byte {at} flipped", flip(at, bit), {13})
for n in [*range(0, payload, 7), payload, payload + 1, *(rnd.randrange(payload, len(sealed)) for _ in range(60))]:
    check(f"cut to {n} bytes", sealed[:n], {13} if n >= payload else {11})
for i in range(1, len(chunks) + 1):
    at = payload + i * (CHUNK + TAG)
    for n in {at - 1, at, at + 1, at + TAG - 1, at + TAG, at + TAG + 1}:
        if n < len(sealed):
            check(f"cut to {n} bytes", sealed[:n], {13})
for i in range(len(chunks)):
    for k in range(i):
        order = list(chunks)
        order[i], order[k] = order[k], order[i]
        check(f"chunks {k} and {i} swapped", joined(order), {13})
    check(f"chunk {i} repeated", joined(chunks[:i + 1] + chunks[i:]), {13})
    check(f"chunk {i} dropped", joined(chunks[:i] + chunks[i + 1:]), {13})
    check(f"chunk {i} zeroed", joined(chunks[:i] + [bytes(len(chunks[i]))] + chunks[i + 1:]), {13})
    check(f"chunk {i} a byte short", joined(chunks[:i] + [chunks[i][:-1]] + chunks[i + 1:]), {13})
    check(f"chunk {i} a byte long", joined(chunks[:i] + [chunks[i] + b"x"] + chunks[i + 1:]), {13})
for extra in (b"\0", b"\n", chunks[-1], bytes(16), bytes(CHUNK + TAG), sealed):
    check(f"{len(extra)} bytes appended", sealed + extra, {13})
for at in range(0, payload, 11):
    check(f"a byte inserted at {at}", sealed[:at] + b"x" + sealed[at:], codes(at) | ({14} if at == 0 else set()))
    check(f"the byte at {at} dropped", sealed[:at] + sealed[at + 1:], codes(at) | {13})
lines = sealed[:header_end].split(b"\n")
check("the other recipient dropped", b"\n".join(lines[:3] + lines[5:]) + sealed[header_end:], {10, 12})
check("the recipients swapped", b"\n".join(lines[:1] + lines[3:5] + lines[1:3] + lines[5:]) + sealed[header_end:], {12})
check("a recipient repeated", b"\n".join(lines[:3] + lines[1:]) + sealed[header_end:], {12})
check("a recipient added", b"\n".join(lines[:1] + [b"-> x", b""] + lines[1:]) + sealed[header_end:], {12})
check("an empty header", b"\n".join(lines[:1] + lines[5:]) + sealed[header_end:], {11})
print(f"{count} damaged files, {failures} wrong")
sys.exit(failures > 0 or count < 500)
