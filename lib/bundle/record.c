/* SPDX-License-Identifier: Apache-2.0 */
/* One line of the record log: what every type has in common, checked strictly. */
#include "padding.h"

#include <picket/limits.h>
#include <picket/record.h>

#include <stdlib.h>

void pk_record_done(struct pk_record *r)
{
	pk_json_value_free(r->json);
	*r = (struct pk_record){0};
}

int pk_record_parse(struct pk_str line, uint64_t want_leaf, struct pk_record *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) head = {0};
	pk_autojson *json = NULL;
	struct pk_str type = {0};
	uint8_t salt[16];
	uint64_t leaf = 0;

	if (line.n > PK_MAX_RECORD)
		return pk_fail(err, PK_ELIMIT, 0, "record %llu is longer than %u bytes", (unsigned long long)want_leaf,
			       PK_MAX_RECORD);
	if (pk_json_parse(line, &json, err) < 0)
		return pk_wrap(err, "record %llu", (unsigned long long)want_leaf);
	if (!pk_json_get_str(json, "t", &type) || type.n != 1 || !memchr("bmclheu", type.p[0], 7))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu has no known type", (unsigned long long)want_leaf);
	if (!pk_json_get_uint(json, "i", &leaf) || leaf != want_leaf)
		return pk_fail(err, PK_EFORMAT, 0, "record %llu does not say that it is this one",
			       (unsigned long long)want_leaf);
	if (!pk_json_get_hex(json, "salt", salt, sizeof(salt)))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu has no salt", (unsigned long long)want_leaf);
	pk_buf_putf(&head, "{\"t\":\"%c\",\"i\":%llu,\"salt\":\"", type.p[0], (unsigned long long)leaf);
	pk_buf_put_hex(&head, salt, sizeof(salt));
	pk_buf_put_c(&head, '"');
	if (pk_buf_check(&head, err) < 0)
		return -1;
	/* and then its fields, or the end: no blanks, so that who copies the fields knows where they begin and end */
	if (!pk_str_starts(line, pk_buf_str(&head)) || !strchr(",}", line.p[head.n]) || line.p[line.n - 1] != '}')
		return pk_fail(err, PK_EFORMAT, 0,
			       "record %llu does not begin with t, i and salt, or does not end with its brace",
			       (unsigned long long)want_leaf);
	ret->type = type.p[0];
	ret->fields = pk_str_n(line.p + head.n, line.n - head.n);
	ret->leaf = leaf;
	ret->json = pk_steal(&json);
	ret->line = line;
	return 0;
}

bool pk_record_is_padding(const struct pk_record *r)
{
	return r->type == 'e' && pk_str_eq(r->fields, PK_STR("," PK_PAD_FIELDS "}"));
}

static int by_leaf(const void *key, const void *item)
{
	const uint64_t *a = key, *b = item;

	return *a < *b ? -1 : *a > *b;
}

void *pk_leaf_find(const void *items, size_t n, size_t size, uint64_t leaf)
{
	return n ? bsearch(&leaf, items, n, size, by_leaf) : NULL;
}
