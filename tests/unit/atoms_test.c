/* SPDX-License-Identifier: Apache-2.0 */
/* The search for atoms against libyara's own: the same matches, hits and errors, whatever the strings and the bytes. */
#include "../../lib/scan/atoms.h"
#include "../t.h"

#include <elf.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define SETS 400
#define FILES 24

static uint64_t seed = 0x5eed;

static unsigned below(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % n;
}

/* --- what a scan says -------------------------------------------------------------------------------- */

static int tell(YR_SCAN_CONTEXT *context, int message, void *data, void *ctx)
{
	const YR_RULE *rule = data;
	const YR_STRING *s = NULL;
	struct pk_buf *b = ctx;

	if (message == CALLBACK_MSG_TOO_MANY_MATCHES)
		pk_buf_putf(b, "too many of %s\n", ((const YR_STRING *)data)->identifier);
	if (message != CALLBACK_MSG_RULE_MATCHING)
		return CALLBACK_CONTINUE;
	pk_buf_putf(b, "%s", rule->identifier);
	yr_rule_strings_foreach(rule, s)
	{
		const void *next = context->matches[s->idx].head;

		while (next) {
			YR_MATCH m;

			memcpy(&m, next, sizeof(m));
			next = m.next;
			pk_buf_putf(b, " %s@%lld+%d", s->identifier, (long long)m.offset, m.match_length);
		}
	}
	pk_buf_putf(b, "\n");
	return CALLBACK_CONTINUE;
}

static void scan_as(YR_RULES *rules, const struct pk_atoms *atoms, struct pk_str bytes, uint64_t timeout_ns,
		    bool mapped, struct pk_buf *ret)
{
	YR_SCANNER *s = NULL;
	int code;

	CHECK_INT(yr_scanner_create(rules, &s), ERROR_SUCCESS);
	yr_scanner_set_callback(s, tell, ret);
	yr_scanner_set_flags(s, SCAN_FLAGS_REPORT_RULES_MATCHING | SCAN_FLAGS_NO_TRYCATCH);
	s->timeout = timeout_ns;
	pk_buf_reset(ret);
	/* twice: nothing of the first time may be left */
	for (int i = 0; i < 2; i++) {
		s->entry_point = YR_UNDEFINED;
		code = pk_atoms_scan(atoms, s, (const uint8_t *)bytes.p, bytes.n, mapped);
		pk_buf_putf(ret, "%d %s\n", code,
			    code && s->last_error_string ? s->last_error_string->identifier : "-");
	}
	yr_scanner_destroy(s);
}

static void scan(YR_RULES *rules, const struct pk_atoms *atoms, struct pk_str bytes, uint64_t timeout_ns,
		 struct pk_buf *ret)
{
	scan_as(rules, atoms, bytes, timeout_ns, false, ret);
}

static YR_RULES *compile(const char *text)
{
	YR_COMPILER *yc = NULL;
	YR_RULES *rules = NULL;

	CHECK_INT(yr_initialize(), ERROR_SUCCESS);
	CHECK_INT(yr_compiler_create(&yc), ERROR_SUCCESS);
	if (yr_compiler_add_string(yc, text, NULL) == 0)
		CHECK_INT(yr_compiler_get_rules(yc, &rules), ERROR_SUCCESS);
	yr_compiler_destroy(yc);
	return rules;
}

/* Returns how many lines both scans gave. */
static size_t compare(YR_RULES *rules, const struct pk_atoms *atoms, struct pk_str bytes)
{
	PK_AUTO(pk_buf) want = {0};
	PK_AUTO(pk_buf) got = {0};
	size_t lines = 0;

	scan(rules, NULL, bytes, 0, &want);
	scan(rules, atoms, bytes, 0, &got);
	CHECK_STR(pk_buf_str(&got), pk_buf_str(&want));
	for (size_t i = 0; i < want.n; i++)
		lines += want.p[i] == '\n';
	return lines - 2;
}

/* --- random rules, random bytes ------------------------------------------------------------------------ */

/* Few letters, so that strings are found, and parts of them. */
static char letter(void) { return "abcABC01"[below(8)]; }

static void put_text(struct pk_buf *b)
{
	static const char *const modifiers[] = {"",
						"",
						"",
						" nocase",
						" wide",
						" ascii wide",
						" fullword",
						" private",
						" nocase wide",
						" xor",
						" xor(1-3) wide",
						" base64",
						" base64wide",
						" wide fullword nocase"};
	unsigned n = 1 + below(9), m = below(PK_LEN(modifiers));

	pk_buf_putf(b, "\"");
	for (unsigned i = 0; i < n || (strstr(modifiers[m], "base64") && i < 5); i++)
		pk_buf_put_c(b, letter());
	pk_buf_putf(b, "\"%s", modifiers[m]);
}

static void put_hex(struct pk_buf *b)
{
	static const char *const gaps[] = {"",    "",        "??",     "?1",  "6?",        "[1-3]",
					   "[2]", "[0-300]", "[250-]", "[-]", "(61|62 63)"};
	unsigned parts = 1 + below(3);

	pk_buf_putf(b, "{ ");
	for (unsigned i = 0; i < parts; i++) {
		for (unsigned k = 2 + below(4); k > 0; k--)
			pk_buf_putf(b, "%02x ", below(4) ? (unsigned)letter() : 0);
		if (i + 1 < parts)
			pk_buf_putf(b, "%s ", gaps[below(PK_LEN(gaps))]);
	}
	pk_buf_putf(b, "}");
}

static void put_regex(struct pk_buf *b)
{
	static const char *const middles[] = {".",  "[ab]{1,4}", ".*?", "(a|bc)", "\\x00?",
					      "c+", "\\w\\W?",   "\\b", "0|b"};
	static const char *const modifiers[] = {"", "i", "s", " wide", " nocase", " ascii wide", " fullword"};

	pk_buf_putf(b, "/");
	if (below(8) == 0)
		pk_buf_put_c(b, '^');
	for (unsigned k = 1 + below(5); k > 0; k--)
		pk_buf_put_c(b, letter());
	pk_buf_putf(b, "%s", middles[below(PK_LEN(middles))]);
	for (unsigned k = below(5); k > 0; k--)
		pk_buf_put_c(b, letter());
	pk_buf_putf(b, "%s/%s", below(8) ? "" : "$", modifiers[below(PK_LEN(modifiers))]);
}

static void put_rules(struct pk_buf *b)
{
	static const char *const conditions[] = {"any of them",
						 "any of them",
						 "any of them",
						 "all of them",
						 "none of them",
						 "#s0 == 0",
						 "#s0 > 2 and @s0[2] > 20",
						 "$s0 at 0",
						 "$s0 at 3 or $s0",
						 "$s0 in (0..100) or $s1",
						 "for any i in (1..#s0) : (uint8(@s0[i] + 1) == 0x61)",
						 "$s0 at entrypoint or $s1",
						 "!s0[1] > 2 or uint16(0) == 0x5a4d",
						 "for all of them : (# < 5)",
						 "filesize > 4000 and any of them",
						 "hash.md5(0, filesize) != \"\" and $s0",
						 "2 of them"};

	bool pe = below(10) == 0; /* the module is slow */

	pk_buf_reset(b);
	pk_buf_putf(b, "import \"hash\"\n%s", pe ? "import \"pe\"\n" : "");
	for (unsigned r = 0; r < 1 + below(6); r++) {
		pk_buf_putf(b, "%srule r%u { strings:\n", below(12) ? "" : "private ", r);
		for (unsigned i = 0; i < 2; i++) {
			pk_buf_putf(b, "$s%u = ", i);
			switch (below(4)) {
			case 0: put_hex(b); break;
			case 1: put_regex(b); break;
			default: put_text(b);
			}
			pk_buf_put_c(b, '\n');
		}
		pk_buf_putf(b, "condition: (%s) or (%s and $s0 and $s1)", conditions[below(PK_LEN(conditions))],
			    pe ? "pe.is_pe" : "$s1 at 0");
		if (r > 0 && below(4) == 0)
			pk_buf_putf(b, " and not r%u", below(r));
		pk_buf_putf(b, " }\n");
	}
}

static void put_bytes(struct pk_buf *b)
{
	static const size_t sizes[] = {0,   1,   2,    3,    4,    5,    6,    7,    20,   100,
				       300, 900, 4095, 4096, 4097, 4099, 4100, 4101, 8196, 9000};
	size_t n = sizes[below(PK_LEN(sizes))];
	unsigned kind = below(4);

	pk_buf_reset(b);
	if (below(6) == 0)
		pk_buf_puts(b, "MZ");
	while (b->n < n) {
		if (kind == 0)
			pk_buf_put_c(b, (char)below(256));
		else
			pk_buf_put_c(b, kind == 1 || below(60) ? letter() : '\0');
		if (kind == 2)
			pk_buf_put_c(b, '\0');
	}
	b->n = PK_MIN(b->n, n);
}

TEST(random_rules_find_in_random_bytes_what_libyara_finds)
{
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_buf) bytes = {0};
	unsigned filtered = 0;
	size_t lines = 0;

	for (unsigned i = 0; i < SETS; i++) {
		YR_RULES *rules = NULL;
		struct pk_atoms *atoms = NULL;

		put_rules(&text);
		rules = compile(text.p);
		if (!rules) /* some random strings are none */
			continue;
		atoms = pk_atoms_new(rules);
		filtered += atoms != NULL;
		for (unsigned k = 0; k < FILES; k++) {
			put_bytes(&bytes);
			lines += compare(rules, atoms, pk_buf_str(&bytes));
		}
		if (t_failed_here > 0) {
			printf("# rules: %.*s", PK_STR_ARG(pk_buf_str(&text)));
			i = SETS;
		}
		pk_atoms_free(atoms);
		yr_rules_destroy(rules);
	}
	printf("# %u sets with a filter, %zu hits\n", filtered, lines);
	CHECK(filtered > SETS / 2);
	CHECK(lines > SETS);
}

/* --- cases ----------------------------------------------------------------------------------------------- */

TEST(atoms_of_every_length_at_every_place)
{
	YR_RULES *rules = compile(
		"rule one { strings: $a = \"x\" $b = {00 ff} condition: any of them }\n"
		"rule two { strings: $a = \"yx\" $b = \"zyx\" $c = \"wzyx\" $d = \"vwzyx\" condition: any of them }");
	struct pk_atoms *atoms = pk_atoms_new(rules);
	char bytes[9000];

	CHECK(atoms != NULL);
	for (size_t at = 4080; at < 4110; at++) {
		memset(bytes, '.', sizeof(bytes));
		memcpy(bytes + at, "vwzyx", 5);
		for (size_t end = at; end <= at + 6; end++)
			(void)compare(rules, atoms, pk_str_n(bytes, end));
	}
	memcpy(bytes, "vwzyx", 5);
	for (size_t end = 0; end < 8; end++)
		(void)compare(rules, atoms, pk_str_n(bytes, end));
	pk_atoms_free(atoms);
	yr_rules_destroy(rules);
}

TEST(strings_without_atoms_are_left_to_libyara)
{
	YR_RULES *rules = compile("rule r { strings: $a = /[0-9]{2}./ $b = \"abcd\" condition: any of them }");

	CHECK(pk_atoms_new(rules) == NULL);
	CHECK(compare(rules, NULL, PK_STR("12x abcd")) > 0);
	yr_rules_destroy(rules);
}

TEST(rules_without_strings_need_no_search)
{
	YR_RULES *rules = compile("rule r { condition: filesize < 10 and uint8(0) == 0x61 }");
	struct pk_atoms *atoms = pk_atoms_new(rules);

	CHECK(atoms != NULL);
	CHECK_INT(compare(rules, atoms, PK_STR("abc")), 2);
	CHECK_INT(compare(rules, atoms, PK_STR("")), 0);
	pk_atoms_free(atoms);
	yr_rules_destroy(rules);
}

TEST(conditions_and_modules_see_the_bytes)
{
	static const Elf64_Ehdr head = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1},
					.e_type = ET_EXEC,
					.e_machine = EM_X86_64,
					.e_entry = 0x400000 + 200,
					.e_phoff = sizeof(head),
					.e_phentsize = sizeof(Elf64_Phdr),
					.e_phnum = 1};
	static const Elf64_Phdr segment = {.p_type = PT_LOAD, .p_vaddr = 0x400000, .p_memsz = 0x1000};
	YR_RULES *rules = compile(
		"import \"elf\" import \"hash\" import \"math\"\n"
		"rule r { strings: $a = \"ELF\" $b = \"text\" condition: $a at 1 and $b at entrypoint and "
		"elf.machine == elf.EM_X86_64 and math.entropy(0, filesize) > 0.1 and "
		"hash.md5(0, filesize) != \"\" and uint8(16) == 2 }");
	struct pk_atoms *atoms = pk_atoms_new(rules);
	char bytes[300] = {0};

	memcpy(bytes, &head, sizeof(head));
	memcpy(bytes + sizeof(head), &segment, sizeof(segment));
	memcpy(bytes + 200, "text", 4);
	CHECK_INT(compare(rules, atoms, pk_str_n(bytes, sizeof(bytes))), 2);
	memcpy(bytes + 200, "next", 4);
	CHECK_INT(compare(rules, atoms, pk_str_n(bytes, sizeof(bytes))), 0);
	pk_atoms_free(atoms);
	yr_rules_destroy(rules);
}

/* Strings on both sides of each place at which pages are given up, and conditions that look there again. */
TEST(a_mapped_file_is_given_up_behind_the_search)
{
	const size_t size = 21u << 20, step = 1u << 20;
	YR_RULES *rules = compile("import \"hash\"\n"
				  "rule r { strings: $a = \"vwzyx\" $far = { 76 77 7a 79 78 [1000-2000] 65 6e 64 } "
				  "condition: #a > 20 and "
				  "$far and uint8(0) == 0 and hash.md5(0, filesize) != \"\" }");
	struct pk_atoms *atoms = pk_atoms_new(rules);
	FILE *f = tmpfile();
	PK_AUTO(pk_buf) want = {0};
	PK_AUTO(pk_buf) got = {0};
	char *p = MAP_FAILED;

	CHECK(atoms && f && ftruncate(fileno(f), (off_t)size) == 0);
	for (size_t at = step; at < size; at += step) {
		CHECK_INT(pwrite(fileno(f), "vwzyx", 5, (off_t)at - 3), 5);
		CHECK_INT(pwrite(fileno(f), "end", 3, (off_t)at + 1500), 3);
	}
	CHECK_INT(pwrite(fileno(f), "vwzyx", 5, (off_t)size - 5), 5);
	p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fileno(f), 0);
	CHECK(p != MAP_FAILED);
	scan(rules, NULL, pk_str_n(p, size), 0, &want);
	scan_as(rules, atoms, pk_str_n(p, size), 0, true, &got);
	CHECK_STR(pk_buf_str(&got), pk_buf_str(&want));
	CHECK(pk_str_find(pk_buf_str(&want), '@') < want.n);
	munmap(p, size);
	fclose(f);
	pk_atoms_free(atoms);
	yr_rules_destroy(rules);
}

TEST(errors_are_libyara_s)
{
	static char bytes[1010000];
	YR_RULES *rules = compile("rule many { strings: $m = \"aaaa\" condition: $m }\n"
				  "rule fibers { strings: $f = /bbbb((((x?){1,40}){1,40}){1,10}y)*z/ condition: $f }");
	struct pk_atoms *atoms = pk_atoms_new(rules);
	PK_AUTO(pk_buf) out = {0};

	CHECK(atoms != NULL);
	/* more than a million matches */
	memset(bytes, 'a', sizeof(bytes));
	CHECK(compare(rules, atoms, pk_str_n(bytes, sizeof(bytes))) > 0);
	scan(rules, atoms, pk_str_n(bytes, sizeof(bytes)), 0, &out);
	CHECK(pk_str_starts(pk_buf_str(&out), PK_STR("too many of $m\n")));
	/* out of fibers */
	memset(bytes, 'x', 5000);
	memcpy(bytes + 100, "bbbb", 4);
	(void)compare(rules, atoms, pk_str_n(bytes, 5000));
	scan(rules, atoms, pk_str_n(bytes, 5000), 0, &out);
	CHECK_STR(pk_buf_str(&out), PK_STR("46 $f\n46 $f\n"));
	/* out of time */
	scan(rules, atoms, pk_str_n(bytes, sizeof(bytes)), 1, &out);
	CHECK_STR(pk_buf_str(&out), PK_STR("26 -\n26 -\n"));
	pk_atoms_free(atoms);
	yr_rules_destroy(rules);
}

RUN_TESTS(T(random_rules_find_in_random_bytes_what_libyara_finds), T(atoms_of_every_length_at_every_place),
	  T(strings_without_atoms_are_left_to_libyara), T(rules_without_strings_need_no_search),
	  T(conditions_and_modules_see_the_bytes), T(a_mapped_file_is_given_up_behind_the_search),
	  T(errors_are_libyara_s))
