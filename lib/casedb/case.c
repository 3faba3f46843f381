/* SPDX-License-Identifier: Apache-2.0 */
/* Making and opening a case: the folder, the database, the rules under which SQLite runs. */
#include "db.h"

#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <picket/json.h>
#include <picket/label.h>
#include <picket/note.h>
#include <picket/secret.h>

/* The schema as text, straight from schema.sql (see the Makefile's dependency line). */
extern const char pk_case_schema[];
__asm__(".section .rodata\n"
	".global pk_case_schema\n"
	"pk_case_schema:\n"
	".incbin \"lib/casedb/schema.sql\"\n"
	".byte 0\n"
	".previous\n");

void pk_case_free(struct pk_case *c)
{
	if (!c)
		return;
	pk_case_rollback(c);
	sqlite3_close_v2(c->db);
	free(c->dir);
	free(c->author);
	free(c->team);
	free(c->place);
	free(c->reason);
	free(c->key);
	free(c);
}

bool pk_case_is_writable(const struct pk_case *c) { return c->writable; }

/* pk_reason(why): without the names that it quotes, so that equal reasons of many paths count together. */
static void sql_reason(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str s;
	bool quoted = false;

	(void)argc;
	if (sqlite3_value_type(argv[0]) != SQLITE_TEXT) {
		sqlite3_result_value(ctx, argv[0]);
		return;
	}
	s = pk_str_n(sqlite3_value_text(argv[0]), (size_t)sqlite3_value_bytes(argv[0]));
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\'') {
			pk_buf_puts(&b, quoted ? "...'" : "'");
			quoted = !quoted;
		} else if (!quoted) {
			pk_buf_put_c(&b, s.p[i]);
		}
	}
	if (b.oom)
		sqlite3_result_error_nomem(ctx);
	else if (quoted) /* no pair of quotes: leave it as it is */
		sqlite3_result_value(ctx, argv[0]);
	else
		sqlite3_result_text64(ctx, b.p ? b.p : "", b.n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* A bundle's label as it is shown, of its columns. */
static void sql_label(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str col[4] = {0};

	for (int i = 0; i < argc && i < 4; i++) { /* the text first: that may convert, and change the size */
		col[i].p = (const char *)sqlite3_value_text(argv[i]);
		col[i].n = (size_t)sqlite3_value_bytes(argv[i]);
	}
	pk_buf_put_label_columns(&b, col[0], col[1], col[2], col[3]);
	if (b.oom)
		sqlite3_result_error_nomem(ctx);
	else
		sqlite3_result_text64(ctx, b.p, b.n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* A case may have been on someone else's disk: nothing in its schema may act on its own, and nothing in it may
 * be large beyond reason. */
static int configure(struct pk_case *c, struct pk_err *err)
{
	static const struct {
		int what, on;
	} flags[] = {
		{SQLITE_DBCONFIG_DEFENSIVE, 1},
		{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
		{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
		{SQLITE_DBCONFIG_ENABLE_FKEY, 1},
		{SQLITE_DBCONFIG_DQS_DML, 0},
		{SQLITE_DBCONFIG_DQS_DDL, 0},
		{SQLITE_DBCONFIG_ENABLE_VIEW, 0},
	};
	static const struct {
		const char *name;
		int args;
		void (*f)(sqlite3_context *, int, sqlite3_value **);
	} functions[] = {{"pk_reason", 1, sql_reason}, {"pk_label", 4, sql_label}};

	for (size_t i = 0; i < PK_LEN(flags); i++) {
		int r = sqlite3_db_config(c->db, flags[i].what, flags[i].on, NULL);

		if (r != SQLITE_OK)
			return pk_case_fail(c, r, err);
	}
	for (size_t i = 0; i < PK_LEN(functions); i++) {
		int r = sqlite3_create_function_v2(c->db, functions[i].name, functions[i].args,
						   SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
						   functions[i].f, NULL, NULL, NULL);

		if (r != SQLITE_OK)
			return pk_case_fail(c, r, err);
	}
	sqlite3_extended_result_codes(c->db, 1);
	sqlite3_busy_timeout(c->db, PK_CASE_BUSY_MS);
	sqlite3_limit(c->db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(c->db, SQLITE_LIMIT_LENGTH, 64 << 20);
	sqlite3_limit(c->db, SQLITE_LIMIT_TRIGGER_DEPTH, 10);
	/* rollback journal: people copy the one file, and some case folders are on network shares; temporary
	 * tables would be evidence outside the case */
	return pk_case_exec(c,
			    "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA cell_size_check=ON;"
			    "PRAGMA mmap_size=0; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;",
			    err);
}

static int open_db(struct pk_case *c, int flags, struct pk_err *err)
{
	pk_autofree char *file = NULL;
	int rc = SQLITE_OK;

	if (pk_case_path(c, "case.db", &file, err) < 0)
		return -1;
	rc = sqlite3_open_v2(file, &c->db, flags | SQLITE_OPEN_EXRESCODE, NULL);
	if (rc != SQLITE_OK)
		return pk_case_fail(c, rc, err);
	return 0;
}

static int new_case(const char *dir, const char *author, struct pk_case **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_case) c = calloc(1, sizeof(*c));

	if (!c || !(c->dir = pk_str_dup(pk_str(dir))))
		return pk_fail_oom(err);
	if (author && (!*author || !pk_str_is_visible(pk_str(author))))
		return pk_fail(err, PK_EUSAGE, 0, "the author's name (--author) must be one line of visible text");
	if (author && !(c->author = pk_str_dup(pk_str(author))))
		return pk_fail_oom(err);
	*ret = pk_steal(&c);
	return 0;
}

/* *ret_made: it was not there before. */
static int make_folder(const char *dir, bool *ret_made, struct pk_err *err)
{
	*ret_made = mkdir(dir, 0700) == 0;
	if (!*ret_made) {
		struct dirent *e = NULL;
		DIR *d = NULL;
		bool empty = true;

		if (errno != EEXIST)
			return pk_fail(err, PK_ESYS, errno, "cannot make the folder '%s'", dir);
		if (!(d = opendir(dir)))
			return pk_fail(err, PK_ESYS, errno, "cannot open the folder '%s'", dir);
		while ((e = readdir(d)) != NULL)
			empty = empty && (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0);
		closedir(d);
		if (!empty)
			return pk_fail(err, PK_EUSAGE, 0,
				       "'%s' exists and is not empty: name a new folder for the case", dir);
		if (chmod(dir, 0700) < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot close the folder '%s' to others", dir);
	}
	return 0;
}

static int make_subfolder(const struct pk_case *c, const char *name, struct pk_err *err)
{
	pk_autofree char *path = NULL;

	if (pk_case_path(c, name, &path, err) < 0)
		return -1;
	if (mkdir(path, 0700) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot make the folder '%s'", path);
	return 0;
}

static struct pk_str last_component(const char *dir)
{
	struct pk_str s = pk_str(dir);
	size_t at = 0;

	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '/' && i + 1 < s.n)
			at = i + 1;
	return pk_str_n(s.p + at, s.n - at);
}

/* What every custody line says of where and why, unless its act does. */
static int put_circumstances(struct pk_case *c, const struct pk_case_params *p, struct pk_err *err)
{
	PK_AUTO(pk_buf) key = {0};
	struct utsname host;
	const char *place = p->place;

	if (!place && uname(&host) == 0 && pk_str_is_visible(pk_str(host.nodename)))
		place = host.nodename;
	if ((place && !pk_str_is_visible(pk_str(place))) || (p->reason && !pk_str_is_visible(pk_str(p->reason))))
		return pk_fail(err, PK_EUSAGE, 0, "place and reason are one line of visible text each");
	if (p->key) {
		pk_buf_putf(&key, "%s+", p->key->name);
		pk_buf_put_hex(&key, p->key->hash, sizeof(p->key->hash));
	}
	if (pk_buf_check(&key, err) < 0 || (place && pk_case_meta_put(c, "place", pk_str(place), err) < 0) ||
	    (p->reason && pk_case_meta_put(c, "reason", pk_str(p->reason), err) < 0) ||
	    (p->key && pk_case_meta_put(c, "key", pk_buf_str(&key), err) < 0))
		return -1;
	return 0;
}

static int load_fact(struct pk_case *c, const char *name, char **ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};

	if (pk_case_meta_get(c, name, &b, err) < 0)
		return -1;
	if (b.n && !(*ret = pk_buf_take(&b)))
		return pk_fail_oom(err);
	return 0;
}

static int load_facts(struct pk_case *c, struct pk_err *err)
{
	if (load_fact(c, "team", &c->team, err) < 0 || load_fact(c, "place", &c->place, err) < 0 ||
	    load_fact(c, "reason", &c->reason, err) < 0 || load_fact(c, "key", &c->key, err) < 0)
		return -1;
	return c->team ? 0 : pk_fail(err, PK_EFORMAT, 0, "'%s/case.db' does not say whose case it is", c->dir);
}

static int first_rows(struct pk_case *c, const struct pk_case_params *p, struct pk_err *err)
{
	PK_AUTO(pk_buf) now = {0};
	PK_AUTO(pk_buf) id = {0};
	PK_AUTO(pk_buf) object = {0};
	PK_AUTO(pk_buf) details = {0};
	struct pk_json j = {.out = &details};
	struct pk_str name = p->name ? pk_str(p->name) : last_component(c->dir);
	struct pk_str team = p->team ? pk_str(p->team) : PK_STR("local");
	uint8_t rnd[16];

	if (!name.n || !team.n || !pk_str_is_visible(name) || !pk_str_is_visible(team))
		return pk_fail(err, PK_EUSAGE, 0, "the names of a case and a team are one line of visible text each");
	pk_random(rnd, sizeof(rnd));
	pk_buf_put_hex(&id, rnd, sizeof(rnd));
	pk_case_now(&now);
	if (pk_buf_check(&id, err) < 0 || pk_buf_check(&now, err) < 0 ||
	    pk_case_meta_put(c, "id", pk_buf_str(&id), err) < 0 || pk_case_meta_put(c, "name", name, err) < 0 ||
	    pk_case_meta_put(c, "team", team, err) < 0 || pk_case_meta_put(c, "created", pk_buf_str(&now), err) < 0 ||
	    put_circumstances(c, p, err) < 0 || load_facts(c, err) < 0)
		return -1;
	pk_buf_puts(&object, "case:");
	pk_buf_put_str(&object, pk_buf_str(&id));
	pk_json_kstr(&j, "name", name);
	if (pk_buf_check(&object, err) < 0 || pk_json_check(&j, err) < 0)
		return -1;
	return pk_case_custody_put(c, "init", object.p, pk_buf_str(&details), err);
}

/* What begin_case made, in a folder that was empty; needs no memory. */
static void unmake(const char *dir, bool made_folder)
{
	static const struct {
		const char *name;
		int flags;
	} made[] = {{"case.db-journal", 0}, {"case.db", 0}, {"bundles", AT_REMOVEDIR}, {"quarantine", AT_REMOVEDIR}};
	pk_autoclose int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; fd >= 0 && i < PK_LEN(made); i++)
		unlinkat(fd, made[i].name, made[i].flags);
	if (made_folder)
		rmdir(dir);
}

static int begin_case(struct pk_case *c, const struct pk_case_params *params, struct pk_err *err)
{
	pk_autofree char *file = NULL;
	pk_autoclose int fd = -1;

	if (make_subfolder(c, "bundles", err) < 0 || make_subfolder(c, "quarantine", err) < 0 ||
	    pk_case_path(c, "case.db", &file, err) < 0)
		return -1;
	/* SQLite gives its journal the mode of the database, so the file is made here */
	fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot create '%s'", file);
	if (open_db(c, SQLITE_OPEN_READWRITE, err) < 0 || configure(c, err) < 0)
		return -1;
	c->writable = true;
	pk_autorollback struct pk_case *tx = c;
	if (pk_case_begin(tx, err) < 0 || pk_case_exec(c, pk_case_schema, err) < 0 || first_rows(c, params, err) < 0)
		return -1;
	return pk_case_commit(tx, err);
}

int pk_case_init(const char *dir, const struct pk_case_params *params, const char *author, struct pk_err *err)
{
	PK_AUTOPTR(pk_case) c = NULL;
	bool made_folder = false;

	if (pk_crypto_init(err) < 0 || new_case(dir, author, &c, err) < 0 || make_folder(dir, &made_folder, err) < 0)
		return -1;
	if (begin_case(c, params, err) == 0)
		return 0;
	unmake(dir, made_folder);
	return -1;
}

static int check_version(struct pk_case *c, struct pk_err *err)
{
	int64_t app = 0, version = 0;

	if (pk_case_int(c, "PRAGMA application_id", 0, &app, err) < 0 ||
	    pk_case_int(c, "PRAGMA user_version", 0, &version, err) < 0)
		return -1;
	if (app != PK_CASE_APPLICATION_ID)
		return pk_fail(err, PK_EFORMAT, 0, "'%s/case.db' is not a case (made by 'picket-case init')", c->dir);
	if (version > PK_CASE_VERSION)
		return pk_fail(err, PK_EFORMAT, 0,
			       "'%s' has format %lld, this Picket knows %d: use the newer one that made it", c->dir,
			       (long long)version, PK_CASE_VERSION);
	if (version != PK_CASE_VERSION)
		return pk_fail(err, PK_EFORMAT, 0, "'%s' has format %lld, which is not known", c->dir,
			       (long long)version);
	return 0;
}

int pk_case_open(const char *dir, enum pk_case_mode mode, const char *author, struct pk_case **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_case) c = NULL;
	pk_autofree char *file = NULL;
	bool may_write = false;

	if (pk_crypto_init(err) < 0 || new_case(dir, author, &c, err) < 0 || pk_case_path(c, "case.db", &file, err) < 0)
		return -1;
	if (access(file, F_OK) < 0)
		return pk_fail(err, errno == ENOENT || errno == ENOTDIR ? PK_EUSAGE : PK_ESYS, errno,
			       "'%s' is not a case (make one with 'picket-case init %s')", dir, dir);
	may_write = access(file, W_OK) == 0 && access(dir, W_OK) == 0;
	if (mode == PK_CASE_WRITE && !may_write)
		return pk_fail(err, PK_ESYS, errno, "cannot write to the case '%s'", dir);
	/* A reader also opens for writing where it may: it has to roll back what a killed writer left. */
	if (open_db(c, may_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, err) < 0 || configure(c, err) < 0 ||
	    check_version(c, err) < 0)
		return -1;
	c->writable = may_write && mode != PK_CASE_READ;
	if (!c->writable && pk_case_exec(c, "PRAGMA query_only=ON", err) < 0)
		return -1;
	if (load_facts(c, err) < 0)
		return -1;
	*ret = pk_steal(&c);
	return 0;
}

int pk_case_open_again(const struct pk_case *of, struct pk_case **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_case) c = NULL;

	if (new_case(of->dir, NULL, &c, err) < 0 || open_db(c, SQLITE_OPEN_READONLY, err) < 0 || configure(c, err) < 0)
		return -1;
	*ret = pk_steal(&c);
	return 0;
}

int pk_case_fact(struct pk_case *c, const char *key, struct pk_buf *ret, struct pk_err *err)
{
	return pk_case_meta_get(c, key, ret, err);
}
