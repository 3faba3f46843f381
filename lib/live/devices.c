/* SPDX-License-Identifier: Apache-2.0 */
/* Tables `block_devices`, `pci_devices` and `usb_devices`: /sys. */
#include "live.h"
#include "tables.h"

#include <fcntl.h>
#include <unistd.h>

/* A folder of /sys and a name in it; the entries are links into /sys/devices, followed on purpose. */
static int each_entry(const struct pk_live_ctx *ctx, const char *folder,
		      int (*each)(struct pk_live_out *, int, const char *, struct pk_err *), struct pk_live_out *out,
		      struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};
	pk_autoclose int dir = ctx->sys_fd < 0 ? -1 : openat(ctx->sys_fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0 || live_list(dir, &names) != 0)
		return 0;
	for (size_t i = 0; i < names.n; i++) {
		pk_autoclose int sub = openat(dir, names.v[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (sub >= 0 && each(out, sub, names.v[i], err) < 0)
			return -1;
	}
	return 0;
}

static void put_line(struct pk_live_out *out, int dir, const char *file, const char *key)
{
	PK_AUTO(pk_buf) b = {0};

	live_kopt(out, key, pk_str_trim(live_line_at(dir, file, &b)));
}

static void put_number(struct pk_live_out *out, int dir, const char *file, const char *key)
{
	PK_AUTO(pk_buf) b = {0};
	uint64_t v;

	if (live_u64(live_line_at(dir, file, &b), &v) && v <= INT64_MAX)
		pk_json_kuint(&out->json, key, v);
}

/* The last part of a link, such as the name of a driver. */
static void put_link(struct pk_live_out *out, int dir, const char *file, const char *key)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str s;
	size_t at;

	if (live_readlink_at(dir, file, &b) != 0)
		return;
	s = pk_buf_str(&b);
	for (at = s.n; at > 0 && s.p[at - 1] != '/'; at--)
		;
	live_kopt(out, key, pk_str_n(s.p + at, s.n - at));
}

/* --- block_devices ------------------------------------------------------------------------------------------------ */

static const struct pk_live_column block_columns[] = {
	{"name", PK_LIVE_TEXT, "device, /dev/..."},
	{"parent", PK_LIVE_TEXT, "disk a partition is on"},
	{"vendor", PK_LIVE_TEXT, "vendor"},
	{"model", PK_LIVE_TEXT, "model"},
	{"size", PK_LIVE_BIGINT, "512-byte blocks"},
	{"block_size", PK_LIVE_INTEGER, "logical block size in bytes"},
	{"device_number", PK_LIVE_TEXT, "major:minor"},
	{"read_only", PK_LIVE_INTEGER, "1: cannot be written"},
	{"removable", PK_LIVE_INTEGER, "1: a removable medium"},
	{"serial", PK_LIVE_TEXT, "serial number"},
	{"dm_name", PK_LIVE_TEXT, "device mapper: name"},
	{"dm_uuid", PK_LIVE_TEXT, "device mapper: id; CRYPT-... is encrypted, LVM-... a volume"},
	{"backing_file", PK_LIVE_TEXT, "loop: the file behind it"},
	{0},
};

static int block_row(struct pk_live_out *out, int dir, const char *name, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};

	live_row(out);
	pk_buf_putf(&b, "/dev/%s", name);
	for (size_t i = 5; i < b.n; i++)
		if (b.p[i] == '!') /* as /sys writes a slash */
			b.p[i] = '/';
	live_kbytes(out, "name", pk_buf_str(&b));
	if (faccessat(dir, "partition", F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		PK_AUTO(pk_buf) where = {0};
		PK_AUTO(pk_buf) self = {0};

		/* .../block/sda/sda1: the folder above */
		pk_buf_putf(&self, "/proc/self/fd/%d", dir);
		if (!self.oom && live_readlink_at(AT_FDCWD, self.p, &where) == 0) {
			struct pk_str s = pk_buf_str(&where);
			size_t end = s.n, start;

			while (end > 0 && s.p[end - 1] != '/')
				end--;
			end -= end > 0;
			for (start = end; start > 0 && s.p[start - 1] != '/'; start--)
				;
			pk_buf_reset(&self);
			pk_buf_puts(&self, "/dev/");
			pk_buf_put(&self, s.p + start, end - start);
			live_kbytes(out, "parent", pk_buf_str(&self));
		}
	}
	put_line(out, dir, "device/vendor", "vendor");
	put_line(out, dir, "device/model", "model");
	put_number(out, dir, "size", "size");
	put_number(out, dir, "queue/logical_block_size", "block_size");
	put_line(out, dir, "dev", "device_number");
	put_number(out, dir, "ro", "read_only");
	put_number(out, dir, "removable", "removable");
	put_line(out, dir, "device/serial", "serial");
	put_line(out, dir, "dm/name", "dm_name");
	put_line(out, dir, "dm/uuid", "dm_uuid");
	put_line(out, dir, "loop/backing_file", "backing_file");
	return live_emit(out, err);
}

static int block_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	return each_entry(ctx, "class/block", block_row, out, err);
}

const struct pk_live_table live_block_devices = {
	.name = "block_devices",
	.doc = "disks, partitions, volumes and loop devices",
	.columns = block_columns,
	.host_only = true,
	.rows = block_rows,
};

/* --- pci_devices --------------------------------------------------------------------------------------------------- */

static const struct pk_live_column pci_columns[] = {
	{"pci_slot", PK_LIVE_TEXT, "address"},
	{"pci_class_id", PK_LIVE_TEXT, "class, hexadecimal"},
	{"driver", PK_LIVE_TEXT, "driver that has it"},
	{"vendor_id", PK_LIVE_TEXT, "vendor, hexadecimal"},
	{"model_id", PK_LIVE_TEXT, "device, hexadecimal"},
	{"subsystem_vendor_id", PK_LIVE_TEXT, "vendor of the card, hexadecimal"},
	{"subsystem_model_id", PK_LIVE_TEXT, "card, hexadecimal"},
	{0},
};

static int pci_row(struct pk_live_out *out, int dir, const char *name, struct pk_err *err)
{
	live_row(out);
	live_kbytes(out, "pci_slot", pk_str(name));
	put_line(out, dir, "class", "pci_class_id");
	put_link(out, dir, "driver", "driver");
	put_line(out, dir, "vendor", "vendor_id");
	put_line(out, dir, "device", "model_id");
	put_line(out, dir, "subsystem_vendor", "subsystem_vendor_id");
	put_line(out, dir, "subsystem_device", "subsystem_model_id");
	return live_emit(out, err);
}

static int pci_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	return each_entry(ctx, "bus/pci/devices", pci_row, out, err);
}

const struct pk_live_table live_pci_devices = {
	.name = "pci_devices",
	.doc = "PCI devices and their drivers",
	.columns = pci_columns,
	.host_only = true,
	.rows = pci_rows,
};

/* --- usb_devices --------------------------------------------------------------------------------------------------- */

static const struct pk_live_column usb_columns[] = {
	{"usb_address", PK_LIVE_INTEGER, "device number on its bus"},
	{"usb_port", PK_LIVE_INTEGER, "bus number"},
	{"vendor", PK_LIVE_TEXT, "vendor by the device's own words"},
	{"vendor_id", PK_LIVE_TEXT, "vendor, hexadecimal"},
	{"version", PK_LIVE_TEXT, "version of the device"},
	{"model", PK_LIVE_TEXT, "product by the device's own words"},
	{"model_id", PK_LIVE_TEXT, "product, hexadecimal"},
	{"serial", PK_LIVE_TEXT, "serial number"},
	{"class", PK_LIVE_TEXT, "class, hexadecimal"},
	{"removable", PK_LIVE_TEXT, "removable, fixed or unknown"},
	{"path", PK_LIVE_TEXT, "place in the tree of hubs"},
	{0},
};

static int usb_row(struct pk_live_out *out, int dir, const char *name, struct pk_err *err)
{
	if (strchr(name, ':')) /* an interface of a device */
		return 0;
	live_row(out);
	put_number(out, dir, "devnum", "usb_address");
	put_number(out, dir, "busnum", "usb_port");
	put_line(out, dir, "manufacturer", "vendor");
	put_line(out, dir, "idVendor", "vendor_id");
	put_line(out, dir, "bcdDevice", "version");
	put_line(out, dir, "product", "model");
	put_line(out, dir, "idProduct", "model_id");
	put_line(out, dir, "serial", "serial");
	put_line(out, dir, "bDeviceClass", "class");
	put_line(out, dir, "removable", "removable");
	live_kbytes(out, "path", pk_str(name));
	return live_emit(out, err);
}

static int usb_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	return each_entry(ctx, "bus/usb/devices", usb_row, out, err);
}

const struct pk_live_table live_usb_devices = {
	.name = "usb_devices",
	.doc = "USB devices that are plugged in",
	.columns = usb_columns,
	.host_only = true,
	.rows = usb_rows,
};
