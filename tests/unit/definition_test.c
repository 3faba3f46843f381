/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include "../tree.h"
#include <picket/coverage.h>
#include <picket/definition.h>
#include <picket/live.h>
#include <picket/plan.h>

#include <sys/stat.h>

#define GOOD_SOURCE "sources:\n- type: FILE\n  attributes: {paths: ['/a']}\n"

static int load(struct pk_definitions *d, const char *text, struct pk_err *err)
{
	return pk_definitions_load(d, "t.yaml", pk_str(text), err);
}

TEST(all_kinds_of_sources_are_read)
{
	static const char text[] =
		"# comment\n"
		"name: One\n"
		"aliases: [Uno]\n"
		"doc: |\n  Two\n  lines.\n"
		"sources:\n"
		"- type: FILE\n  attributes:\n    paths: ['/etc/x', \"%%users.homedir%%/**5/y\"]\n"
		"  supported_os: [Linux]\n"
		"  provides:\n  - {key: users.homedir, regex: '^a:(.*)$'}\n  - {key: b, wmi_key: Name}\n"
		"- type: COMMAND\n  attributes: {cmd: /bin/ps, args: [-e, '-f']}\n"
		"- type: PATH\n  attributes: {paths: ['\\a\\**2'], separator: '\\'}\n  supported_os: [Windows]\n"
		"- type: DIRECTORY\n  attributes: {paths: [/d]}\n"
		"- type: REGISTRY_KEY\n  attributes: {keys: ['HKEY_USERS\\x']}\n"
		"- type: REGISTRY_VALUE\n  attributes: {key_value_pairs: [{key: 'HKEY_USERS\\x', value: ''}]}\n"
		"- type: WMI\n  attributes: {query: SELECT x, base_object: winmgmts}\n"
		"supported_os: [Linux, Windows]\n"
		"urls: ['https://example.org/']\n"
		"labels: [Old]\n"
		"---\n"
		"name: Two\ndoc: second\nsources:\n- type: ARTIFACT_GROUP\n  attributes: {names: [One, Uno]}\n";
	PK_AUTO(pk_definitions) d = {0};
	const struct pk_definition *one;

	OK(load(&d, text, &err));
	OK(pk_definitions_check(&d, &err));
	CHECK_INT(d.n, 2);
	one = pk_definitions_find(&d, PK_STR("uNO"));
	CHECK(one && one == pk_definitions_find(&d, PK_STR("ONE")));
	if (!one)
		return;
	CHECK_INT(one->sources_n, 7);
	CHECK_INT(one->os, PK_OS_LINUX | PK_OS_WINDOWS);
	CHECK_INT(one->sources[0].os, PK_OS_LINUX);
	CHECK_INT(one->sources[0].provides_n, 2);
	CHECK_STR(pk_str(one->sources[0].provides[0].regex), PK_STR("^a:(.*)$"));
	CHECK_STR(pk_str(one->sources[0].items.v[1]), PK_STR("%%users.homedir%%/**5/y"));
	CHECK_STR(pk_str(one->sources[1].cmd), PK_STR("/bin/ps"));
	CHECK_INT(one->sources[1].items.n, 2);
	CHECK_INT(one->sources[2].separator, '\\');
	CHECK_INT(one->sources[5].items.n, 2);
	CHECK_STR(pk_str(one->doc), PK_STR("Two\nlines.\n"));
	CHECK_INT(one->line, 2);
	CHECK_INT(pk_definitions_find(&d, PK_STR("Two"))->line, 32);
	CHECK(!pk_definitions_find(&d, PK_STR("Three")));
}

TEST(a_json_list_is_read)
{
	PK_AUTO(pk_definitions) d = {0};

	OK(load(&d,
		"[{\"name\": \"A\", \"doc\": \"x\", \"sources\": [{\"type\": \"PATH\", \"attributes\": {\"paths\": "
		"[\"/a\"]}}]},\n {\"name\": \"B\", \"doc\": \"x\", \"sources\": [{\"type\": \"PATH\", "
		"\"attributes\": {\"paths\": [\"/b\"]}}]}]",
		&err));
	CHECK_INT(d.n, 2);
	OK(load(&d, "", &err));
	OK(load(&d, "# nothing\n", &err));
}

TEST(every_violation_names_its_line)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{"doc: x\n" GOOD_SOURCE, "line 1: a definition without a name"},
		{"name: A\n" GOOD_SOURCE, "'doc' is missing"},
		{"name: A\ndoc:\n" GOOD_SOURCE, "line 2: A: 'doc' must be a text"},
		{"name: A\ndoc: x\n", "'sources' is missing"},
		{"name: A\ndoc: x\nsources: []\n", "line 3: A: 'sources' must be a list that is not empty"},
		{"name: A\ndoc: x\nfoo: 1\n" GOOD_SOURCE, "line 3: A: unknown key 'foo'"},
		{"name: A\ndoc: x\ncollectors: 1\n" GOOD_SOURCE, "line 3: A: unknown key 'collectors'"},
		{"name: A\nname: B\ndoc: x\n" GOOD_SOURCE, "line 2: the key 'name' is there twice"},
		{"name: A B\ndoc: x\n" GOOD_SOURCE, "without spaces"},
		{"name: [A]\ndoc: x\n" GOOD_SOURCE, "'name' must be a text"},
		{"name: A\ndoc: x\nsupported_os: [linux]\n" GOOD_SOURCE, "line 3: A: unknown operating system 'linux'"},
		{"name: A\ndoc: x\nsupported_os: []\n" GOOD_SOURCE, "'supported_os' is empty"},
		{"name: A\ndoc: x\naliases: B\n" GOOD_SOURCE, "'aliases' must be a list"},
		{"name: A\ndoc: x\nurls: [[a]]\n" GOOD_SOURCE, "'urls' must be a list of texts"},
		{"name: A\ndoc: x\nsources:\n- attributes: {paths: [/a]}\n", "line 4: A: a source's 'type' is missing"},
		{"name: A\ndoc: x\nsources:\n- type: FILE\n", "'attributes' are missing"},
		{"name: A\ndoc: x\nsources:\n- type: FOO\n  attributes: {a: b}\n", "unknown source type 'FOO'"},
		{"name: A\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: [/a], x: 1}\n",
		 "unknown attribute 'x'"},
		{"name: A\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: []}\n", "'paths' is empty"},
		{"name: A\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: /a}\n", "'paths' must be a list"},
		{"name: A\ndoc: x\nsources:\n- type: FILE\n  attributes: {separator: '/'}\n", "'paths' is missing"},
		{"name: A\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: ['/**/a/**2']}\n", "more than one **"},
		{"name: A\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: ['/a/**11']}\n", "not a whole part"},
		{"name: A\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: ['/a/**0']}\n", "not a whole part"},
		{"name: A\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: ['/a/b**']}\n", "not a whole part"},
		{"name: A\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: ['/a/**/']}\n", "ends in a separator"},
		{"name: A\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: ['/a'], separator: ':'}\n",
		 "'separator' must be"},
		{"name: A\ndoc: x\nsupported_os: [Linux]\nsources:\n- type: FILE\n  attributes: {paths: ['\\a'], "
		 "separator: '\\'}\n",
		 "is for Windows only"},
		{"name: A\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: [/a]}\n  returned_types: [x]\n",
		 "'returned_types'"},
		{"name: A\ndoc: x\nsupported_os: [Linux]\nsources:\n- type: FILE\n  attributes: {paths: [/a]}\n"
		 "  supported_os: [Darwin]\n",
		 "line 7: A: a source's 'supported_os' goes beyond"},
		{"name: A\ndoc: x\nsources:\n- type: COMMAND\n  attributes: {cmd: a}\n", "'cmd' and 'args' must both"},
		{"name: A\ndoc: x\nsources:\n- type: COMMAND\n  attributes: {args: [a]}\n",
		 "'cmd' and 'args' must both"},
		{"name: A\ndoc: x\nsources:\n- type: ARTIFACT_GROUP\n  attributes: {names: []}\n", "'names' is empty"},
		{"name: A\ndoc: x\nsources:\n- type: REGISTRY_KEY\n  attributes: {keys: ['HKEY_CURRENT_USER\\a']}\n",
		 "HKEY_CURRENT_USER is not supported"},
		{"name: A\ndoc: x\nsources:\n- type: REGISTRY_KEY\n  attributes: {keys: ['HKLM\\a']}\n",
		 "unknown registry root"},
		{"name: A\ndoc: x\nsources:\n- type: REGISTRY_VALUE\n  attributes: {key_value_pairs: [{key: a}]}\n",
		 "must have a key and a value"},
		{"name: A\ndoc: x\nsources:\n- type: WMI\n  attributes: {base_object: a}\n", "'query' is missing"},
		{"name: A\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: [/a]}\n  provides: [{regex: a}]\n",
		 "must have a key"},
		{"name: &x A\ndoc: x\n" GOOD_SOURCE, "line 1: anchors"},
		{"name: A\ndoc: *x\n" GOOD_SOURCE, "line 2: aliases"},
		{"name: !!str A\ndoc: x\n" GOOD_SOURCE, "line 1: tags"},
		{"name: A\n\tdoc: x\n", "line 2"},
		{"name: A\ndoc: \"x\n", "line"},
		{"name: A\ndoc: \"x\\0\"\n" GOOD_SOURCE, "NUL character"},
		{"name: A\ndoc: \xff\n" GOOD_SOURCE, "line 2: not UTF-8"},
		{"just text\n", "a definition must be a map"},
		{"[[[[[[[[[[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]]]]]]]]]", "nested too deep"},
		{"---\n---\nname: A\ndoc: x\n" GOOD_SOURCE, "line 2: a definition must be a map"},
		{"name: A\ndoc: x\n" GOOD_SOURCE "---\nname: a\ndoc: x\n" GOOD_SOURCE,
		 "the name 'a' is taken: see t.yaml, line 1"},
		{"name: A\naliases: [a]\ndoc: x\n" GOOD_SOURCE, "the name 'a' is taken"},
	};

	for (size_t i = 0; i < PK_LEN(bad); i++) {
		PK_AUTO(pk_definitions) d = {0};
		struct pk_err why = {0};

		CHECK_INT(load(&d, bad[i].text, &why), -1);
		CHECK_INT(why.kind, PK_EFORMAT);
		CHECK(strncmp(why.msg, "t.yaml: line ", 13) == 0);
		if (!strstr(why.msg, bad[i].says))
			printf("# case %zu: '%s' lacks '%s'\n", i, why.msg, bad[i].says);
		CHECK(strstr(why.msg, bad[i].says) != NULL);
		CHECK_INT(d.n, 0);
	}
}

TEST(a_file_is_taken_whole_or_not_at_all)
{
	PK_AUTO(pk_definitions) d = {0};

	OK(load(&d, "name: A\naliases: [Aa]\ndoc: x\n" GOOD_SOURCE, &err));
	FAILS(PK_EFORMAT,
	      load(&d, "name: B\naliases: [Bb, B2]\ndoc: x\n" GOOD_SOURCE "---\nname: AA\ndoc: x\n" GOOD_SOURCE, &err));
	CHECK_INT(d.n, 1);
	CHECK(!pk_definitions_find(&d, PK_STR("B")) && !pk_definitions_find(&d, PK_STR("b2")));
	OK(load(&d, "name: B\naliases: [Bb]\ndoc: x\n" GOOD_SOURCE, &err));
	CHECK(pk_definitions_find(&d, PK_STR("bb")) && pk_definitions_find(&d, PK_STR("aa")));
}

TEST(groups_must_make_sense)
{
	static const char group[] = "name: %s\ndoc: x\nsources:\n- type: ARTIFACT_GROUP\n  attributes: {names: [%s]}\n";
	static const struct {
		const char *a, *b, *says;
	} bad[] = {
		{"B", "A", "the group 'A' contains itself"},
		{"A", "A", "the group 'A' contains itself"},
		{"C", "A", "line 4: 'A' names 'C', which is not defined"},
		{"b", "B", "line 4: 'A' names 'b', which is not defined"},
	};

	for (size_t i = 0; i < PK_LEN(bad); i++) {
		PK_AUTO(pk_definitions) d = {0};
		PK_AUTO(pk_buf) text = {0};
		struct pk_err why = {0};

		pk_buf_putf(&text, group, "A", bad[i].a);
		pk_buf_puts(&text, "---\n");
		pk_buf_putf(&text, group, "B", bad[i].b);
		OK(load(&d, text.p, &err));
		CHECK_INT(pk_definitions_check(&d, &why), -1);
		CHECK_INT(why.kind, PK_EFORMAT);
		if (!strstr(why.msg, bad[i].says))
			printf("# %s\n", why.msg);
		CHECK(strstr(why.msg, bad[i].says) != NULL);
	}
}

TEST(a_folder_is_loaded_in_order)
{
	TREE t = tree_new();
	PK_AUTO(pk_definitions) d = {0};

	tree_file(&t, "b.yaml", "name: B\ndoc: x\n" GOOD_SOURCE);
	tree_file(&t, "a.yml", "name: A\ndoc: x\n" GOOD_SOURCE);
	tree_file(&t, "c.txt", "not: yaml: at all");
	OK(pk_definitions_load_path(&d, t.dir, &err));
	CHECK_INT(d.n, 2);
	CHECK_STR(pk_str(d.v[0]->name), PK_STR("A"));
	FAILS(PK_ESYS, pk_definitions_load_path(&d, "/nonexistent/x.yaml", &err));
	tree_dirs(&t, "empty");
	{
		PK_AUTO(pk_buf) b = {0};

		pk_buf_putf(&b, "%s/empty", t.dir);
		FAILS(PK_EUSAGE, pk_definitions_load_path(&d, b.p, &err));
	}
}

TEST(upstream_is_read_whole)
{
	PK_AUTO(pk_definitions) d = {0};
	struct stat st;

	if (stat("/usr/share/artifacts/linux.yaml", &st) < 0) {
		printf("# forensic-artifacts is not installed: not tried\n");
		return;
	}
	OK(pk_definitions_load_path(&d, "/usr/share/artifacts", &err));
	OK(pk_definitions_load_builtin(&d, &err));
	OK(pk_definitions_check(&d, &err));
	CHECK(d.n > 800);
	CHECK(pk_definitions_find(&d, PK_STR("UnixShadowFile")) != NULL);
}

/* --- our own set ----------------------------------------------------------------------------------- */

TEST(our_own_set_stands_alone)
{
	PK_AUTO(pk_definitions) d = {0};
	PK_AUTO(pk_definitions) files = {0};
	PK_AUTO(pk_limits) limits = {0};

	OK(pk_definitions_load_builtin(&d, &err));
	OK(pk_definitions_check(&d, &err));
	OK(pk_limits_load_builtin(&limits, &err));
	OK(pk_definitions_load_path(&files, "rules/artifacts", &err)); /* what is in the folder is in the program */
	CHECK_INT(files.n, d.n);
	for (size_t i = 0; i < d.n; i++) {
		struct pk_str name = pk_str(d.v[i]->name);

		if (!pk_str_starts(name, PK_STR("Picket")))
			printf("# %s\n", d.v[i]->name);
		CHECK(pk_str_starts(name, PK_STR("Picket")));
		CHECK_INT(d.v[i]->os, PK_OS_LINUX);
	}
	for (size_t i = 0; i < limits.n; i++) {
		if (!pk_definitions_find(&d, pk_str(limits.v[i].name)))
			printf("# limits.txt names '%s'\n", limits.v[i].name);
		CHECK(pk_definitions_find(&d, pk_str(limits.v[i].name)) != NULL);
	}
}

struct counted {
	const struct pk_definitions *d;
	unsigned n, yes, partly;
};

static int check_item(void *ctx, const struct pk_coverage_item *i, struct pk_err *err)
{
	struct counted *c = ctx;
	struct pk_str rest = i->how, one;

	(void)err;
	CHECK_INT(i->number, ++c->n);
	c->yes += i->covered == PK_COVERED_YES;
	c->partly += i->covered == PK_COVERED_PARTLY;
	while (i->covered != PK_COVERED_NO && pk_str_split(&rest, ',', &one)) {
		bool known;

		one = pk_str_trim(one);
		if (pk_str_starts(one, PK_STR("table:")))
			known = pk_live_find(pk_str_n(one.p + 6, one.n - 6)) != NULL;
		else
			known = pk_str_eq(one, PK_STR("walk")) || pk_definitions_find(c->d, one);
		if (!known)
			printf("# item %u: '%.*s' is neither an artefact nor a table\n", i->number, PK_STR_ARG(one));
		CHECK(known);
	}
	return 0;
}

TEST(coverage_claims_what_there_is)
{
	PK_AUTO(pk_definitions) d = {0};
	struct counted c = {.d = &d};

	OK(pk_definitions_load_builtin(&d, &err));
	OK(pk_coverage_each(check_item, &c, &err));
	CHECK_INT(c.n, 277);
	printf("# covered: %u, partly: %u, not: %u\n", c.yes, c.partly, c.n - c.yes - c.partly);
	FAILS(PK_EFORMAT, pk_coverage_parse(PK_STR("1\tx\tN\n"), check_item, &c, &err));
	FAILS(PK_EFORMAT, pk_coverage_parse(PK_STR("1\tx\tX\twalk\n"), check_item, &c, &err));
	FAILS(PK_EFORMAT, pk_coverage_parse(PK_STR("1\tx\tN\tno: \n"), check_item, &c, &err));
	FAILS(PK_EFORMAT, pk_coverage_parse(PK_STR("1\tx\tN\t\n"), check_item, &c, &err));
}

RUN_TESTS(T(all_kinds_of_sources_are_read), T(a_json_list_is_read), T(every_violation_names_its_line),
	  T(a_file_is_taken_whole_or_not_at_all), T(groups_must_make_sense), T(a_folder_is_loaded_in_order),
	  T(upstream_is_read_whole), T(our_own_set_stands_alone), T(coverage_claims_what_there_is))
