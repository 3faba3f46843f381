/* SPDX-License-Identifier: Apache-2.0 */
/* Table `system_info`: which machine this is. */
#include "live.h"
#include "tables.h"

#include <fcntl.h>
#include <sys/utsname.h>

static const struct pk_live_column columns[] = {
	{"hostname", PK_LIVE_TEXT, "the running kernel's host name; of an image, what /etc/hostname says"},
	{"uuid", PK_LIVE_TEXT, "system UUID of the firmware"},
	{"cpu_type", PK_LIVE_TEXT, "machine architecture"},
	{"cpu_brand", PK_LIVE_TEXT, "processor model"},
	{"cpu_physical_cores", PK_LIVE_INTEGER, "cores"},
	{"cpu_logical_cores", PK_LIVE_INTEGER, "processors the kernel uses"},
	{"cpu_sockets", PK_LIVE_INTEGER, "processor packages"},
	{"cpu_microcode", PK_LIVE_TEXT, "microcode version"},
	{"physical_memory", PK_LIVE_BIGINT, "bytes of memory the kernel uses"},
	{"hardware_vendor", PK_LIVE_TEXT, "firmware tables"},
	{"hardware_model", PK_LIVE_TEXT, "firmware tables"},
	{"hardware_version", PK_LIVE_TEXT, "firmware tables"},
	{"hardware_serial", PK_LIVE_TEXT, "firmware tables"},
	{"board_vendor", PK_LIVE_TEXT, "firmware tables"},
	{"board_model", PK_LIVE_TEXT, "firmware tables"},
	{"board_version", PK_LIVE_TEXT, "firmware tables"},
	{"board_serial", PK_LIVE_TEXT, "firmware tables"},
	{"configured_hostname", PK_LIVE_TEXT, "what /etc/hostname says"},
	{"domain", PK_LIVE_TEXT, "NIS domain of the kernel"},
	{"machine_id", PK_LIVE_TEXT, "/etc/machine-id"},
	{"boot_id", PK_LIVE_TEXT, "random id of this boot"},
	{"bios_vendor", PK_LIVE_TEXT, "firmware tables"},
	{"bios_version", PK_LIVE_TEXT, "firmware tables"},
	{"bios_date", PK_LIVE_TEXT, "firmware tables"},
	{"hypervisor", PK_LIVE_TEXT,
	 "hypervisor by /sys/hypervisor, or 'flag' when the processor only says there is one"},
	{"container", PK_LIVE_TEXT, "signs that we see a container: its kind, or the file that says so"},
	{"cloud_instance_id", PK_LIVE_TEXT, "instance id, from /var/lib/cloud"},
	{0},
};

static void put_firmware(const struct pk_live_ctx *ctx, struct pk_live_out *out, const char *const (*map)[2], size_t n)
{
	PK_AUTO(pk_buf) b = {0};
	pk_autoclose int dmi = ctx->sys_fd < 0
				       ? -1
				       : openat(ctx->sys_fd, "class/dmi/id", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; dmi >= 0 && i < n; i++)
		live_kopt(out, map[i][0], pk_str_trim(live_line_at(dmi, map[i][1], &b)));
}

struct cpus {
	struct pk_str brand, microcode;
	uint64_t logical, sockets, cores;
};

/* Sockets and cores are told apart by their ids; only the first 64 ids of each are counted apart. */
static void read_cpus(struct pk_str text, struct cpus *c)
{
	struct pk_str line;
	uint64_t sockets = 0, id, cores_each = 0;

	while (pk_str_line(&text, &line)) {
		struct pk_str value = line, key;

		if (!pk_str_split(&value, ':', &key) || !value.p)
			continue;
		key = pk_str_trim(key);
		value = pk_str_trim(value);
		if (pk_str_eq(key, PK_STR("processor")))
			c->logical++;
		else if (pk_str_eq(key, PK_STR("model name")) && !c->brand.p)
			c->brand = value;
		else if (pk_str_eq(key, PK_STR("microcode")) && !c->microcode.p)
			c->microcode = value;
		else if (pk_str_eq(key, PK_STR("physical id")) && live_u64(value, &id))
			sockets |= 1ull << (id & 63);
		else if (pk_str_eq(key, PK_STR("cpu cores")) && live_u64(value, &id) && id < 65536)
			cores_each = id;
	}
	c->sockets = (uint64_t)__builtin_popcountll(sockets);
	c->cores = cores_each * c->sockets;
}

static void put_cpus(const struct pk_live_ctx *ctx, struct pk_live_out *out)
{
	PK_AUTO(pk_buf) b = {0};
	struct cpus c = {0};
	bool cut;

	if (ctx->proc_fd < 0 || live_read_at(ctx->proc_fd, "cpuinfo", PK_LIVE_MAX_FILE, &b, &cut) != 0)
		return;
	read_cpus(pk_buf_str(&b), &c);
	live_kopt(out, "cpu_brand", c.brand);
	if (c.cores)
		pk_json_kuint(&out->json, "cpu_physical_cores", c.cores);
	pk_json_kuint(&out->json, "cpu_logical_cores", c.logical);
	if (c.sockets)
		pk_json_kuint(&out->json, "cpu_sockets", c.sockets);
	live_kopt(out, "cpu_microcode", c.microcode);
}

static void put_memory(const struct pk_live_ctx *ctx, struct pk_live_out *out)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str v, number;
	uint64_t kib;
	bool cut;

	if (ctx->proc_fd >= 0 && live_read_at(ctx->proc_fd, "meminfo", PK_LIVE_MAX_VALUE, &b, &cut) == 0 &&
	    live_field(pk_buf_str(&b), PK_STR("MemTotal"), ':', &v) && live_word(&v, &number) &&
	    live_u64(number, &kib) && kib < INT64_MAX / 1024)
		pk_json_kuint(&out->json, "physical_memory", kib * 1024);
}

static void put_hypervisor(const struct pk_live_ctx *ctx, struct pk_live_out *out)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str type = live_line_at(ctx->sys_fd, "hypervisor/type", &b);
	struct pk_str flags;
	bool cut;

	if (type.n) {
		live_kbytes(out, "hypervisor", type);
		return;
	}
	pk_buf_reset(&b);
	if (ctx->proc_fd < 0 || live_read_at(ctx->proc_fd, "cpuinfo", PK_LIVE_MAX_FILE, &b, &cut) != 0 ||
	    !live_field(pk_buf_str(&b), PK_STR("flags\t"), '\t', &flags))
		return;
	for (struct pk_str w; live_word(&flags, &w);)
		if (pk_str_eq(w, PK_STR("hypervisor")))
			pk_json_kz(&out->json, "hypervisor", "flag");
}

static void put_container(const struct pk_live_ctx *ctx, struct pk_live_out *out)
{
	static const char *const marks[] = {".dockerenv", "run/.containerenv"};
	PK_AUTO(pk_buf) b = {0};
	struct pk_str s;

	if (ctx->live) {
		bool cut;

		pk_buf_reset(&b);
		if (live_read_at(ctx->proc_fd, "1/environ", PK_LIVE_MAX_VALUE, &b, &cut) == 0) {
			struct pk_str rest = pk_buf_str(&b), v;

			while (pk_str_split(&rest, 0, &v))
				if (pk_str_starts(v, PK_STR("container=")) && v.n > 10) {
					live_kbytes(out, "container", pk_str_n(v.p + 10, v.n - 10));
					return;
				}
		}
	}
	for (size_t i = 0; i < PK_LEN(marks); i++) {
		pk_autoclose int fd = -1;

		s = pk_str(marks[i]);
		if (pk_root_openat(ctx->root, s, O_PATH, PK_PATH_NOFOLLOW, &fd, NULL) == 0) {
			live_kbytes(out, "container", s);
			return;
		}
	}
}

static void put_root_line(const struct pk_live_ctx *ctx, struct pk_live_out *out, const char *key, const char *path)
{
	PK_AUTO(pk_buf) b = {0};
	bool cut;

	if (live_read_root(ctx, pk_str(path), PK_LIVE_MAX_VALUE, &b, &cut) == 0)
		live_kopt(out, key, pk_str_trim(pk_buf_str(&b)));
}

static int rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	static const char *const hardware[][2] =
		{
			{"hardware_vendor", "sys_vendor"},       {"hardware_model", "product_name"},
			{"hardware_version", "product_version"}, {"hardware_serial", "product_serial"},
			{"board_vendor", "board_vendor"},        {"board_model", "board_name"},
			{"board_version", "board_version"},      {"board_serial", "board_serial"},
		},
				 *const bios[][2] =
					 {
						 {"bios_vendor", "bios_vendor"},
						 {"bios_version", "bios_version"},
						 {"bios_date", "bios_date"},
					 },
				 *const uuid[][2] = {{"uuid", "product_uuid"}};
	PK_AUTO(pk_buf) b = {0};
	struct utsname un = {0};
	struct pk_json *j = live_row(out);

	if (ctx->live && uname(&un) == 0)
		live_kopt(out, "hostname", pk_str(un.nodename));
	else
		put_root_line(ctx, out, "hostname", "etc/hostname");
	put_firmware(ctx, out, uuid, PK_LEN(uuid));
	if (ctx->live)
		pk_json_kz(j, "cpu_type", un.machine);
	put_cpus(ctx, out);
	put_memory(ctx, out);
	put_firmware(ctx, out, hardware, PK_LEN(hardware));
	put_root_line(ctx, out, "configured_hostname", "etc/hostname");
	if (ctx->live && un.domainname[0] && strcmp(un.domainname, "(none)") != 0)
		live_kbytes(out, "domain", pk_str(un.domainname));
	put_root_line(ctx, out, "machine_id", "etc/machine-id");
	if (ctx->proc_fd >= 0)
		live_kopt(out, "boot_id", live_line_at(ctx->proc_fd, "sys/kernel/random/boot_id", &b));
	put_firmware(ctx, out, bios, PK_LEN(bios));
	if (ctx->sys_fd >= 0)
		put_hypervisor(ctx, out);
	put_container(ctx, out);
	put_root_line(ctx, out, "cloud_instance_id", "var/lib/cloud/data/instance-id");
	return live_emit(out, err);
}

const struct pk_live_table live_system_info = {
	.name = "system_info",
	.doc = "which machine this is, by everything that names it",
	.columns = columns,
	.rows = rows,
};
