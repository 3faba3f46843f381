/* SPDX-License-Identifier: Apache-2.0 */
/* Table `kernel_modules`: three views of what is loaded; one that a module hides from gives it away. */
#include "live.h"
#include "tables.h"

#include <fcntl.h>
#include <unistd.h>

static const struct pk_live_column columns[] = {
	{"name", PK_LIVE_TEXT, "module"},
	{"size", PK_LIVE_BIGINT, "bytes"},
	{"used_by", PK_LIVE_TEXT, "modules that need it, by commas"},
	{"status", PK_LIVE_TEXT, "Live, Loading, Unloading"},
	{"address", PK_LIVE_TEXT, "where it is loaded; zero when the kernel keeps it secret"},
	{"references", PK_LIVE_BIGINT, "users"},
	{"taint", PK_LIVE_TEXT, "taint letters: O out-of-tree, E unsigned, F forced, P proprietary..."},
	{"version", PK_LIVE_TEXT, "version the module states"},
	{"source_version", PK_LIVE_TEXT, "checksum of its sources"},
	{"in_proc", PK_LIVE_INTEGER, "1: /proc/modules lists it"},
	{"in_sysfs", PK_LIVE_INTEGER, "1: /sys/module lists it as loaded"},
	{"in_kallsyms", PK_LIVE_INTEGER, "1: /proc/kallsyms has symbols of it"},
	{"hidden", PK_LIVE_INTEGER, "1: the kernel's other views know it and /proc/modules does not"},
	{0},
};

struct module {
	struct pk_str name;
	struct pk_str f[7]; /* of /proc/modules: name size references used_by status address taint */
	bool proc, sys, symbols;
};
struct modules {
	struct module *v;
	size_t n, cap;
};

static void modules_done(struct modules *m) { free(m->v); }

static struct module *get(struct modules *m, struct pk_str name, struct pk_err *err)
{
	for (size_t i = 0; i < m->n; i++)
		if (pk_str_eq(m->v[i].name, name))
			return &m->v[i];
	if (m->n >= 65536 || !pk_grow(&m->v, &m->cap, m->n + 1, sizeof(*m->v))) {
		pk_fail_oom(err);
		return NULL;
	}
	m->v[m->n] = (struct module){.name = name};
	return &m->v[m->n++];
}

static int read_proc(struct pk_str text, struct modules *m, struct pk_err *err)
{
	struct pk_str line;

	while (pk_str_line(&text, &line)) {
		struct pk_str f[7] = {0};
		struct module *k;

		for (size_t i = 0; i < PK_LEN(f) && live_word(&line, &f[i]); i++)
			;
		if (!f[0].n)
			continue;
		k = get(m, f[0], err);
		if (!k)
			return -1;
		memcpy(k->f, f, sizeof(f));
		k->proc = true;
	}
	return 0;
}

/* Built-in modules have no "initstate". */
static int read_sys(int dir, const struct pk_strv *names, struct modules *m, struct pk_err *err)
{
	for (size_t i = 0; i < names->n; i++) {
		pk_autoclose int sub = openat(dir, names->v[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		struct module *k;

		if (sub < 0 || faccessat(sub, "initstate", F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		k = get(m, pk_str(names->v[i]), err);
		if (!k)
			return -1;
		k->sys = true;
	}
	return 0;
}

/* "ffffffffc0000000 t name\t[module]" */
static int read_symbols(struct pk_str text, struct modules *m, struct pk_err *err)
{
	struct pk_str line, last = {0};

	while (pk_str_line(&text, &line)) {
		size_t open;
		struct pk_str name;
		struct module *k;

		if (!line.n || line.p[line.n - 1] != ']')
			continue;
		open = pk_str_find(line, '[');
		name = pk_str_n(line.p + open + 1, line.n - open - 2);
		if (open + 2 > line.n || pk_str_eq(name, last) || pk_str_eq(name, PK_STR("bpf")) ||
		    pk_str_starts(name, PK_STR("__builtin")))
			continue;
		last = name;
		k = get(m, name, err);
		if (!k)
			return -1;
		k->symbols = true;
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return pk_str_cmp(((const struct module *)a)->name, ((const struct module *)b)->name);
}

static void put_number(struct pk_json *j, const char *key, struct pk_str s)
{
	uint64_t v;

	if (live_u64(s, &v) && v <= INT64_MAX)
		pk_json_kuint(j, key, v);
}

static int row(struct pk_live_out *out, int sys, const struct module *k, bool symbols, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	pk_autofree char *name = pk_str_dup(k->name);
	pk_autoclose int dir = -1;
	struct pk_str used = k->f[3];
	struct pk_json *j = live_row(out);

	if (!name)
		return pk_fail_oom(err);
	if (sys >= 0 && pk_str_find(k->name, '/') == k->name.n && k->name.p[0] != '.')
		dir = openat(sys, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	live_kbytes(out, "name", k->name);
	put_number(j, "size", k->proc ? k->f[1] : live_line_at(dir, "coresize", &b));
	if (used.n && used.p[used.n - 1] == ',')
		used.n--;
	live_kopt(out, "used_by", used);
	live_kopt(out, "status", k->f[4]);
	live_kopt(out, "address", k->f[5]);
	put_number(j, "references", k->proc ? k->f[2] : live_line_at(dir, "refcnt", &b));
	live_kopt(out, "taint", live_line_at(dir, "taint", &b));
	live_kopt(out, "version", live_line_at(dir, "version", &b));
	live_kopt(out, "source_version", live_line_at(dir, "srcversion", &b));
	pk_json_kint(j, "in_proc", k->proc);
	pk_json_kint(j, "in_sysfs", k->sys);
	if (symbols)
		pk_json_kint(j, "in_kallsyms", k->symbols);
	if (!k->proc)
		pk_json_kint(j, "hidden", 1);
	return live_emit(out, err);
}

static int rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(pk_buf) proc = {0};
	PK_AUTO(pk_buf) symbols = {0};
	PK_AUTO(pk_strv) names = {0};
	PK_AUTO(modules) m = {0};
	pk_autoclose int sys = -1;
	bool cut = false, have_symbols;
	int e = live_read_at(ctx->proc_fd, "modules", PK_LIVE_MAX_FILE, &proc, &cut);

	if (e && e != ENOENT)
		pk_live_note(out, "/proc/modules: %s", strerror(e));
	if (ctx->sys_fd >= 0)
		sys = openat(ctx->sys_fd, "module", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sys >= 0 && (e = live_list(sys, &names)) != 0)
		pk_live_note(out, "/sys/module: %s", strerror(e));
	e = live_read_at(ctx->proc_fd, "kallsyms", PK_LIVE_MAX_FILE, &symbols, &cut);
	if (e && e != ENOENT)
		pk_live_note(out, "/proc/kallsyms: %s", strerror(e));
	have_symbols = e == 0;
	if (read_proc(pk_buf_str(&proc), &m, err) < 0 || (sys >= 0 && read_sys(sys, &names, &m, err) < 0) ||
	    read_symbols(pk_buf_str(&symbols), &m, err) < 0)
		return -1;
	if (m.n)
		qsort(m.v, m.n, sizeof(*m.v), by_name);
	for (size_t i = 0; i < m.n; i++)
		if (row(out, sys, &m.v[i], have_symbols, err) < 0)
			return -1;
	return 0;
}

const struct pk_live_table live_kernel_modules = {
	.name = "kernel_modules",
	.doc = "loaded modules by three views of the kernel, and which of them hide",
	.columns = columns,
	.host_only = true,
	.rows = rows,
};
