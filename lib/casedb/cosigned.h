/* SPDX-License-Identifier: Apache-2.0 */
/* What this station's keys have cosigned, whatever case asked: a case's own memory is lost with it, and another case of
 * the station has none, so that one key could see two histories of a log. Private to lib/casedb.
 *
 * "cosigned" in the station's folder (pk_station_path): a line "KEY SIZE ROOT LOGKEY ORIGIN" for each checkpoint: our
 * key and the log's ("NAME+HHHHHHHH"), number of lines and root (64 hex digits) as in the note. Lines are added and never changed. */
#ifndef PICKET_CASEDB_COSIGNED_H
#define PICKET_CASEDB_COSIGNED_H

#include <picket/note.h>

struct pk_cosigned {
	int fd; /* locked while it is open; -1: the station has no folder */
	char *path;
	struct pk_buf key; /* "NAME+HHHHHHHH" */
	bool there;
	uint64_t size; /* when there: the newest checkpoint of that log that this key has cosigned */
	uint8_t root[32];
	struct pk_buf log_key; /* whose log it is */
};
#define PK_COSIGNED_INIT \
	{ \
		.fd = -1 \
	}
void pk_cosigned_done(struct pk_cosigned *m);
PK_NODISCARD int pk_cosigned_open(const struct pk_note_pub *key, struct pk_str origin, struct pk_cosigned *ret,
				  struct pk_err *err);
/** Before the cosignature leaves. */
PK_NODISCARD int pk_cosigned_add(struct pk_cosigned *m, const struct pk_checkpoint *cp,
				 const struct pk_note_pub *log_key, struct pk_err *err);

/** The newest of this key and origin in the file's text. *ret_end: where its last whole line ends. */
PK_NODISCARD int pk_cosigned_find(struct pk_str text, struct pk_str key, struct pk_str origin, struct pk_cosigned *ret,
				  size_t *ret_end, struct pk_err *err);

#endif
