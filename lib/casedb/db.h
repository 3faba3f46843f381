/* SPDX-License-Identifier: Apache-2.0 */
/** Inside lib/casedb: the open case, statements and transactions. */
#ifndef PICKET_CASEDB_DB_H
#define PICKET_CASEDB_DB_H

#include <picket/case.h>
#include <picket/time.h>
#include <sqlite3.h>

#define PK_CASE_APPLICATION_ID 0x504B4331 /* "PKC1" */
#define PK_CASE_VERSION 1
#define PK_CASE_BUSY_MS 5000

struct pk_json;

struct pk_case {
	sqlite3 *db;
	char *dir;
	bool writable;
	bool in_tx;
	char *author; /* who acts, for custody and operations */
	char *team;   /* the station's name, from meta */
	char *place;  /* where the case is kept, */
	char *reason; /* why, */
	char *key;    /* and "NAME+HHHHHHHH" of the note key that signs its checkpoints; NULL: not said */
};

/** A prepared statement. Binding errors stick and come out of the next step. */
struct pk_stmt {
	sqlite3_stmt *s;
	struct pk_case *c;
	int rc;
};
void pk_stmt_done(struct pk_stmt *st);
PK_NODISCARD int pk_stmt_init(struct pk_stmt *st, struct pk_case *c, const char *sql, struct pk_err *err);
void pk_stmt_int(struct pk_stmt *st, int i, int64_t v);
void pk_stmt_text(struct pk_stmt *st, int i, struct pk_str v); /* p NULL binds NULL; must outlive the step */
void pk_stmt_z(struct pk_stmt *st, int i, const char *v);
void pk_stmt_blob(struct pk_stmt *st, int i, const void *p, size_t n);
void pk_stmt_null(struct pk_stmt *st, int i);
/** 1 a row, 0 done, -1 failed. */
PK_NODISCARD int pk_stmt_step(struct pk_stmt *st, struct pk_err *err);
/** Steps a statement that returns no rows, and resets it for the next use (bindings are cleared). */
PK_NODISCARD int pk_stmt_run(struct pk_stmt *st, struct pk_err *err);
void pk_stmt_reset(struct pk_stmt *st);
int64_t pk_stmt_col_int(struct pk_stmt *st, int i);
/** Valid until the next step. NULL gives {NULL, 0}. */
struct pk_str pk_stmt_col(struct pk_stmt *st, int i);
bool pk_stmt_col_null(struct pk_stmt *st, int i);

/** A second connection to the same database, which cannot write. */
PK_NODISCARD int pk_case_open_again(const struct pk_case *of, struct pk_case **ret, struct pk_err *err);
PK_NODISCARD int pk_case_fail(struct pk_case *c, int rc, struct pk_err *err);
PK_NODISCARD int pk_case_exec(struct pk_case *c, const char *sql, struct pk_err *err);
/** One integer; no row is `otherwise`. */
PK_NODISCARD int pk_case_int(struct pk_case *c, const char *sql, int64_t otherwise, int64_t *ret, struct pk_err *err);

/** BEGIN IMMEDIATE; waits PK_CASE_BUSY_MS for another writer, then says so. */
PK_NODISCARD int pk_case_begin(struct pk_case *c, struct pk_err *err);
PK_NODISCARD int pk_case_commit(struct pk_case *c, struct pk_err *err);
void pk_case_rollback(struct pk_case *c);
/** Rolls back at the scope's end unless committed: `pk_autorollback struct pk_case *tx = c;` */
void pk_cleanup_rollback(struct pk_case **c);
#define pk_autorollback __attribute__((cleanup(pk_cleanup_rollback)))

/** Appends a custody line (docs/custody-format.md). Inside a transaction. */
PK_NODISCARD int pk_case_custody_act(struct pk_case *c, const struct pk_custody_act *act, struct pk_err *err);
/** The same, of an act that is done where and why the case is kept. details: `"key":value,...` without braces, none
 * of the keys that every line has, or empty. */
PK_NODISCARD int pk_case_custody_put(struct pk_case *c, const char *action, const char *object, struct pk_str details,
				     struct pk_err *err);
/** For details: words of a host's, such as a path, of which so much goes in that the line stays within its limit. */
void pk_custody_put_words(struct pk_json *j, const char *key, struct pk_str words);
PK_NODISCARD int pk_case_meta_get(struct pk_case *c, const char *key, struct pk_buf *ret, struct pk_err *err);
PK_NODISCARD int pk_case_meta_put(struct pk_case *c, const char *key, struct pk_str value, struct pk_err *err);
/** DIR/case.db and so on. */
PK_NODISCARD int pk_case_path(const struct pk_case *c, const char *place, char **ret, struct pk_err *err);
/** Decimal seconds, as stored in columns of type TEXT. */
void pk_case_now(struct pk_buf *b);

#endif
