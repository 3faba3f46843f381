/* SPDX-License-Identifier: Apache-2.0 */
/* The head of the report's page, and the label on it, on each printed page, and at its foot. */
#include "html.h"

#include <picket/hash.h>
#include <picket/label.h>

extern const char pk_report_css[];
__asm__(".section .rodata\n"
	".global pk_report_css\n"
	"pk_report_css:\n"
	".incbin \"lib/report/report.css\"\n"
	".byte 0\n"
	".previous\n");

#define MAX_MARGIN 150 /* bytes of the label there: four lines of the widest letters, three as a rule */

#define MAX_WORD 40 /* characters of one word that a margin has room for, if they are the widest */

/* --- the label of the whole ------------------------------------------------------------------------------ */

static const char *label_class(enum pk_tlp tlp)
{
	switch (tlp) {
	case PK_TLP_RED: return "red";
	case PK_TLP_AMBER:
	case PK_TLP_AMBER_STRICT: return "amber";
	case PK_TLP_GREEN: return "green";
	case PK_TLP_CLEAR: return "clear";
	default: return "none";
	}
}

static void put_names(struct pk_buf *b, const char *what, struct pk_str list)
{
	struct pk_str name;

	if (!list.n)
		return;
	pk_buf_putf(b, "<span>%s ", what);
	for (bool first = true; pk_str_split(&list, ',', &name); first = false) {
		pk_buf_puts(b, first ? "<bdi>" : ", <bdi>");
		html_text(b, name);
		pk_buf_puts(b, "</bdi>");
	}
	pk_buf_puts(b, "</span>");
}

void html_label(struct pk_buf *b, const struct pk_label *l, const char *where)
{
	PK_AUTO(pk_buf) caveats = {0};

	pk_buf_putf(b, "<div class=\"tlp %s %s\"><b>", label_class(l->tlp), where);
	if (l->tlp == PK_TLP_NONE)
		pk_buf_puts(b, "UNLABELLED</b><span>not releasable</span>");
	else
		pk_buf_putf(b, "TLP:%s</b>", pk_tlp_name(l->tlp));
	if (l->rel_to.n) {
		pk_buf_puts(b, "<span>REL TO ");
		for (size_t i = 0; i < l->rel_to.n; i++) {
			pk_buf_puts(b, i ? ", " : "");
			html_z(b, l->rel_to.v[i]);
		}
		pk_buf_puts(b, "</span>");
	} else if (l->tlp != PK_TLP_NONE) {
		pk_buf_puts(b, "<span>no REL TO: the issuer's own nation only</span>");
	}
	pk_buf_put_strv(&caveats, &l->caveats, ",");
	b->oom = b->oom || caveats.oom;
	put_names(b, "CAVEATS", pk_buf_str(&caveats));
	put_names(b, "ORIGINATOR", pk_str(l->originator));
	pk_buf_puts(b, "</div>\n");
}

/* --- head and foot ------------------------------------------------------------------------------------ */

/* As one line. */
static void put_marking(struct pk_buf *b, const struct pk_label *l, size_t max)
{
	pk_buf_put_label_within(b, l, max);
	if (l->tlp == PK_TLP_NONE)
		pk_buf_puts(b, ", not releasable");
}

/* A style sheet's string. Names of originators and caveats are anyone's: what could end it, or the sheet, is escaped. In a
 * margin nothing breaks a word that is too long, so U+200B, where a line may end, is behind commas and within it. */
static void put_css_string(struct pk_buf *b, struct pk_str s)
{
	size_t word = 0; /* characters */

	pk_buf_put_c(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = (uint8_t)s.p[i];

		if ((i && s.p[i - 1] == ',') || (word >= MAX_WORD && (c & 0xc0) != 0x80)) {
			pk_buf_puts(b, "\\200b ");
			word = 0;
		}
		word = c == ' ' ? 0 : word + ((c & 0xc0) != 0x80);
		if (c < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&')
			pk_buf_putf(b, "\\%02x ", (unsigned)c); /* the space belongs to it */
		else
			pk_buf_put_c(b, s.p[i]);
	}
	pk_buf_put_c(b, '"');
}

#define MARGIN "font: 700 12pt/1.2 sans-serif; text-align: right;"

/* The page allows one style sheet, its own, by hash; nothing else may be loaded or run. */
int html_head(struct page *pg, const struct pk_label *label, const char *title, struct pk_err *err)
{
	struct pk_buf *b = &pg->out;
	PK_AUTO(pk_buf) css = {0}, marking = {0}, margin = {0};
	uint8_t sha[32];

	put_marking(&marking, label, SIZE_MAX);
	put_marking(&margin, label, MAX_MARGIN);
	if (pk_buf_check(&marking, err) < 0 || pk_buf_check(&margin, err) < 0)
		return -1;

	pk_buf_puts(&css, pk_report_css);
	/* the label on every printed page, where and as large as TLP 2.0 has it and as far as a margin has room: the
	 * first page has all of it */
	pk_buf_puts(&css, "@page { @top-right { content: ");
	put_css_string(&css, pk_buf_str(&margin));
	pk_buf_puts(&css, "; " MARGIN " } @bottom-right { content: ");
	put_css_string(&css, pk_buf_str(&margin));
	pk_buf_puts(&css, "; " MARGIN " } @bottom-left { content: counter(page) \" / \" counter(pages); "
			  "font: 8pt sans-serif; width: 18mm; } }\n");
	if (pk_buf_check(&css, err) < 0)
		return -1;
	pk_sha256(css.p, css.n, sha);
	pk_buf_puts(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-");
	pk_buf_put_base64(b, sha, sizeof(sha), true);
	pk_buf_puts(b, "'; base-uri 'none'; form-action 'none'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
		       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
	html_text(b, pk_buf_str(&marking)); /* browsers name a saved or printed page by this */
	pk_buf_puts(b, " - ");
	html_z(b, title);
	pk_buf_puts(b, "</title>\n<style>");
	pk_buf_put_str(b, pk_buf_str(&css));
	pk_buf_puts(b, "</style>\n</head>\n<body>\n");
	return pk_buf_check(b, err);
}
