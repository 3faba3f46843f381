/* SPDX-License-Identifier: Apache-2.0 */
/* Table `systemd_units`: unit files and drop-ins as they are on disk, in every folder systemd looks into. */
#include "accounts.h"
#include "tables.h"

#include <fcntl.h>
#include <unistd.h>

#define MAX_UNIT_FILE (1u << 20)

static const struct pk_live_column columns[] = {
	{"id", PK_LIVE_TEXT, "name of the unit"},
	{"description", PK_LIVE_TEXT, "Description="},
	{"load_state", PK_LIVE_TEXT, "loaded, masked (to /dev/null, or empty), alias (a link to another unit)"},
	{"active_state", PK_LIVE_TEXT, "active where a control group of the running host has its name"},
	{"fragment_path", PK_LIVE_TEXT, "the file"},
	{"user", PK_LIVE_TEXT, "User="},
	{"source_path", PK_LIVE_TEXT, "SourcePath="},
	{"scope", PK_LIVE_TEXT, "system, or user for units of login sessions"},
	{"drop_in", PK_LIVE_INTEGER, "1: a file of a UNIT.d folder, changing the unit `id`"},
	{"enabled", PK_LIVE_INTEGER, "1: a .wants, .requires or .upholds folder links to it"},
	{"target", PK_LIVE_TEXT, "where a link leads"},
	{"exec_start", PK_LIVE_TEXT, "ExecStart= lines, by newlines"},
	{"exec_other", PK_LIVE_TEXT, "other Exec...= lines with their keys, by newlines"},
	{"trigger", PK_LIVE_TEXT, "On...=, Listen...=, Path...= and mount settings with their keys, by newlines"},
	{"environment", PK_LIVE_TEXT, "Environment= and EnvironmentFile= with their keys, by newlines"},
	{"wanted_by", PK_LIVE_TEXT, "WantedBy=, RequiredBy= and Alias= with their keys, by newlines"},
	{"working_directory", PK_LIVE_TEXT, "WorkingDirectory="},
	{"mtime", PK_LIVE_TIME, "when the file was last written"},
	{"uid", PK_LIVE_BIGINT, "owner of the file"},
	{0},
};

static const char *const system_folders[] =
	{
		"/etc/systemd/system.control",   "/run/systemd/system.control",  "/run/systemd/transient",
		"/run/systemd/generator.early",  "/etc/systemd/system",          "/etc/systemd/system.attached",
		"/run/systemd/system",           "/run/systemd/system.attached", "/run/systemd/generator",
		"/usr/local/lib/systemd/system", "/usr/lib/systemd/system",      "/lib/systemd/system",
		"/run/systemd/generator.late",
},
			 *const user_folders[] =
				 {
					 "/etc/systemd/user",
					 "/run/systemd/user",
					 "/usr/local/lib/systemd/user",
					 "/usr/lib/systemd/user",
					 "/usr/local/share/systemd/user",
					 "/usr/share/systemd/user",
},
			 *const home_folders[] = {".config/systemd/user", ".local/share/systemd/user",
						  ".config/systemd/user.control"};

struct work {
	const struct pk_live_ctx *ctx;
	struct pk_live_out *out;
	struct pk_strv enabled; /* names in .wants and .requires folders, sorted */
	struct live_keys seen;  /* inodes of folders done (lib may be usr/lib) */
	struct pk_strv active;  /* names of control groups, sorted */
};

static void work_done(struct work *w)
{
	pk_strv_done(&w->enabled);
	pk_strv_done(&w->active);
	live_keys_done(&w->seen);
}

static bool is_unit(struct pk_str name)
{
	static const char *const kinds[] = {".service", ".socket", ".timer", ".path",  ".mount", ".automount",
					    ".swap",    ".target", ".slice", ".scope", ".device"};

	for (size_t i = 0; i < PK_LEN(kinds); i++)
		if (pk_str_ends(name, pk_str(kinds[i])) && name.n > strlen(kinds[i]))
			return true;
	return false;
}

static bool wants_folder(struct pk_str name)
{
	return pk_str_ends(name, PK_STR(".wants")) || pk_str_ends(name, PK_STR(".requires")) ||
	       pk_str_ends(name, PK_STR(".upholds"));
}

/* --- one file -------------------------------------------------------------------------------------------------- */

struct unit {
	struct pk_buf description, user, source, exec_start, exec_other, trigger, environment, wanted, folder;
};

static void unit_done(struct unit *u)
{
	pk_buf_done(&u->description);
	pk_buf_done(&u->user);
	pk_buf_done(&u->source);
	pk_buf_done(&u->exec_start);
	pk_buf_done(&u->exec_other);
	pk_buf_done(&u->trigger);
	pk_buf_done(&u->environment);
	pk_buf_done(&u->wanted);
	pk_buf_done(&u->folder);
}

static void add(struct pk_buf *b, struct pk_str key, struct pk_str value)
{
	if (b->n)
		pk_buf_put_c(b, '\n');
	if (key.n) {
		pk_buf_put_str(b, key);
		pk_buf_put_c(b, '=');
	}
	pk_buf_put_str(b, value);
}

static void set(struct pk_buf *b, struct pk_str value)
{
	pk_buf_reset(b);
	pk_buf_put_str(b, value);
}

static bool is_trigger(struct pk_str key)
{
	static const char *const starts[] = {"On",      "Listen",       "Path",       "DirectoryNotEmpty",  "What",
					     "Where",   "Unit",         "Persistent", "RandomizedDelaySec", "BusName",
					     "Sockets", "MakeDirectory"};

	for (size_t i = 0; i < PK_LEN(starts); i++)
		if (pk_str_starts(key, pk_str(starts[i])))
			return true;
	return false;
}

static void read_unit(struct pk_str text, struct unit *u)
{
	struct live_unit_cur c = {.rest = text};
	struct pk_str key, value, none = PK_STR("");

	while (live_unit_next(&c, &key, &value)) {
		if (pk_str_eq(key, PK_STR("Description")))
			set(&u->description, value);
		else if (pk_str_eq(key, PK_STR("User")))
			set(&u->user, value);
		else if (pk_str_eq(key, PK_STR("SourcePath")))
			set(&u->source, value);
		else if (pk_str_eq(key, PK_STR("WorkingDirectory")))
			set(&u->folder, value);
		else if (pk_str_eq(key, PK_STR("ExecStart")))
			add(&u->exec_start, none, value);
		else if (pk_str_starts(key, PK_STR("Exec")))
			add(&u->exec_other, key, value);
		else if (pk_str_starts(key, PK_STR("Environment")) || pk_str_eq(key, PK_STR("PassEnvironment")))
			add(&u->environment, key, value);
		else if (pk_str_eq(c.section, PK_STR("Install")))
			add(&u->wanted, key, value);
		else if (is_trigger(key))
			add(&u->trigger, key, value);
	}
	pk_buf_done(&c.joined);
}

struct found {
	struct pk_str id, path, scope;
	bool drop_in;
	struct stat st;
	const char *name; /* within dir */
	int dir;
};

static int unit_row(struct work *w, const struct found *f, struct pk_err *err)
{
	PK_AUTO(unit) u = {0};
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_buf) target = {0};
	pk_autofree char *id = pk_str_dup(f->id);
	const char *state = "loaded";
	struct pk_json *j;
	bool cut = false;

	if (!id)
		return pk_fail_oom(err);
	if (S_ISLNK(f->st.st_mode)) {
		(void)live_readlink_at(f->dir, f->name, &target);
		state = pk_str_eq(pk_buf_str(&target), PK_STR("/dev/null")) ? "masked" : "alias";
	} else if (S_ISREG(f->st.st_mode)) {
		int e = live_read_at(f->dir, f->name, MAX_UNIT_FILE, &text, &cut);

		if (e && !live_vanished(e))
			pk_live_note(w->out, "'%.*s': %s", PK_STR_ARG(f->path), strerror(e));
		if (cut)
			pk_live_note(w->out, "'%.*s' is larger than %u bytes: the rest was not read",
				     PK_STR_ARG(f->path), MAX_UNIT_FILE);
		if (f->st.st_size == 0 && !f->drop_in)
			state = "masked";
		read_unit(pk_buf_str(&text), &u);
	}
	j = live_row(w->out);
	live_kbytes(w->out, "id", f->id);
	live_kopt(w->out, "description", pk_buf_str(&u.description));
	pk_json_kz(j, "load_state", state);
	if (!f->drop_in && pk_strv_has(&w->active, id))
		pk_json_kz(j, "active_state", "active");
	live_kbytes(w->out, "fragment_path", f->path);
	live_kopt(w->out, "user", pk_buf_str(&u.user));
	live_kopt(w->out, "source_path", pk_buf_str(&u.source));
	live_kbytes(w->out, "scope", f->scope);
	if (f->drop_in)
		pk_json_kint(j, "drop_in", 1);
	pk_json_kint(j, "enabled", pk_strv_has(&w->enabled, id));
	live_kopt(w->out, "target", pk_buf_str(&target));
	live_kopt(w->out, "exec_start", pk_buf_str(&u.exec_start));
	live_kopt(w->out, "exec_other", pk_buf_str(&u.exec_other));
	live_kopt(w->out, "trigger", pk_buf_str(&u.trigger));
	live_kopt(w->out, "environment", pk_buf_str(&u.environment));
	live_kopt(w->out, "wanted_by", pk_buf_str(&u.wanted));
	live_kopt(w->out, "working_directory", pk_buf_str(&u.folder));
	pk_json_ktime(j, "mtime", (struct pk_time){f->st.st_mtim.tv_sec, (uint32_t)f->st.st_mtim.tv_nsec});
	pk_json_kuint(j, "uid", f->st.st_uid);
	return live_emit(w->out, err);
}

/* --- folders ------------------------------------------------------------------------------------------------------ */

static int drop_ins(struct work *w, int dir, const char *name, struct pk_str folder, struct pk_str scope,
		    struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};
	PK_AUTO(pk_buf) path = {0};
	pk_autoclose int sub = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct pk_str id = pk_str(name);

	id.n -= 2;
	if (sub < 0 || live_list(sub, &names) != 0)
		return 0;
	for (size_t i = 0; i < names.n; i++) {
		struct found f = {.id = id, .scope = scope, .drop_in = true, .name = names.v[i], .dir = sub};

		if (!pk_str_ends(pk_str(names.v[i]), PK_STR(".conf")) ||
		    fstatat(sub, names.v[i], &f.st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		pk_buf_reset(&path);
		pk_buf_put_str(&path, folder);
		pk_buf_putf(&path, "/%s/%s", name, names.v[i]);
		f.path = pk_buf_str(&path);
		if (unit_row(w, &f, err) < 0)
			return -1;
	}
	return 0;
}

/* `rows` false: only learns what is enabled. */
static int folder_units(struct work *w, struct pk_str folder, const char *scope, bool rows, struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};
	PK_AUTO(pk_buf) path = {0};
	pk_autoclose int dir = -1;
	int e = live_dir_root(w->ctx, folder, &dir);
	struct stat st;

	if (e == 0)
		e = live_list(dir, &names);
	if (e && e != ENOENT && e != ENOTDIR)
		pk_live_note(w->out, "'%.*s': %s", PK_STR_ARG(folder), strerror(e));
	if (e || fstat(dir, &st) < 0)
		return 0;
	if (rows) {
		for (size_t i = 0; i < w->seen.n; i++)
			if (w->seen.v[i] == (st.st_ino ^ (uint64_t)st.st_dev << 40))
				return 0;
		if (live_keys_add(&w->seen, st.st_ino ^ (uint64_t)st.st_dev << 40, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < names.n; i++) {
		struct found f = {.id = pk_str(names.v[i]), .scope = pk_str(scope), .name = names.v[i], .dir = dir};

		if (fstatat(dir, names.v[i], &f.st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (!rows && S_ISDIR(f.st.st_mode) && wants_folder(f.id)) {
			PK_AUTO(pk_strv) wanted = {0};
			pk_autoclose int sub = openat(dir, names.v[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

			if (sub < 0 || live_list(sub, &wanted) != 0)
				continue;
			for (size_t k = 0; k < wanted.n; k++)
				if (pk_strv_add(&w->enabled, pk_str(wanted.v[k]), err) < 0)
					return -1;
		} else if (rows && S_ISDIR(f.st.st_mode) && pk_str_ends(f.id, PK_STR(".d")) && f.id.n > 2) {
			if (drop_ins(w, dir, names.v[i], folder, f.scope, err) < 0)
				return -1;
		} else if (rows && !S_ISDIR(f.st.st_mode) && is_unit(f.id)) {
			f.path = live_join(&path, folder, f.id);
			if (unit_row(w, &f, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int home_units(struct work *w, bool rows, struct pk_err *err)
{
	PK_AUTO(live_accounts) accounts = {0};
	PK_AUTO(live_homes) homes = {0};
	PK_AUTO(pk_buf) path = {0};

	if (live_accounts_read(w->ctx, w->out, &accounts, err) < 0 ||
	    live_homes_find(w->ctx, w->out, &accounts, &homes, err) < 0)
		return -1;
	for (size_t i = 0; i < homes.n; i++)
		for (size_t k = 0; k < PK_LEN(home_folders); k++)
			if (folder_units(w, live_join(&path, homes.v[i].path, pk_str(home_folders[k])), "user", rows,
					 err) < 0)
				return -1;
	return 0;
}

static int all_folders(struct work *w, bool rows, struct pk_err *err)
{
	for (size_t i = 0; i < PK_LEN(system_folders); i++)
		if (folder_units(w, pk_str(system_folders[i]), "system", rows, err) < 0)
			return -1;
	for (size_t i = 0; i < PK_LEN(user_folders); i++)
		if (folder_units(w, pk_str(user_folders[i]), "user", rows, err) < 0)
			return -1;
	return rows ? home_units(w, rows, err) : 0;
}

/* Names of control groups: systemd gives each running unit one. */
static int learn_active(int dir, unsigned depth, struct pk_strv *ret, struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};

	if (depth > 6 || live_list(dir, &names) != 0)
		return 0;
	for (size_t i = 0; i < names.n; i++) {
		pk_autoclose int sub = -1;

		if (!is_unit(pk_str(names.v[i])))
			continue;
		if (pk_strv_add(ret, pk_str(names.v[i]), err) < 0)
			return -1;
		sub = openat(dir, names.v[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub >= 0 && learn_active(sub, depth + 1, ret, err) < 0)
			return -1;
	}
	return 0;
}

static int rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	static const char *const hierarchies[] = {"fs/cgroup", "fs/cgroup/systemd", "fs/cgroup/unified"};
	PK_AUTO(work) w = {.ctx = ctx, .out = out};

	for (size_t i = 0; ctx->sys_fd >= 0 && i < PK_LEN(hierarchies); i++) {
		pk_autoclose int dir = openat(ctx->sys_fd, hierarchies[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (dir >= 0 && learn_active(dir, 0, &w.active, err) < 0)
			return -1;
	}
	if (all_folders(&w, false, err) < 0)
		return -1;
	pk_strv_uniq(&w.enabled);
	pk_strv_uniq(&w.active);
	return all_folders(&w, true, err);
}

const struct pk_live_table live_systemd_units = {
	.name = "systemd_units",
	.doc = "unit files and drop-ins as they are on disk: services, timers, sockets, mounts...",
	.columns = columns,
	.rows = rows,
};
