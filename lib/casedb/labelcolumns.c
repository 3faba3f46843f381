/* SPDX-License-Identifier: Apache-2.0 */
/* A label as columns of the database. */
#include "labelcolumns.h"

#include <picket/label.h>

void pk_label_columns_done(struct pk_label_columns *c)
{
	pk_buf_done(&c->tlp);
	pk_buf_done(&c->rel_to);
	pk_buf_done(&c->caveats);
	pk_buf_done(&c->originators);
}

/* Empty is not NULL. */
static void put_names(struct pk_buf *b, const struct pk_strv *l)
{
	pk_buf_reset(b);
	pk_buf_puts(b, "");
	if (l)
		pk_buf_put_strv(b, l, ",");
}

int pk_label_columns_set(struct pk_label_columns *c, const struct pk_label *label, struct pk_err *err)
{
	pk_buf_reset(&c->tlp);
	pk_buf_puts(&c->tlp, label ? pk_tlp_name(label->tlp) : "");
	put_names(&c->rel_to, label ? &label->rel_to : NULL);
	put_names(&c->caveats, label ? &label->caveats : NULL);
	pk_buf_reset(&c->originators);
	pk_buf_puts(&c->originators, label && label->originator ? label->originator : "");
	return pk_buf_check(&c->tlp, err) < 0 || pk_buf_check(&c->rel_to, err) < 0 ||
			       pk_buf_check(&c->caveats, err) < 0 || pk_buf_check(&c->originators, err) < 0
		       ? -1
		       : 0;
}

void pk_label_columns_bind(const struct pk_label_columns *c, struct pk_stmt *st, int at)
{
	pk_stmt_text(st, at, pk_buf_str(&c->tlp));
	pk_stmt_text(st, at + 1, pk_buf_str(&c->rel_to));
	pk_stmt_text(st, at + 2, pk_buf_str(&c->caveats));
	pk_stmt_text(st, at + 3, pk_buf_str(&c->originators));
}
