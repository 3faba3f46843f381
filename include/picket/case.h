/* SPDX-License-Identifier: Apache-2.0 */
/** The case: a folder with a database of what many bundles hold, and the sealed bundles themselves.
 *
 *     CASE/case.db        SQLite (schema: lib/casedb/schema.sql)
 *     CASE/bundles/       <bundle id>.age and its sidecars: what was taken in
 *     CASE/quarantine/    <first 32 hex of the file's BLAKE2b-512>.age: kept, never merged
 *     CASE/roster         the roster that the last import judged by
 * Content stays sealed: the database holds names, times, hashes, hits, live tables and opinions.
 * One writer at a time; readers never wait for long. A process killed at any point leaves a case as it was. */
#ifndef PICKET_CASE_H
#define PICKET_CASE_H

#include <picket/io.h>
#include <picket/msg.h>
#include <picket/time.h>

struct pk_case;
struct pk_note_pub;
struct pk_record;
struct pk_label;
struct pk_age_identities;
struct pk_roster;

/* --- the case itself ------------------------------------------------------------------------------- */

struct pk_case_params {
	const char *name;              /* of the case; NULL: the folder's last component */
	const char *team;              /* who keeps it; NULL: "local" */
	const char *place;             /* where; NULL: this station's host name */
	const char *reason;            /* why: order, authority; or NULL */
	const struct pk_note_pub *key; /* that will sign its checkpoints, or NULL */
};
/** Makes a new case in `dir`, which must not exist or be empty. */
PK_NODISCARD int pk_case_init(const char *dir, const struct pk_case_params *params, const char *author,
			      struct pk_err *err);
/** author: who acts, for custody and operations; NULL: the station. A case made by a newer Picket is refused.
 * PK_CASE_TRY_WRITE writes when the folder allows it. */
enum pk_case_mode { PK_CASE_READ, PK_CASE_WRITE, PK_CASE_TRY_WRITE };
PK_NODISCARD int pk_case_open(const char *dir, enum pk_case_mode mode, const char *author, struct pk_case **ret,
			      struct pk_err *err);
void pk_case_free(struct pk_case *c);
PK_DEFINE_AUTOPTR(pk_case)
bool pk_case_is_writable(const struct pk_case *c);

/* --- import ---------------------------------------------------------------------------------------- */

struct pk_import {
	const struct pk_age_identities *ids;
	const struct pk_roster *roster; /* whom this station trusts; NULL: nobody */
	const char *accept;             /* reason to release from quarantine, or NULL */
	bool salvage;                   /* take what signed notes cover of a cut or damaged bundle */
	bool defer;         /* what waits for another part is not recorded yet: the caller comes back with it */
	struct pk_time now; /* of the intake */
	const struct pk_events *ev;
};
enum pk_import_state {
	PK_IMPORT_TAKEN,
	PK_IMPORT_KNOWN,
	PK_IMPORT_QUARANTINED,
	PK_IMPORT_REFUSED,
	PK_IMPORT_DEFERRED, /* with pk_import.defer alone: nothing was done */
};
struct pk_import_result {
	enum pk_import_state state;
	char verdict[24];   /* ok, unsigned, altered, unknown issuer, revoked, expired, replayed, waiting, equivocation,
			   * not releasable, damaged */
	char why[320];      /* in words, safe to print; with ok, what cannot be told of it as a part of a collection */
	bool alarm;         /* replayed or equivocation */
	bool waited;        /* it was not named now: it had waited in quarantine */
	uint8_t bundle[16]; /* when known */
	bool complete;      /* false: marked INCOMPLETE */
	char trust[16];     /* of what was taken */
	char host[128];     /* safe to print */
	uint64_t files, hits, rows, events;
	char sharer[72]; /* of a share: who handed it on */
	uint64_t parts;  /* of a share: of how many bundles it has parts; 0: it is no share */
	char place[96];  /* where it is kept, below the case */
};
/** One bundle, one transaction, as the table "What import does" has it: outer signature and ticket first, then
 * the whole of the bundle, then what the case already holds. A verdict is not an error: see state. Errors are
 * what kept us from judging: no identity that opens it, an unreadable file, a full disk. */
PK_NODISCARD int pk_case_import(struct pk_case *c, const char *path, const struct pk_import *how,
				struct pk_import_result *ret, struct pk_err *err);
/** Parts of a collection that waited in quarantine for what this import took in (or found there), which is the bundle
 * or share `id`: judged again, each in a transaction of its own, for as long as one lets in the next. The sink hears
 * of each by the name it once came by: of the result, or (r NULL) of what kept us from judging; its -1 ends it all.
 * Those that how->ids do not open keep waiting, with a warning. */
struct pk_import_sink {
	int (*told)(void *ctx, const char *name, const struct pk_import_result *r, const struct pk_err *why,
		    struct pk_err *err);
	void *ctx;
};
PK_NODISCARD int pk_case_import_waiting(struct pk_case *c, const uint8_t id[16], const struct pk_import *how,
					struct pk_import_sink sink, struct pk_err *err);
/** Records the roster that is judged by: a copy in the case and a custody line when it changed. */
PK_NODISCARD int pk_case_set_roster(struct pk_case *c, const char *path, struct pk_err *err);

/* --- listings -------------------------------------------------------------------------------------- */

enum pk_cell_type {
	PK_CELL_TEXT,
	PK_CELL_INT,
	PK_CELL_BOOL,
	PK_CELL_TIME,  /* t */
	PK_CELL_HEX,   /* bytes; people see the first 12 digits */
	PK_CELL_BYTES, /* a path: raw bytes of unknown kind */
	PK_CELL_JSON,  /* text of one JSON value */
};
struct pk_column {
	const char *key;     /* of the JSON object: a contract */
	const char *heading; /* for people; NULL: only in JSON */
	enum pk_cell_type type;
};
struct pk_cell {
	bool null;
	struct pk_str s;  /* TEXT, HEX, BYTES, JSON; valid during the call */
	int64_t i;        /* INT, BOOL */
	struct pk_time t; /* TIME */
};
enum pk_list {
	PK_LIST_HOSTS,
	PK_LIST_BUNDLES,
	PK_LIST_QUARANTINE, /* and what else was not taken in */
	PK_LIST_FILES,
	PK_LIST_OUTCOMES, /* per host, outcome and reason: how many, and one example */
	PK_LIST_HITS,
	PK_LIST_RULES, /* hits by rule */
	PK_LIST_SEARCH,
	PK_LIST_TIMELINE,
	PK_LIST_STACK,
	PK_LIST_STACK_LIVE,
	PK_LIST_LIVE, /* rows of a live table */
	PK_LIST_TAGS,
	PK_LIST_NOTES,
	PK_LIST_CUSTODY,
	PK_LIST_RUN, /* the collectors' own events */
	PK_LIST_N
};
struct pk_listing {
	const char *type; /* "type" of its JSON objects */
	const struct pk_column *columns;
	size_t n;
};
const struct pk_listing *pk_case_listing(enum pk_list which);

/** NULL, 0 and false mean "all". Which fields a listing heeds is said beside them; others are ignored. */
struct pk_case_filter {
	const char *host;                /* name or id; everywhere. An unknown host is PK_EUSAGE */
	const char *bundle;              /* id or its beginning: files, hits, timeline, live, run, outcomes */
	const char *path;                /* shell pattern over the path: files, hits, timeline, stack */
	const char *sha256;              /* or its beginning: files, hits */
	const char *rule;                /* shell pattern: hits */
	const char *tag;                 /* files, hits */
	const char *own_tag;             /* hits: that bear it themselves, not by their file or content */
	const char *outcome;             /* files, outcomes */
	const char *kind;                /* files */
	const char *artifact;            /* files: asked for by this one */
	const char *query;               /* files, hits: that this SELECT returns (see pk_case_pick) */
	const char *table;               /* live; stack_live; source in timeline */
	bool table_exists;               /* live: collectors know that table, so that none of its rows is an answer */
	const char *column;              /* stack_live */
	const char *text;                /* search */
	const struct pk_time *from, *to; /* timeline, files (modified): from <= t < to */
	enum pk_stack_by { PK_STACK_FILE, PK_STACK_PATH, PK_STACK_HASH } by;
	uint64_t max_hosts; /* stack: on at most so many hosts */
	bool not_taken;     /* outcomes: leave out taken and metadata */
	uint64_t limit;
};
/** Return 0 to go on, PK_LIST_STOP to end the listing without an error, -1 with err set. */
#define PK_LIST_STOP 1
struct pk_row_sink {
	int (*row)(void *ctx, const struct pk_cell *cells, struct pk_err *err);
	void *ctx;
};
/** PK_EUSAGE, naming those that there are, when the case has no such source, live table or column: for what a person
 * typed, since a listing of it is only empty. */
PK_NODISCARD int pk_case_filter_check(struct pk_case *c, enum pk_list which, const struct pk_case_filter *f,
				      struct pk_err *err);
PK_NODISCARD int pk_case_list(struct pk_case *c, enum pk_list which, const struct pk_case_filter *f,
			      struct pk_row_sink sink, struct pk_err *err);

/** Numbers for overviews. */
struct pk_case_totals {
	uint64_t hosts, bundles, quarantined, files, contents, content_bytes, hits, rows, events, tags, notes, custody;
	bool has_times;
	struct pk_time first, last; /* of collection, by the hosts' clocks */
};
PK_NODISCARD int pk_case_totals(struct pk_case *c, struct pk_case_totals *ret, struct pk_err *err);
/** The label of what is made of all bundles of the case: the strictest TLP, the nations that all share, all caveats and
 * originators, however many. *ret_any false: there is none. *ret need not be initialised. */
PK_NODISCARD int pk_case_label(struct pk_case *c, struct pk_label *ret, bool *ret_any, struct pk_err *err);
/** name, team, created, id and so on, appended to ret; nothing when unknown. */
PK_NODISCARD int pk_case_fact(struct pk_case *c, const char *key, struct pk_buf *ret, struct pk_err *err);
/** How many moments (file times and events) fall into each of n equal bins from `from` (inclusive) to `to`
 * (exclusive), for one host (NULL: all). ret_files and ret_events have n elements each. */
PK_NODISCARD int pk_case_histogram(struct pk_case *c, const char *host, struct pk_time from, struct pk_time to,
				   size_t n, uint64_t *ret_files, uint64_t *ret_events, struct pk_err *err);

/* --- opinions -------------------------------------------------------------------------------------- */

/** Targets: "host:NAME", "bundle:ID", "sha256:HEX", "hit:REF", a REF as listings print it ("b41d09ee/17"), or a
 * path (with `host`, or on every host that has it). Tags are one word. *ret_n says how many were marked; for tags, ret_n[i] by
 * targets[i]: all of the n targets are tagged or, when one of them is not there, none. */
PK_NODISCARD int pk_case_tag(struct pk_case *c, const char *tag, char *const *targets, size_t n, const char *host,
			     bool remove, uint64_t *ret_n, struct pk_err *err);
PK_NODISCARD int pk_case_note(struct pk_case *c, const char *target, const char *host, struct pk_str text,
			      uint64_t *ret_n, struct pk_err *err);

/* --- content --------------------------------------------------------------------------------------- */

/** Content straight from its sealed bundle: target is a REF, "sha256:HEX" (or HEX of at least 8 digits) or a path
 * with `host`. It is the file that it was, with its holes; one that is partial is a warning. Several different contents under one path are PK_EUSAGE and named. The extraction is a custody
 * line; in a case that cannot be written it is a warning instead. */
PK_NODISCARD int pk_case_cat(struct pk_case *c, const char *target, const char *host,
			     const struct pk_age_identities *ids, const struct pk_filesink *to,
			     const struct pk_events *ev, struct pk_err *err);

/* --- shares ------------------------------------------------------------------------------------- */

/** What of the case is shared: whatever any of these names, on `host` only if that is given. */
struct pk_case_pick {
	const struct pk_strv *tags;  /* paths (and their contents) that bear it, or whose content does; hits that do */
	const struct pk_strv *paths; /* shell patterns */
	const struct pk_strv *artifacts; /* names */
	const struct pk_strv *hits;      /* shell patterns over rules: the hit, and what it is about */
	const struct pk_strv *searches;  /* words: paths that match, as a search finds them */
	const struct pk_strv *queries; /* SQL: paths and hits that it returns; one SELECT of one column named ref, over
					  * the views of docs/man/picket-case.mdoc. It cannot do anything but read them,
					  * within the limits of limits.h; all that is wrong with it is PK_EUSAGE */
	const char *host;              /* alone: all paths of that host */
	bool no_content, no_path, no_host, no_receipt;
};
struct pk_share_params;
struct pk_share_summary;
struct pk_case_share;
/** Gathers from all bundles and shares that hold part of it, and gets ready to write; load signing keys after this
 * (see pk_share_prepare in share.h). */
PK_NODISCARD int pk_case_share_gather(struct pk_case *c, const struct pk_case_pick *pick,
				      const struct pk_age_identities *ids, const struct pk_roster *roster,
				      const struct pk_events *ev, struct pk_case_share **ret, struct pk_err *err);
/** pk_share_write, and the custody line: both or neither. */
PK_NODISCARD int pk_case_share_write(struct pk_case_share *s, const struct pk_share_params *params,
				     struct pk_share_summary *ret, struct pk_err *err);
void pk_case_share_free(struct pk_case_share *s);
PK_DEFINE_AUTOPTR(pk_case_share)

/* --- custody (the log by itself, its checks and exports: custody.h) ---------------------------------- */

struct pk_custody_log;
struct pk_note_key;
/** One act, for a custody line. Strings are UTF-8. */
struct pk_custody_act {
	const char *action;    /* one of pk_custody_actions, or a word of a verb's own */
	const char *object;    /* "bundle:ID", "blake2b:HEX", "sha256:HEX", "case:ID" or in words */
	struct pk_str reason;  /* why, to whom, by which authority; empty: why the case is kept */
	const char *place;     /* NULL: where the case is kept */
	struct pk_str details; /* `"key":value,...` without braces, or empty */
};
/** What people may add by hand, NULL at the end. */
extern const char *const pk_custody_actions[];
/** The command line of this process, whose hash is in every custody line that it writes: call it first of all. */
void pk_case_set_settings(int argc, char **argv);

/** One line of one's own. */
PK_NODISCARD int pk_case_custody_add(struct pk_case *c, const struct pk_custody_act *act, struct pk_err *err);
/** A page or export left the case: its hash, as a custody line. */
PK_NODISCARD int pk_case_custody_output(struct pk_case *c, const char *action, const char *name,
					const uint8_t sha256[32], struct pk_err *err);
/** All lines. */
PK_NODISCARD int pk_case_custody_log(struct pk_case *c, struct pk_custody_log *ret, struct pk_err *err);
/** The RFC 6962 tree head over all custody lines, as the text of a checkpoint: origin, size, root. */
PK_NODISCARD int pk_case_custody_head(struct pk_case *c, struct pk_buf *ret, struct pk_err *err);
struct pk_check_sink;
/** The same, remembered: `check` then proves that the log still contains it. A log that pk_case_custody_check finds a
 * fault in gets none: PK_ECRYPTO, `faults` has heard of each, and nothing is written. Signed when key is not NULL; another
 * key than the one that signed before is PK_EUSAGE. With `since` (an older checkpoint of this case, signed or not)
 * the result begins with the proof that this one continues it: what `cosign` wants. */
PK_NODISCARD int pk_case_custody_checkpoint(struct pk_case *c, const struct pk_note_key *key, struct pk_str since,
					    const struct pk_check_sink *faults, struct pk_buf *ret, struct pk_err *err);
/** Another team's checkpoint (signed by a party of the roster, with a proof when this case cosigned an older one)
 * gets our cosignature: *ret is the note with it. It is remembered, and a line says so. PK_ECRYPTO: the signer is not of
 * the organisation that the origin names, or its key is not that of the first one of this origin that was cosigned, or it
 * contradicts the one cosigned before, in this case or with this key in any case of the station (its file "cosigned",
 * pk_station_path); a station without a folder for that has the case's memory alone, and the first one of an origin is
 * warned of. */
PK_NODISCARD int pk_case_custody_cosign(struct pk_case *c, struct pk_str request, const struct pk_note_key *key,
					const struct pk_roster *roster, const struct pk_events *ev, struct pk_buf *ret,
					struct pk_err *err);
/** What came back: our checkpoint, signed by this case's own key, with an ally's cosignature. It is remembered beside those
 * that came before, and a line says so. PK_ECRYPTO: a cosignature's time cannot be, or it is new and of a party that is
 * revoked by now. */
PK_NODISCARD int pk_case_custody_receipt(struct pk_case *c, struct pk_str note, const struct pk_roster *roster,
					 struct pk_err *err);
/** All checkpoints of this case that were signed or receipted, one after the other, for exports. */
PK_NODISCARD int pk_case_custody_notes(struct pk_case *c, struct pk_strv *ret, struct pk_err *err);
/** Lines and remembered tree heads against each other. */
PK_NODISCARD int pk_case_custody_check(struct pk_case *c, const struct pk_check_sink *sink, uint64_t *ret_bad,
				       struct pk_err *err);

/* --- check ----------------------------------------------------------------------------------------- */

/** Calls `finding` for each: bad true is a fault, false a remark (leftovers of an interrupted import).
 * *ret_bad counts faults. */
struct pk_check_sink {
	void (*finding)(void *ctx, bool bad, const char *text);
	void *ctx;
	const struct pk_events *ev;
};
PK_NODISCARD int pk_case_check(struct pk_case *c, const struct pk_check_sink *sink, uint64_t *ret_bad,
			       struct pk_err *err);

#endif
