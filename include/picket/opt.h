/* SPDX-License-Identifier: Apache-2.0 */
/** Options: one table a verb, from which come the parser, --help, the man page and the completions.
 *
 * Rules: unknown options fail with exit 2 and one hint line; single-valued options may not repeat; "--" ends
 * options; no abbreviations; options and operands may mix; "-o X", "-oX", "--output X" and "--output=X" are the
 * same. --help and --version are built in (and hidden --dump=mdoc|bash|zsh|fish|json). Common options may stand
 * before the verb. A name may be two words ("roster add"). */
#ifndef PICKET_OPT_H
#define PICKET_OPT_H

#include <picket/str.h>

enum pk_opttype {
	PK_OPT_FLAG,   /* bool: set true */
	PK_OPT_COUNT,  /* int: one more each time (-v) */
	PK_OPT_STR,    /* const char *: borrowed from argv */
	PK_OPT_LIST,   /* struct pk_strv: each use adds one */
	PK_OPT_U64,    /* uint64_t: decimal */
	PK_OPT_SIZE,   /* uint64_t: decimal with optional K, M, G, T (powers of 1024) */
	PK_OPT_CHOICE, /* int: index into `values` */
	PK_OPT_FD,     /* int: an open descriptor; begin with -1: not given */
};
struct pk_opt {
	char letter;      /* 0: long form only */
	const char *name; /* without dashes */
	enum pk_opttype type;
	void *dest;
	const char *arg;           /* name of the argument in help: "FILE"; NULL for FLAG and COUNT */
	const char *help;          /* one sentence, lower case, no full stop */
	const char *const *values; /* CHOICE: allowed words, NULL-terminated */
};
#define PK_OPT_END \
	{ \
		0 \
	}

/** One verb (or, with name NULL, the whole of a tool without verbs). `run` gets the operands and returns the
 * exit code; a failure it cannot print itself goes into err, with the exit code of pk_err_exit. */
struct pk_verb {
	const char *name;
	const char *operands; /* as in the synopsis: "CASE BUNDLE..." */
	const char *summary;  /* one line */
	const struct pk_opt *opts;
	int min_operands, max_operands;                        /* max -1: any number */
	int (*run)(int argc, char **argv, struct pk_err *err); /* exit code, or -1 with err set */
};
struct pk_tool {
	const char *name; /* "picket-case" */
	const char *summary;
	const struct pk_verb *verbs; /* ends with all zero; the first with a NULL name if the tool has no verbs */
	const struct pk_opt *common; /* for every verb, or NULL; -q, -v, --json live here */
};
/** Parses, runs the verb, prints what failed ("picket-case: case7: cannot open ...") and returns the exit code. */
int pk_tool_main(const struct pk_tool *tool, int argc, char **argv);

/** Used by every tool as common options (see msg.h): -q, -v. */
#define PK_COMMON_OPTS \
	{'q', "quiet", PK_OPT_FLAG, &pk_msg_quiet, NULL, "print errors only", NULL}, \
	{ \
		'v', "verbose", PK_OPT_COUNT, &pk_msg_verbose, NULL, "say more; twice for details", NULL \
	}
/** Of whatever seals a bundle (pk_seal_params.pad). */
#define PK_OPT_PAD(to) \
	{ \
		0, "pad", PK_OPT_FLAG, (to), NULL, \
			"hide the bundle's size and number of records: both grow by a sixteenth at most", NULL \
	}

#endif
