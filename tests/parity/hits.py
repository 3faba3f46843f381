#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hits in one form, sorted: hits.py stock (the output of yara -e -s -N), hits.py picket (of picket-scan --json) or
hits.py collect (the records of a bundle, paths without the leading slash), on standard input. A line is namespace:rule, path, and the offset and name of the first 64 matches, which is all that
Picket keeps."""
import json
import re
import sys

KEPT = 64


def stock(lines):
    hit, matches = None, []
    for line in lines:
        m = re.match(r"0x([0-9a-f]+):(\$\w*): ", line)
        if m and hit:
            matches.append("%d:%s" % (int(m[1], 16), m[2]))
            continue
        if hit:
            yield hit, matches
        name, path = line.rstrip("\n").split(" ", 1)
        hit, matches = name + "\t" + path, []
    if hit:
        yield hit, matches


def picket(lines):
    for line in lines:
        o = json.loads(line)
        if o["type"] == "hit":
            yield o["namespace"] + ":" + o["rule"] + "\t" + o["path"], ["%d:%s" % (s["offset"], s["name"]) for s in o["strings"]]
        elif o["type"] in ("failed", "not-evaluated"):
            yield "%s %s\t%s" % (o["type"], o.get("rule", ""), o["path"]), []


def collect(lines):
    records = [json.loads(line) for line in lines]
    paths = {}
    for o in records:
        if o["t"] == "m" and "c" in o:
            paths.setdefault(o["c"], []).append(o["path"].lstrip("/"))
    for o in records:
        for path in paths.get(o.get("of"), []):
            if o["t"] == "h":
                yield o["namespace"] + ":" + o["rule"] + "\t" + path, ["%d:%s" % (s["offset"], s["name"]) for s in o["strings"]]
            elif o["t"] == "e":
                yield "%s %s\t%s" % (o["event"], o.get("rule", ""), path), []


out = ("%s\t%s\n" % (hit, " ".join(matches[:KEPT])) for hit, matches in globals()[sys.argv[1]](sys.stdin))
sys.stdout.writelines(sorted(out))
