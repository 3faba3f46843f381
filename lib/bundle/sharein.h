/* SPDX-License-Identifier: Apache-2.0 */
/* An opened share: what it is part of, proven, and its own records held against that. Private to lib/bundle. */
#ifndef PICKET_BUNDLE_SHAREIN_H
#define PICKET_BUNDLE_SHAREIN_H

#include "format.h"

#include <picket/record.h>
#include <picket/share.h>

struct pk_sharein;
PK_NODISCARD int pk_sharein_new(struct pk_sharein **ret, struct pk_err *err);
void pk_sharein_free(struct pk_sharein *s);
PK_DEFINE_AUTOPTR(pk_sharein)
void pk_share_source_done(struct pk_share_source *s);
/** Whether the source's receipt is of the sealed file whose log the source's checkpoint is of: what no roster is needed for. */
PK_NODISCARD int pk_source_check_receipt(struct pk_share_source *s, struct pk_err *err);
void pk_handed_done(struct pk_handed *r);
/** Names of an earlier handover's text and signature; and of a release's text and signatures, `which` from 0: of the
 * record itself, its signature, the second person's. earlier: of the handover that it was for; PK_THIS_HANDOVER. */
#define PK_RELEASE_FILES 3
#define PK_MAX_SHARE_RELEASES 16u
#define PK_THIS_HANDOVER SIZE_MAX
void pk_buf_put_handover_name(struct pk_buf *b, size_t earlier, bool sig);
void pk_buf_put_release_name(struct pk_buf *b, size_t earlier, size_t number, size_t which);
/** A message of SHARE, in order: proves whatever the member says. */
PK_NODISCARD int pk_sharein_take(struct pk_sharein *s, struct pk_str message, struct pk_err *err);
/** All were taken: they are complete, and the handover record is of this share. */
PK_NODISCARD int pk_sharein_finish(struct pk_sharein *s, const uint8_t id[16], const struct pk_terms *terms,
				   struct pk_err *err);

/** Another reading of the same members: must say the same. */
void pk_sharein_again(struct pk_sharein *s);
/** *ret is a source when the message was a record's proof, else NULL. */
PK_NODISCARD int pk_sharein_same(struct pk_sharein *s, struct pk_str message, const struct pk_share_source **ret,
				 struct pk_err *err);
PK_NODISCARD int pk_sharein_same_end(struct pk_sharein *s, struct pk_err *err);

/** The share's own records, in order from 0 (`again` first), or one that stands alone: each repeats a proven one. */
PK_NODISCARD int pk_sharein_match(struct pk_sharein *s, const struct pk_record *r, bool alone, struct pk_err *err);
/** Every proven record was repeated. */
PK_NODISCARD int pk_sharein_match_end(const struct pk_sharein *s, struct pk_err *err);

const struct pk_share_source *pk_sharein_sources(const struct pk_sharein *s, size_t *ret_n);
const struct pk_handed *pk_sharein_handover(const struct pk_sharein *s);

/** What an own record and the proven one must have in common, as a hash. `id`: of the own record's bundle, NULL for the
 * proven one. */
PK_NODISCARD int pk_share_carried(const struct pk_record *r, const uint8_t *id, uint8_t ret[32], struct pk_err *err);
/** Fields that say which other record is meant: in the share, one of its own. */
enum { PK_SHARE_REF_C, PK_SHARE_REF_OF, PK_SHARE_REF_MORE, PK_SHARE_REFS };
extern const char *const pk_share_refs[PK_SHARE_REFS];
/** The fields of a proven record that its repetition has too, as `,"key":value...`; of a content's, without size and
 * sha256, which sealing puts itself (continuations have neither). */
PK_NODISCARD int pk_share_put_carried(const struct pk_record *r, struct pk_buf *b, struct pk_err *err);

#endif
