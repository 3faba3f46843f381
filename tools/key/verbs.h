/* SPDX-License-Identifier: Apache-2.0 */
/** The verbs of picket-key, and what they have in common: the station's roster and keys, and printing. */
#ifndef PICKET_TOOLS_KEY_VERBS_H
#define PICKET_TOOLS_KEY_VERBS_H

#include <picket/json.h>
#include <picket/msg.h>
#include <picket/opt.h>
#include <picket/ticket.h>

extern const struct pk_verb key_new, key_show, key_ticket, key_sign, key_verify;
extern const struct pk_verb key_roster_add, key_roster_list, key_roster_verify, key_roster_pin, key_roster_revoke,
	key_roster_diff, key_roster_change, key_roster_update;

/* common options */
extern const char *key_roster; /* --roster, or NULL */

/* options that several verbs list: the same destination, the same words */
extern bool key_json;
extern const char *key_signer;
extern int key_passphrase_fd; /* -1: not given */
#define KEY_OPT_JSON \
	{ \
		0, "json", PK_OPT_FLAG, &key_json, NULL, "print JSON Lines", NULL \
	}
#define KEY_OPT_SIGNER(help) \
	{ \
		0, "signer", PK_OPT_STR, &key_signer, "NAME", help, NULL \
	}
#define KEY_OPT_PASSPHRASE_FD \
	{ \
		0, "passphrase-fd", PK_OPT_FD, &key_passphrase_fd, "N", "read the passphrase from descriptor N", NULL \
	}

/** --roster, or the station's own. */
PK_NODISCARD int key_roster_path(struct pk_buf *ret, struct pk_err *err);
/** That roster; a missing one is an error that names the way out. *ret_path may be NULL. */
PK_NODISCARD int key_load_roster(struct pk_roster *ret, struct pk_buf *ret_path, struct pk_err *err);
/** What a verb of the roster ends with when a roster could not be had: when it cannot be believed, that is said, and the
 * answer is no; else -1. */
int key_disbelieved(const struct pk_err *err);
/** --signer's keys, with a warning when others can read them. */
PK_NODISCARD int key_load_signer(struct pk_keys *ret, struct pk_err *err);
/** "2026-01-31T12:00:00Z" or a bare date; names the option in its error. */
PK_NODISCARD int key_parse_time(const char *option, const char *text, int64_t *ret_sec, struct pk_err *err);

/** One party for people, on standard error. */
void key_say_party(const struct pk_party *p);
/** The fields of a party inside an open object. */
void key_put_party_json(struct pk_json *j, const struct pk_party *p);
/** One party, or one ticket, as show --json has it: one object on standard output. */
PK_NODISCARD int key_print_party_json(const struct pk_party *p, struct pk_err *err);
PK_NODISCARD int key_print_ticket(const struct pk_ticket *t, struct pk_err *err);
/** "valid", "revoked", "expired" or "not yet valid", at this moment. */
const char *key_party_state(const struct pk_party *p);
/** Is the fingerprint given on the command line (blanks do not matter) the party's? */
PK_NODISCARD int key_check_fingerprint(const struct pk_party *p, const char *given, struct pk_err *err);
/** A party that takes the place of one of its name: what that changes, in words on standard output, or with --json in
 * one object; nothing: no line. */
PK_NODISCARD int key_say_change(const struct pk_party *was, const struct pk_party *is, struct pk_err *err);
/** What `is` changes against `was`, in the same words; *ret_found counts. */
PK_NODISCARD int key_say_diff(const struct pk_roster *was, const struct pk_roster *is, size_t *ret_found,
			      struct pk_err *err);

#endif
