/* SPDX-License-Identifier: Apache-2.0 */
/* mission.json: written by picket-kit, read by the collector. */
#include <picket/mission.h>

#include <picket/json.h>

#include <stdlib.h>

static const char *const walk_names[] = {"profile", "yes", "no"};

static void reader_done(struct pk_reader *r)
{
	free(r->name);
	free(r->org);
	free(r->nation);
	free(r->recipient);
}

void pk_mission_done(struct pk_mission *m)
{
	free(m->mission);
	free(m->issuer);
	free(m->built);
	free(m->version);
	free(m->host);
	free(m->profile);
	pk_strv_done(&m->artefacts);
	pk_label_done(&m->label);
	for (size_t i = 0; i < m->readers_n; i++)
		reader_done(&m->readers[i]);
	free(m->readers);
	*m = (struct pk_mission){0};
}

static bool dup_or_null(char **ret, const char *z) { return !z || (*ret = pk_str_dup(pk_str(z))) != NULL; }

int pk_mission_add_reader(struct pk_mission *m, const char *name, const char *org, const char *nation,
			  const char *recipient, struct pk_err *err)
{
	struct pk_reader r = {0};

	if (!dup_or_null(&r.name, name) || !dup_or_null(&r.org, org) || !dup_or_null(&r.nation, nation) ||
	    !dup_or_null(&r.recipient, recipient) ||
	    !pk_grow(&m->readers, &m->readers_cap, m->readers_n + 1, sizeof(r))) {
		reader_done(&r);
		return pk_fail_oom(err);
	}
	m->readers[m->readers_n++] = r;
	return 0;
}

void pk_buf_put_mission(struct pk_buf *b, const struct pk_mission *m)
{
	struct pk_json j = {.out = b};

	pk_json_begin(&j, '{');
	pk_json_kuint(&j, "v", 1);
	pk_json_kz(&j, "mission", m->mission);
	pk_json_kz(&j, "issuer", m->issuer);
	pk_json_kz(&j, "built", m->built);
	pk_json_kz(&j, "version", m->version);
	if (m->host)
		pk_json_kz(&j, "host", m->host);
	pk_json_kz(&j, "profile", m->profile);
	pk_json_key(&j, "artefacts");
	pk_json_begin(&j, '[');
	for (size_t i = 0; i < m->artefacts.n; i++)
		pk_json_z(&j, m->artefacts.v[i]);
	pk_json_end(&j, ']');
	pk_json_key(&j, "label");
	pk_json_begin(&j, '{');
	pk_json_put_label(&j, &m->label);
	pk_json_end(&j, '}');
	pk_json_key(&j, "readers");
	pk_json_begin(&j, '[');
	for (size_t i = 0; i < m->readers_n; i++) {
		pk_json_begin(&j, '{');
		if (m->readers[i].name) {
			pk_json_kz(&j, "name", m->readers[i].name);
			pk_json_kz(&j, "org", m->readers[i].org);
			pk_json_kz(&j, "nation", m->readers[i].nation);
		}
		pk_json_kz(&j, "recipient", m->readers[i].recipient);
		pk_json_end(&j, '}');
	}
	pk_json_end(&j, ']');
	pk_json_kuint(&j, "max_file", m->max_file);
	pk_json_kuint(&j, "max_total", m->max_total);
	pk_json_kuint(&j, "max_scan", m->max_scan);
	pk_json_kuint(&j, "globstar", m->globstar);
	pk_json_kbool(&j, "live", m->live);
	pk_json_kz(&j, "walk", walk_names[m->walk]);
	if (m->pad)
		pk_json_kbool(&j, "pad", true);
	pk_json_end(&j, '}');
	pk_buf_put_c(b, '\n');
	if (j.bad_utf8)
		b->oom = true;
}

static int take_text(const struct pk_json_value *obj, const char *key, bool required, char **ret, struct pk_err *err)
{
	struct pk_str s;

	if (!required && (!pk_json_get(obj, key) || pk_json_is_null(pk_json_get(obj, key))))
		return 0;
	if (!pk_json_get_str(obj, key, &s) || pk_str_find(s, '\0') != s.n)
		return pk_fail(err, PK_EFORMAT, 0, "'%s' is missing or no text", key);
	if (!(*ret = pk_str_dup(s)))
		return pk_fail_oom(err);
	return 0;
}

static int take_readers(const struct pk_json_value *list, struct pk_mission *m, struct pk_err *err)
{
	if (pk_json_count(list) == 0)
		return pk_fail(err, PK_EFORMAT, 0, "'readers' is missing or empty");
	for (size_t i = 0; i < pk_json_count(list); i++) {
		const struct pk_json_value *o = pk_json_at(list, i);
		struct pk_reader r = {0};

		if (take_text(o, "name", false, &r.name, err) < 0 || take_text(o, "org", false, &r.org, err) < 0 ||
		    take_text(o, "nation", false, &r.nation, err) < 0 ||
		    take_text(o, "recipient", true, &r.recipient, err) < 0 ||
		    (!pk_grow(&m->readers, &m->readers_cap, m->readers_n + 1, sizeof(r)) && pk_fail_oom(err))) {
			reader_done(&r);
			return pk_wrap(err, "reader %zu", i + 1);
		}
		m->readers[m->readers_n++] = r;
	}
	return 0;
}

static int take_artefacts(const struct pk_json_value *list, struct pk_mission *m, struct pk_err *err)
{
	if (!pk_json_is_list(list))
		return pk_fail(err, PK_EFORMAT, 0, "'artefacts' is missing or no list");
	for (size_t i = 0; i < pk_json_count(list); i++) {
		struct pk_str s;

		if (!pk_json_at_str(list, i, &s) || pk_str_find(s, '\0') != s.n)
			return pk_fail(err, PK_EFORMAT, 0, "'artefacts' holds something that is no text");
		if (pk_strv_add(&m->artefacts, s, err) < 0)
			return -1;
	}
	return 0;
}

static int check_members(const struct pk_json_value *obj, struct pk_err *err)
{
	static const char *const known[] = {"v",        "mission",   "issuer", "built",   "version",  "host",
					    "profile",  "artefacts", "label",  "readers", "max_file", "max_total",
					    "max_scan", "globstar",  "live",   "walk",    "pad"};
	const struct pk_json_value *value = NULL;
	struct pk_str key;
	size_t at = 0;

	while (pk_json_next(obj, &at, &key, &value)) {
		bool found = false;

		for (size_t i = 0; i < PK_LEN(known); i++)
			found |= pk_str_eq(key, pk_str(known[i]));
		if (!found)
			return pk_fail(err, PK_EFORMAT, 0, "unknown member '%.*s'", PK_STR_ARG(key));
	}
	return 0;
}

static int parse(const struct pk_json_value *obj, struct pk_mission *m, struct pk_err *err)
{
	struct pk_str walk = {0};
	uint64_t v = 0;

	if (!pk_json_is_object(obj) || !pk_json_get_uint(obj, "v", &v) || v != 1)
		return pk_fail(err, PK_EFORMAT, 0, "not a mission of version 1");
	if (check_members(obj, err) < 0 || take_text(obj, "mission", true, &m->mission, err) < 0 ||
	    take_text(obj, "issuer", true, &m->issuer, err) < 0 || take_text(obj, "built", true, &m->built, err) < 0 ||
	    take_text(obj, "version", true, &m->version, err) < 0 || take_text(obj, "host", false, &m->host, err) < 0 ||
	    take_text(obj, "profile", true, &m->profile, err) < 0 ||
	    take_artefacts(pk_json_get(obj, "artefacts"), m, err) < 0 ||
	    take_readers(pk_json_get(obj, "readers"), m, err) < 0)
		return -1;
	if (pk_label_from_json(pk_json_get(obj, "label"), &m->label, err) < 0)
		return pk_wrap(err, "label");
	if (!pk_json_get_uint(obj, "max_file", &m->max_file) || !pk_json_get_uint(obj, "max_total", &m->max_total) ||
	    !pk_json_get_uint(obj, "max_scan", &m->max_scan) || !pk_json_get_uint(obj, "globstar", &m->globstar) ||
	    (pk_json_get(obj, "pad") && !pk_json_get_bool(obj, "pad", &m->pad)) ||
	    !pk_json_get_bool(obj, "live", &m->live) || !pk_json_get_str(obj, "walk", &walk))
		return pk_fail(err, PK_EFORMAT, 0, "a limit or setting is missing");
	for (unsigned i = 0; i < PK_LEN(walk_names); i++)
		if (pk_str_eq(walk, pk_str(walk_names[i]))) {
			m->walk = (enum pk_walk)i;
			return 0;
		}
	return pk_fail(err, PK_EFORMAT, 0, "'walk' is none of profile, yes, no");
}

int pk_mission_parse(struct pk_str text, struct pk_mission *ret, struct pk_err *err)
{
	PK_AUTO(pk_mission) m = {0};
	pk_autojson *obj = NULL;

	if (pk_json_parse(text, &obj, err) < 0 || parse(obj, &m, err) < 0)
		return pk_wrap(err, "mission.json");
	*ret = m;
	m = (struct pk_mission){0};
	return 0;
}
