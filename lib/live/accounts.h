/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts of the host or image, homes, and which folders are better left alone. */
#ifndef PK_LIB_LIVE_ACCOUNTS_H
#define PK_LIB_LIVE_ACCOUNTS_H

#include "parse.h"

struct live_accounts {
	struct live_passwd *v; /* slices into text */
	size_t n, cap;
	struct pk_buf text;
};
void live_accounts_done(struct live_accounts *a);
PK_NODISCARD int live_accounts_read(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct live_accounts *ret,
				    struct pk_err *err);
/** Name by the host's own passwd, empty when there is none. */
struct pk_str live_accounts_name(const struct live_accounts *a, uint64_t uid);
struct pk_str live_group_name(struct pk_str group_file, uint64_t gid);

/** Homes to look into: those of the accounts, of /home and /root; each once. */
struct live_home {
	struct pk_str path, user; /* user empty: no account has this home */
	uint64_t uid;             /* of the account, else of the folder */
};
struct live_homes {
	struct live_home *v;
	size_t n, cap;
	struct pk_strv text;
};
void live_homes_done(struct live_homes *h);
PK_NODISCARD int live_homes_find(const struct pk_live_ctx *ctx, struct pk_live_out *out, const struct live_accounts *a,
				 struct live_homes *ret, struct pk_err *err);

/** Mount points of network, FUSE and automount file systems of a running host: never touched uninvited. */
struct live_remote {
	struct pk_strv paths;
};
void live_remote_done(struct live_remote *r);
PK_NODISCARD int live_remote_find(const struct pk_live_ctx *ctx, struct live_remote *ret, struct pk_err *err);
bool live_is_remote(const struct live_remote *r, struct pk_str path);

#endif
