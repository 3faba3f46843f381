/* SPDX-License-Identifier: Apache-2.0 */
/* Kits and missions: what goes in comes out, and any change is refused. */
#include "../t.h"
#include <picket/kit.h>
#include <picket/mission.h>
#include <picket/tar.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static char dir[] = "/tmp/picket-kit-XXXXXX";

static int memory_file(struct pk_str data)
{
	int fd = memfd_create("kit", MFD_CLOEXEC);

	if (fd >= 0 && pk_write_full(fd, data.p, data.n, NULL) < 0)
		return -1;
	return fd;
}

static int make_kit(struct pk_buf *path)
{
	PK_AUTO(pk_buf) tar = {0};
	pk_autoclose int collector = memory_file(PK_STR("#!collector\n"));
	struct pk_err err = {0};

	pk_buf_putf(path, "%s/kit", dir);
	unlink(path->p);
	if (pk_kit_put(&tar, "mission.json", PK_STR("{}"), &err) < 0 ||
	    pk_kit_put(&tar, "rules/a.yar", PK_STR("rule a { condition: true }"), &err) < 0 ||
	    pk_kit_put(&tar, "rules/b.yar", PK_STR(""), &err) < 0 ||
	    pk_kit_write(path->p, collector, pk_buf_str(&tar), &err) < 0) {
		printf("# %s\n", err.msg);
		return -1;
	}
	return open(path->p, O_RDWR | O_CLOEXEC);
}

static int count(void *ctx, struct pk_str name, struct pk_str data, struct pk_err *err)
{
	(void)name, (void)data, (void)err;
	++*(int *)ctx;
	return 0;
}

TEST(files_come_back)
{
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_buf) text = {0};
	pk_autoclose int fd = make_kit(&path);
	struct pk_kit k;
	bool is_kit = false;
	int n = 0;

	OK(pk_kit_open(&k, fd, &is_kit, &err));
	CHECK(is_kit);
	OK(pk_kit_each(&k, "rules/", count, &n, &err));
	CHECK_INT(n, 2);
	OK(pk_kit_get(&k, "rules/a.yar", &text, &err));
	CHECK_STR(pk_buf_str(&text), PK_STR("rule a { condition: true }"));
	FAILS(PK_EFORMAT, pk_kit_get(&k, "rules/c.yar", &text, &err));
}

TEST(every_flipped_byte_is_refused)
{
	PK_AUTO(pk_buf) path = {0};
	pk_autoclose int fd = make_kit(&path);
	struct pk_kit k;
	bool is_kit;
	uint64_t size = 0;

	OK(pk_file_size(fd, &size, &err));
	for (uint64_t at = 0; at < size; at++) {
		uint8_t c;
		size_t n;

		if (pk_pread_full(fd, &c, 1, at, &n, NULL) < 0)
			break;
		c ^= 0x20;
		CHECK(pwrite(fd, &c, 1, (off_t)at) == 1);
		is_kit = true;
		/* a footer whose magic is gone is a plain collector's end; everything else is refused */
		if (pk_kit_open(&k, fd, &is_kit, NULL) == 0)
			CHECK(!is_kit && at >= size - PK_KIT_FOOTER && at < size - PK_KIT_FOOTER + 8);
		c ^= 0x20;
		CHECK(pwrite(fd, &c, 1, (off_t)at) == 1);
	}
	OK(pk_kit_open(&k, fd, &is_kit, &err));
}

TEST(every_cut_is_refused)
{
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_buf) all = {0};
	pk_autoclose int fd = make_kit(&path);

	OK(pk_read_path(path.p, 1 << 20, &all, &err));
	for (size_t n = 0; n < all.n; n += 7) {
		pk_autoclose int cut = memory_file(pk_str_n(all.p, n));
		struct pk_kit k;
		bool is_kit = true;

		CHECK(pk_kit_open(&k, cut, &is_kit, NULL) < 0 || !is_kit);
	}
	CHECK(fd >= 0);
}

TEST(a_kit_is_not_built_from_a_kit)
{
	PK_AUTO(pk_buf) path = {0};
	pk_autoclose int fd = make_kit(&path);

	FAILS(PK_EUSAGE, pk_kit_write("/nowhere/kit", fd, PK_STR(""), &err));
}

TEST(nothing_is_overwritten)
{
	PK_AUTO(pk_buf) path = {0};
	pk_autoclose int fd = make_kit(&path);
	pk_autoclose int collector = memory_file(PK_STR("#!collector\n"));

	FAILS(PK_EUSAGE, pk_kit_write(path.p, collector, PK_STR(""), &err));
	CHECK(fd >= 0);
	unlink(path.p);
	rmdir(dir);
}

static const char good[] =
	"{\"v\":1,\"mission\":\"HARBOR\",\"issuer\":\"lead\",\"built\":\"2026-11-23T00:00:00Z\",\"version\":\"0.1.0\","
	"\"profile\":\"triage\",\"artefacts\":[\"A\"],\"label\":{\"tlp\":\"AMBER\",\"rel_to\":[\"JPN\",\"USA\"],"
	"\"originator\":null,\"caveats\":[]},\"readers\":[{\"name\":\"lead\",\"org\":\"CPT-7\",\"nation\":\"USA\","
	"\"recipient\":\"age1x\"}],\"max_file\":0,\"max_total\":5,\"max_scan\":0,\"globstar\":0,\"live\":true,"
	"\"walk\":\"profile\"}\n";

TEST(mission_comes_back)
{
	PK_AUTO(pk_mission) m = {0};
	PK_AUTO(pk_mission) again = {0};
	PK_AUTO(pk_buf) b = {0};

	OK(pk_mission_parse(pk_str(good), &m, &err));
	pk_buf_put_mission(&b, &m);
	OK(pk_mission_parse(pk_buf_str(&b), &again, &err));
	CHECK_STR(pk_str(again.mission), PK_STR("HARBOR"));
	CHECK_INT(again.max_total, 5);
	CHECK_INT(again.readers_n, 1);
	CHECK_INT(again.label.tlp, PK_TLP_AMBER);
}

TEST(broken_missions_are_refused)
{
	static const struct {
		const char *from, *to;
	} edits[] = {
		{"\"v\":1", "\"v\":2"},
		{"\"walk\":\"profile\"", "\"walk\":\"x\""},
		{"\"live\"", "\"alive\""},
		{"\"mission\":\"HARBOR\"", "\"mission\":7"},
		{"\"artefacts\":[\"A\"]", "\"artefacts\":[1]"},
		{"\"artefacts\":[\"A\"]", "\"artefacts\":[\"A\\u0000\"]"},
		{"\"artefacts\":[\"A\"]", "\"artefacts\":\"A\""},
		{"\"artefacts\":[\"A\"],", ""},
		{"\"mission\":\"HARBOR\"", "\"mission\":\"HARBOR\\u0000\""},
		{"\"v\":1", "\"v\":1,\"host\":7"},
	};
	struct pk_mission m;

	for (size_t i = 0; i < PK_LEN(edits); i++) {
		const char *at = strstr(good, edits[i].from);
		PK_AUTO(pk_buf) b = {0};

		pk_buf_put(&b, good, (size_t)(at - good));
		pk_buf_puts(&b, edits[i].to);
		pk_buf_puts(&b, at + strlen(edits[i].from));
		FAILS(PK_EFORMAT, pk_mission_parse(pk_buf_str(&b), &m, &err));
	}
}

TEST(set_up) { CHECK(mkdtemp(dir) != NULL); }

RUN_TESTS(T(set_up), T(files_come_back), T(every_flipped_byte_is_refused), T(every_cut_is_refused),
	  T(a_kit_is_not_built_from_a_kit), T(nothing_is_overwritten), T(mission_comes_back),
	  T(broken_missions_are_refused))
