/* SPDX-License-Identifier: Apache-2.0 */
#include "../../lib/scan/part.h"
#include "../t.h"

static bool may(const char *cond, const struct pk_cond_class *cls)
{
	struct pk_lextoken t[256];
	struct pk_lex lex = pk_lex(pk_str(cond));
	size_t n = 0;

	while (n < PK_LEN(t)) {
		t[n] = pk_lex_next(&lex);
		if (t[n].type == PK_LEX_END)
			break;
		n++;
	}
	return pk_cond_may_hold(t, n, cls);
}

TEST(what_needs_mz_is_seen)
{
	static const struct pk_cond_class not_mz = {.not_mz = true}, all = {0};
	static const char *const cannot[] = {
		"uint16(0) == 0x5A4D and $a",
		"$a and 0x5a4d == uint16(0)",
		"uint16be(0) == 0x4D5A and $a",
		"uint16(0) == 23117",
		"(uint16(0) == 0x5a4d and uint32(uint32(0x3C)) == 0x4550) and any of them",
		"pe.number_of_sections > 2 and $a",
		"$a and (pe.is_32bit() or pe.imports(\"a.dll\"))",
		"pe.is_pe",
		"pe.exports(/x/) and $a",
		"for any i in (0..pe.number_of_sections - 1) : (pe.sections[i].name == \"x\")",
		"for any s in pe.sections : (s.name == \"x\")",
		"not (not (uint16(0) == 0x5a4d))",
		"uint32(0) == 0x00905a4d",
		"$a at pe.entry_point",
		"pe.version_info[\"a\"] contains \"b\" and filesize < 3MB",
		"pe.sections[pe.section_index(\".text\")].raw_data_size == 0 and $a",
		"pe.characteristics & pe.DLL and $a",
		"uint16(0) == 0x5a4d or false",
		"pe.timestamp > 0 or uint16(0) == 0x5a4d",
		"not not pe.is_pe",
	};
	static const char *const can[] = {
		"$a",
		"not pe.is_pe",
		"uint16(0) == 0x5a4d or $a",
		"not uint16(0) == 0x5a4d",
		"uint16(0) != 0x5a4d",
		"uint8(0) == 0x4d",
		"pe.is_pe == 0",
		"not pe.number_of_sections > 2 or $a",
		"not defined pe.entry_point",
		"pe.MACHINE_I386 == 0x14c",
		"uint16(2) == 0x5a4d",
		"uint16(0) & 0xff == 0x4d",
		"uint16(filesize - 2) == 0x5a4d",
		"for all i in (0..pe.number_of_sections - 1) : (pe.sections[i].name == \"x\")",
		"elf.type == 2",
		"not (pe.is_32bit() and $a)",
		"pe.rich_signature.version(1) == 0",
		"for any of them : (@ > 10)",
		"uint32be(0) == 0x7f454c46 and $a",
		"none of them",
		"50% of them",
		"0 of them",
		"nonsense nonsense",
		"$a and (",
		"",
		"uint16(0) == 0x5a4d) or ($a",
		"for any i in (1..#a) : (@a[i] > 10)",
		"uint16(0) < 0x5a4e",
	};

	for (size_t i = 0; i < PK_LEN(cannot); i++) {
		if (may(cannot[i], &not_mz))
			printf("# %s\n", cannot[i]);
		CHECK(!may(cannot[i], &not_mz));
		CHECK(may(cannot[i], &all));
	}
	for (size_t i = 0; i < PK_LEN(can); i++) {
		if (!may(can[i], &not_mz))
			printf("# %s\n", can[i]);
		CHECK(may(can[i], &not_mz));
	}
}

TEST(sizes_are_seen)
{
	static const struct pk_cond_class large = {.size_min = (10 << 20) + 1};

	CHECK(!may("filesize < 10MB and $a", &large));
	CHECK(!may("filesize <= 10MB", &large));
	CHECK(!may("$a and 10485760 > filesize", &large));
	CHECK(!may("filesize < 1024 * 1024 and $a", &large));
	CHECK(!may("filesize == 0", &large));
	CHECK(may("filesize < 11MB", &large));
	CHECK(may("filesize > 10MB", &large));
	CHECK(may("filesize < 10MB or $a", &large));
	CHECK(may("not filesize < 10MB", &large));
}

TEST(rules_that_need_a_string_are_seen)
{
	static const struct pk_cond_class none = {.not_mz = true, .no_strings = true};

	CHECK(!may("any of them or pe.is_32bit()", &none));
	CHECK(!may("2 of ($a*) or pe.timestamp > 3", &none));
	CHECK(!may("#a > 3 or @b[1] < 10", &none));
	CHECK(!may("all of them", &none));
	CHECK(may("none of them", &none));
	CHECK(may("not $a", &none));
	CHECK(may("#a == 0", &none));
	CHECK(may("for any of them : (# == 0)", &none));
	CHECK(may("any of (rule*)", &none));
}

TEST(sources_are_reduced)
{
	static const char text[] =
		"import \"pe\"\nimport \"math\"\n"
		"private rule helper { condition: uint16(0) == 0x5a4d }\n"
		"rule gone : tag { meta: a = \"}\" strings: $a = { 4d 5a } /* } */ condition: helper and $a and "
		"uint16(0) == 0x5a4d }\n"
		"rule stays { strings: $a = \"x}\" condition: $a and not helper }\n"
		"rule trigger { strings: $a = /a\\/}/ $b = \"b\" condition: $a or (pe.is_pe and $b) }\n";
	static const struct pk_cond_class not_mz = {.not_mz = true};
	PK_AUTO(pk_rules) from = {0};
	PK_AUTO(pk_rules) to = {0};
	PK_AUTO(pk_strv) triggers = {0};
	const bool skip[1] = {false};
	size_t left_out = 0;

	OK(pk_rules_add(&from, "n", "f.yar", pk_str(text), &err));
	OK(pk_part_reduce(&from, skip, &not_mz, &to, &triggers, &left_out, &err));
	CHECK_INT(to.n, 1);
	if (to.n == 1)
		CHECK_STR(pk_str(to.v[0].text),
			  PK_STR("private rule helper { condition: uint16(0) == 0x5a4d }\n"
				 "rule stays { strings: $a = \"x}\" condition: $a and not helper }\n"
				 "rule trigger { strings: $a = /a\\/}/ $b = \"b\" \ncondition: any of them }\n"));
	CHECK_INT(left_out, 3);
	CHECK(triggers.n == 1 && strcmp(triggers.v[0], "n\ntrigger") == 0);
}

RUN_TESTS(T(what_needs_mz_is_seen), T(sizes_are_seen), T(rules_that_need_a_string_are_seen), T(sources_are_reduced))
