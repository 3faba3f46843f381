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
		{"unlabelled", "TLP:CLEAR REL TO JPN,USA", "TLP:CLEAR"},
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
	FAILS(PK_EUSAGE, pk_label_set_caveats(&a, PK_STR("\033[1m"), &err));
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

RUN_TESTS(T(text_comes_back), T(other_spellings_are_refused), T(groups_become_their_nations), T(combining_never_widens),
	  T(originators_and_caveats_add_up), T(json_comes_back_and_is_strict))
