/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case custody: who did what with the evidence: the log, its checkpoints and receipts, exports for court. */
#include "verbs.h"

#include <errno.h>
#include <stdio.h>

#include <picket/custody.h>
#include <picket/roster.h>

enum export { EXPORT_JSONL, EXPORT_TEXT, EXPORT_JSONLD };
static const char *const export_words[] = {"jsonl", "text", "jsonld", NULL};

#define KEPT "a checkpoint that the case keeps"

static bool head, checkpoint, verify;
static const char *signer, *output, *object, *reason, *place, *since, *cosign, *receipt, *log_path, *roster_path;
static struct pk_strv against;
static int add = -1, export = -1, passphrase_fd = -1;

static const struct pk_opt opts[] = {
	{0, "head", PK_OPT_FLAG, &head, NULL, "print the tree head alone: origin, size, root", NULL},
	{0, "add", PK_OPT_CHOICE, &add, "ACTION", "add a line of your own", pk_custody_actions},
	{0, "object", PK_OPT_STR, &object, "WHAT", "with --add: what it was done to", NULL},
	{0, "reason", PK_OPT_STR, &reason, "TEXT", "with --add: why, to whom, by which authority", NULL},
	{0, "place", PK_OPT_STR, &place, "TEXT", "with --add: where (default: where the case is kept)", NULL},
	{0, "checkpoint", PK_OPT_FLAG, &checkpoint, NULL,
	 "print the tree head to give it to someone, and remember it: check then proves that the log still contains it",
	 NULL},
	{0, "since", PK_OPT_STR, &since, "FILE",
	 "with --checkpoint: put the proof before it that it continues this older one", NULL},
	{0, "cosign", PK_OPT_STR, &cosign, "FILE",
	 "the receipt for another team's checkpoint: that with our cosignature; it is remembered, and only what "
	 "continues it will be cosigned later",
	 NULL},
	{0, "receipt", PK_OPT_STR, &receipt, "FILE", "keep our checkpoint with the cosignatures that came back", NULL},
	{0, "signer", PK_OPT_STR, &signer, "NAME",
	 "sign the checkpoint with this party's note key, or cosign with its cosignature key", NULL},
	{0, "passphrase-fd", PK_OPT_FD, &passphrase_fd, "N", "read the key's passphrase from descriptor N", NULL},
	{0, "verify", PK_OPT_FLAG, &verify, NULL, "find what was dropped, reordered or rewritten", NULL},
	{0, "against", PK_OPT_LIST, &against, "FILE", "with --verify: by a checkpoint that was kept elsewhere", NULL},
	{0, "log", PK_OPT_STR, &log_path, "FILE",
	 "an exported log: instead of the case's own, or with --verify and a case, what the case's own must continue",
	 NULL},
	{0, "export", PK_OPT_CHOICE, &export, "FORM",
	 "the whole log: its lines as they are, a document for court, or CASE/UCO", export_words},
	{0, "roster", PK_OPT_STR, &roster_path, "FILE", "whose signatures count (default: the station's roster)", NULL},
	{'o', "output", PK_OPT_STR, &output, "FILE", "write checkpoint, receipt or export here", NULL},
	CASE_OPT_LIMIT,
	CASE_OPT_JSON,
	PK_OPT_END,
};

/* Opened before anything is said in the log: a name that is taken changes nothing. */
static int put_output(struct pk_outfile *out, struct pk_str text, struct pk_err *err)
{
	if (pk_outfile_write(out, text.p, text.n, err) < 0)
		return -1;
	return pk_outfile_commit(out, err);
}

/* A checkpoint as itself; with --json as an object, and as itself in its file. */
static int put_note(struct pk_case *c, const char *type, struct pk_outfile *out, struct pk_str note, struct pk_err *err)
{
	if ((!case_json || output) && put_output(out, note, err) < 0)
		return -1;
	return case_json ? custody_print_checkpoint(c, type, note, true, output, err) : 0;
}

/* --- faults --------------------------------------------------------------------------------------------- */

struct faults {
	struct pk_strv *text; /* where each goes */
	bool failed;
};

static void warn_of(void *ctx, bool bad, const char *text)
{
	struct faults *f = ctx;

	if (!bad)
		return;
	pk_msg_warn("the custody log: %s", text);
	f->failed = f->failed || pk_strv_add(f->text, pk_str(text), NULL) < 0;
}

/* What goes out of a log that has faults does not go out without a word: of a case, or of a log without one. */
static int warn_of_faults(struct pk_case *c, const struct pk_custody_log *log, struct pk_strv *ret, struct pk_err *err)
{
	struct faults faults = {.text = ret};
	const struct pk_check_sink sink = {.finding = warn_of, .ctx = &faults};
	uint64_t bad = 0;

	if ((c ? pk_case_custody_check(c, &sink, &bad, err) : pk_custody_check_lines(log, &sink, &bad, err)) < 0)
		return -1;
	return faults.failed ? pk_fail_oom(err) : 0;
}

/* --- receipts --------------------------------------------------------------------------------------- */

/* dir: of the case, as it was given. */
static int put_checkpoint(struct pk_case *c, const char *dir, struct pk_outfile *out, struct pk_err *err)
{
	PK_AUTO(pk_keys) keys = {0};
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_buf) older = {0};
	PK_AUTO(pk_strv) told = {0};
	struct faults faults = {.text = &told};
	const struct pk_check_sink sink = {.finding = warn_of, .ctx = &faults};

	if (signer) {
		if (pk_station_keys(signer, passphrase_fd, &pk_msg_events, &keys, err) < 0)
			return -1;
		if (!keys.has_note)
			return pk_fail(err, PK_EUSAGE, 0, "'%s' has no note key", signer);
	}
	if (since && pk_read_path(since, PK_MAX_NOTE, &older, err) < 0)
		return -1;
	if (pk_case_custody_checkpoint(c, signer ? &keys.note : NULL, pk_buf_str(&older), &sink, &text, err) < 0) {
		struct pk_err why = *err;

		if (faults.failed)
			return pk_fail_oom(err);
		if (!told.n || why.kind != PK_ECRYPTO)
			return since ? pk_wrap(err, "'%s'", since) : -1;
		(void)pk_fail(err, why.kind, 0, "%s: see 'picket-case custody %s --verify'", why.msg, dir);
		pk_msg_error(err);
		return PK_EXIT_FOUND;
	}
	return put_note(c, "checkpoint", out, pk_buf_str(&text), err) < 0 ? -1 : PK_EXIT_OK;
}

/* A checkpoint that must not be receipted is an answer, not a failure. */
static int judged(const char *path, struct pk_err *err)
{
	(void)pk_wrap(err, "'%s'", path);
	if (err->kind != PK_ECRYPTO && err->kind != PK_EFORMAT && err->kind != PK_ELIMIT)
		return -1;
	if (pk_memory_ran_out()) /* no verdict may come of what could not be read */
		return pk_fail_oom(err);
	pk_msg_error(err);
	return PK_EXIT_FOUND;
}

static int put_cosignature(struct pk_case *c, struct pk_outfile *out, struct pk_err *err)
{
	PK_AUTO(pk_keys) keys = {0};
	PK_AUTO(pk_roster) roster = {0};
	PK_AUTO(pk_buf) request = {0};
	PK_AUTO(pk_buf) note = {0};
	bool has = false;

	if (!signer)
		return pk_fail(err, PK_EUSAGE, 0, "whose cosignature? give --signer NAME");
	if (pk_station_keys(signer, passphrase_fd, &pk_msg_events, &keys, err) < 0 ||
	    pk_station_roster(roster_path, &roster, &has, NULL, err) < 0 ||
	    pk_read_path(cosign, PK_MAX_NOTE, &request, err) < 0)
		return -1;
	if (!keys.has_cosign)
		return pk_fail(err, PK_EUSAGE, 0, "'%s' has no cosignature key", signer);
	if (pk_case_custody_cosign(c, pk_buf_str(&request), &keys.cosign, &roster, &pk_msg_events, &note, err) < 0)
		return judged(cosign, err);
	return put_note(c, "cosigned", out, pk_buf_str(&note), err) < 0 ? -1 : PK_EXIT_OK;
}

static int take_receipt(struct pk_case *c, struct pk_err *err)
{
	PK_AUTO(pk_roster) roster = {0};
	PK_AUTO(pk_buf) note = {0};
	bool has = false;

	if (pk_station_roster(roster_path, &roster, &has, NULL, err) < 0 ||
	    pk_read_path(receipt, PK_MAX_NOTE, &note, err) < 0)
		return -1;
	if (pk_case_custody_receipt(c, pk_buf_str(&note), &roster, err) < 0)
		return judged(receipt, err);
	return case_json && custody_print_checkpoint(c, "receipt", pk_buf_str(&note), false, NULL, err) < 0
		       ? -1
		       : PK_EXIT_OK;
}

/* --- verifying -------------------------------------------------------------------------------------- */

static int read_log(struct pk_custody_log *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};

	if (pk_read_path(log_path, PK_MAX_CUSTODY_LOG, &text, err) < 0)
		return -1;
	return pk_custody_log_parse(pk_buf_str(&text), ret, err) < 0 ? pk_wrap(err, "'%s'", log_path) : 0;
}

static int verify_log(struct pk_case *c, struct pk_err *err)
{
	struct pk_err unsaid = {0};
	const struct pk_check_sink sink = {.finding = case_print_finding, .ctx = &unsaid};
	PK_AUTO(pk_custody_log) log = {0}, older = {0};
	PK_AUTO(pk_roster) roster = {0};
	PK_AUTO(pk_strv) kept = {0};
	bool has_roster = false;
	uint64_t bad = 0;

	if (pk_station_roster(roster_path, &roster, &has_roster, NULL, err) < 0 ||
	    (log_path && read_log(c ? &older : &log, err) < 0) || (c && pk_case_custody_log(c, &log, err) < 0))
		return -1;
	if ((c ? pk_case_custody_check(c, &sink, &bad, err) : pk_custody_check_lines(&log, &sink, &bad, err)) < 0 ||
	    (older.n && pk_custody_check_export(&log, &older, &sink, &bad, err) < 0) ||
	    (c && pk_case_custody_notes(c, &kept, err) < 0))
		return -1;
	for (size_t i = 0; i < kept.n && has_roster; i++)
		if (pk_custody_check_kept(&log, pk_str(kept.v[i]), &roster, &sink, &bad, err) < 0)
			return pk_wrap(err, KEPT);
	for (size_t i = 0; i < against.n; i++) {
		PK_AUTO(pk_buf) note = {0};

		if (pk_read_path(against.v[i], PK_MAX_NOTE, &note, err) < 0)
			return -1;
		if (pk_custody_check_checkpoint(&log, pk_buf_str(&note), has_roster ? &roster : NULL, &sink, &bad,
						err) < 0)
			return pk_wrap(err, "'%s'", against.v[i]);
	}
	if (unsaid.kind) {
		*err = unsaid;
		return -1;
	}
	if ((case_json && custody_print_verified(c, log.n, bad, err) < 0) || pk_stdout_done(err) < 0)
		return -1;
	if (!bad)
		pk_msg_info("%zu lines, no fault found", log.n);
	return bad ? PK_EXIT_FOUND : PK_EXIT_OK;
}

/* --- exports and listings --------------------------------------------------------------------------- */

/* Checkpoints that the case keeps or that are given go into the document, and must be of the log in it. */
static int take_notes(struct pk_custody_log *log, struct pk_custody_with *with, struct pk_err *err)
{
	struct faults faults = {.text = &with->faults};
	const struct pk_check_sink sink = {.finding = warn_of, .ctx = &faults};
	PK_AUTO(pk_roster) roster = {0};
	struct pk_strv *notes = &with->notes;
	const size_t kept = notes->n;
	bool has = false;
	uint64_t bad = 0;

	for (size_t i = 0; i < kept; i++)
		if (pk_custody_check_checkpoint(log, pk_str(notes->v[i]), NULL, &sink, &bad, err) < 0)
			return pk_wrap(err, KEPT);

	if ((kept || against.n) && pk_station_roster(roster_path, &roster, &has, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < kept && has; i++)
		if (pk_custody_check_kept(log, pk_str(notes->v[i]), &roster, &sink, &bad, err) < 0)
			return pk_wrap(err, KEPT);
	for (size_t i = 0; i < against.n; i++) {
		PK_AUTO(pk_buf) note = {0};

		if (pk_read_path(against.v[i], PK_MAX_NOTE, &note, err) < 0)
			return -1;
		if (note.n && !pk_strv_has(notes, note.p) && pk_strv_add(notes, pk_buf_str(&note), err) < 0)
			return -1;
		if (pk_custody_check_checkpoint(log, pk_buf_str(&note), has ? &roster : NULL, &sink, &bad, err) < 0)
			return pk_wrap(err, "'%s'", against.v[i]);
	}
	return faults.failed ? pk_fail_oom(err) : 0;
}

static int put_export(struct pk_case *c, struct pk_outfile *to, struct pk_err *err)
{
	PK_AUTO(pk_custody_log) log = {0};
	PK_AUTO(pk_custody_with) with = {0};
	PK_AUTO(pk_buf) label = {0};
	PK_AUTO(pk_buf) out = {0};

	if ((c ? pk_case_custody_log(c, &log, err) : read_log(&log, err)) < 0 ||
	    warn_of_faults(c, &log, &with.faults, err) < 0 ||
	    (c && (case_label(c, true, &label, err) < 0 || pk_case_custody_notes(c, &with.notes, err) < 0)) ||
	    take_notes(&log, &with, err) < 0)
		return -1;
	with.label = pk_buf_str(&label);
	if ((export == EXPORT_TEXT    ? pk_custody_put_text(&log, &with, &out, err)
	     : export == EXPORT_JSONL ? 0
				      : pk_custody_put_uco(&log, &with, &out, err)) < 0 ||
	    put_output(to, pk_buf_str(export == EXPORT_JSONL ? &log.text : &out), err) < 0)
		return -1;
	return with.faults.n ? PK_EXIT_FOUND : PK_EXIT_OK;
}

static int print_head(struct pk_case *c, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};

	if (pk_case_custody_head(c, &text, err) < 0)
		return -1;
	if (case_json)
		return custody_print_checkpoint(c, "head", pk_buf_str(&text), false, NULL, err);
	printf("%s%.*s", head ? "" : "\n", (int)text.n, text.p);
	return 0;
}

static int print_list(struct pk_case *c, struct pk_err *err)
{
	struct pk_case_filter f = {.limit = case_o.limit};

	if ((!head && case_print_list(c, PK_LIST_CUSTODY, &f, NULL, err) < 0) || print_head(c, err) < 0)
		return -1;
	return pk_stdout_done(err) < 0 ? -1 : PK_EXIT_OK;
}

static int add_line(struct pk_case *c, struct pk_err *err)
{
	const char *action = pk_custody_actions[add];

	if (pk_case_custody_add(c,
				&(struct pk_custody_act){
					.action = action, .object = object, .reason = pk_str(reason), .place = place},
				err) < 0)
		return -1;
	return case_json && custody_print_added(c, action, object, err) < 0 ? -1 : PK_EXIT_OK;
}

/* --- what was asked for ----------------------------------------------------------------------------- */

static int check_usage(int operands, struct pk_err *err)
{
	bool writes = add >= 0 || checkpoint || cosign || receipt;

	if ((add >= 0) + checkpoint + (cosign != NULL) + (receipt != NULL) + verify + (export >= 0) + head > 1)
		return pk_fail(
			err, PK_EUSAGE, 0,
			"--add, --checkpoint, --cosign, --receipt, --verify, --export and --head exclude each other");
	if ((add >= 0) != (object && reason && *reason) || (!object != !reason) || (place && add < 0))
		return pk_fail(err, PK_EUSAGE, 0,
			       "--add needs --object and --reason; they and --place go with nothing else");
	if (signer && !checkpoint && !cosign)
		return pk_fail(err, PK_EUSAGE, 0, "--signer goes with --checkpoint and --cosign");
	if (since && !checkpoint)
		return pk_fail(err, PK_EUSAGE, 0, "--since goes with --checkpoint");
	if (output && !checkpoint && !cosign && export < 0)
		return pk_fail(err, PK_EUSAGE, 0, "--output goes with --checkpoint, --cosign and --export");
	if (((against.n || log_path) && !verify && export < 0) || (log_path && export >= 0 && operands))
		return pk_fail(err, PK_EUSAGE, 0,
			       "--against and --log go with --verify, and with --export of a log without its case");
	if (case_json && export >= 0)
		return pk_fail(
			err, PK_EUSAGE, 0,
			"--json does not go with --export, which has forms of its own (jsonl: the lines as they are)");
	if (!operands && (writes || !log_path))
		return pk_fail(err, PK_EUSAGE, 0, "which case? (--verify and --export can do with --log alone)");
	return 0;
}

/* Nothing is put among what the case is made of. */
static int check_output(const char *dir, struct pk_err *err)
{
	pk_autofree char *parent = pk_str_dup(pk_str(output)), *in = NULL, *of = realpath(dir, NULL);
	char *slash = parent ? strrchr(parent, '/') : NULL;
	size_t n = of ? strlen(of) : 0;

	if (!parent)
		return pk_fail_oom(err);
	if (slash)
		slash[slash == parent] = '\0';
	in = realpath(slash ? parent : ".", NULL);
	if (of && in && strncmp(in, of, n) == 0 && (in[n] == '/' || !in[n]))
		return pk_fail(err, PK_EUSAGE, 0, "'%s' would be inside the case: write it elsewhere", output);
	return 0; /* what is not there, opening says */
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTOPTR(pk_case) c = NULL;
	PK_AUTO(pk_outfile) out = PK_OUTFILE_INIT;
	bool writes = add >= 0 || checkpoint || cosign || receipt;

	if (check_usage(argc, err) < 0 || (output && argc && check_output(argv[0], err) < 0) ||
	    ((checkpoint || cosign || export >= 0) && pk_outfile_open(&out, output, PK_OUT_EXCL, err) < 0) ||
	    (argc && pk_case_open(argv[0], writes ? PK_CASE_WRITE : PK_CASE_READ, case_author, &c, err) < 0))
		return -1;
	if (add >= 0)
		return add_line(c, err);
	if (checkpoint)
		return put_checkpoint(c, argv[0], &out, err);
	if (cosign)
		return put_cosignature(c, &out, err);
	if (receipt)
		return take_receipt(c, err);
	if (verify)
		return verify_log(c, err);
	if (export >= 0)
		return c && case_say_label(c, err) < 0 ? -1 : put_export(c, &out, err);
	return print_list(c, err);
}

const struct pk_verb case_custody = {
	.name = "custody",
	.operands = "[CASE]",
	.summary = "the log of who did what: lines, checkpoints, receipts, proof, exports",
	.opts = opts,
	.min_operands = 0,
	.max_operands = 1,
	.run = run,
};
