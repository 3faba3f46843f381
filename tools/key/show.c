/* SPDX-License-Identifier: Apache-2.0 */
/* picket-key show: what a file of keys, tickets or parties says, without judging it. */
#include "verbs.h"

#include <picket/age.h>
#include <picket/limits.h>

static const struct pk_opt opts[] = {KEY_OPT_PASSPHRASE_FD, KEY_OPT_JSON, PK_OPT_END};

struct field {
	const char *name, *value;
};

/* Aligned "name  value" lines, or one JSON object. */
static PK_NODISCARD int print(const char *type, const struct field *f, size_t n, struct pk_err *err)
{
	PK_AUTO(pk_buf) out = {0};
	PK_AUTO(pk_table) t = {0};
	static const char *const headings[] = {"FIELD", "VALUE"};
	struct pk_json j = {.out = &out};

	if (key_json) {
		pk_json_begin(&j, '{');
		pk_json_kz(&j, "type", type);
		pk_json_kint(&j, "v", 1);
		for (size_t i = 0; i < n; i++)
			pk_json_kz(&j, f[i].name, f[i].value);
		pk_json_end(&j, '}');
		return pk_json_check(&j, err) < 0 ? -1 : pk_stdout_line(&out, err);
	}
	pk_table_begin(&t, headings, PK_LEN(headings));
	for (size_t i = 0; i < n; i++) {
		pk_table_cell(&t, pk_str(f[i].name));
		pk_table_cell(&t, pk_str(f[i].value ? f[i].value : "-"));
	}
	return pk_table_print(&t, err);
}

int key_print_party_json(const struct pk_party *p, struct pk_err *err)
{
	PK_AUTO(pk_buf) out = {0};
	struct pk_json j = {.out = &out};

	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", "party");
	pk_json_kint(&j, "v", 1);
	key_put_party_json(&j, p);
	pk_json_end(&j, '}');
	return pk_json_check(&j, err) < 0 ? -1 : pk_stdout_line(&out, err);
}

static PK_NODISCARD int show_party(struct pk_str text, struct pk_err *err)
{
	PK_AUTO(pk_party) p = {0};
	PK_AUTO(pk_buf) out = {0};
	PK_AUTO(pk_buf) fp = {0};

	if (pk_party_parse(text, &p, err) < 0)
		return -1;
	if (key_json)
		return key_print_party_json(&p, err);
	pk_buf_put_fingerprint(&fp, &p);
	pk_buf_put_strv(&out, &p.recipients, " ");
	if (pk_buf_check(&fp, err) < 0 || pk_buf_check(&out, err) < 0)
		return -1;
	return print("party",
		     (const struct field[]){{"party", p.name},
					    {"organisation", p.org},
					    {"nation", p.nation},
					    {"issuer", p.issuer ? "yes" : "no"},
					    {"state", key_party_state(&p)},
					    {"recipients", out.p},
					    {"fingerprint", fp.p}},
		     7, err);
}

int key_print_ticket(const struct pk_ticket *t, struct pk_err *err)
{
	PK_AUTO(pk_buf) id = {0};
	PK_AUTO(pk_buf) sign = {0};
	PK_AUTO(pk_buf) note = {0};
	PK_AUTO(pk_buf) from = {0};
	PK_AUTO(pk_buf) to = {0};
	PK_AUTO(pk_buf) terms = {0}, label = {0};

	pk_buf_put_hex(&id, t->id, sizeof(t->id));
	pk_buf_put_minisign_pub(&sign, &t->sign);
	pk_buf_put_note_pub(&note, &t->note);
	pk_buf_put_hex(&terms, t->terms_sha256, sizeof(t->terms_sha256));
	pk_buf_put_hex(&label, t->label_sha256, sizeof(t->label_sha256));
	if (key_json) {
		pk_buf_putf(&from, "%lld", (long long)t->not_before.sec);
		pk_buf_putf(&to, "%lld", (long long)t->not_after.sec);
	} else {
		pk_buf_put_rfc3339(&from, t->not_before, 0);
		pk_buf_put_rfc3339(&to, t->not_after, 0);
	}
	if (id.oom || sign.oom || note.oom || from.oom || to.oom || terms.oom || label.oom)
		return pk_fail_oom(err);
	return print("ticket",
		     (const struct field[]){{"ticket", id.p},
					    {"not_before", from.p},
					    {"not_after", to.p},
					    {"uses", t->uses_one ? "one" : "many"},
					    {"sign", sign.p},
					    {"note", note.p},
					    {"terms_sha256", terms.p},
					    {"label_sha256", label.p}},
		     8, err);
}

static PK_NODISCARD int show_ticket(struct pk_str text, struct pk_err *err)
{
	struct pk_ticket t = {0};

	return pk_ticket_parse(text, &t, err) < 0 ? -1 : key_print_ticket(&t, err);
}

static PK_NODISCARD int show_terms(struct pk_str text, struct pk_err *err)
{
	PK_AUTO(pk_terms) t = {0};
	PK_AUTO(pk_buf) label = {0};
	PK_AUTO(pk_buf) to = {0};
	PK_AUTO(pk_buf) caveats = {0};

	if (pk_terms_parse(text, &t, err) < 0)
		return -1;
	pk_buf_put_label_shown(&label, &t.label);
	pk_buf_put_strv(&to, &t.recipient_hashes, " ");
	pk_buf_put_strv(&caveats, &t.label.caveats, ",");
	if (pk_buf_check(&label, err) < 0 || pk_buf_check(&to, err) < 0 || pk_buf_check(&caveats, err) < 0)
		return -1;
	return print("terms",
		     (const struct field[]){{"mission", t.mission},
					    {"label", label.p},
					    {"originator", t.label.originator},
					    {"caveats", caveats.p},
					    {"profile", t.profile},
					    {"recipient_hashes", to.p}},
		     6, err);
}

static PK_NODISCARD int show_sign(const struct pk_minisign_pub *pub, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	struct pk_cur c = pk_cur(pub->keynum, sizeof(pub->keynum));
	PK_AUTO(pk_buf) num = {0};

	pk_buf_put_minisign_pub(&text, pub);
	pk_buf_putf(&num, "%016llX", (unsigned long long)pk_rd_le64(&c));
	if (pk_buf_check(&text, err) < 0 || pk_buf_check(&num, err) < 0)
		return -1;
	return print("signkey", (const struct field[]){{"sign", text.p}, {"number", num.p}}, 2, err);
}

static PK_NODISCARD int show_note(const struct pk_note_pub *pub, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};

	pk_buf_put_note_pub(&text, pub);
	if (pk_buf_check(&text, err) < 0)
		return -1;
	return pub->alg == PK_NOTE_COSIGN
		       ? print("cosignkey", (const struct field[]){{"name", pub->name}, {"cosign", text.p}}, 2, err)
		       : print("notekey", (const struct field[]){{"name", pub->name}, {"note", text.p}}, 2, err);
}

/* Of a secret file, the public half. */
static PK_NODISCARD int show_secret(struct pk_str text, struct pk_err *err)
{
	PK_AUTO(pk_minisign_key) sign = {0};
	PK_AUTO(pk_note_key) note = {0};

	if (pk_str_starts(text, PK_STR("PRIVATE+KEY+")))
		return pk_note_key_parse(&note, PK_NOTE_COSIGN, text, NULL) < 0 &&
				       pk_note_key_parse(&note, PK_NOTE_SIGN, text, err) < 0
			       ? -1
			       : show_note(&note.pub, err);
	if (pk_minisign_key_parse(&sign, text, key_passphrase_fd, err) < 0)
		return -1;
	return show_sign(&sign.pub, err);
}

static PK_NODISCARD int show_text(struct pk_str text, struct pk_err *err)
{
	struct pk_minisign_pub sign;
	struct pk_note_pub note;

	if (pk_str_starts(text, PK_STR("picket-party:")))
		return show_party(text, err);
	if (pk_str_starts(text, PK_STR("picket-ticket:")))
		return show_ticket(text, err);
	if (pk_str_starts(text, PK_STR("picket-terms:")))
		return show_terms(text, err);
	if (pk_minisign_pub_parse(text, &sign, NULL) == 0)
		return show_sign(&sign, err);
	if (pk_note_pub_parse(text, PK_NOTE_SIGN, &note, NULL) == 0 ||
	    pk_note_pub_parse(text, PK_NOTE_COSIGN, &note, NULL) == 0)
		return show_note(&note, err);
	if (pk_age_recipient_check(pk_str_trim(text), NULL, NULL) == 0) {
		pk_autofree char *z = pk_str_dup(pk_str_trim(text));

		return z ? print("recipient", (const struct field[]){{"recipient", z}}, 1, err) : pk_fail_oom(err);
	}
	if (pk_str_starts(text, PK_STR("picket-roster:")))
		return pk_fail(err, PK_EUSAGE, 0, "a roster: 'picket-key roster list --roster FILE' shows it");
	if (pk_str_starts(text, PK_STR("AGE-SECRET-KEY-")) || pk_str_starts(text, PK_STR("# created:")))
		return pk_fail(err, PK_EUSAGE, 0, "an age identity: its public half is in the .recipient file");
	if (pk_str_starts(text, PK_STR("PRIVATE+KEY+")) || pk_str_starts(text, PK_STR("untrusted comment:")))
		return show_secret(text, err);
	return pk_fail(err, PK_EFORMAT, 0, "not a party, ticket, terms or key file");
}

static int run(int argc, char **argv, struct pk_err *err)
{
	(void)argc;
	/* it may be a secret key: guarded memory for all */
	PK_AUTO(pk_secret) text = {0};
	bool loose = false;

	if (pk_secret_read_path(&text, argv[0], PK_MAX_TEXT_FILE, &loose, err) < 0)
		return -1;
	if (show_text(pk_str_n(text.p, text.n), err) < 0)
		return pk_wrap(err, "'%s'", argv[0]);
	return PK_EXIT_OK;
}

const struct pk_verb key_show = {
	.name = "show",
	.operands = "FILE",
	.summary = "print what a party, ticket, terms or key file says",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
