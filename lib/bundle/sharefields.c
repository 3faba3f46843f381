/* SPDX-License-Identifier: Apache-2.0 */
/* Which fields of a proven record its repetition in a share has in common with it. */
#include "sharein.h"

#include <picket/hash.h>

#include <jansson.h>
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

static json_t *carried(const struct json_t *record, bool without_place)
{
	json_t *ret = json_object(), *value = NULL;
	const char *key = NULL;
	size_t n = 0;

	json_object_keylen_foreach((json_t *)(uintptr_t)record, key, n, value)
	{
		if (is_local(pk_str_n(key, n)) ||
		    (without_place && (strcmp(key, "size") == 0 || strcmp(key, "sha256") == 0)))
			continue;
		if (!ret || json_object_setn(ret, key, n, value) < 0) {
			json_decref(ret);
			return NULL;
		}
	}
	return ret;
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

static int dump(const struct pk_record *r, char **ret, struct pk_err *err)
{
	json_t *o = carried(r->json, false);

	*ret = o ? json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	json_decref(o);
	return *ret ? 0 : pk_fail_oom(err);
}

int pk_share_carried(const struct pk_record *r, const uint8_t *id, uint8_t ret[32], struct pk_err *err)
{
	pk_autofree char *text = NULL;
	PK_AUTO(pk_buf) member = {0};
	struct pk_sha256 h;

	if ((r->type == 'l' && put_member(r, id, &member, err) < 0) || (id && check_nameless(r, id, err) < 0) ||
	    dump(r, &text, err) < 0)
		return -1;
	pk_sha256_init(&h);
	pk_sha256_put(&h, text, strlen(text) + 1);
	pk_sha256_put(&h, member.p, member.n);
	pk_sha256_end(&h, ret);
	return 0;
}

int pk_share_put_carried(const struct pk_record *r, struct pk_buf *b, struct pk_err *err)
{
	json_t *o = carried(r->json, (r->type == 'c' || r->type == 'l') && !pk_json_get(r->json, "more_of"));
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	size_t n = text ? strlen(text) : 0;

	json_decref(o);
	if (!text)
		return pk_fail_oom(err);
	if (n > 2) {
		pk_buf_put_c(b, ',');
		pk_buf_put(b, text + 1, n - 2);
	}
	free(text);
	return pk_buf_check(b, err);
}
