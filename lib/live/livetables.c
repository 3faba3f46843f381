/* SPDX-License-Identifier: Apache-2.0 */
/* The list of tables, and running one. */
#include "live.h"
#include "tables.h"

#define TABLE(t) &live_##t,
const struct pk_live_table *const pk_live_tables[] = {LIVE_TABLES NULL};
#undef TABLE

const char *pk_live_type_name(enum pk_live_type t)
{
	static const char *const names[] = {"text", "integer", "bigint", "time"};

	return (size_t)t < PK_LEN(names) ? names[t] : "text";
}

const struct pk_live_table *pk_live_find(struct pk_str name)
{
	for (size_t i = 0; pk_live_tables[i]; i++)
		if (pk_str_eq(name, pk_str(pk_live_tables[i]->name)))
			return pk_live_tables[i];
	return NULL;
}

int pk_live_run(const struct pk_live_table *t, const struct pk_live_ctx *ctx, struct pk_live_out *out,
		struct pk_err *err)
{
	if (t->host_only && ctx->proc_fd < 0) {
		pk_live_note(out, "not read: this table needs a running host");
		return 0;
	}
	if (t->rows(ctx, out, err) < 0)
		return pk_wrap(err, "table '%s'", t->name);
	return 0;
}

void pk_live_put_docs(struct pk_buf *b)
{
	pk_buf_puts(b, "# Live tables\n\n"
		       "What `picket-collect` reads of a host without running any of its programs. Names and types are "
		       "osquery's "
		       "where it has the table; columns of\nour own come after osquery's. A column that does not "
		       "apply, or that could "
		       "not be read, is left out of the row. Types: `text` is a string\n(`COLUMN_b64`, base64, where "
		       "the bytes are "
		       "not UTF-8), `integer` and `bigint` are JSON integers, `time` is decimal seconds since the "
		       "epoch in a\nstring. "
		       "This page is made from the tables themselves; a unit test tells when it is not current.\n");
	for (size_t i = 0; pk_live_tables[i]; i++) {
		const struct pk_live_table *t = pk_live_tables[i];

		pk_buf_putf(b, "\n## %s\n\n%s.%s%s\n\n| column | type | |\n|---|---|---|\n", t->name, t->doc,
			    t->host_only ? " Running hosts only." : " Also beneath a root.",
			    t->on_request ? " Only on request." : "");
		for (const struct pk_live_column *c = t->columns; c->name; c++)
			pk_buf_putf(b, "| `%s` | %s | %s |\n", c->name, pk_live_type_name(c->type), c->doc);
	}
}
