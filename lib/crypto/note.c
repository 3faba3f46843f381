/* SPDX-License-Identifier: Apache-2.0 */
/* Signed notes with Ed25519 keys, and the checkpoints of transparency logs in them. */
#include "noteparts.h"

#include <picket/hash.h>
#include <picket/limits.h>

#include <sodium.h>

#define PRIVATE "PRIVATE+KEY+"
#define KEY_RAW 33 /* algorithm and 32 bytes of key or seed */
#define SIG_RAW 68 /* key hash and signature */

/* Ours are ASCII without blanks and '+': what every implementation takes. */
static bool name_ok(struct pk_str s)
{
	if (s.n == 0 || s.n >= sizeof(((struct pk_note_pub *)NULL)->name))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '+')
			return false;
	return true;
}

static void key_hash(struct pk_str name, enum pk_note_alg alg, const uint8_t key[32], uint8_t ret[4])
{
	const char mid[2] = {'\n', (char)alg};
	struct pk_sha256 h;
	uint8_t sum[PK_SHA256_SIZE];

	pk_sha256_init(&h);
	pk_sha256_put(&h, name.p, name.n);
	pk_sha256_put(&h, mid, sizeof(mid));
	pk_sha256_put(&h, key, 32);
	pk_sha256_end(&h, sum);
	memcpy(ret, sum, 4);
}

static void set_pub(struct pk_note_pub *pub, struct pk_str name, enum pk_note_alg alg, const uint8_t key[32])
{
	*pub = (struct pk_note_pub){.alg = alg};
	memcpy(pub->name, name.p, name.n);
	memcpy(pub->key, key, 32);
	key_hash(name, alg, key, pub->hash);
}

void pk_note_key_done(struct pk_note_key *k)
{
	pk_secret_done(&k->sk);
	k->pub = (struct pk_note_pub){0};
}

/* --- keys ------------------------------------------------------------------------------------------- */

static PK_NODISCARD int key_from_seed(struct pk_str name, enum pk_note_alg alg, const uint8_t *seed,
				      struct pk_note_key *k, struct pk_err *err)
{
	PK_AUTO(pk_secret) sk = {0};
	uint8_t key[32];

	if (pk_secret_new(&sk, crypto_sign_SECRETKEYBYTES, err) < 0)
		return -1;
	crypto_sign_seed_keypair(key, sk.p, seed);
	*k = (struct pk_note_key){.sk = sk};
	sk = (struct pk_secret){0};
	set_pub(&k->pub, name, alg, key);
	return 0;
}

int pk_note_generate(struct pk_note_key *k, const char *name, enum pk_note_alg alg, struct pk_err *err)
{
	PK_AUTO(pk_secret) seed = {0};

	if (!name_ok(pk_str(name)))
		return pk_fail(err, PK_EUSAGE, 0, "'%s' cannot name a note key: ASCII without blanks and '+' can",
			       name);
	if (pk_crypto_init(err) < 0 || pk_secret_new(&seed, crypto_sign_SEEDBYTES, err) < 0)
		return -1;
	pk_random(seed.p, seed.n);
	return key_from_seed(pk_str(name), alg, seed.p, k, err);
}

/* "NAME+HHHHHHHH+BASE64": raw gets the 33 bytes behind the base64. */
static PK_NODISCARD int split_key(struct pk_str text, enum pk_note_alg alg, struct pk_str *ret_name,
				  uint8_t ret_hash[4], uint8_t raw[KEY_RAW], struct pk_err *err)
{
	struct pk_str rest = text, name, hash;
	size_t n = 0;

	if (!pk_str_split(&rest, '+', &name) || !pk_str_split(&rest, '+', &hash) || !rest.p)
		return pk_fail(err, PK_EFORMAT, 0, "not a note key");
	if (!name_ok(name))
		return pk_fail(err, PK_EFORMAT, 0,
			       "a note key with another name than 1 to %zu characters of ASCII "
			       "without blanks",
			       sizeof(((struct pk_note_pub *)NULL)->name) - 1);
	if (!pk_hex_decode(hash, ret_hash, 4) ||
	    sodium_base642bin(raw, KEY_RAW, rest.p, rest.n, NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    n != KEY_RAW)
		return pk_fail(err, PK_EFORMAT, 0, "not a note key");
	if (raw[0] != PK_NOTE_SIGN && raw[0] != PK_NOTE_COSIGN)
		return pk_fail(err, PK_EFORMAT, 0, "note key of an unknown algorithm (%u)", raw[0]);
	if (raw[0] != alg)
		return pk_fail(err, PK_EFORMAT, 0, "a key for %s",
			       raw[0] == PK_NOTE_SIGN ? "notes, not cosignatures" : "cosignatures, not notes");
	*ret_name = name;
	return 0;
}

int pk_note_pub_parse(struct pk_str text, enum pk_note_alg alg, struct pk_note_pub *ret, struct pk_err *err)
{
	struct pk_note_pub pub;
	struct pk_str name;
	uint8_t raw[KEY_RAW], hash[4];

	if (split_key(pk_str_trim(text), alg, &name, hash, raw, err) < 0)
		return -1;
	set_pub(&pub, name, alg, raw + 1);
	if (memcmp(hash, pub.hash, 4) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "note key '%s': its hash does not fit", pub.name);
	*ret = pub;
	return 0;
}

void pk_buf_put_note_pub(struct pk_buf *b, const struct pk_note_pub *pub)
{
	uint8_t raw[KEY_RAW] = {(uint8_t)pub->alg};

	memcpy(raw + 1, pub->key, 32);
	pk_buf_puts(b, pub->name);
	pk_buf_put_c(b, '+');
	pk_buf_put_hex(b, pub->hash, 4);
	pk_buf_put_c(b, '+');
	pk_buf_put_base64(b, raw, sizeof(raw), true);
}

int pk_note_key_text(const struct pk_note_key *k, struct pk_secret *ret, struct pk_err *err)
{
	enum { CHARS = 44 };
	PK_AUTO(pk_secret) raw = {0}, text = {0};
	PK_AUTO(pk_buf) head = {0};

	pk_buf_puts(&head, PRIVATE);
	pk_buf_puts(&head, k->pub.name);
	pk_buf_put_c(&head, '+');
	pk_buf_put_hex(&head, k->pub.hash, 4);
	pk_buf_put_c(&head, '+');
	if (pk_buf_check(&head, err) < 0 || pk_secret_new(&raw, KEY_RAW, err) < 0 ||
	    pk_secret_new(&text, head.n + CHARS + 1, err) < 0)
		return -1;
	raw.p[0] = (uint8_t)k->pub.alg;
	memcpy(raw.p + 1, k->sk.p, crypto_sign_SEEDBYTES);
	memcpy(text.p, head.p, head.n);
	/* writes its NUL where the newline goes */
	sodium_bin2base64((char *)text.p + head.n, CHARS + 1, raw.p, KEY_RAW, sodium_base64_VARIANT_ORIGINAL);
	text.p[head.n + CHARS] = '\n';
	*ret = text;
	text = (struct pk_secret){0};
	return 0;
}

int pk_note_key_parse(struct pk_note_key *k, enum pk_note_alg alg, struct pk_str text, struct pk_err *err)
{
	PK_AUTO(pk_secret) raw = {0};
	PK_AUTO(pk_note_key) key = {0};
	struct pk_str t = pk_str_trim(text), name;
	uint8_t hash[4];

	if (pk_crypto_init(err) < 0 || pk_secret_new(&raw, KEY_RAW, err) < 0)
		return -1;
	if (!pk_str_starts(t, PK_STR(PRIVATE)))
		return pk_fail(err, PK_EFORMAT, 0, "not a secret note key");
	t = pk_str_n(t.p + sizeof(PRIVATE) - 1, t.n - (sizeof(PRIVATE) - 1));
	if (split_key(t, alg, &name, hash, raw.p, err) < 0 || key_from_seed(name, alg, raw.p + 1, &key, err) < 0)
		return -1;
	if (memcmp(hash, key.pub.hash, 4) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "damaged secret note key: its hash does not fit");
	*k = key;
	key = (struct pk_note_key){0};
	return 0;
}

int pk_note_key_write(const struct pk_note_key *k, const char *path, struct pk_err *err)
{
	PK_AUTO(pk_secret) text = {0};

	return pk_note_key_text(k, &text, err) < 0 ? -1 : pk_secret_write_path(&text, path, err);
}

/* --- notes ------------------------------------------------------------------------------------------ */

/* Lines of UTF-8 without control characters. */
static bool text_ok(struct pk_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((uint8_t)s.p[i] < 0x20 && s.p[i] != '\n')
			return false;
	return s.n && s.p[s.n - 1] == '\n' && pk_str_is_utf8(s);
}

int pk_note_sign(const struct pk_note_key *k, struct pk_str text, struct pk_buf *ret, struct pk_err *err)
{
	uint8_t raw[SIG_RAW];

	if (text.n > PK_MAX_NOTE)
		return pk_fail(err, PK_ELIMIT, 0, "note of %zu bytes (limit %d)", text.n, PK_MAX_NOTE);
	if (!text_ok(text))
		return pk_fail(err, PK_EINTERNAL, 0, "a note is lines of UTF-8 without control characters");
	if (k->pub.alg != PK_NOTE_SIGN)
		return pk_fail(err, PK_EINTERNAL, 0, "a key for cosignatures signs no notes");
	memcpy(raw, k->pub.hash, 4);
	crypto_sign_detached(raw + 4, NULL, (const uint8_t *)text.p, text.n, k->sk.p);
	pk_buf_put_str(ret, text);
	pk_buf_putf(ret, "\n" PK_NOTE_DASH "%s ", k->pub.name);
	pk_buf_put_base64(ret, raw, sizeof(raw), true);
	pk_buf_put_c(ret, '\n');
	return pk_buf_check(ret, err);
}

/* Of anybody's key, unlike ours; text_ok was asked. Without what Unicode calls white space. */
static bool has_name(struct pk_str s)
{
	static const char *const spaces[] = {"+",
					     " ",
					     "\xc2\x85",     /* U+0085 */
					     "\xc2\xa0",     /* U+00A0 */
					     "\xe1\x9a\x80", /* U+1680 */
					     "\xe2\x80\xa8", /* U+2028 */
					     "\xe2\x80\xa9", /* U+2029 */
					     "\xe2\x80\xaf", /* U+202F */
					     "\xe2\x81\x9f", /* U+205F */
					     "\xe3\x80\x80" /* U+3000 */};

	for (size_t i = 0; i < PK_LEN(spaces); i++)
		if (s.n && memmem(s.p, s.n, spaces[i], strlen(spaces[i])))
			return false;
	for (size_t i = 0; i + 2 < s.n; i++) /* U+2000 to U+200A */
		if (memcmp(s.p + i, "\xe2\x80", 2) == 0 && (uint8_t)s.p[i + 2] >= 0x80 && (uint8_t)s.p[i + 2] <= 0x8a)
			return false;
	return s.n > 0;
}

/* "— NAME BASE64". Appends the decoded bytes (key hash first) to raw. */
bool pk_note_split_signature(struct pk_str line, struct pk_str *ret_name, struct pk_buf *raw)
{
	struct pk_str name;

	if (!pk_str_starts(line, PK_STR(PK_NOTE_DASH)))
		return false;
	line = pk_str_n(line.p + sizeof(PK_NOTE_DASH) - 1, line.n - (sizeof(PK_NOTE_DASH) - 1));
	if (!pk_str_split(&line, ' ', &name) || !line.p || !has_name(name) || !pk_base64_decode(line, true, raw) ||
	    raw->n < 5)
		return false;
	*ret_name = name;
	return true;
}

/* Where the signatures begin: after the last empty line. */
bool pk_note_split(struct pk_str note, struct pk_str *ret_text, struct pk_str *ret_sigs)
{
	size_t at = note.n;

	if (!text_ok(note))
		return false;
	while (at >= 2 && !(note.p[at - 1] == '\n' && note.p[at - 2] == '\n'))
		at--;
	if (at < 2 || at == note.n)
		return false;
	*ret_text = pk_str_n(note.p, at - 1);
	*ret_sigs = pk_str_n(note.p + at, note.n - at);
	return true;
}

bool pk_note_is_key(struct pk_str name, const uint8_t hash[4], struct pk_str key)
{
	uint8_t has[4];

	return key.n == name.n + 9 && pk_str_starts(key, name) && key.p[name.n] == '+' &&
	       pk_hex_decode(pk_str_n(key.p + name.n + 1, 8), has, 4) && memcmp(has, hash, 4) == 0;
}

int pk_note_names(struct pk_str note, struct pk_str key, bool *ret, struct pk_err *err)
{
	struct pk_str text, sigs, line, name;
	size_t n = 0;

	*ret = false;
	if (!pk_note_split(note, &text, &sigs))
		return 0;
	while (!*ret && pk_str_line(&sigs, &line) && n++ < PK_NOTE_MAX_SIGNATURES) {
		PK_AUTO(pk_buf) raw = {0};

		if (!pk_note_split_signature(line, &name, &raw))
			return raw.oom ? pk_fail_oom(err) : 0;
		*ret = pk_note_is_key(name, (const uint8_t *)raw.p, key);
	}
	return 0;
}

int pk_note_verify(const struct pk_note_pub *pub, struct pk_str note, struct pk_str *ret_text, struct pk_err *err)
{
	struct pk_str text, sigs, line, name;
	bool found = false;
	size_t n = 0;

	if (note.n > PK_MAX_NOTE)
		return pk_fail(err, PK_ELIMIT, 0, "note of %zu bytes (limit %d)", note.n, PK_MAX_NOTE);
	if (!pk_note_split(note, &text, &sigs))
		return pk_fail(err, PK_EFORMAT, 0, "not a signed note");
	while (pk_str_line(&sigs, &line)) {
		PK_AUTO(pk_buf) raw = {0};

		if (++n > PK_NOTE_MAX_SIGNATURES)
			return pk_fail(err, PK_ELIMIT, 0, "note with more than %d signatures", PK_NOTE_MAX_SIGNATURES);
		if (!pk_note_split_signature(line, &name, &raw))
			return raw.oom ? pk_fail_oom(err)
				       : pk_fail(err, PK_EFORMAT, 0, "note: signature line %zu is malformed", n);
		if (!pk_str_eq(name, pk_str(pub->name)) || memcmp(raw.p, pub->hash, 4) != 0)
			continue;
		if (raw.n != SIG_RAW || crypto_sign_verify_detached((const uint8_t *)raw.p + 4, (const uint8_t *)text.p,
								    text.n, pub->key) != 0)
			return pk_fail(err, PK_ECRYPTO, 0, "the note's signature by '%s' does not fit", pub->name);
		found = true;
	}
	if (!found)
		return pk_fail_code(err, PK_ECRYPTO, PK_NOTE_ABSENT, "the note is not signed by '%s'", pub->name);
	*ret_text = text;
	return 0;
}

/* --- checkpoints ------------------------------------------------------------------------------------ */

void pk_buf_put_checkpoint(struct pk_buf *b, const struct pk_checkpoint *c)
{
	pk_buf_put_str(b, c->origin);
	pk_buf_putf(b, "\n%llu\n", (unsigned long long)c->size);
	pk_buf_put_base64(b, c->root, sizeof(c->root), true);
	pk_buf_put_c(b, '\n');
	pk_buf_put_str(b, c->extensions);
}

int pk_checkpoint_parse(struct pk_str text, struct pk_checkpoint *ret, struct pk_err *err)
{
	struct pk_str rest = text, size, root, line;
	struct pk_checkpoint c = {0};
	PK_AUTO(pk_buf) raw = {0};

	if (text.n > PK_MAX_NOTE || !text_ok(text))
		return pk_fail(err, PK_EFORMAT, 0, "checkpoint: not lines of UTF-8 text");
	if (!pk_str_line(&rest, &c.origin) || c.origin.n == 0)
		return pk_fail(err, PK_EFORMAT, 0, "checkpoint: line 1 names no origin");
	if (!pk_str_line(&rest, &size) || !pk_str_u64(size, UINT64_MAX, &c.size))
		return pk_fail(err, PK_EFORMAT, 0, "checkpoint: line 2 is not a size");
	if (!pk_str_line(&rest, &root) || !pk_base64_decode(root, true, &raw) || raw.n != sizeof(c.root))
		return raw.oom ? pk_fail_oom(err)
			       : pk_fail(err, PK_EFORMAT, 0, "checkpoint: line 3 is not 32 bytes of base64");
	memcpy(c.root, raw.p, sizeof(c.root));
	/* when the root was the last line, split leaves an empty rest behind its newline */
	c.extensions = rest.p ? rest : pk_str_n(text.p + text.n, 0);
	for (rest = c.extensions; pk_str_line(&rest, &line);)
		if (line.n == 0)
			return pk_fail(err, PK_EFORMAT, 0, "checkpoint: an extension line is empty");
	*ret = c;
	return 0;
}
