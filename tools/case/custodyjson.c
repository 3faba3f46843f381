/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case custody --json: what its forms have done, an object each. */
#include "verbs.h"

#include <picket/custody.h>

static int end(struct pk_json *j, struct pk_case *c, struct pk_err *err)
{
	if (!c)
		pk_json_kz(j, "label", NULL);
	else if (case_put_label(j, c, err) < 0)
		return -1;
	pk_json_end(j, '}');
	return pk_json_check(j, err) < 0 ? -1 : pk_stdout_line(j->out, err);
}

static void begin(struct pk_json *j, const char *type)
{
	pk_json_begin(j, '{');
	pk_json_kz(j, "type", type);
	pk_json_kint(j, "v", 1);
}

int custody_print_checkpoint(struct pk_case *c, const char *type, struct pk_str note, bool whole, const char *output,
			     struct pk_err *err)
{
	PK_AUTO(pk_custody_note) n = {0};
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};

	if (pk_custody_note_parse(note, &n, err) < 0)
		return -1;
	begin(&j, type);
	pk_json_kstr(&j, "origin", n.cp.origin);
	pk_json_kuint(&j, "size", n.cp.size);
	pk_json_khex(&j, "root", n.cp.root, sizeof(n.cp.root));
	if (whole)
		pk_json_kbool(&j, "signed", n.is_signed);
	if (output)
		pk_json_kbytes(&j, "output", pk_str(output));
	else if (whole)
		pk_json_kstr(&j, "note", note);
	return end(&j, c, err);
}

int custody_print_verified(struct pk_case *c, uint64_t lines, uint64_t bad, struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};

	begin(&j, "verify");
	pk_json_kuint(&j, "lines", lines);
	pk_json_kuint(&j, "faults", bad);
	return end(&j, c, err);
}

int custody_print_added(struct pk_case *c, const char *action, const char *object, struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};

	begin(&j, "added");
	pk_json_kz(&j, "action", action);
	pk_json_kbytes(&j, "object", pk_str(object));
	return end(&j, c, err);
}
