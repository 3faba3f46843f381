/* SPDX-License-Identifier: Apache-2.0 */
/* Sets in JSON: STIX 2 bundles and MISP events. What is not looked for is counted, never dropped. */
#include "iocset.h"

#define MAX_EVENT_INFO 200

static struct pk_str text_of(const struct pk_json_value *obj, const char *key)
{
	struct pk_str s = {0};

	(void)pk_json_get_str(obj, key, &s);
	return s;
}

/* "A: B", or whichever there is. */
static void join(struct pk_buf *b, struct pk_str first, struct pk_str second)
{
	pk_buf_reset(b);
	pk_buf_put_str(b, pk_str_n(first.p, PK_MIN(first.n, (size_t)MAX_EVENT_INFO)));
	if (first.n > 0 && second.n > 0)
		pk_buf_puts(b, ": ");
	pk_buf_put_str(b, second);
}

/* --- STIX --------------------------------------------------------------------------------------------- */

static void read_indicator(struct pk_ioc_build *b, const struct pk_json_value *obj)
{
	struct pk_ioc_about about = {.score = PK_IOC_NO_SCORE};
	struct pk_str pattern = text_of(obj, "pattern"), language = text_of(obj, "pattern_type");
	struct pk_str id = text_of(obj, "id"), name = text_of(obj, "name");
	PK_AUTO(pk_buf) description = {0};
	const char *why = NULL;
	bool revoked = false;

	join(&description, name, text_of(obj, "description"));
	b->texts.oom |= description.oom;
	about.description = pk_str_n(pk_buf_str(&description).p, PK_MIN(description.n, (size_t)PK_MAX_META_TEXT));
	if (pk_json_get_bool(obj, "revoked", &revoked) && revoked)
		why = "it is revoked";
	else if (language.n > 0 && !pk_str_eq(language, PK_STR("stix")))
		why = "its pattern is in another language than STIX";
	else if (pattern.n == 0)
		why = "it has no pattern";
	else if (pk_ioc_read_pattern(b, pattern, &about, &why))
		return;
	pk_ioc_build_problem(b, 0, 1, "indicator '%.*s' is not looked for: %s: %.*s", PK_STR_ARG(id.n ? id : name), why,
			     (int)PK_MIN(pattern.n, (size_t)160), pattern.p ? pattern.p : "");
}

static void read_stix(struct pk_ioc_build *b, const struct pk_json_value *objects)
{
	for (size_t i = 0; i < pk_json_count(objects); i++) {
		const struct pk_json_value *obj = pk_json_at(objects, i);

		if (pk_str_eq(text_of(obj, "type"), PK_STR("indicator")))
			read_indicator(b, obj);
	}
}

/* --- MISP --------------------------------------------------------------------------------------------- */

struct misp {
	struct pk_ioc_build *b;
	struct pk_str info; /* of the event */
	bool no_ids;        /* no attribute says whether it is meant for detection */
	uint64_t not_ids, assumed;
	struct pk_buf description;
};

static bool add_hash(struct misp *m, struct pk_str hex, size_t size, const struct pk_ioc_about *about)
{
	char lower[64];
	uint8_t hash[32];

	hex = pk_str_trim(hex);
	if (hex.n != 2 * size)
		return false;
	for (size_t i = 0; i < hex.n; i++)
		lower[i] = (char)(hex.p[i] >= 'A' && hex.p[i] <= 'F' ? hex.p[i] | 0x20 : hex.p[i]);
	if (!pk_hex_decode(pk_str_n(lower, hex.n), hash, size))
		return false;
	pk_ioc_build_hash(m->b, hash, size, false, about);
	return true;
}

static size_t digest_size(struct pk_str type)
{
	return pk_str_eq(type, PK_STR("md5"))      ? 16
	       : pk_str_eq(type, PK_STR("sha1"))   ? 20
	       : pk_str_eq(type, PK_STR("sha256")) ? 32
						   : 0;
}

/* One value of a type that may be half of a composite one. False: a type that is not looked for. */
static bool add_value(struct misp *m, struct pk_str type, struct pk_str value, const struct pk_ioc_about *about)
{
	static const char *const c2[] = {"ip-dst", "ip-src", "ip", "domain", "hostname", "url"};
	size_t size = digest_size(type);

	if (size)
		return add_hash(m, value, size, about);
	if (pk_str_eq(type, PK_STR("filename"))) {
		pk_ioc_build_name(m->b, value, about);
		return true;
	}
	for (size_t i = 0; i < PK_LEN(c2); i++)
		if (pk_str_eq(type, pk_str(c2[i]))) {
			pk_ioc_build_c2(m->b, value, about);
			return true;
		}
	return false;
}

/* "filename|md5": the file is known by its hash, whatever it is called. "ip-dst|port": the port is left out. */
static bool add_composite(struct misp *m, struct pk_str type, struct pk_str value, const struct pk_ioc_about *about)
{
	struct pk_str type1, value1;

	if (!pk_str_split(&type, '|', &type1) || !pk_str_split(&value, '|', &value1))
		return false;
	if (!type.p)
		return add_value(m, type1, value1, about);
	if (!value.p)
		return false;
	if (pk_str_eq(type, PK_STR("port")))
		return add_value(m, type1, value1, about);
	if (pk_str_eq(type1, PK_STR("filename"))) {
		struct pk_ioc_about named = *about;
		PK_AUTO(pk_buf) text = {0};

		join(&text, about->description, value1);
		m->b->texts.oom |= text.oom;
		named.description = pk_buf_str(&text);
		return digest_size(type) != 0 && add_value(m, type, value, &named);
	}
	return pk_str_eq(type1, PK_STR("domain")) && pk_str_eq(type, PK_STR("ip")) &&
	       add_value(m, type1, value1, about) && add_value(m, type, value, about);
}

/* What MISP itself never means for detection unless told so. */
static bool never_ids(struct pk_str type)
{
	static const char *const types[] = {"attachment", "campaign-name", "comment",      "datetime",
					    "link",       "other",         "port",         "size-in-bytes",
					    "text",       "threat-actor",  "vulnerability"};

	for (size_t i = 0; i < PK_LEN(types); i++)
		if (pk_str_eq(type, pk_str(types[i])))
			return true;
	return false;
}

static void read_attribute(struct misp *m, const struct pk_json_value *a)
{
	struct pk_str type = text_of(a, "type"), value = text_of(a, "value");
	struct pk_ioc_about about = {.score = PK_IOC_NO_SCORE};
	bool ids = m->no_ids && !never_ids(type);

	if (!pk_json_is_object(a))
		return;
	(void)pk_json_get_bool(a, "to_ids", &ids);
	if (!ids) {
		m->not_ids++;
		return;
	}
	m->assumed += m->no_ids;
	join(&m->description, m->info, text_of(a, "comment"));
	m->b->texts.oom |= m->description.oom;
	about.description = pk_str_n(pk_buf_str(&m->description).p, PK_MIN(m->description.n, (size_t)PK_MAX_META_TEXT));
	if (!add_composite(m, type, value, &about))
		pk_ioc_build_problem(m->b, 0, 1, "attribute '%.*s' of type '%.*s' is not looked for", PK_STR_ARG(value),
				     PK_STR_ARG(type));
}

static void read_attributes(struct misp *m, const struct pk_json_value *list)
{
	for (size_t i = 0; i < pk_json_count(list); i++)
		read_attribute(m, pk_json_at(list, i));
}

static bool any_ids(const struct pk_json_value *list)
{
	for (size_t i = 0; i < pk_json_count(list); i++)
		if (pk_json_get(pk_json_at(list, i), "to_ids"))
			return true;
	return false;
}

static void read_event(struct pk_ioc_build *b, const struct pk_json_value *event)
{
	struct misp m = {.b = b, .info = text_of(event, "info")};
	const struct pk_json_value *objects = pk_json_get(event, "Object");

	m.no_ids = !any_ids(pk_json_get(event, "Attribute"));
	for (size_t i = 0; i < pk_json_count(objects); i++)
		m.no_ids = m.no_ids && !any_ids(pk_json_get(pk_json_at(objects, i), "Attribute"));
	read_attributes(&m, pk_json_get(event, "Attribute"));
	for (size_t i = 0; i < pk_json_count(objects); i++)
		read_attributes(&m, pk_json_get(pk_json_at(objects, i), "Attribute"));
	if (m.not_ids > 0)
		pk_ioc_build_problem(
			b, 0, 0, "%llu attributes are left out: their author does not mean them for detection (to_ids)",
			(unsigned long long)m.not_ids);
	if (m.assumed > 0)
		pk_ioc_build_problem(
			b, 0, 0,
			"%llu attributes are looked for though none says that it is meant for detection (to_ids)",
			(unsigned long long)m.assumed);
	pk_buf_done(&m.description);
}

/* --- which of them ------------------------------------------------------------------------------------ */

static bool read_wrapped(struct pk_ioc_build *b, const struct pk_json_value *v)
{
	const struct pk_json_value *event = pk_json_get(v, "Event");

	if (!pk_json_is_object(event))
		return false;
	read_event(b, event);
	return true;
}

static bool read_events(struct pk_ioc_build *b, const struct pk_json_value *v)
{
	bool found = false;

	if (!pk_json_is_list(v))
		return read_wrapped(b, v);
	for (size_t i = 0; i < pk_json_count(v); i++)
		found |= read_wrapped(b, pk_json_at(v, i));
	return found;
}

void pk_ioc_read_json(struct pk_ioc_build *b, struct pk_str text)
{
	struct pk_err err = {0};
	pk_autojson *v = NULL;

	if (pk_json_parse(text, &v, &err) < 0) {
		b->texts.oom |= err.kind == PK_ESYS;
		pk_ioc_build_refuse(b, err.msg);
	} else if (pk_str_eq(text_of(v, "type"), PK_STR("bundle")) && pk_json_is_list(pk_json_get(v, "objects"))) {
		read_stix(b, pk_json_get(v, "objects"));
	} else if (pk_str_eq(text_of(v, "type"), PK_STR("indicator"))) {
		read_indicator(b, v);
	} else if (!read_events(b, pk_json_is_list(pk_json_get(v, "response")) ? pk_json_get(v, "response") : v)) {
		pk_ioc_build_refuse(b, "this JSON is neither a STIX 2 bundle nor a MISP event");
	}
}
