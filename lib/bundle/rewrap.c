/* SPDX-License-Identifier: Apache-2.0 */
/* Rewrapping: a new header before the same payload, and what proves that it is the same; and the way back. */
#include "outer_int.h"

#include <picket/age.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define COPY_BYTES (1u << 20)

/* --- several files that appear together or not at all -------------------------------------------------- */

#define MAX_FILES 10 /* a bundle and nine sidecars at most */

struct together {
	struct pk_outfile file[MAX_FILES];
	size_t n;
	bool made[MAX_FILES]; /* under its final name, by us */
	bool done;
};

static void together_done(struct together *t)
{
	for (size_t i = 0; i < t->n; i++) {
		if (!t->done && t->made[i])
			unlink(t->file[i].path);
		pk_outfile_done(&t->file[i]);
	}
}

static PK_NODISCARD int begin(struct together *t, const char *out, const char *suffix, struct pk_outfile **ret,
			      struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0};

	pk_buf_putf(&name, "%s%s", out, suffix);
	if (pk_buf_check(&name, err) < 0)
		return -1;
	if (t->n == MAX_FILES)
		return pk_fail(err, PK_EINTERNAL, 0, "more files beside '%s' than there are", out);
	t->file[t->n] = (struct pk_outfile)PK_OUTFILE_INIT;
	*ret = &t->file[t->n++];
	return pk_outfile_open(*ret, name.p, PK_OUT_EXCL, err);
}

static PK_NODISCARD int put(struct together *t, const char *out, const char *suffix, const struct pk_buf *bytes,
			    struct pk_err *err)
{
	struct pk_outfile *o = NULL;

	if (begin(t, out, suffix, &o, err) < 0)
		return -1;
	return pk_outfile_write(o, bytes->p, bytes->n, err);
}

/* What lies beside one file goes beside the other; a missing one is passed over. */
static PK_NODISCARD int copy_beside(struct together *t, const char *path, const char *out, const char *suffix,
				    const char *new_suffix, struct pk_err *err)
{
	PK_AUTO(pk_buf) bytes = {0};
	bool there = false;

	if (pk_beside_read(path, suffix, &bytes, &there, err) < 0)
		return -1;
	return there ? put(t, out, new_suffix, &bytes, err) : 0;
}

/* The bundle itself last: where it is, all that belongs to it is. */
static PK_NODISCARD int commit(struct together *t, const struct pk_outfile *bundle, struct pk_err *err)
{
	for (int last = 0; last < 2; last++) {
		for (size_t i = 0; i < t->n; i++) {
			bool ours = t->file[i].tmp != NULL;

			if ((&t->file[i] == bundle) != last)
				continue;
			if (pk_outfile_commit(&t->file[i], err) < 0)
				return -1;
			t->made[i] = ours;
		}
	}
	t->done = true;
	return 0;
}

/* --- header and payload ---------------------------------------------------------------------------------- */

/* `header`, then the payload of the file at `path`, whose own header is own_n bytes long. ret->original is of
 * orig_header and that payload. */
static PK_NODISCARD int copy_payload(int fd, size_t own_n, struct pk_str header, struct pk_str orig_header,
				     struct pk_outfile *o, struct pk_two_digests *ret, uint64_t *ret_payload,
				     struct pk_err *err)
{
	pk_autofree uint8_t *p = malloc(COPY_BYTES);
	struct pk_blake2b file, original;
	uint64_t at = own_n;
	size_t n = 0;

	if (!p)
		return pk_fail_oom(err);
	pk_blake2b_init(&file);
	pk_blake2b_init(&original);
	pk_blake2b_put(&file, header.p, header.n);
	pk_blake2b_put(&original, orig_header.p, orig_header.n);
	if (pk_outfile_write(o, header.p, header.n, err) < 0)
		return -1;
	do {
		if (pk_pread_full(fd, p, COPY_BYTES, at, &n, err) < 0)
			return -1;
		pk_blake2b_put(&file, p, n);
		pk_blake2b_put(&original, p, n);
		if (pk_outfile_write(o, p, n, err) < 0)
			return -1;
		at += n;
	} while (n == COPY_BYTES);
	pk_blake2b_end(&file, ret->file);
	pk_blake2b_end(&original, ret->original);
	ret->size = header.n + at - own_n;
	*ret_payload = at - own_n;
	return 0;
}

/* --- rewrapping ------------------------------------------------------------------------------------------ */

struct job {
	const struct pk_rewrap_params *p;
	struct pk_outer outer;
	struct pk_bundle *bundle;
	const struct pk_party *signer, *issuer;
	struct pk_strv fresh; /* recipients that cannot open it yet */
	struct pk_strv known; /* hashes of those who can */
	struct pk_rewrap record;
};

static void job_done(struct job *j)
{
	pk_outer_done(&j->outer);
	pk_bundle_free(j->bundle);
	pk_strv_done(&j->fresh);
	pk_strv_done(&j->known);
	pk_rewrap_done(&j->record);
}

static PK_NODISCARD int check_bundle(struct job *j, struct pk_err *err)
{
	const struct pk_bundle_events events = {.ev = j->p->ev};

	if (pk_outer_check(j->p->path, j->p->roster, j->p->at, &j->outer, err) < 0)
		return -1;
	if (j->outer.status != PK_TRUST_OK)
		return pk_fail(err, PK_ECRYPTO, 0, "'%s' is %s and is not rewrapped: %s", j->p->path,
			       pk_trust_name(j->outer.status), j->outer.why);
	if (pk_bundle_open(j->p->path, j->p->ids, false, &j->bundle, err) < 0)
		return -1;
	if (pk_bundle_verify(j->bundle, &j->outer, &events, err) < 0 ||
	    pk_bundle_judge_rewraps(j->bundle, &j->outer, j->p->roster, err) < 0)
		return -1;
	if (j->outer.status != PK_TRUST_OK)
		return pk_fail(err, PK_ECRYPTO, 0, "'%s' is %s and is not rewrapped: %s", j->p->path,
			       pk_trust_name(j->outer.status), j->outer.why);
	return 0;
}

static PK_NODISCARD int find_parties(struct job *j, struct pk_err *err)
{
	j->issuer = pk_roster_find(j->p->roster, j->outer.issuer);
	j->signer = pk_roster_find_signer(j->p->roster, &j->p->signer->pub);
	if (!j->signer || !j->issuer)
		return pk_fail(err, PK_EUSAGE, 0, "the signer's key is nobody's in the roster: import would refuse it");
	if (pk_party_check(j->signer, j->p->at, err) < 0) {
		if (err)
			err->kind = PK_EUSAGE;
		return -1;
	}
	return 0;
}

static int remember(void *ctx, const struct pk_rewrap *r, struct pk_err *err)
{
	struct job *j = ctx;

	for (size_t i = 0; i < r->added.n; i++)
		if (pk_strv_add(&j->known, pk_str_n(r->added.v[i], 64), err) < 0)
			return -1;
	return 0;
}

/* An earlier rewrap's record goes into this one's. */
static PK_NODISCARD int take_history(struct job *j, struct pk_err *err)
{
	const struct pk_terms *terms = pk_bundle_info(j->bundle)->terms;
	const struct pk_rewrap_seen seen = {j, remember};
	const struct pk_party *by = NULL;
	struct pk_rewrap *r = &j->record;
	PK_AUTO(pk_rewrap) again = {0};
	bool there = false;

	for (size_t i = 0; i < terms->recipient_hashes.n; i++)
		if (pk_strv_add(&j->known, pk_str(terms->recipient_hashes.v[i]), err) < 0)
			return -1;
	if (!j->outer.is_rewrapped)
		return 0;
	if (pk_beside_read(j->p->path, PK_SIDE_REWRAP, &r->previous, &there, err) < 0 ||
	    pk_beside_read(j->p->path, PK_SIDE_REWRAP_SIG, &r->previous_sig, &there, err) < 0)
		return -1;
	return pk_rewrap_check(pk_buf_str(&r->previous), pk_buf_str(&r->previous_sig), &j->outer.ticket, j->p->roster,
			       j->p->at, &seen, &again, &by, err);
}

static PK_NODISCARD int choose_readers(struct job *j, struct pk_err *err)
{
	for (size_t i = 0; i < j->p->recipients->n; i++) {
		const char *r = j->p->recipients->v[i];
		char hash[65];

		pk_recipient_hash(pk_str(r), hash);
		if (!pk_strv_has(&j->known, hash) && pk_strv_add(&j->fresh, pk_str(r), err) < 0)
			return -1;
	}
	pk_strv_uniq(&j->fresh);
	if (!j->fresh.n)
		return pk_fail(err, PK_EUSAGE, 0, "nobody new is named: all of these can open '%s' already",
			       j->p->path);
	for (size_t i = 0; i < j->fresh.n; i++) {
		const struct pk_party *to = pk_roster_find_recipient(j->p->roster, j->fresh.v[i]);
		PK_AUTO(pk_buf) line = {0};
		char hash[65];

		if (!to) /* the release decision says so in words */
			continue;
		pk_recipient_hash(pk_str(j->fresh.v[i]), hash);
		pk_buf_putf(&line, "%s %s %s", hash, to->name, to->nation);
		if (pk_buf_check(&line, err) < 0 || pk_strv_add(&j->record.added, pk_buf_str(&line), err) < 0)
			return -1;
	}
	pk_strv_uniq(&j->record.added);
	return 0;
}

static PK_NODISCARD int keep_release(struct job *j, const struct pk_release_set *s, struct pk_err *err)
{
	struct pk_rewrap_release *x = &j->record.release[j->record.releases];

	if (j->record.releases == PK_REWRAP_MAX_RELEASES)
		return pk_fail(err, PK_EUSAGE, 0, "more than %d releases", PK_REWRAP_MAX_RELEASES);
	j->record.releases++;
	pk_buf_put_str(&x->text, pk_buf_str(&s->text));
	pk_buf_put_str(&x->sig, pk_buf_str(&s->sig));
	pk_buf_put_str(&x->second_sig, pk_buf_str(&s->second_sig));
	return x->text.oom || x->sig.oom || x->second_sig.oom ? pk_fail_oom(err) : 0;
}

static PK_NODISCARD int decide(struct job *j, struct pk_err *err)
{
	const struct pk_rewrap_params *p = j->p;
	const struct pk_terms *terms = pk_bundle_info(j->bundle)->terms;
	PK_AUTO(pk_strv) released = {0}, beyond = {0};
	PK_AUTO(pk_release_set) made = {0};
	const struct pk_releasing q = {
		.label = &terms->label,
		.issuer = j->issuer,
		.actor = j->signer,
		.roster = p->roster,
		.known = &terms->recipient_hashes,
		.at = p->at,
		.overridden = p->override_reason != NULL,
		.released = &released,
	};
	const struct pk_release_of of = {.ticket = &j->outer.ticket, .bundle = pk_bundle_info(j->bundle)->id};

	for (size_t i = 0; i < p->releases_n; i++)
		if (pk_release_covers(&p->releases[i].release, &of, &j->fresh, p->roster, &released, err) < 0)
			return -1;
	if (pk_release_judge(&q, &j->fresh, &beyond, err) < 0)
		return -1;
	j->record.authority = PK_AUTHORITY_LABEL;
	if (!beyond.n)
		return 0;
	j->record.authority = p->releases_n ? PK_AUTHORITY_ORIGINATOR : PK_AUTHORITY_OVERRIDE;
	for (size_t i = 0; i < p->releases_n; i++) {
		struct pk_err why = {0};

		if (pk_release_has_basis(&q, &p->releases[i].release, &why) < 0)
			return pk_fail(err, PK_EUSAGE, 0, "%s", why.msg);
		if (keep_release(j, &p->releases[i], err) < 0)
			return -1;
	}
	if (p->releases_n)
		return 0;
	if (pk_release_make(&of, &beyond, p->override_reason, p->signer, p->second, p->roster, p->at, &made, err) < 0)
		return -1;
	return keep_release(j, &made, err);
}

static PK_NODISCARD int fill_record(struct job *j, const struct pk_two_digests *d, uint64_t payload, struct pk_err *err)
{
	const struct pk_bundle_info *info = pk_bundle_info(j->bundle);
	struct pk_rewrap *r = &j->record;

	memcpy(r->original, j->outer.original, 64);
	memcpy(r->from, j->outer.digest, 64);
	memcpy(r->result, d->file, 64);
	r->payload_bytes = payload;
	memcpy(r->bundle, info->id, 16);
	memcpy(r->ticket, j->outer.ticket.id, 16);
	r->time = j->p->at.sec;
	if (pk_label_copy(&info->terms->label, &r->label, err) < 0)
		return -1;
	return (r->signer = pk_str_dup(pk_str(j->signer->name))) ? 0 : pk_fail_oom(err);
}

/* The record and both signatures of the re-sealer. */
static PK_NODISCARD int sign(struct job *j, struct together *t, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0}, text_sig = {0}, comment = {0}, sig = {0};
	PK_AUTO(pk_rewrap) again = {0};

	pk_buf_put_rewrap(&text, &j->record);
	pk_buf_put_rewrap_comment(&comment, &j->record);
	if (pk_buf_check(&text, err) < 0 || pk_buf_check(&comment, err) < 0)
		return -1;
	if (pk_rewrap_parse(pk_buf_str(&text), &again, err) < 0) /* never a record that nobody could read */
		return pk_wrap(err, "the record of this rewrap");
	if (pk_minisign_sign_bytes(j->p->signer, pk_buf_str(&text), comment.p, &text_sig, err) < 0 ||
	    pk_minisign_sign(j->p->signer, j->record.result, comment.p, &sig, err) < 0 ||
	    put(t, j->p->out, PK_SIDE_REWRAP, &text, err) < 0 ||
	    put(t, j->p->out, PK_SIDE_REWRAP_SIG, &text_sig, err) < 0)
		return -1;
	return put(t, j->p->out, PK_SIDE_SIG, &sig, err);
}

static PK_NODISCARD int put_original(struct job *j, struct together *t, const struct pk_buf *header,
				     struct pk_buf *ret_orig, struct pk_err *err)
{
	const char *path = j->p->path, *out = j->p->out;
	bool again = j->outer.is_rewrapped, there = true;

	if (again && pk_beside_read(path, PK_SIDE_ORIG_HEADER, ret_orig, &there, err) < 0)
		return -1;
	if (!again)
		pk_buf_put_str(ret_orig, pk_buf_str(header));
	if (pk_buf_check(ret_orig, err) < 0 || put(t, out, PK_SIDE_ORIG_HEADER, ret_orig, err) < 0 ||
	    copy_beside(t, path, out, again ? PK_SIDE_ORIG_SIG : PK_SIDE_SIG, PK_SIDE_ORIG_SIG, err) < 0 ||
	    copy_beside(t, path, out, PK_SIDE_TICKET, PK_SIDE_TICKET, err) < 0 ||
	    copy_beside(t, path, out, PK_SIDE_TICKET_SIG, PK_SIDE_TICKET_SIG, err) < 0)
		return -1;
	/* a receipt of an earlier rewrap's file would be of no file that is here */
	if (!j->outer.receipt_holds || memcmp(j->outer.receipt.digest, j->outer.original, 64) != 0)
		return 0;
	if (copy_beside(t, path, out, PK_SIDE_RECEIPT, PK_SIDE_RECEIPT, err) < 0)
		return -1;
	return copy_beside(t, path, out, PK_SIDE_RECEIPT_SIG, PK_SIDE_RECEIPT_SIG, err);
}

static PK_NODISCARD int write_all(struct job *j, struct pk_err *err)
{
	PK_AUTO(pk_age_recipients) to = {0};
	PK_AUTO(pk_buf) header = {0}, orig = {0}, extended = {0};
	PK_AUTO(together) t = {0};
	struct pk_two_digests d = {0};
	struct pk_outfile *o = NULL;
	uint64_t payload = 0;
	pk_autoclose int fd = -1;

	if (pk_open_brought(j->p->path, &fd, err) < 0)
		return -1;
	for (size_t i = 0; i < j->fresh.n; i++)
		if (pk_age_recipients_add(&to, pk_str(j->fresh.v[i]), err) < 0)
			return -1;
	if (pk_age_header_read(fd, &header, err) < 0 ||
	    pk_age_header_extend(pk_buf_str(&header), j->p->ids, &to, &extended, err) < 0)
		return pk_wrap(err, "'%s'", j->p->path);
	if (put_original(j, &t, &header, &orig, err) < 0 || begin(&t, j->p->out, "", &o, err) < 0 ||
	    copy_payload(fd, header.n, pk_buf_str(&extended), pk_buf_str(&orig), o, &d, &payload, err) < 0)
		return -1;
	if (memcmp(d.original, j->outer.original, 64) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "'%s' changed while it was rewrapped", j->p->path);
	if (fill_record(j, &d, payload, err) < 0 || sign(j, &t, err) < 0)
		return -1;
	return commit(&t, o, err);
}

int pk_bundle_rewrap(const struct pk_rewrap_params *p, struct pk_rewrap *ret, struct pk_err *err)
{
	PK_AUTO(job) j = {.p = p};

	if (!p->override_reason != !p->second)
		return pk_fail(err, PK_EUSAGE, 0, "an override takes a reason and a second person");
	if (p->override_reason && p->releases_n)
		return pk_fail(err, PK_EUSAGE, 0, "an override and an originator's release exclude each other");
	if (check_bundle(&j, err) < 0 || find_parties(&j, err) < 0 || take_history(&j, err) < 0 ||
	    choose_readers(&j, err) < 0 || decide(&j, err) < 0 || write_all(&j, err) < 0)
		return -1;
	*ret = j.record;
	j.record = (struct pk_rewrap){0};
	return 0;
}

/* --- and back ------------------------------------------------------------------------------------------- */

/* The collector's signature, by the ticket's key, over what was rebuilt. */
static PK_NODISCARD int check_original(const char *path, const uint8_t digest[64], struct pk_err *err)
{
	PK_AUTO(pk_buf) ticket = {0}, text = {0};
	struct pk_minisign_sig sig = {0};
	struct pk_ticket t;
	bool has_ticket = false, has_sig = false;

	if (pk_beside_read(path, PK_SIDE_TICKET, &ticket, &has_ticket, err) < 0 ||
	    pk_beside_read(path, PK_SIDE_ORIG_SIG, &text, &has_sig, err) < 0)
		return -1;
	if (!has_ticket || !has_sig)
		return pk_fail(err, PK_ECRYPTO, 0, "there is no '%s%s'", path,
			       has_ticket ? PK_SIDE_ORIG_SIG : PK_SIDE_TICKET);
	if (pk_ticket_parse(pk_buf_str(&ticket), &t, err) < 0 ||
	    pk_minisign_sig_parse(pk_buf_str(&text), &sig, err) < 0 ||
	    pk_minisign_verify(&t.sign, digest, &sig, err) < 0)
		return pk_wrap(err, "the collector's signature of the original");
	return 0;
}

int pk_bundle_unwrap(const char *path, const char *out, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0}, header = {0}, orig = {0};
	PK_AUTO(pk_rewrap) record = {0};
	PK_AUTO(together) t = {0};
	struct pk_two_digests d = {0};
	struct pk_outfile *o = NULL;
	uint64_t payload = 0;
	bool has_record = false, has_orig = false;
	pk_autoclose int fd = -1;

	if (pk_open_brought(path, &fd, err) < 0)
		return -1;
	if (pk_beside_read(path, PK_SIDE_REWRAP, &text, &has_record, err) < 0 ||
	    pk_beside_read(path, PK_SIDE_ORIG_HEADER, &orig, &has_orig, err) < 0)
		return -1;
	if (!has_record || !has_orig)
		return pk_fail(err, PK_EUSAGE, 0, "'%s' was not rewrapped: there is no '%s%s'", path, path,
			       has_record ? PK_SIDE_ORIG_HEADER : PK_SIDE_REWRAP);
	if (pk_rewrap_parse(pk_buf_str(&text), &record, err) < 0 || pk_age_header_read(fd, &header, err) < 0)
		return pk_wrap(err, "'%s'", path);
	if (copy_beside(&t, path, out, PK_SIDE_ORIG_SIG, PK_SIDE_SIG, err) < 0 ||
	    copy_beside(&t, path, out, PK_SIDE_TICKET, PK_SIDE_TICKET, err) < 0 ||
	    copy_beside(&t, path, out, PK_SIDE_TICKET_SIG, PK_SIDE_TICKET_SIG, err) < 0 ||
	    copy_beside(&t, path, out, PK_SIDE_RECEIPT, PK_SIDE_RECEIPT, err) < 0 ||
	    copy_beside(&t, path, out, PK_SIDE_RECEIPT_SIG, PK_SIDE_RECEIPT_SIG, err) < 0 ||
	    begin(&t, out, "", &o, err) < 0 ||
	    copy_payload(fd, header.n, pk_buf_str(&orig), pk_buf_str(&orig), o, &d, &payload, err) < 0)
		return -1;
	if (memcmp(d.file, record.original, 64) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "'%s' and what lies beside it do not make the original", path);
	if (check_original(path, d.file, err) < 0)
		return -1;
	return commit(&t, o, err);
}
