/* SPDX-License-Identifier: Apache-2.0 */
/** The verbs of picket-case: each in the file of its name, listed in picket-case.c; and what they share. */
#ifndef PICKET_TOOLS_CASE_VERBS_H
#define PICKET_TOOLS_CASE_VERBS_H

#include <picket/case.h>
#include <picket/json.h>
#include <picket/opt.h>

struct pk_age_identities;
struct pk_roster;

extern const struct pk_verb case_init, case_import, case_hosts, case_bundles, case_files, case_hits, case_search,
	case_timeline, case_stack, case_live, case_tag, case_note, case_cat, case_share, case_custody, case_check,
	case_report;

extern const char *case_author; /* --author, a common option */

/* options that several verbs list: one destination, the same words */
struct case_options {
	const char *host, *bundle, *path, *sha256, *tag, *query, *from, *to, *table;
	uint64_t limit; /* UINT64_MAX: not given */
	struct pk_strv identities;
	int passphrase_fd; /* -1: not given */
};
extern struct case_options case_o;
extern bool case_json;
#define CASE_OPT_JSON \
	{ \
		0, "json", PK_OPT_FLAG, &case_json, NULL, "print JSON Lines", NULL \
	}
#define CASE_OPT_HOST \
	{ \
		0, "host", PK_OPT_STR, &case_o.host, "HOST", \
			"only this host: its name, or 8 or more digits of its id", NULL \
	}
#define CASE_OPT_BUNDLE \
	{ \
		0, "bundle", PK_OPT_STR, &case_o.bundle, "ID", "only this bundle: its id or the beginning of it", NULL \
	}
#define CASE_OPT_PATH \
	{ \
		0, "path", PK_OPT_STR, &case_o.path, "PATTERN", \
			"only paths that match this shell pattern; * also matches /", NULL \
	}
#define CASE_OPT_SHA256 \
	{ \
		0, "sha256", PK_OPT_STR, &case_o.sha256, "HEX", "only this content: its hash or the beginning of it", \
			NULL \
	}
#define CASE_OPT_TAG \
	{ \
		0, "tag", PK_OPT_STR, &case_o.tag, "TAG", "only what bears this tag", NULL \
	}
#define CASE_OPT_QUERY \
	{ \
		0, "query", PK_OPT_STR, &case_o.query, "SQL", \
			"only what this SELECT ref FROM file, hit... returns; see SQL in the manual", NULL \
	}
#define CASE_OPT_FROM(what) \
	{ \
		0, "from", PK_OPT_STR, &case_o.from, "TIME", what, NULL \
	}
#define CASE_OPT_TO(what) \
	{ \
		0, "to", PK_OPT_STR, &case_o.to, "TIME", what, NULL \
	}
#define CASE_OPT_LIMIT \
	{ \
		0, "limit", PK_OPT_U64, &case_o.limit, "N", "at most so many lines, 1 or more", NULL \
	}
#define CASE_OPT_IDENTITY \
	{ \
		'i', "identity", PK_OPT_LIST, &case_o.identities, "FILE", \
			"a file of age identities that open the bundles, or - for standard input", NULL \
	}
#define CASE_OPT_PASSPHRASE_FD \
	{ \
		0, "passphrase-fd", PK_OPT_FD, &case_o.passphrase_fd, "N", \
			"read passphrases of identities from descriptor N, one a line", NULL \
	}

/** The options above as a filter. from and to hold the times that it points to. */
PK_NODISCARD int case_filter(struct pk_case_filter *f, struct pk_time *from, struct pk_time *to, struct pk_err *err);
/** Opens argv[0] for reading, prints one listing with its label, flushes. */
PK_NODISCARD int case_print(const char *dir, enum pk_list which, const struct pk_case_filter *f, struct pk_err *err);
/** Says aloud the label of what all of the case's bundles make together: for what has no room for it itself. */
PK_NODISCARD int case_say_label(struct pk_case *c, struct pk_err *err);
/** That label as JSON objects have it and, as_line, as it stands above columns; nothing where there are no bundles. */
PK_NODISCARD int case_label(struct pk_case *c, bool as_line, struct pk_buf *ret, struct pk_err *err);
/** "label": that of what all bundles make, as each object has it that is of no bundle. */
PK_NODISCARD int case_put_label(struct pk_json *j, struct pk_case *c, struct pk_err *err);
/** An object of what was done to a target: "tagged" (with the tag), "noted" (tag NULL)... */
PK_NODISCARD int case_print_marked(struct pk_case *c, const char *type, const char *tag, const char *target, uint64_t n,
				   struct pk_err *err);
/** case_print for an open case, without the flush; *ret_rows may be NULL. The label stands above the first columns that are
 * printed, and in every JSON object: of the row's bundle, or where a row is of several, of all bundles. */
PK_NODISCARD int case_print_list(struct pk_case *c, enum pk_list which, const struct pk_case_filter *f,
				 uint64_t *ret_rows, struct pk_err *err);
/** picket-case custody --json (custodyjson.c): a checkpoint, with `whole` whether it is signed, and all of its text unless
 * that went to `output`; what was verified, c NULL for a log without its case; a line that was added. */
PK_NODISCARD int custody_print_checkpoint(struct pk_case *c, const char *type, struct pk_str note, bool whole,
					  const char *output, struct pk_err *err);
PK_NODISCARD int custody_print_verified(struct pk_case *c, uint64_t lines, uint64_t bad, struct pk_err *err);
PK_NODISCARD int custody_print_added(struct pk_case *c, const char *action, const char *object, struct pk_err *err);
/** -i: NULL when none was given. */
PK_NODISCARD int case_identities(struct pk_age_identities **ret, struct pk_err *err);
/** A finding of pk_check_sink: one line to standard output, or one object. ctx is a struct pk_err, which keeps the first
 * failure: look at it when all are told. */
void case_print_finding(void *ctx, bool bad, const char *text);

#endif
