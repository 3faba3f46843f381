/* SPDX-License-Identifier: Apache-2.0 */
/* Sets with one indicator a line, as their bytes come; and what kind of set a file is. */
#include "iocset.h"

#include <picket/limits.h>

enum format { UNKNOWN, HASHES, TRUSTED, FILENAMES, C2, KEYWORDS, JSON, REFUSED };

#define SAMPLE_BYTES 65536u

/* --- which kind --------------------------------------------------------------------------------------- */

static bool is_alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* Whether the last component of name has this word, between characters that are no letters or digits. */
static bool has_word(struct pk_str name, const char *word)
{
	struct pk_str w = pk_str(word);

	for (size_t i = name.n; i > 0; i--)
		if (name.p[i - 1] == '/') {
			name = pk_str_n(name.p + i, name.n - i);
			break;
		}
	for (size_t i = 0; i + w.n <= name.n; i++) {
		bool same = (i == 0 || !is_alnum(name.p[i - 1])) && (i + w.n == name.n || !is_alnum(name.p[i + w.n]));

		for (size_t k = 0; k < w.n && same; k++)
			same = (name.p[i + k] | 0x20) == w.p[k];
		if (same)
			return true;
	}
	return false;
}

static bool has_any(struct pk_str name, const char *const *words)
{
	for (; *words; words++)
		if (has_word(name, *words))
			return true;
	return false;
}

static enum format by_name(struct pk_str name)
{
	static const char *const hash[] = {"hash", "hashes", "md5", "sha1", "sha256", NULL};
	static const char *const good[] = {
		"trusted", "falsepositive", "falsepositives", "knowngood", "allowlist", "whitelist", NULL};
	static const char *const file[] = {"filename", "filenames", NULL};
	static const char *const c2[] = {"c2", "domain", "domains", "ip", "ips", "url", "urls", NULL};
	static const char *const keyword[] = {"keyword", "keywords", NULL};

	if (pk_str_ends_nocase(name, PK_STR(".json")))
		return JSON;
	if (has_any(name, hash))
		return has_any(name, good) || (has_word(name, "false") && has_word(name, "positive")) ||
				       (has_word(name, "known") && has_word(name, "good"))
			       ? TRUSTED
			       : HASHES;
	if (has_any(name, file))
		return FILENAMES;
	if (has_any(name, keyword))
		return KEYWORDS;
	if (has_any(name, c2))
		return C2;
	return UNKNOWN;
}

/* --- one line ----------------------------------------------------------------------------------------- */

static bool read_score(struct pk_str s, int32_t *ret)
{
	uint64_t v;
	bool negative;

	s = pk_str_trim(s);
	negative = s.n > 0 && s.p[0] == '-';
	if (negative)
		s = pk_str_n(s.p + 1, s.n - 1);
	if (!pk_str_u64(s, 100, &v))
		return false;
	*ret = negative ? -(int32_t)v : (int32_t)v;
	return true;
}

static const int8_t *hex_table(void)
{
	static int8_t t[256];

	if (t['1'] == 0) {
		memset(t, -1, sizeof(t));
		for (int i = 0; i < 10; i++)
			t['0' + i] = (int8_t)i;
		for (int i = 0; i < 6; i++)
			t['a' + i] = t['A' + i] = (int8_t)(10 + i);
	}
	return t;
}

/* Hex digits at the start of a line: how many. */
static size_t hex_run(struct pk_str s)
{
	const int8_t *t = hex_table();
	size_t n = 0;

	while (n < s.n && t[(uint8_t)s.p[n]] >= 0)
		n++;
	return n;
}

static bool is_hash_line(struct pk_str s)
{
	size_t n = hex_run(s);

	return (n == 32 || n == 40 || n == 64) &&
	       (n == s.n || s.p[n] == ';' || s.p[n] == ',' || s.p[n] == ' ' || s.p[n] == '\t');
}

/* A line of the names of columns, the first one that of what is looked for: "SHA-256;comment", "ip,first seen". */
static bool is_header(struct pk_str s)
{
	static const char *const names[] = {
		"md5",       "md5hash",  "sha1",       "sha1hash",  "sha256",         "sha256hash", "hash",
		"hashes",    "filehash", "hashvalue",  "indicator", "indicatorvalue", "ioc",        "iocvalue",
		"value",     "domain",   "domainname", "host",      "hostname",       "fqdn",       "ip",
		"ipaddress", "ipv4",     "ipv6",       "address",   "destination",    "url",        "c2"};
	char word[16];
	size_t n = 0, end = 0;

	while (end < s.n && s.p[end] != ';' && s.p[end] != ',' && s.p[end] != '\t')
		end++;
	s.n = end;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == ' ' || c == '-' || c == '_')
			continue;
		if (n == sizeof(word))
			return false;
		word[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	for (size_t i = 0; i < PK_LEN(names); i++)
		if (pk_str_eq(pk_str_n(word, n), pk_str(names[i])))
			return true;
	return false;
}

/* "SCORE;DESCRIPTION", "DESCRIPTION", "SCORE" */
static void read_about(struct pk_str rest, char sep, struct pk_ioc_about *about)
{
	struct pk_str first, all = rest;

	if (rest.n == 0 || !pk_str_split(&rest, sep, &first))
		return;
	if (read_score(first, &about->score))
		about->description = rest.p ? pk_str_trim(rest) : (struct pk_str){0};
	else
		about->description = pk_str_trim(all);
}

static void take_hash(struct pk_ioc_reader *r, struct pk_str s, struct pk_ioc_about *about)
{
	const int8_t *t = hex_table();
	struct pk_str whole = s;
	uint8_t hash[32];
	size_t n;

	if (s.n > 0 && s.p[0] == '\\') /* sha256sum, of a name with a newline */
		s = pk_str_n(s.p + 1, s.n - 1);
	if (hex_run(s) < 32 && s.n > 36) { /* sha256sum --tag: SHA256 (NAME) = HASH */
		for (size_t i = s.n - 1; i > 3; i--)
			if (s.p[i] == ' ' && s.p[i - 1] == '=' && s.p[i - 3] == ')') {
				s = pk_str_n(s.p + i + 1, s.n - i - 1);
				break;
			}
	}
	n = hex_run(s);
	if (!is_hash_line(s)) {
		if (n >= 32 && n == s.n)
			pk_ioc_build_problem(r->b, r->line, 1,
					     "%zu hex digits are no MD5, SHA-1 or SHA-256: not looked for", n);
		else
			pk_ioc_build_problem(r->b, r->line, 1, "'%.*s' is no hash", PK_STR_ARG(whole));
		return;
	}
	for (size_t i = 0; i < n / 2; i++)
		hash[i] = (uint8_t)(t[(uint8_t)s.p[2 * i]] << 4 | t[(uint8_t)s.p[2 * i + 1]]);
	if (n < s.n && (s.p[n] == ';' || s.p[n] == ','))
		read_about(pk_str_n(s.p + n + 1, s.n - n - 1), s.p[n], about);
	else if (n < s.n)
		about->description = pk_str_trim(pk_str_n(s.p + n, s.n - n));
	if (about->description.n > 0 && about->description.p[0] == '*' && n < s.n && s.p[n] == ' ')
		about->description = pk_str_n(about->description.p + 1, about->description.n - 1);
	pk_ioc_build_hash(r->b, hash, n / 2, r->format == TRUSTED, about);
}

static void take_filename(struct pk_ioc_reader *r, struct pk_str s, struct pk_ioc_about *about)
{
	struct pk_str regex, score, except = {0};

	pk_str_split(&s, ';', &regex);
	if (s.p) {
		pk_str_split(&s, ';', &score);
		if (s.p)
			except = pk_str_trim(s);
		if (score.n > 0 && !read_score(score, &about->score)) {
			pk_ioc_build_problem(r->b, r->line, 1, "'%.*s' is no score: REGEX;SCORE;FALSE-POSITIVE-REGEX",
					     PK_STR_ARG(score));
			return;
		}
	}
	pk_ioc_build_filename(r->b, pk_str_trim(regex), except, about);
}

static void take_c2(struct pk_ioc_reader *r, struct pk_str s, struct pk_ioc_about *about)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != ';' && s.p[n] != ',' && s.p[n] != ' ' && s.p[n] != '\t')
		n++;
	if (n < s.n)
		read_about(pk_str_n(s.p + n + 1, s.n - n - 1), s.p[n] == ',' ? ',' : ';', about);
	pk_ioc_build_c2(r->b, pk_str_n(s.p, n), about);
}

/* Cuts off what stands behind the last semicolon, when something is before it. */
static bool cut_last(struct pk_str *s, struct pk_str *ret)
{
	size_t semicolon = s->n;

	while (semicolon > 0 && s->p[semicolon - 1] != ';')
		semicolon--;
	if (semicolon <= 1)
		return false;
	*ret = pk_str_n(s->p + semicolon, s->n - semicolon);
	s->n = semicolon - 1;
	return true;
}

/* TEXT, TEXT;SCORE or TEXT;SCORE;DESCRIPTION: a text may have semicolons, so only a number tells. */
static void take_keyword(struct pk_ioc_reader *r, struct pk_str s, struct pk_ioc_about *about)
{
	struct pk_str text = s, last, score;

	if (cut_last(&text, &last)) {
		if (read_score(last, &about->score)) {
			s = text;
		} else if (cut_last(&text, &score) && read_score(score, &about->score)) {
			s = text;
			if (pk_str_trim(last).n > 0)
				about->description = pk_str_trim(last);
		}
	}
	pk_ioc_build_literal(r->b, PK_IOC_KEYWORD, pk_str_trim(s), about);
}

/* A comment describes what stands below it, up to the next empty line. */
static void take_comment(struct pk_ioc_reader *r, struct pk_str s)
{
	while (s.n > 0 && (s.p[0] == '#' || s.p[0] == ' '))
		s = pk_str_n(s.p + 1, s.n - 1);
	while (s.n > 0 && (s.p[s.n - 1] == '#' || s.p[s.n - 1] == '-'))
		s.n--;
	pk_buf_reset(&r->comment);
	pk_buf_put_str(&r->comment, pk_str_n(s.p, PK_MIN(s.n, (size_t)400)));
}

static void take_line(struct pk_ioc_reader *r, struct pk_str s)
{
	struct pk_ioc_about about = {.score = PK_IOC_NO_SCORE};
	bool first;

	r->line++;
	s = pk_str_trim(s);
	if (s.n == 0) {
		pk_buf_reset(&r->comment);
		return;
	}
	if (s.p[0] == '#') {
		take_comment(r, s);
		return;
	}
	first = !r->began;
	r->began = true;
	if (first && (r->format == HASHES || r->format == TRUSTED || r->format == C2) && is_header(s))
		return;
	about.line = r->line;
	about.description = pk_str_trim(pk_buf_str(&r->comment));
	switch ((enum format)r->format) {
	case HASHES:
	case TRUSTED: take_hash(r, s, &about); break;
	case FILENAMES: take_filename(r, s, &about); break;
	case C2: take_c2(r, s, &about); break;
	case KEYWORDS: take_keyword(r, s, &about); break;
	case UNKNOWN:
	case JSON:
	case REFUSED: break;
	}
}

/* --- bytes as they come ------------------------------------------------------------------------------- */

void pk_ioc_reader_begin(struct pk_ioc_reader *r, struct pk_ioc_build *b, struct pk_str name)
{
	static const char *const unknown[] = {"handle", "handles", "pipe", "pipes", "mutex", NULL};

	*r = (struct pk_ioc_reader){.b = b, .format = by_name(name)};
	pk_ioc_build_begin(b, name);
	if (has_any(name, unknown)) {
		r->format = REFUSED;
		pk_ioc_build_refuse(b, "handles and named pipes are not looked for");
	}
	r->decided = r->format != UNKNOWN;
}

/* What every line of the sample is, where the name says nothing. Its last line may be cut, unless it is all. */
static enum format by_content(struct pk_str text, bool is_all)
{
	bool hashes = true, c2 = true, any = false, first = true;
	struct pk_str line;

	while (pk_str_line(&text, &line)) {
		line = pk_str_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (!text.p && any && !is_all)
			break;
		if (first && is_header(line)) {
			first = false;
			continue;
		}
		first = false;
		any = true;
		hashes = hashes && is_hash_line(line);
		for (size_t i = 0; i < line.n; i++)
			if (line.p[i] == ';' || line.p[i] == ',' || line.p[i] == ' ') {
				line.n = i;
				break;
			}
		c2 = c2 && pk_ioc_looks_c2(line);
	}
	return !any ? UNKNOWN : hashes ? HASHES : c2 ? C2 : UNKNOWN;
}

static void decide(struct pk_ioc_reader *r, bool is_all)
{
	struct pk_str text = pk_str_trim(pk_buf_str(&r->pending));

	r->decided = true;
	if (text.n == 0)
		return;
	r->format = text.p[0] == '{' || text.p[0] == '[' ? JSON : by_content(text, is_all);
	if (r->format == UNKNOWN) {
		r->format = REFUSED;
		pk_ioc_build_refuse(
			r->b, "it is not clear what kind of set this is: put one of hash, trusted-hash, filename, "
			      "c2 or keyword into the file's name, as in 'apt-c2-iocs.txt'");
	}
}

static void drop_front(struct pk_buf *b, size_t n)
{
	memmove(b->p, b->p + n, b->n - n);
	b->n -= n;
	b->p[b->n] = '\0';
}

/* Marks of the encoding; "UTF-16" is what Windows' own tools write. */
static void look_at_start(struct pk_ioc_reader *r)
{
	struct pk_str s = pk_buf_str(&r->pending);

	r->started = true;
	if (pk_str_starts(s, PK_STR("\xff\xfe")) || pk_str_starts(s, PK_STR("\xfe\xff"))) {
		r->format = REFUSED;
		r->decided = true;
		pk_ioc_build_refuse(r->b, "this is UTF-16 text: save it as UTF-8");
	} else if (pk_str_starts(s, PK_STR("\xef\xbb\xbf"))) {
		drop_front(&r->pending, 3);
	}
}

static void take_lines(struct pk_ioc_reader *r, bool at_end)
{
	struct pk_str rest = pk_buf_str(&r->pending);

	for (;;) {
		const char *lf = rest.n > 0 ? memchr(rest.p, '\n', rest.n) : NULL;
		size_t n = lf ? (size_t)(lf - rest.p) : rest.n;

		if (!lf && (!at_end || rest.n == 0) && !r->skipping && n <= PK_IOC_MAX_LINE)
			break;
		if (n > PK_IOC_MAX_LINE && !r->skipping)
			pk_ioc_build_problem(r->b, r->line + 1, 1, "a line of more than %u bytes", PK_IOC_MAX_LINE);
		if (n <= PK_IOC_MAX_LINE && !r->skipping)
			take_line(r, pk_str_n(rest.p, n));
		else
			r->line += lf != NULL;
		r->skipping = !lf && !at_end;
		rest = pk_str_n(rest.p + n + (lf != NULL), rest.n - n - (lf != NULL));
		if (!lf)
			break;
	}
	drop_front(&r->pending, r->pending.n - rest.n);
}

void pk_ioc_reader_feed(struct pk_ioc_reader *r, struct pk_str bytes)
{
	if (bytes.n == 0)
		return;
	if (r->format == JSON && r->pending.n + bytes.n > PK_MAX_JSON) {
		r->format = REFUSED;
		pk_buf_done(&r->pending);
		pk_ioc_build_refuse(r->b, "more than 64 MiB of JSON: split it");
	}
	if (r->format == REFUSED && r->decided)
		return;
	pk_buf_put_str(&r->pending, bytes);
	if (r->pending.oom) {
		r->b->texts.oom = true;
		return;
	}
	if (!r->started && r->pending.n >= 3)
		look_at_start(r);
	if (!r->decided && r->pending.n >= SAMPLE_BYTES)
		decide(r, false);
	if (r->started && r->decided && r->format != JSON && r->format != REFUSED && r->pending.n > 0)
		take_lines(r, false);
}

void pk_ioc_reader_end(struct pk_ioc_reader *r)
{
	if (!r->decided)
		decide(r, true);
	if (r->pending.n == 0 || r->pending.oom)
		return;
	if (r->format == JSON)
		pk_ioc_read_json(r->b, pk_buf_str(&r->pending));
	else if (r->format != REFUSED)
		take_lines(r, true);
}

void pk_ioc_reader_done(struct pk_ioc_reader *r)
{
	pk_buf_done(&r->pending);
	pk_buf_done(&r->comment);
}
