#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second reader of sealed bundles, written from docs/bundle-format.md and docs/trust-format.md alone.

reader.py BUNDLE -i IDENTITY [--issuer SIGN-KEY] [--list]

Verifies everything that section 10 lists with Python's standard library and the stock minisign, age and zstd. Prints a summary, or with
--list one JSON object for each path. Exit code 0: all of it holds; 1: refused, with the reason on standard error."""
import argparse
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

FRAME_LIMIT = 4194304
PLAIN = set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+@,:~-")


class Refused(Exception):
    pass


def need(condition, reason):
    if not condition:
        raise Refused(reason)


def sha(*parts):
    h = hashlib.sha256()
    for p in parts:
        h.update(p)
    return h.digest()


def run(reason, *command, **more):
    r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    need(r.returncode == 0, f"{reason}: {r.stderr.decode(errors='replace').strip()}")
    return r.stdout


def read_file(path):
    with open(path, "rb") as f:
        return f.read()


# --- Ed25519 (RFC 8032, section 5.1.7) ----------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE_Y = 4 * pow(5, P - 2, P) % P


def point_of(y, sign):
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - x2) % P or y >= P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(n, p):
    q = (0, 1, 1, 0)
    while n:
        if n & 1:
            q = add(q, p)
        p = add(p, p)
        n >>= 1
    return q


def decode_point(b):
    v = int.from_bytes(b, "little")
    return point_of(v & (1 << 255) - 1, v >> 255)


def ed25519_ok(key, message, signature):
    a, r = decode_point(key), decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if not a or not r or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = times(s, point_of(BASE_Y, 0)), add(r, times(k, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# --- tickets and terms (trust-format.md) --------------------------------------------------------------------


def parse_lines(text, what, keys):
    """One value a line in the order of keys; 'key?' may be missing, 'key*' may repeat."""
    need(text.endswith(b"\n"), f"{what}: the last line is cut")
    lines, at, out = text.decode().split("\n")[:-1], 0, {}
    for key in keys:
        name = key.rstrip("?*")
        values = []
        while at < len(lines) and lines[at].startswith(name + ": ") and (key.endswith("*") or not values):
            value = lines[at][len(name) + 2:]
            need(value and value.strip() == value, f"{what}: a value with blanks at its ends")
            values.append(value)
            at += 1
        need(values or key.endswith("?"), f"{what}: no '{name}'")
        out[name] = values if key.endswith("*") else values[0] if values else None
    need(at == len(lines), f"{what}: '{lines[at:at + 1]}' has no place")
    need(out["picket-" + what] == "1", f"{what}: of an unknown version")
    return out


def parse_ticket(text):
    return parse_lines(text, "ticket", ["picket-ticket", "id", "sign", "note", "not-before", "not-after", "uses", "terms-sha256", "label-sha256"])


def parse_terms(text):
    terms = parse_lines(text, "terms", ["picket-terms", "mission", "label", "originator?", "caveats?", "recipient*", "profile", "nonce"])
    need(not re.search("[a-z]", terms["caveats"] or ""), "terms: caveats are in capitals")
    return terms


def issued_label(text, nonce):
    """What of the terms a share repeats: made of their lines."""
    kept = [line for line in text.split(b"\n") if line.partition(b":")[0] in (b"label", b"originator", b"caveats", b"recipient")]
    nonce = sha(b"picket-label nonce\n" + bytes.fromhex(nonce))[:16].hex()
    return b"\n".join([b"picket-label: 1", *kept, b"nonce: " + nonce.encode(), b""])


def label_line(label):
    if label["tlp"] is None:
        return "unlabelled"
    rel = " REL TO " + ",".join(label["rel_to"]) if label["rel_to"] else ""
    return "TLP:" + label["tlp"] + rel


def parse_note_key(text):
    name, key_hash, raw = text.split("+", 2)
    raw = base64.b64decode(raw, validate=True)
    need(len(raw) == 33 and raw[0] == 1, "note key of an unknown kind")
    need(sha(name.encode() + b"\n" + raw)[:4].hex() == key_hash, "note key: its hash does not fit")
    return name, bytes.fromhex(key_hash), raw[1:]


# --- the outside --------------------------------------------------------------------------------------------


def check_outside(path, issuer):
    """Section 10, step 1. Returns ticket text, its signature, and the trusted comment."""
    ticket_text, ticket_sig = read_file(path + ".ticket"), read_file(path + ".ticket.minisig")
    ticket = parse_ticket(ticket_text)
    if issuer:
        run("the ticket's signature", "minisign", "-V", "-q", "-P", issuer, "-m", path + ".ticket")
        keys = [base64.b64decode(k)[10:] for k in (issuer, ticket["sign"])]
        need(ticket["id"] == sha(b"picket-ticket issuer\n" + keys[0] + keys[1])[:16].hex(), "the ticket is another issuer's")
    for name in (path, path + ".ticket"):
        line = read_file(name + ".minisig").split(b"\n")[1]
        need(base64.b64decode(line)[:2] == b"ED", "a legacy signature")
    comment = run("the bundle's signature", "minisign", "-V", "-Q", "-P", ticket["sign"], "-m", path)
    return ticket_text, ticket_sig, comment.decode().rstrip("\n")


# --- frames -------------------------------------------------------------------------------------------------


def measure_frame(p, at):
    """Length and plain size of the zstd frame at `at` (RFC 8878, section 3.1.1)."""
    start = at
    need(p[at:at + 4] == b"\x28\xb5\x2f\xfd", "not a zstd frame")
    flags = p[at + 4]
    need(flags & 0x04 and not flags & 0x0B, "a frame without checksum, with a dictionary or a reserved bit")
    single, kind = flags >> 5 & 1, flags >> 6
    at += 5 + (not single)
    width = [1 if single else 0, 2, 4, 8][kind]
    need(width, "a frame that does not say its size")
    plain = int.from_bytes(p[at:at + width], "little") + (256 if width == 2 else 0)
    need(1 <= plain <= FRAME_LIMIT, "a frame outside the limit")
    at += width
    last = False
    while not last:
        need(at + 3 <= len(p), "a frame is cut")
        block = int.from_bytes(p[at:at + 3], "little")
        last, form, size = block & 1, block >> 1 & 3, block >> 3
        need(form != 3, "a block of a reserved type")
        at += 3 + (1 if form == 1 else size)
    at += 4
    need(at <= len(p), "a frame is cut")
    return at - start, plain


def le32(p, at):
    return int.from_bytes(p[at:at + 4], "little")


def open_payload(payload):
    """Section 3. Returns the tar and the plain sizes of the frames."""
    at, frames = 0, []
    while payload[at + 1:at + 4] != b"\x2a\x4d\x18":
        packed, plain = measure_frame(payload, at)
        frames.append((packed, plain))
        at += packed
    need(frames, "no frames")
    end, entries = at, frames[:]
    while payload[end:end + 4] == b"\x50\x2a\x4d\x18":
        size = le32(payload, end + 4)
        need(size <= FRAME_LIMIT and payload[end + 8:end + 8 + size] == bytes(size), "padding of more than zeros")
        entries.append((8 + size, 0))
        end += 8 + size
    table = payload[end:]
    need(table[:4] == b"\x5e\x2a\x4d\x18", "no seek table after the frames")
    need(len(table) == 8 + 8 * len(entries) + 9 and le32(table, 4) == 8 * len(entries) + 9, "the seek table has another size")
    for i, (packed, plain) in enumerate(entries):
        need((le32(table, 8 + 8 * i), le32(table, 12 + 8 * i)) == (packed, plain), f"the seek table is wrong about frame {i}")
    need(le32(table, len(table) - 9) == len(entries) and table[-5] == 0 and le32(table, len(table) - 4) == 0x8F92EAB1,
         "the seek table's footer")
    tar = run("zstd", "zstd", "-d", "-c", "-q", input=payload[:at])
    need(len(tar) == sum(plain for _, plain in frames), "frames do not hold what they say")
    return tar, [plain for _, plain in frames]


# --- tar ----------------------------------------------------------------------------------------------------


def ustar(name, size, kind):
    b = bytearray(512)
    b[0:min(len(name), 100)] = name[:100]
    b[100:124] = b"0000600\0" b"0000000\0" b"0000000\0"
    b[124:136] = b"%011o\0" % (size if size < 2**33 else 0)
    b[136:148] = b"00000000000\0"
    b[148:156] = b" " * 8
    b[156:157] = kind
    b[257:265] = b"ustar\00000"
    b[329:345] = b"0000000\0" * 2
    b[148:156] = b"%06o\0 " % sum(b)
    return bytes(b)


def pax_line(key, value):
    body = b" " + key + b"=" + value + b"\n"
    n = len(body) + 1
    while n != len(b"%d" % n) + len(body):
        n = len(b"%d" % n) + len(body)
    return b"%d" % n + body


def header_of(name, size):
    pax = b""
    if len(name) > 100:
        pax += pax_line(b"path", name)
    if size >= 2**33:
        pax += pax_line(b"size", b"%d" % size)
    head = ustar(b"pax", len(pax), b"x") + pax + bytes(-len(pax) % 512) if pax else b""
    return head + ustar(name, size, b"0")


def read_header(tar, at):
    """Name, size and length of the header at `at`; None at the end."""
    if tar[at:at + 1] == b"\0":
        need(tar[at:] == bytes(1024), "the tar does not end in two blocks of zeros and nothing more")
        return None
    block, name, size, start = tar[at:at + 512], None, None, at
    if block[156:157] == b"x":
        length = int(block[124:135], 8)
        rest = tar[at + 512:at + 512 + length]
        while rest:
            n, line = int(rest.split(b" ", 1)[0]), b""
            line, rest = rest[:n], rest[n:]
            key, value = line.split(b" ", 1)[1].rstrip(b"\n").split(b"=", 1)
            name, size = (value, size) if key == b"path" else (name, int(value))
        at += 512 + length + -length % 512
        block = tar[at:at + 512]
    name = block[:100].rstrip(b"\0") if name is None else name
    size = int(block[124:135], 8) if size is None else size
    need(0 < len(name) <= 1100 and all(0x21 <= c <= 0x7E for c in name), "a member's name")
    made = header_of(name, size)
    need(tar[start:start + len(made)] == made, f"the header of '{name.decode()}' is not in its one form")
    return name.decode(), size, len(made)


def walk(tar, frames):
    """Members in order: name, content, place."""
    starts, total = [], 0
    for plain in frames:
        starts.append(total)
        total += plain
    at, frame, seen = 0, 0, set()
    while True:
        head = read_header(tar, at)
        if head is None:
            return
        name, size, length = head
        need(name not in seen, f"member '{name}' is there twice")
        seen.add(name)
        begin = at
        at += length
        while frame + 1 < len(frames) and starts[frame + 1] <= at - 1:
            frame += 1
        off = at - starts[frame]
        place = [frame + 1, 0, size] if off == FRAME_LIMIT else [frame, off, size]
        content = tar[at:at + size]
        at += size
        need(len(content) == size and tar[at:at + -size % 512] == bytes(-size % 512), f"member '{name}' is cut or badly padded")
        at += -size % 512
        yield name, content, place, begin in starts


# --- names --------------------------------------------------------------------------------------------------


def member_name(path):
    """Section 6."""
    components = []
    for raw in path.split(b"/"):
        if not raw:
            continue
        keep = PLAIN if raw not in (b".", b"..") else set()
        parts = [chr(c) if c in keep else f"={c:02X}" for c in raw]
        if sum(map(len, parts)) > 200:
            cut = ""
            for part in parts:
                if len(cut) + len(part) > 100:
                    break
                cut += part
            parts = [cut, "==", sha(raw).hex()]
        components.append("".join(parts))
    name = "/".join(components)
    return "data/root/" + name if 0 < len(name) <= 1000 else "data/long/" + sha(path).hex()


def content_name_ok(name):
    components = name.split("/")
    return (len(components) >= 3 and not {"", ".", ".."} & set(components)
            and re.fullmatch(r"data/[A-Za-z0-9._+@,:~=/-]+", name) is not None)


# --- records ------------------------------------------------------------------------------------------------


INT64 = range(-2**63, 2**63)


class Real(str):
    """A number with a fraction or an exponent: kept as it is written."""


def no_repeats(pairs):
    need(len({k for k, _ in pairs}) == len(pairs), "a key is repeated")
    need(not any("\0" in k for k, _ in pairs), "a name with a NUL")
    return dict(pairs)


def whole(text):
    need(len(text) <= 20 and int(text) in INT64, "a number that is too large")
    return int(text)


def no_constant(text):
    raise Refused(f"'{text}' is no JSON")


def depth(line):
    now = most = 0
    for c in re.sub(rb'"(?:[^"\\]|\\.)*"', b"", line):
        now += (c in b"[{") - (c in b"]}")
        most = max(most, now)
    return most


def texts(value):
    """Every string below a value, names too."""
    if isinstance(value, str):
        yield value
    for v in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        yield from texts(v)
    if isinstance(value, dict):
        yield from value


def bytes_of(record, key):
    if key in record:
        return record[key].encode("utf-8", "surrogatepass")
    return base64.b64decode(record[key + "_b64"], validate=True) if key + "_b64" in record else None


def parse_record(line, leaf):
    need(len(line) <= 65536, f"record {leaf} is too long")
    head = re.match(rb'\{"t":"([bmclheu])","i":(0|[1-9][0-9]*),"salt":"[0-9a-f]{32}"[,}]', line)
    need(head and int(head[2]) == leaf, f"record {leaf} does not begin as it must")
    need(line.endswith(b"}"), f"record {leaf} does not end as it must")
    need(depth(line) <= 64, f"record {leaf} is nested too deep")
    try:
        r = json.loads(line.decode(), object_pairs_hook=no_repeats, parse_int=whole, parse_float=Real, parse_constant=no_constant)
    except (ValueError, Refused) as e:
        raise Refused(f"record {leaf}: {e}")
    for text in texts(r):
        need("\0" not in text, f"record {leaf}: a string with a NUL")
        need(not re.search("[\ud800-\udfff]", text), f"record {leaf}: half a surrogate pair")
    return r


# Kinds of values, section 7; a '!' behind one: the field must be there.


def is_text(v):
    return isinstance(v, str) and not isinstance(v, Real)


def is_count(v):
    return isinstance(v, int) and not isinstance(v, bool) and v >= 0


def is_list_of(kind):
    return lambda v: isinstance(v, list) and all(map(kind, v))


def is_object(v):
    return isinstance(v, dict)


KINDS = {
    "integer": is_count,
    "bool": lambda v: isinstance(v, bool),
    "true": lambda v: v is True,
    "string": is_text,
    "bytes": is_text,
    "matched": is_text,
    "base64": lambda v: is_text(v) and base64.b64encode(base64.b64decode(v, validate=True)) == v.encode(),
    "device": lambda v: is_text(v) and re.fullmatch("(0|[1-9][0-9]*):(0|[1-9][0-9]*)", v) and max(map(int, v.split(":"))) < 2**32,
    "id": lambda v: is_text(v) and re.fullmatch("[0-9a-f]{32}", v),
    "hash": lambda v: is_text(v) and re.fullmatch("[0-9a-f]{64}", v),
    "time": lambda v: (is_text(v) and re.fullmatch(r"-?(0|[1-9][0-9]*)\.[0-9]{9}", v) and v != "-0.000000000"
                       and int(v.replace(".", "")) // 10**9 in INT64),
    "dec": lambda v: is_text(v) and re.fullmatch("0|[1-9][0-9]*", v) and int(v) < 2**64,
    "strings": is_list_of(is_text),
    "objects": is_list_of(is_object),
    "list": lambda v: isinstance(v, list),
    "object": is_object,
}


def fields(text):
    return {name: kind for name, kind in (pair.split(":") for pair in text.split())}


FIELDS = {
    "b": fields("part:integer! previous:object label:object host:object tool:object share:true to:strings"),
    "m": fields("path:bytes! outcome:string! kind:string mode:integer uid:integer gid:integer user:string group:string size:integer "
                "dev:dec ino:dec nlink:integer rdev:device mtime:time atime:time ctime:time btime:time target:bytes xattrs:objects "
                "flags:strings via:strings why:bytes c:integer member:string"),
    "c": fields("frame:integer! off:integer! size:integer! sha256:hash! padded:integer extents:list sha256_logical:hash flags:strings "
                "logical:integer member:string"),
    "l": fields("table:string! rows:integer! member:string! frame:integer! off:integer! size:integer! sha256:hash!"),
    "h": fields("rule:string! namespace:bytes! tags:strings meta:object strings:objects more:true of:integer known_good:true"),
    "e": fields("event:string! why:bytes"),
    "u": fields("action:string reason:string signer:string second:string release:string release_signature:string release_second:string"),
}
MATCH = fields("name:string! offset:integer length:integer data:matched row:integer")
XATTR = fields("name:bytes! size:integer value_b64:base64")
HOST = fields("live:bool clock:object " + " ".join(name + ":bytes" for name in (
    "hostname machine_id dmi_uuid dmi_serial root_uuid boot_id os_id os_name os_version os_pretty_name kernel timezone language root").split()))
CLOCK = fields("wall:time monotonic:time boottime:time synchronized:bool max_error_us:integer")
PREVIOUS = fields("bundle:id! root:hash!")
TOOL = fields("name:string version:string sha256:hash argv:strings uid:integer start:time")
PATH_KINDS = ("file", "dir", "link", "fifo", "socket", "char", "block")
OUTCOMES = ("taken", "partial", "metadata", "absent", "skipped", "denied", "vanished", "failed")


def check_fields(obj, table, what):
    for name, kind in table.items():
        there = name in obj
        if there:
            need(KINDS[kind.rstrip("!")](obj[name]), f"{what}: '{name}' is of another kind")
        if kind.rstrip("!") in ("bytes", "matched") and name + "_b64" in obj:
            need(not there and is_text(obj[name + "_b64"]), f"{what}: '{name}' is there twice")
            raw, there = bytes_of(obj, name), True
            need(kind == "matched" or 0 not in raw, f"{what}: '{name}' holds a NUL")
        need(there or not kind.endswith("!"), f"{what} has no '{name}'")


def check_ranges(pairs, logical, size):
    at = total = 0
    for pair in pairs:
        need(isinstance(pair, list) and len(pair) == 2 and all(map(is_count, pair)), "extents that are no pairs")
        need(at <= pair[0] and sum(pair) <= logical, "extents that cannot be")
        at, total = sum(pair), total + pair[1]
    need(total <= size, "extents that are more than their content")


def check_record(r):
    what = f"record {r['i']}"
    if "more_of" in r:
        need(r["t"] == "c" and isinstance(r.get("extents"), list) or r["t"] == "m" and KINDS["strings"](r.get("via")), f"{what} continues no list")
        need(is_count(r["more_of"]) and r["more_of"] < r["i"] and not {"c", "frame", "path", "path_b64", "member"} & set(r),
             f"{what} continues badly")
        check_ranges(r["extents"] if r["t"] == "c" else [], 2**63 - 1, 2**63 - 1)
        return
    check_fields(r, FIELDS[r["t"]], what)
    for name, table in (("host", HOST), ("tool", TOOL), ("previous", PREVIOUS)):
        if r["t"] == "b" and name in r:
            check_fields(r[name], table, f"{what}: '{name}'")
    for t, name, table in (("h", "strings", MATCH), ("m", "xattrs", XATTR)):
        for obj in r.get(name, []) if r["t"] == t else []:
            check_fields(obj, table, f"{what}: '{name}'")
    if r["t"] == "b":
        check_fields(r.get("host", {}).get("clock", {}), CLOCK, f"{what}: 'clock'")
        need(r["part"] > 0 and (r["part"] > 1) == ("previous" in r), f"{what}: 'part' and 'previous'")
    if r["t"] == "c":
        need("logical" in r or "extents" not in r, f"{what} has 'extents' without 'logical'")
        check_ranges(r.get("extents", []), r.get("logical", 0), r["size"])
    if r["t"] == "l":
        need(r["size"] <= 16 << 20, f"{what}: a table's piece is too large")
        need(re.fullmatch("[a-z0-9_]+", r["table"])
             and re.fullmatch(f"data/live/{r['table']}-([0-9]{{4}}|[1-9][0-9]{{4,}})\\.jsonl", r["member"]), f"{what}: its member's name")
    if r["t"] == "u":
        must = {"override": ("release", "release_signature", "release_second"), "release": ("release", "release_signature")}
        need(all(name in r for name in must.get(r.get("action"), ())), f"{what} lacks its release")
    if r["t"] == "m":
        need(r["outcome"] in OUTCOMES and r.get("kind", "file") in PATH_KINDS and r.get("mode", 0) <= 0o7777,
             f"{what}: outcome, kind or mode")
        need("c" not in r or r["outcome"] in ("taken", "partial"), f"{what} has a content, and its outcome is another")
        need(r.get("c", -1) < r["i"], f"{what} has a content that comes later")


class Tree:
    """Section 8: the frontier of a growing tree."""

    def __init__(self):
        self.size, self.frontier = 0, []

    def add(self, line):
        node, size = sha(b"\0" + line), self.size
        while size & 1:
            node = sha(b"\1", self.frontier.pop(), node)
            size >>= 1
        self.frontier.append(node)
        self.size += 1

    def root(self):
        node = self.frontier[-1]
        for left in reversed(self.frontier[:-1]):
            node = sha(b"\1", left, node)
        return node


# --- the bundle ---------------------------------------------------------------------------------------------


class Bundle:
    def __init__(self, outside):
        self.outside = outside
        self.tree, self.records, self.contents, self.pending = Tree(), [], {}, []
        self.manifest, self.tags, self.index_segments, self.index_contents = b"", b"", b"", b""
        self.segments, self.last = 0, None
        self.named = set()

    # texts that are signed

    def unsigned_text(self, note, what):
        if not self.signed:
            return note
        text, _, signatures = note.rpartition(b"\n\n")
        text += b"\n"
        name, key_hash, key = self.note_key
        found = False
        for line in signatures.decode().split("\n")[:-1]:
            need(line.startswith("\u2014 ") and line.count(" ") == 2, f"{what}: a signature line is malformed")
            who, raw = line[2:].split(" ")
            raw = base64.b64decode(raw, validate=True)
            if who == name and raw[:4] == key_hash:
                need(len(raw) == 68 and ed25519_ok(key, text, raw[4:]), f"{what}: its signature does not fit")
                found = True
        need(found, f"{what}: not signed by the ticket's note key")
        return text

    def checkpoint_head(self):
        head = f"picket/{self.id}\n{self.tree.size}\n{base64.b64encode(self.tree.root()).decode()}\n"
        return head + (f"ticket {sha(self.ticket_text).hex()}\n" if getattr(self, "ticket", None) else "")

    # members

    def tag(self, name, content):
        self.tags += f"{sha(content).hex()}  {name}\n".encode()

    def take_head(self, members):
        def take(want):
            name, content, _, _ = next(members)
            need(name == want, f"'{name}' stands where '{want}' must be")
            self.tag(name, content)
            return content

        need(take("bagit.txt") == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", "bagit.txt")
        info = re.fullmatch(rb"External-Identifier: ([0-9a-f]{32})\nExternal-Description: Picket evidence bundle, "
                            rb"(signed under a ticket \(meta/ticket\.txt\)|UNSIGNED: nothing proves where it comes from)\n",
                            take("bag-info.txt"))
        need(info, "bag-info.txt")
        self.id, self.signed = info[1].decode(), info[2].startswith(b"signed")
        need(self.signed == (self.outside is not None), "signed inside and not outside, or the other way round")
        self.terms_text = take("meta/terms.txt")
        if not self.signed:
            return
        self.ticket_text = take("meta/ticket.txt")
        need(self.ticket_text == self.outside[0], "the ticket inside is not the one outside")
        need(take("meta/ticket.txt.minisig") == self.outside[1], "the ticket's signature inside is not the one outside")
        self.ticket = parse_ticket(self.ticket_text)
        need(self.ticket["terms-sha256"] == sha(self.terms_text).hex(), "the terms are not the ticket's")
        self.terms = parse_terms(self.terms_text)
        need(self.ticket["label-sha256"] == sha(issued_label(self.terms_text, self.terms["nonce"])).hex(),
             "the ticket's label is not that of its terms")
        self.note_key = parse_note_key(self.ticket["note"])

    def check_first(self, r):
        need(r["v"] == 1 and r["bundle"] == self.id and r["signed"] == self.signed and "share" not in r, "record 0 is of another bundle")
        need(r["terms_sha256"] == sha(self.terms_text).hex(), "record 0: terms")
        if not self.signed:
            need("ticket" not in r and "ticket_sha256" not in r, "record 0: a ticket of an unsigned bundle")
            return
        need(r["ticket"] == self.ticket["id"] and r["ticket_sha256"] == sha(self.ticket_text).hex(), "record 0: ticket")
        need(sorted(set(r["to"])) == self.terms["recipient"], "record 0: recipients")
        if "label" in r:
            need(label_line(r["label"]) == self.terms["label"] and r["label"]["originator"] == self.terms["originator"]
                 and ",".join(r["label"]["caveats"]) == (self.terms["caveats"] or ""), "record 0: label")

    def take_content_record(self, r):
        need(self.pending, f"record {r['i']} describes a content that is not there")
        name, content, place = self.pending.pop(0)
        need([r["frame"], r["off"], r["size"]] == place and r["sha256"] == sha(content).hex(),
             f"member '{name}' is not what record {r['i']} says")
        need(r["t"] == "c" or r["member"] == name, f"member '{name}' is not the table of record {r['i']}")
        need(r["t"] == "c" or r["rows"] == content.count(b"\n"), f"member '{name}' has another number of rows")
        need(r["t"] == "c" or content[-1:] in (b"", b"\n"), f"member '{name}' does not end with a line")
        self.contents[r["i"]] = {"name": name, "record": r, "content": content, "extents": list(r.get("extents", []))}
        if r["t"] == "l":
            self.named.add(r["i"])
        self.manifest += f"{r['sha256']}  {name}\n".encode()
        self.index_contents += f'{{"leaf":{r["i"]},"at":[{place[0]},{place[1]},{place[2]}]}}\n'.encode()

    def take_path_record(self, r):
        if "c" not in r:
            need("member" not in r, f"record {r['i']} has a member and no content")
            return
        content = self.contents.get(r["c"])
        need(content and content["record"]["t"] == "c", f"record {r['i']} names a content that is not there")
        need(r.get("member", content["name"]) == content["name"], f"record {r['i']}: another member")
        if r["c"] not in self.named:
            need(member_name(bytes_of(r, "path")) == content["name"], f"record {r['i']}: its content has another name")
        self.named.add(r["c"])

    def take_more(self, r):
        if r["t"] == "c":
            need("extents" in self.contents.get(r["more_of"], {}).get("record", {}), f"record {r['i']} continues what is not there")
            self.contents[r["more_of"]]["extents"] += r["extents"]
        elif r["t"] == "m":
            first = self.records[r["more_of"]]
            need(first["t"] == "m" and "via" in first and "more_of" not in first, f"record {r['i']} continues what is not there")
            first["via"].extend(r["via"])

    def take_record(self, line):
        r = parse_record(line, self.tree.size)
        check_record(r)
        need((r["t"] == "b") == (self.tree.size == 0), f"record {r['i']} is out of place")
        if r["t"] == "b":
            self.check_first(r)
        elif "more_of" in r:
            self.take_more(r)
        elif r["t"] in "cl":
            self.take_content_record(r)
        elif r["t"] == "m":
            self.take_path_record(r)
        self.records.append(r)
        self.tree.add(line)

    def take_segment(self, name, content, place, begins, members):
        need(name == f"meta/records-{self.segments:04}.jsonl", f"'{name}' is out of order")
        need(begins, f"'{name}' does not begin a frame")
        need(content.endswith(b"\n") and len(content) <= 64 << 20, f"'{name}' is cut or too long")
        self.tag(name, content)
        first = self.tree.size
        text = f"segment {self.segments}\nfirst {first}\n" + "".join(f"frontier {h.hex()}\n" for h in self.tree.frontier)
        for line in content.split(b"\n")[:-1]:
            self.take_record(line)
        note_name, note, note_place, _ = next(members)
        need(note_name == f"meta/note-{self.segments:04}", f"'{note_name}' stands where a note must be")
        self.tag(note_name, note)
        need(self.unsigned_text(note, note_name) == (self.checkpoint_head() + text).encode(), f"'{note_name}' is of other records")
        self.last = {"records": place, "note": note_place}
        self.index_segments += (f'{{"segment":{self.segments},"first":{first},"leaves":{self.tree.size - first},'
                                f'"records":{places(place)},"note":{places(note_place)}}}\n').encode()
        self.segments += 1

    def take_tail(self, name, content, members):
        need(self.segments and not self.pending, "contents without records")
        need(name == "manifest-sha256.txt" and content == self.manifest, "manifest-sha256.txt does not list what is there")
        self.tag(name, content)
        name, tags, _, _ = next(members)
        need(name == "tagmanifest-sha256.txt" and tags == self.tags, "tagmanifest-sha256.txt does not list what is there")
        name, index, index_place, begins = next(members)
        need(name == "meta/index.jsonl" and begins and index == self.index_segments + self.index_contents, "the index points elsewhere")
        name, note, checkpoint_place, _ = next(members)
        text = (f"segments {self.segments}\ncontents {len(self.contents)}\nmanifest {sha(content).hex()}\n"
                f"tagmanifest {sha(tags).hex()}\n")
        need(name == "meta/checkpoint" and self.unsigned_text(note, name) == (self.checkpoint_head() + text).encode(),
             "the checkpoint is of other records")
        name, end, _, begins = next(members)
        want = (f'{{"v":1,"bundle":"{self.id}","leaves":{self.tree.size},"segments":{self.segments},"contents":{len(self.contents)},'
                f'"records":{places(self.last["records"])},"note":{places(self.last["note"])},'
                f'"index":{places(index_place)},"checkpoint":{places(checkpoint_place)}}}')
        need(name == "meta/end.json" and begins and end == want.encode().ljust(511) + b"\n", "meta/end.json points elsewhere")
        need(next(members, None) is None, "something follows meta/end.json")

    def read(self, tar, frames):
        members = walk(tar, frames)
        self.take_head(members)
        for name, content, place, begins in members:
            if name.startswith("data/"):
                need(content_name_ok(name), f"'{name}' may not stand below data/")
                self.pending.append((name, content, place))
            elif name.startswith("meta/records-"):
                self.take_segment(name, content, place, begins, members)
            else:
                self.take_tail(name, content, members)
                break
        else:
            raise Refused("there is no manifest")
        for leaf, content in self.contents.items():
            need(leaf in self.named, f"the content of record {leaf} has no path")
            check_sparse(content)

    def check_comment(self, comment):
        need(comment == f"picket bundle {self.id} ticket {self.ticket['id']} leaves {self.tree.size} root {self.tree.root().hex()}",
             "the outer signature is of another bundle")


def places(p):
    return f"[{p[0]},{p[1]},{p[2]}]"


def check_sparse(content):
    r, at, done = content["record"], 0, 0
    if "extents" not in r:
        return
    logical, hashed = hashlib.sha256(), "sha256_logical" in r
    for off, length in content["extents"]:
        need(at <= off and off + length <= r["logical"], f"record {r['i']}: its extents cannot be")
        if hashed:
            logical.update(bytes(off - at))
            logical.update(content["content"][done:done + length])
        at, done = off + length, done + length
    need(done == r["size"], f"record {r['i']}: its extents are not its content")
    if hashed:
        logical.update(bytes(r["logical"] - at))
        need(logical.hexdigest() == r["sha256_logical"], f"record {r['i']}: another sparse file")


def print_list(bundle):
    for r in bundle.records:
        if r["t"] != "m" or "more_of" in r:
            continue
        ours = ("t", "i", "salt", "type", "v", "leaf", "label", "sha256", "stored")
        out = {"type": "path", "v": 1, "leaf": r["i"], **{k: v for k, v in r.items() if k not in ours}}
        if "c" in r:
            c = bundle.contents[r["c"]]["record"]
            out.update(sha256=c["sha256"], stored=c["size"])
        print(json.dumps(out))


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("bundle")
    args.add_argument("-i", "--identity", required=True)
    args.add_argument("--issuer", help="the issuer's minisign public key")
    args.add_argument("--list", action="store_true")
    a = args.parse_args()
    try:
        outside = check_outside(a.bundle, a.issuer) if os.path.exists(a.bundle + ".minisig") else None
        need(outside or not a.issuer, "not signed")
        with tempfile.TemporaryDirectory() as work:
            run("age", "age", "-d", "-i", a.identity, "-o", work + "/payload", a.bundle)
            tar, frames = open_payload(read_file(work + "/payload"))
        bundle = Bundle(outside)
        bundle.read(tar, frames)
        if outside:
            bundle.check_comment(outside[2])
    except (Refused, ValueError, KeyError, IndexError, TypeError, StopIteration, OSError) as e:
        print(f"reader.py: {a.bundle}: refused: {e or type(e).__name__}", file=sys.stderr)
        return 1
    if a.list:
        print_list(bundle)
        return 0
    kinds = {t: sum(r["t"] == t for r in bundle.records) for t in "bmclheu"}
    print(f"{'signed' if outside else 'UNSIGNED'} {bundle.id}: {bundle.segments} segments, {bundle.tree.size} records "
          f"({' '.join(f'{t}:{n}' for t, n in kinds.items())}), {len(bundle.contents)} contents, {len(frames)} frames")
    return 0


if __name__ == "__main__":
    sys.exit(main())
