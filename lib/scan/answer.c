/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what a scan child answers. A child may have been taken over by what it scanned: nothing it says is
 * believed before it is checked, and what is checked is copied. */
#include "scan-internal.h"

#define MAX_NOTES 4096

static const char *const reasons[] = {
	[PK_OUTCOME_SCANNED] = NULL,           [PK_OUTCOME_TIMEOUT] = "timeout",
	[PK_OUTCOME_CHANGED] = "changed",      [PK_OUTCOME_UNREADABLE] = "unreadable",
	[PK_OUTCOME_MEMORY] = "memory",        [PK_OUTCOME_ENGINE] = "engine",
	[PK_OUTCOME_CRASHED] = "crashed",      [PK_OUTCOME_TOO_LARGE] = "too-large",
	[PK_OUTCOME_NAMES] = "names-too-long",
};
static const char *const note_reasons[PK_NOTES] = {
	[PK_NOTE_TIMEOUT] = "timeout", [PK_NOTE_FIBERS] = "regex-fibers", [PK_NOTE_MATCHES] = "too-many-matches",
	[PK_NOTE_STACK] = "stack",     [PK_NOTE_MEMORY] = "memory",       [PK_NOTE_ENGINE] = "engine",
};

/* What the pointers of a result point into. */
struct store {
	struct pk_scan_match *matches;
	char *data;
};

void pk_scan_result_free(struct pk_scan_result *result)
{
	struct store *s = result ? result->store : NULL;

	if (!result)
		return;
	if (s) {
		free(s->matches);
		free(s->data);
		free(s);
	}
	free(result->hits);
	free(result->notes);
	free(result);
}

struct pk_scan_result *pk_scan_result_new(uint64_t id, unsigned outcome, const char *detail)
{
	struct pk_scan_result *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->id = id;
	r->verdict = outcome == PK_OUTCOME_SCANNED     ? PK_SCAN_SCANNED
		     : outcome == PK_OUTCOME_TOO_LARGE ? PK_SCAN_SKIPPED
						       : PK_SCAN_FAILED;
	r->why = reasons[outcome];
	snprintf(r->detail, sizeof(r->detail), "%s", detail);
	return r;
}

/* One answer while it is read. */
struct reading {
	struct pk_cur c;
	const struct pk_ruleset *set;
	uint64_t length; /* of the item */
	struct pk_scan_result *result;
	struct pk_scan_match *matches;
	size_t match_count, match_cap, hit_cap, note_cap;
	size_t *first; /* by hit: index of its first match */
	size_t first_cap;
	struct pk_buf data;
};

static bool read_match(struct reading *x, const struct pk_rule_info *rule, const struct pk_scan_match *before)
{
	struct pk_scan_match m = {0};
	struct pk_str data;
	uint8_t n;

	m.string = pk_rd_le32(&x->c);
	m.offset = pk_rd_le64(&x->c);
	m.length = pk_rd_le64(&x->c);
	n = pk_rd_u8(&x->c);
	data = pk_rd_bytes(&x->c, n);
	if (x->c.bad || m.string >= rule->string_count || m.offset > x->length || m.length > x->length - m.offset ||
	    n > PK_SCAN_MAX_EXCERPT || n > m.length)
		return false;
	if (before && (m.string < before->string || (m.string == before->string && m.offset < before->offset)))
		return false;
	if (!pk_grow(&x->matches, &x->match_cap, x->match_count + 1, sizeof(*x->matches)))
		return false;
	/* an offset into the data for now: the buffer may still move */
	m.data = (struct pk_str){NULL, n};
	pk_buf_put_str(&x->data, data);
	x->matches[x->match_count++] = m;
	return !x->data.oom;
}

static bool read_hit(struct reading *x)
{
	struct pk_scan_result *r = x->result;
	struct pk_scan_hit h = {.rule = pk_rd_le32(&x->c)};
	uint8_t more = pk_rd_u8(&x->c);
	uint32_t n = pk_rd_le32(&x->c);

	if (x->c.bad || h.rule >= x->set->rule_count || x->set->rules[h.rule].is_private || more > 1 ||
	    n > PK_SCAN_MAX_MATCHES || (r->hit_count > 0 && h.rule <= r->hits[r->hit_count - 1].rule))
		return false;
	if (!pk_grow(&r->hits, &x->hit_cap, r->hit_count + 1, sizeof(*r->hits)) ||
	    !pk_grow(&x->first, &x->first_cap, r->hit_count + 1, sizeof(*x->first)))
		return false;
	x->first[r->hit_count] = x->match_count;
	for (uint32_t i = 0; i < n; i++)
		if (!read_match(x, &x->set->rules[h.rule], i ? &x->matches[x->match_count - 1] : NULL))
			return false;
	h.match_count = n;
	h.more = more == 1;
	r->hits[r->hit_count++] = h;
	return true;
}

static bool read_note(struct reading *x)
{
	struct pk_scan_result *r = x->result;
	uint32_t rule = pk_rd_le32(&x->c);
	uint8_t why = pk_rd_u8(&x->c);

	if (x->c.bad || rule >= x->set->rule_count || why >= PK_NOTES ||
	    !pk_grow(&r->notes, &x->note_cap, r->note_count + 1, sizeof(*r->notes)))
		return false;
	r->notes[r->note_count++] = (struct pk_scan_note){rule, note_reasons[why]};
	return true;
}

/* Everything of one answer after its number. */
static bool read_body(struct reading *x, uint64_t id)
{
	uint8_t outcome = pk_rd_u8(&x->c);
	uint32_t code = pk_rd_le32(&x->c);
	uint8_t more = pk_rd_u8(&x->c);
	uint32_t hits, notes;

	if (x->c.bad || outcome >= PK_OUTCOMES || more > 1)
		return false;
	x->result = pk_scan_result_new(id, outcome, "");
	if (!x->result)
		return false;
	x->result->more = more == 1;
	if (outcome == PK_OUTCOME_ENGINE)
		snprintf(x->result->detail, sizeof(x->result->detail), "libyara error %u", code);
	hits = pk_rd_le32(&x->c);
	if (hits > PK_SCAN_MAX_HITS)
		return false;
	for (uint32_t i = 0; i < hits; i++)
		if (!read_hit(x))
			return false;
	notes = pk_rd_le32(&x->c);
	if (notes > MAX_NOTES)
		return false;
	for (uint32_t i = 0; i < notes; i++)
		if (!read_note(x))
			return false;
	return !x->c.bad;
}

/* Turns indexes and offsets into pointers, and gives the memory to the result. */
static bool settle(struct reading *x)
{
	struct store *s = calloc(1, sizeof(*s));
	size_t at = 0;

	if (!s)
		return false;
	s->matches = pk_steal(&x->matches);
	s->data = pk_buf_take(&x->data);
	for (size_t i = 0; i < x->match_count; i++) {
		s->matches[i].data.p = s->data ? s->data + at : "";
		at += s->matches[i].data.n;
	}
	for (size_t i = 0; i < x->result->hit_count; i++)
		x->result->hits[i].matches = s->matches ? s->matches + x->first[i] : NULL;
	x->result->store = s;
	return true;
}

int pk_scan_answer_parse(struct pk_str bytes, const struct pk_ruleset *set, const struct pk_scan_asked *asked,
			 struct pk_err *err)
{
	struct pk_cur c = pk_cur(bytes.p, bytes.n);

	while (c.at < c.n) {
		struct reading x = {.set = set};
		uint64_t seq = pk_rd_le64(&c), id = 0;
		size_t at = c.at;
		bool good;

		if (c.bad || !asked->find(asked->ctx, seq, &id, &x.length))
			return pk_fail(err, PK_EFORMAT, 0, "a scan child answered what it was not asked");
		x.c = c;
		good = read_body(&x, id) && settle(&x);
		c = x.c;
		free(x.first);
		free(x.matches);
		pk_buf_done(&x.data);
		if (!good) {
			pk_scan_result_free(x.result);
			return pk_fail(err, PK_EFORMAT, 0, "a scan child gave a malformed answer near byte %zu", at);
		}
		asked->take(asked->ctx, seq, x.result);
	}
	return 0;
}
