/* SPDX-License-Identifier: Apache-2.0 */
/** Reading and writing whole things, and output files that appear complete or not at all. */
#ifndef PICKET_IO_H
#define PICKET_IO_H

#include <picket/str.h>

/** Where bytes go: a file, a hash, a buffer, another layer. */
struct pk_sink {
	int (*write)(void *ctx, const void *p, size_t n, struct pk_err *err); /* all of it, or -1 */
	void *ctx;
};
/** A sink that writes to a descriptor; fd must outlive it. */
struct pk_sink pk_sink_fd(const int *fd);
struct pk_sink pk_sink_buf(struct pk_buf *b);
/** The same for a file with holes, from front to back: `hole` says that n bytes of zeros come next; its ctx is data's. */
struct pk_filesink {
	struct pk_sink data;
	int (*hole)(void *ctx, uint64_t n, struct pk_err *err);
};

/** Reads until n bytes or end of file; EINTR is retried. *ret_n says how many. */
PK_NODISCARD int pk_read_full(int fd, void *p, size_t n, size_t *ret_n, struct pk_err *err);
/** The same at an offset, the file position left alone. */
PK_NODISCARD int pk_pread_full(int fd, void *p, size_t n, uint64_t off, size_t *ret_n, struct pk_err *err);
PK_NODISCARD int pk_write_full(int fd, const void *p, size_t n, struct pk_err *err);
/** Appends everything from fd to b; more than max bytes is PK_ELIMIT. */
PK_NODISCARD int pk_read_all(int fd, size_t max, struct pk_buf *b, struct pk_err *err);
/** The same for a path (opened O_RDONLY|O_CLOEXEC; "-" is not special); names it in errors. */
PK_NODISCARD int pk_read_path(const char *path, size_t max, struct pk_buf *b, struct pk_err *err);
/** Opens a file that somebody else brought: never waits, and anything but a regular file is PK_EUSAGE. */
PK_NODISCARD int pk_open_brought(const char *path, int *ret_fd, struct pk_err *err);
/** Reads what somebody else laid beside it: the same, and a link is not followed (it may lead to a secret of ours). */
PK_NODISCARD int pk_read_beside(const char *path, size_t max, struct pk_buf *b, struct pk_err *err);
/** Size of an open regular file. */
PK_NODISCARD int pk_file_size(int fd, uint64_t *ret, struct pk_err *err);

/** A procfs of our own, mounted nowhere: nothing that is mounted over /proc is in it. -1 when the kernel or our
 * rights do not allow it. */
int pk_proc_fresh(void);
/** The same, or else the host's /proc if it is one; -1 when there is none. */
int pk_proc_open(void);

/** Unpredictable bytes for names and hash seeds (keys come from pk_random of secret.h): getrandom, or /dev/urandom
 * on a kernel without it. */
PK_NODISCARD int pk_seed(void *p, size_t n, struct pk_err *err);

/** A file that is not finished: SIGINT, SIGTERM and SIGHUP remove it before they end the process, unless it ignores them or
 * has a handler of its own. The name is the caller's until it is dropped; children have no part in it. */
void pk_unfinished_add(const char *name);
void pk_unfinished_drop(const char *name);

/** An output that replaces its target only when complete.
 * open: a 0600 file of a random name in the target's folder; commit: fsync, rename over the target (or, with
 * PK_OUT_EXCL, link so that an existing file is never replaced: PK_EUSAGE names it), fsync of the folder.
 * done without commit removes the unfinished file, and so does a signal that ends the process. A target that exists and is not a regular file (a pipe,
 * /dev/null, a terminal) is written in place. path NULL or "-": standard output.
 * A write error names the target. */
enum pk_outflag { PK_OUT_EXCL = 1, PK_OUT_PUBLIC = 2 /* 0644 less umask: only for what is no evidence */ };
struct pk_outfile {
	int fd;     /* -1 when not open; write to it directly or by pk_outfile_write */
	char *path; /* final name, NULL for standard output */
	char *tmp;  /* unfinished name, NULL when written in place */
	int flags;
	uint64_t size; /* bytes written by pk_outfile_write */
};
#define PK_OUTFILE_INIT \
	{ \
		.fd = -1 \
	}
PK_NODISCARD int pk_outfile_open(struct pk_outfile *o, const char *path, int flags, struct pk_err *err);
PK_NODISCARD int pk_outfile_write(struct pk_outfile *o, const void *p, size_t n, struct pk_err *err);
/** n bytes of zeros: on a regular file written from front to back a hole, which costs no disk; else written. */
PK_NODISCARD int pk_outfile_hole(struct pk_outfile *o, uint64_t n, struct pk_err *err);
struct pk_sink pk_outfile_sink(struct pk_outfile *o);
struct pk_filesink pk_outfile_filesink(struct pk_outfile *o);
PK_NODISCARD int pk_outfile_commit(struct pk_outfile *o, struct pk_err *err);
void pk_outfile_done(struct pk_outfile *o);

/** The folders that path lies in, 0700, where they are missing. */
PK_NODISCARD int pk_make_parents(const char *path, struct pk_err *err);

/** Small whole files: open, write, commit in one. */
PK_NODISCARD int pk_write_path(const char *path, int flags, struct pk_str data, struct pk_err *err);

#endif
