/* SPDX-License-Identifier: Apache-2.0 */
/** Live state as tables: native readers of /proc, /sys, netlink and the files that hold a host's accounts,
 * logins, jobs and packages. No host program, library or name service is used.
 *
 * A table is named and shaped as osquery names and shapes it where osquery has it; columns of our own come
 * after osquery's. One row is one JSON object on one line. A column that does not apply or could not be read
 * is left out of the row. Bytes that are not UTF-8 come as `COLUMN_b64` (see pk_json_kbytes). Rows come in a
 * fixed order (by pid, by inode, by path...), so that two dumps of the same state are equal.
 *
 * What could not be read, and why, is a note: never a silent gap, and no failure of the table. What vanishes
 * while it is read (a process that ends) is an outcome and leaves no note.
 *
 * Readers of processes and mounts run in a forked child which is given up when it hangs: a table costs at most
 * `item_timeout_ms` for each process that blocks. Call from a process that may fork. */
#ifndef PICKET_LIVE_H
#define PICKET_LIVE_H

#include <picket/json.h>
#include <picket/path.h>

#define PK_LIVE_MAX_LINE (1u << 20)   /* one row: bytes */
#define PK_LIVE_MAX_VALUE (64u << 10) /* one text value: bytes; longer ones are cut, and noted */
#define PK_LIVE_MAX_FILE (64u << 20)  /* one file read whole by a table (wtmp, dpkg status...): bytes */
#define PK_LIVE_MAX_ITEMS (8u << 20)  /* processes, files of a walk, entries of a list */
#define PK_LIVE_ITEM_TIMEOUT_MS 2000u

enum pk_live_type {
	PK_LIVE_TEXT,    /* a JSON string */
	PK_LIVE_INTEGER, /* a JSON integer, osquery's INTEGER */
	PK_LIVE_BIGINT,  /* a JSON integer, osquery's BIGINT */
	PK_LIVE_TIME,    /* decimal seconds since the epoch in a string (pk_buf_put_time) */
};
/** "text", "integer", "bigint", "time" */
const char *pk_live_type_name(enum pk_live_type t);

struct pk_live_column {
	const char *name; /* NULL ends the list */
	enum pk_live_type type;
	const char *doc; /* a few words, lower case, no full stop */
};

/** Where a table reads from. */
struct pk_live_ctx {
	const struct pk_root *root; /* borrowed: files of the host or of an image */
	int proc_fd;                /* directory of a procfs, or -1: an image */
	int mounted_proc_fd;        /* the host's own /proc when proc_fd is a fresh instance, for comparison; or -1 */
	int sys_fd;                 /* directory of /sys, or -1 */
	bool live;                  /* the running kernel may be asked too (netlink, bpf(2), clocks, kill(pid, 0)) */
	unsigned item_timeout_ms;   /* how long one process or mount may block */
	uint64_t deadline_ns;       /* pk_time_mono_ns() at which a table stops and notes it; 0: never */
	uint64_t hash_max_bytes;    /* larger executables are not hashed, and noted; 0: no limit */
	uint64_t *hidden;           /* pids that live and that /proc does not list; found by init */
	size_t hidden_n;
	const uint64_t *only; /* tables of processes and sockets are about these pids alone; NULL: about all */
	size_t only_n;
};
/** For a host (root->is_host: opens /proc and /sys, on a fresh detached procfs where we may, so that nothing
 * mounted over /proc/PID hides it) or an image. A test fills the struct itself, with a made-up tree.
 * `root` must outlive it. */
PK_NODISCARD int pk_live_ctx_init(struct pk_live_ctx *ctx, const struct pk_root *root, struct pk_err *err);
void pk_live_ctx_done(struct pk_live_ctx *ctx);

/** Where rows and notes go. Fill the first three members, zero the rest; pk_live_out_done afterwards. */
struct pk_live_out {
	/** One row, without newline; -1 stops the table. */
	int (*row)(void *arg, struct pk_str line, struct pk_err *err);
	/** What was not read, and why; text is safe to print. May be NULL. */
	void (*note)(void *arg, const char *text);
	void *arg;
	uint64_t rows, notes; /* how many so far */
	/* private */
	struct pk_buf line;
	struct pk_json json;
};
void pk_live_out_done(struct pk_live_out *out);
/** Notes what was skipped or denied. A table's notes past the first 1000 are counted, not delivered. */
void pk_live_note(struct pk_live_out *out, const char *fmt, ...) PK_PRINTF(2, 3);

struct pk_live_table {
	const char *name;
	const char *doc; /* one sentence, lower case, no full stop */
	const struct pk_live_column *columns;
	bool host_only;  /* needs a running host; the others also read an image beneath a root */
	bool on_request; /* not part of a default collection: large or sensitive */
	/** Fails only when a row cannot be delivered or memory is out. */
	int (*rows)(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err);
};

/** All tables, most volatile first; ends with NULL. */
extern const struct pk_live_table *const pk_live_tables[];
const struct pk_live_table *pk_live_find(struct pk_str name); /* or NULL */
bool pk_live_is_table(const char *name);                      /* without linking the tables */
/** Fills `out` with the rows of one table. A host_only table without a running host gives one note. */
PK_NODISCARD int pk_live_run(const struct pk_live_table *t, const struct pk_live_ctx *ctx, struct pk_live_out *out,
			     struct pk_err *err);
/** The reference page of all tables, in Markdown. */
void pk_live_put_docs(struct pk_buf *b);

#endif
