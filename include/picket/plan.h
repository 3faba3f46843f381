/* SPDX-License-Identifier: Apache-2.0 */
/** The plan: what a collection asks of a host, in order, before the host is looked at.
 *
 * A profile is an ARTIFACT_GROUP definition: "triage" means PicketTriage, "minimal" PicketMinimal, "full"
 * PicketFull; any other word is the name of a group. Limits stand beside the YAML, which stays valid upstream,
 * in text of one line an artefact or group:
 *
 *     # comment
 *     NAME max_file=10M max_count=5000 exclude=/etc/shadow exclude=/etc/shadow-
 *
 * max_file: a larger file gives its first bytes up to this, outcome partial; sizes take K, M, G, T (1024).
 * max_count: at most this many paths of each pattern, in bytewise order; the rest is reported as skipped.
 * exclude: a path (globs allowed) of which only metadata is taken.
 * walk=yes: the profile also records the metadata of every path of the local file systems.
 * A line for a group holds for all that it contains, and a line nearer to the artefact wins; excludes add up.
 * A request made by name (not through the profile) is not bound by the profile's excludes. */
#ifndef PICKET_PLAN_H
#define PICKET_PLAN_H

#include <picket/definition.h>

/* --- limits ---------------------------------------------------------------------------------------- */

struct pk_limit {
	char *name;         /* of an artefact or group */
	uint64_t max_file;  /* bytes; UINT64_MAX: not given */
	uint64_t max_count; /* paths; UINT64_MAX: not given */
	bool walk;
	struct pk_strv exclude; /* path patterns */
};
/** Zero-initialise. */
struct pk_limits {
	struct pk_limit *v;
	size_t n, cap;
};
void pk_limits_done(struct pk_limits *l);
/** Adds the lines of a text; `name` is what messages ("NAME: line N: ...") call it. */
PK_NODISCARD int pk_limits_load(struct pk_limits *l, const char *name, struct pk_str text, struct pk_err *err);
PK_NODISCARD int pk_limits_load_builtin(struct pk_limits *l, struct pk_err *err);

/* --- the plan -------------------------------------------------------------------------------------- */

enum pk_reqtype {                   /* in order of strength: the stronger wins when several requests lead to one path */
		  PK_REQ_PATH,      /* metadata of the path */
		  PK_REQ_DIRECTORY, /* metadata of the folder and of what is directly in it */
		  PK_REQ_FILE,      /* metadata, and content of regular files */
};
struct pk_request {
	char *pattern; /* bytes, absolute, may hold %%users.homedir%%, *, ?, [..] and one segment ** or **N */
	enum pk_reqtype type;
	unsigned globstar;      /* effective depth of the ** in the pattern, 0 when it has none */
	uint64_t max_file;      /* bytes of content of one file; UINT64_MAX: no limit */
	uint64_t max_count;     /* paths; UINT64_MAX: no limit */
	struct pk_strv via;     /* names of the artefacts that ask for it, at least one */
	struct pk_strv exclude; /* path patterns of which only metadata is taken */
};
/** Something that was asked for and that the plan cannot do: to be recorded, never dropped. */
struct pk_plan_note {
	char *artefact;  /* who asked */
	char *what;      /* the pattern or command */
	char *why;       /* "host commands are not run", "variable %%x%% is not known on Linux" */
	bool is_command; /* a COMMAND source: live tables or --allow-exec may cover it */
};
/** Zero-initialise. */
struct pk_plan {
	struct pk_request *requests; /* in the order they are carried out */
	size_t requests_n, requests_cap;
	struct pk_plan_note *notes;
	size_t notes_n, notes_cap;
	struct pk_strv artefacts;  /* every artefact asked for, in order, groups resolved */
	bool walk;                 /* the profile wants the metadata walk */
	char *profile;             /* name of the profile's group, NULL when there is none */
	unsigned globstar_default; /* depth of a bare ** */
};
void pk_plan_done(struct pk_plan *p);

struct pk_plan_opts {
	const char *profile;             /* "triage", "minimal", "full", a group's name; NULL: none */
	const struct pk_strv *artefacts; /* more, by name; may be NULL */
	unsigned globstar_default;       /* 1 to PK_MAX_GLOBSTAR; 0: PK_MAX_GLOBSTAR (10) */
	uint64_t max_file;               /* cap on every request's max_file; 0: none */
};
/** Builds the plan for Linux. Requests of equal pattern and type become one, at the first's place.
 * An unknown profile or artefact is PK_EUSAGE and names it. `limits` may be NULL. */
PK_NODISCARD int pk_plan_build(struct pk_plan *p, const struct pk_definitions *d, const struct pk_limits *limits,
			       const struct pk_plan_opts *opts, struct pk_err *err);

/* --- patterns -------------------------------------------------------------------------------------- */

/** One path segment against one pattern segment: `*`, `?`, `[a-z]`, `[!a-z]`; bytes, case counts, leading
 * dots and backslashes (unit names hold them) are ordinary. A malformed [ stands for itself. Time is bounded by the product of the lengths. */
bool pk_glob_match(struct pk_str pattern, struct pk_str name);
/** True when the segment holds *, ? or [. */
bool pk_glob_is_magic(struct pk_str pattern);
/** A whole path against a whole pattern; a segment ** or **N stands for up to that many folders (bare: `bare`
 * many; in the last place: what is in them). */
bool pk_glob_match_path(struct pk_str pattern, struct pk_str path, unsigned bare);
/** True when the segment is ** or **N; *ret_depth 0 for the bare form. */
bool pk_glob_is_star(struct pk_str segment, unsigned *ret_depth);

#endif
