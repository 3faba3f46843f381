/* SPDX-License-Identifier: Apache-2.0 */
/* Which fields of a proven record its repetition in a share has in common with it. */
#include "sharein.h"

#include <picket/hash.h>

#include <stdlib.h>

const char *const pk_share_refs[PK_SHARE_REFS] = {"c", "of", "more_of"};

/* What a share says for itself: place and number of its own record. */
static bool is_local(struct pk_str key)
{
	static const char *const local[] = {"t", "i", "salt", "src", "frame", "off", "member", "c", "of", "more_of"};

	for (size_t i = 0; i < PK_LEN(local); i++)
		if (pk_str_eq(key, pk_str(local[i])))
			return true;
	return false;
}

struct field {
	struct pk_str key;
	const struct pk_json_value *value;
};

static int by_key(const void *a, const void *b)
{
	return pk_str_cmp(((const struct field *)a)->key, ((const struct field *)b)->key);
}

/* Objects with their members sorted, so that what is equal is written equally. */
static int put_sorted(struct pk_json *j, const struct pk_json_value *v, bool (*leave_out)(struct pk_str key),
		      struct pk_err *err)
{
	pk_autofree struct field *field = NULL;
	struct field f = {0};
	size_t n = 0, cap = 0, at = 0;

	if (pk_json_is_list(v)) {
		pk_json_begin(j, '[');
		for (size_t i = 0; i < pk_json_count(v); i++)
			if (put_sorted(j, pk_json_at(v, i), NULL, err) < 0)
				return -1;
		pk_json_end(j, ']');
		return 0;
	}
	if (!pk_json_is_object(v)) {
		pk_json_value(j, v);
		return 0;
	}
	while (pk_json_next(v, &at, &f.key, &f.value)) {
		if (leave_out && leave_out(f.key))
			continue;
		if (!pk_grow(&field, &cap, n + 1, sizeof(*field)))
			return pk_fail_oom(err);
		field[n++] = f;
	}
	if (n)
		qsort(field, n, sizeof(*field), by_key);
	pk_json_begin(j, '{');
	for (size_t i = 0; i < n; i++) {
		pk_json_key(j, field[i].key.p);
		if (put_sorted(j, field[i].value, NULL, err) < 0)
			return -1;
	}
	pk_json_end(j, '}');
	return 0;
}

/* A table's member keeps its name, below its bundle's. */
static int put_member(const struct pk_record *r, const uint8_t *id, struct pk_buf *b, struct pk_err *err)
{
	PK_AUTO(pk_buf) prefix = {0};
	struct pk_str member = {0};

	if (!pk_json_get_str(r->json, "member", &member))
		return 0;
	pk_buf_puts(&prefix, "data/");
	if (id) {
		pk_buf_put_hex(&prefix, id, 16);
		pk_buf_put_c(&prefix, '/');
	}
	if (pk_buf_check(&prefix, err) < 0)
		return -1;
	if (!pk_str_starts(member, pk_buf_str(&prefix)))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu: '%.*s' is no member of its bundle",
			       (unsigned long long)r->leaf, PK_STR_ARG(member));
	pk_buf_put_str(b, pk_str_n(member.p + prefix.n, member.n - prefix.n));
	return pk_buf_check(b, err);
}

/* A content without a path has the name of its record; one with a path, its path's. */
static int check_nameless(const struct pk_record *r, const uint8_t id[16], struct pk_err *err)
{
	PK_AUTO(pk_buf) want = {0};
	struct pk_str member = {0};
	uint8_t src[16];
	uint64_t leaf = 0;

	if (r->type == 'l' || !pk_json_get(r->json, "member") || r->type != 'c')
		return 0;
	if (!pk_share_record_src(r->json, src, &leaf))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu says no source", (unsigned long long)r->leaf);
	pk_buf_put_content_name(&want, id, leaf);
	if (pk_buf_check(&want, err) < 0)
		return -1;
	if (!pk_json_get_str(r->json, "member", &member) || !pk_str_eq(member, pk_buf_str(&want)))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu: its member has another name than '%s'",
			       (unsigned long long)r->leaf, want.p);
	return 0;
}

int pk_share_carried(const struct pk_record *r, const uint8_t *id, uint8_t ret[32], struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_buf) member = {0};
	struct pk_json j = {.out = &text};

	if ((r->type == 'l' && put_member(r, id, &member, err) < 0) || (id && check_nameless(r, id, err) < 0) ||
	    put_sorted(&j, r->json, is_local, err) < 0)
		return -1;
	pk_buf_put_c(&text, '\0');
	pk_buf_put_str(&text, pk_buf_str(&member));
	if (pk_buf_check(&text, err) < 0)
		return -1;
	pk_sha256(text.p, text.n, ret);
	return 0;
}

int pk_share_put_carried(const struct pk_record *r, struct pk_buf *b, struct pk_err *err)
{
	const bool has_place = (r->type == 'c' || r->type == 'l') && !pk_json_get(r->json, "more_of");
	/* a proven record may be as long as a record can be: it must not grow */
	struct pk_json j = {.out = b, .comma = true, .bare_del = true};
	const struct pk_json_value *value = NULL;
	struct pk_str key = {0};
	size_t at = 0;

	while (pk_json_next(r->json, &at, &key, &value)) {
		if (is_local(key) ||
		    (has_place && (pk_str_eq(key, PK_STR("size")) || pk_str_eq(key, PK_STR("sha256")))))
			continue;
		pk_json_key(&j, key.p);
		pk_json_value(&j, value);
	}
	return pk_json_check(&j, err);
}
