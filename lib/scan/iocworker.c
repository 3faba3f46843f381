/* SPDX-License-Identifier: Apache-2.0 */
/* Compares texts with indicators: paths, and the columns of rows. In the IOC process only. */
#include "iocserve.h"
#include "iocset.h"
#include "scan-internal.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include <yara.h>

#define TRIAL 256         /* entries that are tried together */
#define PER_RULE 4000     /* strings of one rule; libyara's limit is 10,000 */
#define TIMEOUT_SECONDS 5 /* for one text */
#define NET_SIZE 21u      /* prefix, address, u32 entry */
#define NET_KEY 17u
#define SEPARATOR '\n' /* between the columns of a row */

struct compiled {
	YR_RULES *rules; /* NULL: none */
	YR_SCANNER *scanner;
};
struct pk_ioc_texts {
	uint8_t *kinds; /* by entry */
	size_t entry_count;
	struct compiled names, words; /* file names; everything else */
	struct pk_buf nets;           /* sorted records */
};

/* --- compiling ---------------------------------------------------------------------------------------- */

struct messages {
	char first[200];
};

static void on_message(int level, const char *file, int line, const YR_RULE *rule, const char *text, void *ctx)
{
	struct messages *m = ctx;

	(void)file, (void)line, (void)rule;
	if (level == YARA_ERROR_LEVEL_ERROR && !m->first[0])
		snprintf(m->first, sizeof(m->first), "%s", text);
}

static bool is_of(const struct pk_ioc_entry *e, bool names)
{
	if (e->bad || (e->kind == PK_IOC_NETWORK && !pk_ioc_net_is_v4(&e->net)))
		return false;
	return (e->kind == PK_IOC_FILENAME) == names;
}

/* The source that looks for entries [from, to): rules that always hit, for the sake of their strings. Those must be
 * named in a condition, but that half of it is never evaluated. */
static void put_source(struct pk_buf *b, const struct pk_ioc_build *x, bool names, size_t from, size_t to)
{
	size_t n = 0;

	for (size_t i = from; i < to; i++) {
		char name[32];

		if (!is_of(&x->entries[i], names))
			continue;
		if (n++ % PER_RULE == 0)
			pk_buf_putf(b, "%srule r%zu { strings:\n", n > 1 ? " condition: true or any of them }\n" : "",
				    i);
		snprintf(name, sizeof(name), "_%zu", i);
		pk_ioc_put_strings(b, x, &x->entries[i], name, true);
	}
	if (n > 0)
		pk_buf_puts(b, " condition: true or any of them }\n");
}

/* NULL: it does not compile, or there is nothing to compile (*ret_empty). */
static YR_RULES *compile(const struct pk_ioc_build *x, bool names, size_t from, size_t to, struct messages *m,
			 bool *ret_empty)
{
	PK_AUTO(pk_buf) source = {0};
	YR_COMPILER *yc = NULL;
	YR_RULES *rules = NULL;

	m->first[0] = '\0';
	put_source(&source, x, names, from, to);
	*ret_empty = source.n == 0 && !source.oom;
	if (source.n == 0 || source.oom || yr_compiler_create(&yc) != ERROR_SUCCESS)
		return NULL;
	yr_compiler_set_callback(yc, on_message, m);
	yr_compiler_set_include_callback(yc, NULL, NULL, NULL);
	if (yr_compiler_add_string(yc, source.p, NULL) != 0 || yr_compiler_get_rules(yc, &rules) != ERROR_SUCCESS)
		rules = NULL;
	yr_compiler_destroy(yc);
	return rules;
}

/* True when [from, to) compiles. */
static bool compiles(const struct pk_ioc_build *x, bool names, size_t from, size_t to, struct messages *m)
{
	bool empty = false;
	YR_RULES *rules = compile(x, names, from, to, m, &empty);

	if (rules)
		yr_rules_destroy(rules);
	return rules || empty;
}

static void try_one(struct pk_ioc_build *x, bool names, size_t i, struct messages *m)
{
	const struct pk_ioc_entry *e = &x->entries[i];
	struct pk_cur note = pk_cur(x->notes.p, x->notes.n);
	struct pk_str text = pk_ioc_build_text(x, e->text);
	size_t present = x->set_count, set;

	if (compiles(x, names, i, i + 1, m))
		return;
	note.at = (size_t)e->note * PK_IOC_NOTE_SIZE;
	set = pk_rd_le32(&note);
	x->sets[set].indicators--;
	x->set_count = set + 1;
	pk_ioc_build_problem(x, e->line, 1, "YARA does not take '%.*s': %s", (int)PK_MIN(text.n, (size_t)120), text.p,
			     m->first);
	x->set_count = present;
	x->entries[i].bad = true;
}

/* After an error a compiler can only be thrown away: entries are tried by hundreds, and alone where that fails. */
static void try_all(struct pk_ioc_build *x, bool names)
{
	struct messages m;

	for (size_t from = 0; from < x->entry_count; from += TRIAL) {
		size_t to = PK_MIN(from + TRIAL, x->entry_count);

		if (compiles(x, names, from, to, &m))
			continue;
		for (size_t i = from; i < to; i++)
			if (is_of(&x->entries[i], names))
				try_one(x, names, i, &m);
	}
}

static int compile_all(struct pk_ioc_build *x, bool names, struct compiled *c, struct pk_err *err)
{
	struct messages m;
	bool empty = false;

	c->rules = compile(x, names, 0, x->entry_count, &m, &empty);
	if (!c->rules && !empty) {
		try_all(x, names);
		c->rules = compile(x, names, 0, x->entry_count, &m, &empty);
	}
	if (!c->rules)
		return empty ? 0 : pk_fail(err, PK_EINTERNAL, 0, "cannot compile the indicators together: %s", m.first);
	return 0;
}

static int gather_nets(const struct pk_ioc_build *x, struct pk_buf *nets, struct pk_err *err)
{
	for (size_t i = 0; i < x->entry_count; i++) {
		const struct pk_ioc_entry *e = &x->entries[i];

		if (e->kind != PK_IOC_ADDRESS && e->kind != PK_IOC_NETWORK)
			continue;
		pk_put_u8(nets, e->net.prefix);
		pk_buf_put(nets, e->net.addr, sizeof(e->net.addr));
		pk_put_u32(nets, (uint32_t)i);
	}
	if (pk_buf_check(nets, err) < 0)
		return -1;
	return pk_ioc_sort(nets->p, nets->n / NET_SIZE, NET_SIZE, NET_KEY) ? 0 : pk_fail_oom(err);
}

int pk_ioc_texts_new(struct pk_ioc_build *b, struct pk_ioc_texts **ret, struct pk_err *err)
{
	struct pk_ioc_texts *t = calloc(1, sizeof(*t));

	if (!t || !(t->kinds = calloc(b->entry_count + 1, 1)))
		return pk_fail_oom(err);
	if (compile_all(b, true, &t->names, err) < 0 || compile_all(b, false, &t->words, err) < 0 ||
	    gather_nets(b, &t->nets, err) < 0)
		return -1;
	t->entry_count = b->entry_count;
	for (size_t i = 0; i < b->entry_count; i++)
		t->kinds[i] = (uint8_t)b->entries[i].kind;
	*ret = t;
	return 0;
}

/* --- one question ------------------------------------------------------------------------------------- */

struct column {
	char name[PK_IOC_WHERE + 1];
	size_t from; /* in the joined text */
};
#define MAX_COLUMNS 128

struct question {
	struct pk_ioc_texts *t;
	struct pk_buf hits; /* as they are sent */
	uint16_t hit_count;
	uint8_t flags;
	uint32_t found[PK_IOC_MAX_HITS]; /* entries */
	/* the scan at hand */
	struct pk_str text;
	const char *where; /* NULL: by column */
	struct column columns[MAX_COLUMNS];
	size_t column_count;
	struct pk_buf joined;
};

static void put_hit(struct question *q, uint32_t entry, const char *where, size_t offset, struct pk_str matched)
{
	size_t where_n = PK_MIN(strlen(where), (size_t)PK_IOC_WHERE);
	size_t n = PK_MIN(matched.n, (size_t)PK_IOC_MAX_EXCERPT);

	for (size_t i = 0; i < q->hit_count; i++)
		if (q->found[i] == entry)
			return;
	if (q->hit_count >= PK_IOC_MAX_HITS) {
		q->flags |= PK_IOC_FLAG_MORE;
		return;
	}
	q->found[q->hit_count++] = entry;
	pk_put_u32(&q->hits, entry);
	pk_put_u8(&q->hits, (uint8_t)where_n);
	pk_buf_put(&q->hits, where, where_n);
	pk_put_u32(&q->hits, (uint32_t)offset);
	pk_put_u32(&q->hits, (uint32_t)matched.n);
	pk_put_u8(&q->hits, (uint8_t)n);
	pk_buf_put(&q->hits, matched.p, n);
}

struct place {
	size_t at, n;
	bool found;
};

static void put_match(struct question *q, uint32_t entry, const struct place *m)
{
	struct pk_str matched = pk_str_n(q->text.p + m->at, m->n);
	size_t k = q->column_count;

	if (q->where) {
		put_hit(q, entry, q->where, m->at, matched);
		return;
	}
	while (k > 0 && q->columns[k - 1].from > m->at)
		k--;
	if (k > 0)
		put_hit(q, entry, q->columns[k - 1].name, m->at - q->columns[k - 1].from, matched);
}

/* The first match of a string that counts. Not by yr_string_matches_foreach: libyara lays matches out unaligned. */
static struct place good_match(YR_SCAN_CONTEXT *context, const struct question *q, const YR_STRING *s, uint32_t entry)
{
	const void *next = context->matches[s->idx].head;

	while (next) {
		YR_MATCH m;
		struct place p = {.found = true};

		memcpy(&m, next, sizeof(m));
		next = m.next;
		p.at = (size_t)m.offset;
		p.n = (size_t)m.match_length;
		if (m.offset >= 0 && m.match_length >= 0 && p.at <= q->text.n && p.n <= q->text.n - p.at &&
		    pk_ioc_stands_alone((enum pk_ioc_kind)q->t->kinds[entry], q->text, p.at, p.n))
			return p;
	}
	return (struct place){0};
}

/* "$_12a" is what entry 12 looks for, "$_12x" what it does not mean. */
static bool read_name(const struct question *q, const YR_STRING *s, uint32_t *ret_entry, char *ret_letter)
{
	struct pk_str name = pk_str(s->identifier);
	uint64_t n;

	if (name.n < 4 || !pk_str_u64(pk_str_n(name.p + 2, name.n - 3), q->t->entry_count - 1, &n))
		return false;
	*ret_entry = (uint32_t)n;
	*ret_letter = name.p[name.n - 1];
	return true;
}

/* Strings of one entry stand next to each other. */
static void take_strings(YR_SCAN_CONTEXT *context, struct question *q, const YR_RULE *rule)
{
	struct place pending = {0};
	const YR_STRING *s = NULL;
	uint32_t last = PK_IOC_NONE;

	yr_rule_strings_foreach(rule, s)
	{
		uint32_t entry;
		char letter;

		if (!context->matches[s->idx].head || !read_name(q, s, &entry, &letter))
			continue;
		if (entry != last && pending.found)
			put_match(q, last, &pending);
		if (entry != last || letter == 'x')
			pending.found = false;
		if (letter == 'a' && !pending.found)
			pending = good_match(context, q, s, entry);
		last = entry;
	}
	if (pending.found)
		put_match(q, last, &pending);
}

static int on_scan(YR_SCAN_CONTEXT *context, int message, void *data, void *ctx)
{
	struct question *q = ctx;

	if (message == CALLBACK_MSG_TOO_MANY_MATCHES)
		q->flags |= PK_IOC_FLAG_FAILED;
	else if (message == CALLBACK_MSG_RULE_MATCHING)
		take_strings(context, q, data);
	return CALLBACK_CONTINUE;
}

static void scan(struct question *q, struct compiled *set, struct pk_str text, const char *where)
{
	if (!set->rules || text.n == 0)
		return;
	if (!set->scanner) {
		if (yr_scanner_create(set->rules, &set->scanner) != ERROR_SUCCESS)
			_exit(1);
		yr_scanner_set_flags(set->scanner, SCAN_FLAGS_REPORT_RULES_MATCHING | SCAN_FLAGS_NO_TRYCATCH);
		yr_scanner_set_timeout(set->scanner, TIMEOUT_SECONDS);
	}
	yr_scanner_set_callback(set->scanner, on_scan, q);
	q->text = text;
	q->where = where;
	if (yr_scanner_scan_mem(set->scanner, (const uint8_t *)text.p, text.n) != ERROR_SUCCESS)
		q->flags |= PK_IOC_FLAG_FAILED;
}

/* The records are grouped by prefix: one search in each group. */
static void look_up_address(struct question *q, const char *where, struct pk_str text)
{
	const uint8_t *all = (const uint8_t *)q->t->nets.p;
	size_t n = q->t->nets.n / NET_SIZE, i = 0;
	struct pk_ioc_net net;

	if (n == 0 || text.n > 45 || !pk_ioc_net_parse(text, false, &net))
		return;
	while (i < n) {
		uint8_t want[NET_KEY] = {all[i * NET_SIZE]}, next[1] = {0};
		unsigned prefix = want[0];

		for (unsigned k = 0; k < 16; k++) {
			unsigned bits = prefix > 8 * k ? PK_MIN(prefix - 8 * k, 8u) : 0;

			want[1 + k] = (uint8_t)(net.addr[k] & (uint8_t)(0xff00u >> bits));
		}
		for (size_t at = pk_ioc_lower_bound(all, n, NET_SIZE, want, NET_KEY);
		     at < n && memcmp(all + at * NET_SIZE, want, NET_KEY) == 0; at++) {
			struct pk_cur c = pk_cur(all + at * NET_SIZE + NET_KEY, 4);

			put_hit(q, pk_rd_le32(&c), where, 0, text);
		}
		if (prefix == 255)
			break;
		next[0] = (uint8_t)(prefix + 1);
		i = pk_ioc_lower_bound(all, n, NET_SIZE, next, 1);
	}
}

static bool is_path(struct pk_str s)
{
	return s.n > 1 && (s.p[0] == '/' || s.p[0] == '\\' || (s.n > 2 && s.p[1] == ':' && s.p[2] == '\\'));
}

/* A column's name without what says that its value is base64. */
static void name_column(char *ret, const char *key)
{
	snprintf(ret, PK_IOC_WHERE + 1, "%s", key);
	if (pk_str_ends(pk_str(ret), PK_STR("_b64")))
		ret[strlen(ret) - 4] = '\0';
}

static void take_column(struct question *q, const struct pk_json_value *row, struct pk_str key,
			const struct pk_json_value *value)
{
	struct column *c = &q->columns[q->column_count];
	size_t from = q->joined.n;
	struct pk_str s;

	if (!pk_json_text(value, &s))
		return;
	if (q->column_count >= MAX_COLUMNS) {
		q->flags |= PK_IOC_FLAG_MORE;
		return;
	}
	name_column(c->name, key.p);
	c->from = from;
	if (pk_str_eq(key, pk_str(c->name)) || !pk_json_get_bytes(row, c->name, &q->joined))
		pk_buf_put_str(&q->joined, s);
	if (q->joined.oom)
		_exit(1);
	s = pk_str_n(q->joined.p + from, q->joined.n - from);
	q->column_count++;
	look_up_address(q, c->name, s);
	if (is_path(s))
		scan(q, &q->t->names, s, c->name);
	pk_buf_put_c(&q->joined, SEPARATOR);
}

static void ask_row(struct question *q, struct pk_str text)
{
	pk_autojson *row = NULL;
	const struct pk_json_value *value = NULL;
	struct pk_str key;
	size_t at = 0;

	q->column_count = 0;
	pk_buf_reset(&q->joined);
	if (pk_json_parse(text, &row, NULL) < 0 || !pk_json_is_object(row)) {
		q->flags |= PK_IOC_FLAG_FORM;
		return;
	}
	while (pk_json_next(row, &at, &key, &value))
		take_column(q, row, key, value);
	scan(q, &q->t->words, pk_buf_str(&q->joined), NULL);
}

static void ask_path(struct question *q, struct pk_str text)
{
	scan(q, &q->t->names, text, "path");
	scan(q, &q->t->words, text, "path");
}

/* --- batches ------------------------------------------------------------------------------------------ */

static void answer_one(struct question *q, uint32_t number, uint8_t what, struct pk_str text, struct pk_buf *out)
{
	size_t room = PK_IOC_ANSWER - out->n;

	pk_buf_reset(&q->hits);
	q->hit_count = 0;
	q->flags = 0;
	if (what == PK_IOC_ROW)
		ask_row(q, text);
	else
		ask_path(q, text);
	if (q->hit_count == 0 && q->flags == 0)
		return;
	if (q->hits.n + 7 > room) { /* a packet full of hits: said, not dropped */
		q->hits.n = q->hit_count = 0;
		q->flags |= PK_IOC_FLAG_MORE;
	}
	if (room < 7)
		_exit(1);
	pk_put_u32(out, number);
	pk_put_u8(out, q->flags);
	pk_put_u8(out, (uint8_t)q->hit_count);
	pk_put_u8(out, (uint8_t)(q->hit_count >> 8));
	pk_buf_put(out, q->hits.p, q->hits.n);
}

void pk_ioc_worker_main(int service, const uint8_t *shared, struct pk_ioc_texts *texts)
{
	static struct question q;
	PK_AUTO(pk_buf) out = {0};
	uint8_t packet[8];

	q.t = texts;
	for (;;) {
		ssize_t n = recv(service, packet, sizeof(packet), 0);
		struct pk_cur in = pk_cur(packet, sizeof(packet)), c;
		uint32_t number = 0, seq, bytes;

		if (n < 0 && errno == EINTR)
			continue;
		if (n != sizeof(packet))
			_exit(0);
		seq = pk_rd_le32(&in);
		bytes = pk_rd_le32(&in);
		if (bytes > PK_IOC_SHARED)
			_exit(1);
		pk_buf_reset(&out);
		pk_put_u8(&out, 'A');
		pk_put_u32(&out, seq);
		for (c = pk_cur(shared, bytes); c.at < c.n && !c.bad; number++) {
			uint8_t what = pk_rd_u8(&c);
			struct pk_str text = pk_rd_counted(&c);

			if (!c.bad)
				answer_one(&q, number, what, text, &out);
		}
		if (out.oom || send(service, out.p, out.n, MSG_NOSIGNAL) != (ssize_t)out.n)
			_exit(1);
	}
}
