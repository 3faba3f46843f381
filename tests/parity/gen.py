#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random rules and random files, for comparing hits with stock yara's: gen.py OUT SEED RULES FILES [large].
Writes OUT/rules-N.yar (rules that refer to each other stay in one file) and OUT/files/. The conditions are made
of what decides whether a rule may be left out for a file: guards on magic numbers and on the size, modules, or, and,
not, undefined values, counts, loops, references, private and global rules. `entrypoint` is left out: stock yara keeps its value from one
file to the next, so that hits depend on the order of the files."""
import os
import random
import re
import struct
import sys

import pefile

MIB = 1 << 20
# around the borders of classes of files and of the memory that they are read into
LARGE = [MIB - 1, MIB, MIB + 1, MIB + 1, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 10 * MIB - 1, 10 * MIB, 10 * MIB + 1, 10 * MIB + 1,
         11 * MIB]
WORDS = ["alpha", "Bravo", "charlie", "delta_x", "echo echo", "foxtrot", "golf9", "hotel", "india", "juliet"]


# --- files --------------------------------------------------------------------------------------------

def pe(r, body):
    """A PE file with what libyara's module looks into."""
    table = {}
    for dll in r.sample(["KERNEL32.dll", "WS2_32.dll", "ADVAPI32.dll"], r.randrange(0, 4)):
        table[dll] = r.sample(["CreateFileA", "send", "RegOpenKeyA", "WriteFile", 1, 115], r.randrange(1, 4))
    version = {"CompanyName": r.choice(WORDS), "FileDescription": "tool"} if r.random() < 0.5 else None
    return pefile.build(r, body, r.random() < 0.5, r.random() < 0.3, table, r.sample(["Run", "Stop", "x"], r.randrange(0, 3)),
                        version, r.random() < 0.7, r.choice(WORDS).encode() if r.random() < 0.3 else b"")


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
        return pe(r, b)
    if kind == 1:
        whole = pe(r, b)
        return whole[:r.randrange(2, len(whole))]
    if kind == 12:
        damaged = bytearray(pe(r, b))
        for _ in range(r.randrange(1, 20)):
            damaged[r.randrange(2, min(len(damaged), 2000))] = r.randrange(256)
        return bytes(damaged)
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
    def __init__(self, r, name, earlier, prefix):
        self.r, self.name, self.earlier, self.prefix = r, name, earlier, prefix
        self.strings = []
        for i in range(r.randrange(0, 5)):
            w = r.choice(WORDS)
            if r.random() < 0.2:
                text = ["%02x" % c for c in w.encode()]
                if r.random() < 0.5:
                    text[len(text) // 2] = r.choice(["??", "[1]", "[0-3]", "[0-300]", "[1-]", "(%s | 00)" % text[len(text) // 2]])
                text, mods = "{ %s }" % " ".join(text), ""
            elif r.random() < 0.2:
                text, mods = "/%s.{0,%d}%s/" % (w[:3], r.randrange(1, 20), r.choice(WORDS)[-3:]), r.choice(["", " nocase"])
            else:
                # down to atoms of two bytes
                text = '"%s"' % (w if r.random() < 0.7 else w[:r.randrange(2, 5)])
                mods = r.choice(["", "", " nocase", " wide", " ascii wide", " fullword", " xor", " xor(0-9) wide"])
                if len(text) > 6 and r.random() < 0.1:
                    mods = r.choice([" base64", " base64wide"])
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
            "pe.timestamp > 0", "pe.MACHINE_I386 == 0x14c", "pe.exports(\"x\")", "pe.imports(\"WS2_32.dll\", 115)",
            "pe.imphash() != \"\"", "pe.version_info[\"CompanyName\"] contains \"a\"", "pe.number_of_resources > 0",
            "pe.number_of_imports == 0", "pe.is_dll()", "pe.is_64bit()", "pe.overlay.size > 0", "pe.checksum == 0x1234",
            "pe.rich_signature.version(30729) > 0", "pe.rich_signature.toolid(147) == 5", "pe.section_index(\".text\") == 0",
            "for any s in pe.sections : (s.raw_data_size > 512)", "for all s in pe.sections : (s.name != \".x\")",
            "for any r in pe.resources : (r.type == pe.RESOURCE_TYPE_VERSION)", "pe.characteristics & pe.DLL",
            "pe.language(0x11) or pe.locale(0x0409)", "pe.export_timestamp > 1", "filesize < 1MB", "filesize > 1MB",
            "filesize <= 10MB", "filesize > 10MB", "filesize < 4MB", "10MB < filesize", "filesize >= 1048577",
            "pe.calculate_checksum() == pe.checksum", "pe.sections[pe.section_index(\".text\")].virtual_size > 10",
            "pe.data_directories[1].size > 0", "pe.entry_point == pe.rva_to_offset(0x1003)", "pe.exports_index(\"Run\") == 0",
            "uint32(filesize - 4) != 0", "math.in_range(math.mean(0, filesize), 1.0, 200.0)", "not defined pe.overlay.offset",
            "defined uint16(filesize)", "uint8(0) < 0x4e", "uint16(0) - 0x5a4d == 0", "(uint32(0) & 0xffff) == 0x5a4d",
            "uint16be(0) ^ 0x4d5a == 0", "uint16(0) << 0 == 0x5a4d", "-(uint16(0)) == -0x5a4d", "~uint16(0) != 0",
            "for any i in (0) : (uint16(i) == 0x5a4d)", "uint16(pe.entry_point - pe.entry_point) == 0x5a4d",
            "uint32(0) == 0x00905a4d", "uint32be(0) == 0x4d5a9000", "int16(0) == 0x5a4d", "int32(0) >= 0",
            "pe.number_of_sections == 3 or pe.number_of_sections == 2", "pe.subsystem != pe.SUBSYSTEM_WINDOWS_CUI",
            "pe.number_of_signatures > 0", "not pe.is_dll()", "not (pe.machine == pe.MACHINE_AMD64)", "pe.is_pe == 1"])

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
        if self.earlier and p < 0.76:
            return r.choice(self.earlier)
        if self.prefix and p < 0.78:
            return r.choice(["any", "all", "none", "2"]) + " of (%s*)" % self.prefix
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
        # no name is among those that a set of earlier rules stands for
        name = "%s%d_%d" % ("s" if i < 5 else "r", number, i)
        kind = "private " if r.random() < 0.08 else "global " if r.random() < 0.004 else ""
        out += Rule(r, name, earlier[-5:] if r.random() < 0.3 else [],
                    "s%d_" % number if number % 10 == 3 and i >= 5 and r.random() < 0.2 else "").text(kind)
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
    for n, size in enumerate(LARGE if len(sys.argv) > 5 else []):
        data = bytearray(content(r).ljust(size, r.choice([b"\0", b"z"]))[:size])
        for w in r.sample(WORDS, 4):
            at = r.choice([size - len(w), r.randrange(0, size - len(w))])
            data[at:at + len(w)] = w.encode()
        with open(os.path.join(out, "files", "large%02d" % n), "wb") as f:
            f.write(data)


main()
