/* SPDX-License-Identifier: Apache-2.0 */
/* The life of the process that unpacks one archive: give up everything, then read. */
#include "unpack.h"

#include <fcntl.h>
#include <picket/limits.h>
#include <picket/throttle.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OUT 3
#define IN 4
#define MEMORY_BYTES (512ull << 20) /* of dictionaries: 64 MiB of xz -9, 128 MiB of zstd --long */

/* Standard streams lead nowhere, the two descriptors that are needed go to fixed places, all others are closed. */
static int settle_fds(int out, int in)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	out = fcntl(out, F_DUPFD, 5);
	in = in >= 0 ? fcntl(in, F_DUPFD, 5) : -1;
	for (int fd = 0; fd <= 2; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			close(fd);
	if (out < 0 || dup2(out, OUT) < 0 || (in >= 0 && dup2(in, IN) < 0))
		_exit(1);
	if (syscall(SYS_close_range, in >= 0 ? 5u : 4u, ~0u, 0u) < 0)
		for (int fd = in >= 0 ? 5 : 4; fd < 65536; fd++)
			close(fd);
	return in >= 0 ? IN : -1;
}

void pk_unpack_child_main(const struct pk_unpack_params *p, int out, int parent)
{
	struct pk_sandbox box = {.need = p->sandbox, .cpu_seconds = p->cpu_seconds};
	struct pk_unpack_input input = p->input;
	static const int fixed = OUT;
	static const char hello[] = {'H', 0, 0, 0, 0};
	uint8_t *copy = NULL;
	unsigned level = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	prctl(PR_SET_NAME, "picket-unpacker");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	input.fd = settle_fds(out, input.fd);
	if (input.fd < 0) {
		copy = malloc((size_t)input.n + 1);
		if (!copy)
			_exit(1);
		memcpy(copy, input.p, (size_t)input.n);
		input.p = copy;
	}
	if (p->slots && p->slots->base)
		munmap(p->slots->base, p->slots->count * PK_SLOT_BYTES);
#ifndef PK_SANITIZED
	box.memory_bytes = MEMORY_BYTES;
#endif
	if (pk_sandbox_enter(&box, &level, NULL) < 0 || pk_write_full(OUT, hello, sizeof(hello), NULL) < 0)
		_exit(1);
	pk_unpack_read(&input, pk_sink_fd(&fixed));
	pk_throttle_pause();
	_exit(0);
}
