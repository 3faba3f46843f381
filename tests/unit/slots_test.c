/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include <picket/limits.h>
#include <picket/slots.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(a_child_sees_and_cannot_change)
{
	PK_AUTO(pk_slots) s = {0};
	int status = 0, go[2];
	char c;
	pid_t pid;

	OK(pk_slots_init(&s, 2, &err));
	CHECK_INT(s.count, 2);
	if (pipe(go) < 0 || (pid = fork()) < 0) {
		CHECK(false /* pipe and fork */);
		return;
	}
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		if (pk_slots_readonly(&s, NULL) < 0 || read(go[0], &c, 1) != 1)
			_exit(1);
		if (s.base[PK_SLOT_BYTES] != 'x')
			_exit(2);
		*(volatile uint8_t *)s.base = 1;
		_exit(3);
	}
	s.base[PK_SLOT_BYTES] = 'x'; /* after the fork: shared, not copied */
	CHECK_INT(write(go[1], "g", 1), 1);
	waitpid(pid, &status, 0);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	CHECK_INT(s.base[0], 0);
	close(go[0]);
	close(go[1]);
}

TEST(no_slots_is_our_mistake)
{
	PK_AUTO(pk_slots) s = {0};

	FAILS(PK_EINTERNAL, pk_slots_init(&s, 0, &err));
	FAILS(PK_EINTERNAL, pk_slots_init(&s, SIZE_MAX / 2, &err));
}

RUN_TESTS(T(a_child_sees_and_cannot_change), T(no_slots_is_our_mistake))
