/* SPDX-License-Identifier: Apache-2.0 */
/* Tables that are read beneath a root: the input's first byte says which file it is, the rest is the file. All tables
 * that read images run; every row must be JSON. */
#include <picket/json.h>
#include <picket/live.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
	const char *file;
	const char *tables[5];
} kinds[] = {
	{"etc/passwd", {"users", "user_groups"}},
	{"etc/group", {"groups", "user_groups"}},
	{"etc/shadow", {"shadow", "users"}},
	{"var/log/wtmp", {"last"}},
	{"etc/crontab", {"crontab"}},
	{"etc/systemd/system/x.service", {"systemd_units"}},
	{"root/.ssh/authorized_keys", {"authorized_keys"}},
	{"var/lib/dpkg/status", {"deb_packages"}},
	{"etc/sudoers", {"sudoers"}},
	{"etc/apt/sources.list", {"apt_sources"}},
	{"etc/ld.so.preload", {"ld_preload"}},
	{"etc/hosts", {"etc_hosts"}},
	{"etc/os-release", {"os_version"}},
	{"etc/resolv.conf", {"dns_resolvers"}},
	{"var/lib/docker/containers/c/config.v2.json", {"docker_containers"}},
	{"var/log/lastlog", {"lastlog"}},
};

static struct pk_root root = {.fd = -1};

static int on_row(void *arg, struct pk_str line, struct pk_err *err)
{
	pk_autojson *v = NULL;

	(void)arg;
	if (line.n && pk_json_parse(line, &v, err) < 0)
		abort();
	return 0;
}

static void begin(void)
{
	static const char *const folders[] = {"etc",
					      "etc/systemd",
					      "etc/systemd/system",
					      "etc/apt",
					      "root",
					      "root/.ssh",
					      "var",
					      "var/log",
					      "var/lib",
					      "var/lib/dpkg",
					      "var/lib/docker",
					      "var/lib/docker/containers",
					      "var/lib/docker/containers/c"};

	if (pk_root_open(&root, fuzz_folder(), NULL) < 0)
		abort();
	for (size_t i = 0; i < PK_LEN(folders); i++)
		if (mkdirat(root.fd, folders[i], 0700) < 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_live_ctx ctx = {0};
	size_t which;
	int fd;

	if (!size)
		return 0;
	if (root.fd < 0)
		begin();
	which = (size_t)(data[0] - 'a') % PK_LEN(kinds);
	fd = openat(root.fd, kinds[which].file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)(size - 1) || close(fd) < 0)
		abort();
	if (pk_live_ctx_init(&ctx, &root, NULL) < 0)
		abort();
	for (size_t i = 0; i < PK_LEN(kinds[which].tables) && kinds[which].tables[i]; i++) {
		const struct pk_live_table *t = pk_live_find(pk_str(kinds[which].tables[i]));
		struct pk_live_out out = {.row = on_row};

		if (t && !t->host_only && pk_live_run(t, &ctx, &out, NULL) < 0)
			abort();
		pk_live_out_done(&out);
	}
	pk_live_ctx_done(&ctx);
	unlinkat(root.fd, kinds[which].file, 0);
	return 0;
}
