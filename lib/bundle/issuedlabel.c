/* SPDX-License-Identifier: Apache-2.0 */
/* What of a ticket's terms may be shown to whom the rest is not for: its label and its readers, as the issuer said them. */
#include "lines.h"

#include <picket/hash.h>
#include <picket/limits.h>
#include <picket/ticket.h>

#define MAX_RECIPIENTS 512

void pk_issued_label_done(struct pk_issued_label *l)
{
	pk_label_done(&l->label);
	pk_strv_done(&l->recipient_hashes);
	*l = (struct pk_issued_label){0};
}

void pk_buf_put_issued_label(struct pk_buf *b, const struct pk_issued_label *l)
{
	pk_buf_puts(b, "picket-label: 1\n");
	pk_buf_put_label_lines(b, &l->label);
	for (size_t i = 0; i < l->recipient_hashes.n; i++)
		pk_buf_putf(b, "recipient: %s\n", l->recipient_hashes.v[i]);
	pk_buf_puts(b, "nonce: ");
	pk_buf_put_hex(b, l->nonce, sizeof(l->nonce));
	pk_buf_put_c(b, '\n');
}

/* Whoever had the terms' own nonce could try names of missions against the hash in the ticket. */
static void derive_nonce(const uint8_t terms[16], uint8_t ret[16])
{
	static const char what[] = "picket-label nonce\n";
	uint8_t sum[PK_SHA256_SIZE];
	struct pk_sha256 h;

	pk_sha256_init(&h);
	pk_sha256_put(&h, what, sizeof(what) - 1);
	pk_sha256_put(&h, terms, 16);
	pk_sha256_end(&h, sum);
	memcpy(ret, sum, 16);
}

void pk_buf_put_label_of_terms(struct pk_buf *b, const struct pk_terms *t)
{
	/* borrowed */
	struct pk_issued_label l = {.label = t->label, .recipient_hashes = t->recipient_hashes};

	derive_nonce(t->nonce, l.nonce);
	pk_buf_put_issued_label(b, &l);
}

int pk_issued_label_parse(struct pk_str text, struct pk_issued_label *ret, struct pk_err *err)
{
	PK_AUTO(pk_issued_label) v = {0};
	PK_AUTO(pk_buf) again = {0};
	struct pk_lines l;

	if (text.n > PK_MAX_TEXT_FILE)
		return pk_fail(err, PK_ELIMIT, 0, "label of %zu bytes (limit %u)", text.n, PK_MAX_TEXT_FILE);
	if (pk_lines_begin(&l, "picket-label", text, err) < 0 || pk_lines_label(&l, &v.label, err) < 0 ||
	    pk_lines_take_hashes(&l, "recipient", MAX_RECIPIENTS, &v.recipient_hashes, err) < 0 ||
	    pk_lines_take_hex(&l, "nonce", v.nonce, sizeof(v.nonce), err) < 0 || pk_lines_end(&l, err) < 0)
		return -1;
	pk_buf_put_issued_label(&again, &v);
	if (pk_lines_same("picket-label", text, &again, err) < 0)
		return -1;
	*ret = v;
	v = (struct pk_issued_label){0};
	return 0;
}
