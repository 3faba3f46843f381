/* SPDX-License-Identifier: Apache-2.0 */
/* What a parsed JSON value holds: every question of include/picket/json.h. */
#include "jsonvalue.h"

static bool is(const struct pk_json_value *v, enum pk_json_type type) { return v && v->type == type; }

static struct pk_str text_of(const struct pk_json_value *v) { return pk_str_n(v->is.text, v->n); }

const struct pk_json_value *pk_json_get(const struct pk_json_value *obj, const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; is(obj, PK_JSON_OBJECT) && i < obj->n; i++) {
		const struct pk_json_value *name = &obj->is.child[2 * i];

		if (name->n == n && memcmp(name->is.text, key, n) == 0)
			return name + 1;
	}
	return NULL;
}

bool pk_json_is_null(const struct pk_json_value *v) { return is(v, PK_JSON_NULL); }
bool pk_json_is_list(const struct pk_json_value *v) { return is(v, PK_JSON_LIST); }
bool pk_json_is_object(const struct pk_json_value *v) { return is(v, PK_JSON_OBJECT); }

bool pk_json_next(const struct pk_json_value *obj, size_t *at, struct pk_str *ret_key,
		  const struct pk_json_value **ret_value)
{
	if (!is(obj, PK_JSON_OBJECT) || *at >= obj->n)
		return false;
	*ret_key = text_of(&obj->is.child[2 * *at]);
	*ret_value = &obj->is.child[2 * *at + 1];
	++*at;
	return true;
}

void pk_json_value(struct pk_json *j, const struct pk_json_value *v)
{
	switch ((enum pk_json_type)v->type) {
	case PK_JSON_TEXT: pk_json_str(j, text_of(v)); break;
	case PK_JSON_INTEGER: pk_json_int(j, v->is.integer); break;
	case PK_JSON_REAL: pk_json_raw(j, text_of(v)); break;
	case PK_JSON_BOOLEAN: pk_json_bool(j, v->yes); break;
	case PK_JSON_NULL: pk_json_z(j, NULL); break;
	case PK_JSON_LIST:
		pk_json_begin(j, '[');
		for (size_t i = 0; i < v->n; i++)
			pk_json_value(j, &v->is.child[i]);
		pk_json_end(j, ']');
		break;
	case PK_JSON_OBJECT:
		pk_json_begin(j, '{');
		for (size_t i = 0; i < v->n; i++) {
			pk_json_key(j, v->is.child[2 * i].is.text);
			pk_json_value(j, &v->is.child[2 * i + 1]);
		}
		pk_json_end(j, '}');
		break;
	}
}

void pk_buf_put_json_value(struct pk_buf *b, const struct pk_json_value *v)
{
	struct pk_json j = {.out = b};

	if (is(v, PK_JSON_TEXT))
		pk_buf_put_str(b, text_of(v));
	else
		pk_json_value(&j, v);
}

bool pk_json_text(const struct pk_json_value *v, struct pk_str *ret)
{
	if (!is(v, PK_JSON_TEXT))
		return false;
	*ret = text_of(v);
	return true;
}

static bool get_uint(const struct pk_json_value *v, uint64_t *ret)
{
	if (!is(v, PK_JSON_INTEGER) || v->is.integer < 0)
		return false;
	*ret = (uint64_t)v->is.integer;
	return true;
}

bool pk_json_get_str(const struct pk_json_value *obj, const char *key, struct pk_str *ret)
{
	return pk_json_text(pk_json_get(obj, key), ret);
}

bool pk_json_get_int(const struct pk_json_value *obj, const char *key, int64_t *ret)
{
	const struct pk_json_value *v = pk_json_get(obj, key);

	if (!is(v, PK_JSON_INTEGER))
		return false;
	*ret = v->is.integer;
	return true;
}

bool pk_json_get_uint(const struct pk_json_value *obj, const char *key, uint64_t *ret)
{
	return get_uint(pk_json_get(obj, key), ret);
}

bool pk_json_get_bool(const struct pk_json_value *obj, const char *key, bool *ret)
{
	const struct pk_json_value *v = pk_json_get(obj, key);

	if (!is(v, PK_JSON_BOOLEAN))
		return false;
	*ret = v->yes;
	return true;
}

bool pk_json_get_bytes(const struct pk_json_value *obj, const char *key, struct pk_buf *b)
{
	PK_AUTO(pk_buf) name = {0};
	struct pk_str s;

	if (pk_json_get_str(obj, key, &s)) {
		pk_buf_put_str(b, s);
		return !b->oom;
	}
	pk_buf_putf(&name, "%s_b64", key);
	if (name.oom || !pk_json_get_str(obj, name.p, &s))
		return false;
	return pk_base64_decode(s, true, b);
}

bool pk_json_get_hex(const struct pk_json_value *obj, const char *key, void *ret, size_t n)
{
	struct pk_str s;

	return pk_json_get_str(obj, key, &s) && pk_hex_decode(s, ret, n);
}

size_t pk_json_count(const struct pk_json_value *array) { return is(array, PK_JSON_LIST) ? array->n : 0; }

const struct pk_json_value *pk_json_at(const struct pk_json_value *array, size_t i)
{
	return i < pk_json_count(array) ? &array->is.child[i] : NULL;
}

bool pk_json_at_str(const struct pk_json_value *array, size_t i, struct pk_str *ret)
{
	return pk_json_text(pk_json_at(array, i), ret);
}

bool pk_json_at_uint(const struct pk_json_value *array, size_t i, uint64_t *ret)
{
	return get_uint(pk_json_at(array, i), ret);
}
