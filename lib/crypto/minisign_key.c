/* SPDX-License-Identifier: Apache-2.0 */
/* minisign key pairs: the stock tool's public and secret key files, read and written. */
#include <picket/minisign.h>

#include <sodium.h>

#define COMMENT "untrusted comment: "
#define PUB_BYTES 42 /* "Ed", key number, public key */
#define PUB_CHARS 56

/* The decoded second line of a secret key file. */
enum {
	KEY_SIGALG = 0,    /* "Ed" */
	KEY_KDF = 2,       /* "Sc", or two zero bytes: not encrypted */
	KEY_CHECKALG = 4,  /* "B2" */
	KEY_SALT = 6,      /* 32 bytes */
	KEY_OPSLIMIT = 38, /* little endian */
	KEY_MEMLIMIT = 46,
	KEY_NUM = 54, /* from here on encrypted: key number, 64 bytes of key, checksum */
	KEY_SECRET = 62,
	KEY_CHECK = 126,
	KEY_BYTES = 158,
	KEY_CHARS = 212,
	KEY_HIDDEN = KEY_BYTES - KEY_NUM,
};
/* What the stock tool writes is exactly this. A file that asks for more is an attack on our memory. */
#define MAX_OPSLIMIT 33554432u
#define MAX_MEMLIMIT 1073741824u
#define MAX_PASSPHRASE 1023 /* bytes that the stock tool reads of one */

void pk_minisign_key_done(struct pk_minisign_key *k)
{
	pk_secret_done(&k->sk);
	k->pub = (struct pk_minisign_pub){0};
}

int pk_minisign_generate(struct pk_minisign_key *k, struct pk_err *err)
{
	PK_AUTO(pk_secret) sk = {0};

	if (pk_crypto_init(err) < 0 || pk_secret_new(&sk, crypto_sign_SECRETKEYBYTES, err) < 0)
		return -1;
	*k = (struct pk_minisign_key){0};
	crypto_sign_keypair(k->pub.key, sk.p);
	pk_random(k->pub.keynum, sizeof(k->pub.keynum));
	k->sk = sk;
	sk = (struct pk_secret){0};
	return 0;
}

bool pk_minisign_pub_eq(const struct pk_minisign_pub *a, const struct pk_minisign_pub *b)
{
	return memcmp(a->keynum, b->keynum, sizeof(a->keynum)) == 0 && memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

/* --- public half ------------------------------------------------------------------------------------ */

void pk_buf_put_minisign_pub(struct pk_buf *b, const struct pk_minisign_pub *pub)
{
	uint8_t raw[PUB_BYTES] = {'E', 'd'};

	memcpy(raw + 2, pub->keynum, sizeof(pub->keynum));
	memcpy(raw + 10, pub->key, sizeof(pub->key));
	pk_buf_put_base64(b, raw, sizeof(raw), true);
}

void pk_buf_put_minisign_pubfile(struct pk_buf *b, const struct pk_minisign_pub *pub)
{
	struct pk_cur c = pk_cur(pub->keynum, sizeof(pub->keynum));

	pk_buf_putf(b, COMMENT "minisign public key %llX\n", (unsigned long long)pk_rd_le64(&c));
	pk_buf_put_minisign_pub(b, pub);
	pk_buf_put_c(b, '\n');
}

/* Of a file of a secret key, the line after the comment; of a bare line, that line. */
static PK_NODISCARD int payload_line(struct pk_str text, struct pk_str *ret, struct pk_err *err)
{
	struct pk_str rest = pk_str_trim(text), line = {NULL, 0};

	if (!pk_str_line(&rest, &line))
		return pk_fail(err, PK_EFORMAT, 0, "empty key file");
	if (pk_str_starts(line, PK_STR(COMMENT)) && !pk_str_line(&rest, &line))
		return pk_fail(err, PK_EFORMAT, 0, "key file ends after its comment");
	if (rest.n)
		return pk_fail(err, PK_EFORMAT, 0, "%s",
			       pk_str_starts(text, PK_STR(COMMENT)) ? "more lines than a key file has"
								    : "not a key file: no untrusted comment in line 1");
	*ret = pk_str_trim(line);
	return 0;
}

/* As the stock tool reads a public key file: whatever the first line is, the second is the key, and the rest is nobody's. */
static struct pk_str pub_line(struct pk_str text)
{
	struct pk_str rest = text, first = {NULL, 0}, second = {NULL, 0};

	(void)pk_str_line(&rest, &first);
	if (pk_str_trim(rest).n)
		(void)pk_str_line(&rest, &second);
	return pk_str_trim(second.p ? second : first);
}

int pk_minisign_pub_parse(struct pk_str text, struct pk_minisign_pub *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) raw = {0};
	struct pk_str line = {NULL, 0};

	if (text.n > PK_MINISIGN_MAX_READ)
		return pk_fail(err, PK_EFORMAT, 0, "too long for a minisign public key");
	line = pub_line(text);
	if (line.n != PUB_CHARS || !pk_base64_decode(line, true, &raw) || raw.n != PUB_BYTES)
		return raw.oom ? pk_fail_oom(err) : pk_fail(err, PK_EFORMAT, 0, "not a minisign public key");
	if (memcmp(raw.p, "Ed", 2) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "minisign public key of an unknown algorithm");
	memcpy(ret->keynum, raw.p + 2, sizeof(ret->keynum));
	memcpy(ret->key, raw.p + 10, sizeof(ret->key));
	return 0;
}

/* --- secret half ------------------------------------------------------------------------------------ */

static void put_le64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++, v >>= 8)
		p[i] = (uint8_t)v;
}

/* The checksum covers algorithm, key number and key, in the clear. */
static void key_check(const uint8_t *raw, uint8_t ret[32])
{
	crypto_generichash_state h;

	crypto_generichash_init(&h, NULL, 0, 32);
	crypto_generichash_update(&h, raw + KEY_SIGALG, 2);
	crypto_generichash_update(&h, raw + KEY_NUM, KEY_CHECK - KEY_NUM);
	crypto_generichash_final(&h, ret, 32);
	sodium_memzero(&h, sizeof(h));
}

/* Encrypts and decrypts: the hidden part is xored with the stretched passphrase. */
static PK_NODISCARD int xor_hidden(uint8_t *raw, const struct pk_secret *pass, struct pk_err *err)
{
	struct pk_cur c = pk_cur(raw + KEY_OPSLIMIT, 16);
	uint64_t ops = pk_rd_le64(&c), mem = pk_rd_le64(&c);
	PK_AUTO(pk_secret) stream = {0};

	if (ops > MAX_OPSLIMIT || mem > MAX_MEMLIMIT)
		return pk_fail(err, PK_ELIMIT, 0,
			       "secret key asks for more work than any stock minisign key (limit %u, %u bytes)",
			       MAX_OPSLIMIT, MAX_MEMLIMIT);
	if (pk_secret_new(&stream, KEY_HIDDEN, err) < 0)
		return -1;
	if (crypto_pwhash_scryptsalsa208sha256(stream.p, KEY_HIDDEN, (const char *)pass->p, pass->n, raw + KEY_SALT,
					       ops, (size_t)mem) != 0)
		return pk_fail(err, PK_ESYS, 0, "no memory to stretch the passphrase (%llu MiB)",
			       (unsigned long long)(mem >> 20));
	for (size_t i = 0; i < KEY_HIDDEN; i++)
		raw[KEY_NUM + i] ^= stream.p[i];
	return 0;
}

/* The whole file as text; pass NULL: unencrypted, byte for byte as `minisign -G -W` leaves it. */
static PK_NODISCARD int key_text(const struct pk_minisign_key *k, const struct pk_secret *pass, struct pk_secret *ret,
				 struct pk_err *err)
{
	static const char head[] = COMMENT "minisign encrypted secret key\n";
	PK_AUTO(pk_secret) raw = {0}, text = {0};
	const size_t n = sizeof(head) - 1;

	if (pass && pass->n > MAX_PASSPHRASE)
		return pk_fail(err, PK_ELIMIT, 0, "the passphrase is longer than the %d bytes that minisign takes",
			       MAX_PASSPHRASE);
	if (pk_secret_new(&raw, KEY_BYTES, err) < 0 || pk_secret_new(&text, n + KEY_CHARS + 1, err) < 0)
		return -1;
	memcpy(raw.p + KEY_SIGALG, "Ed", 2);
	memcpy(raw.p + KEY_CHECKALG, "B2", 2);
	memcpy(raw.p + KEY_NUM, k->pub.keynum, sizeof(k->pub.keynum));
	memcpy(raw.p + KEY_SECRET, k->sk.p, crypto_sign_SECRETKEYBYTES);
	if (pass) {
		memcpy(raw.p + KEY_KDF, "Sc", 2);
		pk_random(raw.p + KEY_SALT, 32);
		put_le64(raw.p + KEY_OPSLIMIT, MAX_OPSLIMIT);
		put_le64(raw.p + KEY_MEMLIMIT, MAX_MEMLIMIT);
		key_check(raw.p, raw.p + KEY_CHECK);
		if (xor_hidden(raw.p, pass, err) < 0)
			return -1;
	}
	memcpy(text.p, head, n);
	/* writes its NUL where the newline goes */
	sodium_bin2base64((char *)text.p + n, KEY_CHARS + 1, raw.p, KEY_BYTES, sodium_base64_VARIANT_ORIGINAL);
	text.p[n + KEY_CHARS] = '\n';
	*ret = text;
	text = (struct pk_secret){0};
	return 0;
}

int pk_minisign_key_text(const struct pk_minisign_key *k, struct pk_secret *ret, struct pk_err *err)
{
	return key_text(k, NULL, ret, err);
}

int pk_minisign_key_write(const struct pk_minisign_key *k, const char *path, const struct pk_secret *passphrase,
			  struct pk_err *err)
{
	PK_AUTO(pk_secret) text = {0};

	if (key_text(k, passphrase, &text, err) < 0)
		return pk_wrap(err, "%s", path);
	return pk_secret_write_path(&text, path, err);
}

/* From the clear layout; the stored public half is not believed. */
static PK_NODISCARD int take_key(const uint8_t *raw, bool check_zero_ok, struct pk_minisign_key *k, struct pk_err *err)
{
	PK_AUTO(pk_secret) sk = {0};
	struct pk_minisign_pub pub;
	uint8_t check[32];

	key_check(raw, check);
	if (sodium_memcmp(check, raw + KEY_CHECK, sizeof(check)) != 0 &&
	    !(check_zero_ok && sodium_is_zero(raw + KEY_CHECK, sizeof(check))))
		return pk_fail(err, PK_ECRYPTO, 0, "wrong passphrase or damaged secret key");
	if (pk_secret_new(&sk, crypto_sign_SECRETKEYBYTES, err) < 0)
		return -1;
	crypto_sign_seed_keypair(pub.key, sk.p, raw + KEY_SECRET);
	if (sodium_memcmp(sk.p, raw + KEY_SECRET, sk.n) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "damaged secret key: its halves do not fit together");
	memcpy(pub.keynum, raw + KEY_NUM, sizeof(pub.keynum));
	*k = (struct pk_minisign_key){.pub = pub, .sk = sk};
	sk = (struct pk_secret){0};
	return 0;
}

/* Decodes the second line into raw (guarded) and checks the algorithms. */
static PK_NODISCARD int decode_key(struct pk_str text, struct pk_secret *raw, struct pk_err *err)
{
	struct pk_str line = {NULL, 0};
	size_t n = 0;

	if (pk_secret_new(raw, KEY_BYTES, err) < 0)
		return -1;
	if (text.n > PK_MINISIGN_MAX_READ)
		return pk_fail(err, PK_EFORMAT, 0, "too long for a minisign secret key");
	if (payload_line(text, &line, err) < 0)
		return -1;
	if (line.n != KEY_CHARS ||
	    sodium_base642bin(raw->p, KEY_BYTES, line.p, line.n, NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    n != KEY_BYTES)
		return pk_fail(err, PK_EFORMAT, 0, "not a minisign secret key");
	if (memcmp(raw->p + KEY_SIGALG, "Ed", 2) != 0 || memcmp(raw->p + KEY_CHECKALG, "B2", 2) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "minisign secret key of an unknown algorithm");
	if (memcmp(raw->p + KEY_KDF, "\0\0", 2) != 0 && memcmp(raw->p + KEY_KDF, "Sc", 2) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "minisign secret key locked in an unknown way");
	return 0;
}

bool pk_minisign_key_is_locked(struct pk_str text)
{
	PK_AUTO(pk_secret) raw = {0};

	return decode_key(text, &raw, NULL) == 0 && raw.p[KEY_KDF] != 0;
}

int pk_minisign_key_open(struct pk_minisign_key *k, struct pk_str text, const struct pk_secret *passphrase,
			 struct pk_err *err)
{
	PK_AUTO(pk_secret) raw = {0};

	if (decode_key(text, &raw, err) < 0)
		return -1;
	if (raw.p[KEY_KDF] == 0)
		return take_key(raw.p, true, k, err);
	if (!passphrase)
		return pk_fail(err, PK_ECRYPTO, 0, "the signing key is locked by a passphrase");
	return xor_hidden(raw.p, passphrase, err) < 0 ? -1 : take_key(raw.p, false, k, err);
}

int pk_minisign_key_parse(struct pk_minisign_key *k, struct pk_str text, int passphrase_fd, struct pk_err *err)
{
	PK_AUTO(pk_secret) pass = {0};

	if (!pk_minisign_key_is_locked(text))
		return pk_minisign_key_open(k, text, NULL, err);
	if (pk_secret_ask(&pass, "Passphrase of the signing key: ", false, passphrase_fd, err) < 0)
		return -1;
	return pk_minisign_key_open(k, text, &pass, err);
}
