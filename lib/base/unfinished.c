/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are not finished go with the process when a signal ends it. */
#include <picket/io.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#define MAX_NAMES 32 /* what is more stays behind */

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
static _Atomic(const char *) names[MAX_NAMES];
static _Atomic(pid_t) owner; /* whose they are: a child inherits the list, and removes nothing */

/* Then the signal does what it would have done: it is reset when this is called, and waits until it returns. */
static void on_end(int sig)
{
	if (atomic_load(&owner) != getpid())
		_exit(128 + sig); /* a sandbox may not let it raise anything */
	for (size_t i = 0; i < MAX_NAMES; i++) {
		const char *name = atomic_load(&names[i]);

		if (name)
			unlink(name);
	}
	raise(sig);
}

static bool is_ours(int sig)
{
	struct sigaction now;

	return sigaction(sig, NULL, &now) == 0 && !(now.sa_flags & SA_SIGINFO) && now.sa_handler == on_end;
}

static void in_child(void)
{
	for (size_t i = 0; i < PK_LEN(signals); i++)
		if (is_ours(signals[i]))
			signal(signals[i], SIG_DFL);
}

/* Where the tool has a handler of its own, or ignores it, that stays. */
static void listen_for_end(void)
{
	struct sigaction sa = {.sa_handler = on_end, .sa_flags = SA_RESTART | (int)SA_RESETHAND}, old;

	sigfillset(&sa.sa_mask);
	for (size_t i = 0; i < PK_LEN(signals); i++)
		if (sigaction(signals[i], NULL, &old) == 0 && !(old.sa_flags & SA_SIGINFO) && old.sa_handler == SIG_DFL)
			(void)sigaction(signals[i], &sa, NULL);
}

void pk_unfinished_add(const char *name)
{
	static bool cares_for_children;

	if (atomic_load(&owner) != getpid()) {
		for (size_t i = 0; i < MAX_NAMES; i++)
			atomic_store(&names[i], NULL);
		atomic_store(&owner, getpid());
	}
	cares_for_children = cares_for_children || pthread_atfork(NULL, NULL, in_child) == 0;
	for (size_t i = 0; i < MAX_NAMES; i++) {
		const char *none = NULL;

		if (atomic_compare_exchange_strong(&names[i], &none, name))
			break;
	}
	listen_for_end();
}

void pk_unfinished_drop(const char *name)
{
	if (atomic_load(&owner) != getpid())
		return;
	for (size_t i = 0; i < MAX_NAMES; i++)
		if (atomic_load(&names[i]) == name)
			atomic_store(&names[i], NULL);
}
