/* SPDX-License-Identifier: Apache-2.0 */
/* The parser child: forked with the file key and a pipe, without rights, telling what it reads. Private to lib/bundle. */
#ifndef PICKET_BUNDLE_PARSECHILD_H
#define PICKET_BUNDLE_PARSECHILD_H

#include "tell.h"

/* What the parent does with each message: 0 goes on, 1 has heard enough, -1 fails. */
typedef int (*pk_hear)(void *ctx, enum pk_tell what, struct pk_str bytes, struct pk_err *err);
/* What the child does; runs in the child. */
typedef int (*pk_parse_job)(void *arg, struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err);

/* Runs job in a child on this file. The error of a child is the error here; a child killed by a signal of its own is
 * PK_EFORMAT, one that ends without a word PK_ESYS: that says nothing of the bundle. */
PK_NODISCARD int pk_child_run(struct pk_age_file *age, pk_parse_job job, void *arg, pk_hear hear, void *ctx,
			      struct pk_err *err);

/* The same in two steps, for who has other things to do before it listens: the child is forked at `start`, and knows
 * nothing that came after. Zero-initialise; `done` ends a child that nobody listened to. */
struct pk_child {
	int pid; /* 0: none */
	int fd;
};
PK_NODISCARD int pk_child_start(struct pk_child *c, struct pk_age_file *age, pk_parse_job job, void *arg,
				struct pk_err *err);
PK_NODISCARD int pk_child_hear(struct pk_child *c, pk_hear hear, void *ctx, struct pk_err *err);
void pk_child_done(struct pk_child *c);

#endif
