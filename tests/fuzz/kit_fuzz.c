/* SPDX-License-Identifier: Apache-2.0 */
/* A kit's mission file, tar and footer, as hostile bytes. */
#include <picket/kit.h>
#include <picket/mission.h>

#include <picket/hash.h>

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int ignore(void *ctx, struct pk_str name, struct pk_str bytes, struct pk_err *err)
{
	(void)ctx, (void)name, (void)bytes, (void)err;
	return 0;
}

/* The input as a file with a footer whose hash is right and whose place and size are the input's first 16 bytes. */
static void footer(const uint8_t *data, size_t size)
{
	static const uint8_t head[16] = {'P', 'I', 'C', 'K', 'E', 'T', 'K', 'T', 1};
	int fd = memfd_create("kit", MFD_CLOEXEC);
	PK_AUTO(pk_buf) b = {0};
	struct pk_kit kit = {0};
	bool is_kit = false;
	uint8_t sum[32];

	pk_buf_put(&b, data, size);
	pk_buf_put(&b, head, sizeof(head));
	pk_buf_put(&b, data, 16);
	pk_sha256(b.p, b.n, sum);
	pk_buf_put(&b, sum, sizeof(sum));
	if (fd < 0 || b.oom || write(fd, b.p, b.n) != (ssize_t)b.n)
		__builtin_trap();
	if (pk_kit_open(&kit, fd, &is_kit, NULL) == 0) {
		if (!is_kit || kit.tar_off + kit.tar_len != size)
			__builtin_trap();
		(void)!pk_kit_each(&kit, "", ignore, NULL, NULL);
	}
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_mission) m = {0};
	struct pk_err err = {0};

	if (pk_mission_parse(pk_str_n(data, size), &m, &err) < 0 && err.kind == PK_ENONE)
		__builtin_trap();
	if (pk_kit_each_in(pk_str_n(data, size), "", ignore, NULL, &err) < 0 && err.kind == PK_ENONE)
		__builtin_trap();
	if (size >= 16)
		footer(data, size);
	return 0;
}
