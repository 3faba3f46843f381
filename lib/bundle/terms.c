/* SPDX-License-Identifier: Apache-2.0 */
/* Terms: what a ticket permits, sealed inside the bundle and known outside by its hash alone. */
#include "lines.h"

#include <picket/age.h>
#include <picket/hash.h>
#include <picket/limits.h>
#include <picket/ticket.h>

#include <stdlib.h>

#define MAX_MISSION 200
#define MAX_RECIPIENTS 512 /* as many stanzas as an age header may have */

void pk_terms_done(struct pk_terms *t)
{
	free(t->mission);
	free(t->profile);
	pk_label_done(&t->label);
	pk_strv_done(&t->recipient_hashes);
	*t = (struct pk_terms){0};
}

void pk_recipient_hash(struct pk_str recipient, char ret_hex[65])
{
	static const char digit[] = "0123456789abcdef";
	uint8_t sum[PK_SHA256_SIZE];

	pk_sha256(recipient.p, recipient.n, sum);
	for (size_t i = 0; i < sizeof(sum); i++) {
		ret_hex[2 * i] = digit[sum[i] >> 4];
		ret_hex[2 * i + 1] = digit[sum[i] & 15];
	}
	ret_hex[64] = 0;
}

void pk_buf_put_terms(struct pk_buf *b, const struct pk_terms *t)
{
	pk_buf_putf(b, "picket-terms: 1\nmission: %s\n", t->mission);
	pk_buf_put_label_lines(b, &t->label);
	for (size_t i = 0; i < t->recipient_hashes.n; i++)
		pk_buf_putf(b, "recipient: %s\n", t->recipient_hashes.v[i]);
	pk_buf_putf(b, "profile: %s\nnonce: ", t->profile);
	pk_buf_put_hex(b, t->nonce, sizeof(t->nonce));
	pk_buf_put_c(b, '\n');
}

/* --- reading ---------------------------------------------------------------------------------------- */

int pk_terms_parse(struct pk_str text, struct pk_terms *ret, struct pk_err *err)
{
	PK_AUTO(pk_terms) t = {0};
	PK_AUTO(pk_buf) again = {0};
	struct pk_lines l;
	struct pk_str s;

	if (text.n > PK_MAX_TEXT_FILE)
		return pk_fail(err, PK_ELIMIT, 0, "terms of %zu bytes (limit %u)", text.n, PK_MAX_TEXT_FILE);
	if (pk_lines_begin(&l, "picket-terms", text, err) < 0 || pk_lines_take(&l, "mission", &s, err) < 0)
		return -1;
	if (!pk_lines_text_ok(s, MAX_MISSION))
		return pk_lines_bad(&l, err, "more than %d bytes of mission name", MAX_MISSION);
	if (!(t.mission = pk_str_dup(s)))
		return pk_fail_oom(err);
	if (pk_lines_label(&l, &t.label, err) < 0 ||
	    pk_lines_take_hashes(&l, "recipient", MAX_RECIPIENTS, &t.recipient_hashes, err) < 0 ||
	    pk_lines_take(&l, "profile", &s, err) < 0)
		return -1;
	if (!pk_party_name_ok(s))
		return pk_lines_bad(&l, err, "'%.*s' is no profile name", PK_STR_ARG(s));
	if (!(t.profile = pk_str_dup(s)))
		return pk_fail_oom(err);
	if (pk_lines_take_hex(&l, "nonce", t.nonce, sizeof(t.nonce), err) < 0)
		return -1;
	if (pk_lines_end(&l, err) < 0)
		return -1;
	pk_buf_put_terms(&again, &t);
	if (pk_lines_same("picket-terms", text, &again, err) < 0)
		return -1;
	*ret = t;
	t = (struct pk_terms){0};
	return 0;
}

/* --- making ----------------------------------------------------------------------------------------- */

/* The writer of age files refuses both kinds in one header; better to hear of it here than on the host. */
static PK_NODISCARD int check_kinds(const struct pk_strv *recipients, struct pk_err *err)
{
	bool first = false, hybrid = false;

	for (size_t i = 0; i < recipients->n; i++) {
		if (pk_age_recipient_check(pk_str(recipients->v[i]), i ? &hybrid : &first, err) < 0)
			return -1;
		if (i && hybrid != first)
			return pk_fail(
				err, PK_EUSAGE, 0,
				"post-quantum and classic recipients do not go together: all of one kind, please");
	}
	return 0;
}

int pk_terms_make(const char *mission, const struct pk_label *label, const struct pk_strv *recipients,
		  const char *profile, struct pk_terms *ret, struct pk_err *err)
{
	PK_AUTO(pk_terms) t = {0};

	if (!pk_lines_text_ok(pk_str(mission), MAX_MISSION))
		return pk_fail(err, PK_EUSAGE, 0, "'%s' is no mission name: one printable line of at most %d bytes",
			       mission, MAX_MISSION);
	if (!pk_party_name_ok(pk_str(profile)))
		return pk_fail(err, PK_EUSAGE, 0, "'%s' is no profile name", profile);
	if (recipients->n == 0 || recipients->n > MAX_RECIPIENTS)
		return pk_fail(err, PK_EUSAGE, 0, "%zu recipients (1 to %d)", recipients->n, MAX_RECIPIENTS);
	if (check_kinds(recipients, err) < 0)
		return -1;
	t.mission = pk_str_dup(pk_str(mission));
	t.profile = pk_str_dup(pk_str(profile));
	if (!t.mission || !t.profile)
		return pk_fail_oom(err);
	if (pk_label_copy(label, &t.label, err) < 0)
		return -1;
	for (size_t i = 0; i < recipients->n; i++) {
		char hex[65];

		pk_recipient_hash(pk_str(recipients->v[i]), hex);
		if (pk_strv_add(&t.recipient_hashes, pk_str(hex), err) < 0)
			return -1;
	}
	pk_strv_uniq(&t.recipient_hashes);
	pk_random(t.nonce, sizeof(t.nonce));
	*ret = t;
	t = (struct pk_terms){0};
	return 0;
}
