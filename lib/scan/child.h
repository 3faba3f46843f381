/* SPDX-License-Identifier: Apache-2.0 */
/* A scan child's life, inside the sandbox. */
#ifndef PICKET_SCAN_CHILD_H
#define PICKET_SCAN_CHILD_H

#include "compile.h"

#include <picket/slots.h>

struct pk_scan_child_params {
	int fd; /* to the pool */
	const struct pk_compiled *rules;
	const struct pk_rules *sources; /* of these rules */
	const struct pk_slots *slots;
	unsigned timeout_seconds;
};
/** Answers batches that come over fd until it closes. */
_Noreturn void pk_scan_child_main(const struct pk_scan_child_params *p);

#endif
