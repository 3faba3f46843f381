/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON from hostile hands: jansson, with limits and without its random device. */
#include <picket/io.h>
#include <picket/json.h>
#include <picket/limits.h>

#include <errno.h>
#include <jansson.h>
#include <setjmp.h>

/* Where the parse of this thread ends when memory does. jansson 2.14 must not go on: it does not look whether the text of
 * a string could be kept, and then reads and writes past the end of what was. What the parse holds by then is lost. */
static _Thread_local jmp_buf *starved;

static void *json_malloc(size_t n)
{
	void *p = malloc(n);

	if (!p) {
		pk_memory_note_failure();
		if (starved)
			longjmp(*starved, 1);
	}
	return p;
}

/* jansson would open /dev/urandom for its hash seed at the first object: not there in a chroot, deadly in a sandbox. */
static int seed_once(struct pk_err *err)
{
	static bool seeded;
	size_t seed = 0;

	if (__atomic_load_n(&seeded, __ATOMIC_ACQUIRE))
		return 0;
	while (seed == 0)
		if (pk_seed(&seed, sizeof(seed), err) < 0)
			return -1;
	json_set_alloc_funcs(json_malloc, free);
	json_object_seed(seed);
	__atomic_store_n(&seeded, true, __ATOMIC_RELEASE);
	return 0;
}

/* jansson's own limit is 2,048 levels, and freeing recurses: count the levels before it does. */
static int check_depth(struct pk_str s, struct pk_err *err)
{
	bool in_string = false;
	unsigned depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			if (++depth > PK_MAX_JSON_DEPTH)
				return pk_fail(err, PK_ELIMIT, 0, "JSON nested deeper than %d levels at byte %zu",
					       PK_MAX_JSON_DEPTH, i);
		} else if ((c == '}' || c == ']') && depth) {
			depth--;
		}
	}
	return 0;
}

int pk_json_parse(struct pk_str text, struct json_t **ret, struct pk_err *err)
{
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
	json_error_t je;
	jmp_buf at;
	json_t *v;

	if (text.n > PK_MAX_JSON)
		return pk_fail(err, PK_ELIMIT, 0, "JSON of %zu bytes is over the limit of %u", text.n, PK_MAX_JSON);
	if (check_depth(text, err) < 0 || seed_once(err) < 0)
		return -1;
	if (setjmp(at)) {
		starved = NULL;
		return pk_fail_oom(err);
	}
	starved = &at;
	v = json_loadb(text.p ? text.p : "", text.n, flags, &je);
	starved = NULL;
	if (!v)
		return pk_fail(err, PK_EFORMAT, 0, "not valid JSON at byte %d: %s", je.position, je.text);
	*ret = v;
	return 0;
}

void pk_json_value_free(struct json_t *v)
{
	if (v)
		json_decref(v);
}

void pk_cleanup_json(struct json_t **v) { pk_json_value_free(*v); }

const struct json_t *pk_json_get(const struct json_t *obj, const char *key) { return json_object_get(obj, key); }

bool pk_json_is_null(const struct json_t *v) { return json_is_null(v); }
bool pk_json_is_list(const struct json_t *v) { return json_is_array(v); }
bool pk_json_is_object(const struct json_t *v) { return json_is_object(v); }

bool pk_json_next(const struct json_t *obj, void **iter, struct pk_str *ret_key, const struct json_t **ret_value)
{
	json_t *o = json_incref((json_t *)(uintptr_t)obj); /* jansson's iterators take no const */

	*iter = *iter ? json_object_iter_next(o, *iter) : json_object_iter(o);
	if (*iter) {
		*ret_key = pk_str(json_object_iter_key(*iter));
		*ret_value = json_object_iter_value(*iter);
	}
	json_decref(o);
	return *iter != NULL;
}

static int put_chunk(const char *p, size_t n, void *b)
{
	pk_buf_put(b, p, n);
	return 0;
}

void pk_buf_put_json_value(struct pk_buf *b, const struct json_t *v)
{
	if (json_is_string(v))
		pk_buf_put(b, json_string_value(v), json_string_length(v));
	else if (json_dump_callback(v, put_chunk, b, JSON_ENCODE_ANY | JSON_COMPACT) < 0)
		b->oom = true;
}

bool pk_json_get_str(const struct json_t *obj, const char *key, struct pk_str *ret)
{
	const json_t *v = json_object_get(obj, key);

	if (!json_is_string(v))
		return false;
	*ret = pk_str_n(json_string_value(v), json_string_length(v));
	return true;
}

bool pk_json_get_int(const struct json_t *obj, const char *key, int64_t *ret)
{
	const json_t *v = json_object_get(obj, key);

	if (!json_is_integer(v))
		return false;
	*ret = json_integer_value(v);
	return true;
}

bool pk_json_get_uint(const struct json_t *obj, const char *key, uint64_t *ret)
{
	int64_t v;

	if (!pk_json_get_int(obj, key, &v) || v < 0)
		return false;
	*ret = (uint64_t)v;
	return true;
}

bool pk_json_get_bool(const struct json_t *obj, const char *key, bool *ret)
{
	const json_t *v = json_object_get(obj, key);

	if (!json_is_boolean(v))
		return false;
	*ret = json_is_true(v);
	return true;
}

bool pk_json_get_bytes(const struct json_t *obj, const char *key, struct pk_buf *b)
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

bool pk_json_get_hex(const struct json_t *obj, const char *key, void *ret, size_t n)
{
	struct pk_str s;

	return pk_json_get_str(obj, key, &s) && pk_hex_decode(s, ret, n);
}

size_t pk_json_count(const struct json_t *array) { return json_array_size(array); }

const struct json_t *pk_json_at(const struct json_t *array, size_t i) { return json_array_get(array, i); }

bool pk_json_at_str(const struct json_t *array, size_t i, struct pk_str *ret)
{
	const json_t *v = json_array_get(array, i);

	if (!json_is_string(v))
		return false;
	*ret = pk_str_n(json_string_value(v), json_string_length(v));
	return true;
}

bool pk_json_at_uint(const struct json_t *array, size_t i, uint64_t *ret)
{
	const json_t *v = json_array_get(array, i);

	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return false;
	*ret = (uint64_t)json_integer_value(v);
	return true;
}
