/* SPDX-License-Identifier: Apache-2.0 */
/* picket-bundle cat: one content as the file that it was, by random access. */
#include "verbs.h"

#include <picket/outcome.h>

static const char *output;

static const struct pk_opt opts[] = {
	BUNDLE_OPT_IDENTITY,
	BUNDLE_OPT_PASSPHRASE_FD,
	BUNDLE_OPT_ROSTER,
	{'o', "output", PK_OPT_STR, &output, "FILE",
	 "write here instead of to standard output; nothing appears unless all of it is genuine", NULL},
	PK_OPT_END,
};

struct finding {
	struct pk_str path;  /* without leading slashes */
	uint64_t leaf, size; /* size: as the path's record has it */
	bool found, no_content, is_share, several, partial;
	struct pk_buf why; /* of what is partial */
};

static void finding_done(struct finding *f) { pk_buf_done(&f->why); }

static struct pk_str strip(struct pk_str s)
{
	while (s.n && s.p[0] == '/')
		s = pk_str_n(s.p + 1, s.n - 1);
	return s;
}

/* "ID/root/PATH": how a share's several bundles keep their paths apart, and how `open` writes them. */
static bool is_below_id(const struct finding *f, const struct pk_record *r, struct pk_str path)
{
	PK_AUTO(pk_buf) full = {0};
	uint8_t id[16];
	uint64_t leaf = 0;

	if (!f->is_share || !pk_share_record_src(r->json, id, &leaf))
		return false;
	pk_buf_put_hex(&full, id, sizeof(id));
	pk_buf_puts(&full, "/root/");
	pk_buf_put_str(&full, path);
	return !full.oom && pk_str_eq(pk_buf_str(&full), f->path);
}

/* Whether it is whole, by its path's record. */
static int take_outcome(struct finding *f, const struct pk_record *r, struct pk_err *err)
{
	struct pk_str outcome = {0};

	f->size = 0;
	(void)pk_json_get_uint(r->json, "size", &f->size);
	f->partial = pk_json_get_str(r->json, "outcome", &outcome) &&
		     pk_str_eq(outcome, pk_str(pk_outcome_name(PK_PARTIAL)));
	pk_buf_reset(&f->why);
	if (f->partial)
		(void)pk_json_get_bytes(r->json, "why", &f->why);
	return pk_buf_check(&f->why, err);
}

/* A path as its record has it, or live/TABLE-NNNN.jsonl, or, in a share, ID/content/LEAF. */
static int on_record(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	struct finding *f = ctx;
	PK_AUTO(pk_buf) path = {0};
	struct pk_str member = {0};

	if (pk_json_get(r->json, "more_of"))
		return 0;
	if (r->type == 'l' || (r->type == 'c' && f->is_share)) {
		if (!pk_json_get_str(r->json, "member", &member) || !pk_str_starts(member, PK_STR("data/")) ||
		    !pk_str_eq(pk_str_n(member.p + 5, member.n - 5), f->path))
			return 0;
		f->leaf = r->leaf;
		f->found = true;
		return 1;
	}
	if (r->type != 'm' || !pk_json_get_bytes(r->json, "path", &path))
		return 0;
	if (!is_below_id(f, r, strip(pk_buf_str(&path)))) {
		if (!pk_str_eq(strip(pk_buf_str(&path)), f->path))
			return 0;
		f->several |= f->found || f->no_content;
	}
	f->found = pk_json_get_uint(r->json, "c", &f->leaf);
	f->no_content = !f->found;
	if (take_outcome(f, r, err) < 0)
		return -1;
	return f->is_share ? 0 : 1; /* another bundle of the share may have the same path */
}

static int write_content(struct pk_bundle *b, const struct finding *f, const char *path, struct pk_err *err)
{
	PK_AUTO(pk_outfile) out = PK_OUTFILE_INIT;
	struct pk_filesink to = pk_outfile_filesink(&out);
	struct pk_cat_sum sum = {0};

	if (pk_outfile_open(&out, output, PK_OUT_EXCL, err) < 0)
		return -1;
	if (pk_bundle_cat_file(b, f->leaf, &to, &sum, err) < 0)
		return bundle_wrong(err);
	pk_cat_warn(&pk_msg_events, path, &sum, f->partial ? (f->why.n ? f->why.p : "") : NULL, f->size);
	return pk_outfile_commit(&out, err) < 0 ? -1 : PK_EXIT_OK;
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_roster) roster = {0};
	PK_AUTOPTR(pk_bundle) b = NULL;
	bool has_roster = false;
	PK_AUTO(finding) f = {.path = strip(pk_str(argv[1]))};
	const struct pk_bundle_events events = {.ctx = &f, .record = on_record};

	(void)argc;
	if (pk_station_roster(bundle_roster, &roster, &has_roster, NULL, err) < 0)
		return -1;
	if (bundle_open_bundle(argv[0], &b, err) < 0)
		return bundle_wrong(err);
	if (bundle_check_trust(b, argv[0], has_roster ? &roster : NULL, NULL, err) < 0)
		return bundle_answer(err);
	bundle_say_label(pk_bundle_info(b));
	f.is_share = pk_bundle_info(b)->is_share;
	if (pk_bundle_records(b, &events, err) < 0)
		return bundle_wrong(err);
	if (f.several)
		return pk_fail(
			err, PK_EUSAGE, 0,
			"several bundles in '%s' have '%s': name one as ID/root/PATH, as picket-bundle open does",
			argv[0], argv[1]);
	if (f.no_content)
		return pk_fail(err, PK_EFORMAT, 0, "'%s' has only metadata of '%s': see picket-bundle list", argv[0],
			       argv[1]);
	if (!f.found && pk_memory_ran_out()) /* its path could not be read */
		return pk_fail_oom(err);
	if (!f.found)
		return pk_fail(err, PK_EUSAGE, 0, "'%s' has no record of '%s': see picket-bundle list", argv[0],
			       argv[1]);
	return write_content(b, &f, argv[1], err);
}

const struct pk_verb bundle_cat = {
	.name = "cat",
	.operands = "BUNDLE PATH",
	.summary = "write one content as the file that it was",
	.opts = opts,
	.min_operands = 2,
	.max_operands = 2,
	.run = run,
};
