/* SPDX-License-Identifier: Apache-2.0 */
/* Reads files and folders of rules, and what they include, into a list of sources. */
#include <picket/io.h>
#include <picket/rules.h>

#include "lex.h"
#include "scan-internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FOLDER_DEPTH 32

struct load {
	struct pk_rules *rules;
	const char *root; /* folder the names must stay beneath, as given, without trailing slashes */
	size_t bytes;
};

static bool is_rule_name(struct pk_str name)
{
	return pk_str_ends_nocase(name, PK_STR(".yar")) || pk_str_ends_nocase(name, PK_STR(".yara"));
}

static int open_regular(int dirfd, const char *name, const char *shown, struct pk_err *err)
{
	pk_autoclose int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open rules '%s'", shown);
	if (fstat(fd, &st) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open rules '%s'", shown);
	if (!S_ISREG(st.st_mode))
		return pk_fail(err, PK_EUSAGE, 0, "rules '%s' are neither a file nor a folder", shown);
	return pk_steal_fd(&fd);
}

/* Adds the file behind fd. */
static int add_fd(struct load *l, int fd, const char *ns, const char *name, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};

	if (pk_read_all(fd, PK_MAX_RULE_FILE, &text, err) < 0)
		return pk_wrap(err, "rules '%s'", name);
	if (pk_str_starts(pk_buf_str(&text), PK_STR("YARA")) && memchr(text.p, '\0', text.n))
		return pk_fail(err, PK_EFORMAT, 0, "rules '%s' are compiled: those are code, give their sources", name);
	l->bytes += text.n;
	if (l->bytes > PK_MAX_RULE_TEXT)
		return pk_fail(err, PK_ELIMIT, 0, "more than %u MiB of rules", PK_MAX_RULE_TEXT >> 20);
	return pk_rules_add(l->rules, ns, name, text.p ? pk_buf_str(&text) : PK_STR(""), err);
}

static int add_problem(struct load *l, const char *ns, const char *name, const char *why, struct pk_err *err)
{
	size_t before = l->rules->n;

	if (pk_rules_add(l->rules, ns, name, PK_STR(""), err) < 0)
		return -1;
	if (l->rules->n == before)
		return 0;
	l->rules->v[before].problem = pk_str_dup(pk_str(why));
	return l->rules->v[before].problem ? 0 : pk_fail_oom(err);
}

/* A file of a folder that cannot be read is an entry of its own: the others still count. */
static int add_entry(struct load *l, int dirfd, const char *last, const char *ns, const char *name, struct pk_err *err)
{
	struct pk_err why = {0};
	pk_autoclose int fd = open_regular(dirfd, last, name, &why);
	size_t before = l->rules->n;

	if (fd >= 0 && add_fd(l, fd, ns, name, &why) == 0)
		return 0;
	if (l->rules->n > before || l->bytes > PK_MAX_RULE_TEXT || l->rules->n >= PK_MAX_RULE_FILES) {
		if (err)
			*err = why;
		return -1;
	}
	return add_problem(l, ns, name, why.msg, err);
}

static int load_folder(struct load *l, int dirfd, const char *name, const char *rel, unsigned depth,
		       struct pk_err *err);

static int load_entry(struct load *l, int dirfd, const char *last, const char *dir_name, const char *dir_rel,
		      unsigned depth, struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0};
	PK_AUTO(pk_buf) rel = {0};
	struct stat st;

	pk_buf_putf(&name, "%s/%s", dir_name, last);
	pk_buf_putf(&rel, "%s%s%s", dir_rel, *dir_rel ? "/" : "", last);
	if (pk_buf_check(&name, err) < 0 || pk_buf_check(&rel, err) < 0)
		return -1;
	if (fstatat(dirfd, last, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (S_ISDIR(st.st_mode)) {
		pk_autoclose int fd = openat(dirfd, last, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (fd < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot open folder '%s'", name.p);
		return load_folder(l, pk_steal_fd(&fd), name.p, rel.p, depth + 1, err);
	}
	if (!is_rule_name(pk_str(last)))
		return 0;
	if (S_ISLNK(st.st_mode)) /* nor is an include: what is in the folder is what counts */
		return add_problem(l, rel.p, name.p, "it is a link, which is not followed in a folder of rules", err);
	return add_entry(l, dirfd, last, rel.p, name.p, err);
}

/* Takes over dirfd. */
static int load_folder(struct load *l, int dirfd, const char *name, const char *rel, unsigned depth, struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};
	DIR *dir = NULL;
	int ret = 0;

	if (depth > MAX_FOLDER_DEPTH) {
		close(dirfd);
		return pk_fail(err, PK_ELIMIT, 0, "folder '%s' is more than %d deep", name, MAX_FOLDER_DEPTH);
	}
	dir = fdopendir(dirfd);
	if (!dir) {
		close(dirfd);
		return pk_fail(err, PK_ESYS, errno, "cannot read folder '%s'", name);
	}
	for (struct dirent *e = readdir(dir); e && ret == 0; e = readdir(dir))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			ret = pk_strv_add(&names, pk_str(e->d_name), err);
	pk_strv_uniq(&names);
	for (size_t i = 0; i < names.n && ret == 0; i++)
		ret = load_entry(l, dirfd, names.v[i], name, rel, depth, err);
	closedir(dir);
	return ret;
}

/* --- includes --------------------------------------------------------------------------------------- */

/* dirname(base) + "/" + include without "." and ".."; false when it is absolute or leads above the top. */
static bool join(struct pk_buf *b, struct pk_str base, struct pk_str include)
{
	struct pk_str piece;
	size_t keep = base.n;

	while (keep > 0 && base.p[keep - 1] != '/')
		keep--;
	pk_buf_reset(b);
	pk_buf_put(b, base.p, keep ? keep - 1 : 0);
	if (pk_str_starts(include, PK_STR("/")))
		return false;
	while (pk_str_split(&include, '/', &piece)) {
		if (piece.n == 0 || pk_str_eq(piece, PK_STR(".")))
			continue;
		if (pk_str_eq(piece, PK_STR(".."))) {
			size_t n = b->n;

			if (n == 0)
				return false;
			while (n > 0 && b->p[n - 1] != '/')
				n--;
			b->n = n ? n - 1 : 0;
			b->p[b->n] = '\0';
			continue;
		}
		if (b->n > 0)
			pk_buf_put_c(b, '/');
		pk_buf_put_str(b, piece);
	}
	return !b->oom && b->n > 0;
}

static const struct pk_rule_source *find_name(const struct pk_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->n; i++)
		if (strcmp(rules->v[i].name, name) == 0)
			return &rules->v[i];
	return NULL;
}

const struct pk_rule_source *pk_rules_find_include(const struct pk_rules *rules, const char *from,
						   struct pk_str include)
{
	PK_AUTO(pk_buf) name = {0};

	return join(&name, pk_str(from), include) ? find_name(rules, name.p) : NULL;
}

/* Links on the way are not followed: an include stays beneath the folder of rules. */
static int open_beneath(const char *root, struct pk_str rel)
{
	pk_autoclose int fd = open(*root ? root : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct pk_str piece;

	while (fd >= 0 && pk_str_split(&rel, '/', &piece)) {
		pk_autofree char *z = pk_str_dup(piece);
		int next = z ? openat(fd, z, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK) : -1;

		close(fd);
		fd = next;
	}
	return pk_steal_fd(&fd);
}

static int load_include(struct load *l, const char *name, struct pk_err *err)
{
	struct pk_str rel = pk_str(name);
	size_t root = strlen(l->root);
	pk_autoclose int fd = -1;
	pk_autofree char *ns = NULL;
	struct stat st;
	size_t before = l->rules->n;

	if (root > 0) {
		if (!pk_str_starts(rel, pk_str(l->root)) || rel.p[root] != '/')
			return 0;
		rel = pk_str(name + root + 1);
	}
	fd = open_beneath(l->root, rel);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	/* by that name a kit has it beside who includes it */
	if (!(ns = pk_str_dup(rel)))
		return pk_fail_oom(err);
	if (add_fd(l, fd, ns, name, err) < 0)
		return -1;
	if (l->rules->n > before)
		l->rules->v[before].include_only = true;
	return 0;
}

/* True when `ancestor` includes i, directly or not. */
static bool included_by(const size_t *parent, size_t i, size_t ancestor)
{
	for (size_t steps = 0; i != SIZE_MAX && steps < PK_MAX_RULE_FILES; steps++) {
		if (i == ancestor)
			return true;
		i = parent[i];
	}
	return false;
}

/* Whether each include of source i of `a` leads to the source of the same number in `b`. */
static bool same_includes(const struct pk_rules *a, const struct pk_rules *b, size_t i)
{
	struct pk_lex lex = pk_lex(pk_str_n(a->v[i].text, a->v[i].n));
	bool after_include = false;

	for (struct pk_lextoken t = pk_lex_next(&lex); t.type != PK_LEX_END; t = pk_lex_next(&lex)) {
		const struct pk_rule_source *x = NULL, *y = NULL;

		if (after_include && t.type == PK_LEX_TEXT) {
			x = pk_rules_find_include(a, a->v[i].name, pk_lex_inner(&t));
			y = pk_rules_find_include(b, b->v[i].name, pk_lex_inner(&t));
			if ((x ? x - a->v : -1) != (y ? y - b->v : -1))
				return false;
		}
		after_include = t.type == PK_LEX_WORD && pk_lex_is(&t, "include");
	}
	return true;
}

const struct pk_rule_source *pk_rules_other_include(const struct pk_rules *a, const struct pk_rules *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!same_includes(a, b, i))
			return &a->v[i];
	return NULL;
}

/* Loads what the sources from `first` on include, and marks what is thereby compiled already. */
static int follow_includes(struct load *l, size_t first, struct pk_err *err)
{
	pk_autofree size_t *parent = NULL;
	size_t cap = 0;

	for (size_t i = first; i < l->rules->n; i++) {
		struct pk_lex lex = pk_lex(pk_str_n(l->rules->v[i].text, l->rules->v[i].n));
		bool after_include = false;

		if (!memmem(l->rules->v[i].text, l->rules->v[i].n, "include", 7))
			continue; /* most files: saves a twentieth of the start */
		for (struct pk_lextoken t = pk_lex_next(&lex); t.type != PK_LEX_END; t = pk_lex_next(&lex)) {
			PK_AUTO(pk_buf) name = {0};
			const struct pk_rule_source *s = NULL;
			size_t had = cap, k;

			if (!after_include || t.type != PK_LEX_TEXT) {
				after_include = t.type == PK_LEX_WORD && pk_lex_is(&t, "include");
				continue;
			}
			after_include = false;
			if (!join(&name, pk_str(l->rules->v[i].name), pk_lex_inner(&t)))
				continue;
			if (!find_name(l->rules, name.p) && load_include(l, name.p, err) < 0)
				return pk_wrap(err, "included by '%s', line %llu", l->rules->v[i].name,
					       (unsigned long long)t.line);
			s = find_name(l->rules, name.p);
			if (!s)
				continue;
			if (!pk_grow(&parent, &cap, l->rules->n, sizeof(*parent)))
				return pk_fail_oom(err);
			for (; had < cap; had++)
				parent[had] = SIZE_MAX;
			k = (size_t)(s - l->rules->v);
			if (k >= first && !included_by(parent, i, k)) {
				parent[k] = i;
				l->rules->v[k].include_only = true;
			}
		}
	}
	return 0;
}

/* --- a path ------------------------------------------------------------------------------------------ */

static int load_file(struct load *l, const char *path, struct pk_str ns, struct pk_err *err)
{
	pk_autoclose int fd = open_regular(AT_FDCWD, path, path, err);
	const char *slash = strrchr(path, '/');
	pk_autofree char *own_ns = ns.p ? pk_str_dup(ns) : pk_str_dup(pk_str(slash ? slash + 1 : path));
	pk_autofree char *root = pk_str_dup(pk_str_n(path, slash ? (size_t)(slash - path) : 0));
	size_t first = l->rules->n;

	if (fd < 0)
		return -1;
	if (!own_ns || !root)
		return pk_fail_oom(err);
	l->root = root;
	if (slash == path)
		l->root = "/";
	if (add_fd(l, fd, own_ns, path, err) < 0 || follow_includes(l, first, err) < 0)
		return -1;
	return 0;
}

int pk_rules_load_path(struct pk_rules *rules, const char *path, struct pk_err *err)
{
	struct load l = {.rules = rules};
	struct pk_str ns = {0};
	pk_autofree char *root = NULL;
	pk_autoclose int dirfd = -1;
	struct stat st;
	size_t first = rules->n, n;

	if (stat(path, &st) < 0) {
		const char *colon = strchr(path, ':');
		int why = errno;

		if (!colon || colon == path || stat(colon + 1, &st) < 0 || S_ISDIR(st.st_mode))
			return pk_fail(err, PK_ESYS, why, "cannot open rules '%s'", path);
		ns = pk_str_n(path, (size_t)(colon - path));
		path = colon + 1;
	}
	if (!S_ISDIR(st.st_mode))
		return load_file(&l, path, ns, err);
	dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open folder '%s'", path);
	for (n = strlen(path); n > 1 && path[n - 1] == '/'; n--)
		;
	root = pk_str_dup(pk_str_n(path, n));
	if (!root)
		return pk_fail_oom(err);
	l.root = root;
	if (load_folder(&l, pk_steal_fd(&dirfd), root, "", 0, err) < 0 || follow_includes(&l, first, err) < 0)
		return -1;
	if (rules->n == first)
		return pk_fail(err, PK_EUSAGE, 0, "folder '%s' has no *.yar or *.yara file", path);
	return 0;
}
