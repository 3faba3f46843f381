#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/unit/merkle_vectors.h: trees and proofs by the recursive definitions of RFC 6962, section 2.1.

Independent of lib/crypto/merkle.c: plain recursion over Python's hashlib, nothing of the iterative forms there."""
import hashlib


def h(b):
    return hashlib.sha256(b).digest()


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(d):
    if not d:
        return h(b"")
    if len(d) == 1:
        return h(b"\0" + d[0])
    k = split(len(d))
    return h(b"\1" + mth(d[:k]) + mth(d[k:]))


def path(m, d):
    if len(d) == 1:
        return []
    k = split(len(d))
    if m < k:
        return path(m, d[:k]) + [mth(d[k:])]
    return path(m - k, d[k:]) + [mth(d[:k])]


def proof(m, d, whole=True):
    if m == len(d):
        return [] if whole else [mth(d)]
    k = split(len(d))
    if m <= k:
        return proof(m, d[:k], whole) + [mth(d[k:])]
    return proof(m - k, d[k:], False) + [mth(d[:k])]


def leaves(n):
    return [b"leaf %d" % i for i in range(n)]


SIZES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 100]
INCLUSION = [(0, 1), (0, 2), (1, 2), (2, 3), (0, 5), (4, 5), (3, 7), (6, 7), (8, 9), (16, 17), (64, 65), (50, 100)]
CONSISTENCY = [(1, 1), (1, 2), (2, 3), (3, 7), (4, 7), (6, 8), (8, 9), (9, 15), (16, 33), (31, 64), (64, 65), (33, 100)]

print("/* SPDX-License-Identifier: Apache-2.0 */")
print("/* Made by tests/vectors/gen-merkle.py; leaf i is the text \"leaf i\". */")
print("/* clang-format off */")
print("static const struct { unsigned size; const char *root; } vector_roots[] = {")
for n in SIZES:
    print('\t{%d, "%s"},' % (n, mth(leaves(n)).hex()))
print("};")
print("static const struct { unsigned index, size; const char *proof; } vector_inclusion[] = {")
for m, n in INCLUSION:
    print('\t{%d, %d, "%s"},' % (m, n, b"".join(path(m, leaves(n))).hex()))
print("};")
print("static const struct { unsigned old_size, size; const char *proof; } vector_consistency[] = {")
for m, n in CONSISTENCY:
    print('\t{%d, %d, "%s"},' % (m, n, b"".join(proof(m, leaves(n))).hex()))
print("};")
