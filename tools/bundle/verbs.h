/* SPDX-License-Identifier: Apache-2.0 */
/** The verbs of picket-bundle: each in the file of its name, listed in picket-bundle.c. */
#ifndef PICKET_TOOLS_BUNDLE_VERBS_H
#define PICKET_TOOLS_BUNDLE_VERBS_H

#include <picket/bundle.h>
#include <picket/opt.h>
#include <picket/msg.h>
#include <picket/share.h>
#include <picket/worker.h>

extern const struct pk_verb bundle_encrypt;
extern const struct pk_verb bundle_decrypt;
extern const struct pk_verb bundle_seal, bundle_share, bundle_list, bundle_verify, bundle_open, bundle_cat;
extern const struct pk_verb bundle_countersign, bundle_rewrap, bundle_release, bundle_salvage;

/** The first operand opened for reading, or standard input when there is none or it is "-". */
PK_NODISCARD int bundle_open_input(int argc, char **argv, const char **ret_name, int *ret_fd, struct pk_err *err);
/** Refuses (PK_EUSAGE) to write over what is read: the first operand or standard input, the passphrases' descriptor (-1:
 * none), or one of the files of keys. */
PK_NODISCARD int bundle_check_output(const char *output, int argc, char **argv, int passphrase_fd,
				     const struct pk_strv *keys, struct pk_err *err);
/** Threads that seal or open chunks; NULL on one processor, or where there can be none: it is slower without. */
struct pk_workers *bundle_workers(void);
#define BUNDLE_IO_BYTES (4u << 20)

/* --- what list, verify, open and cat have in common --- */

extern struct pk_strv bundle_identities;
extern const char *bundle_roster;
extern int bundle_passphrase_fd; /* -1: not given */
extern bool bundle_json;
#define BUNDLE_OPT_IDENTITY \
	{ \
		'i', "identity", PK_OPT_LIST, &bundle_identities, "FILE", \
			"a file of identities, or - for standard input", NULL \
	}
#define BUNDLE_OPT_PASSPHRASE_FD \
	{ \
		0, "passphrase-fd", PK_OPT_FD, &bundle_passphrase_fd, "N", \
			"read passphrases from descriptor N, one a line", NULL \
	}
#define BUNDLE_OPT_ROSTER \
	{ \
		0, "roster", PK_OPT_STR, &bundle_roster, "FILE", "who may sign (default: the station's roster)", NULL \
	}
#define BUNDLE_OPT_JSON \
	{ \
		0, "json", PK_OPT_FLAG, &bundle_json, NULL, "print JSON Lines", NULL \
	}

/** Opens with -i; without any, asks for a passphrase if the file needs one. */
PK_NODISCARD int bundle_open_bundle(const char *path, struct pk_bundle **ret, struct pk_err *err);
/** The same, of one that may be cut or damaged. */
PK_NODISCARD int bundle_open_damaged(const char *path, struct pk_bundle **ret, struct pk_err *err);
/** Says aloud what stands against believing an opened bundle: its signatures, its ticket's issuer, and of a share what it
 * is part of. outer: of the signature outside; NULL: nobody looked at that. roster: NULL: there is none. Altered is an
 * error (PK_ECRYPTO). */
PK_NODISCARD int bundle_check_trust(const struct pk_bundle *b, const char *path, const struct pk_roster *roster,
				    const struct pk_outer *outer, struct pk_err *err);
/** A signature that does not hold is an answer, said here: PK_EXIT_FOUND; everything else a failure: -1. */
int bundle_answer(struct pk_err *err);
/** Whether it speaks against the bundle, as opposed to "cannot tell": no identity that opens it, no right to read, no
 * memory. */
bool bundle_is_wrong(const struct pk_err *e);
/** An error of opening or reading a bundle: what is wrong with it is an answer, as in bundle_answer. */
int bundle_wrong(struct pk_err *err);
/** The label as text; nothing where it is not known. */
PK_NODISCARD int bundle_label(const struct pk_bundle_info *i, struct pk_buf *ret, struct pk_err *err);
/** Says aloud the bundle's label: for what has no room for it itself. */
void bundle_say_label(const struct pk_bundle_info *i);
/** What is proven of a share, and what is not: in words, and as the member "share" of an object. */
void bundle_print_share(const struct pk_bundle *b, const struct pk_share_judgement *j);
void bundle_put_share(struct pk_json *json, const struct pk_bundle *b, const struct pk_share_judgement *j);

/* --- what seal, share, countersign, rewrap and release have in common --- */

/** A roster there must be: for verbs whose signature nobody would believe without. */
PK_NODISCARD int bundle_need_roster(struct pk_roster *ret, struct pk_err *err);
/** Identities of -i; without any, a prompt for a passphrase. */
PK_NODISCARD int bundle_load_identities(struct pk_age_identities **ret, struct pk_err *err);

/** Beyond the label: --override REASON with --second NAME. */
extern const char *bundle_override, *bundle_second;
#define BUNDLE_OPT_OVERRIDE \
	{ \
		0, "override", PK_OPT_STR, &bundle_override, "REASON", \
			"let it go beyond its label, for this reason; needs --second and is recorded, signed by both", \
			NULL \
	}
#define BUNDLE_OPT_SECOND \
	{ \
		0, "second", PK_OPT_STR, &bundle_second, "NAME", "the second person who answers for --override", NULL \
	}
/** --release: originators' releases. */
extern struct pk_strv bundle_release_files;
#define BUNDLE_OPT_RELEASE \
	{ \
		0, "release", PK_OPT_LIST, &bundle_release_files, "FILE", \
			"a release signed by an originator (picket-bundle release)", NULL \
	}
struct bundle_releases {
	struct pk_release_set *v;
	size_t n;
};
void bundle_releases_done(struct bundle_releases *r);
/** All of --release, checked. */
PK_NODISCARD int bundle_read_releases(const struct pk_roster *roster, struct pk_time now, struct bundle_releases *ret,
				      struct pk_err *err);
/** Both or neither; *ret are the second person's keys, ret_given says whether. */
PK_NODISCARD int bundle_load_second(int fd, struct pk_keys *ret, bool *ret_given, struct pk_err *err);

#endif
