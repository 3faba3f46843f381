/* SPDX-License-Identifier: Apache-2.0 */
/** Facts about the host, read from its root (never through libc's NSS): who it is, who lives there. */
#ifndef PICKET_FACTS_H
#define PICKET_FACTS_H

#include <picket/path.h>

struct pk_user {
	char *name, *home, *shell; /* never NULL, may be empty */
	uint32_t uid, gid;
};
struct pk_group {
	char *name;
	uint32_t gid;
};
/** One home of %%users.homedir%%: the homes of passwd and what is directly in /home, and /root, each folder
 * once by device and inode. */
struct pk_home {
	char *path; /* inside the root, links resolved */
	char *user; /* the first passwd entry that has it, else the last part of the path */
	uint64_t dev, ino;
	bool is_system; /* "/", /bin, /dev, /proc, /usr/... and their like: left out of recursive patterns */
};
/** Zero-initialise. Strings are NULL where the root does not tell. Text is as found, control bytes included. */
struct pk_facts {
	char *hostname;   /* /etc/hostname; on a live host without that file: uname */
	char *machine_id; /* /etc/machine-id or /var/lib/dbus/machine-id */
	char *os_id, *os_name, *os_version, *os_version_id, *os_pretty_name; /* os-release */
	char *timezone;   /* /etc/timezone, or where /etc/localtime points below zoneinfo */
	char *language;   /* "en-US", from LANG in /etc/default/locale or /etc/locale.conf */
	char *dmi_uuid;   /* live host only: DMI product UUID */
	char *dmi_serial; /* live host only: DMI product serial */
	char *root_uuid;  /* live host only: UUID of the root file system */
	char *boot_id;    /* live host only */
	char *kernel;     /* live host only: uname release */
	struct pk_user *users;
	size_t users_n, users_cap;
	struct pk_group *groups;
	size_t groups_n, groups_cap;
	struct pk_home *homes; /* bytewise by path */
	size_t homes_n, homes_cap;
	struct pk_strv notes;      /* what could not be read, and why: to be recorded */
	uint32_t *by_uid, *by_gid; /* private: positions in users and groups, sorted by number */
};
/** Reads what there is (call pk_mounts_guard first where /home may be on a network); a missing or broken file is a note, not an error. Fails only without memory. */
PK_NODISCARD int pk_facts_read(struct pk_facts *f, const struct pk_root *root, struct pk_err *err);
void pk_facts_done(struct pk_facts *f);
/** Only users, groups, time zone and language; nothing below /home is touched. */
PK_NODISCARD int pk_facts_read_names(struct pk_facts *f, const struct pk_root *root, struct pk_err *err);
/** Names for numbers, from the root's own passwd and group (first entry wins); NULL when there is none. */
const char *pk_facts_user(const struct pk_facts *f, uint32_t uid);
const char *pk_facts_group(const struct pk_facts *f, uint32_t gid);

/* --- the parsers by themselves (hostile text; broken lines are left out and counted) ------------------ */

PK_NODISCARD int pk_facts_parse_passwd(struct pk_facts *f, struct pk_str text, size_t *ret_bad, struct pk_err *err);
PK_NODISCARD int pk_facts_parse_group(struct pk_facts *f, struct pk_str text, size_t *ret_bad, struct pk_err *err);
/** LANG of a file of shell assignments, as "en-US"; *ret stays as it was when there is none. */
PK_NODISCARD int pk_facts_parse_language(char **ret, struct pk_str text, struct pk_err *err);
PK_NODISCARD int pk_facts_parse_os_release(struct pk_facts *f, struct pk_str text, struct pk_err *err);

#endif
