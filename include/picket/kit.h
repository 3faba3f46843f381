/* SPDX-License-Identifier: Apache-2.0 */
/** A kit: the static collector with a mission appended to it, in one executable file.
 *
 *     the collector | pax tar of the mission's files | footer of 64 bytes
 *     footer: "PICKETKT" | version 1 (le32) | zero (le32) | offset of the tar (le64) | its length (le64) |
 *             SHA-256 of everything before the footer's last 32 bytes
 * The hash finds damage; it cannot find a courier who swaps the readers. For that there is KIT.minisig beside it,
 * the issuer's signature over the whole file, to be checked with stock minisign before use. */
#ifndef PICKET_KIT_H
#define PICKET_KIT_H

#include <picket/io.h>
#include <picket/secret.h>

#define PK_KIT_FOOTER 64

/** Members of the tar. All but the first are optional. */
#define PK_KIT_MISSION "mission.json"      /* names, readers, limits, settings: see docs/bundle-format.md */
#define PK_KIT_RECIPIENTS "recipients.txt" /* one age recipient a line */
#define PK_KIT_TERMS "ticket.terms"
#define PK_KIT_TICKET "ticket.ticket"
#define PK_KIT_TICKET_SIG "ticket.ticket.minisig"
#define PK_KIT_SIGNKEY "ticket.signkey"     /* secret, one-time */
#define PK_KIT_NOTEKEY "ticket.notekey"     /* secret, one-time */
#define PK_KIT_ARTIFACTS "artifacts/"       /* definitions and limits */
#define PK_KIT_RULES "rules/"               /* YARA sources */
#define PK_KIT_INCLUDED "included/"         /* the same, that only others include: by names as if they were in rules/ */
#define PK_KIT_IOC "ioc/"                   /* indicator sets: ioc/NNN/NAME */
#define PK_KIT_RULES_LOCKED "rules.tar.age" /* rules and indicators, wrapped by passphrase */

/** Appends one file to a mission under construction (a tar in memory). */
PK_NODISCARD int pk_kit_put(struct pk_buf *tar, const char *name, struct pk_str data, struct pk_err *err);
/** Writes collector + tar + footer as an executable file (0700; PK_OUT_EXCL). The collector must be a plain one. */
PK_NODISCARD int pk_kit_write(const char *path, int collector_fd, struct pk_str tar, struct pk_err *err);

/** An opened kit. Files are read from it one by one, so that secrets need not be in memory before they are used. */
struct pk_kit {
	int fd;
	uint64_t tar_off, tar_len;
	uint8_t sha256[32]; /* of the whole file */
};
/** *ret_is_kit false: the file has no footer (a plain collector). An altered kit is PK_CRYPTO-class: refuse to run. */
PK_NODISCARD int pk_kit_open(struct pk_kit *k, int fd /* kept, not owned */, bool *ret_is_kit, struct pk_err *err);
/** Calls `file` for each member whose name starts with prefix, in order. Data is wiped after the call. */
PK_NODISCARD int pk_kit_each(const struct pk_kit *k, const char *prefix,
			     int (*file)(void *ctx, struct pk_str name, struct pk_str data, struct pk_err *err),
			     void *ctx, struct pk_err *err);
/** One member's bytes appended to ret; absent is an error. */
PK_NODISCARD int pk_kit_get(const struct pk_kit *k, const char *name, struct pk_buf *ret, struct pk_err *err);
/** The same into guarded memory. */
PK_NODISCARD int pk_kit_get_secret(const struct pk_kit *k, const char *name, struct pk_secret *ret, struct pk_err *err);
/** The same walk over a tar in memory (locked rules, after unwrapping). */
PK_NODISCARD int pk_kit_each_in(struct pk_str tar, const char *prefix,
				int (*file)(void *ctx, struct pk_str name, struct pk_str data, struct pk_err *err),
				void *ctx, struct pk_err *err);

#endif
