/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a scan's state: a file, what it was like, and its hits. */
#include "statelines.h"

#include <sys/sysmacros.h>

#define SUM_KEY ",\"sum\":\""
#define SUM_HEX 16
#define SUM_BYTES (sizeof(SUM_KEY) - 1 + SUM_HEX + 2) /* with the closing quote and brace */

/* --- checksums ---------------------------------------------------------------------------------------- */

void pk_stateline_seal(struct pk_buf *b, size_t start)
{
	uint8_t hash[PK_SHA256_SIZE];

	pk_sha256(b->p + start, b->n - start, hash);
	pk_buf_puts(b, SUM_KEY);
	pk_buf_put_hex(b, hash, SUM_HEX / 2);
	pk_buf_puts(b, "\"}\n");
}

bool pk_stateline_is_whole(struct pk_str line)
{
	uint8_t hash[PK_SHA256_SIZE], sum[SUM_HEX / 2];
	const char *tail = NULL;

	if (line.n < SUM_BYTES)
		return false;
	tail = line.p + line.n - SUM_BYTES;
	if (memcmp(tail, SUM_KEY, sizeof(SUM_KEY) - 1) != 0 ||
	    !pk_hex_decode(pk_str_n(tail + sizeof(SUM_KEY) - 1, SUM_HEX), sum, sizeof(sum)))
		return false;
	pk_sha256(line.p, line.n - SUM_BYTES, hash);
	return memcmp(hash, sum, sizeof(sum)) == 0;
}

struct pk_str pk_stateline_key(struct pk_str line)
{
	size_t i = pk_str_find(line, ':') + 2;

	if (!pk_str_starts(line, PK_STR("{\"path\":\"")) && !pk_str_starts(line, PK_STR("{\"path_b64\":\"")))
		return pk_str_n(line.p, 0);
	for (; i < line.n && line.p[i] != '"'; i++)
		i += line.p[i] == '\\';
	return pk_str_n(line.p, PK_MIN(i, line.n));
}

void pk_stateline_put_key(struct pk_buf *b, struct pk_str path)
{
	struct pk_json j = {.out = b};

	pk_json_begin(&j, '{');
	pk_json_kbytes(&j, "path", path);
	if (!b->oom && b->n > 0)
		b->n--; /* the closing quote */
}

/* --- writing ------------------------------------------------------------------------------------------ */

static struct pk_time time_of(const struct timespec *t) { return (struct pk_time){t->tv_sec, (uint32_t)t->tv_nsec}; }

static void put_hit(struct pk_json *j, const struct pk_ruleset *set, const struct pk_scan_hit *h)
{
	const struct pk_rule_info *rule = &set->rules[h->rule];

	pk_json_begin(j, '{');
	pk_json_kuint(j, "number", h->rule);
	pk_json_kz(j, "rule", rule->name);
	pk_json_kbytes(j, "namespace", pk_str(rule->ns));
	pk_json_kbool(j, "more", h->more);
	pk_json_key(j, "strings");
	pk_json_begin(j, '[');
	for (size_t i = 0; i < h->match_count; i++) {
		const struct pk_scan_match *m = &h->matches[i];

		pk_json_begin(j, '{');
		pk_json_kuint(j, "string", m->string);
		pk_json_kuint(j, "offset", m->offset);
		pk_json_kuint(j, "length", m->length);
		pk_json_kbytes(j, "data", m->data);
		pk_json_end(j, '}');
	}
	pk_json_end(j, ']');
	pk_json_end(j, '}');
}

static void put_ioc(struct pk_json *j, const struct pk_ioc_hit *h)
{
	pk_json_begin(j, '{');
	pk_json_kuint(j, "kind", (uint64_t)h->kind);
	pk_json_kbytes(j, "set", h->set);
	pk_json_kbytes(j, "indicator", h->indicator);
	pk_json_kbytes(j, "description", h->description);
	pk_json_kint(j, "score", h->score);
	pk_json_kuint(j, "line", h->line);
	pk_json_kbool(j, "known_good", h->known_good);
	pk_json_kbytes(j, "where", h->where);
	pk_json_kuint(j, "offset", h->offset);
	pk_json_kuint(j, "length", h->length);
	pk_json_kbytes(j, "data", h->data);
	pk_json_end(j, '}');
}

static void put_lists(struct pk_json *j, const struct pk_ruleset *set, const struct pk_scantree_file *f)
{
	pk_json_key(j, "hits");
	pk_json_begin(j, '[');
	for (size_t i = 0; i < f->result->hit_count && j->out->n < PK_SCANSTATE_MAX_LINE; i++)
		put_hit(j, set, &f->result->hits[i]);
	pk_json_end(j, ']');
	pk_json_key(j, "indicators");
	pk_json_begin(j, '[');
	for (size_t i = 0; i < f->ioc->n && j->out->n < PK_SCANSTATE_MAX_LINE; i++)
		put_ioc(j, &f->ioc->v[i]);
	pk_json_end(j, ']');
}

void pk_scanseen_put_line(struct pk_buf *b, const struct pk_ruleset *set, const struct pk_scantree_file *f,
			  struct pk_time at)
{
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};

	pk_json_begin(&j, '{');
	pk_json_kbytes(&j, "path", f->path);
	pk_json_kdec(&j, "dev", f->st->st_dev);
	pk_json_kdec(&j, "ino", f->st->st_ino);
	pk_json_kuint(&j, "size", (uint64_t)f->st->st_size);
	pk_json_ktime(&j, "mtime", time_of(&f->st->st_mtim));
	pk_json_ktime(&j, "ctime", time_of(&f->st->st_ctim));
	pk_json_kuint(&j, "mode", f->st->st_mode);
	pk_json_kuint(&j, "uid", f->st->st_uid);
	pk_json_kuint(&j, "gid", f->st->st_gid);
	pk_json_ktime(&j, "seen", at);
	pk_json_kuint(&j, "bytes", f->bytes);
	if (f->sha256)
		pk_json_khex(&j, "sha256", f->sha256, PK_SHA256_SIZE);
	if (f->result->hit_count + f->ioc->n > 0)
		put_lists(&j, set, f);
	pk_stateline_seal(&line, 0);
	if (pk_json_check(&j, NULL) < 0 || line.n > PK_SCANSTATE_MAX_LINE)
		return;
	pk_buf_put_str(b, pk_buf_str(&line));
}

/* --- reading ------------------------------------------------------------------------------------------ */

static bool get_time(const struct pk_json_value *o, const char *key, struct pk_time *ret)
{
	struct pk_str s;

	return pk_json_get_str(o, key, &s) && pk_time_parse(s, ret);
}

static bool get_timespec(const struct pk_json_value *o, const char *key, struct timespec *ret)
{
	struct pk_time t;

	if (!get_time(o, key, &t))
		return false;
	*ret = (struct timespec){.tv_sec = t.sec, .tv_nsec = t.nsec};
	return true;
}

static bool get_dec(const struct pk_json_value *o, const char *key, uint64_t *ret)
{
	struct pk_str s;

	return pk_json_get_str(o, key, &s) && pk_str_u64(s, UINT64_MAX, ret);
}

static bool get_stat(const struct pk_json_value *o, struct stat *ret)
{
	uint64_t dev, ino, size, mode, uid, gid;

	*ret = (struct stat){0};
	if (!get_dec(o, "dev", &dev) || !get_dec(o, "ino", &ino) || !pk_json_get_uint(o, "size", &size) ||
	    !pk_json_get_uint(o, "mode", &mode) || mode > UINT32_MAX || !pk_json_get_uint(o, "uid", &uid) ||
	    uid > UINT32_MAX || !pk_json_get_uint(o, "gid", &gid) || gid > UINT32_MAX ||
	    !get_timespec(o, "mtime", &ret->st_mtim) || !get_timespec(o, "ctime", &ret->st_ctim))
		return false;
	ret->st_dev = dev;
	ret->st_ino = ino;
	ret->st_size = (off_t)size;
	ret->st_mode = (mode_t)mode;
	ret->st_uid = (uid_t)uid;
	ret->st_gid = (gid_t)gid;
	return true;
}

/* The store has room for all of the line, and so never moves: what it holds may be pointed to. */
static bool get_bytes(const struct pk_json_value *o, const char *key, size_t max, struct pk_scanseen *seen,
		      struct pk_str *ret)
{
	size_t at = seen->store.n;

	if (!pk_json_get_bytes(o, key, &seen->store) || seen->store.n - at > max)
		return false;
	*ret = pk_str_n(seen->store.p + at, seen->store.n - at);
	return true;
}

static bool get_match(const struct pk_json_value *o, const struct pk_rule_info *rule, struct pk_scanseen *seen,
		      struct pk_scan_match *ret)
{
	uint64_t string;

	if (!pk_json_get_uint(o, "string", &string) || string >= rule->string_count ||
	    !pk_json_get_uint(o, "offset", &ret->offset) || !pk_json_get_uint(o, "length", &ret->length) ||
	    !get_bytes(o, "data", PK_SCAN_MAX_EXCERPT, seen, &ret->data))
		return false;
	ret->string = (uint32_t)string;
	return true;
}

static bool get_hit(const struct pk_json_value *o, const struct pk_ruleset *set, struct pk_scanseen *seen,
		    struct pk_scan_hit *ret)
{
	const struct pk_json_value *strings = pk_json_get(o, "strings");
	size_t n = pk_json_count(strings);
	const struct pk_rule_info *rule = NULL;
	struct pk_str name, ns;
	uint64_t number;

	if (!pk_json_get_uint(o, "number", &number) || number >= set->rule_count ||
	    !pk_json_get_str(o, "rule", &name) || !pk_json_get_bool(o, "more", &ret->more) ||
	    !get_bytes(o, "namespace", PK_SCANSTATE_MAX_LINE, seen, &ns) || n > PK_SCAN_MAX_MATCHES)
		return false;
	rule = &set->rules[number];
	if (!pk_str_eq(name, pk_str(rule->name)) || !pk_str_eq(ns, pk_str(rule->ns)))
		return false;
	ret->rule = (uint32_t)number;
	ret->matches = calloc(n + 1, sizeof(*ret->matches));
	if (!ret->matches)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!get_match(pk_json_at(strings, i), rule, seen, &ret->matches[ret->match_count++]))
			return false;
	return true;
}

static bool get_ioc(const struct pk_json_value *o, struct pk_scanseen *seen)
{
	struct pk_ioc_hit h = {0};
	uint64_t kind;
	int64_t score;

	if (!pk_json_get_uint(o, "kind", &kind) || kind >= PK_IOC_KINDS || !pk_json_get_int(o, "score", &score) ||
	    score < INT32_MIN || score > INT32_MAX || !pk_json_get_uint(o, "line", &h.line) ||
	    !pk_json_get_bool(o, "known_good", &h.known_good) || !pk_json_get_uint(o, "offset", &h.offset) ||
	    !pk_json_get_uint(o, "length", &h.length) || !get_bytes(o, "set", PK_SCANSTATE_MAX_LINE, seen, &h.set) ||
	    !get_bytes(o, "indicator", kind == PK_IOC_HASH ? sizeof(h.hex) - 1 : PK_SCANSTATE_MAX_LINE, seen,
		       &h.indicator) ||
	    !get_bytes(o, "description", PK_SCANSTATE_MAX_LINE, seen, &h.description) ||
	    !get_bytes(o, "where", 64, seen, &h.where) || !get_bytes(o, "data", PK_IOC_MAX_EXCERPT, seen, &h.data))
		return false;
	h.kind = (enum pk_ioc_kind)kind;
	h.score = (int32_t)score;
	if (h.kind == PK_IOC_HASH && h.indicator.n > 0)
		memcpy(h.hex, h.indicator.p, h.indicator.n);
	return pk_ioc_hits_add(&seen->ioc, &h, 1, NULL) == 0;
}

static bool get_seen(const struct pk_json_value *o, const struct pk_ruleset *set, size_t line_size,
		     struct pk_scanseen *ret)
{
	const struct pk_json_value *hits = pk_json_get(o, "hits"), *ioc = pk_json_get(o, "indicators");
	size_t n = pk_json_count(hits);

	if (!get_time(o, "seen", &ret->at) || !pk_json_get_uint(o, "bytes", &ret->bytes) || n > PK_SCAN_MAX_HITS ||
	    (pk_json_get(o, "sha256") && !pk_json_get_hex(o, "sha256", ret->sha256, sizeof(ret->sha256))))
		return false;
	ret->has_sha256 = pk_json_get(o, "sha256") != NULL;
	if (!pk_buf_room(&ret->store, line_size + 1))
		return false;
	ret->result.hits = calloc(n + 1, sizeof(*ret->result.hits));
	if (!ret->result.hits)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!get_hit(pk_json_at(hits, i), set, ret, &ret->result.hits[ret->result.hit_count++]))
			return false;
	for (size_t i = 0; i < pk_json_count(ioc); i++)
		if (!get_ioc(pk_json_at(ioc, i), ret))
			return false;
	return !ret->store.oom;
}

void pk_scanseen_done(struct pk_scanseen *seen)
{
	for (size_t i = 0; i < seen->result.hit_count; i++)
		free(seen->result.hits[i].matches);
	free(seen->result.hits);
	pk_ioc_hits_done(&seen->ioc);
	pk_buf_done(&seen->store);
	*seen = (struct pk_scanseen){0};
}

bool pk_scanseen_parse(struct pk_str line, const struct pk_ruleset *set, struct pk_buf *ret_path, struct stat *ret_st,
		       struct pk_scanseen *ret)
{
	pk_autojson *o = NULL;
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_scanseen) seen = {0};
	struct stat st;

	if (line.n > PK_SCANSTATE_MAX_LINE || !pk_stateline_is_whole(line) || pk_json_parse(line, &o, NULL) < 0 ||
	    !pk_json_get_bytes(o, "path", &path) || !get_stat(o, &st) || !get_seen(o, set, line.n, &seen))
		return false;
	if (ret_path) {
		pk_buf_put_str(ret_path, pk_buf_str(&path));
		if (ret_path->oom)
			return false;
	}
	if (ret_st)
		*ret_st = st;
	if (ret) {
		*ret = seen;
		seen = (struct pk_scanseen){0};
	}
	return true;
}
