/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs of picket-key have in common. */
#include "verbs.h"

const char *key_roster;
bool key_json;
const char *key_signer;
int key_passphrase_fd = -1;

int key_roster_path(struct pk_buf *ret, struct pk_err *err)
{
	if (!key_roster)
		return pk_station_path("roster", ret, err);
	pk_buf_puts(ret, key_roster);
	return pk_buf_check(ret, err);
}

int key_load_roster(struct pk_roster *ret, struct pk_buf *ret_path, struct pk_err *err)
{
	PK_AUTO(pk_buf) path = {0};
	bool there = false;

	if (key_roster_path(&path, err) < 0 || pk_roster_load_any(path.p, ret, &there, err) < 0)
		return -1;
	if (!there)
		return pk_fail(err, PK_EUSAGE, 0,
			       "there is no roster '%s' yet: 'picket-key new' makes one with your own party", path.p);
	if (ret_path) {
		pk_buf_done(ret_path);
		*ret_path = path;
		path = (struct pk_buf){0};
	}
	return 0;
}

int key_disbelieved(const struct pk_err *err)
{
	if (err->kind != PK_ECRYPTO && err->kind != PK_EFORMAT)
		return -1;
	pk_msg_error(err);
	return PK_EXIT_FOUND;
}

int key_load_signer(struct pk_keys *ret, struct pk_err *err)
{
	if (!key_signer)
		return pk_fail(err, PK_EUSAGE, 0, "whose signature? give --signer NAME");
	return pk_station_keys(key_signer, key_passphrase_fd, &pk_msg_events, ret, err);
}

int key_parse_time(const char *option, const char *text, int64_t *ret_sec, struct pk_err *err)
{
	struct pk_time t;

	if (!pk_time_parse_rfc3339(pk_str(text), &t) || t.sec <= 0)
		return pk_fail(err, PK_EUSAGE, 0,
			       "--%s takes a time such as 2026-01-31 or 2026-01-31T12:00:00Z, not '%s'", option, text);
	*ret_sec = t.sec;
	return 0;
}

const char *key_party_state(const struct pk_party *p)
{
	struct pk_time now = pk_time_now();

	if (p->revoked && now.sec >= p->revoked)
		return "revoked";
	if (p->valid_from && now.sec < p->valid_from)
		return "not yet valid";
	if (p->valid_to && now.sec > p->valid_to)
		return "expired";
	return "valid";
}

void key_say_party(const struct pk_party *p)
{
	PK_AUTO(pk_buf) f = {0};

	pk_buf_put_fingerprint(&f, p);
	pk_msg_info("party '%s', %s, %s%s", p->name, p->org, p->nation, p->issuer ? ", may issue tickets" : "");
	pk_msg_info("fingerprint %s", f.p ? f.p : "");
}

static void put_time(struct pk_json *j, const char *key, int64_t sec)
{
	PK_AUTO(pk_buf) t = {0};

	pk_buf_putf(&t, "%lld", (long long)sec);
	pk_json_kz(j, key, sec ? t.p : NULL);
}

void key_put_party_json(struct pk_json *j, const struct pk_party *p)
{
	PK_AUTO(pk_buf) b = {0};

	pk_json_kz(j, "name", p->name);
	pk_json_kz(j, "org", p->org);
	pk_json_kz(j, "nation", p->nation);
	pk_json_key(j, "recipients");
	pk_json_begin(j, '[');
	for (size_t i = 0; i < p->recipients.n; i++)
		pk_json_z(j, p->recipients.v[i]);
	pk_json_end(j, ']');
	if (p->has_sign)
		pk_buf_put_minisign_pub(&b, &p->sign);
	pk_json_kz(j, "sign", p->has_sign ? b.p : NULL);
	pk_buf_reset(&b);
	if (p->has_note)
		pk_buf_put_note_pub(&b, &p->note);
	pk_json_kz(j, "note", p->has_note ? b.p : NULL);
	pk_buf_reset(&b);
	if (p->has_cosign)
		pk_buf_put_note_pub(&b, &p->cosign);
	pk_json_kz(j, "cosign", p->has_cosign ? b.p : NULL);
	pk_json_kbool(j, "issuer", p->issuer);
	put_time(j, "valid_from", p->valid_from);
	put_time(j, "valid_to", p->valid_to);
	put_time(j, "revoked", p->revoked);
	pk_json_kz(j, "state", key_party_state(p));
	pk_buf_reset(&b);
	pk_buf_put_fingerprint(&b, p);
	pk_json_kz(j, "fingerprint", b.p);
}

int key_check_fingerprint(const struct pk_party *p, const char *given, struct pk_err *err)
{
	PK_AUTO(pk_buf) want = {0};
	PK_AUTO(pk_buf) a = {0};
	PK_AUTO(pk_buf) b = {0};

	pk_buf_put_fingerprint(&want, p);
	for (const char *s = want.p ? want.p : ""; *s; s++)
		if (*s != ' ')
			pk_buf_put_c(&a, *s);
	for (const char *s = given; *s; s++)
		if (*s != ' ')
			pk_buf_put_c(&b, (char)tolower((unsigned char)*s));
	if (pk_buf_check(&want, err) < 0 || pk_buf_check(&a, err) < 0 || pk_buf_check(&b, err) < 0)
		return -1;
	if (!pk_str_eq(pk_buf_str(&a), pk_buf_str(&b)))
		return pk_fail(err, PK_ECRYPTO, 0, "party '%s' has another fingerprint: %s", p->name, want.p);
	return 0;
}
