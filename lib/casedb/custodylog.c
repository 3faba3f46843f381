/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the custody log: who did what with the evidence; each line a leaf of an RFC 6962 tree. */
#include "db.h"

#include <picket/custody.h>
#include <picket/json.h>

const char *const pk_custody_actions[] = {"collect", "seal",    "transfer-out", "transfer-in", "receive",
					  "open",    "extract", "copy",         "scan",        "annotate",
					  "store",   "release", "return",       "destroy",     NULL};

static uint8_t settings[PK_SHA256_SIZE];
static bool has_settings;

void pk_case_set_settings(int argc, char **argv)
{
	struct pk_sha256 h;

	pk_sha256_init(&h);
	for (int i = 1; i < argc; i++)
		pk_sha256_put(&h, argv[i], strlen(argv[i]) + 1);
	pk_sha256_end(&h, settings);
	has_settings = true;
}

/* In the fixed order of docs/custody-format.md. */
static int put_line(struct pk_case *c, int64_t seq, const struct pk_custody_act *act, struct pk_buf *line,
		    struct pk_err *err)
{
	struct pk_json j = {.out = line};
	PK_AUTO(pk_buf) now = {0};

	pk_case_now(&now);
	pk_json_begin(&j, '{');
	pk_json_kint(&j, "v", 1);
	pk_json_kint(&j, "seq", seq);
	pk_json_kstr(&j, "t", pk_buf_str(&now));
	pk_json_kz(&j, "team", c->team);
	pk_json_kz(&j, "actor", c->author ? c->author : c->team);
	pk_json_kz(&j, "key", c->key);
	pk_json_kz(&j, "action", act->action);
	pk_json_kz(&j, "object", act->object);
	pk_json_kz(&j, "place", act->place ? act->place : c->place);
	if (act->reason.n)
		pk_json_kstr(&j, "reason", act->reason);
	else
		pk_json_kz(&j, "reason", c->reason);
	pk_json_kz(&j, "tool", "picket-case");
	pk_json_kz(&j, "version", PK_VERSION);
	if (has_settings)
		pk_json_khex(&j, "settings", settings, sizeof(settings));
	else
		pk_json_kz(&j, "settings", NULL);
	if (act->details.n) {
		pk_buf_put_c(line, ',');
		pk_buf_put_str(line, act->details);
	}
	pk_json_end(&j, '}');
	return pk_buf_check(&now, err) < 0 ? -1 : pk_json_check(&j, err);
}

int pk_case_custody_act(struct pk_case *c, const struct pk_custody_act *act, struct pk_err *err)
{
	PK_AUTO(pk_custody_entry) check = {0};
	PK_AUTO(pk_stmt) st = {0};
	PK_AUTO(pk_buf) line = {0};
	struct pk_err why = {0};
	uint8_t leaf[32];
	int64_t seq = 0;

	if (pk_case_int(c, "SELECT coalesce(max(seq) + 1, 0) FROM custody", 0, &seq, err) < 0)
		return -1;
	if (put_line(c, seq, act, &line, err) < 0)
		return pk_wrap(err, "custody line");
	/* what is written can never be mended: a line that no reader would take is our mistake */
	if (pk_custody_entry_parse(pk_buf_str(&line), &check, &why) < 0)
		return pk_fail(err, why.kind == PK_ELIMIT ? PK_ELIMIT : PK_EINTERNAL, 0, "custody line: %s", why.msg);
	pk_merkle_leaf(pk_buf_str(&line), leaf);
	if (pk_stmt_init(&st, c, "INSERT INTO custody(seq, line, leaf) VALUES(?1, ?2, ?3)", err) < 0)
		return -1;
	pk_stmt_int(&st, 1, seq);
	pk_stmt_text(&st, 2, pk_buf_str(&line));
	pk_stmt_blob(&st, 3, leaf, sizeof(leaf));
	return pk_stmt_run(&st, err);
}

int pk_case_custody_put(struct pk_case *c, const char *action, const char *object, struct pk_str details,
			struct pk_err *err)
{
	return pk_case_custody_act(c, &(struct pk_custody_act){.action = action, .object = object, .details = details},
				   err);
}

#define WORDS_MAX 4096 /* of JSON's escapes each byte may take six */

void pk_custody_put_words(struct pk_json *j, const char *key, struct pk_str words)
{
	PK_AUTO(pk_buf) cut = {0};
	size_t n = WORDS_MAX;

	if (words.n <= WORDS_MAX) {
		pk_json_kstr(j, key, words);
		return;
	}
	while (n && ((uint8_t)words.p[n] & 0xc0) == 0x80)
		n--;
	pk_buf_put(&cut, words.p, n);
	pk_buf_puts(&cut, "...");
	j->out->oom = j->out->oom || cut.oom;
	pk_json_kstr(j, key, pk_buf_str(&cut));
}

int pk_case_custody_add(struct pk_case *c, const struct pk_custody_act *act, struct pk_err *err)
{
	pk_autorollback struct pk_case *tx = c;

	if (!act->object[0] || !pk_str_is_visible(pk_str(act->object)) || !pk_str_is_visible(act->reason) ||
	    (act->place && !pk_str_is_visible(pk_str(act->place))))
		return pk_fail(err, PK_EUSAGE, 0, "object, reason and place are one line of visible text each");
	if (pk_case_begin(tx, err) < 0 || pk_case_custody_act(c, act, err) < 0)
		return -1;
	return pk_case_commit(tx, err);
}

int pk_case_custody_output(struct pk_case *c, const char *action, const char *name, const uint8_t sha256[32],
			   struct pk_err *err)
{
	PK_AUTO(pk_buf) details = {0};
	PK_AUTO(pk_buf) object = {0};
	struct pk_json j = {.out = &details};
	pk_autorollback struct pk_case *tx = c;

	pk_buf_puts(&object, "sha256:");
	pk_buf_put_hex(&object, sha256, 32);
	pk_json_kbytes(&j, "name", pk_str(name));
	if (pk_json_check(&j, err) < 0 || pk_buf_check(&object, err) < 0 || pk_case_begin(tx, err) < 0 ||
	    pk_case_custody_put(c, action, object.p, pk_buf_str(&details), err) < 0)
		return -1;
	return pk_case_commit(tx, err);
}

int pk_case_custody_log(struct pk_case *c, struct pk_custody_log *ret, struct pk_err *err)
{
	PK_AUTO(pk_custody_log) log = {0};
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	if (pk_stmt_init(&st, c, "SELECT line FROM custody ORDER BY seq", err) < 0)
		return -1;
	while ((r = pk_stmt_step(&st, err)) == 1)
		if (pk_custody_log_put(&log, pk_stmt_col(&st, 0), err) < 0)
			return -1;
	pk_buf_puts(&log.key, c->key ? c->key : "");
	if (r < 0 || pk_buf_check(&log.key, err) < 0)
		return -1;
	*ret = log;
	log = (struct pk_custody_log){0};
	return 0;
}
