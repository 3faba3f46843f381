/* SPDX-License-Identifier: Apache-2.0 */
/** Inside lib/base: a parsed JSON value, between who reads it and who asks it. */
#ifndef PICKET_BASE_JSONVALUE_H
#define PICKET_BASE_JSONVALUE_H

#include <picket/json.h>

enum pk_json_type {
	PK_JSON_TEXT,
	PK_JSON_INTEGER,
	PK_JSON_REAL,
	PK_JSON_BOOLEAN,
	PK_JSON_NULL,
	PK_JSON_LIST,
	PK_JSON_OBJECT
};

/* Of an object, members are a PK_JSON_TEXT and its value, one behind the other. */
struct pk_json_value {
	uint8_t type;
	bool yes;
	uint32_t n; /* bytes; elements; members */
	union {
		const char *text; /* PK_JSON_REAL: as written */
		int64_t integer;
		const struct pk_json_value *child;
	} is;
};

#endif
