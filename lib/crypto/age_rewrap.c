/* SPDX-License-Identifier: Apache-2.0 */
/* More readers for an age file that is there already: the same file key, the old stanzas, a new MAC. */
#include "age_int.h"

#include <sodium.h>

int pk_age_header_read(int fd, struct pk_buf *ret, struct pk_err *err)
{
	PK_AUTO(age_source) src = {.fd = -1};
	PK_AUTO(age_header) h = {0};

	if (age_source_open_fd(&src, fd, true, err) < 0)
		return -1;
	if (src.armored)
		return AGE_HEADER_FAIL(err, "the file is armored: a binary age file is needed");
	if (age_header_read(&h, &src, err) < 0)
		return -1;
	pk_buf_put_str(ret, pk_buf_str(&h.text));
	return pk_buf_check(ret, err);
}

/* What is there and what comes must be of one kind: a file is no safer than for its weakest reader. */
static int check_kinds(const struct age_header *h, const struct pk_age_recipients *to, struct pk_err *err)
{
	for (size_t i = 0; i < h->n; i++) {
		enum age_kind kind = h->stanzas[i].kind;

		if (kind == AGE_SCRYPT)
			return pk_fail(
				err, PK_EUSAGE, 0,
				"sealed by a passphrase, which must stay its only reader: no reader can be added");
		if (kind == AGE_UNKNOWN)
			return pk_fail(err, PK_EUSAGE, 0, "it has a reader of a kind not known here ('%.*s')",
				       PK_STR_ARG(h->stanzas[i].type));
		if (kind == AGE_HYBRID ? to->n > 0 : to->n_hybrid > 0)
			return pk_fail(err, PK_EUSAGE, 0,
				       "post-quantum and classic readers do not go together: this file's are %s",
				       kind == AGE_HYBRID ? "post-quantum" : "classic");
	}
	if (h->n + to->n + to->n_hybrid > PK_AGE_MAX_STANZAS)
		return pk_fail(err, PK_EUSAGE, 0, "more than %d recipients", PK_AGE_MAX_STANZAS);
	return 0;
}

static int write_header(const struct age_header *h, const struct pk_age_recipients *to, const uint8_t key[AGE_FILE_KEY],
			struct pk_buf *b, struct pk_err *err)
{
	size_t start = b->n;

	pk_buf_put(b, h->text.p, h->mac_covers - 3); /* up to "---" */
	if (age_header_end(to, key, start, b, err) < 0)
		return -1;
	if (b->n - start > PK_AGE_MAX_HEADER)
		return pk_fail(err, PK_EUSAGE, 0, "the header would be larger than %u bytes", PK_AGE_MAX_HEADER);
	return 0;
}

int pk_age_header_extend(struct pk_str header, const struct pk_age_identities *ids, const struct pk_age_recipients *to,
			 struct pk_buf *ret, struct pk_err *err)
{
	PK_AUTO(age_source) src = {.fd = -1};
	PK_AUTO(age_header) h = {0};
	uint8_t key[AGE_FILE_KEY];
	int r;

	if (pk_crypto_init(err) < 0 || age_source_open_mem(&src, header, err) < 0 || age_header_read(&h, &src, err) < 0)
		return -1;
	if (to->passphrase.p || to->n + to->n_hybrid == 0)
		return pk_fail(err, PK_EUSAGE, 0, "no recipient is given");
	if (check_kinds(&h, to, err) < 0 || age_header_open(&h, ids, key, err) < 0)
		return -1;
	r = write_header(&h, to, key, ret, err);
	sodium_memzero(key, sizeof(key));
	return r;
}

static PK_NODISCARD int parse(struct pk_str text, struct age_header *ret, struct pk_err *err)
{
	PK_AUTO(age_source) src = {.fd = -1};

	return age_source_open_mem(&src, text, err) < 0 ? -1 : age_header_read(ret, &src, err);
}

int pk_age_header_is_hybrid(struct pk_str header, bool *ret, struct pk_err *err)
{
	PK_AUTO(age_header) h = {0};

	if (parse(header, &h, err) < 0)
		return -1;
	*ret = true;
	for (size_t i = 0; i < h.n; i++)
		*ret = *ret && h.stanzas[i].kind == AGE_HYBRID;
	return 0;
}

int pk_age_header_extends(struct pk_str header, struct pk_str old, size_t *ret_more, struct pk_err *err)
{
	PK_AUTO(age_header) h = {0}, before = {0};
	size_t same;

	if (parse(old, &before, err) < 0 || parse(header, &h, err) < 0)
		return -1;
	same = before.mac_covers - 3; /* up to "---" */
	if (h.n < before.n || h.mac_covers - 3 < same || memcmp(h.text.p, before.text.p, same) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "not every reader of the old header is there as it was");
	for (size_t i = before.n; i < h.n; i++)
		if (h.stanzas[i].kind != before.stanzas[0].kind)
			return pk_fail(err, PK_EFORMAT, 0, "readers of another kind were added: '%.*s'",
				       PK_STR_ARG(h.stanzas[i].type));
	*ret_more = h.n - before.n;
	return 0;
}
