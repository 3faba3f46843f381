/* SPDX-License-Identifier: Apache-2.0 */
/* Full text: words of paths, parts of names, live tables, events, and what people wrote. */
#include "list.h"

#include <stdlib.h>

/* Every word must be there; "word*" is a beginning. The user's text is quoted, so that nothing of it is read as
 * query language. */
static void put_words(struct pk_buf *b, struct pk_str text)
{
	struct pk_str rest = pk_str_trim(text), word;

	while (rest.n && pk_str_split(&rest, ' ', &word)) {
		bool prefix = word.n > 1 && word.p[word.n - 1] == '*';

		if (!word.n)
			continue;
		pk_buf_puts(b, b->n ? " \"" : "\"");
		for (size_t i = 0; i < word.n - prefix; i++) {
			if (word.p[i] == '"')
				pk_buf_put_c(b, '"');
			pk_buf_put_c(b, word.p[i]);
		}
		pk_buf_puts(b, prefix ? "\"*" : "\"");
	}
}

static void put_phrase(struct pk_buf *b, struct pk_str text)
{
	pk_buf_put_c(b, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"')
			pk_buf_put_c(b, '"');
		pk_buf_put_c(b, text.p[i]);
	}
	pk_buf_put_c(b, '"');
}

static void put_like(struct pk_buf *b, struct pk_str text)
{
	pk_buf_put_c(b, '%');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '%' || text.p[i] == '_' || text.p[i] == '\\')
			pk_buf_put_c(b, '\\');
		pk_buf_put_c(b, text.p[i]);
	}
	pk_buf_put_c(b, '%');
}

#define FROM_FILE " FROM file f JOIN bundle b ON b.no = f.bundle JOIN host h ON h.no = f.host WHERE "
#define IN_PATHS "f.no IN (SELECT rowid FROM ftext WHERE ftext MATCH "
#define SELECT_FILE \
	"SELECT 'path', h.name, " PK_SQL_REF("f.leaf") ", " PK_SQL_TRUST ", f.path, f.path_raw, NULL, " PK_SQL_LABEL
#define SELECT_LIVE \
	"SELECT 'live ' || l.tbl, h.name, " PK_SQL_REF( \
		"l.leaf") ", " PK_SQL_TRUST ", l.row, NULL, l.row, " PK_SQL_LABEL \
			  " FROM live l JOIN bundle b ON b.no = l.bundle JOIN host h ON h.no = l.host" \
			  " WHERE l.no IN (SELECT rowid FROM ltext WHERE ltext MATCH "
#define SELECT_EVENT \
	"SELECT 'event ' || e.src, h.name, '', " PK_SQL_TRUST ", e.what || ': ' || e.msg, NULL, NULL, " PK_SQL_LABEL \
	" FROM event e JOIN bundle b ON b.no = e.bundle JOIN host h ON h.no = e.host" \
	" WHERE e.live IS NULL AND e.no IN (SELECT rowid FROM etext WHERE etext MATCH "
#define SELECT_NOTE \
	"SELECT 'note', n.host, '', '', n.what || ': ' || n.body, NULL, NULL, NULL FROM note n WHERE n.body LIKE "

int pk_list_search(struct pk_case *c, const struct pk_case_filter *f, struct pk_row_sink sink, struct pk_err *err)
{
	PK_AUTO(pk_query) q = {0};
	PK_AUTO(pk_buf) words = {0};
	PK_AUTO(pk_buf) part = {0};
	PK_AUTO(pk_buf) like = {0};
	struct pk_str text = pk_str_trim(pk_str(f->text ? f->text : ""));

	if (!text.n)
		return pk_fail(err, PK_EUSAGE, 0, "nothing to search for");
	if (!pk_str_is_utf8(text))
		return pk_fail(err, PK_EUSAGE, 0, "the text to search for must be UTF-8");
	put_words(&words, text);
	put_phrase(&part, text);
	put_like(&like, text);
	if (pk_buf_check(&words, err) < 0 || pk_buf_check(&part, err) < 0 || pk_buf_check(&like, err) < 0)
		return -1;
	pk_query_puts(&q, SELECT_FILE FROM_FILE "(" IN_PATHS);
	pk_query_text(&q, pk_buf_str(&words));
	/* a name's index holds groups of three characters */
	if (text.n >= 3) {
		pk_query_puts(&q, ") OR f.no IN (SELECT rowid FROM fname WHERE fname MATCH ");
		pk_query_text(&q, pk_buf_str(&part));
		pk_query_puts(&q, "))");
	} else {
		pk_query_puts(&q, ") OR f.name LIKE ");
		pk_query_text(&q, pk_buf_str(&like));
		pk_query_puts(&q, " ESCAPE '\\')");
	}
	if (pk_query_host(&q, c, "f.host", f->host, err) < 0)
		return -1;
	pk_query_puts(&q, " UNION ALL " SELECT_LIVE);
	pk_query_text(&q, pk_buf_str(&words));
	pk_query_puts(&q, ")");
	if (pk_query_host(&q, c, "l.host", f->host, err) < 0)
		return -1;
	pk_query_puts(&q, " UNION ALL " SELECT_EVENT);
	pk_query_text(&q, pk_buf_str(&words));
	pk_query_puts(&q, ")");
	if (pk_query_host(&q, c, "e.host", f->host, err) < 0)
		return -1;
	if (!f->host) {
		pk_query_puts(&q, " UNION ALL " SELECT_NOTE);
		pk_query_text(&q, pk_buf_str(&like));
		pk_query_puts(&q, " ESCAPE '\\'");
	}
	pk_query_limit(&q, f->limit);
	return pk_query_run(&q, c, PK_LIST_SEARCH, sink, err);
}
