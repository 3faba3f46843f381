/* SPDX-License-Identifier: Apache-2.0 */
/* The custody log as CASE/UCO in JSON-LD: an InvestigativeAction and a ProvenanceRecord a line.
 * Identifiers are UUIDs (RFC 9562, version 8) made of hashes: the same log gives the same document. */
#include <picket/custody.h>
#include <picket/hash.h>
#include <picket/json.h>

#include <stdlib.h>

static const char *const context[][2] = {
	{"kb", "urn:uuid:"},
	{"case-investigation", "https://ontology.caseontology.org/case/investigation/"},
	{"uco-action", "https://ontology.unifiedcyberontology.org/uco/action/"},
	{"uco-core", "https://ontology.unifiedcyberontology.org/uco/core/"},
	{"uco-identity", "https://ontology.unifiedcyberontology.org/uco/identity/"},
	{"uco-location", "https://ontology.unifiedcyberontology.org/uco/location/"},
	{"uco-marking", "https://ontology.unifiedcyberontology.org/uco/marking/"},
	{"uco-observable", "https://ontology.unifiedcyberontology.org/uco/observable/"},
	{"uco-tool", "https://ontology.unifiedcyberontology.org/uco/tool/"},
	{"uco-types", "https://ontology.unifiedcyberontology.org/uco/types/"},
	{"uco-vocabulary", "https://ontology.unifiedcyberontology.org/uco/vocabulary/"},
	{"xsd", "http://www.w3.org/2001/XMLSchema#"},
};

/* Of a line: what is not so in a log without faults. */
struct odd {
	bool is_raw;  /* no custody line: nobody is known to have done anything */
	size_t again; /* how many lines before have the same bytes */
};

struct graph {
	struct pk_json j;
	struct pk_strv known; /* identifiers of what several lines may name */
	struct pk_buf origin;
	struct pk_str label; /* empty: none */
	struct odd *odd;     /* one a line; NULL when the log has no faults */
};

static void graph_done(struct graph *g)
{
	pk_strv_done(&g->known);
	pk_buf_done(&g->origin);
	free(g->odd);
}

/* "kb:UUID" of a thing of this log: its kind and what tells it from others. */
static void put_id(struct pk_buf *b, const struct graph *g, const char *kind, struct pk_str what)
{
	struct pk_sha256 h;
	uint8_t sum[PK_SHA256_SIZE];

	pk_sha256_init(&h);
	pk_sha256_put(&h, g->origin.p, g->origin.n + 1);
	pk_sha256_put(&h, kind, strlen(kind) + 1);
	pk_sha256_put(&h, what.p ? what.p : "", what.n);
	pk_sha256_end(&h, sum);
	sum[6] = (uint8_t)((sum[6] & 0x0f) | 0x80);
	sum[8] = (uint8_t)((sum[8] & 0x3f) | 0x80);
	pk_buf_puts(b, "kb:");
	for (size_t i = 0; i < 16; i++) {
		pk_buf_puts(b, i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "");
		pk_buf_put_hex(b, sum + i, 1);
	}
}

/* "KEY":{"@id":"..."} */
static void put_ref(struct graph *g, const char *key, const char *kind, struct pk_str what)
{
	PK_AUTO(pk_buf) id = {0};

	put_id(&id, g, kind, what);
	pk_json_key(&g->j, key);
	pk_json_begin(&g->j, '{');
	pk_json_kz(&g->j, "@id", id.p);
	pk_json_end(&g->j, '}');
	g->j.out->oom = g->j.out->oom || id.oom;
}

/* Every node has an identifier: UCO's shapes want one of whatever a property names. */
static void begin_object(struct graph *g, const char *type, const char *kind, struct pk_str what)
{
	PK_AUTO(pk_buf) id = {0};

	put_id(&id, g, kind, what);
	pk_json_begin(&g->j, '{');
	pk_json_kz(&g->j, "@id", id.p);
	pk_json_kz(&g->j, "@type", type);
	g->j.out->oom = g->j.out->oom || id.oom;
}

/* In a line of its own; marked, unless it is the marking. */
static void begin_node(struct graph *g, const char *type, const char *kind, struct pk_str what)
{
	pk_buf_puts(g->j.out, g->j.comma ? ",\n" : "\n");
	g->j.comma = false;
	begin_object(g, type, kind, what);
	if (g->label.n && strcmp(kind, "marking") != 0)
		put_ref(g, "uco-core:objectMarking", "marking", g->label);
}

static void put_marking(struct graph *g)
{
	begin_node(g, "uco-marking:MarkingDefinition", "marking", g->label);
	pk_json_kz(&g->j, "uco-marking:definitionType", "statement");
	pk_json_key(&g->j, "uco-marking:definition");
	begin_object(g, "uco-marking:StatementMarking", "statement", g->label);
	pk_json_kz(&g->j, "uco-marking:definitionType", "statement");
	pk_json_kstr(&g->j, "uco-marking:statement", g->label);
	pk_json_end(&g->j, '}');
	pk_json_end(&g->j, '}');
}

/* 1: not named by an earlier line; 0: named; -1: no memory. */
static int is_new(struct graph *g, const char *kind, struct pk_str what, struct pk_err *err)
{
	PK_AUTO(pk_buf) id = {0};

	put_id(&id, g, kind, what);
	if (pk_buf_check(&id, err) < 0)
		return -1;
	if (pk_strv_has(&g->known, id.p))
		return 0;
	return pk_strv_add(&g->known, pk_buf_str(&id), err) < 0 ? -1 : 1;
}

static int put_named(struct graph *g, const char *type, const char *kind, struct pk_str name, const char *more_key,
		     struct pk_str more, struct pk_err *err)
{
	PK_AUTO(pk_buf) what = {0};
	int r = 0;

	pk_buf_put_str(&what, name);
	pk_buf_put_c(&what, 0);
	pk_buf_put_str(&what, more);
	if (pk_buf_check(&what, err) < 0)
		return -1;
	if ((r = is_new(g, kind, pk_buf_str(&what), err)) <= 0)
		return r;
	begin_node(g, type, kind, pk_buf_str(&what));
	pk_json_kstr(&g->j, "uco-core:name", name);
	if (more_key)
		pk_json_kstr(&g->j, more_key, more);
	pk_json_end(&g->j, '}');
	return 0;
}

static void put_typed(struct pk_json *j, const char *key, const char *type, struct pk_str value)
{
	pk_json_key(j, key);
	pk_json_begin(j, '{');
	pk_json_kz(j, "@type", type);
	pk_json_kstr(j, "@value", value);
	pk_json_end(j, '}');
}

/* A moment that the type xsd:dateTime can tell in the form that all take; of another, the decimal of the line as a tag. */
static void put_moment(struct pk_json *j, const char *const *keys, struct pk_time t)
{
	const int64_t year_1 = -62135596800, year_10000 = 253402300800;
	PK_AUTO(pk_buf) when = {0};

	if (t.sec >= year_1 && t.sec < year_10000) {
		pk_buf_put_rfc3339(&when, t, 9);
		for (; *keys; keys++)
			put_typed(j, *keys, "xsd:dateTime", pk_buf_str(&when));
	} else {
		pk_buf_puts(&when, "time ");
		pk_buf_put_time(&when, t);
		pk_buf_puts(&when, ", in seconds since 1970");
		pk_json_kstr(j, "uco-core:tag", pk_buf_str(&when));
	}
	j->out->oom = j->out->oom || when.oom;
}

/* "sha256:HEX" and "blake2b:HEX" are contents with that hash. */
static void put_hash(struct graph *g, struct pk_str object)
{
	static const char *const methods[][2] = {{"sha256:", "SHA256"}, {"blake2b:", "BLAKE2B"}};

	for (size_t i = 0; i < PK_LEN(methods); i++) {
		size_t n = strlen(methods[i][0]);

		if (!pk_str_starts(object, pk_str(methods[i][0])))
			continue;
		pk_json_key(&g->j, "uco-core:hasFacet");
		begin_object(g, "uco-observable:ContentDataFacet", "facet", object);
		pk_json_key(&g->j, "uco-observable:hash");
		begin_object(g, "uco-types:Hash", "hash", object);
		put_typed(&g->j, "uco-types:hashMethod", i ? "xsd:string" : "uco-vocabulary:HashNameVocab",
			  pk_str(methods[i][1]));
		put_typed(&g->j, "uco-types:hashValue", "xsd:hexBinary", pk_str_n(object.p + n, object.n - n));
		pk_json_end(&g->j, '}');
		pk_json_end(&g->j, '}');
	}
}

static int put_object(struct graph *g, struct pk_str object, struct pk_err *err)
{
	int r = is_new(g, "object", object, err);

	if (r <= 0)
		return r;
	begin_node(g, "uco-observable:ObservableObject", "object", object);
	pk_json_kstr(&g->j, "uco-core:name", object);
	put_hash(g, object);
	pk_json_end(&g->j, '}');
	return 0;
}

/* A line is known by its leaf; one that is repeated, by that and how often it was there. */
static struct pk_str line_name(const struct graph *g, const struct pk_custody_log *log, size_t i, struct pk_buf *b)
{
	pk_buf_reset(b);
	pk_buf_put_hex(b, log->leaf[i], 32);
	if (g->odd && g->odd[i].again)
		pk_buf_putf(b, "/%zu", g->odd[i].again);
	return b->p ? pk_buf_str(b) : PK_STR("");
}

static bool is_raw(const struct graph *g, size_t i) { return g->odd && g->odd[i].is_raw; }

struct place {
	const uint8_t *leaf;
	size_t i;
};

static int by_leaf(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int r = memcmp(x->leaf, y->leaf, sizeof(pk_node));

	return r ? r : x->i < y->i ? -1 : 1;
}

static int find_odd(struct graph *g, const struct pk_custody_log *log, struct pk_err *err)
{
	pk_autofree struct place *order = malloc((log->n + 1) * sizeof(*order));

	g->odd = calloc(log->n + 1, sizeof(*g->odd));
	if (!order || !g->odd)
		return pk_fail_oom(err);
	for (size_t i = 0; i < log->n; i++) {
		PK_AUTO(pk_custody_entry) e = {0};
		struct pk_err why = {0};

		order[i] = (struct place){log->leaf[i], i};
		g->odd[i].is_raw = pk_custody_entry_parse(pk_custody_log_line(log, i), &e, &why) < 0;
		if (g->odd[i].is_raw && why.kind != PK_EFORMAT && why.kind != PK_ELIMIT)
			return pk_fail(err, why.kind, why.sys, "%s", why.msg);
	}
	qsort(order, log->n, sizeof(*order), by_leaf);
	for (size_t i = 1; i < log->n; i++)
		if (memcmp(order[i].leaf, order[i - 1].leaf, sizeof(pk_node)) == 0)
			g->odd[order[i].i].again = g->odd[order[i - 1].i].again + 1;
	return 0;
}

/* A reference whose identifier put_named made of two texts. */
static int put_ref2(struct graph *g, const char *key, const char *kind, struct pk_str a, struct pk_str b,
		    struct pk_err *err)
{
	PK_AUTO(pk_buf) what = {0};

	pk_buf_put_str(&what, a);
	pk_buf_put_c(&what, 0);
	pk_buf_put_str(&what, b);
	if (pk_buf_check(&what, err) < 0)
		return -1;
	put_ref(g, key, kind, pk_buf_str(&what));
	return 0;
}

static int put_action(struct graph *g, const struct pk_custody_log *log, size_t i, const struct pk_custody_entry *e,
		      struct pk_err *err)
{
	static const char *const times[] = {"uco-action:startTime", "uco-action:endTime", NULL};
	PK_AUTO(pk_buf) leaf = {0};
	PK_AUTO(pk_buf) version = {0};
	struct pk_str none = PK_STR("");

	pk_buf_put_str(&version, e->version);
	if (pk_buf_check(&version, err) < 0)
		return -1;
	begin_node(g, "case-investigation:InvestigativeAction", "action", line_name(g, log, i, &leaf));
	pk_json_kstr(&g->j, "uco-core:name", e->action);
	if (e->reason.n)
		pk_json_kstr(&g->j, "uco-core:description", e->reason);
	put_moment(&g->j, times, e->t);
	if (put_ref2(g, "uco-action:performer", "identity", e->actor, e->key.n ? e->key : none, err) < 0 ||
	    put_ref2(g, "uco-action:instrument", "tool", e->tool, pk_buf_str(&version), err) < 0 ||
	    (e->place.n && put_ref2(g, "uco-action:location", "location", e->place, none, err) < 0))
		return -1;
	put_ref(g, "uco-action:object", "object", e->object);
	put_ref(g, "uco-action:result", "record", line_name(g, log, i, &leaf));
	if (i && !is_raw(g, i - 1))
		put_ref(g, "case-investigation:wasInformedBy", "action", line_name(g, log, i - 1, &leaf));
	pk_json_end(&g->j, '}');
	return 0;
}

/* The exhibit number is the line's; the description is the line itself, whose leaf anybody can compute again. */
static int put_record(struct graph *g, const struct pk_custody_log *log, size_t i, const struct pk_custody_entry *e,
		      struct pk_err *err)
{
	static const char *const times[] = {"uco-core:objectCreatedTime", NULL};
	PK_AUTO(pk_buf) leaf = {0};
	PK_AUTO(pk_buf) number = {0};

	pk_buf_putf(&number, "%llu", (unsigned long long)e->seq);
	if (pk_buf_check(&number, err) < 0)
		return -1;
	begin_node(g, "case-investigation:ProvenanceRecord", "record", line_name(g, log, i, &leaf));
	pk_json_kz(&g->j, "case-investigation:exhibitNumber", number.p);
	pk_json_kstr(&g->j, "uco-core:description", pk_custody_log_line(log, i));
	put_moment(&g->j, times, e->t);
	put_ref(g, "uco-core:object", "object", e->object);
	pk_json_end(&g->j, '}');
	return 0;
}

/* What is no custody line, and its record; bytes that are no text are escaped. */
static int put_raw(struct graph *g, const struct pk_custody_log *log, size_t i, struct pk_err *err)
{
	PK_AUTO(pk_buf) leaf = {0};
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_buf) name = {0};

	pk_buf_put_safe(&text, pk_custody_log_line(log, i));
	pk_buf_putf(&name, "line %zu of the log, which is no custody line", i + 1);
	if (pk_buf_check(&text, err) < 0 || pk_buf_check(&name, err) < 0)
		return -1;
	begin_node(g, "uco-observable:ObservableObject", "raw", line_name(g, log, i, &leaf));
	pk_json_kstr(&g->j, "uco-core:name", pk_buf_str(&name));
	pk_json_end(&g->j, '}');
	begin_node(g, "case-investigation:ProvenanceRecord", "record", line_name(g, log, i, &leaf));
	pk_json_kz(&g->j, "uco-core:name", "no custody line");
	pk_json_kstr(&g->j, "uco-core:description", text.p ? pk_buf_str(&text) : PK_STR(""));
	put_ref(g, "uco-core:object", "raw", line_name(g, log, i, &leaf));
	pk_json_end(&g->j, '}');
	return 0;
}

static int put_line(struct graph *g, const struct pk_custody_log *log, size_t i, struct pk_err *err)
{
	PK_AUTO(pk_custody_entry) e = {0};
	struct pk_str none = PK_STR("");

	if (is_raw(g, i))
		return put_raw(g, log, i, err);
	if (pk_custody_entry_parse(pk_custody_log_line(log, i), &e, err) < 0)
		return pk_wrap(err, "line %zu of the log", i + 1);
	if (put_named(g, "uco-identity:Identity", "identity", e.actor, e.key.n ? "uco-core:description" : NULL,
		      e.key.n ? e.key : none, err) < 0 ||
	    put_named(g, "uco-tool:Tool", "tool", e.tool, "uco-tool:version", e.version, err) < 0 ||
	    (e.place.n && put_named(g, "uco-location:Location", "location", e.place, NULL, none, err) < 0) ||
	    put_object(g, e.object, err) < 0 || put_action(g, log, i, &e, err) < 0)
		return -1;
	return put_record(g, log, i, &e, err);
}

static int put_note(struct graph *g, struct pk_str note, struct pk_err *err)
{
	int r = is_new(g, "checkpoint", note, err);

	if (r <= 0)
		return r;
	begin_node(g, "uco-observable:ObservableObject", "checkpoint", note);
	pk_json_kz(&g->j, "uco-core:name", "checkpoint of this custody log (C2SP signed note)");
	pk_json_key(&g->j, "uco-core:hasFacet");
	begin_object(g, "uco-observable:ContentDataFacet", "checkpoint-facet", note);
	pk_json_kz(&g->j, "uco-observable:mimeType", "text/plain");
	pk_json_kstr(&g->j, "uco-observable:dataPayload", note);
	pk_json_end(&g->j, '}');
	pk_json_end(&g->j, '}');
	return 0;
}

static int put_fault(struct graph *g, size_t i, const char *fault, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_buf) what = {0};

	pk_buf_put_safe(&text, pk_str(fault)); /* safe already, but it may end within a character */
	pk_buf_putf(&what, "%zu", i);
	if (pk_buf_check(&text, err) < 0 || pk_buf_check(&what, err) < 0)
		return -1;
	begin_node(g, "uco-core:Annotation", "fault", pk_buf_str(&what));
	pk_json_kz(&g->j, "uco-core:name", "THIS LOG DOES NOT CHECK");
	pk_json_kstr(&g->j, "uco-core:statement", pk_buf_str(&text));
	put_ref(g, "uco-core:object", "investigation", PK_STR(""));
	pk_json_end(&g->j, '}');
	return 0;
}

static int put_investigation(struct graph *g, const struct pk_custody_log *log, size_t faults, struct pk_err *err)
{
	PK_AUTO(pk_buf) head = {0};
	PK_AUTO(pk_buf) leaf = {0};
	uint8_t root[32];

	pk_custody_root(log, log->n, root);
	if (faults)
		pk_buf_putf(&head, "THIS LOG DOES NOT CHECK: %zu %s; ", faults, faults == 1 ? "fault" : "faults");
	pk_buf_putf(&head, "custody log of %zu lines, RFC 6962 root ", log->n);
	pk_buf_put_base64(&head, root, sizeof(root), true);
	if (pk_buf_check(&head, err) < 0)
		return -1;
	begin_node(g, "case-investigation:Investigation", "investigation", PK_STR(""));
	pk_json_kstr(&g->j, "uco-core:name", pk_buf_str(&g->origin));
	pk_json_kstr(&g->j, "uco-core:description", pk_buf_str(&head));
	pk_json_key(&g->j, "uco-core:object");
	pk_json_begin(&g->j, '[');
	for (size_t i = 0; i < log->n; i++) {
		PK_AUTO(pk_buf) id = {0};

		put_id(&id, g, is_raw(g, i) ? "record" : "action", line_name(g, log, i, &leaf));
		if (pk_buf_check(&id, err) < 0)
			return -1;
		pk_json_begin(&g->j, '{');
		pk_json_kz(&g->j, "@id", id.p);
		pk_json_end(&g->j, '}');
	}
	pk_json_end(&g->j, ']');
	pk_json_end(&g->j, '}');
	return 0;
}

/* Without its first line a log has no name. */
static int find_origin(struct graph *g, const struct pk_custody_log *log, bool has_faults, struct pk_err *err)
{
	struct pk_err why = {0};

	if (pk_custody_origin(log, &g->origin, &why) == 0)
		return 0;
	if (!has_faults || (why.kind != PK_EFORMAT && why.kind != PK_ELIMIT))
		return pk_fail(err, why.kind, why.sys, "%s", why.msg);
	pk_buf_puts(&g->origin, "unknown");
	return pk_buf_check(&g->origin, err);
}

int pk_custody_put_uco(const struct pk_custody_log *log, const struct pk_custody_with *with, struct pk_buf *ret,
		       struct pk_err *err)
{
	const struct pk_strv *notes = &with->notes, *faults = &with->faults;
	PK_AUTO(graph) g = {.j = {.out = ret}, .label = with->label};

	if (log->cut && !faults->n)
		return pk_fail(err, PK_EFORMAT, 0, "a custody log whose last line is cut");
	if (find_origin(&g, log, faults->n > 0, err) < 0 || (faults->n && find_odd(&g, log, err) < 0))
		return -1;
	pk_json_begin(&g.j, '{');
	pk_json_key(&g.j, "@context");
	pk_json_begin(&g.j, '{');
	for (size_t i = 0; i < PK_LEN(context); i++)
		pk_json_kz(&g.j, context[i][0], context[i][1]);
	pk_json_end(&g.j, '}');
	pk_json_key(&g.j, "@graph");
	pk_json_begin(&g.j, '[');
	if (g.label.n)
		put_marking(&g);
	if (put_investigation(&g, log, faults->n, err) < 0)
		return -1;
	for (size_t i = 0; i < faults->n; i++)
		if (put_fault(&g, i, faults->v[i], err) < 0)
			return -1;
	for (size_t i = 0; i < log->n; i++)
		if (put_line(&g, log, i, err) < 0)
			return -1;
	for (size_t i = 0; i < notes->n; i++)
		if (put_note(&g, pk_str(notes->v[i]), err) < 0)
			return -1;
	pk_json_end(&g.j, ']');
	pk_json_end(&g.j, '}');
	pk_buf_put_c(ret, '\n');
	return pk_json_check(&g.j, err);
}
