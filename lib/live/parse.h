/* SPDX-License-Identifier: Apache-2.0 */
/* Parsers of hostile text, apart from the readers so that tests and fuzzers reach them. Slices point into the
 * input. A false return means the text is not of that form; results are then undefined. */
#ifndef PK_LIB_LIVE_PARSE_H
#define PK_LIB_LIVE_PARSE_H

#include "live.h"

/** /proc/PID/stat. comm may hold anything, ')' and newlines too. */
struct live_stat {
	uint64_t pid;
	struct pk_str comm;
	char state;
	int64_t parent, pgroup, session, tty_nr, nice, threads;
	uint64_t flags, utime, stime, start_ticks, vsize, rss_pages;
};
bool live_parse_stat(struct pk_str text, struct live_stat *ret);

/** One line of /proc/PID/maps. */
struct live_map {
	uint64_t start, end, offset, inode;
	struct pk_str permissions, device, path; /* path as the kernel escapes it: \012 is a newline */
};
bool live_parse_map(struct pk_str line, struct live_map *ret);

/** One line of /proc/PID/net/{tcp,tcp6,udp,udp6,raw,raw6,icmp,udplite...}. */
struct live_inet {
	int family; /* AF_INET, AF_INET6 */
	uint8_t local[16], remote[16];
	uint16_t local_port, remote_port;
	unsigned state;
	uint64_t uid, inode, rx_queue, tx_queue;
};
bool live_parse_inet(struct pk_str line, bool six, struct live_inet *ret);

/** One line of /proc/net/unix. An abstract path starts with '@'. */
struct live_unix {
	uint64_t inode, type, state, flags;
	struct pk_str path;
};
bool live_parse_unix(struct pk_str line, struct live_unix *ret);

/** One line of /proc/PID/mountinfo; octal escapes are left in. */
struct live_mount {
	uint64_t id, parent;
	struct pk_str device_number, root, path, options, optional, type, source, super_options;
};
bool live_parse_mount(struct pk_str line, struct live_mount *ret);
/** Appends s with the kernel's \ooo escapes undone. */
void live_unescape(struct pk_buf *b, struct pk_str s);

/** One record of utmp, wtmp or btmp, little-endian, as glibc writes it: 384 bytes where 32-bit programs have to
 * read it too (x86), 400 elsewhere (arm64). */
#define LIVE_UTMP_SIZE 384u
#define LIVE_UTMP_WIDE_SIZE 400u
struct live_utmp {
	int type;
	int64_t pid, session, exit_status;
	struct pk_str line, id, user, host; /* up to the first NUL */
	struct pk_time time;
	uint8_t addr[16];
	int addr_family; /* 0: none */
};
bool live_parse_utmp(struct pk_str record, struct live_utmp *ret);
const char *live_utmp_type_name(int type);
/** Which of the two a file is made of. */
size_t live_utmp_record_size(struct pk_str file);

/** Lines of passwd, shadow and group; fields by ':'. */
struct live_passwd {
	struct pk_str name, password, uid_text, gid_text, gecos, home, shell;
	uint64_t uid, gid;
};
bool live_parse_passwd(struct pk_str line, struct live_passwd *ret);
struct live_group {
	struct pk_str name, password, gid_text, members;
	uint64_t gid;
};
bool live_parse_group(struct pk_str line, struct live_group *ret);
struct live_shadow {
	struct pk_str name, password, last_change, min, max, warning, inactive, expire, flag;
};
bool live_parse_shadow(struct pk_str line, struct live_shadow *ret);
/** What a password field says without the hash: "empty", "locked", "not_set", "active". */
const char *live_password_status(struct pk_str field);
/** "1", "5", "6", "y"...: the crypt(3) method of a field, empty when there is none. */
struct pk_str live_password_method(struct pk_str field);

/** One line of a crontab. `event` "@reboot" and the like; or a variable "NAME=value" in `variable`. */
struct live_cron {
	struct pk_str event, minute, hour, day_of_month, month, day_of_week, user, command, variable;
};
/** False for blank lines and comments. `with_user`: /etc/crontab and cron.d. */
bool live_parse_cron(struct pk_str line, bool with_user, struct live_cron *ret);

/** Walks "[Section]" and "Key=Value" lines of a unit file, continuation lines joined. */
struct live_unit_cur {
	struct pk_str rest, section;
	struct pk_buf joined; /* owned: pk_buf_done */
};
bool live_unit_next(struct live_unit_cur *c, struct pk_str *ret_key, struct pk_str *ret_value);

/** Next paragraph of a Debian control file (status, sources); then its fields. False at the end. */
bool live_control_next(struct pk_str *rest, struct pk_str *ret);
/** The value of a field, continuation lines included; empty when missing. Names without regard to case. */
struct pk_str live_control_get(struct pk_str paragraph, struct pk_str key);

/** One line of authorized_keys: options, algorithm, key, comment. False for blank lines and comments. */
struct live_authkey {
	struct pk_str options, algorithm, key, comment;
};
bool live_parse_authkey(struct pk_str line, struct live_authkey *ret);

#endif
