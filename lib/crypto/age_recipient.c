/* SPDX-License-Identifier: Apache-2.0 */
/* Recipients: public keys as text, and files of them. */
#include "age_int.h"
#include "bech32.h"

#include <picket/limits.h>

#include <sodium.h>
#include <stdlib.h>

static const char hybrid_hrp[] = "age1pq";

void pk_age_recipients_done(struct pk_age_recipients *r)
{
	free(r->keys);
	free(r->hybrid);
	pk_secret_done(&r->passphrase);
	*r = (struct pk_age_recipients){0};
}

static void put_key(struct pk_buf *b, struct pk_str hrp, const uint8_t *key, size_t key_n)
{
	size_t n = pk_bech32_length(hrp.n, key_n);
	char *at = pk_buf_room(b, n);

	if (!at)
		return;
	pk_bech32_encode(at, hrp, key, key_n);
	b->n += n;
	b->p[b->n] = 0;
}

void pk_buf_put_age_recipient(struct pk_buf *b, const uint8_t key[32]) { put_key(b, PK_STR("age"), key, 32); }

void pk_buf_put_age_hybrid_recipient(struct pk_buf *b, const uint8_t key[PK_AGE_HYBRID_KEY])
{
	put_key(b, PK_STR(hybrid_hrp), key, PK_AGE_HYBRID_KEY);
}

size_t pk_age_recipients_count(const struct pk_age_recipients *r) { return r->n + r->n_hybrid; }

void pk_age_recipients_put(const struct pk_age_recipients *r, size_t i, struct pk_buf *b)
{
	if (i < r->n)
		pk_buf_put_age_recipient(b, r->keys[i]);
	else
		pk_buf_put_age_hybrid_recipient(b, r->hybrid[i - r->n]);
}

static bool is_hybrid(struct pk_str text) { return pk_str_starts(text, PK_STR("age1pq1")); }

int pk_age_hybrid_recipient_parse(struct pk_str text, uint8_t ret[PK_AGE_HYBRID_KEY], struct pk_err *err)
{
	uint8_t key[PK_AGE_HYBRID_KEY];

	if (pk_bech32_decode(text, PK_STR(hybrid_hrp), key, sizeof(key), err) < 0)
		return pk_wrap(err, "malformed recipient '%.*s...'", (int)PK_MIN(text.n, (size_t)16), text.p);
	if (!pk_mlkem_check_public(key))
		return pk_fail(err, PK_EFORMAT, 0, "recipient '%.16s...' is no valid key", text.p);
	memcpy(ret, key, sizeof(key));
	return 0;
}

int pk_age_recipient_check(struct pk_str text, bool *ret_hybrid, struct pk_err *err)
{
	uint8_t hybrid[PK_AGE_HYBRID_KEY], key[32];
	bool is = is_hybrid(text);

	if ((is ? pk_age_hybrid_recipient_parse(text, hybrid, err) : pk_age_recipient_parse(text, key, err)) < 0)
		return -1;
	if (ret_hybrid)
		*ret_hybrid = is;
	return 0;
}

bool pk_age_recipient_is_weak(struct pk_str text)
{
	static const uint8_t scalar[32] = {9}; /* any */
	uint8_t hybrid[PK_AGE_HYBRID_KEY], key[32], shared[32];

	if (is_hybrid(text)) {
		if (pk_age_hybrid_recipient_parse(text, hybrid, NULL) < 0)
			return true;
		memcpy(key, hybrid + sizeof(hybrid) - sizeof(key), sizeof(key)); /* after the ML-KEM half */
	} else if (pk_age_recipient_parse(text, key, NULL) < 0) {
		return true;
	}
	return crypto_scalarmult(shared, scalar, key) != 0;
}

int pk_age_recipient_parse(struct pk_str text, uint8_t ret[32], struct pk_err *err)
{
	struct pk_str hrp = pk_bech32_hrp(text);
	uint8_t key[32];

	if (is_hybrid(text))
		return pk_fail(err, PK_EFORMAT, 0, "'%.*s...' is a post-quantum recipient, and a classic one is needed",
			       (int)PK_MIN(text.n, (size_t)16), text.p);
	if (pk_str_starts(text, PK_STR("ssh-")))
		return pk_fail(err, PK_EFORMAT, 0, "ssh keys are not supported as recipients: use an age key");
	if (pk_str_starts(text, PK_STR("AGE-SECRET-KEY-")))
		return pk_fail(err, PK_EFORMAT, 0, "this is an identity, which is secret: its recipient is needed");
	if (pk_str_starts(hrp, PK_STR("age1")))
		return pk_fail(err, PK_EFORMAT, 0, "'%.*s1...' is a plugin's recipient, which is not supported",
			       PK_STR_ARG(hrp));
	if (pk_bech32_decode(text, PK_STR("age"), key, sizeof(key), err) < 0)
		return pk_wrap(err, "malformed recipient '%.*s'", PK_STR_ARG(text));
	memcpy(ret, key, sizeof(key));
	return 0;
}

int pk_age_recipients_add(struct pk_age_recipients *r, struct pk_str text, struct pk_err *err)
{
	uint8_t key[32], hybrid[PK_AGE_HYBRID_KEY];

	if (pk_age_recipients_count(r) == PK_AGE_MAX_STANZAS)
		return pk_fail(err, PK_ELIMIT, 0, "more than %d recipients", PK_AGE_MAX_STANZAS);
	if (is_hybrid(text)) {
		if (pk_age_hybrid_recipient_parse(text, hybrid, err) < 0)
			return -1;
		if (!pk_grow(&r->hybrid, &r->cap_hybrid, r->n_hybrid + 1, sizeof(*r->hybrid)))
			return pk_fail_oom(err);
		memcpy(r->hybrid[r->n_hybrid++], hybrid, sizeof(hybrid));
		return 0;
	}
	if (pk_age_recipient_parse(text, key, err) < 0)
		return -1;
	if (!pk_grow(&r->keys, &r->cap, r->n + 1, sizeof(*r->keys)))
		return pk_fail_oom(err);
	memcpy(r->keys[r->n++], key, sizeof(key));
	return 0;
}

int pk_age_recipients_add_file(struct pk_age_recipients *r, const char *path, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	struct pk_str rest, line;
	size_t before = pk_age_recipients_count(r), number = 0;

	if (pk_read_path(path, PK_MAX_TEXT_FILE, &text, err) < 0)
		return -1;
	rest = pk_buf_str(&text);
	while (pk_str_line(&rest, &line)) {
		number++;
		line = pk_str_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (pk_age_recipients_add(r, line, err) < 0)
			return pk_wrap(err, "'%s' line %zu", path, number);
	}
	if (pk_age_recipients_count(r) == before)
		return pk_fail(err, PK_EFORMAT, 0, "'%s' holds no recipient", path);
	return 0;
}
