/* SPDX-License-Identifier: Apache-2.0 */
/* Table `deb_packages`: dpkg's database. */
#include "parse.h"
#include "tables.h"

#include <fcntl.h>

static const struct pk_live_column columns[] = {
	{"name", PK_LIVE_TEXT, "package"},
	{"version", PK_LIVE_TEXT, "version"},
	{"source", PK_LIVE_TEXT, "source package"},
	{"size", PK_LIVE_BIGINT, "installed size in KiB"},
	{"arch", PK_LIVE_TEXT, "architecture"},
	{"revision", PK_LIVE_TEXT, "Debian revision"},
	{"status", PK_LIVE_TEXT, "install ok installed..."},
	{"maintainer", PK_LIVE_TEXT, "maintainer"},
	{"section", PK_LIVE_TEXT, "section"},
	{"priority", PK_LIVE_TEXT, "priority"},
	{"admindir", PK_LIVE_TEXT, "database it is in"},
	{"list_mtime", PK_LIVE_TIME, "when the package's list of files was written: installed or upgraded"},
	{0},
};

static void put(struct pk_live_out *out, struct pk_str paragraph, const char *field, const char *key)
{
	live_kopt(out, key, live_control_get(paragraph, pk_str(field)));
}

static void put_installed(struct pk_live_out *out, int info, struct pk_str name, struct pk_str arch)
{
	PK_AUTO(pk_buf) file = {0};
	struct stat st;

	if (info < 0 || !name.n || pk_str_find(name, '/') < name.n)
		return;
	pk_buf_put_str(&file, name);
	pk_buf_puts(&file, ".list");
	if (file.oom)
		return;
	if (fstatat(info, file.p, &st, AT_SYMLINK_NOFOLLOW) < 0) { /* Multi-Arch: same */
		pk_buf_reset(&file);
		pk_buf_put_str(&file, name);
		pk_buf_put_c(&file, ':');
		pk_buf_put_str(&file, arch);
		pk_buf_puts(&file, ".list");
		if (file.oom || fstatat(info, file.p, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return;
	}
	pk_json_ktime(&out->json, "list_mtime", (struct pk_time){st.st_mtim.tv_sec, (uint32_t)st.st_mtim.tv_nsec});
}

static int package_row(struct pk_live_out *out, struct pk_str p, struct pk_str admindir, int info, struct pk_err *err)
{
	struct pk_str name = live_control_get(p, PK_STR("Package")), version = live_control_get(p, PK_STR("Version"));
	struct pk_json *j = live_row(out);
	size_t dash = version.n;
	uint64_t size;

	live_kbytes(out, "name", name);
	live_kopt(out, "version", version);
	put(out, p, "Source", "source");
	if (live_u64(live_control_get(p, PK_STR("Installed-Size")), &size) && size <= INT64_MAX)
		pk_json_kuint(j, "size", size);
	put(out, p, "Architecture", "arch");
	while (dash > 0 && version.p[dash - 1] != '-')
		dash--;
	if (dash > 0)
		live_kopt(out, "revision", pk_str_n(version.p + dash, version.n - dash));
	put(out, p, "Status", "status");
	put(out, p, "Maintainer", "maintainer");
	put(out, p, "Section", "section");
	put(out, p, "Priority", "priority");
	live_kbytes(out, "admindir", admindir);
	put_installed(out, info, name, live_control_get(p, PK_STR("Architecture")));
	return live_emit(out, err);
}

static int file_rows(struct pk_live_out *out, struct pk_str text, struct pk_str admindir, int info, struct pk_err *err)
{
	struct pk_str p;

	while (live_control_next(&text, &p))
		if (live_control_get(p, PK_STR("Package")).n && package_row(out, p, admindir, info, err) < 0)
			return -1;
	return 0;
}

static int rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	struct pk_str admindir = PK_STR("/var/lib/dpkg");
	PK_AUTO(pk_strv) names = {0};
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_buf) path = {0};
	pk_autoclose int info = -1;
	pk_autoclose int parts = -1;

	if (live_dir_root(ctx, PK_STR("/var/lib/dpkg/info"), &info) != 0)
		info = -1;
	if (live_text_root(ctx, out, PK_STR("/var/lib/dpkg/status"), &text) &&
	    file_rows(out, pk_buf_str(&text), admindir, info, err) < 0)
		return -1;
	/* images without dpkg itself keep a file for each package */
	if (live_dir_root(ctx, PK_STR("/var/lib/dpkg/status.d"), &parts) != 0 || live_list(parts, &names) != 0)
		return 0;
	for (size_t i = 0; i < names.n; i++)
		if (!pk_str_ends(pk_str(names.v[i]), PK_STR(".md5sums")) &&
		    live_text_root(ctx, out, live_join(&path, PK_STR("/var/lib/dpkg/status.d"), pk_str(names.v[i])),
				   &text) &&
		    file_rows(out, pk_buf_str(&text), admindir, -1, err) < 0)
			return -1;
	return 0;
}

const struct pk_live_table live_deb_packages = {
	.name = "deb_packages",
	.doc = "packages by dpkg's database",
	.columns = columns,
	.rows = rows,
};
