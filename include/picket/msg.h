/* SPDX-License-Identifier: Apache-2.0 */
/** Messages for people, on standard error, and the progress line. Only tools/ calls this; the library returns
 * errors or calls a `struct pk_events`. */
#ifndef PICKET_MSG_H
#define PICKET_MSG_H

#include <picket/str.h>

extern bool pk_msg_quiet;
extern int pk_msg_verbose;
extern const char *pk_msg_tool; /* set by pk_tool_main */

/* Every message is one line and one write, made safe for terminals here: text that is escaped already (err.msg)
 * is not escaped twice. */

void pk_msg_error(const struct pk_err *err);              /* "TOOL: error text", always */
void pk_msg_warn(const char *fmt, ...) PK_PRINTF(1, 2);   /* "TOOL: warning: ...", unless quiet */
void pk_msg_info(const char *fmt, ...) PK_PRINTF(1, 2);   /* unless quiet */
void pk_msg_detail(const char *fmt, ...) PK_PRINTF(1, 2); /* with -v */
/** One line on a terminal, at most ten a second, erased before any message; nothing in pipes. */
void pk_msg_progress(const char *fmt, ...) PK_PRINTF(1, 2);
void pk_msg_progress_done(void);

/** What the library calls instead of printing. Members may be NULL; the struct may be NULL. */
struct pk_events {
	void *ctx;
	void (*warn)(void *ctx, const char *text);
	void (*progress)(void *ctx, const char *what, uint64_t done, uint64_t total); /* total 0: unknown */
};
void pk_event_warn(const struct pk_events *ev, const char *fmt, ...) PK_PRINTF(2, 3);
void pk_event_progress(const struct pk_events *ev, const char *what, uint64_t done, uint64_t total);
/** Events that go to pk_msg_warn and pk_msg_progress. */
extern const struct pk_events pk_msg_events;

/** The line with a newline added, to standard output. */
PK_NODISCARD int pk_stdout_line(struct pk_buf *line, struct pk_err *err);
/** Flushes standard output; a write error (full disk, closed pipe) is an error. */
PK_NODISCARD int pk_stdout_done(struct pk_err *err);

/** Text columns for people: collects cells row by row, prints them aligned and escaped on standard output, with
 * columns of numbers to the right; without rows, prints nothing. Zero-initialise. Out of memory is told by
 * pk_table_print. */
struct pk_table {
	struct pk_buf cells; /* private: escaped, each ends in a NUL; the headings first */
	size_t columns, n;   /* private: n cells so far, headings included */
};
void pk_table_begin(struct pk_table *t, const char *const *headings, size_t columns);
void pk_table_cell(struct pk_table *t, struct pk_str text);
void pk_table_cellf(struct pk_table *t, const char *fmt, ...) PK_PRINTF(2, 3);
PK_NODISCARD int pk_table_print(struct pk_table *t, struct pk_err *err);
void pk_table_done(struct pk_table *t);

#endif
