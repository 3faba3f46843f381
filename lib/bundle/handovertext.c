/* SPDX-License-Identifier: Apache-2.0 */
/* The handover record: what was shared with whom, in words that its sharer signs. */
#include "lines.h"

#include <picket/hash.h>
#include <picket/share.h>

#include <stdlib.h>

#define MAX_READERS 512

void pk_handover_done(struct pk_handover *r)
{
	free(r->by);
	free(r->reason);
	pk_label_done(&r->label);
	pk_strv_done(&r->to);
	*r = (struct pk_handover){0};
}

void pk_buf_put_handover(struct pk_buf *b, const struct pk_handover *r)
{
	pk_buf_puts(b, "picket-handover: 1\nshare: ");
	pk_buf_put_hex(b, r->share, sizeof(r->share));
	pk_buf_putf(b, "\nby: %s\n", r->by);
	pk_buf_put_line_time(b, "time", r->time.sec);
	pk_buf_put_label_lines(b, &r->label);
	for (size_t i = 0; i < r->to.n; i++)
		pk_buf_putf(b, "to: %s\n", r->to.v[i]);
	pk_buf_putf(b, "records: %llu\nrecords-sha256: ", (unsigned long long)r->records);
	pk_buf_put_hex(b, r->records_sha256, sizeof(r->records_sha256));
	pk_buf_put_c(b, '\n');
	if (r->reason)
		pk_buf_putf(b, "reason: %s\n", r->reason);
}

static int parse(struct pk_lines *l, struct pk_handover *r, struct pk_err *err)
{
	struct pk_str s;
	bool there = false;

	if (pk_lines_take_hex(l, "share", r->share, sizeof(r->share), err) < 0 ||
	    pk_lines_take_name(l, "by", &r->by, err) < 0 || pk_lines_take_time(l, "time", &r->time.sec, err) < 0 ||
	    pk_lines_label(l, &r->label, err) < 0 || pk_lines_take_hashes(l, "to", MAX_READERS, &r->to, err) < 0 ||
	    pk_lines_take(l, "records", &s, err) < 0)
		return -1;
	if (!pk_str_u64(s, UINT64_MAX >> 1, &r->records))
		return pk_lines_bad(l, err, "'%.*s' is no number of records", PK_STR_ARG(s));
	if (pk_lines_take_hex(l, "records-sha256", r->records_sha256, sizeof(r->records_sha256), err) < 0 ||
	    pk_lines_maybe(l, "reason", &there, &s, err) < 0)
		return -1;
	if (there && !pk_lines_text_ok(s, PK_MAX_HANDOVER_REASON))
		return pk_lines_bad(l, err, "more than %d bytes of reason", PK_MAX_HANDOVER_REASON);
	if (there && !(r->reason = pk_str_dup(s)))
		return pk_fail_oom(err);
	return pk_lines_end(l, err);
}

int pk_handover_parse(struct pk_str text, struct pk_handover *ret, struct pk_err *err)
{
	PK_AUTO(pk_handover) r = {0};
	PK_AUTO(pk_buf) again = {0};
	struct pk_lines l;

	if (pk_lines_begin(&l, "picket-handover", text, err) < 0 || parse(&l, &r, err) < 0)
		return -1;
	pk_buf_put_handover(&again, &r);
	if (pk_lines_same("picket-handover", text, &again, err) < 0)
		return -1;
	*ret = r;
	r = (struct pk_handover){0};
	return 0;
}

int pk_handover_sign(const struct pk_minisign_key *key, struct pk_str text, const uint8_t share[16], struct pk_buf *ret,
		     struct pk_err *err)
{
	PK_AUTO(pk_buf) comment = {0};

	pk_buf_puts(&comment, "picket-handover share:");
	pk_buf_put_hex(&comment, share, 16);
	if (pk_buf_check(&comment, err) < 0)
		return -1;
	return pk_minisign_sign_bytes(key, text, comment.p, ret, err);
}
