#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Attacks one signed bundle at hundreds of places and hands each result to picket-bundle.

bundle_damage.py PICKET_BUNDLE IDENTITY RECIPIENT SEALED TREE TMPDIR

Two kinds of attacker: one who only touches the file (flip, cut, extend, swap and repeat chunks), and one who holds a
recipient's key, opens it, changes what is inside and seals it again, so that only the format's own checks are left. (The
outer signature is taken away for that: it would refuse them all.) Never may `verify` say "verified", never may `cat` or
`open` let go of a byte that is not the original's, never may anything crash. Prints each failure and a count."""
import hashlib, json, os, random, shutil, struct, subprocess, sys

bundle, identity, recipient, sealed_path, tree, tmp = sys.argv[1:]
sealed = open(sealed_path, "rb").read()
rnd = random.Random(20260301)
count = failures = 0
victim = os.path.join(tmp, "victim.age")
SIDECARS = (".minisig", ".ticket", ".ticket.minisig")


def run(*args, **kw):
    return subprocess.run(args, capture_output=True, **kw)


def genuine(path):
    """The bytes of every file below the sealed tree."""
    return {os.path.realpath(os.path.join(d, f)): open(os.path.join(d, f), "rb").read()
            for d, _, fs in os.walk(path) for f in fs}


files = genuine(tree)
targets = sorted(files)


def check(what, data, sidecars, contents_only=False):
    global count, failures
    count += 1
    with open(victim, "wb") as f:
        f.write(data)
    for s in SIDECARS:
        if sidecars:
            shutil.copy(sealed_path + s, victim + s)
        elif os.path.exists(victim + s):
            os.unlink(victim + s)
    problems = []
    r = run(bundle, "verify", victim, "-i", identity, "--json")
    if r.returncode not in (1, 4):
        problems.append(f"verify: exit {r.returncode}: {r.stderr!r}")
    if b'"contents":"verified"' in r.stdout:
        problems.append("verify: believed it")
    if r.returncode < 0 or b"killed by signal" in r.stdout + r.stderr:
        problems.append("the parser crashed")
    if count % 4 == 0 or contents_only:
        path = targets[count % len(targets)]
        c = run(bundle, "cat", victim, path, "-i", identity)
        if c.stdout and c.stdout != files[path]:
            problems.append(f"cat: {len(c.stdout)} bytes that are not the file's")
        if c.returncode not in (0, 1, 4) or (c.returncode == 0 and c.stdout != files[path]):
            problems.append(f"cat: exit {c.returncode}")
        out = os.path.join(tmp, "victim-out")
        shutil.rmtree(out, ignore_errors=True)
        o = run(bundle, "open", victim, "-i", identity, "-C", out)
        if o.returncode not in (1, 4):
            problems.append(f"open: exit {o.returncode}")
        for d, _, fs in os.walk(out):
            for f in fs:
                problems.append(f"open: left {os.path.join(d, f)}")
    if problems:
        failures += 1
        print(f"{what}: {'; '.join(problems)}")


# --- who only touches the file ---------------------------------------------------------------------------

CHUNK = 65536 + 16
mac = sealed.index(b"\n--- ") + 1
payload = sealed.index(b"\n", mac) + 1 + 16
places = [rnd.randrange(len(sealed)) for _ in range(120)] + list(range(0, payload, 7)) + \
    [len(sealed) - 1 - i * 5 for i in range(12)]
for at in places:
    flipped = bytearray(sealed)
    flipped[at] ^= 1 << rnd.randrange(8)
    for sidecars in ((True, False) if at % 3 == 0 else (False,)):
        check(f"byte {at} flipped", bytes(flipped), sidecars)
for n in [0, 1, payload - 1, payload, payload + 15, payload + CHUNK, len(sealed) - 1, len(sealed) - CHUNK] + \
        [rnd.randrange(len(sealed)) for _ in range(30)]:
    check(f"cut to {n}", sealed[:n], n % 2 == 0)
for more in (b"\0", b"x" * 16, b"x" * CHUNK, sealed[:300], sealed[payload:payload + CHUNK]):
    check(f"extended by {len(more)}", sealed + more, len(more) % 2 == 0)
chunks = [sealed[i:i + CHUNK] for i in range(payload, len(sealed), CHUNK)]
for _ in range(25):
    a, b = rnd.sample(range(len(chunks)), 2)
    c = list(chunks)
    c[a], c[b] = c[b], c[a]
    check(f"chunks {a} and {b} swapped", sealed[:payload] + b"".join(c), False)
    c = list(chunks)
    c.insert(a, chunks[b])
    check(f"chunk {b} repeated at {a}", sealed[:payload] + b"".join(c), False)
    c = list(chunks)
    del c[a]
    check(f"chunk {a} gone", sealed[:payload] + b"".join(c), False)

# --- who seals it again ----------------------------------------------------------------------------------

plain_path = os.path.join(tmp, "plain.zst")
subprocess.run(["age", "-d", "-i", identity, "-o", plain_path, sealed_path], check=True)
packed = open(plain_path, "rb").read()
frames_n = struct.unpack("<I", packed[-9:-5])[0]
table = packed[-9 - 8 * frames_n:-9]
sizes = [struct.unpack("<II", table[8 * i:8 * i + 8]) for i in range(frames_n)]
packed_frames, at = [], 0
for p, _ in sizes:
    packed_frames.append(packed[at:at + p])
    at += p


def unzstd(data):
    return subprocess.run(["zstd", "-dc"], input=data, capture_output=True, check=True).stdout


def zstd(data):
    return subprocess.run(["zstd", "-c", "-1", "--check", "--no-progress", f"--stream-size={len(data)}"], input=data,
                          capture_output=True, check=True).stdout


plain_frames = [unzstd(f) for f in packed_frames]
tar = b"".join(plain_frames)
starts = [0]
for f in plain_frames:
    starts.append(starts[-1] + len(f))


def seek_table(sz):
    body = b"".join(struct.pack("<II", *s) for s in sz) + struct.pack("<IBI", len(sz), 0, 0x8F92EAB1)
    return struct.pack("<II", 0x184D2A5E, len(body)) + body


def encrypt(data):
    return subprocess.run(["age", "-r", recipient], input=data, capture_output=True, check=True).stdout


def pack(plain, cuts):
    """A payload of these plain bytes, frames beginning at the cuts; frames that did not change are reused."""
    out, sz = [], []
    cuts = sorted(set(c for c in cuts if c < len(plain)) | {0}) + [len(plain)]
    for a, b in zip(cuts, cuts[1:]):
        while a < b:
            piece = plain[a:min(b, a + (4 << 20))]
            f = known.get(hashlib.sha256(piece).digest()) or zstd(piece)
            out.append(f)
            sz.append((len(f), len(piece)))
            a += len(piece)
    return b"".join(out) + seek_table(sz)


known = {hashlib.sha256(p).digest(): f for p, f in zip(plain_frames, packed_frames)}


class Member:
    def __init__(self, name, head, data):
        self.name, self.head, self.data = name, head, data

    def bytes(self):
        return self.head + self.data + b"\0" * (-len(self.data) % 512)


def header(name, size, **changed):
    h = {"mode": b"0000600", "uid": b"0000000", "gid": b"0000000", "mtime": b"00000000000", "type": b"0", "link": b"",
         "uname": b""}
    h.update(changed)
    b = bytearray(512)
    b[0:100] = name.encode()[:100].ljust(100, b"\0")
    b[100:107], b[108:115], b[116:123] = h["mode"], h["uid"], h["gid"]
    b[124:135] = b"%011o" % size
    b[136:147] = h["mtime"]
    b[148:156] = b" " * 8
    b[156:157] = h["type"]
    b[157:157 + len(h["link"])] = h["link"]
    b[257:265] = b"ustar\00000"
    b[265:265 + len(h["uname"])] = h["uname"]
    b[329:336] = b[337:344] = b"0000000"
    b[148:155] = b"%06o\0" % sum(b)
    return bytes(b)


def members():
    out, i = [], 0
    while tar[i]:
        first = i
        name = None
        if tar[i + 156:i + 157] == b"x":
            n = int(tar[i + 124:i + 135], 8)
            for line in tar[i + 512:i + 512 + n].split(b"\n"):
                if b" path=" in line:
                    name = line.split(b"=", 1)[1].decode()
            i += 512 + n + -n % 512
        size = int(tar[i + 124:i + 135], 8)
        name = name or tar[i:i + 100].rstrip(b"\0").decode()
        out.append(Member(name, tar[first:i + 512], tar[i + 512:i + 512 + size]))
        i += 512 + size + -size % 512
    assert tar[i:] == b"\0" * 1024
    return out


def attack(what, change, contents_only=True):
    ms = members()
    ms = change(ms) or ms
    plain = b"".join(m.bytes() for m in ms) + b"\0" * 1024
    # frames at members as the writer has them, as far as that still fits
    at, cuts = 0, [0]
    for m in ms:
        if at - cuts[-1] >= 1 << 20 or m.name.startswith("meta/records-") or m.name in ("meta/index.jsonl", "meta/end.json"):
            cuts.append(at)
        at += len(m.bytes())
        if m.name.startswith("meta/note-"):
            cuts.append(at)
    check(what, encrypt(pack(plain, cuts)), False, contents_only)


check_ms = members()
data = [i for i, m in enumerate(check_ms) if m.name.startswith("data/root/") and m.data]
records = [i for i, m in enumerate(check_ms) if m.name.startswith("meta/records-")]
notes = [i for i, m in enumerate(check_ms) if m.name.startswith("meta/note-")]
assert len(records) >= 2 and len(data) >= 8


def index(ms, name):
    return next(i for i, m in enumerate(ms) if m.name == name)


def alter(i, f):
    def change(ms):
        m = ms[i]
        d = bytearray(m.data)
        d = bytes(f(d) or d)
        ms[i] = Member(m.name, header(m.name, len(d)) if len(d) != len(m.data) else m.head, d)
    return change


def flip(d):
    d[rnd.randrange(len(d))] ^= 1


def edit_line(old, new):
    def f(d):
        assert old in d, old
        return bytes(d).replace(old, new, 1)
    return f


def drop_line(n):
    def f(d):
        lines = bytes(d).split(b"\n")
        del lines[n]
        return b"\n".join(lines)
    return f


def swap(a, b):
    def change(ms):
        ms[a], ms[b] = ms[b], ms[a]
    return change


def swap_data(a, b):
    def change(ms):
        ms[a], ms[b] = Member(ms[a].name, header(ms[a].name, len(ms[b].data)), ms[b].data), \
            Member(ms[b].name, header(ms[b].name, len(ms[a].data)), ms[a].data)
    return change


def insert(at, name, d, **kw):
    def change(ms):
        ms.insert(at, Member(name, header(name, len(d), **kw), d))
    return change


def delete(i):
    def change(ms):
        del ms[i]
    return change


def rename(i, name):
    def change(ms):
        ms[i] = Member(name, header(name, len(ms[i].data)), ms[i].data)
    return change


def rehead(i, **kw):
    def change(ms):
        ms[i] = Member(ms[i].name, header(ms[i].name, len(ms[i].data), **kw), ms[i].data)
    return change


# sealed again unchanged: only its signature is missing. This must be believed, or the test tests nothing.
with open(victim, "wb") as f:
    f.write(encrypt(packed))
for s in SIDECARS:
    if os.path.exists(victim + s):
        os.unlink(victim + s)
r = run(bundle, "verify", victim, "-i", identity, "--json")
count += 1
if r.returncode != 1 or b'"contents":"verified"' not in r.stdout:
    failures += 1
    print(f"sealed again unchanged: {r.returncode} {r.stdout!r} {r.stderr!r}")

for i in rnd.sample(data, 8):
    attack(f"member {i} altered", alter(i, flip))
    attack(f"member {i} gone", delete(i))
    attack(f"member {i} twice", insert(i, check_ms[i].name, check_ms[i].data))
    attack(f"member {i} longer", alter(i, lambda d: bytes(d) + b"x"))
    attack(f"member {i} shorter", alter(i, lambda d: bytes(d[:-1])))
    attack(f"member {i} renamed", rename(i, "data/root/etc/passwd"))
for a, b in [rnd.sample(data, 2) for _ in range(4)]:
    attack(f"members {a} and {b} swapped", swap(a, b))
    attack(f"contents of {a} and {b} swapped", swap_data(a, b))
for name in ("data/root/extra", "data/root/../../etc/cron.d/x", "/etc/cron.d/x", "data/live/x-0000.jsonl", "meta/extra",
             "data/root//x", "data/root/./x", "x", "data"):
    for at in (3, records[0], len(check_ms)):
        attack(f"extra member {name} at {at}", insert(at, name, b"evil"))
for kw in (dict(type=b"2", link=b"/etc/passwd"), dict(type=b"1", link=b"data/root/x"), dict(type=b"3"), dict(type=b"6"),
           dict(type=b"5"), dict(mode=b"0004755"), dict(mtime=b"00000000001"), dict(uid=b"0000001"), dict(uname=b"root"),
           dict(type=b"L"), dict(type=b"g")):
    attack(f"header {kw}", rehead(data[0], **kw))
for i in records:
    for _ in range(4):
        attack(f"record log {i} altered", alter(i, flip))
    lines = check_ms[i].data.count(b"\n")
    for n in (0, 1, lines - 1):
        attack(f"record log {i}: line {n} dropped", alter(i, drop_line(n)))
    attack(f"record log {i}: another path", alter(i, edit_line(b'"outcome":"taken"', b'"outcome":"denied"')))
    attack(f"record log {i}: a line more", alter(i, lambda d: bytes(d) + b'{"t":"e","i":0,"salt":"' + b"0" * 32 + b'"}\n'))
    attack(f"record log {i} empty", alter(i, lambda d: b""))
    attack(f"record log {i} gone", delete(i))
    attack(f"record log {i} and its note gone", lambda ms, i=i: ms.__delitem__(slice(i, i + 2)))
attack("record logs swapped", swap_data(records[0], records[1]))
attack("notes swapped", swap_data(notes[0], notes[1]))
attack("segments swapped", lambda ms: (swap_data(records[0], records[1])(ms), swap_data(notes[0], notes[1])(ms)) and None)
for i in notes:
    for _ in range(6):
        attack(f"note {i} altered", alter(i, flip))
    attack(f"note {i} without signature", alter(i, lambda d: bytes(d).split(b"\n\n")[0] + b"\n"))
    attack(f"note {i} gone", delete(i))
for name in ("bagit.txt", "bag-info.txt", "meta/terms.txt", "meta/ticket.txt", "meta/ticket.txt.minisig",
             "manifest-sha256.txt", "tagmanifest-sha256.txt", "meta/index.jsonl", "meta/checkpoint", "meta/end.json"):
    i = index(check_ms, name)
    # the ticket's own signature is the outer check's and the roster's business
    for _ in range(0 if name == "meta/ticket.txt.minisig" else 5):
        attack(f"{name} altered", alter(i, flip))
    attack(f"{name} gone", delete(i))
    attack(f"{name} twice", insert(i, name, check_ms[i].data))
    attack(f"{name} empty", alter(i, lambda d: b""))
    attack(f"{name} last", lambda ms, i=i: ms.append(ms.pop(i)))
cp, last_note = index(check_ms, "meta/checkpoint"), notes[-1]
attack("a note for the checkpoint", alter(cp, lambda d: check_ms[last_note].data))
attack("the checkpoint for a note", alter(last_note, lambda d: check_ms[cp].data))
ix = index(check_ms, "meta/index.jsonl")
first = json.loads(check_ms[ix].data.split(b"\n")[0])
for old, new in ((b'"records":[', b'"records":[1'), (b'"first":0', b'"first":1'), (b'"leaves":', b'"leaves":1'),
                 (b'"note":[', b'"note":[9'), (b'"segment":0', b'"segment":7'), (b'{"leaf":', b'{"leaf":1')):
    attack(f"index: {new.decode()}", alter(ix, edit_line(old, new)))
en = index(check_ms, "meta/end.json")
for key in (b'"index":[', b'"checkpoint":[', b'"records":[', b'"note":[', b'"leaves":', b'"contents":', b'"segments":'):
    attack(f"end: {key.decode()}", alter(en, lambda d, key=key: bytes(d).replace(key, key + b"1", 1).replace(b" \n", b"\n", 1)))
attack("stripped of its ticket", lambda ms: [m for m in ms if not m.name.startswith("meta/ticket")])
attack("said to be unsigned", alter(index(check_ms, "bag-info.txt"), lambda d: bytes(d).replace(
    b"signed under a ticket (meta/ticket.txt)", b"UNSIGNED: nothing proves where it comes from")))


# --- below the tar ---------------------------------------------------------------------------------------

def raw(what, data):
    check(what, encrypt(data), False, True)


body = b"".join(packed_frames)
raw("no seek table", body)
raw("seek table twice", packed + seek_table(sizes))
raw("seek table of other sizes", body + seek_table([(a, b) for a, b in sizes[1:]] + [sizes[0]]))
raw("seek table that says more", body + seek_table(sizes + [(10, 10)]))
raw("seek table of too many frames", packed[:-9] + struct.pack("<IBI", 0xffffffff, 0, 0x8F92EAB1))
raw("seek table with a flag", packed[:-5] + b"\x80" + packed[-4:])
raw("a frame more", body + zstd(b"x" * 512) + seek_table(sizes + [(len(zstd(b"x" * 512)), 512)]))
raw("a skippable frame between", packed_frames[0] + struct.pack("<II", 0x184D2A50, 4) + b"abcd" +
    b"".join(packed_frames[1:]) + seek_table(sizes))
raw("frames swapped", packed_frames[1] + packed_frames[0] + b"".join(packed_frames[2:]) +
    seek_table([sizes[1], sizes[0]] + sizes[2:]))
raw("nothing", b"")
raw("not a bundle", b"hello world\n" * 1000)
raw("a plain tar", tar)
bomb = zstd(b"\0" * (64 << 20))
raw("a bomb", bomb + seek_table([(len(bomb), 64 << 20)]))
raw("a bomb that lies", bomb + seek_table([(len(bomb), 4 << 20)]))
for _ in range(60):
    f = bytearray(packed)
    f[rnd.randrange(len(f))] ^= 1 << rnd.randrange(8)
    raw("payload flipped", bytes(f))
for n in [rnd.randrange(len(packed)) for _ in range(20)]:
    raw(f"payload cut to {n}", packed[:n])
nocheck = subprocess.run(["zstd", "-c", "--no-check", f"--stream-size={len(plain_frames[0])}"], input=plain_frames[0],
                         capture_output=True, check=True).stdout
raw("a frame without checksum", nocheck + b"".join(packed_frames[1:]) + seek_table([(len(nocheck), sizes[0][1])] + sizes[1:]))
raw("one big frame", pack(tar, [0]))

print(f"# {count} attacks, {failures} not refused")
sys.exit(failures > 0)
