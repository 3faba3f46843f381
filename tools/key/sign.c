/* SPDX-License-Identifier: Apache-2.0 */
/* picket-key sign and verify: minisign signatures of any file. */
#include "verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *sigfile, *comment, *public_key, *party;

static const struct pk_opt sign_opts[] = {
	KEY_OPT_SIGNER("whose signature; needed"),
	KEY_OPT_PASSPHRASE_FD,
	{'x', "signature", PK_OPT_STR, &sigfile, "FILE", "write the signature here (default: FILE.minisig)", NULL},
	{'t', "comment", PK_OPT_STR, &comment, "TEXT", "trusted comment (default: time and file name)", NULL},
	KEY_OPT_JSON,
	PK_OPT_END,
};
static const struct pk_opt verify_opts[] = {
	{'x', "signature", PK_OPT_STR, &sigfile, "FILE", "the signature (default: FILE.minisig)", NULL},
	{'p', "public-key", PK_OPT_STR, &public_key, "KEY", "a minisign public key, or a file with one", NULL},
	{0, "party", PK_OPT_STR, &party, "NAME", "must be signed by this party of the roster (default: by any)", NULL},
	KEY_OPT_JSON,
	PK_OPT_END,
};

static PK_NODISCARD int signature_path(const char *file, struct pk_buf *ret, struct pk_err *err)
{
	if (sigfile)
		pk_buf_puts(ret, sigfile);
	else
		pk_buf_putf(ret, "%s.minisig", file);
	return pk_buf_check(ret, err);
}

static PK_NODISCARD int open_file(const char *file, int *ret, struct pk_err *err)
{
	*ret = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return *ret < 0 ? pk_fail(err, PK_ESYS, errno, "cannot open '%s'", file) : 0;
}

/* Signing anew takes the place of a signature by the same key, and of nothing else: another's may be the only one there
 * will ever be, as that of a bundle by its one-time key is. */
static PK_NODISCARD int check_place(const char *path, const struct pk_minisign_pub *pub, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	struct pk_minisign_sig old = {0};
	struct pk_err why = {0};
	struct stat st;
	bool ours = false;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (pk_read_path(path, PK_MINISIGN_MAX_READ, &text, &why) < 0 && why.kind != PK_ELIMIT)
		return pk_fail(err, why.kind, why.sys, "%s", why.msg);
	if (why.kind || pk_minisign_sig_parse_any(pk_buf_str(&text), &old, NULL) < 0)
		return pk_fail(
			err, PK_EUSAGE, 0,
			"'%s' exists already, is no signature, and is not overwritten: give another name with -x",
			path);
	if (pk_minisign_is_by(pub, &old, &ours, err) < 0)
		return -1;
	return ours ? 0
		    : pk_fail(err, PK_EUSAGE, 0,
			      "'%s' is a signature by another key, and is not overwritten: give another name with -x, "
			      "or remove it",
			      path);
}

static PK_NODISCARD int print_signed(const char *file, const char *path, const char *trusted, struct pk_err *err)
{
	PK_AUTO(pk_buf) out = {0};
	struct pk_json j = {.out = &out};

	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", "signed");
	pk_json_kint(&j, "v", 1);
	pk_json_kbytes(&j, "file", pk_str(file));
	pk_json_kbytes(&j, "signature", pk_str(path));
	pk_json_kz(&j, "trusted_comment", trusted);
	pk_json_end(&j, '}');
	return pk_json_check(&j, err) < 0 ? -1 : pk_stdout_line(&out, err);
}

/* The stock tool's; a name that could look like something else is escaped. */
static void put_comment(const char *file, struct pk_buf *b)
{
	const char *base = strrchr(file, '/');

	pk_buf_putf(b, "timestamp:%lld\tfile:", (long long)pk_time_now().sec);
	pk_buf_put_safe(b, pk_str(base ? base + 1 : file));
	pk_buf_puts(b, "\thashed");
}

static int sign(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_keys) keys = {0};
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_buf) trusted = {0};
	PK_AUTO(pk_buf) sig = {0};
	pk_autoclose int fd = -1;
	uint8_t digest[64];

	(void)argc;
	if (signature_path(argv[0], &path, err) < 0 || open_file(argv[0], &fd, err) < 0 ||
	    key_load_signer(&keys, err) < 0 || check_place(path.p, &keys.sign.pub, err) < 0 ||
	    pk_minisign_digest_fd(fd, digest, err) < 0)
		return -1;
	if (comment)
		pk_buf_puts(&trusted, comment);
	else
		put_comment(argv[0], &trusted);
	if (pk_buf_check(&trusted, err) < 0 || pk_minisign_sign(&keys.sign, digest, trusted.p, &sig, err) < 0 ||
	    pk_write_path(path.p, PK_OUT_PUBLIC, pk_buf_str(&sig), err) < 0 ||
	    (key_json && print_signed(argv[0], path.p, trusted.p, err) < 0))
		return -1;
	return PK_EXIT_OK;
}

/* --- verify ----------------------------------------------------------------------------------------- */

struct verdict {
	struct pk_minisign_sig sig;
	const struct pk_party *by; /* from the roster, or NULL with -p */
	struct pk_minisign_pub pub;
};

static PK_NODISCARD int given_key(struct pk_minisign_pub *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};

	if (pk_minisign_pub_parse(pk_str(public_key), ret, NULL) == 0)
		return 0;
	if (pk_read_path(public_key, PK_MINISIGN_MAX_READ, &text, err) < 0)
		return -1;
	return pk_minisign_pub_parse(pk_buf_str(&text), ret, err) < 0 ? pk_wrap(err, "%s", public_key) : 0;
}

/* Whose signature is it to be? By name, or by what the signature says of itself. */
static PK_NODISCARD int roster_key(const struct pk_roster *r, struct verdict *v, struct pk_err *err)
{
	struct pk_cur c = pk_cur(v->sig.keynum, 8);

	if (party) {
		v->by = pk_roster_find(r, party);
		if (!v->by || !v->by->has_sign)
			return pk_fail(err, PK_EUSAGE, 0, "the roster has no party '%s' with a signing key", party);
	}
	for (size_t i = 0; i < r->n && !v->by; i++)
		if (r->party[i].has_sign && memcmp(r->party[i].sign.keynum, v->sig.keynum, 8) == 0)
			v->by = &r->party[i];
	if (!v->by)
		return pk_fail(err, PK_ECRYPTO, 0, "signed by key %016llX, which nobody in the roster has",
			       (unsigned long long)pk_rd_le64(&c));
	v->pub = v->by->sign;
	return pk_party_check(v->by, pk_time_now(), err);
}

static PK_NODISCARD int print(const char *file, const struct verdict *v, const struct pk_err *why, struct pk_err *err)
{
	PK_AUTO(pk_buf) out = {0};
	struct pk_json j = {.out = &out};

	if (!key_json && why)
		return 0;
	if (!key_json) {
		pk_buf_put_safe(&out, pk_str(file));
		pk_buf_puts(&out, ": good signature");
		if (v->by) {
			pk_buf_putf(&out, " by '%s' (%s, ", v->by->name, v->by->nation);
			pk_buf_put_safe(&out, pk_str(v->by->org));
			pk_buf_put_c(&out, ')');
		}
		pk_buf_puts(&out, "\ntrusted comment:");
		for (struct pk_str rest = v->sig.trusted, field; pk_str_split(&rest, '\t', &field);) {
			pk_buf_put_c(&out, ' ');
			pk_buf_put_safe(&out, field);
		}
		pk_buf_put_c(&out, '\n');
		if (pk_buf_check(&out, err) < 0)
			return -1;
		fwrite(out.p, 1, out.n, stdout);
		return 0;
	}
	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", "signature");
	pk_json_kint(&j, "v", 1);
	pk_json_kbytes(&j, "file", pk_str(file));
	pk_json_kbool(&j, "valid", !why);
	pk_json_kz(&j, "party", v->by && !why ? v->by->name : NULL);
	if (why)
		pk_json_kz(&j, "why", why->msg);
	else
		pk_json_kstr(&j, "trusted_comment", v->sig.trusted);
	pk_json_end(&j, '}');
	return pk_json_check(&j, err) < 0 ? -1 : pk_stdout_line(&out, err);
}

/* 0: valid. -1 with PK_ECRYPTO or PK_EFORMAT: not valid; with another kind: no answer. */
static PK_NODISCARD int check(const char *file, const struct pk_roster *r, struct pk_buf *sigtext, struct verdict *v,
			      struct pk_err *err)
{
	PK_AUTO(pk_buf) path = {0};
	pk_autoclose int fd = -1;
	uint8_t digest[64];

	if (open_file(file, &fd, err) < 0 || signature_path(file, &path, err) < 0)
		return -1;
	if (pk_read_path(path.p, PK_MINISIGN_MAX_READ, sigtext, err) < 0) {
		if (err->kind == PK_ESYS && err->sys == ENOENT)
			return pk_fail(err, PK_ECRYPTO, 0, "not signed: there is no '%s'", path.p);
		return -1;
	}
	if (pk_minisign_sig_parse_any(pk_buf_str(sigtext), &v->sig, err) < 0)
		return pk_wrap(err, "%s", path.p);
	if (!public_key && roster_key(r, v, err) < 0)
		return -1;
	if (pk_minisign_digest_fd(fd, digest, err) < 0)
		return -1;
	return pk_minisign_verify(&v->pub, digest, &v->sig, err);
}

static int verify(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_roster) r = {0};
	PK_AUTO(pk_buf) sigtext = {0};
	struct verdict v = {.by = NULL};

	(void)argc;
	if (public_key && party)
		return pk_fail(err, PK_EUSAGE, 0, "-p and --party do not go together");
	if (public_key ? given_key(&v.pub, err) < 0 : key_load_roster(&r, NULL, err) < 0)
		return -1;
	if (check(argv[0], &r, &sigtext, &v, err) < 0) {
		struct pk_err why = *err;

		if (why.kind != PK_ECRYPTO && why.kind != PK_EFORMAT)
			return -1;
		pk_wrap(&why, "'%s' is not validly signed", argv[0]);
		pk_msg_error(&why);
		return print(argv[0], &v, err, &why) < 0 ? -1 : PK_EXIT_FOUND;
	}
	return print(argv[0], &v, NULL, err) < 0 ? -1 : PK_EXIT_OK;
}

const struct pk_verb key_sign = {
	.name = "sign",
	.operands = "FILE",
	.summary = "sign any file, as minisign does",
	.opts = sign_opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = sign,
};
const struct pk_verb key_verify = {
	.name = "verify",
	.operands = "FILE",
	.summary = "check a file's signature against the roster or a public key",
	.opts = verify_opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = verify,
};
