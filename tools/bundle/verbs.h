/* SPDX-License-Identifier: Apache-2.0 */
/** The verbs of picket-bundle: each in the file of its name, listed in picket-bundle.c. */
#ifndef PICKET_TOOLS_BUNDLE_VERBS_H
#define PICKET_TOOLS_BUNDLE_VERBS_H

#include <picket/opt.h>
#include <picket/msg.h>

extern const struct pk_verb bundle_encrypt;
extern const struct pk_verb bundle_decrypt;

/** The first operand opened for reading, or standard input when there is none or it is "-". */
PK_NODISCARD int bundle_open_input(int argc, char **argv, const char **ret_name, int *ret_fd, struct pk_err *err);
/** --passphrase-fd: -1 when it was not given. */
PK_NODISCARD int bundle_passphrase_fd(uint64_t given, int *ret, struct pk_err *err);
#define BUNDLE_NO_FD UINT64_MAX
#define BUNDLE_IO_BYTES (1u << 20)

#endif
