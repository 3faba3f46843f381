/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include <picket/plan.h>

TEST(segments_match)
{
	static const struct {
		const char *pattern, *name;
		bool match;
	} t[] = {
		{"*", "", true},
		{"*", ".hidden", true},
		{"*.log", "a.log", true},
		{"*.log", "a.log.1", false},
		{"a*b*c", "aXbYc", true},
		{"a*b*c", "aXbY", false},
		{"?", "a", true},
		{"?", "", false},
		{"gc.log.[0-9]", "gc.log.3", true},
		{"gc.log.[0-9]", "gc.log.x", false},
		{"[!a]", "b", true},
		{"[!a]", "a", false},
		{"[]a]", "]", true},
		{"[a", "[a", true},
		{"[a-", "[a-", true},
		{"A", "a", false},
		{"a\\x2db*", "a\\x2db.service", true},
		{"*\xff", "x\xff", true},
		{"[\x80-\xff]", "\xfe", true},
		{"a b", "a b", true},
		{"**", "x", true},
		{"*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
	};

	for (size_t i = 0; i < PK_LEN(t); i++) {
		bool got = pk_glob_match(pk_str(t[i].pattern), pk_str(t[i].name));

		if (got != t[i].match)
			printf("# '%s' and '%s'\n", t[i].pattern, t[i].name);
		CHECK_INT(got, t[i].match);
	}
}

TEST(paths_match)
{
	static const struct {
		const char *pattern, *path;
		bool match;
	} t[] = {
		{"/etc/shadow", "/etc/shadow", true},
		{"/etc/shadow", "/etc/shadow-", false},
		{"/etc/tcb/*/shadow", "/etc/tcb/bob/shadow", true},
		{"/a/**/b", "/a/b", true},
		{"/a/**/b", "/a/x/y/b", true},
		{"/a/**2/b", "/a/x/y/b", true},
		{"/a/**2/b", "/a/x/y/z/b", false},
		{"/a/**", "/a", false},
		{"/a/**", "/a/x", true},
		{"/a/**2", "/a/x/y", true},
		{"/a/**2", "/a/x/y/z", false},
		{"/a/**1/*.c", "/a/x/f.c", true},
		{"/a", "/a/b", false},
		{"/", "/", true},
	};

	for (size_t i = 0; i < PK_LEN(t); i++) {
		bool got = pk_glob_match_path(pk_str(t[i].pattern), pk_str(t[i].path), 10);

		if (got != t[i].match)
			printf("# '%s' and '%s'\n", t[i].pattern, t[i].path);
		CHECK_INT(got, t[i].match);
	}
}

TEST(limits_are_read_strictly)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{"A max_file=10X\n", "x: line 1: 'max_file=10X' is not understood"},
		{"A max_file\n", "is not understood"},
		{"A foo=1\n", "unknown word 'foo=1'"},
		{"# c\n\nA walk=no\n", "line 3"},
		{"A exclude=etc\n", "not understood"},
		{"A exclude=/**/a/**\n", "not understood"},
		{"A max_count=-1\n", "not understood"},
		{"A\nA\n", "line 2: 'A' has a line already"},
		{"A max_file=99999999999999999999\n", "not understood"},
		{"A max_file=18446744073709551615K\n", "not understood"},
	};
	PK_AUTO(pk_limits) l = {0};

	OK(pk_limits_load(&l, "x",
			  PK_STR("# a comment\n\n A  max_file=10M max_count=5 exclude=/a exclude=/b\r\nB walk=yes\n"),
			  &err));
	CHECK_INT(l.n, 2);
	CHECK_INT(l.v[0].max_file, 10 << 20);
	CHECK_INT(l.v[0].max_count, 5);
	CHECK_INT(l.v[0].exclude.n, 2);
	CHECK(l.v[1].walk && l.v[1].max_file == UINT64_MAX);
	for (size_t i = 0; i < PK_LEN(bad); i++) {
		PK_AUTO(pk_limits) one = {0};
		struct pk_err why = {0};

		CHECK_INT(pk_limits_load(&one, "x", pk_str(bad[i].text), &why), -1);
		if (!strstr(why.msg, bad[i].says))
			printf("# '%s' lacks '%s'\n", why.msg, bad[i].says);
		CHECK(strstr(why.msg, bad[i].says) != NULL);
	}
}

static const char defs_text[] =
	"name: Etc\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: ['/etc/**', '/etc//x/./y']}\n"
	"---\nname: Shadow\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: [/etc/shadow]}\n"
	"---\nname: Same\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: ['/etc/x/y']}\n"
	"---\nname: Home\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: ['%%Users.HomeDir%%/.x', "
	"'%%users.appdata%%/x', "
	"'/x/%%users.homedir%%', 'rel', '/a/../b', '%%users.homedir%%x']}\n"
	"---\nname: Cmd\ndoc: x\nsources:\n- type: COMMAND\n  attributes: {cmd: /bin/ps, args: [-e]}\n"
	"---\nname: Win\ndoc: x\nsources:\n- type: FILE\n  attributes: {paths: ['\\x'], separator: "
	"'\\'}\nsupported_os: [Windows]\n"
	"---\nname: Dir\ndoc: x\nsources:\n- type: DIRECTORY\n  attributes: {paths: [/d]}\n- type: PATH\n  attributes: "
	"{paths: [/p]}\n"
	"---\nname: Inner\ndoc: x\nsources:\n- type: ARTIFACT_GROUP\n  attributes: {names: [Etc, Same]}\n"
	"---\nname: PicketTriage\ndoc: x\nsources:\n- type: ARTIFACT_GROUP\n  attributes: {names: [Inner, Dir, Win, "
	"Etc]}\n";
static const char limits_text[] = "PicketTriage walk=yes max_file=1G exclude=/etc/shadow\nInner max_file=20M\n"
				  "Etc max_file=10M exclude=/etc/e\n";

static void build(struct pk_plan *p, const char *profile, const char *name, unsigned star)
{
	PK_AUTO(pk_definitions) d = {0};
	PK_AUTO(pk_limits) l = {0};
	PK_AUTO(pk_strv) names = {0};
	struct pk_plan_opts opts = {.profile = profile, .artefacts = &names, .globstar_default = star};

	OK(pk_definitions_load(&d, "t", pk_str(defs_text), &err));
	OK(pk_limits_load(&l, "l", pk_str(limits_text), &err));
	if (name)
		OK(pk_strv_add(&names, pk_str(name), &err));
	OK(pk_plan_build(p, &d, &l, &opts, &err));
}

TEST(a_profile_becomes_ordered_requests)
{
	PK_AUTO(pk_plan) p = {0};

	build(&p, "triage", NULL, 3);
	CHECK(p.walk);
	CHECK_STR(pk_str(p.profile), PK_STR("PicketTriage"));
	CHECK_INT(p.artefacts.n, 3);
	CHECK_INT(p.requests_n, 5);
	if (p.requests_n != 5)
		return;
	CHECK_STR(pk_str(p.requests[0].pattern), PK_STR("/etc/**"));
	CHECK_INT(p.requests[0].globstar, 3);
	CHECK_INT(p.requests[0].max_file, 10 << 20);
	CHECK_INT(p.requests[0].exclude.n, 2);
	CHECK_STR(pk_str(p.requests[1].pattern), PK_STR("/etc/x/y"));
	CHECK_STR(pk_str(p.requests[2].pattern), PK_STR("/etc/x/y")); /* other excludes: a request of its own */
	CHECK_INT(p.requests[2].max_file, 20 << 20);
	CHECK_INT(p.requests[3].type, PK_REQ_DIRECTORY);
	CHECK_INT(p.requests[3].max_file, 1 << 30);
	CHECK_INT(p.requests[4].type, PK_REQ_PATH);
	CHECK_INT(p.notes_n, 0);
}

TEST(what_is_named_is_free_of_the_profiles_excludes)
{
	PK_AUTO(pk_plan) p = {0};

	build(&p, "triage", "shadow", 0);
	CHECK_INT(p.requests_n, 6);
	CHECK_INT(p.requests[0].globstar, 10);
	if (p.requests_n == 6) {
		CHECK_STR(pk_str(p.requests[5].via.v[0]), PK_STR("Shadow"));
		CHECK_INT(p.requests[5].exclude.n, 0);
		CHECK(p.requests[5].max_file == UINT64_MAX);
	}
}

TEST(equal_requests_are_one)
{
	PK_AUTO(pk_definitions) d = {0};
	PK_AUTO(pk_plan) p = {0};
	struct pk_plan_opts opts = {.profile = "triage"};

	OK(pk_definitions_load(&d, "t", pk_str(defs_text), &err));
	OK(pk_plan_build(&p, &d, NULL, &opts, &err));
	CHECK_INT(p.requests_n, 4);
	CHECK_INT(p.requests[1].via.n, 2);
	CHECK(!p.walk);
}

TEST(what_cannot_be_done_is_noted)
{
	PK_AUTO(pk_plan) home = {0};
	PK_AUTO(pk_plan) cmd = {0};
	PK_AUTO(pk_plan) win = {0};

	build(&home, NULL, "Home", 0);
	CHECK_INT(home.requests_n, 1);
	CHECK_STR(pk_str(home.requests[0].pattern), PK_STR("%%users.homedir%%/.x"));
	CHECK_INT(home.notes_n, 5);
	if (home.notes_n == 5) {
		CHECK_STR(pk_str(home.notes[0].what), PK_STR("%%users.appdata%%/x"));
		CHECK_STR(pk_str(home.notes[0].why), PK_STR("it holds a variable that is not known on Linux"));
		CHECK_STR(pk_str(home.notes[2].why), PK_STR("it is not an absolute path"));
		CHECK_STR(pk_str(home.notes[3].why), PK_STR("it holds '..'"));
	}
	build(&cmd, NULL, "Cmd", 0);
	CHECK_INT(cmd.notes_n, 1);
	CHECK(cmd.notes_n && cmd.notes[0].is_command);
	CHECK_STR(pk_str(cmd.notes[0].what), PK_STR("/bin/ps -e"));
	build(&win, NULL, "Win", 0);
	CHECK_INT(win.notes_n, 1);
}

TEST(unknown_names_are_usage_errors)
{
	PK_AUTO(pk_definitions) d = {0};
	PK_AUTO(pk_strv) names = {0};
	PK_AUTO(pk_plan) p = {0};
	PK_AUTO(pk_plan) q = {0};
	PK_AUTO(pk_plan) r = {0};

	OK(pk_definitions_load(&d, "t", pk_str(defs_text), &err));
	OK(pk_strv_add(&names, PK_STR("Nothing"), &err));
	FAILS(PK_EUSAGE, pk_plan_build(&p, &d, NULL, &(struct pk_plan_opts){.profile = "full"}, &err));
	FAILS(PK_EUSAGE, pk_plan_build(&q, &d, NULL, &(struct pk_plan_opts){.artefacts = &names}, &err));
	FAILS(PK_EUSAGE,
	      pk_plan_build(&r, &d, NULL, &(struct pk_plan_opts){.profile = "triage", .globstar_default = 11}, &err));
}

TEST(built_in_profiles_make_plans)
{
	static const char *const profiles[] = {"minimal", "triage", "full"};
	size_t last = 0;

	for (size_t i = 0; i < PK_LEN(profiles); i++) {
		PK_AUTO(pk_definitions) d = {0};
		PK_AUTO(pk_limits) l = {0};
		PK_AUTO(pk_plan) p = {0};

		OK(pk_definitions_load_builtin(&d, &err));
		OK(pk_limits_load_builtin(&l, &err));
		OK(pk_plan_build(&p, &d, &l, &(struct pk_plan_opts){.profile = profiles[i]}, &err));
		CHECK_INT(p.notes_n, 0);
		CHECK(p.requests_n > last);
		CHECK_INT(p.walk, i > 0);
		last = p.requests_n;
	}
}

RUN_TESTS(T(segments_match), T(paths_match), T(limits_are_read_strictly), T(a_profile_becomes_ordered_requests),
	  T(what_is_named_is_free_of_the_profiles_excludes), T(equal_requests_are_one), T(what_cannot_be_done_is_noted),
	  T(unknown_names_are_usage_errors), T(built_in_profiles_make_plans))
