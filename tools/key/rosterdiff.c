/* SPDX-License-Identifier: Apache-2.0 */
/* picket-key roster diff: what one roster says that another does not, in words. */
#include "verbs.h"

#include <picket/limits.h>

static const struct pk_opt opts[] = {KEY_OPT_JSON, PK_OPT_END};

static const char *how_word(char how) { return how == '+' ? "added" : how == '-' ? "removed" : "changed"; }

static PK_NODISCARD int say_json(char how, const struct pk_party *p, const struct pk_buf *what, struct pk_err *err)
{
	PK_AUTO(pk_buf) out = {0};
	struct pk_json j = {.out = &out};

	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", "change");
	pk_json_kint(&j, "v", 1);
	pk_json_kz(&j, "how", how_word(how));
	pk_json_kz(&j, "party", p->name);
	pk_json_kz(&j, "org", p->org);
	pk_json_kz(&j, "nation", p->nation);
	pk_json_kz(&j, "what", what->n ? what->p : NULL);
	pk_json_end(&j, '}');
	return pk_buf_check(what, err) < 0 || pk_json_check(&j, err) < 0 ? -1 : pk_stdout_line(&out, err);
}

static PK_NODISCARD int say(char how, const struct pk_party *p, const struct pk_buf *what, struct pk_err *err)
{
	PK_AUTO(pk_buf) out = {0};

	if (key_json)
		return say_json(how, p, what, err);
	pk_buf_putf(&out, "%c %s (%s, ", how, p->name, p->nation);
	pk_buf_put_safe(&out, pk_str(p->org));
	pk_buf_putf(&out, ")%s%s\n", what->n ? ": " : "", what->n ? what->p : "");
	if (pk_buf_check(what, err) < 0 || pk_buf_check(&out, err) < 0)
		return -1;
	fwrite(out.p, 1, out.n, stdout);
	return 0;
}

static void put(struct pk_buf *b, const char *what) { pk_buf_putf(b, "%s%s", b->n ? ", " : "", what); }

static void put_text(struct pk_buf *b, const char *what, const char *was, const char *is)
{
	if (strcmp(was, is) == 0)
		return;
	put(b, what);
	pk_buf_puts(b, " '");
	pk_buf_put_safe(b, pk_str(is));
	pk_buf_puts(b, "', was '");
	pk_buf_put_safe(b, pk_str(was));
	pk_buf_puts(b, "'");
}

static void put_time(struct pk_buf *b, const char *what, const char *none, int64_t was, int64_t is)
{
	if (was == is)
		return;
	put(b, is ? what : none);
	if (is) {
		pk_buf_put_c(b, ' ');
		pk_buf_put_rfc3339(b, (struct pk_time){.sec = is}, 0);
	}
}

static void put_note_key(struct pk_buf *b, const char *what, bool had, const struct pk_note_pub *was, bool has,
			 const struct pk_note_pub *is)
{
	if (had == has && (!has || memcmp(was->key, is->key, sizeof(is->key)) == 0))
		return;
	put(b, !had ? "a new " : !has ? "no longer a " : "another ");
	pk_buf_puts(b, what);
}

static void put_keys(struct pk_buf *b, const struct pk_party *was, const struct pk_party *is)
{
	for (size_t i = 0; i < is->recipients.n; i++)
		if (!pk_strv_has(&was->recipients, is->recipients.v[i])) {
			put(b, "new recipient ");
			pk_buf_putf(b, "%.16s...", is->recipients.v[i]);
		}
	for (size_t i = 0; i < was->recipients.n; i++)
		if (!pk_strv_has(&is->recipients, was->recipients.v[i])) {
			put(b, "no longer recipient ");
			pk_buf_putf(b, "%.16s...", was->recipients.v[i]);
		}
	if (was->has_sign != is->has_sign || (is->has_sign && !pk_minisign_pub_eq(&was->sign, &is->sign)))
		put(b, !was->has_sign  ? "a new signing key"
		       : !is->has_sign ? "no longer a signing key"
				       : "another signing key");
	put_note_key(b, "note key", was->has_note, &was->note, is->has_note, &is->note);
	put_note_key(b, "cosignature key", was->has_cosign, &was->cosign, is->has_cosign, &is->cosign);
}

static void put_changes(struct pk_buf *b, const struct pk_party *was, const struct pk_party *is)
{
	put_text(b, "organisation", was->org, is->org);
	put_text(b, "nation", was->nation, is->nation);
	put_keys(b, was, is);
	if (was->issuer != is->issuer)
		put(b, is->issuer ? "may issue now" : "may no longer issue");
	put_time(b, "valid from", "valid from ever", was->valid_from, is->valid_from);
	put_time(b, "valid to", "valid for ever", was->valid_to, is->valid_to);
	put_time(b, "revoked since", "no longer revoked", was->revoked, is->revoked);
}

int key_say_change(const struct pk_party *was, const struct pk_party *is, struct pk_err *err)
{
	PK_AUTO(pk_buf) what = {0};

	put_changes(&what, was, is);
	return what.n || what.oom ? say('~', is, &what, err) : 0;
}

static PK_NODISCARD int say_tickets(const struct pk_roster *a, const struct pk_roster *b, char how, size_t *found,
				    struct pk_err *err)
{
	for (size_t i = 0; i < b->revoked_tickets.n; i++) {
		const char *what = how == '+' ? "revoked" : "no longer revoked";
		PK_AUTO(pk_buf) out = {0};
		struct pk_json j = {.out = &out};

		if (pk_strv_has(&a->revoked_tickets, b->revoked_tickets.v[i]))
			continue;
		if (key_json) {
			pk_json_begin(&j, '{');
			pk_json_kz(&j, "type", "change");
			pk_json_kint(&j, "v", 1);
			pk_json_kz(&j, "how", how_word(how));
			pk_json_kz(&j, "ticket", b->revoked_tickets.v[i]);
			pk_json_kz(&j, "what", what);
			pk_json_end(&j, '}');
		} else {
			pk_buf_putf(&out, "%c ticket %s is %s", how, b->revoked_tickets.v[i], what);
		}
		if (pk_buf_check(&out, err) < 0 || pk_stdout_line(&out, err) < 0)
			return -1;
		++*found;
	}
	return 0;
}

int key_say_diff(const struct pk_roster *was, const struct pk_roster *is, size_t *ret_found, struct pk_err *err)
{
	size_t found = 0;

	for (size_t i = 0; i < was->n; i++)
		if (!pk_roster_find(is, was->party[i].name) && ++found &&
		    say('-', &was->party[i], &(struct pk_buf){0}, err) < 0)
			return -1;
	for (size_t i = 0; i < is->n; i++) {
		const struct pk_party *old = pk_roster_find(was, is->party[i].name);
		PK_AUTO(pk_buf) what = {0};

		if (old)
			put_changes(&what, old, &is->party[i]);
		if ((!old || what.n || what.oom) && ++found && say(old ? '~' : '+', &is->party[i], &what, err) < 0)
			return -1;
	}
	if (say_tickets(was, is, '+', &found, err) < 0 || say_tickets(is, was, '-', &found, err) < 0)
		return -1;
	*ret_found = found;
	return 0;
}

static PK_NODISCARD int read_roster(const char *path, struct pk_roster *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};

	if (pk_read_path(path, PK_MAX_TEXT_FILE, &text, err) < 0)
		return -1;
	return pk_roster_parse(pk_buf_str(&text), ret, err) < 0 ? pk_wrap(err, "%s", path) : 0;
}

static int diff(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_roster) was = {0}, is = {0};
	size_t found = 0;

	if (argc == 1 && key_load_roster(&was, NULL, err) < 0)
		return key_disbelieved(err);
	if ((argc > 1 && read_roster(argv[0], &was, err) < 0) || read_roster(argv[argc - 1], &is, err) < 0 ||
	    key_say_diff(&was, &is, &found, err) < 0)
		return -1;
	return found ? PK_EXIT_FOUND : PK_EXIT_OK;
}

const struct pk_verb key_roster_diff = {
	.name = "roster diff",
	.operands = "[OLD] NEW",
	.summary = "say what NEW changes; OLD is the station's roster unless given, and neither file need be signed",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 2,
	.run = diff,
};
