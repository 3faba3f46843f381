/* SPDX-License-Identifier: Apache-2.0 */
/* picket-bundle salvage: what is left of a cut or damaged bundle, and exactly what is lost. */
#include "verbs.h"

#include <picket/salvage.h>

static const char *dir;
static struct pk_strv only;
static bool member_names;

static const struct pk_opt opts[] = {
	BUNDLE_OPT_IDENTITY,
	{'o', "output", PK_OPT_STR, &dir, "DIR", "a new or empty folder for what is left; needed", NULL},
	{0, "only", PK_OPT_LIST, &only, "PATTERN", "only paths that match, such as '/etc/*'", NULL},
	{0, "member-names", PK_OPT_FLAG, &member_names, NULL, "keep the encoded names that the bundle has inside",
	 NULL},
	BUNDLE_OPT_PASSPHRASE_FD,
	BUNDLE_OPT_ROSTER,
	BUNDLE_OPT_JSON,
	PK_OPT_END,
};

struct report {
	struct pk_buf losses;
	struct pk_buf label; /* as record 0 has it: the terms may be lost */
	struct pk_outfile records;
};

static void report_done(struct report *r)
{
	pk_buf_done(&r->losses);
	pk_buf_done(&r->label);
	pk_outfile_done(&r->records);
}

static int put_label(struct pk_buf *b, const struct pk_record *r, struct pk_err *err)
{
	const struct pk_json_value *label = pk_json_get(r->json, "label");
	PK_AUTO(pk_label) l = {0};
	struct pk_err why = {0};

	if (!label)
		return 0;
	if (pk_label_from_json(label, &l, &why) < 0) {
		if (why.kind == PK_ESYS) {
			*err = why;
			return -1;
		}
		pk_msg_warn("%s", why.msg); /* what else there is stands without it */
		return 0;
	}
	pk_buf_put_label_shown(b, &l);
	return pk_buf_check(b, err);
}

static int on_record(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	struct report *p = ctx;
	PK_AUTO(pk_buf) path = {0};

	if (r->leaf == 0 && put_label(&p->label, r, err) < 0)
		return -1;
	pk_buf_putf(&path, "%s/records.jsonl", dir);
	if (pk_buf_check(&path, err) < 0 ||
	    (!p->records.path && pk_outfile_open(&p->records, path.p, PK_OUT_EXCL, err) < 0) ||
	    pk_outfile_write(&p->records, r->line.p, r->line.n, err) < 0)
		return -1;
	return pk_outfile_write(&p->records, "\n", 1, err);
}

static void put_range(struct pk_buf *b, const char *what, uint64_t from, uint64_t to)
{
	if (to == from + 1)
		pk_buf_putf(b, "%s %llu", what, (unsigned long long)from);
	else if (to == UINT64_MAX)
		pk_buf_putf(b, "%ss from %llu on", what, (unsigned long long)from);
	else
		pk_buf_putf(b, "%ss %llu to %llu", what, (unsigned long long)from, (unsigned long long)to - 1);
}

/* One line for people. */
static void put_words(struct pk_buf *b, const struct pk_loss *l)
{
	switch (l->what) {
	case PK_LOST_HEADER: pk_buf_puts(b, "the header's authentication code is wrong: readers were changed"); break;
	case PK_LOST_BYTES:
		pk_buf_putf(b, "bytes %llu to %llu of the file", (unsigned long long)l->from,
			    (unsigned long long)l->to);
		if (l->size)
			pk_buf_putf(b, ", %llu of the payload", (unsigned long long)l->size);
		break;
	case PK_LOST_HEAD: pk_buf_puts(b, "terms and ticket inside; the ticket beside the bundle was used"); break;
	case PK_LOST_FRAME: break; /* why names it */
	case PK_LOST_SEGMENT: put_range(b, "segment", l->from, l->from + 1); break;
	case PK_LOST_TABLE: break;
	case PK_LOST_RECORDS: put_range(b, "record", l->from, l->to); break;
	case PK_LOST_CONTENT:
		pk_buf_putf(b, "content of record %llu, %llu bytes: ", (unsigned long long)l->from,
			    (unsigned long long)l->size);
		pk_buf_put_safe(b, pk_str(l->path ? l->path : "no path"));
		break;
	case PK_LOST_END: pk_buf_puts(b, "the end and its checkpoint: nothing says how much there was"); break;
	}
	if (l->why)
		pk_buf_putf(b, "%s%s", l->what == PK_LOST_TABLE || l->what == PK_LOST_FRAME ? "" : ": ", l->why);
	pk_buf_put_c(b, '\n');
}

static int put_json(const struct pk_loss *l, struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};

	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", "loss");
	pk_json_kuint(&j, "v", 1);
	pk_json_kz(&j, "what", pk_loss_name(l->what));
	if (l->what == PK_LOST_BYTES || l->what == PK_LOST_RECORDS) {
		pk_json_kuint(&j, "from", l->from);
		if (l->to != UINT64_MAX)
			pk_json_kuint(&j, "to", l->to);
	}
	if (l->what == PK_LOST_FRAME || l->what == PK_LOST_SEGMENT)
		pk_json_kuint(&j, "number", l->from);
	if (l->what == PK_LOST_CONTENT)
		pk_json_kuint(&j, "leaf", l->from);
	if (l->what == PK_LOST_CONTENT || (l->what == PK_LOST_BYTES && l->size))
		pk_json_kuint(&j, l->what == PK_LOST_BYTES ? "plain" : "size", l->size);
	if (l->path)
		pk_json_kbytes(&j, "path", pk_str(l->path));
	if (l->why)
		pk_json_kz(&j, "why", l->why);
	pk_json_end(&j, '}');
	if (pk_json_check(&j, err) < 0)
		return -1;
	return pk_stdout_line(&line, err);
}

static int on_loss(void *ctx, const struct pk_loss *l, struct pk_err *err)
{
	struct report *r = ctx;
	size_t from = r->losses.n;

	put_words(&r->losses, l);
	if (pk_buf_check(&r->losses, err) < 0)
		return -1;
	if (bundle_json)
		return put_json(l, err);
	printf("lost  %s", r->losses.p + from);
	return 0;
}

static int write_marker(const struct pk_buf *losses, const struct pk_buf *label, struct pk_err *err)
{
	PK_AUTO(pk_buf) path = {0}, all = {0};

	pk_buf_putf(&path, "%s/INCOMPLETE", dir);
	if (label->n)
		pk_buf_putf(&all, "%s\n", label->p);
	pk_buf_puts(&all, "This is not all of the bundle. What is here is proven; lost are:\n");
	pk_buf_put_str(&all, pk_buf_str(losses));
	if (pk_buf_check(&path, err) < 0 || pk_buf_check(&all, err) < 0)
		return -1;
	return pk_write_path(path.p, 0, pk_buf_str(&all), err); /* there was one from the start */
}

static int put_summary(const struct pk_salvage_sum *s, const struct pk_buf *label, struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};

	if (!bundle_json)
		return 0;
	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", "salvage");
	pk_json_kuint(&j, "v", 1);
	pk_json_kbool(&j, "complete", s->whole);
	pk_json_kuint(&j, "records", s->records);
	pk_json_kuint(&j, "files", s->files);
	pk_json_kuint(&j, "losses", s->losses);
	pk_json_kuint(&j, "lost_contents", s->lost_contents);
	pk_json_kz(&j, "label", label->n ? label->p : NULL);
	pk_json_end(&j, '}');
	if (pk_json_check(&j, err) < 0)
		return -1;
	return pk_stdout_line(&line, err);
}

/* Broken beyond proof, as opposed to "cannot tell". */
static int nothing_left(struct pk_err *err)
{
	if (err->code == PK_AGE_NO_MATCH ||
	    (err->kind != PK_EFORMAT && err->kind != PK_ECRYPTO && err->kind != PK_ELIMIT))
		return -1;
	pk_msg_error(err);
	pk_msg_info("nothing of it can be proven, and nothing was written");
	return PK_EXIT_FOUND;
}

static int finish(const char *path, const struct pk_bundle *b, struct report *r, const struct pk_salvage_sum *s,
		  struct pk_err *err)
{
	PK_AUTO(pk_buf) label = {0};

	if (bundle_label(pk_bundle_info(b), &label, err) < 0)
		return -1;
	if (!label.n && r->label.n) {
		pk_buf_put_str(&label, pk_buf_str(&r->label));
		pk_msg_info("%s", r->label.p);
	}
	if (pk_buf_check(&label, err) < 0)
		return -1;
	pk_msg_progress_done();
	if (pk_outfile_commit(&r->records, err) < 0 || put_summary(s, &label, err) < 0)
		return -1;
	if (s->whole) {
		if (pk_extract_complete(dir, err) < 0)
			return -1;
		pk_msg_info("'%s' is whole: %llu files in '%s'", path, (unsigned long long)s->files, dir);
		return PK_EXIT_OK;
	}
	if (write_marker(&r->losses, &label, err) < 0)
		return -1;
	pk_msg_warn("INCOMPLETE: %llu proven records and %llu files in '%s'; what is lost is listed there",
		    (unsigned long long)s->records, (unsigned long long)s->files, dir);
	return PK_EXIT_PARTIAL;
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(report) report = {.records = PK_OUTFILE_INIT};
	PK_AUTO(pk_roster) roster = {0};
	PK_AUTOPTR(pk_bundle) b = NULL;
	const struct pk_extract x = {.dir = dir, .member_names = member_names, .only = only, .leave_marker = true};
	const struct pk_salvage_events events = {&report, on_record, on_loss, &pk_msg_events};
	struct pk_salvage_sum sum = {0};
	struct pk_err why = {0};
	bool has_roster = false;
	int code;

	(void)argc;
	if (!dir)
		return pk_fail(err, PK_EUSAGE, 0, "where to? give -o DIR");
	if (pk_station_roster(bundle_roster, &roster, &has_roster, NULL, err) < 0)
		return -1;
	if (bundle_open_damaged(argv[0], &b, err) < 0)
		return nothing_left(err);
	if (bundle_check_trust(b, argv[0], has_roster ? &roster : NULL, NULL, &why) < 0) {
		if (why.kind != PK_ECRYPTO || pk_bundle_info(b)->is_share) {
			*err = why;
			return bundle_answer(err);
		}
		pk_msg_warn("%s", why.msg); /* its notes may hold all the same */
	}
	bundle_say_label(pk_bundle_info(b));
	if (pk_bundle_salvage(b, &x, &events, &sum, err) < 0)
		return nothing_left(err);
	code = finish(argv[0], b, &report, &sum, err);
	return code < 0 || pk_stdout_done(err) < 0 ? -1 : code;
}

const struct pk_verb bundle_salvage = {
	.name = "salvage",
	.operands = "BUNDLE",
	.summary = "take what is proven out of a cut or damaged bundle, and list what is lost",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
