/* SPDX-License-Identifier: Apache-2.0 */
/* Table `kernel_keys`: keys and keyrings the kernel holds, as far as we may see them. */
#include "live.h"
#include "tables.h"

static const struct pk_live_column columns[] = {
	{"serial_number", PK_LIVE_TEXT, "serial number, hexadecimal"},
	{"flags", PK_LIVE_TEXT, "I instantiated, R revoked, D dead, Q quota, U under construction, N negative"},
	{"usage", PK_LIVE_BIGINT, "references"},
	{"timeout", PK_LIVE_TEXT, "time left, perm or expd"},
	{"permissions", PK_LIVE_TEXT, "permission bits, hexadecimal"},
	{"uid", PK_LIVE_BIGINT, "owner"},
	{"gid", PK_LIVE_BIGINT, "group; absent for none"},
	{"type", PK_LIVE_TEXT, "kind"},
	{"description", PK_LIVE_TEXT, "description"},
	{0},
};

static int rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str rest, line;
	unsigned odd = 0;
	bool cut;
	int e = live_read_at(ctx->proc_fd, "keys", PK_LIVE_MAX_FILE, &b, &cut);

	if (e && e != ENOENT)
		pk_live_note(out, "/proc/keys: %s", strerror(e));
	rest = pk_buf_str(&b);
	while (rest.n && pk_str_line(&rest, &line)) {
		struct pk_str f[8];
		struct pk_json *j;
		uint64_t usage, uid, gid;
		bool ok = true;

		for (size_t i = 0; i < PK_LEN(f) && ok; i++)
			ok = live_word(&line, &f[i]);
		if (!ok || !live_u64(f[2], &usage) || usage > INT64_MAX || !live_u64(f[5], &uid) || uid > UINT32_MAX) {
			odd++;
			continue;
		}
		j = live_row(out);
		live_kbytes(out, "serial_number", f[0]);
		live_kbytes(out, "flags", f[1]);
		pk_json_kuint(j, "usage", usage);
		live_kbytes(out, "timeout", f[3]);
		live_kbytes(out, "permissions", f[4]);
		pk_json_kuint(j, "uid", uid);
		if (live_u64(f[6], &gid) && gid <= UINT32_MAX)
			pk_json_kuint(j, "gid", gid);
		live_kbytes(out, "type", f[7]);
		live_kopt(out, "description", pk_str_trim(line));
		if (live_emit(out, err) < 0)
			return -1;
	}
	if (odd)
		pk_live_note(out, "/proc/keys: %u lines are not understood", odd);
	return 0;
}

const struct pk_live_table live_kernel_keys = {
	.name = "kernel_keys",
	.doc = "keys and keyrings of the kernel that root may see; never their contents",
	.columns = columns,
	.host_only = true,
	.rows = rows,
};
