/* SPDX-License-Identifier: Apache-2.0 */
/* A folder for targets that need files: made once, removed with all that is in it when the search ends. */
#ifndef PICKET_FUZZ_FOLDER_H
#define PICKET_FUZZ_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

static char fuzz_folder_path[] = "/tmp/picket-fuzz.XXXXXX";

static int fuzz_folder_drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void fuzz_folder_end(void) { (void)nftw(fuzz_folder_path, fuzz_folder_drop, 16, FTW_DEPTH | FTW_PHYS); }

static inline const char *fuzz_folder(void)
{
	if (!mkdtemp(fuzz_folder_path) || atexit(fuzz_folder_end) != 0)
		abort();
	return fuzz_folder_path;
}

#endif
