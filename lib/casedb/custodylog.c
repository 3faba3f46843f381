/* SPDX-License-Identifier: Apache-2.0 */
/* The custody log: who did what with the evidence; each line a leaf of an RFC 6962 tree. */
#include "db.h"

#include <picket/json.h>
#include <picket/merkle.h>
#include <picket/note.h>

int pk_case_custody_put(struct pk_case *c, const char *action, const char *object, struct pk_str details,
			struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	PK_AUTO(pk_buf) line = {0};
	PK_AUTO(pk_buf) now = {0};
	struct pk_json j = {.out = &line};
	uint8_t leaf[32];
	int64_t seq = 0;

	if (pk_case_int(c, "SELECT coalesce(max(seq) + 1, 0) FROM custody", 0, &seq, err) < 0)
		return -1;
	pk_case_now(&now);
	pk_json_begin(&j, '{');
	pk_json_kint(&j, "seq", seq);
	pk_json_kstr(&j, "t", pk_buf_str(&now));
	pk_json_kz(&j, "team", c->team);
	pk_json_kz(&j, "actor", c->author ? c->author : c->team);
	pk_json_kz(&j, "action", action);
	pk_json_kz(&j, "object", object);
	if (details.n) {
		pk_buf_put_c(&line, ',');
		pk_buf_put_str(&line, details);
	}
	pk_json_kz(&j, "tool", c->tool);
	pk_json_end(&j, '}');
	if (pk_buf_check(&now, err) < 0 || pk_json_check(&j, err) < 0)
		return pk_wrap(err, "custody line");
	pk_merkle_leaf(pk_buf_str(&line), leaf);
	if (pk_stmt_init(&st, c, "INSERT INTO custody(seq, line, leaf) VALUES(?1, ?2, ?3)", err) < 0)
		return -1;
	pk_stmt_int(&st, 1, seq);
	pk_stmt_text(&st, 2, pk_buf_str(&line));
	pk_stmt_blob(&st, 3, leaf, sizeof(leaf));
	return pk_stmt_run(&st, err);
}

int pk_case_custody_add(struct pk_case *c, const char *action, const char *object, struct pk_str reason,
			struct pk_err *err)
{
	PK_AUTO(pk_buf) details = {0};
	struct pk_json j = {.out = &details};
	pk_autorollback struct pk_case *tx = c;

	if (!pk_str_is_utf8(pk_str(action)) || !pk_str_is_utf8(pk_str(object)) || !pk_str_is_utf8(reason))
		return pk_fail(err, PK_EUSAGE, 0, "a custody line must be UTF-8");
	pk_json_kstr(&j, "reason", reason);
	if (pk_json_check(&j, err) < 0 || pk_case_begin(tx, err) < 0 ||
	    pk_case_custody_put(c, action, object, pk_buf_str(&details), err) < 0)
		return -1;
	return pk_case_commit(tx, err);
}

int pk_case_custody_output(struct pk_case *c, const char *action, const char *name, const uint8_t sha256[32],
			   struct pk_err *err)
{
	PK_AUTO(pk_buf) details = {0};
	struct pk_json j = {.out = &details};
	pk_autorollback struct pk_case *tx = c;

	pk_json_khex(&j, "sha256", sha256, 32);
	pk_json_kbytes(&j, "name", pk_str(name));
	if (pk_json_check(&j, err) < 0 || pk_case_begin(tx, err) < 0 ||
	    pk_case_custody_put(c, action, "output", pk_buf_str(&details), err) < 0)
		return -1;
	return pk_case_commit(tx, err);
}

static int head(struct pk_case *c, struct pk_buf *ret, uint64_t *ret_size, uint8_t ret_root[32], struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	PK_AUTO(pk_buf) origin = {0};
	PK_AUTO(pk_buf) id = {0};
	struct pk_frontier f = {0};
	struct pk_checkpoint cp = {0};
	int r = 0;

	if (pk_stmt_init(&st, c, "SELECT leaf FROM custody ORDER BY seq", err) < 0)
		return -1;
	while ((r = pk_stmt_step(&st, err)) == 1) {
		struct pk_str leaf = pk_stmt_col(&st, 0);

		if (leaf.n != 32)
			return pk_fail(err, PK_EFORMAT, 0, "custody line %llu has a damaged leaf",
				       (unsigned long long)f.size);
		pk_frontier_add(&f, (const uint8_t *)leaf.p);
	}
	if (r < 0 || pk_case_meta_get(c, "id", &id, err) < 0)
		return -1;
	pk_frontier_root(&f, cp.root);
	pk_buf_putf(&origin, "%s/case/%s", c->team, id.p ? id.p : "");
	cp.origin = pk_buf_str(&origin);
	cp.size = f.size;
	if (pk_buf_check(&origin, err) < 0)
		return -1;
	pk_buf_put_checkpoint(ret, &cp);
	*ret_size = cp.size;
	memcpy(ret_root, cp.root, 32);
	return pk_buf_check(ret, err);
}

int pk_case_custody_head(struct pk_case *c, struct pk_buf *ret, struct pk_err *err)
{
	uint8_t root[32];
	uint64_t size = 0;

	return head(c, ret, &size, root, err);
}

int pk_case_custody_checkpoint(struct pk_case *c, const struct pk_note_key *key, struct pk_buf *ret, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	PK_AUTO(pk_buf) text = {0};
	pk_autorollback struct pk_case *tx = c;
	uint8_t root[32];
	uint64_t size = 0;

	if (pk_case_begin(tx, err) < 0 || head(c, &text, &size, root, err) < 0 ||
	    pk_stmt_init(&st, c, "INSERT INTO head(size, root) VALUES(?1, ?2) ON CONFLICT(size) DO NOTHING", err) < 0)
		return -1;
	pk_stmt_int(&st, 1, (int64_t)size);
	pk_stmt_blob(&st, 2, root, sizeof(root));
	if (pk_stmt_run(&st, err) < 0)
		return -1;
	if (key) {
		if (pk_note_sign(key, pk_buf_str(&text), ret, err) < 0)
			return -1;
	} else {
		pk_buf_put_str(ret, pk_buf_str(&text));
	}
	if (pk_buf_check(ret, err) < 0)
		return -1;
	return pk_case_commit(tx, err);
}
