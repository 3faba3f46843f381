/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of indicator sets: files and folders of them, or bytes from a kit. */
#include <picket/io.h>
#include <picket/ioc.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FOLDER_DEPTH 16

static void file_done(struct pk_ioc_file *f)
{
	free(f->name);
	free(f->path);
	free(f->data);
}

void pk_ioc_files_done(struct pk_ioc_files *files)
{
	for (size_t i = 0; i < files->n; i++)
		file_done(&files->v[i]);
	free(files->v);
	*files = (struct pk_ioc_files){0};
}

static bool name_taken(const struct pk_ioc_files *files, const char *name)
{
	for (size_t i = 0; i < files->n; i++)
		if (strcmp(files->v[i].name, name) == 0)
			return true;
	return false;
}

/* Either path or data. */
static int add(struct pk_ioc_files *files, const char *name, const char *path, struct pk_str data, struct pk_err *err)
{
	struct pk_ioc_file f = {.n = data.n};
	PK_AUTO(pk_buf) own = {0};

	if (files->n >= PK_IOC_MAX_FILES)
		return pk_fail(err, PK_ELIMIT, 0, "more than %d sets of indicators", PK_IOC_MAX_FILES);
	pk_buf_puts(&own, name);
	for (unsigned i = 2; !own.oom && name_taken(files, own.p); i++) {
		pk_buf_reset(&own);
		pk_buf_putf(&own, "%s#%u", name, i);
	}
	f.name = pk_buf_take(&own);
	if (path)
		f.path = pk_str_dup(pk_str(path));
	else
		f.data = pk_str_dup(data);
	if (!f.name || (!f.path && !f.data) || !pk_grow(&files->v, &files->cap, files->n + 1, sizeof(*files->v))) {
		file_done(&f);
		return pk_fail_oom(err);
	}
	files->v[files->n++] = f;
	return 0;
}

int pk_ioc_files_add(struct pk_ioc_files *files, const char *name, struct pk_str data, struct pk_err *err)
{
	return add(files, name, NULL, data, err);
}

static bool is_set_name(struct pk_str name)
{
	static const char *const ends[] = {".txt", ".csv", ".ioc", ".json"};

	for (size_t i = 0; i < PK_LEN(ends); i++)
		if (pk_str_ends_nocase(name, pk_str(ends[i])))
			return true;
	return false;
}

static int list(const char *path, struct pk_strv *names, struct pk_err *err)
{
	DIR *dir = opendir(path);
	int ret = 0, sys;

	if (!dir)
		return pk_fail(err, PK_ESYS, errno, "cannot list indicators '%s'", path);
	for (;;) {
		struct dirent *e;

		errno = 0;
		e = readdir(dir);
		sys = errno;
		if (!e)
			break;
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			ret = pk_strv_add(names, pk_str(e->d_name), err);
		if (ret < 0)
			break;
	}
	closedir(dir);
	if (ret == 0 && sys)
		ret = pk_fail(err, PK_ESYS, sys, "cannot list indicators '%s'", path);
	pk_strv_uniq(names);
	return ret;
}

static int load_folder(struct pk_ioc_files *files, const char *path, const char *rel, unsigned depth,
		       struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};

	if (depth > MAX_FOLDER_DEPTH)
		return pk_fail(err, PK_ELIMIT, 0, "indicators '%s': folders nested deeper than %d", path,
			       MAX_FOLDER_DEPTH);
	if (list(path, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		PK_AUTO(pk_buf) full = {0};
		PK_AUTO(pk_buf) name = {0};
		struct stat st;
		int ret = 0;

		pk_buf_putf(&full, "%s/%s", path, names.v[i]);
		pk_buf_putf(&name, "%s%s%s", rel, *rel ? "/" : "", names.v[i]);
		if (pk_buf_check(&full, err) < 0 || pk_buf_check(&name, err) < 0)
			return -1;
		if (lstat(full.p, &st) < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot open indicators '%s'", full.p);
		if (S_ISDIR(st.st_mode))
			ret = load_folder(files, full.p, name.p, depth + 1, err);
		else if (S_ISREG(st.st_mode) && is_set_name(pk_str(names.v[i])))
			ret = add(files, name.p, full.p, (struct pk_str){0}, err);
		if (ret < 0)
			return -1;
	}
	return 0;
}

int pk_ioc_files_load(struct pk_ioc_files *files, const char *path, struct pk_err *err)
{
	const char *slash = strrchr(path, '/');
	size_t before = files->n;
	struct stat st;

	if (stat(path, &st) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open indicators '%s'", path);
	if (S_ISREG(st.st_mode))
		return add(files, slash ? slash + 1 : path, path, (struct pk_str){0}, err);
	if (!S_ISDIR(st.st_mode))
		return pk_fail(err, PK_EUSAGE, 0, "indicators '%s' are neither a file nor a folder", path);
	if (load_folder(files, path, "", 0, err) < 0)
		return -1;
	if (files->n == before)
		return pk_fail(err, PK_EUSAGE, 0, "folder '%s' has no *.txt, *.csv, *.ioc or *.json file", path);
	return 0;
}
