/* SPDX-License-Identifier: Apache-2.0 */
/* The custody log as a document for people: every line with all it says, the checkpoints, how to check both. */
#include <picket/custody.h>

static void field(struct pk_buf *b, const char *name, struct pk_str value)
{
	if (!value.n)
		return;
	pk_buf_putf(b, "  %-9s", name);
	pk_buf_put_safe(b, value);
	pk_buf_put_c(b, '\n');
}

void pk_custody_with_done(struct pk_custody_with *with)
{
	pk_strv_done(&with->notes);
	pk_strv_done(&with->faults);
}

static void put_when(struct pk_buf *b, struct pk_time t)
{
	PK_AUTO(pk_buf) when = {0};

	pk_buf_put_rfc3339(&when, t, 9);
	field(b, "when", pk_buf_str(&when));
	b->oom = b->oom || when.oom;
}

#define RAW_MAX 4096u

/* What is no custody line, as it is. */
static void put_raw(const struct pk_custody_log *log, size_t i, struct pk_buf *b)
{
	size_t from = log->n ? log->end[log->n - 1] : 0;
	struct pk_str raw = i < log->n ? pk_custody_log_line(log, i) : pk_str_n(log->text.p + from, log->cut);

	pk_buf_putf(b, "\nLine %zu of the log, which is no custody line\n", i + 1);
	field(b, "text", pk_str_n(raw.p, PK_MIN(raw.n, (size_t)RAW_MAX)));
	if (raw.n > RAW_MAX)
		pk_buf_putf(b, "  %-9s%zu, shown are %u\n", "bytes", raw.n, RAW_MAX);
	if (i < log->n) {
		pk_buf_putf(b, "  %-9s", "leaf");
		pk_buf_put_hex(b, log->leaf[i], 32);
		pk_buf_put_c(b, '\n');
	}
}

/* 1: there is no entry in it. */
static int put_entry(const struct pk_custody_log *log, size_t i, struct pk_buf *b, struct pk_err *err)
{
	PK_AUTO(pk_custody_entry) e = {0};
	PK_AUTO(pk_buf) who = {0};
	PK_AUTO(pk_buf) with = {0};
	PK_AUTO(pk_buf) more = {0};
	PK_AUTO(pk_buf) leaf = {0};
	struct pk_err why = {0};

	if (pk_custody_entry_parse(pk_custody_log_line(log, i), &e, &why) < 0) {
		(void)pk_fail(err, why.kind, why.sys, "line %zu of the log: %s", i + 1, why.msg);
		return why.kind == PK_EFORMAT || why.kind == PK_ELIMIT ? 1 : -1;
	}
	pk_buf_put_str(&who, e.actor);
	pk_buf_puts(&who, " of ");
	pk_buf_put_str(&who, e.team);
	if (e.key.n) {
		pk_buf_puts(&who, ", note key ");
		pk_buf_put_str(&who, e.key);
	}
	pk_buf_put_str(&with, e.tool);
	pk_buf_put_c(&with, ' ');
	pk_buf_put_str(&with, e.version);
	if (e.settings.n) {
		pk_buf_puts(&with, ", settings sha256:");
		pk_buf_put_str(&with, e.settings);
	}
	pk_buf_put_custody_details(&more, &e);
	pk_buf_put_hex(&leaf, log->leaf[i], 32);
	if (pk_buf_check(&who, err) < 0 || pk_buf_check(&with, err) < 0 || pk_buf_check(&more, err) < 0 ||
	    pk_buf_check(&leaf, err) < 0)
		return -1;
	pk_buf_putf(b, "\nLine %llu\n", (unsigned long long)e.seq);
	put_when(b, e.t);
	field(b, "who", pk_buf_str(&who));
	field(b, "action", e.action);
	field(b, "object", e.object);
	field(b, "where", e.place);
	field(b, "why", e.reason);
	field(b, "with", pk_buf_str(&with));
	field(b, "details", pk_buf_str(&more)); /* safe already: a backslash is shown twice */
	field(b, "leaf", pk_buf_str(&leaf));
	return pk_buf_check(b, err);
}

static void put_faults(const struct pk_strv *faults, struct pk_buf *b)
{
	if (!faults->n)
		return;
	pk_buf_putf(b, "\nTHIS LOG DOES NOT CHECK: %zu %s\n", faults->n, faults->n == 1 ? "fault" : "faults");
	for (size_t i = 0; i < faults->n; i++) {
		pk_buf_putf(b, "  - %s\n", faults->v[i]);
	}
	pk_buf_put_c(b, '\n');
}

static int put_lines(const struct pk_custody_log *log, bool has_faults, struct pk_buf *b, struct pk_err *err)
{
	for (size_t i = 0; i < log->n; i++) {
		int r = put_entry(log, i, b, err);

		if (r < 0 || (r > 0 && !has_faults))
			return -1;
		if (r > 0)
			put_raw(log, i, b);
	}
	if (log->cut && !has_faults)
		return pk_fail(err, PK_EFORMAT, 0, "a custody log whose last line is cut");
	if (log->cut)
		put_raw(log, log->n, b);
	return pk_buf_check(b, err);
}

int pk_custody_put_text(const struct pk_custody_log *log, const struct pk_custody_with *with, struct pk_buf *ret,
			struct pk_err *err)
{
	const struct pk_strv *notes = &with->notes, *faults = &with->faults;
	PK_AUTO(pk_buf) origin = {0};
	struct pk_err why = {0};
	uint8_t root[32];

	if (pk_custody_origin(log, &origin, &why) < 0) {
		if (!faults->n || (why.kind != PK_EFORMAT && why.kind != PK_ELIMIT))
			return pk_fail(err, why.kind, why.sys, "%s", why.msg);
		pk_buf_puts(&origin, "unknown");
		if (pk_buf_check(&origin, err) < 0)
			return -1;
	}
	pk_custody_root(log, log->n, root);
	if (with->label.n) {
		pk_buf_put_str(ret, with->label);
		pk_buf_put_c(ret, '\n');
	}
	pk_buf_puts(ret, "CHAIN OF CUSTODY\n");
	put_faults(faults, ret);
	field(ret, "log", pk_buf_str(&origin));
	pk_buf_putf(ret, "  %-9s%zu\n  %-9s", "lines", log->n, "root");
	pk_buf_put_base64(ret, root, sizeof(root), true);
	pk_buf_puts(ret, "\n\n"
			 "Times are UTC. A leaf is SHA-256 over a zero byte and the line as the log has it; the root "
			 "is that of\n"
			 "the Merkle tree of RFC 6962 over all leaves: one line changed, dropped or moved gives "
			 "another root.\n");
	if (put_lines(log, faults->n > 0, ret, err) < 0)
		return -1;
	pk_buf_putf(ret, "\n%s\n",
		    notes->n ? "CHECKPOINTS (C2SP signed notes; what others have seen of this log)"
			     : "No checkpoint of this log was signed.");
	for (size_t i = 0; i < notes->n; i++)
		pk_buf_putf(ret, "\n%s", notes->v[i]);
	pk_buf_puts(
		ret,
		"\nTo check: 'picket-case custody --verify --log LOG --against CHECKPOINT' with the log as JSON Lines\n"
		"(--export jsonl) and the parties' roster, or any implementation of C2SP signed notes and RFC 6962.\n");
	return pk_buf_check(ret, err);
}
