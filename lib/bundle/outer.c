/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said of a bundle without any secret: its outer signature, its ticket, and the ticket's issuer. */
#include <picket/bundle.h>

#include "format.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#define HASH_BYTES (1u << 20)

void pk_buf_put_trusted_comment(struct pk_buf *b, const uint8_t id[16], const uint8_t ticket[16], uint64_t leaves,
				const uint8_t root[32])
{
	pk_buf_puts(b, "picket bundle ");
	pk_buf_put_hex(b, id, 16);
	pk_buf_puts(b, " ticket ");
	pk_buf_put_hex(b, ticket, 16);
	pk_buf_putf(b, " leaves %llu root ", (unsigned long long)leaves);
	pk_buf_put_hex(b, root, 32);
}

void pk_outer_done(struct pk_outer *o)
{
	free(o->why);
	free(o->issuer);
	free(o->trusted_comment);
	*o = (struct pk_outer){0};
}

static int hash_file(const char *path, uint8_t ret[64], struct pk_err *err)
{
	pk_autofree uint8_t *p = malloc(HASH_BYTES);
	pk_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct pk_blake2b h;
	size_t n = 0;

	if (!p)
		return pk_fail_oom(err);
	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open '%s'", path);
	pk_blake2b_init(&h);
	do {
		if (pk_read_full(fd, p, HASH_BYTES, &n, err) < 0)
			return pk_wrap(err, "'%s'", path);
		pk_blake2b_put(&h, p, n);
	} while (n == HASH_BYTES);
	pk_blake2b_end(&h, ret);
	return 0;
}

/* A file beside the bundle; *ret_there false when there is none. */
static int read_beside(const char *path, const char *suffix, struct pk_buf *ret, bool *ret_there, struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0};
	struct pk_err why = {0};

	pk_buf_puts(&name, path);
	pk_buf_puts(&name, suffix);
	if (pk_buf_check(&name, err) < 0)
		return -1;
	*ret_there = pk_read_path(name.p, PK_MAX_TEXT_FILE, ret, &why) == 0;
	if (*ret_there || (why.kind == PK_ESYS && why.sys == ENOENT))
		return 0;
	if (err)
		*err = why;
	return -1;
}

/* A verdict in words; the first one stays. */
static int verdict(struct pk_outer *o, enum pk_trust_status s, struct pk_err *err, const char *fmt, ...)
	PK_PRINTF(4, 5);
static int verdict(struct pk_outer *o, enum pk_trust_status s, struct pk_err *err, const char *fmt, ...)
{
	struct pk_err text = {0};
	char msg[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	pk_fail(&text, PK_ECRYPTO, 0, "%s", msg); /* makes it safe to print */
	o->status = s;
	o->why = pk_str_dup(pk_str(text.msg));
	return o->why ? 0 : pk_fail_oom(err);
}

/* The bundle under the ticket's key. */
static int check_signature(struct pk_outer *o, struct pk_str sigtext, struct pk_err *err)
{
	struct pk_minisign_sig sig = {0};
	struct pk_err why = {0};

	if (pk_minisign_sig_parse(sigtext, &sig, &why) < 0 ||
	    pk_minisign_verify(&o->ticket.sign, o->digest, &sig, &why) < 0)
		return verdict(o, PK_TRUST_ALTERED, err, "the signature does not fit: %s", why.msg);
	o->trusted_comment = pk_str_dup(sig.trusted);
	return o->trusted_comment ? 0 : pk_fail_oom(err);
}

static int check_issuer(struct pk_outer *o, struct pk_str ticket, struct pk_str sig, const struct pk_roster *roster,
			struct pk_time at, struct pk_err *err)
{
	const struct pk_party *issuer = NULL;
	enum pk_trust_status s = PK_TRUST_OK;
	struct pk_err why = {0};

	if (!roster)
		return verdict(o, PK_TRUST_UNKNOWN_ISSUER, err, "there is no roster to say who issued the ticket");
	if (pk_ticket_check(ticket, sig, roster, at, &s, &issuer, &why) < 0) {
		if (err)
			*err = why;
		return -1;
	}
	if (issuer && !(o->issuer = pk_str_dup(pk_str(issuer->name))))
		return pk_fail_oom(err);
	if (s != PK_TRUST_OK)
		return verdict(o, s, err, "%s", why.msg);
	return 0;
}

static int check(const char *path, const struct pk_roster *roster, struct pk_time at, struct pk_outer *o,
		 struct pk_err *err)
{
	PK_AUTO(pk_buf) sig = {0}, ticket = {0}, ticket_sig = {0};
	bool has_sig = false, has_ticket = false, has_ticket_sig = false;
	struct pk_err why = {0};

	if (hash_file(path, o->digest, err) < 0 || read_beside(path, ".minisig", &sig, &has_sig, err) < 0 ||
	    read_beside(path, ".ticket", &ticket, &has_ticket, err) < 0 ||
	    read_beside(path, ".ticket.minisig", &ticket_sig, &has_ticket_sig, err) < 0)
		return -1;
	if (!has_sig || !has_ticket || !has_ticket_sig)
		return verdict(o, PK_TRUST_UNSIGNED, err, "there is no '%s%s'", path,
			       !has_sig      ? ".minisig"
			       : !has_ticket ? ".ticket"
					     : ".ticket.minisig");
	if (pk_ticket_parse(pk_buf_str(&ticket), &o->ticket, &why) < 0)
		return verdict(o, PK_TRUST_ALTERED, err, "the ticket cannot be read: %s", why.msg);
	o->has_ticket = true;
	if (check_signature(o, pk_buf_str(&sig), err) < 0)
		return -1;
	if (o->status != PK_TRUST_OK)
		return 0;
	if (check_issuer(o, pk_buf_str(&ticket), pk_buf_str(&ticket_sig), roster, at, err) < 0)
		return -1;
	if (o->status == PK_TRUST_OK)
		return verdict(o, PK_TRUST_OK, err, "%s", pk_trust_text(PK_TRUST_OK));
	return 0;
}

int pk_outer_check(const char *path, const struct pk_roster *roster, struct pk_time at, struct pk_outer *ret,
		   struct pk_err *err)
{
	struct pk_outer o = {.status = PK_TRUST_OK};

	if (pk_crypto_init(err) < 0)
		return -1;
	if (check(path, roster, at, &o, err) < 0) {
		pk_outer_done(&o);
		return -1;
	}
	*ret = o;
	return 0;
}
