/* SPDX-License-Identifier: Apache-2.0 */
/* picket-key roster list, verify and diff: looking at rosters. */
#include "verbs.h"

#include <picket/limits.h>

static const struct pk_opt no_opts[] = {PK_OPT_END};

static PK_NODISCARD int list_json(const struct pk_roster *r, struct pk_err *err)
{
	PK_AUTO(pk_buf) out = {0};
	struct pk_json j = {.out = &out};

	for (size_t i = 0; i < r->n; i++) {
		j = (struct pk_json){.out = &out};
		pk_json_begin(&j, '{');
		pk_json_kz(&j, "type", "party");
		pk_json_kint(&j, "v", 1);
		key_put_party_json(&j, &r->party[i]);
		pk_json_kbool(&j, "lead", i == 0);
		pk_json_end(&j, '}');
		if (key_put_line(&j, err) < 0)
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
		return -1;
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

static int verify(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_roster) r = {0};
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_buf) out = {0};

	(void)argc, (void)argv;
	if (key_load_roster(&r, &path, err) < 0) {
		if (err->kind != PK_ECRYPTO && err->kind != PK_EFORMAT)
			return -1;
		pk_msg_error(err);
		return PK_EXIT_FOUND;
	}
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

/* --- diff ------------------------------------------------------------------------------------------- */

static PK_NODISCARD int say(char how, const struct pk_party *p, const char *what, struct pk_err *err)
{
	PK_AUTO(pk_buf) out = {0};

	pk_buf_putf(&out, "%c %s (%s, ", how, p->name, p->nation);
	pk_buf_put_safe(&out, pk_str(p->org));
	pk_buf_putf(&out, ")%s%s\n", *what ? ": " : "", what);
	if (pk_buf_check(&out, err) < 0)
		return -1;
	fwrite(out.p, 1, out.n, stdout);
	return 0;
}

/* What differs between two parties of one name, in words; empty: nothing. */
static PK_NODISCARD int compare(const struct pk_party *a, const struct pk_party *b, struct pk_buf *ret,
				struct pk_err *err)
{
	PK_AUTO(pk_buf) fa = {0};
	PK_AUTO(pk_buf) fb = {0};

	pk_buf_put_fingerprint(&fa, a);
	pk_buf_put_fingerprint(&fb, b);
	if (pk_buf_check(&fa, err) < 0 || pk_buf_check(&fb, err) < 0)
		return -1;
	if (!pk_str_eq(pk_buf_str(&fa), pk_buf_str(&fb)))
		pk_buf_puts(ret, "other keys or names, ");
	if (a->issuer != b->issuer)
		pk_buf_puts(ret, b->issuer ? "may issue now, " : "may no longer issue, ");
	if (a->valid_from != b->valid_from || a->valid_to != b->valid_to)
		pk_buf_puts(ret, "other validity, ");
	if (a->revoked != b->revoked)
		pk_buf_puts(ret, b->revoked ? "revoked, " : "no longer revoked, ");
	if (ret->n)
		ret->n -= 2, ret->p[ret->n] = 0;
	return pk_buf_check(ret, err);
}

static int diff(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_roster) mine = {0}, other = {0};
	PK_AUTO(pk_buf) text = {0};
	size_t found = 0;

	(void)argc;
	if (key_load_roster(&mine, NULL, err) < 0 || pk_read_path(argv[0], PK_MAX_TEXT_FILE, &text, err) < 0)
		return -1;
	if (pk_roster_parse(pk_buf_str(&text), &other, err) < 0)
		return pk_wrap(err, "%s", argv[0]);
	for (size_t i = 0; i < mine.n; i++)
		if (!pk_roster_find(&other, mine.party[i].name) && ++found && say('-', &mine.party[i], "", err) < 0)
			return -1;
	for (size_t i = 0; i < other.n; i++) {
		const struct pk_party *old = pk_roster_find(&mine, other.party[i].name);
		PK_AUTO(pk_buf) what = {0};

		if (old && compare(old, &other.party[i], &what, err) < 0)
			return -1;
		if ((!old || what.n) && ++found && say(old ? '~' : '+', &other.party[i], what.n ? what.p : "", err) < 0)
			return -1;
	}
	return found ? PK_EXIT_FOUND : PK_EXIT_OK;
}

const struct pk_verb key_roster_list = {
	.name = "roster list",
	.operands = "",
	.summary = "print the parties of the roster",
	.opts = no_opts,
	.run = list,
};
const struct pk_verb key_roster_verify = {
	.name = "roster verify",
	.operands = "",
	.summary = "check the roster's signature, pin and version",
	.opts = no_opts,
	.run = verify,
};
const struct pk_verb key_roster_diff = {
	.name = "roster diff",
	.operands = "FILE",
	.summary = "compare the roster with another, which need not be signed",
	.opts = no_opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = diff,
};
