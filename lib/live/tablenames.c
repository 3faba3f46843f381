/* SPDX-License-Identifier: Apache-2.0 */
/* The names of the tables, for who reads their rows: without the code that makes them. */
#include "tables.h"

bool pk_live_is_table(const char *name)
{
#define TABLE(t) #t,
	static const char *const names[] = {LIVE_TABLES};
#undef TABLE

	for (size_t i = 0; i < PK_LEN(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}
