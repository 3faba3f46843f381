/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the strings of compiled rules in bytes, beside libyara's own loop and several times as fast.
 *
 * libyara searches for atoms, pieces of at most four bytes of which each string has some, and wherever one ends it
 * verifies the strings that have it. Its automaton, some megabytes with thousands of rules, takes a step of dependent
 * loads for each byte. But since no atom is longer than four bytes, where the automaton would be after a byte depends on
 * the last four bytes alone. So here a small filter is asked about these, which nearly always answers "no atom ends
 * here"; only otherwise the automaton is walked over the four bytes, and what it finds goes to libyara's
 * yr_scan_verify_match, in libyara's order. Everything after the atoms, and all conditions, are libyara's. */
#ifndef PICKET_SCAN_ATOMS_H
#define PICKET_SCAN_ATOMS_H

#include <picket/err.h>

#include <yara.h>

struct pk_atoms;
/** The filter for compiled rules, which are borrowed for its life; some ten bytes an atom. NULL: there is no memory, or
 * none is possible: a string without atoms has to be verified at every byte. */
struct pk_atoms *pk_atoms_new(const YR_RULES *rules);
void pk_atoms_free(struct pk_atoms *atoms);

/** What libyara does when it looks for strings in one block; its error codes. `scanner` is of the same rules, and amidst
 * yr_scanner_scan_mem_blocks, whose iterator must not give this block to libyara, too. */
PK_NODISCARD int pk_atoms_search(const struct pk_atoms *atoms, YR_SCANNER *scanner, const uint8_t *p, size_t n,
				 uint64_t base);
/** yr_scanner_scan_mem: the same matches, hits and errors. `atoms` may be NULL. `mapped`: p is a file that mmap gave and
 * nobody wrote to; its pages are given up as the search passes them, so that a large file does not stay resident. */
PK_NODISCARD int pk_atoms_scan(const struct pk_atoms *atoms, YR_SCANNER *scanner, const uint8_t *p, size_t n,
			       bool mapped);

#endif
