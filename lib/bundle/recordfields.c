/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of a record, as docs/bundle-format.md section 7 has them: what is there is of its kind. */
#include "format.h"

#include <picket/outcome.h>
#include <picket/share.h>
#include <picket/time.h>

enum kind {
	UINT,
	BOOL,
	TRUE, /* there, and nothing else, when it is so */
	TEXT,
	BYTES, /* text under the key, or base64 under KEY_b64, never both */
	NAME,  /* the same, of what has a name or says something: no NUL is among them */
	BASE64,
	ID,   /* 16 bytes in hex */
	HASH, /* 32 bytes in hex */
	TIME,
	DECIMAL,
	DEVICE,
	TEXTS, /* a list of them */
	LIST,
	OBJECTS, /* a list of them */
	OBJECT,
};

static const char *const kind_words[] = {
	"a number from 0 on",
	"true or false",
	"true",
	"a string",
	"a string, or base64 under the other key",
	"a string, or base64 under the other key, without NUL",
	"base64",
	"16 bytes in hex",
	"32 bytes in hex",
	"a time",
	"a number in a string",
	"MAJOR:MINOR",
	"a list of strings",
	"a list",
	"a list of objects",
	"an object",
};

struct field {
	const char *name;
	enum kind kind;
	bool must;
	const char *base64; /* of BYTES: the other key */
};

static const struct field of_bundle[] = {
	{"part", UINT, true, NULL},    {"previous", OBJECT, false, NULL}, {"label", OBJECT, false, NULL},
	{"host", OBJECT, false, NULL}, {"tool", OBJECT, false, NULL},     {"share", TRUE, false, NULL},
	{"to", TEXTS, false, NULL},
};
static const struct field of_previous[] = {
	{"bundle", ID, true, NULL},
	{"root", HASH, true, NULL},
};
static const struct field of_clock[] = {
	{"wall", TIME, false, NULL},         {"monotonic", TIME, false, NULL},    {"boottime", TIME, false, NULL},
	{"synchronized", BOOL, false, NULL}, {"max_error_us", UINT, false, NULL},
};
static const struct field of_host[] = {
	{"hostname", NAME, false, "hostname_b64"},
	{"machine_id", NAME, false, "machine_id_b64"},
	{"dmi_uuid", NAME, false, "dmi_uuid_b64"},
	{"dmi_serial", NAME, false, "dmi_serial_b64"},
	{"root_uuid", NAME, false, "root_uuid_b64"},
	{"boot_id", NAME, false, "boot_id_b64"},
	{"os_id", NAME, false, "os_id_b64"},
	{"os_name", NAME, false, "os_name_b64"},
	{"os_version", NAME, false, "os_version_b64"},
	{"os_pretty_name", NAME, false, "os_pretty_name_b64"},
	{"kernel", NAME, false, "kernel_b64"},
	{"timezone", NAME, false, "timezone_b64"},
	{"language", NAME, false, "language_b64"},
	{"root", NAME, false, "root_b64"},
	{"live", BOOL, false, NULL},
	{"clock", OBJECT, false, NULL},
};
static const struct field of_tool[] = {
	{"name", TEXT, false, NULL},  {"version", TEXT, false, NULL}, {"sha256", HASH, false, NULL},
	{"argv", TEXTS, false, NULL}, {"uid", UINT, false, NULL},     {"start", TIME, false, NULL},
};
static const struct field of_xattr[] = {
	{"name", NAME, true, "name_b64"},
	{"size", UINT, false, NULL},
	{"value_b64", BASE64, false, NULL},
};
static const struct field of_path[] = {
	{"path", NAME, true, "path_b64"}, {"outcome", TEXT, true, NULL}, {"kind", TEXT, false, NULL},
	{"mode", UINT, false, NULL},      {"uid", UINT, false, NULL},    {"gid", UINT, false, NULL},
	{"user", TEXT, false, NULL},      {"group", TEXT, false, NULL},  {"size", UINT, false, NULL},
	{"dev", DECIMAL, false, NULL},    {"ino", DECIMAL, false, NULL}, {"nlink", UINT, false, NULL},
	{"rdev", DEVICE, false, NULL},    {"mtime", TIME, false, NULL},  {"atime", TIME, false, NULL},
	{"ctime", TIME, false, NULL},     {"btime", TIME, false, NULL},  {"target", NAME, false, "target_b64"},
	{"xattrs", OBJECTS, false, NULL}, {"flags", TEXTS, false, NULL}, {"via", TEXTS, false, NULL},
	{"why", NAME, false, "why_b64"},  {"c", UINT, false, NULL},      {"member", TEXT, false, NULL},
};
static const struct field of_content[] = {
	{"frame", UINT, true, NULL},           {"off", UINT, true, NULL},     {"size", UINT, true, NULL},
	{"sha256", HASH, true, NULL},          {"padded", UINT, false, NULL}, {"extents", LIST, false, NULL},
	{"sha256_logical", HASH, false, NULL}, {"flags", TEXTS, false, NULL}, {"logical", UINT, false, NULL},
	{"member", TEXT, false, NULL},
};
static const struct field of_table[] = {
	{"table", TEXT, true, NULL},  {"rows", UINT, true, NULL}, {"member", TEXT, true, NULL},
	{"frame", UINT, true, NULL},  {"off", UINT, true, NULL},  {"size", UINT, true, NULL},
	{"sha256", HASH, true, NULL},
};
static const struct field of_hit[] = {
	{"rule", TEXT, true, NULL},    {"namespace", NAME, true, "namespace_b64"}, {"tags", TEXTS, false, NULL},
	{"meta", OBJECT, false, NULL}, {"strings", OBJECTS, false, NULL},          {"more", TRUE, false, NULL},
	{"of", UINT, false, NULL},     {"known_good", TRUE, false, NULL},
};
static const struct field of_event[] = {
	{"event", TEXT, true, NULL},
	{"why", NAME, false, "why_b64"},
};
static const struct field of_custody[] = {
	{"action", TEXT, false, NULL},         {"reason", TEXT, false, NULL},  {"signer", TEXT, false, NULL},
	{"second", TEXT, false, NULL},         {"release", TEXT, false, NULL}, {"release_signature", TEXT, false, NULL},
	{"release_second", TEXT, false, NULL},
};
static const struct field of_match[] = {
	{"name", TEXT, true, NULL},         {"offset", UINT, false, NULL}, {"length", UINT, false, NULL},
	{"data", BYTES, false, "data_b64"}, {"row", UINT, false, NULL},
};

static bool is_list_of(const struct pk_json_value *list, enum kind kind)
{
	struct pk_str s;

	for (size_t i = 0; i < pk_json_count(list); i++)
		if (kind == TEXT ? !pk_json_at_str(list, i, &s) : !pk_json_is_object(pk_json_at(list, i)))
			return false;
	return pk_json_is_list(list);
}

static bool is_device(struct pk_str s)
{
	size_t k = pk_str_find(s, ':');
	uint64_t u = 0;

	return k < s.n && pk_str_u64(pk_str_n(s.p, k), UINT32_MAX, &u) &&
	       pk_str_u64(pk_str_n(s.p + k + 1, s.n - k - 1), UINT32_MAX, &u);
}

static bool is_of_kind(const struct pk_json_value *obj, const char *name, enum kind kind)
{
	struct pk_str s = {0};
	struct pk_time t;
	uint8_t hash[32];
	uint64_t u = 0;
	bool yes = false;

	switch (kind) {
	case UINT: return pk_json_get_uint(obj, name, &u);
	case BOOL: return pk_json_get_bool(obj, name, &yes);
	case TRUE: return pk_json_get_bool(obj, name, &yes) && yes;
	case TEXT:
	case BYTES:
	case NAME: return pk_json_get_str(obj, name, &s);
	case BASE64: return pk_json_get_str(obj, name, &s) && pk_base64_ok(s);
	case ID: return pk_json_get_hex(obj, name, hash, 16);
	case HASH: return pk_json_get_hex(obj, name, hash, sizeof(hash));
	case TIME: return pk_json_get_str(obj, name, &s) && s.n > 10 && s.p[s.n - 10] == '.' && pk_time_parse(s, &t);
	case DECIMAL: return pk_json_get_str(obj, name, &s) && pk_str_u64(s, UINT64_MAX, &u);
	case DEVICE: return pk_json_get_str(obj, name, &s) && is_device(s);
	case TEXTS: return is_list_of(pk_json_get(obj, name), TEXT);
	case OBJECTS: return is_list_of(pk_json_get(obj, name), OBJECT);
	case LIST: return pk_json_is_list(pk_json_get(obj, name));
	case OBJECT: return pk_json_is_object(pk_json_get(obj, name));
	}
	return false;
}

static int check_fields(const struct pk_json_value *obj, const struct field *f, size_t n, struct pk_err *err)
{
	for (size_t i = 0; i < n; i++) {
		bool there = pk_json_get(obj, f[i].name) != NULL;

		if (there && !is_of_kind(obj, f[i].name, f[i].kind))
			return pk_fail(err, PK_EFORMAT, 0, "'%s' is not %s", f[i].name, kind_words[f[i].kind]);
		if (f[i].base64 && pk_json_get(obj, f[i].base64)) {
			PK_AUTO(pk_buf) bytes = {0};

			if (there || !pk_json_get_bytes(obj, f[i].name, &bytes) ||
			    (f[i].kind == NAME && pk_str_find(pk_buf_str(&bytes), '\0') != bytes.n))
				return bytes.oom ? pk_fail_oom(err)
						 : pk_fail(err, PK_EFORMAT, 0, "'%s' is not %s", f[i].name,
							   kind_words[f[i].kind]);
			there = true;
		}
		if (f[i].must && !there)
			return pk_fail(err, PK_EFORMAT, 0, "it has no '%s'", f[i].name);
	}
	return 0;
}

/* --- what fields say together ---------------------------------------------------------------------------- */

/* An object of the record; all is well where there is none. */
static int check_in(const struct pk_json_value *obj, const char *name, const struct field *f, size_t n,
		    struct pk_err *err)
{
	const struct pk_json_value *in = pk_json_get(obj, name);

	return in && check_fields(in, f, n, err) < 0 ? pk_wrap(err, "'%s'", name) : 0;
}

static int check_bundle(const struct pk_json_value *obj, struct pk_err *err)
{
	const struct pk_json_value *host = pk_json_get(obj, "host");
	uint64_t part = 0;

	if (!pk_json_get_uint(obj, "part", &part) || part == 0)
		return pk_fail(err, PK_EFORMAT, 0, "'part' is not a number from 1 on");
	if ((part > 1) != (pk_json_get(obj, "previous") != NULL))
		return pk_fail(err, PK_EFORMAT, 0, "'previous' goes with every part but the first");
	if (check_in(obj, "previous", of_previous, PK_LEN(of_previous), err) < 0 ||
	    check_in(obj, "host", of_host, PK_LEN(of_host), err) < 0 ||
	    check_in(obj, "tool", of_tool, PK_LEN(of_tool), err) < 0)
		return -1;
	return host && check_in(host, "clock", of_clock, PK_LEN(of_clock), err) < 0 ? pk_wrap(err, "'host'") : 0;
}

static int check_each(const struct pk_json_value *obj, const char *name, const struct field *f, size_t n,
		      struct pk_err *err)
{
	const struct pk_json_value *list = pk_json_get(obj, name);

	for (size_t i = 0; i < pk_json_count(list); i++)
		if (check_fields(pk_json_at(list, i), f, n, err) < 0)
			return pk_wrap(err, "'%s'", name);
	return 0;
}

static bool is_word(struct pk_str s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (pk_str_eq(s, pk_str(words[i])))
			return true;
	return false;
}

static int check_path(const struct pk_record *r, struct pk_err *err)
{
	static const char *const kinds[] = {"file", "dir", "link", "fifo", "socket", "char", "block"};
	enum pk_outcome outcome = PK_FAILED;
	const struct pk_json_value *obj = r->json;
	struct pk_str s = {0};
	uint64_t mode = 0, c = 0;

	if (!pk_json_get_str(obj, "outcome", &s) || !pk_outcome_parse(s, &outcome))
		return pk_fail(err, PK_EFORMAT, 0, "its outcome is not known");
	if (pk_json_get_str(obj, "kind", &s) && !is_word(s, kinds, PK_LEN(kinds)))
		return pk_fail(err, PK_EFORMAT, 0, "its kind is not known");
	if (pk_json_get_uint(obj, "mode", &mode) && mode > 07777)
		return pk_fail(err, PK_EFORMAT, 0, "'mode' is more than bits of permission");
	if (pk_json_get(obj, "c") && outcome != PK_TAKEN && outcome != PK_PARTIAL)
		return pk_fail(err, PK_EFORMAT, 0, "it has a content, and its outcome is '%s'",
			       pk_outcome_name(outcome));
	if (pk_json_get_uint(obj, "c", &c) && c >= r->leaf)
		return pk_fail(err, PK_EFORMAT, 0, "its content does not come before it");
	return 0;
}

/* What ranges say by themselves; more: they continue a list, whose file is as long as the first record says. */
static int check_ranges(const struct pk_json_value *obj, bool more, struct pk_err *err)
{
	const struct pk_json_value *list = pk_json_get(obj, "extents");
	struct pk_ranges ranges = {.logical = INT64_MAX};
	uint64_t size = INT64_MAX, off, len;

	if (!list)
		return 0;
	if (!more && (!pk_json_get_uint(obj, "logical", &ranges.logical) || !pk_json_get_uint(obj, "size", &size)))
		return pk_fail(err, PK_EFORMAT, 0, "it has 'extents' without 'logical'");
	for (size_t i = 0; i < pk_json_count(list); i++)
		if (!pk_ranges_take(&ranges, pk_json_at(list, i), &off, &len))
			return pk_fail(err, PK_EFORMAT, 0, "its extents cannot be");
	if (ranges.stored > size)
		return pk_fail(err, PK_EFORMAT, 0, "its extents are more than its content");
	return 0;
}

/* A piece of a table: that of its member's name, below the bundle's id where it comes from another. */
static int check_piece(const struct pk_json_value *obj, struct pk_err *err)
{
	struct pk_str table = {0}, member = {0};
	uint8_t id[16];
	uint64_t size = 0, leaf = 0;

	if (pk_json_get_uint(obj, "size", &size) && size > PK_MAX_LIVE_PIECE)
		return pk_fail(err, PK_EFORMAT, 0, "a piece of a table has %llu bytes, allowed are %u",
			       (unsigned long long)size, PK_MAX_LIVE_PIECE);
	if (!pk_json_get_str(obj, "table", &table) || !pk_json_get_str(obj, "member", &member) ||
	    !pk_live_name_ok(member, pk_share_record_src(obj, id, &leaf) ? id : NULL, table))
		return pk_fail(err, PK_EFORMAT, 0, "its member's name is not of its table");
	return 0;
}

/* Beyond its label: by what, and signed by whom. */
static int check_custody(const struct pk_json_value *obj, struct pk_err *err)
{
	static const char *const must[] = {"release", "release_signature", "release_second"};
	struct pk_str action = {0};
	size_t n = 0;

	if (pk_json_get_str(obj, "action", &action))
		n = pk_str_eq(action, PK_STR("override")) ? 3 : pk_str_eq(action, PK_STR("release")) ? 2 : 0;
	for (size_t i = 0; i < n; i++)
		if (!pk_json_get(obj, must[i]))
			return pk_fail(err, PK_EFORMAT, 0, "it has no '%s'", must[i]);
	return 0;
}

/* What holds NUL is written in base64: a string with one would be taken for what stands before it by whoever keeps it as
 * C does. */
static int check_no_nul(const struct pk_json_value *v, struct pk_str key, struct pk_err *err)
{
	const struct pk_json_value *of = NULL;
	struct pk_str s = {0}, name = {0};
	size_t at = 0;

	if (pk_json_text(v, &s) && pk_str_find(s, '\0') != s.n)
		return pk_fail(err, PK_EFORMAT, 0, "'%.*s' holds a NUL", PK_STR_ARG(key));
	for (size_t i = 0; i < pk_json_count(v); i++)
		if (check_no_nul(pk_json_at(v, i), key, err) < 0)
			return -1;
	while (pk_json_next(v, &at, &name, &of))
		if (check_no_nul(of, name, err) < 0)
			return -1;
	return 0;
}

/* A list that goes on: nothing else is in it. */
static int check_more(const struct pk_record *r, struct pk_err *err)
{
	const bool ranges = r->type == 'c';
	uint64_t of = 0;

	if ((!ranges && r->type != 'm') || !is_of_kind(r->json, ranges ? "extents" : "via", ranges ? LIST : TEXTS))
		return pk_fail(err, PK_EFORMAT, 0, "it continues a list and has none");
	if (!pk_json_get_uint(r->json, "more_of", &of) || of >= r->leaf || pk_json_get(r->json, "c") ||
	    pk_json_get(r->json, "frame") || pk_json_get(r->json, "path") || pk_json_get(r->json, "path_b64") ||
	    pk_json_get(r->json, "member"))
		return pk_fail(err, PK_EFORMAT, 0, "it continues what is not there");
	return ranges ? check_ranges(r->json, true, err) : 0;
}

static int check(const struct pk_record *r, struct pk_err *err)
{
	switch (r->type) {
	case 'b': return check_fields(r->json, of_bundle, PK_LEN(of_bundle), err) < 0 ? -1 : check_bundle(r->json, err);
	case 'm':
		return check_fields(r->json, of_path, PK_LEN(of_path), err) < 0 || check_path(r, err) < 0
			       ? -1
			       : check_each(r->json, "xattrs", of_xattr, PK_LEN(of_xattr), err);
	case 'c':
		return check_fields(r->json, of_content, PK_LEN(of_content), err) < 0
			       ? -1
			       : check_ranges(r->json, false, err);
	case 'l': return check_fields(r->json, of_table, PK_LEN(of_table), err) < 0 ? -1 : check_piece(r->json, err);
	case 'h':
		return check_fields(r->json, of_hit, PK_LEN(of_hit), err) < 0
			       ? -1
			       : check_each(r->json, "strings", of_match, PK_LEN(of_match), err);
	case 'e': return check_fields(r->json, of_event, PK_LEN(of_event), err);
	case 'u':
		return check_fields(r->json, of_custody, PK_LEN(of_custody), err) < 0 ? -1
										      : check_custody(r->json, err);
	default: return 0;
	}
}

int pk_record_check(const struct pk_record *r, struct pk_err *err)
{
	if (check_no_nul(r->json, (struct pk_str){0}, err) < 0 ||
	    (pk_json_get(r->json, "more_of") ? check_more(r, err) : check(r, err)) < 0)
		return pk_wrap(err, "record %llu", (unsigned long long)r->leaf);
	return 0;
}

int pk_record_read(struct pk_str line, uint64_t leaf, struct pk_record *ret, struct pk_err *err)
{
	PK_AUTO(pk_record) r = {0};

	if (pk_record_parse(line, leaf, &r, err) < 0 || pk_record_check(&r, err) < 0)
		return -1;
	*ret = r;
	r = (struct pk_record){0};
	return 0;
}

/* --- ranges ------------------------------------------------------------------------------------------------ */

bool pk_ranges_take(struct pk_ranges *x, const struct pk_json_value *pair, uint64_t *ret_off, uint64_t *ret_len)
{
	uint64_t off = 0, len = 0;

	if (pk_json_count(pair) != 2 || !pk_json_at_uint(pair, 0, &off) || !pk_json_at_uint(pair, 1, &len) ||
	    off < x->end || len > x->logical || off > x->logical - len)
		return false;
	x->end = off + len;
	x->stored += len;
	*ret_off = off;
	*ret_len = len;
	return true;
}
