/* SPDX-License-Identifier: Apache-2.0 */
/* What picket-collect says without collecting: --plan, --coverage, --list. */
#include "setup.h"

#include <picket/coverage.h>
#include <picket/live.h>

#include <stdio.h>

void put_size(struct pk_buf *b, uint64_t bytes)
{
	static const char *const unit[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
	double v = (double)bytes;
	size_t u = 0;

	for (; v >= 1024 && u + 1 < PK_LEN(unit); u++)
		v /= 1024;
	pk_buf_putf(b, u ? "%.1f %s" : "%.0f %s", v, unit[u]);
}

static int print(const struct pk_buf *b, struct pk_err *err)
{
	if (pk_buf_check(b, err) < 0)
		return -1;
	fwrite(b->p ? b->p : "", 1, b->n, stdout);
	return pk_stdout_done(err) < 0 ? -1 : PK_EXIT_OK;
}

static void put_line(struct pk_buf *b, const char *what, const char *text)
{
	pk_buf_putf(b, "  %-10s ", what);
	pk_buf_put_safe(b, pk_str(text));
	pk_buf_put_c(b, '\n');
}

static void put_readers(struct pk_buf *b, const struct pk_mission *m)
{
	pk_buf_puts(b, "\nWho can open the result (nobody else; not this host, not the person who runs this):\n");
	if (!m->readers_n)
		pk_buf_puts(b, "  nobody yet: --to names the readers\n");
	for (size_t i = 0; i < m->readers_n; i++) {
		const struct pk_reader *r = &m->readers[i];

		pk_buf_puts(b, "  ");
		if (r->name) {
			pk_buf_put_safe(b, pk_str(r->name));
			pk_buf_puts(b, ", ");
			pk_buf_put_safe(b, pk_str(r->org));
			pk_buf_putf(b, " (%s)\n    ", r->nation);
		} else {
			pk_buf_puts(b, "a reader that the roster does not name\n    ");
		}
		pk_buf_put_safe(b, pk_str(r->recipient));
		pk_buf_put_c(b, '\n');
	}
}

static void put_artefacts(struct pk_buf *b, const struct setup *s)
{
	size_t shown = 0;

	pk_buf_putf(b, "\nFiles it will read, where they exist (%zu artefacts; -v shows every pattern):\n",
		    s->plan.artefacts.n);
	for (size_t i = 0; i < s->plan.artefacts.n; i++) {
		const struct pk_definition *d = pk_definitions_find(&s->definitions, pk_str(s->plan.artefacts.v[i]));
		struct pk_str doc, first;

		if (!d || (d->sources_n && d->sources[0].type == PK_SRC_GROUP))
			continue;
		doc = pk_str(d->doc);
		if (!pk_str_line(&doc, &first))
			first = PK_STR("");
		pk_buf_putf(b, "  %-34s ", d->name);
		pk_buf_put_safe(b, first);
		pk_buf_put_c(b, '\n');
		shown++;
	}
	if (!shown)
		pk_buf_puts(b, "  none\n");
	for (size_t i = 0; pk_msg_verbose && i < s->plan.requests_n; i++) {
		const struct pk_request *r = &s->plan.requests[i];

		pk_buf_puts(b, r->type == PK_REQ_FILE ? "    read     " : "    describe ");
		pk_buf_put_safe(b, pk_str(r->pattern));
		if (r->max_file != UINT64_MAX) {
			pk_buf_puts(b, "  (first ");
			put_size(b, r->max_file);
			pk_buf_puts(b, " of each)");
		}
		pk_buf_put_c(b, '\n');
	}
}

static void put_tables(struct pk_buf *b, const struct setup *s)
{
	if (!s->mission.live || collect_opts.no_live) {
		pk_buf_puts(b, "\nState of the running system: not read.\n");
		return;
	}
	pk_buf_puts(b, s->root.is_host ? "\nState of the running system it will read (no host program is run for it):\n"
				       : "\nState of the system that it will read from its files:\n");
	for (size_t i = 0; pk_live_tables[i]; i++) {
		const struct pk_live_table *t = pk_live_tables[i];

		if (collect_opts.tables.n ? !pk_strv_has(&collect_opts.tables, t->name)
					  : t->on_request || (t->host_only && !s->root.is_host))
			continue;
		pk_buf_putf(b, "  %-24s %s\n", t->name, t->doc);
	}
}

int show_plan(struct setup *s, struct pk_err *err)
{
	struct pk_collect_params p = {.root = &s->root, .facts = &s->facts, .mounts = &s->mounts, .plan = &s->plan};
	PK_AUTO(pk_buf) b = {0};
	PK_AUTO(pk_buf) label = {0};
	struct pk_estimate e = {0};
	bool walk = !collect_opts.no_walk &&
		    (s->mission.walk == PK_WALK_YES || (s->mission.walk == PK_WALK_PROFILE && s->plan.walk));

	pk_buf_put_label_shown(&label, &s->mission.label);
	if (pk_buf_check(&label, err) < 0 || pk_collect_estimate(&p, &e, err) < 0)
		return -1;
	pk_buf_puts(&b, "This is what a run would do. Nothing has been collected or written.\n\n");
	put_line(&b, "mission", s->mission.mission);
	if (s->mission.issuer[0])
		put_line(&b, "issued by", s->mission.issuer);
	put_line(&b, "label", label.p);
	put_line(&b, "profile", s->mission.profile);
	put_line(&b, "reads from", s->root.is_host ? "this running system, local disks only" : s->root.name);
	put_line(&b, "host", s->facts.hostname ? s->facts.hostname : "(no name found)");
	put_tables(&b, s);
	put_artefacts(&b, s);
	if (walk)
		pk_buf_puts(
			&b,
			"\nNames, sizes, owners and times of all other files on local disks (not their content).\n");
	pk_buf_puts(&b, "\nRough size: content of ");
	pk_buf_putf(&b, "%llu files, ", (unsigned long long)e.files);
	put_size(&b, e.bytes);
	pk_buf_puts(&b, " before compression");
	if (e.denied)
		pk_buf_putf(&b, "; this user cannot read %llu place%s (root can)", (unsigned long long)e.denied,
			    e.denied == 1 ? "" : "s");
	pk_buf_puts(&b, ".\n");
	if (s->mission.max_total) {
		pk_buf_puts(&b, "Not more than ");
		put_size(&b, s->mission.max_total);
		pk_buf_puts(&b, " of content is taken.\n");
	}
	put_readers(&b, &s->mission);
	pk_buf_puts(&b,
		    "\nWhat leaves: one encrypted file with its signature and ticket beside it, 0600, in the folder you"
		    " name.\nWhat stays: nothing. No program of this host is run, nothing is installed or changed.\n");
	return print(&b, err);
}

/* --- coverage ------------------------------------------------------------------------------------------ */

struct coverage_run {
	const struct setup *s;
	struct pk_buf b;
	unsigned total, yes, partly, planned;
};

/* Whether the plan of this run holds what covers the item. */
static bool is_planned(const struct setup *s, struct pk_str how)
{
	struct pk_str name;

	while (pk_str_split(&how, ',', &name)) {
		name = pk_str_trim(name);
		if (pk_str_starts(name, PK_STR("table:")))
			return s->mission.live && s->root.is_host;
		if (pk_str_eq(name, PK_STR("walk")))
			return s->plan.walk;
		for (size_t i = 0; i < s->plan.artefacts.n; i++)
			if (pk_str_eq(pk_str(s->plan.artefacts.v[i]), name))
				return true;
	}
	return false;
}

static int on_item(void *ctx, const struct pk_coverage_item *i, struct pk_err *err)
{
	static const char *const word[] = {"no", "partly", "yes"};
	struct coverage_run *c = ctx;
	bool planned = i->covered != PK_COVERED_NO && is_planned(c->s, i->how);

	(void)err;
	c->total++;
	c->yes += i->covered == PK_COVERED_YES;
	c->partly += i->covered == PK_COVERED_PARTLY;
	c->planned += planned;
	if (collect_opts.json) {
		struct pk_json j = {.out = &c->b};

		pk_json_begin(&j, '{');
		pk_json_kz(&j, "type", "coverage");
		pk_json_kint(&j, "v", 1);
		pk_json_kuint(&j, "item", i->number);
		pk_json_kstr(&j, "name", i->name);
		pk_json_kz(&j, "covered", word[i->covered]);
		pk_json_kbool(&j, "planned", planned);
		pk_json_kstr(&j, "how", i->how);
		pk_json_kstr(&j, "why", i->reason);
		pk_json_end(&j, '}');
		pk_buf_put_c(&c->b, '\n');
		return 0;
	}
	pk_buf_putf(&c->b, "%3u  %-32.*s %-7s %-8s ", i->number, PK_STR_ARG(i->name), word[i->covered],
		    planned ? "planned" : "-");
	pk_buf_put_str(&c->b, i->how);
	if (i->reason.n) {
		pk_buf_puts(&c->b, i->how.n ? " (" : "(");
		pk_buf_put_str(&c->b, i->reason);
		pk_buf_puts(&c->b, ")");
	}
	pk_buf_put_c(&c->b, '\n');
	return 0;
}

int show_coverage(struct setup *s, struct pk_err *err)
{
	struct coverage_run c = {.s = s};
	int rc;

	if (!collect_opts.json)
		pk_buf_puts(&c.b, "  #  item                             covered this run by\n");
	rc = pk_coverage_each(on_item, &c, err);
	if (rc == 0 && !collect_opts.json)
		pk_buf_putf(&c.b, "%u items: %u covered, %u partly, %u not; %u in this run's plan\n", c.total, c.yes,
			    c.partly, c.total - c.yes - c.partly, c.planned);
	rc = rc < 0 ? -1 : print(&c.b, err);
	pk_buf_done(&c.b);
	return rc;
}

/* --- lists ----------------------------------------------------------------------------------------------- */

static void put_listed(struct pk_buf *b, const char *type, const char *name, struct pk_str doc, bool on_request)
{
	struct pk_json j = {.out = b};

	if (collect_opts.json) {
		pk_json_begin(&j, '{');
		pk_json_kz(&j, "type", type);
		pk_json_kint(&j, "v", 1);
		pk_json_kz(&j, "name", name);
		pk_json_kbytes(&j, "doc", doc);
		if (on_request)
			pk_json_kbool(&j, "on_request", true);
		pk_json_end(&j, '}');
	} else {
		pk_buf_putf(b, "%-36s ", name);
		pk_buf_put_safe(b, doc);
		pk_buf_puts(b, on_request ? " (on request)" : "");
	}
	pk_buf_put_c(b, '\n');
}

static int list_artefacts(struct pk_buf *b, bool profiles, struct pk_err *err)
{
	PK_AUTO(pk_definitions) d = {0};

	if (pk_definitions_load_builtin(&d, err) < 0)
		return -1;
	for (size_t i = 0; i < collect_opts.definitions.n; i++)
		if (pk_definitions_load_path(&d, collect_opts.definitions.v[i], err) < 0)
			return -1;
	for (size_t i = 0; i < d.n; i++) {
		bool is_group = d.v[i]->sources_n && d.v[i]->sources[0].type == PK_SRC_GROUP;
		struct pk_str doc = pk_str(d.v[i]->doc), first = PK_STR("");

		if (profiles != is_group || !(d.v[i]->os & PK_OS_LINUX) || !pk_str_line(&doc, &first))
			continue;
		put_listed(b, profiles ? "profile" : "artifact", d.v[i]->name, first, false);
	}
	return 0;
}

int show_list(const char *what, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};

	if (strcmp(what, "tables") == 0) {
		for (size_t i = 0; pk_live_tables[i]; i++)
			put_listed(&b, "table", pk_live_tables[i]->name, pk_str(pk_live_tables[i]->doc),
				   pk_live_tables[i]->on_request);
	} else if (strcmp(what, "artifacts") == 0 || strcmp(what, "profiles") == 0) {
		if (list_artefacts(&b, strcmp(what, "profiles") == 0, err) < 0)
			return -1;
	} else {
		return pk_fail(err, PK_EUSAGE, 0, "--list takes artifacts, profiles or tables, not '%s'", what);
	}
	return print(&b, err);
}
