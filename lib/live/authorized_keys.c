/* SPDX-License-Identifier: Apache-2.0 */
/* Table `authorized_keys`: who may log in by SSH with which key. */
#include "accounts.h"
#include "tables.h"

#include <fcntl.h>

#define MAX_PATTERNS 16

static const struct pk_live_column columns[] = {
	{"uid", PK_LIVE_BIGINT,
	 "user the key lets in, or the owner of the home; absent for a file that is for all users"},
	{"algorithm", PK_LIVE_TEXT, "kind of key"},
	{"key", PK_LIVE_TEXT, "public key, base64"},
	{"options", PK_LIVE_TEXT, "command=, from=, environment=..."},
	{"comment", PK_LIVE_TEXT, "comment"},
	{"key_file", PK_LIVE_TEXT, "the file"},
	{"username", PK_LIVE_TEXT, "name; absent when no account has the home"},
	{"fingerprint", PK_LIVE_TEXT, "SHA256:..., as ssh-keygen -l prints it"},
	{"line", PK_LIVE_INTEGER, "line of the file"},
	{0},
};

static void put_fingerprint(struct pk_live_out *out, struct pk_str key)
{
	PK_AUTO(pk_buf) raw = {0};
	PK_AUTO(pk_buf) text = {0};
	uint8_t digest[PK_SHA256_SIZE];

	if (!pk_base64_decode(key, true, &raw) || !raw.n)
		return;
	pk_sha256(raw.p, raw.n, digest);
	pk_buf_puts(&text, "SHA256:");
	pk_buf_put_base64(&text, digest, sizeof(digest), false);
	pk_json_kstr(&out->json, "fingerprint", pk_buf_str(&text));
}

static int file_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, const struct live_home *h,
		     struct pk_str path, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	struct pk_str rest, line;
	int64_t n = 0;

	if (!live_text_root(ctx, out, path, &text))
		return 0;
	rest = pk_buf_str(&text);
	while (rest.n && pk_str_line(&rest, &line)) {
		struct live_authkey k;
		struct pk_json *j;

		n++;
		if (!live_parse_authkey(line, &k)) {
			line = pk_str_trim(line);
			if (line.n && line.p[0] != '#')
				pk_live_note(out, "'%.*s': line %lld is no key", PK_STR_ARG(path), (long long)n);
			continue;
		}
		j = live_row(out);
		if (h->uid <= UINT32_MAX)
			pk_json_kuint(j, "uid", h->uid);
		live_kbytes(out, "algorithm", k.algorithm);
		live_kbytes(out, "key", k.key);
		live_kopt(out, "options", k.options);
		live_kopt(out, "comment", k.comment);
		live_kbytes(out, "key_file", path);
		live_kopt(out, "username", h->user);
		put_fingerprint(out, k.key);
		pk_json_kint(j, "line", n);
		if (live_emit(out, err) < 0)
			return -1;
	}
	return 0;
}

static bool directive(struct pk_str line, const char *name, struct pk_str *ret)
{
	struct pk_str w, n = pk_str(name);
	size_t end;

	line = pk_str_trim(line);
	end = PK_MIN(PK_MIN(pk_str_find(line, ' '), pk_str_find(line, '\t')), pk_str_find(line, '='));
	w = pk_str_n(line.p, end);
	if (w.n != n.n || strncasecmp(w.p, n.p, n.n) != 0)
		return false;
	*ret = pk_str_trim(pk_str_n(line.p + end, line.n - end));
	if (ret->n && ret->p[0] == '=')
		*ret = pk_str_trim(pk_str_n(ret->p + 1, ret->n - 1));
	return true;
}

/* Every AuthorizedKeysFile of one file, also those beneath Match. */
static int patterns_of(struct pk_str text, struct pk_strv *ret, struct pk_err *err)
{
	struct pk_str line, v, w;

	while (text.n && pk_str_line(&text, &line)) {
		if (!directive(line, "AuthorizedKeysFile", &v))
			continue;
		while (ret->n < MAX_PATTERNS && live_word(&v, &w)) {
			if (w.n > 1 && w.p[0] == '"' && w.p[w.n - 1] == '"')
				w = pk_str_n(w.p + 1, w.n - 2);
			if (w.n && !pk_str_eq(w, PK_STR("none")) && pk_strv_add(ret, w, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int read_patterns(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_strv *ret,
			 struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_buf) path = {0};
	pk_autoclose int dir = -1;

	if (pk_strv_add(ret, PK_STR(".ssh/authorized_keys"), err) < 0 ||
	    pk_strv_add(ret, PK_STR(".ssh/authorized_keys2"), err) < 0)
		return -1;
	if (live_text_root(ctx, out, PK_STR("etc/ssh/sshd_config"), &text) &&
	    patterns_of(pk_buf_str(&text), ret, err) < 0)
		return -1;
	if (live_dir_root(ctx, PK_STR("etc/ssh/sshd_config.d"), &dir) == 0 && live_list(dir, &names) == 0)
		for (size_t i = 0; i < names.n; i++)
			if (live_text_root(ctx, out,
					   live_join(&path, PK_STR("etc/ssh/sshd_config.d"), pk_str(names.v[i])),
					   &text) &&
			    patterns_of(pk_buf_str(&text), ret, err) < 0)
				return -1;
	pk_strv_uniq(ret);
	return 0;
}

/* %h home, %u user, %U uid, %% percent; a relative path is beneath the home. */
static void expand(struct pk_buf *b, const char *pattern, const struct live_home *h)
{
	pk_buf_reset(b);
	if (pattern[0] != '/' && strncmp(pattern, "%h", 2) != 0) {
		pk_buf_put_str(b, h->path);
		pk_buf_put_c(b, '/');
	}
	for (const char *p = pattern; *p; p++) {
		if (*p != '%' || !p[1]) {
			pk_buf_put_c(b, *p);
			continue;
		}
		p++;
		if (*p == 'h')
			pk_buf_put_str(b, h->path);
		else if (*p == 'u')
			pk_buf_put_str(b, h->user);
		else if (*p == 'U')
			pk_buf_putf(b, "%llu", (unsigned long long)h->uid);
		else
			pk_buf_put_c(b, *p);
	}
}

struct work {
	const struct live_homes *homes;
	const struct pk_strv *patterns;
};

static int one_home(const struct pk_live_ctx *ctx, struct pk_live_out *out, uint64_t i, bool careful, void *arg,
		    struct pk_err *err)
{
	const struct live_home anyone = {.uid = UINT64_MAX};
	const struct work *w = arg;
	PK_AUTO(pk_buf) path = {0};

	if (careful)
		return 0;
	for (size_t k = 0; k < w->patterns->n; k++) {
		const char *p = w->patterns->v[k];

		bool fixed = p[0] == '/' && !strchr(p, '%');

		/* a fixed path is everybody's: read once; one that names the user needs to know it */
		if ((fixed && i > 0) || (!w->homes->v[i].user.n && strstr(p, "%u")))
			continue;
		expand(&path, p, &w->homes->v[i]);
		if (pk_buf_check(&path, err) < 0 ||
		    file_rows(ctx, out, fixed ? &anyone : &w->homes->v[i], pk_buf_str(&path), err) < 0)
			return -1;
	}
	return 0;
}

static int rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(live_accounts) accounts = {0};
	PK_AUTO(live_homes) homes = {0};
	PK_AUTO(pk_strv) patterns = {0};
	PK_AUTO(live_keys) keys = {0};
	struct work w = {&homes, &patterns};
	struct live_guard g = {.what = "home number", .each = one_home, .arg = &w};

	if (live_accounts_read(ctx, out, &accounts, err) < 0 || live_homes_find(ctx, out, &accounts, &homes, err) < 0 ||
	    read_patterns(ctx, out, &patterns, err) < 0)
		return -1;
	for (size_t i = 0; i < homes.n; i++)
		if (live_keys_add(&keys, i, err) < 0)
			return -1;
	g.keys = keys.v;
	g.n = keys.n;
	return live_guard_run(ctx, out, &g, err);
}

const struct pk_live_table live_authorized_keys = {
	.name = "authorized_keys",
	.doc = "keys that may log in by SSH, wherever sshd_config says they are",
	.columns = columns,
	.rows = rows,
};
