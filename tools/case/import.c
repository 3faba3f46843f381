/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case import: bundles into the case, each judged before it is opened. */
#include "verbs.h"

#include <stdio.h>

#include <picket/age.h>
#include <picket/json.h>
#include <picket/roster.h>

static const char *accept_reason, *roster_path;
static bool salvage;

static const struct pk_opt opts[] = {
	CASE_OPT_IDENTITY,
	CASE_OPT_PASSPHRASE_FD,
	{0, "roster", PK_OPT_STR, &roster_path, "FILE", "judge by this roster instead of the station's own", NULL},
	{0, "accept", PK_OPT_STR, &accept_reason, "REASON",
	 "release these bundles from quarantine; the reason is a custody line", NULL},
	{0, "salvage", PK_OPT_FLAG, &salvage, NULL,
	 "of a cut or damaged bundle, take what its signed notes cover, marked INCOMPLETE", NULL},
	CASE_OPT_JSON,
	PK_OPT_END,
};

/* The label of what came to lie at a place: of a bundle, or of all that a share has parts of. */
struct placed {
	const char *place;
	size_t place_at, label_at; /* columns of the listing */
	struct pk_buf label;
	bool differ; /* the parts of a share: then that of the whole case holds */
};

static int on_bundle(void *ctx, const struct pk_cell *cells, struct pk_err *err)
{
	struct placed *p = ctx;
	const struct pk_cell *label = &cells[p->label_at];

	if (!pk_str_eq(cells[p->place_at].s, pk_str(p->place)))
		return 0;
	if (p->label.n && !pk_str_eq(pk_buf_str(&p->label), label->s))
		p->differ = true;
	pk_buf_reset(&p->label);
	pk_buf_put_str(&p->label, label->s);
	return pk_buf_check(&p->label, err);
}

static size_t column(const char *key)
{
	const struct pk_listing *l = pk_case_listing(PK_LIST_BUNDLES);
	size_t i = 0;

	while (i + 1 < l->n && strcmp(l->columns[i].key, key) != 0)
		i++;
	return i;
}

static int put_label(struct pk_json *j, struct pk_case *c, const struct pk_import_result *r, struct pk_err *err)
{
	struct placed p = {.place = r->place, .place_at = column("place"), .label_at = column("label")};
	bool taken = r->state == PK_IMPORT_TAKEN || r->state == PK_IMPORT_KNOWN;
	int rc = 0;

	if (taken)
		rc = pk_case_list(c, PK_LIST_BUNDLES, NULL, (struct pk_row_sink){on_bundle, &p}, err);
	if (rc == 0 && p.differ)
		rc = case_put_label(j, c, err);
	else if (rc == 0)
		pk_json_kz(j, "label", p.label.n ? p.label.p : NULL);
	pk_buf_done(&p.label);
	return rc;
}

static int put_json(struct pk_case *c, const char *path, const struct pk_import_result *r, struct pk_err *err)
{
	static const char *const states[] = {"imported", "known", "quarantined", "refused", "deferred"};
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};

	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", "import");
	pk_json_kint(&j, "v", 1);
	pk_json_kbytes(&j, "file", pk_str(path));
	pk_json_kz(&j, "state", states[r->state]);
	pk_json_kz(&j, "verdict", r->verdict);
	pk_json_kz(&j, "why", r->why);
	pk_json_kbool(&j, "alarm", r->alarm);
	pk_json_khex(&j, "bundle", r->bundle, sizeof(r->bundle));
	pk_json_kz(&j, "place", r->place);
	pk_json_kbool(&j, "waited", r->waited);
	if (r->state == PK_IMPORT_TAKEN) {
		pk_json_kz(&j, "host", r->host);
		pk_json_kz(&j, "trust", r->trust);
		pk_json_kbool(&j, "complete", r->complete);
		if (r->parts) {
			pk_json_kz(&j, "shared_by", r->sharer);
			pk_json_kuint(&j, "parts", r->parts);
		}
		pk_json_kuint(&j, "files", r->files);
		pk_json_kuint(&j, "hits", r->hits);
		pk_json_kuint(&j, "rows", r->rows);
		pk_json_kuint(&j, "events", r->events);
	}
	if (put_label(&j, c, r, err) < 0)
		return -1;
	pk_json_end(&j, '}');
	if (pk_json_check(&j, err) < 0)
		return -1;
	return pk_stdout_line(&line, err);
}

static void say(const char *path, const struct pk_import_result *r)
{
	if (r->state == PK_IMPORT_TAKEN && r->why[0] && strcmp(r->verdict, "ok") == 0)
		pk_msg_warn("%s: %s", path, r->why);
	switch (r->state) {
	case PK_IMPORT_TAKEN:
		if (r->parts) {
			pk_msg_info("%s: imported a share from %s, part of %llu bundles: %llu paths, %llu hits, %llu "
				    "live rows (%s%s%s)",
				    path, r->sharer, (unsigned long long)r->parts, (unsigned long long)r->files,
				    (unsigned long long)r->hits, (unsigned long long)r->rows, r->trust,
				    strcmp(r->verdict, "ok") ? ", accepted: " : "",
				    strcmp(r->verdict, "ok") ? r->verdict : "");
			break;
		}
		pk_msg_info("%s: imported from host %s: %llu paths, %llu hits, %llu live rows (%s%s%s%s)%s", path,
			    r->host, (unsigned long long)r->files, (unsigned long long)r->hits,
			    (unsigned long long)r->rows, r->trust, r->complete ? "" : ", INCOMPLETE",
			    strcmp(r->verdict, "ok") ? ", accepted: " : "", strcmp(r->verdict, "ok") ? r->verdict : "",
			    r->waited ? "; it had waited in quarantine" : "");
		break;
	case PK_IMPORT_KNOWN: pk_msg_info("%s: %s", path, r->why); break;
	case PK_IMPORT_QUARANTINED:
		pk_msg_warn("%s: %s%s: %s (kept as %s, not merged)", path, r->alarm ? "ALARM: " : "", r->verdict,
			    r->why, r->place);
		break;
	default: pk_msg_warn("%s: refused: %s", path, r->why);
	}
}

struct tally {
	struct pk_case *c;
	int taken, not_valid, failed;
	struct pk_err last; /* of what failed */
};

static int told(void *ctx, const char *path, const struct pk_import_result *r, const struct pk_err *why,
		struct pk_err *err)
{
	struct tally *t = ctx;

	pk_msg_progress_done();
	if (!r) {
		/* the next one may be fine; a case that cannot be written will say so again */
		t->last = *why;
		(void)pk_wrap(&t->last, "%s", path);
		pk_msg_error(&t->last);
		t->failed++;
		return 0;
	}
	if (r->state == PK_IMPORT_DEFERRED)
		return 0;
	say(path, r);
	if (r->state == PK_IMPORT_TAKEN || r->state == PK_IMPORT_KNOWN)
		t->taken++;
	else
		t->not_valid++;
	return case_json ? put_json(t->c, path, r, err) : 0;
}

/* One file, and what waited for it. */
static int import_one(struct pk_case *c, const char *path, const struct pk_import *how, struct tally *t,
		      bool *ret_waits, struct pk_err *err)
{
	struct pk_import_result r = {0};
	struct pk_err why = {0};
	int rc = pk_case_import(c, path, how, &r, &why);

	*ret_waits = rc == 0 && r.state == PK_IMPORT_DEFERRED;
	if (told(t, path, rc < 0 ? NULL : &r, &why, err) < 0)
		return -1;
	if (rc < 0 || (r.state != PK_IMPORT_TAKEN && r.state != PK_IMPORT_KNOWN))
		return 0;
	return pk_case_import_waiting(c, r.bundle, how, (struct pk_import_sink){told, t}, err);
}

/* Parts of one collection come in any order: those that wait for another are left for later while others are taken;
 * what none of them let in is then kept. */
static int import_all(struct pk_case *c, int argc, char **argv, struct pk_import *how, struct tally *t,
		      struct pk_err *err)
{
	pk_autofree bool *todo = malloc((size_t)argc * sizeof(*todo));
	int before = -1;

	if (!todo)
		return pk_fail_oom(err);
	for (int i = 0; i < argc; i++)
		todo[i] = true;
	how->defer = argc > 2;
	for (bool last = false; !last;) {
		last = !how->defer;
		before = t->taken;
		for (int i = 1; i < argc; i++)
			if (todo[i] && import_one(c, argv[i], how, t, &todo[i], err) < 0)
				return -1;
		how->defer = how->defer && t->taken > before;
	}
	return 0;
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTOPTR(pk_case) c = NULL;
	PK_AUTOPTR(pk_age_identities) ids = NULL;
	PK_AUTO(pk_roster) roster = {0};
	struct pk_import how = {
		.accept = accept_reason, .salvage = salvage, .ev = &pk_msg_events, .now = pk_time_now()};
	struct tally t = {0};
	PK_AUTO(pk_buf) path = {0};
	bool has_roster = false;

	if (pk_case_open(argv[0], PK_CASE_WRITE, case_author, &c, err) < 0 || case_identities(&ids, err) < 0 ||
	    pk_station_roster(roster_path, &roster, &has_roster, &path, err) < 0)
		return -1;
	if (!has_roster)
		pk_msg_warn("no roster%s%s%s: no issuer is known here, and every bundle goes to quarantine (see "
			    "picket-key roster)",
			    path.n ? " at '" : "", path.n ? path.p : "", path.n ? "'" : "");
	else if (pk_case_set_roster(c, path.p, err) < 0)
		return -1;
	t.c = c;
	how.ids = ids;
	how.roster = has_roster ? &roster : NULL;
	if (import_all(c, argc, argv, &how, &t, err) < 0 || pk_stdout_done(err) < 0)
		return -1;
	if (t.failed)
		return t.taken || t.not_valid     ? PK_EXIT_PARTIAL
		       : t.last.kind == PK_EUSAGE ? PK_EXIT_USAGE
						  : PK_EXIT_FAILED;
	return t.not_valid ? PK_EXIT_FOUND : PK_EXIT_OK;
}

const struct pk_verb case_import = {
	.name = "import",
	.operands = "CASE BUNDLE...",
	.summary = "verify bundles and take them in",
	.opts = opts,
	.min_operands = 2,
	.max_operands = -1,
	.run = run,
};
