/* SPDX-License-Identifier: Apache-2.0 */
/* A custody log by itself: its lines, its tree, and what one line says. */
#include <picket/custody.h>
#include <picket/json.h>
#include <picket/limits.h>

#include <stdlib.h>

void pk_custody_log_done(struct pk_custody_log *log)
{
	pk_buf_done(&log->text);
	pk_buf_done(&log->key);
	free(log->end);
	free(log->leaf);
	*log = (struct pk_custody_log){0};
}

struct pk_str pk_custody_log_line(const struct pk_custody_log *log, size_t i)
{
	size_t from = i ? log->end[i - 1] : 0;

	return pk_str_n(log->text.p + from, log->end[i] - from - 1);
}

int pk_custody_log_put(struct pk_custody_log *log, struct pk_str line, struct pk_err *err)
{
	if (line.n >= PK_MAX_CUSTODY_LOG - log->text.n)
		return pk_fail(err, PK_ELIMIT, 0, "a custody log of more than %u bytes", PK_MAX_CUSTODY_LOG);
	if (!pk_grow(&log->end, &log->cap, log->n + 1, sizeof(*log->end)) ||
	    !pk_grow(&log->leaf, &log->leaf_cap, log->n + 1, sizeof(*log->leaf)))
		return pk_fail_oom(err);
	pk_buf_put_str(&log->text, line);
	pk_buf_put_c(&log->text, '\n');
	if (pk_buf_check(&log->text, err) < 0)
		return -1;
	pk_merkle_leaf(line, log->leaf[log->n]);
	log->end[log->n++] = log->text.n;
	return 0;
}

int pk_custody_log_parse(struct pk_str text, struct pk_custody_log *ret, struct pk_err *err)
{
	PK_AUTO(pk_custody_log) log = {0};
	struct pk_str line;

	if (!text.n)
		return pk_fail(err, PK_EFORMAT, 0, "not a custody log: it is empty");
	while (text.n && memchr(text.p, '\n', text.n) && pk_str_line(&text, &line))
		if (pk_custody_log_put(&log, line, err) < 0)
			return -1;
	if (text.n >= PK_MAX_CUSTODY_LOG - log.text.n)
		return pk_fail(err, PK_ELIMIT, 0, "a custody log of more than %u bytes", PK_MAX_CUSTODY_LOG);
	log.cut = text.n;
	pk_buf_put_str(&log.text, text);
	if (pk_buf_check(&log.text, err) < 0)
		return -1;
	*ret = log;
	log = (struct pk_custody_log){0};
	return 0;
}

void pk_custody_root(const struct pk_custody_log *log, uint64_t size, uint8_t ret[32])
{
	struct pk_frontier f = {0};

	for (uint64_t i = 0; i < size && i < log->n; i++)
		pk_frontier_add(&f, log->leaf[i]);
	pk_frontier_root(&f, ret);
}

int pk_custody_origin(const struct pk_custody_log *log, struct pk_buf *ret, struct pk_err *err)
{
	PK_AUTO(pk_custody_entry) e = {0};

	if (!log->n)
		return pk_fail(err, PK_EFORMAT, 0, "a custody log without lines");
	if (pk_custody_entry_parse(pk_custody_log_line(log, 0), &e, err) < 0)
		return pk_wrap(err, "custody line 0");
	if (!pk_str_eq(e.action, PK_STR("init")) || !pk_str_starts(e.object, PK_STR("case:")))
		return pk_fail(err, PK_EFORMAT, 0,
			       "custody line 0 does not begin a case: its first lines were dropped");
	pk_buf_put_str(ret, e.team);
	pk_buf_puts(ret, "/case/");
	pk_buf_put(ret, e.object.p + 5, e.object.n - 5);
	return pk_buf_check(ret, err);
}

int pk_custody_key(struct pk_custody_log *log, struct pk_buf *ret, struct pk_err *err)
{
	for (; log->keyless < log->n; log->keyless++) {
		PK_AUTO(pk_custody_entry) e = {0};
		struct pk_err why = {0};

		if (pk_custody_entry_parse(pk_custody_log_line(log, log->keyless), &e, &why) < 0) {
			if (why.kind != PK_EFORMAT && why.kind != PK_ELIMIT)
				return pk_fail(err, why.kind, why.sys, "%s", why.msg);
		} else if (e.key.n) {
			pk_buf_put_str(ret, e.key);
			return pk_buf_check(ret, err);
		}
	}
	pk_buf_put_str(ret, pk_buf_str(&log->key));
	return pk_buf_check(ret, err);
}

/* --- one line --------------------------------------------------------------------------------------- */

void pk_custody_entry_done(struct pk_custody_entry *e)
{
	pk_json_value_free(e->json);
	*e = (struct pk_custody_entry){0};
}

/* A string, or null where that is allowed. */
static int take(const struct pk_custody_entry *e, const char *key, bool may_be_null, struct pk_str *ret,
		struct pk_err *err)
{
	if (pk_json_get_str(e->json, key, ret)) {
		if (ret->n && pk_str_is_visible(*ret))
			return 0;
	} else if (may_be_null && pk_json_is_null(pk_json_get(e->json, key))) {
		*ret = (struct pk_str){0};
		return 0;
	}
	return pk_fail(err, PK_EFORMAT, 0, "not a custody line: '%s' must be visible text%s", key,
		       may_be_null ? " or null" : "");
}

int pk_custody_entry_parse(struct pk_str line, struct pk_custody_entry *ret, struct pk_err *err)
{
	PK_AUTO(pk_custody_entry) e = {0};
	struct pk_str t;
	uint64_t v = 0;
	uint8_t sum[32];

	if (line.n > PK_MAX_RECORD)
		return pk_fail(err, PK_ELIMIT, 0, "%zu bytes, allowed are %u", line.n, PK_MAX_RECORD);
	if (pk_json_parse(line, &e.json, err) < 0)
		return -1;
	if (!pk_json_get_uint(e.json, "v", &v) || v != 1)
		return pk_fail(err, PK_EFORMAT, 0, "not a custody line of version 1");
	if (!pk_json_get_uint(e.json, "seq", &e.seq))
		return pk_fail(err, PK_EFORMAT, 0, "not a custody line: it has no number");
	if (!pk_json_get_str(e.json, "t", &t) || t.n <= 10 || t.p[t.n - 10] != '.' || !pk_time_parse(t, &e.t))
		return pk_fail(err, PK_EFORMAT, 0, "not a custody line: it has no time with 9 decimals");
	if (take(&e, "team", false, &e.team, err) < 0 || take(&e, "actor", false, &e.actor, err) < 0 ||
	    take(&e, "key", true, &e.key, err) < 0 || take(&e, "action", false, &e.action, err) < 0 ||
	    take(&e, "object", false, &e.object, err) < 0 || take(&e, "place", true, &e.place, err) < 0 ||
	    take(&e, "reason", true, &e.reason, err) < 0 || take(&e, "tool", false, &e.tool, err) < 0 ||
	    take(&e, "version", false, &e.version, err) < 0 || take(&e, "settings", true, &e.settings, err) < 0)
		return -1;
	if (e.settings.n && !pk_hex_decode(e.settings, sum, sizeof(sum)))
		return pk_fail(err, PK_EFORMAT, 0, "not a custody line: 'settings' is no SHA-256");
	*ret = e;
	e = (struct pk_custody_entry){0};
	return 0;
}

void pk_buf_put_custody_details(struct pk_buf *b, const struct pk_custody_entry *e)
{
	static const char *const known[] = {"v",      "seq",   "t",      "team", "actor",   "key",      "action",
					    "object", "place", "reason", "tool", "version", "settings", NULL};
	size_t at = 0;
	struct pk_str key;
	const struct pk_json_value *value = NULL;
	bool first = true;

	while (pk_json_next(e->json, &at, &key, &value)) {
		PK_AUTO(pk_buf) text = {0};
		bool is_known = false;

		for (size_t i = 0; known[i]; i++)
			is_known = is_known || pk_str_eq(key, pk_str(known[i]));
		if (is_known)
			continue;
		pk_buf_put_json_value(&text, value);
		pk_buf_puts(b, first ? "" : " ");
		pk_buf_put_safe(b, key);
		pk_buf_put_c(b, '=');
		pk_buf_put_safe(b, text.p ? pk_buf_str(&text) : PK_STR(""));
		b->oom = b->oom || text.oom;
		first = false;
	}
}
