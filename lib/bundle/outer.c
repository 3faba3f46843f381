/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said of a bundle without any secret: its outer signature, its ticket, and the ticket's issuer. */
#include "format.h"
#include "outer_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* What stands between two words of a trusted comment. */
static bool comment_word(struct pk_str *rest, struct pk_str before, struct pk_str *ret)
{
	if (!pk_str_starts(*rest, before))
		return false;
	*rest = pk_str_n(rest->p + before.n, rest->n - before.n);
	*ret = pk_str_n(rest->p, pk_str_find(*rest, ' '));
	*rest = pk_str_n(rest->p + ret->n, rest->n - ret->n);
	return true;
}

bool pk_trusted_comment_parse(struct pk_str comment, struct pk_sealed_as *ret)
{
	struct pk_sealed_as s = {0};
	struct pk_str rest = comment, id, ticket, leaves, root;

	if (!comment_word(&rest, PK_STR("picket bundle "), &id) || !comment_word(&rest, PK_STR(" ticket "), &ticket) ||
	    !comment_word(&rest, PK_STR(" leaves "), &leaves) || !comment_word(&rest, PK_STR(" root "), &root) ||
	    rest.n || !pk_hex_decode(id, s.bundle, sizeof(s.bundle)) ||
	    !pk_hex_decode(ticket, s.ticket, sizeof(s.ticket)) || !pk_str_u64(leaves, UINT64_MAX, &s.leaves) ||
	    !pk_hex_decode(root, s.root, sizeof(s.root)))
		return false;
	*ret = s;
	return true;
}

void pk_outer_done(struct pk_outer *o)
{
	free(o->why);
	free(o->issuer);
	free(o->trusted_comment);
	pk_buf_done(&o->ticket_sig);
	free(o->receipt_why);
	pk_receipt_done(&o->receipt);
	pk_rewrap_done(&o->rewrap);
	pk_strv_done(&o->rewraps);
	pk_strv_done(&o->let_in);
	*o = (struct pk_outer){0};
}

int pk_beside_read(const char *path, const char *suffix, struct pk_buf *ret, bool *ret_there, struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0};
	struct pk_err why = {0};

	pk_buf_puts(&name, path);
	pk_buf_puts(&name, suffix);
	if (pk_buf_check(&name, err) < 0)
		return -1;
	*ret_there = pk_read_beside(name.p, PK_MAX_TEXT_FILE, ret, &why) == 0;
	if (*ret_there || (why.kind == PK_ESYS && why.sys == ENOENT))
		return 0;
	if (err)
		*err = why;
	return -1;
}

int pk_outer_say(struct pk_outer *o, enum pk_trust_status s, struct pk_err *err, const char *fmt, ...)
{
	struct pk_err text = {0};
	char msg[512];
	va_list ap;

	if (s != PK_TRUST_OK && pk_memory_ran_out())
		return pk_fail_oom(err);
	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	pk_fail(&text, PK_ECRYPTO, 0, "%s", msg); /* makes it safe to print */
	o->status = s;
	free(o->why);
	o->why = pk_str_dup(pk_str(text.msg));
	return o->why ? 0 : pk_fail_oom(err);
}

/* The collected file under the ticket's key. */
static int check_signature(struct pk_outer *o, struct pk_str sigtext, struct pk_err *err)
{
	struct pk_minisign_sig sig = {0};
	struct pk_sealed_as as = {0};
	struct pk_err why = {0};

	if (pk_minisign_sig_parse(sigtext, &sig, &why) < 0 ||
	    pk_minisign_verify(&o->ticket.sign, o->original, &sig, &why) < 0)
		return pk_outer_say(o, PK_TRUST_ALTERED, err, "%s%s",
				    o->is_rewrapped ? "the collector's signature of the original: " : "", why.msg);
	o->trusted_comment = pk_str_dup(sig.trusted);
	o->has_bundle = pk_trusted_comment_parse(sig.trusted, &as);
	memcpy(o->bundle, as.bundle, sizeof(as.bundle));
	return o->trusted_comment ? 0 : pk_fail_oom(err);
}

static int check_issuer(struct pk_outer *o, struct pk_str ticket, struct pk_str sig, const struct pk_roster *roster,
			struct pk_time at, struct pk_err *err)
{
	static const struct pk_roster nobody;
	const struct pk_party *issuer = NULL;
	enum pk_trust_status s = PK_TRUST_OK;
	struct pk_err why = {0};

	pk_buf_put_str(&o->ticket_sig, sig);
	if (pk_buf_check(&o->ticket_sig, err) < 0)
		return -1;
	if (pk_ticket_check(ticket, sig, roster ? roster : &nobody, at, &s, &issuer, &why) < 0) {
		if (err)
			*err = why;
		return -1;
	}
	if (!roster && s == PK_TRUST_UNKNOWN_ISSUER)
		return pk_outer_say(o, s, err, "there is no roster to say who issued the ticket");
	if (issuer && !(o->issuer = pk_str_dup(pk_str(issuer->name))))
		return pk_fail_oom(err);
	return s == PK_TRUST_OK ? 0 : pk_outer_say(o, s, err, "%s", why.msg);
}

/* Within a label that names no nations are those of its issuer's. */
static int check_home(struct pk_outer *o, const struct pk_strv *home, const struct pk_roster *roster,
		      struct pk_err *err)
{
	const struct pk_party *issuer = roster && o->issuer ? pk_roster_find(roster, o->issuer) : NULL;

	for (size_t i = 0; issuer && i < home->n; i++)
		if (strcmp(home->v[i], issuer->nation) != 0)
			return pk_outer_say(o, PK_TRUST_ALTERED, err,
					    "it was rewrapped, and its record lets in %s within a label that stays "
					    "with %s, its issuer's nation",
					    home->v[i], issuer->nation);
	return 0;
}

/* --- what lies beside ---------------------------------------------------------------------------------- */

struct sidecars {
	struct pk_buf sig, ticket, ticket_sig, rewrap, orig_header, orig_sig;
	bool has_sig, has_ticket, has_ticket_sig, has_rewrap, has_orig_header, has_orig_sig;
};

static void sidecars_done(struct sidecars *s)
{
	struct pk_buf *const all[] = {&s->sig, &s->ticket, &s->ticket_sig, &s->rewrap, &s->orig_header, &s->orig_sig};

	for (size_t i = 0; i < PK_LEN(all); i++)
		pk_buf_done(all[i]);
}

static int read_sidecars(const char *path, struct sidecars *s, struct pk_err *err)
{
	if (pk_beside_read(path, PK_SIDE_SIG, &s->sig, &s->has_sig, err) < 0 ||
	    pk_beside_read(path, PK_SIDE_TICKET, &s->ticket, &s->has_ticket, err) < 0 ||
	    pk_beside_read(path, PK_SIDE_TICKET_SIG, &s->ticket_sig, &s->has_ticket_sig, err) < 0 ||
	    pk_beside_read(path, PK_SIDE_REWRAP, &s->rewrap, &s->has_rewrap, err) < 0)
		return -1;
	if (!s->has_rewrap)
		return 0;
	if (pk_beside_read(path, PK_SIDE_ORIG_HEADER, &s->orig_header, &s->has_orig_header, err) < 0)
		return -1;
	return pk_beside_read(path, PK_SIDE_ORIG_SIG, &s->orig_sig, &s->has_orig_sig, err);
}

/* A check that has begun: what lies beside, and the file's digests on their way. */
struct pk_outer_begun {
	char *path;
	int fd;
	bool is_no_bundle; /* and is not read on: it may be anything, of any size */
	struct sidecars side;
	struct pk_buf header; /* its own, when the original had another */
	struct pk_digest_run run;
};

void pk_outer_begun_free(struct pk_outer_begun *b)
{
	if (!b)
		return;
	pk_digest_stop(&b->run);
	if (b->fd >= 0)
		close(b->fd);
	sidecars_done(&b->side);
	pk_buf_done(&b->header);
	free(b->path);
	free(b);
}

static struct pk_str other_header(const struct pk_outer_begun *b)
{
	return b->header.n ? pk_buf_str(&b->side.orig_header) : (struct pk_str){0};
}

static int look_at_head(int fd, const char *path, bool *ret_is_age, struct pk_err *err)
{
	char first[19];
	size_t got = 0;

	if (pk_pread_full(fd, first, sizeof(first), 0, &got, err) < 0)
		return pk_wrap(err, "'%s'", path);
	*ret_is_age = pk_str_starts(pk_str_n(first, got), PK_STR("age-encryption.org/"));
	return 0;
}

static int begin(const char *path, struct pk_outer_begun **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_outer_begun) b = calloc(1, sizeof(*b));
	bool is_age = false;

	if (!b)
		return pk_fail_oom(err);
	b->fd = -1;
	if (!(b->path = pk_str_dup(pk_str(path))))
		return pk_fail_oom(err);
	if (pk_crypto_init(err) < 0 || read_sidecars(path, &b->side, err) < 0 ||
	    pk_open_brought(path, &b->fd, err) < 0 || look_at_head(b->fd, path, &is_age, err) < 0)
		return -1;
	b->is_no_bundle = !is_age && !b->side.has_ticket && !b->side.has_rewrap;
	/* what has no header of its own left is found altered soon */
	if (b->side.has_rewrap && b->side.has_orig_header && pk_age_header_read(b->fd, &b->header, NULL) < 0)
		pk_buf_reset(&b->header);
	*ret = pk_steal(&b);
	return 0;
}

int pk_outer_begin(const char *path, struct pk_outer_begun **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_outer_begun) b = NULL;

	if (begin(path, &b, err) < 0)
		return -1;
	if (!b->is_no_bundle)
		pk_digest_start(b->fd, other_header(b), b->header.n, &b->run);
	*ret = pk_steal(&b);
	return 0;
}

static int hash_file(struct pk_outer_begun *b, struct pk_outer *o, struct pk_err *err)
{
	struct pk_two_digests d = {0};

	if (pk_digest_end(&b->run, b->fd, other_header(b), b->header.n, &d, err) < 0)
		return pk_wrap(err, "'%s'", b->path);
	memcpy(o->digest, d.file, 64);
	memcpy(o->original, d.original, 64);
	o->size = d.size;
	o->payload_bytes = b->header.n ? d.size - b->header.n : 0;
	return 0;
}

/* Who attests what was not yet permitted had a wrong clock, or it was collected before: said, not judged. */
static bool is_early(const struct pk_outer *o)
{
	return o->receipt_holds && o->has_ticket && o->receipt.time < o->ticket.not_before.sec;
}

static bool is_of(struct pk_str receipt, const uint8_t digest[64])
{
	PK_AUTO(pk_receipt) r = {0};

	return pk_receipt_parse(receipt, &r, NULL) == 0 && memcmp(r.digest, digest, 64) == 0;
}

/* Its own failure to hold is no verdict on the bundle. */
static int check_receipt(struct pk_outer *o, const struct pk_outer_begun *b, const struct pk_roster *roster,
			 struct pk_time at, struct pk_err *err)
{
	const struct pk_roster nobody = {0};
	PK_AUTO(pk_buf) text = {0}, sig = {0};
	struct pk_receipt_of file = {
		.digest = o->original,
		.size = b->header.n ? b->side.orig_header.n + o->payload_bytes : o->size,
		.ticket = o->has_ticket ? o->ticket.id : NULL,
		.bundle = o->has_bundle ? o->bundle : NULL,
	};
	struct pk_err why = {0};
	bool has_sig = false;
	int r;

	if (pk_beside_read(b->path, PK_SIDE_RECEIPT, &text, &o->has_receipt, &why) < 0 ||
	    pk_beside_read(b->path, PK_SIDE_RECEIPT_SIG, &sig, &has_sig, &why) < 0) {
		o->has_receipt = true;
		o->receipt_why = pk_str_dup(pk_str(why.msg));
		return o->receipt_why ? 0 : pk_fail_oom(err);
	}
	if (!o->has_receipt)
		return 0;
	/* one of the original stays good for a rewrap of it */
	if (o->is_rewrapped && is_of(pk_buf_str(&text), o->digest)) {
		file.digest = o->digest;
		file.size = o->size;
	}
	r = pk_receipt_check(pk_buf_str(&text), pk_buf_str(&sig), &file, roster ? roster : &nobody, at, &o->receipt,
			     &why);
	o->receipt_holds = r == 0;
	o->receipt_is_early = is_early(o);
	if (r == 0)
		return 0;
	o->receipt_why = pk_str_dup(pk_str(why.msg));
	return o->receipt_why ? 0 : pk_fail_oom(err);
}

static int check(struct pk_outer_begun *b, const struct pk_roster *roster, struct pk_time at, struct pk_outer *o,
		 struct pk_err *err)
{
	const struct sidecars *s = &b->side;
	const struct pk_rewrapped w = {b->path, pk_buf_str(&s->sig), pk_buf_str(&b->header),
				       pk_buf_str(&s->orig_header)};
	PK_AUTO(pk_strv) home = {0};
	struct pk_err why = {0};

	o->is_no_bundle = b->is_no_bundle;
	if (!b->is_no_bundle && hash_file(b, o, err) < 0)
		return -1;
	o->is_rewrapped = s->has_rewrap;
	if (!s->has_sig || !s->has_ticket || !s->has_ticket_sig ||
	    (s->has_rewrap && (!s->has_orig_header || !s->has_orig_sig)))
		return pk_outer_say(o, PK_TRUST_UNSIGNED, err, "%sthere is no '%s%s'%s",
				    o->is_no_bundle ? "not an age file, and " : "", b->path,
				    !s->has_sig           ? PK_SIDE_SIG
				    : !s->has_ticket      ? PK_SIDE_TICKET
				    : !s->has_ticket_sig  ? PK_SIDE_TICKET_SIG
				    : !s->has_orig_header ? PK_SIDE_ORIG_HEADER
							  : PK_SIDE_ORIG_SIG,
				    s->has_sig && s->has_ticket && s->has_ticket_sig && !s->has_orig_header
					    ? ", which is missing beside a rewrapped bundle: its signatures are there "
					      "and cannot be checked"
					    : "");
	if (pk_ticket_parse(pk_buf_str(&s->ticket), &o->ticket, &why) < 0)
		return pk_outer_say(o, PK_TRUST_ALTERED, err, "the ticket cannot be read: %s", why.msg);
	o->has_ticket = true;
	if (check_signature(o, pk_buf_str(s->has_rewrap ? &s->orig_sig : &s->sig), err) < 0)
		return -1;
	if (o->status == PK_TRUST_OK && s->has_rewrap && pk_outer_check_rewrap(o, &w, roster, at, &home, err) < 0)
		return -1;
	if (o->status != PK_TRUST_OK)
		return 0;
	if (check_issuer(o, pk_buf_str(&s->ticket), pk_buf_str(&s->ticket_sig), roster, at, err) < 0)
		return -1;
	if (o->status == PK_TRUST_OK && check_home(o, &home, roster, err) < 0)
		return -1;
	if (pk_outer_judge_rewraps(o, NULL, roster, err) < 0)
		return -1;
	return o->status == PK_TRUST_OK ? pk_outer_say(o, PK_TRUST_OK, err, "%s", pk_trust_text(PK_TRUST_OK)) : 0;
}

int pk_outer_end(struct pk_outer_begun *b, const struct pk_roster *roster, struct pk_time at, struct pk_outer *ret,
		 struct pk_err *err)
{
	struct pk_outer o = {.status = PK_TRUST_OK};

	if (check(b, roster, at, &o, err) < 0 || check_receipt(&o, b, roster, at, err) < 0) {
		pk_outer_done(&o);
		return -1;
	}
	*ret = o;
	return 0;
}

/* A file that could be one: what else has the name is left out by who reads it. */
static bool is_beside(const char *path, const char *suffix)
{
	PK_AUTO(pk_buf) name = {0};
	struct stat st;

	pk_buf_puts(&name, path);
	pk_buf_puts(&name, suffix);
	return name.oom || (lstat(name.p, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= (off_t)PK_MAX_TEXT_FILE);
}

int pk_outer_peek(const char *path, bool *ret_is_no_bundle, struct pk_err *err)
{
	pk_autoclose int fd = -1;
	bool is_age = false;

	if (pk_open_brought(path, &fd, err) < 0 || look_at_head(fd, path, &is_age, err) < 0)
		return -1;
	*ret_is_no_bundle = !is_age && !is_beside(path, PK_SIDE_TICKET) && !is_beside(path, PK_SIDE_REWRAP);
	return 0;
}

int pk_outer_check(const char *path, const struct pk_roster *roster, struct pk_time at, struct pk_outer *ret,
		   struct pk_err *err)
{
	PK_AUTOPTR(pk_outer_begun) b = NULL;

	return begin(path, &b, err) < 0 ? -1 : pk_outer_end(b, roster, at, ret, err);
}
