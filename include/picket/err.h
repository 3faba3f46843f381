/* SPDX-License-Identifier: Apache-2.0 */
/** Errors: one idiom for the whole of Picket.
 *
 * What can fail returns int, 0 or -1, is PK_NODISCARD and takes `struct pk_err *err` last. Results go out
 * through `ret_...` parameters, which a failure leaves untouched. A NULL err means "do not tell me why".
 * Set an error once, where it happens:
 *     return pk_fail(err, PK_ESYS, errno, "cannot open '%s'", path);
 * and on the way up add which input it was, never which function:
 *     return pk_wrap(err, "member %u", n);
 * Nothing below tools/ prints or exits. */
#ifndef PICKET_ERR_H
#define PICKET_ERR_H

#include <picket/mem.h>

enum pk_errkind {
	PK_ENONE,     /* no error */
	PK_EUSAGE,    /* the user asked for something impossible: exit 2 */
	PK_ESYS,      /* the operating system refused: `sys` is the errno */
	PK_EFORMAT,   /* hostile or broken input */
	PK_ECRYPTO,   /* wrong key, bad signature, damaged ciphertext; never says more */
	PK_ELIMIT,    /* a named limit of limits.h was passed */
	PK_EINTERNAL, /* our own mistake */
};

struct pk_err {
	enum pk_errkind kind;
	int sys;       /* errno, or 0 */
	int code;      /* a module's own class (see e.g. enum pk_age_code), or 0 */
	char msg[512]; /* one line, lower case, no full stop, safe to print on a terminal */
};

/** Exit codes of every tool (`picket-bundle decrypt` adds its own, see age.h). */
enum pk_exit {
	PK_EXIT_OK = 0,
	PK_EXIT_FOUND = 1, /* done, and the answer is "found" or "not valid" */
	PK_EXIT_USAGE = 2,
	PK_EXIT_PARTIAL = 3, /* some inputs failed and are listed */
	PK_EXIT_FAILED = 4,
};

/** Fills err: printf text, then ": " and the text of `sys` when it is not 0. Bytes that are not printable
 * UTF-8 (names are attacker's text) come out as \xNN. Always returns -1. Sets `code` to 0. */
int pk_fail(struct pk_err *err, enum pk_errkind kind, int sys, const char *fmt, ...) PK_PRINTF(4, 5);

/** Like pk_fail, and sets err->code, the module's own class of failure. */
int pk_fail_code(struct pk_err *err, enum pk_errkind kind, int code, const char *fmt, ...) PK_PRINTF(4, 5);

/** Puts "TEXT: " before the message: which input it was. Always returns -1. */
int pk_wrap(struct pk_err *err, const char *fmt, ...) PK_PRINTF(2, 3);

/** Out of memory. Always returns -1. */
int pk_fail_oom(struct pk_err *err);

/** The exit code that goes with an error: PK_EXIT_USAGE for PK_EUSAGE, otherwise PK_EXIT_FAILED. */
int pk_err_exit(const struct pk_err *err);

#endif
