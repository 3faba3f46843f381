/* SPDX-License-Identifier: Apache-2.0 */
#include "../../lib/crypto/noteparts.h"
#include "../t.h"

#include <picket/note.h>

/* From the documentation of golang.org/x/mod/sumdb/note. */
#define GO_PRIVATE "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
#define GO_PUBLIC "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define GO_TEXT "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
#define GO_NOTE \
	GO_TEXT "\n\xe2\x80\x94 PeterNeumann " \
		"x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

TEST(keys_and_notes_of_go_are_ours)
{
	PK_AUTO(pk_note_key) k = {0};
	PK_AUTO(pk_secret) text = {0};
	PK_AUTO(pk_buf) b = {0};
	PK_AUTO(pk_buf) note = {0};
	struct pk_note_pub pub = {0};
	struct pk_str got = {0};

	OK(pk_note_key_parse(&k, PK_NOTE_SIGN, PK_STR(GO_PRIVATE "\n"), &err));
	OK(pk_note_pub_parse(PK_STR(GO_PUBLIC), PK_NOTE_SIGN, &pub, &err));
	pk_buf_put_note_pub(&b, &k.pub);
	CHECK_STR(pk_buf_str(&b), PK_STR(GO_PUBLIC));
	OK(pk_note_key_text(&k, &text, &err));
	CHECK_STR(pk_str_n(text.p, text.n), PK_STR(GO_PRIVATE "\n"));
	OK(pk_note_sign(&k, PK_STR(GO_TEXT), &note, &err));
	CHECK_STR(pk_buf_str(&note), PK_STR(GO_NOTE));
	OK(pk_note_verify(&pub, PK_STR(GO_NOTE), &got, &err));
	CHECK_STR(got, PK_STR(GO_TEXT));
}

static bool names(struct pk_str note, struct pk_str key)
{
	bool is = false;

	OK(pk_note_names(note, key, &is, &err));
	return is;
}

TEST(other_signatures_are_ignored_when_well_formed)
{
	PK_AUTO(pk_note_key) a = {0}, b = {0};
	PK_AUTO(pk_buf) one = {0};
	PK_AUTO(pk_buf) both = {0};
	PK_AUTO(pk_buf) key = {0};
	struct pk_str text = {0}, sig;

	OK(pk_note_generate(&a, "a", PK_NOTE_SIGN, &err));
	OK(pk_note_generate(&b, "b", PK_NOTE_SIGN, &err));
	OK(pk_note_sign(&a, PK_STR("text\n"), &one, &err));
	OK(pk_note_sign(&b, PK_STR("text\n"), &both, &err));
	sig = pk_str_n(one.p + 6, one.n - 6);
	pk_buf_put_str(&both, sig);
	OK(pk_note_verify(&a.pub, pk_buf_str(&both), &text, &err));
	OK(pk_note_verify(&b.pub, pk_buf_str(&both), &text, &err));
	CHECK_STR(text, PK_STR("text\n"));
	FAILS(PK_ECRYPTO, pk_note_verify(&b.pub, pk_buf_str(&one), &text, &err));
	pk_buf_putf(&key, "b+");
	pk_buf_put_hex(&key, b.pub.hash, sizeof(b.pub.hash));
	CHECK(names(pk_buf_str(&both), pk_buf_str(&key)));
	CHECK(!names(pk_buf_str(&one), pk_buf_str(&key)));
	CHECK(!names(PK_STR("text\n"), pk_buf_str(&key)));
	CHECK(!names(pk_buf_str(&both), PK_STR("b")));
	CHECK(!names(pk_buf_str(&both), PK_STR("b+0000000g")));
	CHECK(!names(pk_buf_str(&both), PK_STR("")));
	CHECK(!names(PK_STR(""), pk_buf_str(&key)));
	pk_buf_puts(&both, "\xe2\x80\x94 c AAAA\n");
	FAILS(PK_EFORMAT, pk_note_verify(&a.pub, pk_buf_str(&both), &text, &err));
}

/* A line that is none, or too many of them, and who comes after is not named. */
TEST(names_end_where_verifying_ends)
{
	PK_AUTO(pk_note_key) a = {0}, b = {0};
	PK_AUTO(pk_buf) one = {0};
	PK_AUTO(pk_buf) key = {0};
	struct pk_str text, sig;

	OK(pk_note_generate(&a, "a", PK_NOTE_SIGN, &err));
	OK(pk_note_generate(&b, "b", PK_NOTE_SIGN, &err));
	OK(pk_note_sign(&a, PK_STR("text\n"), &one, &err));
	pk_buf_putf(&key, "a+");
	pk_buf_put_hex(&key, a.pub.hash, sizeof(a.pub.hash));
	sig = pk_str_n(one.p + 6, one.n - 6);
	for (size_t others = 0; others <= PK_NOTE_MAX_SIGNATURES; others++) {
		PK_AUTO(pk_buf) note = {0};
		bool fits = others < PK_NOTE_MAX_SIGNATURES;

		pk_buf_puts(&note, "text\n\n");
		for (size_t i = 0; i < others; i++)
			pk_buf_puts(&note, "\xe2\x80\x94 c AAAAAAA=\n");
		pk_buf_put_str(&note, sig);
		CHECK(names(pk_buf_str(&note), pk_buf_str(&key)) == fits);
		if (fits)
			OK(pk_note_verify(&a.pub, pk_buf_str(&note), &text, &err));
		else
			FAILS(PK_ELIMIT, pk_note_verify(&a.pub, pk_buf_str(&note), &text, &err));
	}
	pk_buf_reset(&one);
	pk_buf_puts(&one, "text\n\n\xe2\x80\x94 c AAAA\n");
	OK(pk_note_sign(&a, PK_STR("text\n"), &key, &err));
	pk_buf_put(&one, key.p + key.n - sig.n, sig.n);
	pk_buf_reset(&key);
	pk_buf_putf(&key, "a+");
	pk_buf_put_hex(&key, a.pub.hash, sizeof(a.pub.hash));
	CHECK(!names(pk_buf_str(&one), pk_buf_str(&key)));
}

TEST(cosignatures)
{
	PK_AUTO(pk_note_key) log = {0}, ally = {0}, other = {0};
	PK_AUTO(pk_buf) note = {0};
	PK_AUTO(pk_buf) seen = {0};
	PK_AUTO(pk_buf) twice = {0};
	PK_AUTO(pk_buf) vkey = {0};
	struct pk_note_pub pub;
	struct pk_time at = {.sec = 1700000000}, got = {0};
	struct pk_str text = {0};

	OK(pk_note_generate(&log, "log", PK_NOTE_SIGN, &err));
	OK(pk_note_generate(&ally, "ally", PK_NOTE_COSIGN, &err));
	OK(pk_note_generate(&other, "ally", PK_NOTE_COSIGN, &err));
	OK(pk_note_sign(&log, PK_STR("o/case/1\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"), &note, &err));
	FAILS(PK_EINTERNAL, pk_note_sign(&ally, PK_STR("text\n"), &seen, &err));
	FAILS(PK_EINTERNAL, pk_note_cosign(&log, pk_buf_str(&note), at, &seen, &err));
	FAILS(PK_EFORMAT, pk_note_cosign(&ally, PK_STR("text\n"), at, &seen, &err));
	pk_buf_reset(&seen);
	OK(pk_note_cosign(&ally, pk_buf_str(&note), at, &seen, &err));
	OK(pk_note_verify(&log.pub, pk_buf_str(&seen), &text, &err));
	OK(pk_note_cosigned(&ally.pub, pk_buf_str(&seen), &got, &err));
	CHECK_INT(got.sec, 1700000000);
	FAILS(PK_ECRYPTO, pk_note_cosigned(&other.pub, pk_buf_str(&seen), &got, &err));
	FAILS(PK_ECRYPTO, pk_note_cosigned(&ally.pub, pk_buf_str(&note), &got, &err));
	/* more of them stand side by side */
	OK(pk_note_cosign(&other, pk_buf_str(&seen), at, &twice, &err));
	OK(pk_note_cosigned(&ally.pub, pk_buf_str(&twice), &got, &err));
	OK(pk_note_cosigned(&other.pub, pk_buf_str(&twice), &got, &err));
	/* each byte of it counts */
	for (size_t i = 0; i < seen.n; i++) {
		PK_AUTO(pk_buf) bad = {0};
		bool signature_of_the_log = i >= text.n && i < note.n;

		pk_buf_put_str(&bad, pk_buf_str(&seen));
		bad.p[i] ^= 1;
		if (!signature_of_the_log)
			CHECK(pk_note_cosigned(&ally.pub, pk_buf_str(&bad), &got, NULL) < 0);
	}
	/* a key says what it is for */
	pk_buf_put_note_pub(&vkey, &ally.pub);
	OK(pk_note_pub_parse(pk_buf_str(&vkey), PK_NOTE_COSIGN, &pub, &err));
	CHECK(memcmp(pub.hash, ally.pub.hash, 4) == 0);
	FAILS(PK_EFORMAT, pk_note_pub_parse(pk_buf_str(&vkey), PK_NOTE_SIGN, &pub, &err));
}

TEST(broken_notes_are_refused)
{
	static const char *const bad[] = {
		"",
		"\n",
		"\n\n",
		"text\n",
		"text\n\n",
		"text\n\nno dash\n",
		GO_TEXT "\n\xe2\x80\x94 PeterNeumann\n",
		"x\x01y\n\n\xe2\x80\x94 PeterNeumann x08go/ZJkuA=\n",
		"\xff\n\n\xe2\x80\x94 PeterNeumann x08go/ZJkuA=\n",
	};
	struct pk_note_pub pub = {0};
	struct pk_str text = PK_STR("untouched");

	OK(pk_note_pub_parse(PK_STR(GO_PUBLIC), PK_NOTE_SIGN, &pub, &err));
	for (size_t i = 0; i < PK_LEN(bad); i++)
		FAILS(PK_EFORMAT, pk_note_verify(&pub, pk_str(bad[i]), &text, &err));
	CHECK_STR(text, PK_STR("untouched"));
	/* every changed byte of a good one */
	for (size_t i = 0; i < sizeof(GO_NOTE) - 1; i++) {
		char note[] = GO_NOTE;

		note[i] ^= 1;
		CHECK(pk_note_verify(&pub, pk_str(note), &text, NULL) < 0);
	}
}

/* As Go's note.Open has it: without what unicode.IsSpace says. */
TEST(names_have_no_space_of_any_kind)
{
	static const char *const bad[] = {"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80",
					  "\xe2\x80\x85", "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9",
					  "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80", "+"};
	static const char *const good[] = {"\xc3\xa9", "\xe2\x80\x8b", "\xe2\x80\xae", "\xe3\x80\x81", "-"};
	struct pk_note_pub pub = {0};
	struct pk_str text;
	size_t n = 0;

	OK(pk_note_pub_parse(PK_STR(GO_PUBLIC), PK_NOTE_SIGN, &pub, &err));
	for (size_t i = 0; i < PK_LEN(bad) + PK_LEN(good); i++) {
		PK_AUTO(pk_buf) b = {0};

		pk_buf_putf(&b, GO_NOTE "\xe2\x80\x94 a%sb x08go/ZJkuA=\n",
			    i < PK_LEN(bad) ? bad[i] : good[i - PK_LEN(bad)]);
		if (i < PK_LEN(bad)) {
			FAILS(PK_EFORMAT, pk_note_verify(&pub, pk_buf_str(&b), &text, &err));
			FAILS(PK_EFORMAT, pk_note_check(pk_buf_str(&b), &n, &err));
		} else {
			OK(pk_note_verify(&pub, pk_buf_str(&b), &text, &err));
			OK(pk_note_check(pk_buf_str(&b), &n, &err));
			CHECK_INT(n, 2);
		}
	}
}

TEST(keys_of_ours_have_names_of_ascii)
{
	struct pk_note_pub pub = {0};
	struct pk_err why = {0};

	CHECK(pk_note_pub_parse(PK_STR("P\xc3\xa9ter+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
				PK_NOTE_SIGN, &pub, &why) < 0);
	CHECK_INT(why.kind, PK_EFORMAT);
	CHECK_STR(pk_str(why.msg),
		  PK_STR("a note key with another name than 1 to 127 characters of ASCII without blanks"));
}

TEST(broken_keys_are_refused)
{
	static const char *const bad[] = {
		"",
		"a",
		"a+b",
		"a+b+c",
		"PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20a3+AhpcZQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10",
		"+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBf",
	};
	struct pk_note_pub pub = {0};
	struct pk_note_key key = {0};

	for (size_t i = 0; i < PK_LEN(bad); i++)
		FAILS(PK_EFORMAT, pk_note_pub_parse(pk_str(bad[i]), PK_NOTE_SIGN, &pub, &err));
	FAILS(PK_EFORMAT, pk_note_key_parse(&key, PK_NOTE_SIGN, PK_STR(GO_PUBLIC), &err));
	FAILS(PK_ECRYPTO, pk_note_key_parse(&key, PK_NOTE_SIGN,
					    PK_STR("PRIVATE+KEY+PeterNeumann+c74f20a3+"
						   "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFy"),
					    &err));
	FAILS(PK_EUSAGE, pk_note_generate(&key, "two words", PK_NOTE_SIGN, &err));
	FAILS(PK_EUSAGE, pk_note_generate(&key, "a+b", PK_NOTE_SIGN, &err));
}

TEST(checkpoints_come_back)
{
	struct pk_checkpoint c = {.origin = PK_STR("picket/x"), .size = 12345678901ull, .extensions = PK_STR("a\nb\n")};
	struct pk_checkpoint d = {0};
	PK_AUTO(pk_buf) b = {0};

	memset(c.root, 7, sizeof(c.root));
	pk_buf_put_checkpoint(&b, &c);
	OK(pk_checkpoint_parse(pk_buf_str(&b), &d, &err));
	CHECK_STR(d.origin, c.origin);
	CHECK_STR(d.extensions, c.extensions);
	CHECK(d.size == c.size && memcmp(d.root, c.root, 32) == 0);
	pk_buf_reset(&b);
	c.extensions = PK_STR("");
	pk_buf_put_checkpoint(&b, &c);
	OK(pk_checkpoint_parse(pk_buf_str(&b), &d, &err));
	CHECK_INT(d.extensions.n, 0);
}

TEST(broken_checkpoints_are_refused)
{
#define ROOT "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	static const char *const bad[] = {
		"",
		"o\n",
		"o\n1\n",
		"o\n1\n" ROOT,
		"\n1\n" ROOT "\n",
		"o\n01\n" ROOT "\n",
		"o\n-1\n" ROOT "\n",
		"o\n1\nAAAA\n",
		"o\n1\n" ROOT "\n\n",
		"o\n1\n" ROOT "\nx\n\n",
		"o\n18446744073709551616\n" ROOT "\n",
	};
	struct pk_checkpoint c = {0};

	OK(pk_checkpoint_parse(PK_STR("o\n1\n" ROOT "\n"), &c, &err));
	for (size_t i = 0; i < PK_LEN(bad); i++)
		FAILS(PK_EFORMAT, pk_checkpoint_parse(pk_str(bad[i]), &c, &err));
}

RUN_TESTS(T(keys_and_notes_of_go_are_ours), T(other_signatures_are_ignored_when_well_formed),
	  T(names_end_where_verifying_ends), T(cosignatures), T(broken_notes_are_refused),
	  T(names_have_no_space_of_any_kind), T(keys_of_ours_have_names_of_ascii), T(broken_keys_are_refused),
	  T(checkpoints_come_back), T(broken_checkpoints_are_refused))
