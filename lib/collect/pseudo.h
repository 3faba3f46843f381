/* SPDX-License-Identifier: Apache-2.0 */
/** Reading files whose size says nothing and whose reads may never return (proc, sysfs). */
#ifndef PICKET_COLLECT_PSEUDO_H
#define PICKET_COLLECT_PSEUDO_H

#include <picket/str.h>

/** Appends what fd gives up to `max` bytes, read by a child that is given up after timeout_ms. *ret_cut: there was
 * more. PK_ESYS with ETIMEDOUT when it hung; what came before that is in ret all the same. */
PK_NODISCARD int pseudo_read(int fd, size_t max, int timeout_ms, struct pk_buf *ret, bool *ret_cut, struct pk_err *err);

#endif
