/* SPDX-License-Identifier: Apache-2.0 */
/* Parsers of a host's own files. The first byte says which. */
#include "../../lib/live/parse.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void units(struct pk_str text)
{
	struct live_unit_cur c = {.rest = text};
	struct pk_str key, value;

	while (live_unit_next(&c, &key, &value))
		if (key.n + value.n > text.n)
			abort();
	pk_buf_done(&c.joined);
}

static void control(struct pk_str text)
{
	static const char *const keys[] = {"Package", "Version", "Description", ""};
	struct pk_str p, v;

	while (live_control_next(&text, &p))
		for (size_t i = 0; i < PK_LEN(keys); i++) {
			v = live_control_get(p, pk_str(keys[i]));
			if (v.n && (v.p < p.p || v.p + v.n > p.p + p.n))
				abort();
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_str text, line;

	if (!size)
		return 0;
	text = pk_str_n(data + 1, size - 1);
	if (data[0] == 'u')
		units(text);
	else if (data[0] == 'd')
		control(text);
	while (text.n && pk_str_line(&text, &line)) {
		struct live_passwd p;
		struct live_group g;
		struct live_shadow s;
		struct live_cron c;
		struct live_authkey k;

		if (data[0] == 'p')
			(void)live_parse_passwd(line, &p);
		else if (data[0] == 'g')
			(void)live_parse_group(line, &g);
		else if (data[0] == 's' && live_parse_shadow(line, &s)) {
			(void)live_password_status(s.password);
			if (live_password_method(s.password).n > s.password.n)
				abort();
		} else if (data[0] == 'c' && live_parse_cron(line, line.n & 1, &c)) {
			if (!c.command.n && !c.variable.n)
				abort();
		} else if (data[0] == 'k' && live_parse_authkey(line, &k)) {
			if (k.options.n + k.key.n + k.comment.n > line.n)
				abort();
		}
	}
	return 0;
}
