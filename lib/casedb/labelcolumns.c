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

static int get_names(struct pk_str list, struct pk_strv *ret, struct pk_err *err)
{
	struct pk_str one;

	while (pk_str_split(&list, ',', &one))
		if (one.n && pk_strv_add(ret, one, err) < 0)
			return -1;
	return 0;
}

/* What several have joined in may be longer than one label can be. */
int pk_label_columns_get(struct pk_stmt *st, int at, struct pk_label *ret, struct pk_err *err)
{
	struct pk_str tlp = pk_stmt_col(st, at), originators = pk_stmt_col(st, at + 3);

	if (tlp.n && !pk_tlp_parse(tlp, &ret->tlp))
		return pk_fail(err, PK_EFORMAT, 0, "the case's row of a bundle has a damaged label");
	if (get_names(pk_stmt_col(st, at + 1), &ret->rel_to, err) < 0 ||
	    get_names(pk_stmt_col(st, at + 2), &ret->caveats, err) < 0)
		return -1;
	if (originators.n && !(ret->originator = pk_str_dup(originators)))
		return pk_fail_oom(err);
	return pk_memory_ran_out() ? pk_fail_oom(err) : 0;
}
