/* SPDX-License-Identifier: Apache-2.0 */
/* How a process begins that parses: what it shall not have is gone before its sandbox is entered. */
#ifndef PICKET_SCAN_SETTLE_H
#define PICKET_SCAN_SETTLE_H

#include <stddef.h>

/** Leaves descriptors 0 to 2 on /dev/null (closed without it) and fds[i] on 3 + i; all others are closed. A key pressed
 * at the terminal is the business of whoever started it. Exits where that cannot be had. */
void pk_settle(const int *fds, size_t n);

#endif
