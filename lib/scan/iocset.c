/* SPDX-License-Identifier: Apache-2.0 */
/* Indicators as they are gathered from sets, and the report of them that goes to the other process. */
#include "iocset.h"
#include "scan-internal.h"

#include <inttypes.h>
#include <stdarg.h>

#define MAX_MESSAGES 20 /* problems of one set that are told one by one */
#define MAX_DESCRIPTION 1000
#define MAX_LITERAL 1000 /* bytes; libyara's lexer holds 8 KiB of a string, four for an escaped byte */

void pk_ioc_build_done(struct pk_ioc_build *b)
{
	pk_buf_done(&b->texts);
	pk_buf_done(&b->notes);
	for (size_t i = 0; i < PK_LEN(b->hashes); i++)
		pk_buf_done(&b->hashes[i]);
	free(b->entries);
	free(b->sets);
	free(b->problems);
	*b = (struct pk_ioc_build){0};
}

/* --- texts and notes ---------------------------------------------------------------------------------- */

static uint32_t add_text(struct pk_ioc_build *b, struct pk_str s)
{
	size_t at = b->texts.n;

	s.n = PK_MIN(s.n, (size_t)PK_IOC_MAX_TEXT);
	if (at + s.n > PK_IOC_NONE - 5) {
		b->texts.oom = true;
		return PK_IOC_NONE;
	}
	pk_put_bytes(&b->texts, s);
	return (uint32_t)at;
}

struct pk_str pk_ioc_build_text(const struct pk_ioc_build *b, uint32_t at)
{
	struct pk_cur c = pk_cur(b->texts.p, b->texts.n);

	c.at = at;
	return at >= b->texts.n ? PK_STR("") : pk_rd_counted(&c);
}

static struct pk_ioc_build_set *present(struct pk_ioc_build *b) { return &b->sets[b->set_count - 1]; }

/* Neighbours often say the same. */
static uint32_t add_note(struct pk_ioc_build *b, const struct pk_ioc_about *about)
{
	struct pk_str description = pk_str_n(about->description.p,
					     PK_MIN(about->description.n, (size_t)MAX_DESCRIPTION));
	uint32_t set = (uint32_t)b->set_count - 1, n = (uint32_t)(b->notes.n / PK_IOC_NOTE_SIZE);
	struct pk_cur c;

	if (n > 0 && !b->notes.oom) {
		uint32_t text;

		c = pk_cur(b->notes.p, b->notes.n);
		c.at = b->notes.n - PK_IOC_NOTE_SIZE;
		if (pk_rd_le32(&c) == set && (int32_t)pk_rd_le32(&c) == about->score) {
			text = pk_rd_le32(&c);
			if (text == PK_IOC_NONE ? description.n == 0
						: pk_str_eq(pk_ioc_build_text(b, text), description))
				return n - 1;
		}
	}
	pk_put_u32(&b->notes, set);
	pk_put_u32(&b->notes, (uint32_t)about->score);
	pk_put_u32(&b->notes, description.n ? add_text(b, description) : PK_IOC_NONE);
	return n;
}

/* --- sets and problems -------------------------------------------------------------------------------- */

void pk_ioc_build_begin(struct pk_ioc_build *b, struct pk_str name)
{
	if (!pk_grow(&b->sets, &b->set_cap, b->set_count + 1, sizeof(*b->sets))) {
		b->texts.oom = true;
		if (b->set_count > 0)
			return;
		abort(); /* the process has just begun: there is no memory at all */
	}
	b->sets[b->set_count++] = (struct pk_ioc_build_set){.name = add_text(b, name)};
}

static void put_problem(struct pk_ioc_build *b, uint64_t line, struct pk_str text)
{
	if (!pk_grow(&b->problems, &b->problem_cap, b->problem_count + 1, sizeof(*b->problems))) {
		b->texts.oom = true;
		return;
	}
	b->problems[b->problem_count++] = (struct pk_ioc_build_problem){(uint32_t)b->set_count - 1, add_text(b, text),
									line};
}

void pk_ioc_build_refuse(struct pk_ioc_build *b, const char *why)
{
	present(b)->refused = true;
	put_problem(b, 0, pk_str(why));
}

void pk_ioc_build_problem(struct pk_ioc_build *b, uint64_t line, uint64_t counts, const char *fmt, ...)
{
	struct pk_ioc_build_set *set = present(b);
	struct pk_err text = {0};
	char line_text[400];
	va_list ap;

	set->not_evaluated += counts;
	if (++set->messages > MAX_MESSAGES)
		return;
	va_start(ap, fmt);
	vsnprintf(line_text, sizeof(line_text), fmt, ap);
	va_end(ap);
	pk_fail(&text, PK_EFORMAT, 0, "%s", line_text); /* makes it safe to print */
	put_problem(b, line, pk_str(text.msg));
}

/* --- indicators --------------------------------------------------------------------------------------- */

void pk_ioc_build_hash(struct pk_ioc_build *b, const uint8_t *hash, size_t size, bool good,
		       const struct pk_ioc_about *about)
{
	static const uint8_t empty[PK_IOC_HASH_TABLES][8] = {
		{0xd4, 0x1d, 0x8c, 0xd9, 0x8f, 0x00, 0xb2, 0x04},
		{0xda, 0x39, 0xa3, 0xee, 0x5e, 0x6b, 0x4b, 0x0d},
		{0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14},
	};
	size_t t = size == 16 ? 0 : size == 20 ? 1 : 2;

	if (!good && memcmp(hash, empty[t], sizeof(empty[t])) == 0) {
		pk_ioc_build_problem(b, about->line, 0, "the hash of an empty file is on every host: not looked for");
		return;
	}

	if (b->hash_count >= PK_IOC_MAX_HASHES) {
		pk_ioc_build_problem(b, about->line, 1, "more than %u hashes", PK_IOC_MAX_HASHES);
		return;
	}
	pk_buf_put(&b->hashes[t + (good ? PK_IOC_HASH_TABLES : 0)], hash, size);
	pk_put_u32(&b->hashes[t + (good ? PK_IOC_HASH_TABLES : 0)], add_note(b, about));
	b->hash_count++;
	present(b)->indicators++;
}

static struct pk_ioc_entry *add_entry(struct pk_ioc_build *b, enum pk_ioc_kind kind, struct pk_str text,
				      const struct pk_ioc_about *about)
{
	struct pk_ioc_entry *e = NULL;

	if (text.n == 0 || text.n > MAX_LITERAL) {
		pk_ioc_build_problem(b, about->line, 1, "an indicator of %zu bytes: 1 to %d are looked for", text.n,
				     MAX_LITERAL);
		return NULL;
	}
	if (b->entry_count >= PK_IOC_MAX_INDICATORS) {
		pk_ioc_build_problem(b, about->line, 1, "more than %u indicators that are no hashes",
				     PK_IOC_MAX_INDICATORS);
		return NULL;
	}
	if (!pk_grow(&b->entries, &b->entry_cap, b->entry_count + 1, sizeof(*b->entries))) {
		b->texts.oom = true;
		return NULL;
	}
	e = &b->entries[b->entry_count++];
	*e = (struct pk_ioc_entry){
		.kind = kind,
		.note = add_note(b, about),
		.line = (uint32_t)PK_MIN(about->line, (uint64_t)UINT32_MAX),
		.text = add_text(b, text),
		.match = PK_IOC_NONE,
		.except = PK_IOC_NONE,
	};
	present(b)->indicators++;
	return e;
}

void pk_ioc_build_filename(struct pk_ioc_build *b, struct pk_str regex, struct pk_str except,
			   const struct pk_ioc_about *about)
{
	struct pk_ioc_entry *e = add_entry(b, PK_IOC_FILENAME, regex, about);

	if (e && except.n > 0)
		e->except = add_text(b, except);
}

/* "%TEMP%\a.exe" names a place that has no name here: what is behind it counts. */
static struct pk_str without_variable(struct pk_str s)
{
	size_t end;

	if (s.n < 2 || s.p[0] != '%')
		return s;
	end = 1 + pk_str_find(pk_str_n(s.p + 1, s.n - 1), '%');
	if (end >= s.n)
		return s;
	s = pk_str_n(s.p + end + 1, s.n - end - 1);
	while (s.n > 0 && (s.p[0] == '\\' || s.p[0] == '/'))
		s = pk_str_n(s.p + 1, s.n - 1);
	return s;
}

void pk_ioc_build_name(struct pk_ioc_build *b, struct pk_str name, const struct pk_ioc_about *about)
{
	struct pk_str tail = without_variable(name);
	PK_AUTO(pk_buf) regex = {0};
	struct pk_ioc_entry *e = NULL;
	bool whole = tail.n > 0 && tail.p[0] == '/';

	if (tail.n < 3) {
		pk_ioc_build_problem(b, about->line, 1, "the file name '%.*s' is too short to say anything",
				     PK_STR_ARG(name));
		return;
	}
	pk_buf_puts(&regex, whole ? "(?i)" : "(?i)(^|\\\\)");
	for (size_t i = 0; i < tail.n; i++) {
		char c = tail.p[i];

		if (c == '\\' || c == '/')
			pk_buf_puts(&regex, "\\\\");
		else if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_')
			pk_buf_put_c(&regex, c);
		else
			pk_buf_putf(&regex, "\\x%02x", (uint8_t)c);
	}
	pk_buf_put_c(&regex, '$');
	b->texts.oom |= regex.oom;
	e = add_entry(b, PK_IOC_FILENAME, name, about);
	if (e)
		e->match = add_text(b, pk_buf_str(&regex));
}

void pk_ioc_build_literal(struct pk_ioc_build *b, enum pk_ioc_kind kind, struct pk_str text,
			  const struct pk_ioc_about *about)
{
	if (text.n < 4)
		pk_ioc_build_problem(b, about->line, 1, "'%.*s' is too short to look for: at least 4 bytes",
				     PK_STR_ARG(text));
	else if (memchr(text.p, '\n', text.n))
		pk_ioc_build_problem(b, about->line, 1, "a text of several lines is not looked for");
	else
		add_entry(b, kind, text, about);
}

/* --- domains, addresses, URLs ------------------------------------------------------------------------- */

/* How reports write what must not be clicked: evil[.]com, hxxp://. */
static void undo_defanging(struct pk_buf *b, struct pk_str s)
{
	static const struct {
		struct pk_str from;
		const char *to;
	} forms[] = {
		{{"[.]", 3}, "."},
		{{"(.)", 3}, "."},
		{{"[dot]", 5}, "."},
		{{"[:]", 3}, ":"},
		{{"hxxps://", 8}, "https://"},
		{{"hxxp://", 7}, "http://"},
	};

	while (s.n > 0) {
		size_t i = 0;

		while (i < PK_LEN(forms) && !pk_str_starts(s, forms[i].from))
			i++;
		if (i < PK_LEN(forms))
			pk_buf_puts(b, forms[i].to);
		else
			pk_buf_put_c(b, *s.p);
		i = i < PK_LEN(forms) ? forms[i].from.n : 1;
		s = pk_str_n(s.p + i, s.n - i);
	}
}

/* What looks like a domain and is a file: no top-level domains. */
static bool is_extension(struct pk_str label)
{
	static const char *const extensions[] = {"exe", "dll", "sys", "bat",  "vbs", "ps1", "scr", "dat", "tmp", "txt",
						 "php", "jsp", "asp", "aspx", "js",  "elf", "bin", "ko",  "log"};
	char lower[5] = {0};

	for (size_t i = 0; i < label.n && i < sizeof(lower) - 1; i++)
		lower[i] = (char)(label.p[i] | 0x20);
	for (size_t i = 0; i < PK_LEN(extensions); i++)
		if (label.n == strlen(extensions[i]) && strcmp(lower, extensions[i]) == 0)
			return true;
	return false;
}

/* Labels of letters, digits, "-", "_" and bytes past ASCII, at least two of them, the last no number. */
static bool is_domain(struct pk_str s)
{
	struct pk_str rest = s, label = {0};
	size_t labels = 0;
	bool numeric = true;

	if (s.n < 4 || s.n > 253)
		return false;
	while (pk_str_split(&rest, '.', &label)) {
		if (label.n == 0 || label.n > 63)
			return false;
		numeric = true;
		for (size_t i = 0; i < label.n; i++) {
			char c = label.p[i];
			bool digit = c >= '0' && c <= '9';

			if (!digit && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '-' && c != '_' &&
			    (uint8_t)c < 0x80)
				return false;
			numeric = numeric && digit;
		}
		labels++;
	}
	return labels >= 2 && !numeric && !is_extension(label);
}

/* Without ":PORT", when there is exactly one colon and digits behind it. */
static struct pk_str without_port(struct pk_str s)
{
	size_t colon = pk_str_find(s, ':');
	uint64_t port;

	return colon < s.n && pk_str_u64(pk_str_n(s.p + colon + 1, s.n - colon - 1), 65535, &port)
		       ? pk_str_n(s.p, colon)
		       : s;
}

struct c2 {
	enum pk_ioc_kind kind;
	struct pk_str text;
	struct pk_ioc_net net;
};

/* True when it is one of the four kinds. */
static bool classify(struct pk_str s, struct c2 *ret)
{
	static const struct pk_str scheme = {"://", 3};
	size_t slash = pk_str_find(s, '/');
	bool has_scheme = false;

	*ret = (struct c2){.text = s};
	for (size_t i = 0; i < s.n && i < 16; i++)
		has_scheme |= pk_str_starts(pk_str_n(s.p + i, s.n - i), scheme);
	if (has_scheme) {
		ret->kind = PK_IOC_URL;
		return s.n >= 10;
	}
	if (s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		s = pk_str_n(s.p + 1, s.n - 2);
	if (pk_ioc_net_parse(s, true, &ret->net)) {
		ret->kind = ret->net.prefix == 128 ? PK_IOC_ADDRESS : PK_IOC_NETWORK;
		return true;
	}
	s = without_port(s);
	if (pk_ioc_net_parse(s, false, &ret->net)) {
		ret->kind = PK_IOC_ADDRESS;
		return true;
	}
	if (pk_str_starts(s, PK_STR("*.")))
		s = pk_str_n(s.p + 2, s.n - 2);
	if (slash < s.n && slash + 1 < s.n) { /* evil.com/gate.php */
		ret->kind = PK_IOC_URL;
		return is_domain(without_port(pk_str_n(s.p, slash)));
	}
	if (s.n > 0 && (s.p[s.n - 1] == '.' || s.p[s.n - 1] == '/'))
		s.n--;
	ret->kind = PK_IOC_DOMAIN;
	ret->text = s;
	return is_domain(s);
}

bool pk_ioc_looks_c2(struct pk_str text)
{
	PK_AUTO(pk_buf) plain = {0};
	struct c2 c;

	undo_defanging(&plain, text);
	return !plain.oom && classify(pk_buf_str(&plain), &c);
}

/* What every host has would hit on every host. */
static bool is_everywhere(const struct c2 *c)
{
	static const uint8_t zero[16], one[16] = {[15] = 1};
	bool v4 = pk_ioc_net_is_v4(&c->net);

	if (c->kind == PK_IOC_NETWORK)
		return c->net.prefix < (v4 ? 96 + 8 : 16);
	return v4 ? c->net.addr[12] == 127 || c->net.addr[12] == 0 || c->net.addr[12] == 255
		  : memcmp(c->net.addr, zero, 16) == 0 || memcmp(c->net.addr, one, 16) == 0;
}

void pk_ioc_build_c2(struct pk_ioc_build *b, struct pk_str text, const struct pk_ioc_about *about)
{
	PK_AUTO(pk_buf) plain = {0};
	PK_AUTO(pk_buf) canonical = {0};
	struct pk_ioc_entry *e = NULL;
	struct c2 c;

	undo_defanging(&plain, text);
	b->texts.oom |= plain.oom;
	if (!classify(pk_buf_str(&plain), &c)) {
		pk_ioc_build_problem(b, about->line, 1, "'%.*s' is no domain, address, network or URL",
				     PK_STR_ARG(text));
		return;
	}
	if (c.kind == PK_IOC_ADDRESS || c.kind == PK_IOC_NETWORK) {
		if (is_everywhere(&c)) {
			pk_ioc_build_problem(b, about->line, 0,
					     "'%.*s' is on every host, or half of all: not looked for",
					     PK_STR_ARG(text));
			return;
		}
		pk_ioc_net_put(&canonical, &c.net);
		b->texts.oom |= canonical.oom;
		if (c.kind == PK_IOC_ADDRESS)
			c.text = pk_buf_str(&canonical);
	}
	e = add_entry(b, c.kind, c.text, about);
	if (e)
		e->net = c.net;
}

/* --- the report --------------------------------------------------------------------------------------- */

static void put_section(struct pk_buf *report, struct pk_str bytes)
{
	pk_put_u64(report, bytes.n);
	pk_buf_put_str(report, bytes);
}

static int put_hashes(struct pk_ioc_build *b, struct pk_buf *report, struct pk_err *err)
{
	for (size_t i = 0; i < PK_LEN(b->hashes); i++) {
		size_t key = pk_ioc_digest_size[i % PK_IOC_HASH_TABLES];

		if (pk_buf_check(&b->hashes[i], err) < 0)
			return -1;
		if (!pk_ioc_sort(b->hashes[i].p, b->hashes[i].n / (key + 4), key + 4, key))
			return pk_fail_oom(err);
		put_section(report, pk_buf_str(&b->hashes[i]));
		pk_buf_done(&b->hashes[i]);
	}
	return 0;
}

int pk_ioc_build_report(struct pk_ioc_build *b, const struct pk_buf *rules, struct pk_buf *report, struct pk_err *err)
{
	PK_AUTO(pk_buf) indicators = {0};

	for (size_t i = 0; i < b->entry_count; i++) {
		const struct pk_ioc_entry *e = &b->entries[i];

		pk_put_u32(&indicators, e->kind);
		pk_put_u32(&indicators, e->note);
		pk_put_u32(&indicators, e->text);
		pk_put_u32(&indicators, e->line);
	}
	if (pk_buf_check(&b->texts, err) < 0 || pk_buf_check(&b->notes, err) < 0 || pk_buf_check(rules, err) < 0 ||
	    pk_buf_check(&indicators, err) < 0)
		return -1;
	pk_put_u32(report, (uint32_t)b->set_count);
	for (size_t i = 0; i < b->set_count; i++) {
		const struct pk_ioc_build_set *s = &b->sets[i];

		pk_put_u32(report, s->name);
		pk_put_u64(report, s->indicators);
		pk_put_u64(report, s->not_evaluated);
		pk_put_u8(report, s->refused);
	}
	pk_put_u32(report, (uint32_t)b->problem_count);
	for (size_t i = 0; i < b->problem_count; i++) {
		pk_put_u32(report, b->problems[i].set);
		pk_put_u64(report, b->problems[i].line);
		pk_put_u32(report, b->problems[i].text);
	}
	put_section(report, pk_buf_str(&b->texts));
	put_section(report, pk_buf_str(&b->notes));
	put_section(report, pk_buf_str(&indicators));
	put_section(report, pk_buf_str(rules));
	if (put_hashes(b, report, err) < 0)
		return -1;
	return pk_buf_check(report, err);
}
