/* SPDX-License-Identifier: Apache-2.0 */
/* Is the case what it should be: database, full text, references, custody log, sealed files. */
#include "findings.h"
#include "list.h"
#include "stage.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <picket/hash.h>
#include <picket/limits.h>

struct checker {
	struct pk_case *c;
	struct pk_findings found;
};

/* Something that there should be none of. */
struct count {
	const char *sql, *what;
	bool bad;
};

static int count_all(struct checker *k, const struct count *v, size_t n, struct pk_err *err)
{
	for (size_t i = 0; i < n; i++) {
		int64_t found = 0;

		if (pk_case_int(k->c, v[i].sql, 0, &found, err) < 0)
			return -1;
		if (found)
			pk_finding(&k->found, v[i].bad, "%lld %s", (long long)found, v[i].what);
	}
	return 0;
}

static int check_pragma(struct checker *k, const char *pragma, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	if (pk_stmt_init(&st, k->c, pragma, err) < 0)
		return -1;
	while ((r = pk_stmt_step(&st, err)) == 1)
		if (!pk_str_eq(pk_stmt_col(&st, 0), PK_STR("ok")))
			pk_finding(&k->found, true, "database: %.*s", PK_STR_ARG(pk_stmt_col(&st, 0)));
	return r;
}

static int check_references(struct checker *k, struct pk_err *err)
{
	static const struct count counts[] = {
		{"SELECT count(*) FROM ftime m WHERE NOT EXISTS (SELECT 1 FROM file f WHERE f.no = m.file)",
		 "file times without a file", true},
		{"SELECT count(*) FROM file f WHERE f.content IS NOT NULL AND NOT EXISTS (SELECT 1 FROM content k "
		 "WHERE k.bundle = f.bundle AND k.leaf = f.content AND k.sha256 = f.sha256)",
		 "files whose content is not there", true},
		{"SELECT count(*) FROM intake i WHERE i.state = 'imported' AND NOT EXISTS (SELECT 1 FROM bundle b "
		 "WHERE b.intake = i.no) AND NOT EXISTS (SELECT 1 FROM share s WHERE s.intake = i.no)",
		 "imported files without a bundle", true},
		{"SELECT count(*) FROM file f WHERE f.host <> (SELECT b.host FROM bundle b WHERE b.no = f.bundle)",
		 "files of another host than their bundle", true},
	};
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	if (pk_stmt_init(&st, k->c, "PRAGMA foreign_key_check", err) < 0)
		return -1;
	while ((r = pk_stmt_step(&st, err)) == 1)
		pk_finding(&k->found, true, "a row of '%.*s' refers to nothing", PK_STR_ARG(pk_stmt_col(&st, 0)));
	if (r < 0)
		return -1;
	return count_all(k, counts, PK_LEN(counts), err);
}

/* The last of these lines about each file; of lines that are no JSON, the check of the log tells. What people add names no
 * size. */
#define SQL_LAST(actions) \
	"(SELECT line ->> '$.object' AS object, line ->> '$.verdict' AS verdict, line ->> '$.bundle' AS bundle, " \
	"line ->> '$.reason' AS reason, line ->> '$.size' AS size, line ->> '$.action' AS action, max(seq) " \
	"FROM (SELECT seq, iif(json_valid(line), line, '{}') AS line FROM custody) " \
	"WHERE size IS NOT NULL AND action IN (" actions ") GROUP BY object) c"
#define SQL_RECEIVED SQL_LAST("'receive'")
#define SQL_JUDGED SQL_LAST("'quarantine', 'import', 'release', 'salvage'")
#define SQL_ON_FILE " ON c.object = 'blake2b:' || lower(hex(i.digest)) "

/* What came in, against the lines that were written when it did. */
static int check_intakes(struct checker *k, struct pk_err *err)
{
	static const struct count counts[] = {
		{"SELECT count(*) FROM intake i LEFT JOIN " SQL_RECEIVED SQL_ON_FILE "WHERE c.size IS NOT i.size",
		 "files came in without a line of the custody log that is of them", true},
		/* no join: of what is computed of each file SQLite makes no index, and would look through all for each */
		{"SELECT count(*) FROM " SQL_JUDGED " WHERE coalesce(c.object, '') NOT IN "
		 "(SELECT 'blake2b:' || lower(hex(digest)) FROM intake)",
		 "files of the custody log are not known any more", true},
		{"SELECT count(*) FROM intake i LEFT JOIN " SQL_JUDGED SQL_ON_FILE
		 "WHERE i.state IN ('quarantined', 'imported') AND (c.verdict IS NOT i.verdict OR "
		 "(c.action = 'quarantine') IS NOT (i.state = 'quarantined') OR "
		 /* every line bears the case's reason where it has none of its own */
		 "(c.action <> 'release' AND i.accepted IS NOT NULL AND (c.action <> 'salvage' OR c.reason <> "
		 "i.accepted)) OR "
		 "(c.action = 'release' AND c.reason IS NOT i.accepted) OR c.bundle <> lower(hex(i.bundle)))",
		 "files were judged otherwise than the custody log says", true},
	};

	return count_all(k, counts, PK_LEN(counts), err);
}

/* PRAGMA integrity_check of this SQLite does not look into full text. */
static int check_full_text(struct checker *k, struct pk_err *err)
{
	static const char *const tables[][2] = {
		{"ftext", "INSERT INTO ftext(ftext, rank) VALUES('integrity-check', 1)"},
		{"fname", "INSERT INTO fname(fname, rank) VALUES('integrity-check', 1)"},
		{"ltext", "INSERT INTO ltext(ltext, rank) VALUES('integrity-check', 1)"},
		{"etext", "INSERT INTO etext(etext, rank) VALUES('integrity-check', 1)"},
	};

	if (!k->c->writable) {
		pk_finding(&k->found, false, "the case cannot be written: its full text was not checked");
		return 0;
	}
	for (size_t i = 0; i < PK_LEN(tables); i++) {
		int rc = sqlite3_exec(k->c->db, tables[i][1], NULL, NULL, NULL);

		if ((rc & 0xff) == SQLITE_CORRUPT)
			pk_finding(&k->found, true, "full text '%s' does not fit its table", tables[i][0]);
		else if (rc != SQLITE_OK)
			return pk_case_fail(k->c, rc, err);
	}
	return 0;
}

/* What the last operation on it made a tag. */
#define SQL_TAGGED \
	"SELECT target, body FROM op WHERE kind IN ('tag', 'untag') GROUP BY target, body HAVING max(seq) = " \
	"max(iif(kind = 'tag', seq, -1))"

/* Operations against their hashes, and against the custody lines that have those; then what is shown, which is folded from
 * them, against them. */
static int check_opinions(struct checker *k, struct pk_err *err)
{
	/* of a line that is no JSON, the custody check tells */
	static const struct count counts[] = {
		{"SELECT count(*) FROM (SELECT line ->> '$.op' AS id FROM (SELECT iif(json_valid(line), line, '{}') AS "
		 "line FROM custody) WHERE line ->> '$.action' = 'annotate' AND id IS NOT NULL EXCEPT SELECT "
		 "lower(hex(id)) FROM op)",
		 "tags or notes of the custody log are not there any more", true},
		{"SELECT count(*) FROM (SELECT lower(hex(id)) FROM op EXCEPT SELECT line ->> '$.op' FROM (SELECT "
		 "iif(json_valid(line), line, '{}') AS line FROM custody) WHERE line ->> '$.action' = 'annotate')",
		 "tags or notes are not in the custody log: made by an older Picket, or by hand", false},
		{"SELECT count(*) FROM (SELECT op.*, iif(json_valid(line), line, '{}') AS x FROM op) WHERE "
		 "x ->> '$.seq' IS NOT seq OR x ->> '$.team' IS NOT team OR x ->> '$.lamport' IS NOT lamport OR "
		 "x ->> '$.t' IS NOT t OR x ->> '$.author' IS NOT author OR x ->> '$.kind' IS NOT kind OR "
		 "x ->> '$.target' IS NOT target OR x ->> '$.body' IS NOT body",
		 "tags or notes whose columns are not what their lines say", true},
		{"SELECT count(*) FROM (SELECT op, target, body FROM note EXCEPT SELECT seq, target, body FROM op "
		 "WHERE "
		 "kind = 'note')",
		 "notes that are not as they were written", true},
		{"SELECT count(*) FROM op WHERE kind = 'note' AND NOT EXISTS (SELECT 1 FROM note n WHERE n.op = "
		 "op.seq)",
		 "notes are not shown any more", true},
		{"SELECT count(*) FROM (SELECT target, tag FROM tag EXCEPT " SQL_TAGGED ")", "tags that nobody gave",
		 true},
		{"SELECT count(*) FROM (" SQL_TAGGED " EXCEPT SELECT target, tag FROM tag)",
		 "tags are not shown any more", true},
	};
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	if (pk_stmt_init(&st, k->c, "SELECT seq, id, line FROM op ORDER BY seq", err) < 0)
		return -1;
	while ((r = pk_stmt_step(&st, err)) == 1) {
		struct pk_str id = pk_stmt_col(&st, 1), line = pk_stmt_col(&st, 2);
		uint8_t is[32];

		pk_sha256(line.p, line.n, is);
		if (id.n != 32 || memcmp(id.p, is, 32) != 0)
			pk_finding(&k->found, true, "tag or note %lld was changed", (long long)pk_stmt_col_int(&st, 0));
	}
	if (r < 0)
		return -1;
	return count_all(k, counts, PK_LEN(counts), err);
}

static int check_mode(struct checker *k, const char *path, mode_t want)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return -1;
	if (st.st_mode & 0777 & ~want)
		pk_finding(&k->found, false, "'%s' has mode %03o: others may read it", path,
			   (unsigned)st.st_mode & 0777);
	return 0;
}

static int check_sidecars(struct checker *k, int64_t intake, const char *path, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	if (pk_stmt_init(&st, k->c, "SELECT suffix, sha256 FROM sidecar WHERE intake = ?1", err) < 0)
		return -1;
	pk_stmt_int(&st, 1, intake);
	while ((r = pk_stmt_step(&st, err)) == 1) {
		PK_AUTO(pk_buf) name = {0};
		PK_AUTO(pk_buf) text = {0};
		struct pk_str sha = pk_stmt_col(&st, 1);
		uint8_t have[32];

		pk_buf_puts(&name, path);
		pk_buf_put_str(&name, pk_stmt_col(&st, 0));
		if (pk_buf_check(&name, err) < 0)
			return -1;
		if (pk_read_path(name.p, PK_MAX_TEXT_FILE, &text, NULL) < 0) {
			pk_finding(&k->found, true, "'%s' is missing", name.p);
			continue;
		}
		pk_sha256(text.p ? text.p : "", text.n, have);
		if (sha.n != 32 || memcmp(sha.p, have, 32) != 0)
			pk_finding(&k->found, true, "'%s' was changed", name.p);
	}
	return r;
}

static int check_files(struct checker *k, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	if (pk_stmt_init(&st, k->c, "SELECT no, place, digest FROM intake WHERE place IS NOT NULL ORDER BY no", err) <
	    0)
		return -1;
	while ((r = pk_stmt_step(&st, err)) == 1) {
		pk_autofree char *place = pk_str_dup(pk_stmt_col(&st, 1)), *path = NULL;
		struct pk_str want = pk_stmt_col(&st, 2);
		struct pk_err why = {0};
		uint8_t have[64];
		uint64_t size = 0;

		if (!place)
			return pk_fail_oom(err);
		if (pk_case_path(k->c, place, &path, err) < 0)
			return -1;
		if (check_mode(k, path, 0600) < 0 && errno == ENOENT)
			pk_finding(&k->found, true, "'%s' is missing", path);
		else if (pk_stage_digest(path, k->found.sink->ev, have, &size, &why) < 0)
			pk_finding(&k->found, true, "%s", why.msg);
		else if (want.n != 64 || memcmp(want.p, have, 64) != 0)
			pk_finding(&k->found, true, "'%s' was changed", path);
		if (check_sidecars(k, pk_stmt_col_int(&st, 0), path, err) < 0)
			return -1;
	}
	return r;
}

/* Files that no row knows: what an interrupted import left, or someone put there. */
static int check_leftovers(struct checker *k, const char *folder, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	pk_autofree char *path = NULL;
	struct dirent *e = NULL;
	DIR *d = NULL;
	int r = 0;

	if (pk_case_path(k->c, folder, &path, err) < 0)
		return -1;
	if (!(d = opendir(path))) {
		pk_finding(&k->found, true, "the folder '%s' is missing", path);
		return 0;
	}
	(void)check_mode(k, path, 0700);
	r = pk_stmt_init(&st, k->c,
			 "SELECT 1 FROM intake i WHERE i.place = ?1 UNION ALL SELECT 1 FROM intake i "
			 "JOIN sidecar s ON s.intake = i.no WHERE i.place || s.suffix = ?1",
			 err);
	while (r >= 0 && (e = readdir(d)) != NULL) {
		PK_AUTO(pk_buf) place = {0};

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		pk_buf_putf(&place, "%s/%s", folder, e->d_name);
		if (pk_buf_check(&place, err) < 0) {
			r = -1;
			break;
		}
		pk_stmt_text(&st, 1, pk_buf_str(&place));
		r = pk_stmt_step(&st, err);
		if (r == 0)
			pk_finding(
				&k->found, false,
				"'%s/%s' belongs to no bundle: left by an interrupted import, which may be run again",
				k->c->dir, place.p);
		pk_stmt_reset(&st);
	}
	closedir(d);
	return r < 0 ? -1 : 0;
}

int pk_case_check(struct pk_case *c, const struct pk_check_sink *sink, uint64_t *ret_bad, struct pk_err *err)
{
	struct checker k = {.c = c, .found = {.sink = sink}};

	pk_event_progress(sink->ev, "database", 0, 0);
	if (check_pragma(&k, "PRAGMA integrity_check", err) < 0 || check_references(&k, err) < 0 ||
	    check_intakes(&k, err) < 0)
		return -1;
	pk_event_progress(sink->ev, "full text", 0, 0);
	if (check_full_text(&k, err) < 0 || pk_case_custody_check(c, sink, &k.found.bad, err) < 0 ||
	    check_opinions(&k, err) < 0 || check_files(&k, err) < 0 || check_leftovers(&k, "bundles", err) < 0 ||
	    check_leftovers(&k, "quarantine", err) < 0)
		return -1;
	(void)check_mode(&k, c->dir, 0700);
	*ret_bad = k.found.bad;
	return 0;
}
