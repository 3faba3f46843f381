/* SPDX-License-Identifier: Apache-2.0 */
/* --help, from the same tables as the parser. */
#include "opt.h"

#define TEXT_COLUMN 30

void pk_opt_put_synopsis(struct pk_buf *b, const struct pk_tool *tool, const struct pk_verb *verb)
{
	pk_buf_puts(b, tool->name);
	if (verb->name)
		pk_buf_putf(b, " %s", verb->name);
	if ((verb->opts && verb->opts->name) || (tool->common && tool->common->name))
		pk_buf_puts(b, " [options]");
	if (verb->operands && verb->operands[0])
		pk_buf_putf(b, " %s", verb->operands);
}

static void pad_to(struct pk_buf *b, size_t line_start, size_t column)
{
	if (b->n - line_start + 2 > column) {
		pk_buf_put_c(b, '\n');
		line_start = b->n;
	}
	while (!b->oom && b->n - line_start < column)
		pk_buf_put_c(b, ' ');
}

static void put_opt(struct pk_buf *b, const struct pk_opt *o)
{
	size_t start = b->n;

	if (o->letter)
		pk_buf_putf(b, "  -%c, --%s", o->letter, o->name);
	else
		pk_buf_putf(b, "      --%s", o->name);
	if (pk_opt_takes_arg(o))
		pk_buf_putf(b, " %s", o->arg);
	pad_to(b, start, TEXT_COLUMN);
	pk_buf_puts(b, o->help);
	if (o->type == PK_OPT_CHOICE) {
		pk_buf_puts(b, ": ");
		for (int i = 0; o->values[i]; i++)
			pk_buf_putf(b, "%s%s", i ? ", " : "", o->values[i]);
	}
	if (o->type == PK_OPT_LIST)
		pk_buf_puts(b, " (may repeat)");
	pk_buf_put_c(b, '\n');
}

static void put_table(struct pk_buf *b, const struct pk_opt *table)
{
	PK_EACH_OPT(o, table)
		put_opt(b, o);
}

void pk_opt_put_help(struct pk_buf *b, const struct pk_tool *tool, const struct pk_verb *verb)
{
	if (!verb) {
		pk_buf_putf(b, "usage: %s VERB [options] [operands]\n%s\n\nverbs:\n", tool->name, tool->summary);
		PK_EACH_VERB(v, tool) {
			size_t start = b->n;

			pk_buf_putf(b, "  %s", v->name);
			pad_to(b, start, 18);
			pk_buf_putf(b, "%s\n", v->summary);
		}
		pk_buf_puts(b, "\noptions:\n");
		put_table(b, tool->common);
		put_table(b, pk_opt_builtin);
		pk_buf_putf(b, "\n'%s VERB --help' says more about a verb\n", tool->name);
		return;
	}
	pk_buf_puts(b, "usage: ");
	pk_opt_put_synopsis(b, tool, verb);
	pk_buf_putf(b, "\n%s\n\noptions:\n", verb->summary ? verb->summary : tool->summary);
	put_table(b, verb->opts);
	put_table(b, tool->common);
	put_table(b, pk_opt_builtin);
}
