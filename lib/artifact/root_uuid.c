/* SPDX-License-Identifier: Apache-2.0 */
/* The UUID of the live host's root file system: asked of the kernel, else found among /dev/disk/by-uuid. */
#include "facts_priv.h"
#include "listing.h"
#include "quiet_open.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Not in Debian 12's headers: Linux 6.9, and ext4's own since 5.19. */
struct fsuuid2 {
	uint8_t len, uuid[16];
};
#define GETFSUUID _IOR(0x15, 0, struct fsuuid2)
struct ext4_fsuuid {
	uint32_t len, flags;
	uint8_t uuid[16];
};
#define EXT4_GETFSUUID _IOC(_IOC_READ, 'f', 44, 8) /* the size of its head alone */
struct btrfs_fs_info {
	uint64_t max_id, num_devices;
	uint8_t fsid[16];
	uint8_t rest[992];
};
#define BTRFS_FS_INFO _IOR(0x94, 31, struct btrfs_fs_info)

static char *uuid_text(const uint8_t *u)
{
	PK_AUTO(pk_buf) b = {0};

	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			pk_buf_put_c(&b, '-');
		pk_buf_put_hex(&b, u + i, 1);
	}
	return pk_buf_take(&b);
}

static bool ask_kernel(int fd, uint8_t ret[16])
{
	struct fsuuid2 any = {0};
	struct ext4_fsuuid ext4 = {.len = 16};
	struct btrfs_fs_info btrfs = {0};

	memset(ret, 0, 16);
	if (ioctl(fd, GETFSUUID, &any) == 0 && any.len == 16)
		memcpy(ret, any.uuid, 16);
	else if (ioctl(fd, EXT4_GETFSUUID, &ext4) == 0 && ext4.len == 16)
		memcpy(ret, ext4.uuid, 16);
	else if (ioctl(fd, BTRFS_FS_INFO, &btrfs) == 0)
		memcpy(ret, btrfs.fsid, 16);
	for (size_t i = 0; i < 16; i++)
		if (ret[i])
			return true;
	return false; /* not told, or a file system made without one */
}

/* The link of /dev/disk/by-uuid whose device holds the root; NULL when there is none. */
static char *search_links(const struct pk_root *root, dev_t dev)
{
	PK_AUTO(listing) l = {0};
	pk_autoclose int seen = -1, fd = -1;
	const char *name;

	if (pk_root_openat(root, PK_STR("/dev/disk/by-uuid/"), O_PATH | O_DIRECTORY, 0, &seen, NULL) < 0 ||
	    quiet_reopen(seen, &fd) < 0)
		return NULL;
	while (listing_next(&l, fd, &name, NULL, NULL) > 0) {
		struct stat st;

		if (fstatat(fd, name, &st, 0) == 0 && S_ISBLK(st.st_mode) && st.st_rdev == dev)
			return pk_str_dup(pk_str(name));
	}
	return NULL;
}

int facts_root_uuid(struct pk_facts *f, const struct pk_root *root, struct pk_err *err)
{
	pk_autoclose int fd = -1;
	uint8_t uuid[16];
	struct stat st;

	(void)err;
	if (quiet_reopen(root->fd, &fd) < 0)
		return 0;
	if (ask_kernel(fd, uuid))
		f->root_uuid = uuid_text(uuid);
	else if (fstat(fd, &st) == 0)
		f->root_uuid = search_links(root, st.st_dev);
	return 0;
}
