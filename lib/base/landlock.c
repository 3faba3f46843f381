/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock by raw system calls: a rule set without rules, so that everything it handles is denied. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_restrict_self 446
#endif

/* Our own definitions: the build machine's headers may be older than the running kernel. */
struct ruleset {
	uint64_t fs, net, scoped;
};
#define CREATE_VERSION 1u

static const struct ruleset by_abi[] = {
	{0, 0, 0},
	{(1u << 13) - 1, 0, 0}, /* 1: execute, write, read, readdir, remove, make */
	{(1u << 14) - 1, 0, 0}, /* 2: refer */
	{(1u << 15) - 1, 0, 0}, /* 3: truncate */
	{(1u << 15) - 1, 3, 0}, /* 4: TCP bind, connect */
	{(1u << 16) - 1, 3, 0}, /* 5: ioctl on devices */
	{(1u << 16) - 1, 3, 3}, /* 6: abstract sockets, signals */
};

int pk_landlock_deny_all(struct pk_err *err)
{
	long abi = syscall(__NR_landlock_create_ruleset, NULL, (size_t)0, CREATE_VERSION);
	struct ruleset rules;
	pk_autoclose int fd = -1;

	if (abi < 1)
		return 0;
	abi = PK_MIN(abi, (long)PK_LEN(by_abi) - 1);
	rules = by_abi[abi];
	/* older kernels take a larger struct when the rest is zero */
	fd = (int)syscall(__NR_landlock_create_ruleset, &rules, sizeof(rules), 0u);
	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot make a Landlock rule set");
	if (syscall(__NR_landlock_restrict_self, fd, 0u) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot enter Landlock");
	return 1;
}
