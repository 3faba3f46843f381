/* SPDX-License-Identifier: Apache-2.0 */
/* Opinions: tags and notes as operations in an append-only log, folded into tables. */
#include "target.h"

#include <picket/hash.h>
#include <picket/json.h>

#define TAG_MAX 64
#define NOTE_MAX (1u << 20)

/* The custody line of an operation: what it says stays in the operation, whose hash the line has. */
static int put_custody(struct pk_case *c, const char *kind, const struct pk_target *t, const char *tag,
		       const uint8_t id[32], struct pk_err *err)
{
	PK_AUTO(pk_buf) details = {0};
	struct pk_json j = {.out = &details};

	pk_json_kz(&j, "what", kind);
	if (tag)
		pk_json_kz(&j, "tag", tag);
	if (t->host[0])
		pk_custody_put_words(&j, "host", pk_str(t->host));
	pk_custody_put_words(&j, "on", pk_str(t->what));
	pk_json_khex(&j, "op", id, 32);
	if (pk_json_check(&j, err) < 0)
		return -1;
	return pk_case_custody_put(c, "annotate", t->id, pk_buf_str(&details), err);
}

/* Appends one operation and its custody line; *ret_seq is its number. */
static int put_op(struct pk_case *c, const char *kind, const struct pk_target *target, const char *tag,
		  struct pk_str body, int64_t *ret_seq, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	PK_AUTO(pk_buf) line = {0};
	PK_AUTO(pk_buf) now = {0};
	struct pk_json j = {.out = &line};
	const char *author = c->author ? c->author : c->team;
	int64_t seq = 0, lamport = 0;
	uint8_t id[32];

	if (pk_case_int(c, "SELECT coalesce(max(seq) + 1, 0) FROM op", 0, &seq, err) < 0 ||
	    pk_case_int(c, "SELECT coalesce(max(lamport) + 1, 1) FROM op", 1, &lamport, err) < 0)
		return -1;
	pk_case_now(&now);
	if (pk_buf_check(&now, err) < 0)
		return -1;
	pk_json_begin(&j, '{');
	pk_json_kint(&j, "v", 1);
	pk_json_kz(&j, "team", c->team);
	pk_json_kint(&j, "seq", seq);
	pk_json_kint(&j, "lamport", lamport);
	pk_json_kstr(&j, "t", pk_buf_str(&now));
	pk_json_kz(&j, "author", author);
	pk_json_kz(&j, "kind", kind);
	pk_json_kz(&j, "target", target->id);
	pk_json_kstr(&j, "body", body);
	pk_json_end(&j, '}');
	if (pk_json_check(&j, err) < 0)
		return pk_wrap(err, "%s", kind);
	pk_sha256(line.p, line.n, id);
	if (pk_stmt_init(&st, c,
			 "INSERT INTO op(seq, id, team, lamport, t, author, kind, target, body, line) "
			 "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
			 err) < 0)
		return -1;
	pk_stmt_int(&st, 1, seq);
	pk_stmt_blob(&st, 2, id, sizeof(id));
	pk_stmt_z(&st, 3, c->team);
	pk_stmt_int(&st, 4, lamport);
	pk_stmt_text(&st, 5, pk_buf_str(&now));
	pk_stmt_z(&st, 6, author);
	pk_stmt_z(&st, 7, kind);
	pk_stmt_z(&st, 8, target->id);
	pk_stmt_text(&st, 9, body);
	pk_stmt_text(&st, 10, pk_buf_str(&line));
	if (pk_stmt_run(&st, err) < 0 || put_custody(c, kind, target, tag, id, err) < 0)
		return -1;
	*ret_seq = seq;
	return 0;
}

static int fold_tag(struct pk_case *c, const struct pk_target *t, const char *tag, int64_t seq, bool remove,
		    struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};

	if (pk_stmt_init(&st, c,
			 remove ? "DELETE FROM tag WHERE target = ?1 AND tag = ?2"
				: "INSERT INTO tag(target, tag, op, host, what) VALUES(?1, ?2, ?3, ?4, ?5) "
				  "ON CONFLICT(target, tag) DO NOTHING",
			 err) < 0)
		return -1;
	pk_stmt_z(&st, 1, t->id);
	pk_stmt_z(&st, 2, tag);
	if (!remove) {
		pk_stmt_int(&st, 3, seq);
		pk_stmt_z(&st, 4, t->host);
		pk_stmt_z(&st, 5, t->what);
	}
	return pk_stmt_run(&st, err);
}

static int bears_tag(struct pk_case *c, const struct pk_target *t, const char *tag, bool *ret, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	if (pk_stmt_init(&st, c, "SELECT 1 FROM tag WHERE target = ?1 AND tag = ?2", err) < 0)
		return -1;
	pk_stmt_z(&st, 1, t->id);
	pk_stmt_z(&st, 2, tag);
	r = pk_stmt_step(&st, err);
	*ret = r == 1;
	return r < 0 ? -1 : 0;
}

static bool is_tag(struct pk_str s)
{
	bool ok = s.n > 0 && s.n <= TAG_MAX && pk_str_is_utf8(s);

	for (size_t i = 0; ok && i < s.n; i++)
		ok = (uint8_t)s.p[i] > ' ' && s.p[i] != ',' && s.p[i] != 0x7f;
	return ok;
}

static int tag_one(struct pk_case *c, const char *tag, const char *target, const char *host, bool remove,
		   uint64_t *ret_n, struct pk_err *err)
{
	PK_AUTO(pk_targets) t = {0};
	uint64_t n = 0;

	if (pk_targets_find(&t, c, target, host, err) < 0)
		return -1;
	for (size_t i = 0; i < t.n; i++) {
		int64_t seq = 0;
		bool bears = true;

		if (remove && bears_tag(c, &t.v[i], tag, &bears, err) < 0)
			return -1;
		if (!bears)
			continue;
		n++;
		if (put_op(c, remove ? "untag" : "tag", &t.v[i], tag, pk_str(tag), &seq, err) < 0 ||
		    fold_tag(c, &t.v[i], tag, seq, remove, err) < 0)
			return -1;
	}
	*ret_n = n;
	return 0;
}

int pk_case_tag(struct pk_case *c, const char *tag, char *const *targets, size_t n, const char *host, bool remove,
		uint64_t *ret_n, struct pk_err *err)
{
	pk_autorollback struct pk_case *tx = c;

	if (!is_tag(pk_str(tag)))
		return pk_fail(err, PK_EUSAGE, 0, "'%s' is no tag: one word of at most %d bytes, without comma", tag,
			       TAG_MAX);
	if (pk_case_begin(tx, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (tag_one(c, tag, targets[i], host, remove, &ret_n[i], err) < 0)
			return -1;
	return pk_case_commit(tx, err);
}

int pk_case_note(struct pk_case *c, const char *target, const char *host, struct pk_str text, uint64_t *ret_n,
		 struct pk_err *err)
{
	PK_AUTO(pk_targets) t = {0};
	PK_AUTO(pk_stmt) st = {0};
	pk_autorollback struct pk_case *tx = c;

	if (!text.n)
		return pk_fail(err, PK_EUSAGE, 0, "the note is empty");
	if (!pk_str_is_utf8(text) || memchr(text.p, 0, text.n))
		return pk_fail(err, PK_EUSAGE, 0, "a note must be UTF-8 text");
	if (text.n > NOTE_MAX)
		return pk_fail(err, PK_ELIMIT, 0, "a note of %zu bytes: the limit is %u", text.n, NOTE_MAX);
	if (pk_case_begin(tx, err) < 0 || pk_targets_find(&t, c, target, host, err) < 0 ||
	    pk_stmt_init(&st, c, "INSERT INTO note(op, target, host, what, body) VALUES(?1, ?2, ?3, ?4, ?5)", err) < 0)
		return -1;
	for (size_t i = 0; i < t.n; i++) {
		int64_t seq = 0;

		if (put_op(c, "note", &t.v[i], NULL, text, &seq, err) < 0)
			return -1;
		pk_stmt_int(&st, 1, seq);
		pk_stmt_z(&st, 2, t.v[i].id);
		pk_stmt_z(&st, 3, t.v[i].host);
		pk_stmt_z(&st, 4, t.v[i].what);
		pk_stmt_text(&st, 5, text);
		if (pk_stmt_run(&st, err) < 0)
			return -1;
	}
	if (pk_case_commit(tx, err) < 0)
		return -1;
	*ret_n = t.n;
	return 0;
}
