/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled rules of earlier runs, kept in a folder of the user's.
 *
 * They are code to libyara, so nothing is taken that this user did not put there: folder, key and files belong to
 * the user alone, and each file bears a MAC by the key. Its name and the MAC also cover all that compiling depends
 * on: the sources, the external variables, libyara, the limits, and the very build of this program. When anything is in
 * doubt there is simply nothing in the cache. */
#ifndef PICKET_SCAN_RULECACHE_H
#define PICKET_SCAN_RULECACHE_H

#include <picket/rules.h>

struct pk_rulecache;

/** The cache in `folder` (made when it is missing, with its parent) for these rules. */
PK_NODISCARD int pk_rulecache_open(const char *folder, const struct pk_rules *rules, struct pk_rulecache **ret,
				   struct pk_err *err);
/** What was put there as `part`, in memory that `store` owns; false when there is nothing that can be trusted. */
bool pk_rulecache_get(const struct pk_rulecache *c, unsigned part, struct pk_buf *store, struct pk_str *ret);
/** Replaces it; the oldest files make room. */
PK_NODISCARD int pk_rulecache_put(const struct pk_rulecache *c, unsigned part, struct pk_str bytes, struct pk_err *err);
void pk_rulecache_free(struct pk_rulecache *c);

#endif
