/* SPDX-License-Identifier: Apache-2.0 */
/* What lies beside a bundle, for those who read it and those who write it. Private to lib/bundle. */
#ifndef PICKET_BUNDLE_OUTER_INT_H
#define PICKET_BUNDLE_OUTER_INT_H

#include <picket/bundle.h>

#include <sys/types.h>

#define PK_SIDE_SIG ".minisig"
#define PK_SIDE_TICKET ".ticket"
#define PK_SIDE_TICKET_SIG ".ticket.minisig"
#define PK_SIDE_RECEIPT ".receipt"
#define PK_SIDE_RECEIPT_SIG ".receipt.minisig"
#define PK_SIDE_REWRAP ".rewrap"
#define PK_SIDE_REWRAP_SIG ".rewrap.minisig"
#define PK_SIDE_ORIG_HEADER ".orig-header"
#define PK_SIDE_ORIG_SIG ".orig.minisig"

/* A file beside the bundle; *ret_there false when there is none. */
PK_NODISCARD int pk_beside_read(const char *path, const char *suffix, struct pk_buf *ret, bool *ret_there,
				struct pk_err *err);
/* BLAKE2b-512 of the file and, where orig_header is not empty, of the file with that header instead of its own (which
 * is `header_bytes` long). One pass. */
struct pk_two_digests {
	uint8_t file[64], original[64];
	uint64_t size;
};
PK_NODISCARD int pk_digest_both(int fd, struct pk_str orig_header, uint64_t header_bytes, struct pk_two_digests *ret,
				struct pk_err *err);
/* The same in a process of its own, meant for while the caller has other work. Where none can be started, or has been,
 * (run zeroed) the end computes them. A file is read by its offset: nobody else may move that meanwhile. */
struct pk_digest_run {
	pid_t pid;
	int from;
};
void pk_digest_start(int fd, struct pk_str orig_header, uint64_t header_bytes, struct pk_digest_run *ret);
PK_NODISCARD int pk_digest_end(struct pk_digest_run *run, int fd, struct pk_str orig_header, uint64_t header_bytes,
			       struct pk_two_digests *ret, struct pk_err *err);
void pk_digest_stop(struct pk_digest_run *run);
/* A verdict in words; what it says is made safe to print. */
PK_NODISCARD int pk_outer_say(struct pk_outer *o, enum pk_trust_status s, struct pk_err *err, const char *fmt, ...)
	PK_PRINTF(4, 5);
/* For a rewrapped bundle: the record, the header against the original's, the re-sealer's signature over the file. The
 * digests are known. *ret_home: the nation of readers who are within a label that names none; it is to be the issuer's. */
struct pk_rewrapped {
	const char *path;
	struct pk_str sig, header, orig_header;
};
PK_NODISCARD int pk_outer_check_rewrap(struct pk_outer *o, const struct pk_rewrapped *w, const struct pk_roster *roster,
				       struct pk_time at, struct pk_strv *ret_home, struct pk_err *err);
/* And with an identity: the label is the terms', and nobody was let in whom they name. */
PK_NODISCARD int pk_outer_match_terms(const struct pk_outer *o, const struct pk_terms *t, struct pk_err *err);
/* Whether its rewraps were their makers' to make, when all else of it is in order. terms NULL: not known, then only that
 * the readers were valid parties at the time. */
PK_NODISCARD int pk_outer_judge_rewraps(struct pk_outer *o, const struct pk_terms *terms,
					const struct pk_roster *roster, struct pk_err *err);

#endif
