/* SPDX-License-Identifier: Apache-2.0 */
/* Each content once: what a scan says depends on the bytes, on the rules, and on the values of those external variables that
 * the rules name. Where all of it is the same as before, so is the answer, and it is told again instead of asked for. */
#include "compile.h"
#include "feed.h"
#include "lex.h"
#include "queue.h"

#include <stdlib.h>

#define TABLE ((size_t)1 << 17) /* answers kept at most */
#define TABLE_BYTES (64u << 20) /* of hits in them, about */
#define EVERYTHING UINT32_MAX   /* named by the rules: no two scans are the same */

struct pk_feed_answer {
	uint8_t key[PK_SHA256_SIZE];
	size_t users;
	bool known;
	bool opened; /* what is in it is told besides, whenever it is met */
	enum pk_scan_verdict verdict;
	const char *why;
	char detail[96];
	struct pk_scan_result *result;
	bool hashed;
	struct pk_hashes hashes;
	size_t bytes;
};

struct pk_feed_shared {
	bool has_named;
	uint32_t named; /* external variables, a bit each */
	size_t bytes;
	struct pk_feed_answer *slot[TABLE];
};

static void leave(struct pk_feed_answer *a)
{
	if (!a || --a->users > 0)
		return;
	pk_scan_result_free(a->result);
	free(a);
}

static void drop(struct pk_feed_shared *s, size_t i)
{
	if (!s->slot[i])
		return;
	s->bytes -= s->slot[i]->bytes;
	leave(s->slot[i]);
	s->slot[i] = NULL;
}

void pk_feed_shared_free(struct pk_feed_shared *s)
{
	for (size_t i = 0; s && i < TABLE; i++)
		drop(s, i);
	free(s);
}

void pk_feed_answer_done(struct pk_feed_entry *e)
{
	leave(e->answer);
	e->answer = NULL;
}

const struct pk_scan_result *pk_feed_result(const struct pk_feed_entry *e)
{
	return e->answer ? e->answer->result : e->result;
}

/* --- which variables the rules name ------------------------------------------------------------------------ */

/* The module time tells what time it is. What an import names may have escapes. */
static bool tells_time(struct pk_str module)
{
	return pk_str_eq(module, PK_STR("time")) || pk_str_find(module, '\\') < module.n;
}

static uint32_t bit_of(const struct pk_lextoken *t)
{
	for (unsigned i = 0; i < PK_SCAN_EXTERNALS; i++)
		if (pk_lex_is(t, pk_scan_variables[i].name))
			return pk_lex_is(t, "filetype") ? 0 : 1u << i; /* that one says the content again */
	/* libyara may remember the one of the last file */
	return pk_lex_is(t, "entrypoint") ? EVERYTHING : 0;
}

/* An identifier stands in the text as it is: YARA knows neither escapes nor macros for it. */
static uint32_t named_by(struct pk_str text)
{
	struct pk_lex lex = pk_lex(text);
	bool import = false;
	uint32_t all = 0;

	for (;;) {
		struct pk_lextoken t = pk_lex_next(&lex);

		if (t.type == PK_LEX_END)
			return lex.at < lex.n ? EVERYTHING : all;
		if (import && t.type == PK_LEX_TEXT && tells_time(pk_lex_inner(&t)))
			return EVERYTHING;
		import = pk_lex_is(&t, "import");
		all |= bit_of(&t);
	}
}

static uint32_t named_in(const struct pk_rules *rules)
{
	uint32_t all = 0;

	_Static_assert(PK_SCAN_EXTERNALS < 32, "a bit for each variable");
	for (size_t i = 0; i < rules->n; i++)
		all |= named_by(pk_str_n(rules->v[i].text, rules->v[i].n));
	return all;
}

bool pk_scan_names_paths(const struct pk_rules *rules)
{
	static const char *const of_path[] = {"filename", "filepath", "extension"};
	uint32_t named = named_in(rules);

	for (unsigned i = 0; i < PK_SCAN_EXTERNALS; i++)
		for (size_t k = 0; k < PK_LEN(of_path); k++)
			if (named & 1u << i && strcmp(pk_scan_variables[i].name, of_path[k]) == 0)
				return true;
	return false;
}

static uint32_t named(struct pk_scantree *t)
{
	struct pk_feed_shared *s = t->shared;

	if (!s->has_named)
		s->named = named_in(t->p.rules);
	s->has_named = true;
	return s->named;
}

/* --- the same as before? ------------------------------------------------------------------------------------ */

static void put_key(uint32_t names, const uint8_t content[PK_SHA256_SIZE], uint64_t length,
		    struct pk_scan_externals *ext, uint8_t ret[PK_SHA256_SIZE])
{
	struct pk_sha256 h;

	pk_sha256_init(&h);
	pk_sha256_put(&h, content, PK_SHA256_SIZE);
	pk_sha256_put(&h, &length, sizeof(length));
	for (unsigned i = 0; i < PK_SCAN_TEXTS; i++) {
		const struct pk_str *s = pk_scan_external_text(ext, i);

		if (!(names & 1u << i))
			continue;
		pk_sha256_put(&h, &s->n, sizeof(s->n));
		pk_sha256_put(&h, s->p, s->n);
	}
	if (names >> PK_SCAN_TEXTS) { /* any of the numbers: all of them, which is more than is needed and never less */
		pk_sha256_put(&h, &ext->filemode, sizeof(ext->filemode));
		pk_sha256_put(&h, &ext->osversion, sizeof(ext->osversion));
		pk_sha256_put(&h, &ext->has_age, sizeof(ext->has_age));
		pk_sha256_put(&h, &ext->age, sizeof(ext->age));
	}
	pk_sha256_end(&h, ret);
}

/* All that the answer says, as if the entry had been scanned. */
static int settle(const struct pk_scantree *t, struct pk_feed_entry *e, struct pk_err *err)
{
	const struct pk_feed_answer *a = e->answer;

	pk_feed_outcome_is(e, a->verdict, a->why, a->detail);
	e->hashed = a->hashed;
	e->hashes = a->hashes;
	return a->verdict == PK_SCAN_SKIPPED ? 0 : pk_feed_look_up(t, e, err);
}

static struct pk_feed_answer **slot_of(struct pk_feed_shared *s, const uint8_t key[PK_SHA256_SIZE])
{
	uint32_t place;

	memcpy(&place, key, sizeof(place));
	return &s->slot[place % TABLE];
}

static bool is_answer(const struct pk_feed_answer *a, const uint8_t key[PK_SHA256_SIZE])
{
	return a && memcmp(a->key, key, sizeof(a->key)) == 0;
}

/* Where the answer is, or would be; NULL where none may be told again. */
static int find(struct pk_scantree *t, const uint8_t content[PK_SHA256_SIZE], uint64_t length,
		struct pk_scan_externals *ext, uint8_t ret_key[PK_SHA256_SIZE], struct pk_feed_answer ***ret,
		struct pk_err *err)
{
	if (!t->p.rules)
		return 0;
	if (!t->shared && !(t->shared = calloc(1, sizeof(*t->shared))))
		return pk_fail_oom(err);
	if (named(t) == EVERYTHING)
		return 0;
	put_key(t->shared->named, content, length, ext, ret_key);
	*ret = slot_of(t->shared, ret_key);
	return 0;
}

int pk_feed_known(struct pk_scantree *t, const uint8_t content[PK_SHA256_SIZE], uint64_t length,
		  struct pk_scan_externals *ext, struct pk_feed_answer **ret, struct pk_err *err)
{
	uint8_t key[PK_SHA256_SIZE];
	struct pk_feed_answer **slot = NULL;

	*ret = NULL;
	if (find(t, content, length, ext, key, &slot, err) < 0)
		return -1;
	if (slot && is_answer(*slot, key) && (*slot)->known && !(*slot)->opened)
		*ret = *slot;
	return 0;
}

void pk_feed_tell_again(struct pk_feed_entry *e, struct pk_feed_answer *a)
{
	e->answer = a;
	e->again = true;
	a->users++;
}

int pk_feed_share(struct pk_scantree *t, struct pk_feed_entry *e, struct pk_scan_externals *ext, bool *ret,
		  struct pk_err *err)
{
	uint8_t key[PK_SHA256_SIZE];
	struct pk_feed_answer **slot = NULL;

	*ret = false;
	if (!e->has_content || e->member > 0)
		return 0;
	if (find(t, e->content, e->length, ext, key, &slot, err) < 0)
		return -1;
	if (!slot)
		return 0;
	if (is_answer(*slot, key)) {
		pk_feed_tell_again(e, *slot);
		*ret = true;
		return e->answer->known ? settle(t, e, err) : 0;
	}
	drop(t->shared, (size_t)(slot - t->shared->slot));
	e->answer = calloc(1, sizeof(*e->answer));
	if (!e->answer)
		return pk_fail_oom(err);
	memcpy(e->answer->key, key, sizeof(key));
	e->answer->users = 2;
	*slot = e->answer;
	return 0;
}

/* About: what its hits take. */
static size_t size_of(const struct pk_scan_result *r)
{
	size_t n = sizeof(*r);

	for (size_t i = 0; i < r->hit_count; i++)
		n += sizeof(r->hits[i]) + r->hits[i].match_count * (sizeof(*r->hits[i].matches) + PK_SCAN_MAX_EXCERPT);
	return n;
}

void pk_feed_answered(struct pk_scantree *t, struct pk_feed_entry *e)
{
	struct pk_feed_shared *s = t->shared;
	struct pk_feed_answer *a = e->answer;
	struct pk_feed_answer **slot = NULL;

	if (!a)
		return;
	slot = slot_of(s, a->key);
	a->known = true;
	a->opened = e->opened;
	a->result = pk_steal(&e->result);
	a->verdict = a->result->verdict;
	a->why = a->result->why;
	snprintf(a->detail, sizeof(a->detail), "%s", a->result->detail);
	a->hashed = e->hashed;
	a->hashes = e->hashes;
	if (*slot != a)
		return;
	/* whoever waits for it gets what there is, which is said; later ones are scanned */
	if (a->verdict != PK_SCAN_SCANNED || a->result->note_count > 0 || a->result->more) {
		drop(s, (size_t)(slot - s->slot));
		return;
	}
	a->bytes = size_of(a->result);
	s->bytes += a->bytes;
	for (size_t i = 0; s->bytes > TABLE_BYTES && i < TABLE; i++)
		drop(s, i);
}

int pk_feed_settle_again(const struct pk_scantree *t, struct pk_feed_entry *e, struct pk_err *err)
{
	return e->again && !e->known && e->answer->known ? settle(t, e, err) : 0;
}
