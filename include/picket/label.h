/* SPDX-License-Identifier: Apache-2.0 */
/** Labels: the Traffic Light Protocol 2.0 and who the material may be released to (REL TO).
 *
 * TLP says how a reader may pass things on; REL TO, which nations may be among the readers at all. A label without
 * REL TO is releasable to nobody but the issuer's own nation, and so is "unlabelled" (PK_TLP_NONE). Groups of
 * nations (FVEY, AUKUS, NATO) are understood on input and stored as the nations they had at that moment, so that
 * a signed label never changes its meaning.
 *
 * Text form: "unlabelled", "TLP:GREEN", "TLP:AMBER+STRICT REL TO JPN,PHL,USA". Originator and caveats are not
 * part of it: they are fields of their own wherever a label is stored. People are shown all of it: pk_buf_put_label_shown. */
#ifndef PICKET_LABEL_H
#define PICKET_LABEL_H

#include <picket/str.h>

struct pk_json;
struct pk_json_value;

enum pk_tlp {              /* rising strictness, but for the first: between GREEN and AMBER */
	      PK_TLP_NONE, /* unlabelled: not releasable */
	      PK_TLP_CLEAR,
	      PK_TLP_GREEN,
	      PK_TLP_AMBER,
	      PK_TLP_AMBER_STRICT,
	      PK_TLP_RED,
};

/** Zero-initialise: unlabelled. Transparent, but write rel_to and caveats only through the setters. */
struct pk_label {
	enum pk_tlp tlp;
	struct pk_strv rel_to;  /* ISO 3166-1 alpha-3 codes, sorted, no repeats */
	char *originator;       /* whose material it is (several: "A,B", sorted); NULL: not said */
	struct pk_strv caveats; /* further handling words, sorted, no repeats */
};
void pk_label_done(struct pk_label *l);
/** A deep copy; *ret need not be initialised. */
PK_NODISCARD int pk_label_copy(const struct pk_label *l, struct pk_label *ret, struct pk_err *err);
bool pk_label_eq(const struct pk_label *a, const struct pk_label *b);

/** "AMBER+STRICT"; PK_TLP_NONE is "". Never NULL. */
const char *pk_tlp_name(enum pk_tlp tlp);
/** What pk_tlp_name writes (not ""), with or without "TLP:". */
PK_NODISCARD bool pk_tlp_parse(struct pk_str s, enum pk_tlp *ret);
/** The words of --tlp, --rel-to and --caveats, each as it was given; NULL: not given, and left as it is. PK_EUSAGE. */
PK_NODISCARD int pk_label_set_words(struct pk_label *l, const char *tlp, const char *rel_to, const char *caveats,
				    struct pk_err *err);
/** The whole label of something new from --tlp, --rel-to, --originator and --caveats, each as it was given or NULL: without
 * the first there is no label, and PK_EUSAGE where one of the others was given. `issuer` is whose it is where no originator
 * was given; NULL: that is not said. */
PK_NODISCARD int pk_label_from_options(struct pk_label *l, const char *tlp, const char *rel_to, const char *originator,
				       const char *caveats, const char *issuer, struct pk_err *err);
/** True for an officially assigned ISO 3166-1 alpha-3 code, upper case. */
bool pk_nation_is_known(struct pk_str s);

/** "USA,JPN" or a group name, in any order; replaces the list. PK_EUSAGE names an unknown code. */
PK_NODISCARD int pk_label_set_rel_to(struct pk_label *l, struct pk_str list, struct pk_err *err);
/** Printable UTF-8, at most 100 bytes; several, where material was combined, with commas between; empty removes it. */
PK_NODISCARD int pk_label_set_originator(struct pk_label *l, struct pk_str text, struct pk_err *err);
/** "ORCON,LES": comma-separated, each as an originator but without letters a to z; replaces the list. */
PK_NODISCARD int pk_label_set_caveats(struct pk_label *l, struct pk_str list, struct pk_err *err);

/** The text form above. Originator and caveats of a parsed label are empty. Canonical text only (sorted codes,
 * no groups): it is part of what is signed. PK_EFORMAT. *ret need not be initialised. */
PK_NODISCARD int pk_label_parse(struct pk_str text, struct pk_label *ret, struct pk_err *err);
void pk_buf_put_label(struct pk_buf *b, const struct pk_label *l);

/** All of it, for people: "TLP:AMBER REL TO JPN,USA CAVEATS LES,ORCON ORIGINATOR JCDC,lead". A name of anything but
 * visible ASCII stands in double quotes, with a quote in it doubled, so that none reads as a part of the label. Never
 * parsed or signed as a label. One line, safe for a terminal; not for HTML. */
void pk_buf_put_label_shown(struct pk_buf *b, const struct pk_label *l);
/** The same where room is scarce: a list that would go beyond max_bytes becomes "...". */
#define PK_LABEL_IN_ERROR 160 /* leaves room for the reason */
void pk_buf_put_label_within(struct pk_buf *b, const struct pk_label *l, size_t max_bytes);
/** The same of a label's parts as a case keeps them: "AMBER" or nothing, and lists with commas.
 * Nothing is escaped: a case may be somebody else's. */
void pk_buf_put_label_columns(struct pk_buf *b, struct pk_str tlp, struct pk_str rel_to, struct pk_str caveats,
			      struct pk_str originators);

/** Puts the fields "tlp" (null when unlabelled), "rel_to", "originator", "caveats" into an open object. */
void pk_json_put_label(struct pk_json *j, const struct pk_label *l);
/** Reads them from an object; as strict as pk_label_parse. *ret need not be initialised. */
PK_NODISCARD int pk_label_from_json(const struct pk_json_value *obj, struct pk_label *ret, struct pk_err *err);

/** The label of what is made of both: the strictest TLP, the intersection of REL TO, both originators, all
 * caveats. Commutative; *ret need not be initialised. */
PK_NODISCARD int pk_label_combine(const struct pk_label *a, const struct pk_label *b, struct pk_label *ret,
				  struct pk_err *err);
/** The same for what is only shown: originators have no limit, and the result may be more than can be signed. */
PK_NODISCARD int pk_label_join(const struct pk_label *a, const struct pk_label *b, struct pk_label *ret,
			       struct pk_err *err);
/** Whether REL TO names this nation. (The issuer's own nation is pk_release_check's business.) */
bool pk_label_permits(const struct pk_label *l, const char *nation);

#endif
