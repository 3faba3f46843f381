/* SPDX-License-Identifier: Apache-2.0 */
/* Gives libyara a process's memory block by block, as a reader puts them into the window. libyara goes over the blocks
 * once for the strings, and again whenever a condition or a module wants bytes at an address. */
#include "memblocks.h"
#include "procwire.h"

#include <errno.h>
#include <picket/limits.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <yara/exefiles.h>

#define NONE UINT32_MAX

struct known {
	uint64_t base;
	size_t size;
};
struct memblocks {
	const struct pk_memsource *source;
	const struct pk_atoms *atoms;
	YR_SCANNER *scanner;
	YR_MEMORY_BLOCK block; /* the one libyara is at */
	YR_MEMORY_BLOCK_ITERATOR iterator;
	struct known *known; /* all so far */
	size_t n, cap;
	uint32_t at;   /* index of `block` */
	uint32_t held; /* index of the one whose bytes are in the window */
	uint64_t held_offset;
	uint64_t tag;
	bool is_new;    /* it was not searched for strings */
	bool ended;     /* all blocks are known, or no more can be had */
	bool per_block; /* the time limit is for each block */
	bool dead;      /* the reader does not answer any more */
};

/* Asks and waits. False: there is no answer. */
static bool ask_once(struct memblocks *m, enum pk_proc_ask what, uint32_t index, struct pk_proc_answer *ret)
{
	struct pk_proc_question q = {.tag = ++m->tag, .ask = what, .index = index};
	ssize_t n;

	do
		n = send(m->source->fd, &q, sizeof(q), MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n != sizeof(q))
		return false;
	for (;;) {
		/* the socket has a time limit */
		n = recv(m->source->fd, ret, sizeof(*ret), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n != sizeof(*ret))
			return false;
		if (ret->tag == q.tag)
			return true;
	}
}

/* A reader that was silent once is not waited for again. */
static bool ask(struct memblocks *m, enum pk_proc_ask what, uint32_t index, struct pk_proc_answer *ret)
{
	m->dead = m->dead || !ask_once(m, what, index, ret);
	return !m->dead;
}

static bool in_window(const struct memblocks *m, const struct pk_proc_answer *a)
{
	const struct pk_memsource *s = m->source;

	return a->offset >= s->offset && a->size <= s->length && a->offset - s->offset <= s->length - a->size &&
	       a->base <= UINT64_MAX - a->size;
}

static YR_MEMORY_BLOCK *show(struct memblocks *m, uint32_t index)
{
	m->at = index;
	m->block.base = m->known[index].base;
	m->block.size = m->known[index].size;
	return &m->block;
}

/* A string in parts is joined by offsets in the block: parts of another block are not its. */
static void forget_parts(const struct memblocks *m)
{
	memset(m->scanner->unconfirmed_matches, 0, sizeof(YR_MATCHES) * m->scanner->rules->num_strings);
}

/* Two pieces of one run have bytes in common. What was found there is found again: keeping both would be right, libyara
 * drops the second, but it walks back over all of them for each. */
static void forget_matches(const struct memblocks *m, uint64_t from)
{
	for (uint32_t i = 0; i < m->scanner->rules->num_strings; i++) {
		YR_MATCHES *list = &m->scanner->matches[i];
		uint8_t *last = (uint8_t *)list->tail;
		static const YR_MATCH *const none;
		YR_MATCH match;

		/* libyara lays matches out unaligned */
		for (; last; last = (uint8_t *)match.prev) {
			memcpy(&match, last, sizeof(match));
			if ((uint64_t)(match.base + match.offset) < from)
				break;
			list->count--;
		}
		list->tail = (YR_MATCH *)(void *)last;
		if (last)
			memcpy(last + offsetof(YR_MATCH, next), &none, sizeof(none));
		else
			list->head = NULL;
	}
}

/* A block that is not known yet. */
static YR_MEMORY_BLOCK *discover(struct memblocks *m, enum pk_proc_ask what)
{
	struct pk_proc_answer a = {0};

	if (m->ended)
		return NULL;
	if (!ask(m, what, 0, &a) || a.size == 0) {
		m->ended = true;
		return NULL;
	}
	if (!in_window(m, &a) || m->n >= PK_PROC_MAX_BLOCKS) {
		m->iterator.last_error = ERROR_INTERNAL_FATAL_ERROR;
		m->ended = true;
		return NULL;
	}
	if (!pk_grow(&m->known, &m->cap, m->n + 1, sizeof(*m->known))) {
		m->iterator.last_error = ERROR_INSUFFICIENT_MEMORY;
		m->ended = true;
		return NULL;
	}
	m->known[m->n] = (struct known){a.base, (size_t)a.size};
	m->held = (uint32_t)m->n;
	m->held_offset = a.offset;
	forget_parts(m);
	if (m->n > 0 && a.base < m->known[m->n - 1].base + m->known[m->n - 1].size)
		forget_matches(m, a.base);
	if (m->per_block)
		/* yr_stopwatch_start; the shared library does not export it */
		clock_gettime(CLOCK_MONOTONIC, &m->scanner->stopwatch.ts_start);
	m->source->alive(m->source->ctx);
	m->is_new = true;
	return show(m, (uint32_t)m->n++);
}

static YR_MEMORY_BLOCK *first(YR_MEMORY_BLOCK_ITERATOR *it)
{
	struct memblocks *m = it->context;

	return m->n > 0 ? show(m, 0) : discover(m, PK_PROC_START);
}

static YR_MEMORY_BLOCK *next(YR_MEMORY_BLOCK_ITERATOR *it)
{
	struct memblocks *m = it->context;

	if (it->last_error != ERROR_SUCCESS)
		return NULL;
	return m->at + 1 < m->n ? show(m, m->at + 1) : discover(m, PK_PROC_NEXT);
}

/* The first time libyara asks for a block, it is to search it; then nothing is left for it to do. */
static bool search(struct memblocks *m, const uint8_t *p)
{
	if (!m->is_new || !m->atoms)
		return false;
	m->is_new = false;
	if (m->scanner->entry_point == YR_UNDEFINED)
		m->scanner->entry_point = yr_get_entry_point_address(p, m->block.size, m->block.base);
	m->iterator.last_error = pk_atoms_search(m->atoms, m->scanner, p, m->block.size, m->block.base);
	return true;
}

static const uint8_t *fetch(YR_MEMORY_BLOCK *block)
{
	struct memblocks *m = block->context;
	struct pk_proc_answer a = {0};
	const uint8_t *p = NULL;

	if (m->held != m->at) {
		m->held = NONE;
		if (!ask(m, PK_PROC_AGAIN, m->at, &a) || a.size != block->size || a.base != block->base ||
		    !in_window(m, &a))
			return NULL;
		m->held = m->at;
		m->held_offset = a.offset;
		m->source->alive(m->source->ctx);
	}
	p = m->source->slots->base + m->held_offset;
	return search(m, p) ? NULL : p;
}

int pk_memblocks_scan(const struct pk_atoms *atoms, YR_SCANNER *scanner, struct pk_memsource *source)
{
	struct memblocks m = {.source = source,
			      .atoms = atoms,
			      .scanner = scanner,
			      .held = NONE,
			      .tag = source->last_tag,
			      .per_block = !source->was_scanned};
	int flags = scanner->flags, code;

	m.block = (YR_MEMORY_BLOCK){.context = &m, .fetch_data = fetch};
	m.iterator = (YR_MEMORY_BLOCK_ITERATOR){.context = &m, .first = first, .next = next};
	scanner->entry_point = YR_UNDEFINED;
	yr_scanner_set_flags(scanner, flags | SCAN_FLAGS_PROCESS_MEMORY);
	code = yr_scanner_scan_mem_blocks(scanner, &m.iterator);
	yr_scanner_set_flags(scanner, flags);
	source->was_scanned = true;
	source->last_tag = m.tag;
	free(m.known);
	return code;
}
