/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"

#include <picket/json.h>
#include <picket/label.h>

TEST(text_comes_back)
{
	static const char *const good[] = {"unlabelled", "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER+STRICT REL TO USA",
					   "TLP:RED REL TO JPN,PHL,USA"};

	for (size_t i = 0; i < PK_LEN(good); i++) {
		PK_AUTO(pk_label) l = {0};
		PK_AUTO(pk_buf) b = {0};

		OK(pk_label_parse(pk_str(good[i]), &l, &err));
		pk_buf_put_label(&b, &l);
		CHECK_STR(pk_buf_str(&b), pk_str(good[i]));
	}
}

TEST(other_spellings_are_refused)
{
	static const char *const bad[] = {
		"",
		"TLP:",
		"AMBER",
		"TLP:amber",
		"TLP:WHITE",
		"TLP:AMBER ",
		"TLP:AMBER REL TO ",
		"TLP:AMBER REL TO USA,JPN",
		"TLP:AMBER REL TO JPN, USA",
		"TLP:AMBER REL TO JPN,JPN",
		"TLP:AMBER REL TO XXX",
		"TLP:AMBER REL TO FVEY",
		"unlabelled REL TO USA",
		"TLP:AMBER  REL TO USA",
		"TLP:AMBER REL TO usa",
	};

	for (size_t i = 0; i < PK_LEN(bad); i++) {
		struct pk_label l = {0};

		FAILS(PK_EFORMAT, pk_label_parse(pk_str(bad[i]), &l, &err));
	}
}

TEST(groups_become_their_nations)
{
	PK_AUTO(pk_label) l = {.tlp = PK_TLP_GREEN};
	PK_AUTO(pk_buf) b = {0};

	OK(pk_label_set_rel_to(&l, PK_STR("JPN, AUKUS,USA"), &err));
	pk_buf_put_label(&b, &l);
	CHECK_STR(pk_buf_str(&b), PK_STR("TLP:GREEN REL TO AUS,GBR,JPN,USA"));
	FAILS(PK_EUSAGE, pk_label_set_rel_to(&l, PK_STR("JPN,,USA"), &err));
	FAILS(PK_EUSAGE, pk_label_set_rel_to(&l, PK_STR("UKR,EUR"), &err));
	CHECK_INT(l.rel_to.n, 4);
	OK(pk_label_set_rel_to(&l, PK_STR("NATO"), &err));
	CHECK_INT(l.rel_to.n, 32);
	OK(pk_label_set_rel_to(&l, PK_STR(""), &err));
	CHECK_INT(l.rel_to.n, 0);
}

/* tlp, REL TO of a and b, and of what is made of both. */
TEST(combining_never_widens)
{
	static const struct {
		const char *a, *b, *both;
	} t[] = {
		{"TLP:GREEN REL TO JPN,USA", "TLP:RED REL TO PHL,USA", "TLP:RED REL TO USA"},
		{"TLP:AMBER REL TO JPN", "TLP:AMBER+STRICT REL TO PHL", "TLP:AMBER+STRICT"},
		{"unlabelled", "TLP:CLEAR REL TO JPN,USA", "unlabelled"},
		{"TLP:GREEN REL TO USA", "unlabelled", "unlabelled"},
		{"unlabelled", "TLP:AMBER REL TO JPN,USA", "TLP:AMBER"},
		{"TLP:CLEAR", "TLP:GREEN REL TO JPN", "TLP:GREEN"},
		{"unlabelled", "unlabelled", "unlabelled"},
	};

	for (size_t i = 0; i < PK_LEN(t); i++) {
		PK_AUTO(pk_label) a = {0}, b = {0}, ab = {0}, ba = {0};
		PK_AUTO(pk_buf) text = {0};

		OK(pk_label_parse(pk_str(t[i].a), &a, &err));
		OK(pk_label_parse(pk_str(t[i].b), &b, &err));
		OK(pk_label_combine(&a, &b, &ab, &err));
		OK(pk_label_combine(&b, &a, &ba, &err));
		CHECK(pk_label_eq(&ab, &ba));
		pk_buf_put_label(&text, &ab);
		CHECK_STR(pk_buf_str(&text), pk_str(t[i].both));
		CHECK(!pk_label_permits(&ab, "JPN"));
	}
}

TEST(people_are_shown_all_of_it)
{
	static const struct {
		const char *tlp, *rel_to, *caveats, *originator, *text, *within_30;
	} cases[] = {
		{"AMBER", "USA,JPN", "ORCON,LES", "lead,JCDC",
		 "TLP:AMBER REL TO JPN,USA CAVEATS LES,ORCON ORIGINATOR JCDC,lead",
		 "TLP:AMBER REL TO JPN,USA CAVEATS ... ORIGINATOR ..."},
		{"GREEN", NULL, NULL, "lead", "TLP:GREEN ORIGINATOR lead", "TLP:GREEN ORIGINATOR lead"},
		{"RED", NULL, "ORCON", NULL, "TLP:RED CAVEATS ORCON", "TLP:RED CAVEATS ORCON"},
		{NULL, NULL, "ORCON", "lead", "unlabelled CAVEATS ORCON ORIGINATOR lead",
		 "unlabelled CAVEATS ORCON ORIGINATOR ..."},
		{"CLEAR", "NATO", NULL, NULL, NULL, "TLP:CLEAR REL TO ..."},
		/* a name is never a word of the label */
		{"RED", NULL, "A ORIGINATOR US", "a \"b\",\xc2\xa0x",
		 "TLP:RED CAVEATS \"A ORIGINATOR US\" ORIGINATOR \"a \"\"b\"\"\",\"\xc2\xa0x\"",
		 "TLP:RED CAVEATS ... ORIGINATOR ..."},
	};

	for (size_t i = 0; i < PK_LEN(cases); i++) {
		PK_AUTO(pk_label) l = {0};
		PK_AUTO(pk_buf) b = {0}, within = {0}, columns = {0}, rel_to = {0}, caveats = {0};

		OK(pk_label_set_words(&l, cases[i].tlp, cases[i].rel_to, cases[i].caveats, &err));
		if (cases[i].originator)
			OK(pk_label_set_originator(&l, pk_str(cases[i].originator), &err));
		pk_buf_put_label_shown(&b, &l);
		pk_buf_put_label_within(&within, &l, 30);
		if (cases[i].text)
			CHECK_STR(pk_buf_str(&b), pk_str(cases[i].text));
		CHECK_STR(pk_buf_str(&within), pk_str(cases[i].within_30));
		for (size_t k = 0; k < l.rel_to.n; k++)
			pk_buf_putf(&rel_to, "%s%s", k ? "," : "", l.rel_to.v[k]);
		for (size_t k = 0; k < l.caveats.n; k++)
			pk_buf_putf(&caveats, "%s%s", k ? "," : "", l.caveats.v[k]);
		pk_buf_put_label_columns(&columns, pk_str(pk_tlp_name(l.tlp)), pk_buf_str(&rel_to),
					 pk_buf_str(&caveats), pk_str(l.originator));
		CHECK_STR(pk_buf_str(&columns), pk_buf_str(&b));
	}
}

TEST(what_is_only_shown_has_no_limit)
{
	PK_AUTO(pk_label) all = {0}, none = {0};
	size_t n = 0;

	for (char c = 'a'; c <= 'z'; c++) {
		PK_AUTO(pk_label) one = {.tlp = PK_TLP_GREEN};
		struct pk_label both = {0};
		char name[91];

		memset(name, c, sizeof(name) - 1);
		name[sizeof(name) - 1] = 0;
		OK(pk_label_set_originator(&one, pk_str(name), &err));
		OK(pk_label_join(&all, &one, &both, &err));
		pk_label_done(&all);
		all = both;
	}
	n = strlen(all.originator);
	CHECK_INT(n, 26 * 91 - 1);
	FAILS(PK_ELIMIT, pk_label_combine(&all, &none, &none, &err));
}

TEST(originators_and_caveats_add_up)
{
	PK_AUTO(pk_label) a = {.tlp = PK_TLP_AMBER}, b = {.tlp = PK_TLP_AMBER}, c = {0};

	OK(pk_label_set_originator(&a, PK_STR("JGSDF"), &err));
	OK(pk_label_set_originator(&b, PK_STR("CPT-7"), &err));
	OK(pk_label_set_caveats(&a, PK_STR("ORCON, LES"), &err));
	OK(pk_label_set_caveats(&b, PK_STR("LES"), &err));
	OK(pk_label_combine(&a, &b, &c, &err));
	CHECK_STR(pk_str(c.originator), PK_STR("CPT-7,JGSDF"));
	CHECK_INT(c.caveats.n, 2);
	FAILS(PK_EUSAGE, pk_label_set_originator(&a, PK_STR("a\nb"), &err));
	FAILS(PK_EUSAGE, pk_label_set_caveats(&a, PK_STR("\033[1M"), &err));
}

TEST(every_field_makes_another_label)
{
	static const char *const other[][4] = {/* TLP, REL TO, caveats, originator */
					       {"GREEN", "JPN", "ORCON", "phl"},
					       {"AMBER", "JPN,USA", "ORCON", "phl"},
					       {"AMBER", "JPN", "", "phl"},
					       {"AMBER", "JPN", "ORCON", "usa"},
					       {"AMBER", "JPN", "ORCON", "phl"}};
	PK_AUTO(pk_label) same = {0};

	OK(pk_label_set_words(&same, "AMBER", "JPN", "ORCON", &err));
	OK(pk_label_set_originator(&same, PK_STR("phl"), &err));
	for (size_t i = 0; i < PK_LEN(other); i++) {
		PK_AUTO(pk_label) l = {0};

		OK(pk_label_set_words(&l, other[i][0], other[i][1], other[i][2], &err));
		OK(pk_label_set_originator(&l, pk_str(other[i][3]), &err));
		CHECK_INT(pk_label_eq(&same, &l), i + 1 == PK_LEN(other));
	}
	CHECK(pk_label_permits(&same, "JPN"));
	same.tlp = PK_TLP_NONE; /* what has no label is nobody's by its nation */
	CHECK(!pk_label_permits(&same, "JPN"));
}

TEST(json_comes_back_and_is_strict)
{
	static const char good[] =
		"{\"tlp\":\"AMBER\",\"rel_to\":[\"JPN\",\"USA\"],\"originator\":\"CPT-7\",\"caveats\":[\"ORCON\"]}";
	static const char *const bad[] = {
		"{}",
		"{\"tlp\":\"TLP:AMBER\",\"rel_to\":[],\"originator\":null,\"caveats\":[]}",
		"{\"tlp\":\"AMBER\",\"rel_to\":[\"USA\",\"JPN\"],\"originator\":null,\"caveats\":[]}",
		"{\"tlp\":\"AMBER\",\"rel_to\":\"JPN\",\"originator\":null,\"caveats\":[]}",
		"{\"tlp\":\"AMBER\",\"rel_to\":[],\"originator\":null}",
		"{\"tlp\":\"AMBER\",\"rel_to\":[],\"caveats\":[]}",
		"{\"rel_to\":[],\"originator\":null,\"caveats\":[]}",
		"{\"tlp\":\"AMBER\",\"rel_to\":[],\"originator\":null,\"caveats\":[\"A,B\"]}",
		"{\"tlp\":\"AMBER\",\"rel_to\":[],\"originator\":null,\"caveats\":[\"\"]}",
		"{\"tlp\":\"AMBER\",\"rel_to\":[],\"originator\":null,\"caveats\":[\"orcon\"]}",
		"{\"tlp\":\"AMBER\",\"rel_to\":[\"\"],\"originator\":null,\"caveats\":[]}",
		"{\"tlp\":\"AMBER\",\"rel_to\":[],\"originator\":null,\"caveats\":[\"A\\u0000\"]}",
		"{\"tlp\":\"AMBER\",\"rel_to\":[],\"originator\":\"A\\u0000\",\"caveats\":[]}",
		"{\"tlp\":\"AMBER\",\"rel_to\":[1],\"originator\":null,\"caveats\":[]}",
	};
	PK_AUTO(pk_label) l = {0};
	PK_AUTO(pk_buf) out = {0};
	struct pk_json j = {.out = &out};
	pk_autojson *v = NULL;

	OK(pk_json_parse(PK_STR(good), &v, &err));
	OK(pk_label_from_json(v, &l, &err));
	pk_json_begin(&j, '{');
	pk_json_put_label(&j, &l);
	pk_json_end(&j, '}');
	CHECK_STR(pk_buf_str(&out), PK_STR(good));
	for (size_t i = 0; i < PK_LEN(bad); i++) {
		struct pk_label no = {0};
		pk_autojson *w = NULL;

		OK(pk_json_parse(pk_str(bad[i]), &w, &err));
		FAILS(PK_EFORMAT, pk_label_from_json(w, &no, &err));
	}
}

TEST(caveats_are_in_capitals)
{
	static const char *const bad[] = {"orcon", "ORCON,Les", "NO ORIGINATOr", "NOT-a"};
	PK_AUTO(pk_label) l = {0};

	OK(pk_label_set_caveats(&l, PK_STR("ORCON, LES NO-42_X+(1), \xc3\x89TAT"), &err));
	CHECK_INT(l.caveats.n, 3);
	for (size_t i = 0; i < PK_LEN(bad); i++) {
		struct pk_err why = {0};

		CHECK(pk_label_set_caveats(&l, pk_str(bad[i]), &why) < 0 && why.kind == PK_EUSAGE);
		CHECK(strstr(why.msg, "caveats are in capitals"));
		CHECK_INT(l.caveats.n, 3);
	}
}

TEST(options_of_a_label_need_the_first)
{
	static const struct {
		const char *tlp, *rel_to, *originator, *caveats, *issuer, *shown; /* shown NULL: refused */
	} cases[] = {
		{NULL, NULL, NULL, NULL, "lead", "unlabelled"},
		{NULL, "USA", NULL, NULL, "lead", NULL},
		{NULL, NULL, "lead", NULL, "lead", NULL},
		{NULL, NULL, NULL, "LES", NULL, NULL},
		{"PINK", NULL, NULL, NULL, NULL, NULL},
		{"RED", "USX", NULL, NULL, NULL, NULL},
		{"RED", NULL, "a\nb", NULL, NULL, NULL},
		{"RED", NULL, NULL, NULL, NULL, "TLP:RED"},
		{"RED", NULL, NULL, NULL, "lead", "TLP:RED ORIGINATOR lead"},
		{"RED", "USA", "JCDC", "LES", "lead", "TLP:RED REL TO USA CAVEATS LES ORIGINATOR JCDC"},
	};

	for (size_t i = 0; i < PK_LEN(cases); i++) {
		PK_AUTO(pk_label) l = {0};
		PK_AUTO(pk_buf) b = {0};
		struct pk_err why = {0};
		int r = pk_label_from_options(&l, cases[i].tlp, cases[i].rel_to, cases[i].originator, cases[i].caveats,
					      cases[i].issuer, &why);

		if (!cases[i].shown) {
			CHECK(r < 0 && why.kind == PK_EUSAGE);
			continue;
		}
		CHECK_INT(r, 0);
		pk_buf_put_label_shown(&b, &l);
		CHECK_STR(pk_buf_str(&b), pk_str(cases[i].shown));
	}
}

RUN_TESTS(T(text_comes_back), T(other_spellings_are_refused), T(groups_become_their_nations), T(combining_never_widens),
	  T(originators_and_caveats_add_up), T(people_are_shown_all_of_it), T(what_is_only_shown_has_no_limit),
	  T(json_comes_back_and_is_strict), T(caveats_are_in_capitals), T(options_of_a_label_need_the_first),
	  T(every_field_makes_another_label))
