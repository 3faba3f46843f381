/* SPDX-License-Identifier: Apache-2.0 */
/** YARA rules: their sources before compiling, and what compiling them gave.
 *
 * Sources are text in memory, so that files, folders and kits work alike. Nothing here compiles: rules are
 * hostile input too, so that is done by the zygote of scan.h, under the sandbox. */
#ifndef PICKET_RULES_H
#define PICKET_RULES_H

#include <picket/str.h>

/* --- sources ---------------------------------------------------------------------------------------- */

/** One file of rules. */
struct pk_rule_source {
	char *ns;          /* namespace its rules live in; no two sources that are compiled share one */
	char *name;        /* path as messages show it; `include` is resolved against the names of the list */
	char *text;        /* NUL-terminated, no NUL inside */
	size_t n;          /* bytes of text */
	char *problem;     /* why it could not be read (text is then ""), or NULL */
	bool include_only; /* compiled only as part of the sources that include it */
};

/** A growing list of sources; zero-initialise. */
struct pk_rules {
	struct pk_rule_source *v;
	size_t n, cap;
};
void pk_rules_done(struct pk_rules *rules);
/** Appends a copy of one source. A namespace that is taken gets "#2", "#3" appended; a name that is there
 * already is left alone (0, nothing added). ns NULL: the name is the namespace. */
PK_NODISCARD int pk_rules_add(struct pk_rules *rules, const char *ns, const char *name, struct pk_str text,
			      struct pk_err *err);
/** Appends a file, or every *.yar and *.yara beneath a folder (sorted bytewise, links not followed).
 * Stock yara puts all files into one namespace, where a name may appear once; here each file is a namespace of
 * its own: the file's path beneath the folder, or its last component. "NS:FILE" names the namespace itself.
 * Files named by `include "..."` are loaded too, when they lie beneath the folder of the file given (or the
 * folder given); any other include fails later, when the file is compiled. A file of a folder that cannot be
 * read is an entry with `problem` set; a path that cannot be read is an error. */
PK_NODISCARD int pk_rules_load_path(struct pk_rules *rules, const char *path, struct pk_err *err);
/** `b` has the sources of `a` under other names: the first of which an include leads to another source there, or NULL. */
const struct pk_rule_source *pk_rules_other_include(const struct pk_rules *a, const struct pk_rules *b);

#define PK_RULES_ID_BYTES 32
/** A hash over the rules' sources, the variables they may use, and this very program with its engine. */
PK_NODISCARD int pk_rules_id(const struct pk_rules *rules, uint8_t ret[PK_RULES_ID_BYTES], struct pk_err *err);

/* --- compiled --------------------------------------------------------------------------------------- */

enum pk_rule_metatype { PK_META_INT, PK_META_BOOL, PK_META_TEXT };
struct pk_rule_meta {
	char *key;
	enum pk_rule_metatype type;
	int64_t number; /* INT, BOOL */
	char *text;     /* TEXT: any bytes but NUL, at most PK_MAX_META_TEXT */
};

/** One compiled rule; its place in the list is the rule index of every hit. All names are ASCII identifiers
 * but `ns`, which is any bytes. */
struct pk_rule_info {
	char *name, *ns;
	char **tags;
	struct pk_rule_meta *metas;
	char **strings; /* identifiers with their "$"; what struct pk_scan_match names */
	size_t tag_count, meta_count, string_count;
	bool is_private, is_global;
};

/** A file that did not compile, or compiled with a warning. */
struct pk_rule_problem {
	char *name;    /* the source's */
	uint64_t line; /* 0: the whole file */
	char *text;
	bool is_warning; /* its rules are there nevertheless */
	bool is_rule;    /* only one rule is missing, which uses a module that is refused */
};

/** What the compiler made of a list of sources. */
struct pk_ruleset {
	struct pk_rule_info *rules;
	struct pk_rule_problem *problems;
	size_t rule_count, problem_count;
	size_t source_count, broken_count; /* files compiled, and those of them whose rules are missing */
	size_t refused_count;              /* rules that are missing from files that are not broken */
	bool from_cache;                   /* not compiled in this run */
	unsigned sandbox_level;            /* what the zygote reached: enum pk_sandbox_level */
	struct pk_arena store;             /* private: has all of the above */
};
void pk_ruleset_done(struct pk_ruleset *set);

#define PK_MAX_RULE_FILE (64u << 20)  /* one file of rules: bytes */
#define PK_MAX_RULE_FILES 20000       /* files in one list */
#define PK_MAX_RULE_TEXT (512u << 20) /* all of them: bytes */
#define PK_MAX_RULE_COUNT 1000000     /* compiled rules */
#define PK_MAX_META_TEXT 2048         /* one meta value: bytes; longer ones are cut */

#endif
