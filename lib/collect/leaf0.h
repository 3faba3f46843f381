/* SPDX-License-Identifier: Apache-2.0 */
/** What leaf 0 says of the host. */
#ifndef PICKET_COLLECT_LEAF0_H
#define PICKET_COLLECT_LEAF0_H

#include <picket/collect.h>

/** One object: ids and facts of the host, and its clocks. */
void pk_collect_put_host(struct pk_json *j, const struct pk_root *root, const struct pk_facts *f);
/** Members: wall, monotonic, boottime (decimal seconds), synchronized, max_error_us. */
void pk_collect_put_clocks(struct pk_json *j);

#endif
