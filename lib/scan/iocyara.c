/* SPDX-License-Identifier: Apache-2.0 */
/* Indicators in YARA's language: strings for texts, and whole rules for contents. */
#include "iocset.h"

static bool is_alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* "..." */
static void put_quoted(struct pk_buf *b, struct pk_str s)
{
	pk_buf_put_c(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '"' || c == '\\')
			pk_buf_putf(b, "\\%c", c);
		else if (c >= ' ' && c < 0x7f)
			pk_buf_put_c(b, c);
		else
			pk_buf_putf(b, "\\x%02x", (uint8_t)c);
	}
	pk_buf_put_c(b, '"');
}

/* --- file names --------------------------------------------------------------------------------------- */

/* Takes "(?i)" out, wherever it is. */
static bool take_nocase(struct pk_str *re)
{
	if (!pk_str_starts(*re, PK_STR("(?i)")))
		return false;
	*re = pk_str_n(re->p + 4, re->n - 4);
	return true;
}

/* Python's dialect: "\\" is a separator and means both of them; (?:...) groups as (...) does here, where nothing is
 * captured; \A and \Z are ^ and $. All else is left to libyara to take or to refuse. */
void pk_ioc_put_regex(struct pk_buf *b, struct pk_str re)
{
	bool nocase = false, in_class = false;
	size_t class_start = 0;

	pk_buf_put_c(b, '/');
	while (re.n > 0) {
		char c = *re.p, next = re.n > 1 ? re.p[1] : '\0';
		size_t used = 1;

		if (!in_class && take_nocase(&re)) {
			nocase = true;
			continue;
		}
		if (c == '\\' && next == '\\') {
			pk_buf_puts(b, in_class ? "\\\\\\/" : "[\\\\\\/]");
			used = 2;
		} else if (c == '\\' && !in_class && (next == 'A' || next == 'Z')) {
			pk_buf_put_c(b, next == 'A' ? '^' : '$');
			used = 2;
		} else if (c == '\\' && re.n > 1) {
			pk_buf_put_c(b, c);
			pk_buf_put_c(b, next);
			used = 2;
		} else if (c == '/') {
			pk_buf_puts(b, "\\/");
		} else if (!in_class && pk_str_starts(re, PK_STR("(?:"))) {
			pk_buf_put_c(b, '(');
			used = 3;
		} else if (c < ' ' || c == 0x7f) { /* no line of our own source may end here; and UTF-8 as bytes */
			pk_buf_putf(b, "\\x%02x", (uint8_t)c);
		} else {
			if (c == '[' && !in_class) {
				in_class = true;
				class_start = b->n + (next == '^' ? 2 : 1);
			} else if (c == ']' && in_class && b->n > class_start) {
				in_class = false;
			}
			pk_buf_put_c(b, c);
		}
		re = pk_str_n(re.p + used, re.n - used);
	}
	pk_buf_puts(b, nocase ? "/i" : "/");
}

/* --- networks ----------------------------------------------------------------------------------------- */

/* An IPv4 network as a regular expression over its octets. */
static void put_network(struct pk_buf *b, const struct pk_ioc_net *net)
{
	unsigned bits = net->prefix - 96u;

	pk_buf_put_c(b, '/');
	for (unsigned i = 0; i<4; i++, bits = bits> 8 ? bits - 8 : 0) {
		unsigned first = net->addr[12 + i], count = bits >= 8 ? 1 : 1u << (8 - bits);

		if (i > 0)
			pk_buf_puts(b, "\\.");
		if (count == 256)
			pk_buf_puts(b, "[0-9]{1,3}");
		for (unsigned k = 0; count < 256 && k < count; k++)
			pk_buf_putf(b, "%s%u", k > 0 ? "|" : count > 1 ? "(" : "", first + k);
		if (count > 1 && count < 256)
			pk_buf_put_c(b, ')');
	}
	pk_buf_put_c(b, '/');
}

/* --- strings ------------------------------------------------------------------------------------------ */

static void put_string(struct pk_buf *b, const char *name, char letter, struct pk_str text, const char *modifiers)
{
	pk_buf_putf(b, "  $%s%c = ", name, letter);
	put_quoted(b, text);
	pk_buf_putf(b, " %s\n", modifiers);
}

static bool ends_in_word(struct pk_str s) { return s.n > 0 && is_alnum(s.p[s.n - 1]); }

void pk_ioc_put_strings(struct pk_buf *b, const struct pk_ioc_build *x, const struct pk_ioc_entry *e, const char *name,
			bool in_text)
{
	struct pk_str text = pk_ioc_build_text(x, e->text);

	switch ((enum pk_ioc_kind)e->kind) {
	case PK_IOC_FILENAME:
		pk_buf_putf(b, "  $%sa = ", name);
		pk_ioc_put_regex(b, e->match == PK_IOC_NONE ? text : pk_ioc_build_text(x, e->match));
		pk_buf_put_c(b, '\n');
		if (e->except != PK_IOC_NONE) {
			pk_buf_putf(b, "  $%sx = ", name);
			pk_ioc_put_regex(b, pk_ioc_build_text(x, e->except));
			pk_buf_put_c(b, '\n');
		}
		break;
	case PK_IOC_DOMAIN:
	case PK_IOC_ADDRESS:
		put_string(b, name, 'a', text, "ascii nocase fullword");
		if (!in_text)
			put_string(b, name, 'w', text, "wide nocase fullword");
		break;
	case PK_IOC_NETWORK:
		if (!pk_ioc_net_is_v4(&e->net))
			break; /* too many ways to write one: as addresses only */
		pk_buf_putf(b, "  $%sa = ", name);
		put_network(b, &e->net);
		pk_buf_puts(b, " ascii fullword\n");
		if (!in_text) {
			pk_buf_putf(b, "  $%sw = ", name);
			put_network(b, &e->net);
			pk_buf_puts(b, " wide fullword\n");
		}
		break;
	case PK_IOC_URL:
		put_string(b, name, 'a', text,
			   ends_in_word(text) ? in_text ? "ascii nocase fullword" : "ascii wide nocase fullword"
			   : in_text          ? "ascii nocase"
					      : "ascii wide nocase");
		break;
	case PK_IOC_KEYWORD:
	case PK_IOC_COMMAND: put_string(b, name, 'a', text, in_text ? "ascii" : "ascii wide"); break;
	case PK_IOC_HASH:
	case PK_IOC_KINDS: break;
	}
}

/* --- where a match counts ----------------------------------------------------------------------------- */

/* libyara's "fullword" looks for letters and digits only. */
bool pk_ioc_stands_alone(enum pk_ioc_kind kind, struct pk_str text, size_t at, size_t n)
{
	char before = at > 0 ? text.p[at - 1] : ' ';
	char after = at + n < text.n ? text.p[at + n] : ' ';
	char then = at + n + 1 < text.n ? text.p[at + n + 1] : ' ';

	switch (kind) {
	case PK_IOC_DOMAIN:
		return before != '-' && before != '_' && after != '-' && after != '_' &&
		       !(after == '.' && is_alnum(then));
	case PK_IOC_ADDRESS:
	case PK_IOC_NETWORK: return before != '.' && !(after == '.' && then >= '0' && then <= '9');
	default: return true;
	}
}

/* The same as a condition, for the ASCII string; i is the match. */
static const char domain_guard[] =
	"for any i in (1..#a) : ("
	"(not defined uint8(@a[i] - 1) or (uint8(@a[i] - 1) != 0x2d and uint8(@a[i] - 1) != 0x5f)) and "
	"(not defined uint8(@a[i] + !a[i]) or (uint8(@a[i] + !a[i]) != 0x2d and uint8(@a[i] + !a[i]) != 0x5f and "
	"(uint8(@a[i] + !a[i]) != 0x2e or not defined uint8(@a[i] + !a[i] + 1) or not ("
	"(uint8(@a[i] + !a[i] + 1) >= 0x30 and uint8(@a[i] + !a[i] + 1) <= 0x39) or "
	"(uint8(@a[i] + !a[i] + 1) >= 0x41 and uint8(@a[i] + !a[i] + 1) <= 0x5a) or "
	"(uint8(@a[i] + !a[i] + 1) >= 0x61 and uint8(@a[i] + !a[i] + 1) <= 0x7a))))))";
static const char address_guard[] =
	"for any i in (1..#a) : ("
	"(not defined uint8(@a[i] - 1) or uint8(@a[i] - 1) != 0x2e) and "
	"(not defined uint8(@a[i] + !a[i]) or uint8(@a[i] + !a[i]) != 0x2e or not defined uint8(@a[i] + !a[i] + 1) or "
	"not (uint8(@a[i] + !a[i] + 1) >= 0x30 and uint8(@a[i] + !a[i] + 1) <= 0x39)))";

void pk_ioc_put_rule(struct pk_buf *b, const struct pk_ioc_build *x, size_t n)
{
	const struct pk_ioc_entry *e = &x->entries[n];
	struct pk_cur note = pk_cur(x->notes.p, x->notes.n);
	struct pk_str description = {0};
	uint32_t text;
	int32_t score;

	if (e->bad || e->kind == PK_IOC_FILENAME || (e->kind == PK_IOC_NETWORK && !pk_ioc_net_is_v4(&e->net)))
		return;
	note.at = (size_t)e->note * PK_IOC_NOTE_SIZE + 4;
	score = (int32_t)pk_rd_le32(&note);
	text = pk_rd_le32(&note);
	if (text != PK_IOC_NONE)
		description = pk_ioc_build_text(x, text);
	pk_buf_putf(b, "rule picket_ioc_%s_%zu {\n meta:\n  indicator = ", pk_ioc_rule((enum pk_ioc_kind)e->kind) + 4,
		    n);
	put_quoted(b, pk_ioc_build_text(x, e->text));
	if (description.n > 0) {
		pk_buf_puts(b, "\n  description = ");
		put_quoted(b, description);
	}
	if (score != PK_IOC_NO_SCORE)
		pk_buf_putf(b, "\n  score = %d", score);
	if (e->line > 0)
		pk_buf_putf(b, "\n  line = %u", e->line);
	pk_buf_puts(b, "\n strings:\n");
	pk_ioc_put_strings(b, x, e, "", false);
	pk_buf_puts(b, " condition:\n  ");
	if (e->kind == PK_IOC_DOMAIN)
		pk_buf_putf(b, "$w or %s", domain_guard);
	else if (e->kind == PK_IOC_ADDRESS || e->kind == PK_IOC_NETWORK)
		pk_buf_putf(b, "$w or %s", address_guard);
	else
		pk_buf_puts(b, "$a");
	pk_buf_puts(b, "\n}\n");
}
