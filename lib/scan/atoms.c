/* SPDX-License-Identifier: Apache-2.0 */
/* The search for atoms: a Bloom filter of the automaton's matching states in front of the automaton. */
#include "atoms.h"

#include <endian.h>
#include <picket/mem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <yara/ahocorasick.h>
#include <yara/arena.h>
#include <yara/compiler.h>
#include <yara/exefiles.h>
#include <yara/scan.h>
#include <yara/stopwatch.h>

_Static_assert(YR_MAJOR_VERSION == 4 && YR_MINOR_VERSION == 2,
	       "another libyara: compare its scanner.c and ahocorasick.c with what is said here, then raise this");

#define STRIDE 4096u            /* bytes between looks at the clock, as in libyara */
#define PASSED_BYTES (4u << 20) /* of a mapping that are given up together */
#define LEAST_WORDS 1024u
#define MOST_WORDS (1u << 18)

struct pk_atoms {
	const YR_RULES *rules;
	uint32_t *words;          /* two bits of one word for each atom of four bytes */
	uint32_t mask;            /* of the words' numbers */
	uint8_t shorter[1 << 16]; /* by two bytes: 1 where a shorter atom may end with them */
};

/* The four bytes before p, the last one highest. */
static uint32_t window_before(const uint8_t *p)
{
	uint32_t w;

	memcpy(&w, p - sizeof(w), sizeof(w));
	return le32toh(w);
}

static uint32_t hash(uint32_t window) { return window * 0x9e3779b1u; }

static uint32_t word_of(const struct pk_atoms *a, uint32_t window) { return (hash(window) >> 12) & a->mask; }

/* Which bits of its word: the first, asked of every window, by what costs nothing to have. */
static uint32_t first_bit(uint32_t window) { return window % 32; }

static uint32_t second_bit(uint32_t window) { return (hash(window) >> 7) % 32; }

/* --- the filter ------------------------------------------------------------------------------------------ */

/* The transition table has a slot for each state, and one for each byte that leads on from it: that many slots behind
 * the state's own, which also says how many. */
static uint32_t offset_in(YR_AC_TRANSITION t) { return t & ((1u << YR_AC_SLOT_OFFSET_BITS) - 1); }

/* By state: the slot that leads to it. */
static uint32_t *parents(const YR_RULES *rules, uint32_t n)
{
	uint32_t *from = calloc(n, sizeof(*from));

	for (uint32_t i = 0; from && i < n; i++) {
		YR_AC_TRANSITION t = rules->ac_transition_table[i];

		if (offset_in(t) > 0 && YR_AC_NEXT_STATE(t) < n)
			from[YR_AC_NEXT_STATE(t)] = i;
	}
	return from;
}

/* The bytes that lead to a state, the last one highest, and how many; 0: not understood. */
static unsigned path_of(const YR_RULES *rules, const uint32_t *from, uint32_t state, uint32_t *ret)
{
	unsigned n = 0;

	for (*ret = 0; state != YR_AC_ROOT_STATE; n++) {
		uint32_t offset = offset_in(rules->ac_transition_table[from[state]]);

		if (n == sizeof(*ret) || from[state] < offset || offset == 0)
			return 0;
		*ret |= (offset - 1) << (24 - 8 * n);
		state = from[state] - offset;
	}
	return n;
}

static void add(struct pk_atoms *a, unsigned length, uint32_t window)
{
	if (length == sizeof(window))
		a->words[word_of(a, window)] |= 1u << first_bit(window) | 1u << second_bit(window);
	else if (length > 1)
		a->shorter[window >> 16] = 1;
	else
		for (uint32_t before = 0; before < 256; before++)
			a->shorter[(window >> 16) | before] = 1;
}

static bool fill(struct pk_atoms *a, const uint32_t *from, uint32_t n)
{
	uint32_t matching = 0, words = LEAST_WORDS;

	for (uint32_t i = 0; i < n; i++)
		matching += a->rules->ac_match_table[i] != 0;
	while (words < matching && words < MOST_WORDS)
		words *= 2;
	a->mask = words - 1;
	a->words = calloc(words, sizeof(*a->words));
	for (uint32_t i = 0; a->words && i < n; i++) {
		uint32_t window = 0;
		unsigned length;

		if (a->rules->ac_match_table[i] == 0)
			continue;
		length = path_of(a->rules, from, i, &window);
		if (length == 0)
			return false;
		add(a, length, window);
	}
	return a->words != NULL;
}

struct pk_atoms *pk_atoms_new(const YR_RULES *rules)
{
	uint32_t n = (uint32_t)(yr_arena_get_current_offset(rules->arena, YR_AC_TRANSITION_TABLE) /
				sizeof(YR_AC_TRANSITION));
	struct pk_atoms *a = calloc(1, sizeof(*a));
	pk_autofree uint32_t *from = parents(rules, n);

	if (!a)
		return NULL;
	a->rules = rules;
	if (from && fill(a, from, n))
		return a;
	pk_atoms_free(a);
	return NULL;
}

void pk_atoms_free(struct pk_atoms *a)
{
	if (!a)
		return;
	free(a->words);
	free(a);
}

/* --- the search ------------------------------------------------------------------------------------------- */

struct block {
	const uint8_t *p;
	size_t n;
	uint64_t base;
};

/* Verifies what ends before byte i. */
static int look_closer(const struct pk_atoms *a, YR_SCANNER *scanner, const struct block *b, size_t i)
{
	const YR_AC_TRANSITION *table = a->rules->ac_transition_table;
	uint32_t state = YR_AC_ROOT_STATE, first;

	for (size_t k = i < 4 ? 0 : i - 4; k < i; k++) {
		uint32_t index = (uint32_t)b->p[k] + 1;
		YR_AC_TRANSITION t = table[state + index];

		while (YR_AC_INVALID_TRANSITION(t, index) && state != YR_AC_ROOT_STATE) {
			state = YR_AC_NEXT_STATE(table[state]);
			t = table[state + index];
		}
		state = YR_AC_INVALID_TRANSITION(t, index) ? YR_AC_ROOT_STATE : YR_AC_NEXT_STATE(t);
	}
	first = a->rules->ac_match_table[state];
	for (YR_AC_MATCH *m = first ? &a->rules->ac_match_pool[first - 1] : NULL; m; m = m->next) {
		int code = ERROR_SUCCESS;

		if (m->backtrack <= i)
			code = yr_scan_verify_match(scanner, m, b->p, b->n, b->base, i - m->backtrack);
		if (code != ERROR_SUCCESS)
			return code;
	}
	return ERROR_SUCCESS;
}

/* The places from p + first up to p + end at which an atom may end. Every byte of every file comes through here. */
static size_t sift(const struct pk_atoms *a, const uint8_t *p, size_t first, size_t end, uint16_t ret[STRIDE])
{
	size_t n = 0;

	for (size_t i = first; i < end; i++) {
		uint32_t window = window_before(p + i);

		ret[n] = (uint16_t)(i - first);
		n += ((a->words[word_of(a, window)] >> first_bit(window)) & 1) | a->shorter[window >> 16];
	}
	return n;
}

static bool is_likely(const struct pk_atoms *a, uint32_t window)
{
	return a->words[word_of(a, window)] >> second_bit(window) & 1 || a->shorter[window >> 16] != 0;
}

static int search(const struct pk_atoms *a, YR_SCANNER *scanner, const uint8_t *p, size_t n, uint64_t base, bool mapped)
{
	const struct block b = {p, n, base};
	size_t passed = 0;
	uint16_t maybe[STRIDE];
	int code = ERROR_SUCCESS;

	for (size_t i = 1; i <= n && i < sizeof(uint32_t) && code == ERROR_SUCCESS; i++)
		code = look_closer(a, scanner, &b, i);
	for (size_t at = sizeof(uint32_t); at <= n && code == ERROR_SUCCESS; at += STRIDE) {
		size_t count = sift(a, p, at, PK_MIN(at + STRIDE, n + 1), maybe);

		if (scanner->timeout > 0 && yr_stopwatch_elapsed_ns(&scanner->stopwatch) > scanner->timeout)
			return ERROR_SCAN_TIMEOUT;
		for (size_t k = 0; k < count && code == ERROR_SUCCESS; k++)
			if (is_likely(a, window_before(p + at + maybe[k])))
				code = look_closer(a, scanner, &b, at + maybe[k]);
		/* p is at a page's begin; who asks again for what was given up gets it from the page cache */
		if (mapped && at - passed >= 2 * PASSED_BYTES) {
			(void)madvise((void *)(uintptr_t)(p + passed), PASSED_BYTES, MADV_DONTNEED);
			passed += PASSED_BYTES;
		}
	}
	return code;
}

int pk_atoms_search(const struct pk_atoms *a, YR_SCANNER *scanner, const uint8_t *p, size_t n, uint64_t base)
{
	return search(a, scanner, p, n, base, false);
}

/* --- whole files ------------------------------------------------------------------------------------------ */

struct whole {
	const struct pk_atoms *atoms;
	YR_SCANNER *scanner;
	const uint8_t *p;
	bool mapped, searched;
	YR_MEMORY_BLOCK block;
	YR_MEMORY_BLOCK_ITERATOR iterator;
};

static YR_MEMORY_BLOCK *first(YR_MEMORY_BLOCK_ITERATOR *it) { return &((struct whole *)it->context)->block; }

static YR_MEMORY_BLOCK *next(YR_MEMORY_BLOCK_ITERATOR *it)
{
	(void)it;
	return NULL;
}

static uint64_t file_size(YR_MEMORY_BLOCK_ITERATOR *it) { return ((struct whole *)it->context)->block.size; }

/* libyara asks for the bytes first to search them, and gets none: they are searched here. Then conditions and modules
 * ask. */
static const uint8_t *fetch(YR_MEMORY_BLOCK *block)
{
	struct whole *w = block->context;

	if (w->searched || block->size == 0)
		return w->p;
	w->searched = true;
	if (w->scanner->entry_point == YR_UNDEFINED)
		w->scanner->entry_point = yr_get_entry_point_offset(w->p, block->size);
	w->iterator.last_error = search(w->atoms, w->scanner, w->p, block->size, 0, w->mapped);
	return NULL;
}

int pk_atoms_scan(const struct pk_atoms *atoms, YR_SCANNER *scanner, const uint8_t *p, size_t n, bool mapped)
{
	struct whole w = {.atoms = atoms, .scanner = scanner, .p = p, .mapped = mapped};

	if (!atoms)
		return yr_scanner_scan_mem(scanner, p, n);
	w.block = (YR_MEMORY_BLOCK){.size = n, .context = &w, .fetch_data = fetch};
	w.iterator = (YR_MEMORY_BLOCK_ITERATOR){.context = &w, .first = first, .next = next, .file_size = file_size};
	return yr_scanner_scan_mem_blocks(scanner, &w.iterator);
}
