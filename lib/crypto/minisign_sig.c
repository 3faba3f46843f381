/* SPDX-License-Identifier: Apache-2.0 */
/* minisign signatures: prehashed only, file and trusted comment always together. */
#include <picket/minisign.h>

#include <errno.h>
#include <sodium.h>
#include <unistd.h>

#define COMMENT "untrusted comment: "
#define TRUSTED "trusted comment: "
#define SIG_BYTES 74 /* "ED", key number, signature */
#define GLOBAL_BYTES crypto_sign_BYTES

_Static_assert(sizeof(struct pk_blake2b) >= sizeof(crypto_generichash_state), "the state fits");
_Static_assert(_Alignof(struct pk_blake2b) >= _Alignof(crypto_generichash_state), "the state is aligned");

void pk_blake2b_init(struct pk_blake2b *h)
{
	crypto_generichash_init((crypto_generichash_state *)(void *)h, NULL, 0, 64);
}

void pk_blake2b_put(struct pk_blake2b *h, const void *p, size_t n)
{
	crypto_generichash_update((crypto_generichash_state *)(void *)h, p, n);
}

void pk_blake2b_end(struct pk_blake2b *h, uint8_t ret[64])
{
	crypto_generichash_final((crypto_generichash_state *)(void *)h, ret, 64);
}

void pk_blake2b(const void *p, size_t n, uint8_t ret[64])
{
	struct pk_blake2b h;

	pk_blake2b_init(&h);
	pk_blake2b_put(&h, p, n);
	pk_blake2b_end(&h, ret);
}

/* One line that shows everything it holds; stock comments have tabs between their fields. */
static bool comment_ok(struct pk_str s)
{
	struct pk_str piece;

	while (pk_str_split(&s, '\t', &piece))
		if (!pk_str_is_visible(piece))
			return false;
	return true;
}

/* One line of text; the stock tool takes any bytes. */
static bool comment_is_text(struct pk_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((uint8_t)s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return pk_str_is_utf8(s);
}

/* What the second signature covers: the first one and the comment. */
static PK_NODISCARD int global_bytes(const uint8_t sig[64], struct pk_str trusted, struct pk_buf *ret,
				     struct pk_err *err)
{
	pk_buf_put(ret, sig, crypto_sign_BYTES);
	pk_buf_put_str(ret, trusted);
	return pk_buf_check(ret, err);
}

int pk_minisign_sign(const struct pk_minisign_key *k, const uint8_t digest[64], const char *trusted, struct pk_buf *ret,
		     struct pk_err *err)
{
	PK_AUTO(pk_buf) all = {0};
	uint8_t raw[SIG_BYTES] = {'E', 'D'}, global[GLOBAL_BYTES];
	struct pk_str t = pk_str(trusted);

	if (t.n > PK_MINISIGN_MAX_COMMENT)
		return pk_fail(err, PK_ELIMIT, 0, "trusted comment of %zu bytes (limit %d)", t.n,
			       PK_MINISIGN_MAX_COMMENT);
	if (!comment_ok(t))
		return pk_fail(err, PK_EUSAGE, 0, "trusted comment is not one line of printable UTF-8");
	memcpy(raw + 2, k->pub.keynum, sizeof(k->pub.keynum));
	crypto_sign_detached(raw + 10, NULL, digest, 64, k->sk.p);
	if (global_bytes(raw + 10, t, &all, err) < 0)
		return -1;
	crypto_sign_detached(global, NULL, (const uint8_t *)all.p, all.n, k->sk.p);
	pk_buf_puts(ret, COMMENT "signature from minisign secret key\n");
	pk_buf_put_base64(ret, raw, sizeof(raw), true);
	pk_buf_puts(ret, "\n" TRUSTED);
	pk_buf_put_str(ret, t);
	pk_buf_put_c(ret, '\n');
	pk_buf_put_base64(ret, global, sizeof(global), true);
	pk_buf_put_c(ret, '\n');
	return pk_buf_check(ret, err);
}

int pk_minisign_sign_bytes(const struct pk_minisign_key *k, struct pk_str data, const char *trusted, struct pk_buf *ret,
			   struct pk_err *err)
{
	uint8_t digest[64];

	pk_blake2b(data.p, data.n, digest);
	return pk_minisign_sign(k, digest, trusted, ret, err);
}

/* Next line; a CR before its LF is not part of it. */
static bool next_line(struct pk_str *rest, struct pk_str *ret)
{
	if (!pk_str_line(rest, ret))
		return false;
	if (ret->n && ret->p[ret->n - 1] == '\r')
		ret->n--;
	return true;
}

int pk_minisign_sig_parse_any(struct pk_str text, struct pk_minisign_sig *ret, struct pk_err *err)
{
	struct pk_str rest = text, comment, sig, trusted, global;
	struct pk_minisign_sig s;
	uint8_t raw[SIG_BYTES];

	if (text.n > PK_MINISIGN_MAX_READ)
		return pk_fail(err, PK_EFORMAT, 0, "too long for a minisign signature");
	if (!next_line(&rest, &comment) || !pk_str_starts(comment, PK_STR(COMMENT)))
		return pk_fail(err, PK_EFORMAT, 0, "not a minisign signature: no untrusted comment in line 1");
	if (!next_line(&rest, &sig) || !pk_base64_decode_n(sig, true, raw, SIG_BYTES))
		return pk_fail(err, PK_EFORMAT, 0, "not a minisign signature: line 2 is not 74 bytes of base64");
	if (memcmp(raw, "Ed", 2) == 0)
		return pk_fail(err, PK_EFORMAT, 0, "legacy minisign signature ('Ed'): sign again, prehashed ('ED')");
	if (memcmp(raw, "ED", 2) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "minisign signature of an unknown algorithm");
	if (!next_line(&rest, &trusted) || !pk_str_starts(trusted, PK_STR(TRUSTED)))
		return pk_fail(err, PK_EFORMAT, 0, "not a minisign signature: no trusted comment in line 3");
	s.trusted = pk_str_n(trusted.p + sizeof(TRUSTED) - 1, trusted.n - (sizeof(TRUSTED) - 1));
	if (!comment_is_text(s.trusted))
		return pk_fail(err, PK_EFORMAT, 0, "the trusted comment is not one line of UTF-8 text");
	if (!next_line(&rest, &global) || !pk_base64_decode_n(global, true, s.global_sig, GLOBAL_BYTES))
		return pk_fail(err, PK_EFORMAT, 0, "not a minisign signature: line 4 is not 64 bytes of base64");
	if (pk_str_trim(rest).n)
		return pk_fail(err, PK_EFORMAT, 0, "more lines than a minisign signature has");
	memcpy(s.keynum, raw + 2, sizeof(s.keynum));
	memcpy(s.sig, raw + 10, sizeof(s.sig));
	*ret = s;
	return 0;
}

int pk_minisign_sig_parse(struct pk_str text, struct pk_minisign_sig *ret, struct pk_err *err)
{
	struct pk_minisign_sig s;

	if (pk_minisign_sig_parse_any(text, &s, err) < 0)
		return -1;
	if (!comment_ok(s.trusted))
		return pk_fail(err, PK_EFORMAT, 0, "the trusted comment is not one line of printable UTF-8");
	*ret = s;
	return 0;
}

int pk_minisign_verify(const struct pk_minisign_pub *pub, const uint8_t digest[64], const struct pk_minisign_sig *sig,
		       struct pk_err *err)
{
	PK_AUTO(pk_buf) all = {0};

	if (memcmp(pub->keynum, sig->keynum, sizeof(pub->keynum)) != 0) {
		struct pk_cur have = pk_cur(sig->keynum, 8), want = pk_cur(pub->keynum, 8);

		return pk_fail(err, PK_ECRYPTO, 0, "signed by another key (number %016llX, not %016llX)",
			       (unsigned long long)pk_rd_le64(&have), (unsigned long long)pk_rd_le64(&want));
	}
	if (global_bytes(sig->sig, sig->trusted, &all, err) < 0)
		return -1;
	if (crypto_sign_verify_detached(sig->sig, digest, 64, pub->key) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "the signature does not fit the file");
	if (crypto_sign_verify_detached(sig->global_sig, (const uint8_t *)all.p, all.n, pub->key) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "the trusted comment was changed");
	return 0;
}

int pk_minisign_is_by(const struct pk_minisign_pub *pub, const struct pk_minisign_sig *sig, bool *ret,
		      struct pk_err *err)
{
	PK_AUTO(pk_buf) all = {0};

	if (global_bytes(sig->sig, sig->trusted, &all, err) < 0)
		return -1;
	*ret = memcmp(pub->keynum, sig->keynum, sizeof(pub->keynum)) == 0 &&
	       crypto_sign_verify_detached(sig->global_sig, (const uint8_t *)all.p, all.n, pub->key) == 0;
	return 0;
}

static PK_NODISCARD int verify_text(const struct pk_minisign_pub *pub, const uint8_t digest[64], struct pk_str sigtext,
				    struct pk_str *ret_trusted, struct pk_err *err)
{
	struct pk_minisign_sig sig;

	if (pk_minisign_sig_parse(sigtext, &sig, err) < 0 || pk_minisign_verify(pub, digest, &sig, err) < 0)
		return -1;
	if (ret_trusted)
		*ret_trusted = sig.trusted;
	return 0;
}

int pk_minisign_verify_bytes(const struct pk_minisign_pub *pub, struct pk_str data, struct pk_str sigtext,
			     struct pk_str *ret_trusted, struct pk_err *err)
{
	uint8_t digest[64];

	pk_blake2b(data.p, data.n, digest);
	return verify_text(pub, digest, sigtext, ret_trusted, err);
}

int pk_minisign_digest_fd(int fd, uint8_t ret[64], struct pk_err *err)
{
	enum { BLOCK = 1 << 16 };
	pk_autofree uint8_t *buf = malloc(BLOCK);
	struct pk_blake2b h;
	size_t n = 0;

	if (!buf)
		return pk_fail_oom(err);
	if (lseek(fd, 0, SEEK_SET) < 0 && errno != ESPIPE)
		return pk_fail(err, PK_ESYS, errno, "cannot seek");
	pk_blake2b_init(&h);
	do {
		if (pk_read_full(fd, buf, BLOCK, &n, err) < 0)
			return -1;
		pk_blake2b_put(&h, buf, n);
	} while (n == BLOCK);
	pk_blake2b_end(&h, ret);
	return 0;
}
