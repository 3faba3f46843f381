/* SPDX-License-Identifier: Apache-2.0 */
/* Force-included into every file of ours (see the Makefile): functions that may not be called. */
#ifndef PICKET_POISON_H
#define PICKET_POISON_H

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#undef alloca
/* no bounds */
#pragma GCC poison strcpy strcat sprintf vsprintf strtok gets alloca
/* no errors */
#pragma GCC poison atoi atol atoll atof
/* would read the suspect host's locale, NSS or plugins in a static program */
#pragma GCC poison setlocale iconv_open getpwnam getpwuid getgrnam getgrgid getaddrinfo gethostbyname dlopen
/* no shell, ever */
#pragma GCC poison system popen

#endif
