/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled rules as bytes and back: what they find, and what is done with less than all of them. */
#include "../../lib/scan/compile.h"
#include "../t.h"

#include <stdlib.h>

static int count(YR_SCAN_CONTEXT *context, int message, void *data, void *ctx)
{
	(void)context;
	if (message == CALLBACK_MSG_RULE_MATCHING)
		pk_buf_putf(ctx, "%s ", ((const YR_RULE *)data)->identifier);
	return CALLBACK_CONTINUE;
}

static void compile(struct pk_compiled *ret, struct pk_buf *bytes)
{
	static const char text[] =
		"import \"math\"\n"
		"private rule p : tag { meta: a = \"b\" strings: $a = \"alpha\" nocase condition: $a }\n"
		"rule q { strings: $a = /be+ta/ $b = { 67 61 [0-400] 6d 61 } condition: all of them and p }\n"
		"rule r { condition: filename == \"\" and math.entropy(0, filesize) > 0.5 and p }\n"
		"rule s { strings: $a = \"never there\" condition: $a }\n";
	YR_COMPILER *yc = NULL;

	CHECK_INT(yr_initialize(), ERROR_SUCCESS);
	CHECK_INT(yr_compiler_create(&yc), ERROR_SUCCESS);
	yr_compiler_define_string_variable(yc, "filename", "");
	CHECK_INT(yr_compiler_add_string(yc, text, NULL), 0);
	CHECK_INT(yr_compiler_get_rules(yc, &ret->full), ERROR_SUCCESS);
	yr_compiler_destroy(yc);
	ret->broken = calloc(1, sizeof(*ret->broken));
	ret->source_count = 1;
	OK(pk_compiled_put(bytes, ret, 0, &err));
}

static void done(struct pk_compiled *c)
{
	if (c->full)
		yr_rules_destroy(c->full);
	pk_atoms_free(c->atoms);
	free(c->broken);
}

TEST(what_comes_back_finds_the_same)
{
	struct pk_compiled from = {0}, to = {0};
	PK_AUTO(pk_buf) bytes = {0};
	PK_AUTO(pk_buf) hits = {0};

	compile(&from, &bytes);
	OK(pk_compiled_get(pk_buf_str(&bytes), 0, &to, &err));
	CHECK_INT(to.full->num_rules, 4);
	CHECK(to.atoms != NULL);
	CHECK_INT(to.source_count, 1);
	/* the first one is as it was before its bytes were written */
	for (int i = 0; i < 2; i++) {
		pk_buf_reset(&hits);
		yr_rules_scan_mem(i ? to.full : from.full, (const uint8_t *)"an ALPHA, a beeta, a gamma", 26, 0, count,
				  &hits, 0);
		CHECK_STR(pk_buf_str(&hits), PK_STR("q r "));
	}
	done(&from);
	done(&to);
}

TEST(a_part_of_the_bytes_is_refused)
{
	struct pk_compiled from = {0};
	PK_AUTO(pk_buf) bytes = {0};

	compile(&from, &bytes);
	for (size_t n = 0; n < bytes.n; n += 1 + n / 200) {
		struct pk_compiled to = {0};
		/* of exactly this size, so that reading on is seen */
		char *part = malloc(n + 1);

		memcpy(part, bytes.p, n);
		FAILS(PK_EFORMAT, pk_compiled_get(pk_str_n(part, n), 0, &to, &err));
		done(&to);
		free(part);
	}
	done(&from);
}

TEST(a_place_or_target_outside_is_refused)
{
	struct pk_compiled from = {0}, to = {0};
	PK_AUTO(pk_buf) bytes = {0};

	compile(&from, &bytes);
	memset(bytes.p + bytes.n - 4, 0x7f, 4);
	FAILS(PK_EFORMAT, pk_compiled_get(pk_buf_str(&bytes), 0, &to, &err));
	done(&to);
	done(&from);
}

RUN_TESTS(T(what_comes_back_finds_the_same), T(a_part_of_the_bytes_is_refused), T(a_place_or_target_outside_is_refused))
