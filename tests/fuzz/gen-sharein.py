#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for sharein_fuzz: gen-sharein.py DIR. A ticket that nobody signed, and members around it."""
import base64, hashlib, os, struct, sys

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
bid = "0123456789abcdef" * 2
tid = "00112233445566778899aabbccddeeff"
sign = base64.b64encode(b"Ed" + bytes(range(8)) + bytes(range(32))).decode()
raw = b"\x01" + bytes(range(32))
name = "ticket-" + tid
note = name + "+" + hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex() + "+" + base64.b64encode(raw).decode()
terms = ("picket-terms: 1\nmission: M\nlabel: TLP:AMBER REL TO JPN,USA\nrecipient: " + "ab" * 32 +
         "\nprofile: triage\nnonce: " + "cd" * 16 + "\n").encode()
label = ("picket-label: 1\nlabel: TLP:AMBER REL TO JPN,USA\nrecipient: " + "ab" * 32 +
         "\nnonce: " + hashlib.sha256(b"picket-label nonce\n" + bytes.fromhex("cd" * 16)).hexdigest()[:32] + "\n").encode()
ticket = (f"picket-ticket: 1\nid: {tid}\nsign: {sign}\nnote: {note}\nnot-before: 2026-11-23T00:00:00Z\n"
          f"not-after: 2026-12-23T00:00:00Z\nuses: one\nterms-sha256: {hashlib.sha256(terms).hexdigest()}\n"
          f"label-sha256: {hashlib.sha256(label).hexdigest()}\n").encode()


def message(rest, data):
    m = b"meta/shares/" + rest.encode() + b"\0" + data
    return struct.pack("<H", len(m)) + m


head = message(bid + "/ticket.txt", ticket) + message(bid + "/ticket.txt.minisig", b"x\n")
seeds = {
    "ticket": head,
    "terms": head + message(bid + "/terms.txt", terms) + message(bid + "/checkpoint", b"picket/" + bid.encode() + b"\n1\n"),
    "checkpoint": head + message(bid + "/label.txt", label) + message(bid + "/checkpoint", b"a\n1\n" + base64.b64encode(bytes(32)) + b"\n\n\xe2\x80\x94 a AAAAAA==\n"),
    "release": head + message(bid + "/label.txt", label) + message(bid + "/checkpoint", b"x\n") + message(bid + "/receipt.txt", b"picket-receipt: 1\n") +
        message(bid + "/handover-0000.release-0000.txt", b"picket-release: 1\n"),
    "misplaced": message("handover.txt", b"picket-handover: 1\n") + message(bid + "/0.tlog-proof", b"c2sp.org/tlog-proof@v1\n"),
}
for k, v in seeds.items():
    with open(os.path.join(out, k), "wb") as f:
        f.write(v)
