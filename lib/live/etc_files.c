/* SPDX-License-Identifier: Apache-2.0 */
/* Tables `etc_hosts`, `dns_resolvers`, `sudoers` and `apt_sources`: small files of /etc, line by line. */
#include "parse.h"
#include "tables.h"

#include <fcntl.h>

typedef int text_fn(struct pk_live_out *out, struct pk_str text, struct pk_str path, struct pk_err *err);

static int one_file(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_str path, text_fn *each,
		    struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};

	return live_text_root(ctx, out, path, &text) ? each(out, pk_buf_str(&text), path, err) : 0;
}

static int folder_files(const struct pk_live_ctx *ctx, struct pk_live_out *out, const char *folder, const char *suffix,
			text_fn *each, struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};
	PK_AUTO(pk_buf) path = {0};
	pk_autoclose int dir = -1;

	if (live_dir_root(ctx, pk_str(folder), &dir) != 0 || live_list(dir, &names) != 0)
		return 0;
	for (size_t i = 0; i < names.n; i++) {
		struct stat st;

		if (!pk_str_ends(pk_str(names.v[i]), pk_str(suffix)) ||
		    fstatat(dir, names.v[i], &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISDIR(st.st_mode))
			continue;
		if (one_file(ctx, out, live_join(&path, pk_str(folder), pk_str(names.v[i])), each, err) < 0)
			return -1;
	}
	return 0;
}

static struct pk_str without_comment(struct pk_str line)
{
	return pk_str_trim(pk_str_n(line.p, pk_str_find(line, '#')));
}

/* --- etc_hosts ------------------------------------------------------------------------------------------------ */

static const struct pk_live_column host_columns[] = {
	{"address", PK_LIVE_TEXT, "address"},
	{"hostnames", PK_LIVE_TEXT, "names, by blanks"},
	{0},
};

static int hosts_text(struct pk_live_out *out, struct pk_str text, struct pk_str path, struct pk_err *err)
{
	struct pk_str line, address;

	(void)path;
	while (text.n && pk_str_line(&text, &line)) {
		line = without_comment(line);
		if (!live_word(&line, &address))
			continue;
		live_row(out);
		live_kbytes(out, "address", address);
		live_kbytes(out, "hostnames", pk_str_trim(line));
		if (live_emit(out, err) < 0)
			return -1;
	}
	return 0;
}

static int host_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	return one_file(ctx, out, PK_STR("/etc/hosts"), hosts_text, err);
}

const struct pk_live_table live_etc_hosts = {
	.name = "etc_hosts",
	.doc = "names that /etc/hosts answers for",
	.columns = host_columns,
	.rows = host_rows,
};

/* --- dns_resolvers --------------------------------------------------------------------------------------------- */

static const struct pk_live_column resolver_columns[] = {
	{"id", PK_LIVE_INTEGER, "line of the file, from 0"},
	{"type", PK_LIVE_TEXT, "nameserver, search, options, sortlist..."},
	{"address", PK_LIVE_TEXT, "what it says"},
	{0},
};

static int resolvers_text(struct pk_live_out *out, struct pk_str text, struct pk_str path, struct pk_err *err)
{
	struct pk_str line, word;

	(void)path;
	for (int64_t n = 0; text.n && pk_str_line(&text, &line); n++) {
		line = pk_str_trim(line);
		if (!line.n || line.p[0] == '#' || line.p[0] == ';' || !live_word(&line, &word))
			continue;
		live_row(out);
		pk_json_kint(&out->json, "id", n);
		live_kbytes(out, "type", word);
		live_kbytes(out, "address", pk_str_trim(line));
		if (live_emit(out, err) < 0)
			return -1;
	}
	return 0;
}

static int resolver_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	return one_file(ctx, out, PK_STR("/etc/resolv.conf"), resolvers_text, err);
}

const struct pk_live_table live_dns_resolvers = {
	.name = "dns_resolvers",
	.doc = "name servers of /etc/resolv.conf",
	.columns = resolver_columns,
	.rows = resolver_rows,
};

/* --- sudoers ------------------------------------------------------------------------------------------------------ */

static const struct pk_live_column sudo_columns[] = {
	{"source", PK_LIVE_TEXT, "the file"},
	{"header", PK_LIVE_TEXT, "who, or which kind of line"},
	{"rule_details", PK_LIVE_TEXT, "what they may, or what it says"},
	{0},
};

/* A line that ends in a backslash goes on. '#' begins a comment, but for #include, #includedir and user ids. */
static int sudoers_text(struct pk_live_out *out, struct pk_str text, struct pk_str path, struct pk_err *err)
{
	PK_AUTO(pk_buf) joined = {0};
	struct pk_str line, word;

	while (text.n && pk_str_line(&text, &line)) {
		bool more = line.n && line.p[line.n - 1] == '\\';

		pk_buf_put(&joined, line.p, more ? line.n - 1 : line.n);
		if (more && text.p && text.n)
			continue;
		line = pk_str_trim(pk_buf_str(&joined));
		if (line.n &&
		    (line.p[0] != '#' || pk_str_starts(line, PK_STR("#include")) ||
		     (line.n > 1 && line.p[1] >= '0' && line.p[1] <= '9')) &&
		    live_word(&line, &word)) {
			live_row(out);
			live_kbytes(out, "source", path);
			live_kbytes(out, "header", word);
			live_kbytes(out, "rule_details", pk_str_trim(line));
			if (live_emit(out, err) < 0)
				return -1;
		}
		pk_buf_reset(&joined);
	}
	return 0;
}

static int sudo_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	if (one_file(ctx, out, PK_STR("/etc/sudoers"), sudoers_text, err) < 0)
		return -1;
	return folder_files(ctx, out, "/etc/sudoers.d", "", sudoers_text, err);
}

const struct pk_live_table live_sudoers = {
	.name = "sudoers",
	.doc = "who may act as whom by sudo",
	.columns = sudo_columns,
	.rows = sudo_rows,
};

/* --- apt_sources --------------------------------------------------------------------------------------------------- */

static const struct pk_live_column apt_columns[] = {
	{"source", PK_LIVE_TEXT, "the file"},
	{"base_uri", PK_LIVE_TEXT, "where from"},
	{"release", PK_LIVE_TEXT, "suite"},
	{"components", PK_LIVE_TEXT, "components, by blanks"},
	{"architectures", PK_LIVE_TEXT, "architectures, by blanks"},
	{"type", PK_LIVE_TEXT, "deb, deb-src"},
	{"options", PK_LIVE_TEXT, "[trusted=yes ...], or Trusted: and Signed-By: of the newer form"},
	{"enabled", PK_LIVE_INTEGER, "0: switched off"},
	{0},
};

/* "deb [arch=amd64 trusted=yes] http://... bookworm main" */
static int apt_list_text(struct pk_live_out *out, struct pk_str text, struct pk_str path, struct pk_err *err)
{
	struct pk_str line, type, options, uri, suite;

	while (text.n && pk_str_line(&text, &line)) {
		line = without_comment(line);
		options = pk_str_n("", 0);
		if (!live_word(&line, &type))
			continue;
		line = pk_str_trim(line);
		if (line.n && line.p[0] == '[') {
			size_t end = pk_str_find(line, ']');

			options = pk_str_n(line.p + 1, end - 1);
			end = PK_MIN(end + 1, line.n);
			line = pk_str_n(line.p + end, line.n - end);
		}
		if (!live_word(&line, &uri) || !live_word(&line, &suite)) {
			pk_live_note(out, "'%.*s': a line is not understood", PK_STR_ARG(path));
			continue;
		}
		live_row(out);
		live_kbytes(out, "source", path);
		live_kbytes(out, "base_uri", uri);
		live_kbytes(out, "release", suite);
		live_kopt(out, "components", pk_str_trim(line));
		live_kbytes(out, "type", type);
		live_kopt(out, "options", pk_str_trim(options));
		pk_json_kint(&out->json, "enabled", 1);
		if (live_emit(out, err) < 0)
			return -1;
	}
	return 0;
}

static int apt_deb822_text(struct pk_live_out *out, struct pk_str text, struct pk_str path, struct pk_err *err)
{
	struct pk_str p;

	while (live_control_next(&text, &p)) {
		struct pk_str trusted = live_control_get(p, PK_STR("Trusted")),
			      key = live_control_get(p, PK_STR("Signed-By"));
		PK_AUTO(pk_buf) options = {0};

		if (!live_control_get(p, PK_STR("URIs")).n)
			continue;
		if (trusted.n)
			pk_buf_putf(&options, "Trusted: %.*s\n", PK_STR_ARG(trusted));
		if (key.n) {
			pk_buf_puts(&options, "Signed-By: ");
			pk_buf_put_str(&options, key);
		}
		live_row(out);
		live_kbytes(out, "source", path);
		live_kbytes(out, "base_uri", live_control_get(p, PK_STR("URIs")));
		live_kopt(out, "release", live_control_get(p, PK_STR("Suites")));
		live_kopt(out, "components", live_control_get(p, PK_STR("Components")));
		live_kopt(out, "architectures", live_control_get(p, PK_STR("Architectures")));
		live_kopt(out, "type", live_control_get(p, PK_STR("Types")));
		live_kopt(out, "options", pk_str_trim(pk_buf_str(&options)));
		pk_json_kint(&out->json, "enabled", !pk_str_eq(live_control_get(p, PK_STR("Enabled")), PK_STR("no")));
		if (live_emit(out, err) < 0)
			return -1;
	}
	return 0;
}

static int apt_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	if (one_file(ctx, out, PK_STR("/etc/apt/sources.list"), apt_list_text, err) < 0 ||
	    folder_files(ctx, out, "/etc/apt/sources.list.d", ".list", apt_list_text, err) < 0)
		return -1;
	return folder_files(ctx, out, "/etc/apt/sources.list.d", ".sources", apt_deb822_text, err);
}

const struct pk_live_table live_apt_sources = {
	.name = "apt_sources",
	.doc = "where packages come from",
	.columns = apt_columns,
	.rows = apt_rows,
};
