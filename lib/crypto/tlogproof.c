/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a C2SP tlog-proof: read strictly, written again and compared. */
#include <picket/tlogproof.h>

#define HEADER "c2sp.org/tlog-proof@v1\n"

void pk_tlog_proof_done(struct pk_tlog_proof *p)
{
	pk_buf_done(&p->extra);
	pk_buf_done(&p->path);
	*p = (struct pk_tlog_proof){0};
}

void pk_buf_put_tlog_proof(struct pk_buf *b, const struct pk_tlog_proof *p)
{
	pk_buf_puts(b, HEADER);
	if (p->extra.n) {
		pk_buf_puts(b, "extra ");
		pk_buf_put_base64(b, p->extra.p, p->extra.n, true);
		pk_buf_put_c(b, '\n');
	}
	pk_buf_putf(b, "index %llu\n", (unsigned long long)p->index);
	for (size_t i = 0; i + PK_SHA256_SIZE <= p->path.n; i += PK_SHA256_SIZE) {
		pk_buf_put_base64(b, p->path.p + i, PK_SHA256_SIZE, true);
		pk_buf_put_c(b, '\n');
	}
	pk_buf_put_c(b, '\n');
	pk_buf_put_str(b, p->checkpoint);
}

static bool cut(struct pk_str *s, struct pk_str prefix)
{
	if (!pk_str_starts(*s, prefix))
		return false;
	*s = pk_str_n(s->p + prefix.n, s->n - prefix.n);
	return true;
}

static int bad(struct pk_err *err, const char *what)
{
	return pk_fail(err, PK_EFORMAT, 0, "not a tlog-proof: %s", what);
}

static int parse(struct pk_str text, struct pk_tlog_proof *p, struct pk_err *err)
{
	struct pk_str rest = text, line = {0};
	PK_AUTO(pk_buf) again = {0};

	if (!cut(&rest, PK_STR(HEADER)))
		return bad(err, "another first line");
	if (!pk_str_line(&rest, &line))
		return bad(err, "it is cut");
	if (cut(&line, PK_STR("extra "))) {
		if (!pk_base64_decode(line, true, &p->extra))
			return p->extra.oom ? pk_fail_oom(err) : bad(err, "its extra data is not base64");
		if (!pk_str_line(&rest, &line))
			return bad(err, "it is cut");
	}
	if (!cut(&line, PK_STR("index ")) || !pk_str_u64(line, UINT64_MAX >> 1, &p->index))
		return bad(err, "no index");
	for (;;) {
		uint8_t node[PK_SHA256_SIZE];

		if (!rest.n || !pk_str_line(&rest, &line))
			return bad(err, "no checkpoint");
		if (line.n == 0)
			break;
		if (p->path.n >= PK_TLOG_PROOF_NODES * sizeof(node) ||
		    !pk_base64_decode_n(line, true, node, sizeof(node)))
			return bad(err, "a node of its path is not 32 bytes of base64");
		pk_buf_put(&p->path, node, sizeof(node));
	}
	p->checkpoint = rest;
	if (!rest.n)
		return bad(err, "no checkpoint");
	pk_buf_put_tlog_proof(&again, p);
	if (pk_buf_check(&p->path, err) < 0 || pk_buf_check(&again, err) < 0)
		return -1;
	return pk_str_eq(pk_buf_str(&again), text) ? 0 : bad(err, "not written in the one way this format has");
}

int pk_tlog_proof_parse(struct pk_str text, struct pk_tlog_proof *ret, struct pk_err *err)
{
	PK_AUTO(pk_tlog_proof) p = {0};

	if (parse(text, &p, err) < 0)
		return -1;
	*ret = p;
	p = (struct pk_tlog_proof){0};
	return 0;
}
