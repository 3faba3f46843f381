/* SPDX-License-Identifier: Apache-2.0 */
/* picket-key roster list and verify: looking at the roster. */
#include "verbs.h"

static const struct pk_opt opts[] = {KEY_OPT_JSON, PK_OPT_END};

static PK_NODISCARD int list_json(const struct pk_roster *r, struct pk_err *err)
{
	for (size_t i = 0; i < r->n; i++) {
		PK_AUTO(pk_buf) out = {0};
		struct pk_json j = {.out = &out};

		pk_json_begin(&j, '{');
		pk_json_kz(&j, "type", "party");
		pk_json_kint(&j, "v", 1);
		key_put_party_json(&j, &r->party[i]);
		pk_json_kbool(&j, "lead", i == 0);
		pk_json_end(&j, '}');
		if (pk_json_check(&j, err) < 0 || pk_stdout_line(&out, err) < 0)
			return -1;
	}
	return 0;
}

static int list(int argc, char **argv, struct pk_err *err)
{
	static const char *const headings[] = {"NAME", "NATION", "ORGANISATION", "ISSUER", "STATE", "FINGERPRINT"};
	PK_AUTO(pk_roster) r = {0};
	PK_AUTO(pk_table) t = {0};

	(void)argc, (void)argv;
	if (key_load_roster(&r, NULL, err) < 0)
		return key_disbelieved(err);
	if (key_json)
		return list_json(&r, err) < 0 ? -1 : PK_EXIT_OK;
	pk_table_begin(&t, headings, PK_LEN(headings));
	for (size_t i = 0; i < r.n; i++) {
		const struct pk_party *p = &r.party[i];
		PK_AUTO(pk_buf) f = {0};

		pk_buf_put_fingerprint(&f, p);
		pk_table_cell(&t, pk_str(p->name));
		pk_table_cell(&t, pk_str(p->nation));
		pk_table_cell(&t, pk_str(p->org));
		pk_table_cell(&t, pk_str(p->issuer ? "yes" : "no"));
		pk_table_cell(&t, pk_str(key_party_state(p)));
		pk_table_cell(&t, pk_buf_str(&f));
	}
	return pk_table_print(&t, err) < 0 ? -1 : PK_EXIT_OK;
}

static PK_NODISCARD int verify_json(const struct pk_roster *r, const struct pk_buf *path, struct pk_err *err)
{
	PK_AUTO(pk_buf) out = {0};
	PK_AUTO(pk_buf) time = {0};
	struct pk_json j = {.out = &out};

	pk_buf_putf(&time, "%lld", (long long)r->time.sec);
	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", "roster");
	pk_json_kint(&j, "v", 1);
	pk_json_kbytes(&j, "file", pk_buf_str(path));
	pk_json_kuint(&j, "version", r->version);
	pk_json_kstr(&j, "time", pk_buf_str(&time));
	pk_json_kuint(&j, "parties", r->n);
	pk_json_kuint(&j, "revoked_tickets", r->revoked_tickets.n);
	pk_json_kz(&j, "lead", r->party[0].name);
	pk_json_end(&j, '}');
	return pk_buf_check(&time, err) < 0 || pk_json_check(&j, err) < 0 ? -1 : pk_stdout_line(&out, err);
}

static int verify(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_roster) r = {0};
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_buf) out = {0};

	(void)argc, (void)argv;
	if (key_load_roster(&r, &path, err) < 0)
		return key_disbelieved(err);
	if (key_json)
		return verify_json(&r, &path, err) < 0 ? -1 : PK_EXIT_OK;
	pk_buf_put_safe(&out, pk_buf_str(&path));
	pk_buf_putf(&out, ": version %llu of ", (unsigned long long)r.version);
	pk_buf_put_rfc3339(&out, r.time, 0);
	pk_buf_putf(&out, ", %zu part%s, signed by its pinned lead '%s'\n", r.n, r.n == 1 ? "y" : "ies",
		    r.party[0].name);
	if (pk_buf_check(&out, err) < 0)
		return -1;
	fwrite(out.p, 1, out.n, stdout);
	return PK_EXIT_OK;
}

const struct pk_verb key_roster_list = {
	.name = "roster list",
	.operands = "",
	.summary = "print the parties of the roster",
	.opts = opts,
	.run = list,
};
const struct pk_verb key_roster_verify = {
	.name = "roster verify",
	.operands = "",
	.summary = "check the roster's signature, pin and version",
	.opts = opts,
	.run = verify,
};
