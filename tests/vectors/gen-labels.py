#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/unit/label_golden.h: what labels combine to, and who may be let in, for every combination.

Independent of lib/bundle/label.c and release.c: sets and the rules as docs/trust-format.md words them."""
from itertools import product

TLP = ["CLEAR", "GREEN", "unlabelled", "AMBER", "AMBER+STRICT", "RED"]  # rising strictness
LEVELS = [t for t in TLP if t != "unlabelled"]


def text(tlp, rel_to):
    if tlp == "unlabelled":
        return tlp
    return f"TLP:{tlp}" + (" REL TO " + ",".join(sorted(rel_to)) if rel_to else "")


def combined(a, b):
    tlp = max(a[0], b[0], key=TLP.index)
    return tlp, a[1] & b[1]


print("/* SPDX-License-Identifier: Apache-2.0 */")
print("/* Made by tests/vectors/gen-labels.py. */")
print("/* clang-format off */")
RELS = [set(), {"USA"}, {"JPN", "USA"}, {"JPN", "PHL"}, {"AUS", "CAN", "GBR", "NZL", "USA"}]
LABELS = [("unlabelled", set())] + list(product(LEVELS, RELS))
print("static const struct { const char *a, *b, *both; } golden_labels[] = {")
for i, a in enumerate(LABELS):
    for b in LABELS[i:]:
        print(f'\t{{"{text(*a)}", "{text(*b)}", "{text(*combined(a, b))}"}},')
print("};")

# --- originators and caveats add up ---------------------------------------------------------------------
WORDS = [set(), {"A"}, {"B"}, {"A", "B"}]
print("static const struct { const char *a, *b, *both; } golden_words[] = {")
for a, b in product(WORDS, WORDS):
    print('\t{"%s", "%s", "%s"},' % tuple(",".join(sorted(s)) for s in (a, b, a | b)))
print("};")

# --- release ---------------------------------------------------------------------------------------------
PARTIES = {"lead": ("CPT-7", "USA"), "mate": ("CPT-7", "USA"), "usaf": ("AFCYBER", "USA"), "jpn": ("JGSDF", "JPN"),
           "phl": ("AFP", "PHL"), "esp": ("MCCE", "ESP")}
ACTOR = "lead"
TO = ["lead", "mate", "usaf", "jpn", "phl", "esp"]
GRANTS = ["none", "override", "jpn"]


def belongs(party, word):
    return word in (party, PARTIES[party][0])


def verdict(tlp, rel_to, originators, orcon, issuer, to, known, grant):
    org, nation = PARTIES[to]
    whose = originators or {issuer}
    others = {w for w in whose if not belongs(ACTOR, w)}
    if rel_to:
        inside = nation in rel_to
    else:
        homes = {PARTIES[issuer][1]} | {n for p, (_, n) in PARTIES.items() for w in whose if belongs(p, w)}
        inside = homes == {nation}
    onward = bool(others) and not known and to != ACTOR
    if onward and (orcon or tlp == "RED" or (tlp == "AMBER+STRICT" and org != PARTIES[ACTOR][0])):
        inside = False
    if inside:
        return "y"
    if others:
        return "b" if grant != "none" and grant != "override" and all(belongs(grant, w) for w in others) else "n"
    return "b" if grant == "override" else "n"


WHOSE = [set(), {"lead"}, {"CPT-7"}, {"jpn"}, {"JGSDF"}, {"JGSDF", "lead"}, {"JGSDF", "phl"}, {"elsewhere"}]
print("/* Per row: for each of %s, not known and known, each of %s: y within the label, b beyond it, n refused. */"
      % (" ".join(TO), " ".join(GRANTS)))
print("static const struct { const char *label, *originator, *caveats, *issuer, *verdicts; } golden_release[] = {")
RELS = [set(), {"USA"}, {"JPN", "USA"}, {"JPN", "PHL", "USA"}]
for tlp, rel in [("unlabelled", set())] + list(product(LEVELS, RELS)):
    for whose, orcon, issuer in product(WHOSE, (False, True), ("lead", "jpn")):
        v = "".join(verdict(tlp, rel, whose, orcon, issuer, to, known, grant)
                    for to in TO for known in (False, True) for grant in GRANTS)
        print(f'\t{{"{text(tlp, rel)}", "{",".join(sorted(whose))}", "{"ORCON" if orcon else ""}", "{issuer}", "{v}"}},')
print("};")
