/* SPDX-License-Identifier: Apache-2.0 */
/* The IOC process: parses and compiles sets under the sandbox, then keeps a worker alive that compares texts. */
#include "iocserve.h"
#include "iocset.h"
#include "scan-internal.h"
#include "settle.h"

#include <errno.h>
#include <picket/io.h>
#include <picket/throttle.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <yara.h>

#define FEED 3 /* by pk_settle */
#define SERVICE 4
#define MEMORY_BYTES (16ull << 30) /* hash lists of millions of lines */
#define MAX_DEATHS 1000            /* of workers: after that the sets, or the host, are made to kill them */

static _Noreturn void send_report(const struct pk_buf *report)
{
	PK_AUTO(pk_buf) length = {0};

	pk_put_u64(&length, report->n);
	if (pk_write_full(FEED, length.p, length.n, NULL) < 0 || pk_write_full(FEED, report->p, report->n, NULL) < 0)
		_exit(1);
	_exit(0);
}

static _Noreturn void give_up(const struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};

	pk_put_u8(&b, 1);
	pk_buf_puts(&b, err->msg);
	if (b.oom)
		_exit(1);
	send_report(&b);
}

/* One message of the feed. */
static char hear(struct pk_buf *ret)
{
	uint8_t head[5];
	struct pk_cur c = pk_cur(head + 1, 4);
	size_t got = 0, n;

	if (pk_read_full(FEED, head, sizeof(head), &got, NULL) < 0 || got != sizeof(head))
		_exit(1);
	n = pk_rd_le32(&c);
	pk_buf_reset(ret);
	if (!pk_buf_room(ret, n) || pk_read_full(FEED, ret->p, n, &got, NULL) < 0 || got != n)
		_exit(1);
	ret->n = n;
	return (char)head[0];
}

static void read_sets(struct pk_ioc_build *b)
{
	struct pk_ioc_reader reader = {0};
	PK_AUTO(pk_buf) bytes = {0};
	bool open = false;

	for (;;) {
		char what = hear(&bytes);

		if (what == 'D') {
			pk_ioc_reader_feed(&reader, pk_buf_str(&bytes));
			continue;
		}
		if (open)
			pk_ioc_reader_end(&reader);
		pk_ioc_reader_done(&reader);
		if (what != 'F')
			return;
		pk_ioc_reader_begin(&reader, b, pk_buf_str(&bytes));
		open = true;
	}
}

/* What is to be found in contents: one source a set, the sets one after the other. */
static void put_rules(struct pk_buf *b, const struct pk_ioc_build *x)
{
	struct pk_cur note;
	PK_AUTO(pk_buf) source = {0};
	uint32_t set = 0;

	for (size_t i = 0; i <= x->entry_count && !b->oom; i++) {
		uint32_t of = PK_IOC_NONE;

		if (i < x->entry_count) {
			note = pk_cur(x->notes.p, x->notes.n);
			note.at = (size_t)x->entries[i].note * PK_IOC_NOTE_SIZE;
			of = pk_rd_le32(&note);
		}
		if (of != set) {
			b->oom |= source.oom;
			if (source.n > 0) {
				pk_put_u32(b, set);
				pk_put_bytes(b, pk_buf_str(&source));
			}
			pk_buf_reset(&source);
			set = of;
		}
		if (i < x->entry_count)
			pk_ioc_put_rule(&source, x, i);
	}
}

static struct pk_ioc_texts *load(void)
{
	struct pk_ioc_build build = {0};
	struct pk_ioc_texts *texts = NULL;
	struct pk_err err = {0};
	PK_AUTO(pk_buf) rules = {0};
	PK_AUTO(pk_buf) report = {0};
	long pid;

	read_sets(&build);
	pk_put_u8(&report, 0);
	if (pk_buf_check(&build.texts, &err) < 0 || pk_ioc_texts_new(&build, &texts, &err) < 0)
		give_up(&err);
	put_rules(&rules, &build);
	if (pk_ioc_build_report(&build, &rules, &report, &err) < 0)
		give_up(&err);
	/* a process of its own, so that the memory of the report goes with it */
	pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (pid <= 0)
		send_report(&report);
	pk_ioc_build_done(&build);
	while (waitpid((pid_t)pid, NULL, 0) < 0 && errno == EINTR)
		;
	return texts;
}

void pk_ioc_server_main(const struct pk_ioc_server_params *p)
{
	struct pk_sandbox box = {.need = p->sandbox, .may_fork = true};
	const int fds[] = {p->feed, p->service};
	struct pk_ioc_texts *texts = NULL;
	struct pk_err err = {0};
	unsigned level = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "picket-ioc");
	pk_settle(fds, PK_LEN(fds));
	if (mprotect(p->shared, PK_IOC_SHARED, PROT_READ) < 0 || yr_initialize() != ERROR_SUCCESS) {
		pk_fail_oom(&err);
		give_up(&err);
	}
#ifndef PK_SANITIZED
	box.memory_bytes = MEMORY_BYTES;
#endif
	if (pk_sandbox_enter(&box, &level, &err) < 0)
		give_up(&err);
	texts = load();
	close(FEED);
	for (int deaths = 0; deaths < MAX_DEATHS; deaths++) {
		long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
		int status = 0;

		if (pid == 0) {
			struct pk_sandbox inner = {.need = p->sandbox};

			prctl(PR_SET_PDEATHSIG, SIGKILL);
			pk_throttle_join();
			if (pk_sandbox_enter(&inner, &level, NULL) < 0)
				_exit(1);
			pk_ioc_worker_main(SERVICE, p->shared, texts);
		}
		while (pid > 0 && waitpid((pid_t)pid, &status, 0) < 0 && errno == EINTR)
			;
		if (pid < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
		    send(SERVICE, "D", 1, MSG_NOSIGNAL) != 1)
			break;
	}
	_exit(0);
}
