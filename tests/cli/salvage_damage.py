#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Damages one signed bundle at hundreds of places and holds what salvage takes out of each against what must be there.

salvage_damage.py PICKET_BUNDLE IDENTITY SEALED TREE TMPDIR CASES

From the undamaged bundle it works out by itself (age, the seek table, the index and the records) which files must come
back after each damage: those whose frames are whole and whose records lie in a segment whose frames are whole. Exactly
these must be there, byte for byte, and everything else must be listed as lost. Prints each failure and a count."""
import hashlib, json, os, random, shutil, struct, subprocess, sys

bundle, identity, sealed_path, tree, tmp, cases = sys.argv[1:]
cases = int(cases)
sealed = open(sealed_path, "rb").read()
rnd = random.Random(20261126)
victim, out = os.path.join(tmp, "victim.age"), os.path.join(tmp, "victim-out")
count = failures = 0
CHUNK, SEALED = 65536, 65536 + 16
mac = sealed.index(b"\n--- ") + 1
payload = sealed.index(b"\n", mac) + 1 + 16
chunks = -(-(len(sealed) - payload) // SEALED)

plain = subprocess.run(["age", "-d", "-i", identity, sealed_path], capture_output=True, check=True).stdout
frames_n = struct.unpack("<I", plain[-9:-5])[0]
table_at = len(plain) - (8 + 8 * frames_n + 9)
entries = [struct.unpack("<II", plain[table_at + 8 + 8 * i:table_at + 16 + 8 * i]) for i in range(frames_n)]
starts = [sum(p for p, _ in entries[:i]) for i in range(frames_n)]


def spans(at):
    """The frames that a place lies in."""
    frame, off, size = at
    left, found = off + size, {frame}
    while left > entries[frame][1]:
        left -= entries[frame][1]
        frame += 1
        found.add(frame)
    return found


def run(*args):
    return subprocess.run(args, capture_output=True)


def damage_to(data, sidecars=(".minisig", ".ticket", ".ticket.minisig")):
    with open(victim, "wb") as f:
        f.write(data)
    for s in (".minisig", ".ticket", ".ticket.minisig"):
        if s in sidecars:
            shutil.copy(sealed_path + s, victim + s)
        elif os.path.exists(victim + s):
            os.unlink(victim + s)
    shutil.rmtree(out, ignore_errors=True)
    return run(bundle, "salvage", victim, "-i", identity, "-o", out, "--json")


# --- what there is ------------------------------------------------------------------------------------------

files = {}
for d, _, names in os.walk(tree):
    for name in names:
        p = os.path.realpath(os.path.join(d, name))
        files[p] = hashlib.sha256(open(p, "rb").read()).hexdigest()
r = damage_to(sealed)
assert r.returncode == 0 and not os.path.exists(os.path.join(out, "INCOMPLETE")), (r.returncode, r.stderr)
records = [json.loads(line) for line in open(os.path.join(out, "records.jsonl"))]
contents = {r["i"]: r for r in records if r["t"] == "c"}
paths = {r["path"]: r for r in records if r["t"] == "m" and "c" in r}
tar = subprocess.run(["zstd", "-dc"], input=plain, capture_output=True, check=True).stdout
index = subprocess.run(["tar", "-xO", "meta/index.jsonl"], input=tar, capture_output=True, check=True).stdout
segments = [json.loads(line) for line in index.splitlines() if line.startswith(b'{"segment"')]
assert len(segments) >= 3 and set(paths) == set(files), (len(segments), set(paths) ^ set(files))


def segment_of(leaf):
    return next(s for s in segments if s["first"] <= leaf < s["first"] + s["leaves"])


def expected(bad_chunks, has_end):
    """Paths that must come back when these chunks are gone; None: nothing is provable."""
    def touched(a, b):
        return any(a < (c + 1) * CHUNK and b > c * CHUNK for c in bad_chunks)
    bad = {i for i in range(frames_n) if touched(starts[i], starts[i] + entries[i][0])}
    if touched(table_at, len(plain)) or not has_end:
        first = min(bad, default=frames_n)
        bad |= set(range(first, frames_n))
    good = [s for s in segments if not (spans(s["records"]) | spans(s["note"])) & bad]
    if not good:
        return None
    return {p for p, m in paths.items() if segment_of(m["i"]) in good and segment_of(m["c"]) in good and
            not spans((contents[m["c"]]["frame"], contents[m["c"]]["off"], contents[m["c"]]["size"])) & bad}


# --- damage -------------------------------------------------------------------------------------------------

def check(what, data, want):
    global count, failures
    count += 1
    r = damage_to(data)
    problems = []
    losses = [json.loads(line) for line in r.stdout.splitlines()]
    if r.returncode < 0 or b"killed by signal" in r.stderr or b"Sanitizer" in r.stderr:
        problems.append(f"crashed: {r.stderr[-300:]!r}")
    if r.returncode != (1 if want is None else 3):
        problems.append(f"exit {r.returncode}, not {1 if want is None else 3}: {r.stderr[-200:]!r}")
    got = {}
    for d, _, names in os.walk(out):
        for name in names:
            p = os.path.join(d, name)
            if d == out:
                continue
            got[p[len(out):]] = hashlib.sha256(open(p, "rb").read()).hexdigest()
    back = {p[5:] for p in got if p.startswith("/root/")}
    for p, h in got.items():
        if p.startswith("/root/") and files.get(p[5:]) != h:
            problems.append(f"released {p}, which is not the file")
        if p.startswith("/unnamed/") and h not in files.values():
            problems.append(f"released {p}, which is no file's content")
    if want is not None and back != want:
        problems.append(f"missing {sorted(want - back)[:3]}, too many {sorted(back - want)[:3]}")
    if want is not None and not os.path.exists(os.path.join(out, "INCOMPLETE")):
        problems.append("not marked INCOMPLETE")
    if want is None and os.path.exists(out):
        problems.append("left a folder")
    if want is not None:
        lost = {x["path"] for x in losses if x.get("what") == "content" and "path" in x}
        gone = [x for x in losses if x.get("what") == "records"]
        for p in set(files) - back - lost:
            leaf = paths[p]["i"]
            if not any(x["from"] <= leaf < x.get("to", 1 << 60) for x in gone):
                problems.append(f"{p} is neither there nor listed as lost")
        if back & lost:
            problems.append("lists as lost what is there")
    if problems:
        failures += 1
        print(f"{what}: {'; '.join(problems)}")


def chunks_of(a, b):
    """Chunks that bytes [a, b) of the file belong to."""
    return set(range(max(a - payload, 0) // SEALED, (b - 1 - payload) // SEALED + 1))


body = range(payload, len(sealed))
for at in [rnd.choice(body) for _ in range(cases)] + [payload, len(sealed) - 1, len(sealed) - 5000]:
    data = bytearray(sealed)
    data[at] ^= 1 << rnd.randrange(8)
    bad = chunks_of(at, at + 1)
    check(f"byte {at} flipped", bytes(data), expected(bad, chunks - 1 not in bad))
for _ in range(cases // 2):
    at, n = rnd.choice(body), rnd.choice((512, 4096, 70000, 300000))
    n = min(n, len(sealed) - at)
    data = sealed[:at] + bytes(n) + sealed[at + n:]
    bad = chunks_of(at, at + n)
    if len(sealed) - (payload + max(bad) * SEALED) <= SEALED or min(bad) == 0 and max(bad) == chunks - 1:
        continue  # what is left after it is less than a chunk: see the cuts
    check(f"{n} bytes zeroed at {at}", data, expected(bad, chunks - 1 not in bad))
for at in [rnd.choice(body) for _ in range(cases // 2)] + [payload + SEALED, payload + SEALED - 1, len(sealed) - 1]:
    whole = (at - payload) // SEALED
    check(f"cut to {at}", sealed[:at], expected(set(range(whole, chunks)), False) if whole else None)
for _ in range(max(cases // 16, 2)):
    n = rnd.choice((1, 100, 512, 4096, 65536, SEALED, 5 * SEALED, 100000, 1 << 20))
    at = rnd.randrange(payload, len(sealed) - n - 3 * SEALED)
    bad = chunks_of(at, at + n)
    check(f"{n} bytes missing at {at}", sealed[:at] + sealed[at + n:], expected(bad, True))
# two places at once; another reader's part of the header; no ticket beside it
a, b = sorted(rnd.sample(range(payload + 2 * SEALED, len(sealed) - 2 * SEALED), 2))
data = bytearray(sealed)
data[a] ^= 1
data[b] ^= 1
check(f"bytes {a} and {b} flipped", bytes(data), expected(chunks_of(a, a + 1) | chunks_of(b, b + 1), True))
check("the header's code changed", sealed[:mac + 6] + (b"A" if sealed[mac + 6:mac + 7] != b"A" else b"B") + sealed[mac + 7:],
      expected(set(), True))
for data in (b"", sealed[:50], sealed[:payload - 3], sealed[:payload + 15], b"\0" * len(sealed), sealed[1000:]):
    check(f"{len(data)} bytes of nothing", data, None)
data = bytearray(sealed)
data[payload + 100] ^= 1
r = damage_to(bytes(data), ())
count += 1
if r.returncode != 1 or b"no ticket beside it" not in r.stderr:
    failures += 1
    print(f"first chunk damaged, no ticket beside it: exit {r.returncode}: {r.stderr!r}")
print(f"{count} damaged bundles, {failures} failures")
sys.exit(failures > 0)
