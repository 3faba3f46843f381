# SPDX-License-Identifier: Apache-2.0
"""PE files with all that libyara's module looks into: sections, imports by name and by number, exports, resources with a
version block, a Rich header, an overlay. Laid out after Microsoft's "PE Format"; nothing of them can be run."""
import struct

FILE_ALIGN, SECTION_ALIGN = 0x200, 0x1000


def pad(data, align):
    return data + b"\0" * (-len(data) % align)


def imports(table, rva, is64):
    """The import directory at rva: {dll: [name or ordinal, ...]}."""
    width, flag = (8, 1 << 63) if is64 else (4, 1 << 31)
    names, thunks, descriptors = b"", b"", b""
    thunks_at = rva + 20 * (len(table) + 1)
    names_at = thunks_at + sum(2 * width * (len(f) + 1) for f in table.values())
    for dll, functions in table.items():
        entries = b""
        for f in functions:
            if isinstance(f, int):
                entries += (flag | f).to_bytes(width, "little")
            else:
                entries += (names_at + len(names)).to_bytes(width, "little")
                names += pad(b"\0\0" + f.encode() + b"\0", 2)
        entries += b"\0" * width
        first = thunks_at + len(thunks)
        thunks += entries * 2
        descriptors += struct.pack("<IIIII", first, 0, 0, names_at + len(names), first + len(entries))
        names += pad(dll.encode() + b"\0", 2)
    return descriptors + b"\0" * 20 + thunks + names


def exports(dll, functions, rva):
    n = len(functions)
    at = rva + 40
    names_at = at + 10 * n
    blob, name_rvas = dll.encode() + b"\0", []
    for f in functions:
        name_rvas.append(names_at + len(blob))
        blob += f.encode() + b"\0"
    out = struct.pack("<IIHHIIIIIII", 0, 0x5f000000, 0, 0, names_at, 1, n, n, at, at + 4 * n, at + 8 * n)
    out += b"".join(struct.pack("<I", 0x1000 + 16 * i) for i in range(n))
    out += b"".join(struct.pack("<I", r) for r in name_rvas)
    out += b"".join(struct.pack("<H", i) for i in range(n))
    return out + blob


def version_block(strings):
    def node(key, value, children, is_text):
        k = pad(b"\0" * 6 + key.encode("utf-16-le") + b"\0\0", 4)[6:]
        v = value.encode("utf-16-le") + b"\0\0" if is_text else value
        body = pad(k + v, 4) if (6 + len(k)) % 4 == 0 and not children else k + v
        body = pad(b"\0" * 6 + body, 4)[6:]
        for c in children:
            body = pad(b"\0" * 6 + body, 4)[6:] + c
        return struct.pack("<HHH", 6 + len(body), len(v) // 2 if is_text else len(v), 1 if is_text else 0) + body

    leaves = [node(k, v, [], True) for k, v in strings.items()]
    table = node("040904b0", b"", leaves, False)
    info = node("StringFileInfo", b"", [table], False)
    fixed = struct.pack("<13I", 0xfeef04bd, 0x10000, 0x10002, 3, 0x10002, 3, 0x3f, 0, 4, 1, 0, 0, 0)
    return node("VS_VERSION_INFO", fixed, [info], False)


def resources(entries, rva):
    """entries: [(type number, id number, language, bytes)], one tree of three levels."""
    n = len(entries)
    root = 16 + 8 * n
    level = 16 + 8
    data_at = root + 2 * n * level
    blob_at = data_at + 16 * n
    out = struct.pack("<IIHHHH", 0, 0x5f000001, 4, 0, 0, n)
    second, third, data, blob = b"", b"", b"", b""
    for i, (kind, _, _, _) in enumerate(entries):
        out += struct.pack("<II", kind, 0x80000000 | (root + i * level))
    for i, (_, ident, language, content) in enumerate(entries):
        second += struct.pack("<IIHHHHII", 0, 0, 0, 0, 0, 1, ident, 0x80000000 | (root + (n + i) * level))
        third += struct.pack("<IIHHHHII", 0, 0, 0, 0, 0, 1, language, data_at + 16 * i)
        data += struct.pack("<IIII", rva + blob_at + len(blob), len(content), 0, 0)
        blob += pad(content, 8)
    return out + second + third + data + blob


def rich(key, entries):
    words = [0x536e6144 ^ key, key, key, key]
    for tool, version, count in entries:
        words += [((tool << 16) | version) ^ key, count ^ key]
    return struct.pack("<%dI" % len(words), *words) + b"Rich" + struct.pack("<I", key)


def build(r, body, is64=True, dll=False, import_table=None, export_names=(), version=None, with_rich=True, overlay=b""):
    """One file; r chooses what nothing depends on."""
    head = bytearray(b"MZ\x90\0" + b"\0" * 56 + struct.pack("<I", 0x100)) + b"\x0e\x1f\xba\x0e\0\xb4\x09\xcd\x21This program".ljust(64)
    if with_rich:
        head += rich(r.randrange(1, 1 << 32), [(0x93, 30729, 5), (r.randrange(1, 255), 40219, 2)])
    head = head.ljust(0x100, b"\0")
    sections, rva, dirs = [], SECTION_ALIGN, [(0, 0)] * 16

    def section(name, data, flags):
        nonlocal rva
        sections.append((name, len(data), rva, pad(data, FILE_ALIGN), flags))
        rva += max(SECTION_ALIGN, -(-len(data) // SECTION_ALIGN) * SECTION_ALIGN)

    section(b".text", b"\x55\x8b\xec" + body, 0x60000020)
    if import_table:
        data = imports(import_table, rva, is64)
        dirs[1] = (rva, len(data))
        section(b".idata", data, 0xc0000040)
    if export_names:
        data = exports("lib.dll", export_names, rva)
        dirs[0] = (rva, len(data))
        section(b".edata", data, 0x40000040)
    if version:
        data = resources([(3, 1, 1033, b"icon" * 20), (16, 1, r.choice([1033, 1041]), version_block(version))], rva)
        dirs[2] = (rva, len(data))
        section(b".rsrc", data, 0x40000040)
    optional = struct.pack("<HBBIIIII", 0x20b if is64 else 0x10b, r.choice([9, 14]), 0, 0x200, 0x200, 0, 0x1003, 0x1000)
    optional += struct.pack("<QII", 0x140000000, SECTION_ALIGN, FILE_ALIGN) if is64 else struct.pack(
        "<IIII", 0, 0x400000, SECTION_ALIGN, FILE_ALIGN)
    optional += struct.pack("<HHHHHHIIIIHH", 6, 0, 1, 0, 6, 0, 0, rva, 0x400, r.choice([0, 0x1234]),
                            r.choice([2, 3]), 0x8140)
    optional += struct.pack("<QQQQII" if is64 else "<IIIIII", 0x100000, 0x1000, 0x100000, 0x1000, 0, 16)
    optional += b"".join(struct.pack("<II", *d) for d in dirs)
    coff = struct.pack("<HHIIIHH", 0x8664 if is64 else 0x14c, len(sections), r.choice([0x5f000000, 1, 0x63000000]), 0, 0,
                       len(optional), 0x2022 if dll else 0x0102)
    table, raw, at = b"", b"", 0x400
    for name, size, address, data, flags in sections:
        table += struct.pack("<8sIIIIIIHHI", name, size, address, len(data), at, 0, 0, 0, 0, flags)
        raw += data
        at += len(data)
    return pad(bytes(head) + b"PE\0\0" + coff + optional + table, 0x400) + raw + overlay
