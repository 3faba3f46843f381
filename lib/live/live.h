/* SPDX-License-Identifier: Apache-2.0 */
/* Inside lib/live: rows, guarded readers, small-file reading, and what the tables share. */
#ifndef PK_LIB_LIVE_H
#define PK_LIB_LIVE_H

#include <errno.h>
#include <picket/hash.h>
#include <picket/io.h>
#include <picket/live.h>
#include <picket/time.h>
#include <sys/stat.h>

/* --- rows ------------------------------------------------------------------------------------------ */

/** Starts a row; put columns with pk_json_k* into it, then live_emit. */
struct pk_json *live_row(struct pk_live_out *out);
PK_NODISCARD int live_emit(struct pk_live_out *out, struct pk_err *err);
/** Text of unknown kind, cut at PK_LIVE_MAX_VALUE (a cut value is noted). */
void live_kbytes(struct pk_live_out *out, const char *key, struct pk_str bytes);
/** Text, left out when empty. */
void live_kopt(struct pk_live_out *out, const char *key, struct pk_str bytes);
bool live_expired(const struct pk_live_ctx *ctx); /* the table's deadline has passed */

/* --- guarded items (guard.c) ----------------------------------------------------------------------- */

struct live_guard {
	const char *what; /* "process", "mount": for notes */
	const uint64_t *keys;
	size_t n;
	/** In the child. `careful`: the first try hung, leave out what may block. */
	int (*each)(const struct pk_live_ctx *ctx, struct pk_live_out *out, uint64_t key, bool careful, void *arg,
		    struct pk_err *err);
	/** In the parent: bytes that `each` sent with live_guard_send; may be NULL. */
	int (*data)(void *arg, uint64_t key, struct pk_str bytes, struct pk_err *err);
	void *arg;
	unsigned timeout_ms; /* 0: ctx->item_timeout_ms */
};
PK_NODISCARD int live_guard_run(const struct pk_live_ctx *ctx, struct pk_live_out *out, const struct live_guard *g,
				struct pk_err *err);
/** From `each` to `data`, at most PK_LIVE_MAX_LINE bytes. */
PK_NODISCARD int live_guard_send(struct pk_live_out *out, struct pk_str bytes, struct pk_err *err);

/* --- files (file.c): all return 0 or an errno -------------------------------------------------------- */

/** Appends up to max bytes of a file (no link followed, never blocks on a FIFO); *ret_cut: there was more. */
int live_read_at(int dirfd, const char *name, size_t max, struct pk_buf *b, bool *ret_cut);
/** The same, without the last newline, as a slice of b (which is reset first). Empty on any error. */
struct pk_str live_line_at(int dirfd, const char *name, struct pk_buf *b);
int live_readlink_at(int dirfd, const char *name, struct pk_buf *b);
/** Regular file beneath the root. */
int live_read_root(const struct pk_live_ctx *ctx, struct pk_str path, size_t max, struct pk_buf *b, bool *ret_cut);
/** Directory beneath the root; *ret_fd is the caller's. */
int live_dir_root(const struct pk_live_ctx *ctx, struct pk_str path, int *ret_fd);
/** Reads a file beneath the root; anything but success and ENOENT is noted. False: nothing there. */
bool live_text_root(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_str path, struct pk_buf *b);
/** Sorted names in an open directory, without "." and "..". */
int live_list(int dirfd, struct pk_strv *ret);
/** "dir/name" in b, which is reset first. */
struct pk_str live_join(struct pk_buf *b, struct pk_str dir, struct pk_str name);

/* --- processes (pids.c) ------------------------------------------------------------------------------ */

struct live_keys {
	uint64_t *v;
	size_t n, cap;
};
void live_keys_done(struct live_keys *k);
PK_NODISCARD int live_keys_add(struct live_keys *k, uint64_t v, struct pk_err *err);
void live_keys_sort(struct live_keys *k);                  /* ascending, repeats dropped */
bool live_keys_has(const struct live_keys *k, uint64_t v); /* sorted */
/** All pids that /proc lists, and those found hidden; or those alone that the context is about. */
PK_NODISCARD int live_pids(const struct pk_live_ctx *ctx, struct live_keys *ret, struct pk_err *err);
/** Pids listed by one proc directory. */
PK_NODISCARD int live_pids_of(int proc_fd, struct live_keys *ret, struct pk_err *err);
/** Pids that live and that no listing shows (asks the kernel for every number there may be). */
PK_NODISCARD int live_find_hidden(const struct pk_live_ctx *ctx, struct live_keys *ret, struct pk_err *err);
/** Directory of a process; 0 or an errno. */
int live_pid_dir(const struct pk_live_ctx *ctx, uint64_t pid, int *ret_fd);
/** ENOENT and ESRCH: it has ended meanwhile. */
static inline bool live_vanished(int e) { return e == ENOENT || e == ESRCH; }
/** Seconds since the epoch at which the kernel booted, from /proc/stat; 0 when unknown. */
int64_t live_boot_time(const struct pk_live_ctx *ctx);

/* --- text ------------------------------------------------------------------------------------------- */

/** Next word of *s, separated by blanks and tabs; false at the end. */
bool live_word(struct pk_str *s, struct pk_str *ret);
bool live_u64(struct pk_str s, uint64_t *ret); /* decimal, leading zeros allowed */
bool live_i64(struct pk_str s, int64_t *ret);
bool live_hex(struct pk_str s, uint64_t *ret); /* without 0x, 1 to 16 digits */
/** The value after "KEY" and the separator in a text of lines ("Tgid:\t12"), trimmed; false when there is none. */
bool live_field(struct pk_str text, struct pk_str key, char sep, struct pk_str *ret);
/** An address in network order (4 or 16 bytes) in the usual notation. */
void live_put_addr(struct pk_buf *b, int family, const uint8_t *addr);

#endif
