/* SPDX-License-Identifier: Apache-2.0 */
/** Artefact definitions: the ForensicArtifacts YAML format, loaded from many files.
 *
 * What upstream's reader and validator accept is accepted; every violation is PK_EFORMAT and its message starts
 * with "FILE: line N". Beyond upstream, the source-level `provides` of the artifactcollector fork is read.
 * Names and aliases are unique without regard to case and are looked up so. */
#ifndef PICKET_DEFINITION_H
#define PICKET_DEFINITION_H

#include <picket/str.h>

enum pk_os { /* bits */
	     PK_OS_ANDROID = 1,
	     PK_OS_DARWIN = 2,
	     PK_OS_ESXI = 4,
	     PK_OS_IOS = 8,
	     PK_OS_LINUX = 16,
	     PK_OS_WINDOWS = 32,
	     PK_OS_ALL = 63,
};
enum pk_srctype {
	PK_SRC_GROUP,          /* items: names of other definitions */
	PK_SRC_COMMAND,        /* cmd, items: arguments */
	PK_SRC_FILE,           /* items: paths whose content is taken */
	PK_SRC_PATH,           /* items: paths that are only described */
	PK_SRC_DIRECTORY,      /* items: folders whose entries are only described (deprecated upstream) */
	PK_SRC_REGISTRY_KEY,   /* items: keys */
	PK_SRC_REGISTRY_VALUE, /* items: key, value, key, value ... */
	PK_SRC_WMI,            /* cmd: the query; base_object */
};
/** One entry of the fork's `provides`: lines of the source's content fill the variable `key`. */
struct pk_provides {
	char *key, *regex, *wmi_key; /* regex and wmi_key may be NULL */
};
struct pk_source {
	enum pk_srctype type;
	unsigned os;    /* bits of enum pk_os; the definition's when the source names none */
	unsigned line;  /* where it starts in the definition's file */
	char separator; /* of FILE, PATH and DIRECTORY: '/' unless the file says '\\' */
	struct pk_strv items;
	char *cmd, *base_object;
	struct pk_provides *provides;
	size_t provides_n, provides_cap;
};
struct pk_definition {
	char *name, *doc;
	struct pk_strv aliases, urls;
	unsigned os; /* bits of enum pk_os; PK_OS_ALL when absent */
	struct pk_source *sources;
	size_t sources_n, sources_cap;
	char *file; /* where it was read from, for messages */
	unsigned line;
};
/** Zero-initialise. Definitions stay in the order they were loaded and never move. */
struct pk_definitions {
	struct pk_definition **v;
	size_t n, cap;
	struct pk_definition_slot *index; /* private: names and aliases, folded to lower case */
	size_t index_n, index_cap;
};
void pk_definitions_done(struct pk_definitions *d);

/** Adds one YAML file, or every `*.yaml` and `*.yml` of a folder (bytewise order, sub-folders not entered).
 * A file is taken whole or not at all. */
PK_NODISCARD int pk_definitions_load_path(struct pk_definitions *d, const char *path, struct pk_err *err);
/** Adds the definitions of one YAML text, at most PK_MAX_DEFINITIONS bytes; `name` is what messages call it. */
PK_NODISCARD int pk_definitions_load(struct pk_definitions *d, const char *name, struct pk_str text,
				     struct pk_err *err);
/** Adds Picket's own set, rules/artifacts, which is part of every executable. */
PK_NODISCARD int pk_definitions_load_builtin(struct pk_definitions *d, struct pk_err *err);
/** To be called once everything is loaded: every name in a group must exist (with regard to case, as upstream
 * has it), and no group may reach itself. PK_EFORMAT names the file and line of the offender. */
PK_NODISCARD int pk_definitions_check(const struct pk_definitions *d, struct pk_err *err);

/** By name or alias, without regard to case; NULL when there is none. */
const struct pk_definition *pk_definitions_find(const struct pk_definitions *d, struct pk_str name);

/** Picket's own files as bytes, for `picket-kit` and `picket-collect --coverage`: "linux.yaml", "limits.txt",
 * "coverage.tsv". False when there is no such file. */
bool pk_builtin_rule(const char *name, struct pk_str *ret);
/** Names of all of them, NULL-terminated. */
extern const char *const pk_builtin_rules[];

#endif
