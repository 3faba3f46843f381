/* SPDX-License-Identifier: Apache-2.0 */
/* Drawings as inline SVG: moments over time, a lane for each host, and what became of a host's paths. */
#include "html.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define BINS 120
#define WIDTH 1060
#define LEFT 104
#define RIGHT 14
#define TOP 14
#define BARS 170
#define LANE 20
#define MAX_LANES 40
#define PLOT (WIDTH - LEFT - RIGHT)

struct lane {
	char *name;
	char id[65];
	uint64_t n[BINS];
};
struct chart {
	struct page *pg;
	uint64_t files[BINS], events[BINS], hits[BINS];
	struct lane *lanes;
	size_t n, cap, hosts;
	int64_t width; /* seconds of a bin */
};

static void chart_done(struct chart *k)
{
	for (size_t i = 0; i < k->n; i++)
		free(k->lanes[i].name);
	free(k->lanes);
}

static double x_of(const struct chart *k, int64_t sec)
{
	return LEFT + ((double)sec - (double)k->pg->from.sec) / (double)k->width * PLOT / BINS;
}

/* Counts differ by orders of magnitude: a package upgrade is thousands of moments, an implant is one. */
static double height_of(uint64_t n, uint64_t max) { return n ? log1p((double)n) / log1p((double)max) * BARS : 0; }

static int on_host(void *ctx, const struct pk_cell *cells, struct pk_err *err)
{
	struct chart *k = ctx;
	const struct pk_cell *id = html_cell(PK_LIST_HOSTS, cells, "id"),
			     *name = html_cell(PK_LIST_HOSTS, cells, "name");
	PK_AUTO(pk_buf) hex = {0};
	uint64_t none[BINS];
	struct lane *l = NULL;

	k->hosts++;
	if (k->n >= MAX_LANES)
		return 0;
	if (!pk_grow(&k->lanes, &k->cap, k->n + 1, sizeof(*k->lanes)))
		return pk_fail_oom(err);
	l = &k->lanes[k->n];
	*l = (struct lane){.name = pk_str_dup(name->s)};
	k->n++;
	pk_buf_put_hex(&hex, id->s.p, PK_MIN(id->s.n, (size_t)32));
	if (!l->name || pk_buf_check(&hex, err) < 0)
		return pk_fail_oom(err);
	snprintf(l->id, sizeof(l->id), "%s", hex.p);
	if (pk_case_histogram(k->pg->c, l->id, k->pg->from, k->pg->to, BINS, l->n, none, err) < 0)
		return -1;
	for (size_t i = 0; i < BINS; i++)
		l->n[i] += none[i];
	return 0;
}

static int on_hit(void *ctx, const struct pk_cell *cells, struct pk_err *err)
{
	struct chart *k = ctx;
	const struct pk_cell *t = html_cell(PK_LIST_HITS, cells, "mtime");

	(void)err;
	if (!t->null && t->t.sec >= k->pg->from.sec && t->t.sec < k->pg->to.sec)
		k->hits[PK_MIN((t->t.sec - k->pg->from.sec) / k->width, (int64_t)BINS - 1)]++;
	return 0;
}

static uint64_t highest(const struct chart *k)
{
	uint64_t max = 1;

	for (size_t i = 0; i < BINS; i++)
		max = PK_MAX(max, k->files[i] + k->events[i]);
	return max;
}

static void put_grid(struct chart *k, uint64_t max)
{
	struct pk_buf *b = &k->pg->out;

	for (uint64_t v = 1; v <= max && v < UINT64_MAX / 10; v *= 10) {
		double y = TOP + BARS - height_of(v, max);

		pk_buf_putf(
			b,
			"<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/><text x=\"%d\" y=\"%.1f\" "
			"text-anchor=\"end\">",
			LEFT, WIDTH - RIGHT, y, y, LEFT - 8, y + 4);
		html_number(b, v);
		pk_buf_puts(b, "</text>\n");
	}
	pk_buf_putf(b, "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>\n", LEFT, WIDTH - RIGHT,
		    TOP + BARS, TOP + BARS);
}

/* "2026-11-23T00:00:00Z: 12 file times, 3 events": shown when a pointer rests on it. */
static void put_title(struct chart *k, size_t bin, uint64_t n, const char *words, uint64_t n2, const char *words2)
{
	struct pk_buf *b = &k->pg->out;

	pk_buf_puts(b, "<title>");
	html_time(b, (struct pk_time){.sec = k->pg->from.sec + (int64_t)bin * k->width});
	pk_buf_putf(b, ": %" PRIu64 " %s", n, words);
	if (words2)
		pk_buf_putf(b, ", %" PRIu64 " %s", n2, words2);
	pk_buf_puts(b, "</title>");
}

static void put_bars(struct chart *k, uint64_t max)
{
	struct pk_buf *b = &k->pg->out;
	double w = (double)PLOT / BINS;

	for (size_t i = 0; i < BINS; i++) {
		uint64_t all = k->files[i] + k->events[i];
		double h = height_of(all, max), eh = all ? h * (double)k->events[i] / (double)all : 0,
		       x = LEFT + w * (double)i;

		/* an event among thousands of file times must still be seen */
		if (k->events[i])
			eh = PK_MAX(eh, 3);
		if (!all)
			continue;
		pk_buf_puts(b, "<g>");
		put_title(k, i, k->files[i], "file times", k->events[i], "events");
		pk_buf_putf(b, "<rect class=\"f\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", x + .6,
			    TOP + BARS - h, w - 1.2, PK_MAX(h - eh, .0));
		if (k->events[i])
			pk_buf_putf(b, "<rect class=\"e\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
				    x + .6, TOP + BARS - eh, w - 1.2, eh);
		pk_buf_puts(b, "</g>\n");
	}
	for (size_t i = 0; i < BINS; i++) {
		double x = LEFT + w * ((double)i + .5), y = TOP + BARS + 9;

		if (!k->hits[i])
			continue;
		pk_buf_puts(b, "<g>");
		put_title(k, i, k->hits[i], "files with hits were modified", 0, NULL);
		pk_buf_putf(b, "<path class=\"h\" d=\"M%.1f %.1fl6 6l-6 6l-6 -6z\"/></g>\n", x, y - 6);
	}
}

/* Dates at midnights, as many as fit. */
static void put_dates(struct chart *k, int bottom)
{
	struct pk_buf *b = &k->pg->out;
	int64_t span = k->pg->to.sec - k->pg->from.sec, day = 86400, step = day;
	int64_t first = (k->pg->from.sec / day + (k->pg->from.sec % day > 0)) * day;

	while (span / step > 12)
		step += day;
	for (int64_t t = first; t < k->pg->to.sec; t += step) {
		double x = x_of(k, t);
		PK_AUTO(pk_buf) date = {0};

		pk_buf_put_rfc3339(&date, (struct pk_time){.sec = t}, 0);
		pk_buf_putf(b, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>", x, x, TOP, bottom);
		/* the first and the last could be cut */
		if (date.n >= 10 && x > LEFT - 60 && x < WIDTH - 40)
			pk_buf_putf(b, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.10s</text>\n", x,
				    bottom + 16, date.p);
	}
}

static void put_lanes(struct chart *k, int top)
{
	struct pk_buf *b = &k->pg->out;
	double w = (double)PLOT / BINS;

	for (size_t i = 0; i < k->n; i++) {
		int y = top + (int)i * LANE;
		struct pk_str name = pk_str(k->lanes[i].name);

		pk_buf_putf(b, "<text class=\"host\" x=\"%d\" y=\"%d\" text-anchor=\"end\">", LEFT - 8, y + 13);
		html_text(b, pk_str_n(name.p, PK_MIN(name.n, (size_t)14)));
		pk_buf_puts(b, name.n > 14 ? "\xe2\x80\xa6</text>" : "</text>");
		pk_buf_putf(b, "<rect class=\"lane\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n", LEFT, y + 2,
			    PLOT, LANE - 4);
		for (size_t n = 0; n < BINS; n++) {
			uint64_t v = k->lanes[i].n[n];
			int shade = v == 0 ? 0 : v < 5 ? 1 : v < 50 ? 2 : v < 500 ? 3 : v < 5000 ? 4 : 5;

			if (!shade)
				continue;
			pk_buf_puts(b, "<g>");
			put_title(k, n, v, "moments", 0, NULL);
			pk_buf_putf(b, "<rect class=\"l%d\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/></g>",
				    shade, LEFT + w * (double)n + .4, y + 2, w - .8, LANE - 4);
		}
		pk_buf_puts(b, "\n");
	}
}

static void put_collected(struct chart *k, int bottom)
{
	double x = 0;

	if (!k->pg->totals.has_times)
		return;
	x = PK_MIN(x_of(k, k->pg->totals.last.sec), (double)(WIDTH - RIGHT));
	if (x < LEFT)
		return;
	pk_buf_putf(&k->pg->out, "<g><title>last collection: ");
	html_time(&k->pg->out, k->pg->totals.last);
	pk_buf_putf(&k->pg->out, "</title><path class=\"c\" d=\"M%.1f %dV%d\"/></g>\n", x, TOP, bottom);
}

#define KEY(class, words) \
	"<span><svg viewBox=\"0 0 10 10\"><rect class=\"" class "\" width=\"10\" height=\"10\"/></svg>" words "</" \
								"span>"

static int draw(struct chart *k, struct pk_err *err)
{
	struct page *pg = k->pg;
	uint64_t max = highest(k);
	int lanes = TOP + BARS + 24, bottom = lanes + (int)k->n * LANE, height = bottom + 24;

	pk_buf_putf(&pg->out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Moments over time\">\n", WIDTH,
		    height);
	put_dates(k, bottom);
	put_grid(k, max);
	put_bars(k, max);
	put_lanes(k, lanes);
	put_collected(k, bottom);
	pk_buf_puts(
		&pg->out,
		"</svg>\n<div class=\"key\">" KEY("f", "file times") KEY("e", "events of live tables") KEY(
			"h", "files with hits, by time of modification")
			KEY("l2", "moments of one host: light few, dark many") "<span>Dashed: the last collection. The "
									       "scale is logarithmic.</span></div>\n");
	if (k->hosts > k->n) {
		pk_buf_puts(&pg->out, "<p class=\"more\">");
		html_number(&pg->out, k->hosts - k->n);
		pk_buf_puts(&pg->out, " more hosts have no lane here; they are in the bars.</p>\n");
	}
	return pk_buf_check(&pg->out, err);
}

int html_chart(struct page *pg, struct pk_err *err)
{
	PK_AUTO(chart) k = {.pg = pg};
	int64_t span = pg->to.sec - pg->from.sec;

	k.width = span / BINS + (span % BINS != 0);
	if (pk_case_histogram(pg->c, NULL, pg->from, pg->to, BINS, k.files, k.events, err) < 0 ||
	    pk_case_list(pg->c, PK_LIST_HOSTS, NULL, (struct pk_row_sink){on_host, &k}, err) < 0 ||
	    pk_case_list(pg->c, PK_LIST_HITS, NULL, (struct pk_row_sink){on_hit, &k}, err) < 0)
		return -1;
	return draw(&k, err);
}

/* --- hosts ------------------------------------------------------------------------------------------ */

static const char *const outcomes[] = {"taken",   "partial", "metadata", "absent",
				       "skipped", "denied",  "vanished", "failed"};

struct bar {
	uint64_t n[PK_LEN(outcomes)], all;
};

static int on_outcome(void *ctx, const struct pk_cell *cells, struct pk_err *err)
{
	struct bar *bar = ctx;
	struct pk_str outcome = html_cell(PK_LIST_OUTCOMES, cells, "outcome")->s;
	uint64_t n = (uint64_t)html_cell(PK_LIST_OUTCOMES, cells, "files")->i;

	(void)err;
	for (size_t i = 0; i < PK_LEN(outcomes); i++)
		if (pk_str_eq(outcome, pk_str(outcomes[i])))
			bar->n[i] += n;
	bar->all += n;
	return 0;
}

static void put_bar(struct pk_buf *b, const struct bar *bar)
{
	double x = 0;

	pk_buf_puts(b, "<svg class=\"bar\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\"><title>");
	for (size_t i = 0; i < PK_LEN(outcomes); i++)
		if (bar->n[i])
			pk_buf_putf(b, "%s %" PRIu64 "  ", outcomes[i], bar->n[i]);
	pk_buf_puts(b, "</title>");
	for (size_t i = 0; i < PK_LEN(outcomes); i++) {
		double w = bar->all ? 100.0 * (double)bar->n[i] / (double)bar->all : 0;

		if (!bar->n[i])
			continue;
		w = PK_MAX(w, 1.2); /* one denied file among a million is shown */
		pk_buf_putf(b, "<rect class=\"o-%s\" x=\"%.2f\" y=\"0\" width=\"%.2f\" height=\"8\"/>", outcomes[i], x,
			    w);
		x += w;
	}
	pk_buf_puts(b, "</svg>");
}

struct hosts {
	struct page *pg;
	uint64_t rows;
};

static int on_host_row(void *ctx, const struct pk_cell *cells, struct pk_err *err)
{
	static const struct html_column cols[] = {
		{"name", "", LOOK_HOST},    {"os", "", LOOK_TEXT},      {"last", "", LOOK_TIME},
		{"files", "", LOOK_NUMBER}, {"taken", "", LOOK_NUMBER}, {"hits", "", LOOK_NUMBER},
	};
	static const char *const classes[] = {"host", "", "time", "num", "num", "num"};
	struct hosts *h = ctx;
	struct pk_buf *b = &h->pg->out;
	PK_AUTO(pk_buf) id = {0};
	struct bar bar = {0};

	if (h->rows++ >= h->pg->max_rows)
		return 0;
	pk_buf_put_hex(&id, html_cell(PK_LIST_HOSTS, cells, "id")->s.p, html_cell(PK_LIST_HOSTS, cells, "id")->s.n);
	if (pk_buf_check(&id, err) < 0 ||
	    pk_case_list(h->pg->c, PK_LIST_OUTCOMES, &(struct pk_case_filter){.host = id.p},
			 (struct pk_row_sink){on_outcome, &bar}, err) < 0)
		return -1;
	pk_buf_puts(b, "<tr>");
	for (size_t i = 0; i < PK_LEN(cols); i++) {
		pk_buf_putf(b, "<td class=\"%s\">", classes[i]);
		html_look_cell(b, html_cell(PK_LIST_HOSTS, cells, cols[i].key), cols[i].look);
		pk_buf_puts(b, "</td>");
	}
	pk_buf_puts(b, "<td>");
	put_bar(b, &bar);
	pk_buf_puts(b, "</td><td>");
	html_look_cell(b, html_cell(PK_LIST_HOSTS, cells, "trust"), LOOK_TRUST);
	pk_buf_puts(b, "</td></tr>\n");
	return pk_buf_check(b, err);
}

int html_hosts(struct page *pg, struct pk_err *err)
{
	struct hosts h = {.pg = pg};

	pk_buf_puts(&pg->out, "<div class=\"wide\"><table><thead><tr><th>Host</th><th>System</th><th>Collected</th>"
			      "<th class=\"num\">Paths</th><th class=\"num\">Taken</th><th class=\"num\">Hits</th>"
			      "<th>What became of its paths</th><th>Trust</th></tr></thead><tbody>\n");
	if (pk_case_list(pg->c, PK_LIST_HOSTS, NULL, (struct pk_row_sink){on_host_row, &h}, err) < 0)
		return -1;
	pk_buf_puts(&pg->out,
		    "</tbody></table></div>\n<div class=\"key\">" KEY("o-taken", "taken") KEY("o-partial", "partial")
			    KEY("o-metadata", "metadata only") KEY("o-absent", "absent") KEY("o-skipped", "skipped")
				    KEY("o-denied", "denied") KEY("o-vanished", "vanished")
					    KEY("o-failed", "failed") "</div>\n");
	if (h.rows > pg->max_rows) {
		pk_buf_puts(&pg->out, "<p class=\"more\">");
		html_number(&pg->out, h.rows - pg->max_rows);
		pk_buf_puts(&pg->out, " more hosts: <code>picket-case hosts</code> lists them all.</p>\n");
	}
	return 0;
}
