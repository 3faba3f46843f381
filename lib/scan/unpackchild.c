/* SPDX-License-Identifier: Apache-2.0 */
/* The life of the process that unpacks one archive: give up everything, then read. */
#include "settle.h"
#include "unpack.h"

#include <picket/limits.h>
#include <picket/throttle.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define OUT 3 /* by pk_settle */
#define IN 4
#define MEMORY_BYTES (512ull << 20) /* of dictionaries: 64 MiB of xz -9, 128 MiB of zstd --long */

void pk_unpack_child_main(const struct pk_unpack_params *p, int out, int parent)
{
	struct pk_sandbox box = {.need = p->sandbox, .cpu_seconds = p->cpu_seconds};
	struct pk_unpack_input input = p->input;
	const int fds[] = {out, input.fd};
	static const int fixed = OUT;
	static const char hello[] = {'H', 0, 0, 0, 0};
	uint8_t *copy = NULL;
	unsigned level = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	prctl(PR_SET_NAME, "picket-unpacker");
	pk_settle(fds, input.fd >= 0 ? 2 : 1);
	input.fd = input.fd >= 0 ? IN : -1;
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
