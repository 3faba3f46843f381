/* SPDX-License-Identifier: Apache-2.0 */
/* The option parser: walks argv once, guided by the tool's tables. */
#include "opt.h"
#include <picket/msg.h>
#include <picket/sandbox.h>

#include <fcntl.h>
#include <limits.h>

const struct pk_opt pk_opt_builtin[] = {
	{'h', "help", PK_OPT_FLAG, NULL, NULL, "print this help", NULL},
	{0, "version", PK_OPT_FLAG, NULL, NULL, "print the version", NULL},
	PK_OPT_END,
};

struct parser {
	const struct pk_tool *tool;
	const struct pk_verb *verb; /* NULL until known */
	char **operands;            /* room for argc */
	int n_operands;
	const struct pk_opt **seen; /* room for argc: single-valued options used so far */
	int n_seen;
	bool help, version;
	const char *dump;
};

static const struct pk_opt *find_in(const struct pk_opt *table, char letter, struct pk_str name)
{
	PK_EACH_OPT(o, table)
		if (letter ? o->letter == letter : pk_str_eq(pk_str(o->name), name))
			return o;
	return NULL;
}

static const struct pk_opt *find(const struct parser *p, char letter, struct pk_str name)
{
	const struct pk_opt *tables[] = {p->verb ? p->verb->opts : NULL, p->tool->common, pk_opt_builtin};

	for (size_t i = 0; i < PK_LEN(tables); i++) {
		const struct pk_opt *o = find_in(tables[i], letter, name);

		if (o)
			return o;
	}
	return NULL;
}

static int parse_u64(const struct pk_opt *o, struct pk_str s, bool units, uint64_t *ret, struct pk_err *err)
{
	static const char unit[] = "KMGT";
	struct pk_str digits = s;
	unsigned shift = 0;
	uint64_t v;
	const char *u = units && s.n ? memchr(unit, s.p[s.n - 1], sizeof(unit) - 1) : NULL;

	if (u) {
		shift = 10 * (unsigned)(u - unit + 1);
		digits.n--;
	}
	if (!pk_str_u64(digits, UINT64_MAX >> shift, &v))
		return pk_fail(err, PK_EUSAGE, 0, "--%s takes a number%s, not '%.*s'", o->name,
			       units ? " with an optional K, M, G or T" : "", PK_STR_ARG(s));
	*ret = v << shift;
	return 0;
}

/* Here and not by who reads from it: later a file that the tool itself opened may have the number. */
static int parse_fd(const struct pk_opt *o, struct pk_str s, int *ret, struct pk_err *err)
{
	uint64_t v;

	if (parse_u64(o, s, false, &v, err) < 0)
		return -1;
	if (v > INT_MAX || fcntl((int)v, F_GETFD) < 0)
		return pk_fail(err, PK_EUSAGE, 0, "--%s: descriptor %llu is not open", o->name, (unsigned long long)v);
	*ret = (int)v;
	return 0;
}

static int parse_choice(const struct pk_opt *o, const char *arg, struct pk_err *err)
{
	PK_AUTO(pk_buf) words = {0};

	for (int i = 0; o->values[i]; i++) {
		if (strcmp(o->values[i], arg) == 0) {
			*(int *)o->dest = i;
			return 0;
		}
		pk_buf_putf(&words, "%s%s", i ? ", " : "", o->values[i]);
	}
	if (pk_buf_check(&words, err) < 0)
		return -1;
	return pk_fail(err, PK_EUSAGE, 0, "--%s takes one of %s, not '%s'", o->name, words.p, arg);
}

static int mark_once(struct parser *p, const struct pk_opt *o, struct pk_err *err)
{
	for (int i = 0; i < p->n_seen; i++)
		if (p->seen[i] == o)
			return pk_fail(err, PK_EUSAGE, 0, "--%s is given twice", o->name);
	p->seen[p->n_seen++] = o;
	return 0;
}

static int take(struct parser *p, const struct pk_opt *o, const char *arg, struct pk_err *err)
{
	if (o == &pk_opt_builtin[0]) {
		p->help = true;
		return 0;
	}
	if (o == &pk_opt_builtin[1]) {
		p->version = true;
		return 0;
	}
	if (o->type != PK_OPT_FLAG && o->type != PK_OPT_COUNT && o->type != PK_OPT_LIST && mark_once(p, o, err) < 0)
		return -1;
	switch (o->type) {
	case PK_OPT_FLAG: *(bool *)o->dest = true; return 0;
	case PK_OPT_COUNT: ++*(int *)o->dest; return 0;
	case PK_OPT_STR: *(const char **)o->dest = arg; return 0;
	case PK_OPT_LIST: return pk_strv_add(o->dest, pk_str(arg), err);
	case PK_OPT_U64: return parse_u64(o, pk_str(arg), false, o->dest, err);
	case PK_OPT_SIZE: return parse_u64(o, pk_str(arg), true, o->dest, err);
	case PK_OPT_CHOICE: return parse_choice(o, arg, err);
	case PK_OPT_FD: return parse_fd(o, pk_str(arg), o->dest, err);
	}
	return pk_fail(err, PK_EINTERNAL, 0, "--%s is of no known type", o->name);
}

/* argv[*i] is "--name" or "--name=value"; *i moves on when the value is the next word. */
static int parse_long(struct parser *p, int argc, char **argv, int *i, struct pk_err *err)
{
	struct pk_str word = pk_str(argv[*i] + 2), name = word;
	const char *arg = NULL;
	const struct pk_opt *o;

	name.n = pk_str_find(word, '=');
	if (name.n < word.n)
		arg = word.p + name.n + 1;
	if (pk_str_eq(name, PK_STR("dump")) && arg) {
		p->dump = arg;
		return 0;
	}
	o = find(p, 0, name);
	if (!o)
		return pk_fail(err, PK_EUSAGE, 0, "unknown option '--%.*s'", PK_STR_ARG(name));
	if (!pk_opt_takes_arg(o)) {
		if (arg)
			return pk_fail(err, PK_EUSAGE, 0, "--%s takes no argument", o->name);
	} else if (!arg) {
		if (*i + 1 >= argc)
			return pk_fail(err, PK_EUSAGE, 0, "--%s needs an argument %s", o->name, o->arg);
		arg = argv[++*i];
	}
	return take(p, o, arg, err);
}

/* argv[*i] is "-abc", "-oVALUE", or "-o" with the value in the next word. */
static int parse_short(struct parser *p, int argc, char **argv, int *i, struct pk_err *err)
{
	for (const char *c = argv[*i] + 1; *c; c++) {
		const struct pk_opt *o = find(p, *c, (struct pk_str){0});
		const char *arg = NULL;

		if (!o)
			return pk_fail(err, PK_EUSAGE, 0, "unknown option '-%c'", *c);
		if (pk_opt_takes_arg(o)) {
			if (!c[1] && *i + 1 >= argc)
				return pk_fail(err, PK_EUSAGE, 0, "-%c needs an argument %s", *c, o->arg);
			arg = c[1] ? c + 1 : argv[++*i];
		}
		if (take(p, o, arg, err) < 0)
			return -1;
		if (arg)
			break;
	}
	return 0;
}

/* The verb that argv[*i] starts: names are one word or two ("roster add"). */
static int find_verb(struct parser *p, int argc, char **argv, int *i, struct pk_err *err)
{
	struct pk_str first = pk_str(argv[*i]);
	bool is_prefix = false;

	PK_EACH_VERB(v, p->tool) {
		struct pk_str name = pk_str(v->name), head = name;

		head.n = pk_str_find(name, ' ');
		if (!pk_str_eq(head, first))
			continue;
		if (head.n == name.n) {
			p->verb = v;
			return 0;
		}
		is_prefix = true;
		if (*i + 1 < argc && strcmp(argv[*i + 1], name.p + head.n + 1) == 0) {
			++*i;
			p->verb = v;
			return 0;
		}
	}
	if (is_prefix && *i + 1 < argc)
		return pk_fail(err, PK_EUSAGE, 0, "there is no '%s %s'", argv[*i], argv[*i + 1]);
	if (is_prefix)
		return pk_fail(err, PK_EUSAGE, 0, "'%s' needs a second word", argv[*i]);
	return pk_fail(err, PK_EUSAGE, 0, "there is no verb '%s'", argv[*i]);
}

static int parse(struct parser *p, int argc, char **argv, struct pk_err *err)
{
	bool only_operands = false;

	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];
		int r = 0;

		if (!only_operands && strcmp(a, "--") == 0)
			only_operands = true;
		else if (!only_operands && a[0] == '-' && a[1] == '-')
			r = parse_long(p, argc, argv, &i, err);
		else if (!only_operands && a[0] == '-' && a[1])
			r = parse_short(p, argc, argv, &i, err);
		else if (!p->verb)
			r = find_verb(p, argc, argv, &i, err);
		else
			p->operands[p->n_operands++] = argv[i];
		if (r < 0 || p->help || p->version || p->dump)
			return r;
	}
	return 0;
}

static int check_operands(const struct parser *p, struct pk_err *err)
{
	const struct pk_verb *v = p->verb;

	if (!v)
		return pk_fail(err, PK_EUSAGE, 0, "a verb is missing");
	if (p->n_operands < v->min_operands)
		return pk_fail(err, PK_EUSAGE, 0, "an operand is missing: %s", v->operands ? v->operands : "");
	if (v->max_operands >= 0 && p->n_operands > v->max_operands)
		return pk_fail(err, PK_EUSAGE, 0, "'%s' is one operand too many", p->operands[v->max_operands]);
	return 0;
}

static void hint(const struct parser *p)
{
	bool verb = p->verb && p->verb->name;

	fprintf(stderr, "try '%s%s%s --help'\n", p->tool->name, verb ? " " : "", verb ? p->verb->name : "");
}

/* Prints what was asked of the table itself. */
static int answer(const struct parser *p, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};

	if (p->dump) {
		if (!pk_opt_put_dump(&b, p->tool, pk_str(p->dump)))
			return pk_fail(err, PK_EUSAGE, 0, "--dump takes one of mdoc, bash, zsh, fish, json, not '%s'",
				       p->dump);
	} else if (p->version) {
		pk_buf_putf(&b, "%s %s\n", p->tool->name, PK_VERSION);
	} else {
		pk_opt_put_help(&b, p->tool, p->verb);
	}
	if (pk_buf_check(&b, err) < 0)
		return -1;
	fwrite(b.p, 1, b.n, stdout);
	return 0;
}

int pk_tool_main(const struct pk_tool *tool, int argc, char **argv)
{
	pk_autofree char **operands = calloc((size_t)argc + 1, sizeof(*operands));
	pk_autofree const struct pk_opt **seen = calloc((size_t)argc + 1, sizeof(*seen));
	struct parser p = {.tool = tool, .operands = operands, .seen = seen};
	struct pk_err err = {0};
	bool failed = false;
	int code;

	pk_process_harden();
	pk_msg_tool = tool->name;
	if (!operands || !seen) {
		pk_fail_oom(&err);
		pk_msg_error(&err);
		return PK_EXIT_FAILED;
	}
	if (!pk_tool_has_verbs(tool))
		p.verb = tool->verbs;
	if (parse(&p, argc, argv, &err) < 0) {
		code = -1;
	} else if (p.help || p.version || p.dump) {
		code = answer(&p, &err);
	} else if (check_operands(&p, &err) < 0) {
		code = -1;
	} else {
		code = p.verb->run(p.n_operands, p.operands, &err);
		pk_msg_progress_done();
	}
	failed = code < 0;
	if (failed) {
		pk_msg_error(&err);
		if (err.kind == PK_EUSAGE)
			hint(&p);
		code = pk_err_exit(&err);
	}
	if (pk_stdout_done(&err) < 0) {
		if (!failed) /* else it has been said */
			pk_msg_error(&err);
		code = PK_EXIT_FAILED;
	}
	return code;
}
