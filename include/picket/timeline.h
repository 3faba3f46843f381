/* SPDX-License-Identifier: Apache-2.0 */
/** Moments: what happened when, found in live tables (and, one parser a file, in what was collected). */
#ifndef PICKET_TIMELINE_H
#define PICKET_TIMELINE_H

#include <picket/json.h>
#include <picket/time.h>

/** One thing that happened. Slices are valid during the call only. */
struct pk_moment {
	struct pk_time t;
	const char *what;   /* a few fixed words: "process started" */
	struct pk_str text; /* UTF-8, for people and for full text */
};
struct pk_moment_sink {
	int (*put)(void *ctx, const struct pk_moment *m, struct pk_err *err);
	void *ctx;
};

/** A row of a live table gives no, one or several moments; tables without times give none. Values that are no
 * time (empty, zero, text) give none either: a hostile host can write anything. */
PK_NODISCARD int pk_timeline_live(struct pk_str table, const struct pk_json_value *row, struct pk_moment_sink sink,
				  struct pk_err *err);
/** Reads a time as live tables write it: a decimal string, or an integer. */
PK_NODISCARD bool pk_timeline_value(const struct pk_json_value *row, const char *column, struct pk_time *ret);

#endif
