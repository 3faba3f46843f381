/* SPDX-License-Identifier: Apache-2.0 */
/* picket-kit show: what a kit will do, without running it. */
#include "verbs.h"

#include <picket/kit.h>
#include <picket/mission.h>
#include <picket/ticket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

static bool as_json;

static const struct pk_opt opts[] = {
	{0, "json", PK_OPT_FLAG, &as_json, NULL, "print the mission as one JSON object", NULL},
	PK_OPT_END,
};

static int put_file(void *ctx, struct pk_str name, struct pk_str data, struct pk_err *err)
{
	struct pk_buf *b = ctx;

	pk_buf_putf(b, "  %8zu  ", data.n);
	pk_buf_put_safe(b, name);
	pk_buf_put_c(b, '\n');
	return pk_buf_check(b, err);
}

static void put_hex_line(struct pk_buf *b, const char *what, const uint8_t *p, size_t n)
{
	pk_buf_putf(b, "%-11s", what);
	pk_buf_put_hex(b, p, n);
	pk_buf_put_c(b, '\n');
}

static int describe(const struct pk_kit *k, const struct pk_mission *m, struct pk_buf *b, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	struct pk_ticket t;

	pk_buf_puts(b, "mission    ");
	pk_buf_put_safe(b, pk_str(m->mission));
	pk_buf_puts(b, "\nlabel      ");
	pk_buf_put_label_shown(b, &m->label);
	pk_buf_puts(b, "\nissued by  ");
	pk_buf_put_safe(b, pk_str(m->issuer));
	pk_buf_puts(b, "\nbuilt      ");
	pk_buf_put_safe(b, pk_str(m->built));
	pk_buf_puts(b, "\nprofile    ");
	pk_buf_put_safe(b, pk_str(m->profile));
	pk_buf_put_c(b, '\n');
	if (pk_kit_get(k, PK_KIT_TICKET, &text, err) < 0 || pk_ticket_parse(pk_buf_str(&text), &t, err) < 0)
		return -1;
	put_hex_line(b, "ticket", t.id, sizeof(t.id));
	pk_buf_puts(b, "valid      ");
	pk_buf_put_rfc3339(b, t.not_before, 0);
	pk_buf_puts(b, " to ");
	pk_buf_put_rfc3339(b, t.not_after, 0);
	pk_buf_putf(b, ", for %s\n", t.uses_one ? "one bundle" : "many bundles");
	put_hex_line(b, "sha256", k->sha256, sizeof(k->sha256));
	pk_buf_puts(b, "readers\n");
	for (size_t i = 0; i < m->readers_n; i++) {
		pk_buf_puts(b, "  ");
		pk_buf_put_safe(b, pk_str(m->readers[i].name ? m->readers[i].name : "(not in the roster)"));
		pk_buf_putf(b, " %s ", m->readers[i].nation ? m->readers[i].nation : "");
		pk_buf_put_safe(b, pk_str(m->readers[i].recipient));
		pk_buf_put_c(b, '\n');
	}
	pk_buf_puts(b, "files\n");
	return pk_kit_each(k, "", put_file, b, err);
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_mission) m = {0};
	PK_AUTO(pk_buf) mission = {0};
	PK_AUTO(pk_buf) out = {0};
	pk_autoclose int fd = open(argv[0], O_RDONLY | O_CLOEXEC);
	struct pk_kit k;
	bool is_kit;

	(void)argc;
	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open '%s'", argv[0]);
	if (pk_kit_open(&k, fd, &is_kit, err) < 0) {
		if (err->kind != PK_ECRYPTO)
			return pk_wrap(err, "'%s'", argv[0]);
		pk_wrap(err, "'%s'", argv[0]);
		pk_msg_error(err);
		return PK_EXIT_FOUND;
	}
	if (!is_kit)
		return pk_fail(err, PK_EFORMAT, 0, "'%s' is no kit", argv[0]);
	if (pk_kit_get(&k, PK_KIT_MISSION, &mission, err) < 0 || pk_mission_parse(pk_buf_str(&mission), &m, err) < 0)
		return pk_wrap(err, "'%s'", argv[0]);
	if (as_json) /* the mission is one object of the kit's own making, which begins with its version */
		pk_buf_putf(&out, "{\"type\":\"kit\",%.*s", (int)mission.n - 1, mission.p + 1);
	else if (describe(&k, &m, &out, err) < 0)
		return pk_wrap(err, "'%s'", argv[0]);
	if (pk_buf_check(&out, err) < 0)
		return -1;
	fwrite(out.p, 1, out.n, stdout);
	return pk_stdout_done(err) < 0 ? -1 : PK_EXIT_OK;
}

const struct pk_verb kit_show = {
	.name = "show",
	.operands = "KIT",
	.summary = "say what a kit will do, without running it",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
