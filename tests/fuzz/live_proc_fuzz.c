/* SPDX-License-Identifier: Apache-2.0 */
/* Parsers of /proc text. The first byte says which. */
#include "../../lib/live/parse.h"
#include "../../lib/live/sockets.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A slice must lie within the input. */
static void inside(struct pk_str s, const uint8_t *data, size_t size)
{
	const char *begin = (const char *)data;

	if (s.n && (s.p < begin || s.p + s.n > begin + size))
		abort();
}

static void lines(struct pk_str text, char kind, const uint8_t *data, size_t size)
{
	struct pk_str line;

	while (text.n && pk_str_line(&text, &line)) {
		struct live_map map;
		struct live_inet inet;
		struct live_unix un;
		struct live_mount mount;

		if (kind == 'm' && live_parse_map(line, &map)) {
			inside(map.path, data, size);
			inside(map.permissions, data, size);
		} else if (kind == 't') {
			(void)live_parse_inet(line, false, &inet);
			(void)live_parse_inet(line, true, &inet);
		} else if (kind == 'u' && live_parse_unix(line, &un)) {
			inside(un.path, data, size);
		} else if (kind == 'i' && live_parse_mount(line, &mount)) {
			PK_AUTO(pk_buf) b = {0};

			inside(mount.source, data, size);
			inside(mount.optional, data, size);
			inside(mount.super_options, data, size);
			live_unescape(&b, mount.path);
			if (b.n > mount.path.n)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_str text = pk_str_n(data, size), v;
	struct live_stat stat;
	uint64_t n;

	if (!size)
		return 0;
	text = pk_str_n(data + 1, size - 1);
	if (data[0] == 's' && live_parse_stat(text, &stat))
		inside(stat.comm, data, size);
	else if (data[0] == 'f' && live_field(text, PK_STR("Tgid"), ':', &v))
		inside(v, data, size);
	else if (data[0] == 'n') {
		struct live_attr a;

		while (live_nl_attr(&text, &a))
			inside(a.value, data, size);
		(void)live_bracket_number(text, "net:", &n);
	} else {
		lines(text, (char)data[0], data, size);
	}
	return 0;
}
