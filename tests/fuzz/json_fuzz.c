/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from anywhere: read as jansson, another reader, reads it; and what is written again is read the same. */
#include <picket/json.h>

#include <jansson.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool yes)
{
	if (!yes)
		__builtin_trap();
}

/* Numbers are compared by how they are written: jansson computes those with a fraction. */
static void must_be_same(const struct pk_json_value *v, const json_t *other)
{
	struct pk_str text = {0}, key = {0};
	const struct pk_json_value *value = NULL;
	size_t at = 0;

	if (json_is_string(other)) {
		must(pk_json_text(v, &text) && pk_str_is_utf8(text) &&
		     pk_str_eq(text, pk_str_n(json_string_value(other), json_string_length(other))));
	} else if (json_is_array(other)) {
		must(pk_json_is_list(v) && pk_json_count(v) == json_array_size(other));
		for (; at < json_array_size(other); at++)
			must_be_same(pk_json_at(v, at), json_array_get(other, at));
	} else if (json_is_object(other)) {
		must(pk_json_is_object(v));
		while (pk_json_next(v, &at, &key, &value)) {
			must(value == pk_json_get(v, key.p) && json_object_get(other, key.p));
			must_be_same(value, json_object_get(other, key.p));
		}
		must(at == json_object_size(other));
	} else if (!json_is_real(other)) {
		PK_AUTO(pk_buf) written = {0};
		char *theirs = json_dumps(other, JSON_ENCODE_ANY);

		pk_buf_put_json_value(&written, v);
		must(theirs && pk_str_eq(pk_buf_str(&written), pk_str(theirs)));
		free(theirs);
	}
}

static void must_come_back(const struct pk_json_value *v)
{
	PK_AUTO(pk_buf) once = {0}, twice = {0};
	struct pk_json j = {.out = &once}, k = {.out = &twice};
	pk_autojson *again = NULL;

	pk_json_value(&j, v);
	must(pk_json_check(&j, NULL) == 0 && pk_json_parse(pk_buf_str(&once), &again, NULL) == 0);
	pk_json_value(&k, again);
	must(pk_str_eq(pk_buf_str(&once), pk_buf_str(&twice)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
	const struct pk_str text = pk_str_n(data, size);
	pk_autojson *v = NULL;
	struct pk_err err = {0};
	json_error_t why;
	json_t *other = NULL;
	bool read = pk_json_parse(text, &v, &err) == 0;

	if (read)
		must_come_back(v);
	/* jansson has another limit of depth, and leaves out a NUL that follows a number */
	if (err.kind == PK_ELIMIT || pk_str_find(text, '\0') < size)
		return 0;
	other = json_loadb(text.p ? text.p : "", size, flags, &why);
	if (other && read)
		must_be_same(v, other);
	else
		must(!other && (!read || json_error_code(&why) == json_error_numeric_overflow));
	json_decref(other);
	return 0;
}
