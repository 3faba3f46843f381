/* SPDX-License-Identifier: Apache-2.0 */
/* The report's page: its cover and its sections. */
#include "html.h"

#include <inttypes.h>

#include <picket/hash.h>
#include <picket/label.h>

#define DEFAULT_DAYS 30
#define DEFAULT_ROWS 500
#define DAY 86400

/* --- cover and sections' frame ----------------------------------------------------------------------- */

static int put_fact(struct page *pg, const char *heading, const char *key, struct pk_err *err)
{
	PK_AUTO(pk_buf) v = {0};
	struct pk_time t;

	if (pk_case_fact(pg->c, key, &v, err) < 0)
		return -1;
	if (!v.n)
		return 0;
	pk_buf_putf(&pg->out, "<div><dt>%s</dt><dd>", heading);
	if (strcmp(key, "created") == 0 && pk_time_parse(pk_buf_str(&v), &t))
		html_time(&pg->out, t);
	else
		html_text(&pg->out, pk_buf_str(&v));
	pk_buf_puts(&pg->out, "</dd></div>\n");
	return 0;
}

static int put_cover(struct page *pg, const char *title, struct pk_err *err)
{
	struct pk_buf *b = &pg->out;

	pk_buf_puts(b, "<header class=\"cover\"><p class=\"kind\">Case report</p><h1>");
	html_z(b, title);
	pk_buf_puts(b, "</h1><dl>\n");
	if (put_fact(pg, "Case", "name", err) < 0 || put_fact(pg, "Kept by", "team", err) < 0 ||
	    put_fact(pg, "Opened", "created", err) < 0)
		return -1;
	pk_buf_puts(b, "<div><dt>Report made</dt><dd>");
	html_time(b, pg->p->now);
	pk_buf_puts(b, "</dd></div>\n");
	if (pg->totals.has_times) {
		pk_buf_puts(b, "<div><dt>Collected</dt><dd>");
		html_time(b, pg->totals.first);
		if (pk_time_cmp(pg->totals.first, pg->totals.last) != 0) {
			pk_buf_puts(b, " to ");
			html_time(b, pg->totals.last);
		}
		pk_buf_puts(b, "</dd></div>\n");
	}
	pk_buf_puts(b, "</dl></header>\n");
	return pk_buf_check(b, err);
}

static void put_nav(struct page *pg)
{
	const struct {
		const char *id, *name;
		uint64_t n;
		bool count;
	} items[] = {
		{"overview", "Overview", 0, false},
		{"hosts", "Hosts", pg->totals.hosts, true},
		{"hits", "Hits", pg->totals.hits, true},
		{"timeline", "Timeline", 0, false},
		{"rare", "Rare", 0, false},
		{"gaps", "Not taken", 0, false},
		{"opinions", "Tags and notes", pg->totals.tags + pg->totals.notes, true},
		{"bundles", "Bundles", pg->totals.bundles, true},
		{"quarantine", "Quarantine", pg->totals.quarantined, true},
		{"custody", "Custody", pg->totals.custody, true},
	};

	pk_buf_puts(&pg->out, "<nav aria-label=\"Sections\"><ol>\n");
	for (size_t i = 0; i < PK_LEN(items); i++) {
		pk_buf_putf(&pg->out, "<li><a href=\"#%s\">%s<i>", items[i].id, items[i].name);
		if (items[i].count)
			html_number(&pg->out, items[i].n);
		pk_buf_puts(&pg->out, "</i></a></li>\n");
	}
	pk_buf_puts(&pg->out, "</ol></nav>\n");
}

static void begin(struct page *pg, const char *id, const char *title, const char *lead)
{
	pk_buf_putf(&pg->out, "<section id=\"%s\"><h2>%s</h2>\n<p class=\"lead\">%s</p>\n", id, title, lead);
}

static void end(struct page *pg) { pk_buf_puts(&pg->out, "</section>\n"); }

/* --- sections ------------------------------------------------------------------------------------------ */

static void put_tile(struct page *pg, uint64_t n, bool bytes, const char *words, bool alarm)
{
	pk_buf_putf(&pg->out, "<div class=\"tile%s\"><b>", alarm ? " alarm" : "");
	if (bytes)
		html_bytes(&pg->out, n);
	else
		html_number(&pg->out, n);
	pk_buf_putf(&pg->out, "</b><span>%s</span></div>\n", words);
}

struct counts {
	uint64_t grave, unsigned_, incomplete, alarms, waiting;
};

static int on_rule(void *ctx, const struct pk_cell *cells, struct pk_err *err)
{
	struct counts *k = ctx;
	struct pk_str s = html_cell(PK_LIST_RULES, cells, "severity")->s;

	(void)err;
	if ((s.n == 8 && strncasecmp(s.p, "critical", 8) == 0) || (s.n == 4 && strncasecmp(s.p, "high", 4) == 0))
		k->grave += (uint64_t)html_cell(PK_LIST_RULES, cells, "hits")->i;
	return 0;
}

static int on_trust(void *ctx, const struct pk_cell *cells, struct pk_err *err)
{
	struct counts *k = ctx;

	(void)err;
	k->unsigned_ += html_cell(PK_LIST_BUNDLES, cells, "signed")->i == 0;
	k->incomplete += html_cell(PK_LIST_BUNDLES, cells, "complete")->i == 0;
	return 0;
}

static int on_quarantined(void *ctx, const struct pk_cell *cells, struct pk_err *err)
{
	struct counts *k = ctx;
	struct pk_str v = html_cell(PK_LIST_QUARANTINE, cells, "verdict")->s;

	(void)err;
	if (!pk_str_eq(html_cell(PK_LIST_QUARANTINE, cells, "state")->s, PK_STR("quarantined")))
		return 0;
	k->alarms += pk_str_eq(v, PK_STR("replayed")) || pk_str_eq(v, PK_STR("equivocation"));
	k->waiting += pk_str_eq(v, PK_STR("waiting"));
	return 0;
}

static void put_call(struct page *pg, const char *class, uint64_t n, const char *one, const char *many,
		     const char *link)
{
	pk_buf_putf(&pg->out, "<p class=\"call %s\"><b>", class);
	html_number(&pg->out, n);
	pk_buf_putf(&pg->out, "</b> %s <a href=\"#%s\">Details</a></p>\n", n == 1 ? one : many, link);
}

static int put_overview(struct page *pg, struct pk_err *err)
{
	struct counts k = {0};
	const struct pk_case_totals *t = &pg->totals;

	if (pk_case_list(pg->c, PK_LIST_RULES, NULL, (struct pk_row_sink){on_rule, &k}, err) < 0 ||
	    pk_case_list(pg->c, PK_LIST_BUNDLES, NULL, (struct pk_row_sink){on_trust, &k}, err) < 0 ||
	    pk_case_list(pg->c, PK_LIST_QUARANTINE, NULL, (struct pk_row_sink){on_quarantined, &k}, err) < 0)
		return -1;
	begin(pg, "overview", "Overview",
	      "What was collected, from where, and what stands out. Times are UTC, as the hosts' clocks told them.");
	pk_buf_puts(&pg->out, "<div class=\"tiles\">\n");
	put_tile(pg, t->hosts, false, "hosts", false);
	put_tile(pg, t->bundles, false, "bundles taken in", false);
	put_tile(pg, t->files, false, "paths recorded", false);
	put_tile(pg, t->contents, false, "distinct contents", false);
	put_tile(pg, t->content_bytes, true, "of content, sealed", false);
	put_tile(pg, t->rows, false, "rows of live tables", false);
	put_tile(pg, t->hits, false, "hits of rules", t->hits > 0);
	put_tile(pg, t->quarantined, false, "bundles in quarantine", t->quarantined > 0);
	pk_buf_puts(&pg->out, "</div>\n");
	if (k.alarms)
		put_call(pg, "alarm", k.alarms,
			 "bundle raised an alarm: its ticket was used twice, or there are two versions of it.",
			 "bundles raised an alarm: a ticket used twice, or two versions of one bundle.", "quarantine");
	if (k.grave)
		put_call(pg, "alarm", k.grave, "hit of high or critical severity.",
			 "hits of high or critical severity.", "hits");
	if (t->quarantined > k.alarms + k.waiting)
		put_call(pg, "", t->quarantined - k.alarms - k.waiting, "bundle was not trusted and not merged.",
			 "bundles were not trusted and not merged.", "quarantine");
	if (k.waiting)
		put_call(pg, "", k.waiting, "part of a collection waits for another part, and is not merged.",
			 "parts of collections wait for others, and are not merged.", "quarantine");
	if (k.unsigned_)
		put_call(pg, "", k.unsigned_, "bundle without a signature was accepted by a person's decision.",
			 "bundles without a signature were accepted by a person's decision.", "bundles");
	if (k.incomplete)
		put_call(pg, "", k.incomplete, "bundle is INCOMPLETE: only what its signed notes cover was taken.",
			 "bundles are INCOMPLETE: only what their signed notes cover was taken.", "bundles");
	if (!k.alarms && !k.grave && !t->quarantined && !k.unsigned_ && !k.incomplete && t->bundles)
		pk_buf_puts(&pg->out, "<p class=\"call good\">No hit of high severity; every bundle is signed, "
				      "complete and chained to the "
				      "roster.</p>\n");
	end(pg);
	return pk_buf_check(&pg->out, err);
}

static int put_hits(struct page *pg, struct pk_err *err)
{
	static const struct html_column rules[] = {
		{"severity", "Severity", LOOK_SEVERITY},
		{"rule", "Rule", LOOK_TEXT},
		{"description", "What it means", LOOK_TEXT},
		{"hits", "Hits", LOOK_NUMBER},
		{"hosts", "Hosts", LOOK_NUMBER},
		{"contents", "Contents", LOOK_NUMBER},
	};
	static const struct html_column hits[] = {
		{"severity", "Severity", LOOK_SEVERITY},
		{"rule", "Rule", LOOK_TEXT},
		{"host", "Host", LOOK_HOST},
		{"path", "Path", LOOK_MONO},
		{"mtime", "Modified", LOOK_TIME},
		{"sha256", "SHA-256", LOOK_HASH},
		{"tags", "Tags", LOOK_TAGS},
		{"trust", "Trust", LOOK_TRUST},
	};
	uint64_t n = 0;

	begin(pg, "hits", "Hits", "What rules found, the gravest first. A hit is a reason to look, not a finding.");
	if (html_table(pg, PK_LIST_RULES, NULL, rules, PK_LEN(rules), "No rule hit anything.",
		       "picket-case hits CASE --by-rule", &n, err) < 0)
		return -1;
	if (n) {
		pk_buf_puts(&pg->out, "<h3>Every hit</h3>\n");
		if (html_table(pg, PK_LIST_HITS, NULL, hits, PK_LEN(hits), "", "picket-case hits CASE", NULL, err) < 0)
			return -1;
	}
	end(pg);
	return 0;
}

static int put_timeline(struct page *pg, struct pk_err *err)
{
	static const struct html_column cols[] = {
		{"time", "Time", LOOK_TIME},
		{"host", "Host", LOOK_HOST},
		{"what", "What", LOOK_SHORT},
		{"text", "Details", LOOK_MONO},
	};
	static const struct {
		const char *table, *heading;
	} sources[] = {{"last", "Logins"}, {"last_failed", "Failed logins"}, {"processes", "Processes started"}};
	uint64_t max_rows = pg->max_rows;

	begin(pg, "timeline", "Timeline",
	      "How many things happened when: file times of every recorded path, and events of live tables.");
	if (html_chart(pg, err) < 0)
		return -1;
	pg->max_rows = PK_MIN(max_rows, (uint64_t)25);
	pg->newest = true;
	for (size_t i = 0; i < PK_LEN(sources); i++) {
		struct pk_case_filter f = {.table = sources[i].table, .from = &pg->from, .to = &pg->to};

		pk_buf_putf(&pg->out, "<h3>%s: the last in this time</h3>\n", sources[i].heading);
		if (html_table(pg, PK_LIST_TIMELINE, &f, cols, PK_LEN(cols), "None recorded.",
			       "picket-case timeline CASE --source ...", NULL, err) < 0)
			return -1;
	}
	pg->max_rows = max_rows;
	pg->newest = false;
	end(pg);
	return 0;
}

static int put_rare(struct page *pg, struct pk_err *err)
{
	static const struct html_column cols[] = {
		{"on", "Only on", LOOK_HOST},  {"path", "Path", LOOK_MONO},    {"sha256", "SHA-256", LOOK_HASH},
		{"hits", "Hits", LOOK_NUMBER}, {"trust", "Trust", LOOK_TRUST},
	};
	static const struct {
		const char *glob, *heading;
	} where[] = {
		{"/usr/*bin/*", "Programs that one host has and no other"},
		{"/etc/*", "Configuration that one host has and no other"},
	};
	uint64_t max_rows = pg->max_rows;

	begin(pg, "rare", "Rare", "Stacked over all hosts: what is on one and on no other is where to look first.");
	if (pg->totals.hosts < 2) {
		pk_buf_puts(&pg->out, "<p class=\"empty\">Stacking needs more than one host.</p>\n");
	} else {
		pg->max_rows = PK_MIN(max_rows, (uint64_t)40);
		for (size_t i = 0; i < PK_LEN(where); i++) {
			struct pk_case_filter f = {.by = PK_STACK_PATH, .max_hosts = 1, .path = where[i].glob};

			pk_buf_putf(&pg->out, "<h3>%s</h3>\n", where[i].heading);
			if (html_table(pg, PK_LIST_STACK, &f, cols, PK_LEN(cols), "Nothing.",
				       "picket-case stack CASE --rare --by path", NULL, err) < 0)
				return -1;
		}
		pg->max_rows = max_rows;
	}
	end(pg);
	return 0;
}

static int put_gaps(struct page *pg, struct pk_err *err)
{
	static const struct html_column outcomes[] = {
		{"host", "Host", LOOK_HOST},    {"outcome", "Outcome", LOOK_OUTCOME},
		{"why", "Why", LOOK_TEXT},      {"files", "Paths", LOOK_NUMBER},
		{"bytes", "Bytes", LOOK_BYTES}, {"example", "For example", LOOK_MONO},
	};
	static const struct html_column events[] = {
		{"host", "Host", LOOK_HOST},
		{"event", "Event", LOOK_SHORT},
		{"count", "Times", LOOK_NUMBER},
		{"why", "Why", LOOK_TEXT},
	};

	begin(pg, "gaps", "What was not taken, and why",
	      "Every path that was asked for has one outcome. What is missing here is missing "
	      "for a recorded reason.");
	if (html_table(pg, PK_LIST_OUTCOMES, &(struct pk_case_filter){.not_taken = true}, outcomes, PK_LEN(outcomes),
		       "Everything that was asked for was taken.", "picket-case files CASE --summary --not-taken", NULL,
		       err) < 0)
		return -1;
	pk_buf_puts(&pg->out, "<h3>What the collectors noted</h3>\n");
	if (html_table(pg, PK_LIST_RUN, NULL, events, PK_LEN(events), "Nothing.", "picket-bundle list BUNDLE --json",
		       NULL, err) < 0)
		return -1;
	end(pg);
	return 0;
}

static int put_opinions(struct page *pg, struct pk_err *err)
{
	static const struct html_column tags[] = {
		{"tag", "Tag", LOOK_TAGS},   {"host", "Host", LOOK_HOST}, {"what", "On", LOOK_MONO},
		{"author", "By", LOOK_TEXT}, {"time", "When", LOOK_TIME},
	};
	static const struct html_column notes[] = {
		{"time", "When", LOOK_TIME}, {"author", "By", LOOK_TEXT}, {"host", "Host", LOOK_HOST},
		{"what", "On", LOOK_MONO},   {"text", "Note", LOOK_TEXT},
	};

	begin(pg, "opinions", "Tags and notes", "What analysts said about it. The log keeps what was taken back, too.");
	if (html_table(pg, PK_LIST_TAGS, NULL, tags, PK_LEN(tags), "No tags.", "picket-case tag CASE", NULL, err) < 0)
		return -1;
	pk_buf_puts(&pg->out, "<h3>Notes</h3>\n");
	if (html_table(pg, PK_LIST_NOTES, NULL, notes, PK_LEN(notes), "No notes.", "picket-case note CASE", NULL, err) <
	    0)
		return -1;
	end(pg);
	return 0;
}

static int put_provenance(struct page *pg, struct pk_err *err)
{
	static const struct html_column bundles[] = {
		{"id", "Bundle", LOOK_HASH},         {"host", "Host", LOOK_HOST},       {"trust", "Trust", LOOK_TRUST},
		{"label", "Label", LOOK_LABEL},      {"mission", "Mission", LOOK_TEXT}, {"issuer", "Issuer", LOOK_TEXT},
		{"records", "Records", LOOK_NUMBER}, {"size", "Size", LOOK_BYTES},
	};
	static const struct html_column intake[] = {
		{"id", "Bundle", LOOK_HASH},
		{"started", "Collected", LOOK_TIME},
		{"first_intake", "First intake", LOOK_TIME},
		{"root", "Tree root", LOOK_HASH},
		{"digest", "BLAKE2b", LOOK_HASH},
		{"ticket", "Ticket", LOOK_OBJECT},
		{"accepted", "Accepted because", LOOK_TEXT},
	};
	static const struct html_column quarantine[] = {
		{"verdict", "Verdict", LOOK_OUTCOME},
		{"state", "State", LOOK_SHORT},
		{"why", "Why", LOOK_TEXT},
		{"source", "Came as", LOOK_MONO},
		{"size", "Size", LOOK_BYTES},
		{"first_intake", "First intake", LOOK_TIME},
		{"digest", "BLAKE2b", LOOK_HASH},
	};
	static const struct html_column custody[] = {
		{"seq", "No", LOOK_NUMBER},       {"time", "When", LOOK_TIME},       {"actor", "By", LOOK_TEXT},
		{"action", "Action", LOOK_SHORT}, {"object", "Object", LOOK_OBJECT}, {"place", "Place", LOOK_SHORT},
		{"reason", "Reason", LOOK_TEXT},  {"details", "Details", LOOK_MONO},
	};
	PK_AUTO(pk_buf) head = {0};
	uint64_t n = 0;

	begin(pg, "bundles", "Bundles",
	      "Where all this comes from: who allowed each collection, and what it is trusted for.");
	if (html_table(pg, PK_LIST_BUNDLES, NULL, bundles, PK_LEN(bundles), "No bundles yet.",
		       "picket-case bundles CASE", &n, err) < 0)
		return -1;
	if (n) {
		pk_buf_puts(&pg->out, "<h3>Times and proofs</h3>\n");
		if (html_table(pg, PK_LIST_BUNDLES, NULL, intake, PK_LEN(intake), "", "picket-case bundles CASE", NULL,
			       err) < 0)
			return -1;
	}
	end(pg);
	begin(pg, "quarantine", "Quarantine",
	      "Kept and listed, never merged: nothing in this report comes from these files.");
	if (html_table(pg, PK_LIST_QUARANTINE, NULL, quarantine, PK_LEN(quarantine), "Nothing was turned away.",
		       "picket-case bundles CASE", NULL, err) < 0)
		return -1;
	end(pg);
	begin(pg, "custody", "Custody",
	      "Who did what with the evidence. Each line is a leaf of one Merkle tree (RFC 6962); its head below "
	      "commits to all of them.");
	if (html_table(pg, PK_LIST_CUSTODY, NULL, custody, PK_LEN(custody), "No lines.", "picket-case custody CASE",
		       NULL, err) < 0 ||
	    pk_case_custody_head(pg->c, &head, err) < 0)
		return -1;
	pk_buf_puts(&pg->out, "<h3>Tree head</h3>\n<pre>");
	/* line by line: a line feed would be shown as an escape */
	for (struct pk_str rest = pk_buf_str(&head), line; rest.n && pk_str_line(&rest, &line);) {
		html_text(&pg->out, line);
		pk_buf_puts(&pg->out, "\n");
	}
	pk_buf_puts(&pg->out, "</pre>\n");
	end(pg);
	return pk_buf_check(&pg->out, err);
}

static int put_page(struct page *pg, const struct pk_label *label, const char *title, struct pk_err *err)
{
	if (html_head(pg, label, title, err) < 0)
		return -1;
	html_label(&pg->out, label, "top");
	if (put_cover(pg, title, err) < 0)
		return -1;
	pk_buf_puts(&pg->out, "<div class=\"frame\">\n");
	put_nav(pg);
	pk_buf_puts(&pg->out, "<main>\n");
	if (put_overview(pg, err) < 0)
		return -1;
	begin(pg, "hosts", "Hosts", "Each machine that evidence came from.");
	if (html_hosts(pg, err) < 0)
		return -1;
	end(pg);
	if (put_hits(pg, err) < 0 || put_timeline(pg, err) < 0 || put_rare(pg, err) < 0 || put_gaps(pg, err) < 0 ||
	    put_opinions(pg, err) < 0 || put_provenance(pg, err) < 0)
		return -1;
	pk_buf_puts(
		&pg->out,
		"</main>\n</div>\n<footer class=\"end\">Made by Picket " PK_VERSION
		". This page loads nothing and runs "
		"nothing. Names and paths are hosts' text: what is not printable is shown as \\xNN. To prove a line, "
		"<code>picket-case cat</code> takes its content from the sealed bundle, whose signature chains to the "
		"roster."
		"</footer>\n");
	html_label(&pg->out, label, "bottom");
	pk_buf_puts(&pg->out, "</body>\n</html>\n");
	return pk_buf_check(&pg->out, err);
}

int pk_report_html(struct pk_case *c, const struct pk_report_params *params, struct pk_sink sink,
		   uint8_t ret_sha256[32], struct pk_err *err)
{
	struct page pg = {.c = c, .p = params, .max_rows = params->max_rows ? params->max_rows : DEFAULT_ROWS};
	PK_AUTO(pk_label) label = {0};
	PK_AUTO(pk_buf) name = {0};
	bool any = false;
	int64_t days = params->days ? params->days : DEFAULT_DAYS;
	int rc = -1;

	if (pk_case_totals(c, &pg.totals, err) < 0 || pk_case_fact(c, "name", &name, err) < 0 ||
	    pk_case_label(c, &label, &any, err) < 0)
		return -1;
	/* a host's clock may say anything: the chart stays where dates are */
	pg.to = (struct pk_time){.sec = pg.totals.has_times ? pg.totals.last.sec : params->now.sec};
	if (pg.to.sec < 0 || pg.to.sec > params->now.sec + DAY)
		pg.to.sec = params->now.sec;
	pg.to.sec += DAY / 2;
	pg.from = (struct pk_time){.sec = pg.to.sec - days * DAY};
	rc = put_page(&pg, &label, params->title ? params->title : name.p ? name.p : "case", err);
	if (rc == 0) {
		pk_sha256(pg.out.p, pg.out.n, ret_sha256);
		rc = sink.write(sink.ctx, pg.out.p, pg.out.n, err);
	}
	pk_buf_done(&pg.out);
	return rc;
}
