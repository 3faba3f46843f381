#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seals unsigned bundles of records that Picket would not write, made from docs/bundle-format.md: well formed but for what a record says.

forge.py RECIPIENT OUT.age < RECORDS: one record a line, its type and what follows the salt (`m,"path":"/a","outcome":"absent"`, or all to
the line's end as it is: `e }`), or `= PATH`: a content of that path, or `+ NAME`: a member below data/, whose place and hash the next PLACE in
a record is. A last line `|` leaves out the log's last newline. A closing brace is added to a line that begins with a type and a comma.
`! WHAT`, first of all: the checkpoint says something else of that; `! head`: the first frame is damaged.
forge.py RECIPIENT DIR: writes DIR/good-NAME.age and DIR/bad-NAME.age, for what section 7 allows and refuses,
and DIR/lie-NAME.age: the checkpoint or record 0 is of something else.
forge.py RECIPIENT DIR KIT: these too under the ticket KIT that picket-key made (AMBER, USA, originator lead)."""
import base64
import hashlib
import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True
import reader


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def header(name, size):
    b = bytearray(512)
    b[0:len(name)] = name
    b[100:124] = b"0000600\0" b"0000000\0" b"0000000\0"
    b[124:136] = b"%011o\0" % size
    b[136:148] = b"00000000000\0"
    b[148:156] = b" " * 8
    b[156:157] = b"0"
    b[257:265] = b"ustar\00000"
    b[329:345] = b"0000000\0" * 2
    b[148:156] = b"%06o\0 " % sum(b)
    return bytes(b)


def tree_root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha(b"\1", tree_root(leaves[:k]), tree_root(leaves[k:]))


class Kit:
    """A ticket whose secret keys are here: seals are signed with them, whatever they say."""

    def __init__(self, path):
        self.path = path
        self.ticket, self.ticket_sig, self.terms = (reader.read_file(path + end) for end in (".ticket", ".ticket.minisig", ".terms"))
        self.id = self.ticket.split(b"\nid: ")[1][:32].decode()
        self.name, self.hash, key = reader.read_file(path + ".notekey").decode().split("PRIVATE+KEY+")[1].strip().split("+", 2)
        h = hashlib.sha512(base64.b64decode(key)[1:]).digest()
        self.scalar = int.from_bytes(h[:32], "little") & (1 << 254) - 8 | 1 << 254
        self.prefix, self.public = h[32:], self.times_base(self.scalar)

    @staticmethod
    def times_base(n):
        x, y, z, _ = reader.times(n, reader.point_of(reader.BASE_Y, 0))
        z = pow(z, reader.P - 2, reader.P)
        return (y * z % reader.P | (x * z % reader.P & 1) << 255).to_bytes(32, "little")

    def note(self, text):
        def number(*parts):
            return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % reader.ORDER
        nonce = number(self.prefix, text)
        point = self.times_base(nonce)
        s = (nonce + number(point, self.public, text) * self.scalar) % reader.ORDER
        line = base64.b64encode(bytes.fromhex(self.hash) + point + s.to_bytes(32, "little")).decode()
        return text + f"\n\u2014 {self.name} {line}\n".encode()

    def first(self, recipient):
        return {"signed": True, "ticket": self.id, "ticket_sha256": sha(self.ticket).hex(), "to": [sha(recipient.encode()).hex()],
                "label": {"tlp": "AMBER", "rel_to": ["USA"], "originator": "lead", "caveats": []}}

    def beside(self, out, comment):
        for end, text in ((".ticket", self.ticket), (".ticket.minisig", self.ticket_sig)):
            with open(out + end, "wb") as f:
                f.write(text)
        subprocess.run([os.environ["BIN"] + "/picket-key", "sign", out, "--signer", self.path + ".signkey", "-t", comment, "-q"], check=True)


def seal(recipient, out, records, kit=None):
    lie = records.pop(0)[2:].decode() if records and records[0].startswith(b"! ") else ""
    ident, frames, tags, manifest, places, lines = os.urandom(16).hex(), [b""], b"", b"", b"", []
    terms = kit.terms if kit else b"forged\n"
    signed = kit.note if kit else bytes

    def put(name, data, listed=True):
        nonlocal tags
        frames[-1] += header(name.encode(), len(data))
        place = [len(frames) - 1, len(frames[-1]), len(data)]
        frames[-1] += data + bytes(-len(data) % 512)
        if listed:
            tags += f"{sha(data).hex()}  {name}\n".encode()
        return place

    def head(kind):
        return f'{{"t":"{kind}","i":{len(lines)},"salt":"{os.urandom(16).hex()}"'.encode()

    put("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    put("bag-info.txt", f"External-Identifier: {ident}\nExternal-Description: Picket evidence bundle, ".encode() +
        (b"signed under a ticket (meta/ticket.txt)\n" if kit else b"UNSIGNED: nothing proves where it comes from\n"))
    put("meta/terms.txt", terms)
    if kit:
        put("meta/ticket.txt", kit.ticket)
        put("meta/ticket.txt.minisig", kit.ticket_sig)
    first = {"v": 1, "bundle": ident, "signed": False, "terms_sha256": sha(terms).hex(), "to": [], "part": 1,
             "label": {"tlp": None, "rel_to": [], "originator": None, "caveats": []},
             "host": {"hostname": "forged", "machine_id": ident}, "tool": {"name": "forge", "start": "1700000000.000000000"}}
    first.update(kit.first(recipient) if kit else {})
    if records and records[0].startswith(b"b,"):
        first.update(json.loads(b"{" + records.pop(0)[2:] + b"}"))
        first = {key: value for key, value in first.items() if value is not None}
    lines.append(head("b") + b"," + json.dumps(first, separators=(",", ":")).encode()[1:])
    for record in records:
        if record.startswith(b"= "):
            data, name = b"content\n", "data/root" + record[2:].decode()
            place = put(name, data, False)
            manifest += f"{sha(data).hex()}  {name}\n".encode()
            places += json.dumps({"leaf": len(lines), "at": place}, separators=(",", ":")).encode() + b"\n"
            lines.append(head("c") + b',"frame":%d,"off":%d,"size":%d,"sha256":"%s"}' % (*place, sha(data).hex().encode()))
            lines.append(head("m") + b',"path":"%s","outcome":"taken","c":%d}' % (record[2:], len(lines) - 1))
        elif record.startswith(b"+ "):
            data, name = b"content\n", "data/" + record[2:].decode()
            last = put(name, data, False)
            manifest += f"{sha(data).hex()}  {name}\n".encode()
        elif record != b"|":
            kind, rest = record[:1].decode(), record[1:]
            if b"PLACE" in rest:
                places += json.dumps({"leaf": len(lines), "at": last}, separators=(",", ":")).encode() + b"\n"
                rest = rest.replace(b"PLACE", b'"frame":%d,"off":%d,"size":%d,"sha256":"%s"' % (*last, sha(data).hex().encode()))
            lines.append(head(kind) + rest + (b"}" if rest.startswith(b",") else b""))
    newline = b"\n" if records[-1:] != [b"|"] else b""
    head_hash = tree_root([sha(b"\0", line) for line in lines])
    root = base64.b64encode(head_hash).decode()
    root = f"picket/{ident}\n{len(lines)}\n{root}\n" + (f"ticket {sha(kit.ticket).hex()}\n" if kit else "")
    frames.append(b"")
    at_records = put("meta/records-0000.jsonl", b"\n".join(lines) + newline)
    at_note = put("meta/note-0000", signed((root + "segment 0\nfirst 0\n").encode()))
    frames.append(b"")
    put("manifest-sha256.txt", manifest)
    tag_list = tags
    put("tagmanifest-sha256.txt", tag_list, False)
    frames.append(b"")
    segment = {"segment": 0, "first": 0, "leaves": len(lines), "records": at_records, "note": at_note}
    at_index = put("meta/index.jsonl", json.dumps(segment, separators=(",", ":")).encode() + b"\n" + places, False)
    said = {"segments": 1, "contents": places.count(b"\n"), "manifest": sha(manifest).hex(), "tagmanifest": sha(tag_list).hex()}
    if lie in said:
        said[lie] = sha(b"other").hex() if "manifest" in lie else said[lie] + 1
    if lie == "ticket":
        root = root.replace(sha(kit.ticket).hex(), sha(b"other").hex())
    if lie == "root":
        root = root.replace(root.split("\n")[2], base64.b64encode(sha(b"other")).decode())
    at_checkpoint = put("meta/checkpoint", signed((root + "".join(f"{k} {v}\n" for k, v in said.items())).encode()), False)
    frames.append(b"")
    end = {"v": 1, "bundle": ident, "leaves": len(lines), "segments": said["segments"], "contents": said["contents"], "records": at_records, "note": at_note,
           "index": at_index, "checkpoint": at_checkpoint}
    put("meta/end.json", json.dumps(end, separators=(",", ":")).encode().ljust(511) + b"\n", False)
    frames[-1] += bytes(1024)
    payload, table = b"", b""
    for frame in frames:
        packed = subprocess.run(["zstd", "-cq", "--check", f"--stream-size={len(frame)}"], input=frame, stdout=subprocess.PIPE, check=True).stdout
        payload += packed[:-1] + bytes([packed[-1] ^ 1]) if lie == "head" and not payload else packed
        table += len(packed).to_bytes(4, "little") + len(frame).to_bytes(4, "little")
    payload += b"\x5e\x2a\x4d\x18" + (len(table) + 9).to_bytes(4, "little") + table
    payload += len(frames).to_bytes(4, "little") + b"\0" + (0x8F92EAB1).to_bytes(4, "little")
    subprocess.run(["age", "-r", recipient, "-o", out], input=payload, check=True)
    if kit:
        kit.beside(out, f"picket bundle {ident} ticket {kit.id} leaves {len(lines)} root {head_hash.hex()}")


M = b'm,"path":"/a","outcome":"absent"'
TAKEN = b'm,"path":"/a","outcome":"taken","c":1'
FIRST = b'b,"part":2,"previous":'
OVERRIDE = b'u,"action":"override","release":"r","release_signature":"s"'


def sparse(fields, *more):
    return [b"+ root/a", b"c,PLACE," + fields, TAKEN, *more]


def table(member, fields=b'"table":"t_0","rows":1'):
    return [b"+ " + member, b'l,PLACE,"member":"data/%s",' % member + fields, M]


H = b'h,"rule":"r","namespace":"n"'
ID, HASH = b"00" * 16, b"00" * 32
GOOD = {
    "plain": [M],
    "blanks-inside": [b'e, "event" :\r"x" '],
    "ours": [M + b',"type":"hit","v":2,"leaf":7,"label":"TLP:CLEAR","sha256":"00","stored":5,"x":"\x7f"'],
    "unknown-fields": [M + b',"x":{"y":[1,-2,null,true,-0]},"z":"\\ud83d\\ude00\xef\xbf\xbf"'],
    "real": [b'e,"event":"x","a":[1.5e999,-0.0,1E-400]'],
    "depth-64": [b'e,"event":"x","a":' + b"[" * 63 + b"]" * 63],
    "largest": [b'e,"event":"x","a":9223372036854775807,"b":-9223372036854775808'],
    "path-hit": [M, H + b',"of":1,"strings":[{"name":"path","data_b64":"AAEA"}]'],
    "hit-elsewhere": [H + b',"of":5'],
    "via-goes-on": [M + b',"via":["A"]', b'm,"more_of":1,"via":["B"]'],
    "xattrs": [M + b',"xattrs":[{"name":"user.a","value_b64":"AA=="},{"name_b64":"/w==","size":9000}]'],
    "sparse": sparse(b'"extents":[[0,3],[3,0],[9,5]],"logical":14'),
    "sparse-goes-on": sparse(b'"extents":[[0,4]],"logical":20', b'c,"more_of":1,"extents":[[9,3]]', b'c,"more_of":1,"extents":[[19,1]]'),
    "table": table(b"live/t_0-0000.jsonl"),
    "table-piece": table(b"live/t_0-10000.jsonl"),
    "hard-link": [b"= /b", b'm,"path":"/a","outcome":"taken","c":1,"member":"data/root/b"'],
    "true": [M, H + b',"more":true,"known_good":true'],
    "part-2": [FIRST + b'{"bundle":"%s","root":"%s"}' % (ID, HASH), M],
    "clock": [b'b,"host":{"clock":{"wall":"1.000000000","synchronized":false,"max_error_us":0}}', M],
    "custody": [M, b'u,"action":"seen"', OVERRIDE + b',"release_second":"s"'],
    "device": [M + b',"kind":"char","rdev":"0:4294967295"'],
    "bytes": [b'm,"path_b64":"L/8=","outcome":"absent"'],
    "times": [b'b,"tool":{"start":"-9223372036854775808.000000000"}', M + b',"mtime":"9223372036854775807.999999999"'],
}
BAD = {
    "nul-path": [b'm,"path":"/etc/passwd\\u0000.bak","outcome":"absent"'],
    "nul-path-b64": [b'm,"path_b64":"L2V0Yy9wYXNzd2QALmJhaw==","outcome":"absent"'],
    "nul-target": [M + b',"target_b64":"AA=="'],
    "nul-via": [M + b',"via":["A\\u0000"]'],
    "nul-user": [M + b',"user":"\\u0000"'],
    "nul-xattr": [M + b',"xattrs":[{"name_b64":"AA==","size":1}]'],
    "nul-rule": [H.replace(b'"r"', b'"r\\u0000"')],
    "nul-namespace": [b'h,"rule":"r","namespace_b64":"AA=="'],
    "nul-match": [H + b',"strings":[{"name":"$\\u0000"}]'],
    "nul-unknown": [M + b',"x":[{"y":"\\u0000"}]'],
    "nul-host": [b'b,"host":{"hostname_b64":"YQBi"}', M],
    "nul-to": [b'b,"to":["\\u0000"]', M],
    "nul-key": [M + b',"a\\u0000b":1'],
    "host-number": [b'b,"host":{"hostname":5}', M],
    "tool-time": [b'b,"tool":{"start":"5"}', M],
    "blank-after-brace": [b'e,"event":"x"} '],
    "return-after-brace": [b'e,"event":"x"}\r'],
    "blank-before-comma": [b'e ,"event":"x"}'],
    "blank-before-brace": [b"u }"],
    "two-values": [b"u}{}"],
    "depth-65": [b'e,"event":"x","a":' + b"[" * 64 + b"]" * 64],
    "too-large": [b'e,"event":"x","a":9223372036854775808'],
    "too-small": [b'e,"event":"x","a":-9223372036854775809'],
    "nan": [b'e,"event":"x","a":NaN'],
    "infinity": [b'e,"event":"x","a":-Infinity'],
    "half-surrogate": [b'e,"event":"x","a":"\\ud800"'],
    "other-half": [b'e,"event":"x","a":"\\udc00x"'],
    "key-twice": [b'e,"event":"x","a":1,"\\u0061":1'],
    "not-utf8": [b'e,"event":"x","a":"\xed\xa0\x80"'],
    "more-of-text": [b'm,"more_of":"x","path":"/hidden","outcome":"absent"'],
    "more-of-later": [b'm,"more_of":1,"via":["B"]'],
    "more-of-null": [M, b'm,"more_of":1,"via":["B",null]'],
    "gid-list": [M + b',"gid":[1]'],
    "kind": [M + b',"kind":"zzz"'],
    "outcome": [M.replace(b"absent", b"gone")],
    "content-of-metadata": [b"= /b", M.replace(b"absent", b"metadata") + b',"c":1'],
    "mode": [M + b',"mode":65535'],
    "xattrs-numbers": [M + b',"xattrs":[1]'],
    "time-short": [M + b',"mtime":"1.5"'],
    "time-minus-zero": [M + b',"mtime":"-0.000000000"'],
    "time-too-early": [M + b',"mtime":"-9223372036854775808.000000001"'],
    "ino-zeros": [M + b',"ino":"01"'],
    "both-paths": [M + b',"path_b64":"L2E="'],
    "bundle-twice": [M, b'b,"part":1'],
    "content-later": [b"+ root/a", TAKEN.replace(b":1", b":2"), b"c,PLACE"],
    "content-itself": [TAKEN],
    "content-of-event": [b'e,"event":"x"', TAKEN],
    "content-of-table": table(b"live/t_0-0000.jsonl") + [TAKEN],
    "content-unnamed": [b"+ root/b", b"c,PLACE", M],
    "member-alone": [M + b',"member":"data/root/a"'],
    "member-other": [b"= /b", TAKEN + b',"member":"data/root/a"'],
    "extents-overlap": sparse(b'"extents":[[0,4],[3,4]],"logical":9'),
    "extents-order": sparse(b'"extents":[[4,4],[0,4]],"logical":9'),
    "extents-beyond": sparse(b'"extents":[[0,8]],"logical":7'),
    "extents-odd": sparse(b'"extents":[[0,8,0]],"logical":9'),
    "extents-more": sparse(b'"extents":[[0,9]],"logical":9'),
    "extents-fewer": sparse(b'"extents":[[0,7]],"logical":9'),
    "more-extents-overlap": sparse(b'"extents":[[0,4]],"logical":9', b'c,"more_of":1,"extents":[[3,4]]'),
    "more-extents-beyond": sparse(b'"extents":[[0,4]],"logical":9', b'c,"more_of":1,"extents":[[6,4]]'),
    "more-extents-more": sparse(b'"extents":[[0,4]],"logical":9', b'c,"more_of":1,"extents":[[4,5]]'),
    "more-extents-of-path": [M, b'c,"more_of":1,"extents":[[0,1]]'],
    "more-extents-of-none": [b"= /b", b'c,"more_of":1,"extents":[]', M],
    "more-via-of-event": [b'e,"event":"x","via":["A"]', M, b'm,"more_of":1,"via":["B"]'],
    "more-via-of-none": [M, b'm,"more_of":1,"via":["B"]'],
    "more-via-of-more": [M + b',"via":["A"]', b'm,"more_of":1,"via":["B"]', b'm,"more_of":2,"via":["C"]'],
    "more-via-of-content": [b"= /b", b'm,"more_of":1,"via":["B"]', M],
    "table-elsewhere": table(b"root/etc/x"),
    "table-other": table(b"live/t_1-0000.jsonl"),
    "table-of-share": table(b"live/t_0-0000.jsonl".replace(b"live", ID + b"/live"), b'"table":"t_0","rows":1,"src":["%s",1]' % ID),
    "table-short": table(b"live/t_0-0.jsonl"),
    "table-upper": table(b"live/T-0000.jsonl", b'"table":"T","rows":1'),
    "no-last-newline": [M, b"|"],
    "previous-empty": [FIRST + b"{}", M],
    "previous-no-root": [FIRST + b'{"bundle":"%s"}' % ID, M],
    "previous-upper": [FIRST + b'{"bundle":"%s","root":"%s"}' % (ID.replace(b"0", b"A"), HASH), M],
    "previous-number": [FIRST + b'{"bundle":"%s","root":0}' % ID, M],
    "override-bare": [M, b'u,"action":"override"'],
    "override-one": [M, OVERRIDE],
    "release-number": [M, b'u,"action":"release","release":5,"release_signature":"s"'],
    "clock-number": [b'b,"host":{"clock":{"wall":5}}', M],
    "xattr-junk": [M + b',"xattrs":[{"name":"a","value_b64":"A?=="}]'],
    "xattr-unpadded": [M + b',"xattrs":[{"name":"a","value_b64":"AA"}]'],
    "xattr-bits": [M + b',"xattrs":[{"name":"a","value_b64":"AB=="}]'],
    "device": [M + b',"rdev":"8"'],
    "more-false": [M, H + b',"more":false'],
    "known-good-one": [M, H + b',"known_good":1'],
    "ticket-of-unsigned": [b'b,"ticket":"%s"' % ID, M],
    "event-nameless": [b'e,"x":1'],
}

OTHER = b"00112233445566778899aabbccddeeff"
LIES = {
    "checkpoint-root": [b"! root", M],
    "checkpoint-segments": [b"! segments", M],
    "checkpoint-contents": [b"! contents", M, b"= /b"],
    "checkpoint-manifest": [b"! manifest", M, b"= /b"],
    "checkpoint-tags": [b"! tagmanifest", M],
    "first-version": [b'b,"v":2', M],
    "first-bundle": [b'b,"bundle":"' + OTHER + b'"', M],
    "first-signed": [b'b,"signed":true', M],
    "first-share": [b'b,"share":true', M],
    "first-terms": [b'b,"terms_sha256":"' + OTHER * 2 + b'"', M],
}

SIGNED = {
    "good-signed": [M],
    "lie-signed-no": [b'b,"signed":false,"ticket":null,"ticket_sha256":null', M],
    "lie-signed-ticket": [b'b,"ticket":"' + OTHER + b'"', M],
    "lie-signed-ticket-hash": [b'b,"ticket_sha256":"' + OTHER * 2 + b'"', M],
    "lie-signed-label": [b'b,"label":{"tlp":"AMBER","rel_to":["JPN","USA"],"originator":"lead","caveats":[]}', M],
    "lie-signed-label-none": [b'b,"label":{"tlp":null,"rel_to":[],"originator":null,"caveats":[]}', M],
    "lie-signed-to": [b'b,"to":["' + OTHER * 2 + b'"]', M],
    "lie-signed-to-none": [b'b,"to":[]', M],
    "lie-signed-checkpoint": [b"! ticket", M],
    "head-good": [b"! head", M],
    "head-bundle": [b"! head", b'b,"bundle":"' + OTHER + b'"', M],
    "head-ticket-hash": [b"! head", b'b,"ticket_sha256":"' + OTHER * 2 + b'"', M],
}


def main():
    recipient, out = sys.argv[1:3]
    if not os.path.isdir(out):
        return seal(recipient, out, sys.stdin.buffer.read().split(b"\n")[:-1])
    for kind, cases in (("good", GOOD), ("bad", BAD), ("lie", LIES)):
        for name, records in cases.items():
            seal(recipient, f"{out}/{kind}-{name}.age", list(records))
    for name, records in SIGNED.items() if sys.argv[3:] else ():
        seal(recipient, f"{out}/{name}.age", list(records), Kit(sys.argv[3]))


main()
