/* SPDX-License-Identifier: Apache-2.0 */
/* Records become rows: paths, contents, hits, events of the run. */
#include "rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <picket/hash.h>
#include <picket/label.h>

void pk_rows_done(struct pk_rows *r)
{
	struct pk_stmt *const st[] = {&r->st_there,   &r->st_file, &r->st_content, &r->st_find,  &r->st_hit,
				      &r->st_hit_sha, &r->st_run,  &r->st_live,    &r->st_event, &r->st_time};
	struct pk_buf *bufs[] = {&r->host_name, &r->first_record, &r->started, &r->previous, &r->previous_root};

	for (size_t i = 0; i < PK_LEN(st); i++)
		pk_stmt_done(st[i]);
	for (size_t i = 0; i < PK_LEN(bufs); i++)
		pk_buf_done(bufs[i]);
	pk_label_columns_done(&r->label);
	for (size_t i = 0; i < PK_LEN(r->scratch); i++)
		pk_buf_done(&r->scratch[i]);
	for (size_t i = 0; i < r->live_n; i++)
		free(r->live[i].table);
	free(r->live);
	*r = (struct pk_rows){0};
}

/* Appends text of a field that may be there as KEY or KEY_b64, lossily. */
static bool get_text(const struct pk_json_value *obj, const char *key, struct pk_buf *ret)
{
	PK_AUTO(pk_buf) raw = {0};

	if (!obj || !pk_json_get_bytes(obj, key, &raw))
		return false;
	pk_buf_put_lossy(ret, pk_buf_str(&raw));
	return true;
}

static struct pk_str last_component(struct pk_str path)
{
	size_t at = path.n;

	while (at > 0 && path.p[at - 1] != '/')
		at--;
	return pk_str_n(path.p + at, path.n - at);
}

static struct pk_str text_of(const struct pk_buf *b) { return b->p ? pk_buf_str(b) : PK_STR(""); }

static int prepare(struct pk_rows *r, struct pk_err *err)
{
	const struct {
		struct pk_stmt *st;
		const char *sql;
	} all[] = {
		{&r->st_there, "SELECT 1 FROM file WHERE bundle = ?1 AND leaf = ?2 UNION ALL "
			       "SELECT 1 FROM content WHERE bundle = ?1 AND leaf = ?2 UNION ALL "
			       "SELECT 1 FROM hit WHERE bundle = ?1 AND leaf = ?2 UNION ALL "
			       "SELECT 1 FROM run WHERE bundle = ?1 AND leaf = ?2 UNION ALL "
			       "SELECT 1 FROM live WHERE bundle = ?1 AND leaf = ?2"},
		{&r->st_file,
		 "INSERT INTO file(bundle, leaf, host, path, path_raw, name, kind, mode, uid, gid, user, \"group\","
		 "size, mt, mt_ns, at, at_ns, ct, ct_ns, bt, bt_ns, outcome, why, content, sha256, via, more) "
		 "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,"
		 "?24,?25,?26,?27)"},
		{&r->st_content, "INSERT INTO content(bundle, leaf, sha256, size, sha256_logical, logical, flags) "
				 "VALUES(?1,?2,?3,?4,?5,?6,?7)"},
		{&r->st_find, "SELECT sha256 FROM content WHERE bundle = ?1 AND leaf = ?2"},
		{&r->st_hit,
		 "INSERT INTO hit(bundle, leaf, host, id, rule, namespace, severity, description, of, sha256, meta,"
		 "strings) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)"},
		{&r->st_hit_sha, "SELECT sha256 FROM file WHERE bundle = ?1 AND leaf = ?2"},
		{&r->st_run, "INSERT INTO run(bundle, leaf, type, more_of, line) VALUES(?1,?2,?3,?4,?5)"},
		{&r->st_live, "INSERT INTO live(bundle, leaf, seq, host, tbl, row) VALUES(?1,?2,?3,?4,?5,?6)"},
		{&r->st_time, "INSERT INTO ftime(host, t, ns, file, what) VALUES(?1,?2,?3,?4,?5)"},
		{&r->st_event, "INSERT INTO event(bundle, host, t, ns, src, what, msg, live, file) "
			       "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)"},
	};

	for (size_t i = 0; i < PK_LEN(all); i++)
		if (pk_stmt_init(all[i].st, r->c, all[i].sql, err) < 0)
			return -1;
	return 0;
}

/* A host's id: SHA-256 over what identifies it. A name alone identifies nothing, so what it was collected in joins in: the
 * bundle, or what is one collection whichever of its parts comes first. */
static int put_host(struct pk_rows *r, const struct pk_json_value *host, const uint8_t collection[16],
		    struct pk_err *err)
{
	static const char *const keys[] = {"machine_id", "dmi_uuid", "root_uuid", "hostname"};
	PK_AUTO(pk_stmt) st = {0};
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_buf) os = {0};
	PK_AUTO(pk_buf) facts = {0};
	struct pk_json j = {.out = &facts};
	bool known = false;
	uint8_t id[32];

	pk_buf_puts(&text, "picket-host:1\n");
	for (size_t i = 0; i < PK_LEN(keys); i++) {
		size_t before = text.n;

		get_text(host, keys[i], &text);
		known = known || (text.n > before && i < 3);
		pk_buf_put_c(&text, '\n');
	}
	if (!known)
		pk_buf_put_hex(&text, collection, 16);
	if (pk_buf_check(&text, err) < 0)
		return -1;
	pk_sha256(text.p, text.n, id);
	if (!get_text(host, "hostname", &r->host_name) || !r->host_name.n) {
		pk_buf_puts(&r->host_name, "unnamed-");
		pk_buf_put_hex(&r->host_name, id, 4);
	}
	if (!get_text(host, "os_pretty_name", &os))
		get_text(host, "os_name", &os);
	pk_json_begin(&j, '{');
	static const char *const shown[] = {"hostname",       "machine_id", "dmi_uuid", "dmi_serial",
					    "root_uuid",      "os_id",      "os_name",  "os_version",
					    "os_pretty_name", "kernel",     "timezone", "root"};
	for (size_t i = 0; i < PK_LEN(shown); i++) {
		PK_AUTO(pk_buf) v = {0};

		if (get_text(host, shown[i], &v))
			pk_json_kstr(&j, shown[i], pk_buf_str(&v));
	}
	pk_json_end(&j, '}');
	if (pk_buf_check(&r->host_name, err) < 0 || pk_buf_check(&os, err) < 0 || pk_json_check(&j, err) < 0)
		return -1;
	if (pk_stmt_init(&st, r->c,
			 "INSERT INTO host(id, name, os, facts) VALUES(?1, ?2, ?3, ?4) "
			 "ON CONFLICT(id) DO UPDATE SET os = excluded.os, facts = excluded.facts RETURNING no",
			 err) < 0)
		return -1;
	pk_stmt_blob(&st, 1, id, sizeof(id));
	pk_stmt_text(&st, 2, pk_buf_str(&r->host_name));
	pk_stmt_text(&st, 3, text_of(&os));
	pk_stmt_text(&st, 4, pk_buf_str(&facts));
	if (pk_stmt_step(&st, err) < 0)
		return -1;
	r->host = pk_stmt_col_int(&st, 0);
	return pk_stmt_step(&st, err);
}

int pk_rows_begin(struct pk_rows *r, struct pk_case *c, const uint8_t bundle_id[16], int64_t intake, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};

	r->c = c;
	r->part = 1;
	if (pk_label_columns_set(&r->label, NULL, err) < 0 || prepare(r, err) < 0 ||
	    put_host(r, NULL, bundle_id, err) < 0)
		return -1;
	/* the row stands from the start, since others refer to it; import fills it at the end */
	if (pk_stmt_init(
		    &st, c,
		    "INSERT INTO bundle(id, intake, host, trust, is_signed, complete, ticket_once, mission,"
		    "profile, tlp, rel_to, caveats, originators, part, leaves, root, checkpoint, first_record, started,"
		    "imported) VALUES(?1, ?2, ?3, 'quarantined', 0, 0, 0, '', '', '', '', '', '', NULL, 0, x'', '', "
		    "'', "
		    "'', '')",
		    err) < 0)
		return -1;
	pk_stmt_blob(&st, 1, bundle_id, 16);
	pk_stmt_int(&st, 2, intake);
	pk_stmt_int(&st, 3, r->host);
	if (pk_stmt_run(&st, err) < 0)
		return -1;
	r->bundle = sqlite3_last_insert_rowid(c->db);
	return 0;
}

int pk_rows_begin_shared(struct pk_rows *r, struct pk_case *c, const uint8_t bundle_id[16], int64_t intake,
			 int64_t bundle, int64_t host, struct pk_err *err)
{
	r->shared = true;
	if (!bundle)
		return pk_rows_begin(r, c, bundle_id, intake, err);
	r->c = c;
	r->part = 1;
	r->bundle = bundle;
	r->host = host;
	r->resumed = true;
	if (pk_case_int(c, "SELECT coalesce(max(no), 0) FROM file", 0, &r->after_file, err) < 0 ||
	    pk_case_int(c, "SELECT coalesce(max(no), 0) FROM live", 0, &r->after_live, err) < 0 ||
	    pk_case_int(c, "SELECT coalesce(max(no), 0) FROM event", 0, &r->after_event, err) < 0)
		return -1;
	return prepare(r, err);
}

/* What leaf 0 says of the label. */
static int put_label(struct pk_rows *r, const struct pk_json_value *obj, struct pk_err *err)
{
	PK_AUTO(pk_label) label = {0};

	if (!obj)
		return 0;
	if (pk_label_from_json(obj, &label, err) < 0)
		return pk_wrap(err, "record 0: label");
	return pk_label_columns_set(&r->label, &label, err);
}

static int take_first(struct pk_rows *r, const struct pk_record *rec, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	const struct pk_json_value *tool = pk_json_get(rec->json, "tool"), *prev = pk_json_get(rec->json, "previous");
	struct pk_str s;
	uint8_t id[16], root[32];
	int64_t placeholder = r->host;

	if (rec->type != 'b')
		return pk_fail(err, PK_EFORMAT, 0, "record 0 is of type '%c', not 'b'", rec->type);
	if (!pk_json_get_hex(rec->json, "bundle", id, sizeof(id)))
		return pk_fail(err, PK_EFORMAT, 0, "record 0 names no bundle");
	r->has_first = true;
	pk_buf_reset(&r->host_name);
	if (put_host(r, pk_json_get(rec->json, "host"), r->ticket && r->ticket->uses_one ? r->ticket->id : id, err) <
		    0 ||
	    put_label(r, pk_json_get(rec->json, "label"), err) < 0)
		return -1;
	if (tool && pk_json_get_str(tool, "start", &s))
		pk_buf_put_str(&r->started, s);
	if (!pk_json_get_uint(rec->json, "part", &r->part) || !r->part)
		r->part = 1;
	if (prev && pk_json_get_hex(prev, "bundle", id, sizeof(id)) &&
	    pk_json_get_hex(prev, "root", root, sizeof(root))) {
		pk_buf_put(&r->previous, id, sizeof(id));
		pk_buf_put(&r->previous_root, root, sizeof(root));
	}
	pk_buf_put_str(&r->first_record, rec->line);
	/* the host that stood in until now */
	if (pk_stmt_init(&st, r->c, "UPDATE bundle SET host = ?1 WHERE no = ?2", err) < 0)
		return -1;
	pk_stmt_int(&st, 1, r->host);
	pk_stmt_int(&st, 2, r->bundle);
	if (pk_stmt_run(&st, err) < 0)
		return -1;
	if (r->resumed && pk_rows_move(r, placeholder, err) < 0)
		return -1;
	if (placeholder != r->host) {
		if (pk_stmt_init(&st, r->c, "DELETE FROM host WHERE no = ?1 AND no NOT IN (SELECT host FROM bundle)",
				 err) < 0)
			return -1;
		pk_stmt_int(&st, 1, placeholder);
		return pk_stmt_run(&st, err);
	}
	return 0;
}

static int take_content(struct pk_rows *r, const struct pk_record *rec, struct pk_err *err)
{
	struct pk_buf *flags = &r->scratch[0];
	uint8_t sha[32], logical_sha[32];
	uint64_t size = 0, logical = 0;
	const struct pk_json_value *f = pk_json_get(rec->json, "flags");
	struct pk_str s;

	if (!pk_json_get_hex(rec->json, "sha256", sha, sizeof(sha)) || !pk_json_get_uint(rec->json, "size", &size) ||
	    size > INT64_MAX)
		return pk_fail(err, PK_EFORMAT, 0, "record %" PRIu64 ": a content without hash or size", rec->leaf);
	pk_buf_reset(flags);
	pk_buf_puts(flags, "");
	if (f && pk_json_get_str(rec->json, "flags", &s))
		pk_buf_put_lossy(flags, s);
	pk_stmt_int(&r->st_content, 1, r->bundle);
	pk_stmt_int(&r->st_content, 2, (int64_t)rec->leaf);
	pk_stmt_blob(&r->st_content, 3, sha, sizeof(sha));
	pk_stmt_int(&r->st_content, 4, (int64_t)size);
	if (pk_json_get_hex(rec->json, "sha256_logical", logical_sha, sizeof(logical_sha)))
		pk_stmt_blob(&r->st_content, 5, logical_sha, sizeof(logical_sha));
	if (pk_json_get_uint(rec->json, "logical", &logical) && logical <= INT64_MAX)
		pk_stmt_int(&r->st_content, 6, (int64_t)logical);
	pk_stmt_text(&r->st_content, 7, text_of(flags));
	if (pk_buf_check(flags, err) < 0)
		return -1;
	return pk_stmt_run(&r->st_content, err);
}

static void bind_time(struct pk_stmt *st, int i, const struct pk_json_value *obj, const char *key)
{
	struct pk_str s;
	struct pk_time t;

	if (pk_json_get_str(obj, key, &s) && pk_time_parse(s, &t)) {
		pk_stmt_int(st, i, t.sec);
		pk_stmt_int(st, i + 1, t.nsec);
	}
}

static void bind_number(struct pk_stmt *st, int i, const struct pk_json_value *obj, const char *key)
{
	uint64_t v = 0;

	if (pk_json_get_uint(obj, key, &v) && v <= INT64_MAX)
		pk_stmt_int(st, i, (int64_t)v);
}

/* Text of a field into scratch buffer n, bound; NULL when it is not there. */
static void bind_field(struct pk_rows *r, struct pk_stmt *st, int i, size_t n, const struct pk_json_value *obj,
		       const char *key)
{
	pk_buf_reset(&r->scratch[n]);
	pk_buf_puts(&r->scratch[n], "");
	if (get_text(obj, key, &r->scratch[n]))
		pk_stmt_text(st, i, text_of(&r->scratch[n]));
}

/* The hash of a content already seen; false when there is no such content. */
static int find_sha(struct pk_rows *r, struct pk_stmt *st, uint64_t leaf, uint8_t ret[32], bool *ret_found,
		    struct pk_err *err)
{
	int rc = 0;

	pk_stmt_int(st, 1, r->bundle);
	pk_stmt_int(st, 2, (int64_t)leaf);
	rc = pk_stmt_step(st, err);
	*ret_found = false;
	if (rc == 1) {
		struct pk_str s = pk_stmt_col(st, 0);

		if (s.n == 32) {
			memcpy(ret, s.p, 32);
			*ret_found = true;
		}
	}
	pk_stmt_reset(st);
	return rc < 0 ? -1 : 0;
}

static void put_via(const struct pk_json_value *m, struct pk_buf *b)
{
	const struct pk_json_value *via = pk_json_get(m, "via");
	struct pk_str s;

	for (size_t i = 0; i < pk_json_count(via); i++) {
		if (!pk_json_at_str(via, i, &s))
			continue;
		if (b->n)
			pk_buf_put_c(b, ',');
		pk_buf_put_str(b, s);
	}
}

/* Everything of a path record that has no column of its own. */
static void put_more(const struct pk_json_value *m, bool with_content, struct pk_buf *b)
{
	static const char *const kept[] = {"target", "target_b64", "dev",   "ino", "nlink",
					   "rdev",   "xattrs",     "flags", "c"};
	struct pk_json j = {.out = b};

	for (size_t i = 0; i < PK_LEN(kept) - !with_content; i++) {
		const struct pk_json_value *v = pk_json_get(m, kept[i]);

		if (!v)
			continue;
		if (!b->n)
			pk_json_begin(&j, '{');
		pk_json_key(&j, kept[i]);
		pk_json_value(&j, v);
	}
	if (b->n)
		pk_json_end(&j, '}');
}

static int put_times(struct pk_rows *r, const struct pk_json_value *m, int64_t file, struct pk_err *err)
{
	enum { BIRTH = 3 };
	static const char *const keys[] = {"mtime", "atime", "ctime", [BIRTH] = "btime"};
	struct pk_time t[4];
	int64_t what[4] = {0};
	size_t n = 0;

	for (size_t k = 0; k < PK_LEN(keys); k++) {
		struct pk_str s;
		struct pk_time one;
		size_t i = 0;

		if (!pk_json_get_str(m, keys[k], &s) || !pk_time_parse(s, &one))
			continue;
		/* file systems that know no birth say 1970; the file's row keeps it, the timeline has no use for it */
		if (k == BIRTH && one.sec == 0 && one.nsec == 0)
			continue;
		while (i < n && pk_time_cmp(t[i], one) != 0)
			i++;
		if (i == n)
			t[n++] = one;
		what[i] |= 1 << k;
	}
	for (size_t i = 0; i < n; i++) {
		pk_stmt_int(&r->st_time, 1, r->host);
		pk_stmt_int(&r->st_time, 2, t[i].sec);
		pk_stmt_int(&r->st_time, 3, t[i].nsec);
		pk_stmt_int(&r->st_time, 4, file);
		pk_stmt_int(&r->st_time, 5, what[i]);
		if (pk_stmt_run(&r->st_time, err) < 0)
			return -1;
	}
	return 0;
}

static int take_path(struct pk_rows *r, const struct pk_record *rec, struct pk_err *err)
{
	struct pk_stmt *st = &r->st_file;
	PK_AUTO(pk_buf) raw = {0};
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_buf) via = {0};
	PK_AUTO(pk_buf) more = {0};
	struct pk_str kind = PK_STR(""), outcome = PK_STR("");
	uint8_t sha[32];
	uint64_t c = 0;
	bool replaced = false, found = false;
	enum pk_outcome o;

	if (!pk_json_get_bytes(rec->json, "path", &raw))
		return pk_fail(err, PK_EFORMAT, 0, "record %" PRIu64 ": a path record without a path", rec->leaf);
	if (!pk_json_get_str(rec->json, "outcome", &outcome) || !pk_outcome_parse(outcome, &o))
		return pk_fail(err, PK_EFORMAT, 0, "record %" PRIu64 ": a path record without a known outcome",
			       rec->leaf);
	(void)pk_json_get_str(rec->json, "kind", &kind);
	replaced = pk_buf_put_lossy(&path, pk_buf_str(&raw));
	pk_buf_puts(&path, "");
	if (pk_json_get_uint(rec->json, "c", &c)) {
		if (find_sha(r, &r->st_find, c, sha, &found, err) < 0)
			return -1;
		if (!found && !r->shared && !r->salvage)
			return pk_fail(err, PK_EFORMAT, 0, "record %" PRIu64 ": its content %" PRIu64 " is not there",
				       rec->leaf, c);
	}
	put_via(rec->json, &via);
	put_more(rec->json, r->shared && !found, &more); /* the content may come later */
	if (pk_buf_check(&path, err) < 0 || pk_buf_check(&via, err) < 0 || pk_buf_check(&more, err) < 0)
		return -1;
	pk_stmt_int(st, 1, r->bundle);
	pk_stmt_int(st, 2, (int64_t)rec->leaf);
	pk_stmt_int(st, 3, r->host);
	pk_stmt_text(st, 4, text_of(&path));
	if (replaced)
		pk_stmt_blob(st, 5, raw.p, raw.n);
	pk_stmt_text(st, 6, last_component(text_of(&path)));
	pk_stmt_text(st, 7, kind);
	bind_number(st, 8, rec->json, "mode");
	bind_number(st, 9, rec->json, "uid");
	bind_number(st, 10, rec->json, "gid");
	bind_field(r, st, 11, 0, rec->json, "user");
	bind_field(r, st, 12, 1, rec->json, "group");
	bind_number(st, 13, rec->json, "size");
	bind_time(st, 14, rec->json, "mtime");
	bind_time(st, 16, rec->json, "atime");
	bind_time(st, 18, rec->json, "ctime");
	bind_time(st, 20, rec->json, "btime");
	pk_stmt_text(st, 22, outcome);
	bind_field(r, st, 23, 2, rec->json, "why");
	if (!found && r->salvage && pk_json_get(rec->json, "c"))
		pk_stmt_z(st, 23, "its content is lost: the bundle is damaged");
	if (found) {
		pk_stmt_int(st, 24, (int64_t)c);
		pk_stmt_blob(st, 25, sha, sizeof(sha));
	}
	if (via.n)
		pk_stmt_text(st, 26, pk_buf_str(&via));
	if (more.n)
		pk_stmt_text(st, 27, pk_buf_str(&more));
	r->files++;
	if (pk_stmt_run(st, err) < 0)
		return -1;
	return put_times(r, rec->json, sqlite3_last_insert_rowid(r->c->db), err);
}

/* The same finding has the same id wherever it is found: rule, content, and where in it. */
static void hit_id(struct pk_str ns, struct pk_str rule, const uint8_t *sha, const struct pk_json_value *strings,
		   uint8_t ret[32])
{
	struct pk_sha256 h;

	pk_sha256_init(&h);
	pk_sha256_put(&h, ns.p, ns.n);
	pk_sha256_put(&h, "\n", 1);
	pk_sha256_put(&h, rule.p, rule.n);
	pk_sha256_put(&h, "\n", 1);
	if (sha)
		pk_sha256_put(&h, sha, 32);
	for (size_t i = 0; i < pk_json_count(strings); i++) {
		const struct pk_json_value *s = pk_json_at(strings, i);
		char where[96];
		struct pk_str name = PK_STR("");
		uint64_t offset = 0, length = 0;

		(void)pk_json_get_str(s, "name", &name);
		(void)pk_json_get_uint(s, "offset", &offset);
		(void)pk_json_get_uint(s, "length", &length);
		pk_sha256_put(&h, name.p, name.n);
		pk_sha256_put(&h, where,
			      (size_t)snprintf(where, sizeof(where), ":%" PRIu64 ":%" PRIu64 "\n", offset, length));
	}
	pk_sha256_end(&h, ret);
}

static void dump_or(const struct pk_json_value *v, const char *otherwise, struct pk_buf *b)
{
	pk_buf_reset(b);
	if (v)
		pk_buf_put_json_value(b, v);
	else
		pk_buf_puts(b, otherwise);
}

static int take_hit(struct pk_rows *r, const struct pk_record *rec, struct pk_err *err)
{
	struct pk_stmt *st = &r->st_hit;
	struct pk_buf *rule = &r->scratch[0], *ns = &r->scratch[1], *severity = &r->scratch[2],
		      *description = &r->scratch[3], *meta = &r->scratch[4], *strings = &r->scratch[5];
	const struct pk_json_value *m = pk_json_get(rec->json, "meta"), *s = pk_json_get(rec->json, "strings");
	uint8_t sha[32], id[32];
	uint64_t of = 0;
	bool has_of = pk_json_get_uint(rec->json, "of", &of) && of <= INT64_MAX, found = false;

	for (size_t i = 0; i < 4; i++) {
		pk_buf_reset(&r->scratch[i]);
		pk_buf_puts(&r->scratch[i], "");
	}
	if (!get_text(rec->json, "rule", rule))
		return pk_fail(err, PK_EFORMAT, 0, "record %" PRIu64 ": a hit without a rule", rec->leaf);
	get_text(rec->json, "namespace", ns);
	if (!get_text(m, "severity", severity))
		get_text(m, "level", severity);
	get_text(m, "description", description);
	if (has_of && find_sha(r, &r->st_find, of, sha, &found, err) < 0)
		return -1;
	if (has_of && !found && find_sha(r, &r->st_hit_sha, of, sha, &found, err) < 0)
		return -1;
	dump_or(pk_json_is_object(m) ? m : NULL, "{}", meta);
	dump_or(pk_json_is_list(s) ? s : NULL, "[]", strings);
	for (size_t i = 0; i < PK_LEN(r->scratch); i++)
		if (pk_buf_check(&r->scratch[i], err) < 0)
			return -1;
	hit_id(pk_buf_str(ns), pk_buf_str(rule), found ? sha : NULL, pk_json_is_list(s) ? s : NULL, id);
	pk_stmt_int(st, 1, r->bundle);
	pk_stmt_int(st, 2, (int64_t)rec->leaf);
	pk_stmt_int(st, 3, r->host);
	pk_stmt_blob(st, 4, id, sizeof(id));
	pk_stmt_text(st, 5, text_of(rule));
	pk_stmt_text(st, 6, text_of(ns));
	pk_stmt_text(st, 7, text_of(severity));
	pk_stmt_text(st, 8, text_of(description));
	if (has_of)
		pk_stmt_int(st, 9, (int64_t)of);
	if (found)
		pk_stmt_blob(st, 10, sha, sizeof(sha));
	pk_stmt_text(st, 11, text_of(meta));
	pk_stmt_text(st, 12, text_of(strings));
	r->hits++;
	return pk_stmt_run(st, err);
}

/* Records without a table of their own: whole, as they were signed. */
static int take_run(struct pk_rows *r, const struct pk_record *rec, struct pk_err *err)
{
	uint64_t more_of = 0;
	const char type[2] = {rec->type, 0};

	if (pk_record_is_padding(rec))
		return 0;
	pk_stmt_int(&r->st_run, 1, r->bundle);
	pk_stmt_int(&r->st_run, 2, (int64_t)rec->leaf);
	pk_stmt_z(&r->st_run, 3, type);
	if (pk_json_get_uint(rec->json, "more_of", &more_of) && more_of <= INT64_MAX)
		pk_stmt_int(&r->st_run, 4, (int64_t)more_of);
	pk_stmt_text(&r->st_run, 5, rec->line);
	return pk_stmt_run(&r->st_run, err);
}

static int take_live_ref(struct pk_rows *r, const struct pk_record *rec, struct pk_err *err)
{
	struct pk_live_ref ref = {.leaf = rec->leaf, .at = rec->leaf};
	PK_AUTO(pk_buf) table = {0};

	if (!get_text(rec->json, "table", &table) || !table.n || !pk_json_get_uint(rec->json, "size", &ref.size) ||
	    !pk_json_get_uint(rec->json, "rows", &ref.rows))
		return pk_fail(err, PK_EFORMAT, 0, "record %" PRIu64 ": a live table without name, size or rows",
			       rec->leaf);
	if (!pk_grow(&r->live, &r->live_cap, r->live_n + 1, sizeof(*r->live)) || !(ref.table = pk_buf_take(&table)))
		return pk_fail_oom(err);
	r->live[r->live_n++] = ref;
	return 0;
}

static int take(struct pk_rows *r, const struct pk_record *rec, struct pk_err *err)
{
	if (rec->leaf == 0)
		return take_first(r, rec, err);
	if (pk_json_get(rec->json, "more_of"))
		return take_run(r, rec, err);
	switch (rec->type) {
	case 'c': return take_content(r, rec, err);
	case 'm': return take_path(r, rec, err);
	case 'h': return take_hit(r, rec, err);
	case 'l': return take_live_ref(r, rec, err);
	default: return take_run(r, rec, err);
	}
}

int pk_rows_record(struct pk_rows *r, const struct pk_record *rec, struct pk_err *err)
{
	uint8_t leaf[32];

	if (!r->next && rec->leaf && r->salvage)
		return pk_fail(
			err, PK_EFORMAT, 0,
			"its first records, which say what it is, are lost: 'picket-bundle salvage' gives the rest");
	if (r->salvage ? rec->leaf < r->next : rec->leaf != r->next)
		return pk_fail(err, PK_EFORMAT, 0, "record %" PRIu64 " came where %" PRIu64 " was due", rec->leaf,
			       r->next);
	if (take(r, rec, err) < 0)
		return -1;
	r->next = rec->leaf + 1;
	if (rec->leaf != r->tree.size) /* after a gap no tree can be told */
		return 0;
	pk_merkle_leaf(rec->line, leaf);
	pk_frontier_add(&r->tree, leaf);
	return 0;
}

int pk_rows_shared(struct pk_rows *r, const struct pk_record *rec, struct pk_err *err)
{
	int there = 0;

	if (rec->leaf == 0)
		return r->has_first ? 0 : take_first(r, rec, err);
	pk_stmt_int(&r->st_there, 1, r->bundle);
	pk_stmt_int(&r->st_there, 2, (int64_t)rec->leaf);
	there = pk_stmt_step(&r->st_there, err);
	pk_stmt_reset(&r->st_there);
	return there ? (there < 0 ? -1 : 0) : take(r, rec, err);
}
