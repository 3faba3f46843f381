/* SPDX-License-Identifier: Apache-2.0 */
/* The text of C2SP tlog-proofs: what is written is read, and nothing else is. */
#include <picket/tlogproof.h>

#include "../t.h"

#define NODE "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static int parse(const char *text)
{
	PK_AUTO(pk_tlog_proof) p = {0};

	return pk_tlog_proof_parse(pk_str(text), &p, NULL);
}

TEST(what_the_specification_shows)
{
	/* c2sp.org/tlog-proof has an example of this form */
	static const char text[] = "c2sp.org/tlog-proof@v1\nextra aGFsbG8=\nindex 73894\n" NODE "\n" NODE
				   "\n\nexample.com/log\n109482\n" NODE "\n\n\xe2\x80\x94 example.com/log AAAA\n";
	PK_AUTO(pk_tlog_proof) p = {0};
	PK_AUTO(pk_buf) again = {0};

	OK(pk_tlog_proof_parse(PK_STR(text), &p, &err));
	CHECK_INT(p.index, 73894);
	CHECK_STR(pk_buf_str(&p.extra), PK_STR("hallo"));
	CHECK_INT(p.path.n, 64);
	CHECK(pk_str_starts(p.checkpoint, PK_STR("example.com/log\n109482\n")));
	pk_buf_put_tlog_proof(&again, &p);
	CHECK_STR(pk_buf_str(&again), PK_STR(text));
}

TEST(one_form_only)
{
	CHECK_INT(parse("c2sp.org/tlog-proof@v1\nindex 0\n\nx"), 0);
	CHECK_INT(parse("c2sp.org/tlog-proof@v2\nindex 0\n\nx"), -1);
	CHECK_INT(parse("c2sp.org/tlog-proof@v1"), -1);
	CHECK_INT(parse("c2sp.org/tlog-proof@v1\n"), -1);
	CHECK_INT(parse("c2sp.org/tlog-proof@v1\nindex 00\n\nx"), -1);
	CHECK_INT(parse("c2sp.org/tlog-proof@v1\nindex -1\n\nx"), -1);
	CHECK_INT(parse("c2sp.org/tlog-proof@v1\nindex 18446744073709551616\n\nx"), -1);
	CHECK_INT(parse("c2sp.org/tlog-proof@v1\nindex 0\n\n"), -1);
	CHECK_INT(parse("c2sp.org/tlog-proof@v1\nindex 0\n" NODE "\n"), -1);
	CHECK_INT(parse("c2sp.org/tlog-proof@v1\nindex 0\n" NODE "\n\nx"), 0);
	CHECK_INT(parse("c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx"), -1);
	CHECK_INT(parse("c2sp.org/tlog-proof@v1\nextra \nindex 0\n\nx"), -1);
	CHECK_INT(parse("c2sp.org/tlog-proof@v1\nextra AA\nindex 0\n\nx"), -1);
	CHECK_INT(parse("c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\nx"), -1);
	CHECK_INT(parse("c2sp.org/tlog-proof@v1\r\nindex 0\n\nx"), -1);
}

TEST(no_path_is_longer_than_a_tree_is_high)
{
	PK_AUTO(pk_buf) b = {0};

	pk_buf_puts(&b, "c2sp.org/tlog-proof@v1\nindex 0\n");
	for (int i = 0; i < 64; i++)
		pk_buf_puts(&b, NODE "\n");
	pk_buf_puts(&b, "\nx");
	CHECK_INT(parse(b.p), 0);
	b.n -= 2;
	pk_buf_puts(&b, NODE "\n\nx");
	CHECK_INT(parse(b.p), -1);
}

RUN_TESTS(T(what_the_specification_shows), T(one_form_only), T(no_path_is_longer_than_a_tree_is_high))
