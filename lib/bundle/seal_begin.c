/* SPDX-License-Identifier: Apache-2.0 */
/* The start of a bundle: its files, its head and its first record; and what is given back at last. */
#include "seal_int.h"

#include <stdlib.h>

#define DEFAULT_LEVEL 2
#define OWN_SLOTS 12

static int sink_write(void *ctx, const void *p, size_t n, struct pk_err *err)
{
	struct pk_seal *s = ctx;

	if (s->is_signed)
		pk_blake2b_put(&s->outer, p, n);
	return pk_outfile_write(&s->out, p, n, err);
}

static int age_write(void *ctx, const void *p, size_t n, struct pk_err *err) { return pk_age_write(ctx, p, n, err); }

static int release(void *ctx, uint64_t frame, struct pk_err *err) { return pk_seal_settle(ctx, frame, err); }

static int choose_path(struct pk_seal *s, struct pk_err *err)
{
	const struct pk_seal_params *p = &s->params;
	PK_AUTO(pk_buf) b = {0};

	if (p->path) {
		pk_buf_puts(&b, p->path);
	} else {
		pk_buf_putf(&b, "%s/", p->dir && *p->dir ? p->dir : ".");
		if (s->is_signed)
			pk_buf_put_hex(&b, p->ticket->ticket.id, 4);
		else
			pk_buf_puts(&b, "unsigned");
		pk_buf_put_c(&b, '-');
		pk_buf_put_hex(&b, s->id, 4);
		if (p->mark)
			pk_buf_putf(&b, ".%s", p->mark);
		pk_buf_puts(&b, ".age");
	}
	s->path = pk_buf_take(&b);
	return s->path ? 0 : pk_fail_oom(err);
}

static int open_beside(struct pk_seal *s, struct pk_outfile *o, const char *suffix, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};

	pk_buf_puts(&b, s->path);
	pk_buf_puts(&b, suffix);
	if (pk_buf_check(&b, err) < 0)
		return -1;
	if (pk_outfile_open(o, b.p, PK_OUT_EXCL, err) == 0)
		return 0;
	if (*suffix && err && err->kind == PK_EUSAGE)
		pk_fail(err, PK_EUSAGE, 0,
			"'%s' exists already, without its bundle: a run that was cut off left it, or it is of another; "
			"remove it, or choose another name",
			b.p);
	return -1;
}

static int open_files(struct pk_seal *s, struct pk_err *err)
{
	if (open_beside(s, &s->out, "", err) < 0)
		return -1;
	if (!s->out.tmp)
		return pk_fail(err, PK_EUSAGE, 0, "'%s' is not a regular file: a bundle has files beside it", s->path);
	if (!s->is_signed)
		return 0;
	if (open_beside(s, &s->out_sig, ".minisig", err) < 0 || open_beside(s, &s->out_ticket, ".ticket", err) < 0)
		return -1;
	return open_beside(s, &s->out_ticket_sig, ".ticket.minisig", err);
}

static int put_head(struct pk_seal *s, struct pk_err *err)
{
	PK_AUTO(pk_buf) info = {0};
	const struct pk_ticket_kit *t = s->params.ticket;

	pk_buf_put_bag_info(&info, s->id,
			    s->params.share ? PK_BAG_SHARE
			    : s->is_signed  ? PK_BAG_SIGNED
					    : PK_BAG_UNSIGNED);
	if (pk_buf_check(&info, err) < 0 ||
	    pk_seal_member(s, PK_STR(PK_NAME_BAGIT), PK_STR(PK_BAGIT_TEXT), true, NULL, err) < 0 ||
	    pk_seal_member(s, PK_STR(PK_NAME_INFO), pk_buf_str(&info), true, NULL, err) < 0 ||
	    pk_seal_member(s, PK_STR(PK_NAME_TERMS), s->params.terms, true, NULL, err) < 0)
		return -1;
	if (!s->is_signed)
		return 0;
	if (pk_seal_member(s, PK_STR(PK_NAME_TICKET), pk_buf_str(&t->ticket_text), true, NULL, err) < 0)
		return -1;
	return pk_seal_member(s, PK_STR(PK_NAME_TICKET_SIG), pk_buf_str(&t->ticket_sig), true, NULL, err);
}

/* An object that the caller made: it must at least be one. */
static int put_object(struct pk_json *j, const char *key, struct pk_str json, struct pk_err *err)
{
	pk_autojson *v = NULL;

	if (!json.n)
		return 0;
	if (json.p[0] != '{' || pk_json_parse(json, &v, NULL) < 0)
		return pk_fail(err, PK_EINTERNAL, 0, "'%s' of the first record is no JSON object", key);
	pk_json_key(j, key);
	pk_json_raw(j, json);
	return 0;
}

static int put_recipients(struct pk_json *j, const struct pk_age_recipients *to, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	char hex[65];

	pk_json_key(j, "to");
	pk_json_begin(j, '[');
	for (size_t i = 0; i < pk_age_recipients_count(to); i++) {
		pk_buf_reset(&text);
		pk_age_recipients_put(to, i, &text);
		if (pk_buf_check(&text, err) < 0)
			return -1;
		pk_recipient_hash(pk_buf_str(&text), hex);
		pk_json_z(j, hex);
	}
	pk_json_end(j, ']');
	return 0;
}

static int put_first_record(struct pk_seal *s, struct pk_err *err)
{
	const struct pk_seal_params *p = &s->params;
	PK_AUTO(pk_buf) fields = {0};
	struct pk_json j = {.out = &fields};
	uint8_t sum[32];

	pk_json_begin(&j, '{');
	pk_json_kuint(&j, "v", 1);
	pk_json_khex(&j, "bundle", s->id, 16);
	pk_json_kbool(&j, "signed", s->is_signed);
	if (p->share)
		pk_json_kbool(&j, "share", true);
	pk_sha256(p->terms.p, p->terms.n, sum);
	pk_json_khex(&j, "terms_sha256", sum, 32);
	if (s->is_signed) {
		pk_json_khex(&j, "ticket", p->ticket->ticket.id, 16);
		pk_json_khex(&j, "ticket_sha256", s->ticket_sha256, 32);
	}
	if (put_recipients(&j, p->to, err) < 0)
		return -1;
	pk_json_kuint(&j, "part", p->part ? p->part : 1);
	if (put_object(&j, "previous", p->previous, err) < 0 || put_object(&j, "label", p->label, err) < 0 ||
	    put_object(&j, "host", p->host, err) < 0 || put_object(&j, "tool", p->tool, err) < 0)
		return -1;
	pk_json_end(&j, '}');
	if (pk_json_check(&j, err) < 0)
		return -1;
	return pk_seal_put(s, 'b', pk_str_n(fields.p + 1, fields.n - 2), NULL, err);
}

/* Whom the ticket's terms allow, no more and no fewer. */
static int check_recipients(const struct pk_seal_params *p, struct pk_err *err)
{
	const struct pk_strv *want = &p->ticket->terms.recipient_hashes;
	PK_AUTO(pk_strv) have = {0};
	PK_AUTO(pk_buf) text = {0};
	char hex[65];

	for (size_t i = 0; i < pk_age_recipients_count(p->to); i++) {
		pk_buf_reset(&text);
		pk_age_recipients_put(p->to, i, &text);
		pk_recipient_hash(pk_buf_str(&text), hex);
		if (pk_buf_check(&text, err) < 0 || pk_strv_add(&have, pk_str(hex), err) < 0)
			return -1;
		if (!pk_strv_has(want, hex))
			return pk_fail(err, PK_EUSAGE, 0, "the ticket's terms do not allow the recipient '%s'", text.p);
	}
	pk_strv_uniq(&have);
	if (p->to->passphrase.n || have.n != want->n)
		return pk_fail(err, PK_EUSAGE, 0, "the ticket's terms name %zu recipients, given are %zu", want->n,
			       have.n);
	return 0;
}

static int check_params(const struct pk_seal_params *p, struct pk_err *err)
{
	if (p->ticket && !pk_str_eq(p->terms, pk_buf_str(&p->ticket->terms_text)))
		return pk_fail(err, PK_EINTERNAL, 0, "the terms to seal are not the ticket's");
	if (p->ticket && check_recipients(p, err) < 0)
		return -1;
	if (p->share && !p->ticket)
		return pk_fail(err, PK_EUSAGE, 0, "a share is signed, or it is none");
	if (p->level < 0 || p->level > 19)
		return pk_fail(err, PK_EUSAGE, 0, "compression level %d is not between 1 and 19", p->level);
	if (pk_age_recipients_count(p->to) == 0 && p->to->passphrase.n == 0)
		return pk_fail(err, PK_EUSAGE, 0, "a bundle needs somebody who can open it");
	return 0;
}

static int begin(struct pk_seal *s, struct pk_err *err)
{
	const struct pk_seal_params *p = &s->params;

	if (pk_crypto_init(err) < 0)
		return -1;
	pk_random(s->id, sizeof(s->id));
	if (choose_path(s, err) < 0 || open_files(s, err) < 0)
		return -1;
	if (p->slots) {
		s->slots = *p->slots;
	} else {
		if (pk_slots_init(&s->own_slots, OWN_SLOTS, err) < 0)
			return -1;
		s->slots = s->own_slots;
	}
	pk_blake2b_init(&s->outer);
	if (pk_age_writer_new(p->to, (struct pk_sink){sink_write, s}, NULL, &s->age, err) < 0 ||
	    pk_pipeline_new(&s->slots, p->threads, p->level ? p->level : DEFAULT_LEVEL,
			    (struct pk_sink){age_write, s->age}, release, s, &s->pipeline, err) < 0)
		return -1;
	if (put_head(s, err) < 0)
		return -1;
	return put_first_record(s, err);
}

int pk_seal_new(const struct pk_seal_params *params, struct pk_seal **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_seal) s = NULL;

	if (check_params(params, err) < 0)
		return -1;
	if (!(s = calloc(1, sizeof(*s))))
		return pk_fail_oom(err);
	s->params = *params;
	s->is_signed = params->ticket != NULL;
	if (s->is_signed)
		pk_sha256(params->ticket->ticket_text.p, params->ticket->ticket_text.n, s->ticket_sha256);
	s->out = s->out_sig = s->out_ticket = s->out_ticket_sig = (struct pk_outfile)PK_OUTFILE_INIT;
	s->open.contents_end = &s->open.contents;
	if (begin(s, err) < 0)
		return -1;
	*ret = pk_steal(&s);
	return 0;
}

void pk_seal_free(struct pk_seal *s)
{
	if (!s)
		return;
	pk_pipeline_free(s->pipeline);
	pk_age_writer_free(s->age);
	pk_outfile_done(&s->out);
	pk_outfile_done(&s->out_sig);
	pk_outfile_done(&s->out_ticket);
	pk_outfile_done(&s->out_ticket_sig);
	if (s->own_slots.base)
		pk_slots_done(&s->own_slots);
	if (s->now) {
		free(s->now->member);
		free(s->now);
	}
	free(s->now_path);
	pk_segment_done(&s->open);
	for (size_t i = 0; i < s->closed_n; i++)
		pk_segment_done(&s->closed[i]);
	free(s->closed);
	pk_nameset_done(&s->names);
	pk_strv_done(&s->tables);
	free(s->table_parts);
	free(s->offered);
	pk_textstore_done(&s->manifest);
	pk_textstore_done(&s->index);
	pk_buf_done(&s->tagmanifest);
	pk_buf_done(&s->index_segments);
	free(s->path);
	free(s);
}

const char *pk_seal_path(const struct pk_seal *s) { return s->path; }

int pk_seal_fd(const struct pk_seal *s) { return s->out.fd; }

void pk_seal_id(const struct pk_seal *s, uint8_t ret[16]) { memcpy(ret, s->id, sizeof(s->id)); }
