/* SPDX-License-Identifier: Apache-2.0 */
/* Labels as people are shown them: all of it, on one line. */
#include <picket/label.h>

/* Anything else in a name could read as a word of the label's own. */
static bool is_plain(struct pk_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '"')
			return false;
	return true;
}

static void put_name(struct pk_buf *b, struct pk_str name)
{
	if (is_plain(name)) {
		pk_buf_put_str(b, name);
		return;
	}
	pk_buf_put_c(b, '"');
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '"')
			pk_buf_put_c(b, '"');
		pk_buf_put_c(b, name.p[i]);
	}
	pk_buf_put_c(b, '"');
}

static void put_names(struct pk_buf *b, const char *what, struct pk_str list, size_t max)
{
	PK_AUTO(pk_buf) names = {0};
	struct pk_str name;

	if (!list.n)
		return;
	for (bool first = true; pk_str_split(&list, ',', &name); first = false) {
		if (!first)
			pk_buf_put_c(&names, ',');
		put_name(&names, name);
	}
	b->oom = b->oom || names.oom;
	pk_buf_putf(b, " %s ", what);
	if (b->n < max && names.n <= max - b->n)
		pk_buf_put_str(b, pk_buf_str(&names));
	else
		pk_buf_puts(b, "...");
}

static void put_shown(struct pk_buf *b, struct pk_str tlp, struct pk_str rel_to, struct pk_str caveats,
		      struct pk_str originators, size_t max)
{
	PK_AUTO(pk_buf) text = {0};

	if (tlp.n) {
		pk_buf_puts(&text, "TLP:");
		pk_buf_put_str(&text, tlp);
	} else {
		pk_buf_puts(&text, "unlabelled");
	}
	put_names(&text, "REL TO", rel_to, max);
	put_names(&text, "CAVEATS", caveats, max);
	put_names(&text, "ORIGINATOR", originators, max);
	b->oom = b->oom || text.oom;
	pk_buf_put_str(b, pk_buf_str(&text));
}

void pk_buf_put_label_within(struct pk_buf *b, const struct pk_label *l, size_t max_bytes)
{
	PK_AUTO(pk_buf) rel_to = {0}, caveats = {0};

	pk_buf_put_strv(&rel_to, &l->rel_to, ",");
	pk_buf_put_strv(&caveats, &l->caveats, ",");
	b->oom = b->oom || rel_to.oom || caveats.oom;
	put_shown(b, pk_str(pk_tlp_name(l->tlp)), pk_buf_str(&rel_to), pk_buf_str(&caveats),
		  pk_str(l->originator ? l->originator : ""), max_bytes);
}

void pk_buf_put_label_shown(struct pk_buf *b, const struct pk_label *l) { pk_buf_put_label_within(b, l, SIZE_MAX); }

void pk_buf_put_label_columns(struct pk_buf *b, struct pk_str tlp, struct pk_str rel_to, struct pk_str caveats,
			      struct pk_str originators)
{
	put_shown(b, tlp, rel_to, caveats, originators, SIZE_MAX);
}
