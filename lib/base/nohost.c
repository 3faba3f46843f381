/* SPDX-License-Identifier: Apache-2.0 */
/* In a static program, functions of the C library that would load the suspect host's code or read its tables.
 *
 * libcrypto, sqlite and libyara refer to some of them, for plug-ins, sockets, names and the host's database of file
 * types, that Picket never uses (rules that import the module magic are refused before they compile). The
 * release link sends every such reference here (--wrap in the Makefile), so that the C library's own are not
 * even in the program; tests/static.sh proves it. All of them fail. */
#include <picket/mem.h>

#include <errno.h>

#define RESOLVER_FAILED (-4) /* EAI_FAIL */
#define FAILS_WITH_NULL(name) \
	void *name(void); \
	void *name(void) { return NULL; }

FAILS_WITH_NULL(__wrap_dlopen)
FAILS_WITH_NULL(__wrap_gethostbyname)
FAILS_WITH_NULL(__wrap_getservbyname)
FAILS_WITH_NULL(__wrap_getservbyport)
FAILS_WITH_NULL(__wrap_getpwnam)
FAILS_WITH_NULL(__wrap_getpwuid)
FAILS_WITH_NULL(__wrap_getgrnam)
FAILS_WITH_NULL(__wrap_getgrgid)
FAILS_WITH_NULL(__wrap_setlocale)
FAILS_WITH_NULL(__wrap_magic_open)
FAILS_WITH_NULL(__wrap_magic_buffer)

int __wrap_getaddrinfo(void);
int __wrap_getaddrinfo(void) { return RESOLVER_FAILED; }
int __wrap_magic_load(void);
int __wrap_magic_load(void) { return -1; }
int __wrap_magic_setflags(void);
int __wrap_magic_setflags(void) { return -1; }
void __wrap_magic_close(void);
void __wrap_magic_close(void) {}
int __wrap_getnameinfo(void);
int __wrap_getnameinfo(void) { return RESOLVER_FAILED; }
void __wrap_freeaddrinfo(void);
void __wrap_freeaddrinfo(void) {}

void *__wrap_iconv_open(void);
void *__wrap_iconv_open(void)
{
	errno = EINVAL;
	return (void *)-1;
}
