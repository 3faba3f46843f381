#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A set of rules as large public sets are made. The proportions were counted in one of
5,849 rules: half guarded by MZ, half with a filesize limit (median 160 KB), 5.6 strings a rule (70 % text, a quarter of
those wide or nocase; 30 % hex or regular expressions), one file in five imports pe, three quarters of the conditions are
`N of them` or `all of them` behind the guards. The words are random, so that nothing hits but by accident."""
import argparse
import os
import random

SYLLABLES = "ba ce di fo gu ka le mi no pu ra se ti vo xu Za Qe Ri To Wu _ . / - 1 7 93 er ing the com exe dll http".split()


def word(r, low, high):
    return "".join(r.choice(SYLLABLES) for _ in range(r.randrange(low, high)))


def string(r):
    p = r.random()
    if p < 0.7:
        text = '"%s"' % word(r, 4, 14)
        return text + r.choice(["", "", "", " ascii", " wide", " ascii wide", " nocase", " fullword", " fullword ascii"])
    if p < 0.9:
        out = []
        for i in range(r.randrange(6, 30)):
            out.append("??" if i > 3 and r.random() < 0.15 else "%02x" % r.randrange(256))
        if r.random() < 0.2:
            out.insert(len(out) // 2, "[2-6]")
        return "{ %s }" % " ".join(["6a", "%02x" % r.randrange(1, 255)] + out)
    return "/%s[a-z0-9]{2,%d}%s/" % (word(r, 4, 6).replace("/", "").replace(".", "") + "Q", r.randrange(4, 12), word(r, 2, 4).replace("/", "").replace(".", ""))


def rule(r, name, pe):
    strings = ["$s%d = %s" % (i, string(r)) for i in range(max(1, min(25, int(r.expovariate(1 / 5.6)) + 1)))]
    guards = []
    mz = r.random() < 0.51
    if mz:
        guards.append("uint16(0) == 0x5a4d")
    elif r.random() < 0.06:
        guards.append("uint32(0) == 0x464c457f")
    if r.random() < 0.51:
        guards.append("filesize < %dKB" % r.choice([20, 50, 100, 160, 160, 200, 300, 500, 1000, 2000, 5000, 20000]))
    if pe and mz and r.random() < 0.3:
        guards.append(r.choice(["pe.number_of_sections > 3", 'pe.imphash() == "0123456789abcdef0123456789abcdef"',
                                'pe.exports("%s")' % word(r, 3, 5)]))
    n = len(strings)
    body = r.choice(["all of them", "all of them", "%d of them" % max(1, n // 2), "any of ($s*)" if mz else "all of them", "$s0 and %d of them" % max(1, n - 1)])
    if pe and r.random() < 0.02:
        guards, body = [], "(pe.timestamp > 1600000000 and $s0) or all of them"
    return ("rule %s {\n  meta:\n    author = \"bench\"\n    score = 70\n  strings:\n    %s\n  condition:\n    %s\n}\n"
            % (name, "\n    ".join(strings), " and ".join(guards + [body])))


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("out", help="folder to make")
    p.add_argument("rules", nargs="?", type=int, default=5500, help="how many (5500)")
    args = p.parse_args()
    r = random.Random(7)
    os.makedirs(args.out)
    done = 0
    while done < args.rules:
        pe = r.random() < 0.2
        with open(os.path.join(args.out, "b%04d.yar" % done), "w") as f:
            if pe:
                f.write('import "pe"\n')
            for _ in range(min(args.rules - done, 8)):
                f.write(rule(r, "b%d" % done, pe))
                done += 1


main()
