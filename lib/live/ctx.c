/* SPDX-License-Identifier: Apache-2.0 */
/* Where the tables read from: a running host or an image. */
#include "live.h"

#include <fcntl.h>
#include <unistd.h>

int pk_live_ctx_init(struct pk_live_ctx *ctx, const struct pk_root *root, struct pk_err *err)
{
	PK_AUTO(live_keys) hidden = {0};

	*ctx = (struct pk_live_ctx){.root = root,
				    .proc_fd = -1,
				    .mounted_proc_fd = -1,
				    .sys_fd = -1,
				    .item_timeout_ms = PK_LIVE_ITEM_TIMEOUT_MS};
	if (!root->is_host)
		return 0;
	ctx->mounted_proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ctx->proc_fd = pk_proc_fresh();
	if (ctx->proc_fd < 0)
		ctx->proc_fd = pk_steal_fd(&ctx->mounted_proc_fd);
	if (ctx->proc_fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open '/proc': live tables need it mounted");
	ctx->sys_fd = open("/sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ctx->live = true;
	if (live_find_hidden(ctx, &hidden, err) < 0) {
		pk_live_ctx_done(ctx);
		return -1;
	}
	ctx->hidden_n = hidden.n;
	ctx->hidden = pk_steal(&hidden.v);
	return 0;
}

void pk_live_ctx_done(struct pk_live_ctx *ctx)
{
	pk_cleanup_close(&ctx->proc_fd);
	pk_cleanup_close(&ctx->mounted_proc_fd);
	pk_cleanup_close(&ctx->sys_fd);
	free(ctx->hidden);
	*ctx = (struct pk_live_ctx){.proc_fd = -1, .mounted_proc_fd = -1, .sys_fd = -1};
}
