/* SPDX-License-Identifier: Apache-2.0 */
/* Fixtures are of the stock tool, version 0.11: `minisign -G -W`, then `minisign -S` over "field notes\n" with
 * different -t, and once with -l; `minisign -G` with the passphrase "harbor". */
#include "../t.h"

#include <picket/minisign.h>

#include <sodium.h>
#include <unistd.h>

#define SECRET_LINE \
	"RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAApC+TzK7Y8797LHLhwa4e+" \
	"KCvrGcdrw8ZbK6ptiHZ" \
	"7rNM4xmQvVF7yHmW3m0PdM0d9zZ1KnPcNvqrHIhIyNjBq2KJZgaSa7t4AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define SECRET "untrusted comment: minisign encrypted secret key\n" SECRET_LINE "\n"
#define PUB_LINE "RWSkL5PMrtjzv3mW3m0PdM0d9zZ1KnPcNvqrHIhIyNjBq2KJZgaSa7t4"
#define PUB "untrusted comment: minisign public key BFF3D8AECC932FA4\n" PUB_LINE "\n"
#define DATA "field notes\n"
#define UNTRUSTED "untrusted comment: signature from minisign secret key\n"
#define SIG_LINE \
	"RUSkL5PMrtjzv615sdMr7Q6OlK62WB+ESE4j52FeEuJ7OzBbL8tqwxkhZpzAjARYikW445ugHouiw20ZOdMvk8yfb6XDl4wMiQk=\n"
#define TRUSTED "timestamp:1700000000\tfile:msg\thashed"
#define GLOBAL "HR+sQSpYRqw00MoQsMVoaxl0L36Tq/augLED+sytWHl7vU5EkSx+yrSO7onh7WLNwbe5Hxmu6m6mVZq3nWfDBw==\n"
#define SIG UNTRUSTED SIG_LINE "trusted comment: " TRUSTED "\n" GLOBAL
#define OTHER_COMMENT "trusted comment: other\n"
#define OTHER_GLOBAL "ZTWaZS0LI28XWLtbmxR81tORk/OxUBCSZnIzYMpTEBst9YulfZp8nFkkkBLOAT2Rg3HtF7rvo7Jq7rIyo3ozBQ==\n"
#define LEGACY \
	UNTRUSTED "RWSkL5PMrtjzv19S+Q0QDa2LspSXJrYv1gdxFpd3VkichLna22Uz+6kh2I8O7ciHdc2dFEjSinVvB/ZP9/iiY4oh1lWzO/" \
		  "RcxgE=\n" \
		  "trusted comment: legacy\n" \
		  "jBFHIMh9eiEKmsNvMXk5t87zgxl8BSAoFs4H18B6zrYFv9/8jonAs1D4V93M2kGmhZxmgZ1WTVIQpZAZ7DC+CQ==\n"
#define LOCKED \
	"untrusted comment: minisign encrypted secret key\n" \
	"RWRTY0Iy5M78opr6Nyi7kjK9i6Lzn4GxfHVTfh+SXBEohGhbYl0AAAACAAAAAAAAAEAAAAAAo1NyDjsXZGKPtHSPkpI/" \
	"ELRve2MDhFBUMjBZSLB3" \
	"Xw7qSBTAbRhBgTirH0ZYIi6bwgztLu60cUfea12PodYQyM/y6aKBxAZbCwRuAMybK1JHB7s9Lwdk9Bhh5H2NT4O7uSbDaOsWJAY=\n"
#define LOCKED_PUB "RWRH/GDfabsSF6KslRVnd4hycPGeZyJLGIvEVWNNyHGy5tYEHi0lhOCE"

TEST(stock_files_come_back_byte_for_byte)
{
	PK_AUTO(pk_minisign_key) k = {0};
	PK_AUTO(pk_secret) text = {0};
	PK_AUTO(pk_buf) b = {0};
	PK_AUTO(pk_buf) sig = {0};
	struct pk_minisign_pub pub = {0};

	OK(pk_minisign_key_parse(&k, PK_STR(SECRET), -1, &err));
	OK(pk_minisign_key_text(&k, &text, &err));
	CHECK_STR(pk_str_n(text.p, text.n), PK_STR(SECRET));
	pk_buf_put_minisign_pubfile(&b, &k.pub);
	CHECK_STR(pk_buf_str(&b), PK_STR(PUB));
	OK(pk_minisign_pub_parse(PK_STR(PUB_LINE), &pub, &err));
	CHECK(pk_minisign_pub_eq(&pub, &k.pub));
	OK(pk_minisign_pub_parse(PK_STR(PUB), &pub, &err));
	/* Ed25519 is deterministic */
	OK(pk_minisign_sign_bytes(&k, PK_STR(DATA), TRUSTED, &sig, &err));
	CHECK_STR(pk_buf_str(&sig), PK_STR(SIG));
}

/* The stock tool looks at the second line alone. */
TEST(any_first_line_and_any_rest_make_a_public_key_file)
{
	static const char *const files[] = {PUB,           PUB PUB,         "key of the team\n" PUB_LINE,    PUB_LINE,
					    "\n" PUB_LINE, PUB_LINE "\n\n", "\xff\r\n" PUB_LINE "\r\nmore\n"};
	struct pk_minisign_pub want, pub;

	OK(pk_minisign_pub_parse(PK_STR(PUB), &want, &err));
	for (size_t i = 0; i < PK_LEN(files); i++) {
		OK(pk_minisign_pub_parse(pk_str(files[i]), &pub, &err));
		CHECK(pk_minisign_pub_eq(&pub, &want));
	}
}

/* minisign prints the key's number without zeros before it. */
TEST(a_small_number_is_printed_as_stock_prints_it)
{
	const struct pk_minisign_pub pub = {.keynum = {1, 2, 3, 4, 5, 6, 7, 0}};
	PK_AUTO(pk_buf) b = {0};

	pk_buf_put_minisign_pubfile(&b, &pub);
	CHECK(pk_str_starts(pk_buf_str(&b), PK_STR("untrusted comment: minisign public key 7060504030201\n")));
}

TEST(a_locked_key_opens_with_its_passphrase_only)
{
	PK_AUTO(pk_minisign_key) k = {0};
	PK_AUTO(pk_secret) pass = {0}, wrong = {0};
	PK_AUTO(pk_buf) b = {0};

	CHECK(pk_minisign_key_is_locked(PK_STR(LOCKED)));
	CHECK(!pk_minisign_key_is_locked(PK_STR(SECRET)));
	OK(pk_secret_copy(&pass, "harbor", 6, &err));
	OK(pk_secret_copy(&wrong, "harbour", 7, &err));
	FAILS(PK_ECRYPTO, pk_minisign_key_open(&k, PK_STR(LOCKED), NULL, &err));
	FAILS(PK_ECRYPTO, pk_minisign_key_open(&k, PK_STR(LOCKED), &wrong, &err));
	OK(pk_minisign_key_open(&k, PK_STR(LOCKED), &pass, &err));
	pk_buf_put_minisign_pub(&b, &k.pub);
	CHECK_STR(pk_buf_str(&b), PK_STR(LOCKED_PUB));
}

TEST(signatures_are_checked_whole)
{
	struct pk_minisign_pub pub = {0}, other = {0};
	struct pk_str t = PK_STR("untouched");
	PK_AUTO(pk_buf) windows = {0};

	OK(pk_minisign_pub_parse(PK_STR(PUB), &pub, &err));
	OK(pk_minisign_pub_parse(PK_STR(LOCKED_PUB), &other, &err));
	OK(pk_minisign_verify_bytes(&pub, PK_STR(DATA), PK_STR(SIG), &t, &err));
	CHECK_STR(t, PK_STR(TRUSTED));
	/* a mailer's line ends */
	for (const char *p = SIG; *p; p++) {
		if (*p == '\n')
			pk_buf_put_c(&windows, '\r');
		pk_buf_put_c(&windows, *p);
	}
	OK(pk_minisign_verify_bytes(&pub, PK_STR(DATA), pk_buf_str(&windows), &t, &err));
	/* legacy, whatever the key says of it */
	FAILS(PK_EFORMAT, pk_minisign_verify_bytes(&pub, PK_STR(DATA), PK_STR(LEGACY), &t, &err));
	/* the comment of another signature of the same file, with and without its own signature */
	OK(pk_minisign_verify_bytes(&pub, PK_STR(DATA), PK_STR(UNTRUSTED SIG_LINE OTHER_COMMENT OTHER_GLOBAL), &t,
				    &err));
	FAILS(PK_ECRYPTO,
	      pk_minisign_verify_bytes(&pub, PK_STR(DATA), PK_STR(UNTRUSTED SIG_LINE OTHER_COMMENT GLOBAL), &t, &err));
	FAILS(PK_ECRYPTO, pk_minisign_verify_bytes(&pub, PK_STR(DATA "x"), PK_STR(SIG), &t, &err));
	FAILS(PK_ECRYPTO, pk_minisign_verify_bytes(&other, PK_STR(DATA), PK_STR(SIG), &t, &err));
	/* the right number on a wrong key */
	memcpy(other.keynum, pub.keynum, sizeof(pub.keynum));
	FAILS(PK_ECRYPTO, pk_minisign_verify_bytes(&other, PK_STR(DATA), PK_STR(SIG), &t, &err));
}

TEST(every_changed_byte_is_found)
{
	struct pk_minisign_pub pub = {0};
	const size_t from = sizeof(UNTRUSTED) - 1; /* the first line is untrusted by name */

	OK(pk_minisign_pub_parse(PK_STR(PUB), &pub, &err));
	for (size_t i = from; i < sizeof(SIG) - 1; i++) {
		char sig[] = SIG;

		sig[i] ^= 1;
		CHECK(pk_minisign_verify_bytes(&pub, PK_STR(DATA), pk_str(sig), NULL, NULL) < 0);
	}
}

TEST(broken_texts_are_refused)
{
	static const char *const sigs[] = {
		"",
		"\n",
		UNTRUSTED,
		UNTRUSTED SIG_LINE,
		SIG_LINE,
		UNTRUSTED SIG_LINE OTHER_COMMENT,
		SIG "more\n",
		UNTRUSTED SIG_LINE "trusted comment: a\033[1mb\n" GLOBAL,
		UNTRUSTED SIG_LINE "comment: a\n" GLOBAL,
		UNTRUSTED SIG_LINE "trusted comment: \xff\n" GLOBAL,
		UNTRUSTED SIG_LINE OTHER_COMMENT "AAAA\n",
	};
	static const char *const pubs[] = {"",
					   "RW",
					   PUB_LINE "\nnot the key\n" PUB_LINE,
					   "a\nb\n" PUB_LINE,
					   "untrusted comment: x\n",
					   SIG_LINE,
					   PUB_LINE "AAAA",
					   "RUSkL5PMrtjzv3mW3m0PdM0d9zZ1KnPcNvqrHIhIyNjBq2KJZgaSa7t4"};
	static const char *const keys[] = {"", PUB, SECRET "x\n", "untrusted comment: x\n" PUB_LINE "\n"};
	struct pk_minisign_sig sig;
	struct pk_minisign_pub pub;
	struct pk_minisign_key key = {0};

	for (size_t i = 0; i < PK_LEN(sigs); i++)
		FAILS(PK_EFORMAT, pk_minisign_sig_parse(pk_str(sigs[i]), &sig, &err));
	for (size_t i = 0; i < PK_LEN(pubs); i++)
		FAILS(PK_EFORMAT, pk_minisign_pub_parse(pk_str(pubs[i]), &pub, &err));
	for (size_t i = 0; i < PK_LEN(keys); i++)
		FAILS(PK_EFORMAT, pk_minisign_key_parse(&key, pk_str(keys[i]), -1, &err));
}

/* A secret key file with one field of its 158 bytes set. */
static void secret_with(size_t at, const void *p, size_t n, const char *line, struct pk_buf *ret)
{
	PK_AUTO(pk_buf) raw = {0};

	CHECK(pk_base64_decode(pk_str(line), true, &raw));
	memcpy(raw.p + at, p, n);
	pk_buf_reset(ret);
	pk_buf_put_base64(ret, raw.p, raw.n, true);
}

TEST(damaged_and_greedy_secret_keys_are_refused)
{
	static const char locked_line[] = "RWRTY0Iy5M78opr6Nyi7kjK9i6Lzn4GxfHVTfh+"
					  "SXBEohGhbYl0AAAACAAAAAAAAAEAAAAAAo1NyDjsXZGKPtHSPkpI/ELRve2MDhFBU"
					  "MjBZSLB3Xw7qSBTAbRhBgTirH0ZYIi6bwgztLu60cUfea12PodYQyM/"
					  "y6aKBxAZbCwRuAMybK1JHB7s9Lwdk9Bhh5H2NT4O7uSbDaOsW"
					  "JAY=";
	PK_AUTO(pk_minisign_key) k = {0};
	PK_AUTO(pk_secret) pass = {0};
	PK_AUTO(pk_buf) b = {0};

	OK(pk_secret_copy(&pass, "harbor", 6, &err));
	secret_with(62, "\x01", 1, SECRET_LINE, &b); /* seed: no longer that of the public half */
	FAILS(PK_ECRYPTO, pk_minisign_key_parse(&k, pk_buf_str(&b), -1, &err));
	secret_with(100, "\x01", 1, SECRET_LINE, &b); /* public half */
	FAILS(PK_ECRYPTO, pk_minisign_key_parse(&k, pk_buf_str(&b), -1, &err));
	secret_with(130, "\x01", 1, SECRET_LINE, &b); /* checksum */
	FAILS(PK_ECRYPTO, pk_minisign_key_parse(&k, pk_buf_str(&b), -1, &err));
	secret_with(2, "Xx", 2, SECRET_LINE, &b); /* way of locking */
	FAILS(PK_EFORMAT, pk_minisign_key_parse(&k, pk_buf_str(&b), -1, &err));
	secret_with(51, "\x01", 1, locked_line, &b); /* memory */
	FAILS(PK_ELIMIT, pk_minisign_key_open(&k, pk_buf_str(&b), &pass, &err));
	secret_with(42, "\x01", 1, locked_line, &b); /* work */
	FAILS(PK_ELIMIT, pk_minisign_key_open(&k, pk_buf_str(&b), &pass, &err));
}

TEST(comments_are_one_printable_line)
{
	PK_AUTO(pk_minisign_key) k = {0};
	PK_AUTO(pk_buf) b = {0};
	char *z = malloc(PK_MINISIGN_MAX_COMMENT + 2);

	OK(pk_minisign_generate(&k, &err));
	FAILS(PK_EUSAGE, pk_minisign_sign_bytes(&k, PK_STR("x"), "two\nlines", &b, &err));
	FAILS(PK_EUSAGE, pk_minisign_sign_bytes(&k, PK_STR("x"), "bad \xff", &b, &err));
	if (z) {
		memset(z, 'c', PK_MINISIGN_MAX_COMMENT + 1);
		z[PK_MINISIGN_MAX_COMMENT + 1] = 0;
		FAILS(PK_ELIMIT, pk_minisign_sign_bytes(&k, PK_STR("x"), z, &b, &err));
		z[PK_MINISIGN_MAX_COMMENT] = 0;
		OK(pk_minisign_sign_bytes(&k, PK_STR("x"), z, &b, &err));
		OK(pk_minisign_verify_bytes(&k.pub, PK_STR("x"), pk_buf_str(&b), NULL, &err));
	}
	free(z);
}

TEST(any_line_of_text_is_a_comment_of_others)
{
	static const char *const good[] = {"\xe2\x9c\x88\xef\xb8\x8f",
					   "a\xe2\x80\x8d\xe2\x80\x8c"
					   "b",
					   "\xe2\x80\xae"
					   "abc",
					   "\xe2\x80\xa8",
					   "\xc2\x85",
					   "a\tb",
					   ""};
	static const char *const bad[] = {"a\033b",
					  "a\x7f"
					  "b",
					  "\xff",
					  "\xed\xa0\x80",
					  "a\x01"
					  "b",
					  "a\vb"};
	struct pk_minisign_sig sig;

	for (size_t i = 0; i < PK_LEN(good); i++) {
		PK_AUTO(pk_buf) b = {0};

		pk_buf_putf(&b, UNTRUSTED SIG_LINE "trusted comment: %s\n" GLOBAL, good[i]);
		OK(pk_minisign_sig_parse_any(pk_buf_str(&b), &sig, &err));
		CHECK_STR(sig.trusted, pk_str(good[i]));
		if (i < 5) /* texts of ours are stricter */
			FAILS(PK_EFORMAT, pk_minisign_sig_parse(pk_buf_str(&b), &sig, &err));
	}
	for (size_t i = 0; i < PK_LEN(bad); i++) {
		PK_AUTO(pk_buf) b = {0};

		pk_buf_putf(&b, UNTRUSTED SIG_LINE "trusted comment: %s\n" GLOBAL, bad[i]);
		FAILS(PK_EFORMAT, pk_minisign_sig_parse_any(pk_buf_str(&b), &sig, &err));
	}
}

TEST(a_stream_hashes_like_a_block)
{
	uint8_t one[64], two[64];
	struct pk_blake2b h;
	int fd[2];

	CHECK(pipe(fd) == 0);
	CHECK(write(fd[1], DATA, sizeof(DATA) - 1) == sizeof(DATA) - 1);
	close(fd[1]);
	OK(pk_minisign_digest_fd(fd[0], one, &err));
	close(fd[0]);
	crypto_generichash(two, 64, (const uint8_t *)DATA, sizeof(DATA) - 1, NULL, 0);
	CHECK(memcmp(one, two, 64) == 0);
	pk_blake2b_init(&h);
	for (size_t i = 0; i < sizeof(DATA) - 1; i++)
		pk_blake2b_put(&h, &DATA[i], 1);
	pk_blake2b_end(&h, two);
	CHECK(memcmp(one, two, 64) == 0);
}

RUN_TESTS(T(stock_files_come_back_byte_for_byte), T(a_small_number_is_printed_as_stock_prints_it),
	  T(a_locked_key_opens_with_its_passphrase_only), T(signatures_are_checked_whole),
	  T(every_changed_byte_is_found), T(broken_texts_are_refused), T(damaged_and_greedy_secret_keys_are_refused),
	  T(any_first_line_and_any_rest_make_a_public_key_file), T(comments_are_one_printable_line),
	  T(any_line_of_text_is_a_comment_of_others), T(a_stream_hashes_like_a_block))
