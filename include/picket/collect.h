/* SPDX-License-Identifier: Apache-2.0 */
/** Collecting: from a plan and a root to a sealed bundle.
 *
 * Order: live tables (most volatile first), then what the plan's definitions name, then one walk that records the
 * metadata of every other path. Each path gets one record with its outcome; what was asked for and is not there,
 * not allowed or not done is recorded too. One bad artefact never ends a collection. */
#ifndef PICKET_COLLECT_H
#define PICKET_COLLECT_H

#include <picket/facts.h>
#include <picket/ioc.h>
#include <picket/mount.h>
#include <picket/msg.h>
#include <picket/outcome.h>
#include <picket/plan.h>
#include <picket/scan.h>
#include <picket/seal.h>

#include <signal.h>

struct pk_collect_params {
	struct pk_root *root;
	const struct pk_facts *facts;
	const struct pk_mounts *mounts;
	const struct pk_plan *plan;
	bool live;                    /* read live tables (those that need a host, only when the root is one) */
	const struct pk_strv *tables; /* these and no others; NULL or empty: all that are not on request */
	bool walk;                    /* record the metadata of everything */
	uint64_t max_total;           /* bytes of content; past it contents are skipped; 0: no limit */
	uint64_t max_scan;            /* larger contents are not scanned, and that is recorded; 0: no limit */
	struct pk_scanpool *pool;     /* or NULL: no scan */
	bool scan_each_name;          /* its rules look at paths (pk_scan_names_paths): hard links are scanned each */
	struct pk_ioc *ioc;           /* or NULL; only with a pool, which has its rules */
	struct pk_str tool;           /* JSON object for leaf 0: see pk_collect_put_tool */
	struct pk_seal_params seal;   /* filled by the caller but for host, tool and inspect */
	const struct pk_events *events;
	const volatile sig_atomic_t
		*stop; /* a signal that asks to end, or 0; what was read by then is sealed; may be NULL */
};
struct pk_collect_summary {
	uint64_t outcomes[8]; /* paths by enum pk_outcome */
	uint64_t contents, content_bytes;
	uint64_t tables, rows, table_notes;
	uint64_t tables_failed; /* read in part or not at all; each is an event */
	uint64_t scanned, scan_skipped, scan_failed, hits;
	uint64_t not_compared;  /* paths and rows that were not compared with all indicators */
	uint64_t rules_missing; /* files of rules, and single rules, that could not be used; each is an event */
	uint64_t limits;        /* left out or cut by a limit, of the mission or of ours */
	int stopped;            /* the signal that ended it before its time, or 0 */
	char *path;             /* of the finished bundle */
	struct pk_seal_summary seal;
};
void pk_collect_summary_done(struct pk_collect_summary *s);
/** True when something that was asked for could not be had (denied or failed): exit code 3. */
bool pk_collect_is_partial(const struct pk_collect_summary *s);
/** Fails only when the bundle itself cannot be written. */
PK_NODISCARD int pk_collect_run(const struct pk_collect_params *params, struct pk_collect_summary *ret,
				struct pk_err *err);

/** What a plan would take, without reading any content. */
struct pk_estimate {
	uint64_t files, bytes; /* contents */
	uint64_t paths;        /* metadata, the walk's not counted */
	uint64_t absent, denied;
};
PK_NODISCARD int pk_collect_estimate(const struct pk_collect_params *params, struct pk_estimate *ret,
				     struct pk_err *err);

/** The run's record of itself: name, version, SHA-256 of the executable, argv, user id, start, sandbox. */
void pk_collect_put_tool(struct pk_json *j, const char *name, const char *version, const uint8_t sha256[32], int argc,
			 char *const *argv);

#endif
