#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random rules and random files, for comparing hits with stock yara's: gen.py OUT SEED RULES FILES.
Writes OUT/rules-N.yar (rules that refer to each other stay in one file) and OUT/files/. The conditions are made
of what decides whether a rule may be left out for a file: guards on magic numbers and on the size, modules, or, and,
not, undefined values, counts, loops, references, private and global rules. `entrypoint` is left out: stock yara keeps its value from one
file to the next, so that hits depend on the order of the files."""
import os
import random
import re
import struct
import sys

WORDS = ["alpha", "Bravo", "charlie", "delta_x", "echo echo", "foxtrot", "golf9", "hotel", "india", "juliet"]


# --- files --------------------------------------------------------------------------------------------

def pe(r, is64, sections, body):
    """A PE file that libyara's module accepts."""
    machine, magic, opt = (0x8664, 0x20b, 240) if is64 else (0x14c, 0x10b, 224)
    dos = b"MZ" + b"\0" * 58 + struct.pack("<I", 0x80)
    dos += b"\0" * (0x80 - len(dos))
    coff = struct.pack("<HHIIIHH", machine, sections, r.choice([0, 1, 0x5f000000]), 0, 0, opt, r.choice([0x102, 0x2022]))
    optional = struct.pack("<HBBIIIII", magic, r.choice([6, 14]), 0, 0x200, 0, 0, 0x1000, 0x1000)
    if is64:
        optional += struct.pack("<QII", 0x140000000, 0x1000, 0x200)
    else:
        optional += struct.pack("<IIII", 0, 0x400000, 0x1000, 0x200)
    optional += struct.pack("<HHHHHHIIIIHH", 6, 0, 0, 0, 6, 0, 0, 0x3000, 0x400, 0, r.choice([2, 3]), 0)
    optional += b"\0" * (opt - len(optional) - 128) if len(optional) < opt - 128 else b""
    optional = (optional + b"\0" * opt)[:opt - 132] + struct.pack("<I", 16) + b"\0" * 128
    table = b""
    for i in range(sections):
        table += struct.pack("<8sIIIIIIHHI", b".s%d" % i, 0x200, 0x1000 * (i + 1), 0x200, 0x400 + 0x200 * i, 0, 0, 0, 0, 0x60000020)
    head = dos + b"PE\0\0" + coff + optional + table
    head += b"\0" * (0x400 - len(head))
    return head + body


def elf(r, body):
    kind = r.choice([2, 3])
    head = b"\x7fELF\x02\x01\x01" + b"\0" * 9
    head += struct.pack("<HHIQQQIHHHHHH", kind, r.choice([62, 183]), 1, 0x400078, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    head += struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, 0x200, 0x200, 0x1000)
    return head + body


def body(r):
    size = r.choice([0, 1, 3, 10, 100, 511, 512, 513, 1000, 1023, 1024, 1025, 5000, 10239, 10240, 10241, 60000])
    out = bytearray(r.randbytes(size) if r.random() < 0.3 else r.choice([b"\0", b"A", b"ab "]) * size)[:size]
    for _ in range(r.randrange(0, 7)):
        w = r.choice(WORDS)
        w = r.choice([w, w, w.upper(), w.lower()])
        data = w.encode("utf-16-le") if r.random() < 0.15 else w.encode()
        if len(out) > len(data):
            at = r.choice([0, len(out) - len(data), r.randrange(0, len(out) - len(data))])
            out[at:at + len(data)] = data
    return bytes(out)


def content(r):
    b = body(r)
    kind = r.randrange(0, 14)
    if kind == 0:
        return pe(r, r.random() < 0.5, r.randrange(0, 5), b)
    if kind == 1:
        return pe(r, True, 3, b)[:r.randrange(2, 1500)]
    if kind == 2:
        return elf(r, b)
    if kind == 3:
        return elf(r, b)[:r.randrange(1, 200)]
    if kind == 4:
        return b"MZ" + b
    if kind == 5:
        return b"PK\x03\x04" + b
    if kind == 6:
        return b"#!/bin/sh\n" + b
    if kind == 7:
        return r.choice([b"M", b"\x7fEL", b"ZM", b"\x4d\x5b", b"\xcf\xfa\xed\xfe", b"%PDF-1.4\n", b"\xd0\xcf\x11\xe0"]) + b
    return b


# --- rules --------------------------------------------------------------------------------------------

class Rule:
    def __init__(self, r, name, earlier):
        self.r, self.name, self.earlier = r, name, earlier
        self.strings = []
        for i in range(r.randrange(0, 5)):
            w = r.choice(WORDS)
            if r.random() < 0.2:
                text = "{ %s }" % " ".join("%02x" % c for c in w.encode())
                mods = ""
            elif r.random() < 0.2:
                text, mods = "/%s.{0,%d}%s/" % (w[:3], r.randrange(1, 20), r.choice(WORDS)[-3:]), r.choice(["", " nocase"])
            else:
                text = '"%s"' % w
                mods = r.choice(["", "", " nocase", " wide", " ascii wide", " fullword", " xor", " base64"])
                if mods == " base64" and len(w) < 3:
                    mods = ""
            self.strings.append(("$s%d" % i, text + mods))

    def s(self):
        return self.r.choice(self.strings)[0]

    def number(self, depth=0):
        r = self.r
        options = ["%d" % r.choice([0, 1, 2, 3, 10, 100, 1024, 10240]), "filesize", "%dKB" % r.choice([1, 10, 60]),
                   "uint8(%d)" % r.choice([0, 1, 100, 2000]), "uint16(0)", "uint32be(0)",
                   "uint32(uint32(0x3c))", "int16(filesize - 2)", "pe.number_of_sections", "pe.machine", "pe.entry_point",
                   "elf.type", "elf.machine", "elf.number_of_segments", "pe.sections[0].raw_data_size",
                   "pe.characteristics"]
        if self.strings:
            k = self.s()[1:]
            options += ["#" + k, "@%s[1]" % k, "!%s[1]" % k, "#%s in (0..100)" % k]
        n = r.choice(options)
        if depth < 1 and r.random() < 0.1:
            n = "(%s %s %s)" % (n, r.choice(["+", "-", "*", "&"]), self.number(depth + 1))
        return n

    def guard(self):
        r = self.r
        return r.choice([
            "uint16(0) == 0x5A4D", "uint16(0) == 0x5a4d", "0x5A4D == uint16(0)", "uint16be(0) == 0x4d5a", "uint16(0) == 23117",
            "uint16(0) != 0x5A4D", "uint32(0) == 0x464c457f", "uint32be(0) == 0x7f454c46", "uint16(0) == 0x4b50",
            "uint32(0) == 0x04034b50", "uint8(0) == 0x4d", "(uint16(0) == 0x5a4d and uint32(uint32(0x3C)) == 0x00004550)",
            "uint32be(0) == 0xd0cf11e0", "filesize < 1KB", "filesize > 10KB", "filesize < 10241", "filesize >= 1024",
            "filesize == 0", "10KB > filesize", "filesize <= 60000", "pe.is_pe", "not pe.is_pe", "pe.is_32bit()",
            "pe.machine == pe.MACHINE_AMD64", "pe.number_of_sections > 2", "pe.imports(\"kernel32.dll\")",
            "elf.type == elf.ET_EXEC", "defined pe.number_of_sections", "not defined pe.entry_point",
            "pe.number_of_signatures == 0", "math.entropy(0, filesize) > 3.0", "hash.md5(0, 3) == \"x\"",
            "for any i in (0..pe.number_of_sections - 1) : (pe.sections[i].name == \".s0\")",
            "(uint16(0) == 0x5a4d or uint32(0) == 0x464c457f)", "not uint16(0) == 0x5A4D", "uint16(0) & 0xff == 0x4d",
            "pe.timestamp > 0", "pe.MACHINE_I386 == 0x14c", "pe.exports(\"x\")"])

    def term(self, depth):
        r = self.r
        p = r.random()
        if p < 0.35:
            return self.guard()
        if self.strings and p < 0.7:
            k = self.s()
            return r.choice([
                k, k, k, "%s at %s" % (k, r.choice(["0", "100", "pe.entry_point"])), "%s in (0..1024)" % k,
                "any of them", "all of them", "2 of them", "none of them", "1 of ($s*)", "50% of them", "for any of them : (@ > 10)",
                "for all i in (1..#%s) : (@%s[i] > 3)" % (k[1:], k[1:]), "for any of ($s*) : ($ at 0)"])
        if self.earlier and p < 0.78:
            return r.choice(self.earlier)
        if p < 0.83:
            return r.choice(["true", "false"])
        return "%s %s %s" % (self.number(), r.choice(["<", ">", "==", "!=", "<=", ">="]), self.number())

    def condition(self, depth=0):
        r = self.r
        if depth > 3 or r.random() < 0.25:
            return self.term(depth)
        p = r.random()
        if p < 0.45:
            return " and ".join(self.condition(depth + 1) for _ in range(r.randrange(2, 4)))
        if p < 0.75:
            return "(%s)" % " or ".join(self.condition(depth + 1) for _ in range(2))
        if p < 0.9:
            return "not (%s)" % self.condition(depth + 1)
        return "(%s)" % self.condition(depth + 1)

    def text(self, kind):
        cond = self.condition()
        used = set(re.findall(r"[$#@!](s[0-9]+)", cond))
        unused = [k for k, _ in self.strings if k[1:] not in used]
        if unused and "them" not in cond and "$s*" not in cond:
            cond = "(%s) or (%s and false)" % (cond, " and ".join(unused))
        comment = self.r.choice(["", "", " // uint16(0) == 0x5A4D and", " /* } and */"])
        out = "%srule %s {%s\n" % (kind, self.name, comment)
        if self.strings:
            out += "  strings:\n" + "".join("    %s = %s\n" % s for s in self.strings)
        return out + "  condition:\n    %s\n}\n" % cond


def rules(r, number, count):
    out = 'import "pe"\nimport "elf"\nimport "math"\nimport "hash"\n'
    earlier = []
    for i in range(count):
        name = "r%d_%d" % (number, i)
        kind = "private " if r.random() < 0.08 else "global " if r.random() < 0.004 else ""
        out += Rule(r, name, earlier[-5:] if r.random() < 0.3 else []).text(kind)
        earlier.append(name)
    return out


def main():
    out, seed, rule_count, file_count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    r = random.Random(seed)
    os.makedirs(os.path.join(out, "files"))
    per_file = 100
    for n in range((rule_count + per_file - 1) // per_file):
        with open(os.path.join(out, "rules-%03d.yar" % n), "w") as f:
            f.write(rules(r, n, min(per_file, rule_count - n * per_file)))
    for n in range(file_count):
        with open(os.path.join(out, "files", "f%04d" % n), "wb") as f:
            f.write(content(r))


main()
