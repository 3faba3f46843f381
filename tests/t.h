/* SPDX-License-Identifier: Apache-2.0 */
/** A unit test is one program: TEST(name) { CHECK(...); } blocks and RUN_TESTS(...) in main; TAP on stdout. */
#ifndef PICKET_TESTS_T_H
#define PICKET_TESTS_T_H

#include <picket/str.h>
#include <stdio.h>

static int t_failed_here PK_UNUSED, t_failed PK_UNUSED, t_count PK_UNUSED;

#define TEST(name) static void name(void)
#define CHECK(cond) \
	do { \
		if (!(cond)) { \
			t_failed_here++; \
			printf("# %s:%d: not so: %s\n", __FILE__, __LINE__, #cond); \
		} \
	} while (0)
#define CHECK_STR(got, want) \
	do { \
		struct pk_str t_g = (got), t_w = (want); \
		if (!pk_str_eq(t_g, t_w)) { \
			t_failed_here++; \
			printf("# %s:%d: %s is '%.*s', not '%.*s'\n", __FILE__, __LINE__, #got, PK_STR_ARG(t_g), \
			       PK_STR_ARG(t_w)); \
		} \
	} while (0)
#define CHECK_INT(got, want) \
	do { \
		long long t_g = (long long)(got), t_w = (long long)(want); \
		if (t_g != t_w) { \
			t_failed_here++; \
			printf("# %s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #got, t_g, t_w); \
		} \
	} while (0)
/** A call that must succeed (0); prints the error's message when it does not. */
#define OK(call) \
	do { \
		struct pk_err err = {0}; \
		if ((call) != 0) { \
			t_failed_here++; \
			printf("# %s:%d: %s: %s\n", __FILE__, __LINE__, #call, err.msg); \
		} \
	} while (0)
/** A call that must fail with this kind (the call names &err). */
#define FAILS(want_kind, call) \
	do { \
		struct pk_err err = {0}; \
		if ((call) == 0 || err.kind != (want_kind)) { \
			t_failed_here++; \
			printf("# %s:%d: %s: kind %d, not %d: %s\n", __FILE__, __LINE__, #call, (int)err.kind, \
			       (int)(want_kind), err.msg); \
		} \
	} while (0)
#define SKIP(why) printf("ok %d # SKIP %s\n", ++t_count, why)
struct t_case {
	const char *name;
	void (*run)(void);
};
static void PK_UNUSED t_run_cases(const struct t_case *cases, size_t n)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < n; i++) {
		t_failed_here = 0;
		cases[i].run();
		printf("%sok %d - %s\n", t_failed_here ? "not " : "", ++t_count, cases[i].name);
		t_failed += t_failed_here > 0;
	}
}
static int PK_UNUSED t_end(void)
{
	printf("1..%d\n", t_count);
	return t_failed > 0;
}
#define T(name) \
	{ \
#name, name \
	}
#define RUN_TESTS(...) \
	int main(void) \
	{ \
		static const struct t_case cases[] = {__VA_ARGS__}; \
		t_run_cases(cases, PK_LEN(cases)); \
		return t_end(); \
	}

#endif
