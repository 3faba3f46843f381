/* SPDX-License-Identifier: Apache-2.0 */
/* What a bundle's records say of a path and of the host that it was on, for a scan to know what it would know there. */
#include "scan.h"

#include <stdlib.h>

void origin_done(struct origin *o)
{
	free(o->hostname);
	free(o->timezone);
	free(o->language);
	*o = (struct origin){0};
}

/* Text without NUL; *ret stays NULL when it is not there. */
static int get_text(const struct pk_json_value *o, const char *key, char **ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};

	if (!o || !pk_json_get_bytes(o, key, &b))
		return 0;
	if (pk_buf_check(&b, err) < 0)
		return -1;
	if (memchr(b.n ? b.p : "", '\0', b.n))
		return 0;
	return (*ret = pk_str_dup(pk_buf_str(&b))) ? 0 : pk_fail_oom(err);
}

static bool get_time(const struct pk_json_value *o, const char *key, struct pk_time *ret)
{
	struct pk_str s = {0};

	return o && pk_json_get_str(o, key, &s) && pk_time_parse(s, ret);
}

int origin_read(struct origin *o, struct pk_str first_record, struct pk_err *err)
{
	pk_autojson *json = NULL;
	const struct pk_json_value *host = NULL;

	o->vars.now = pk_time_now();
	if (first_record.n == 0)
		return 0;
	if (pk_json_parse(first_record, &json, err) < 0)
		return -1;
	host = pk_json_get(json, "host");
	(void)get_time(pk_json_get(json, "tool"), "start", &o->vars.now);
	if (get_text(host, "hostname", &o->hostname, err) < 0 || get_text(host, "timezone", &o->timezone, err) < 0 ||
	    get_text(host, "language", &o->language, err) < 0)
		return -1;
	o->vars.timezone = o->timezone;
	o->vars.language = o->language;
	return 0;
}

void recorded_done(struct recorded *x)
{
	free(x->path);
	free(x->user);
	free(x->group);
	free(x->why);
	*x = (struct recorded){0};
}

static uint32_t kind_of(const struct pk_json_value *o)
{
	static const struct {
		const char *word;
		uint32_t kind;
	} kinds[] = {{"file", S_IFREG}, {"dir", S_IFDIR},     {"link", S_IFLNK}, {"fifo", S_IFIFO},
		     {"char", S_IFCHR}, {"socket", S_IFSOCK}, {"block", S_IFBLK}};
	struct pk_str word = {0};

	(void)pk_json_get_str(o, "kind", &word);
	for (size_t i = 0; i < PK_LEN(kinds); i++)
		if (pk_str_eq(word, pk_str(kinds[i].word)))
			return kinds[i].kind;
	return 0;
}

static uint64_t get_uint(const struct pk_json_value *o, const char *key)
{
	uint64_t n = 0;

	(void)pk_json_get_uint(o, key, &n);
	return n;
}

static void get_stat(const struct pk_json_value *o, struct stat *st)
{
	struct pk_time t = {0};

	st->st_mode = kind_of(o) | (get_uint(o, "mode") & 07777);
	st->st_uid = (uint32_t)get_uint(o, "uid");
	st->st_gid = (uint32_t)get_uint(o, "gid");
	st->st_size = (off_t)(get_uint(o, "size") & INT64_MAX);
	st->st_nlink = get_uint(o, "nlink");
	if (get_time(o, "mtime", &t))
		st->st_mtim = (struct timespec){t.sec, t.nsec};
	if (get_time(o, "ctime", &t))
		st->st_ctim = (struct timespec){t.sec, t.nsec};
}

int recorded_read(struct recorded *x, const struct pk_record *r, struct pk_err *err)
{
	struct pk_str outcome = {0};

	if (get_text(r->json, "path", &x->path, err) < 0)
		return -1;
	if (!x->path || !pk_json_get_str(r->json, "outcome", &outcome) || !pk_outcome_parse(outcome, &x->outcome))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu is of no path", (unsigned long long)r->leaf);
	if (get_text(r->json, "user", &x->user, err) < 0 || get_text(r->json, "group", &x->group, err) < 0 ||
	    get_text(r->json, "why", &x->why, err) < 0)
		return -1;
	if (!pk_json_get_uint(r->json, "c", &x->leaf))
		x->leaf = PK_LEAF_NONE;
	get_stat(r->json, &x->st);
	x->meta = (struct pk_scan_meta){
		.mode = x->st.st_mode,
		.uid = x->st.st_uid,
		.gid = x->st.st_gid,
		.owner = x->user,
		.group = x->group,
	};
	x->meta.has_btime = get_time(r->json, "btime", &x->meta.btime);
	return 0;
}

/* As a scan of the host would have it, and where collecting decided, the word of its record. */
const char *recorded_outcome(const struct recorded *x, enum pk_scan_verdict *ret)
{
	uint32_t kind = x->st.st_mode & S_IFMT;

	*ret = PK_SCAN_SKIPPED;
	switch (x->outcome) {
	case PK_ABSENT: return NULL; /* asked for, perhaps as a pattern: no path of the host */
	case PK_SKIPPED: return "skipped";
	case PK_DENIED:
	case PK_VANISHED:
	case PK_FAILED: *ret = PK_SCAN_FAILED; return pk_outcome_name(x->outcome);
	default: break;
	}
	if (kind == S_IFDIR)
		return NULL;
	return kind == S_IFREG || kind == 0 ? "metadata" : kind == S_IFLNK ? "link" : "special";
}
