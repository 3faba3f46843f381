/* SPDX-License-Identifier: Apache-2.0 */
/* The header of an age file: reading it strictly, writing it, its MAC. */
#include "age_int.h"

#include <sodium.h>
#include <stdlib.h>

static const char version_line[] = "age-encryption.org/v1";

void age_header_done(struct age_header *h)
{
	pk_buf_done(&h->text);
	free(h->stanzas);
	*h = (struct age_header){0};
}

static bool is_argument(struct pk_str arg)
{
	for (size_t i = 0; i < arg.n; i++)
		if (arg.p[i] < 33 || arg.p[i] > 126)
			return false;
	return arg.n > 0;
}

static enum age_kind kind_of(struct pk_str type)
{
	if (pk_str_eq(type, PK_STR("X25519")))
		return AGE_X25519;
	if (pk_str_eq(type, PK_STR("scrypt")))
		return AGE_SCRYPT;
	if (pk_str_eq(type, PK_STR("mlkem768x25519")))
		return AGE_HYBRID;
	return AGE_UNKNOWN;
}

/* The stanza's first line after "-> ". */
static int parse_arguments(struct age_stanza *st, struct pk_str line, struct pk_err *err)
{
	struct pk_str rest = line, piece, more = {NULL, 0};
	uint8_t sealed[XWING_SEALED];
	uint64_t factor = 0;
	size_t n = 0;

	while (pk_str_split(&rest, ' ', &piece)) {
		if (!is_argument(piece))
			return AGE_HEADER_FAIL(err, "an argument is empty or has characters that may not be there");
		if (n == 0)
			st->type = piece;
		else if (n == 1)
			st->arg = piece;
		else if (n == 2)
			more = piece;
		n++;
	}
	st->kind = kind_of(st->type);
	switch (st->kind) {
	case AGE_X25519:
		if (n != 2 || !pk_base64_decode_n(st->arg, false, st->share, 32))
			return AGE_HEADER_FAIL(err, "the share of an X25519 recipient is malformed");
		break;
	case AGE_SCRYPT:
		if (n != 3 || !pk_base64_decode_n(st->arg, false, st->share, AGE_SALT))
			return AGE_HEADER_FAIL(err, "the salt of the passphrase recipient is malformed");
		if (!pk_str_u64(more, UINT32_MAX, &factor) || factor == 0)
			return AGE_HEADER_FAIL(err, "the work factor of the passphrase recipient is malformed");
		if (factor > AGE_MAX_WORK_FACTOR)
			return pk_fail_code(err, PK_ELIMIT, PK_AGE_HEADER,
					    "the passphrase's work factor %llu is above the limit of %d",
					    (unsigned long long)factor, AGE_MAX_WORK_FACTOR);
		st->work_factor = (unsigned)factor;
		break;
	case AGE_HYBRID:
		if (n != 2 || !pk_base64_decode_n(st->arg, false, sealed, sizeof(sealed)))
			return AGE_HEADER_FAIL(err, "the share of a post-quantum recipient is malformed");
		break;
	case AGE_UNKNOWN: break;
	}
	return 0;
}

/* The lines after the first, up to and with the one that is shorter than 64 columns. */
static int parse_body(struct age_stanza *st, struct pk_str *rest, struct pk_err *err)
{
	PK_AUTO(pk_buf) bytes = {0};
	struct pk_str line;

	do {
		if (!pk_str_line(rest, &line))
			return AGE_HEADER_FAIL(err, "a recipient has no last line");
		if (line.n > 64)
			return AGE_HEADER_FAIL(err, "a line of a recipient's body is longer than 64 columns");
		if (!pk_base64_decode(line, false, &bytes))
			return bytes.oom ? pk_fail_oom(err)
					 : AGE_HEADER_FAIL(err, "a recipient's body is not canonical base64");
	} while (line.n == 64);
	if (st->kind == AGE_UNKNOWN)
		return 0;
	if (bytes.n != AGE_BODY) /* before any decryption: a longer one could fit several keys */
		return AGE_HEADER_FAIL(err, "a recipient's body holds %zu bytes, not %d", bytes.n, AGE_BODY);
	memcpy(st->body, bytes.p, AGE_BODY);
	return 0;
}

static int parse_header(struct age_header *h, struct pk_err *err)
{
	struct pk_str rest = pk_buf_str(&h->text), line;
	bool scrypt = false;

	(void)pk_str_line(&rest, &line); /* the version, checked when it was read */
	while (pk_str_line(&rest, &line) && !pk_str_starts(line, PK_STR("---"))) {
		struct age_stanza st = {0};

		if (!pk_str_starts(line, PK_STR("-> ")))
			return AGE_HEADER_FAIL(err, "a line that begins no recipient stands where one should");
		if (h->n == PK_AGE_MAX_STANZAS)
			return pk_fail_code(err, PK_ELIMIT, PK_AGE_HEADER, "more than %d recipients",
					    PK_AGE_MAX_STANZAS);
		if (parse_arguments(&st, (struct pk_str){line.p + 3, line.n - 3}, err) < 0 ||
		    parse_body(&st, &rest, err) < 0)
			return -1;
		if (!pk_grow(&h->stanzas, &h->cap, h->n + 1, sizeof(st)))
			return pk_fail_oom(err);
		h->stanzas[h->n++] = st;
		scrypt = scrypt || st.kind == AGE_SCRYPT;
	}
	if (h->n == 0)
		return AGE_HEADER_FAIL(err, "there is no recipient");
	if (scrypt && h->n > 1)
		return AGE_HEADER_FAIL(err, "a passphrase recipient must be alone");
	if (!pk_str_starts(line, PK_STR("--- ")) ||
	    !pk_base64_decode_n((struct pk_str){line.p + 4, line.n - 4}, false, h->mac, sizeof(h->mac)))
		return AGE_HEADER_FAIL(err, "the line of the header's MAC is malformed");
	h->mac_covers = (size_t)(line.p - h->text.p) + 3;
	return 0;
}

/* A header beyond our limits may be a good one for other programs. */
static int name_fault(struct pk_err *err)
{
	if (err && err->kind == PK_ELIMIT)
		return pk_wrap(err, "header over a limit of Picket");
	return err && err->kind == PK_EFORMAT ? pk_wrap(err, "malformed header") : -1;
}

int age_header_read(struct age_header *h, struct age_source *s, struct pk_err *err)
{
	struct pk_str line;

	/* not an age file: say so before a megabyte of it was read */
	if (age_source_line(s, &h->text, 64, &line, err) < 0) {
		if (err && err->code == PK_AGE_HEADER)
			return AGE_HEADER_FAIL(err, "not an age file");
		return -1;
	}
	if (!pk_str_eq(line, PK_STR(version_line)))
		return AGE_HEADER_FAIL(err, pk_str_starts(line, PK_STR("age-encryption.org/"))
						    ? "not version 1 of the age format"
						    : "not an age file");
	do {
		if (age_source_line(s, &h->text, PK_AGE_MAX_HEADER, &line, err) < 0)
			return name_fault(err);
	} while (!pk_str_starts(line, PK_STR("---")));
	return parse_header(h, err) < 0 ? name_fault(err) : 0;
}

void age_header_mac(uint8_t ret[32], const uint8_t key[AGE_FILE_KEY], struct pk_str covered)
{
	uint8_t mac_key[32];

	pk_hkdf(mac_key, sizeof(mac_key), pk_str_n(key, AGE_FILE_KEY), PK_STR(""), PK_STR("header"));
	pk_hmac_sha256(ret, pk_str_n(mac_key, sizeof(mac_key)), covered);
	sodium_memzero(mac_key, sizeof(mac_key));
}

static int fail_no_match(const struct age_header *h, const struct pk_age_identities *ids, struct pk_err *err)
{
	size_t hybrid = 0;

	for (size_t i = 0; i < h->n; i++)
		hybrid += h->stanzas[i].kind == AGE_HYBRID;
	if (h->stanzas[0].kind == AGE_SCRYPT)
		return pk_fail_code(
			err, PK_ECRYPTO, PK_AGE_NO_MATCH,
			age_identities_passphrase(ids)
				? "sealed by a passphrase, and none that was given opens it"
				: "sealed by a passphrase, and none was given: use --passphrase-fd, or leave "
				  "out -i to be asked");
	if (hybrid)
		return pk_fail_code(err, PK_ECRYPTO, PK_AGE_NO_MATCH,
				    "no identity matches any of the %zu recipients (%zu of them post-quantum)", h->n,
				    hybrid);
	return pk_fail_code(err, PK_ECRYPTO, PK_AGE_NO_MATCH, "no identity matches any of the %zu recipients", h->n);
}

int age_header_open(const struct age_header *h, const struct pk_age_identities *ids, uint8_t ret_key[AGE_FILE_KEY],
		    struct pk_err *err)
{
	uint8_t key[AGE_FILE_KEY] = {0}, mac[32];
	bool match = false;
	int r = 0;

	if (age_identities_unwrap(ids, h, &match, key, err) < 0)
		return -1;
	if (!match)
		return fail_no_match(h, ids, err);
	age_header_mac(mac, key, pk_str_n(h->text.p, h->mac_covers));
	if (sodium_memcmp(mac, h->mac, sizeof(mac)) != 0)
		r = pk_fail_code(err, PK_ECRYPTO, PK_AGE_HMAC, "the header was changed after it was made (wrong MAC)");
	else
		memcpy(ret_key, key, AGE_FILE_KEY);
	sodium_memzero(key, sizeof(key));
	return r;
}

int age_header_end(const struct pk_age_recipients *to, const uint8_t key[AGE_FILE_KEY], size_t start, struct pk_buf *b,
		   struct pk_err *err)
{
	uint8_t mac[32];

	for (size_t i = 0; i < to->n; i++)
		if (age_wrap_x25519(b, to->keys[i], key, err) < 0)
			return -1;
	for (size_t i = 0; i < to->n_hybrid; i++)
		if (age_wrap_hybrid(b, to->hybrid[i], key, err) < 0)
			return -1;
	pk_buf_puts(b, "---");
	if (pk_buf_check(b, err) < 0)
		return -1;
	age_header_mac(mac, key, pk_str_n(b->p + start, b->n - start));
	pk_buf_put_c(b, ' ');
	pk_buf_put_base64(b, mac, sizeof(mac), false);
	pk_buf_put_c(b, '\n');
	return pk_buf_check(b, err);
}

int age_header_write(const struct pk_age_recipients *to, const uint8_t key[AGE_FILE_KEY], struct pk_buf *b,
		     struct pk_err *err)
{
	size_t start = b->n;

	if (to->n + to->n_hybrid == 0 && !to->passphrase.p)
		return pk_fail(err, PK_EUSAGE, 0, "no recipient is given");
	if (to->n + to->n_hybrid && to->passphrase.p)
		return pk_fail(err, PK_EUSAGE, 0, "a passphrase and recipients do not go together");
	if (to->n && to->n_hybrid)
		return pk_fail(
			err, PK_EUSAGE, 0,
			"post-quantum and classic recipients do not go together: the file would be no safer than "
			"for classic ones alone");
	if (to->n + to->n_hybrid > PK_AGE_MAX_STANZAS)
		return pk_fail(err, PK_ELIMIT, 0, "more than %d recipients", PK_AGE_MAX_STANZAS);
	pk_buf_puts(b, version_line);
	pk_buf_put_c(b, '\n');
	if (to->passphrase.p && age_wrap_scrypt(b, &to->passphrase, to->work_factor, key, err) < 0)
		return -1;
	return age_header_end(to, key, start, b, err);
}
