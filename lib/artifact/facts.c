/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about the host, gathered from files of its root. */
#include <picket/facts.h>
#include "facts_priv.h"
#include "quiet_open.h"

#include <picket/io.h>
#include <picket/limits.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define TEXTS(f) \
	{ \
		&(f)->hostname, &(f)->machine_id, &(f)->os_id, &(f)->os_name, &(f)->os_version, &(f)->os_version_id, \
			&(f)->os_pretty_name, &(f)->timezone, &(f)->language, &(f)->dmi_uuid, &(f)->dmi_serial, \
			&(f)->root_uuid, &(f)->boot_id, &(f)->kernel \
	}

void pk_facts_done(struct pk_facts *f)
{
	char **const texts[] = TEXTS(f);

	for (size_t i = 0; i < PK_LEN(texts); i++)
		free(*texts[i]);
	for (size_t i = 0; i < f->users_n; i++) {
		free(f->users[i].name);
		free(f->users[i].home);
		free(f->users[i].shell);
	}
	for (size_t i = 0; i < f->groups_n; i++)
		free(f->groups[i].name);
	for (size_t i = 0; i < f->homes_n; i++) {
		free(f->homes[i].path);
		free(f->homes[i].user);
	}
	free(f->users);
	free(f->groups);
	free(f->homes);
	free(f->by_uid);
	free(f->by_gid);
	pk_strv_done(&f->notes);
	*f = (struct pk_facts){0};
}

/* --- names for numbers ----------------------------------------------------------------------------- */

static int by_uid(const void *a, const void *b, void *users)
{
	const struct pk_user *v = users;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (v[x].uid != v[y].uid)
		return v[x].uid < v[y].uid ? -1 : 1;
	return (x > y) - (x < y);
}

static int by_gid(const void *a, const void *b, void *groups)
{
	const struct pk_group *v = groups;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (v[x].gid != v[y].gid)
		return v[x].gid < v[y].gid ? -1 : 1;
	return (x > y) - (x < y);
}

static uint32_t *sorted(void *v, size_t n, int (*cmp)(const void *, const void *, void *))
{
	uint32_t *order = calloc(n + 1, sizeof(*order));

	for (size_t i = 0; order && i < n; i++)
		order[i] = (uint32_t)i;
	if (order && n)
		qsort_r(order, n, sizeof(*order), cmp, v);
	return order;
}

static int index_names(struct pk_facts *f, struct pk_err *err)
{
	f->by_uid = sorted(f->users, f->users_n, by_uid);
	f->by_gid = sorted(f->groups, f->groups_n, by_gid);
	return f->by_uid && f->by_gid ? 0 : pk_fail_oom(err);
}

const char *pk_facts_user(const struct pk_facts *f, uint32_t uid)
{
	size_t lo = 0, hi = f->by_uid ? f->users_n : 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (f->users[f->by_uid[mid]].uid < uid)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (f->by_uid && lo < f->users_n && f->users[f->by_uid[lo]].uid == uid)
		return f->users[f->by_uid[lo]].name;
	return NULL;
}

const char *pk_facts_group(const struct pk_facts *f, uint32_t gid)
{
	size_t lo = 0, hi = f->by_gid ? f->groups_n : 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (f->groups[f->by_gid[mid]].gid < gid)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (f->by_gid && lo < f->groups_n && f->groups[f->by_gid[lo]].gid == gid)
		return f->groups[f->by_gid[lo]].name;
	return NULL;
}

/* --- reading --------------------------------------------------------------------------------------- */

int facts_note(struct pk_facts *f, struct pk_err *err, const char *fmt, ...)
{
	PK_AUTO(pk_buf) b = {0};
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	pk_buf_put_safe(&b, pk_str(text));
	if (pk_buf_check(&b, err) < 0)
		return -1;
	return pk_strv_add(&f->notes, pk_buf_str(&b), err);
}

enum read_result { READ_OK, READ_NONE };

/* A file's text: regular files only, links resolved inside the root. READ_NONE leaves a note unless the file is
 * just not there and need not be. -1 only without memory. */
static int read_fact(struct pk_facts *f, const struct pk_root *root, const char *path, bool must, struct pk_buf *ret,
		     struct pk_err *err)
{
	pk_autoclose int seen = -1, fd = -1;
	struct pk_err why = {0};
	struct stat st;
	bool oom = false;

	pk_buf_reset(ret);
	if (pk_root_openat(root, pk_str(path), O_PATH, 0, &seen, &why) < 0) {
		if ((why.sys == ENOENT || why.sys == ENOTDIR) && !must)
			return READ_NONE;
	} else if (fstat(seen, &st) < 0 || !S_ISREG(st.st_mode)) {
		(void)pk_fail(&why, PK_EFORMAT, 0, "'%s' is not a regular file", path);
	} else if (quiet_reopen(seen, &fd) < 0) {
		(void)pk_fail(&why, PK_ESYS, errno, "cannot open '%s'", path);
	} else if (pk_read_all(fd, PK_MAX_FACT_FILE, ret, &why) == 0) {
		return READ_OK;
	}
	oom = ret->oom;
	pk_buf_reset(ret);
	if (oom)
		return pk_fail_oom(err);
	return facts_note(f, err, "%s", why.msg) < 0 ? -1 : READ_NONE;
}

/* First line of a file, trimmed; *ret stays NULL when there is none. */
static int read_word(struct pk_facts *f, const struct pk_root *root, const char *path, char **ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str text, line = {0};
	int rc;

	if (*ret)
		return 0;
	rc = read_fact(f, root, path, false, &b, err);
	if (rc != READ_OK)
		return rc < 0 ? -1 : 0;
	text = pk_buf_str(&b);
	while (pk_str_line(&text, &line)) {
		line = pk_str_trim(line);
		if (line.n && line.p[0] != '#')
			break;
		line.n = 0;
	}
	if (!line.n || memchr(line.p, 0, line.n))
		return 0;
	*ret = pk_str_dup(line);
	return *ret ? 0 : pk_fail_oom(err);
}

/* --- who the host is ------------------------------------------------------------------------------- */

static int read_timezone(struct pk_facts *f, const struct pk_root *root, struct pk_err *err)
{
	pk_autoclose int fd = -1;
	char target[4096];
	const char *zone;
	ssize_t n;

	if (read_word(f, root, "/etc/timezone", &f->timezone, err) < 0)
		return -1;
	if (f->timezone || pk_root_openat(root, PK_STR("/etc/localtime"), O_PATH, PK_PATH_NOFOLLOW, &fd, NULL) < 0)
		return 0;
	n = readlinkat(fd, "", target, sizeof(target) - 1);
	if (n <= 0)
		return 0;
	target[n] = 0;
	zone = strstr(target, "zoneinfo/");
	if (!zone || !zone[9])
		return 0;
	f->timezone = pk_str_dup(pk_str(zone + 9));
	return f->timezone ? 0 : pk_fail_oom(err);
}

int pk_facts_parse_language(char **ret, struct pk_str text, struct pk_err *err)
{
	struct pk_str line;
	pk_autofree char *value = NULL;

	while (pk_str_line(&text, &line)) {
		struct pk_str key;

		line = pk_str_trim(line);
		if (!pk_str_split(&line, '=', &key) || !line.p || !pk_str_eq(key, PK_STR("LANG")))
			continue;
		if (line.n > 0 && (*line.p == '"' || *line.p == '\''))
			line = pk_str_n(line.p + 1, line.n - 1);
		line.n = PK_MIN(pk_str_find(line, '.'), pk_str_find(line, '@'));
		line.n = PK_MIN(line.n, PK_MIN(pk_str_find(line, '"'), pk_str_find(line, '\'')));
		if (line.n == 0 || memchr(line.p, 0, line.n))
			continue;
		free(value);
		value = pk_str_dup(line);
		if (!value)
			return pk_fail_oom(err);
		for (char *c = value; *c; c++)
			*c = *c == '_' ? '-' : *c;
	}
	if (value) {
		free(*ret);
		*ret = pk_steal(&value);
	}
	return 0;
}

static int read_language(struct pk_facts *f, const struct pk_root *root, struct pk_err *err)
{
	static const char *const places[] = {"/etc/default/locale", "/etc/locale.conf"};

	for (size_t i = 0; i < PK_LEN(places) && !f->language; i++) {
		PK_AUTO(pk_buf) b = {0};
		int rc = read_fact(f, root, places[i], false, &b, err);

		if (rc < 0 || (rc == READ_OK && pk_facts_parse_language(&f->language, pk_buf_str(&b), err) < 0))
			return -1;
	}
	return 0;
}

static int read_os_release(struct pk_facts *f, const struct pk_root *root, struct pk_err *err)
{
	static const char *const places[] = {"/etc/os-release", "/usr/lib/os-release"};
	PK_AUTO(pk_buf) b = {0};

	for (size_t i = 0; i < PK_LEN(places); i++) {
		int rc = read_fact(f, root, places[i], i > 0, &b, err);

		if (rc < 0)
			return -1;
		if (rc == READ_OK)
			return pk_facts_parse_os_release(f, pk_buf_str(&b), err);
	}
	return 0;
}

static int read_live(struct pk_facts *f, const struct pk_root *root, struct pk_err *err)
{
	struct utsname u;

	if (read_word(f, root, "/sys/class/dmi/id/product_uuid", &f->dmi_uuid, err) < 0 ||
	    read_word(f, root, "/sys/class/dmi/id/product_serial", &f->dmi_serial, err) < 0 ||
	    read_word(f, root, "/proc/sys/kernel/random/boot_id", &f->boot_id, err) < 0)
		return -1;
	if (uname(&u) == 0) {
		f->kernel = pk_str_dup(pk_str(u.release));
		if (!f->hostname)
			f->hostname = pk_str_dup(pk_str(u.nodename));
		if (!f->kernel || !f->hostname)
			return pk_fail_oom(err);
	}
	return facts_root_uuid(f, root, err);
}

static int read_names(struct pk_facts *f, const struct pk_root *root, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	size_t bad = 0;
	int rc = read_fact(f, root, "/etc/passwd", true, &b, err);

	if (rc < 0 || (rc == READ_OK && pk_facts_parse_passwd(f, pk_buf_str(&b), &bad, err) < 0))
		return -1;
	if (bad && facts_note(f, err, "'/etc/passwd': %zu lines not understood", bad) < 0)
		return -1;
	bad = 0;
	rc = read_fact(f, root, "/etc/group", true, &b, err);
	if (rc < 0 || (rc == READ_OK && pk_facts_parse_group(f, pk_buf_str(&b), &bad, err) < 0))
		return -1;
	if (bad && facts_note(f, err, "'/etc/group': %zu lines not understood", bad) < 0)
		return -1;
	return 0;
}

int pk_facts_read_names(struct pk_facts *f, const struct pk_root *root, struct pk_err *err)
{
	if (read_timezone(f, root, err) < 0 || read_language(f, root, err) < 0 || read_names(f, root, err) < 0)
		return -1;
	return index_names(f, err);
}

/* All of them go into one record: no host may make it too long. */
static int cut_texts(struct pk_facts *f, struct pk_err *err)
{
	char **const texts[] = TEXTS(f);

	for (size_t i = 0; i < PK_LEN(texts); i++) {
		if (!*texts[i] || strlen(*texts[i]) <= PK_MAX_FACT_TEXT)
			continue;
		(*texts[i])[PK_MAX_FACT_TEXT] = '\0';
		if (facts_note(f, err, "a text of %.40s... is longer than %d bytes and was cut", *texts[i],
			       PK_MAX_FACT_TEXT) < 0)
			return -1;
	}
	return 0;
}

int pk_facts_read(struct pk_facts *f, const struct pk_root *root, struct pk_err *err)
{
	if (read_word(f, root, "/etc/hostname", &f->hostname, err) < 0 ||
	    read_word(f, root, "/etc/machine-id", &f->machine_id, err) < 0 ||
	    read_word(f, root, "/var/lib/dbus/machine-id", &f->machine_id, err) < 0 ||
	    read_os_release(f, root, err) < 0 || pk_facts_read_names(f, root, err) < 0 ||
	    (root->is_host && read_live(f, root, err) < 0) || cut_texts(f, err) < 0)
		return -1;
	return facts_homes(f, root, err);
}
